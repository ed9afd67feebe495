#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

int moot__file_fail(struct moot_error *err, const char *path, const char *verb)
{
    int why = errno;
    int code = MOOT_EIO;
    if (why == ENOENT)
        code = MOOT_ENOTFOUND;
    else if (why == EACCES || why == EPERM || why == EROFS)
        code = MOOT_EDENIED;
    moot__fail(err, code, "%s cannot be %s: %s", path, verb, strerror(why));
    if (why == ENOSPC || why == EDQUOT)
        moot__fail_hint(err, "make room on that disk, then do it again");
    return code;
}

int moot__make_dirs(const char *path, struct moot_error *err)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part))
        return moot__fail(err, MOOT_EIO, "'%.200s' is no path of a folder", path);
    memcpy(part, path, len + 1);
    for (char *c = part + 1; c <= part + len; c++) {
        if (*c != '/' && *c != '\0')
            continue;
        char end = *c;
        *c = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST && errno != EISDIR) {
            struct stat st;
            int why = errno;
            /* A folder that is there may be one that we may not write. */
            if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode)) {
                errno = why;
                moot__file_fail(err, part, "made");
                return MOOT_EIO;
            }
        }
        *c = end;
    }
    struct stat st;
    if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode))
        return moot__fail(err, MOOT_EIO, "%s is not a folder", part);
    return MOOT_OK;
}

static int read_all(int fd, const char *path, struct moot_buf *out, struct moot_error *err)
{
    char chunk[16384];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return moot__file_fail(err, path, "read");
        if (got == 0)
            return moot__buf_add(out, "", 0);
        int status = moot__buf_add(out, chunk, (size_t)got);
        if (status != MOOT_OK)
            return moot__fail(err, status, "%s cannot be read: %s", path,
                              moot__status_text(status));
    }
}

int moot__file_read(const char *path, struct moot_buf *out, struct moot_error *err)
{
    /* O_NONBLOCK: a FIFO must not hold us up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return moot__file_fail(err, path, "opened");
    struct stat st;
    int status = MOOT_OK;
    if (fstat(fd, &st) != 0)
        status = moot__file_fail(err, path, "read");
    else if (!S_ISREG(st.st_mode))
        status = moot__fail(err, MOOT_EIO, "%s is not a regular file", path);
    else
        status = read_all(fd, path, out, err);
    close(fd);
    return status;
}

static bool write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        data += put;
        len -= (size_t)put;
    }
    return true;
}

static bool replace_at(int dir, const char *name, const void *data, size_t len)
{
    char tmp[NAME_MAX + 1];
    int length = snprintf(tmp, sizeof(tmp), ".%s.%ld.tmp", name, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof(tmp)) {
        errno = ENAMETOOLONG;
        return false;
    }
    /* What lies there is left over from a process of the same number that died. */
    unlinkat(dir, tmp, 0);
    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool ok = write_all(fd, data, len) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && renameat(dir, tmp, dir, name) == 0)
        return fsync(dir) == 0;
    if (ok)
        why = errno;
    unlinkat(dir, tmp, 0);
    errno = why;
    return false;
}

int moot__file_replace(const char *dir, const char *name, const void *data, size_t len,
                       struct moot_error *err)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        moot__file_fail(err, dir, "opened");
        return MOOT_EIO;
    }
    bool ok = replace_at(fd, name, data, len);
    int why = errno;
    close(fd);
    if (ok)
        return MOOT_OK;
    errno = why;
    moot__file_fail(err, path, "written");
    return MOOT_EIO;
}

bool moot__file_line(FILE *f, struct moot_buf *line)
{
    moot__buf_clear(line);
    for (int c = getc_unlocked(f); c != EOF; c = getc_unlocked(f)) {
        char byte = (char)c;
        if (moot__buf_add(line, &byte, 1) != MOOT_OK)
            return false;
        if (c == '\n')
            return true;
    }
    return line->len > 0;
}
