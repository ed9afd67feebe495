/* A line that a person types while the screen above it goes on: libedit edits it, the screen shows
 * it. A line that ends in a backslash goes on in the next. What was typed in this project before
 * comes back with the arrow keys. */
#ifndef MOOT_TYPING_H
#define MOOT_TYPING_H

#include "runtime/buf.h"

struct moot_typing;

enum moot_typing_event {
    MOOT_TYPING_NONE,
    MOOT_TYPING_LINE,   /* a whole text */
    MOOT_TYPING_ESCAPE, /* the key of that name, alone */
    MOOT_TYPING_END,    /* ctrl-D on an empty line, or the terminal is gone */
};

/* Takes the terminal `fd`: keys come one by one and are not echoed. `history` is a file, read now
 * and written by free; NULL: none. MOOT_ENOMEM, MOOT_EIO. */
int moot__typing_new(int fd, const char *history, struct moot_typing **out, struct moot_error *err);
/* Gives the terminal back as it was; NULL is allowed. */
void moot__typing_free(struct moot_typing *p);

/* Lets another reader have the terminal, as it was, or takes it again. */
void moot__typing_hold(struct moot_typing *p, bool hold);
/* While closed, keys edit nothing: moot__typing_key takes them. */
void moot__typing_open(struct moot_typing *p, bool open);
bool moot__typing_is_open(const struct moot_typing *p);

/* Takes what was typed, and never waits. A LINE's text is put into `text`. */
enum moot_typing_event moot__typing_look(struct moot_typing *p, struct moot_buf *text);
/* The next key typed while it is closed; 0: none, -1: the terminal is gone. */
int moot__typing_key(struct moot_typing *p);

/* Adds the line as it now stands, behind `mark`, as far as it fits. Returns how many columns before
 * its end the cursor stands. */
size_t moot__typing_show(struct moot_typing *p, const char *mark, size_t columns,
                         struct moot_buf *out);
/* Adds one line, without a newline: what was said and is heard only when the turn under way has
 * ended, for until then it does not stand in the transcript. */
void moot__typing_show_unheard(const char *said, size_t columns, struct moot_buf *out);

#endif
