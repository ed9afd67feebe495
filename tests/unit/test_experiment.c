/* The order and the bounds of an experiment's runs, its table, and where two runs part. */
#include "cli/experiment.h"
#include "cli/experiment_diff.h"
#include "cli/experiment_table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- order ---- */

static void variants_take_turns(void **state)
{
    (void)state;
    static const struct {
        size_t variant;
        int repeat;
    } wanted[] = {{0, 1}, {1, 1}, {2, 1}, {0, 2}, {1, 2}, {2, 2}};
    for (size_t i = 0; i < MOOT_COUNT(wanted); i++) {
        size_t variant;
        int repeat;
        moot__run_order(i, 3, &variant, &repeat);
        assert_int_equal(variant, wanted[i].variant);
        assert_int_equal(repeat, wanted[i].repeat);
    }
}

/* ---- bounds ---- */

static void the_bound_of_a_run(void **state)
{
    (void)state;
    assert_int_equal(moot__run_bound(0, 0, 3), 0);
    assert_int_equal(moot__run_bound(10, 0, 3), 30);
    assert_int_equal(moot__run_bound(10, 20, 3), 20);
    assert_int_equal(moot__run_bound(10, 50, 3), 30);
    assert_int_equal(moot__run_bound(0, 50, 3), 50);
    assert_int_equal(moot__run_bound(INT64_MAX / 2, 0, 3), INT64_MAX);
}

static void a_run_that_fits_is_left_as_it_is(void **state)
{
    (void)state;
    struct moot_bounds item = {.tokens = 100, .cost = 5, .ms = 10};
    struct moot_bounds none = {0}, spent = {.tokens = 700}, out;
    struct moot_bounds limit = {.tokens = 1000};
    bool narrowed;
    assert_true(moot__run_reserve(&item, &none, 3, &limit, &spent, &out, &narrowed));
    assert_false(narrowed);
    assert_int_equal(out.tokens, 0);
}

static void a_run_that_could_use_more_is_narrowed_to_what_is_left(void **state)
{
    (void)state;
    struct moot_bounds item = {.tokens = 100};
    struct moot_bounds none = {0}, spent = {.tokens = 950, .cost = 3}, out;
    struct moot_bounds limit = {.tokens = 1000, .cost = 10};
    bool narrowed;
    assert_true(moot__run_reserve(&item, &none, 1, &limit, &spent, &out, &narrowed));
    assert_true(narrowed);
    assert_int_equal(out.tokens, 50);
    assert_int_equal(out.cost, 7); /* what has no bound of its own could use any amount */
}

static void nothing_begins_when_nothing_is_left(void **state)
{
    (void)state;
    struct moot_bounds item = {.tokens = 1}, none = {0}, out;
    struct moot_bounds limit = {.tokens = 1000}, spent = {.tokens = 1000};
    bool narrowed;
    assert_false(moot__run_reserve(&item, &none, 1, &limit, &spent, &out, &narrowed));
    spent.tokens = 999;
    assert_true(moot__run_reserve(&item, &none, 1, &limit, &spent, &out, &narrowed));
    assert_false(narrowed);
}

/* ---- the table ---- */

static struct moot_trial ended(const char *stop, bool claimed, enum moot_truth truth,
                               int64_t tokens)
{
    return (struct moot_trial){
        .closed = true,
        .begun = true,
        .claimed = claimed,
        .truth = truth,
        .stop = (char *)stop, /* NOLINT(cast-qual): a literal that nobody frees */
        .turns = tokens / 1000,
        .tokens = tokens,
        .cost = tokens * 1000000,
        .ms = tokens,
        .tool_calls = 0,
    };
}

static void is_table(const struct moot_summary *rows, size_t count, size_t width,
                     const char *wanted)
{
    struct moot_buf out;
    moot__buf_init(&out, 65536);
    assert_int_equal(moot__experiment_table(rows, count, width, 0, &out), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), wanted);
    moot__buf_release(&out);
}

static void claims_stand_beside_what_is_true(void **state)
{
    (void)state;
    struct moot_trial good[5], boast[5];
    struct moot_summary rows[2];
    for (int i = 0; i < 5; i++) {
        good[i] = ended("finished", true, MOOT_TRUTH_YES, 9000 + 1000 * i);
        boast[i] = ended("finished", true, i == 0 ? MOOT_TRUTH_YES : MOOT_TRUTH_NO, 2000);
    }
    assert_int_equal(moot__summary_make("good", good, 5, 1, &rows[0]), MOOT_OK);
    assert_int_equal(moot__summary_make("boastful", boast, 5, 1, &rows[1]), MOOT_OK);
    assert_int_equal(rows[1].claimed, 5);
    assert_int_equal(rows[1].succeeded, 1);
    assert_int_equal(rows[1].false_claims, 4);
    is_table(rows, 2, 80,
             "variant   claimed     true  turns      tokens    cost        time  tools\n"
             "good          5/5      5/5     11       11.0k   $0.01      11.0 s      0\n"
             "          56–100%  56–100%   9–13  9.0k–13.0k          9.0–13.0 s\n"
             "  stopped: finished 5\n"
             "boastful      5/5      1/5      2        2.0k  $0.002       2.0 s      0\n"
             "          56–100%    3–63%\n"
             "  claimed, not true: 4 · stopped: finished 5\n");
}

