#include "runtime/json_node.h"
#include "runtime/utf8.h"

void moot__json_node_init(struct moot_json *j, enum moot_json_type type, size_t text_len)
{
    j->slab = NULL;
    j->next = NULL;
    j->child = NULL;
    j->last = NULL;
    j->key = NULL;
    j->type = (uint8_t)type;
    j->truth = false;
    j->key_apart = false;
    j->text[0] = '\0';
    j->text[text_len] = '\0';
}

struct moot_json *moot__json_node(enum moot_json_type type, size_t text_len)
{
    struct moot_json *j = malloc(sizeof(*j) + text_len + 1);
    if (j != NULL)
        moot__json_node_init(j, type, text_len);
    return j;
}

static struct moot_json *node_text(enum moot_json_type type, const char *text, size_t len)
{
    struct moot_json *j = moot__json_node(type, len);
    if (j != NULL && len > 0)
        memcpy(j->text, text, len);
    return j;
}

bool moot__json_node_name(struct moot_json *j, const char *key, size_t len)
{
    j->key_apart = len >= MOOT_JSON_KEY_ROOM;
    j->key = j->key_apart ? malloc(len + 1) : j->room;
    if (j->key == NULL)
        return false;
    memcpy(j->key, key, len);
    j->key[len] = '\0';
    return true;
}

static void node_unname(struct moot_json *j)
{
    if (j->key_apart)
        free(j->key);
    j->key = NULL;
    j->key_apart = false;
}

/* Alone, without its children. */
static void node_free(struct moot_json *j)
{
    struct moot_json_slab *slab = j->slab;
    node_unname(j);
    if (slab == NULL)
        free(j);
    else if (--slab->values == 0)
        free(slab);
}

void moot__json_node_append(struct moot_json *parent, struct moot_json *j)
{
    if (parent->last != NULL)
        parent->last->next = j;
    else
        parent->child = j;
    parent->last = j;
}

bool moot__json_same_key(const char *a, const char *b)
{
    return a[0] == b[0] && strcmp(a, b) == 0;
}

/* ---- members, sorted ---- */

static int compare_keys(const void *a, const void *b)
{
    const struct moot_json *x = *(const struct moot_json *const *)a;
    const struct moot_json *y = *(const struct moot_json *const *)b;
    return strcmp(x->key, y->key);
}

const struct moot_json **moot__json_sorted(const struct moot_json *object, size_t *count)
{
    *count = moot__json_count(object);
    const struct moot_json **members = malloc((*count + 1) * sizeof(const struct moot_json *));
    if (members == NULL)
        return NULL;
    size_t i = 0;
    for (const struct moot_json *m = object->child; m != NULL; m = m->next)
        members[i++] = m;
    if (*count > 1)
        qsort(members, *count, sizeof(const struct moot_json *), compare_keys);
    return members;
}

/* The children of what is freed are put before its next sibling, so that no stack is needed. */
void moot__json_free(struct moot_json *j)
{
    while (j != NULL) {
        struct moot_json *next = j->next;
        if (j->child != NULL) {
            j->last->next = next;
            next = j->child;
        }
        node_free(j);
        j = next;
    }
}

/* The value alone, without key and children. */
static struct moot_json *copy_one(const struct moot_json *j)
{
    struct moot_json *copy = node_text(j->type, j->text, strlen(j->text));
    if (copy != NULL)
        copy->truth = j->truth;
    return copy;
}

/* Recursion is bounded by the depth a tree can be built to. */
struct moot_json *moot__json_copy(const struct moot_json *j)
{
    struct moot_json *copy = j != NULL ? copy_one(j) : NULL;
    if (copy == NULL)
        return NULL;
    for (const struct moot_json *c = j->child; c != NULL; c = c->next) {
        struct moot_json *child = moot__json_copy(c);
        if (child == NULL ||
            (c->key != NULL && !moot__json_node_name(child, c->key, strlen(c->key)))) {
            moot__json_free(child);
            moot__json_free(copy);
            return NULL;
        }
        moot__json_node_append(copy, child);
    }
    return copy;
}

/* ---- looking ---- */

enum moot_json_type moot__json_type(const struct moot_json *j)
{
    return j != NULL ? (enum moot_json_type)j->type : MOOT_JSON_NULL;
}

bool moot__json_is(const struct moot_json *j, enum moot_json_type type)
{
    return j != NULL && moot__json_type(j) == type;
}

bool moot__json_true(const struct moot_json *j)
{
    return j != NULL && j->truth;
}

const char *moot__json_text(const struct moot_json *j)
{
    return moot__json_is(j, MOOT_JSON_STRING) ? j->text : NULL;
}

