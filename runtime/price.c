#include "runtime/price.h"

enum { PICO_DIGITS = 12, TOKEN_DIGITS = 6 };

struct entry {
    const char *provider;
    const char *model;
    struct moot_price price;
};

static const struct entry table[] = {
#define PRICE(provider, model, input, cached, output) {provider, model, {input, output, cached}},
#include "runtime/price_table.inc"
#undef PRICE
};

static const char *const free_providers[] = {"ollama", "llamacpp", "vllm", "lmstudio", "scripted"};

struct moot_price moot__price_find(const char *provider, const char *model)
{
    for (size_t i = 0; i < MOOT_COUNT(free_providers); i++) {
        if (strcmp(provider, free_providers[i]) == 0)
            return (struct moot_price){0, 0, 0};
    }
    struct moot_price found = {-1, -1, -1};
    size_t longest = 0;
    for (size_t i = 0; i < MOOT_COUNT(table); i++) {
        size_t len = strlen(table[i].model);
        if (len <= longest || strcmp(provider, table[i].provider) != 0 ||
            strncmp(model, table[i].model, len) != 0 || (model[len] != '-' && model[len] != '\0'))
            continue;
        longest = len;
        found = table[i].price;
    }
    return found;
}

/* A plain decimal in units of 10^-places; further digits must be 0. */
static int decimal_parse(const char *text, size_t len, int places, int64_t *out)
{
    int64_t value = 0;
    int after = -1; /* digits after the point so far; -1: no point yet */
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.' && after < 0 && digits > 0) {
            after = 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return MOOT_EINVAL;
        digits++;
        if (after >= places) {
            if (text[i] != '0')
                return MOOT_EINVAL;
            continue;
        }
        if (after >= 0)
            after++;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text[i] - '0', &value))
            return MOOT_ETOOBIG;
    }
    if (digits == 0 || after == 0 || text[len - 1] == '.')
        return MOOT_EINVAL;
    for (int i = after < 0 ? 0 : after; i < places; i++) {
        if (__builtin_mul_overflow(value, 10, &value))
            return MOOT_ETOOBIG;
    }
    *out = value;
    return MOOT_OK;
}

int moot__price_parse(const char *usd_per_million, int64_t *pico_per_token)
{
    return decimal_parse(usd_per_million, strlen(usd_per_million), TOKEN_DIGITS, pico_per_token);
}

int moot__money_parse(const char *usd, int64_t *pico)
{
    size_t len = strlen(usd);
    if (len > 0 && usd[0] == '$') {
        usd++;
        len--;
    } else if (len > 4 && strcmp(usd + len - 4, " USD") == 0) {
        len -= 4;
    }
    return decimal_parse(usd, len, PICO_DIGITS, pico);
}

void moot__money_format(int64_t pico, char *out)
{
    enum { SIZE = 32 };
    static const int64_t unit[] = {10000000000, 1000000000, 100000000, 10000000, 1000000};
    if (pico < 0)
        pico = 0;
    /* Two places, or as many as the first digit that is not 0 needs. */
    for (size_t i = 0; i < MOOT_COUNT(unit); i++) {
        int64_t n = pico / unit[i] + (pico % unit[i] >= unit[i] / 2 ? 1 : 0);
        if (n == 0)
            continue;
        int places = (int)i + 2;
        for (; places > 2 && n % 10 == 0; places--)
            n /= 10;
        int64_t whole = 1;
        for (int p = 0; p < places; p++)
            whole *= 10;
        char text[64];
        snprintf(text, sizeof(text), "$%lld.%0*lld", (long long)(n / whole), places,
                 (long long)(n % whole));
        MOOT_ASSERT(strlen(text) < SIZE);
        memcpy(out, text, strlen(text) + 1);
        return;
    }
    memcpy(out, "$0", 3);
}

bool moot__price_known(const struct moot_price *p)
{
    return p->input >= 0 && p->output >= 0;
}

static int64_t add_product(int64_t sum, int64_t price, int64_t count)
{
    int64_t product = 0;
    if (price <= 0 || count <= 0)
        return sum;
    if (__builtin_mul_overflow(price, count, &product) ||
        __builtin_add_overflow(sum, product, &sum))
        return INT64_MAX;
    return sum;
}

int64_t moot__price_cost(const struct moot_price *p, int64_t input, int64_t cached, int64_t output)
{
    if (cached < 0)
        cached = 0;
    if (input < 0)
        input = 0;
    if (cached > input)
        cached = input;
    int64_t sum = add_product(0, p->input, input - cached);
    sum = add_product(sum, p->cached >= 0 ? p->cached : p->input, cached);
    return add_product(sum, p->output, output);
}
