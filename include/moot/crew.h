/* Running a crew from a program: load a crew file, start a run or take one up again, watch its
 * messages, answer its questions. One thread drives a run; every function and callback here is that
 * thread's.
 *
 *     struct moot_crew *crew;
 *     struct moot_running *run;
 *     char why[1024];
 *     struct moot_run_options o = {.size = sizeof(o), .journal = "run.db", .items = "[{…}]"};
 *     if (moot_crew_load("crew.yaml", NULL, &crew, why, sizeof(why)) == 0 &&
 *         moot_run_begin(crew, &o, &run, why, sizeof(why)) == 0)
 *         while (moot_run_turn(run, 1000, why, sizeof(why)) == 0 && moot_run_state(run) ==
 * MOOT_RUN_GOING)
 *             ;
 *
 * Functions return 0, or a negative code with its reason in `why` (cut to `size`, NUL-terminated).
 */
#ifndef MOOT_CREW_H
#define MOOT_CREW_H

#include "moot/message.h"

#include <stdbool.h>

struct moot_crew;
struct moot_running;

enum moot_run_state {
    MOOT_RUN_GOING,
    MOOT_RUN_WAITING, /* only people are waited for */
    MOOT_RUN_CLOSED,  /* `close` is in the journal */
    MOOT_RUN_STOPPED, /* stopped by a person here: resumable */
    MOOT_RUN_FAILED,  /* an input/output error: nothing more is done */
};

/* Reads and checks a crew file. `model` replaces every model ("openai/gpt-4.1-mini"); NULL: as the
 * file says. Keys are read from the environment. The caller frees *out by moot_crew_unload, after
 * its runs. */
MOOT_API int moot_crew_load(const char *path, const char *model, struct moot_crew **out, char *why,
                            size_t size);
MOOT_API void moot_crew_unload(struct moot_crew *crew);

struct moot_run_options {
    size_t size;         /* sizeof(struct moot_run_options) */
    const char *journal; /* the run's file; must not be there for a new run */
    bool resume;         /* take up the run that the journal holds */
    const char *items;   /* new run: a JSON array of objects, each with a "name" */
    int jobs;            /* items at once; 0: 4 */
    bool dry_run;        /* irreversible acts are described and not done */
    void *arg;           /* given to the callbacks, which may be NULL */
    /* after the commit that holds it; the message is valid during the call */
    void (*message)(void *arg, const struct moot_message *m);
    /* as it arrives, not journaled: what an agent's model is saying; not NUL-terminated */
    void (*delta)(void *arg, const char *conv, const char *agent, const char *text, size_t len);
};

MOOT_API int moot_run_begin(struct moot_crew *crew, const struct moot_run_options *options,
                            struct moot_running **out, char *why, size_t size);
/* One loop turn; waits up to timeout_ms (-1: for ever) for something to happen. */
MOOT_API int moot_run_turn(struct moot_running *run, int64_t timeout_ms, char *why, size_t size);
MOOT_API enum moot_run_state moot_run_state(const struct moot_running *run);
/* Answers a question (`text`), or an approval request (`decision` "approve" or "reject"; `text` is
 * the reason), by the name of it. */
MOOT_API int moot_run_answer(struct moot_running *run, const char *conv, const char *from,
                             uint32_t n, const char *decision, const char *text, char *why,
                             size_t size);
/* Asks it to stop at the next turn; it stays resumable. */
MOOT_API void moot_run_stop(struct moot_running *run);
/* Ends what is in flight and frees it. NULL is allowed. */
MOOT_API void moot_run_end(struct moot_running *run);

/* For watchers only, not for agents: what chance and time put into a message. */
MOOT_API int64_t moot_message_ts(const struct moot_message *m);  /* ms since 1970, wall time */
MOOT_API int64_t moot_message_seq(const struct moot_message *m); /* its place in the journal */
/* Its id as 64 hex digits and NUL. */
MOOT_API void moot_message_id(const struct moot_message *m, char out[65]);

#endif
