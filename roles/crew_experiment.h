/* An experiment file, read: what is asked, of which crew, and its variants, each a whole crew.
 *
 * Its resolved form, by the same table of fields as a crew's:
 *   experiment     text
 *   crew           path, relative to the experiment file's folder, as all paths are
 *   input          [path] or {name: text}
 *   variants       {name: {}}, in the order of the file
 *   repeats, seed  integers; repeats is always there
 *   success        as `check` of a task
 *   limits         {total?: {tokens?, cost?, seconds?}} */
#ifndef MOOT_CREW_EXPERIMENT_H
#define MOOT_CREW_EXPERIMENT_H

#include "roles/crew_load.h"

enum { MOOT_VARIANTS_MAX = 50, MOOT_REPEATS_MAX = 1000 };

struct moot_variant {
    char *name;
    struct moot_crew_file *file; /* its resolved crew; never NULL */
};

struct moot_experiment_file {
    struct moot_crew_file *file; /* the experiment itself; its report is that of all */
    struct moot_variant *variants;
    size_t variant_count;
};

/* Whether a file says of itself that it is an experiment: a map with the key `experiment`. */
bool moot__experiment_is(const char *path);
/* Reads it and its variants. What is wrong goes into the report; only MOOT_ENOMEM is returned. The
 * caller releases *out, also after a failure. */
int moot__experiment_open(const char *path, struct moot_experiment_file *out,
                          struct moot_error *err);
/* Adds to the report all that is wrong with it, the crews of its variants included. Models are
 * looked at as they are, so --model goes before. 0 or MOOT_ENOMEM. */
int moot__experiment_check(struct moot_experiment_file *e, struct moot_error *err);
void moot__experiment_close(struct moot_experiment_file *e);

/* `success` as the `check` of a task that has no other work: what is built from it and what is
 * looked through. The caller frees it. NULL: out of memory. */
struct moot_json *moot__experiment_task(const struct moot_json *resolved);

#endif
