/* May this author do this to that? Pure: it reads a run's state and what the crew declares, and
 * answers; the host acts on the answer and journals every refusal. */
#ifndef MOOT_POLICY_H
#define MOOT_POLICY_H

#include "runtime/run.h"

enum moot_policy_answer {
    MOOT_ALLOW,
    MOOT_WAIT,    /* it would not fit now, but calls are in flight that will give back */
    MOOT_LIMIT,   /* a bound is reached */
    MOOT_CONSENT, /* a person has to approve */
    MOOT_LIKE     /* a person approved calls like it: the tool_call's body says `like: true` */
};

/* Where a call counts, with the bounds that hold there. */
struct moot_place {
    const char *what; /* "the run", "item 3", "task email", "agent copywriter": for the reason */
    const char *root; /* item's path, "" for the run */
    const char *kind; /* NULL, "task", "agent" */
    const char *id;
    const struct moot_bounds *bounds;
    int64_t admitted_tokens, admitted_cost; /* reserved by calls that were let go already */
    int64_t admitted;                       /* how many those are */
};

/* May this call fly at all? It is in the journal and counted already; turns count when they end. */
enum moot_policy_answer moot__policy_count(const struct moot_run *r,
                                           const struct moot_place *places, size_t count,
                                           char *reason);

/* May a model call of this size start? `reason` (128 bytes) names the bound and the place. */
enum moot_policy_answer moot__policy_model(const struct moot_run *r,
                                           const struct moot_place *places, size_t count,
                                           int64_t tokens, int64_t cost, char *reason);

/* What a tool can do, as the policy sees it. */
struct moot_tool_power {
    const char *id;
    int64_t calls_limit; /* for each item; -1: none */
    bool approval_always, approval_never;
    bool sends, exec, irreversible;
    bool writes_outside; /* of the workspace */
    bool unwitnessed;    /* what it rests on was not yet anchored when another process went away */
    bool unapproved;     /* what it works on stands on a result that nobody approved */
};

/* May this tool be called here? `args` is the whole of its arguments. MOOT_CONSENT: `reason` says
 * why. */
enum moot_policy_answer moot__policy_tool(const struct moot_run *r, const struct moot_run_conv *c,
                                          const struct moot_tool_power *tool,
                                          const struct moot_json *args, char *reason);

/* May this person answer, or decide, what is open here? NULL: yes; else why not. */
const char *moot__policy_answer(const struct moot_run_call *call, const char *from);

enum { MOOT_REASON_SIZE = 160 };

#endif
