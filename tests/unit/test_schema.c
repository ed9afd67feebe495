#include "runtime/schema.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_schema *compile(const char *text)
{
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    if (moot__schema_compile_text(text, strlen(text), &schema, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return schema;
}

static bool fits(const struct moot_schema *schema, const char *value)
{
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(value, strlen(value), &j, NULL), MOOT_OK);
    int status = moot__schema_validate(schema, j, NULL, NULL);
    moot__json_free(j);
    assert_true(status == MOOT_OK || status == MOOT_EINVAL);
    return status == MOOT_OK;
}

static void check(const char *schema, const char *good, const char *bad)
{
    struct moot_schema *s = compile(schema);
    if (good != NULL && !fits(s, good))
        fail_msg("%s must fit %s", good, schema);
    if (bad != NULL && fits(s, bad))
        fail_msg("%s must not fit %s", bad, schema);
    moot__schema_free(s);
}

static void refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1", "an object, true or false"},
        {"\"x\"", "an object, true or false"},
        {"{\"unevaluatedProperties\": false}", "\"unevaluatedProperties\" is not known"},
        {"{\"x-internal\": 1}", "not known"},
        {"{\"properties\": {\"a/b\": {\"maxlength\": 3}}}", "/properties/a~1b: "},
        {"{\"properties\": []}", "object of schemas"},
        {"{\"properties\": {\"a\": 1}}", "needs a schema"},
        {"{\"items\": [{}]}", "prefixItems"},
        {"{\"anyOf\": []}", "list of schemas"},
        {"{\"anyOf\": [{}, {\"anyOf\": {}}]}", "/anyOf/1: "},
        {"{\"allOf\": {}}", "list of schemas"},
        {"{\"type\": \"text\"}", "not text"},
        {"{\"type\": []}", "empty"},
        {"{\"type\": [\"string\", 1]}", "one of null"},
        {"{\"enum\": 1}", "list of values"},
        {"{\"required\": true}", "list of names"},
        {"{\"required\": [1]}", "list of names"},
        {"{\"dependentRequired\": {\"a\": 1}}", "list of names"},
        {"{\"dependentRequired\": []}", "lists of names"},
        {"{\"minLength\": -1}", "integer from 0"},
        {"{\"minLength\": 1.5}", "integer from 0"},
        {"{\"minimum\": \"1\"}", "needs a number"},
        {"{\"exclusiveMinimum\": true}", "needs a number"},
        {"{\"multipleOf\": 0}", "above 0"},
        {"{\"multipleOf\": -2}", "above 0"},
        {"{\"multipleOf\": 1.2345678901234567890123}", "18 digits"},
        {"{\"uniqueItems\": 1}", "true or false"},
        {"{\"pattern\": 1}", "needs a text"},
        {"{\"pattern\": \"(\"}", "byte 1"},
        {"{\"patternProperties\": {\"[\": {}}}", "of the pattern '['"},
        {"{\"$ref\": 1}", "needs a text"},
        {"{\"$ref\": \"http://example.com/x\"}", "nothing is fetched"},
        {"{\"$ref\": \"other.json#/a\"}", "nothing is fetched"},
        {"{\"$ref\": \"#/$defs/no\"}", "leads to no schema"},
        {"{\"$ref\": \"#no\"}", "leads to no schema"},
        {"{\"$ref\": \"#/%zz\"}", "leads to no schema"},
        {"{\"$ref\": \"#/%00\"}", "leads to no schema"},
        {"{\"$ref\": \"#/enum/0\", \"enum\": [{}]}", "leads to no schema"},
        {"{\"$ref\": \"#\"}", "without end"},
        {"{\"anyOf\": [{\"type\": \"null\"}, {\"not\": {\"$ref\": \"#\"}}]}", "without end"},
        {"{\"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, \"b\": {\"$ref\": \"#/$defs/a\"}}}",
         "/$defs/a: \"$ref\" leads back"},
        {"{\"properties\": {\"a\": {\"$id\": \"x\"}}}", "\"$id\""},
        {"{\"$dynamicRef\": \"#x\"}", "not known"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_schema *schema = NULL;
        struct moot_error err = {0};
        int status = moot__schema_compile_text(cases[i][0], strlen(cases[i][0]), &schema, &err);
        if (status != MOOT_EINVAL || strstr(err.message, cases[i][1]) == NULL)
            fail_msg("%s: %d %s", cases[i][0], status, err.message);
        assert_null(schema);
    }
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__schema_compile_text("{", 1, &schema, &err), MOOT_ESYNTAX);
    assert_int_equal(moot__schema_compile(NULL, &schema, &err), MOOT_EINVAL);
    moot__schema_compile_text("{\"maxlength\": 3}", 16, &schema, &err);
    assert_string_equal(err.hint, "did you mean \"maxLength\"?");
}

static void annotations(void **state)
{
    (void)state;
    check("{\"title\": 1, \"description\": \"\", \"default\": 1, \"examples\": [], "
          "\"deprecated\": true, \"readOnly\": true, \"writeOnly\": true, \"$comment\": \"\", "
          "\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"$id\": \"a\", "
          "\"$anchor\": \"b\", \"format\": \"date\", \"contentEncoding\": \"base64\", "
          "\"contentMediaType\": \"text/plain\"}",
          "\"no date\"", NULL);
}

