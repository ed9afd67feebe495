/* The step contract and the order of a loop turn, on the simulated world: a crew of two that think
 * by a scripted model. What is asserted: the fold is the live run; killed after any commit and
 * resumed, the run ends in the same normal form, and no finished model call is made again.
 *
 * Also of: fold.c stage.c run.c request.c normal.c */
#include "runtime/host.h"

#include "runtime/effects.h"
#include "runtime/normal.h"
#include "tests/lib/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

enum { ROUNDS = 3 };

/* boss: opens "talk" with echo, waits for its end, ends the item.
 * echo: asks its model ROUNDS times, each call extending the one before, and ends with the last
 * text. */
struct state {
    const struct moot_seat *seat;
    int round;
    uint32_t last;
};

static int state_init(const void *persona, const struct moot_seat *seat, void **self)
{
    (void)persona;
    struct state *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return MOOT_ENOMEM;
    s->seat = seat;
    *self = s;
    return MOOT_OK;
}

static void state_digest(const void *self, void (*add)(void *, const void *, size_t), void *arg)
{
    const struct state *s = self;
    add(arg, &s->round, sizeof(s->round));
    add(arg, &s->last, sizeof(s->last));
}

static struct moot_json *done_body(const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *result = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(result, "text", text);
    moot__json_set_text(body, "outcome", "done");
    moot__json_set_text(body, "stop", "finished");
    moot__json_set(body, "result", result);
    return body;
}

static int boss_step(void *self, const struct moot_message *m, struct moot_effects *fx)
{
    struct state *s = self;
    s->round++;
    if (moot_message_kind(m) == MOOT_OPEN) {
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(body, "input", "{}");
        moot__fx_open(fx, "talk#1", "echo", "talk", body);
    } else if (moot_message_kind(m) == MOOT_END) {
        moot__fx_done(fx, done_body("all said"));
    }
    return MOOT_OK;
}

static int echo_step(void *self, const struct moot_message *m, struct moot_effects *fx)
{
    struct state *s = self;
    static const struct moot_think think = {.model = "default"};
    if (moot_message_kind(m) == MOOT_OPEN) {
        struct moot_think t = think;
        t.step = 1;
        s->last = moot__fx_think(fx, &t);
        moot__fx_add_text(fx, MOOT_ADD_SYSTEM, "You say it again.");
        moot__fx_add_text(fx, MOOT_ADD_USER, "one");
        return MOOT_OK;
    }
    if (moot_message_kind(m) != MOOT_MODEL_REPLY)
        return MOOT_OK;
    s->round++;
    const struct moot_json *body = moot_message_json(m);
    if (s->round == ROUNDS) {
        moot__fx_done(fx, done_body(moot__json_get_text(body, "status", "")));
        return MOOT_OK;
    }
    struct moot_json *said = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set(said, "parts", moot__json_new(MOOT_JSON_ARRAY));
    moot__fx_send(fx, MOOT_MSG, "nobody", said);
    struct moot_think t = think;
    t.step = s->round + 1;
    t.base = s->last;
    s->last = moot__fx_think(fx, &t);
    moot__fx_add_message(fx, MOOT_ADD_ASSISTANT, moot_message_from(m), moot_message_n(m));
    moot__fx_add_text(fx, MOOT_ADD_USER, "again");
    return MOOT_OK;
}

static const struct moot_agent_ops boss = {"boss", 1, state_init, boss_step, state_digest, free};
static const struct moot_agent_ops echo = {"echo", 1, state_init, echo_step, state_digest, free};

