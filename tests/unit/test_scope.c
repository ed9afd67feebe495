#include "runtime/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct moot_json *json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__json_parse(text, strlen(text), &j, &err), 0);
    return j;
}

static void test_path_length(void **state)
{
    (void)state;
    assert_int_equal(moot__scope_path("a.b-c.0 rest", 12), 7);
    assert_int_equal(moot__scope_path("3a", 2), 0);
    assert_int_equal(moot__scope_path("a..b", 4), 1);
    assert_int_equal(moot__scope_path("a.", 2), 1);
    assert_int_equal(moot__scope_path("_x", 2), 2);
    assert_int_equal(moot__scope_path("gr\xc3\xb6\xc3\x9f"
                                      "e}",
                                      8),
                     7);
    assert_int_equal(moot__scope_path("", 0), 0);
}

static void test_find(void **state)
{
    (void)state;
    struct moot_json *s = json("{\"a\":{\"b\":[{\"c\":1},{\"c\":2}],\"0\":\"zero\"},\"n\":null}");
    assert_string_equal(moot__json_digits(moot__scope_find(s, "a.b.1.c")), "2");
    assert_string_equal(moot__json_text(moot__scope_find(s, "a.0")), "zero");
    assert_null(moot__scope_find(s, "a.x"));
    assert_null(moot__scope_find(s, "a.b.2"));
    assert_null(moot__scope_find(s, "a.b.c"));
    assert_true(moot__json_is(moot__scope_find(s, "n.x.y"), MOOT_JSON_NULL));
    assert_non_null(moot__scope_find(s, "n.x.y"));
    assert_null(moot__scope_find(s, ""));
    assert_null(moot__scope_find(NULL, "a"));
    moot__json_free(s);
}

static void get(const struct moot_json *s, const char *path, const char *expected)
{
    const struct moot_json *value = NULL;
    struct moot_json *made = NULL;
    assert_int_equal(moot__scope_get(s, path, &value, &made), 0);
    char *text = value != NULL ? moot__json_string(value) : NULL;
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
    free(text);
    moot__json_free(made);
}

static void test_each_element(void **state)
{
    (void)state;
    struct moot_json *s = json(
        "{\"l\":[{\"x\":{\"y\":1}},{\"x\":{\"y\":2}},{\"z\":0},[{\"x\":{\"y\":3}}],5],\"e\":[]}");
    get(s, "l.x.y", "[1,2,3]");
    get(s, "l.x.0.y", "1");
    get(s, "l.x.y.2", "3");
    get(s, "l.x.y.9", NULL);
    get(s, "e.x", "[]");
    get(s, "l.nothing", "[]");
    moot__json_free(s);
}

static void test_item(void **state)
{
    (void)state;
    struct moot_json *s = json("{\"$item\":\"shop\",\"shop\":{\"text\":\"T\",\"owner\":\"O\","
                               "\"text_rank\":\"0\"},\"item\":{\"text\":\"U\",\"path\":\"p\"}}");
    get(s, "shop", "\"T\"");
    get(s, "item", "\"U\"");
    get(s, "shop.owner", "\"O\"");
    get(s, "owner", "\"O\"");
    get(s, "item.path", "\"p\"");
    get(s, "path", NULL);
    const char *word = NULL;
    const struct moot_json *shop = moot__json_get(s, "shop");
    assert_ptr_equal(moot__scope_holder(s, "shop", &word), shop);
    assert_string_equal(word, "text");
    assert_ptr_equal(moot__scope_holder(s, "shop.text", &word), shop);
    assert_ptr_equal(moot__scope_holder(s, "owner", &word), shop);
    assert_string_equal(moot__scope_near(s, "shpo.x"), "shop");
    assert_null(moot__scope_near(s, "entirely-different"));
    moot__json_free(s);
}

static void test_own(void **state)
{
    (void)state;
    struct moot_json *item =
        json("{\"name\":\"Odd\",\"text\":\"T\",\"$own\":{\"name\":\"odd-thursday\"}}");
    struct moot_json *own = moot__scope_own(item);
    char *text = moot__json_string(own);
    assert_string_equal(text, "{\"name\":\"odd-thursday\",\"text\":\"T\"}");
    free(text);
    moot__json_free(own);
    moot__json_free(item);
    struct moot_json *s = json("{\"$item\":\"a\",\"a\":{\"name\":\"a\"},\"item\":{\"x\":1}}");
    get(s, "a", NULL); /* nothing was given */
    get(s, "item", "{\"x\":1}");
    moot__json_free(s);
}

static void test_empty(void **state)
{
    (void)state;
    struct moot_json *s = json("[null,\"\",[],{},\"a\",[0],{\"a\":0},0,false]");
    for (size_t i = 0; i < moot__json_count(s); i++)
        assert_int_equal(moot__scope_empty(moot__json_at(s, i)), i < 4);
    assert_true(moot__scope_empty(NULL));
    moot__json_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_length),  cmocka_unit_test(test_find),
        cmocka_unit_test(test_each_element), cmocka_unit_test(test_item),
        cmocka_unit_test(test_own),          cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
