#include "runtime/decimal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void valid(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "10", "1.5", "0.0", "1e5", "1E+5", "1.25e-007"};
    static const char *const bad[] = {
        "",    "-",   "+1",  "01",  "-01", ".5",    "1.",   "1.e2",  "1e", "1e+", "1 ",      " 1",
        "0x1", "NaN", "inf", "1,5", "--1", "1e1.5", "1..2", "1e2e3", "00", "1-",  "\xd9\xa1"};
    for (size_t i = 0; i < MOOT_COUNT(good); i++)
        assert_true(moot__decimal_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        if (moot__decimal_valid(bad[i], strlen(bad[i])))
            fail_msg("'%s' is no number", bad[i]);
    }
}

static void ascending(void **state)
{
    (void)state;
    /* Each one is smaller than the next. */
    static const char *const numbers[] = {
        "-1e999999999999999999999999",
        "-1e401",
        "-9007199254740993",
        "-9007199254740992",
        "-1.5",
        "-1.05",
        "-0.1e-500",
        "0",
        "2e-401",
        "0.0000000000000000000000000001",
        "0.0999999999999999999999999999999999",
        "0.1",
        "0.10000000000000000000000000000000001",
        "1",
        "9",
        "10",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.5",
        "1e400",
        "2e400",
        "10e400",
        "1e999999999999999999999999",
    };
    for (size_t i = 0; i < MOOT_COUNT(numbers); i++) {
        for (size_t j = 0; j < MOOT_COUNT(numbers); j++) {
            int sign = moot__decimal_compare(numbers[i], numbers[j]);
            if ((sign > 0) - (sign < 0) != (i > j) - (i < j))
                fail_msg("%s against %s: %d", numbers[i], numbers[j], sign);
        }
    }
}

static void equal(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0", "-0"},    {"0", "0.000"},     {"0e5", "-0.0e-7"},  {"1", "1.0"},
        {"100", "1e2"}, {"100", "0.001e5"}, {"1.50", "15e-1"},   {"-1E+2", "-100.00"},
        {"0.1e1", "1"}, {"10e-1", "1"},     {"1e500", "10e499"}, {"123.456e3", "123456"},
    };
    for (size_t i = 0; i < MOOT_COUNT(pairs); i++) {
        if (moot__decimal_compare(pairs[i][0], pairs[i][1]) != 0)
            fail_msg("%s is %s", pairs[i][0], pairs[i][1]);
    }
}

static void multiples(void **state)
{
    (void)state;
    static const char *const yes[][2] = {
        {"0", "7"},
        {"-0.0", "0.5"},
        {"14", "7"},
        {"-14", "7"},
        {"4.5", "1.5"},
        {"0.0075", "0.0001"},
        {"12391239123", "1e-8"},
        {"1", "0.5"},
        {"1e2", "25"},
        {"1e400", "1e399"},
        {"7e-3", "0.001"},
        {"1e308", "0.5"},
        {"123456789012345678901234567890", "10"},
        {"3", "0.1"},
        {"19.99", "0.01"},
    };
    static const char *const no[][2] = {
        {"15", "7"},
        {"0.00751", "0.0001"},
        {"10", "20"},
        {"1", "3"},
        {"1e308", "0.123456789"},
        {"1.1", "1"},
        {"5", "0"},
        {"5", "-5"},
        {"5", "1e400"},
        {"123456789012345678901234567891", "10"},
        {"1", "1.00000000000000000001"},
    };
    for (size_t i = 0; i < MOOT_COUNT(yes); i++) {
        if (!moot__decimal_multiple(yes[i][0], yes[i][1]))
            fail_msg("%s is a multiple of %s", yes[i][0], yes[i][1]);
    }
    for (size_t i = 0; i < MOOT_COUNT(no); i++) {
        if (moot__decimal_multiple(no[i][0], no[i][1]))
            fail_msg("%s is no multiple of %s", no[i][0], no[i][1]);
    }
    assert_true(moot__decimal_divisor("123456789.012345678"));
    assert_true(moot__decimal_divisor("1000000000000000000000000000"));
    assert_false(moot__decimal_divisor("1.234567890123456789"));
    assert_false(moot__decimal_divisor("0"));
    assert_false(moot__decimal_divisor("-1"));
}

static void integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"1.0", 1},
        {"1e2", 100},
        {"12.5e1", 125},
        {"-3000e-3", -3},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9.223372036854775807e18", INT64_MAX},
    };
    static const char *const bad[] = {
        "1.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e400", "0.1"};
    int64_t n = 7;
    for (size_t i = 0; i < MOOT_COUNT(good); i++) {
        assert_true(moot__decimal_int(good[i].text, &n));
        assert_int_equal(n, good[i].value);
        assert_true(moot__decimal_integral(good[i].text));
    }
    for (size_t i = 0; i < MOOT_COUNT(bad); i++)
        assert_false(moot__decimal_int(bad[i], &n));
    assert_true(moot__decimal_integral("1e400"));
    assert_false(moot__decimal_integral("1e-400"));
    assert_false(moot__decimal_integral("0.5"));
}

static void plain_integers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e2",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "1\n"};
    int64_t n = 0;
    for (size_t i = 0; i < MOOT_COUNT(bad); i++)
        assert_false(moot__int_parse(bad[i], &n));
    assert_true(moot__int_parse("-9223372036854775808", &n));
    assert_true(n == INT64_MIN);
    assert_true(moot__int_parse("9223372036854775807", &n));
    assert_true(n == INT64_MAX);
    assert_true(moot__int_parse("007", &n));
    assert_int_equal(n, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid),     cmocka_unit_test(ascending), cmocka_unit_test(equal),
        cmocka_unit_test(multiples), cmocka_unit_test(integers),  cmocka_unit_test(plain_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
