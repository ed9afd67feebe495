#include "runtime/scope.h"

#include "runtime/near.h"
#include "runtime/utf8.h"

/* The values a path has led to so far: one, or after a list's element-wise member any number. */
struct place {
    const struct moot_json *one;
    struct moot_json *many; /* a list of copies; NULL while there is one */
};

static size_t word_length(const char *text, size_t len, bool first)
{
    size_t i = 0;
    while (i < len) {
        uint32_t code = 0;
        size_t n = moot__utf8_decode(text + i, &code);
        bool letter = code == '_' || moot__utf8_letter(code);
        bool inner = code == '-' || (code >= '0' && code <= '9');
        if (!letter && (!inner || (first && i == 0)))
            break;
        i += n;
    }
    return i;
}

size_t moot__scope_path(const char *text, size_t len)
{
    size_t end = word_length(text, len, true);
    while (end > 0 && end < len && text[end] == '.') {
        size_t n = word_length(text + end + 1, len - end - 1, false);
        if (n == 0)
            break;
        end += 1 + n;
    }
    return end;
}

static const struct moot_json *member(const struct moot_json *j, const char *word)
{
    if (moot__json_is(j, MOOT_JSON_OBJECT))
        return moot__json_get(j, word);
    int64_t index = 0;
    if (moot__json_is(j, MOOT_JSON_ARRAY) && moot__int_parse(word, &index) && index >= 0)
        return moot__json_at(j, (size_t)index);
    return NULL;
}

static bool is_index(const char *word)
{
    return word[strspn(word, "0123456789")] == '\0';
}

