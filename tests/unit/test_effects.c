#include "runtime/effects.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *body_of(const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(body, "detail", text), MOOT_OK);
    return body;
}

static void counted_and_not(void **state)
{
    (void)state;
    struct moot_effects fx;
    moot__effects_init(&fx, 7);
    assert_int_equal(moot__fx_send(&fx, MOOT_MSG, "ann", body_of("hello")), 7);
    moot__fx_wait(&fx, 3, 500);
    struct moot_think think = {.model = "default", .step = 1, .base = 2};
    assert_int_equal(moot__fx_think(&fx, &think), 8);
    assert_int_equal(moot__fx_add_text(&fx, MOOT_ADD_SYSTEM, "you are"), MOOT_OK);
    assert_int_equal(moot__fx_add_message(&fx, MOOT_ADD_ASSISTANT, "host", 4), MOOT_OK);
    assert_int_equal(moot__fx_call(&fx, "read_page", "{\"a\":1}", "c1"), 9);
    assert_int_equal(moot__fx_ask(&fx, NULL, body_of("which")), 10);
    moot__fx_open(&fx, "email#2", "writer", "email", body_of("go"));
    moot__fx_cancel(&fx, 8);
    moot__fx_cancel_conv(&fx, "3/email#1");
    moot__fx_done(&fx, body_of("end"));
    assert_int_equal(fx.status, MOOT_OK);
    assert_int_equal(fx.count, 9);
    assert_int_equal(fx.next_n, 11);
    assert_string_equal(fx.list[0].to[0], "ann");
    assert_int_equal(fx.list[1].ms, 500);
    assert_int_equal(fx.list[2].think.add_count, 2);
    assert_string_equal(fx.list[2].think.adds[1].from, "host");
    assert_string_equal(moot__json_get_text(fx.list[3].body, "args", ""), "{\"a\":1}");
    assert_int_equal(fx.list[4].to_count, 0);
    assert_string_equal(fx.list[5].path, "email#2");
    assert_string_equal(fx.list[5].task, "email");
    assert_string_equal(fx.list[5].to[0], "writer");
    assert_int_equal(fx.list[6].cancel_n, 8);
    assert_string_equal(fx.list[7].path, "3/email#1");
    moot__effects_release(&fx);
    assert_int_equal(fx.next_n, 11);
}

static void added_later(void **state)
{
    (void)state;
    struct moot_effects fx;
    moot__effects_init(&fx, 1);
    moot__fx_send(&fx, MOOT_VERDICT, "ann", body_of("no"));
    moot__fx_add_to(&fx, "bob");
    moot__fx_re(&fx, "host", 5);
    struct moot_think think = {.model = "default"};
    moot__fx_think(&fx, &think);
    moot__fx_add_refusal(&fx, "call_1", "there is no tool 'x'");
    assert_int_equal(fx.status, MOOT_OK);
    assert_int_equal(fx.list[0].to_count, 2);
    assert_string_equal(fx.list[0].to[1], "bob");
    assert_string_equal(fx.list[0].re_from, "host");
    assert_int_equal(fx.list[1].think.adds[0].role, MOOT_ADD_TOOL);
    assert_string_equal(fx.list[1].think.adds[0].call, "call_1");
    moot__effects_release(&fx);
}

/* A body that could not be made is a failure that stays, and nothing is appended after it. */
static void failure_stays(void **state)
{
    (void)state;
    struct moot_effects fx;
    moot__effects_init(&fx, 1);
    assert_int_equal(moot__fx_send(&fx, MOOT_MSG, NULL, NULL), 0);
    assert_int_equal(fx.status, MOOT_ENOMEM);
    size_t count = fx.count;
    assert_int_equal(moot__fx_call(&fx, "t", "{}", NULL), 0);
    moot__fx_done(&fx, body_of("end"));
    assert_int_equal(moot__fx_add_text(&fx, MOOT_ADD_USER, "x"), MOOT_ENOMEM);
    assert_int_equal(fx.count, count);
    moot__effects_release(&fx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counted_and_not),
        cmocka_unit_test(added_later),
        cmocka_unit_test(failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
