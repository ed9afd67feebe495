#include "runtime/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUN_DIGITS = 16 };

static void add_top(struct moot_buf *path, const char *run_id)
{
    char real[PATH_MAX];
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] != '/' || realpath(base, real) == NULL)
        snprintf(real, sizeof(real), "/tmp");
    moot__buf_addf(path, "%s/moot-%.*s", real, RUN_DIGITS, run_id);
}

/* What may stand in a folder's name. */
static void add_plain(struct moot_buf *path, const char *text)
{
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || strchr("_-~", *text) != NULL;
        moot__buf_addc(path, plain ? *text : '_');
    }
}

char *moot__scratch_path(const char *run_id, const char *item, const char *agent)
{
    struct moot_buf path;
    moot__buf_init(&path, PATH_MAX);
    add_top(&path, run_id);
    moot__buf_addc(&path, '/');
    add_plain(&path, item[0] != '\0' ? item : "run");
    if (agent != NULL && agent[0] != '\0') {
        moot__buf_addc(&path, '.');
        add_plain(&path, agent);
    }
    return moot__buf_take(&path);
}

/* A folder of a name that others can guess, where others can write: it must be ours. */
static int make_one(const char *path, struct moot_error *err)
{
    struct stat st;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return moot__fail(err, MOOT_EIO, "cannot make the scratch folder %s: %s", path,
                          strerror(errno));
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & 077) != 0)
        return moot__fail(err, MOOT_EDENIED, "the scratch folder %s is not ours alone", path);
    return MOOT_OK;
}

int moot__scratch_make(const char *path, struct moot_error *err)
{
    const char *slash = strrchr(path, '/');
    char *top = slash != NULL ? moot__copy(path, (size_t)(slash - path)) : NULL;
    if (top == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = make_one(top, err);
    free(top);
    return status == MOOT_OK ? make_one(path, err) : status;
}

/* Removes what is in a folder of `top`; folders in it become folders of `top`, whatever depth they
 * were at, so that nothing here grows with how deep a program dug. */
static void empty_into(int top, const char *name, unsigned *next)
{
    if (fchmodat(top, name, 0700, 0) != 0)
        return;
    int fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            unlinkat(fd, e->d_name, 0) == 0)
            continue;
        char moved[32];
        snprintf(moved, sizeof(moved), "+%u", (*next)++);
        /* To be renamed it must be writable itself. */
        if (unlinkat(fd, e->d_name, AT_REMOVEDIR) != 0 && fchmodat(fd, e->d_name, 0700, 0) == 0)
            renameat(fd, e->d_name, top, moved);
    }
    closedir(dir);
}

/* One pass over `top`; false: nothing more goes. */
static bool sweep(int top, unsigned *next)
{
    bool removed = false;
    int fd = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (unlinkat(top, e->d_name, 0) != 0) {
            empty_into(top, e->d_name, next);
            if (unlinkat(top, e->d_name, AT_REMOVEDIR) != 0)
                continue;
        }
        removed = true;
    }
    closedir(dir);
    return removed;
}

void moot__scratch_remove(const char *run_id)
{
    struct moot_buf path;
    struct stat st;
    unsigned next = 0;
    moot__buf_init(&path, PATH_MAX);
    add_top(&path, run_id);
    int top = open(moot__buf_text(&path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top >= 0 && fstat(top, &st) == 0 && st.st_uid == geteuid()) {
        while (sweep(top, &next))
            continue;
        rmdir(moot__buf_text(&path));
    }
    if (top >= 0)
        close(top);
    moot__buf_release(&path);
}
