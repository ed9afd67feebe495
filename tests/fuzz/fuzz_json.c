/* What is read can be written and read again as the same, plain, canonical and pretty; canonical
 * bytes are the same again. */
#include "tests/fuzz/fuzz.h"

#include "runtime/json.h"
#include "runtime/utf8.h"

static struct moot_json *read_again(const struct moot_buf *text)
{
    struct moot_json *again = NULL;
    FUZZ_CHECK(moot__utf8_valid(text->data, text->len, NULL));
    FUZZ_CHECK(moot__json_parse(text->data, text->len, &again, NULL) == MOOT_OK);
    return again;
}

static void check_written(const struct moot_json *j,
                          int (*write)(const struct moot_json *, struct moot_buf *))
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    FUZZ_CHECK(write(j, &text) == MOOT_OK);
    struct moot_json *again = read_again(&text);
    FUZZ_CHECK(moot__json_equal(j, again));
    FUZZ_CHECK(moot__json_compare(again, j) == 0);
    moot__json_free(again);
    moot__buf_release(&text);
}

static void check_canonical(const struct moot_json *j)
{
    struct moot_buf first;
    struct moot_buf second;
    moot__buf_init(&first, MOOT_MAX_JSON);
    moot__buf_init(&second, MOOT_MAX_JSON);
    if (moot__json_write_canonical(j, &first, NULL) == MOOT_OK) {
        struct moot_json *again = read_again(&first);
        FUZZ_CHECK(moot__json_equal(j, again));
        FUZZ_CHECK(moot__json_write_canonical(again, &second, NULL) == MOOT_OK);
        FUZZ_CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
        moot__json_free(again);
    }
    moot__buf_release(&first);
    moot__buf_release(&second);
}

static void check_number(const char *digits)
{
    int64_t n = 0;
    FUZZ_CHECK(moot__decimal_valid(digits, strlen(digits)));
    FUZZ_CHECK(moot__decimal_compare(digits, digits) == 0);
    if (moot__decimal_int(digits, &n)) {
        char text[24];
        snprintf(text, sizeof(text), "%lld", (long long)n);
        FUZZ_CHECK(moot__decimal_compare(digits, text) == 0);
        FUZZ_CHECK(moot__decimal_integral(digits));
    }
    if (moot__decimal_divisor(digits))
        FUZZ_CHECK(moot__decimal_multiple(digits, digits));
    FUZZ_CHECK(moot__decimal_multiple(digits, "1") == moot__decimal_integral(digits));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    int status = moot__json_parse((const char *)data, size, &j, &err);
    if (status != MOOT_OK) {
        FUZZ_CHECK(j == NULL && err.code == status);
        return 0;
    }
    check_written(j, moot__json_write);
    check_written(j, moot__json_write_pretty);
    check_canonical(j);
    for (const struct moot_json *c = moot__json_first(j); c != NULL; c = moot__json_next(c)) {
        if (moot__json_digits(c) != NULL)
            check_number(moot__json_digits(c));
    }
    struct moot_json *copy = moot__json_copy(j);
    FUZZ_CHECK(moot__json_equal(j, copy));
    moot__json_free(copy);
    moot__json_free(j);
    return 0;
}
