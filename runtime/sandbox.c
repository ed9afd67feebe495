#include "runtime/sandbox.h"

#include "runtime/guard.h"
#include "runtime/sandbox_watch.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WORDS_MAX = 4096,
    PLACES_MAX = 64,
    DEFAULT_CPU_S = 120,
    DEFAULT_PROCESSES = 128,
    OPEN_FILES = 256,
    TMP_BYTES = 64 * 1024 * 1024,
    SHM_BYTES = 16 * 1024 * 1024,
    NOTHING_BYTES = 4096,
    FIRST_FD = 3,
};

static const int64_t default_memory = (int64_t)4 << 30;
static const int64_t default_file_bytes = (int64_t)256 << 20;

struct moot_sandbox_run {
    struct moot_world *w;
    struct moot_process *process;
    char **words; /* bubblewrap's; owned */
    size_t count;
    int status; /* while the words are put together */
    int filter; /* the descriptor of the compiled filter */
    struct moot_sandbox_watch watch;
    char over[96]; /* why it was ended by the watch; or "" */
    void (*done)(void *arg, const struct moot_spawn_result *r);
    void *arg;
};

static void run_free(struct moot_sandbox_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        free(run->words[i]);
    free(run->words);
    if (run->filter >= 0)
        close(run->filter);
    moot__sandbox_watch_stop(&run->watch);
    free(run);
}

/* The filter: what a program of a crew never needs, and what has been used to get out of such
 * places. */

static const char *const denied_calls[] = {
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "unshare",
    "setns",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "quotactl_fd",
    "syslog",
    "vhangup",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "open_by_handle_at",
    "name_to_handle_at",
    "iopl",
    "ioperm",
    "modify_ldt",
    "vm86",
    "vm86old",
    "uselib",
    "lookup_dcookie",
    "nfsservctl",
    "fanotify_init",
    "personality",
};

static const uint64_t denied_clones[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                         CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

/* Local and IP sockets, and netlink for the resolver: these have a network of their own. Others
 * have not: the host of a virtual machine answers on AF_VSOCK. */
static int filter_sockets(scmp_filter_ctx filter)
{
    uint32_t no = SCMP_ACT_ERRNO(EAFNOSUPPORT);
    int failed =
        seccomp_rule_add(filter, no, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0));
    for (uint64_t family = AF_INET + 1; family < AF_NETLINK; family++) {
        if (family != AF_INET6)
            failed |=
                seccomp_rule_add(filter, no, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family, 0));
    }
    return failed;
}

static int filter_rules(scmp_filter_ctx filter)
{
    int failed = 0;
    for (size_t i = 0; i < MOOT_COUNT(denied_calls); i++) {
        int call = seccomp_syscall_resolve_name(denied_calls[i]);
        if (call >= 0) /* this machine has it */
            failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    }
    for (size_t i = 0; i < MOOT_COUNT(denied_clones); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, denied_clones[i], denied_clones[i]));
    /* Its flags lie in memory, where no filter can look: the C library falls back to clone. */
    failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* Typing into the terminal that started us. */
    static const uint64_t typing[] = {TIOCSTI, TIOCLINUX};
    for (size_t i = 0; i < MOOT_COUNT(typing); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                   SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, typing[i]));
    return failed | filter_sockets(filter);
}

/* The compiled filter in a file in memory; -1: it could not be made. */
static int filter_make(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return -1;
    int fd = memfd_create("filter", MFD_CLOEXEC);
    bool good = fd >= 0 && filter_rules(filter) == 0 && seccomp_export_bpf(filter, fd) == 0 &&
                lseek(fd, 0, SEEK_SET) == 0;
    seccomp_release(filter);
    if (!good && fd >= 0)
        close(fd);
    return good ? fd : -1;
}

/* The words of bubblewrap's command line */

static void add(struct moot_sandbox_run *run, const char *word)
{
    if (run->status != MOOT_OK)
        return;
    if (run->count + 1 >= WORDS_MAX) {
        run->status = MOOT_ETOOBIG;
        return;
    }
    run->words[run->count] = moot__copy(word, strlen(word));
    if (run->words[run->count] == NULL)
        run->status = MOOT_ENOMEM;
    else
        run->count++;
}

static void add_all(struct moot_sandbox_run *run, const char *const *words)
{
    for (; *words != NULL; words++)
        add(run, *words);
}

static void add_three(struct moot_sandbox_run *run, const char *a, const char *b, const char *c)
{
    add(run, a);
    add(run, b);
    add(run, c);
}

