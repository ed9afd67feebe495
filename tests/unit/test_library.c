#include "moot/agent.h"

#include "runtime/status.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void prepared_as_often_as_undone(void **state)
{
    (void)state;
    assert_int_equal(moot_init(), MOOT_OK);
    assert_int_equal(moot_init(), MOOT_OK);
    moot_shutdown();
    moot_shutdown();
    assert_int_equal(moot_init(), MOOT_OK);
    moot_shutdown();
}

static void the_version_is_written_once(void **state)
{
    (void)state;
    char numbers[32];
    snprintf(numbers, sizeof(numbers), "%d.%d.%d", MOOT_VERSION_MAJOR, MOOT_VERSION_MINOR,
             MOOT_VERSION_PATCH);
    assert_string_equal(numbers, MOOT_VERSION);
    assert_string_equal(moot_kind_text(MOOT_MODEL_CALL), "model_call");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prepared_as_often_as_undone),
        cmocka_unit_test(the_version_is_written_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
