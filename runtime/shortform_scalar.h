/* One SCALAR of the short form (shortform.h): its grammar. */
#ifndef MOOT_SHORTFORM_SCALAR_H
#define MOOT_SHORTFORM_SCALAR_H

#include "runtime/json.h"

/* In the order of their names in shortform_scalar.c. */
enum moot_scalar_base {
    MOOT_SCALAR_TEXT,
    MOOT_SCALAR_INTEGER,
    MOOT_SCALAR_NUMBER,
    MOOT_SCALAR_BOOL,
    MOOT_SCALAR_DATE,
    MOOT_SCALAR_EMAIL,
    MOOT_SCALAR_URL,
    MOOT_SCALAR_UUID,
    MOOT_SCALAR_ANY,
    MOOT_SCALAR_CHOICE,
};

struct moot_scalar {
    enum moot_scalar_base base;
    bool optional;
    bool words;                /* the range counts words, else characters or is one of values */
    char *min;                 /* digits, or NULL */
    char *max;                 /* digits, or NULL */
    char *pattern;             /* after `matching`, or NULL */
    char *description;         /* or NULL */
    struct moot_json *choices; /* array of strings, or NULL */
};

/* Reads a scalar. On failure *bad is the offset of the bad word, err has words and hint, and there
 * is nothing to release. MOOT_EINVAL, MOOT_ENOMEM. */
int moot__scalar_parse(const char *text, struct moot_scalar *out, size_t *bad,
                       struct moot_error *err);
void moot__scalar_release(struct moot_scalar *scalar);

#endif
