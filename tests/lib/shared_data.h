/* Data beside the project that only tests use. */
#ifndef MOOT_TESTS_SHARED_DATA_H
#define MOOT_TESTS_SHARED_DATA_H

#include "runtime/buf.h"

/* The whole file NAME of the folder in MOOT_SHARED, else of `fallback`. Skips the test, saying so,
 * when it is not there. The caller frees the text; `len` may be NULL. */
char *shared_data(const char *fallback, const char *name, size_t *len);

#endif
