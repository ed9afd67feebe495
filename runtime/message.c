#include "runtime/message.h"

#include "runtime/utf8.h"

enum { STATEMENT_USUAL = 700, BODY_USUAL = 500 }; /* bytes, for which room is made at once */

static const int64_t LARGEST = ((int64_t)1 << 53) - 1;

/* ---- kinds ---- */

static const char *const KINDS[MOOT_KIND_COUNT] = {
#define MOOT_KIND_TEXT(name, text) [MOOT_##name] = (text),
    MOOT_KIND_LIST(MOOT_KIND_TEXT)
#undef MOOT_KIND_TEXT
};

const char *moot_kind_text(enum moot_kind kind)
{
    MOOT_ASSERT(kind < MOOT_KIND_COUNT);
    return KINDS[kind];
}

enum moot_kind moot__kind_parse(const char *text)
{
    for (int i = 0; text != NULL && i < MOOT_KIND_COUNT; i++)
        if (strcmp(KINDS[i], text) == 0)
            return (enum moot_kind)i;
    return MOOT_KIND_COUNT;
}

bool moot__kind_signed(enum moot_kind kind, const char *from)
{
    switch (kind) {
    case MOOT_GENESIS:
    case MOOT_KEY:
    case MOOT_CLOSE:
    case MOOT_AMEND:
    case MOOT_REDACTION:
        return true;
    case MOOT_OPEN:
    case MOOT_MSG:
    case MOOT_TURN:
    case MOOT_DELEGATE:
    case MOOT_TOOL_CALL:
    case MOOT_QUESTION:
    case MOOT_ANSWER:
    case MOOT_APPROVAL:
    case MOOT_VERDICT:
    case MOOT_BALLOT:
    case MOOT_DECISION:
        /* What the host does itself is noted by it, not said to it. */
        return strcmp(from, MOOT_HOST) != 0;
    case MOOT_END:
    case MOOT_ERROR:
    case MOOT_TIMER:
    case MOOT_TRANSITION:
    case MOOT_MODEL_CALL:
    case MOOT_MODEL_REPLY:
    case MOOT_TOOL_RESULT:
    case MOOT_APPROVAL_REQUEST:
    case MOOT_SUMMARY:
    case MOOT_KIND_COUNT:
        break;
    }
    return false;
}

/* ---- the object ---- */

struct moot_message *moot__message_new(enum moot_kind kind)
{
    struct moot_message *m = calloc(1, sizeof(*m));
    if (m == NULL)
        return NULL;
    m->refs = 1;
    m->kind = kind;
    m->seq = -1;
    return m;
}

struct moot_message *moot__message_ref(struct moot_message *m)
{
    MOOT_ASSERT(m->refs > 0);
    m->refs++;
    return m;
}

static void set_free(char **set, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(set[i]);
    free(set);
}

void moot__message_unref(struct moot_message *m)
{
    if (m == NULL)
        return;
    MOOT_ASSERT(m->refs > 0);
    if (--m->refs > 0)
        return;
    char *texts[] = {m->run, m->conv, m->from, m->nonce, m->kid, m->item, m->task, m->re_from};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++)
        free(texts[i]);
    set_free(m->to, m->to_count);
    set_free(m->prov, m->prov_count);
    moot__json_free(m->body);
    moot__text_unref(m->body_bytes);
    moot__text_unref(m->statement);
    free(m->path.h);
    free(m);
}

int moot__message_set(char **field, const char *text)
{
    char *copy = text != NULL ? moot__copy(text, strlen(text)) : NULL;
    if (text != NULL && copy == NULL)
        return MOOT_ENOMEM;
    free(*field);
    *field = copy;
    return MOOT_OK;
}

