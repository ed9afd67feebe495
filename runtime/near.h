/* "Did you mean": the known word that a mistyped one is nearest to. */
#ifndef MOOT_NEAR_H
#define MOOT_NEAR_H

#include "runtime/status.h"

#include <stdbool.h>

/* How many letters must be changed, added, left out or swapped with their neighbour to get from one
 * word to the other; case is ignored. Words longer than 40 bytes are far from all others. */
size_t moot__near_distance(const char *a, const char *b);

/* The nearest of `words`, the first of equals; NULL if none is near enough (within a third of the
 * longer one's letters, at least 1). */
const char *moot__near_find(const char *word, const char *const *words, size_t count);

/* What to type instead of a name that is not there: the nearest of `words`, else each of them. */
void moot__near_hint(struct moot_error *err, const char *word, const char *const *words,
                     size_t count);

#endif
