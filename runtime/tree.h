/* Whole folders: copied and removed. Links are never followed: a link is copied as the link it is,
 * and removed as one. */
#ifndef MOOT_TREE_H
#define MOOT_TREE_H

#include "runtime/status.h"

enum { MOOT_TREE_FILES_MAX = 100000 };
#define MOOT_TREE_BYTES_MAX (INT64_C(4) * 1024 * 1024 * 1024)

/* Copies the folder FROM, which is no link, to TO, which is made with those above it (0700); what
 * is there already is an error. Left out: journals and secrets (.moot, .env), and what is neither
 * file, folder nor link. A FROM that is not there is an empty folder. MOOT_EIO, MOOT_EDENIED,
 * MOOT_EEXIST, MOOT_ETOOBIG. */
int moot__tree_copy(const char *from, const char *to, struct moot_error *err);
/* Removes the folder and all that is in it; one that is not there is removed already. MOOT_EIO,
 * MOOT_EDENIED. */
int moot__tree_remove(const char *path, struct moot_error *err);

#endif
