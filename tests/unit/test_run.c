#include "runtime/run.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Takes one message of the host in: its n-th in that conversation. */
static int tell(struct moot_run *r, enum moot_kind kind, const char *conv, uint32_t n)
{
    static const uint8_t salt[MOOT_SALT_SIZE];
    struct moot_error err = {0};
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    assert_int_equal(moot__message_set(&m->run, "00112233445566778899aabbccddeeff"), MOOT_OK);
    assert_int_equal(moot__message_set(&m->conv, conv), MOOT_OK);
    assert_int_equal(moot__message_set(&m->from, "host"), MOOT_OK);
    m->n = n;
    assert_int_equal(moot__message_seal(m, moot__json_new(MOOT_JSON_OBJECT), salt, &err), MOOT_OK);
    int status = moot__run_apply(r, m, &err);
    moot__message_unref(m);
    return status;
}

/* A journal that ends a conversation over the head of one below it is refused: the one below would
 * count in what is gone. */
static void ends_from_below(void **state)
{
    (void)state;
    struct moot_run r;
    moot__run_init(&r);
    assert_int_equal(tell(&r, MOOT_GENESIS, "", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_OPEN, "1", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_OPEN, "1/a", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_END, "1", 2), MOOT_EFOLD);
    moot__run_release(&r);

    moot__run_init(&r);
    assert_int_equal(tell(&r, MOOT_GENESIS, "", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_OPEN, "1", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_OPEN, "1/a", 1), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_END, "1/a", 2), MOOT_OK);
    assert_int_equal(tell(&r, MOOT_END, "1", 2), MOOT_OK);
    moot__run_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends_from_below)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
