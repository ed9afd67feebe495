/* RFC 6962's Merkle tree with BLAKE2b-256: one signature for what an author said in one commit. */
#ifndef MOOT_MERKLE_H
#define MOOT_MERKLE_H

#include "runtime/message.h"

/* Fills a path for each of `count` ids (2 or more) and the root. The caller frees each path's `h`.
 * MOOT_ENOMEM: then no path holds anything. */
int moot__merkle_make(const uint8_t (*ids)[MOOT_HASH_SIZE], size_t count,
                      struct moot_merkle_path *paths, uint8_t root[MOOT_HASH_SIZE]);

/* The root to which the path leads from `id`; false where a path of that shape cannot be. */
bool moot__merkle_root(const struct moot_merkle_path *path, const uint8_t id[MOOT_HASH_SIZE],
                       uint8_t root[MOOT_HASH_SIZE]);

#endif
