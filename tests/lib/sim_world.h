/* A world without a world: the simulated twin of runtime/world.h. Its clock moves only in turn(),
 * its randomness comes from a seed, and requests, programs and worker threads do what a script
 * says, so that a run under faults is the same run every time and an hour of waiting takes no time.
 *
 * turn() runs what is due now; when nothing is, it moves the clock to the next event (or by the
 * timeout, whichever is less) and runs what is due then. What a callback starts comes in a later
 * turn, even when it is due at once. Events of the same instant run in the order they were started
 * in, or in an order drawn from the seed (`shuffle`). */
#ifndef MOOT_TESTS_SIM_WORLD_H
#define MOOT_TESTS_SIM_WORLD_H

#include "runtime/world.h"

/* What a scripted server does with one request. Filled with {200, "application/json", -1, -1} and
 * zeros before the script sees it. */
struct sim_http_reply {
    int status; /* not MOOT_OK: the exchange fails so, after what `body` holds */
    long http_status;
    const char *content_type; /* a literal */
    int64_t retry_after_ms;
    int should_retry;
    int64_t delay_ms; /* to the first byte; -1: none ever comes */
    size_t piece;     /* bytes at once; 0: all */
    int64_t piece_ms; /* between pieces */
    struct moot_buf body;
};

/* What a scripted program does. Filled with zeros: it ends at once, exit 0, without output. */
struct sim_program {
    int exit_code; /* -1 when `signal` ended it */
    int signal;
    int64_t delay_ms; /* -1: it never ends by itself */
    struct moot_buf out;
    struct moot_buf err_out;
};

struct sim_faults {
    int start_permille;   /* http_start and spawn fail at once with MOOT_EIO */
    int break_permille;   /* an exchange breaks off with MOOT_ENETWORK somewhere in its body */
    int spawn_permille;   /* a program is killed by a signal */
    int64_t delay_max_ms; /* every reply, program and worker is later by up to this */
};

struct sim_world_options {
    uint64_t seed;
    int64_t wall_ms; /* the clock at the start, since 1970; 0: 2026-11-25 09:00 UTC */
    bool shuffle;
    struct sim_faults faults;
    void *arg;
    /* NULL: nobody listens (MOOT_ENETWORK), no such program (MOOT_EIO). `body` is the whole body
     * of the request. */
    void (*http)(void *arg, const struct moot_http_request *request, const char *body, size_t len,
                 struct sim_http_reply *out);
    void (*spawn)(void *arg, const struct moot_spawn *spec, struct sim_program *out);
};

/* Ended by w->destroy(w->self), which runs what was cancelled to its end and asserts that nothing
 * else is open. `options` NULL: all zero. NULL: out of memory. */
struct moot_world *sim_world_new(const struct sim_world_options *options);
/* As a crash: frees everything and calls nobody. */
void sim_world_drop(struct moot_world *w);

/* Another seed and other faults from here on. */
void sim_world_faults(struct moot_world *w, const struct sim_faults *faults);
/* Tells those who watch `dir`, in the next turn. */
void sim_world_touch(struct moot_world *w, const char *dir);
/* Sets the wall clock off, as an administrator or a bad battery does. */
void sim_world_shift_wall(struct moot_world *w, int64_t ms);
/* Turns until nothing is left or `ms` of virtual time are over. Returns what turn returned last. */
int sim_world_run(struct moot_world *w, int64_t ms);

struct sim_world_counts {
    size_t timers, http, programs, workers, watches; /* open now */
    size_t http_started, programs_started, turns;
};
struct sim_world_counts sim_world_counts(const struct moot_world *w);

#endif
