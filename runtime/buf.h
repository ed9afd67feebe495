/* A byte buffer that is always NUL-terminated and never grows past its maximum, and texts that are
 * held once and shared. */
#ifndef MOOT_BUF_H
#define MOOT_BUF_H

#include "runtime/status.h"

#include <stdbool.h>

/* `max` bounds `len`. After a failure the buffer is empty and `status` keeps the first failure, so
 * a chain of adds may be checked once, at its end. */
struct moot_buf {
    char *data; /* NULL or NUL-terminated */
    size_t len;
    size_t size;
    size_t max;
    int status;
};

void moot__buf_init(struct moot_buf *b, size_t max);
/* Frees the contents; the buffer may be used again. */
void moot__buf_release(struct moot_buf *b);
/* Forgets the contents, keeps the memory and forgives an earlier failure. */
void moot__buf_clear(struct moot_buf *b);

/* Makes room for `more` bytes at once, where one knows about how many will come. */
int moot__buf_reserve(struct moot_buf *b, size_t more);

/* Each returns 0, MOOT_ENOMEM or MOOT_ETOOBIG. */
int moot__buf_add(struct moot_buf *b, const void *data, size_t len);
int moot__buf_adds(struct moot_buf *b, const char *text);
int moot__buf_addc(struct moot_buf *b, char c);
int moot__buf_addf(struct moot_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int moot__buf_add_int(struct moot_buf *b, int64_t n);
/* Adds bytes as lower-case hex digits. */
int moot__buf_add_hex(struct moot_buf *b, const uint8_t *data, size_t len);
/* Adds the text as a JSON string with its quotes, escaped as RFC 8785 3.2.2.2 says. The text must
 * be valid UTF-8. */
int moot__buf_add_json(struct moot_buf *b, const char *text, size_t len);

/* How many bytes from the text's beginning stand for themselves in a JSON string: those before the
 * first quote, backslash or control character. */
size_t moot__json_plain(const char *text, size_t len);

/* Cuts the buffer to `len` bytes, which must not be more than it has. */
void moot__buf_truncate(struct moot_buf *b, size_t len);

/* The contents as a C string; "" when empty. Valid until the next change. */
const char *moot__buf_text(const struct moot_buf *b);

/* Gives the contents away: the caller frees them with free(). NULL after a failure (b->status says
 * which) or, never, when empty: an empty buffer gives an empty string. The buffer is empty then. */
char *moot__buf_take(struct moot_buf *b);

/* A copy of `len` bytes with a NUL behind them; the caller frees it. NULL: out of memory. */
char *moot__copy(const char *text, size_t len);

/* A text held once and counted by its holders; the bytes never change. Not thread-safe. */
struct moot_text {
    uint32_t refs;
    uint32_t tokens; /* estimate, 0 until it is made */
    size_t len;
    char data[]; /* NUL-terminated */
};

/* The caller holds one reference. NULL: out of memory. */
struct moot_text *moot__text_make(const char *data, size_t len);
struct moot_text *moot__text_ref(struct moot_text *t);
/* Gives up one reference; NULL is allowed. */
void moot__text_unref(struct moot_text *t);

#endif
