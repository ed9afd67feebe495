/* Text from elsewhere made harmless on a terminal: nothing in it can move the cursor, change a
 * title, reach the clipboard, turn the direction of writing or hide from the reader. */
#ifndef MOOT_SAFE_H
#define MOOT_SAFE_H

#include "runtime/buf.h"

/* Adds the text with control characters, bidirectional controls and tag characters made visible,
 * zero-width characters left out and bytes that are not UTF-8 as U+FFFD. Newlines stay, a tab
 * becomes two spaces, a carriage return before a newline goes. Returns the buffer's status. */
int moot__safe_add(struct moot_buf *out, const char *text, size_t len);
/* The same on one line: a run of white space that holds a newline becomes one space. */
int moot__safe_add_line(struct moot_buf *out, const char *text, size_t len);
/* For what a person must judge exactly: on one line, zero-width characters and white space other
 * than a plain space made visible too. */
int moot__safe_add_exact(struct moot_buf *out, const char *text, size_t len);

#endif
