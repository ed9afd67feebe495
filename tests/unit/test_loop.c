#include "runtime/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct moot_world *world(void)
{
    struct moot_world *w = NULL;
    struct moot_error err;
    assert_int_equal(moot__world_real(&w, &err), MOOT_OK);
    return w;
}

static void count(void *arg)
{
    (*(int *)arg)++;
}

static void test_clocks(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int64_t before = w->now_mono(w->self);
    assert_true(w->now_mono(w->self) >= before);
    assert_true(w->now_wall(w->self) > 1600000000000);
    unsigned char a[32] = {0};
    unsigned char b[32] = {0};
    w->random(w->self, a, sizeof(a));
    w->random(w->self, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    w->destroy(w->self);
}

static void test_timers_fire_in_order_and_not_early(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int fired[3] = {0};
    struct moot_timer *timers[3];
    int64_t start = w->now_mono(w->self);
    for (int i = 0; i < 3; i++)
        assert_int_equal(w->timer_start(w->self, 15 * (i + 1), count, &fired[i], &timers[i]), 0);
    w->timer_stop(w->self, timers[1]);
    while (fired[0] == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_true(w->now_mono(w->self) >= start + 15);
    assert_int_equal(fired[2], 0);
    while (fired[2] == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_true(w->now_mono(w->self) >= start + 45);
    assert_int_equal(fired[1], 0);
    assert_int_equal(w->turn(w->self, -1), MOOT_EINCOMPLETE);
    w->destroy(w->self);
}

/* A timer that is already due must end the turn, not merely run before a long wait. */
static void test_due_timer_ends_the_turn(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int due = 0;
    int later = 0;
    struct moot_timer *a;
    struct moot_timer *b;
    assert_int_equal(w->timer_start(w->self, 1, count, &due, &a), 0);
    assert_int_equal(w->timer_start(w->self, 600000, count, &later, &b), 0);
    usleep(20000);
    assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_int_equal(due, 1);
    w->timer_stop(w->self, b);
    w->destroy(w->self);
}

static void test_turn_times_out(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int fired = 0;
    struct moot_timer *timer;
    assert_int_equal(w->turn(w->self, 10), MOOT_EINCOMPLETE);
    assert_int_equal(w->timer_start(w->self, 600000, count, &fired, &timer), 0);
    assert_int_equal(w->turn(w->self, 0), MOOT_OK);
    assert_int_equal(w->turn(w->self, 10), MOOT_OK);
    assert_int_equal(fired, 0);
    w->timer_stop(w->self, timer);
    w->destroy(w->self);
}

struct waker {
    struct moot_world *w;
    int worked;
    int done;
    pthread_t thread;
};

static void waker_work(void *arg)
{
    struct waker *k = arg;
    k->worked = 1;
    k->thread = pthread_self();
}

static void waker_done(void *arg)
{
    struct waker *k = arg;
    assert_int_equal(k->worked, 1);
    k->done = 1;
}

static void test_pool(void **state)
{
    (void)state;
    struct waker k = {.w = world()};
    assert_int_equal(k.w->pool(k.w->self, waker_work, waker_done, &k), 0);
    assert_int_equal(k.done, 0);
    while (k.done == 0)
        assert_int_equal(k.w->turn(k.w->self, -1), MOOT_OK);
    assert_false(pthread_equal(k.thread, pthread_self()));
    k.w->destroy(k.w->self);
}

static void *wake_from_afar(void *arg)
{
    struct moot_world *w = arg;
    usleep(5000);
    w->wake(w->self);
    return NULL;
}

static void test_wake(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int fired = 0;
    struct moot_timer *timer;
    assert_int_equal(w->timer_start(w->self, 600000, count, &fired, &timer), 0);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_from_afar, w), 0);
    assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    pthread_join(thread, NULL);
    assert_int_equal(fired, 0);
    w->timer_stop(w->self, timer);
    w->destroy(w->self);
}

struct ran {
    int calls;
    int status;
    int exit_code;
    int signal;
    char *out;
    size_t out_len;
    char *err_out;
    struct moot_error error;
};

static void ran_done(void *arg, const struct moot_spawn_result *r)
{
    struct ran *ran = arg;
    ran->calls++;
    ran->status = r->status;
    ran->exit_code = r->exit_code;
    ran->signal = r->signal;
    ran->out = moot__copy(r->out, r->out_len);
    ran->out_len = r->out_len;
    ran->err_out = moot__copy(r->err_out, r->err_len);
    ran->error = r->error;
}

static struct ran run_spec(struct moot_world *w, const struct moot_spawn *spec)
{
    struct ran ran = {0};
    struct moot_process *p = NULL;
    struct moot_error err;
    assert_int_equal(w->spawn(w->self, spec, ran_done, &ran, &p, &err), MOOT_OK);
    assert_int_equal(ran.calls, 0);
    while (ran.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    return ran;
}

static struct ran run_shell(struct moot_world *w, const char *script, const char *input,
                            int64_t deadline_ms, size_t max_output)
{
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    const char *env[] = {"PATH=/usr/bin:/bin", "WORD=green", NULL};
    struct moot_spawn spec = {.argv = argv,
                              .env = env,
                              .input = input,
                              .input_len = input != NULL ? strlen(input) : 0,
                              .deadline_ms = deadline_ms,
                              .max_output = max_output};
    return run_spec(w, &spec);
}

static void ran_free(struct ran *ran)
{
    free(ran->out);
    free(ran->err_out);
}

static void test_spawn(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct ran ran = run_shell(w, "cat; echo $WORD; echo oops >&2; exit 3", "hello ", 0, 0);
    assert_int_equal(ran.status, MOOT_OK);
    assert_int_equal(ran.exit_code, 3);
    assert_int_equal(ran.signal, 0);
    assert_string_equal(ran.out, "hello green\n");
    assert_string_equal(ran.err_out, "oops\n");
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_inherits_nothing(void **state)
{
    (void)state;
    struct moot_world *w = world();
    setenv("MOOT_TEST_SECRET", "x", 1);
    const char *argv[] = {"/usr/bin/env", NULL};
    struct ran ran = run_spec(w, &(struct moot_spawn){.argv = argv});
    assert_int_equal(ran.status, MOOT_OK);
    assert_string_equal(ran.out, "");
    ran_free(&ran);
    /* no descriptor above the three (ls itself opens one) */
    ran = run_shell(w, "ls /proc/self/fd | wc -l; readlink /proc/self/fd/0", NULL, 0, 0);
    assert_string_equal(ran.out, "4\n/dev/null\n");
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_keeps_descriptors(void **state)
{
    (void)state;
    struct moot_world *w = world();
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int fd = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
    char script[64];
    snprintf(script, sizeof(script), "echo through > /proc/self/fd/%d", fd);
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    struct ran ran =
        run_spec(w, &(struct moot_spawn){.argv = argv, .keep_fds = &fd, .keep_fd_count = 1});
    assert_true(fd >= 3);
    assert_int_equal(ran.exit_code, 0);
    char text[16] = {0};
    assert_int_equal(read(ends[0], text, sizeof(text) - 1), 8);
    assert_string_equal(text, "through\n");
    ran_free(&ran);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    w->destroy(w->self);
}

static void test_spawn_deadline_kills_the_group(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct ran ran = run_shell(w, "sleep 1000 & echo $!; wait", NULL, 200, 0);
    assert_int_equal(ran.status, MOOT_ETIMEOUT);
    assert_int_equal(ran.exit_code, -1);
    assert_int_equal(ran.signal, SIGKILL);
    assert_non_null(strstr(ran.error.message, "200 ms"));
    pid_t child = (pid_t)strtol(ran.out, NULL, 10);
    assert_true(child > 1);
    /* dead, or a zombie that its new parent has not fetched yet */
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)child);
    FILE *f = fopen(path, "r");
    if (f != NULL) {
        assert_int_equal(fgetc(f), EOF);
        fclose(f);
    }
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_daemon_does_not_hold_it_up(void **state)
{
    (void)state;
    struct moot_world *w = world();
    /* it leaves the group and keeps standard output open */
    struct ran ran = run_shell(w, "setsid sleep 5 & echo begun", NULL, 0, 0);
    assert_int_equal(ran.status, MOOT_OK);
    assert_int_equal(ran.exit_code, 0);
    assert_string_equal(ran.out, "begun\n");
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_output_cap(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct ran ran = run_shell(w, "while :; do echo aaaaaaaaaaaaaaaaaaaa; done", NULL, 0, 1000);
    assert_int_equal(ran.status, MOOT_ETOOBIG);
    assert_int_equal(ran.out_len, 1000);
    ran_free(&ran);
    ran = run_shell(w, "while :; do echo aaaaaaaaaaaaaaaaaaaa; done >&2", NULL, 0, 1000);
    assert_int_equal(ran.status, MOOT_ETOOBIG);
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_input_that_nobody_reads(void **state)
{
    (void)state;
    struct moot_world *w = world();
    size_t len = 4u << 20;
    char *input = malloc(len);
    assert_non_null(input);
    memset(input, 'x', len);
    const char *argv[] = {"/bin/true", NULL};
    struct ran ran =
        run_spec(w, &(struct moot_spawn){.argv = argv, .input = input, .input_len = len});
    assert_int_equal(ran.exit_code, 0);
    ran_free(&ran);
    free(input);
    w->destroy(w->self);
}

static void test_spawn_kill(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct ran ran = {0};
    struct moot_process *p = NULL;
    struct moot_error err;
    const char *argv[] = {"/bin/sleep", "1000", NULL};
    struct moot_spawn spec = {.argv = argv};
    assert_int_equal(w->spawn(w->self, &spec, ran_done, &ran, &p, &err), MOOT_OK);
    w->spawn_kill(w->self, p);
    assert_int_equal(ran.calls, 0);
    while (ran.calls == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    assert_int_equal(ran.status, MOOT_ECANCELED);
    ran_free(&ran);
    w->destroy(w->self);
}

static void test_spawn_failures(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct ran ran = {0};
    struct moot_process *p = NULL;
    struct moot_error err;
    const char *argv[] = {"/no/such/program", NULL};
    struct moot_spawn spec = {.argv = argv};
    assert_int_equal(w->spawn(w->self, &spec, ran_done, &ran, &p, &err), MOOT_ENOTFOUND);
    assert_string_equal(err.message, "cannot start '/no/such/program': no such file or directory");
    int wild = 1 << 20;
    const char *good[] = {"/bin/true", NULL};
    spec = (struct moot_spawn){.argv = good, .keep_fds = &wild, .keep_fd_count = 1};
    assert_int_equal(w->spawn(w->self, &spec, ran_done, &ran, &p, &err), MOOT_EINVAL);
    while (w->turn(w->self, 0) == MOOT_OK)
        continue;
    assert_int_equal(ran.calls, 0);
    w->destroy(w->self);
}

static void test_watch(void **state)
{
    (void)state;
    struct moot_world *w = world();
    char dir[] = "/tmp/moot-watch-XXXXXX";
    assert_non_null(mkdtemp(dir));
    int changes = 0;
    struct moot_watch *watch = NULL;
    assert_int_equal(w->watch(w->self, dir, count, &changes, &watch), 0);
    char path[64];
    snprintf(path, sizeof(path), "%s/post", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fclose(f);
    while (changes == 0)
        assert_int_equal(w->turn(w->self, -1), MOOT_OK);
    w->unwatch(w->self, watch);
    unlink(path);
    rmdir(dir);
    assert_int_equal(w->turn(w->self, -1), MOOT_EINCOMPLETE);
    /* a folder that is not there yet is looked for again */
    assert_int_equal(w->watch(w->self, "/tmp/moot-no-such-folder", count, &changes, &watch), 0);
    w->unwatch(w->self, watch);
    w->destroy(w->self);
}

struct resolved {
    int calls;
    bool found;
};

static void resolved_done(void *arg, const struct addrinfo *found, const char *why)
{
    struct resolved *r = arg;
    r->calls++;
    r->found = found != NULL;
    assert_true((why == NULL) == (found != NULL));
}

static void test_resolve(void **state)
{
    (void)state;
    struct moot_world *w = world();
    struct resolved r = {0};
    struct moot_resolve *resolve = NULL;
    assert_int_equal(moot__loop_resolve(w->self, "127.0.0.1", resolved_done, &r, &resolve), 0);
    while (w->turn(w->self, -1) == MOOT_OK)
        continue;
    assert_int_equal(r.calls, 1);
    assert_true(r.found);
    assert_int_equal(moot__loop_resolve(w->self, "a.invalid", resolved_done, &r, &resolve), 0);
    moot__loop_resolve_cancel(resolve);
    while (w->turn(w->self, -1) == MOOT_OK)
        continue;
    assert_int_equal(r.calls, 1);
    w->destroy(w->self);
}

/* destroy waits for what was cancelled and what is still running on the pool */
static void test_destroy_waits(void **state)
{
    (void)state;
    struct waker k = {.w = world()};
    struct ran ran = {0};
    struct moot_process *p = NULL;
    struct moot_error err;
    const char *argv[] = {"/bin/sleep", "1000", NULL};
    struct moot_spawn spec = {.argv = argv};
    assert_int_equal(k.w->spawn(k.w->self, &spec, ran_done, &ran, &p, &err), MOOT_OK);
    assert_int_equal(k.w->pool(k.w->self, waker_work, waker_done, &k), 0);
    k.w->spawn_kill(k.w->self, p);
    k.w->destroy(k.w->self);
    assert_int_equal(ran.calls, 1);
    assert_int_equal(k.done, 1);
    ran_free(&ran);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_timers_fire_in_order_and_not_early),
        cmocka_unit_test(test_due_timer_ends_the_turn),
        cmocka_unit_test(test_turn_times_out),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_spawn),
        cmocka_unit_test(test_spawn_inherits_nothing),
        cmocka_unit_test(test_spawn_keeps_descriptors),
        cmocka_unit_test(test_spawn_deadline_kills_the_group),
        cmocka_unit_test(test_spawn_daemon_does_not_hold_it_up),
        cmocka_unit_test(test_spawn_output_cap),
        cmocka_unit_test(test_spawn_input_that_nobody_reads),
        cmocka_unit_test(test_spawn_kill),
        cmocka_unit_test(test_spawn_failures),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_destroy_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
