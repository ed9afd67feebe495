#include "runtime/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void valid(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "abc",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    static const struct {
        const char *text;
        size_t bad;
    } wrong[] = {
        {"\x80", 0},
        {"a\xbf", 1},
        {"ab\xc0\xaf", 2},
        {"\xc1\xbf", 0},
        {"\xc3", 0},
        {"\xc3(", 0},
        {"\xe0\x80\xaf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xe2\x82", 0},
        {"\xed\xa0\x80", 0},
        {"\xed\xbf\xbf", 0},
        {"\xf0\x80\x80\xaf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"\xc3\xa9\xfe", 2},
        {"\xf8\x88\x80\x80\x80", 0},
    };
    for (size_t i = 0; i < MOOT_COUNT(good); i++)
        assert_true(moot__utf8_valid(good[i], strlen(good[i]), NULL));
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++) {
        size_t bad = 99;
        assert_false(moot__utf8_valid(wrong[i].text, strlen(wrong[i].text), &bad));
        assert_int_equal(bad, wrong[i].bad);
    }
    assert_true(moot__utf8_valid("a\0b", 3, NULL));
}

/* Every code point goes there and back. */
static void both_ways(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        char text[4];
        uint32_t again = 0;
        size_t n = moot__utf8_encode(code, text);
        if (n == 0 || !moot__utf8_valid(text, n, NULL) || moot__utf8_decode(text, &again) != n ||
            again != code)
            fail_msg("U+%04X", code);
    }
}

static void counting(void **state)
{
    (void)state;
    static const char text[] = "na\xc3\xafve\xc2\xa0\xe2\x82\xac\xe3\x80\x80\xf0\x9f\x98\x80 ";
    assert_int_equal(moot__utf8_characters(text, strlen(text)), 10);
    assert_int_equal(moot__utf8_words(text, strlen(text)), 3);
    assert_int_equal(moot__utf8_words(" \t\n", 3), 0);
    assert_int_equal(moot__utf8_tokens("", 0), 0);
    assert_int_equal(moot__utf8_tokens("abcd", 4), 1);
    assert_int_equal(moot__utf8_tokens("abcde", 5), 2);
    assert_int_equal(moot__utf8_tokens("\xe4\xbd\xa0\xe5\xa5\xbd\xe5\x90\x97", 9), 2);
}

static void cutting(void **state)
{
    (void)state;
    static const char text[] = "a\xf0\x9f\x98\x80"
                               "b";
    static const size_t cut[] = {0, 1, 1, 1, 1, 5, 6};
    for (size_t i = 0; i < MOOT_COUNT(cut); i++)
        assert_int_equal(moot__utf8_cut(text, i), cut[i]);
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(moot__utf8_width("abc", 3), 3);
    assert_int_equal(moot__utf8_width("\xe4\xbd\xa0", 3), 2);
    assert_int_equal(moot__utf8_width("e\xcc\x81", 3), 1);
    assert_int_equal(moot__utf8_width("\x1b\x07", 2), 0);
    assert_int_equal(moot__utf8_code_width(0x9b), 0);
    assert_int_equal(moot__utf8_code_width(0x1f600), 2);
}

static void names(void **state)
{
    (void)state;
    char *composed = moot__utf8_nfc("e\xcc\x81", 3);
    assert_string_equal(composed, "\xc3\xa9");
    free(composed);
    assert_null(moot__utf8_nfc("\xff", 1));
}

static void same_words(void **state)
{
    (void)state;
    assert_true(moot__ascii_same("Python", "pYTHON", 6));
    assert_true(moot__ascii_same("sh and more", "SH!", 2));
    assert_false(moot__ascii_same("[", "{", 1));
    assert_false(moot__ascii_same("sh", "shell", 5));
    assert_false(moot__ascii_same("\xc3\x84", "\xc3\xa4", 2));
}

static void as_much_as_fits(void **state)
{
    (void)state;
    assert_int_equal(moot__utf8_upto("", 3), 0);
    assert_int_equal(moot__utf8_upto("abc", 3), 3);
    assert_int_equal(moot__utf8_upto("abcd", 3), 3);
    assert_int_equal(moot__utf8_upto("ab\xc3\xa9", 3), 2);
    assert_int_equal(moot__utf8_upto("ab\xc3\xa9", 4), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid),      cmocka_unit_test(both_ways),       cmocka_unit_test(counting),
        cmocka_unit_test(cutting),    cmocka_unit_test(widths),          cmocka_unit_test(names),
        cmocka_unit_test(same_words), cmocka_unit_test(as_much_as_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
