#include "agents/role.h"

#include "runtime/message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_message *message(const char *body)
{
    struct moot_message *m = moot__message_new(MOOT_OPEN);
    moot__message_set(&m->conv, "3/a#1");
    moot__message_set(&m->from, "host");
    if (body != NULL)
        assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return m;
}

static void reads_input(void **state)
{
    (void)state;
    static const struct {
        const char *body, *input;
    } cases[] = {
        {"{\"input\":\"{\\\"a\\\":1.50}\"}", "{\"a\":1.50}"},
        {"{\"input\":\"[1]\"}", NULL},
        {"{\"input\":\"not JSON\"}", NULL},
        {"{\"input\":{\"a\":1}}", NULL},
        {"{}", NULL},
        {"[]", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_message *m = message(cases[i].body);
        struct moot_json *input = NULL;
        assert_int_equal(moot__input(m, &input), MOOT_OK);
        assert_int_equal(input != NULL, cases[i].input != NULL);
        if (input != NULL) {
            char *text = moot__json_string(input);
            assert_string_equal(text, cases[i].input);
            free(text);
        }
        moot__json_free(input);
        moot__message_unref(m);
    }
}

static void joins_parts(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"{\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]}", "ab"},
        {"{\"parts\":[{\"text\":1},{},3,\"x\",{\"text\":\"b\"}]}", "b"},
        {"{\"parts\":\"x\"}", ""},
        {"{}", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_message *m = message(cases[i].body);
        char *text = NULL;
        assert_int_equal(moot__parts(moot_message_json(m), &text), MOOT_OK);
        assert_string_equal(text, cases[i].text);
        free(text);
        moot__message_unref(m);
    }
}

static void verbs_are_effects(void **state)
{
    (void)state;
    struct moot_effects fx;
    struct moot_me me = {.agent = "ann", .conv = "3", .fx = &fx};
    static char lin[] = "lin";
    static char max[] = "max";
    char *people[] = {lin, max, NULL};
    moot__effects_init(&fx, 1);
    moot__turn_init(&me.turn);
    assert_int_equal(moot__say(&me, MOOT_MSG, NULL, moot__json_new(MOOT_JSON_OBJECT)), 1);
    assert_int_equal(moot__call(&me, "look", "{}"), 2);
    assert_int_equal(moot__ask(&me, people, moot__json_new(MOOT_JSON_OBJECT)), 3);
    assert_int_equal(moot__ask(&me, NULL, moot__json_new(MOOT_JSON_OBJECT)), 4);
    moot__open(&me, "a#1", "bob", "a", moot__json_new(MOOT_JSON_OBJECT), NULL);
    moot__wait(&me, 1, 1000);
    moot__cancel(&me, 2);
    moot__cancel_conv(&me, "a#1");
    moot__finish_failed(&me, "cancelled", "stop");
    assert_int_equal(fx.status, MOOT_OK);
    assert_int_equal(fx.count, 9);
    assert_int_equal(fx.list[2].to_count, 2);
    assert_string_equal(fx.list[2].to[1], "max");
    assert_int_equal(fx.list[3].to_count, 0);
    assert_string_equal(moot__json_get_text(fx.list[4].body, "input", ""), "{}");
    assert_string_equal(moot__json_get_text(fx.list[8].body, "stop", ""), "stopped");
    assert_true(me.finished);
    moot__effects_release(&fx);
    /* What could not be made fails the step and nothing is leaked. */
    me.finished = false;
    moot__open(&me, "a#2", "bob", "a", NULL, moot__json_new(MOOT_JSON_OBJECT));
    assert_int_equal(fx.status, MOOT_ENOMEM);
    moot__effects_release(&fx);
}

static void add_bytes(void *arg, const void *data, size_t len)
{
    moot__buf_add(arg, data, len);
}

/* What differs is fed differently: nothing runs together. */
static void digests_differ(void **state)
{
    (void)state;
    struct moot_buf a, b;
    moot__buf_init(&a, 1000);
    moot__buf_init(&b, 1000);
    struct moot_digest da = {add_bytes, &a};
    struct moot_digest db = {add_bytes, &b};
    moot__digest_text(&da, "ab");
    moot__digest_text(&da, "c");
    moot__digest_text(&db, "a");
    moot__digest_text(&db, "bc");
    assert_true(a.len != b.len || memcmp(a.data, b.data, a.len) != 0);
    moot__buf_clear(&a);
    moot__buf_clear(&b);
    moot__digest_text(&da, NULL);
    moot__digest_text(&db, "");
    assert_memory_not_equal(a.data, b.data, a.len);
    moot__buf_clear(&a);
    moot__digest_json(&da, NULL);
    moot__digest_int(&da, -1);
    assert_int_equal(a.len, 16);
    moot__buf_release(&a);
    moot__buf_release(&b);
}

static void ends_by_path(void **state)
{
    (void)state;
    struct moot_message *m = message("{}");
    assert_false(moot__ends(m, "3/a#1"));
    m->kind = MOOT_END;
    assert_true(moot__ends(m, "3/a#1"));
    assert_false(moot__ends(m, "3/a#11"));
    moot__message_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_input),       cmocka_unit_test(joins_parts),
        cmocka_unit_test(verbs_are_effects), cmocka_unit_test(digests_differ),
        cmocka_unit_test(ends_by_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