static void few_runs_are_an_anecdote(void **state)
{
    (void)state;
    struct moot_trial few[4] = {
        ended("finished", true, MOOT_TRUTH_UNKNOWN, 1000),
        ended("no_progress", false, MOOT_TRUTH_UNKNOWN, 3000),
        ended("limit", false, MOOT_TRUTH_UNKNOWN, 9000),
        {.begun = true},
    };
    struct moot_summary row;
    few[2].cut = true; /* by the experiment's limit: it says nothing */
    assert_int_equal(moot__summary_make("plain", few, 4, 1, &row), MOOT_OK);
    assert_int_equal(row.runs, 2);
    is_table(&row, 1, 80,
             "variant   claimed  true  turns  tokens    cost   time  tools\n"
             "plain         1/2     ?      2    2.0k  $0.002  2.0 s      0\n"
             "  anecdote: 2 runs · stopped: finished 1, no_progress 1\n");
}

static void nothing_to_tell_yet(void **state)
{
    (void)state;
    struct moot_trial none[2] = {{.begun = true}, {0}};
    struct moot_summary row;
    assert_int_equal(moot__summary_make("plain", none, 2, 1, &row), MOOT_OK);
    is_table(&row, 1, 80,
             "variant   claimed  true  turns  tokens  cost  time  tools\n"
             "plain\n"
             "  no run has ended yet\n");
}

static void rows_for_programs(void **state)
{
    (void)state;
    struct moot_trial one = ended("finished", true, MOOT_TRUTH_NO, 1500);
    struct moot_summary row;
    one.repeat = 1;
    assert_int_equal(moot__summary_make("plain", &one, 1, 1, &row), MOOT_OK);
    struct moot_json *rows = moot__experiment_rows(&row, 1);
    char *text = moot__json_string(rows);
    assert_string_equal(
        text,
        "[{\"variant\":\"plain\",\"runs\":1,\"anecdote\":true,"
        "\"claimed\":{\"runs\":1,\"of\":1,\"interval\":[0.2065,1]},"
        "\"true\":{\"runs\":0,\"of\":1,\"interval\":[0,0.7935]},\"claimed_not_true\":1,"
        "\"turns\":{\"median\":1,\"interval\":[1,1]},"
        "\"tokens\":{\"median\":1500,\"interval\":[1500,1500]},"
        "\"cost\":{\"median\":0.0015,\"interval\":[0.0015,0.0015]},"
        "\"seconds\":{\"median\":1.5,\"interval\":[1.5,1.5]},"
        "\"tools\":{\"median\":0,\"interval\":[0,0]},"
        "\"repeats\":[{\"repeat\":1,\"run\":\"\",\"ended\":true,\"cut\":false,\"claimed\":true,"
        "\"true\":false,\"stop\":\"finished\",\"turns\":1,\"calls\":0,\"tokens\":1500,"
        "\"cost\":0.0015,\"seconds\":1.5,\"tools\":{}}]}]");
    free(text);
    moot__json_free(rows);
}

/* ---- where two runs part ---- */

static struct moot_message *said(const char *conv, const char *from, enum moot_kind kind,
                                 const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    assert_int_equal(moot__message_set(&m->conv, conv), MOOT_OK);
    assert_int_equal(moot__message_set(&m->from, from), MOOT_OK);
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return m;
}

static void two_runs_part_where_they_first_differ(void **state)
{
    (void)state;
    struct moot_message *a[] = {
        said("1", "user", MOOT_MSG, "{\"text\":\"a tutor\",\"usage\":{\"tokens\":1}}"),
        said("1/x#1", "host", MOOT_TOOL_RESULT, "{\"output\":\"other\"}"),
        said("1", "coder", MOOT_MSG, "{\"text\":\"done\"}"),
    };
    struct moot_message *b[] = {
        said("1", "user", MOOT_MSG, "{\"text\":\"a tutor\",\"usage\":{\"tokens\":2}}"),
        said("1", "coder", MOOT_MSG, "{\"text\":\"a poem\"}"),
        said("1/x#1", "host", MOOT_TOOL_RESULT, "{\"output\":\"another\"}"),
    };
    struct moot_deeds of_a = {.list = a, .count = 3}, of_b = {.list = b, .count = 3};
    const struct moot_message *in_a, *in_b;
    size_t same;
    assert_true(moot__deeds_part(&of_a, &of_b, &in_a, &in_b, &same));
    assert_ptr_equal(in_a, a[2]);
    assert_ptr_equal(in_b, b[1]);
    assert_int_equal(same, 1);
    assert_false(moot__deeds_part(&of_a, &of_a, &in_a, &in_b, &same));
    assert_int_equal(same, 3);
    of_b.count = 1; /* it ended before */
    assert_true(moot__deeds_part(&of_a, &of_b, &in_a, &in_b, &same));
    assert_ptr_equal(in_a, a[2]);
    assert_null(in_b);
    for (size_t i = 0; i < 3; i++) {
        moot__message_unref(a[i]);
        moot__message_unref(b[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_take_turns),
        cmocka_unit_test(the_bound_of_a_run),
        cmocka_unit_test(a_run_that_fits_is_left_as_it_is),
        cmocka_unit_test(a_run_that_could_use_more_is_narrowed_to_what_is_left),
        cmocka_unit_test(nothing_begins_when_nothing_is_left),
        cmocka_unit_test(claims_stand_beside_what_is_true),
        cmocka_unit_test(few_runs_are_an_anecdote),
        cmocka_unit_test(nothing_to_tell_yet),
        cmocka_unit_test(rows_for_programs),
        cmocka_unit_test(two_runs_part_where_they_first_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
