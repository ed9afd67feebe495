/* Where tools that have no workspace work: a folder for each agent and item of a run, under the
 * system's temporary folder, 0700, nobody's but ours. Its name follows from the run, so that a run
 * that is taken up again finds what was there; it goes when the run is closed. */
#ifndef MOOT_SCRATCH_H
#define MOOT_SCRATCH_H

#include "runtime/buf.h"

/* The folder of one agent ("" or NULL: of nobody) in one item ("3"; "": of the run). Nothing is
 * made. The caller frees it. NULL: out of memory. */
char *moot__scratch_path(const char *run_id, const char *item, const char *agent);
/* Makes it unless it is there. MOOT_EDENIED: what is there is not ours alone; MOOT_EIO. */
int moot__scratch_make(const char *path, struct moot_error *err);
/* Removes all folders of a run with all they hold, however deep; what cannot be removed stays. */
void moot__scratch_remove(const char *run_id);

#endif
