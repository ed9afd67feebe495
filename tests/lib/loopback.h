/* A small HTTP server on 127.0.0.1 that does exactly what a script of bytes says, for tests of what
 * the network may do. It runs in threads of the test; each request it reads is kept. */
#ifndef MOOT_TESTS_LOOPBACK_H
#define MOOT_TESTS_LOOPBACK_H

#include <stddef.h>

enum loopback_op {
    LB_END = 0, /* as LB_CLOSE; the end of a list that is filled with zeros */
    LB_SEND,    /* `data`, all of it or `len` bytes if that is not 0; `times` times (0: once) */
    LB_TRICKLE, /* `data` in pieces of one byte, `ms` between them */
    LB_PAUSE,   /* `ms` */
    LB_CLOSE,   /* FIN */
    LB_RESET,   /* RST */
    LB_HANG,    /* says nothing more until the client goes away */
    LB_NEXT,    /* reads the next request of this connection and goes on with its script */
    LB_NO_READ, /* as the first step: does not wait for a request */
};

struct loopback_step {
    enum loopback_op op;
    const char *data;
    size_t len;
    int ms;
    int times;
};

#define LB_TEXT(text)                                                                              \
    {                                                                                              \
        .op = LB_SEND, .data = text                                                                \
    }
#define LB_BYTES(bytes, count)                                                                     \
    {                                                                                              \
        .op = LB_SEND, .data = bytes, .len = count                                                 \
    }
#define LB_TIMES(text, count)                                                                      \
    {                                                                                              \
        .op = LB_SEND, .data = text, .times = count                                                \
    }
#define LB_SLOW(text, pause)                                                                       \
    {                                                                                              \
        .op = LB_TRICKLE, .data = text, .ms = pause                                                \
    }
#define LB_WAIT(pause)                                                                             \
    {                                                                                              \
        .op = LB_PAUSE, .ms = pause                                                                \
    }
#define LB_DO(what)                                                                                \
    {                                                                                              \
        .op = what                                                                                 \
    }

enum { LOOPBACK_STEPS = 12 };

/* What is done with one request. */
struct loopback_script {
    struct loopback_step steps[LOOPBACK_STEPS];
};

struct loopback;

/* The first request gets the first script, and so on; the last one serves all that follow. The
 * scripts must live as long as the server. Fails the test when it cannot start. */
struct loopback *loopback_start(const struct loopback_script *scripts, size_t count);
void loopback_stop(struct loopback *lb);

int loopback_port(const struct loopback *lb);
/* "http://127.0.0.1:PORT" + path; valid until the next call. */
const char *loopback_url(struct loopback *lb, const char *path);
size_t loopback_requests(struct loopback *lb);
size_t loopback_connections(struct loopback *lb);
/* The bytes of the i-th request, NUL-terminated, headers and body; valid until stop. */
const char *loopback_request(struct loopback *lb, size_t i);
/* Its body. */
const char *loopback_body(struct loopback *lb, size_t i);

#endif
