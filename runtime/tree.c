#include "runtime/tree.h"

#include "runtime/buf.h"
#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024 };

struct copying {
    const char *from, *to;
    int64_t files, bytes;
    struct moot_error *err;
};

static bool is_left_out(const FTSENT *e)
{
    return e->fts_level > 0 &&
           (strcasecmp(e->fts_name, ".moot") == 0 || strcasecmp(e->fts_name, ".env") == 0);
}

/* Where an entry goes. */
static int target_of(const struct copying *c, const FTSENT *e, char out[PATH_MAX])
{
    const char *rest = e->fts_path + strlen(c->from);
    int n = snprintf(out, PATH_MAX, "%s%s", c->to, rest);
    if (n < 0 || n >= PATH_MAX)
        return moot__fail(c->err, MOOT_ETOOBIG, "the path is too long: %.200s…", e->fts_path);
    return MOOT_OK;
}

static int copy_bytes(struct copying *c, int in, int out, const char *path)
{
    char *block = malloc(BLOCK);
    if (block == NULL)
        return moot__fail(c->err, MOOT_ENOMEM, "out of memory");
    int status = MOOT_OK;
    ssize_t got;
    while (status == MOOT_OK && (got = read(in, block, BLOCK)) != 0) {
        if (got < 0) {
            status = moot__file_fail(c->err, path, "read");
            break;
        }
        c->bytes += got;
        if (c->bytes > MOOT_TREE_BYTES_MAX)
            status = moot__fail(c->err, MOOT_ETOOBIG, "%s is too big to be copied", c->from);
        for (ssize_t done = 0; done < got && status == MOOT_OK;) {
            ssize_t put = write(out, block + done, (size_t)(got - done));
            if (put < 0)
                status = moot__file_fail(c->err, path, "copied");
            else
                done += put;
        }
    }
    free(block);
    return status;
}

static int copy_file(struct copying *c, const FTSENT *e, const char *to)
{
    int in = open(e->fts_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0)
        return moot__file_fail(c->err, e->fts_path, "read");
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   (e->fts_statp->st_mode & 0777) | 0600);
    int status =
        out >= 0 ? copy_bytes(c, in, out, e->fts_path) : moot__file_fail(c->err, to, "made");
    close(in);
    if (out >= 0 && close(out) != 0 && status == MOOT_OK)
        status = moot__file_fail(c->err, to, "written");
    return status;
}

static int copy_link(struct copying *c, const FTSENT *e, const char *to)
{
    char target[PATH_MAX];
    ssize_t len = readlink(e->fts_path, target, sizeof(target) - 1);
    if (len < 0)
        return moot__file_fail(c->err, e->fts_path, "read");
    target[len] = '\0';
    return symlink(target, to) == 0 ? MOOT_OK : moot__file_fail(c->err, to, "made");
}

static int copy_folder(struct copying *c, const FTSENT *e, const char *to)
{
    if (mkdir(to, (e->fts_statp->st_mode & 0777) | 0700) == 0)
        return MOOT_OK;
    if (errno == EEXIST)
        return moot__fail(c->err, MOOT_EEXIST, "%s is there already", to);
    return moot__file_fail(c->err, to, "made");
}

static int copy_entry(struct copying *c, FTS *tree, FTSENT *e)
{
    char to[PATH_MAX];
    if (is_left_out(e)) {
        if (e->fts_info == FTS_D)
            fts_set(tree, e, FTS_SKIP);
        return MOOT_OK;
    }
    if (++c->files > MOOT_TREE_FILES_MAX)
        return moot__fail(c->err, MOOT_ETOOBIG, "%s has too many files to be copied", c->from);
    int status = target_of(c, e, to);
    if (status != MOOT_OK)
        return status;
    switch (e->fts_info) {
    case FTS_D:
        return copy_folder(c, e, to);
    case FTS_F:
        return copy_file(c, e, to);
    case FTS_SL:
    case FTS_SLNONE:
        if (e->fts_level == 0)
            return moot__fail(c->err, MOOT_EDENIED, "%s is a link: name the folder itself",
                              c->from);
        return copy_link(c, e, to);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = e->fts_errno;
        return moot__file_fail(c->err, e->fts_path, "read");
    default: /* a folder seen again on the way up, a socket, a device */
        return MOOT_OK;
    }
}

/* Makes the folders above a path. */
static int make_above(const char *path, struct moot_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return MOOT_OK;
    char *above = moot__copy(path, (size_t)(slash - path));
    int status =
        above != NULL ? moot__make_dirs(above, err) : moot__fail(err, MOOT_ENOMEM, "out of memory");
    free(above);
    return status;
}

int moot__tree_copy(const char *from, const char *to, struct moot_error *err)
{
    struct copying c = {.from = from, .to = to, .err = err};
    struct stat st;
    int status = make_above(to, err);
    if (status == MOOT_OK && lstat(from, &st) != 0 && errno == ENOENT) {
        if (mkdir(to, 0700) == 0)
            return MOOT_OK;
        return errno == EEXIST ? moot__fail(err, MOOT_EEXIST, "%s is there already", to)
                               : moot__file_fail(err, to, "made");
    }
    if (status != MOOT_OK)
        return status;
    char *root = moot__copy(from, strlen(from));
    char *const roots[] = {root, NULL};
    FTS *tree = root != NULL ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    if (tree == NULL)
        status = moot__fail(err, MOOT_EIO, "%s cannot be read: %s", from, strerror(errno));
    FTSENT *e;
    while (status == MOOT_OK && (e = fts_read(tree)) != NULL)
        status = copy_entry(&c, tree, e);
    if (tree != NULL)
        fts_close(tree);
    free(root);
    return status;
}

static int remove_entry(const FTSENT *e, struct moot_error *err)
{
    int rc = 0;
    switch (e->fts_info) {
    case FTS_D:
        /* what a program has closed is opened again */
        rc = (e->fts_statp->st_mode & 0700) == 0700 ? 0 : chmod(e->fts_path, 0700);
        break;
    case FTS_DP:
    case FTS_DNR:
        rc = rmdir(e->fts_path);
        break;
    default:
        rc = unlink(e->fts_path);
        break;
    }
    return rc == 0 || errno == ENOENT ? MOOT_OK : moot__file_fail(err, e->fts_path, "removed");
}

int moot__tree_remove(const char *path, struct moot_error *err)
{
    struct stat st;
    if (lstat(path, &st) != 0 && errno == ENOENT)
        return MOOT_OK;
    char *root = moot__copy(path, strlen(path));
    char *const roots[] = {root, NULL};
    FTS *tree = root != NULL ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    int status = tree != NULL
                     ? MOOT_OK
                     : moot__fail(err, MOOT_EIO, "%s cannot be read: %s", path, strerror(errno));
    FTSENT *e;
    while (status == MOOT_OK && (e = fts_read(tree)) != NULL)
        status = remove_entry(e, err);
    if (tree != NULL)
        fts_close(tree);
    free(root);
    return status;
}
