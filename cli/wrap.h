/* Words set into lines as they arrive: each line begins with a prefix and breaks between words. */
#ifndef MOOT_WRAP_H
#define MOOT_WRAP_H

#include "runtime/buf.h"

#include <stdbool.h>

struct moot_wrap {
    const char *prefix; /* the caller's; may hold inks */
    size_t width;       /* columns of a line, prefix included */
    int colours;
    /* Called with each finished line, without a newline. */
    void (*emit)(void *arg, const char *line, size_t len);
    void *arg;

    struct moot_buf line; /* the unfinished line, prefix included */
    bool begun;           /* the line has its prefix */
    size_t columns;       /* of the line */
    bool continued;       /* the line goes on with what the one before began */
    size_t hang;          /* the caller's: spaces before each line that begins from now on */
    size_t indent;        /* of the lines that continue an entry of a list */
    size_t break_at;      /* byte behind the last space where it may be broken; 0: nowhere */
    size_t break_columns;
    int ink;       /* in force now */
    int break_ink; /* in force at break_at */
};

void moot__wrap_init(struct moot_wrap *w, const char *prefix, size_t width, int colours,
                     void (*emit)(void *arg, const char *line, size_t len), void *arg);
/* Adds text that is safe on a terminal (cli/safe.h); newlines end lines. */
void moot__wrap_text(struct moot_wrap *w, const char *text, size_t len);
/* What follows is in this ink. */
void moot__wrap_ink(struct moot_wrap *w, int ink);
/* Ends the line, if one is begun. */
void moot__wrap_end(struct moot_wrap *w);
void moot__wrap_release(struct moot_wrap *w);

#endif
