/* The host: one run, held by this process. It steps agents, stores what they utter, commits, and
 * only then lets anything leave the process. One loop turn is insert -> step -> commit -> world.
 * Only the loop's thread. */
#ifndef MOOT_HOST_H
#define MOOT_HOST_H

#include "moot/agent.h"
#include "moot/crew.h"
#include "runtime/journal.h"
#include "runtime/model.h"
#include "runtime/people.h"
#include "runtime/recording.h"
#include "runtime/run.h"
#include "runtime/sign.h"
#include "runtime/tool.h"
#include "runtime/world.h"

/* A participant that can sit in conversations. */
struct moot_participant {
    const char *id;
    const struct moot_agent_ops *ops;
    const void *persona;
    struct moot_bounds bounds; /* of one agent in one item */
    bool is_agent;             /* of the crew file: false for a manager or the runner */
};

struct moot_task_bounds {
    const char *task;
    struct moot_bounds bounds;
};

/* What is being run; const and kept by the caller for the whole run. */
struct moot_crew_parts {
    const struct moot_json *resolved; /* goes into genesis */
    const char *name;
    const char *manager;        /* participant that gets each item */
    const char *const *members; /* participants that sit in each item beside it */
    size_t member_count;
    const struct moot_participant *participants;
    size_t participant_count;
    struct moot_model_spec **models;
    size_t model_count;
    struct moot_tool_spec **tools;
    size_t tool_count;
    const struct moot_task_bounds *task_bounds;
    size_t task_bound_count;
    struct moot_bounds item;          /* of each item */
    struct moot_bounds total;         /* of the run */
    const char *item_name;            /* "storefront" */
    bool deny_without_person;         /* on_no_person: deny */
    const struct moot_person *people; /* none: the owner */
    size_t person_count;
    bool draws; /* the manager of an item is told the run's seed */
};

struct moot_delta {
    const char *conv;
    const char *agent;
    const char *item;
    const char *task;
    uint32_t n; /* of the model_call */
    const char *text;
    size_t len;
};

/* Who watches: called after the commit that holds the message; deltas as they arrive. */
struct moot_watcher {
    void *arg;
    void (*message)(void *arg, const struct moot_message *m);
    void (*delta)(void *arg, const struct moot_delta *d);
    /* Something is said about the run that is no message: a price not known, a retry's delay. */
    void (*notice)(void *arg, const char *text);
};

/* What a recording is used for. */
enum moot_replay {
    MOOT_REPLAY_ONLY,      /* all replies: what is not in it fails */
    MOOT_REPLAY_THEN_LIVE, /* what is in it; the rest is asked for in the world */
    MOOT_REPLAY_ACTS,      /* what tools have done, so that it is not done twice; nothing else */
};

struct moot_host_options {
    struct moot_world *world;
    const struct moot_crew_parts *crew;
    const char *journal;   /* path of RUN.db */
    const char *crew_file; /* its real path, kept in genesis for a resume; NULL: unknown */
    const char *run;       /* 32 hex digits: the run's id; resume: NULL, unless forked */
    bool resume;           /* fold the journal, then go on */
    const struct moot_key *owner;
    const char *state_dir;         /* for heads; NULL: none are kept */
    const struct moot_json *items; /* new run: array of item objects, each with a "name" */
    const char *only;              /* this task alone, given the items as its input; or NULL */
    const char *only_agent;        /* the participant that works it */
    int jobs;                      /* items at once; 0: 4 */
    bool dry_run;
    bool has_person;                        /* somebody sits at the terminal */
    const struct moot_recording *recording; /* or NULL */
    enum moot_replay replay;
    bool forked;    /* the journal's messages are another run's, or the recording's are */
    bool witnessed; /* forked, resume: an anchor of that run covers them */
    int64_t seed;
    const char *date; /* "2026-11-25" */
    struct moot_watcher watcher;
    int crash_after; /* tests: stop dead after this many commits; 0: never */
};

struct moot_host;

/* The body of a journal's genesis, for whoever takes the run up: {crew (resolved), file, date,
 * seed, items, …}. The caller frees *out. MOOT_EINCOMPLETE: the file holds no run. */
int moot__host_genesis(const char *journal, const char *vfs, struct moot_json **out,
                       struct moot_error *err);

/* Begins (genesis, items) or resumes the run. */
int moot__host_new(const struct moot_host_options *options, struct moot_host **out,
                   struct moot_error *err);
/* One loop turn; waits up to timeout_ms for something to happen. */
int moot__host_turn(struct moot_host *h, int64_t timeout_ms, struct moot_error *err);
enum moot_run_state moot__host_state(const struct moot_host *h);
/* Turns until it is no longer going. */
int moot__host_run(struct moot_host *h, struct moot_error *err);
/* Stops: cancels what is in flight, anchors, commits; the run stays resumable. */
void moot__host_stop(struct moot_host *h);
/* A person at this terminal answers a question or an approval request, by the name of it.
 * `decision`: for approvals "approve" or "reject"; `like`: names of arguments, NULL-terminated. */
int moot__host_answer(struct moot_host *h, const char *conv, const char *from, uint32_t n,
                      const char *decision, const char *text, const char *const *like,
                      struct moot_error *err);
/* Whether the one at this terminal may answer it: a question, or a request for approval. */
bool moot__host_may_answer(const struct moot_host *h, const struct moot_message *m);
/* A person at this terminal says something in an open conversation. `who`: the agent that has the
 * next turn; NULL: whoever the manager chooses. `interrupt`: what is under way there is cut off.
 * MOOT_ENOTFOUND: nobody is there to hear it. */
int moot__host_say(struct moot_host *h, const char *conv, const char *who, const char *text,
                   bool interrupt, struct moot_error *err);
/* Its run time so far. */
int64_t moot__host_ms(const struct moot_host *h);
/* What happened, for the closing summary. */
struct moot_run_totals {
    int64_t items, done, rejected, failed, waiting, skipped;
    int64_t calls, tokens, cost; /* cost -1: a price is not known */
    int64_t ms;                  /* run time */
};
void moot__host_totals(const struct moot_host *h, struct moot_run_totals *out);
/* Folds the journal into a fresh state and compares it with the live one, by hash. MOOT_EFOLD. */
int moot__host_check_fold(struct moot_host *h, struct moot_error *err);
/* Why the run failed, or stopped by itself for a person to mend something; NULL: neither. */
const struct moot_error *moot__host_failure(const struct moot_host *h);
const char *moot__host_run_id(const struct moot_host *h);
void moot__host_free(struct moot_host *h);

#endif
