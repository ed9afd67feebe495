/* BLAKE2b-256, the only hash; hex; and the seeded generator that all of a run's chance comes from.
 */
#ifndef MOOT_HASH_H
#define MOOT_HASH_H

#include "runtime/status.h"

#include <stdbool.h>

enum { MOOT_HASH_SIZE = 32, MOOT_HEX_SIZE = 65 };

/* A hash in the making. Sized for libsodium's crypto_generichash_state, which only hash.c sees. */
struct moot_hash {
    _Alignas(64) unsigned char state[384];
};

void moot__hash_init(struct moot_hash *h);
void moot__hash_add(struct moot_hash *h, const void *data, size_t len);
/* Adds the length, then the bytes, so that neighbours cannot run together. NULL adds a mark. */
void moot__hash_add_text(struct moot_hash *h, const char *text);
void moot__hash_add_int(struct moot_hash *h, int64_t n);
void moot__hash_end(struct moot_hash *h, uint8_t out[MOOT_HASH_SIZE]);
/* All in one. */
void moot__hash(const void *data, size_t len, uint8_t out[MOOT_HASH_SIZE]);

/* Lower-case hex; `out` has room for 2 * len + 1. */
void moot__hex(const uint8_t *data, size_t len, char *out);
/* Whether `hex` is exactly 2 * len lower-case hex digits; fills `out` then. */
bool moot__unhex(const char *hex, uint8_t *out, size_t len);

/* Draws number `i` of the stream that belongs to (seed, name): a function, not a state, so that
 * every repetition of a run draws the same. */
uint64_t moot__draw(uint64_t seed, const char *name, uint32_t i);

#endif
