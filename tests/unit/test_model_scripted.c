#include "runtime/model.h"
#include "tests/lib/sim_world.h"
#include "tests/lib/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct {
    struct moot_world *w;
    struct moot_model_spec spec;
    struct moot_buf streamed;
    int deltas, done;
    struct moot_model_reply reply;
    void *call;
    bool cancel_in_delta;
} t;

static void on_delta(void *arg, const char *text, size_t len)
{
    (void)arg;
    t.deltas++;
    assert_int_equal(moot__buf_add(&t.streamed, text, len), MOOT_OK);
    if (t.cancel_in_delta)
        moot__provider_scripted.cancel(t.call);
}

static void on_done(void *arg, struct moot_model_reply *r)
{
    (void)arg;
    t.done++;
    t.reply = *r;
}

static const struct moot_model_events events = {on_delta, on_done};

static void begin(const char *script)
{
    memset(&t, 0, sizeof(t));
    moot__buf_init(&t.streamed, 4096);
    t.w = sim_world_new(NULL);
    t.spec.name = (char *)"default";
    t.spec.provider = (char *)"scripted";
    t.spec.model = (char *)"replies.yaml";
    t.spec.script = temp_file(".yaml", script);
}

static void end(void)
{
    moot__provider_scripted.release(&t.spec);
    temp_file_remove(t.spec.script);
    moot__buf_release(&t.streamed);
    t.w->destroy(t.w->self);
}

static void forget(void)
{
    moot__model_reply_release(&t.reply);
    moot__buf_clear(&t.streamed);
    t.deltas = t.done = 0;
}

static void start(const char *said)
{
    struct moot_buf literal;
    moot__buf_init(&literal, 1024);
    assert_int_equal(moot__buf_add_json(&literal, said, strlen(said)), MOOT_OK);
    struct moot_text *text = moot__text_make(literal.data, literal.len);
    struct moot_turn turns[] = {{.role = MOOT_USER, .content = text}};
    struct moot_model_request request = {
        .turns = turns,
        .turn_count = 1,
        .place = {.conv = "1", .agent = "w", .n = 4, .attempt = 1, .step = 1},
    };
    struct moot_error err = {0};
    if (moot__provider_scripted.start(t.w, &t.spec, &request, &events, NULL, &t.call, &err) !=
        MOOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(t.done, 0);
    moot__text_unref(text);
    moot__buf_release(&literal);
}

static void answers_at_the_next_turn(void **state)
{
    (void)state;
    begin("- {text: \"caf\\u00e9 \\\"x\\\"\", reply: yes}\n");
    start("a café \"x\" is open");
    assert_int_equal(t.w->turn(t.w->self, 0), MOOT_OK);
    assert_int_equal(t.done, 1);
    assert_int_equal(t.reply.status, MOOT_OK);
    assert_string_equal(t.reply.text, "yes");
    assert_string_equal(t.reply.finish, "stop");
    assert_string_equal(t.reply.model, "replies.yaml");
    assert_true(t.reply.estimated);
    assert_true(t.reply.input_tokens > 0);
    assert_int_equal(t.reply.output_tokens, 1);
    assert_string_equal(moot__buf_text(&t.streamed), "yes");
    forget();
    start("again");
    t.w->turn(t.w->self, 0);
    assert_int_equal(t.reply.status, MOOT_ENOTFOUND);
    assert_false(t.reply.retryable);
    assert_non_null(strstr(t.reply.error.message, "no reply for agent w"));
    forget();
    struct moot_buf report;
    moot__buf_init(&report, 4096);
    assert_int_equal(moot__scripted_report(&t.spec, &report), MOOT_OK);
    assert_non_null(strstr(moot__buf_text(&report), "no reply for agent w"));
    moot__buf_release(&report);
    end();
}

static void streams_over_its_pace(void **state)
{
    (void)state;
    begin("- {pace: 1s, reply: one two three four five six seven eight nine ten}\n");
    start("go");
    assert_int_equal(sim_world_run(t.w, 500), MOOT_OK);
    assert_int_equal(t.done, 0);
    assert_true(t.deltas > 3);
    assert_true(t.streamed.len > 20 && t.streamed.len < 40);
    assert_int_equal(t.streamed.data[t.streamed.len - 1], ' '); /* whole words */
    sim_world_run(t.w, 10000);
    assert_int_equal(t.done, 1);
    assert_string_equal(moot__buf_text(&t.streamed), t.reply.text);
    forget();
    end();

    assert_int_equal(setenv("MOOT_PACE", "0", 1), 0);
    begin("- {pace: 1s, reply: one two three}\n");
    start("go");
    t.w->turn(t.w->self, 0);
    assert_int_equal(t.done, 1);
    assert_int_equal(t.deltas, 1);
    forget();
    end();
    assert_int_equal(unsetenv("MOOT_PACE"), 0);
}

static void cancels_once_and_keeps_what_came(void **state)
{
    (void)state;
    for (int inside = 0; inside < 2; inside++) {
        begin("- {pace: 1s, reply: one two three four five six seven eight nine ten}\n");
        start("go");
        t.cancel_in_delta = inside == 1;
        sim_world_run(t.w, inside == 1 ? 40 : 500);
        if (inside == 0) {
            moot__provider_scripted.cancel(t.call);
            assert_int_equal(t.done, 0);
        }
        sim_world_run(t.w, 10000);
        assert_int_equal(t.done, 1);
        assert_int_equal(t.reply.status, MOOT_ECANCELED);
        assert_true(*t.reply.text != '\0');
        assert_string_equal(moot__buf_text(&t.streamed), t.reply.text);
        forget();
        end();
    }
    begin("- {reply: never seen}\n"); /* before anything came */
    start("go");
    moot__provider_scripted.cancel(t.call);
    moot__provider_scripted.cancel(t.call);
    sim_world_run(t.w, 1000);
    assert_int_equal(t.done, 1);
    assert_string_equal(t.reply.text, "");
    forget();
    end();
}

static void calls_and_errors(void **state)
{
    (void)state;
    begin("- {error: {status: 503, message: overloaded}, reply: half an}\n"
          "- {calls: [{name: book, arguments: {n: 4}}, {name: pay, arguments: '{bad'}, "
          "{name: end}]}\n");
    start("go");
    t.w->turn(t.w->self, 0);
    assert_int_equal(t.reply.status, MOOT_ENETWORK);
    assert_true(t.reply.retryable);
    assert_int_equal(t.reply.retry_after_ms, -1);
    assert_string_equal(t.reply.text, "half an");
    assert_string_equal(t.reply.error.message, "scripted/replies.yaml: overloaded");
    forget();
    start("go");
    t.w->turn(t.w->self, 0);
    assert_int_equal(t.reply.status, MOOT_OK);
    assert_int_equal(t.reply.call_count, 3);
    assert_string_equal(t.reply.finish, "tool_calls");
    assert_string_equal(t.reply.calls[0].id, "call_4_1");
    assert_string_equal(t.reply.calls[0].arguments, "{\"n\":4}");
    assert_string_equal(t.reply.calls[1].arguments, "{bad");
    assert_string_equal(t.reply.calls[2].arguments, "{}");
    assert_int_equal(t.deltas, 0);
    forget();
    end();
}

int main(void)
{
    unsetenv("MOOT_PACE"); /* what is tested here, so the surroundings have no say */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_at_the_next_turn),
        cmocka_unit_test(streams_over_its_pace),
        cmocka_unit_test(cancels_once_and_keeps_what_came),
        cmocka_unit_test(calls_and_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
