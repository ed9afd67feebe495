#include "runtime/json_mend.h"

#include "runtime/utf8.h"

static int hex4(const char *at, const char *end)
{
    int value = 0;
    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(int unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* One escape that begins at `at` with a backslash; returns its length. */
static size_t mend_escape(const char *at, const char *end, struct moot_buf *out)
{
    if (end - at < 2) {
        moot__buf_addc(out, '\\');
        return 1;
    }
    int unit = at[1] == 'u' ? hex4(at + 2, end) : -1;
    if (unit < 0) {
        moot__buf_add(out, at, 2);
        return 2;
    }
    bool pair = is_high(unit) && end - at >= 12 && at[6] == '\\' && at[7] == 'u' &&
                is_low(hex4(at + 8, end));
    if (pair) {
        moot__buf_add(out, at, 12);
        return 12;
    }
    if (unit == 0 || is_high(unit) || is_low(unit))
        moot__buf_adds(out, "\\ufffd");
    else
        moot__buf_add(out, at, 6);
    return 6;
}

/* The length of the code point at `at`, or 0 if there is none. */
static size_t code_point(const char *at, const char *end)
{
    for (size_t n = 1; n <= 4 && at + n <= end; n++) {
        if (moot__utf8_valid(at, n, NULL))
            return n;
    }
    return 0;
}

static void mend(const char *text, size_t len, struct moot_buf *out)
{
    const char *end = text + len;
    bool string = false;
    for (const char *at = text; at < end && out->status == MOOT_OK;) {
        unsigned char c = (unsigned char)*at;
        if (string && c == '\\') {
            at += mend_escape(at, end, out);
            continue;
        }
        if (c == '"')
            string = !string;
        size_t n = c < 0x80 ? 1 : code_point(at, end);
        if (n == 0) {
            moot__buf_adds(out, "\xef\xbf\xbd");
            at++;
        } else {
            if (string && c < 0x20)
                moot__buf_addf(out, "\\u%04x", c == 0 ? 0xfffdu : c);
            else
                moot__buf_add(out, at, n);
            at += n;
        }
    }
}

int moot__json_parse_mended(const char *text, size_t len, struct moot_json **out,
                            struct moot_error *err)
{
    int status = moot__json_parse(text, len, out, err);
    if (status != MOOT_ESYNTAX)
        return status;
    struct moot_buf mended;
    moot__buf_init(&mended, MOOT_MAX_JSON);
    mend(text, len, &mended);
    if (mended.status == MOOT_OK)
        status = moot__json_parse(moot__buf_text(&mended), mended.len, out, NULL);
    moot__buf_release(&mended);
    return status;
}
