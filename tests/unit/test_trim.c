#include "runtime/trim.h"

#include "runtime/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void trims(const char *text, const char *ranks, size_t tokens, const char *expected)
{
    struct moot_buf out;
    moot__buf_init(&out, 100000);
    size_t left_out = 0;
    assert_int_equal(moot__trim(text, ranks, tokens, &out, &left_out), 0);
    assert_string_equal(moot__buf_text(&out), expected);
    if (strcmp(text, expected) != 0)
        assert_true(left_out > 0);
    assert_true(moot__utf8_tokens(out.data, out.len) <= tokens || tokens < 4);
    moot__buf_release(&out);
}

static void test_head(void **state)
{
    (void)state;
    trims("short", NULL, 10, "short");
    trims("first line\nsecond line\nthird line is here", NULL, 7, "first line\n[...]");
    trims("", NULL, 0, "");
}

static void test_ranks(void **state)
{
    (void)state;
    trims("menu\nthe story of it\nfooter\nproducts of it", "9092", 8, "the story of it\n[...]");
    trims("menu menu menu menu\nthe story of it\nfooter\nproducts of it", "9092", 12,
          "the story of it\nproducts of it\n[...]");
    /* Fewer ranks than lines: the rest counts as most important. */
    trims("menu menu menu menu menu\nstory\nend", "9", 7, "story\nend\n[...]");
}

static void test_long_line(void **state)
{
    (void)state;
    struct moot_buf text;
    moot__buf_init(&text, 10000);
    for (int i = 0; i < 300; i++)
        moot__buf_adds(&text, "w\xc3\xb6rd ");
    struct moot_buf out;
    moot__buf_init(&out, 10000);
    size_t left_out = 0;
    assert_int_equal(moot__trim(text.data, NULL, 50, &out, &left_out), 0);
    assert_int_equal(left_out, 1);
    assert_true(out.len > 40);
    assert_true(moot__utf8_valid(out.data, out.len, NULL));
    assert_true(moot__utf8_tokens(out.data, out.len) <= 50);
    assert_string_equal(out.data + out.len - strlen(MOOT_TRIM_MARK), MOOT_TRIM_MARK);
    moot__buf_release(&out);
    moot__buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