/* Adds a copy of what `word` is in each element of the list, a list in a list flattened. */
static int each_member(const struct moot_json *list, const char *word, struct moot_json *out)
{
    for (const struct moot_json *e = moot__json_first(list); e != NULL; e = moot__json_next(e)) {
        const struct moot_json *found =
            moot__json_is(e, MOOT_JSON_OBJECT) ? moot__json_get(e, word) : NULL;
        if (found == NULL || moot__json_is(found, MOOT_JSON_NULL))
            continue;
        int rc = moot__json_add(out, moot__json_copy(found));
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int flattened(const struct moot_json *list, const char *word, struct moot_json *out)
{
    int rc = each_member(list, word, out);
    for (const struct moot_json *e = moot__json_first(list); e != NULL && rc == 0;
         e = moot__json_next(e))
        if (moot__json_is(e, MOOT_JSON_ARRAY))
            rc = each_member(e, word, out);
    return rc;
}

/* One word further. */
static int step(struct place *p, const char *word)
{
    const struct moot_json *now = p->many != NULL ? p->many : p->one;
    if (now == NULL || moot__json_is(now, MOOT_JSON_NULL))
        return 0;
    if (moot__json_is(now, MOOT_JSON_ARRAY) && !is_index(word)) {
        struct moot_json *out = moot__json_new(MOOT_JSON_ARRAY);
        int rc = out == NULL ? MOOT_ENOMEM : flattened(now, word, out);
        moot__json_free(p->many);
        p->many = out;
        return rc;
    }
    const struct moot_json *next = member(now, word);
    if (p->many == NULL) {
        p->one = next;
        return 0;
    }
    struct moot_json *kept = next != NULL ? moot__json_copy(next) : NULL;
    moot__json_free(p->many);
    p->many = kept;
    p->one = NULL;
    return next != NULL && kept == NULL ? MOOT_ENOMEM : 0;
}

/* Copies the word at *path, which moves behind it; false at the end. */
static bool next_word(const char **path, char *word, size_t size)
{
    if (**path == '\0')
        return false;
    size_t n = strcspn(*path, ".");
    size_t kept = n < size ? n : size - 1;
    memcpy(word, *path, kept);
    word[kept] = '\0';
    *path += n + ((*path)[n] == '.');
    return true;
}

struct moot_json *moot__scope_own(const struct moot_json *item)
{
    struct moot_json *own = moot__json_copy(item);
    struct moot_json *said = own != NULL ? moot__json_take(own, MOOT_SCOPE_OWN) : NULL;
    int rc = 0;
    for (const struct moot_json *m = moot__json_first(said); m != NULL && rc == 0;
         m = moot__json_next(m))
        rc = moot__json_set(own, moot__json_key(m), moot__json_copy(m));
    moot__json_free(said);
    if (rc == 0)
        return own;
    moot__json_free(own);
    return NULL;
}

/* An item that says nothing but its name. */
static bool says_nothing(const struct moot_json *item)
{
    const struct moot_json *first = moot__json_first(item);
    return first == NULL || (moot__json_next(first) == NULL && moot__json_key(first) != NULL &&
                             strcmp(moot__json_key(first), "name") == 0);
}

/* The value of the first word, which has rules of its own. */
static const struct moot_json *first_value(const struct moot_json *scope, const char *word,
                                           bool alone)
{
    const char *item = moot__json_get_text(scope, MOOT_SCOPE_ITEM, NULL);
    const struct moot_json *value = moot__json_get(scope, word);
    if (item == NULL)
        return value;
    if (value == NULL)
        return moot__json_get(moot__json_get(scope, item), word);
    if (alone && (strcmp(word, item) == 0 || strcmp(word, "item") == 0)) {
        const struct moot_json *text = moot__json_get(value, "text");
        if (text != NULL || !moot__json_is(value, MOOT_JSON_OBJECT))
            return text != NULL ? text : value;
        return says_nothing(value) ? NULL : value;
    }
    return value;
}

enum { WORD_SIZE = 512 };

const struct moot_json *moot__scope_find(const struct moot_json *scope, const char *path)
{
    char word[WORD_SIZE];
    if (!next_word(&path, word, sizeof(word)))
        return NULL;
    const struct moot_json *value = first_value(scope, word, *path == '\0');
    while (value != NULL && !moot__json_is(value, MOOT_JSON_NULL) &&
           next_word(&path, word, sizeof(word)))
        value = member(value, word);
    return value;
}

int moot__scope_get(const struct moot_json *scope, const char *path, const struct moot_json **value,
                    struct moot_json **made)
{
    *value = NULL;
    *made = NULL;
    char word[WORD_SIZE];
    if (!next_word(&path, word, sizeof(word)))
        return 0;
    struct place p = {.one = first_value(scope, word, *path == '\0')};
    while (next_word(&path, word, sizeof(word))) {
        int rc = step(&p, word);
        if (rc != 0) {
            moot__json_free(p.many);
            return rc;
        }
    }
    *made = p.many;
    *value = p.many != NULL ? p.many : p.one;
    return 0;
}

const struct moot_json *moot__scope_holder(const struct moot_json *scope, const char *path,
                                           const char **word)
{
    const char *item = moot__json_get_text(scope, MOOT_SCOPE_ITEM, NULL);
    const char *dot = strrchr(path, '.');
    if (dot == NULL) {
        *word = "text";
        if (item != NULL && (strcmp(path, item) == 0 || strcmp(path, "item") == 0))
            return moot__json_get(scope, path);
        *word = path;
        bool own = moot__json_get(scope, path) != NULL;
        return own || item == NULL ? scope : moot__json_get(scope, item);
    }
    char parent[WORD_SIZE];
    size_t n = (size_t)(dot - path);
    if (n >= sizeof(parent))
        return NULL;
    memcpy(parent, path, n);
    parent[n] = '\0';
    *word = dot + 1;
    const struct moot_json *holder = item != NULL && strchr(parent, '.') == NULL
                                         ? moot__json_get(scope, parent)
                                         : moot__scope_find(scope, parent);
    return moot__json_is(holder, MOOT_JSON_OBJECT) ? holder : NULL;
}

bool moot__scope_empty(const struct moot_json *value)
{
    switch (moot__json_type(value)) {
    case MOOT_JSON_NULL:
        return true;
    case MOOT_JSON_STRING:
        return moot__json_text(value)[0] == '\0';
    case MOOT_JSON_ARRAY:
    case MOOT_JSON_OBJECT:
        return moot__json_first(value) == NULL;
    case MOOT_JSON_BOOL:
    case MOOT_JSON_NUMBER:
        break;
    }
    return false;
}

const char *moot__scope_near(const struct moot_json *scope, const char *path)
{
    char word[WORD_SIZE];
    if (!next_word(&path, word, sizeof(word)))
        return NULL;
    const char *best = NULL;
    size_t best_far = strlen(word) / 3 + 1;
    for (const struct moot_json *m = moot__json_first(scope); m != NULL; m = moot__json_next(m)) {
        size_t far = moot__near_distance(word, moot__json_key(m));
        if (far <= best_far && (best == NULL || far < best_far)) {
            best = moot__json_key(m);
            best_far = far;
        }
    }
    return best;
}
