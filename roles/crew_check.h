/* What `moot check` reports beyond the fields themselves: whatever needs two places of the file. */
#ifndef MOOT_CREW_CHECK_H
#define MOOT_CREW_CHECK_H

#include "roles/crew_load.h"

/* Adds to f->report all that is wrong with a crew that was opened. The models of f->resolved are
 * looked at as they are, so --model goes before. */
void moot__crew_check(struct moot_crew_file *f);

#endif
