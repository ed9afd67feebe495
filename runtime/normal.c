#include "runtime/normal.h"

#include "runtime/map.h"

/* One kept message with the name it goes by. */
struct kept {
    struct moot_message *m;
    char name[MOOT_MAX_PATH_CONV + 2 * MOOT_MAX_ID];
    uint32_t n;
    size_t order;
};

struct normal {
    struct kept *list;
    size_t count, size;
    struct moot_map counts; /* "conv|from" -> count */
    struct moot_map names;  /* id in hex -> name, pointing into nothing: a copy */
    struct moot_error *err;
};

static int keep(void *arg, struct moot_message *m)
{
    struct normal *n = arg;
    if (m->kind == MOOT_KEY || m->kind == MOOT_ERROR)
        return MOOT_OK;
    if (n->count == n->size) {
        size_t size = n->size == 0 ? 64 : n->size * 2;
        struct kept *list = realloc(n->list, size * sizeof(*list));
        if (list == NULL)
            return moot__fail(n->err, MOOT_ENOMEM, "out of memory");
        n->list = list;
        n->size = size;
    }
    struct kept *k = &n->list[n->count];
    char author[MOOT_MAX_PATH_CONV + MOOT_MAX_ID];
    snprintf(author, sizeof(author), "%s|%s", m->conv, m->from);
    uintptr_t next = (uintptr_t)moot__map_get(&n->counts, author) + 1;
    k->n = (uint32_t)next;
    k->order = n->count;
    snprintf(k->name, sizeof(k->name), "%s|%u", author, k->n);
    char id[MOOT_HEX_SIZE];
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    char *name = strdup(k->name);
    if (name == NULL || moot__map_put(&n->names, id, name) != MOOT_OK ||
        moot__map_put(&n->counts, author, (void *)next) != MOOT_OK) { /* NOLINT */
        free(name);
        return moot__fail(n->err, MOOT_ENOMEM, "out of memory");
    }
    k->m = moot__message_ref(m);
    n->count++;
    return MOOT_OK;
}

/* Paths by their parts; a part that is a number by its value. */
static int compare_paths(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t la = strcspn(a, "/");
        size_t lb = strcspn(b, "/");
        size_t da = strspn(a, "0123456789");
        size_t db = strspn(b, "0123456789");
        if (da == la && db == lb && la != lb)
            return la < lb ? -1 : 1;
        int order = strncmp(a, b, la < lb ? la : lb);
        if (order != 0)
            return order;
        if (la != lb)
            return la < lb ? -1 : 1;
        a += la + (a[la] == '/');
        b += lb + (b[lb] == '/');
    }
    return (*a != '\0') - (*b != '\0');
}

static int compare_kept(const void *a, const void *b)
{
    const struct kept *ka = a;
    const struct kept *kb = b;
    int order = compare_paths(ka->m->conv, kb->m->conv);
    if (order != 0)
        return order;
    return ka->order < kb->order ? -1 : 1;
}

bool moot__normal_chance(enum moot_kind kind, const char *key)
{
    static const char *const genesis[] = {"owner",         "host",     "keys",  "approvers",
                                          "approver_keys", "people",   "seed",  "moot",
                                          "file",          "replayed", "forked"};
    if (strcmp(key, "at") == 0 || strcmp(key, "expires") == 0 || strcmp(key, "took") == 0 ||
        strcmp(key, "recorded") == 0 || strcmp(key, "scripted") == 0)
        return true;
    for (size_t i = 0; kind == MOOT_GENESIS && i < MOOT_COUNT(genesis); i++) {
        if (strcmp(key, genesis[i]) == 0)
            return true;
    }
    return kind == MOOT_CLOSE && strcmp(key, "messages") == 0;
}

