/* What limits of resources do not hold: that all processes in a sandbox together stay within
 * bounds. The kernel counts neither the processes that root started nor the memory of several; so
 * somebody outside looks, and says when it is enough. */
#ifndef MOOT_SANDBOX_WATCH_H
#define MOOT_SANDBOX_WATCH_H

#include "runtime/world.h"

struct moot_sandbox_watch {
    struct moot_world *w;
    struct moot_timer *timer;
    int info;       /* a file in memory: where bubblewrap says what its child is (--info-fd) */
    int proc;       /* the sandbox's /proc, once it is there; -1 */
    int64_t tasks;  /* at most so many processes and threads of the program */
    int64_t memory; /* at most so many bytes that are not shared with a file */
    void (*over)(void *arg, const char *why); /* once; "it started more than 128 processes" */
    void *arg;
};

/* Makes the file for `info`; nothing is looked at yet. MOOT_EIO. */
int moot__sandbox_watch_init(struct moot_sandbox_watch *s, struct moot_world *w, int64_t tasks,
                             int64_t memory, void (*over)(void *arg, const char *why), void *arg);
int moot__sandbox_watch_start(struct moot_sandbox_watch *s);
/* Also of one that was never started, or that is all zeros. */
void moot__sandbox_watch_stop(struct moot_sandbox_watch *s);

#endif
