/* A crew file written again as one: `extends` and `<<` carried out, nothing else changed. */
#ifndef MOOT_CREW_PRINT_H
#define MOOT_CREW_PRINT_H

#include "roles/crew_load.h"

/* Adds the whole crew as YAML, with its keys in their order. Reading that gives the same resolved
 * crew (where all its files lie in one folder: paths stand as they were written). Returns the
 * buffer's status. */
int moot__crew_print(const struct moot_crew_file *f, struct moot_buf *out);

#endif
