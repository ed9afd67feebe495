/* Whether a run succeeded: the checks of an experiment's `success`, made by programs outside the
 * conversation, in a folder that no agent sees. */
#ifndef MOOT_SUCCESS_H
#define MOOT_SUCCESS_H

#include "cli/results.h"
#include "runtime/world.h"

struct moot_success {
    const struct moot_json *experiment; /* resolved */
    const struct moot_json *items;      /* of the run */
    const char *item_name;              /* what an item is called */
    const struct moot_results *results; /* of the run */
    const char *folder;                 /* the copy of the workspace, where programs run */
    const char *here;                   /* the experiment file's folder: {here} */
};

/* Makes the checks, for each item. *passed, and what is lacking in `why`, a line each. Ends early
 * when the program is asked to stop (MOOT_ECANCELED). MOOT_EINVAL: a check cannot be made. */
int moot__success_look(struct moot_cli *cli, const struct moot_success *s, bool *passed,
                       struct moot_buf *why, struct moot_error *err);

#endif
