#include "runtime/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char scope_text[] =
    "{\"$item\":\"shop\",\"shop\":{\"name\":\"odd\",\"text\":\"one one one\\ntwo\\nthree\\nfour\","
    "\"text_rank\":\"2110\",\"owner\":\"Orla {x}\",\"price\":12.50},"
    "\"concept\":{\"name\":\"Mender\",\"tags\":[\"a\",\"b\"],\"note\":\"\",\"long\":\"l1\\n\\nl2\","
    "\"parts\":[{\"k\":1,\"v\":true},{\"k\":2,\"v\":null}],\"none\":[],\"sub\":{\"x\":\"y\"}},"
    "\"skipped\":null,\"items\":{\"concept\":[{\"name\":\"A\"},{\"name\":\"B\"}]}}";

static int fill(const char *text, struct moot_buf *out, struct moot_error *err)
{
    struct moot_json *scope = NULL;
    assert_int_equal(moot__json_parse(scope_text, strlen(scope_text), &scope, err), 0);
    moot__buf_init(out, 10000);
    int rc = moot__template_expand(text, scope, out, err);
    moot__json_free(scope);
    return rc;
}

static void gives(const char *text, const char *expected)
{
    struct moot_buf out;
    struct moot_error err = {0};
    if (fill(text, &out, &err) != 0)
        fail_msg("%s: %s", text, err.message);
    assert_string_equal(moot__buf_text(&out), expected);
    moot__buf_release(&out);
}

static void fails(const char *text, int code, int line, int column, const char *part)
{
    struct moot_buf out;
    struct moot_error err = {0};
    assert_int_equal(fill(text, &out, &err), code);
    if (strstr(err.message, part) == NULL)
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
    moot__buf_release(&out);
}

static void test_literal(void **state)
{
    (void)state;
    const char *const same[] = {
        "",
        "no braces",
        "{\"a\": 1}",
        "{ }",
        "{}",
        "{ shop }",
        "{a b}",
        "\\d{3} and {2,5}",
        "{high|low}",
        "${env:KEY}",
        "{a..b} {.a} {a.}",
        "a } b",
        "back\\slash \\n",
        "{",
        "{shop",
    };
    for (size_t i = 0; i < MOOT_COUNT(same); i++)
        gives(same[i], same[i]);
    gives("\\{shop}", "{shop}");
    gives("a \\{ b \\{", "a { b {");
    gives("{\"name\": \"{concept.name}\"}", "{\"name\": \"Mender\"}");
    gives("{{concept.name}}", "{Mender}");
}

static void test_values(void **state)
{
    (void)state;
    gives("Dear {shop.owner}!", "Dear Orla {x}!");
    gives("{shop.price}", "12.50");
    gives("{shop}", "one one one\ntwo\nthree\nfour");
    gives("{owner}", "Orla {x}");
    gives("{concept.tags}", "- a\n- b");
    gives("{concept.tags.1}", "b");
    gives("{items.concept.name}", "- A\n- B");
    gives("{skipped}{skipped.body}{concept.note}", "");
    gives("{concept.parts}", "- k: 1\n  v: true\n- k: 2\n  v:");
    gives("{concept}", "name: Mender\ntags:\n  - a\n  - b\nnote:\nlong:\n  l1\n\n  l2\nparts:\n"
                       "  - k: 1\n    v: true\n  - k: 2\n    v:\nnone:\nsub:\n  x: y");
}

static void test_defaults(void **state)
{
    (void)state;
    gives("{topic:-folk music}", "folk music");
    gives("{concept.note:-none}", "none");
    gives("{skipped:-none}", "none");
    gives("{concept.none:-none}", "none");
    gives("{concept.name:-none}", "Mender");
    gives("{topic:-}", "");
    gives("{topic:-a \\{b\\} c}", "a {b} c");
}

static void test_trim(void **state)
{
    (void)state;
    gives("{shop.text|100 tokens}", "one one one\ntwo\nthree\nfour");
    gives("{shop | 50 tokens }", "one one one\ntwo\nthree\nfour");
    gives("{shop.text|5 tokens}", "four\n[...]");
    gives("{concept.long|2 tokens:-x}", "l1\n\nl2");
    gives("{topic|2k tokens:-x}", "x");
}

static void test_missing(void **state)
{
    (void)state;
    fails("a\nb \xc3\xa4 {shp.text}", MOOT_ENOTFOUND, 2, 5, "'shp.text'");
    fails("{shop.nothing}", MOOT_ENOTFOUND, 1, 1, "'shop.nothing'");
    struct moot_buf out;
    struct moot_error err = {0};
    assert_int_equal(fill("{shpo.text}", &out, &err), MOOT_ENOTFOUND);
    assert_string_equal(err.hint, "did you mean 'shop'?");
    moot__buf_release(&out);
}

static void test_syntax(void **state)
{
    (void)state;
    fails("a {x:-never closed", MOOT_ESYNTAX, 1, 5, "no closing brace");
    fails("{x:-{y}}", MOOT_ESYNTAX, 1, 5, "no placeholder stands in it");
    fails("{x|200}", MOOT_ESYNTAX, 1, 3, "{path|2000 tokens}");
    fails("{x|0 tokens}", MOOT_ESYNTAX, 1, 3, "{path|2000 tokens}");
    fails("{x|20 words}", MOOT_ESYNTAX, 1, 3, "{path|2000 tokens}");
}

static int collect(void *arg, const struct moot_template_slot *slot)
{
    return moot__buf_addf(arg, "%s@%zu:%d:%d:%zu:%s ", slot->path, slot->offset, slot->line,
                          slot->column, slot->tokens,
                          slot->fallback != NULL ? slot->fallback : "-");
}

static void test_each(void **state)
{
    (void)state;
    const char *text = "\xc3\xa4 {a.b}\n  {c:-d}{e|5 tokens:-f}";
    struct moot_template *t = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__template_parse(text, strlen(text), &t, &err), 0);
    struct moot_buf b;
    moot__buf_init(&b, 1000);
    assert_int_equal(moot__template_each(t, collect, &b), 0);
    assert_string_equal(moot__buf_text(&b), "a.b@3:1:3:0:- c@11:2:3:0:d e@17:2:9:5:f ");
    moot__buf_release(&b);
    moot__template_free(t);
}

static void test_too_big(void **state)
{
    (void)state;
    struct moot_json *scope = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(scope, "a", "0123456789"), 0);
    struct moot_buf out;
    moot__buf_init(&out, 15);
    struct moot_error err = {0};
    assert_int_equal(moot__template_expand("{a}{a}", scope, &out, &err), MOOT_ETOOBIG);
    moot__buf_release(&out);
    moot__json_free(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literal),  cmocka_unit_test(test_values),
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_trim),
        cmocka_unit_test(test_missing),  cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_each),     cmocka_unit_test(test_too_big),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
