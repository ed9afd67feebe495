/* JSON that a model wrote almost right. Only what cannot change the meaning is mended: a fence or a
 * byte-order mark round it, a comma too many, quotes of the other kind, a bare key, a comment, a
 * line break inside a string, Python's True, False and None. What is missing is never made up: a
 * text that was cut short stays wrong. */
#ifndef MOOT_REPAIR_H
#define MOOT_REPAIR_H

#include "runtime/json.h"

/* Parses the whole text, as it is or mended. *mended may be NULL. MOOT_ESYNTAX with the strict
 * reader's words, MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__repair_parse(const char *text, size_t len, struct moot_json **out, bool *mended,
                       struct moot_error *err);

/* Where JSON may stand in a model's answer, best guess first: the whole, fenced blocks, balanced
 * braces or brackets. */
struct moot_span {
    size_t start;
    size_t len;
};
enum { MOOT_SPANS_MAX = 16 };
size_t moot__repair_spans(const char *text, size_t len, struct moot_span out[MOOT_SPANS_MAX]);

#endif
