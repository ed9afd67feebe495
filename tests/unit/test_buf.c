#include "runtime/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void adds(void **state)
{
    (void)state;
    struct moot_buf b;
    moot__buf_init(&b, 1000);
    assert_string_equal(moot__buf_text(&b), "");
    assert_int_equal(moot__buf_add(&b, "ab\0c", 4), MOOT_OK);
    assert_int_equal(b.len, 4);
    moot__buf_truncate(&b, 2);
    assert_int_equal(moot__buf_adds(&b, "-"), MOOT_OK);
    assert_int_equal(moot__buf_addc(&b, 'x'), MOOT_OK);
    assert_int_equal(moot__buf_addf(&b, "%d %s", 42, "y"), MOOT_OK);
    assert_string_equal(moot__buf_text(&b), "ab-x42 y");
    moot__buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(moot__buf_text(&b), "");
    moot__buf_release(&b);
}

static void limits(void **state)
{
    (void)state;
    struct moot_buf b;
    moot__buf_init(&b, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(moot__buf_addc(&b, 'x'), MOOT_OK);
    assert_int_equal(b.len, 100);
    assert_int_equal(moot__buf_add(&b, "", 0), MOOT_OK);
    assert_int_equal(moot__buf_addc(&b, 'x'), MOOT_ETOOBIG);
    assert_int_equal(b.len, 0);
    assert_string_equal(moot__buf_text(&b), "");
    /* The failure stays until it is forgiven. */
    assert_int_equal(moot__buf_adds(&b, "a"), MOOT_ETOOBIG);
    assert_int_equal(moot__buf_addf(&b, "a"), MOOT_ETOOBIG);
    assert_null(moot__buf_take(&b));
    assert_int_equal(b.status, MOOT_ETOOBIG);
    moot__buf_clear(&b);
    assert_int_equal(moot__buf_addf(&b, "%100s", "a"), MOOT_OK);
    assert_int_equal(moot__buf_addf(&b, "%s", "a"), MOOT_ETOOBIG);
    moot__buf_release(&b);
    assert_int_equal(moot__buf_add(&b, "", SIZE_MAX), MOOT_ETOOBIG);
    moot__buf_release(&b);
}

static void given_away(void **state)
{
    (void)state;
    struct moot_buf b;
    moot__buf_init(&b, 100);
    char *text = moot__buf_take(&b);
    assert_string_equal(text, "");
    free(text);
    moot__buf_adds(&b, "abc");
    text = moot__buf_take(&b);
    assert_string_equal(text, "abc");
    free(text);
    assert_int_equal(b.len, 0);
    moot__buf_adds(&b, "d");
    assert_string_equal(moot__buf_text(&b), "d");
    moot__buf_release(&b);
}

static void json_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
        {"\xe2\x82\xac\xe2\x80\xa8", 6, "\"\xe2\x82\xac\xe2\x80\xa8\""},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_buf b;
        moot__buf_init(&b, 100);
        assert_int_equal(moot__buf_add_json(&b, cases[i].text, cases[i].len), MOOT_OK);
        assert_string_equal(moot__buf_text(&b), cases[i].json);
        moot__buf_release(&b);
    }
    struct moot_buf b;
    moot__buf_init(&b, 5);
    assert_int_equal(moot__buf_add_json(&b, "abcd", 4), MOOT_ETOOBIG);
    moot__buf_release(&b);
}

static void numbers(void **state)
{
    (void)state;
    struct moot_buf b;
    moot__buf_init(&b, 100);
    assert_int_equal(moot__buf_add_int(&b, 0), MOOT_OK);
    assert_int_equal(moot__buf_add_int(&b, -17), MOOT_OK);
    assert_int_equal(moot__buf_add_int(&b, INT64_MIN), MOOT_OK);
    assert_int_equal(moot__buf_add_hex(&b, (const uint8_t *)"\x00\x9f\xff", 3), MOOT_OK);
    assert_string_equal(moot__buf_text(&b), "0-17-9223372036854775808009fff");
    moot__buf_release(&b);
    moot__buf_init(&b, 5);
    assert_int_equal(moot__buf_add_hex(&b, (const uint8_t *)"abc", 3), MOOT_ETOOBIG);
    moot__buf_release(&b);
}

/* The first byte that cannot stand in a string as it is, at each place of a long one. */
static void plain_bytes(void **state)
{
    (void)state;
    static const char others[] = {'"', '\\', '\n', '\0', '\x1f'};
    char text[41];
    memset(text, 'a', sizeof(text));
    text[3] = '\x7f';
    text[4] = '\xff';
    text[5] = '!';
    text[6] = '#';
    text[7] = ' ';
    for (size_t len = 0; len <= sizeof(text); len++)
        assert_int_equal(moot__json_plain(text, len), len);
    for (size_t i = 0; i < MOOT_COUNT(others); i++) {
        for (size_t at = 0; at < sizeof(text); at++) {
            char kept = text[at];
            text[at] = others[i];
            assert_int_equal(moot__json_plain(text, sizeof(text)), at);
            text[at] = kept;
        }
    }
}

static void texts(void **state)
{
    (void)state;
    struct moot_text *t = moot__text_make("a\0b", 3);
    assert_int_equal(t->refs, 1);
    assert_int_equal(t->len, 3);
    assert_memory_equal(t->data, "a\0b", 4);
    assert_ptr_equal(moot__text_ref(t), t);
    moot__text_unref(t);
    assert_int_equal(t->refs, 1);
    moot__text_unref(t);
    moot__text_unref(NULL);
    char *copy = moot__copy("abc", 2);
    assert_string_equal(copy, "ab");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds),         cmocka_unit_test(limits), cmocka_unit_test(given_away),
        cmocka_unit_test(json_strings), cmocka_unit_test(texts),  cmocka_unit_test(numbers),
        cmocka_unit_test(plain_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
