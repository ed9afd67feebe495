#include "tests/lib/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct seen {
    struct moot_world *w;
    char order[64];
    struct moot_buf data;
    struct moot_http_result http;
    char url[64];
    int http_done, program_done, program_status, exit_code;
    char out[64];
};

static struct seen s;

static void mark(char c)
{
    size_t n = strlen(s.order);
    assert_true(n + 1 < sizeof(s.order));
    s.order[n] = c;
    s.order[n + 1] = '\0';
}

static void fire_a(void *arg)
{
    (void)arg;
    mark('a');
}

static void fire_b(void *arg)
{
    (void)arg;
    struct moot_timer *t;
    mark('b');
    assert_int_equal(s.w->timer_start(s.w->self, 0, fire_a, NULL, &t), MOOT_OK);
}

static void begin(const struct sim_world_options *options)
{
    s = (struct seen){0};
    moot__buf_init(&s.data, 4096);
    s.w = sim_world_new(options);
    assert_non_null(s.w);
}

static void end(void)
{
    moot__buf_release(&s.data);
    s.w->destroy(s.w->self);
}

static void clock_moves_to_the_next_event(void **state)
{
    (void)state;
    begin(NULL);
    struct moot_timer *late, *soon, *never;
    int64_t wall = s.w->now_wall(s.w->self);
    assert_int_equal(s.w->timer_start(s.w->self, 3600000, fire_a, NULL, &late), MOOT_OK);
    assert_int_equal(s.w->timer_start(s.w->self, 50, fire_b, NULL, &soon), MOOT_OK);
    assert_int_equal(s.w->timer_start(s.w->self, 60, fire_b, NULL, &never), MOOT_OK);
    s.w->timer_stop(s.w->self, never);
    assert_int_equal(s.w->turn(s.w->self, 10), MOOT_OK);
    assert_int_equal(s.w->now_mono(s.w->self), 10);
    assert_string_equal(s.order, "");
    assert_int_equal(s.w->turn(s.w->self, -1), MOOT_OK);
    assert_int_equal(s.w->now_mono(s.w->self), 50);
    assert_string_equal(s.order, "b"); /* what b starts comes in the next turn */
    assert_int_equal(s.w->turn(s.w->self, 0), MOOT_OK);
    assert_string_equal(s.order, "ba");
    s.w->wake(s.w->self);
    assert_int_equal(s.w->turn(s.w->self, -1), MOOT_OK);
    assert_int_equal(s.w->now_mono(s.w->self), 50);
    assert_int_equal(sim_world_run(s.w, 3600000), MOOT_EINCOMPLETE);
    assert_string_equal(s.order, "baa");
    assert_true(s.w->now_wall(s.w->self) - wall >= 3600000);
    assert_int_equal(s.w->turn(s.w->self, -1), MOOT_EINCOMPLETE);
    end();
}

static void seeds_repeat(void **state)
{
    (void)state;
    unsigned char first[16], again[16], other[16];
    unsigned char *outs[] = {first, again, other};
    for (size_t i = 0; i < 3; i++) {
        begin(&(struct sim_world_options){.seed = i == 2 ? 8 : 7});
        s.w->random(s.w->self, outs[i], 16);
        end();
    }
    assert_memory_equal(first, again, 16);
    assert_memory_not_equal(first, other, 16);
}

static void answer(void *arg, const struct moot_http_request *request, const char *body, size_t len,
                   struct sim_http_reply *out)
{
    (void)request;
    *out = (struct sim_http_reply){.status = out->status,
                                   .http_status = out->http_status,
                                   .content_type = out->content_type,
                                   .retry_after_ms = out->retry_after_ms,
                                   .should_retry = out->should_retry,
                                   .delay_ms = *(int64_t *)arg,
                                   .piece = 4,
                                   .piece_ms = 10,
                                   .body = out->body};
    moot__buf_addf(&out->body, "you said %.*s", (int)len, body);
}

static int on_data(void *arg, const char *data, size_t len)
{
    (void)arg;
    mark('d');
    moot__buf_add(&s.data, data, len);
    return s.data.len > 8 && s.exit_code == 99;
}

static void on_done(void *arg, const struct moot_http_result *r)
{
    (void)arg;
    s.http_done++;
    s.http = *r;
    snprintf(s.url, sizeof(s.url), "%s", r->effective_url);
}

static struct moot_http *ask(void)
{
    struct moot_part parts[] = {{"he", 2}, {"llo", 3}};
    struct moot_http_request request = {
        .method = "POST", .url = "http://x/y", .body = parts, .body_count = 2};
    struct moot_http_events events = {on_data, on_done};
    struct moot_http *h = NULL;
    assert_int_equal(s.w->http_start(s.w->self, &request, &events, NULL, &h, NULL), MOOT_OK);
    return h;
}

