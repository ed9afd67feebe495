#include "runtime/beneath.h"

#include "runtime/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a file is called while it is being written, with the thread's number behind it. */
static const char writing[] = ".moot-writing";

enum { LIST_DEPTH_MAX = 32, LIST_SEEN_MAX = 20000 };

/* Names that no path may hold: journals and posts, and what keys are kept in. */
static bool is_forbidden_name(const char *name, size_t len)
{
    static const char *const names[] = {".moot", ".env"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        if (len == strlen(names[i]) && strncasecmp(name, names[i], len) == 0)
            return true;
    }
    return false;
}

int moot__beneath_check(const char *path, struct moot_error *err)
{
    if (path[0] == '\0')
        return moot__fail(err, MOOT_EINVAL, "a path is missing");
    if (strlen(path) >= PATH_MAX)
        return moot__fail(err, MOOT_EINVAL, "the path is too long");
    if (path[0] == '/')
        return moot__fail(err, MOOT_EDENIED, "'%s' is no path inside of the folder", path);
    for (const char *at = path; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return moot__fail(err, MOOT_EINVAL, "the path holds a control character");
    }
    for (const char *at = path; *at != '\0';) {
        size_t len = strcspn(at, "/");
        if (len == 2 && at[0] == '.' && at[1] == '.')
            return moot__fail(err, MOOT_EDENIED, "'%s' leads out of the folder", path);
        if (is_forbidden_name(at, len))
            return moot__fail(err, MOOT_EDENIED, "'%s' is out of reach", path);
        at += len;
        at += strspn(at, "/");
    }
    return MOOT_OK;
}

/* Where the descriptor really leads; false: it cannot be told. */
static bool real_path(int fd, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, out, PATH_MAX - 1);
    if (n <= 0)
        return false;
    out[n] = '\0';
    return true;
}

/* Whether it lies where keys, settings and journals are, by whatever name it was reached. */
static bool is_out_of_reach(int fd)
{
    char path[PATH_MAX];
    return !real_path(fd, path) || moot__guard_path(path);
}

/* Without openat2: one component after the other, and no link followed at all. */
static int open_stepwise(int root, const char *path, int flags)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 3);
    while (at >= 0) {
        char name[NAME_MAX + 1];
        size_t len = strcspn(path, "/");
        const char *rest = path + len + strspn(path + len, "/");
        if (len > NAME_MAX) {
            close(at);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        bool last = *rest == '\0';
        int next = openat(at, len == 0 ? "." : name,
                          (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
        int why = errno;
        close(at);
        errno = why;
        at = next;
        path = rest;
        if (last)
            break;
    }
    return at;
}

static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_stepwise(root, path, flags);
    return (int)fd;
}

static int path_fail(struct moot_error *err, const char *path, const char *verb)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return moot__fail(err, MOOT_ENOTFOUND, "'%s' is not there", path);
    case EXDEV:
    case ELOOP:
        return moot__fail(err, MOOT_EDENIED, "'%s' leads out of the folder", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return moot__fail(err, MOOT_EDENIED, "'%s' cannot be %s: %s", path, verb, strerror(errno));
    default:
        return moot__fail(err, MOOT_EIO, "'%s' cannot be %s: %s", path, verb, strerror(errno));
    }
}

/* Opens what is there for `flags`, once everything about it is allowed. */
static int open_checked(int root, const char *path, int flags, int *out, struct moot_error *err)
{
    int status = moot__beneath_check(path, err);
    if (status != MOOT_OK)
        return status;
    int fd = open_beneath(root, path, flags);
    if (fd < 0)
        return path_fail(err, path, "opened");
    if (is_out_of_reach(fd)) {
        close(fd);
        return moot__fail(err, MOOT_EDENIED, "'%s' is out of reach", path);
    }
    *out = fd;
    return MOOT_OK;
}

