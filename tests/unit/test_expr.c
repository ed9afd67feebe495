#include "runtime/expr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char scope_text[] =
    "{\"$item\":\"shop\",\"shop\":{\"text\":\"Socks in threes\",\"owner\":\"Orla\",\"price\":12.50,"
    "\"tags\":[\"wool\",\"odd\"],\"open\":true},"
    "\"email\":{\"body\":\"Dear Orla\",\"score\":7,\"big\":9007199254740993,\"notes\":\"\"},"
    "\"skipped\":null,"
    "\"items\":{\"concept\":[{\"name\":\"A\"},{\"name\":\"B\"},{\"title\":\"no name\"}]},"
    "\"grade\":\"high\"}";

static struct moot_json *json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__json_parse(text, strlen(text), &j, &err), 0);
    return j;
}

static struct moot_expr *parsed(const char *text)
{
    struct moot_expr *e = NULL;
    struct moot_error err = {0};
    int rc = moot__expr_parse(text, strlen(text), &e, &err);
    if (rc != 0)
        fail_msg("%s: column %d: %s", text, err.column, err.message);
    return e;
}

static void holds(const char *text, bool expected)
{
    struct moot_json *scope = json(scope_text);
    struct moot_expr *e = parsed(text);
    struct moot_error err = {0};
    bool out = !expected;
    if (moot__expr_true(e, scope, &out, &err) != 0)
        fail_msg("%s: %s", text, err.message);
    if (out != expected)
        fail_msg("%s: expected %d", text, expected);
    moot__expr_free(e);
    moot__json_free(scope);
}

static void gives(const char *text, const char *expected)
{
    struct moot_json *scope = json(scope_text);
    struct moot_expr *e = parsed(text);
    struct moot_json *value = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__expr_eval(e, scope, &value, &err), 0);
    char *got = moot__json_string(value);
    assert_string_equal(got, expected);
    free(got);
    moot__json_free(value);
    moot__expr_free(e);
    moot__json_free(scope);
}

static void refused(const char *text, int column, const char *part)
{
    struct moot_expr *e = NULL;
    struct moot_error err = {0};
    int rc = moot__expr_parse(text, strlen(text), &e, &err);
    if (rc == 0)
        fail_msg("%s was accepted", text);
    assert_null(e);
    if (strstr(err.message, part) == NULL)
        fail_msg("%s: %s", text, err.message);
    if (err.column != column)
        fail_msg("%s: column %d: %s", text, err.column, err.message);
}

static void fails(const char *text, const char *part)
{
    struct moot_json *scope = json(scope_text);
    struct moot_expr *e = parsed(text);
    struct moot_error err = {0};
    bool out = false;
    assert_int_not_equal(moot__expr_true(e, scope, &out, &err), 0);
    if (strstr(err.message, part) == NULL)
        fail_msg("%s: %s", text, err.message);
    assert_true(err.column > 0);
    moot__expr_free(e);
    moot__json_free(scope);
}

static void test_compares(void **state)
{
    (void)state;
    holds("email.score >= 7", true);
    holds("email.score > 7.000", false);
    holds("email.score == 7.0", true);
    holds("email.big == 9007199254740993", true);
    holds("email.big == 9007199254740992", false);
    holds("shop.price == 12.5", true);
    holds("shop.price < 12.50000000000000000001", true);
    holds("-1 < 0", true);
    holds("\"2026-01-31\" < '2026-02-01'", true);
    holds("grade == 'high'", true);
    holds("grade != \"high\"", false);
    holds("email.score == '7'", false);
    holds("[1, 2.0] == [1.0, 2]", true);
    holds("true", true);
    holds("not false", true);
    holds("not not shop.open", true);
}

