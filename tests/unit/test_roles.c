#include "roles/roles.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void every_role_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"assistant", "judge", "runner", "graph", "sequential"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        const struct moot_agent_ops *ops = moot__role(names[i]);
        assert_non_null(ops);
        assert_string_equal(ops->name, names[i]);
        assert_true(ops->version > 0);
        assert_non_null(ops->init);
        assert_non_null(ops->step);
        assert_non_null(ops->digest);
        assert_non_null(ops->release);
    }
    assert_null(moot__role("nobody"));
    assert_null(moot__role(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
