/* What text looks like on a terminal: inks, columns, short numbers. */
#ifndef MOOT_PAINT_H
#define MOOT_PAINT_H

#include "runtime/buf.h"

enum moot_ink {
    MOOT_INK_NONE,
    MOOT_INK_BOLD,
    MOOT_INK_DIM,
    MOOT_INK_EMPHASIS,
    MOOT_INK_GOOD,
    MOOT_INK_BAD,
    MOOT_INK_ASK,     /* something waits for the reader */
    MOOT_INK_SPEAKER, /* and those after it: one for each speaker */
};
enum { MOOT_SPEAKER_INKS = 6 };

/* The escape sequence of an ink for a terminal of that many colours (struct moot_term); "" with 0.
 * MOOT_INK_NONE ends every ink. */
const char *moot__ink(int colours, int ink);
/* Adds text in an ink, ended again. */
void moot__add_ink(struct moot_buf *out, int colours, int ink, const char *text);

/* Columns of a text, escape sequences of inks not counted. */
size_t moot__columns(const char *text, size_t len);
/* The bytes of plain text (without inks) that fit into so many columns, whole code points. */
size_t moot__fit(const char *text, size_t len, size_t columns);
/* Adds plain text, cut to so many columns with an ellipsis. */
void moot__add_cut(struct moot_buf *out, const char *text, size_t columns);
/* Adds spaces so that the line that begins at `start` in the buffer is so wide; at least `least`.
 */
void moot__add_pad(struct moot_buf *out, size_t start, size_t width, size_t least);

/* "612", "21.3k", "1.2M". */
void moot__add_count(struct moot_buf *out, int64_t n);
/* "1.9 s", "2 min 5 s". */
void moot__add_seconds(struct moot_buf *out, int64_t ms);
/* "0:07", "1:02:03". */
void moot__add_clock(struct moot_buf *out, int64_t ms);
/* "1 call", "3 calls": adds the word with an s unless n is 1. */
void moot__add_number_of(struct moot_buf *out, int64_t n, const char *word);

#endif