int moot__message_add(char ***set, size_t *count, const char *text)
{
    size_t at = *count;
    while (at > 0 && strcmp((*set)[at - 1], text) > 0)
        at--;
    if (at > 0 && strcmp((*set)[at - 1], text) == 0)
        return MOOT_OK;
    char *copy = moot__copy(text, strlen(text));
    char **grown = realloc(*set, (*count + 1) * sizeof(**set));
    if (grown != NULL)
        *set = grown;
    if (copy == NULL || grown == NULL) {
        free(copy);
        return MOOT_ENOMEM;
    }
    memmove(grown + at + 1, grown + at, (*count - at) * sizeof(*grown));
    grown[at] = copy;
    *count += 1;
    return MOOT_OK;
}

/* ---- looking ---- */

enum moot_kind moot_message_kind(const struct moot_message *m)
{
    return m->kind;
}

const char *moot_message_conv(const struct moot_message *m)
{
    return m->conv != NULL ? m->conv : "";
}

const char *moot_message_from(const struct moot_message *m)
{
    return m->from != NULL ? m->from : "";
}

uint32_t moot_message_n(const struct moot_message *m)
{
    return m->n;
}

size_t moot_message_to_count(const struct moot_message *m)
{
    return m->to_count;
}

const char *moot_message_to(const struct moot_message *m, size_t i)
{
    return i < m->to_count ? m->to[i] : NULL;
}

const char *moot_message_item(const struct moot_message *m)
{
    return m->item;
}

const char *moot_message_task(const struct moot_message *m)
{
    return m->task;
}

const char *moot_message_re_from(const struct moot_message *m)
{
    return m->re_from;
}

uint32_t moot_message_re_n(const struct moot_message *m)
{
    return m->re_n;
}

const char *moot_message_body(const struct moot_message *m, size_t *len)
{
    if (len != NULL)
        *len = m->body_bytes != NULL ? m->body_bytes->len : 0;
    return m->body_bytes != NULL ? m->body_bytes->data : NULL;
}

const struct moot_json *moot_message_json(const struct moot_message *m)
{
    return m->body;
}

/* ---- what a statement may hold ---- */

static int refuse(struct moot_error *err, const char *field, const char *must)
{
    return moot__fail(err, MOOT_EINVAL, "statement: '%s' %s", field, must);
}

static bool is_digits(const char *text, size_t len, const char *digits)
{
    return strlen(text) == len && strspn(text, digits) == len;
}

/* A name that can stand in a line without breaking it. */
static bool is_name(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    if (len == 0 || len > max || !moot__utf8_valid(text, len, NULL))
        return false;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
            return false;
    return true;
}

static int check_set(char *const *set, size_t count, const char *field, struct moot_error *err)
{
    if (count > MOOT_MAX_SET)
        return refuse(err, field, "has too many members");
    for (size_t i = 0; i < count; i++) {
        if (!is_name(set[i], MOOT_MAX_NAME))
            return refuse(err, field, "has a member that is no name");
        if (i > 0 && strcmp(set[i - 1], set[i]) >= 0)
            return refuse(err, field, "must be sorted, without duplicates");
    }
    return MOOT_OK;
}

static bool is_kid(const char *kid)
{
    /* Two bits of the last digit are beyond the 128. */
    return is_digits(kid, MOOT_KID_TEXT - 1, "abcdefghijklmnopqrstuvwxyz234567") &&
           strchr("aeimquy4", kid[MOOT_KID_TEXT - 2]) != NULL;
}

static int check_count(const struct moot_message *m, struct moot_error *err)
{
    if (m->nonce == NULL) {
        if (m->n == 0)
            return refuse(err, "n", "must be an integer from 1 to 2^32-1, or there is a 'nonce'");
        return m->exp == 0 ? MOOT_OK : refuse(err, "exp", "stands beside 'nonce' only");
    }
    if (!is_digits(m->nonce, 2 * (size_t)MOOT_NONCE_SIZE, "0123456789abcdef"))
        return refuse(err, "nonce", "must be 24 lower-case hex digits");
    if (m->exp <= 0 || m->exp > LARGEST)
        return refuse(err, "exp", "must be an integer above 0 beside 'nonce'");
    return MOOT_OK;
}

