/* A run as it is read: its journal, or an exported one. Messages come with the name of what they
 * answer, which a journal holds as an id only. */
#ifndef MOOT_BOOK_H
#define MOOT_BOOK_H

#include "runtime/journal.h"
#include "runtime/map.h"

struct moot_book {
    char *path;
    struct moot_journal *journal; /* NULL: an exported file */
    FILE *lines;
    int64_t next;           /* seq of the next message */
    struct moot_map called; /* hex id of a message that is to be answered -> its name */
};

/* MOOT_ENOTFOUND, MOOT_EIO, MOOT_EVERSION, MOOT_EMALFORMED, MOOT_ENOMEM. */
int moot__book_open(const char *path, struct moot_book **out, struct moot_error *err);
/* Calls `each` for the messages from where it stopped last, to the end there now is. `each` returns
 * 0 to go on. A message is valid during the call. Returns what `each` returned, or a MOOT_E*. */
int moot__book_each(struct moot_book *b, int (*each)(void *arg, struct moot_message *m), void *arg,
                    struct moot_error *err);
void moot__book_close(struct moot_book *b); /* NULL is allowed */

#endif