static void add_number(struct moot_sandbox_run *run, const char *name, int64_t n)
{
    char text[64];
    snprintf(text, sizeof(text), "%s%lld", name, (long long)n);
    add(run, text);
}

/* The system, read-only: /usr, and the folders that are links into it. */
static void add_system(struct moot_sandbox_run *run)
{
    static const char *const folders[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
    static const char *const files[] = {"/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"};
    add_three(run, "--ro-bind", "/usr", "/usr");
    for (size_t i = 0; i < MOOT_COUNT(folders); i++) {
        struct stat st;
        char target[PATH_MAX];
        if (lstat(folders[i], &st) != 0)
            continue;
        ssize_t n = S_ISLNK(st.st_mode) ? readlink(folders[i], target, sizeof(target) - 1) : -1;
        if (n > 0) {
            target[n] = '\0';
            add_three(run, "--symlink", target, folders[i]);
        } else {
            add_three(run, "--ro-bind", folders[i], folders[i]);
        }
    }
    for (size_t i = 0; i < MOOT_COUNT(files); i++)
        add_three(run, "--ro-bind-try", files[i], files[i]);
}

/* A folder in memory that holds no more than that. */
static void add_memory(struct moot_sandbox_run *run, int64_t bytes, const char *path)
{
    add(run, "--size");
    add_number(run, "", bytes);
    add(run, "--tmpfs");
    add(run, path);
}

/* Root's files in /proc ask for no capability, but for root's number, which whoever root starts
 * keeps: inside, the settings of the whole machine could be written. */
static void add_own(struct moot_sandbox_run *run)
{
    static const char *const settings[] = {
        "/proc/sys",  "/proc/sysrq-trigger", "/proc/irq",    "/proc/bus",    "/proc/fs",
        "/proc/acpi", "/proc/scsi",          "/proc/asound", "/proc/driver", "/proc/mtrr"};
    add(run, "--proc");
    add(run, "/proc");
    for (size_t i = 0; geteuid() == 0 && i < MOOT_COUNT(settings); i++)
        add_three(run, "--ro-bind-try", settings[i], settings[i]);
    add(run, "--dev");
    add(run, "/dev");
    add_memory(run, SHM_BYTES, "/dev/shm");
    add_memory(run, TMP_BYTES, "/tmp");
}

/* What is shown: the outer before the inner, since the last one counts. */
struct places {
    struct place {
        const char *path;
        bool writable;
    } list[PLACES_MAX];
    size_t count;
};

static int by_depth(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    size_t nx = strlen(x->path), ny = strlen(y->path);
    if (nx != ny)
        return nx < ny ? -1 : 1;
    return (int)x->writable - (int)y->writable;
}

/* Whether the sandbox has this of its own, or it is all there is. */
static bool is_system(const char *path)
{
    static const char *const own[] = {"/proc", "/sys", "/dev"};
    for (size_t i = 0; i < MOOT_COUNT(own); i++) {
        size_t len = strlen(own[i]);
        if (strncmp(path, own[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return strcmp(path, "/") == 0 || strcmp(path, "/tmp") == 0;
}

static int add_place(struct places *p, const char *path, bool writable, struct moot_error *err)
{
    const char *why = NULL;
    if (path == NULL)
        return MOOT_OK;
    if (is_system(path))
        why = "the sandbox has its own";
    else if (moot__guard_path(path))
        why = "journals, keys and secrets are out of reach";
    else if (writable && moot__guard_home(path))
        why = "your whole home folder is no workspace";
    else if (p->count == PLACES_MAX)
        why = "there are too many folders";
    if (why != NULL)
        return moot__fail(err, MOOT_EDENIED, "no program is run with %.300s: %s", path, why);
    p->list[p->count++] = (struct place){path, writable};
    return MOOT_OK;
}

static int find_places(const struct moot_sandbox *box, struct places *out, struct moot_error *err)
{
    int status = add_place(out, box->folder, false, err);
    for (size_t i = 0; box->binds != NULL && box->binds[i] != NULL && status == MOOT_OK; i++)
        status = add_place(out, box->binds[i], false, err);
    if (status == MOOT_OK)
        status = add_place(out, box->workspace, true, err);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof(out->list[0]), by_depth);
    return status;
}

/* Something empty over everything that is out of reach. */
static int hide(struct moot_sandbox_run *run, const struct places *p, struct moot_error *err)
{
    const char *folders[PLACES_MAX];
    struct moot_guard_list hidden = {0};
    for (size_t i = 0; i < p->count; i++)
        folders[i] = p->list[i].path;
    int status = moot__guard_find(folders, p->count, &hidden, err);
    for (size_t i = 0; i < hidden.count && status == MOOT_OK; i++) {
        const char *path = hidden.items[i].path;
        if (hidden.items[i].is_folder) {
            add_memory(run, NOTHING_BYTES, path);
            add(run, "--remount-ro");
            add(run, path);
        } else {
            add_three(run, "--ro-bind", "/dev/null", path);
        }
    }
    moot__guard_release(&hidden);
    if (status == MOOT_OK || status == MOOT_ENOMEM)
        return status;
    moot__fail_wrap(err, "no program is run: its folders cannot be looked through");
    return MOOT_EDENIED;
}

static int add_places(struct moot_sandbox_run *run, const struct moot_sandbox *box,
                      const char *start, struct moot_error *err)
{
    struct places p = {0};
    int status = find_places(box, &p, err);
    for (size_t i = 0; i < p.count; i++) {
        const char *path = p.list[i].path;
        add_three(run, p.list[i].writable ? "--bind" : "--ro-bind", path, path);
    }
    if (status == MOOT_OK)
        status = hide(run, &p, err);
    /* Not to be filled either: they are memory. */
    add_three(run, "--remount-ro", "/dev", "--remount-ro");
    add_three(run, "/", "--chdir",
              start != NULL            ? start
              : box->workspace != NULL ? box->workspace
              : box->folder != NULL    ? box->folder
                                       : "/tmp");
    return status;
}

static int64_t memory_of(const struct moot_sandbox *box)
{
    return box->memory > 0 ? box->memory : default_memory;
}

static int64_t processes_of(const struct moot_sandbox *box)
{
    return box->processes > 0 ? box->processes : DEFAULT_PROCESSES;
}

/* Limits of resources are set inside: outside they would count all of the user's processes. */
static void add_limits(struct moot_sandbox_run *run, const struct moot_sandbox *box)
{
    add(run, "prlimit");
    add_number(run, "--as=", memory_of(box));
    add_number(run, "--cpu=", box->cpu_seconds > 0 ? box->cpu_seconds : DEFAULT_CPU_S);
    add_number(run, "--fsize=", box->file_bytes > 0 ? box->file_bytes : default_file_bytes);
    add_number(run, "--nproc=", processes_of(box));
    add_number(run, "--nofile=", OPEN_FILES);
    add_number(run, "--core=", 0);
    add(run, "--");
}

static void add_env(struct moot_sandbox_run *run, const char *const *env)
{
    for (size_t i = 0; env != NULL && env[i] != NULL; i++) {
        const char *equals = strchr(env[i], '=');
        char *name = equals != NULL ? moot__copy(env[i], (size_t)(equals - env[i])) : NULL;
        if (name == NULL) {
            run->status = run->status != MOOT_OK ? run->status : MOOT_ENOMEM;
            return;
        }
        add_three(run, "--setenv", name, equals + 1);
        free(name);
    }
}

static int make_words(struct moot_sandbox_run *run, const struct moot_sandbox *box,
                      const struct moot_spawn *inner, struct moot_error *err)
{
    static const char *const begin[] = {"bwrap",
                                        "--unshare-all",
                                        "--unshare-user",
                                        "--uid",
                                        "65534",
                                        "--gid",
                                        "65534",
                                        "--hostname",
                                        "sandbox",
                                        "--die-with-parent",
                                        "--new-session",
                                        "--cap-drop",
                                        "ALL",
                                        "--clearenv",
                                        NULL};
    run->words = calloc(WORDS_MAX, sizeof(*run->words));
    if (run->words == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    add_all(run, begin);
    add_system(run);
    add_own(run);
    int status = add_places(run, box, inner->cwd, err);
    if (status != MOOT_OK)
        return status;
    add_env(run, inner->env);
    add_three(run, "--setenv", "HOME", "/tmp");
    add(run, "--seccomp");
    add_number(run, "", run->filter);
    add(run, "--info-fd");
    add_number(run, "", run->watch.info);
    add(run, "--");
    add_limits(run, box);
    add_all(run, inner->argv);
    if (run->status != MOOT_OK)
        moot__fail(err, run->status, "the command is too long for the sandbox");
    return run->status;
}

/* What bubblewrap says when it cannot set the fence up: "bwrap: …" and exit 1, nothing else. */
static bool is_refusal(const struct moot_spawn_result *r)
{
    return r->status == MOOT_OK && r->exit_code == 1 && r->out_len == 0 &&
           strncmp(r->err_out, "bwrap: ", 7) == 0;
}

static void run_over(void *arg, const char *why)
{
    struct moot_sandbox_run *run = arg;
    snprintf(run->over, sizeof(run->over), "%s", why);
    moot__sandbox_kill(run);
}

static void run_done(void *arg, const struct moot_spawn_result *r)
{
    struct moot_sandbox_run *run = arg;
    void (*done)(void *, const struct moot_spawn_result *) = run->done;
    void *done_arg = run->arg;
    struct moot_spawn_result result = *r;
    if (r->status == MOOT_ECANCELED && run->over[0] != '\0')
        result.status = moot__fail(&result.error, MOOT_ELIMIT, "%s and was killed", run->over);
    run_free(run);
    /* What cannot be run inside is the program's trouble: "bwrap: execvp x" comes from prlimit
     * then. */
    if (is_refusal(r)) {
        const char *why = r->err_out + 7;
        result.status = moot__fail(&result.error, MOOT_EUNSUPPORTED,
                                   "no program is run: this system lets no sandbox be made: %.*s",
                                   (int)strcspn(why, "\n"), why);
        moot__fail_hint(&result.error,
                        "moot doctor says more; a tool of your own can be run without: "
                        "sandbox: none");
    }
    done(done_arg, &result);
}

int moot__sandbox_spawn(struct moot_world *w, const struct moot_sandbox *box,
                        const struct moot_spawn *inner,
                        void (*done)(void *arg, const struct moot_spawn_result *r), void *arg,
                        struct moot_sandbox_run **out, struct moot_error *err)
{
    static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin", NULL};
    struct moot_sandbox_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    run->w = w;
    run->done = done;
    run->arg = arg;
    run->filter = filter_make();
    int status = MOOT_OK;
    if (run->filter < FIRST_FD)
        status = moot__fail(err, MOOT_EUNSUPPORTED,
                            "no program is run: the filter of system calls cannot be made");
    else if (moot__sandbox_watch_init(&run->watch, w, processes_of(box), memory_of(box), run_over,
                                      run) != MOOT_OK)
        status = moot__fail(err, MOOT_EUNSUPPORTED, "no program is run: nobody could watch it");
    else
        status = make_words(run, box, inner, err);
    if (status == MOOT_OK) {
        const int kept[] = {run->filter, run->watch.info};
        struct moot_spawn outer = *inner;
        outer.argv = (const char *const *)run->words;
        outer.env = env;
        outer.cwd = "/";
        outer.keep_fds = kept;
        outer.keep_fd_count = MOOT_COUNT(kept);
        status = w->spawn(w->self, &outer, run_done, run, &run->process, err);
        if (status == MOOT_ENOTFOUND) {
            status = moot__fail(err, MOOT_EUNSUPPORTED,
                                "no program is run: bubblewrap is not installed");
            moot__fail_hint(err,
                            "install it (apt install bubblewrap); a tool of your own can be run "
                            "without: sandbox: none");
        }
        if (status == MOOT_OK && moot__sandbox_watch_start(&run->watch) != MOOT_OK)
            run_over(run, "nobody could watch it");
    }
    if (status != MOOT_OK) {
        run_free(run);
        return status;
    }
    *out = run;
    return MOOT_OK;
}

void moot__sandbox_kill(struct moot_sandbox_run *run)
{
    if (run != NULL)
        run->w->spawn_kill(run->w->self, run->process);
}

/* Probing */

struct probe {
    void (*done)(void *arg, const struct moot_error *why);
    void *arg;
};

static void probe_done(void *arg, const struct moot_spawn_result *r)
{
    struct probe probe = *(struct probe *)arg;
    struct moot_error why = r->error;
    free(arg);
    if (r->status == MOOT_OK && r->exit_code != 0)
        moot__fail(&why, MOOT_EUNSUPPORTED, "a program in the sandbox ended with %d: %.200s",
                   r->exit_code, r->err_out);
    probe.done(probe.arg, r->status == MOOT_OK && r->exit_code == 0 ? NULL : &why);
}

int moot__sandbox_probe(struct moot_world *w, void (*done)(void *arg, const struct moot_error *why),
                        void *arg, struct moot_error *err)
{
    static const char *const argv[] = {"true", NULL};
    static const struct moot_sandbox box = {0};
    struct moot_spawn inner = {.argv = argv, .deadline_ms = 10000};
    struct moot_sandbox_run *run = NULL;
    struct probe *probe = malloc(sizeof(*probe));
    if (probe == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    *probe = (struct probe){done, arg};
    int status = moot__sandbox_spawn(w, &box, &inner, probe_done, probe, &run, err);
    if (status != MOOT_OK)
        free(probe);
    return status;
}
