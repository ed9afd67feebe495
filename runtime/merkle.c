#include "runtime/merkle.h"

static void leaf_hash(const uint8_t id[MOOT_HASH_SIZE], uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add(&h, "\0", 1);
    moot__hash_add(&h, id, MOOT_HASH_SIZE);
    moot__hash_end(&h, out);
}

static void node_hash(const uint8_t left[MOOT_HASH_SIZE], const uint8_t right[MOOT_HASH_SIZE],
                      uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add(&h, "\1", 1);
    moot__hash_add(&h, left, MOOT_HASH_SIZE);
    moot__hash_add(&h, right, MOOT_HASH_SIZE);
    moot__hash_end(&h, out);
}

/* Adds this level's neighbours to the paths, then makes the level above in place; a last node
 * without a neighbour goes up as it is, which gives the same tree as RFC 6962's split at the
 * largest power of two. */
static size_t level_up(uint8_t (*nodes)[MOOT_HASH_SIZE], size_t count, unsigned level,
                       struct moot_merkle_path *paths, size_t path_count)
{
    for (size_t i = 0; i < path_count; i++) {
        size_t neighbour = (i >> level) ^ 1;
        if (neighbour < count)
            memcpy(paths[i].h[paths[i].h_count++], nodes[neighbour], MOOT_HASH_SIZE);
    }
    for (size_t i = 0; i + 1 < count; i += 2) {
        uint8_t node[MOOT_HASH_SIZE];
        node_hash(nodes[i], nodes[i + 1], node);
        memcpy(nodes[i / 2], node, MOOT_HASH_SIZE);
    }
    if (count % 2 == 1)
        memmove(nodes[count / 2], nodes[count - 1], MOOT_HASH_SIZE);
    return (count + 1) / 2;
}

int moot__merkle_make(const uint8_t (*ids)[MOOT_HASH_SIZE], size_t count,
                      struct moot_merkle_path *paths, uint8_t root[MOOT_HASH_SIZE])
{
    MOOT_ASSERT(count >= 2 && count <= UINT32_MAX);
    unsigned height = 0;
    while (((size_t)1 << height) < count)
        height++;
    uint8_t(*nodes)[MOOT_HASH_SIZE] = malloc(count * sizeof(*nodes));
    bool ok = nodes != NULL;
    for (size_t i = 0; i < count; i++) {
        paths[i] = (struct moot_merkle_path){.i = (uint32_t)i, .of = (uint32_t)count};
        paths[i].h = ok ? malloc(height * sizeof(*paths[i].h)) : NULL;
        ok = ok && paths[i].h != NULL;
    }
    if (!ok) {
        for (size_t i = 0; i < count; i++) {
            free(paths[i].h);
            paths[i] = (struct moot_merkle_path){0};
        }
        free(nodes);
        return MOOT_ENOMEM;
    }
    for (size_t i = 0; i < count; i++)
        leaf_hash(ids[i], nodes[i]);
    size_t left = count;
    for (unsigned level = 0; left > 1; level++)
        left = level_up(nodes, left, level, paths, count);
    memcpy(root, nodes[0], MOOT_HASH_SIZE);
    free(nodes);
    return MOOT_OK;
}

/* RFC 9162, 2.1.3.2. */
bool moot__merkle_root(const struct moot_merkle_path *path, const uint8_t id[MOOT_HASH_SIZE],
                       uint8_t root[MOOT_HASH_SIZE])
{
    if (path->i >= path->of)
        return false;
    uint32_t at = path->i;
    uint32_t last = path->of - 1;
    uint8_t node[MOOT_HASH_SIZE];
    leaf_hash(id, node);
    for (uint32_t k = 0; k < path->h_count; k++) {
        if (last == 0)
            return false;
        uint8_t above[MOOT_HASH_SIZE];
        if (at % 2 == 1 || at == last) {
            node_hash(path->h[k], node, above);
            while (at % 2 == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node_hash(node, path->h[k], above);
        }
        memcpy(node, above, MOOT_HASH_SIZE);
        at >>= 1;
        last >>= 1;
    }
    memcpy(root, node, MOOT_HASH_SIZE);
    return last == 0;
}
