/* A terminal in memory that knows the few sequences cli/screen.c uses, to see what a person sees.
 */
#ifndef MOOT_TEST_VT_H
#define MOOT_TEST_VT_H

#include <stddef.h>

enum { VT_ROWS = 200, VT_COLUMNS = 200 };

struct vt {
    int columns;
    int row, column; /* of the cursor */
    int rows_used;
    char cell[VT_ROWS][VT_COLUMNS][8]; /* a code point's bytes; "" is a space */
};

void vt_init(struct vt *v, int columns);
void vt_write(struct vt *v, const char *text, size_t len);
/* The screen as lines without spaces at their ends, without empty lines at its end; valid until the
 * next call. */
const char *vt_text(const struct vt *v);

#endif
