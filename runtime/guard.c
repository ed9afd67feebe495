#include "runtime/guard.h"

#include "runtime/file.h"
#include "runtime/sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES_MAX = 200000, DEPTH_MAX = 48 };

/* `path` is `folder` or lies below it. */
static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    while (len > 0 && folder[len - 1] == '/')
        len--;
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool name_is(const char *name, size_t len, const char *what)
{
    return len == strlen(what) && strncasecmp(name, what, len) == 0;
}

/* The real path of one of our own folders, or the path as it is while there is no such folder.
 * Takes `path` over; NULL: none. */
static char *own_folder(char *path)
{
    char *real = path != NULL ? realpath(path, NULL) : NULL;
    if (real == NULL)
        return path;
    free(path);
    return real;
}

static bool in_own_folder(const char *path, char *own)
{
    char *folder = own_folder(own);
    bool is_in = folder != NULL && is_below(path, folder);
    free(folder);
    return is_in;
}

bool moot__guard_path(const char *path)
{
    for (const char *at = path; *at != '\0';) {
        size_t len = strcspn(at, "/");
        if (name_is(at, len, ".moot") || name_is(at, len, ".env"))
            return true;
        at += len + (at[len] == '/');
    }
    return in_own_folder(path, moot__dir_config()) || in_own_folder(path, moot__dir_state());
}

/* NULL: there is none. */
static char *home_folder(void)
{
    const char *home = getenv("HOME");
    return home != NULL && home[0] == '/' ? realpath(home, NULL) : NULL;
}

bool moot__guard_home(const char *path)
{
    char *home = home_folder();
    bool holds = home != NULL && is_below(home, path);
    free(home);
    return holds || strcmp(path, "/") == 0;
}

/* Looking through one folder after the other. */
struct search {
    const char *const *folders;
    size_t folder_count;
    struct moot_guard_list *out;
    struct moot_error *err;
    struct moot_buf path; /* of the folder looked at */
    size_t entries;
};

void moot__guard_release(struct moot_guard_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
    memset(list, 0, sizeof(*list));
}

static int add(struct search *s, const char *path, bool is_folder)
{
    struct moot_guard_list *l = s->out;
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->items[i].path, path) == 0)
            return MOOT_OK;
    struct moot_guarded *more = realloc(l->items, (l->count + 1) * sizeof(*more));
    char *copy = moot__copy(path, strlen(path));
    l->items = more != NULL ? more : l->items;
    if (more == NULL || copy == NULL) {
        free(copy);
        return moot__fail(s->err, MOOT_ENOMEM, "out of memory");
    }
    l->items[l->count++] = (struct moot_guarded){copy, is_folder};
    return MOOT_OK;
}

/* Something of a guarded name at s->path: a link stands for what it leads to. */
static int add_found(struct search *s)
{
    const char *path = moot__buf_text(&s->path);
    char *real = realpath(path, NULL);
    struct stat st;
    int status = MOOT_OK;
    if (real != NULL && stat(real, &st) == 0)
        status = add(s, real, S_ISDIR(st.st_mode));
    else if (errno != ENOENT && errno != ELOOP)
        status = moot__file_fail(s->err, path, "looked at");
    free(real);
    return status;
}

static bool is_folder(int dir, const struct dirent *e)
{
    struct stat st;
    if (e->d_type != DT_UNKNOWN)
        return e->d_type == DT_DIR;
    return fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int search_folder(struct search *s, int fd, int depth);

static int search_entry(struct search *s, int dir, const struct dirent *e, int depth)
{
    size_t before = s->path.len;
    bool folder = is_folder(dir, e);
    bool guarded =
        strcasecmp(e->d_name, ".moot") == 0 || (!folder && strcasecmp(e->d_name, ".env") == 0);
    if (!guarded && !folder)
        return MOOT_OK;
    if (moot__buf_addf(&s->path, "/%s", e->d_name) != MOOT_OK)
        return moot__fail(s->err, MOOT_ETOOBIG, "there is a path too long to look at");
    int status = MOOT_OK;
    if (guarded) {
        status = add_found(s);
    } else {
        int fd = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0)
            status = search_folder(s, fd, depth + 1);
        else if (errno != EACCES && errno != ENOENT) /* what we may not read nobody reads for us */
            status = moot__file_fail(s->err, moot__buf_text(&s->path), "looked at");
    }
    if (status == MOOT_OK)
        moot__buf_truncate(&s->path, before);
    return status;
}

