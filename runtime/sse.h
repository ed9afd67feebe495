/* Server-sent events out of bytes cut anywhere (WHATWG HTML 9.2.6), without any input or output.
 * Two deviations that real servers force: a line with the field name `error` is an event of its
 * own, and an event without its closing blank line is given at the end, marked. */
#ifndef MOOT_SSE_H
#define MOOT_SSE_H

#include "runtime/buf.h"

enum { MOOT_SSE_NAME_MAX = 64 };

struct moot_sse_event {
    const char *name; /* "" for a plain message; "error" for a line `error: …` */
    const char *data; /* lines joined by LF; NUL-terminated; as they came, UTF-8 or not */
    size_t len;
    bool unfinished; /* the stream ended before its blank line */
};

struct moot_sse {
    struct moot_buf line; /* a line's beginning */
    struct moot_buf data;
    char name[MOOT_SSE_NAME_MAX];
    bool has_data;
    bool after_cr;
    size_t bom; /* bytes of a byte-order mark seen; past it: 4 */
    int status; /* why it stopped */
};

/* `max` bounds a line and the data of an event. */
void moot__sse_init(struct moot_sse *s, size_t max);
void moot__sse_release(struct moot_sse *s);

/* Calls `event` for each that is complete. Something else than 0 from it stops the stream: it and
 * all later calls return that. MOOT_ETOOBIG, MOOT_ENOMEM stop it too. */
int moot__sse_feed(struct moot_sse *s, const char *data, size_t len,
                   int (*event)(void *arg, const struct moot_sse_event *e), void *arg);
/* No more bytes will come. */
int moot__sse_end(struct moot_sse *s, int (*event)(void *arg, const struct moot_sse_event *e),
                  void *arg);

#endif