const char *moot__json_digits(const struct moot_json *j)
{
    return moot__json_is(j, MOOT_JSON_NUMBER) ? j->text : NULL;
}

bool moot__json_int(const struct moot_json *j, int64_t *out)
{
    const char *digits = moot__json_digits(j);
    return digits != NULL && moot__decimal_int(digits, out);
}

const struct moot_json *moot__json_first(const struct moot_json *j)
{
    return j != NULL ? j->child : NULL;
}

const struct moot_json *moot__json_next(const struct moot_json *j)
{
    return j != NULL ? j->next : NULL;
}

const char *moot__json_key(const struct moot_json *j)
{
    return j != NULL ? j->key : NULL;
}

size_t moot__json_count(const struct moot_json *j)
{
    size_t count = 0;
    for (const struct moot_json *c = moot__json_first(j); c != NULL; c = moot__json_next(c))
        count++;
    return count;
}

const struct moot_json *moot__json_at(const struct moot_json *j, size_t i)
{
    const struct moot_json *c = moot__json_first(j);
    while (c != NULL && i-- > 0)
        c = moot__json_next(c);
    return c;
}

const struct moot_json *moot__json_get(const struct moot_json *j, const char *key)
{
    if (!moot__json_is(j, MOOT_JSON_OBJECT))
        return NULL;
    const struct moot_json *m = j->child;
    while (m != NULL && !moot__json_same_key(m->key, key))
        m = m->next;
    return m;
}

const char *moot__json_get_text(const struct moot_json *j, const char *key, const char *absent)
{
    const char *text = moot__json_text(moot__json_get(j, key));
    return text != NULL ? text : absent;
}

int64_t moot__json_get_int(const struct moot_json *j, const char *key, int64_t absent)
{
    int64_t n = absent;
    return moot__json_int(moot__json_get(j, key), &n) ? n : absent;
}

bool moot__json_get_bool(const struct moot_json *j, const char *key, bool absent)
{
    const struct moot_json *m = moot__json_get(j, key);
    return moot__json_is(m, MOOT_JSON_BOOL) ? moot__json_true(m) : absent;
}

/* ---- comparing ---- */

static int compare_objects(const struct moot_json *a, const struct moot_json *b)
{
    size_t count_a = 0;
    size_t count_b = 0;
    const struct moot_json **members_a = moot__json_sorted(a, &count_a);
    const struct moot_json **members_b = moot__json_sorted(b, &count_b);
    int order = (count_a > count_b) - (count_a < count_b);
    if (members_a == NULL || members_b == NULL)
        order = 1; /* out of memory: better different than alike */
    for (size_t i = 0; i < count_a && order == 0; i++) {
        order = strcmp(members_a[i]->key, members_b[i]->key);
        if (order == 0)
            order = moot__json_compare(members_a[i], members_b[i]);
    }
    free(members_a);
    free(members_b);
    return order;
}

static int compare_arrays(const struct moot_json *a, const struct moot_json *b)
{
    const struct moot_json *x = a->child;
    const struct moot_json *y = b->child;
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        int order = moot__json_compare(x, y);
        if (order != 0)
            return order;
    }
    return (x != NULL) - (y != NULL);
}

/* Recursion is bounded by the depth a tree can be built to. */
int moot__json_compare(const struct moot_json *a, const struct moot_json *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    switch (moot__json_type(a)) {
    case MOOT_JSON_BOOL:
        return (int)a->truth - (int)b->truth;
    case MOOT_JSON_NUMBER:
        return moot__decimal_compare(a->text, b->text);
    case MOOT_JSON_STRING:
        return strcmp(a->text, b->text);
    case MOOT_JSON_ARRAY:
        return compare_arrays(a, b);
    case MOOT_JSON_OBJECT:
        return compare_objects(a, b);
    case MOOT_JSON_NULL:
        break;
    }
    return 0;
}

bool moot__json_equal(const struct moot_json *a, const struct moot_json *b)
{
    return moot__json_compare(a, b) == 0;
}

/* ---- building ---- */

struct moot_json *moot__json_new(enum moot_json_type type)
{
    return type == MOOT_JSON_NUMBER ? node_text(type, "0", 1) : moot__json_node(type, 0);
}

/* Whether the bytes can stand in a JSON string as they are. */
static bool is_clean(const char *text, size_t len)
{
    return memchr(text, '\0', len) == NULL && moot__utf8_valid(text, len, NULL);
}

