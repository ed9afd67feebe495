#include "runtime/shortform.h"

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

static struct moot_shortform compile(const char *shape)
{
    struct moot_json *j = read_text(shape);
    struct moot_shortform form;
    struct moot_error err = {0};
    if (moot__shortform_compile(j, &form, &err) != MOOT_OK)
        fail_msg("%s: %s", shape, err.message);
    moot__json_free(j);
    return form;
}

static void same(const struct moot_json *j, const char *want)
{
    char *text = moot__json_string(j);
    assert_string_equal(text, want);
    free(text);
}

static bool fits(const struct moot_json *schema, const char *value)
{
    struct moot_schema *s = NULL;
    struct moot_error err = {0};
    if (moot__schema_compile(schema, &s, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    struct moot_json *j = read_text(value);
    int status = moot__schema_validate(s, j, NULL, NULL);
    moot__json_free(j);
    moot__schema_free(s);
    return status == MOOT_OK;
}

static void scalars(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"text", "{\"type\":\"string\"}"},
        {"integer 0..10", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":10}"},
        {"number 0.5..", "{\"type\":\"number\",\"minimum\":0.5}"},
        {"bool - whether", "{\"type\":\"boolean\",\"description\":\"whether\"}"},
        {"any", "{}"},
        {"yes | no", "{\"type\":\"string\",\"enum\":[\"yes\",\"no\"]}"},
        {"text 1..60 characters", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":60}"},
        {"text 30..120 words", "{\"type\":\"string\",\"description\":\"30 to 120 words\"}"},
        {"text 30.. words - a letter",
         "{\"type\":\"string\",\"description\":\"a letter (at least 30 words)\"}"},
        {"text ..9 words", "{\"type\":\"string\",\"description\":\"at most 9 words\"}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char shape[100];
        snprintf(shape, sizeof(shape), "\"%s\"", cases[i][0]);
        struct moot_shortform form = compile(shape);
        assert_true(form.scalar);
        assert_null(form.capture);
        same(form.schema, cases[i][1]);
        same(form.whole, cases[i][1]);
        assert_int_equal(form.check_count, i >= 7);
        moot__shortform_release(&form);
    }
    struct moot_shortform form = compile("\"text ..5 characters matching x(.*)y\"");
    assert_string_equal(form.capture, "x(.*)y");
    same(form.whole, "{\"type\":\"string\",\"maxLength\":5}");
    moot__shortform_release(&form);
}

static void patterns(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"date", "2026-02-28", "2026-13-01"},
        {"date", "2026-12-31", "31.12.2026"},
        {"email", "a.b+c@mail.example.com", "a@b"},
        {"email", "\xc3\xa4@example.org", "a b@example.com"},
        {"url", "https://example.com/a?b#c", "example.com"},
        {"url", "http://[::1]:80", "https://"},
        {"url", "https://example.com", "javascript:alert(1)"},
        {"uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"},
        {"uuid", "123E4567-E89B-12D3-A456-426614174000", "123e4567-e89b-12d3-a456-42661417400g"},
        {"text matching ^[a-z]+$", "abc", "aBc"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char text[200];
        snprintf(text, sizeof(text), "{\"x\": \"%s\"}", cases[i][0]);
        struct moot_shortform form = compile(text);
        snprintf(text, sizeof(text), "{\"x\": \"%s\"}", cases[i][1]);
        if (!fits(form.schema, text))
            fail_msg("%s is %s", cases[i][1], cases[i][0]);
        snprintf(text, sizeof(text), "{\"x\": \"%s\"}", cases[i][2]);
        if (fits(form.schema, text))
            fail_msg("%s is not %s", cases[i][2], cases[i][0]);
        moot__shortform_release(&form);
    }
}

static void maps_and_lists(void **state)
{
    (void)state;
    struct moot_shortform form =
        compile("{\"z\": \"text\", \"a\": \"optional integer\", \"list\": [\"text 1.. words\"], "
                "\"inner\": {\"deep\": [[\"a | b\"]], \"more\": [{\"x\": \"text ..5 words\"}]}}");
    assert_false(form.scalar);
    same(
        form.schema,
        "{\"type\":\"object\",\"properties\":{\"z\":{\"type\":\"string\"},"
        "\"a\":{\"type\":\"integer\"},\"list\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"description\":\"at least 1 words\"}},\"inner\":{\"type\":\"object\",\"properties\":{"
        "\"deep\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"enum\":[\"a\",\"b\"]}}},\"more\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
        "\"properties\":{\"x\":{\"type\":\"string\",\"description\":\"at most 5 words\"}},"
        "\"required\":[\"x\"],\"additionalProperties\":false}}},\"required\":[\"deep\",\"more\"],"
        "\"additionalProperties\":false}},\"required\":[\"z\",\"list\",\"inner\"],"
        "\"additionalProperties\":false}");
    assert_true(moot__json_equal(form.schema, form.whole));
    assert_int_equal(form.check_count, 2);
    assert_string_equal(form.checks[0].path, "list.*");
    assert_string_equal(form.checks[1].path, "inner.more.*.x");
    assert_string_equal(form.checks[1].unit, "words");
    assert_int_equal(form.checks[1].min, -1);
    assert_int_equal(form.checks[1].max, 5);
    moot__shortform_release(&form);
}

