/* What the terminal is and can do, and lines typed at it. */
#ifndef MOOT_TERM_H
#define MOOT_TERM_H

#include "runtime/buf.h"

#include <signal.h>
#include <stdbool.h>

enum { MOOT_COLUMNS_DEFAULT = 80, MOOT_ROWS_DEFAULT = 24 };

struct moot_term {
    int fd;
    bool tty;
    bool moves;  /* the cursor can be moved: a terminal that is not dumb */
    int colours; /* 0 (no terminal, NO_COLOR, dumb), 16 or 256 */
    int columns, rows;
};

/* Looks at the descriptor and at TERM, NO_COLOR, COLORTERM, COLUMNS. */
void moot__term_look(int fd, struct moot_term *out);
/* Asks for the size again, after it changed. */
void moot__term_resize(struct moot_term *t);

/* Whether a person can be asked: standard input is a terminal, and so is where they are told. */
bool moot__term_person(const struct moot_term *t);
enum moot_term_end {
    MOOT_TERM_LINE,
    MOOT_TERM_END,     /* standard input has ended */
    MOOT_TERM_STOPPED, /* *stop was set by a signal */
    MOOT_TERM_GONE,    /* idle said so */
};

/* Reads one line from standard input, without its newline. `idle`, if not NULL, is called now and
 * then while there is none; it returns true when the line is no longer wanted. */
enum moot_term_end moot__term_ask(struct moot_buf *out, const volatile sig_atomic_t *stop,
                                  bool (*idle)(void *arg), void *arg);

#endif