static void references(void **state)
{
    (void)state;
    check("{\"$defs\": {\"a\": {\"type\": \"string\"}}, \"$ref\": \"#/$defs/a\"}", "\"\"", "1");
    check("{\"definitions\": {\"a\": {\"type\": \"string\"}}, \"$ref\": \"#/definitions/a\"}",
          "\"\"", "1");
    check("{\"$defs\": {\"a/b~c d\": {\"type\": \"string\"}}, \"$ref\": \"#/$defs/a~1b~0c%20d\"}",
          "\"\"", "1");
    check(
        "{\"$defs\": {\"a\": {\"$anchor\": \"here\", \"type\": \"string\"}}, \"$ref\": \"#here\"}",
        "\"\"", "1");
    check("{\"$id\": \"https://example.com/s\", \"$ref\": \"https://example.com/s#/$defs/a\", "
          "\"$defs\": {\"a\": {\"type\": \"string\"}}}",
          "\"\"", "1");
    check("{\"prefixItems\": [{\"type\": \"string\"}, {\"$ref\": \"#/prefixItems/0\"}]}",
          "[\"\", \"\"]", "[\"\", 1]");
    /* Beside others, and back to itself through the value. */
    check("{\"$ref\": \"#/$defs/a\", \"maxLength\": 1, \"$defs\": {\"a\": {\"type\": \"string\"}}}",
          "\"a\"", "\"ab\"");
    check("{\"type\": \"object\", \"properties\": {\"next\": {\"$ref\": \"#\"}}}",
          "{\"next\": {\"next\": {}}}", "{\"next\": {\"next\": 1}}");
}

static void patterns(void **state)
{
    (void)state;
    check("{\"pattern\": \"b\"}", "\"abc\"", "\"acc\"");
    check("{\"pattern\": \"^\\\\p{Letter}\\\\P{Letter}\\\\p{Decimal_Number}$\"}", "\"\xc3\xa9-7\"",
          "\"x\xc3\xa9"
          "7\"");
    check("{\"pattern\": \"^\\\\\\\\p{Letter}\"}", "\"\\\\p{Letter}\"", "\"\\\\pa\"");
    check("{\"maxLength\": 2, \"minLength\": 2}", "\"\xf0\x9f\x98\x80\xc3\xa9\"", "\"\xc3\xa9\"");
}

/* Repeats a text into a list between two others. */
static char *repeat(const char *before, const char *unit, const char *between, size_t times,
                    const char *after)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    moot__buf_adds(&text, before);
    for (size_t i = 0; i < times; i++) {
        moot__buf_adds(&text, i == 0 ? "" : between);
        moot__buf_adds(&text, unit);
    }
    moot__buf_adds(&text, after);
    return moot__buf_take(&text);
}

static int try_repeated(const char *before, const char *unit, const char *between, size_t times,
                        const char *after)
{
    char *text = repeat(before, unit, between, times, after);
    struct moot_schema *schema = NULL;
    int status = moot__schema_compile_text(text, strlen(text), &schema, NULL);
    moot__schema_free(schema);
    free(text);
    return status;
}

static void limits(void **state)
{
    (void)state;
    static const char refs[] = "{\"$ref\":\"#/$defs/a\"}";
    static const char end[] = "],\"$defs\":{\"a\":{}}}";
    assert_int_equal(try_repeated("{\"allOf\":[", refs, ",", MOOT_SCHEMA_REFS_MAX, end), MOOT_OK);
    assert_int_equal(try_repeated("{\"allOf\":[", refs, ",", MOOT_SCHEMA_REFS_MAX + 1, end),
                     MOOT_ETOOBIG);
    assert_int_equal(try_repeated("{\"enum\":[", "1", ",", MOOT_SCHEMA_ENUM_MAX, "]}"), MOOT_OK);
    assert_int_equal(try_repeated("{\"enum\":[", "1", ",", MOOT_SCHEMA_ENUM_MAX + 1, "]}"),
                     MOOT_ETOOBIG);
    assert_int_equal(try_repeated("{\"allOf\":[", "true", ",", MOOT_SCHEMA_NODES_MAX - 1, "]}"),
                     MOOT_OK);
    assert_int_equal(try_repeated("{\"allOf\":[", "true", ",", MOOT_SCHEMA_NODES_MAX, "]}"),
                     MOOT_ETOOBIG);

    /* The reader holds a text to 64 levels; a tree that was built must be held too. */
    struct moot_json *deep = moot__json_new(MOOT_JSON_OBJECT);
    for (int i = 0; i < MOOT_MAX_DEPTH + 1; i++) {
        struct moot_json *outer = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set(outer, "not", deep);
        deep = outer;
    }
    struct moot_schema *schema = NULL;
    assert_int_equal(moot__schema_compile(deep, &schema, NULL), MOOT_ETOOBIG);
    moot__json_free(deep);
}

static void source(void **state)
{
    (void)state;
    struct moot_schema *schema = compile("{\"type\": \"string\"}");
    char *text = moot__json_string(moot__schema_json(schema));
    assert_string_equal(text, "{\"type\":\"string\"}");
    free(text);
    moot__schema_free(schema);
    moot__schema_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),  cmocka_unit_test(annotations), cmocka_unit_test(references),
        cmocka_unit_test(patterns), cmocka_unit_test(limits),      cmocka_unit_test(source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
