/* Error codes, the error a user reads, assertions, and every limit of the program. */
#ifndef MOOT_STATUS_H
#define MOOT_STATUS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* One list, so that a code and its words cannot drift apart. */
#define MOOT_STATUS_LIST(X)                                                                        \
    X(MOOT_ENOMEM, -1, "out of memory")                                                            \
    X(MOOT_EINVAL, -2, "not valid")                                                                \
    X(MOOT_ESYNTAX, -3, "not well-formed")                                                         \
    X(MOOT_ETOOBIG, -4, "too big")                                                                 \
    X(MOOT_ENOTFOUND, -5, "not found")                                                             \
    X(MOOT_EEXIST, -6, "already there")                                                            \
    X(MOOT_EIO, -7, "input/output error")                                                          \
    X(MOOT_EBUSY, -8, "in use by another process")                                                 \
    X(MOOT_EDENIED, -9, "not permitted")                                                           \
    X(MOOT_ESIGNATURE, -10, "bad signature")                                                       \
    X(MOOT_ECHAIN, -11, "broken chain")                                                            \
    X(MOOT_EINCOMPLETE, -12, "incomplete")                                                         \
    X(MOOT_EKEY, -13, "unknown or revoked key")                                                    \
    X(MOOT_EMALFORMED, -14, "malformed")                                                           \
    X(MOOT_ECANCELED, -15, "cancelled")                                                            \
    X(MOOT_ETIMEOUT, -16, "timed out")                                                             \
    X(MOOT_ELIMIT, -17, "limit reached")                                                           \
    X(MOOT_ENETWORK, -18, "network error")                                                         \
    X(MOOT_EPROTOCOL, -19, "not what the protocol says")                                           \
    X(MOOT_EVERSION, -20, "of another version")                                                    \
    X(MOOT_EUNSUPPORTED, -21, "not supported here")                                                \
    X(MOOT_EFOLD, -22, "does not agree with the journal")                                          \
    X(MOOT_EUSAGE, -23, "wrong usage")

enum moot_status {
    MOOT_OK = 0,
#define MOOT_STATUS_ENUM(name, value, text) name = (value),
    MOOT_STATUS_LIST(MOOT_STATUS_ENUM)
#undef MOOT_STATUS_ENUM
};

/* What went wrong, for a person. `message` says what was tried, on what, and why it failed, without
 * a full stop; `hint` what to type next (may be empty). `file` empty: no place in a user's file.
 * Lines and columns count from 1; columns count characters. */
struct moot_error {
    int code;
    int line;
    int column;
    char file[256];
    char message[768];
    char hint[384];
};

/* The words of a code: "out of memory". Never NULL. */
const char *moot__status_text(int code);

/* Fills `err` (NULL is allowed) and returns `code`, so that a function can end with
 * `return moot__fail(err, MOOT_EIO, "…", …)`. Texts that do not fit are cut at a code point. */
int moot__fail(struct moot_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<text>: " in front of the message there is. Returns err's code. */
int moot__fail_wrap(struct moot_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what to type next. */
void moot__fail_hint(struct moot_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says where in the user's file. */
void moot__fail_at(struct moot_error *err, const char *file, int line, int column);

/* Programmer errors only; always on. */
_Noreturn void moot__assert_failed(const char *condition, const char *file, int line);
#define MOOT_ASSERT(condition)                                                                     \
    ((condition) ? (void)0 : moot__assert_failed(#condition, __FILE__, __LINE__))

#define MOOT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Limits. Sizes are bytes, times milliseconds. */
enum {
    MOOT_MAX_DEPTH = 64,                /* JSON, YAML, schema nesting */
    MOOT_MAX_JSON = 16 * 1024 * 1024,   /* one JSON text */
    MOOT_MAX_BODY = 8 * 1024 * 1024,    /* one message body */
    MOOT_MAX_ID = 64,                   /* an id in a crew file */
    MOOT_MAX_PATH_CONV = 256,           /* a conversation's path */
    MOOT_MAX_CREW_FILE = 1024 * 1024,   /* one crew file */
    MOOT_MAX_CREW_NODES = 100000,       /* YAML nodes after aliases */
    MOOT_MAX_EXTENDS = 4,               /* depth of extends */
    MOOT_MAX_PAGE = 2 * 1024 * 1024,    /* a page's bytes that are read */
    MOOT_MAX_TOOL_OUTPUT = 1024 * 1024, /* a program's output */
    MOOT_MAX_REPLY = 4 * 1024 * 1024,   /* a model's reply */
    MOOT_MAX_EXPR = 16 * 1024,          /* one expression */
    MOOT_MAX_EXPR_DEPTH = 32,           /* its nesting */
    MOOT_MAX_TEMPLATE = 1024 * 1024,    /* a text with placeholders */
    MOOT_MAX_HOPS = 1024,               /* messages inserted in one loop turn */
    MOOT_MAX_ANCHOR_GAP = 256,          /* messages between anchors */
    MOOT_MAX_ITEMS = 100000,            /* items of a run */
    MOOT_MAX_FENCES = 64,               /* code blocks in one text */
    MOOT_MAX_CODE = 256 * 1024,         /* one of them, and what run_code runs */
    MOOT_MAX_TOOL_CALLS = 64,           /* tool calls in one reply */
};

#endif