static void test_words(void **state)
{
    (void)state;
    holds("'wool' in shop.tags", true);
    holds("shop.tags contains 'silk'", false);
    holds("email.body contains 'Orla'", true);
    holds("'Orla' in email.body", true);
    holds("grade in ['high', 'low']", true);
    holds("email.body matches '^Dear [A-Z][a-z]+'", true);
    holds("email.body matches '^dear'", false);
    holds("count(shop.tags) == 2 and not empty(shop.tags)", true);
    holds("empty(email.notes) and empty(nothing.at.all) and empty([])", true);
    holds("shop.tags.1 == 'odd'", true);
    holds("count(items.concept) == 3 and items.concept.name == ['A', 'B']", true);
    holds("false or (grade == 'high' and true)", true);
    holds("false and nothing matches 'x' or true", true);
    holds("owner == 'Orla' and shop contains 'threes'", true);
}

static void test_missing(void **state)
{
    (void)state;
    holds("nothing", false);
    holds("not nothing", true);
    holds("nothing == 'x'", false);
    holds("nothing != 'x'", true);
    holds("nothing < 3", false);
    holds("nothing >= 3", false);
    holds("'a' in nothing", false);
    holds("skipped.body contains 'a'", false);
    holds("nothing matches '.*'", false);
    holds("count(nothing) == 0", true);
}

static void test_values(void **state)
{
    (void)state;
    gives("shop.tags", "[\"wool\",\"odd\"]");
    gives("items.concept.name", "[\"A\",\"B\"]");
    gives("items.concept.1.name", "\"B\"");
    gives("items.concept.name.1", "\"B\"");
    gives("shop", "\"Socks in threes\"");
    gives("nothing", "null");
    gives("12.50", "12.50");
    gives("[1, 'a', nothing, [true]]", "[1,\"a\",null,[true]]");
    gives("count(shop.tags)", "2");
}

static void test_refused(void **state)
{
    (void)state;
    refused("", 1, "missing");
    refused("a = 3", 3, "write '=='");
    refused("a && b", 3, "write 'and'");
    refused("a === b", 3, "write '=='");
    refused("!a", 1, "write 'not'");
    refused("{a.b} == 1", 1, "without braces");
    refused("a == \xe2\x80\x9cx\xe2\x80\x9d", 6, "plain quotes");
    refused("gr\xc3\xb6\xc3\x9f"
            "e = 3",
            7, "write '=='");
    refused("a == 'x", 6, "no closing '");
    refused("a.", 2, "must follow this dot");
    refused("a == .5", 6, "write 0.5");
    refused("a == 1.2.3", 6, "not a decimal number");
    refused("a == 007", 6, "not a decimal number");
    refused("len(a) > 3", 1, "write 'count(...)'");
    refused("upper(a)", 1, "only count() and empty()");
    refused("count a", 7, "write count(path)");
    refused("a < b < c", 7, "do not follow one another");
    refused("a not in b", 3, "not (a in b)");
    refused("(a or b", 8, "opened at character 1");
    refused("a or b)", 7, "nothing was opened");
    refused("[1, 2", 6, "a ']' is missing");
    refused("a b", 3, "must stand before 'b'");
    refused("a is b", 3, "write '=='");
    refused("a matches b", 11, "a pattern in quotes");
    refused("a matches '('", 11, "not a pattern");
    refused("a + 1", 3, "no arithmetic");
    refused("and a", 1, "must stand before 'and'");
    refused("a and", 6, "something is missing");
    refused("'it''s'", 5, "must stand before");
}

static void test_depth(void **state)
{
    (void)state;
    char text[68];
    memset(text, '(', 32);
    text[32] = 'a';
    memset(text + 33, ')', 32);
    text[65] = '\0';
    refused(text, 33, "deeper than 32");
    text[64] = '\0';
    moot__expr_free(parsed(text + 1));
    struct moot_buf nots;
    moot__buf_init(&nots, 10000);
    for (int i = 0; i < 40; i++)
        moot__buf_adds(&nots, "not ");
    moot__buf_adds(&nots, "a");
    refused(moot__buf_text(&nots), 125, "deeper than 32");
    moot__buf_clear(&nots);
    for (int i = 0; i < 500; i++)
        moot__buf_adds(&nots, "a and ");
    moot__buf_adds(&nots, "a");
    moot__expr_free(parsed(moot__buf_text(&nots)));
    moot__buf_release(&nots);
}

