/* The parts of building a crew from its resolved form: agents and tasks (crew_build_task.c), and
 * what the host needs beside them (crew_parts.c). */
#ifndef MOOT_CREW_BUILD_H
#define MOOT_CREW_BUILD_H

#include "roles/crew.h"

/* A NULL-terminated copy of an array of texts; NULL array gives NULL in *out. MOOT_ENOMEM. */
int moot__build_words(const struct moot_json *array, char ***out);
void moot__words_free(char **words);
/* A copy of a member's text; a missing one gives NULL in *out. MOOT_ENOMEM. */
int moot__build_text(const struct moot_json *object, const char *key, char **out);
int moot__build_limits(const struct moot_json *limits, struct moot_bounds *out,
                       struct moot_error *err);

/* Each from its map, which may be NULL: then all is as usual. MOOT_ENOMEM. */
int moot__build_view(const struct moot_json *view, struct moot_view_def *out);
void moot__build_compaction(const struct moot_json *compaction, struct moot_compaction_def *out);
int moot__build_models(const struct moot_json *list, struct moot_crew_def *def);
void moot__build_models_release(struct moot_crew_def *def);

/* Adds a tool that models are told of; *out is good until the next one is added. */
int moot__build_tool(struct moot_crew_def *def, const char *id, const char *description,
                     const char *parameters, struct moot_tool_def **out, struct moot_error *err);
/* Adds one that is a question to another agent; `entry`: what the crew file says of it, or NULL. */
int moot__build_asking(struct moot_crew_def *def, const char *id, const struct moot_json *entry,
                       struct moot_error *err);

int moot__build_task(const struct moot_json *entry, const struct moot_crew_def *crew,
                     struct moot_task_def *out, struct moot_error *err);
void moot__build_task_release(struct moot_task_def *t);
enum moot_on_exhausted moot__build_on_exhausted(const struct moot_json *entry,
                                                enum moot_on_exhausted usual);

/* Who may answer and approve. `resolved` outlives `parts`. */
int moot__build_people(const struct moot_json *resolved, struct moot_crew_parts *parts,
                       struct moot_error *err);
void moot__build_people_release(struct moot_crew_parts *parts);

/* Whether the crew's agents sit in the item's own conversation, under a manager. */
bool moot__crew_talks(const char *process);
/* A conversation's settings; agents are there. Adds the forms finish and transfer_to_… . */
int moot__build_talk(const struct moot_json *resolved, struct moot_crew_def *def,
                     struct moot_error *err);
void moot__build_talk_release(struct moot_talk_def *talk);
/* Its manager: an agent, or what is said of one made by the process. */
int moot__build_manager(const struct moot_json *resolved, struct moot_talk_def *talk,
                        struct moot_error *err);
/* Adds a form that the crew file does not name, once; lets an agent choose it. */
int moot__build_form(struct moot_crew_def *def, const char *id, const char *description,
                     const char *parameters, struct moot_error *err);
int moot__build_grant(struct moot_agent_def *agent, const char *tool, struct moot_error *err);

/* The settings of `hierarchical`, its manager and workers; agents are there, tasks are not. */
int moot__build_delegation(const struct moot_json *resolved, struct moot_crew_def *def,
                           struct moot_error *err);
/* Its forms, and what parts are worked as; tasks are there. */
int moot__build_delegation_forms(struct moot_crew_def *def, struct moot_error *err);
void moot__build_delegation_release(struct moot_delegation_def *d);

/* Whether a task of a resolved crew is agreed on, and how: the crew's settings with its own laid
 * over them. The caller frees them; NULL: out of memory. */
bool moot__crew_agrees(const struct moot_json *resolved, const struct moot_json *task);
struct moot_json *moot__crew_vote_settings(const struct moot_json *resolved,
                                           const struct moot_json *task);
/* From such settings; the agents are there. `author`: whose work passes the gate; NULL: the first
 * proposer's. *out is to be released also after a failure, which is MOOT_ENOMEM. */
int moot__build_vote(const struct moot_json *settings, const char *author,
                     const struct moot_crew_def *crew, struct moot_vote_def **out);
/* All tasks that are agreed on: they are given to the manager. */
int moot__build_votes(const struct moot_json *resolved, struct moot_crew_def *def,
                      struct moot_error *err);
void moot__build_vote_release(struct moot_vote_def *v);

/* Models, tools, participants and bounds of a crew whose def is complete but for its tools. */
int moot__build_parts(struct moot_crew *crew, const char *(*getenv_fn)(const char *),
                      struct moot_error *err);
void moot__build_parts_release(struct moot_crew *crew);

#endif
