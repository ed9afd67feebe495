/* Keeps loaded secrets out of what is stored, stepped or shown: wherever one stands, as it is or in
 * hex, base64 or URL encoding, `secret://NAME` takes its place. */
#ifndef MOOT_REDACT_H
#define MOOT_REDACT_H

#include "runtime/buf.h"

enum { MOOT_SECRET_MIN = 6 }; /* shorter ones would be found in ordinary text */

struct moot_redact;

/* NULL: out of memory. */
struct moot_redact *moot__redact_new(void);
/* Wipes what it holds. NULL is allowed. */
void moot__redact_free(struct moot_redact *r);
/* A secret and its encoded forms. MOOT_EINVAL: it is too short to be looked for; MOOT_ENOMEM. */
int moot__redact_add(struct moot_redact *r, const char *name, const char *secret);
/* The length of the longest form. */
size_t moot__redact_longest(const struct moot_redact *r);

/* Adds the text to `out` with every secret replaced. */
int moot__redact_text(const struct moot_redact *r, const char *text, size_t len,
                      struct moot_buf *out);
/* Whether there is one in it. */
bool moot__redact_found(const struct moot_redact *r, const char *text, size_t len);

/* For text that comes piece by piece: what may be the beginning of a secret is held back until it
 * is known. `r` must outlive it. */
struct moot_redact_stream {
    const struct moot_redact *r;
    struct moot_buf held;
};

void moot__redact_stream_init(struct moot_redact_stream *s, const struct moot_redact *r);
void moot__redact_stream_release(struct moot_redact_stream *s);
/* Adds to `out` what may be shown now; whole code points if the pieces are. */
int moot__redact_stream_add(struct moot_redact_stream *s, const char *text, size_t len,
                            struct moot_buf *out);
/* Adds what was held back: nothing more will come. */
int moot__redact_stream_end(struct moot_redact_stream *s, struct moot_buf *out);

#endif
