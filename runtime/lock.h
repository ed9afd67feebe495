/* Who may write a journal file: one process at a time, and only where locks and shared memory work.
 */
#ifndef MOOT_LOCK_H
#define MOOT_LOCK_H

#include "runtime/status.h"

#include <stdbool.h>

/* Makes ready to open a journal file: it must be there and a regular file, or, with `create`, must
 * not; then it is made, 0600, with its folders (.moot 0700 with a .gitignore). With `write` a
 * network file system is refused by name (MOOT_EUNSUPPORTED: several machines would not see each
 * other's locks), and the lock file is taken ("RUN.lock" beside "RUN.db"), an OFD lock that ends
 * with the process however that ends; *fd is closed to give it up. MOOT_EBUSY: another process has
 * it (its number is named). MOOT_ENOTFOUND, MOOT_EEXIST, MOOT_EIO. */
int moot__lock_place(const char *journal, bool create, bool write, int *fd, struct moot_error *err);

/* The name of a network file system of this type (statfs), or NULL: what is not known is tried. */
const char *moot__lock_network_name(unsigned long type);

#endif
