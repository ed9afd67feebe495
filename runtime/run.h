/* One run's state as a pure fold of its journal: conversations, who said how much, open calls,
 * usage, labels, approvals. It says what a message changes; what may now happen is policy.c's. The
 * same code runs live and when a journal is folded again. */
#ifndef MOOT_RUN_H
#define MOOT_RUN_H

#include "runtime/bounds.h"
#include "runtime/map.h"
#include "runtime/message.h"

struct moot_usage {
    int64_t turns, calls, tokens, cost;
    int64_t ms;                             /* that its calls took, added up */
    int64_t reserved_tokens, reserved_cost; /* by calls without an outcome */
    int64_t open;                           /* how many these are */
};

/* A call without an outcome: model_call, tool_call, question. */
struct moot_run_call {
    enum moot_kind kind;
    char *from;
    uint32_t n;
    uint8_t id[MOOT_HASH_SIZE];
    char *tool;           /* tool_call */
    int64_t tokens, cost; /* what it reserves */
    /* a tool_call that needs a person's consent */
    bool asked;
    uint32_t asked_n; /* the host's count of the approval_request */
    uint8_t asked_id[MOOT_HASH_SIZE];
    int64_t asked_seq;
    enum { MOOT_CONSENT_NONE, MOOT_CONSENT_GIVEN, MOOT_CONSENT_REFUSED } consent;
    char *reason; /* why it was refused, or NULL */
    char **whom;  /* a question: who may answer it; "person": anybody who may at all */
    size_t whom_count;
    int64_t expires;  /* wall ms after which nobody is waited for; 0: none */
    bool interrupted; /* a person cut it off: what comes of it is `cancelled` */
};

struct moot_run_conv {
    char *path;
    struct moot_run_conv *parent; /* NULL: an item's, or the run's own */
    size_t children;              /* conversations open right below it */
    char *opener;                 /* author of the open */
    char *manager;                /* of those who talk in it, or NULL */
    char *item;                   /* or NULL */
    char *task;                   /* or NULL */
    char *root;                   /* path of the item's conversation */
    int64_t attempt;
    int64_t depth;
    int64_t opened_at;       /* run time */
    struct moot_map authors; /* id -> count, as an integer in the pointer */
    char **labels;           /* sorted */
    size_t label_count;
    bool private_read; /* something private was read */
    struct moot_run_call *calls;
    size_t call_count;
};

/* What a person consented to beyond one call: the named arguments must be the same. */
struct moot_run_like {
    char *root; /* within this item */
    char *tool;
    struct moot_json *args; /* name -> value that must be equal */
    int64_t count;          /* how many more calls */
};

struct moot_run {
    char id[33];
    struct moot_map convs;     /* path -> struct moot_run_conv, open ones */
    struct moot_map ended;     /* path -> outcome text of ended conversations of items */
    struct moot_map stops;     /* item's path -> its stop reason, of those that ended */
    struct moot_map usage;     /* key -> struct moot_usage: "", "1", "1|task|t", "1|agent|a" */
    struct moot_map tool_uses; /* "1|tool" -> count, as an integer in the pointer */
    struct moot_run_like *likes;
    size_t like_count;
    int64_t at; /* run time, ms */
    int64_t messages;
    int64_t asked; /* questions and requests for approval so far */
    bool begun, closed;
    bool cost_unknown; /* some call had no known price */
    char *stop;        /* close: the reason */
};

void moot__run_init(struct moot_run *r);
void moot__run_release(struct moot_run *r);

/* Takes one message into the state. It must fit: the author's count is the next one, the
 * conversation is open, what it answers is open. MOOT_EFOLD names what does not, MOOT_ENOMEM. */
int moot__run_apply(struct moot_run *r, const struct moot_message *m, struct moot_error *err);

/* The short form of a run's id for people: "7k2m-9qd4" of 32 hex digits. */
enum { MOOT_RUN_NAME_SIZE = 10 };
void moot__run_short(const char *run, char out[MOOT_RUN_NAME_SIZE]);

/* Whether a conversation's path is `above` or lies below it. */
bool moot__run_below(const char *path, const char *above);
struct moot_run_conv *moot__run_conv(const struct moot_run *r, const char *path);
/* The count of an author's next message in a conversation. */
uint32_t moot__run_next_n(const struct moot_run_conv *c, const char *author);
struct moot_run_call *moot__run_call(struct moot_run_conv *c, const char *from, uint32_t n);
struct moot_run_call *moot__run_call_by_id(struct moot_run_conv *c,
                                           const uint8_t id[MOOT_HASH_SIZE]);
/* Usage of: the run (""), an item (its path), a task or an agent of an item. NULL: nothing yet. */
const struct moot_usage *moot__run_usage(const struct moot_run *r, const char *root,
                                         const char *kind, const char *id);
int64_t moot__run_tool_uses(const struct moot_run *r, const char *root, const char *tool);
/* Whether an earlier consent covers this call too: same item, same tool, the named arguments equal.
 */
bool moot__run_like_covers(const struct moot_run_like *l, const struct moot_run_conv *c,
                           const char *tool, const struct moot_json *args);
/* A hash over all of it that later decisions depend on. */
void moot__run_digest(const struct moot_run *r, uint8_t out[MOOT_HASH_SIZE]);

#endif
