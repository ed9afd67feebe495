#include "runtime/hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void known_answers(void **state)
{
    (void)state;
    /* printf abc | b2sum -l 256 */
    static const struct {
        const char *data;
        const char *hash;
    } cases[] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        uint8_t hash[MOOT_HASH_SIZE];
        char hex[MOOT_HEX_SIZE];
        moot__hash(cases[i].data, strlen(cases[i].data), hash);
        moot__hex(hash, sizeof(hash), hex);
        assert_string_equal(hex, cases[i].hash);
        struct moot_hash h;
        moot__hash_init(&h);
        for (const char *c = cases[i].data; *c != '\0'; c++)
            moot__hash_add(&h, c, 1);
        moot__hash_end(&h, hash);
        moot__hex(hash, sizeof(hash), hex);
        assert_string_equal(hex, cases[i].hash);
    }
}

static void hash_of_texts(const char *a, const char *b, uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add_text(&h, a);
    moot__hash_add_text(&h, b);
    moot__hash_end(&h, out);
}

static void neighbours_stay_apart(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"ab", "c"}, {"a", "bc"},   {"abc", ""},
                                           {"", "abc"}, {"abc", NULL}, {NULL, "abc"}};
    uint8_t hashes[MOOT_COUNT(pairs)][MOOT_HASH_SIZE];
    for (size_t i = 0; i < MOOT_COUNT(pairs); i++) {
        hash_of_texts(pairs[i][0], pairs[i][1], hashes[i]);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(hashes[i], hashes[k], MOOT_HASH_SIZE);
    }
    struct moot_hash h;
    uint8_t minus[MOOT_HASH_SIZE];
    moot__hash_init(&h);
    moot__hash_add_int(&h, -2);
    moot__hash_end(&h, minus);
    assert_memory_not_equal(minus, hashes[0], MOOT_HASH_SIZE);
}

static void hex(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x00, 0x7f, 0xa0, 0xff};
    char text[9];
    moot__hex(bytes, sizeof(bytes), text);
    assert_string_equal(text, "007fa0ff");
    uint8_t again[4] = {1, 2, 3, 4};
    assert_true(moot__unhex(text, again, 4));
    assert_memory_equal(again, bytes, 4);
    static const char *const wrong[] = {"",         "007fa0f",  "007fa0ff0", "007FA0FF",
                                        "007fa0fg", "0x7fa0ff", "007fa0f "};
    uint8_t untouched[4] = {1, 2, 3, 4};
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++)
        assert_false(moot__unhex(wrong[i], untouched, 4));
    assert_int_equal(untouched[0], 1);
}

static void draws(void **state)
{
    (void)state;
    /* Frozen: a run must draw the same in every version. */
    assert_int_equal(moot__draw(7, "3/chat1", 0), moot__draw(7, "3/chat1", 0));
    assert_true(moot__draw(7, "3/chat1", 0) == UINT64_C(5065086092980858040));
    assert_true(moot__draw(7, "3/chat1", 0) != moot__draw(7, "3/chat1", 1));
    assert_true(moot__draw(7, "3/chat1", 0) != moot__draw(8, "3/chat1", 0));
    assert_true(moot__draw(7, "3/chat1", 0) != moot__draw(7, "3/chat2", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(neighbours_stay_apart),
        cmocka_unit_test(hex),
        cmocka_unit_test(draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
