/* The languages that code can be run in. Pure: fenced blocks are looked at with it, and the tools
 * that run them. */
#ifndef MOOT_CODE_H
#define MOOT_CODE_H

#include "runtime/status.h"

#include <stdbool.h>

struct moot_code_language {
    const char *name;           /* "python", "sh" */
    const char *suffix;         /* of a file that holds such code: ".py" */
    const char *const *runners; /* programs that run it, the best first; NULL-terminated */
};

/* By any name it goes by, in whatever case ("Python3", "bash"). NULL: it cannot be run. */
const struct moot_code_language *moot__code_language(const char *name, size_t len);

/* What can be run, in words. */
const char *moot__code_languages(void);

#endif