/* Takes `fd` over. */
static int search_folder(struct search *s, int fd, int depth)
{
    DIR *d = depth <= DEPTH_MAX ? fdopendir(fd) : NULL;
    if (d == NULL) {
        close(fd);
        return moot__fail(s->err, MOOT_ETOOBIG, "%s: its folders are nested too deeply to look at",
                          moot__buf_text(&s->path));
    }
    int status = MOOT_OK;
    for (const struct dirent *e; status == MOOT_OK && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (++s->entries > ENTRIES_MAX)
            status = moot__fail(s->err, MOOT_ETOOBIG, "there are more than %d files to look at",
                                ENTRIES_MAX);
        else
            status = search_entry(s, dirfd(d), e, depth);
    }
    closedir(d);
    return status;
}

static int search_root(struct search *s, const char *folder)
{
    moot__buf_clear(&s->path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ENOTDIR || errno == ENOENT || errno == EACCES))
        return MOOT_OK; /* a single file, or nothing that could be shown */
    if (fd < 0)
        return moot__file_fail(s->err, folder, "looked at");
    if (moot__buf_adds(&s->path, folder) != MOOT_OK) {
        close(fd);
        return moot__fail(s->err, s->path.status, "%.200s: %s", folder,
                          moot__status_text(s->path.status));
    }
    return search_folder(s, fd, 0);
}

static int search_own(struct search *s, char *own)
{
    char *folder = own_folder(own);
    struct stat st;
    int status = MOOT_OK;
    for (size_t i = 0; folder != NULL && i < s->folder_count; i++) {
        if (is_below(folder, s->folders[i]) && stat(folder, &st) == 0) {
            status = add(s, folder, true);
            break;
        }
    }
    free(folder);
    return status;
}

/* Whether one of the folders is this one or lies in it. */
static bool is_asked_for(const struct search *s, const char *path)
{
    bool asked = false;
    for (size_t i = 0; i < s->folder_count; i++)
        asked = asked || is_below(s->folders[i], path);
    return asked;
}

/* What in the home folder has a name that begins with a dot. Takes `fd` over. */
static int search_dotted(struct search *s, const char *home, int fd)
{
    DIR *d = fdopendir(fd);
    if (d == NULL) {
        close(fd);
        return moot__file_fail(s->err, home, "looked at");
    }
    int status = MOOT_OK;
    for (const struct dirent *e; status == MOOT_OK && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] != '.' || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        moot__buf_clear(&s->path);
        if (++s->entries > ENTRIES_MAX ||
            moot__buf_addf(&s->path, "%s/%s", home, e->d_name) != MOOT_OK)
            status = moot__fail(s->err, MOOT_ETOOBIG, "there is too much in %.200s", home);
        else if (!is_asked_for(s, moot__buf_text(&s->path)))
            status = add_found(s);
    }
    closedir(d);
    return status;
}

static int search_home(struct search *s)
{
    char *home = home_folder();
    bool shown = false;
    for (size_t i = 0; home != NULL && i < s->folder_count; i++)
        shown = shown || is_below(home, s->folders[i]);
    int fd = shown ? open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int status = fd >= 0 ? search_dotted(s, home, fd) : MOOT_OK;
    free(home);
    return status;
}

/* Leaves out what lies in a folder that is itself listed. */
static void prune(struct moot_guard_list *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        bool inner = false;
        for (size_t k = 0; k < l->count && !inner; k++)
            inner = k != i && l->items[k].path != NULL && l->items[k].is_folder &&
                    is_below(l->items[i].path, l->items[k].path);
        if (inner) {
            free(l->items[i].path);
            l->items[i].path = NULL;
        }
    }
    for (size_t i = 0; i < l->count; i++)
        if (l->items[i].path != NULL)
            l->items[kept++] = l->items[i];
    l->count = kept;
}

int moot__guard_find(const char *const *folders, size_t count, struct moot_guard_list *out,
                     struct moot_error *err)
{
    struct search s = {.folders = folders, .folder_count = count, .out = out, .err = err};
    moot__buf_init(&s.path, PATH_MAX - 1);
    int status = search_own(&s, moot__dir_config());
    if (status == MOOT_OK)
        status = search_own(&s, moot__dir_state());
    if (status == MOOT_OK)
        status = search_home(&s);
    for (size_t i = 0; i < count && status == MOOT_OK; i++) {
        bool inner = false;
        for (size_t k = 0; k < count; k++)
            inner = inner || (k != i && strcmp(folders[i], folders[k]) != 0 &&
                              is_below(folders[i], folders[k]));
        if (!inner)
            status = search_root(&s, folders[i]);
    }
    moot__buf_release(&s.path);
    prune(out);
    return status;
}
