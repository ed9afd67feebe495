#include "runtime/schema_report.h"

#include "runtime/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int report(const char *schema, const char *value, struct moot_buf *problems, size_t *count)
{
    struct moot_schema *s = NULL;
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__schema_compile_text(schema, strlen(schema), &s, &err) != MOOT_OK ||
        moot__json_parse(value, strlen(value), &j, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    int status = moot__schema_validate(s, j, problems, count);
    moot__json_free(j);
    moot__schema_free(s);
    return status;
}

static void lines(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"{\"type\": \"integer\"}", "\"a\\nb\"",
         "- (the whole value): must be an integer, is \"a\\nb\"\n"},
        {"{\"type\": [\"string\", \"null\"], \"maxLength\": 3}", "[1]",
         "- (the whole value): must be null or a string, is an array of 1\n"},
        {"{\"properties\": {\"a\": {\"enum\": [\"x\", 2, null]}}}", "{\"a\": true}",
         "- /a: must be one of \"x\", 2, null, is true\n"},
        {"{\"items\": {\"const\": {}}}", "[{}, 1.50]", "- /1: must be an object, is 1.50\n"},
        {"{\"properties\": {\"n\": {\"minimum\": 1, \"maximum\": 5}}}", "{\"n\": 7}",
         "- /n: must be at most 5, is 7\n"},
        {"{\"exclusiveMinimum\": 0}", "0", "- (the whole value): must be more than 0, is 0\n"},
        {"{\"exclusiveMaximum\": 0}", "0", "- (the whole value): must be less than 0, is 0\n"},
        {"{\"multipleOf\": 2}", "3", "- (the whole value): must be a multiple of 2, is 3\n"},
        {"{\"maxLength\": 2}", "\"abc\"",
         "- (the whole value): must have at most 2 characters, has 3\n"},
        {"{\"pattern\": \"^a\"}", "\"b\"",
         "- (the whole value): must match the pattern ^a, is \"b\"\n"},
        {"{\"pattern\": \"^[0-9-]+$\", \"format\": \"date\"}", "\"b\"",
         "- (the whole value): must be in the format \"date\" (pattern ^[0-9-]+$), is \"b\"\n"},
        {"{\"required\": [\"a\", \"b\", \"c\"]}", "{\"b\": 1}",
         "- (the whole value): \"a\" is missing\n- (the whole value): \"c\" is missing\n"},
        {"{\"dependentRequired\": {\"b\": [\"a\"]}}", "{\"b\": 1}",
         "- (the whole value): \"a\" is missing (\"b\" needs it)\n"},
        {"{\"properties\": {\"a\": true}, \"additionalProperties\": false}",
         "{\"a\": 1, \"b\": 1, \"c\": 1}",
         "- /b: is not allowed here\n- /c: is not allowed here\n"},
        {"{\"minProperties\": 1}", "{}",
         "- (the whole value): must have at least 1 members, has 0\n"},
        {"{\"maxItems\": 1}", "[1, 2]",
         "- (the whole value): must have at most 1 elements, has 2\n"},
        {"{\"propertyNames\": {\"maxLength\": 1}}", "{\"ab\": 1}",
         "- (the whole value): the name \"ab\" is not allowed\n"},
        {"{\"uniqueItems\": true}", "[\"a\", 1, \"a\"]",
         "- (the whole value): must not have the same element twice, has \"a\"\n"},
        {"{\"not\": {\"const\": 1}}", "1",
         "- (the whole value): must not fit what \"not\" describes, is 1\n"},
        {"{\"oneOf\": [{\"minimum\": 1}, {\"maximum\": 5}]}", "3",
         "- (the whole value): fits 2 of the forms allowed here and must fit exactly one\n"},
        {"{\"contains\": {\"const\": 1}}", "[2]",
         "- (the whole value): must have at least 1 of the elements that \"contains\" describes, "
         "has "
         "0\n"},
        {"{\"items\": {\"properties\": {\"x\": {\"type\": \"null\"}}}}",
         "[{}, {\"x\": null}, {\"x\": {}}]", "- /2/x: must be null, is an object\n"},
        {"{\"if\": {\"required\": [\"a\"]}, \"then\": {\"required\": [\"b\"]}}", "{\"a\": 1}",
         "- (the whole value): \"b\" is missing\n"},
        {"{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"null\"}]}", "1",
         "- (the whole value): fits none of the 2 forms allowed here, is 1\n"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_buf problems;
        moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
        assert_int_equal(report(cases[i][0], cases[i][1], &problems, NULL), MOOT_EINVAL);
        assert_string_equal(moot__buf_text(&problems), cases[i][2]);
        moot__buf_release(&problems);
    }
}

