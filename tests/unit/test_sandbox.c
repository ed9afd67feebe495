/* What a program can and cannot do inside the fence. Skipped, saying so, where there is none. */
#include "runtime/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct moot_world *w;
static char top[64]; /* holds "secret", "box" (the workspace) and "crew" (the folder) */
static char box_dir[96];
static char crew_dir[96];

struct ran {
    int calls;
    int status;
    int exit_code;
    char out[4096];
    char err_out[4096];
    struct moot_error error;
};

static void ran_done(void *arg, const struct moot_spawn_result *r)
{
    struct ran *ran = arg;
    ran->calls++;
    ran->status = r->status;
    ran->exit_code = r->exit_code;
    snprintf(ran->out, sizeof(ran->out), "%s", r->out);
    snprintf(ran->err_out, sizeof(ran->err_out), "%s", r->err_out);
    ran->error = r->error;
}

static struct ran run(const char *script, const struct moot_sandbox *box, int64_t deadline_ms)
{
    struct ran ran = {0};
    struct moot_error err = {0};
    struct moot_sandbox_run *fenced = NULL;
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    const char *env[] = {"PATH=/usr/bin:/bin", "WORD=green", NULL};
    struct moot_spawn inner = {.argv = argv,
                               .env = env,
                               .input = "given",
                               .input_len = 5,
                               .deadline_ms = deadline_ms > 0 ? deadline_ms : 30000};
    int status = moot__sandbox_spawn(w, box, &inner, ran_done, &ran, &fenced, &err);
    if (status != MOOT_OK)
        fail_msg("%s", err.message);
    while (ran.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    return ran;
}

static struct moot_sandbox usual(void)
{
    return (struct moot_sandbox){.workspace = box_dir, .folder = crew_dir};
}

struct probed {
    int calls;
    bool here;
    struct moot_error why;
};

static void probed_done(void *arg, const struct moot_error *why)
{
    struct probed *p = arg;
    p->calls++;
    p->here = why == NULL;
    if (why != NULL)
        p->why = *why;
}

/* Whether there is a sandbox; the test is skipped if not. */
static void need_sandbox(void)
{
    struct probed p = {0};
    int status = moot__sandbox_probe(w, probed_done, &p, &p.why);
    while (status == MOOT_OK && p.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    if (status == MOOT_OK && p.here)
        return;
    assert_string_not_equal(p.why.message, "");
    print_message("SKIPPED: %s\n", p.why.message);
    skip();
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int set_up(void **state)
{
    (void)state;
    char path[128];
    snprintf(top, sizeof(top), "/tmp/moot-sandbox-XXXXXX");
    assert_non_null(mkdtemp(top));
    snprintf(box_dir, sizeof(box_dir), "%s/box", top);
    snprintf(crew_dir, sizeof(crew_dir), "%s/crew", top);
    assert_int_equal(mkdir(box_dir, 0700), 0);
    assert_int_equal(mkdir(crew_dir, 0700), 0);
    snprintf(path, sizeof(path), "%s/secret", top);
    put(path, "SECRET");
    snprintf(path, sizeof(path), "%s/.env", crew_dir);
    put(path, "KEY=SECRET");
    snprintf(path, sizeof(path), "%s/data.txt", crew_dir);
    put(path, "data");
    snprintf(path, sizeof(path), "%s/.moot", crew_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.moot/run.db", crew_dir);
    put(path, "SECRET");
    static const char *const deep[] = {"crew/other", "crew/other/.moot", "box/.moot"};
    for (size_t i = 0; i < MOOT_COUNT(deep); i++) {
        snprintf(path, sizeof(path), "%s/%s", top, deep[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof(path), "%s/other/.moot/run.db", crew_dir);
    put(path, "SECRET");
    snprintf(path, sizeof(path), "%s/other/.env", crew_dir);
    put(path, "KEY=SECRET");
    snprintf(path, sizeof(path), "%s/config", crew_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    setenv("XDG_CONFIG_HOME", path, 1);
    snprintf(path, sizeof(path), "%s/config/folkmoot", crew_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/config/folkmoot/owner.key", crew_dir);
    put(path, "SECRET");
    return moot__world_real(&w, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    const char *argv[] = {"/bin/rm", "-rf", top, NULL};
    struct ran ran = {0};
    struct moot_process *p = NULL;
    struct moot_spawn spec = {.argv = argv};
    assert_int_equal(w->spawn(w->self, &spec, ran_done, &ran, &p, NULL), MOOT_OK);
    while (ran.calls == 0)
        w->turn(w->self, -1);
    w->destroy(w->self);
    return 0;
}

static void test_runs(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    char script[256];
    snprintf(script, sizeof(script),
             "cat; echo \" $WORD $HOME\"; pwd; cat %s/data.txt; echo x > made; id -u; exit 3",
             crew_dir);
    struct ran ran = run(script, &box, 0);
    char wanted[256];
    snprintf(wanted, sizeof(wanted), "given green /tmp\n%s\ndata65534\n", box_dir);
    assert_int_equal(ran.status, MOOT_OK);
    assert_string_equal(ran.out, wanted);
    assert_int_equal(ran.exit_code, 3);
    char made[128];
    struct stat st;
    snprintf(made, sizeof(made), "%s/made", box_dir);
    assert_int_equal(stat(made, &st), 0);
    /* without a workspace it starts in the folder, which it cannot write */
    box.workspace = NULL;
    ran = run("pwd; echo x > made && echo written", &box, 0);
    snprintf(wanted, sizeof(wanted), "%s\n", crew_dir);
    assert_string_equal(ran.out, wanted);
    /* and with neither, in a place of its own */
    box.folder = NULL;
    ran = run("pwd; echo x > made && echo written", &box, 0);
    assert_string_equal(ran.out, "/tmp\nwritten\n");
}

/* Each script tries something; nothing of it may say ESCAPED, nor show a SECRET. */
static const char *const escapes[] = {
    "cat $TOP/secret",
    "cat /proc/1/root$TOP/secret",
    "cat $TOP/crew/.env $TOP/crew/.moot/run.db $TOP/crew/config/folkmoot/owner.key",
    "echo x > $TOP/crew/new && echo ESCAPED",
    "echo x > /usr/new && echo ESCAPED",
    "echo x > $TOP/new",
    "ln -s $TOP/secret link; cat link",
    "cat /etc/passwd /etc/shadow && echo ESCAPED",
    "ls -d /home /root /var /sys && echo ESCAPED",
    "mount -t tmpfs none /mnt && echo ESCAPED",
    "mount --bind / /tmp && echo ESCAPED",
    "unshare -U true && echo ESCAPED",
    "unshare -Ur true && echo ESCAPED",
    "unshare -n true && echo ESCAPED",
    "nsenter -t 1 -m true && echo ESCAPED",
    "chroot / true && echo ESCAPED",
    "mknod dev c 1 1 && echo ESCAPED",
    "test $(ps ax 2>/dev/null | wc -l) -gt 20 && echo ESCAPED",
    "kill -9 1 2>/dev/null; kill -0 $MOOT_TEST_PID 2>/dev/null && echo ESCAPED",
    "ls /sys/class/net/eth0 && echo ESCAPED",
    "grep -v ' lo\\|00000000' /proc/net/route | grep -q 0 && echo ESCAPED",
    "test -S /var/run/docker.sock && echo ESCAPED",
    "tr '\\0' '\\n' < /proc/self/environ | grep -i secret && echo ESCAPED",
    "hostname | grep -v sandbox && echo ESCAPED",
    "dmesg >/dev/null 2>&1 && echo ESCAPED",
    "grep -q 'NoNewPrivs:.1' /proc/self/status || echo ESCAPED",
    "grep -q 'Seccomp:.2' /proc/self/status || echo ESCAPED",
    "v=$(cat /proc/sys/vm/swappiness); echo $v > /proc/sys/vm/swappiness && echo ESCAPED",
    "v=$(cat /proc/sys/kernel/core_pattern); echo \"$v\" > /proc/sys/kernel/core_pattern && "
    "echo ESCAPED",
    "cat $TOP/crew/other/.moot/run.db $TOP/crew/other/.env",
    "echo x > $TOP/box/.moot/forged && echo ESCAPED",
    "rmdir $TOP/box/.moot 2>/dev/null && echo ESCAPED",
    "mv $TOP/box/.moot $TOP/box/moved 2>/dev/null && echo ESCAPED",
    "echo x > /new && echo ESCAPED",
    "echo x > /dev/new && echo ESCAPED",
    "head -c 100000000 /dev/zero > /dev/shm/new && echo ESCAPED",
    "grep -q 'CapEff:.0000000000000000' /proc/self/status || echo ESCAPED",
};

static void test_escapes(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    setenv("MOOT_TEST_SECRET", "SECRET", 1);
    for (size_t i = 0; i < MOOT_COUNT(escapes); i++) {
        char script[512];
        snprintf(script, sizeof(script), "TOP=%s; MOOT_TEST_PID=%ld; %s", top, (long)getpid(),
                 escapes[i]);
        struct ran ran = run(script, &box, 0);
        if (ran.status != MOOT_OK || strstr(ran.out, "ESCAPED") != NULL ||
            strstr(ran.out, "SECRET") != NULL)
            fail_msg("%s: %d\n%s%s", escapes[i], ran.status, ran.out, ran.err_out);
    }
    /* what it may write outside of the workspace is a place of its own, gone with it */
    char path[128];
    struct stat st;
    snprintf(path, sizeof(path), "%s/new", top);
    assert_int_not_equal(stat(path, &st), 0);
}

/* System calls that the filter denies, made directly. */
static void test_filter(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    static const char *const calls[] = {
        "101, 0, 0, 0, 0",            /* ptrace */
        "250, 0, 0, 0, 0",            /* keyctl */
        "321, 0, 0, 0",               /* bpf */
        "298, 0, 0, 0, 0, 0",         /* perf_event_open */
        "323, 0",                     /* userfaultfd */
        "425, 1, 0",                  /* io_uring_setup */
        "272, 0x10000000",            /* unshare, of users */
        "56, 0x10000011, 0, 0, 0, 0", /* clone, with users of its own */
        "304, 0, 0, 0",               /* open_by_handle_at */
        "310, 1, 0, 0, 0, 0, 0",      /* process_vm_readv */
        "16, 0, 0x5412, 0",           /* ioctl TIOCSTI */
    };
    for (size_t i = 0; i < MOOT_COUNT(calls); i++) {
        char script[512];
        snprintf(script, sizeof(script),
                 "perl -e '$! = 0; my $r = syscall(%s); print \"$r \", $!+0, \"\\n\"' || echo none",
                 calls[i]);
        struct ran ran = run(script, &box, 0);
#if defined(__x86_64__)
        if (strcmp(ran.out, "-1 1\n") != 0 && strcmp(ran.out, "none\n") != 0)
            fail_msg("%s: %s%s", calls[i], ran.out, ran.err_out);
#else
        assert_int_equal(ran.status, MOOT_OK);
#endif
    }
}

/* Sockets that the network namespace does not shut in are not made. */
static void test_sockets(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    struct ran ran =
        run("perl -MSocket -e 'for my $f (1 .. 45) { print \"$f \" if socket(my $s, $f, "
            "SOCK_DGRAM, 0) || socket($s, $f, SOCK_STREAM, 0) || socket($s, $f, SOCK_RAW, 0); }'",
            &box, 0);
    assert_int_equal(ran.status, MOOT_OK);
    assert_string_equal(ran.out, "1 2 10 16 ");
}

/* What a user who is not root can start, in a process that is no longer root. Returns 0 if it was
 * bounded. */
static int bomb_of_a_user(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        return 2;
    struct moot_world *own = NULL;
    struct ran ran = {0};
    struct moot_sandbox_run *fenced = NULL;
    const struct moot_sandbox box = {.processes = 20};
    const char *argv[] = {"perl", "-e",
                          "while ($n < 40) { my $p = fork; last unless defined $p;"
                          " if (!$p) { sleep 60; exit } $n++ } print $n < 20 ? 'held' : 'let'",
                          NULL};
    const struct moot_spawn inner = {.argv = argv, .deadline_ms = 20000};
    if (moot__world_real(&own, NULL) != MOOT_OK ||
        moot__sandbox_spawn(own, &box, &inner, ran_done, &ran, &fenced, NULL) != MOOT_OK)
        return 3;
    while (ran.calls == 0)
        own->turn(own->self, -1);
    own->destroy(own->self);
    if (strcmp(ran.out, "held") != 0)
        print_message("bomb: %d %s%s%s\n", ran.status, ran.out, ran.err_out, ran.error.message);
    return strcmp(ran.out, "held") == 0 ? 0 : 1;
}

static void test_bomb(void **state)
{
    (void)state;
    need_sandbox();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(bomb_of_a_user());
    int ended = -1;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
}

/* The kernel does not count what root starts; whoever watches does. A bomb that was not ended would
 * run into the deadline. */
static void test_watch(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    box.processes = 40;
    struct ran ran = run("perl -e 'fork while 1'", &box, 60000);
    if (geteuid() == 0) {
        assert_int_equal(ran.status, MOOT_ELIMIT);
        assert_string_equal(ran.error.message, "it started more than 40 processes and was killed");
    }
    assert_int_not_equal(ran.status, MOOT_ETIMEOUT);
    box = usual();
    box.memory = 256 << 20; /* each stays within, all together do not */
    ran = run("for i in 1 2 3 4; do perl -e '$x = \"a\" x (90 << 20); sleep 60' & done; wait", &box,
              60000);
    assert_int_equal(ran.status, MOOT_ELIMIT);
    assert_string_equal(ran.error.message, "it used more than 256 MiB of memory and was killed");
}

static void test_limits(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    box.file_bytes = 1 << 20;
    struct ran ran =
        run("dd if=/dev/zero of=big bs=65536 count=100 2>/dev/null; stat -c %s big", &box, 0);
    assert_string_equal(ran.out, "1048576\n");
    ran = run("dd if=/dev/zero of=/tmp/big bs=1048576 count=200 2>/dev/null; echo $?", &box, 0);
    assert_string_not_equal(ran.out, "0\n");
    box = usual();
    box.memory = 64 << 20;
    ran = run("perl -e '$x = \"a\" x (200 * 1024 * 1024); print \"ESCAPED\"'", &box, 0);
    assert_null(strstr(ran.out, "ESCAPED"));
}

/* Nothing of it lives on: neither what ran too long nor what it left behind. */
static void test_deadline(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    struct ran ran = run("setsid sh -c 'sleep 1; echo x > late' & setsid sh -c 'while :; do sleep "
                         "1; done' & sleep 1000",
                         &box, 300);
    assert_int_equal(ran.status, MOOT_ETIMEOUT);
    ran = run("setsid sh -c 'sleep 1; echo x > later' & echo gone", &box, 0);
    assert_int_equal(ran.status, MOOT_OK);
    assert_string_equal(ran.out, "gone\n");
    usleep(1300000);
    char path[128];
    struct stat st;
    snprintf(path, sizeof(path), "%s/late", box_dir);
    assert_int_not_equal(stat(path, &st), 0);
    snprintf(path, sizeof(path), "%s/later", box_dir);
    assert_int_not_equal(stat(path, &st), 0);
}

static void test_kill(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = usual();
    struct ran ran = {0};
    struct moot_sandbox_run *fenced = NULL;
    const char *argv[] = {"sleep", "1000", NULL};
    struct moot_spawn inner = {.argv = argv};
    assert_int_equal(moot__sandbox_spawn(w, &box, &inner, ran_done, &ran, &fenced, NULL), MOOT_OK);
    moot__sandbox_kill(fenced);
    assert_int_equal(ran.calls, 0);
    while (ran.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_int_equal(ran.status, MOOT_ECANCELED);
}

/* A folder that is not there: refused, and not run bare. */
static void test_refusal(void **state)
{
    (void)state;
    need_sandbox();
    struct moot_sandbox box = {.folder = "/nowhere/at/all"};
    struct ran ran = run("echo ESCAPED", &box, 0);
    assert_int_equal(ran.status, MOOT_EUNSUPPORTED);
    assert_non_null(strstr(ran.error.message, "no program is run"));
    assert_string_equal(ran.out, "");
    /* a program that is not there is no refusal */
    box = usual();
    struct ran missing = {0};
    struct moot_sandbox_run *fenced = NULL;
    const char *argv[] = {"/no/such/program", NULL};
    struct moot_spawn inner = {.argv = argv};
    assert_int_equal(moot__sandbox_spawn(w, &box, &inner, ran_done, &missing, &fenced, NULL),
                     MOOT_OK);
    while (missing.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_int_equal(missing.status, MOOT_OK);
    assert_int_equal(missing.exit_code, 127);
}

static void refused(const struct moot_sandbox *box, const char *says)
{
    const char *argv[] = {"true", NULL};
    struct moot_spawn inner = {.argv = argv};
    struct moot_sandbox_run *fenced = NULL;
    struct moot_error err = {0};
    struct ran ran = {0};
    assert_int_equal(moot__sandbox_spawn(w, box, &inner, ran_done, &ran, &fenced, &err),
                     MOOT_EDENIED);
    if (strstr(err.message, says) == NULL)
        fail_msg("%s", err.message);
    assert_int_equal(ran.calls, 0);
}

/* Folders that no program is run with, whatever it is. */
static void test_places(void **state)
{
    (void)state;
    static const char *const out_of_reach[] = {"crew/.moot", "crew/.moot/run.db",
                                               "crew/config/folkmoot", "crew/.env"};
    static const char *const system[] = {"/", "/proc", "/proc/self", "/sys", "/dev/shm", "/tmp"};
    for (size_t i = 0; i < MOOT_COUNT(out_of_reach) + MOOT_COUNT(system); i++) {
        char path[192];
        bool ours = i < MOOT_COUNT(out_of_reach);
        snprintf(path, sizeof(path), "%s%s%s", ours ? top : "", ours ? "/" : "",
                 ours ? out_of_reach[i] : system[i - MOOT_COUNT(out_of_reach)]);
        const char *const binds[] = {path, NULL};
        struct moot_sandbox box = {.folder = crew_dir, .binds = binds};
        refused(&box, ours ? "out of reach" : "has its own");
        box = (struct moot_sandbox){.workspace = path};
        refused(&box, "no program is run");
    }
    char *home = strdup(getenv("HOME") != NULL ? getenv("HOME") : "");
    setenv("HOME", crew_dir, 1);
    struct moot_sandbox box = {.folder = box_dir, .workspace = top};
    refused(&box, "home");
    setenv("HOME", home, 1);
    free(home);
}

/* A crew file in the home folder: what other programs keep there is not shown. */
static void test_home(void **state)
{
    (void)state;
    need_sandbox();
    char path[128];
    char *home = strdup(getenv("HOME") != NULL ? getenv("HOME") : "");
    setenv("HOME", crew_dir, 1);
    snprintf(path, sizeof(path), "%s/.ssh", crew_dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.ssh/id", crew_dir);
    put(path, "SECRET");
    snprintf(path, sizeof(path), "%s/.netrc", crew_dir);
    put(path, "SECRET");
    struct moot_sandbox box = usual();
    struct ran ran = run("cat ../crew/.ssh/id ../crew/.netrc", &box, 0);
    assert_int_equal(ran.status, MOOT_OK);
    assert_string_equal(ran.out, "");
    box.workspace = NULL;
    ran = run("cat data.txt .ssh/id .netrc", &box, 0);
    assert_string_equal(ran.out, "data");
    setenv("HOME", home, 1);
    free(home);
}

/* The word of whoever starts it where it starts comes first; a bind within the workspace stays
 * read-only, the workspace within the folder can be written. */
static void test_nested(void **state)
{
    (void)state;
    need_sandbox();
    char inner_box[128];
    char inner_bind[160];
    snprintf(inner_box, sizeof(inner_box), "%s/room", crew_dir);
    snprintf(inner_bind, sizeof(inner_bind), "%s/room/given", crew_dir);
    assert_int_equal(mkdir(inner_box, 0700), 0);
    assert_int_equal(mkdir(inner_bind, 0700), 0);
    const char *const binds[] = {inner_bind, NULL};
    struct moot_sandbox box = {.workspace = inner_box, .folder = crew_dir, .binds = binds};
    struct ran ran = run("echo x > new && echo w; echo x > given/new || echo r; echo x > ../new || "
                         "echo r",
                         &box, 0);
    assert_string_equal(ran.out, "w\nr\nr\n");
    struct moot_sandbox_run *fenced = NULL;
    const char *argv[] = {"pwd", NULL};
    struct moot_spawn spawn = {.argv = argv, .cwd = crew_dir};
    struct ran where = {0};
    assert_int_equal(moot__sandbox_spawn(w, &box, &spawn, ran_done, &where, &fenced, NULL),
                     MOOT_OK);
    while (where.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    where.out[strcspn(where.out, "\n")] = '\0';
    assert_string_equal(where.out, crew_dir);
}

#define BOX_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOX_TEST(test_runs),   BOX_TEST(test_escapes), BOX_TEST(test_filter),
        BOX_TEST(test_limits), BOX_TEST(test_watch),   BOX_TEST(test_deadline),
        BOX_TEST(test_kill),   BOX_TEST(test_refusal), BOX_TEST(test_sockets),
        BOX_TEST(test_bomb),   BOX_TEST(test_places),  BOX_TEST(test_home),
        BOX_TEST(test_nested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
