/* A recording: what models replied, what tools gave and what people answered in an earlier run,
 * looked up by the name of the call (conv, from, n). It is made of a journal, of an exported one,
 * or of a file that holds the replies alone. All of it may be hostile: what is not in its form is
 * refused when it is read, so that nothing strange is ever looked up. */
#ifndef MOOT_RECORDING_H
#define MOOT_RECORDING_H

#include "runtime/message.h"

struct moot_recording;

/* One outcome; lives as long as the recording. */
struct moot_recorded {
    const struct moot_json *body; /* of the outcome, without its time; NULL: it was redacted */
    char *const *prov;            /* labels it brought along */
    size_t prov_count;
    size_t order; /* its place among the outcomes of the recording */
    /* Given up, not answered: its conversation ended, or the process was stopped. It is let go
     * after all else. */
    bool given_up;
};

/* Where a recording comes from, for genesis and for people. */
struct moot_recording_source {
    const char *path;
    const char *run; /* of a journal or an export; "" of a file of replies */
    const char *crew;
    const char *date; /* "": not known */
    int64_t seed;
    bool has_seed;
    int64_t seq; /* of the newest message that was read; -1: a file of replies */
    uint8_t link[MOOT_HASH_SIZE];
    const struct moot_json *items; /* array of the run's items, in order; NULL: not known */
    size_t outcomes;
};

enum moot_found {
    MOOT_FOUND,
    MOOT_FOUND_NONE,     /* no outcome of that name */
    MOOT_FOUND_OTHER,    /* the recorded call asked something else */
    MOOT_FOUND_REDACTED, /* its text was removed */
};

/* Reads messages up to `last` (-1: all there are). A journal and an export are verified first; that
 * the run was not closed is no fault. MOOT_ENOTFOUND, MOOT_EMALFORMED (which line, and why), what
 * verifying finds, MOOT_EINVAL (`last` lies beyond the end), MOOT_EIO, MOOT_ENOMEM. */
int moot__recording_open(const char *path, int64_t last, struct moot_recording **out,
                         struct moot_error *err);
void moot__recording_free(struct moot_recording *r); /* NULL is allowed */
void moot__recording_source(const struct moot_recording *r, struct moot_recording_source *out);

/* The kind of a call's outcome. */
enum moot_kind moot__recording_outcome(enum moot_kind call);
/* The outcome of this call, if the recorded one asked the same: a model_call by `req`, a tool_call
 * by tool and arguments, a question by its words. `3~2` is taken for `3`. */
enum moot_found moot__recording_find(const struct moot_recording *r,
                                     const struct moot_message *call, struct moot_recorded *out);

/* Writes the outcomes alone, one JSON object a line after a line that says what they are of. */
int moot__recording_write(const struct moot_recording *r, struct moot_buf *out);

#endif