struct scene {
    char dir[64];
    char journal[128];
    char script[128];
    struct moot_json *resolved;
    struct moot_json *items;
    struct moot_participant participants[2];
    struct moot_model_spec *model;
    struct moot_crew_parts crew;
    struct moot_key *owner;
};

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static void scene_init(struct scene *s, int items)
{
    memset(s, 0, sizeof(*s));
    snprintf(s->dir, sizeof(s->dir), "/tmp/moot-host-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->journal, sizeof(s->journal), "%s/run.db", s->dir);
    snprintf(s->script, sizeof(s->script), "%s/replies.json", s->dir);
    FILE *f = fopen(s->script, "w");
    assert_non_null(f);
    fputs("[{\"reply\": \"ok {item}\", \"repeat\": true}]", f);
    fclose(f);
    s->resolved = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(s->resolved, "crew", "echo");
    s->items = moot__json_new(MOOT_JSON_ARRAY);
    for (int i = 0; i < items; i++) {
        struct moot_json *item = moot__json_new(MOOT_JSON_OBJECT);
        char name[16];
        snprintf(name, sizeof(name), "item-%d", i + 1);
        moot__json_set_text(item, "name", name);
        moot__json_add(s->items, item);
    }
    s->participants[0] = (struct moot_participant){.id = "boss", .ops = &boss};
    s->participants[1] = (struct moot_participant){.id = "echo", .ops = &echo, .is_agent = true};
    struct moot_error err = {0};
    assert_int_equal(moot__model_spec_make("default", "scripted/replies.json", NULL, s->dir, no_env,
                                           &s->model, &err),
                     MOOT_OK);
    s->crew = (struct moot_crew_parts){
        .resolved = s->resolved,
        .name = "echo",
        .manager = "boss",
        .participants = s->participants,
        .participant_count = 2,
        .models = &s->model,
        .model_count = 1,
        .item_name = "input",
    };
    uint8_t seed[32] = {7};
    s->owner = moot__key_from_seed(seed);
}

static void scene_release(struct scene *s)
{
    char command[128];
    unlink(s->script);
    static const char *const ends[] = {".db", ".db-wal", ".db-shm", ".lock", ".post"};
    for (size_t i = 0; i < MOOT_COUNT(ends); i++) {
        snprintf(command, sizeof(command), "%s/run%s", s->dir, ends[i]);
        if (unlink(command) != 0)
            rmdir(command);
    }
    snprintf(command, sizeof(command), "%s/.gitignore", s->dir);
    unlink(command);
    rmdir(s->dir);
    moot__json_free(s->resolved);
    moot__json_free(s->items);
    moot__model_spec_free(s->model);
    moot__key_free(s->owner);
}

static void count_commits(void *arg, const struct moot_message *m)
{
    (void)m;
    ++*(int *)arg;
}

/* Runs, or resumes, until it ends or is stopped dead. Returns the host's state. */
static enum moot_run_state play(struct scene *s, bool resume, int jobs, int crash_after,
                                int *messages)
{
    struct moot_error err = {0};
    struct sim_world_options world = {.seed = (uint64_t)crash_after + 1};
    struct moot_world *w = sim_world_new(&world);
    struct moot_host_options o = {
        .world = w,
        .crew = &s->crew,
        .journal = s->journal,
        .run = "00112233445566778899aabbccddeeff",
        .resume = resume,
        .owner = s->owner,
        .items = s->items,
        .jobs = jobs,
        .date = "2026-11-25",
        .crash_after = crash_after,
        .watcher = {.arg = messages, .message = count_commits},
    };
    struct moot_host *h = NULL;
    int status = moot__host_new(&o, &h, &err);
    if (status != MOOT_OK)
        fail_msg("host: %s", err.message);
    status = moot__host_run(h, &err);
    if (status != MOOT_OK)
        fail_msg("run: %s", err.message);
    enum moot_run_state state = moot__host_state(h);
    if (state == MOOT_RUN_CLOSED && moot__host_check_fold(h, &err) != MOOT_OK)
        fail_msg("fold: %s", err.message);
    moot__host_free(h);
    w->destroy(w->self);
    return state;
}

struct tally {
    int calls;
    int replies;
};

static int tally_each(void *arg, struct moot_message *m)
{
    struct tally *t = arg;
    t->calls += m->kind == MOOT_MODEL_CALL;
    t->replies += m->kind == MOOT_MODEL_REPLY;
    return 0;
}

static char *normal(struct scene *s, int *calls, int *replies)
{
    struct moot_error err = {0};
    struct moot_journal *j = NULL;
    struct tally t = {0};
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_JSON);
    assert_int_equal(moot__journal_open(s->journal, MOOT_JOURNAL_READ, NULL, &j, &err), MOOT_OK);
    assert_int_equal(moot__journal_each(j, 0, tally_each, &t, &err), 0);
    assert_int_equal(moot__normal_write(j, &out, &err), MOOT_OK);
    moot__journal_close(j);
    *calls = t.calls;
    *replies = t.replies;
    return moot__buf_take(&out);
}

