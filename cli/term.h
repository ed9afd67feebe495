/* What the terminal is and can do, and lines typed at it. */
#ifndef MOOT_TERM_H
#define MOOT_TERM_H

#include <stdbool.h>
#include <stddef.h>

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

#endif
