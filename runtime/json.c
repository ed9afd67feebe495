#include "runtime/json.h"

#include "runtime/utf8.h"

#include <cjson/cJSON.h>

/* A number is a cJSON_Raw node that holds its digits. Keys and strings are put into nodes by hand:
 * cJSON's own functions would measure and copy them once more. Its memory is malloc's, as its hooks
 * are never set. */

enum {
    /* A value of one byte takes about 100 in memory; this keeps the largest text near 100 MB. */
    MAX_VALUES = 1000000,
    /* Up to here looking for keys one by one beats sorting them. */
    FEW_MEMBERS = 8,
};

static cJSON *node_of(struct moot_json *j)
{
    return (cJSON *)j;
}

static const cJSON *look(const struct moot_json *j)
{
    return (const cJSON *)j;
}

static struct moot_json *value_of(cJSON *node)
{
    return (struct moot_json *)node;
}

static int kind(const cJSON *node)
{
    return node == NULL ? cJSON_Invalid : node->type & 0xff;
}

/* ---- members, sorted ---- */

static int compare_keys(const void *a, const void *b)
{
    const cJSON *x = *(cJSON *const *)a;
    const cJSON *y = *(cJSON *const *)b;
    return strcmp(x->string, y->string);
}

/* The members sorted by key, for the caller to free; *count of them. NULL: out of memory. */
static const cJSON **sort_members(const cJSON *object, size_t *count)
{
    *count = 0;
    for (const cJSON *m = object->child; m != NULL; m = m->next)
        *count += 1;
    const cJSON **members = malloc((*count + 1) * sizeof(const cJSON *));
    if (members == NULL)
        return NULL;
    size_t i = 0;
    for (const cJSON *m = object->child; m != NULL; m = m->next)
        members[i++] = m;
    if (*count > 1)
        qsort(members, *count, sizeof(const cJSON *), compare_keys);
    return members;
}

/* ---- reading ---- */