static void test_fails(void **state)
{
    (void)state;
    fails("email.body < 3", "cannot stand between text and a number");
    fails("email.body", "not empty(...)");
    fails("email.body and true", "true or false is wanted");
    fails("count(email.body) > 3", "counts a list");
    fails("3 in 'abc'", "'in' cannot stand between a number and text");
    fails("shop.tags matches 'x'", "needs text on its left, not a list");
}

static int collect(void *arg, const char *path, size_t offset)
{
    return moot__buf_addf(arg, "%s@%zu ", path, offset);
}

static void test_paths(void **state)
{
    (void)state;
    struct moot_expr *e = parsed("a.b == 'x' and (count(c.0) > 2 or [d, 'e'] contains f)");
    struct moot_buf b;
    moot__buf_init(&b, 1000);
    assert_int_equal(moot__expr_paths(e, collect, &b), 0);
    assert_string_equal(moot__buf_text(&b), "a.b@0 c.0@22 d@35 f@52 ");
    moot__buf_release(&b);
    moot__expr_free(e);
}

static const struct moot_json *look_up(void *arg, const char *path)
{
    return moot__json_get(arg, path);
}

static void types(const char *text, unsigned expected, const char *part)
{
    struct moot_json *schemas =
        json("{\"score\":{\"type\":\"integer\"},\"body\":{\"type\":\"string\"},"
             "\"maybe\":{\"type\":[\"string\",\"null\"]},\"grade\":{\"enum\":[\"high\",\"low\"]},"
             "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
             "\"grades\":{\"type\":\"array\",\"items\":{\"enum\":[\"high\",\"low\"]}},"
             "\"done\":{\"type\":\"boolean\"},\"free\":true}");
    struct moot_expr *e = parsed(text);
    struct moot_error err = {0};
    unsigned got = 0;
    int rc = moot__expr_type(e, look_up, schemas, &got, &err);
    if (part == NULL && rc != 0)
        fail_msg("%s: %s", text, err.message);
    if (part != NULL && (rc != MOOT_EINVAL || strstr(err.message, part) == NULL))
        fail_msg("%s: %d %s", text, rc, err.message);
    if (part == NULL && got != expected)
        fail_msg("%s: types %x", text, got);
    moot__expr_free(e);
    moot__json_free(schemas);
}

static void test_types(void **state)
{
    (void)state;
    const unsigned yes = 1U << MOOT_JSON_BOOL;
    types("score >= 3 and done", yes, NULL);
    types("tags", 1U << MOOT_JSON_ARRAY, NULL);
    types("unknown > 3 and free", yes, NULL);
    types("'x' in tags and body contains 'x'", yes, NULL);
    types("maybe == 'x' and not empty(maybe)", yes, NULL);
    types("grade == 'high' or grade in ['low', 'high']", yes, NULL);
    types("grades contains 'low'", yes, NULL);
    types("score == '3'", 0, "between a number and text is decided already");
    types("score > '3'", 0, "needs two numbers or two texts");
    types("grade == 'hihg'", 0, "did you mean \"high\"?");
    types("grade in ['high', 'lwo']", 0, "did you mean \"low\"?");
    types("grades contains 'lo'", 0, "did you mean \"low\"?");
    types("3 in tags", 0, "nothing of that type");
    types("score contains 3", 0, "needs a list on its left");
    types("not body", 0, "this is text");
    types("count(body) > 2", 0, "counts a list");
    types("score in 'abc'", 0, "needs a list, or text and text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compares), cmocka_unit_test(test_words),
        cmocka_unit_test(test_missing),  cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_depth),
        cmocka_unit_test(test_fails),    cmocka_unit_test(test_paths),
        cmocka_unit_test(test_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
