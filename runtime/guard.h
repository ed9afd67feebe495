/* What no tool may reach, wherever it lies: the journals (a folder .moot), the settings with the
 * keys, the state, and the secrets of a project (.env). */
#ifndef MOOT_GUARD_H
#define MOOT_GUARD_H

#include "runtime/buf.h"

/* Whether an absolute path that holds no links and no ".." leads to such a thing or into it. In
 * whatever case, since a file system may not tell .MOOT from .moot. */
bool moot__guard_path(const char *path);

/* Whether a folder is the home folder or holds it: too much to be written by a program. */
bool moot__guard_home(const char *path);

struct moot_guarded {
    char *path;
    bool is_folder;
};

struct moot_guard_list {
    struct moot_guarded *items;
    size_t count;
};

/* Looks through folders (real paths) and appends every such thing below them to `out`, real paths
 * again; of the home folder, where it lies there, also everything whose name begins with a dot:
 * the secrets of other programs. Links are not followed, but what a link .moot leads to is named
 * too. Folders that are not there or may not be read hold nothing. MOOT_ETOOBIG: too many files to
 * look at, or too deep; MOOT_EIO, MOOT_ENOMEM. */
int moot__guard_find(const char *const *folders, size_t count, struct moot_guard_list *out,
                     struct moot_error *err);
void moot__guard_release(struct moot_guard_list *list);

#endif
