/* What the official suite (test_schema_suite.c) does not try: sizes, limits, hostile schemas. */
#include "runtime/schema.h"

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

static int validate(const char *schema, const char *value, struct moot_buf *problems)
{
    struct moot_schema *s = NULL;
    struct moot_error err = {0};
    if (moot__schema_compile_text(schema, strlen(schema), &s, &err) != MOOT_OK)
        fail_msg("%s: %s", schema, err.message);
    struct moot_json *j = read_text(value);
    int status = moot__schema_validate(s, j, problems, NULL);
    moot__json_free(j);
    moot__schema_free(s);
    return status;
}

static void keywords(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"{\"contains\": {\"const\": 1}, \"minContains\": 2}", "[1, 1]", "[1, 2]"},
        {"{\"contains\": {\"const\": 1}, \"maxContains\": 1}", "[1, 2]", "[1, 1]"},
        {"{\"contains\": {\"const\": 1}, \"minContains\": 0}", "[]", "{}"},
        {"{\"minContains\": 2}", "[]", NULL},
        {"{\"dependentSchemas\": {\"a\": {\"required\": [\"b\"]}}}", "{\"a\": 1, \"b\": 1}",
         "{\"a\": 1}"},
        {"{\"dependentRequired\": {\"a\": [\"b\"]}}", "{\"c\": 1}", "{\"a\": 1}"},
        {"{\"uniqueItems\": true}", "[{\"a\": 1, \"b\": 2}, {\"a\": 2, \"b\": 1}]",
         "[{\"a\": 1, \"b\": 2}, 1, {\"b\": 2.0, \"a\": 1e0}]"},
        {"{\"minimum\": 9007199254740993}", "9007199254740993", "9007199254740992"},
        {"{\"const\": 0.1}", "0.10", "0.1000000000000000000001"},
        {"{\"multipleOf\": 0.01}", "19.99", "19.999"},
        {"{\"type\": \"integer\"}", "1e400", "1e-400"},
        {"{\"exclusiveMaximum\": 1e400}", "9e399", "1e400"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        if (validate(cases[i][0], cases[i][1], NULL) != MOOT_OK)
            fail_msg("%s must fit %s", cases[i][1], cases[i][0]);
        if (cases[i][2] != NULL && strcmp(cases[i][2], "{}") != 0 &&
            validate(cases[i][0], cases[i][2], NULL) != MOOT_EINVAL)
            fail_msg("%s must not fit %s", cases[i][2], cases[i][0]);
    }
}

/* 2^40 ways through a schema of 40 levels end with an error, and soon. */
static void exponential(void **state)
{
    (void)state;
    static const char *const kinds[] = {"anyOf", "oneOf", "allOf"};
    for (size_t k = 0; k < MOOT_COUNT(kinds); k++) {
        struct moot_buf text;
        moot__buf_init(&text, 100000);
        moot__buf_adds(&text, "{\"$ref\": \"#/$defs/d0\", \"$defs\": {");
        for (int i = 0; i < 40; i++)
            moot__buf_addf(&text,
                           "\"d%d\": {\"%s\": [{\"$ref\": \"#/$defs/d%d\"}, "
                           "{\"$ref\": \"#/$defs/d%d\"}]}, ",
                           i, kinds[k], i + 1, i + 1);
        moot__buf_addf(&text, "\"d40\": %s}}", k < 2 ? "{\"type\": \"null\"}" : "true");
        struct moot_buf problems;
        moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
        assert_int_equal(validate(moot__buf_text(&text), "1", &problems), MOOT_ELIMIT);
        assert_non_null(strstr(moot__buf_text(&problems), "takes too long"));
        assert_int_equal(validate(moot__buf_text(&text), "1", NULL), MOOT_ELIMIT);
        moot__buf_release(&problems);
        moot__buf_release(&text);
    }
}

static void hostile_patterns(void **state)
{
    (void)state;
    char value[2000];
    value[0] = '"';
    memset(value + 1, 'a', 1000);
    memcpy(value + 1001, "!\"", 3);
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
    assert_int_equal(validate("{\"pattern\": \"^(a+)+$\"}", value, &problems), MOOT_ELIMIT);
    assert_non_null(strstr(moot__buf_text(&problems), "pattern"));
    moot__buf_release(&problems);
    /* Neither `not` nor `if` makes an answer of having none. */
    assert_int_equal(validate("{\"not\": {\"pattern\": \"^(a+)+$\"}}", value, NULL), MOOT_ELIMIT);
    assert_int_equal(validate("{\"if\": {\"pattern\": \"^(a+)+$\"}, \"else\": true}", value, NULL),
                     MOOT_ELIMIT);
    assert_int_equal(validate("{\"anyOf\": [{\"pattern\": \"^(a+)+$\"}, true]}", value, NULL),
                     MOOT_ELIMIT);
    /* All searches of one check share the steps. */
    struct moot_buf many;
    moot__buf_init(&many, MOOT_MAX_JSON);
    for (int i = 0; i < 3000; i++)
        moot__buf_addf(&many, "%c\"aaaaaaaaaaaaaaaa!\"", i == 0 ? '[' : ',');
    moot__buf_adds(&many, "]");
    assert_int_equal(
        validate("{\"items\": {\"pattern\": \"^(a+)+$\"}}", moot__buf_text(&many), NULL),
        MOOT_EINVAL);
    struct moot_buf all;
    moot__buf_init(&all, MOOT_SCHEMA_REPORT_MAX);
    assert_int_equal(
        validate("{\"items\": {\"pattern\": \"^(a+)+$\"}}", moot__buf_text(&many), &all),
        MOOT_ELIMIT);
    moot__buf_release(&all);
    moot__buf_release(&many);
}

/* A chain of references in each level of the value uses up the depth, not the stack. */
static void depth(void **state)
{
    (void)state;
    struct moot_buf text;
    moot__buf_init(&text, 100000);
    moot__buf_adds(&text, "{\"$ref\": \"#/$defs/d0\", \"$defs\": {");
    for (int i = 0; i < 30; i++)
        moot__buf_addf(&text, "\"d%d\": {\"$ref\": \"#/$defs/d%d\"}, ", i, i + 1);
    moot__buf_adds(&text, "\"d30\": {\"items\": {\"$ref\": \"#\"}}}}");
    assert_int_equal(validate(moot__buf_text(&text), "[[[[[]]]]]", NULL), MOOT_OK);
    assert_int_equal(validate(moot__buf_text(&text),
                              "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", NULL),
                     MOOT_ELIMIT);
    moot__buf_release(&text);
}

static void large_values(void **state)
{
    (void)state;
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (int i = 0; i < 100000; i++)
        moot__buf_addf(&text, "%c{\"id\": %d, \"name\": \"n\"}", i == 0 ? '[' : ',', i);
    moot__buf_adds(&text, "]");
    assert_int_equal(
        validate(
            "{\"uniqueItems\": true, \"items\": {\"type\": \"object\", \"required\": [\"id\"], "
            "\"properties\": {\"id\": {\"type\": \"integer\"}, \"name\": {\"pattern\": "
            "\"^[a-z]+$\"}}, \"additionalProperties\": false}}",
            moot__buf_text(&text), NULL),
        MOOT_OK);
    moot__buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords),         cmocka_unit_test(exponential),
        cmocka_unit_test(hostile_patterns), cmocka_unit_test(depth),
        cmocka_unit_test(large_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
