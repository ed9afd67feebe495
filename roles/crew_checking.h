/* What the parts of `moot check` share. */
#ifndef MOOT_CREW_CHECKING_H
#define MOOT_CREW_CHECKING_H

#include "roles/crew_check.h"
#include "roles/crew_fields.h"

/* What is known of a task's result before it runs. */
enum moot_result_kind {
    MOOT_RESULT_UNKNOWN, /* a tool's, a program's */
    MOOT_RESULT_TEXT,    /* plain text: it has no members */
    MOOT_RESULT_SCHEMA,
};

struct moot_checked_task {
    const struct moot_json *entry; /* of the resolved crew */
    const char *id;
    enum moot_result_kind kind;
    struct moot_json *schema;
};

struct moot_checking_crew {
    struct moot_crew_file *f;
    const struct moot_json *crew; /* resolved */
    struct moot_checked_task *tasks;
    size_t task_count;
    const char *item;      /* what an item is called */
    struct moot_json *row; /* object: the members of the registry's rows; NULL: no registry */
    bool refs_missing;     /* something is named that is not there: what is unused may be meant */
    bool row_unknown;      /* the registry could not be read */
};

/* In the order in which they are made; each adds to f->report. */
void moot__crew_check_refs(struct moot_checking_crew *c);
void moot__crew_check_registry(struct moot_checking_crew *c);
void moot__crew_check_tools(struct moot_checking_crew *c);
void moot__crew_check_results(struct moot_checking_crew *c); /* shapes, steps; fills tasks[] */
void moot__crew_check_args(struct moot_checking_crew *c);
void moot__crew_check_graph(struct moot_checking_crew *c);
void moot__crew_check_texts(struct moot_checking_crew *c);
void moot__crew_check_agents(struct moot_checking_crew *c);
void moot__crew_check_views(struct moot_checking_crew *c);
void moot__crew_check_members(struct moot_checking_crew *c); /* who takes part, and how it begins */
void moot__crew_check_people(struct moot_checking_crew *c);
void moot__crew_check_talk(struct moot_checking_crew *c); /* termination, group_chat */
void moot__crew_check_delegation(struct moot_checking_crew *c);
void moot__crew_check_votes(struct moot_checking_crew *c); /* tasks that are agreed on */

/* The schema of what a task votes on, where it is given and known; *is_list: false if it is known
 * to be none. */
const struct moot_json *moot__crew_candidate(const struct moot_checking_crew *c,
                                             const struct moot_json *task, bool *is_list);
/* Whether an agent proposes, votes or decides in some task. */
bool moot__crew_votes(const struct moot_checking_crew *c, const struct moot_json *agent);

/* The index of a task; task_count: there is none. */
size_t moot__crew_task_index(const struct moot_checking_crew *c, const char *id);
/* What a tool is: its entry's `use`, "command", or its own id. `entry` may be NULL. */
const char *moot__crew_tool_use(const struct moot_json *entry, const char *id);
/* Whether the task asks a model: it has a prompt, steps or a chat. */
bool moot__crew_asks(const struct moot_json *task);
/* The agent that works a task: the expert of its chat, the one it names, else the first assistant.
 * NULL: the unnamed one, or none. */
const struct moot_json *moot__crew_worker(const struct moot_json *crew,
                                          const struct moot_json *task);
/* The JSON Schema of a tool's parameters; NULL: not known. The caller frees it. */
struct moot_json *moot__crew_parameters(const struct moot_checking_crew *c, const char *id);

enum moot_walk { MOOT_WALK_FOUND, MOOT_WALK_MISSING, MOOT_WALK_UNKNOWN };
/* Goes down a path in a JSON Schema, through lists to their elements. MISSING: *word (of *len
 * bytes, within path) is no member of what *at describes. FOUND: *at is the schema at the end. */
enum moot_walk moot__crew_walk(const struct moot_json *schema, const char *path,
                               const struct moot_json **at, const char **word, size_t *len);
/* "a, b, c": the members a schema has; cut at `size`. */
void moot__crew_members(const struct moot_json *schema, char *out, size_t size);
/* The member nearest to a word, or NULL. */
const char *moot__crew_member_near(const struct moot_json *schema, const char *word, size_t len);

#endif
