#include "runtime/hash.h"

#include <sodium.h>

_Static_assert(sizeof(struct moot_hash) >= sizeof(crypto_generichash_state),
               "room for libsodium's state");
_Static_assert(_Alignof(struct moot_hash) >= _Alignof(crypto_generichash_state),
               "aligned for libsodium's state");

/* libsodium's functions here fail on wrong sizes only. */

static crypto_generichash_state *state_of(struct moot_hash *h)
{
    return (crypto_generichash_state *)(void *)h->state;
}

void moot__hash_init(struct moot_hash *h)
{
    int status = crypto_generichash_init(state_of(h), NULL, 0, MOOT_HASH_SIZE);
    MOOT_ASSERT(status == 0);
}

void moot__hash_add(struct moot_hash *h, const void *data, size_t len)
{
    if (len == 0)
        return;
    int status = crypto_generichash_update(state_of(h), data, len);
    MOOT_ASSERT(status == 0);
}

static void hash_add_u64(struct moot_hash *h, uint64_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    moot__hash_add(h, bytes, sizeof(bytes));
}

void moot__hash_add_text(struct moot_hash *h, const char *text)
{
    if (text == NULL) {
        hash_add_u64(h, UINT64_MAX); /* no text is that long */
        return;
    }
    size_t len = strlen(text);
    hash_add_u64(h, len);
    moot__hash_add(h, text, len);
}

void moot__hash_add_int(struct moot_hash *h, int64_t n)
{
    hash_add_u64(h, (uint64_t)n);
}

void moot__hash_end(struct moot_hash *h, uint8_t out[MOOT_HASH_SIZE])
{
    int status = crypto_generichash_final(state_of(h), out, MOOT_HASH_SIZE);
    MOOT_ASSERT(status == 0);
}

void moot__hash(const void *data, size_t len, uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add(&h, data, len);
    moot__hash_end(&h, out);
}

void moot__hex(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool moot__unhex(const char *hex, uint8_t *out, size_t len)
{
    if (strnlen(hex, 2 * len + 1) != 2 * len)
        return false;
    for (size_t i = 0; i < 2 * len; i++)
        if (digit_of(hex[i]) < 0)
            return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(digit_of(hex[2 * i]) << 4 | digit_of(hex[2 * i + 1]));
    return true;
}

uint64_t moot__draw(uint64_t seed, const char *name, uint32_t i)
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add_text(&h, "folkmoot draw v1");
    hash_add_u64(&h, seed);
    moot__hash_add_text(&h, name);
    hash_add_u64(&h, i);
    uint8_t bytes[MOOT_HASH_SIZE];
    moot__hash_end(&h, bytes);
    uint64_t drawn = 0;
    for (size_t k = 0; k < 8; k++)
        drawn |= (uint64_t)bytes[k] << (8 * k);
    return drawn;
}