int moot__beneath_root(const char *base_dir, const char *folder, bool make, int *fd,
                       struct moot_error *err)
{
    if (folder == NULL)
        folder = ".";
    int base = open(base_dir != NULL && base_dir[0] != '\0' ? base_dir : ".",
                    O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return path_fail(err, base_dir, "opened");
    int root = openat(base, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0 && errno == ENOENT && make && mkdirat(base, folder, 0777) == 0)
        root = openat(base, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int status = root >= 0 ? MOOT_OK : path_fail(err, folder, "opened");
    close(base);
    if (status == MOOT_OK && is_out_of_reach(root)) {
        close(root);
        status = moot__fail(err, MOOT_EDENIED, "the folder '%s' is out of reach", folder);
    }
    if (status == MOOT_OK)
        *fd = root;
    return status;
}

void moot__beneath_close(int root)
{
    close(root);
}

/* Opens a regular file with one name for reading. */
static int open_file(int root, const char *path, int *out, struct stat *st, struct moot_error *err)
{
    int fd = -1;
    int status = open_checked(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd, err);
    if (status != MOOT_OK)
        return status;
    if (fstat(fd, st) != 0)
        status = path_fail(err, path, "read");
    else if (!S_ISREG(st->st_mode))
        status = moot__fail(err, MOOT_EDENIED, "'%s' is no plain file", path);
    else if (st->st_nlink > 1) /* which may be that of a file elsewhere */
        status = moot__fail(err, MOOT_EDENIED, "'%s' has another name too (a hard link)", path);
    if (status != MOOT_OK)
        close(fd);
    else
        *out = fd;
    return status;
}

int moot__beneath_look(int root, const char *path, int64_t *size, struct moot_error *err)
{
    struct stat st;
    int fd = -1;
    int status = open_file(root, path, &fd, &st, err);
    if (status != MOOT_OK)
        return status;
    close(fd);
    *size = st.st_size;
    return MOOT_OK;
}

int moot__beneath_read(int root, const char *path, struct moot_buf *out, struct moot_error *err)
{
    struct stat st;
    char piece[16384];
    int fd = -1;
    int status = open_file(root, path, &fd, &st, err);
    if (status != MOOT_OK)
        return status;
    for (;;) {
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status = path_fail(err, path, "read");
        else if (n > 0 && moot__buf_add(out, piece, (size_t)n) != MOOT_OK)
            status = moot__fail(err, out->status, "'%s' has more than %zu bytes", path, out->max);
        if (n <= 0 || status != MOOT_OK)
            break;
    }
    close(fd);
    return status;
}

/* Opens the folder a file is to stand in, making what is missing; `name` is the file's own. */
static int open_parent(int root, const char *path, int *out, const char **name,
                       struct moot_error *err)
{
    char dir[PATH_MAX];
    int at = fcntl(root, F_DUPFD_CLOEXEC, 3);
    int status = at >= 0 ? MOOT_OK : path_fail(err, path, "written");
    while (status == MOOT_OK) {
        size_t len = strcspn(path, "/");
        const char *rest = path + len + strspn(path + len, "/");
        if (*rest == '\0')
            break;
        memcpy(dir, path, len);
        dir[len] = '\0';
        int next = openat(at, len == 0 ? "." : dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT && (mkdirat(at, dir, 0777) == 0 || errno == EEXIST))
            next = openat(at, dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            status = path_fail(err, dir, "opened");
        close(at);
        at = next;
        path = rest;
    }
    *out = at;
    *name = path;
    return status;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

/* What stands at the name must be a file, or nothing. */
static int check_target(int dir, const char *name, const char *path, mode_t *mode,
                        struct moot_error *err)
{
    struct stat st;
    *mode = 0666;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? MOOT_OK : path_fail(err, path, "written");
    if (S_ISLNK(st.st_mode))
        return moot__fail(err, MOOT_EDENIED, "'%s' is a link", path);
    if (!S_ISREG(st.st_mode))
        return moot__fail(err, MOOT_EDENIED, "'%s' is no plain file", path);
    *mode = st.st_mode & 0777;
    return MOOT_OK;
}

int moot__beneath_write(int root, const char *path, const void *data, size_t len,
                        struct moot_error *err)
{
    char temporary[48];
    const char *name = NULL;
    mode_t mode = 0;
    int dir = -1;
    snprintf(temporary, sizeof(temporary), "%s-%ld", writing, (long)gettid());
    int status = moot__beneath_check(path, err);
    if (status == MOOT_OK && path[strlen(path) - 1] == '/')
        status = moot__fail(err, MOOT_EINVAL, "'%s' names no file", path);
    if (status == MOOT_OK)
        status = open_parent(root, path, &dir, &name, err);
    if (status == MOOT_OK && is_out_of_reach(dir))
        status = moot__fail(err, MOOT_EDENIED, "'%s' is out of reach", path);
    if (status == MOOT_OK)
        status = check_target(dir, name, path, &mode, err);
    if (status == MOOT_OK) {
        unlinkat(dir, temporary, 0);
        int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        bool good = fd >= 0 && write_all(fd, data, len) == 0;
        if (!good || renameat(dir, temporary, dir, name) != 0) {
            status = path_fail(err, path, "written");
            unlinkat(dir, temporary, 0);
        }
        if (fd >= 0)
            close(fd);
    }
    if (dir >= 0)
        close(dir);
    return status;
}

/* Listing */

struct listing {
    char **paths;
    size_t count;
    size_t seen;
    bool failed;
};

static void listing_add(struct listing *l, const char *prefix, const char *name)
{
    struct moot_buf b;
    moot__buf_init(&b, PATH_MAX);
    moot__buf_addf(&b, "%s%s%s", prefix, prefix[0] != '\0' ? "/" : "", name);
    char **paths = realloc(l->paths, (l->count + 1) * sizeof(*paths));
    if (paths != NULL)
        l->paths = paths;
    char *path = paths != NULL && b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    if (path == NULL)
        l->failed = true;
    else
        l->paths[l->count++] = path;
}

static void list_into(int dir, const char *prefix, int depth, struct listing *l);

static void list_entry(int dir, const char *prefix, const char *name, int depth, struct listing *l)
{
    struct stat st;
    if (is_forbidden_name(name, strlen(name)) || strncmp(name, writing, sizeof(writing) - 1) == 0 ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISREG(st.st_mode)) {
        listing_add(l, prefix, name);
        return;
    }
    if (!S_ISDIR(st.st_mode) || depth >= LIST_DEPTH_MAX)
        return;
    int below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return;
    struct moot_buf b;
    moot__buf_init(&b, PATH_MAX);
    moot__buf_addf(&b, "%s%s%s", prefix, prefix[0] != '\0' ? "/" : "", name);
    if (b.status == MOOT_OK && !is_out_of_reach(below))
        list_into(below, moot__buf_text(&b), depth + 1, l);
    else
        close(below);
    moot__buf_release(&b);
}

/* Takes the descriptor over. */
static void list_into(int fd, const char *prefix, int depth, struct listing *l)
{
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return;
    }
    for (struct dirent *e; !l->failed && (e = readdir(dir)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (l->seen++ >= LIST_SEEN_MAX)
            break;
        list_entry(fd, prefix, e->d_name, depth, l);
    }
    closedir(dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int moot__beneath_list(int root, const char *path, size_t max, struct moot_buf *out, size_t *left,
                       struct moot_error *err)
{
    struct listing l = {0};
    int fd = -1;
    bool all = path[0] == '\0' || strcmp(path, ".") == 0;
    int status = open_checked(root, all ? "." : path, O_RDONLY | O_DIRECTORY, &fd, err);
    if (status != MOOT_OK)
        return status;
    list_into(fd, all ? "" : path, 0, &l);
    if (l.count > 1)
        qsort(l.paths, l.count, sizeof(*l.paths), by_text);
    *left = l.count > max ? l.count - max : 0;
    for (size_t i = 0; i < l.count; i++) {
        if (i < max)
            moot__buf_addf(out, "%s\n", l.paths[i]);
        free(l.paths[i]);
    }
    free(l.paths);
    if (l.failed || out->status != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return MOOT_OK;
}
