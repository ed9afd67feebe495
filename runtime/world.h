/* The effects table: every clock, random byte, timer, request, process, thread and watched folder
 * goes through here. The real one is loop.c; a simulated twin with a virtual clock, a seed and
 * injected faults lives in tests/lib/sim_world.c.
 *
 * All functions and callbacks run on the loop's thread, callbacks only inside turn(); work() of
 * pool() alone runs elsewhere. Every started operation ends with exactly one call of its final
 * callback, also when cancelled, unless a function says otherwise. */
#ifndef MOOT_WORLD_H
#define MOOT_WORLD_H

#include "runtime/buf.h"

struct moot_timer;
struct moot_http;
struct moot_process;
struct moot_watch;

/* Bytes that the caller keeps alive. */
struct moot_part {
    const char *data;
    size_t len;
};

struct moot_http_request {
    const char *method; /* "GET", "POST" */
    const char *url;
    const char *const *headers;   /* "Name: value", NULL-terminated, or NULL */
    const struct moot_part *body; /* sent one after the other; kept by the caller to the end */
    size_t body_count;
    int64_t connect_ms;    /* to connect; 0: 10 s */
    int64_t first_byte_ms; /* to the first byte of the reply; 0: 60 s */
    int64_t idle_ms;       /* between bytes; 0: 60 s */
    int64_t total_ms;      /* all of it; 0: 10 min */
    size_t max_bytes;      /* of the reply's body; 0: MOOT_MAX_REPLY */
    bool public_only;      /* refuse private, loopback and link-local addresses */
    int redirects;         /* how many are followed; model endpoints: 0 */
};

struct moot_http_result {
    int status;               /* MOOT_OK: the exchange came to its end, whatever the HTTP status */
    long http_status;         /* 0: no reply line came */
    int64_t retry_after_ms;   /* from Retry-After or retry-after-ms; -1: none */
    int should_retry;         /* x-should-retry: 1, 0, or -1 absent */
    bool any_bytes;           /* some byte of a reply came */
    const char *content_type; /* "" when absent; valid during the call */
    const char *effective_url;
    struct moot_error error; /* set when status is not MOOT_OK */
};

struct moot_http_events {
    /* A piece of the reply's body. Return 0 to go on, anything else ends the transfer (done is then
     * called with MOOT_ECANCELED). NULL: the body is dropped. */
    int (*data)(void *arg, const char *data, size_t len);
    void (*done)(void *arg, const struct moot_http_result *r);
};

struct moot_spawn {
    const char *const *argv; /* argv[0] is a path or found on PATH */
    const char *const *env;  /* NULL-terminated, complete: nothing is inherited. NULL: empty */
    const char *cwd;         /* NULL: the program's */
    const char *input;       /* standard input, then closed; kept by the caller to the end */
    size_t input_len;
    int64_t deadline_ms; /* then the process group is killed; 0: none */
    size_t max_output;   /* of each of the two outputs; more kills it. 0: MOOT_MAX_TOOL_OUTPUT */
    const int *keep_fds; /* descriptors the child keeps at the same number */
    size_t keep_fd_count;
};

struct moot_spawn_result {
    int status; /* MOOT_OK: it ran and ended; MOOT_ETIMEOUT, MOOT_ETOOBIG, MOOT_ECANCELED, MOOT_EIO
                 */
    int exit_code;   /* -1 when a signal ended it */
    int signal;      /* 0 when none */
    const char *out; /* standard output and error, valid during the call, NUL-terminated */
    size_t out_len;
    const char *err_out;
    size_t err_len;
    struct moot_error error;
};

struct moot_world {
    void *self;
    const char *vfs; /* SQLite VFS for journals; NULL: the system's */

    int64_t (*now_mono)(void *self); /* ms, never goes back */
    int64_t (*now_wall)(void *self); /* ms since 1970 UTC */
    void (*random)(void *self, void *out, size_t len);

    /* fire is called once, after at least ms; the timer is gone then. */
    int (*timer_start)(void *self, int64_t ms, void (*fire)(void *arg), void *arg,
                       struct moot_timer **out);
    /* fire will not be called. */
    void (*timer_stop)(void *self, struct moot_timer *timer);

    int (*http_start)(void *self, const struct moot_http_request *request,
                      const struct moot_http_events *events, void *arg, struct moot_http **out,
                      struct moot_error *err);
    /* done is called in a later turn, with MOOT_ECANCELED. */
    void (*http_cancel)(void *self, struct moot_http *http);

    int (*spawn)(void *self, const struct moot_spawn *spec,
                 void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                 struct moot_process **out, struct moot_error *err);
    /* Kills the process group; done is called in a later turn, with MOOT_ECANCELED. */
    void (*spawn_kill)(void *self, struct moot_process *process);

    /* work on another thread, then done here. */
    int (*pool)(void *self, void (*work)(void *arg), void (*done)(void *arg), void *arg);

    /* changed after something in the folder may have changed. */
    int (*watch)(void *self, const char *dir, void (*changed)(void *arg), void *arg,
                 struct moot_watch **out);
    void (*unwatch)(void *self, struct moot_watch *watch);

    /* Waits up to timeout_ms (-1: for ever; 0: not at all) for something to happen and runs its
     * callbacks. Returns 0, or MOOT_EINCOMPLETE when nothing is left that could ever happen. */
    int (*turn)(void *self, int64_t timeout_ms);
    /* Makes a turn return early; any thread, also a signal handler. */
    void (*wake)(void *self);

    /* Everything that was started must have ended or been cancelled; waits for it. */
    void (*destroy)(void *self);
};

/* The real world (libuv and libcurl). The caller ends it by w->destroy(w->self), which frees it. */
int moot__world_real(struct moot_world **out, struct moot_error *err);

#endif
