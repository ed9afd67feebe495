#include "runtime/price.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_find(void **state)
{
    (void)state;
    struct moot_price p = moot__price_find("openai", "gpt-4.1-mini");
    assert_int_equal(p.input, 400000);
    assert_int_equal(p.cached, 100000);
    assert_int_equal(p.output, 1600000);
    p = moot__price_find("openai", "gpt-4.1-mini-2025-04-14");
    assert_int_equal(p.output, 1600000);
    p = moot__price_find("openai", "gpt-4.1-2025-04-14");
    assert_int_equal(p.output, 8000000);
    p = moot__price_find("anthropic", "claude-opus-4-5-20251101");
    assert_int_equal(p.output, 25000000);
    p = moot__price_find("openai", "gpt-4.1-minimal");
    assert_int_equal(p.output, 8000000);
    p = moot__price_find("openai", "gpt-4.10");
    assert_false(moot__price_known(&p));
    p = moot__price_find("nobody", "gpt-4.1");
    assert_false(moot__price_known(&p));
    assert_int_equal(p.cached, -1);
    p = moot__price_find("ollama", "llama3.2");
    assert_true(moot__price_known(&p));
    assert_int_equal(p.input, 0);
}

static void test_parse(void **state)
{
    (void)state;
    int64_t n = 0;
    assert_int_equal(moot__price_parse("0.15", &n), 0);
    assert_int_equal(n, 150000);
    assert_int_equal(moot__price_parse("3", &n), 0);
    assert_int_equal(n, 3000000);
    assert_int_equal(moot__price_parse("0.0000001", &n), MOOT_EINVAL);
    assert_int_equal(moot__price_parse("0.1000000000", &n), 0);
    assert_int_equal(n, 100000);
    static const char *const bad[] = {"",    ".",   "1.", ".5", "-1",  "1e2",
                                      "1,5", "0x1", " 1", "1 ", "1..2"};
    for (size_t i = 0; i < MOOT_COUNT(bad); i++)
        assert_int_equal(moot__price_parse(bad[i], &n), MOOT_EINVAL);
    assert_int_equal(moot__price_parse("99999999999999999999", &n), MOOT_ETOOBIG);

    assert_int_equal(moot__money_parse("0.50", &n), 0);
    assert_int_equal(n, 500000000000);
    assert_int_equal(moot__money_parse("5 USD", &n), 0);
    assert_int_equal(n, 5000000000000);
    assert_int_equal(moot__money_parse("$2", &n), 0);
    assert_int_equal(n, 2000000000000);
    assert_int_equal(moot__money_parse("5 EUR", &n), MOOT_EINVAL);
    assert_int_equal(moot__money_parse(" USD", &n), MOOT_EINVAL);
    assert_int_equal(moot__money_parse("9223373", &n), MOOT_ETOOBIG);
    assert_int_equal(moot__money_parse("9223372", &n), 0);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        int64_t pico;
        const char *text;
    } cases[] = {
        {0, "$0"},
        {-5, "$0"},
        {40000000000, "$0.04"},
        {41200000000, "$0.04"},
        {45000000000, "$0.05"},
        {3000000000, "$0.003"},
        {9600000000, "$0.01"},
        {999999999, "$0.001"},
        {1400000, "$0.000001"},
        {500000, "$0.000001"},
        {499999, "$0"},
        {1000000000000, "$1.00"},
        {1999999999999, "$2.00"},
        {1234560000000000, "$1234.56"},
        {INT64_MAX, "$9223372.04"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char out[32];
        moot__money_format(cases[i].pico, out);
        assert_string_equal(out, cases[i].text);
    }
}

static void test_cost(void **state)
{
    (void)state;
    struct moot_price p = {.input = 100, .output = 1000, .cached = 10};
    assert_int_equal(moot__price_cost(&p, 10, 0, 2), 3000);
    assert_int_equal(moot__price_cost(&p, 10, 4, 2), 600 + 40 + 2000);
    assert_int_equal(moot__price_cost(&p, 10, 400, 0), 100);
    assert_int_equal(moot__price_cost(&p, -10, -4, -2), 0);
    assert_int_equal(moot__price_cost(&p, INT64_MAX, 0, 1), INT64_MAX);
    assert_int_equal(moot__price_cost(&p, INT64_MAX / 100, 0, INT64_MAX), INT64_MAX);
    p.cached = -1;
    assert_int_equal(moot__price_cost(&p, 10, 10, 0), 1000);
    p.input = -1;
    p.output = -1;
    assert_int_equal(moot__price_cost(&p, 10, 10, 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_cost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
