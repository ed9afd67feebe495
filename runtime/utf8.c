#include "runtime/utf8.h"

#include <utf8proc.h>

bool moot__utf8_valid(const char *text, size_t len, size_t *bad)
{
    size_t i = 0;
    while (i < len) {
        uint64_t eight = 0;
        if (len - i >= sizeof(eight)) {
            memcpy(&eight, text + i, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) { /* all ASCII, as most text is */
                i += sizeof(eight);
                continue;
            }
        }
        if ((unsigned char)text[i] < 0x80) {
            i++;
            continue;
        }
        utf8proc_int32_t code = 0;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                              (utf8proc_ssize_t)(len - i), &code);
        if (n <= 0) {
            if (bad != NULL)
                *bad = i;
            return false;
        }
        i += (size_t)n;
    }
    return true;
}

size_t moot__utf8_cut(const char *text, size_t len)
{
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

size_t moot__utf8_upto(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    return len <= max ? len : moot__utf8_cut(text, max);
}

size_t moot__utf8_decode(const char *text, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] < 0xE0) {
        *code = ((uint32_t)(p[0] & 0x1F) << 6) | (uint32_t)(p[1] & 0x3F);
        return 2;
    }
    if (p[0] < 0xF0) {
        *code = ((uint32_t)(p[0] & 0x0F) << 12) | ((uint32_t)(p[1] & 0x3F) << 6) |
                (uint32_t)(p[2] & 0x3F);
        return 3;
    }
    *code = ((uint32_t)(p[0] & 0x07) << 18) | ((uint32_t)(p[1] & 0x3F) << 12) |
            ((uint32_t)(p[2] & 0x3F) << 6) | (uint32_t)(p[3] & 0x3F);
    return 4;
}

size_t moot__utf8_encode(uint32_t code, char *out)
{
    utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
    return n > 0 ? (size_t)n : 0;
}

size_t moot__utf8_characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static bool is_space(uint32_t code)
{
    return code == ' ' || (code >= 0x09 && code <= 0x0D) || code == 0x85 || code == 0xA0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

size_t moot__utf8_words(const char *text, size_t len)
{
    size_t count = 0;
    bool inside = false;
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        i += moot__utf8_decode(text + i, &code);
        bool space = is_space(code);
        count += !space && !inside;
        inside = !space;
    }
    return count;
}

size_t moot__utf8_tokens(const char *text, size_t len)
{
    size_t ascii = 0;
    size_t other = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        ascii += c < 0x80;
        other += c >= 0xC0;
    }
    return (ascii + 3) / 4 + (other * 2 + 2) / 3;
}

size_t moot__utf8_token_twelfths(const char *text, size_t len)
{
    size_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        sum += c < 0x80 ? 3 : c >= 0xC0 ? 8 : 0;
    }
    return sum;
}

int moot__utf8_code_width(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        return 0;
    return utf8proc_charwidth((utf8proc_int32_t)code);
}

size_t moot__utf8_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        i += moot__utf8_decode(text + i, &code);
        width += (size_t)moot__utf8_code_width(code);
    }
    return width;
}

char *moot__utf8_nfc(const char *text, size_t len)
{
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &out,
                                      UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (n < 0)
        return NULL;
    return (char *)out;
}

bool moot__utf8_letter(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool moot__ascii_same(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (a[i] == '\0' || lower(a[i]) != lower(b[i]))
            return false;
    return true;
}
