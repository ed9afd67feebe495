/* Files below one folder and nowhere else, whatever a path says: no "..", no absolute path, no link
 * that leads out, and never the places of keys, settings and journals. */
#ifndef MOOT_BENEATH_H
#define MOOT_BENEATH_H

#include "runtime/buf.h"

/* Opens FOLDER (relative to `base_dir`; NULL: that itself), which is made if it is missing and
 * `make` is true. The caller gives *fd back to moot__beneath_close. Refused: a folder that is, or
 * lies in, the settings or state folder. MOOT_EDENIED, MOOT_ENOTFOUND, MOOT_EIO. */
int moot__beneath_root(const char *base_dir, const char *folder, bool make, int *fd,
                       struct moot_error *err);

void moot__beneath_close(int root);

/* Appends a regular file's bytes; `out`'s maximum bounds them. MOOT_EDENIED (the path leads out, to
 * a forbidden place, or to a file with another name), MOOT_ENOTFOUND, MOOT_ETOOBIG, MOOT_EIO. */
int moot__beneath_read(int root, const char *path, struct moot_buf *out, struct moot_error *err);
/* Writes a file whole: a new one, synced, renamed over what may be there; folders are made. */
int moot__beneath_write(int root, const char *path, const void *data, size_t len,
                        struct moot_error *err);
/* Adds the paths of all files at and below PATH ("" or ".": all), sorted, one a line, `*left` of
 * them beyond `max` counted only. Links are not followed, forbidden places not listed. */
int moot__beneath_list(int root, const char *path, size_t max, struct moot_buf *out, size_t *left,
                       struct moot_error *err);
/* MOOT_OK if a regular file is there. */
int moot__beneath_look(int root, const char *path, int64_t *size, struct moot_error *err);

/* Whether the path may be used at all, by its words alone. MOOT_EDENIED, MOOT_EINVAL. */
int moot__beneath_check(const char *path, struct moot_error *err);

#endif
