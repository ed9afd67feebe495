/* Cutting a text down to what matters most. */
#ifndef MOOT_TRIM_H
#define MOOT_TRIM_H

#include "runtime/buf.h"

/* The line that stands for what was left out. */
#define MOOT_TRIM_MARK "[...]"

/* Adds the text, cut to at most `tokens` estimated tokens if it has more, whole lines where that
 * can be, with MOOT_TRIM_MARK as last line if any was left out. `ranks`, NULL or one digit for each
 * line, says what matters: lines of the lowest digit are kept first, and within one digit those
 * that come first; what is kept stays in its order. Without it the head is kept. *left_out, if not
 * NULL, is the number of lines left out or cut. MOOT_ENOMEM, MOOT_ETOOBIG (of `out`). */
int moot__trim(const char *text, const char *ranks, size_t tokens, struct moot_buf *out,
               size_t *left_out);

#endif