static int write_body(const struct normal *n, const struct moot_json *j, int depth,
                      enum moot_kind kind, struct moot_buf *out)
{
    if (depth > MOOT_MAX_DEPTH)
        return MOOT_ETOOBIG;
    const char *text = moot__json_text(j);
    if (text != NULL) {
        const char *name = moot__map_get(&n->names, text);
        if (name != NULL)
            text = name;
        return moot__buf_add_json(out, text, strlen(text));
    }
    bool object = moot__json_is(j, MOOT_JSON_OBJECT);
    if (!object && !moot__json_is(j, MOOT_JSON_ARRAY))
        return moot__json_write(j, out);
    moot__buf_addc(out, object ? '{' : '[');
    bool first = true;
    for (const struct moot_json *e = moot__json_first(j); e != NULL; e = moot__json_next(e)) {
        const char *key = moot__json_key(e);
        if (object && depth == 0 && moot__normal_chance(kind, key))
            continue;
        if (!first)
            moot__buf_addc(out, ',');
        first = false;
        if (object) {
            moot__buf_add_json(out, key, strlen(key));
            moot__buf_addc(out, ':');
        }
        int status = write_body(n, e, depth + 1, kind, out);
        if (status != MOOT_OK)
            return status;
    }
    return moot__buf_addc(out, object ? '}' : ']');
}

static void write_set(struct moot_buf *out, const char *key, char *const *set, size_t count)
{
    if (count == 0)
        return;
    moot__buf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            moot__buf_addc(out, ',');
        moot__buf_add_json(out, set[i], strlen(set[i]));
    }
    moot__buf_addc(out, ']');
}

static void write_text(struct moot_buf *out, const char *key, const char *text)
{
    if (text == NULL)
        return;
    moot__buf_addf(out, ",\"%s\":", key);
    moot__buf_add_json(out, text, strlen(text));
}

static int write_kept(const struct normal *n, const struct kept *k, struct moot_buf *out)
{
    const struct moot_message *m = k->m;
    char hex[MOOT_HEX_SIZE];
    moot__buf_adds(out, "{\"conv\":");
    moot__buf_add_json(out, m->conv, strlen(m->conv));
    write_text(out, "from", m->from);
    moot__buf_addf(out, ",\"n\":%u", k->n);
    write_text(out, "kind", moot_kind_text(m->kind));
    write_set(out, "to", m->to, m->to_count);
    write_text(out, "item", m->item);
    write_text(out, "task", m->task);
    if (m->has_re) {
        moot__hex(m->re, MOOT_HASH_SIZE, hex);
        const char *name = moot__map_get(&n->names, hex);
        write_text(out, "re", name != NULL ? name : "?");
    }
    write_set(out, "prov", m->prov, m->prov_count);
    moot__hex(m->caps, MOOT_HASH_SIZE, hex);
    write_text(out, "caps", hex);
    moot__buf_adds(out, ",\"body\":");
    if (m->body == NULL)
        moot__buf_adds(out, "null");
    else if (write_body(n, m->body, 0, m->kind, out) != MOOT_OK)
        return MOOT_ETOOBIG;
    return moot__buf_adds(out, "}\n");
}

int moot__normal_write(struct moot_journal *j, struct moot_buf *out, struct moot_error *err)
{
    struct normal n = {.err = err};
    moot__map_init(&n.counts);
    moot__map_init(&n.names);
    int status = moot__journal_each(j, 0, keep, &n, err);
    if (status == MOOT_OK)
        qsort(n.list, n.count, sizeof(*n.list), compare_kept);
    for (size_t i = 0; i < n.count && status == MOOT_OK; i++) {
        status = write_kept(&n, &n.list[i], out);
        if (status != MOOT_OK)
            moot__fail(err, status, "the normal form cannot be written: %s",
                       moot__status_text(status));
    }
    for (size_t i = 0; i < n.count; i++)
        moot__message_unref(n.list[i].m);
    free(n.list);
    moot__map_release(&n.counts, NULL);
    moot__map_release(&n.names, free);
    return status;
}
