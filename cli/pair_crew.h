/* The crew of `moot pair`: a user proxy with a goal and a coder that is not told it. Pure. */
#ifndef MOOT_PAIR_CREW_H
#define MOOT_PAIR_CREW_H

#include "runtime/buf.h"

struct moot_pair {
    const char *goal;
    const char *tools;       /* "a,b", or NULL: none */
    const char *workspace;   /* or NULL: none, but `workspace` where a tool needs one */
    const char *model;       /* provider/model, or NULL */
    const char *coder_model; /* or NULL: the same */
    int64_t turns;
};

/* Adds the crew file, as a person would write it. MOOT_EUSAGE: there is no goal; MOOT_ENOMEM. */
int moot__pair_crew(const struct moot_pair *p, struct moot_buf *out, struct moot_error *err);

#endif
