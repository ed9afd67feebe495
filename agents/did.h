/* What a turn did: the calls it made, as a member of a conversation tells them to the others. */
#ifndef MOOT_DID_H
#define MOOT_DID_H

#include "runtime/json.h"

/* Notes a call that is carried out: {tool, same, args?}; `same` is a hash of tool and arguments.
 * *list NULL: a new one. `told`: with its arguments, shortened, for those who are shown them.
 * *place: where its result goes, from 1. */
int moot__did_call(struct moot_json **list, const char *tool, const char *args, bool told,
                   size_t *place);
/* Notes its result: {…, status, got, output?}; place 0: nothing. */
int moot__did_result(struct moot_json *list, size_t place, const struct moot_json *result,
                     bool told);

/* In words, a line each: what `from` called, and with `results` what came of it. */
int moot__did_text(const char *from, const struct moot_json *list, bool results,
                   struct moot_buf *out);

#endif
