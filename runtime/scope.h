/* What a placeholder or an expression can see: a JSON object whose members are the first words. A
 * dotted path goes down from there.
 *
 * Words of a path: a member of an object; a number is the index of a list; a word on a list means
 * that member of each element, which gives a list (`items.concept.name`). A path through null gives
 * null: a task that was skipped is empty, not missing.
 *
 * A scope that knows its item names it in MOOT_SCOPE_ITEM (no path can say `$`). Then that word
 * alone stands for the item's `text`, so does `item`, and a first word that is not there is looked
 * for among the item's members. */
#ifndef MOOT_SCOPE_H
#define MOOT_SCOPE_H

#include "runtime/json.h"

#define MOOT_SCOPE_ITEM "$item"

/* Where the rows of a registry, or the command line, said something else than the item itself: the
 * item's own members of those names, for the word `item`. */
#define MOOT_SCOPE_OWN "$own"

/* What the word `item` stands for: a copy of the item with its own members. NULL: out of memory. */
struct moot_json *moot__scope_own(const struct moot_json *item);

/* Length of the path at the start of the text: words of letters, digits, `_` and `-` joined by
 * single dots, the first beginning with a letter or `_`. 0: no path stands here. Valid UTF-8. */
size_t moot__scope_path(const char *text, size_t len);

/* The value at the path without a list's element-wise members. NULL: missing, or a list would have
 * to be made. */
const struct moot_json *moot__scope_find(const struct moot_json *scope, const char *path);

/* The value at the path. *value is NULL when it is missing; *made, which the caller frees, holds it
 * if a list was made for it. MOOT_ENOMEM. */
int moot__scope_get(const struct moot_json *scope, const char *path, const struct moot_json **value,
                    struct moot_json **made);

/* The object in which the path's value stands, its last word in *word; NULL where there is none. */
const struct moot_json *moot__scope_holder(const struct moot_json *scope, const char *path,
                                           const char **word);

/* Missing, null, "", [] or {}. */
bool moot__scope_empty(const struct moot_json *value);

/* The first word of the scope's members most like the path's first word; NULL if none is near. */
const char *moot__scope_near(const struct moot_json *scope, const char *path);

#endif