static int statement_check(const struct moot_message *m, struct moot_error *err)
{
    if (m->kind >= MOOT_KIND_COUNT)
        return refuse(err, "kind", "is none that is known");
    if (m->run == NULL || !is_digits(m->run, MOOT_RUN_TEXT - 1, "0123456789abcdef"))
        return refuse(err, "run", "must be 32 lower-case hex digits");
    if (m->conv == NULL || (m->conv[0] != '\0' && !is_name(m->conv, MOOT_MAX_PATH_CONV)))
        return refuse(err, "conv", "must be a path");
    if (m->from == NULL || !is_name(m->from, MOOT_MAX_NAME))
        return refuse(err, "from", "must be a name");
    if (m->kid != NULL && !is_kid(m->kid))
        return refuse(err, "kid", "must be a key id, 26 digits of base32");
    if (m->item != NULL && !is_name(m->item, MOOT_MAX_NAME))
        return refuse(err, "item", "must be a name");
    if (m->task != NULL && !is_name(m->task, MOOT_MAX_NAME))
        return refuse(err, "task", "must be a name");
    if (m->ts < 0 || m->ts > LARGEST)
        return refuse(err, "ts", "must be an integer from 0 to 2^53-1");
    int status = check_count(m, err);
    if (status == MOOT_OK)
        status = check_set(m->to, m->to_count, "to", err);
    return status == MOOT_OK ? check_set(m->prov, m->prov_count, "prov", err) : status;
}

/* ---- writing the statement ---- */

static void write_key(struct moot_buf *out, const char *key)
{
    moot__buf_add(out, ",\"", 2);
    moot__buf_adds(out, key);
    moot__buf_add(out, "\":", 2);
}

static void write_text(struct moot_buf *out, const char *key, const char *text)
{
    if (text == NULL)
        return;
    write_key(out, key);
    moot__buf_add_json(out, text, strlen(text));
}

static void write_int(struct moot_buf *out, const char *key, int64_t n)
{
    write_key(out, key);
    moot__buf_add_int(out, n);
}

static void write_hash(struct moot_buf *out, const char *key, const uint8_t hash[MOOT_HASH_SIZE])
{
    write_key(out, key);
    moot__buf_addc(out, '"');
    moot__buf_add_hex(out, hash, MOOT_HASH_SIZE);
    moot__buf_addc(out, '"');
}

static void write_set(struct moot_buf *out, const char *key, char *const *set, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0) {
            write_key(out, key);
            moot__buf_addc(out, '[');
        } else {
            moot__buf_addc(out, ',');
        }
        moot__buf_add_json(out, set[i], strlen(set[i]));
    }
    if (count > 0)
        moot__buf_addc(out, ']');
}

static bool is_zero(const uint8_t hash[MOOT_HASH_SIZE])
{
    static const uint8_t zero[MOOT_HASH_SIZE];
    return memcmp(hash, zero, MOOT_HASH_SIZE) == 0;
}

/* The fields in the order of their keys: that is the canonical form. */
static int statement_write(const struct moot_message *m, struct moot_buf *out)
{
    moot__buf_reserve(out, STATEMENT_USUAL);
    moot__buf_adds(out, "{\"bh\":\"");
    moot__buf_add_hex(out, m->bh, MOOT_HASH_SIZE);
    moot__buf_addc(out, '"');
    if (!is_zero(m->caps))
        write_hash(out, "caps", m->caps);
    write_text(out, "conv", m->conv);
    if (m->nonce != NULL)
        write_int(out, "exp", m->exp);
    write_text(out, "from", m->from);
    write_text(out, "item", m->item);
    write_text(out, "kid", m->kid);
    write_text(out, "kind", KINDS[m->kind]);
    if (m->nonce == NULL)
        write_int(out, "n", m->n);
    write_text(out, "nonce", m->nonce);
    write_set(out, "prov", m->prov, m->prov_count);
    if (m->has_re)
        write_hash(out, "re", m->re);
    write_text(out, "run", m->run);
    write_text(out, "task", m->task);
    write_set(out, "to", m->to, m->to_count);
    write_int(out, "ts", m->ts);
    return moot__buf_adds(out, ",\"v\":1}");
}

