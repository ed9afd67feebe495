/* Texts with placeholders.
 *
 *   {a.b}              the value at that path (scope.h)
 *   {a.b:-text}        the text, if the value is missing or empty; \} writes a brace in it
 *   {a.b|2000 tokens}  the value, cut to the part that matters most (trim.h)
 *   {a.b|2000 tokens:-text}
 *   \{                 a brace
 *
 * Any other brace is itself, and what is inserted is never expanded again. */
#ifndef MOOT_TEMPLATE_H
#define MOOT_TEMPLATE_H

#include "runtime/json.h"

/* A parsed text; immutable. */
struct moot_template;

struct moot_template_slot {
    const char *path;
    size_t offset;        /* of its brace, in bytes */
    int line;             /* of its brace, from 1 */
    int column;           /* in characters, from 1 */
    const char *fallback; /* NULL: none */
    size_t tokens;        /* 0: no bound */
};

/* Reads a text; valid UTF-8. The caller frees *out with moot__template_free. MOOT_ESYNTAX (with
 * line and column), MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__template_parse(const char *text, size_t len, struct moot_template **out,
                         struct moot_error *err);
void moot__template_free(struct moot_template *t);

/* Calls `each` for every placeholder in order. Ends early when `each` does not return 0, and
 * returns that. */
int moot__template_each(const struct moot_template *t,
                        int (*each)(void *arg, const struct moot_template_slot *slot), void *arg);

/* Adds the text with everything filled in. Text is inserted as it is, numbers by their digits, null
 * as nothing, a list as lines "- x", a map as lines "key: value". What is cut by `|N tokens` is cut
 * by the ranks that stand beside it as `<word>_rank`, if any. MOOT_ENOTFOUND (line and column, and
 * the message names the path): missing, and no default; MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__template_fill(const struct moot_template *t, const struct moot_json *scope,
                        struct moot_buf *out, struct moot_error *err);

/* Adds one value as it would be inserted. */
int moot__template_value(const struct moot_json *value, struct moot_buf *out);

/* Parses and fills at once. */
int moot__template_expand(const char *text, const struct moot_json *scope, struct moot_buf *out,
                          struct moot_error *err);

#endif
