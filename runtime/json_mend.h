/* JSON of sloppy writers made readable: what is wrong inside of strings (bytes that are no UTF-8,
 * lone surrogates, NUL, raw control characters) is replaced or escaped; nothing else is touched.
 * For what comes from outside and is not signed. */
#ifndef MOOT_JSON_MEND_H
#define MOOT_JSON_MEND_H

#include "runtime/json.h"

/* As moot__json_parse, mending the text if it does not parse as it is. */
int moot__json_parse_mended(const char *text, size_t len, struct moot_json **out,
                            struct moot_error *err);

#endif
