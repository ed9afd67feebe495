#include "runtime/shortform.h"

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

static struct moot_shortform compile(const struct moot_json *shape)
{
    struct moot_shortform form;
    struct moot_error err = {0};
    if (moot__shortform_compile(shape, &form, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    return form;
}

static void answers(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"text", "  Hello \"you\".\n", "\"Hello \\\"you\\\".\""},
        {"text", "\"quoted\"", "\"\\\"quoted\\\"\""},
        {"yes | no", "yes", "\"yes\""},
        {"yes | no", "**Yes.**\n", "\"yes\""},
        {"yes | no", " \"NO\". ", "\"no\""},
        {"yes | no", "\xe2\x80\x9cyes\xe2\x80\x9d", "\"yes\""},
        {"Yes | yes", "yes", "\"yes\""},
        {"Yes | yes", "YES", "\"Yes\""},
        {"e.g. | i.e.", "e.g.", "\"e.g.\""},
        {"not sure | sure", "Not sure", "\"not sure\""},
        {"integer 0..10", "`7`.", "7"},
        {"integer 0..10", "7.0", "7.0"},
        {"number", "-1.50", "-1.50"},
        {"bool", "True", "true"},
        {"bool", "no.", "false"},
        {"any", " {\"a\": 1} ", "{\"a\":1}"},
        {"any", "words", "\"words\""},
        {"date", "2026-11-25.", "\"2026-11-25\""},
        {"url", "`https://example.com/`", "\"https://example.com/\""},
        {"text matching Subject: *(.+)", "Here it is:\nSubject:  Hello\nBye", "\"Hello\""},
        {"text matching [A-Z]{3}", "code ABCD", "\"ABC\""},
        {"text 2..3 words", "one two three", "\"one two three\""},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *shape = moot__json_new_text(cases[i][0]);
        struct moot_shortform form = compile(shape);
        struct moot_json *value = NULL;
        struct moot_buf problems;
        moot__buf_init(&problems, 10000);
        if (moot__shortform_read(&form, cases[i][1], strlen(cases[i][1]), &value, &problems) !=
            MOOT_OK)
            fail_msg("%s, %s: %s", cases[i][0], cases[i][1], moot__buf_text(&problems));
        char *text = moot__json_string(value);
        assert_string_equal(text, cases[i][2]);
        assert_int_equal(problems.len, 0);
        free(text);
        moot__buf_release(&problems);
        moot__json_free(value);
        moot__shortform_release(&form);
        moot__json_free(shape);
    }
}

static void bad_answers(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"yes | no", "maybe", "must be one of \"yes\", \"no\", is \"maybe\""},
        {"yes | no", "", "is \"\""},
        {"yes | no", "not yes", "is \"not yes\""},
        {"integer 0..10", "11", "must be at most 10, is 11"},
        {"integer 0..10", "seven", "must be an integer, is \"seven\""},
        {"integer", "1.5", "must be an integer"},
        {"bool", "1", "must be true or false"},
        {"date", "tomorrow", "must be in the format \"date\""},
        {"text 1..5 characters", "too long", "at most 5 characters, has 8"},
        {"text 2..3 words", "one", "must have at least 2 words, has 1"},
        {"text ..2 words", "one two three", "must have at most 2 words, has 3"},
        {"text matching Subject: (.+)", "no such line", "matches the pattern Subject: (.+)"},
        {"text ..3 characters matching x(.*)", "xabcd", "at most 3 characters, has 4"},
        {"text matching ^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
         "takes too long"},
        {"text", "\xff", "is not UTF-8"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *shape = moot__json_new_text(cases[i][0]);
        struct moot_shortform form = compile(shape);
        struct moot_json *value = NULL;
        struct moot_buf problems;
        moot__buf_init(&problems, 10000);
        int status =
            moot__shortform_read(&form, cases[i][1], strlen(cases[i][1]), &value, &problems);
        if (status != MOOT_EINVAL && status != MOOT_ELIMIT)
            fail_msg("%s, %s", cases[i][0], cases[i][1]);
        if (strstr(moot__buf_text(&problems), cases[i][2]) == NULL)
            fail_msg("%s, %s: %s", cases[i][0], cases[i][1], moot__buf_text(&problems));
        assert_null(value);
        assert_int_equal(
            moot__shortform_read(&form, cases[i][1], strlen(cases[i][1]), &value, NULL), status);
        moot__buf_release(&problems);
        moot__shortform_release(&form);
        moot__json_free(shape);
    }
}

static void bounds(void **state)
{
    (void)state;
    struct moot_json *shape =
        read_text("{\"a\": \"text ..1 words\", \"l\": [{\"b\": \"optional text 2.. words\"}]}");
    struct moot_shortform form = compile(shape);
    struct moot_json *value =
        read_text("{\"a\": \"one two\", \"l\": [{\"b\": \"one\"}, {}, {\"b\": 5}, {\"b\": \"\"}]}");
    struct moot_buf problems;
    size_t count = 0;
    moot__buf_init(&problems, 10000);
    assert_int_equal(moot__shortform_check(&form, value, &problems, &count), MOOT_EINVAL);
    assert_string_equal(moot__buf_text(&problems), "- /a: must have at most 1 words, has 2\n"
                                                   "- /l/0/b: must have at least 2 words, has 1\n"
                                                   "- /l/3/b: must have at least 2 words, has 0\n");
    assert_int_equal(count, 3);
    assert_int_equal(moot__shortform_check(&form, shape, NULL, NULL), MOOT_EINVAL);
    moot__json_free(value);
    value = read_text("{\"a\": \"one\", \"l\": []}");
    assert_int_equal(moot__shortform_check(&form, value, NULL, NULL), MOOT_OK);
    moot__json_free(value);
    moot__buf_release(&problems);
    moot__shortform_release(&form);
    moot__json_free(shape);
}

static void filling(void **state)
{
    (void)state;
    struct moot_json *result =
        read_text("{\"name\": \"x\", \"l\": [{\"n\": 1}, {}, 5], \"t\": \"\"}");
    struct moot_json *value = read_text("[1.50]");
    static const char *const paths[] = {"id",       "to.deep.mail", "l.*.shop",
                                        "none.*.x", "t.x",          "name"};
    for (size_t i = 0; i < MOOT_COUNT(paths); i++)
        assert_int_equal(moot__shortform_fill(result, paths[i], value), MOOT_OK);
    char *text = moot__json_string(result);
    assert_string_equal(text,
                        "{\"name\":[1.50],\"l\":[{\"n\":1,\"shop\":[1.50]},{\"shop\":[1.50]},5]"
                        ",\"t\":\"\",\"id\":[1.50],\"to\":{\"deep\":{\"mail\":[1.50]}}}");
    free(text);
    moot__json_free(result);
    moot__json_free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(bad_answers),
        cmocka_unit_test(bounds),
        cmocka_unit_test(filling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