struct reader {
    const char *text;
    size_t len;
    size_t at;
    size_t values;
    char *key; /* of the member whose value comes next, or NULL */
    cJSON *root;
    cJSON *open[MOOT_MAX_DEPTH]; /* the arrays and objects not yet closed */
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

/* At a string's opening quote; *string is a new string for the caller to free. */
static int read_string(struct reader *r, char **string)
{
    size_t start = ++r->at;
    size_t end = start;
    while (end < r->len && r->text[end] != '"')
        end += r->text[end] == '\\' ? 2 : 1;
    if (end >= r->len) {
        r->at = r->len;
        return syntax(r, "the end of a string");
    }
    char *text = malloc(end - start + 1); /* no escape is shorter than what it stands for */
    if (text == NULL)
        return no_memory(r);
    char *out = text;
    int status = MOOT_OK;
    while (status == MOOT_OK && r->at < end) {
        char c = r->text[r->at];
        if ((unsigned char)c < 0x20) {
            status = syntax(r, "an escape of a control character");
        } else {
            r->at++;
            if (c == '\\')
                status = read_escape(r, &out);
            else
                *out++ = c;
        }
    }
    if (status != MOOT_OK) {
        free(text);
        return status;
    }
    MOOT_ASSERT(r->at == end);
    r->at = end + 1;
    *out = '\0';
    *string = text;
    return MOOT_OK;
}

static int read_number(struct reader *r, char **digits)
{
    size_t end = r->at;
    while (end < r->len && r->text[end] != '\0' && strchr("+-.0123456789Ee", r->text[end]) != NULL)
        end++;
    if (!moot__decimal_valid(r->text + r->at, end - r->at))
        return moot__fail(r->err, MOOT_ESYNTAX, "JSON has no well-formed number at byte %zu: %.*s",
                          r->at, (int)(end - r->at < 40 ? end - r->at : 40), r->text + r->at);
    *digits = moot__copy(r->text + r->at, end - r->at);
    if (*digits == NULL)
        return no_memory(r);
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

/* The type of the value at hand; a scalar is read whole, its text goes to *text. */
static int read_scalar(struct reader *r, int *type, char **text)
{
    switch (peek(r)) {
    case '"':
        *type = cJSON_String;
        return read_string(r, text);
    case '{':
        *type = cJSON_Object;
        return MOOT_OK;
    case '[':
        *type = cJSON_Array;
        return MOOT_OK;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        *type = cJSON_Raw;
        return read_number(r, text);
    default:
        *type = read_word(r, "true")    ? cJSON_True
                : read_word(r, "false") ? cJSON_False
                : read_word(r, "null")  ? cJSON_NULL
                                        : cJSON_Invalid;
        return *type == cJSON_Invalid ? syntax(r, "a value") : MOOT_OK;
    }
}

/* Reads a value and hangs it into the tree. *opened: an array or object, whose bracket is read. */
static int read_value(struct reader *r, bool *opened)
{
    int type = cJSON_Invalid;
    char *text = NULL;
    int status = read_scalar(r, &type, &text);
    if (status != MOOT_OK)
        return status;
    if (++r->values > MAX_VALUES) {
        free(text);
        return moot__fail(r->err, MOOT_ETOOBIG, "JSON has more than %d values", MAX_VALUES);
    }
    cJSON *node = cJSON_CreateNull();
    if (node == NULL) {
        free(text);
        return no_memory(r);
    }
    node->type = type;
    node->valuestring = text;
    node->string = r->key;
    r->key = NULL;
    if (r->root == NULL)
        r->root = node;
    else
        cJSON_AddItemToArray(r->open[r->depth - 1], node);
    *opened = type == cJSON_Object || type == cJSON_Array;
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
    int status = read_string(r, &r->key);
    if (status != MOOT_OK)
        return status;
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

static int check_keys(struct reader *r, const cJSON *object)
{
    size_t count = 0;
    for (const cJSON *m = object->child; m != NULL && count <= FEW_MEMBERS; m = m->next)
        count++;
    if (count <= FEW_MEMBERS) {
        for (const cJSON *m = object->child; m != NULL; m = m->next) {
            for (const cJSON *n = m->next; n != NULL; n = n->next) {
                if (strcmp(m->string, n->string) == 0)
                    return fail_twice(r, m->string);
            }
        }
        return MOOT_OK;
    }
    const cJSON **members = sort_members(object, &count);
    if (members == NULL)
        return no_memory(r);
    int status = MOOT_OK;
    for (size_t i = 1; i < count && status == MOOT_OK; i++) {
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            status = fail_twice(r, members[i]->string);
    }
    free(members);
    return status;
}

/* Behind a value or an opening bracket (`fresh`): closes what ends here, up to where the next value
 * is due. */
static int read_between(struct reader *r, bool fresh)
{
    while (r->depth > 0) {
        cJSON *open = r->open[r->depth - 1];
        bool object = kind(open) == cJSON_Object;
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
    struct reader r = {.text = text, .len = len, .err = err};
    int status = read_all(&r);
    free(r.key);
    if (status != MOOT_OK) {
        cJSON_Delete(r.root);
        return status;
    }
    *out = value_of(r.root);
    return MOOT_OK;
}

void moot__json_free(struct moot_json *j)
{
    cJSON_Delete(node_of(j));
}

struct moot_json *moot__json_copy(const struct moot_json *j)
{
    cJSON *copy = cJSON_Duplicate(look(j), 1);
    if (copy != NULL && copy->string != NULL) { /* a member's copy is no member yet */
        cJSON_free(copy->string);
        copy->string = NULL;
    }
    return value_of(copy);
}

/* ---- looking ---- */

enum moot_json_type moot__json_type(const struct moot_json *j)
{
    switch (kind(look(j))) {
    case cJSON_True:
    case cJSON_False:
        return MOOT_JSON_BOOL;
    case cJSON_Raw:
        return MOOT_JSON_NUMBER;
    case cJSON_String:
        return MOOT_JSON_STRING;
    case cJSON_Array:
        return MOOT_JSON_ARRAY;
    case cJSON_Object:
        return MOOT_JSON_OBJECT;
    default:
        return MOOT_JSON_NULL;
    }
}

bool moot__json_is(const struct moot_json *j, enum moot_json_type type)
{
    return j != NULL && moot__json_type(j) == type;
}

bool moot__json_true(const struct moot_json *j)
{
    return kind(look(j)) == cJSON_True;
}

const char *moot__json_text(const struct moot_json *j)
{
    return kind(look(j)) == cJSON_String ? look(j)->valuestring : NULL;
}

const char *moot__json_digits(const struct moot_json *j)
{
    return kind(look(j)) == cJSON_Raw ? look(j)->valuestring : NULL;
}

bool moot__json_int(const struct moot_json *j, int64_t *out)
{
    const char *digits = moot__json_digits(j);
    return digits != NULL && moot__decimal_int(digits, out);
}

const struct moot_json *moot__json_first(const struct moot_json *j)
{
    return j != NULL ? value_of(look(j)->child) : NULL;
}

const struct moot_json *moot__json_next(const struct moot_json *j)
{
    return j != NULL ? value_of(look(j)->next) : NULL;
}

const char *moot__json_key(const struct moot_json *j)
{
    return j != NULL ? look(j)->string : NULL;
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

static cJSON *find(const struct moot_json *j, const char *key)
{
    if (kind(look(j)) != cJSON_Object)
        return NULL;
    cJSON *m = look(j)->child;
    while (m != NULL && strcmp(m->string, key) != 0)
        m = m->next;
    return m;
}

const struct moot_json *moot__json_get(const struct moot_json *j, const char *key)
{
    return value_of(find(j, key));
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

static int compare(const cJSON *a, const cJSON *b);

static int compare_objects(const cJSON *a, const cJSON *b)
{
    size_t count_a = 0;
    size_t count_b = 0;
    const cJSON **members_a = sort_members(a, &count_a);
    const cJSON **members_b = sort_members(b, &count_b);
    int order = (count_a > count_b) - (count_a < count_b);
    if (members_a == NULL || members_b == NULL)
        order = 1; /* out of memory: better different than alike */
    for (size_t i = 0; i < count_a && order == 0; i++) {
        order = strcmp(members_a[i]->string, members_b[i]->string);
        if (order == 0)
            order = compare(members_a[i], members_b[i]);
    }
    free(members_a);
    free(members_b);
    return order;
}

static int compare_arrays(const cJSON *a, const cJSON *b)
{
    const cJSON *x = a->child;
    const cJSON *y = b->child;
    for (; x != NULL && y != NULL; x = x->next, y = y->next) {
        int order = compare(x, y);
        if (order != 0)
            return order;
    }
    return (x != NULL) - (y != NULL);
}

/* Recursion is bounded by the depth a tree can be built to. */
static int compare(const cJSON *a, const cJSON *b)
{
    if (kind(a) != kind(b))
        return kind(a) < kind(b) ? -1 : 1;
    switch (kind(a)) {
    case cJSON_String:
        return strcmp(a->valuestring, b->valuestring);
    case cJSON_Raw:
        return moot__decimal_compare(a->valuestring, b->valuestring);
    case cJSON_Array:
        return compare_arrays(a, b);
    case cJSON_Object:
        return compare_objects(a, b);
    default:
        return 0;
    }
}

int moot__json_compare(const struct moot_json *a, const struct moot_json *b)
{
    return compare(look(a), look(b));
}

bool moot__json_equal(const struct moot_json *a, const struct moot_json *b)
{
    return moot__json_compare(a, b) == 0;
}

/* ---- building ---- */

struct moot_json *moot__json_new(enum moot_json_type type)
{
    switch (type) {
    case MOOT_JSON_NULL:
        return value_of(cJSON_CreateNull());
    case MOOT_JSON_BOOL:
        return value_of(cJSON_CreateFalse());
    case MOOT_JSON_NUMBER:
        return value_of(cJSON_CreateRaw("0"));
    case MOOT_JSON_STRING:
        return value_of(cJSON_CreateString(""));
    case MOOT_JSON_ARRAY:
        return value_of(cJSON_CreateArray());
    case MOOT_JSON_OBJECT:
        return value_of(cJSON_CreateObject());
    }
    return NULL;
}

/* Whether the bytes can stand in a JSON string as they are. */
static bool is_clean(const char *text, size_t len)
{
    return memchr(text, '\0', len) == NULL && moot__utf8_valid(text, len, NULL);
}

/* A copy with U+FFFD for each NUL and each byte that is not UTF-8. */
static char *copy_cleaned(const char *text, size_t len)
{
    char *copy = malloc(len * 3 + 1);
    if (copy == NULL)
        return NULL;
    char *out = copy;
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
    return copy;
}

struct moot_json *moot__json_new_text_n(const char *text, size_t len)
{
    cJSON *node = cJSON_CreateNull();
    if (node == NULL)
        return NULL;
    node->type = cJSON_String;
    node->valuestring =
        len == 0 || is_clean(text, len) ? moot__copy(text, len) : copy_cleaned(text, len);
    if (node->valuestring == NULL) {
        cJSON_Delete(node);
        return NULL;
    }
    return value_of(node);
}

struct moot_json *moot__json_new_text(const char *text)
{
    return moot__json_new_text_n(text, strlen(text));
}

struct moot_json *moot__json_new_int(int64_t n)
{
    char digits[MOOT_INT_TEXT];
    moot__int_write(n, digits);
    return value_of(cJSON_CreateRaw(digits));
}

struct moot_json *moot__json_new_digits(const char *digits)
{
    if (!moot__decimal_valid(digits, strlen(digits)))
        return NULL;
    return value_of(cJSON_CreateRaw(digits));
}

struct moot_json *moot__json_new_bool(bool b)
{
    return value_of(cJSON_CreateBool(b));
}

int moot__json_add(struct moot_json *array, struct moot_json *value)
{
    if (array == NULL || value == NULL) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    MOOT_ASSERT(kind(node_of(array)) == cJSON_Array);
    MOOT_ASSERT(node_of(value)->string == NULL);
    cJSON_AddItemToArray(node_of(array), node_of(value));
    return MOOT_OK;
}

int moot__json_set(struct moot_json *object, const char *key, struct moot_json *value)
{
    char *name = object == NULL || value == NULL ? NULL : moot__copy(key, strlen(key));
    if (name == NULL) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    MOOT_ASSERT(kind(node_of(object)) == cJSON_Object);
    MOOT_ASSERT(node_of(value)->string == NULL);
    cJSON *old = find(object, name);
    node_of(value)->string = name;
    if (old != NULL)
        cJSON_ReplaceItemViaPointer(node_of(object), old, node_of(value));
    else
        cJSON_AddItemToArray(node_of(object), node_of(value));
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
    cJSON *m = find(object, key);
    if (m == NULL)
        return NULL;
    cJSON_DetachItemViaPointer(node_of(object), m);
    free(m->string);
    m->string = NULL;
    return value_of(m);
}

struct moot_json *moot__json_edit(struct moot_json *object, const char *key)
{
    return value_of(find(object, key));
}

struct moot_json *moot__json_edit_at(struct moot_json *array, size_t i)
{
    cJSON *c = array != NULL ? node_of(array)->child : NULL;
    while (c != NULL && i-- > 0)
        c = c->next;
    return value_of(c);
}
