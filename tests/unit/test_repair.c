#include "agents/repair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void mends_what_keeps_its_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
        bool mended;
    } cases[] = {
        {"{\"a\": 1}", "{\"a\":1}", false},
        {"{\"a\": 1,}", "{\"a\":1}", true},
        {"[1, 2, ]", "[1,2]", true},
        {"{a: 1, b_2: 'x'}", "{\"a\":1,\"b_2\":\"x\"}", true},
        {"{'a': 'it\\'s \"so\"'}", "{\"a\":\"it's \\\"so\\\"\"}", true},
        {"{\"a\": True, \"b\": False, \"c\": None}", "{\"a\":true,\"b\":false,\"c\":null}", true},
        {"{True: 1}", "{\"True\":1}", true},
        {"{\"a\": \"two\nlines\tand\r\"}", "{\"a\":\"two\\nlines\\tand\\r\"}", true},
        {"\xef\xbb\xbf{\"a\": 1}", "{\"a\":1}", true},
        {"{\"a\": 1 // one\n, /* two */ \"b\": 2}", "{\"a\":1,\"b\":2}", true},
        {"{\"a\": -1.50e3,}", "{\"a\":-1.50e3}", true},
        {"{\"url\": \"http://x/y\",}", "{\"url\":\"http://x/y\"}", true},
        {"{\"a\": \"\\u00e9\",}", "{\"a\":\"\xc3\xa9\"}", true},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *j = NULL;
        struct moot_error err = {0};
        bool mended = false;
        if (moot__repair_parse(cases[i].text, strlen(cases[i].text), &j, &mended, &err) != MOOT_OK)
            fail_msg("%s: %s", cases[i].text, err.message);
        char *again = moot__json_string(j);
        assert_string_equal(again, cases[i].json);
        assert_int_equal(mended, cases[i].mended);
        free(again);
        moot__json_free(j);
    }
}

/* What is missing or says two things is not made up. */
static void refuses_the_rest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "{\"a\": 1",
        "{\"a\": \"cut of",
        "[1, 2",
        "{\"a\" 1}",
        "hello",
        "{\"a\": 1 2}",
        "{\"a\": x}",
        "{\"a\": 1}}",
        "{,}",
        "{'a': 'b'",
        "[1,,2]",
        "{\"a\": }",
        "{\"a\":1,\"a\":2,}",
        "/* only",
        "'",
        "{\"a\": undefined}",
    };
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_json *j = NULL;
        struct moot_error err = {0};
        int rc = moot__repair_parse(texts[i], strlen(texts[i]), &j, NULL, &err);
        if (rc != MOOT_ESYNTAX)
            fail_msg("%s: %d", texts[i], rc);
        assert_null(j);
        assert_true(err.message[0] != '\0');
    }
}

static void check_spans(const char *text, const char *const *want)
{
    struct moot_span spans[MOOT_SPANS_MAX];
    size_t count = moot__repair_spans(text, strlen(text), spans);
    size_t i = 0;
    for (; want[i] != NULL; i++) {
        if (i >= count || strlen(want[i]) != spans[i].len ||
            memcmp(text + spans[i].start, want[i], spans[i].len) != 0)
            fail_msg("%s: span %zu is not %s", text, i, want[i]);
    }
    assert_int_equal(count, i);
}

static void finds_where_it_stands(void **state)
{
    (void)state;
    static const char *const whole[] = {"{\"a\":1}", NULL};
    static const char *const fenced[] = {"Here:\n```json\n{\"a\":1}\n```\nDone.", "{\"a\":1}",
                                         NULL};
    static const char *const prose[] = {"I say {\"a\":{\"b\":\"}\"}} and [2].",
                                        "{\"a\":{\"b\":\"}\"}}", "[2]", NULL};
    static const char *const open[] = {"a { b", NULL};
    static const char *const none[] = {NULL};
    check_spans(" {\"a\":1}\n", whole);
    check_spans(fenced[0], fenced);
    check_spans(prose[0], prose);
    check_spans(open[0], open);
    check_spans(" \n ", none);
}

/* A text of braces alone takes no time to speak of. */
static void stays_quick(void **state)
{
    (void)state;
    size_t len = 1 << 20;
    char *text = malloc(len + 1);
    memset(text, '{', len);
    text[len] = '\0';
    struct moot_span spans[MOOT_SPANS_MAX];
    assert_int_equal(moot__repair_spans(text, len, spans), 1);
    struct moot_json *j = NULL;
    assert_int_not_equal(moot__repair_parse(text, len, &j, NULL, NULL), MOOT_OK);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mends_what_keeps_its_meaning),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(finds_where_it_stands),
        cmocka_unit_test(stays_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
