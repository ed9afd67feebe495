#include "runtime/lock.h"

#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The number of the process that has the lock, as it wrote it down; OFD locks name none. */
static long lock_holder(int fd)
{
    char text[32] = "";
    ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
    return got > 0 ? strtol(text, NULL, 10) : 0;
}

static int lock_busy(int fd, const char *journal, struct moot_error *err)
{
    long pid = lock_holder(fd);
    if (pid > 0)
        moot__fail(err, MOOT_EBUSY, "%s is being written by process %ld", journal, pid);
    else
        moot__fail(err, MOOT_EBUSY, "%s is being written by another process", journal);
    moot__fail_hint(err, "wait for it, or end it: moot stop");
    return MOOT_EBUSY;
}

static int lock_take(const char *journal, int *fd, struct moot_error *err)
{
    char path[PATH_MAX];
    size_t len = strlen(journal);
    bool is_db = len > 3 && strcmp(journal + len - 3, ".db") == 0;
    int length = snprintf(path, sizeof(path), "%.*s.lock", (int)(is_db ? len - 3 : len), journal);
    if (length < 0 || (size_t)length >= sizeof(path))
        return moot__fail(err, MOOT_EIO, "the path of a journal is too long: %.200s", journal);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file < 0) {
        moot__file_fail(err, path, "opened");
        return MOOT_EIO;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
        int status = MOOT_EIO;
        if (errno == EAGAIN || errno == EACCES)
            status = lock_busy(file, journal, err);
        else
            moot__file_fail(err, path, "locked");
        close(file);
        return status;
    }
    char text[32];
    length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    /* Only a courtesy to whoever finds it locked: on a full disk the lock holds all the same. */
    if (ftruncate(file, 0) == 0 && pwrite(file, text, (size_t)length, 0) < 0)
        errno = 0;
    *fd = file;
    return MOOT_OK;
}

const char *moot__lock_network_name(unsigned long type)
{
    static const struct {
        unsigned long type;
        const char *name;
    } types[] = {
        {0x6969, "NFS"},      {0x517b, "SMB"},        {0xfe534d42, "SMB"},  {0xff534d42, "CIFS"},
        {0x5346414f, "AFS"},  {0x6b414653, "AFS"},    {0x73757245, "Coda"}, {0x564c, "NCP"},
        {0x00c36400, "Ceph"}, {0x0bd00bd0, "Lustre"}, {0x013661, "GFS2"},   {0x7461636f, "OCFS2"},
    };
    for (size_t i = 0; i < MOOT_COUNT(types); i++)
        if (types[i].type == (type & 0xffffffffUL))
            return types[i].name;
    return NULL;
}

/* Walks up to the folder where the file system begins. `path` is absolute and cut in place. */
static void mount_point(char *path)
{
    struct stat here;
    if (stat(path, &here) != 0)
        return;
    for (;;) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || path[1] == '\0')
            return;
        char kept = slash == path ? slash[1] : '\0';
        struct stat above;
        slash[slash == path ? 1 : 0] = '\0';
        if (stat(path, &above) == 0 && above.st_dev == here.st_dev)
            continue;
        if (slash == path)
            slash[1] = kept;
        else
            *slash = '/';
        return;
    }
}

static int refuse_network(const char *path, struct moot_error *err)
{
    struct statfs fs;
    if (statfs(path, &fs) != 0) {
        moot__file_fail(err, path, "looked at");
        return MOOT_EIO;
    }
    const char *name = moot__lock_network_name((unsigned long)fs.f_type);
    if (name == NULL)
        return MOOT_OK;
    char *whole = realpath(path, NULL);
    if (whole != NULL)
        mount_point(whole);
    moot__fail(
        err, MOOT_EUNSUPPORTED,
        "%s lies on a network file system (%s, mounted at %s), where a journal cannot be kept",
        path, name, whole != NULL ? whole : "?");
    moot__fail_hint(err, "keep it on a local disk: --journal FILE");
    free(whole);
    return MOOT_EUNSUPPORTED;
}

/* `.moot` holds a .gitignore of `*`: journals, with what people said, stay out of repositories. */
static int make_gitignore(const char *path, struct moot_error *err)
{
    for (const char *at = strstr(path, ".moot/"); at != NULL; at = strstr(at + 1, ".moot/")) {
        if (at != path && at[-1] != '/')
            continue;
        char folder[PATH_MAX];
        char file[PATH_MAX + 16];
        snprintf(folder, sizeof(folder), "%.*s", (int)(at - path) + 5, path);
        snprintf(file, sizeof(file), "%s/.gitignore", folder);
        if (access(file, F_OK) == 0)
            continue;
        int status = moot__file_replace(folder, ".gitignore", "*\n", 2, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static void folder_of(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        snprintf(out, size, ".");
    else
        snprintf(out, size, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* The file itself is made here and not by SQLite so that nobody else can read it at any moment. */
static int make_file(const char *journal, struct moot_error *err)
{
    int file = open(journal, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno == EEXIST)
        return moot__fail(err, MOOT_EEXIST, "%s is already there", journal);
    if (file < 0) {
        moot__file_fail(err, journal, "made");
        return MOOT_EIO;
    }
    close(file);
    return MOOT_OK;
}

static int lock_place(const char *journal, bool create, bool write, int *fd, struct moot_error *err)
{
    char folder[PATH_MAX];
    if (strlen(journal) >= sizeof(folder))
        return moot__fail(err, MOOT_EIO, "the path of a journal is too long: %.200s", journal);
    folder_of(journal, folder, sizeof(folder));
    struct stat st;
    int status = MOOT_OK;
    if (create) {
        status = moot__make_dirs(folder, err);
        if (status == MOOT_OK)
            status = make_gitignore(journal, err);
    } else if (stat(journal, &st) != 0) {
        status = moot__file_fail(err, journal, "opened");
        return status == MOOT_ENOTFOUND ? status : MOOT_EIO;
    } else if (!S_ISREG(st.st_mode)) {
        return moot__fail(err, MOOT_EIO, "%s is not a regular file", journal);
    }
    if (status != MOOT_OK || !write)
        return status;
    status = refuse_network(folder, err);
    if (status == MOOT_OK)
        status = lock_take(journal, fd, err);
    if (status == MOOT_OK && create)
        status = make_file(journal, err);
    return status;
}

int moot__lock_place(const char *journal, bool create, bool write, int *fd, struct moot_error *err)
{
    struct moot_error why = {0};
    int status = lock_place(journal, create, write, fd, &why);
    if (status == MOOT_OK)
        return MOOT_OK;
    if (create && why.hint[0] == '\0')
        moot__fail_hint(&why, "the run's journal is kept there; --journal FILE keeps it elsewhere");
    if (err != NULL)
        *err = why;
    return status;
}