static void filled(void **state)
{
    (void)state;
    struct moot_shortform form =
        compile("{\"name\": \"text\", \"store_id\": \"{storefront.store_id}\", "
                "\"to\": {\"mail\": \"{storefront.email}\"}, "
                "\"list\": [{\"n\": \"integer\", \"shop\": \"{storefront.name:-none}\"}]}");
    same(form.filled, "{\"store_id\":\"{storefront.store_id}\",\"to.mail\":\"{storefront.email}\","
                      "\"list.*.shop\":\"{storefront.name:-none}\"}");
    static const char asked[] = "{\"name\":\"x\",\"list\":[{\"n\":1}]}";
    assert_true(fits(form.schema, asked));
    assert_false(fits(form.whole, asked));
    assert_true(fits(form.whole, "{\"name\":\"x\",\"store_id\":7,\"to\":{\"mail\":\"\"},"
                                 "\"list\":[{\"n\":1,\"shop\":null}]}"));
    moot__shortform_release(&form);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *shape;
        const char *message;
        const char *hint;
        size_t offset;
    } cases[] = {
        {"{\"a\": {\"b\": \"optional txt\"}}", "a.b: \"txt\" is no type at byte 9", "\"text\"?", 9},
        {"{\"a\": [\"txt\"]}", "a.*: \"txt\" is no type", "\"text\"?", 0},
        {"{\"a\": \"\"}", "a: a type is missing", "a type is", 0},
        {"{\"a\": null}", "a: a type is missing", "text", 0},
        {"{\"a\": 5}", "a: a type is a text", "text", 0},
        {"{\"a\": []}", "a: a list has one type", "[text]", 0},
        {"{\"a\": [\"text\", \"text\"]}", "a: a list has one type", "[text]", 0},
        {"{\"a\": [\"{x}\"]}", "a: an element of a list cannot be filled in", "", 0},
        {"{\"a\": [\"optional text\"]}", "a.*: an element of a list cannot be optional", "empty",
         0},
        {"{\"a\": {}}", "a: a map without fields", "", 0},
        {"{}", "a map without fields", "", 0},
        {"{\"a b\": \"text\"}", "a b: a field's name", "", 0},
        {"{\"\": \"text\"}", "a field's name", "", 0},
        {"{\"1a\": \"text\"}", "1a: a field's name", "", 0},
        {"{\"a.b\": \"text\"}", "a.b: a field's name", "", 0},
        {"[\"text\"]", "the whole result is a list", "{list: [text]}", 0},
        {"\"{x}\"", "the whole result cannot be filled in", "", 0},
        {"\"optional text\"", "the whole result cannot be optional", "", 0},
        {"null", "a type is missing", "", 0},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *j = read_text(cases[i].shape);
        struct moot_shortform form;
        struct moot_error err = {0};
        if (moot__shortform_compile(j, &form, &err) != MOOT_EINVAL ||
            strstr(err.message, cases[i].message) == NULL ||
            strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("%s: %s (%s)", cases[i].shape, err.message, err.hint);
        assert_non_null(form.bad);
        assert_int_equal(form.bad_offset, cases[i].offset);
        assert_null(form.schema);
        moot__shortform_release(&form);
        moot__json_free(j);
    }
}

static void limits(void **state)
{
    (void)state;
    struct moot_json *deep = moot__json_new_text("text");
    for (int i = 0; i < 17; i++) {
        struct moot_json *outer = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set(outer, "a", deep);
        deep = outer;
    }
    struct moot_shortform form;
    assert_int_equal(moot__shortform_compile(deep, &form, NULL), MOOT_ETOOBIG);
    moot__shortform_release(&form);
    assert_int_equal(moot__shortform_depth(deep), 17);
    moot__json_free(deep);

    struct moot_json *wide = moot__json_new(MOOT_JSON_OBJECT);
    for (int i = 0; i < 1001; i++) {
        char name[20];
        snprintf(name, sizeof(name), "f%d", i);
        moot__json_set_text(wide, name, "text");
    }
    assert_int_equal(moot__shortform_compile(wide, &form, NULL), MOOT_ETOOBIG);
    moot__shortform_release(&form);
    moot__json_free(wide);
}

static void measures(void **state)
{
    (void)state;
    static const struct {
        const char *shape;
        size_t depth;
        size_t width;
    } cases[] = {
        {"\"text\"", 0, 0},
        {"{\"a\": \"text\"}", 1, 1},
        {"{\"a\": [\"text\"], \"b\": \"text\"}", 2, 2},
        {"{\"a\": [{\"x\": \"text\", \"y\": \"text\", \"z\": {\"q\": \"text\"}}]}", 4, 3},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *j = read_text(cases[i].shape);
        assert_int_equal(moot__shortform_depth(j), cases[i].depth);
        assert_int_equal(moot__shortform_width(j), cases[i].width);
        moot__json_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),  cmocka_unit_test(patterns), cmocka_unit_test(maps_and_lists),
        cmocka_unit_test(filled),   cmocka_unit_test(refused),  cmocka_unit_test(limits),
        cmocka_unit_test(measures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
