/* Reading JSON, strictly. */
#include "runtime/json_node.h"
#include "runtime/utf8.h"

enum {
    /* A value of one byte takes about 80 in memory; this keeps the largest text near 100 MB. */
    MAX_VALUES = 1000000,
    /* Up to here looking for keys one by one beats sorting them. */
    FEW_MEMBERS = 8,
    SLAB_MAX = 4000,
};

struct reader {
    const char *text;
    size_t len;
    size_t at;
    size_t values;
    const char *key; /* of the member whose value comes next, or NULL */
    size_t key_len;
    struct moot_buf escaped;     /* the bytes of a key that has escapes */
    struct moot_json_slab *slab; /* where the next value goes, if it fits */
    struct moot_json *root;
    struct moot_json *open[MOOT_MAX_DEPTH]; /* the arrays and objects not yet closed */
    size_t depth;
    struct moot_error *err;
};

static int syntax(struct reader *r, const char *what)
{
    if (r->at >= r->len)
        return moot__fail(r->err, MOOT_ESYNTAX, "JSON ends at byte %zu where %s is expected",
                          r->len, what);
    unsigned char c = (unsigned char)r->text[r->at];
    if (c > 0x20 && c < 0x7f)
        return moot__fail(r->err, MOOT_ESYNTAX, "JSON has '%c' at byte %zu where %s is expected", c,
                          r->at, what);
    return moot__fail(r->err, MOOT_ESYNTAX, "JSON has byte 0x%02x at byte %zu where %s is expected",
                      c, r->at, what);
}

static int no_memory(struct reader *r)
{
    return moot__fail(r->err, MOOT_ENOMEM, "out of memory while reading JSON");
}

