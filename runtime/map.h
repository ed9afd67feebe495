/* A map from texts to pointers that remembers the order in which keys came. */
#ifndef MOOT_MAP_H
#define MOOT_MAP_H

#include "runtime/status.h"

struct moot_map_entry {
    char *key; /* NULL: removed */
    void *value;
};

/* Keys are copied; values belong to whoever put them in. */
struct moot_map {
    struct moot_map_entry *entries; /* in the order of coming */
    size_t count;                   /* of entries, removed ones included */
    size_t live;
    size_t size;
    uint32_t *slots;   /* index + 1 into entries, 0: free */
    size_t slot_count; /* a power of two */
};

void moot__map_init(struct moot_map *m);
/* `free_value` is called for each value; NULL: it is not. */
void moot__map_release(struct moot_map *m, void (*free_value)(void *value));
/* NULL: not there. */
void *moot__map_get(const struct moot_map *m, const char *key);
/* Puts or replaces; 0 or MOOT_ENOMEM. */
int moot__map_put(struct moot_map *m, const char *key, void *value);
/* The value taken out, or NULL. */
void *moot__map_take(struct moot_map *m, const char *key);
/* Iteration in order of coming: start with *i = 0; NULL at the end. Removing during it is allowed.
 */
const struct moot_map_entry *moot__map_next(const struct moot_map *m, size_t *i);

#endif
