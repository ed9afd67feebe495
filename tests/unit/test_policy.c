/* What policy allows: bounds counted and reserved, and acts that need a person. */
#include "runtime/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct moot_usage *used(struct moot_run *r, const char *root)
{
    struct moot_usage *u = calloc(1, sizeof(*u));
    assert_non_null(u);
    assert_int_equal(moot__map_put(&r->usage, root, u), MOOT_OK);
    return u;
}

static void tokens_are_allowed_awaited_or_refused(void **state)
{
    (void)state;
    static const struct {
        int64_t used, in_flight, flights, want;
        enum moot_policy_answer answer;
    } cases[] = {
        {0, 0, 0, 1000, MOOT_ALLOW},   {0, 0, 0, 1001, MOOT_LIMIT},   {600, 0, 0, 400, MOOT_ALLOW},
        {0, 600, 1, 600, MOOT_WAIT},   {600, 300, 1, 200, MOOT_WAIT}, {900, 0, 0, 200, MOOT_LIMIT},
        {900, 50, 1, 200, MOOT_LIMIT},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_run r;
        struct moot_bounds bounds = {.tokens = 1000};
        char reason[MOOT_REASON_SIZE] = "";
        moot__run_init(&r);
        used(&r, "1")->tokens = cases[i].used;
        struct moot_place place = {.what = "item one",
                                   .root = "1",
                                   .bounds = &bounds,
                                   .admitted_tokens = cases[i].in_flight,
                                   .admitted = cases[i].flights};
        assert_int_equal(moot__policy_model(&r, &place, 1, cases[i].want, 0, reason),
                         cases[i].answer);
        moot__run_release(&r);
    }
}

static void the_call_after_the_last_is_refused(void **state)
{
    (void)state;
    struct moot_run r;
    struct moot_bounds bounds = {.calls = 2};
    char reason[MOOT_REASON_SIZE] = "";
    moot__run_init(&r);
    struct moot_usage *u = used(&r, "1");
    struct moot_place place = {.what = "item one", .root = "1", .bounds = &bounds};
    u->calls = 2; /* this one is counted already */
    assert_int_equal(moot__policy_count(&r, &place, 1, reason), MOOT_ALLOW);
    u->calls = 3;
    assert_int_equal(moot__policy_count(&r, &place, 1, reason), MOOT_LIMIT);
    assert_string_equal(reason, "calls of item one: 2 allowed");
    moot__run_release(&r);
}

static void risky_acts_ask(void **state)
{
    (void)state;
    char root[] = "1";
    char web[] = "web";
    char *labels[] = {web};
    struct moot_run r;
    char reason[MOOT_REASON_SIZE] = "";
    struct moot_run_conv c = {.root = root};
    moot__run_init(&r);
    struct moot_tool_power tool = {.id = "mail", .calls_limit = -1, .sends = true};
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_ALLOW);
    c.labels = labels;
    c.label_count = 1;
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_ALLOW);
    c.private_read = true; /* untrusted, private, and sends: all three */
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_CONSENT);
    struct moot_tool_power lays = {.id = "mail", .calls_limit = -1, .writes_outside = true};
    assert_int_equal(moot__policy_tool(&r, &c, &lays, NULL, reason), MOOT_CONSENT);
    lays.writes_outside = false; /* inside, or on the screen alone */
    assert_int_equal(moot__policy_tool(&r, &c, &lays, NULL, reason), MOOT_ALLOW);
    tool.approval_never = true; /* does not lift it */
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_CONSENT);
    c.private_read = false;
    tool.approval_never = false;
    tool.approval_always = true;
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_CONSENT);
    tool.approval_always = false;
    tool.unapproved = true;
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_CONSENT);
    tool.calls_limit = 0;
    assert_int_equal(moot__policy_tool(&r, &c, &tool, NULL, reason), MOOT_LIMIT);
    moot__run_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_allowed_awaited_or_refused),
        cmocka_unit_test(the_call_after_the_last_is_refused),
        cmocka_unit_test(risky_acts_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
