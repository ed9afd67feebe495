#include "runtime/sandbox_watch.h"

#include "runtime/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* OWN_TASKS: bubblewrap's own process, and one that is just ending. */
enum { LOOK_MS = 50, INFO_MAX = 4096, FIELD_THREADS = 20, OWN_TASKS = 2 };

int moot__sandbox_watch_init(struct moot_sandbox_watch *s, struct moot_world *w, int64_t tasks,
                             int64_t memory, void (*over)(void *arg, const char *why), void *arg)
{
    *s = (struct moot_sandbox_watch){.w = w,
                                     .info = memfd_create("info", MFD_CLOEXEC),
                                     .proc = -1,
                                     .tasks = tasks,
                                     .memory = memory,
                                     .over = over,
                                     .arg = arg};
    return s->info >= 0 ? MOOT_OK : MOOT_EIO;
}

void moot__sandbox_watch_stop(struct moot_sandbox_watch *s)
{
    if (s->w == NULL)
        return;
    if (s->timer != NULL)
        s->w->timer_stop(s->w->self, s->timer);
    if (s->info >= 0)
        close(s->info);
    if (s->proc >= 0)
        close(s->proc);
    memset(s, 0, sizeof(*s));
}

/* The first process inside, as bubblewrap wrote it down; 0: not yet. */
static int64_t first_process(const struct moot_sandbox_watch *s)
{
    char text[INFO_MAX];
    struct moot_json *info = NULL;
    ssize_t n = pread(s->info, text, sizeof(text), 0);
    if (n <= 0 || moot__json_parse(text, (size_t)n, &info, NULL) != MOOT_OK)
        return 0;
    int64_t child = moot__json_get_int(info, "child-pid", 0);
    moot__json_free(info);
    return child;
}

/* Until the sandbox stands the child's root is ours, and so is its /proc. */
static void find_proc(struct moot_sandbox_watch *s)
{
    struct stat ours, theirs;
    char path[64];
    int64_t child = first_process(s);
    if (child <= 0)
        return;
    snprintf(path, sizeof(path), "/proc/%lld/root/proc", (long long)child);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (stat("/proc", &ours) == 0 && fstat(fd, &theirs) == 0 && ours.st_dev != theirs.st_dev)
        s->proc = fd;
    else
        close(fd);
}

static size_t read_small(int proc, const char *pid, const char *name, char *out, size_t size)
{
    char path[280];
    snprintf(path, sizeof(path), "%s/%s", pid, name);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* A process's threads; one that is just ending counts as one. */
static int64_t threads_of(int proc, const char *pid)
{
    char text[1024];
    read_small(proc, pid, "stat", text, sizeof(text));
    const char *at = strrchr(text, ')'); /* its name may hold anything */
    for (int field = 2; at != NULL && field < FIELD_THREADS; field++) {
        at = strchr(at, ' ');
        at = at != NULL ? at + 1 : NULL;
    }
    long long n = at != NULL ? strtoll(at, NULL, 10) : 1;
    return n > 0 ? n : 1;
}

/* What it has in memory that no file holds as well. */
static int64_t memory_of(int proc, const char *pid)
{
    char text[256];
    long long size = 0, resident = 0, shared = 0;
    if (read_small(proc, pid, "statm", text, sizeof(text)) == 0 ||
        sscanf(text, "%lld %lld %lld", &size, &resident, &shared) != 3)
        return 0;
    return resident > shared ? (resident - shared) * sysconf(_SC_PAGESIZE) : 0;
}

/* What is used now; no further than to what is too much. */
static void add_up(const struct moot_sandbox_watch *s, int64_t *tasks, int64_t *memory)
{
    *tasks = 0;
    *memory = 0;
    int fd = openat(s->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *e;
         *tasks <= s->tasks + OWN_TASKS && *memory <= s->memory && (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] < '0' || e->d_name[0] > '9')
            continue;
        *tasks += threads_of(s->proc, e->d_name);
        *memory += memory_of(s->proc, e->d_name);
    }
    closedir(dir);
}

static void look(void *arg)
{
    struct moot_sandbox_watch *s = arg;
    int64_t tasks = 0, memory = 0;
    char why[96] = "";
    s->timer = NULL;
    if (s->proc < 0)
        find_proc(s);
    if (s->proc >= 0)
        add_up(s, &tasks, &memory);
    if (tasks > s->tasks + OWN_TASKS)
        snprintf(why, sizeof(why), "it started more than %lld processes", (long long)s->tasks);
    else if (memory > s->memory)
        snprintf(why, sizeof(why), "it used more than %lld MiB of memory",
                 (long long)(s->memory >> 20));
    else
        moot__sandbox_watch_start(s);
    if (why[0] != '\0')
        s->over(s->arg, why);
}

int moot__sandbox_watch_start(struct moot_sandbox_watch *s)
{
    return s->w->timer_start(s->w->self, LOOK_MS, look, s, &s->timer);
}
