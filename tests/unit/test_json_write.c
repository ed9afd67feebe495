#include "runtime/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_text(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static void plain(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "12.50",
        "-0",
        "1E+400",
        "9007199254740993",
        "\"\"",
        "[]",
        "{}",
        "{\"b\":1,\"a\":[true,false,null,\"x\\ny\",[[]]],\"\":{\"\xe2\x82\xac\":{}}}",
    };
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_json *j = read_text(texts[i]);
        char *again = moot__json_string(j);
        assert_string_equal(again, texts[i]);
        free(again);
        moot__json_free(j);
    }
    char *absent = moot__json_string(NULL);
    assert_string_equal(absent, "null");
    free(absent);
}

static void canonical(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {" [ 1 , -1 , 0 ] ", "[1,-1,0]"},
        {"[9007199254740991,-9007199254740991]", "[9007199254740991,-9007199254740991]"},
        {"{\"b\":2,\"a\":1,\"\":0,\"B\":3,\"aa\":4}", "{\"\":0,\"B\":3,\"a\":1,\"aa\":4,\"b\":2}"},
        {"\"\\u20ac\\/\\u000a\\u001F\\u007f\"", "\"\xe2\x82\xac/\\n\\u001f\x7f\""},
        /* The example of RFC 8785, 3.2.3. */
        {"{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew\","
         "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji\",\"\\u0080\":\"Control\","
         "\"\\u00f6\":\"Latin\"}",
         "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
         "\"\xc3\xb6\":\"Latin\",\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji\","
         "\"\xef\xac\xb3\":\"Hebrew\"}"},
        {"{\"x\\ud83d\\ude00\":1,\"x\\uffff\":2,\"x\\ud7ff\":3,\"x\":4,\"x\\ue000\":5}",
         "{\"x\":4,\"x\xed\x9f\xbf\":3,\"x\xf0\x9f\x98\x80\":1,\"x\xee\x80\x80\":5,"
         "\"x\xef\xbf\xbf\":2}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(pairs); i++) {
        struct moot_json *j = read_text(pairs[i][0]);
        struct moot_buf out;
        moot__buf_init(&out, 1000);
        assert_int_equal(moot__json_write_canonical(j, &out, NULL), MOOT_OK);
        assert_string_equal(moot__buf_text(&out), pairs[i][1]);
        moot__buf_release(&out);
        moot__json_free(j);
    }
}

static void not_canonical(void **state)
{
    (void)state;
    static const char *const numbers[] = {"-0",
                                          "1.0",
                                          "1e2",
                                          "1E2",
                                          "0.5",
                                          "9007199254740992",
                                          "-9007199254740992",
                                          "1e400",
                                          "0e0",
                                          "100000000000000000000"};
    for (size_t i = 0; i < MOOT_COUNT(numbers); i++) {
        char text[64];
        snprintf(text, sizeof(text), "{\"a\":[%s]}", numbers[i]);
        struct moot_json *j = read_text(text);
        struct moot_error err = {0};
        struct moot_buf out;
        moot__buf_init(&out, 1000);
        moot__buf_adds(&out, "before");
        assert_int_equal(moot__json_write_canonical(j, &out, &err), MOOT_EINVAL);
        assert_non_null(strstr(err.message, numbers[i]));
        assert_string_equal(moot__buf_text(&out), "before");
        moot__buf_release(&out);
        moot__json_free(j);
    }
}

static void pretty(void **state)
{
    (void)state;
    struct moot_json *j = read_text("{\"a\":[1,{}],\"b\":[],\"c\":{\"d\":null}}");
    struct moot_buf out;
    moot__buf_init(&out, 1000);
    assert_int_equal(moot__json_write_pretty(j, &out), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n"
                                              "  \"c\": {\n    \"d\": null\n  }\n}");
    moot__buf_release(&out);
    moot__json_free(j);
}

static void bounds(void **state)
{
    (void)state;
    struct moot_json *j = read_text("[\"abcdef\"]");
    struct moot_buf out;
    moot__buf_init(&out, 5);
    struct moot_error err = {0};
    assert_int_equal(moot__json_write(j, &out), MOOT_ETOOBIG);
    moot__buf_clear(&out);
    assert_int_equal(moot__json_write_canonical(j, &out, &err), MOOT_ETOOBIG);
    assert_true(err.message[0] != '\0');
    moot__buf_release(&out);
    moot__json_free(j);

    struct moot_json *deep = moot__json_new(MOOT_JSON_ARRAY);
    for (int i = 0; i < 300; i++) {
        struct moot_json *outer = moot__json_new(MOOT_JSON_ARRAY);
        moot__json_add(outer, deep);
        deep = outer;
    }
    moot__buf_init(&out, 5000);
    assert_int_equal(moot__json_write(deep, &out), MOOT_ETOOBIG);
    assert_int_equal(out.len, 0);
    assert_null(moot__json_string(deep));
    moot__buf_release(&out);
    moot__json_free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),  cmocka_unit_test(canonical), cmocka_unit_test(not_canonical),
        cmocka_unit_test(pretty), cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
