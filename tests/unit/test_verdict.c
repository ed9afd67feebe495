#include "agents/verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

/* As models write it, and as it is then. */
static void reads_what_models_write(void **state)
{
    (void)state;
    static const struct {
        const char *said, *is;
    } cases[] = {
        {"{\"passed\":true,\"score\":9,\"problems\":[]}",
         "{\"passed\":true,\"problems\":[],\"score\":9}"},
        {"{\"approved\":true}", "{\"passed\":true,\"problems\":[]}"},
        {"{\"passed\":\"true\",\"problems\":null}", "{\"passed\":true,\"problems\":[]}"},
        {"{\"approved\":false,\"problems\":[\"too long\",{\"what\":\"dull\",\"quote\":\"very "
         "nice\"}]}",
         "{\"passed\":false,\"problems\":[{\"what\":\"too long\"},{\"what\":\"dull\",\"quote\":"
         "\"very nice\"}]}"},
        {"{\"passed\":false,\"problems\":[{\"problem\":\"no jar\",\"criterion\":2}]}",
         "{\"passed\":false,\"problems\":[{\"what\":\"no jar\",\"criterion\":\"Second.\"}]}"},
        {"{\"passed\":false,\"problems\":[{\"criterion\":\"1\"}]}",
         "{\"passed\":false,\"problems\":[{\"what\":\"First.\",\"criterion\":\"First.\"}]}"},
        {"{\"passed\":false,\"problems\":\"all of it\"}",
         "{\"passed\":false,\"problems\":[{\"what\":\"all of it\"}]}"},
        {"{\"passed\":false}", "{\"passed\":false,\"problems\":[{\"what\":\"it was not accepted, "
                               "and no reason was given\"}]}"},
        {"{\"passed\":true,\"score\":7.5}", "{\"passed\":true,\"problems\":[],\"score\":7}"},
        {"{\"passed\":true,\"score\":\"8/10\"}", "{\"passed\":true,\"problems\":[],\"score\":8}"},
        {"{\"passed\":true,\"score\":85}", "{\"passed\":true,\"problems\":[],\"score\":10}"},
        {"{\"passed\":true,\"score\":-3}", "{\"passed\":true,\"problems\":[]}"},
        {"{\"passed\":true,\"score\":1e2}", "{\"passed\":true,\"problems\":[]}"},
        {"{\"passed\":true,\"problems\":[1,{},[]]}", "{\"passed\":true,\"problems\":[]}"},
    };
    struct moot_json *criteria = read_json("[\"First.\",\"Second.\"]");
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *said = read_json(cases[i].said);
        struct moot_json *verdict = NULL;
        assert_int_equal(moot__verdict_read(said, criteria, &verdict), MOOT_OK);
        char *text = moot__json_string(verdict);
        assert_string_equal(text, cases[i].is);
        free(text);
        moot__json_free(verdict);
        moot__json_free(said);
    }
    moot__json_free(criteria);
}

static void refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]",
                                        "true",
                                        "{}",
                                        "{\"passed\":null}",
                                        "{\"score\":9,\"problems\":[]}",
                                        "{\"passed\":\"maybe\"}"};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_json *said = read_json(texts[i]);
        struct moot_json *verdict = NULL;
        assert_int_equal(moot__verdict_read(said, NULL, &verdict), MOOT_EINVAL);
        assert_null(verdict);
        moot__json_free(said);
    }
    struct moot_json *verdict = NULL;
    assert_int_equal(moot__verdict_read(NULL, NULL, &verdict), MOOT_EINVAL);
}

static void makes_problems_of_lines(void **state)
{
    (void)state;
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    assert_int_equal(moot__verdict_add_lines(problems, "- /a: one\n\n- two\nthree"), MOOT_OK);
    char *text = moot__json_string(problems);
    assert_string_equal(text, "[{\"what\":\"/a: one\"},{\"what\":\"two\"},{\"what\":\"three\"}]");
    free(text);
    for (int i = 0; i < 2 * MOOT_PROBLEMS_MAX; i++)
        moot__verdict_add(problems, "more", NULL, NULL);
    assert_int_equal(moot__json_count(problems), MOOT_PROBLEMS_MAX);
    struct moot_json *verdict = moot__verdict_new(false, problems);
    assert_int_equal(moot__verdict_score(verdict), -1);
    moot__json_free(verdict);
    verdict = moot__verdict_no(" bad\n");
    text = moot__json_string(verdict);
    assert_string_equal(text, "{\"passed\":false,\"problems\":[{\"what\":\"bad\"}]}");
    free(text);
    moot__json_free(verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_models_write),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(makes_problems_of_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
