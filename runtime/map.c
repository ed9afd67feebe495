#include "runtime/map.h"

void moot__map_init(struct moot_map *m)
{
    memset(m, 0, sizeof(*m));
}

void moot__map_release(struct moot_map *m, void (*free_value)(void *value))
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].key == NULL)
            continue;
        if (free_value != NULL)
            free_value(m->entries[i].value);
        free(m->entries[i].key);
    }
    free(m->entries);
    free(m->slots);
    moot__map_init(m);
}

/* FNV-1a: keys are our own paths and ids, bounded in number by the run's limits. */
static size_t map_hash(const char *key)
{
    uint64_t h = 14695981039346656037u;
    for (; *key != '\0'; key++)
        h = (h ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)(h ^ (h >> 32));
}

/* The slot that holds the key, or the free one where it would go. */
static size_t map_slot(const struct moot_map *m, const char *key)
{
    size_t i = map_hash(key) & (m->slot_count - 1);
    while (m->slots[i] != 0) {
        const struct moot_map_entry *e = &m->entries[m->slots[i] - 1];
        if (e->key != NULL && strcmp(e->key, key) == 0)
            return i;
        i = (i + 1) & (m->slot_count - 1);
    }
    return i;
}

/* Makes room for one more: removed entries are dropped and the slots laid anew. */
static int map_grow(struct moot_map *m)
{
    size_t size = m->live * 2 < 8 ? 8 : m->live * 2;
    struct moot_map_entry *entries = malloc(size * sizeof(*entries));
    uint32_t *slots = calloc(size * 2, sizeof(*slots));
    if (entries == NULL || slots == NULL) {
        free(entries);
        free(slots);
        return MOOT_ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->entries[i].key != NULL)
            entries[count++] = m->entries[i];
    }
    free(m->entries);
    free(m->slots);
    m->entries = entries;
    m->slots = slots;
    m->count = count;
    m->size = size;
    m->slot_count = 1;
    while (m->slot_count * 2 <= size * 2)
        m->slot_count *= 2;
    for (size_t i = 0; i < count; i++)
        m->slots[map_slot(m, entries[i].key)] = (uint32_t)i + 1;
    return MOOT_OK;
}

void *moot__map_get(const struct moot_map *m, const char *key)
{
    if (m->slot_count == 0)
        return NULL;
    size_t slot = map_slot(m, key);
    return m->slots[slot] != 0 ? m->entries[m->slots[slot] - 1].value : NULL;
}

int moot__map_put(struct moot_map *m, const char *key, void *value)
{
    if (m->slot_count != 0) {
        size_t slot = map_slot(m, key);
        if (m->slots[slot] != 0) {
            m->entries[m->slots[slot] - 1].value = value;
            return MOOT_OK;
        }
    }
    if (m->count == m->size) {
        int status = map_grow(m);
        if (status != MOOT_OK)
            return status;
    }
    char *copy = strdup(key);
    if (copy == NULL)
        return MOOT_ENOMEM;
    m->entries[m->count].key = copy;
    m->entries[m->count].value = value;
    m->count++;
    m->live++;
    m->slots[map_slot(m, key)] = (uint32_t)m->count;
    return MOOT_OK;
}

void *moot__map_take(struct moot_map *m, const char *key)
{
    if (m->slot_count == 0)
        return NULL;
    size_t slot = map_slot(m, key);
    if (m->slots[slot] == 0)
        return NULL;
    struct moot_map_entry *e = &m->entries[m->slots[slot] - 1];
    void *value = e->value;
    free(e->key);
    e->key = NULL; /* the slot stays taken, so that probing goes on behind it */
    e->value = NULL;
    m->live--;
    return value;
}

const struct moot_map_entry *moot__map_next(const struct moot_map *m, size_t *i)
{
    while (*i < m->count) {
        const struct moot_map_entry *e = &m->entries[(*i)++];
        if (e->key != NULL)
            return e;
    }
    return NULL;
}
