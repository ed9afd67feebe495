#include "runtime/merkle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MOST = 40 };

/* RFC 6962, 2.1, word for word: the root of D[0:n], split at the largest power of two below n. */
static void rfc_root(const uint8_t (*ids)[MOOT_HASH_SIZE], size_t n, uint8_t out[MOOT_HASH_SIZE])
{
    uint8_t bytes[1 + 2 * MOOT_HASH_SIZE];
    if (n == 1) {
        bytes[0] = 0;
        memcpy(bytes + 1, ids[0], MOOT_HASH_SIZE);
        moot__hash(bytes, 1 + MOOT_HASH_SIZE, out);
        return;
    }
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    bytes[0] = 1;
    rfc_root(ids, k, bytes + 1);
    rfc_root(ids + k, n - k, bytes + 1 + MOOT_HASH_SIZE);
    moot__hash(bytes, sizeof(bytes), out);
}

static void make_ids(uint8_t (*ids)[MOOT_HASH_SIZE])
{
    for (size_t i = 0; i < MOST; i++)
        moot__hash(&i, sizeof(i), ids[i]);
}

static void every_size(void **state)
{
    (void)state;
    uint8_t ids[MOST][MOOT_HASH_SIZE];
    struct moot_merkle_path paths[MOST];
    make_ids(ids);
    for (size_t n = 2; n <= MOST; n++) {
        uint8_t root[MOOT_HASH_SIZE];
        uint8_t expected[MOOT_HASH_SIZE];
        assert_int_equal(moot__merkle_make((const uint8_t(*)[MOOT_HASH_SIZE])ids, n, paths, root),
                         MOOT_OK);
        rfc_root((const uint8_t(*)[MOOT_HASH_SIZE])ids, n, expected);
        assert_memory_equal(root, expected, MOOT_HASH_SIZE);
        for (size_t i = 0; i < n; i++) {
            uint8_t led[MOOT_HASH_SIZE];
            assert_int_equal(paths[i].i, i);
            assert_int_equal(paths[i].of, n);
            assert_true(moot__merkle_root(&paths[i], ids[i], led));
            assert_memory_equal(led, root, MOOT_HASH_SIZE);
            free(paths[i].h);
        }
    }
}

static void wrong_paths(void **state)
{
    (void)state;
    uint8_t ids[MOST][MOOT_HASH_SIZE];
    struct moot_merkle_path paths[7];
    uint8_t root[MOOT_HASH_SIZE];
    uint8_t led[MOOT_HASH_SIZE];
    make_ids(ids);
    assert_int_equal(moot__merkle_make((const uint8_t(*)[MOOT_HASH_SIZE])ids, 7, paths, root),
                     MOOT_OK);
    for (size_t i = 0; i < 7; i++) {
        for (size_t other = 0; other < 7; other++) {
            if (other == i)
                continue;
            /* another's id on this path; this id at another's place */
            bool shaped = moot__merkle_root(&paths[i], ids[other], led);
            assert_false(shaped && memcmp(led, root, MOOT_HASH_SIZE) == 0);
            struct moot_merkle_path moved = paths[i];
            moved.i = (uint32_t)other;
            shaped = moot__merkle_root(&moved, ids[i], led);
            assert_false(shaped && memcmp(led, root, MOOT_HASH_SIZE) == 0);
        }
        struct moot_merkle_path cut = paths[i];
        cut.h_count--;
        assert_false(moot__merkle_root(&cut, ids[i], led));
        struct moot_merkle_path outside = paths[i];
        outside.i = outside.of;
        assert_false(moot__merkle_root(&outside, ids[i], led));
        struct moot_merkle_path smaller = paths[i];
        smaller.i = 0;
        smaller.of = 2;
        assert_false(moot__merkle_root(&smaller, ids[i], led) && paths[i].h_count > 1);
        for (size_t bit = 0; bit < 8 * (size_t)MOOT_HASH_SIZE * paths[i].h_count; bit++) {
            uint8_t *byte = &paths[i].h[bit / 256][bit % 256 / 8];
            *byte = (uint8_t)(*byte ^ 1u << bit % 8);
            bool shaped = moot__merkle_root(&paths[i], ids[i], led);
            assert_false(shaped && memcmp(led, root, MOOT_HASH_SIZE) == 0);
            *byte = (uint8_t)(*byte ^ 1u << bit % 8);
        }
    }
    for (size_t i = 0; i < 7; i++)
        free(paths[i].h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size),
        cmocka_unit_test(wrong_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
