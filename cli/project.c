#include "cli/project.h"

#include "cli/transcript.h"
#include "runtime/decimal.h"
#include "runtime/file.h"
#include "runtime/sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS_MAX = 100000, PATH_SIZE = 4096, PROJECTS_MAX = 50 };

#define PROJECTS_FILE "projects"

static char *join(const char *dir, const char *rest)
{
    struct moot_buf b;
    moot__buf_init(&b, PATH_SIZE);
    moot__buf_addf(&b, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", rest);
    return moot__buf_take(&b);
}

char *moot__dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return moot__copy(".", 1);
    return moot__copy(path, slash == path ? 1 : (size_t)(slash - path));
}

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *moot__project_find(const char *dir)
{
    char *start = realpath(dir != NULL ? dir : ".", NULL);
    if (start == NULL)
        return NULL;
    char *at = moot__copy(start, strlen(start));
    while (at != NULL) {
        char *moot = join(at, ".moot");
        bool found = moot != NULL && is_dir(moot);
        free(moot);
        if (found) {
            free(start);
            return at;
        }
        char *up = strcmp(at, "/") == 0 ? NULL : moot__dir_of(at);
        free(at);
        at = up;
    }
    return start;
}

char *moot__run_path(const char *project, const char *name)
{
    struct moot_buf b;
    moot__buf_init(&b, PATH_SIZE);
    moot__buf_addf(&b, "%s/.moot/runs/%s.db", project, name);
    return moot__buf_take(&b);
}

static bool is_run_name(const char *file)
{
    if (strlen(file) != MOOT_RUN_NAME_SIZE - 1 + 3 || strcmp(file + 9, ".db") != 0)
        return false;
    for (int i = 0; i < 9; i++)
        if (i == 4 ? file[i] != '-' : strchr("abcdefghijklmnopqrstuvwxyz234567", file[i]) == NULL)
            return false;
    return true;
}

/* When the run was last written to. An empty log says nothing: reading a journal makes one. */
static int64_t time_of(const char *path)
{
    struct stat st;
    int64_t newest = 0;
    char wal[PATH_SIZE];
    snprintf(wal, sizeof(wal), "%s-wal", path);
    const char *const files[] = {path, wal};
    for (size_t i = 0; i < MOOT_COUNT(files); i++) {
        if (stat(files[i], &st) != 0 || (i > 0 && st.st_size == 0))
            continue;
        int64_t ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        newest = ms > newest ? ms : newest;
    }
    return newest;
}

static int newer_first(const void *a, const void *b)
{
    const struct moot_run_file *x = a, *y = b;
    if (x->changed_at != y->changed_at)
        return x->changed_at < y->changed_at ? 1 : -1;
    return strcmp(x->name, y->name);
}

