/* Which messages hold the words of others: what else has to go when a text is removed. Pure. */
#ifndef MOOT_QUOTES_H
#define MOOT_QUOTES_H

#include "runtime/json.h"

enum {
    MOOT_QUOTE_BYTES = 8,         /* shorter lines are too common to tell anything */
    MOOT_QUOTE_LINES = 64 * 1024, /* looked for at once */
};

struct moot_quotes {
    char **lines;
    size_t count, size;
};

void moot__quotes_init(struct moot_quotes *q);
void moot__quotes_release(struct moot_quotes *q);
/* Adds the lines that are said in a message's body, also inside JSON that it holds as a text.
 * MOOT_ENOMEM, MOOT_ETOOBIG. */
int moot__quotes_add(struct moot_quotes *q, const struct moot_json *body);
/* Whether any text of a body holds one of the lines. */
bool moot__quotes_in(const struct moot_quotes *q, const struct moot_json *body);

#endif
