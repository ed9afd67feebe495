#include "runtime/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_ok(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static void same_again(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"a\":1,\"b\":[true,false,null,\"x\\ny\"],\"c\":{}}",
        "[]",
        "12.50",
        "-0",
        "1e400",
        "9007199254740993",
        "\"\"",
    };
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_json *j = read_ok(texts[i]);
        char *again = moot__json_string(j);
        assert_string_equal(again, texts[i]);
        free(again);
        moot__json_free(j);
    }
}

static void canonical(void **state)
{
    (void)state;
    struct moot_json *j = read_ok("{\"b\": 2, \"a\": [1, {\"z\": 0, \"\\ufb33\": 1, "
                                  "\"\\ud83d\\ude00\": 2}]}");
    struct moot_buf out;
    moot__buf_init(&out, 1000);
    assert_int_equal(moot__json_write_canonical(j, &out, NULL), MOOT_OK);
    assert_string_equal(moot__buf_text(&out),
                        "{\"a\":[1,{\"z\":0,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}],\"b\":2}");
    moot__buf_release(&out);
    moot__json_free(j);
}

static void refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "01",
        "1.",
        "+1",
        "nul",
        "[1] x",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\xef\xbb\xbf[]",
        "\"\xc0\xaf\"",
        "{\"a\":1,\"a\":2}",
        "\"\t\"",
        "'a'",
        "{a:1}",
        "\"abc",
        "\"\\",
        "[\"\\x\"]",
        "\"\\u12\"",
    };
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_json *j = NULL;
        struct moot_error err = {0};
        if (moot__json_parse(texts[i], strlen(texts[i]), &j, &err) != MOOT_ESYNTAX)
            fail_msg("%s was read", texts[i]);
        assert_null(j);
        assert_non_null(strstr(err.message, "byte"));
    }
}

static void building(void **state)
{
    (void)state;
    struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(j, "a", "x\xff"), MOOT_OK);
    assert_int_equal(moot__json_set_int(j, "b", INT64_MIN), MOOT_OK);
    assert_int_equal(moot__json_set_bool(j, "a", true), MOOT_OK);
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    assert_int_equal(moot__json_add(list, moot__json_new_text_n("a\0b", 3)), MOOT_OK);
    assert_int_equal(moot__json_add(list, NULL), MOOT_ENOMEM);
    assert_int_equal(moot__json_set(j, "c", list), MOOT_OK);
    char *text = moot__json_string(j);
    assert_string_equal(text, "{\"a\":true,\"b\":-9223372036854775808,\"c\":[\"a\xef\xbf\xbd"
                              "b\"]}");
    free(text);
    struct moot_json *taken = moot__json_take(j, "c");
    moot__json_free(taken);
    assert_null(moot__json_get(j, "c"));
    moot__json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_again),
        cmocka_unit_test(canonical),
        cmocka_unit_test(refused),
        cmocka_unit_test(building),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