/* A text with U+FFFD for each NUL and each byte that is not UTF-8. */
static struct moot_json *new_cleaned(const char *text, size_t len)
{
    struct moot_json *j = moot__json_node(MOOT_JSON_STRING, len * 3);
    if (j == NULL)
        return NULL;
    char *out = j->text;
    size_t at = 0;
    while (at < len) {
        size_t bad = len - at;
        size_t good = moot__utf8_valid(text + at, len - at, &bad) ? len - at : bad;
        const char *nul = memchr(text + at, '\0', good);
        if (nul != NULL)
            good = (size_t)(nul - (text + at));
        memcpy(out, text + at, good);
        out += good;
        at += good;
        if (at < len) {
            out += moot__utf8_encode(0xfffd, out);
            at++;
        }
    }
    *out = '\0';
    return j;
}

struct moot_json *moot__json_new_text_n(const char *text, size_t len)
{
    return len == 0 || is_clean(text, len) ? node_text(MOOT_JSON_STRING, text, len)
                                           : new_cleaned(text, len);
}

struct moot_json *moot__json_new_text(const char *text)
{
    return moot__json_new_text_n(text, strlen(text));
}

struct moot_json *moot__json_new_int(int64_t n)
{
    char digits[MOOT_INT_TEXT];
    return node_text(MOOT_JSON_NUMBER, digits, moot__int_write(n, digits));
}

struct moot_json *moot__json_new_digits(const char *digits)
{
    size_t len = strlen(digits);
    return moot__decimal_valid(digits, len) ? node_text(MOOT_JSON_NUMBER, digits, len) : NULL;
}

struct moot_json *moot__json_new_bool(bool b)
{
    struct moot_json *j = moot__json_node(MOOT_JSON_BOOL, 0);
    if (j != NULL)
        j->truth = b;
    return j;
}

int moot__json_add(struct moot_json *array, struct moot_json *value)
{
    if (array == NULL || value == NULL) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    MOOT_ASSERT(array->type == MOOT_JSON_ARRAY);
    MOOT_ASSERT(value->key == NULL);
    moot__json_node_append(array, value);
    return MOOT_OK;
}

/* The member and, in *before, the one before it (NULL: it is the first). */
static struct moot_json *find(struct moot_json *object, const char *key, struct moot_json **before)
{
    *before = NULL;
    if (!moot__json_is(object, MOOT_JSON_OBJECT))
        return NULL;
    struct moot_json *m = object->child;
    for (; m != NULL && !moot__json_same_key(m->key, key); m = m->next)
        *before = m;
    return m;
}

/* Takes `old`, which stands behind `before`, out of its parent; `with` comes in its place, or
 * nothing. */
static void replace(struct moot_json *parent, struct moot_json *before, struct moot_json *old,
                    struct moot_json *with)
{
    struct moot_json *after = old->next;
    if (with != NULL)
        with->next = after;
    struct moot_json *here = with != NULL ? with : after;
    if (before != NULL)
        before->next = here;
    else
        parent->child = here;
    if (parent->last == old)
        parent->last = with != NULL ? with : before;
    old->next = NULL;
}

int moot__json_set(struct moot_json *object, const char *key, struct moot_json *value)
{
    if (object == NULL || value == NULL) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    MOOT_ASSERT(object->type == MOOT_JSON_OBJECT);
    MOOT_ASSERT(value->key == NULL);
    /* Before `old` goes, which the key may be of. */
    if (!moot__json_node_name(value, key, strlen(key))) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    struct moot_json *before = NULL;
    struct moot_json *old = find(object, value->key, &before);
    if (old != NULL) {
        replace(object, before, old, value);
        moot__json_free(old);
    } else {
        moot__json_node_append(object, value);
    }
    return MOOT_OK;
}

int moot__json_set_text(struct moot_json *object, const char *key, const char *text)
{
    return moot__json_set(object, key, moot__json_new_text(text));
}

int moot__json_set_int(struct moot_json *object, const char *key, int64_t n)
{
    return moot__json_set(object, key, moot__json_new_int(n));
}

int moot__json_set_bool(struct moot_json *object, const char *key, bool b)
{
    return moot__json_set(object, key, moot__json_new_bool(b));
}

struct moot_json *moot__json_take(struct moot_json *object, const char *key)
{
    struct moot_json *before = NULL;
    struct moot_json *m = find(object, key, &before);
    if (m == NULL)
        return NULL;
    replace(object, before, m, NULL);
    node_unname(m);
    return m;
}

struct moot_json *moot__json_edit(struct moot_json *object, const char *key)
{
    struct moot_json *before = NULL;
    return find(object, key, &before);
}

struct moot_json *moot__json_edit_at(struct moot_json *array, size_t i)
{
    struct moot_json *c = array != NULL ? array->child : NULL;
    while (c != NULL && i-- > 0)
        c = c->next;
    return c;
}