/* Checks the fields, makes the canonical bytes and the id. */
static int statement_make(struct moot_message *m, struct moot_error *err)
{
    int status = statement_check(m, err);
    if (status != MOOT_OK)
        return status;
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_STATEMENT);
    status = statement_write(m, &out);
    if (status == MOOT_OK) {
        m->statement = moot__text_make(out.data, out.len);
        moot__hash(out.data, out.len, m->id);
    }
    moot__buf_release(&out);
    if (status == MOOT_OK && m->statement == NULL)
        status = MOOT_ENOMEM;
    if (status != MOOT_OK)
        return moot__fail(err, status, "statement cannot be written: %s",
                          moot__status_text(status));
    return MOOT_OK;
}

/* ---- the body ---- */

static void body_hash(const struct moot_text *body, const uint8_t salt[MOOT_SALT_SIZE],
                      uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash h;
    moot__hash_init(&h);
    moot__hash_add(&h, salt, MOOT_SALT_SIZE);
    moot__hash_add(&h, body->data, body->len);
    moot__hash_end(&h, out);
}

/* Whether objects and arrays nest no deeper than `depth`, which bounds the recursion. */
static bool is_shallow(const struct moot_json *j, size_t depth)
{
    if (!moot__json_is(j, MOOT_JSON_OBJECT) && !moot__json_is(j, MOOT_JSON_ARRAY))
        return true;
    bool shallow = depth > 0;
    const struct moot_json *c = shallow ? moot__json_first(j) : NULL;
    for (; c != NULL && shallow; c = moot__json_next(c))
        shallow = is_shallow(c, depth - 1);
    return shallow;
}

/* The canonical bytes of a body, checked; the caller holds one reference. */
static int body_write(const struct moot_json *body, struct moot_text **out, struct moot_error *err)
{
    if (!moot__json_is(body, MOOT_JSON_OBJECT))
        return moot__fail(err, MOOT_EINVAL, "a message's body must be an object");
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_BODY);
    moot__buf_reserve(&bytes, BODY_USUAL);
    int status = moot__json_write_canonical(body, &bytes, err);
    if (status == MOOT_OK && !is_shallow(body, MOOT_MAX_DEPTH - 1))
        status = moot__fail(err, MOOT_ETOOBIG, "nested deeper than %d", MOOT_MAX_DEPTH - 1);
    if (status == MOOT_OK && !moot__utf8_valid(bytes.data, bytes.len, NULL))
        status = moot__fail(err, MOOT_EINVAL, "a text is not UTF-8");
    if (status == MOOT_OK) {
        *out = moot__text_make(bytes.data, bytes.len);
        if (*out == NULL)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__buf_release(&bytes);
    if (status != MOOT_OK)
        moot__fail_wrap(err, "a message's body");
    return status;
}

