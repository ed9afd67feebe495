#include "cli/stats.h"

#include "runtime/status.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void close_to(double got, double wanted)
{
    if (fabs(got - wanted) > 0.0005)
        fail_msg("%f is not %f", got, wanted);
}

/* Known values of the 95 % interval, by hand and as R's binom::binom.wilson has them. */
static void wilson(void **state)
{
    (void)state;
    static const struct {
        int64_t hits, count;
        double low, high;
    } cases[] = {
        {0, 0, 0, 1},
        {0, 5, 0, 0.4345},
        {5, 5, 0.5655, 1},
        {1, 1, 0.2065, 1},
        {5, 10, 0.2366, 0.7634},
        {8, 10, 0.4902, 0.9433},
        {95, 100, 0.8882, 0.9785},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_interval got = moot__wilson(cases[i].hits, cases[i].count);
        close_to(got.low, cases[i].low);
        close_to(got.high, cases[i].high);
    }
}

static void median(void **state)
{
    (void)state;
    int64_t odd[] = {9, 1, 5};
    int64_t even[] = {4, 1, 3, 2};
    int64_t large[] = {INT64_C(4000000000000000), INT64_C(4000000000000002)};
    assert_true(moot__median(odd, 3) == 5.0);
    assert_true(moot__median(even, 4) == 2.5);
    assert_true(moot__median(large, 2) == 4000000000000001.0);
    assert_true(moot__median(NULL, 0) == 0.0);
}

static void bootstrap_is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    const int64_t values[] = {3, 8, 5, 9, 4, 7, 6};
    struct moot_interval a, b, other;
    assert_int_equal(moot__bootstrap(values, 7, 1, &a), MOOT_OK);
    assert_int_equal(moot__bootstrap(values, 7, 1, &b), MOOT_OK);
    assert_int_equal(moot__bootstrap(values, 7, 2, &other), MOOT_OK);
    assert_true(a.low == b.low && a.high == b.high);
    assert_true(a.low >= 3 && a.low <= 6);
    assert_true(a.high >= 6 && a.high <= 9);
    assert_true(a.low < a.high);
    assert_true(other.low <= 6 && other.high >= 6);
}

static void bootstrap_of_equal_values_is_that_value(void **state)
{
    (void)state;
    const int64_t values[] = {7, 7, 7};
    struct moot_interval i;
    assert_int_equal(moot__bootstrap(values, 3, 1, &i), MOOT_OK);
    assert_true(i.low == 7 && i.high == 7);
    assert_int_equal(moot__bootstrap(values, 0, 1, &i), MOOT_OK);
    assert_true(i.low == 0 && i.high == 0);
}

/* Most samples of {1, 1, 1, 1, 100} have the median 1, but one in seventeen or so has 100. */
static void bootstrap_sees_what_is_rare(void **state)
{
    (void)state;
    const int64_t values[] = {1, 1, 1, 1, 100};
    struct moot_interval i;
    assert_int_equal(moot__bootstrap(values, 5, 3, &i), MOOT_OK);
    assert_true(i.low == 1 && i.high == 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson),
        cmocka_unit_test(median),
        cmocka_unit_test(bootstrap_is_the_same_for_the_same_seed),
        cmocka_unit_test(bootstrap_of_equal_values_is_that_value),
        cmocka_unit_test(bootstrap_sees_what_is_rare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