/* Of several forms the one that was meant is reported from. */
static void nearest_form(void **state)
{
    (void)state;
    static const char schema[] =
        "{\"anyOf\": [{\"type\": \"null\"},"
        "{\"type\": \"object\", \"required\": [\"kind\", \"a\"], "
        "\"properties\": {\"kind\": {\"const\": \"first\"}, \"a\": {\"type\": \"string\"}}},"
        "{\"type\": \"object\", \"required\": [\"kind\", \"b\", \"c\"], "
        "\"properties\": {\"kind\": {\"const\": \"second\"}, \"b\": {\"type\": \"string\"}}}]}";
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
    assert_int_equal(report(schema, "{\"kind\": \"second\", \"a\": \"\"}", &problems, NULL),
                     MOOT_EINVAL);
    assert_string_equal(
        moot__buf_text(&problems),
        "- (the whole value): fits none of the 3 forms allowed here; nearest is no. "
        "3:\n- (the whole value): \"b\" is missing\n- (the whole value): \"c\" is "
        "missing\n");
    moot__buf_release(&problems);
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

static void bounds(void **state)
{
    (void)state;
    struct moot_buf value;
    struct moot_buf problems;
    size_t count = 0;
    moot__buf_init(&value, 100000);
    moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
    for (int i = 0; i < 50; i++)
        moot__buf_addf(&value, "%c\"x\"", i == 0 ? '[' : ',');
    moot__buf_adds(&value, "]");
    moot__buf_adds(&problems, "before\n");
    assert_int_equal(report("{\"items\": {\"type\": \"null\"}}", value.data, &problems, &count),
                     MOOT_EINVAL);
    assert_int_equal(count, 50);
    assert_int_equal(count_lines(problems.data), 1 + MOOT_SCHEMA_PROBLEMS_MAX);
    assert_non_null(strstr(problems.data, "- /18: "));
    assert_non_null(strstr(problems.data, "\n- and 31 more\n"));
    assert_int_equal(report("true", "1", NULL, &count), MOOT_OK);
    assert_int_equal(count, 0);

    /* Long names and values are cut between code points and stay on their line. */
    moot__buf_clear(&value);
    moot__buf_clear(&problems);
    moot__buf_adds(&value, "{\"x\\n");
    for (int i = 0; i < 500; i++)
        moot__buf_adds(&value, "\xe2\x82\xac");
    moot__buf_adds(&value, "\": {\"y\": \"");
    for (int i = 0; i < 500; i++)
        moot__buf_adds(&value, "\xe2\x82\xac");
    moot__buf_adds(&value, "\"}}");
    assert_int_equal(report("{\"additionalProperties\": {\"additionalProperties\": "
                            "{\"type\": \"null\"}}}",
                            value.data, &problems, &count),
                     MOOT_EINVAL);
    assert_int_equal(count_lines(problems.data), 1);
    assert_true(problems.len < 400);
    assert_true(moot__utf8_valid(problems.data, problems.len, NULL));
    assert_non_null(strstr(problems.data, "\xe2\x80\xa6\"\n"));
    moot__buf_release(&value);
    moot__buf_release(&problems);

    /* A buffer that is too small takes nothing of the answer away. */
    moot__buf_init(&problems, 10);
    assert_int_equal(report("{\"type\": \"null\"}", "1", &problems, &count), MOOT_EINVAL);
    assert_int_equal(count, 1);
    moot__buf_release(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(nearest_form),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