static int add_run(struct moot_run_list *list, const char *dir, const char *file)
{
    struct moot_run_file *more = realloc(list->runs, (list->count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    list->runs = more;
    struct moot_run_file *run = &more[list->count];
    memcpy(run->name, file, MOOT_RUN_NAME_SIZE - 1);
    run->name[MOOT_RUN_NAME_SIZE - 1] = '\0';
    run->path = join(dir, file);
    if (run->path == NULL)
        return MOOT_ENOMEM;
    run->changed_at = time_of(run->path);
    list->count++;
    return MOOT_OK;
}

int moot__runs_list(const char *project, struct moot_run_list *out, struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    char *dir = join(project, ".moot/runs");
    DIR *d = dir != NULL ? opendir(dir) : NULL;
    int status = MOOT_OK;
    if (dir == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (d == NULL && errno != ENOENT && errno != ENOTDIR)
        status = moot__fail(err, MOOT_EIO, "cannot read %s: %s", dir, strerror(errno));
    while (d != NULL && status == MOOT_OK && out->count < RUNS_MAX) {
        const struct dirent *e = readdir(d);
        if (e == NULL)
            break;
        if (is_run_name(e->d_name))
            status = add_run(out, dir, e->d_name);
        if (status != MOOT_OK)
            moot__fail(err, status, "out of memory");
    }
    if (d != NULL)
        closedir(d);
    free(dir);
    if (status != MOOT_OK) {
        moot__runs_release(out);
        return status;
    }
    if (out->count > 1)
        qsort(out->runs, out->count, sizeof(*out->runs), newer_first);
    return MOOT_OK;
}

void moot__runs_release(struct moot_run_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->runs[i].path);
    free(list->runs);
    memset(list, 0, sizeof(*list));
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len > tail && strcmp(text + len - tail, end) == 0;
}

/* "7k2m9q" is the beginning of "7k2m-9qd4" too. */
static bool begins(const char *name, const char *with)
{
    while (*with != '\0') {
        if (*name == '-' && *with != '-')
            name++;
        if (*name != *with)
            return false;
        name++;
        with++;
    }
    return true;
}

static int none_found(const char *run, const char *project, struct moot_error *err)
{
    if (run == NULL) {
        moot__fail(err, MOOT_ENOTFOUND, "there is no run in %s yet", project);
        moot__fail_hint(err, "moot run CREW   begins one");
    } else {
        moot__fail(err, MOOT_ENOTFOUND, "no run begins with '%s'", run);
        moot__fail_hint(err, "moot runs   lists those of %s", project);
    }
    return MOOT_ENOTFOUND;
}

/* *path stays NULL if there is none. */
static int choose(const char *run, const struct moot_run_list *list, char **path,
                  struct moot_error *err)
{
    const struct moot_run_file *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct moot_run_file *one = &list->runs[i];
        if (run != NULL && !begins(one->name, run))
            continue;
        if (found != NULL && run != NULL) {
            moot__fail(err, MOOT_EINVAL, "several runs begin with '%s': %s, %s", run, found->name,
                       one->name);
            moot__fail_hint(err, "moot runs   lists them");
            return MOOT_EINVAL;
        }
        found = found != NULL ? found : one;
    }
    if (found == NULL)
        return MOOT_OK;
    *path = moot__copy(found->path, strlen(found->path));
    return *path != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int choose_in(const char *run, const char *project, char **path, struct moot_error *err)
{
    struct moot_run_list list;
    int status = moot__runs_list(project, &list, err);
    if (status != MOOT_OK)
        return status;
    status = choose(run, &list, path, err);
    moot__runs_release(&list);
    return status;
}

/* The projects noted, one a line, the last one first. */
static void read_notes(struct moot_buf *out)
{
    char *dir = moot__dir_state();
    char *path = dir != NULL ? join(dir, PROJECTS_FILE) : NULL;
    if (path != NULL)
        moot__file_read(path, out, NULL);
    free(dir);
    free(path);
}

void moot__project_note(const char *project)
{
    struct moot_buf old, all;
    char *dir = moot__dir_state();
    moot__buf_init(&old, PROJECTS_MAX * PATH_SIZE);
    moot__buf_init(&all, (PROJECTS_MAX + 2) * PATH_SIZE);
    read_notes(&old);
    moot__buf_addf(&all, "%s\n", project);
    const char *line = moot__buf_text(&old);
    for (int kept = 1; *line != '\0' && kept < PROJECTS_MAX;) {
        size_t len = strcspn(line, "\n");
        if (len > 0 && (len != strlen(project) || strncmp(line, project, len) != 0)) {
            moot__buf_addf(&all, "%.*s\n", (int)len, line);
            kept++;
        }
        line += len + (line[len] == '\n');
    }
    bool noted = strcmp(moot__buf_text(&all), moot__buf_text(&old)) == 0;
    if (!noted && dir != NULL && strchr(project, '\n') == NULL &&
        moot__make_dirs(dir, NULL) == MOOT_OK)
        moot__file_replace(dir, PROJECTS_FILE, moot__buf_text(&all), all.len, NULL);
    free(dir);
    moot__buf_release(&old);
    moot__buf_release(&all);
}

static int choose_noted(const char *run, char **path, struct moot_error *err)
{
    struct moot_buf notes;
    int status = MOOT_OK;
    moot__buf_init(&notes, PROJECTS_MAX * PATH_SIZE);
    read_notes(&notes);
    const char *line = moot__buf_text(&notes);
    while (status == MOOT_OK && *path == NULL && *line != '\0') {
        size_t len = strcspn(line, "\n");
        char *project = moot__copy(line, len);
        if (project != NULL && is_dir(project))
            status = choose_in(run, project, path, err);
        free(project);
        line += len + (line[len] == '\n');
    }
    moot__buf_release(&notes);
    return status;
}

/* "7k2m-9qd4/good/2", or the beginning of its first word: a run of an experiment. *path stays NULL
 * if it is none. */
static void find_trial(const char *run, char **path)
{
    size_t len = strcspn(run, "/");
    char *project = access(run, F_OK) == 0 || len == 0 ? NULL : moot__project_find(NULL);
    char *folder = project != NULL ? join(project, ".moot/experiments") : NULL;
    DIR *d = folder != NULL ? opendir(folder) : NULL;
    const struct dirent *e;
    while (d != NULL && *path == NULL && (e = readdir(d)) != NULL) {
        struct moot_buf b;
        if (strncmp(e->d_name, run, len) != 0 || e->d_name[0] == '.')
            continue;
        moot__buf_init(&b, PATH_SIZE);
        moot__buf_addf(&b, "%s/%s%s.db", folder, e->d_name, run + len);
        *path = moot__buf_take(&b);
        if (*path != NULL && access(*path, F_OK) != 0) {
            free(*path);
            *path = NULL;
        }
    }
    if (d != NULL)
        closedir(d);
    free(folder);
    free(project);
}

int moot__run_find(const char *run, char **path, struct moot_error *err)
{
    *path = NULL;
    if (run != NULL && strchr(run, '/') != NULL) {
        find_trial(run, path);
        if (*path != NULL)
            return MOOT_OK;
    }
    if (run != NULL &&
        (strchr(run, '/') != NULL || ends_with(run, ".db") || ends_with(run, ".jsonl"))) {
        *path = moot__copy(run, strlen(run));
        return *path != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    char *project = moot__project_find(NULL);
    if (project == NULL)
        return moot__fail(err, MOOT_EIO, "the current folder cannot be found");
    int status = choose_in(run, project, path, err);
    if (status == MOOT_OK && *path == NULL)
        status = choose_noted(run, path, err);
    if (status == MOOT_OK && *path == NULL)
        status = none_found(run, project, err);
    free(project);
    return status;
}

int moot__run_writer(const char *path)
{
    char lock[PATH_SIZE];
    size_t len = strlen(path);
    if (!ends_with(path, ".db") || len + 3 >= sizeof(lock))
        return 0;
    snprintf(lock, sizeof(lock), "%.*s.lock", (int)(len - 3), path);
    int fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return 0;
    struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char text[32] = "";
    int64_t pid = 0;
    bool held = fcntl(fd, F_OFD_GETLK, &other) == 0 && other.l_type != F_UNLCK;
    ssize_t got = held ? pread(fd, text, sizeof(text) - 1, 0) : 0;
    close(fd);
    if (!held)
        return 0;
    text[got > 0 ? got : 0] = '\0';
    text[strspn(text, "0123456789")] = '\0';
    return moot__int_parse(text, &pid) && pid > 0 && pid < INT32_MAX ? (int)pid : 1;
}

char *moot__project_of(const char *journal)
{
    char *real = realpath(journal, NULL);
    char *moot = real != NULL ? strstr(real, "/.moot/") : NULL;
    char *project = moot != NULL ? moot__copy(real, (size_t)(moot - real)) : NULL;
    free(real);
    return project != NULL ? project : moot__project_find(NULL);
}

int moot__run_draw(const char *project, char run[MOOT_RUN_TEXT], char **journal,
                   struct moot_error *err)
{
    uint8_t id[16];
    char name[MOOT_RUN_NAME_SIZE];
    /* The short name of a run names its file: one that is taken is drawn again. */
    for (int i = 0; i < 100; i++) {
        if (getrandom(id, sizeof(id), 0) != sizeof(id))
            return moot__fail(err, MOOT_EIO, "the system has no random bytes");
        moot__hex(id, sizeof(id), run);
        moot__run_short(run, name);
        char *path = moot__run_path(project, name);
        if (path == NULL)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
        if (access(path, F_OK) != 0) {
            *journal = path;
            return MOOT_OK;
        }
        free(path);
    }
    return moot__fail(err, MOOT_EEXIST, "no free name for a run in %s", project);
}
