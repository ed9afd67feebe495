/* How a JSON value lies in memory: for json.c, which builds, and json_read.c, which reads. */
#ifndef MOOT_JSON_NODE_H
#define MOOT_JSON_NODE_H

#include "runtime/json.h"

enum { MOOT_JSON_KEY_ROOM = 22 };

/* Where values lie that were read together: gone when the last of them is. */
struct moot_json_slab {
    size_t values;
    size_t used;
    size_t size;
    char memory[];
};

/* One piece of memory: a scalar's text lies behind it, a member's short key inside of it. */
struct moot_json {
    struct moot_json_slab *slab; /* NULL: memory of its own */
    struct moot_json *next;
    struct moot_json *child; /* the first of an array or object */
    struct moot_json *last;
    char *key; /* of a member, else NULL */
    uint8_t type;
    bool truth : 1;
    bool key_apart : 1; /* the key has memory of its own */
    char room[MOOT_JSON_KEY_ROOM];
    char text[]; /* a string's bytes, a number's digits */
};

/* Makes a value of memory that has room for it and `text_len` bytes and a NUL. */
void moot__json_node_init(struct moot_json *j, enum moot_json_type type, size_t text_len);
/* The same in memory of its own. NULL: out of memory. */
struct moot_json *moot__json_node(enum moot_json_type type, size_t text_len);
/* False: out of memory. */
bool moot__json_node_name(struct moot_json *j, const char *key, size_t len);
void moot__json_node_append(struct moot_json *parent, struct moot_json *j);
bool moot__json_same_key(const char *a, const char *b);
/* The members sorted by key, for the caller to free; *count of them. NULL: out of memory. */
const struct moot_json **moot__json_sorted(const struct moot_json *object, size_t *count);

#endif