static void a_run_ends_and_folds_to_what_it_was(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 2);
    int messages = 0;
    assert_int_equal(play(&s, false, 2, 0, &messages), MOOT_RUN_CLOSED);
    int calls = 0;
    int replies = 0;
    char *text = normal(&s, &calls, &replies);
    assert_int_equal(calls, 2 * ROUNDS);
    assert_int_equal(replies, 2 * ROUNDS);
    assert_non_null(
        strstr(text, "{\"conv\":\"1/talk#1\",\"from\":\"echo\",\"n\":1,\"kind\":\"model_call\""));
    free(text);
    scene_release(&s);
}

static void jobs_do_not_change_the_normal_form(void **state)
{
    (void)state;
    char *texts[2];
    for (int i = 0; i < 2; i++) {
        struct scene s;
        scene_init(&s, 3);
        int messages = 0;
        int calls = 0;
        int replies = 0;
        assert_int_equal(play(&s, false, i == 0 ? 1 : 3, 0, &messages), MOOT_RUN_CLOSED);
        texts[i] = normal(&s, &calls, &replies);
        scene_release(&s);
    }
    assert_string_equal(texts[0], texts[1]);
    free(texts[0]);
    free(texts[1]);
}

static void killed_after_any_commit_it_goes_on_to_the_same_end(void **state)
{
    (void)state;
    struct scene whole;
    scene_init(&whole, 2);
    int messages = 0;
    int calls = 0;
    int replies = 0;
    assert_int_equal(play(&whole, false, 2, 0, &messages), MOOT_RUN_CLOSED);
    char *want = normal(&whole, &calls, &replies);
    scene_release(&whole);
    int points = 0;
    for (int crash = 1;; crash++) {
        struct scene s;
        scene_init(&s, 2);
        enum moot_run_state first = play(&s, false, 2, crash, &messages);
        if (first == MOOT_RUN_CLOSED) {
            scene_release(&s);
            break;
        }
        points++;
        assert_int_equal(play(&s, true, 2, 0, &messages), MOOT_RUN_CLOSED);
        char *got = normal(&s, &calls, &replies);
        assert_string_equal(got, want);
        assert_int_equal(calls, 2 * ROUNDS);
        assert_int_equal(replies, 2 * ROUNDS);
        free(got);
        scene_release(&s);
    }
    assert_true(points > ROUNDS);
    printf("killed after each of %d commits\n", points);
    free(want);
}

static void killed_again_and_again_it_still_ends(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 1);
    int messages = 0;
    enum moot_run_state now = play(&s, false, 1, 1, &messages);
    int kills = 1;
    while (now != MOOT_RUN_CLOSED && kills < 50) {
        now = play(&s, true, 1, 2, &messages);
        kills++;
    }
    assert_int_equal(now, MOOT_RUN_CLOSED);
    scene_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_ends_and_folds_to_what_it_was),
        cmocka_unit_test(jobs_do_not_change_the_normal_form),
        cmocka_unit_test(killed_after_any_commit_it_goes_on_to_the_same_end),
        cmocka_unit_test(killed_again_and_again_it_still_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