static void exchanges(void **state)
{
    (void)state;
    int64_t delay = 100;
    struct sim_world_options options = {.arg = &delay, .http = answer};
    begin(&options);
    ask();
    assert_int_equal(s.http_done, 0);
    assert_int_equal(sim_world_run(s.w, 10000), MOOT_EINCOMPLETE);
    assert_int_equal(s.http_done, 1);
    assert_int_equal(s.http.status, MOOT_OK);
    assert_int_equal(s.http.http_status, 200);
    assert_string_equal(s.url, "http://x/y");
    assert_string_equal(moot__buf_text(&s.data), "you said hello");
    assert_string_equal(s.order, "dddd");

    delay = -1; /* silence is ended by the time-out */
    int64_t start = s.w->now_mono(s.w->self);
    ask();
    sim_world_run(s.w, 60000);
    assert_int_equal(s.http.status, MOOT_ETIMEOUT);
    assert_int_equal(s.w->now_mono(s.w->self) - start, 60000);

    delay = 5; /* cancelled half-way: done comes later, once */
    struct moot_http *h = ask();
    s.w->turn(s.w->self, -1);
    s.w->http_cancel(s.w->self, h);
    assert_int_equal(s.http_done, 2);
    s.w->turn(s.w->self, -1);
    assert_int_equal(s.http_done, 3);
    assert_int_equal(s.http.status, MOOT_ECANCELED);

    s.exit_code = 99; /* the reader has enough */
    moot__buf_clear(&s.data);
    ask();
    sim_world_run(s.w, 1000);
    assert_int_equal(s.http.status, MOOT_ECANCELED);
    assert_int_equal(s.data.len, 12);
    end();

    begin(NULL);
    ask();
    sim_world_run(s.w, 10);
    assert_int_equal(s.http.status, MOOT_ENETWORK);
    assert_int_equal(s.http.http_status, 0);
    end();
}

static void run_program(void *arg, const struct moot_spawn *spec, struct sim_program *out)
{
    (void)arg;
    moot__buf_adds(&out->out, spec->argv[0]);
    out->exit_code = 3;
    out->delay_ms = strcmp(spec->argv[0], "sleep") == 0 ? -1 : 20;
}

static void on_program(void *arg, const struct moot_spawn_result *r)
{
    (void)arg;
    s.program_done++;
    s.program_status = r->status;
    s.exit_code = r->exit_code;
    snprintf(s.out, sizeof(s.out), "%s", r->out);
}

static struct moot_process *start(const char *name, int64_t deadline)
{
    const char *argv[] = {name, NULL};
    struct moot_process *p = NULL;
    struct moot_spawn spec = {.argv = argv, .deadline_ms = deadline};
    assert_int_equal(s.w->spawn(s.w->self, &spec, on_program, NULL, &p, NULL), MOOT_OK);
    return p;
}

static void work(void *arg)
{
    (void)arg;
    mark('w');
}

static void programs_workers_and_watches(void **state)
{
    (void)state;
    begin(&(struct sim_world_options){.spawn = run_program});
    start("true", 0);
    sim_world_run(s.w, 100);
    assert_int_equal(s.program_status, MOOT_OK);
    assert_int_equal(s.exit_code, 3);
    assert_string_equal(s.out, "true");
    start("sleep", 500);
    sim_world_run(s.w, 1000);
    assert_int_equal(s.program_status, MOOT_ETIMEOUT);
    s.w->spawn_kill(s.w->self, start("sleep", 0));
    assert_int_equal(s.program_done, 2);
    sim_world_run(s.w, 0);
    assert_int_equal(s.program_status, MOOT_ECANCELED);

    assert_int_equal(s.w->pool(s.w->self, work, fire_a, NULL), MOOT_OK);
    sim_world_run(s.w, 0);
    assert_string_equal(s.order, "wa");

    struct moot_watch *watch;
    assert_int_equal(s.w->watch(s.w->self, "/in", fire_a, NULL, &watch), MOOT_OK);
    sim_world_touch(s.w, "/elsewhere");
    assert_int_equal(s.w->turn(s.w->self, 0), MOOT_EINCOMPLETE);
    sim_world_touch(s.w, "/in");
    assert_int_equal(s.w->turn(s.w->self, 0), MOOT_OK);
    assert_string_equal(s.order, "waa");
    s.w->unwatch(s.w->self, watch);
    s.w->spawn_kill(s.w->self, start("sleep", 0)); /* destroy waits for its end */
    end();
    assert_int_equal(s.program_done, 4);
}

static void faults_come_by_seed(void **state)
{
    (void)state;
    int64_t delay = 0;
    char order[2][64];
    for (int i = 0; i < 2; i++) {
        begin(&(struct sim_world_options){.seed = 3,
                                          .shuffle = true,
                                          .arg = &delay,
                                          .http = answer,
                                          .faults = {.break_permille = 500, .delay_max_ms = 30}});
        for (int k = 0; k < 8; k++)
            ask();
        sim_world_run(s.w, 10000);
        assert_int_equal(s.http_done, 8);
        snprintf(order[i], sizeof(order[i]), "%s", s.order);
        assert_true(strlen(s.order) < 8 * 4); /* some broke off */
        end();
    }
    assert_string_equal(order[0], order[1]);
    begin(&(struct sim_world_options){.faults = {.start_permille = 1000}});
    struct moot_http_request request = {.method = "GET", .url = "http://x/"};
    struct moot_http_events events = {NULL, on_done};
    struct moot_http *h;
    assert_int_equal(s.w->http_start(s.w->self, &request, &events, NULL, &h, NULL), MOOT_EIO);
    end();
    begin(NULL); /* a crash calls nobody */
    ask();
    moot__buf_release(&s.data);
    sim_world_drop(s.w);
    assert_int_equal(s.http_done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_moves_to_the_next_event),
        cmocka_unit_test(seeds_repeat),
        cmocka_unit_test(exchanges),
        cmocka_unit_test(programs_workers_and_watches),
        cmocka_unit_test(faults_come_by_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
