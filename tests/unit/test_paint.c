#include "cli/paint.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check_number(void (*add)(struct moot_buf *, int64_t), int64_t n, const char *want)
{
    struct moot_buf b;
    moot__buf_init(&b, 256);
    add(&b, n);
    assert_string_equal(moot__buf_text(&b), want);
    moot__buf_release(&b);
}

static void numbers(void **state)
{
    (void)state;
    check_number(moot__add_count, 0, "0");
    check_number(moot__add_count, 999, "999");
    check_number(moot__add_count, 1000, "1.0k");
    check_number(moot__add_count, 21349, "21.3k");
    check_number(moot__add_count, 99999, "99.9k");
    check_number(moot__add_count, 100000, "100k");
    check_number(moot__add_count, 1200000, "1.2M");
    check_number(moot__add_count, INT64_MAX, "9223372036G");
    check_number(moot__add_seconds, 1930, "1.9 s");
    check_number(moot__add_seconds, -5, "0.0 s");
    check_number(moot__add_seconds, 125000, "2 min 5 s");
    check_number(moot__add_clock, 7400, "0:07");
    check_number(moot__add_clock, 3723000, "1:02:03");
}

static void columns(void **state)
{
    (void)state;
    const char *inked = "\x1b[1mab\x1b[0m日本";
    assert_int_equal(moot__columns(inked, strlen(inked)), 6);
    assert_int_equal(moot__fit("日本語", 9, 5), 6);
    struct moot_buf b;
    moot__buf_init(&b, 256);
    moot__add_cut(&b, "a long text", 6);
    assert_string_equal(moot__buf_text(&b), "a lon…");
    moot__buf_clear(&b);
    moot__add_cut(&b, "日本語", 6);
    assert_string_equal(moot__buf_text(&b), "日本語");
    moot__buf_clear(&b);
    moot__add_cut(&b, "日本語", 5);
    assert_string_equal(moot__buf_text(&b), "日本…");
    moot__buf_clear(&b);
    moot__buf_adds(&b, "\x1b[2mab\x1b[0m");
    moot__add_pad(&b, 0, 6, 1);
    assert_int_equal(moot__columns(moot__buf_text(&b), b.len), 6);
    moot__add_pad(&b, 0, 3, 2);
    assert_int_equal(moot__columns(moot__buf_text(&b), b.len), 8);
    moot__buf_release(&b);
}

static void inks(void **state)
{
    (void)state;
    for (int ink = 0; ink < MOOT_INK_SPEAKER + MOOT_SPEAKER_INKS; ink++) {
        assert_string_equal(moot__ink(0, ink), "");
        assert_int_equal(moot__ink(16, ink)[0], '\x1b');
        assert_int_equal(moot__ink(256, ink)[0], '\x1b');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(columns),
        cmocka_unit_test(inks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
