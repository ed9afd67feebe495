/* Small files: whole ones read, and replaced so that a reader sees the old or the new one. */
#ifndef MOOT_FILE_H
#define MOOT_FILE_H

#include "runtime/buf.h"

#include <stdio.h>

/* Makes the folder and those above it that are missing, 0700. MOOT_EIO. */
int moot__make_dirs(const char *path, struct moot_error *err);

/* Appends the whole file to `out`, whose maximum bounds it. A symbolic link is refused, and so is
 * what is no regular file. MOOT_ENOTFOUND, MOOT_EIO, MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__file_read(const char *path, struct moot_buf *out, struct moot_error *err);

/* Writes DIR/NAME, 0600, over what may be there: a new file, synced, renamed, its folder synced.
 * MOOT_EIO. */
int moot__file_replace(const char *dir, const char *name, const void *data, size_t len,
                       struct moot_error *err);

/* Reads up to and with the next newline into `line`; false at the end of the file, and when `line`
 * fails: its maximum bounds a line. */
bool moot__file_line(FILE *f, struct moot_buf *line);

/* Fills `err` from errno: "PATH cannot be <verb>: …", with a hint when the disk is full. Returns
 * MOOT_ENOTFOUND for ENOENT, MOOT_EDENIED for EACCES, EPERM and EROFS, else MOOT_EIO. */
int moot__file_fail(struct moot_error *err, const char *path, const char *verb);

#endif