int moot__message_seal(struct moot_message *m, struct moot_json *body,
                       const uint8_t salt[MOOT_SALT_SIZE], struct moot_error *err)
{
    MOOT_ASSERT(m->statement == NULL && m->body == NULL);
    m->body = body;
    if (body == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = body_write(body, &m->body_bytes, err);
    if (status != MOOT_OK)
        return status;
    memcpy(m->salt, salt, MOOT_SALT_SIZE);
    body_hash(m->body_bytes, salt, m->bh);
    return statement_make(m, err);
}

int moot__message_put_body(struct moot_message *m, const char *body, size_t len,
                           const uint8_t salt[MOOT_SALT_SIZE], struct moot_error *err)
{
    MOOT_ASSERT(m->statement != NULL && m->body == NULL && m->body_bytes == NULL);
    if (len > MOOT_MAX_BODY)
        return moot__fail(err, MOOT_ETOOBIG, "a message's body is larger than %d bytes",
                          MOOT_MAX_BODY);
    struct moot_text *bytes = moot__text_make(body, len);
    if (bytes == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    uint8_t hash[MOOT_HASH_SIZE];
    body_hash(bytes, salt, hash);
    int status = MOOT_OK;
    if (memcmp(hash, m->bh, MOOT_HASH_SIZE) != 0)
        status = moot__fail(err, MOOT_ECHAIN, "the body is not the one that the statement names");
    struct moot_json *tree = NULL;
    struct moot_text *again = NULL;
    if (status == MOOT_OK)
        status = moot__json_parse(body, len, &tree, err);
    if (status == MOOT_OK)
        status = body_write(tree, &again, err);
    if (status == MOOT_OK && (again->len != len || memcmp(again->data, body, len) != 0))
        status = moot__fail(err, MOOT_EMALFORMED, "the body is not in its canonical form");
    moot__text_unref(again);
    if (status == MOOT_OK) {
        m->body = tree;
        m->body_bytes = bytes;
        memcpy(m->salt, salt, MOOT_SALT_SIZE);
        return MOOT_OK;
    }
    moot__json_free(tree);
    moot__text_unref(bytes);
    if (status == MOOT_ESYNTAX || status == MOOT_EINVAL) {
        status = MOOT_EMALFORMED;
        if (err != NULL)
            err->code = status;
    }
    return status;
}

/* ---- reading a statement ---- */

struct field {
    const char *key;
    size_t offset;
    enum {
        FIELD_TEXT,
        FIELD_INT,
        FIELD_COUNT,
        FIELD_HASH,
        FIELD_SET,
        FIELD_KIND,
        FIELD_VERSION
    } type;
    size_t count_offset; /* of a set's count */
};

#define FIELD_AT(member) offsetof(struct moot_message, member)

static const struct field FIELDS[] = {
    {"bh", FIELD_AT(bh), FIELD_HASH, 0},
    {"caps", FIELD_AT(caps), FIELD_HASH, 0},
    {"conv", FIELD_AT(conv), FIELD_TEXT, 0},
    {"exp", FIELD_AT(exp), FIELD_INT, 0},
    {"from", FIELD_AT(from), FIELD_TEXT, 0},
    {"item", FIELD_AT(item), FIELD_TEXT, 0},
    {"kid", FIELD_AT(kid), FIELD_TEXT, 0},
    {"kind", FIELD_AT(kind), FIELD_KIND, 0},
    {"n", FIELD_AT(n), FIELD_COUNT, 0},
    {"nonce", FIELD_AT(nonce), FIELD_TEXT, 0},
    {"prov", FIELD_AT(prov), FIELD_SET, FIELD_AT(prov_count)},
    {"re", FIELD_AT(re), FIELD_HASH, 0},
    {"run", FIELD_AT(run), FIELD_TEXT, 0},
    {"task", FIELD_AT(task), FIELD_TEXT, 0},
    {"to", FIELD_AT(to), FIELD_SET, FIELD_AT(to_count)},
    {"ts", FIELD_AT(ts), FIELD_INT, 0},
    {"v", 0, FIELD_VERSION, 0},
};

static int read_set(char ***set, size_t *count, const struct moot_json *value)
{
    if (!moot__json_is(value, MOOT_JSON_ARRAY) || moot__json_count(value) > MOOT_MAX_SET)
        return MOOT_EMALFORMED;
    for (const struct moot_json *v = moot__json_first(value); v != NULL; v = moot__json_next(v)) {
        if (moot__json_text(v) == NULL)
            return MOOT_EMALFORMED;
        /* What was not sorted comes out sorted, and so differs from the bytes that came. */
        int status = moot__message_add(set, count, moot__json_text(v));
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static int read_field(struct moot_message *m, const struct field *f, const struct moot_json *value)
{
    void *at = (char *)m + f->offset;
    const char *text = moot__json_text(value);
    int64_t n = 0;
    bool is_int = moot__json_int(value, &n);
    switch (f->type) {
    case FIELD_TEXT:
        return text != NULL ? moot__message_set(at, text) : MOOT_EMALFORMED;
    case FIELD_KIND:
        m->kind = moot__kind_parse(text);
        return m->kind < MOOT_KIND_COUNT ? MOOT_OK : MOOT_EMALFORMED;
    case FIELD_HASH:
        if (text == NULL || !moot__unhex(text, at, MOOT_HASH_SIZE))
            return MOOT_EMALFORMED;
        m->has_re = m->has_re || at == (void *)m->re;
        return MOOT_OK;
    case FIELD_INT:
        memcpy(at, &n, sizeof(n));
        return is_int ? MOOT_OK : MOOT_EMALFORMED;
    case FIELD_COUNT:
        m->n = (uint32_t)n;
        return is_int && n > 0 && n <= UINT32_MAX ? MOOT_OK : MOOT_EMALFORMED;
    case FIELD_SET:
        return read_set(at, (size_t *)(void *)((char *)m + f->count_offset), value);
    case FIELD_VERSION:
        return is_int && n == 1 ? MOOT_OK : MOOT_EMALFORMED;
    }
    return MOOT_EMALFORMED;
}

static const struct field *field_of(const char *key)
{
    for (size_t i = 0; i < MOOT_COUNT(FIELDS); i++)
        if (strcmp(FIELDS[i].key, key) == 0)
            return &FIELDS[i];
    return NULL;
}

static int statement_read(struct moot_message *m, const struct moot_json *statement,
                          struct moot_error *err)
{
    if (!moot__json_is(statement, MOOT_JSON_OBJECT))
        return moot__fail(err, MOOT_EMALFORMED, "statement: not an object");
    const struct moot_json *value = moot__json_first(statement);
    for (; value != NULL; value = moot__json_next(value)) {
        const struct field *f = field_of(moot__json_key(value));
        if (f == NULL)
            return moot__fail(err, MOOT_EMALFORMED, "statement: there is no field '%.40s'",
                              moot__json_key(value));
        int status = read_field(m, f, value);
        if (status != MOOT_OK)
            return moot__fail(err, status, "statement: '%s' is not what it must be", f->key);
    }
    static const char *const needed[] = {"bh", "kind", "v"};
    for (size_t i = 0; i < MOOT_COUNT(needed); i++)
        if (moot__json_get(statement, needed[i]) == NULL)
            return moot__fail(err, MOOT_EMALFORMED, "statement: '%s' is missing", needed[i]);
    if (m->nonce != NULL && m->n != 0)
        return moot__fail(err, MOOT_EMALFORMED, "statement: 'n' beside 'nonce'");
    return statement_make(m, err);
}

int moot__message_from_json(const struct moot_json *statement, struct moot_message **out,
                            struct moot_error *err)
{
    struct moot_message *m = moot__message_new(MOOT_ERROR);
    if (m == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = statement_read(m, statement, err);
    if (status == MOOT_OK) {
        *out = m;
        return MOOT_OK;
    }
    moot__message_unref(m);
    if (status == MOOT_EINVAL) {
        status = MOOT_EMALFORMED;
        if (err != NULL)
            err->code = status;
    }
    return status;
}

int moot__message_parse(const char *statement, size_t len, struct moot_message **out,
                        struct moot_error *err)
{
    if (len > MOOT_MAX_STATEMENT)
        return moot__fail(err, MOOT_ETOOBIG, "statement: larger than %d bytes", MOOT_MAX_STATEMENT);
    struct moot_json *tree = NULL;
    struct moot_message *m = NULL;
    int status = moot__json_parse(statement, len, &tree, err);
    if (status == MOOT_ESYNTAX && err != NULL)
        err->code = MOOT_EMALFORMED;
    if (status != MOOT_OK)
        return status == MOOT_ESYNTAX ? MOOT_EMALFORMED : status;
    status = moot__message_from_json(tree, &m, err);
    moot__json_free(tree);
    if (status != MOOT_OK)
        return status;
    if (m->statement->len != len || memcmp(m->statement->data, statement, len) != 0) {
        moot__message_unref(m);
        return moot__fail(err, MOOT_EMALFORMED, "statement: not in its canonical form");
    }
    *out = m;
    return MOOT_OK;
}
