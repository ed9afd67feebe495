#include "runtime/anchor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RUN "00112233445566778899aabbccddeeff"

static struct moot_key *key(uint8_t number)
{
    uint8_t seed[32] = {number};
    struct moot_key *k = moot__key_from_seed(seed);
    assert_non_null(k);
    return k;
}

static void signed_and_checked(void **state)
{
    (void)state;
    uint8_t link[MOOT_HASH_SIZE] = {7};
    struct moot_key *k = key(1);
    struct moot_key *other = key(2);
    struct moot_anchor a;
    assert_int_equal(moot__anchor_make(k, RUN, 12, link, &a), MOOT_OK);
    assert_int_equal(moot__anchor_check(k, &a, NULL), MOOT_OK);
    assert_int_equal(moot__anchor_check(other, &a, NULL), MOOT_ESIGNATURE);
    struct moot_anchor changed = a;
    changed.seq++;
    assert_int_equal(moot__anchor_check(k, &changed, NULL), MOOT_ESIGNATURE);
    changed = a;
    changed.link[0] ^= 1;
    assert_int_equal(moot__anchor_check(k, &changed, NULL), MOOT_ESIGNATURE);
    changed = a;
    changed.run[0] = 'f';
    assert_int_equal(moot__anchor_check(k, &changed, NULL), MOOT_ESIGNATURE);
    moot__key_free(other);
    moot__key_free(k);
}

static void lines(void **state)
{
    (void)state;
    uint8_t link[MOOT_HASH_SIZE] = {7};
    struct moot_key *k = key(1);
    struct moot_anchor a;
    struct moot_anchor again;
    struct moot_buf line;
    moot__buf_init(&line, 1000);
    assert_int_equal(moot__anchor_make(k, RUN, 12, link, &a), MOOT_OK);
    assert_int_equal(moot__anchor_export(&a, &line), MOOT_OK);
    assert_true(moot__anchor_is_line(line.data, line.len));
    assert_false(moot__anchor_is_line("{\"body\":", 8));
    assert_int_equal(moot__anchor_import(line.data, line.len, &again, NULL), MOOT_OK);
    assert_int_equal(moot__anchor_check(k, &again, NULL), MOOT_OK);
    /* Every other byte makes it another line, or none. */
    for (size_t i = 0; i < line.len; i++) {
        line.data[i] = (char)(line.data[i] ^ 1);
        if (moot__anchor_import(line.data, line.len, &again, NULL) == MOOT_OK)
            assert_int_equal(moot__anchor_check(k, &again, NULL), MOOT_ESIGNATURE);
        line.data[i] = (char)(line.data[i] ^ 1);
    }
    moot__buf_addc(&line, ' ');
    assert_int_equal(moot__anchor_import(line.data, line.len, &again, NULL), MOOT_EMALFORMED);
    moot__buf_release(&line);
    moot__key_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_and_checked),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
