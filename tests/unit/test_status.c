#include "runtime/status.h"

#include "runtime/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void words(void **state)
{
    (void)state;
    assert_string_equal(moot__status_text(MOOT_OK), "ok");
    assert_string_equal(moot__status_text(MOOT_ENOMEM), "out of memory");
    assert_string_equal(moot__status_text(12345), "unknown error");
    int codes = 0;
    int lowest = 0;
#define TEST_CODE(name, value, text)                                                               \
    assert_string_equal(moot__status_text(name), text);                                            \
    lowest = (value) < lowest ? (value) : lowest;                                                  \
    codes++;
    MOOT_STATUS_LIST(TEST_CODE)
#undef TEST_CODE
    assert_int_equal(lowest, -codes);
}

static void failing(void **state)
{
    (void)state;
    assert_int_equal(moot__fail(NULL, MOOT_EIO, "x"), MOOT_EIO);
    assert_int_equal(moot__fail_wrap(NULL, "x"), MOOT_EINVAL);
    moot__fail_hint(NULL, "x");
    moot__fail_at(NULL, "x", 1, 1);

    struct moot_error err = {.line = 9, .hint = "old"};
    assert_int_equal(moot__fail(&err, MOOT_EIO, "cannot read %s", "a.txt"), MOOT_EIO);
    assert_string_equal(err.message, "cannot read a.txt");
    assert_string_equal(err.hint, "");
    assert_int_equal(err.line, 0);
    moot__fail_hint(&err, "try %s", "b.txt");
    moot__fail_at(&err, "crew.yaml", 3, 4);
    assert_int_equal(moot__fail_wrap(&err, "task %s", "email"), MOOT_EIO);
    assert_string_equal(err.message, "task email: cannot read a.txt");
    assert_string_equal(err.hint, "try b.txt");
    assert_string_equal(err.file, "crew.yaml");
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 4);
}

/* Messages that do not fit end at a whole code point. */
static void cutting(void **state)
{
    (void)state;
    struct moot_error err = {0};
    char text[2000];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xe2\x82\xac", 4);
        moot__fail(&err, MOOT_EIO, "%s", text);
        assert_in_range(strlen(err.message), sizeof(err.message) - 4, sizeof(err.message) - 1);
        assert_true(moot__utf8_valid(err.message, strlen(err.message), NULL));
        moot__fail_wrap(&err, "%s", "12");
        assert_true(moot__utf8_valid(err.message, strlen(err.message), NULL));
        moot__fail_hint(&err, "%s", text);
        assert_true(moot__utf8_valid(err.hint, strlen(err.hint), NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(failing),
        cmocka_unit_test(cutting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
