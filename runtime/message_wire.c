/* What lies around a statement: the path of a batch signature, the link, the exported line. */
#include "runtime/message.h"

/* ---- Merkle paths ---- */

int moot__merkle_path_write(const struct moot_merkle_path *path, struct moot_buf *out)
{
    if (path->of == 0)
        return out->status;
    moot__buf_adds(out, "{\"h\":[");
    for (uint32_t i = 0; i < path->h_count; i++) {
        moot__buf_adds(out, i == 0 ? "\"" : ",\"");
        moot__buf_add_hex(out, path->h[i], MOOT_HASH_SIZE);
        moot__buf_addc(out, '"');
    }
    return moot__buf_addf(out, "],\"i\":%u,\"of\":%u}", path->i, path->of);
}

static int path_fail(struct moot_error *err)
{
    return moot__fail(err, MOOT_EMALFORMED, "the path of a signature is not what it must be");
}

static int path_read(const struct moot_json *j, struct moot_merkle_path *out,
                     struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    int64_t i = moot__json_get_int(j, "i", -1);
    int64_t of = moot__json_get_int(j, "of", -1);
    const struct moot_json *h = moot__json_get(j, "h");
    size_t count = moot__json_count(h);
    /* A tree of one would be a second way to sign a single statement. */
    if (moot__json_count(j) != 3 || of < 2 || of > UINT32_MAX || i < 0 || i >= of ||
        !moot__json_is(h, MOOT_JSON_ARRAY) || count == 0 || count > MOOT_MAX_MERKLE)
        return path_fail(err);
    uint8_t(*hashes)[MOOT_HASH_SIZE] = malloc(count * sizeof(*hashes));
    if (hashes == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    size_t k = 0;
    for (const struct moot_json *v = moot__json_first(h); v != NULL; v = moot__json_next(v)) {
        const char *hex = moot__json_text(v);
        if (hex == NULL || !moot__unhex(hex, hashes[k++], MOOT_HASH_SIZE)) {
            free(hashes);
            return path_fail(err);
        }
    }
    out->i = (uint32_t)i;
    out->of = (uint32_t)of;
    out->h = hashes;
    out->h_count = (uint32_t)count;
    return MOOT_OK;
}

int moot__merkle_path_parse(const char *text, size_t len, struct moot_merkle_path *out,
                            struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    struct moot_json *tree = NULL;
    int status = moot__json_parse(text, len, &tree, err);
    if (status == MOOT_ENOMEM)
        return status;
    if (status != MOOT_OK)
        return path_fail(err);
    status = path_read(tree, out, err);
    moot__json_free(tree);
    if (status != MOOT_OK)
        return status;
    struct moot_buf again;
    moot__buf_init(&again, MOOT_MAX_STATEMENT);
    status = moot__merkle_path_write(out, &again);
    if (status == MOOT_OK && (again.len != len || memcmp(again.data, text, len) != 0))
        status = MOOT_EMALFORMED;
    moot__buf_release(&again);
    if (status == MOOT_OK)
        return MOOT_OK;
    free(out->h);
    memset(out, 0, sizeof(*out));
    return status == MOOT_EMALFORMED ? path_fail(err)
                                     : moot__fail(err, status, "%s", moot__status_text(status));
}

/* ---- the link ---- */

/* BLAKE2b-256(sig || JCS(path)). */
static void proof_hash(const struct moot_message *m, uint8_t out[MOOT_HASH_SIZE])
{
    /* Of no bytes at all: most messages carry no signature. */
    static const uint8_t none[MOOT_HASH_SIZE] = {0x0e, 0x57, 0x51, 0xc0, 0x26, 0xe5, 0x43, 0xb2,
                                                 0xe8, 0xab, 0x2e, 0xb0, 0x60, 0x99, 0xda, 0xa1,
                                                 0xd1, 0xe5, 0xdf, 0x47, 0x77, 0x8f, 0x77, 0x87,
                                                 0xfa, 0xab, 0x45, 0xcd, 0xf1, 0x2f, 0xe3, 0xa8};
    if (!m->has_sig && m->path.of == 0) {
        memcpy(out, none, MOOT_HASH_SIZE);
        return;
    }
    struct moot_hash h;
    moot__hash_init(&h);
    if (m->has_sig)
        moot__hash_add(&h, m->sig, MOOT_SIG_SIZE);
    if (m->path.of > 0) {
        char end[48];
        moot__hash_add(&h, "{\"h\":[", 6);
        for (uint32_t i = 0; i < m->path.h_count; i++) {
            char hex[MOOT_HEX_SIZE];
            moot__hex(m->path.h[i], MOOT_HASH_SIZE, hex);
            moot__hash_add(&h, i == 0 ? "\"" : ",\"", i == 0 ? 1 : 2);
            moot__hash_add(&h, hex, MOOT_HEX_SIZE - 1);
            moot__hash_add(&h, "\"", 1);
        }
        int len = snprintf(end, sizeof(end), "],\"i\":%u,\"of\":%u}", m->path.i, m->path.of);
        moot__hash_add(&h, end, (size_t)len);
    }
    moot__hash_end(&h, out);
}

void moot__message_link(const struct moot_message *m, const uint8_t before[MOOT_HASH_SIZE],
                        uint8_t out[MOOT_HASH_SIZE])
{
    static const char domain[] = "folkmoot link v1";
    uint8_t proof[MOOT_HASH_SIZE];
    struct moot_hash h;
    proof_hash(m, proof);
    moot__hash_init(&h);
    moot__hash_add(&h, domain, sizeof(domain) - 1);
    moot__hash_add(&h, before, MOOT_HASH_SIZE);
    moot__hash_add(&h, m->id, MOOT_HASH_SIZE);
    moot__hash_add(&h, proof, MOOT_HASH_SIZE);
    moot__hash_end(&h, out);
}

/* ---- the exported line ---- */

static void export_hex(struct moot_buf *out, const char *key, const uint8_t *data, size_t len)
{
    char hex[2 * MOOT_SIG_SIZE + 1];
    MOOT_ASSERT(len <= MOOT_SIG_SIZE);
    moot__hex(data, len, hex);
    moot__buf_addf(out, "\"%s\":\"%s\",", key, hex);
}

/* The members in the order of their keys. */
int moot__message_export(const struct moot_message *m, struct moot_buf *out)
{
    MOOT_ASSERT(m->statement != NULL);
    moot__buf_addc(out, '{');
    if (m->body_bytes != NULL) {
        moot__buf_adds(out, "\"body\":");
        moot__buf_add(out, m->body_bytes->data, m->body_bytes->len);
        moot__buf_addc(out, ',');
    }
    if (m->seq >= 0)
        export_hex(out, "link", m->link, MOOT_HASH_SIZE);
    if (m->path.of > 0) {
        moot__buf_adds(out, "\"path\":");
        moot__merkle_path_write(&m->path, out);
        moot__buf_addc(out, ',');
    }
    if (m->body_bytes != NULL)
        export_hex(out, "salt", m->salt, MOOT_SALT_SIZE);
    if (m->seq >= 0)
        moot__buf_addf(out, "\"seq\":%lld,", (long long)m->seq);
    if (m->has_sig)
        export_hex(out, "sig", m->sig, MOOT_SIG_SIZE);
    moot__buf_adds(out, "\"statement\":");
    moot__buf_add(out, m->statement->data, m->statement->len);
    return moot__buf_addc(out, '}');
}

static int import_fail(struct moot_error *err, const char *what)
{
    return moot__fail(err, MOOT_EMALFORMED, "line: %s", what);
}

static bool import_hex(const struct moot_json *line, const char *key, uint8_t *out, size_t len,
                       bool *there)
{
    const struct moot_json *value = moot__json_get(line, key);
    *there = value != NULL;
    return value == NULL ||
           (moot__json_text(value) != NULL && moot__unhex(moot__json_text(value), out, len));
}

static int import_chain(struct moot_message *m, const struct moot_json *line,
                        struct moot_error *err)
{
    bool has_link = false;
    if (!import_hex(line, "link", m->link, MOOT_HASH_SIZE, &has_link))
        return import_fail(err, "'link' is not 64 lower-case hex digits");
    const struct moot_json *seq = moot__json_get(line, "seq");
    if ((seq != NULL) != has_link)
        return import_fail(err, "'seq' and 'link' go together");
    if (seq != NULL &&
        (!moot__json_int(seq, &m->seq) || m->seq < 0 || m->seq > ((int64_t)1 << 53) - 1))
        return import_fail(err, "'seq' is not an integer from 0");
    if (!import_hex(line, "sig", m->sig, MOOT_SIG_SIZE, &m->has_sig))
        return import_fail(err, "'sig' is not 128 lower-case hex digits");
    const struct moot_json *path = moot__json_get(line, "path");
    if (path == NULL)
        return MOOT_OK;
    return m->has_sig ? path_read(path, &m->path, err) : import_fail(err, "'path' without 'sig'");
}

/* Whether the line, whatever it says, has the form that it must have. */
static bool import_is_canonical(const struct moot_json *tree, const char *line, size_t len)
{
    struct moot_buf again;
    moot__buf_init(&again, MOOT_MAX_JSON);
    bool same = moot__json_write_canonical(tree, &again, NULL) == MOOT_OK && again.len == len &&
                memcmp(again.data, line, len) == 0;
    moot__buf_release(&again);
    return same;
}

/* The body's own bytes are made from the tree; that they are the ones that came is what the
 * comparison of the whole line proves. */
static int import_body(struct moot_message *m, const struct moot_json *line, struct moot_error *err)
{
    uint8_t salt[MOOT_SALT_SIZE];
    bool has_salt = false;
    if (!import_hex(line, "salt", salt, MOOT_SALT_SIZE, &has_salt))
        return import_fail(err, "'salt' is not 32 lower-case hex digits");
    const struct moot_json *body = moot__json_get(line, "body");
    if ((body != NULL) != has_salt)
        return import_fail(err, "'body' and 'salt' go together");
    if (body == NULL)
        return MOOT_OK;
    struct moot_buf bytes;
    moot__buf_init(&bytes, MOOT_MAX_BODY);
    int status = moot__json_write_canonical(body, &bytes, err);
    if (status == MOOT_OK)
        status = moot__message_put_body(m, bytes.data, bytes.len, salt, err);
    moot__buf_release(&bytes);
    return status;
}

static int import_compare(const struct moot_message *m, const char *line, size_t len,
                          struct moot_error *err)
{
    struct moot_buf again;
    moot__buf_init(&again, MOOT_MAX_JSON);
    int status = moot__message_export(m, &again);
    bool same = status == MOOT_OK && again.len == len && memcmp(again.data, line, len) == 0;
    moot__buf_release(&again);
    if (status != MOOT_OK)
        return moot__fail(err, status, "line: %s", moot__status_text(status));
    return same ? MOOT_OK : import_fail(err, "not in its canonical form");
}

static int import_check_keys(const struct moot_json *line, struct moot_error *err)
{
    static const char *const keys[] = {"body", "link", "path", "salt", "seq", "sig", "statement"};
    if (!moot__json_is(line, MOOT_JSON_OBJECT))
        return import_fail(err, "not an object");
    const struct moot_json *value = moot__json_first(line);
    for (; value != NULL; value = moot__json_next(value)) {
        bool known = false;
        for (size_t i = 0; i < MOOT_COUNT(keys); i++)
            known = known || strcmp(keys[i], moot__json_key(value)) == 0;
        if (!known)
            return moot__fail(err, MOOT_EMALFORMED, "line: there is no field '%.40s'",
                              moot__json_key(value));
    }
    return MOOT_OK;
}

int moot__message_import(const char *line, size_t len, struct moot_message **out,
                         struct moot_error *err)
{
    struct moot_json *tree = NULL;
    struct moot_message *m = NULL;
    int status = moot__json_parse(line, len, &tree, err);
    if (status == MOOT_OK)
        status = import_check_keys(tree, err);
    if (status == MOOT_OK)
        status = moot__message_from_json(moot__json_get(tree, "statement"), &m, err);
    if (status == MOOT_OK)
        status = import_chain(m, tree, err);
    if (status == MOOT_OK)
        status = import_body(m, tree, err);
    if (status == MOOT_OK)
        status = import_compare(m, line, len, err);
    else if (status == MOOT_ECHAIN && !import_is_canonical(tree, line, len))
        status = import_fail(err, "not in its canonical form");
    moot__json_free(tree);
    if (status == MOOT_OK) {
        *out = m;
        return MOOT_OK;
    }
    moot__message_unref(m);
    if (status == MOOT_ESYNTAX || status == MOOT_EINVAL) {
        status = MOOT_EMALFORMED;
        if (err != NULL)
            err->code = status;
    }
    return status;
}
