/* Where two runs of an experiment part: the first thing said or done in which they differ. */
#ifndef MOOT_EXPERIMENT_DIFF_H
#define MOOT_EXPERIMENT_DIFF_H

#include "cli/experiment.h"

/* What was said and done in a run, one thing after the other. */
struct moot_deeds {
    struct moot_message **list; /* one reference each */
    size_t count;
    char *stop; /* of the run, or NULL */
};

/* Reads them from a journal: no models, no keys, no bookkeeping. */
int moot__deeds_read(const char *journal, struct moot_deeds *out, struct moot_error *err);
void moot__deeds_release(struct moot_deeds *d);
/* The first in which they differ, conversation by conversation in the order of the first run: by
 * speaker, kind or canonical body without usage. NULL where a conversation of one is over. False:
 * they are the same. */
bool moot__deeds_part(const struct moot_deeds *a, const struct moot_deeds *b,
                      const struct moot_message **in_a, const struct moot_message **in_b,
                      size_t *same);

/* Prints two runs, each VARIANT/REPEAT, side by side from there. */
int moot__experiment_diff(struct moot_experiment *e, const char *a, const char *b, size_t width,
                          struct moot_error *err);

#endif
