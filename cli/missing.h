/* Whether the items have what the crew's texts name, before anything is paid for. */
#ifndef MOOT_MISSING_H
#define MOOT_MISSING_H

#include "runtime/json.h"

/* MOOT_EUSAGE: names the first task and word that nothing was given for, and what to type. `path`:
 * the crew file, as it was typed. */
int moot__items_check(const struct moot_json *crew, const struct moot_json *items, const char *path,
                      struct moot_error *err);

#endif
