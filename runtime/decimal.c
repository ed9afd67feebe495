#include "runtime/decimal.h"

/* Where an exponent stops growing; far from overflow when a text's length is added. */
static const int64_t exponent_max = 1000000000000000;

enum { DIVISOR_DIGITS = 18 };

/* value = (negative ? -1 : 1) * 0.d1d2d3… * 10^magnitude, d1 and the last digit not 0. The digits
 * are read in the text, over its point. */
struct parts {
    const char *digits; /* first significant one */
    size_t count;       /* significant digits; 0: the value is 0 */
    int64_t magnitude;
    bool negative;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_digits(const char *text, size_t len, size_t at)
{
    while (at < len && is_digit(text[at]))
        at++;
    return at;
}

bool moot__decimal_valid(const char *text, size_t len)
{
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;
    size_t end = skip_digits(text, len, at);
    if (end == at || (text[at] == '0' && end > at + 1))
        return false;
    at = end;
    if (at < len && text[at] == '.') {
        end = skip_digits(text, len, at + 1);
        if (end == at + 1)
            return false;
        at = end;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < len && (text[at] == '+' || text[at] == '-'))
            at++;
        end = skip_digits(text, len, at);
        if (end == at)
            return false;
        at = end;
    }
    return at == len;
}

static int64_t exponent_of(const char *text)
{
    bool negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    int64_t n = 0;
    for (; is_digit(*text); text++) {
        n = n * 10 + (*text - '0');
        if (n > exponent_max)
            n = exponent_max;
    }
    return negative ? -n : n;
}

static struct parts split(const char *text)
{
    MOOT_ASSERT(moot__decimal_valid(text, strlen(text)));
    struct parts p = {.negative = text[0] == '-'};
    if (p.negative)
        text++;
    bool point = false;
    size_t zeros = 0; /* since the last digit that is not 0 */
    for (; is_digit(*text) || *text == '.'; text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (p.digits == NULL && *text != '0')
            p.digits = text;
        if (p.digits == NULL) {
            p.magnitude -= point;
            continue;
        }
        p.magnitude += !point;
        p.count += 1;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    p.count -= zeros;
    if (*text != '\0')
        p.magnitude += exponent_of(text + 1);
    if (p.count == 0) {
        p.magnitude = 0;
        p.negative = false;
    }
    return p;
}

/* The digit at *text, which moves past it and past a point. */
static unsigned next_digit(const char **text)
{
    if (**text == '.')
        *text += 1;
    unsigned digit = (unsigned)(**text - '0');
    *text += 1;
    return digit;
}

static int compare_sizes(const struct parts *a, const struct parts *b)
{
    if (a->magnitude != b->magnitude)
        return a->magnitude < b->magnitude ? -1 : 1;
    const char *x = a->digits;
    const char *y = b->digits;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        unsigned dx = next_digit(&x);
        unsigned dy = next_digit(&y);
        if (dx != dy)
            return dx < dy ? -1 : 1;
    }
    return (a->count > b->count) - (a->count < b->count);
}

int moot__decimal_compare(const char *a, const char *b)
{
    struct parts x = split(a);
    struct parts y = split(b);
    int sign_x = x.count == 0 ? 0 : x.negative ? -1 : 1;
    int sign_y = y.count == 0 ? 0 : y.negative ? -1 : 1;
    if (sign_x != sign_y)
        return sign_x < sign_y ? -1 : 1;
    if (sign_x == 0)
        return 0;
    return sign_x * compare_sizes(&x, &y);
}

__extension__ typedef unsigned __int128 wide;

static uint64_t multiply_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((wide)a * b % m);
}

static uint64_t power_of_ten_mod(int64_t exponent, uint64_t m)
{
    uint64_t result = 1 % m;
    uint64_t base = 10 % m;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 != 0)
            result = multiply_mod(result, base, m);
        base = multiply_mod(base, base, m);
    }
    return result;
}

bool moot__decimal_divisor(const char *b)
{
    struct parts p = split(b);
    return p.count > 0 && p.count <= DIVISOR_DIGITS && !p.negative;
}

bool moot__decimal_multiple(const char *a, const char *b)
{
    struct parts x = split(a);
    struct parts y = split(b);
    if (y.count == 0 || y.count > DIVISOR_DIGITS || y.negative)
        return false;
    if (x.count == 0)
        return true;
    /* As integers without a zero at their end, times powers of ten: a = A * 10^ea, b = B * 10^eb.
     * Below 10^0 the quotient would make A end in a zero. */
    int64_t exponent = (x.magnitude - (int64_t)x.count) - (y.magnitude - (int64_t)y.count);
    if (exponent < 0)
        return false;
    uint64_t divisor = 0;
    const char *text = y.digits;
    for (size_t i = 0; i < y.count; i++)
        divisor = divisor * 10 + next_digit(&text);
    uint64_t rest = 0;
    text = x.digits;
    for (size_t i = 0; i < x.count; i++)
        rest = (uint64_t)(((wide)rest * 10 + next_digit(&text)) % divisor);
    return multiply_mod(rest, power_of_ten_mod(exponent, divisor), divisor) == 0;
}

bool moot__decimal_integral(const char *a)
{
    struct parts p = split(a);
    return p.magnitude >= (int64_t)p.count;
}

/* One more digit at the end of a number held as its negative, whose range is the larger one. */
static bool append_digit(int64_t *n, unsigned digit)
{
    return !__builtin_mul_overflow(*n, 10, n) && !__builtin_sub_overflow(*n, (int64_t)digit, n);
}

static bool with_sign(int64_t n, bool negative, int64_t *out)
{
    if (!negative && n == INT64_MIN)
        return false;
    *out = negative ? n : -n;
    return true;
}

bool moot__decimal_int(const char *a, int64_t *out)
{
    struct parts p = split(a);
    if (p.magnitude < (int64_t)p.count || p.magnitude > 19)
        return false;
    int64_t n = 0;
    const char *text = p.digits;
    for (int64_t i = 0; i < p.magnitude; i++) {
        if (!append_digit(&n, i < (int64_t)p.count ? next_digit(&text) : 0))
            return false;
    }
    return with_sign(n, p.negative, out);
}

bool moot__int_parse(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    if (negative)
        text++;
    if (*text == '\0')
        return false;
    int64_t n = 0;
    for (; *text != '\0'; text++) {
        if (!is_digit(*text) || !append_digit(&n, (unsigned)(*text - '0')))
            return false;
    }
    return with_sign(n, negative, out);
}

size_t moot__int_write(int64_t n, char out[MOOT_INT_TEXT])
{
    char digits[MOOT_INT_TEXT];
    size_t at = sizeof(digits);
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        digits[--at] = '-';
    size_t len = sizeof(digits) - at;
    memcpy(out, digits + at, len);
    out[len] = '\0';
    return len;
}