static void skip_space(struct reader *r)
{
    while (r->at < r->len) {
        char c = r->text[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return;
        r->at++;
    }
}

static char peek(const struct reader *r)
{
    return r->at < r->len ? r->text[r->at] : '\0';
}

/* Room for a value and its text. Slabs are small, so that what is taken out of a large tree holds
 * little of the rest. */
static struct moot_json *read_new(struct reader *r, enum moot_json_type type, size_t text_len)
{
    size_t align = _Alignof(struct moot_json);
    size_t size = (sizeof(struct moot_json) + text_len + align) / align * align;
    if (size > SLAB_MAX / 4) /* large enough to stand alone */
        return moot__json_node(type, text_len);
    if (r->slab == NULL || r->slab->size - r->slab->used < size) {
        size_t usual = (r->len - r->at) * 8 + size;
        if (usual > SLAB_MAX)
            usual = SLAB_MAX;
        r->slab = malloc(sizeof(*r->slab) + usual);
        if (r->slab == NULL)
            return NULL;
        *r->slab = (struct moot_json_slab){.size = usual};
    }
    struct moot_json *j = (struct moot_json *)(void *)(r->slab->memory + r->slab->used);
    r->slab->used += size;
    r->slab->values++;
    moot__json_node_init(j, type, text_len);
    j->slab = r->slab;
    return j;
}

static bool read_hex4(const struct reader *r, size_t at, uint32_t *code)
{
    if (at + 4 > r->len)
        return false;
    *code = 0;
    for (size_t i = at; i < at + 4; i++) {
        char c = r->text[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (uint32_t)((c | 0x20) - 'a') + 10;
        else
            return false;
        *code = *code << 4 | digit;
    }
    return true;
}

/* At the 'u' of \uXXXX; writes the code point's bytes. */
static int read_unicode(struct reader *r, char **out)
{
    uint32_t code;
    if (!read_hex4(r, r->at + 1, &code)) {
        r->at++;
        return syntax(r, "a group of four hexadecimal digits");
    }
    if (code == 0)
        return moot__fail(r->err, MOOT_ESYNTAX, "JSON has \\u0000 in a string, before byte %zu",
                          r->at);
    if (code >= 0xd800 && code <= 0xdfff) {
        uint32_t low = 0;
        bool pair = code < 0xdc00 && r->at + 6 < r->len && r->text[r->at + 5] == '\\' &&
                    r->text[r->at + 6] == 'u' && read_hex4(r, r->at + 7, &low) && low >= 0xdc00 &&
                    low <= 0xdfff;
        if (!pair)
            return moot__fail(r->err, MOOT_ESYNTAX,
                              "JSON has half a surrogate pair in a string, before byte %zu", r->at);
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    r->at += 5;
    *out += moot__utf8_encode(code, *out);
    return MOOT_OK;
}

/* At the byte behind a backslash. */
static int read_escape(struct reader *r, char **out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    if (c == 'u')
        return read_unicode(r, out);
    const char *found = c == '\0' ? NULL : strchr(from, c);
    if (found == NULL)
        return syntax(r, "one of \"\\/bfnrtu");
    *(*out)++ = to[found - from];
    r->at++;
    return MOOT_OK;
}

/* At a string's opening quote: the index of its closing one. *plain: its bytes stand for
 * themselves.
 */
static size_t string_end(const struct reader *r, bool *plain)
{
    size_t end = r->at + 1;
    end += moot__json_plain(r->text + end, r->len - end);
    *plain = end < r->len && r->text[end] == '"';
    while (end < r->len && r->text[end] != '"')
        end += r->text[end] == '\\' ? 2 : 1;
    return end;
}

/* Behind the opening quote, the closing one at `end`: the string's bytes into `out`, which has room
 * for as many as stand there (no escape is shorter than what it stands for); *len of them. */
static int read_bytes(struct reader *r, size_t end, bool plain, char *out, size_t *len)
{
    char *at = out;
    if (plain) {
        memcpy(out, r->text + r->at, end - r->at);
        at += end - r->at;
        r->at = end;
    }
    while (r->at < end) {
        char c = r->text[r->at];
        if ((unsigned char)c < 0x20)
            return syntax(r, "an escape of a control character");
        r->at++;
        if (c != '\\') {
            *at++ = c;
            continue;
        }
        int status = read_escape(r, &at);
        if (status != MOOT_OK)
            return status;
    }
    MOOT_ASSERT(r->at == end);
    r->at = end + 1;
    *at = '\0';
    *len = (size_t)(at - out);
    return MOOT_OK;
}

static int unended(struct reader *r)
{
    r->at = r->len;
    return syntax(r, "the end of a string");
}

static int read_string(struct reader *r, struct moot_json **out)
{
    bool plain = false;
    size_t end = string_end(r, &plain);
    size_t len = 0;
    if (end >= r->len)
        return unended(r);
    r->at++;
    *out = read_new(r, MOOT_JSON_STRING, end - r->at);
    return *out != NULL ? read_bytes(r, end, plain, (*out)->text, &len) : no_memory(r);
}

static int read_number(struct reader *r, struct moot_json **out)
{
    size_t end = r->at;
    while (end < r->len && r->text[end] != '\0' && strchr("+-.0123456789Ee", r->text[end]) != NULL)
        end++;
    if (!moot__decimal_valid(r->text + r->at, end - r->at))
        return moot__fail(r->err, MOOT_ESYNTAX, "JSON has no well-formed number at byte %zu: %.*s",
                          r->at, (int)(end - r->at < 40 ? end - r->at : 40), r->text + r->at);
    *out = read_new(r, MOOT_JSON_NUMBER, end - r->at);
    if (*out == NULL)
        return no_memory(r);
    memcpy((*out)->text, r->text + r->at, end - r->at);
    r->at = end;
    return MOOT_OK;
}

static bool read_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);
    if (r->len - r->at < len || memcmp(r->text + r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static int read_constant(struct reader *r, struct moot_json **out)
{
    bool truth = read_word(r, "true");
    enum moot_json_type type = MOOT_JSON_BOOL;
    if (!truth && !read_word(r, "false")) {
        if (!read_word(r, "null"))
            return syntax(r, "a value");
        type = MOOT_JSON_NULL;
    }
    *out = read_new(r, type, 0);
    if (*out == NULL)
        return no_memory(r);
    (*out)->truth = truth;
    return MOOT_OK;
}

/* The value at hand: a scalar whole, of an array or object nothing yet. The caller has *out also
 * where it fails. */
static int read_node(struct reader *r, struct moot_json **out)
{
    char c = peek(r);
    if (c == '"')
        return read_string(r, out);
    if (c == '{' || c == '[') {
        *out = read_new(r, c == '{' ? MOOT_JSON_OBJECT : MOOT_JSON_ARRAY, 0);
        return *out != NULL ? MOOT_OK : no_memory(r);
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(r, out) : read_constant(r, out);
}

/* Reads a value and hangs it into the tree. *opened: an array or object, whose bracket is read. */
static int read_value(struct reader *r, bool *opened)
{
    struct moot_json *node = NULL;
    int status = read_node(r, &node);
    if (status == MOOT_OK && ++r->values > MAX_VALUES)
        status = moot__fail(r->err, MOOT_ETOOBIG, "JSON has more than %d values", MAX_VALUES);
    if (status == MOOT_OK && r->key != NULL && !moot__json_node_name(node, r->key, r->key_len))
        status = no_memory(r);
    if (status != MOOT_OK) {
        moot__json_free(node);
        return status;
    }
    r->key = NULL;
    if (r->root == NULL)
        r->root = node;
    else
        moot__json_node_append(r->open[r->depth - 1], node);
    *opened = node->type == MOOT_JSON_OBJECT || node->type == MOOT_JSON_ARRAY;
    if (!*opened)
        return MOOT_OK;
    if (r->depth == MOOT_MAX_DEPTH)
        return moot__fail(r->err, MOOT_ETOOBIG, "JSON is nested deeper than %d at byte %zu",
                          MOOT_MAX_DEPTH, r->at);
    r->open[r->depth++] = node;
    r->at++;
    return MOOT_OK;
}

/* A key and its colon. */
static int read_key(struct reader *r)
{
    skip_space(r);
    if (peek(r) != '"')
        return syntax(r, "a key");
    bool plain = false;
    size_t end = string_end(r, &plain);
    if (end >= r->len)
        return unended(r);
    r->key = r->text + ++r->at;
    r->key_len = end - r->at;
    if (plain) {
        r->at = end + 1;
    } else {
        moot__buf_clear(&r->escaped);
        if (moot__buf_add(&r->escaped, r->key, r->key_len) != MOOT_OK)
            return no_memory(r);
        r->key = r->escaped.data;
        int status = read_bytes(r, end, false, r->escaped.data, &r->key_len);
        if (status != MOOT_OK)
            return status;
    }
    skip_space(r);
    if (peek(r) != ':')
        return syntax(r, "':'");
    r->at++;
    return MOOT_OK;
}

static int fail_twice(struct reader *r, const char *key)
{
    return moot__fail(r->err, MOOT_ESYNTAX,
                      "JSON has the key \"%.100s\" twice in the object that ends at byte %zu", key,
                      r->at);
}

static int check_keys(struct reader *r, const struct moot_json *object)
{
    size_t count = 0;
    for (const struct moot_json *m = object->child; m != NULL && count <= FEW_MEMBERS; m = m->next)
        count++;
    if (count <= FEW_MEMBERS) {
        for (const struct moot_json *m = object->child; m != NULL; m = m->next) {
            for (const struct moot_json *n = m->next; n != NULL; n = n->next) {
                if (moot__json_same_key(m->key, n->key))
                    return fail_twice(r, m->key);
            }
        }
        return MOOT_OK;
    }
    const struct moot_json **members = moot__json_sorted(object, &count);
    if (members == NULL)
        return no_memory(r);
    int status = MOOT_OK;
    for (size_t i = 1; i < count && status == MOOT_OK; i++) {
        if (strcmp(members[i - 1]->key, members[i]->key) == 0)
            status = fail_twice(r, members[i]->key);
    }
    free(members);
    return status;
}

/* Behind a value or an opening bracket (`fresh`): closes what ends here, up to where the next value
 * is due. */
static int read_between(struct reader *r, bool fresh)
{
    while (r->depth > 0) {
        const struct moot_json *open = r->open[r->depth - 1];
        bool object = open->type == MOOT_JSON_OBJECT;
        skip_space(r);
        if (peek(r) == (object ? '}' : ']')) {
            int status = object ? check_keys(r, open) : MOOT_OK;
            if (status != MOOT_OK)
                return status;
            r->at++;
            r->depth--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (peek(r) != ',')
                return syntax(r, object ? "',' or '}'" : "',' or ']'");
            r->at++;
        }
        return object ? read_key(r) : MOOT_OK;
    }
    return MOOT_OK;
}

static int read_all(struct reader *r)
{
    do {
        bool opened = false;
        skip_space(r);
        int status = read_value(r, &opened);
        if (status == MOOT_OK)
            status = read_between(r, opened);
        if (status != MOOT_OK)
            return status;
    } while (r->depth > 0);
    skip_space(r);
    return r->at == r->len ? MOOT_OK : syntax(r, "the end");
}

int moot__json_parse(const char *text, size_t len, struct moot_json **out, struct moot_error *err)
{
    *out = NULL;
    if (len > MOOT_MAX_JSON)
        return moot__fail(err, MOOT_ETOOBIG, "JSON of %zu bytes is more than %d", len,
                          MOOT_MAX_JSON);
    size_t bad = 0;
    if (!moot__utf8_valid(text, len, &bad))
        return moot__fail(err, MOOT_ESYNTAX, "JSON is not UTF-8 at byte %zu", bad);
    struct reader r;
    memset(&r, 0, offsetof(struct reader, open));
    r.text = text;
    r.len = len;
    r.depth = 0;
    r.err = err;
    moot__buf_init(&r.escaped, MOOT_MAX_JSON);
    int status = read_all(&r);
    moot__buf_release(&r.escaped);
    if (status != MOOT_OK) {
        moot__json_free(r.root);
        return status;
    }
    *out = r.root;
    return MOOT_OK;
}
