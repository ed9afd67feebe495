#include "tests/lib/proof.h"

#include "runtime/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct moot_key *key(uint8_t number)
{
    uint8_t seed[32];
    memset(seed, number, sizeof(seed));
    struct moot_key *k = moot__key_from_seed(seed);
    assert_non_null(k);
    return k;
}

void proof_init(struct proof *p, const char *run)
{
    memset(p, 0, sizeof(*p));
    snprintf(p->run, sizeof(p->run), "%s", run);
    p->ts = 1700000000000;
    p->owner = key(1);
    p->approver = key(2);
    p->stranger = key(3);
    p->host = key(10);
    p->analyst = key(11);
    p->writer = key(12);
    p->judge = key(13);
}

void proof_release(struct proof *p)
{
    struct moot_key *keys[] = {p->owner,  p->approver, p->stranger,    p->host,    p->analyst,
                               p->writer, p->judge,    p->old_analyst, p->old_host};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++)
        moot__key_free(keys[i]);
    for (size_t i = 0; i < p->count; i++)
        moot__message_unref(p->messages[i]);
}

struct moot_message *proof_new(struct proof *p, enum moot_kind kind, const char *conv,
                               const char *from)
{
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    assert_int_equal(moot__message_set(&m->run, p->run), MOOT_OK);
    assert_int_equal(moot__message_set(&m->conv, conv), MOOT_OK);
    assert_int_equal(moot__message_set(&m->from, from), MOOT_OK);
    m->n = 1;
    for (size_t i = 0; i < p->count; i++)
        m->n += strcmp(p->messages[i]->conv, conv) == 0 && strcmp(p->messages[i]->from, from) == 0;
    p->ts += 1000;
    m->ts = p->ts;
    return m;
}

void proof_add(struct proof *p, struct moot_message *m, const char *body, const struct moot_key *k)
{
    uint8_t hash[MOOT_HASH_SIZE];
    struct moot_json *tree = NULL;
    struct moot_error err = {0};
    if (k != NULL)
        assert_int_equal(moot__message_set(&m->kid, moot__key_kid(k)), MOOT_OK);
    if (moot__json_parse(body, strlen(body), &tree, &err) != MOOT_OK)
        fail_msg("%s: %s", err.message, body);
    uint64_t place = p->count;
    moot__hash(&place, sizeof(place), hash);
    if (moot__message_seal(m, tree, hash, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    p->messages[p->count++] = m;
}

static void sign_all(struct proof *p, const struct moot_key *k)
{
    struct moot_message *batch[64];
    size_t count = 0;
    for (size_t i = p->committed; k != NULL && i < p->count; i++) {
        struct moot_message *m = p->messages[i];
        if (m->kid != NULL && !m->has_sig && strcmp(m->kid, moot__key_kid(k)) == 0)
            batch[count++] = m;
    }
    assert_int_equal(moot__sign_batch(k, batch, count, NULL), MOOT_OK);
}

void proof_commit(struct proof *p)
{
    static const uint8_t zero[MOOT_HASH_SIZE];
    const struct moot_key *keys[] = {p->owner,  p->approver, p->stranger,    p->host,    p->analyst,
                                     p->writer, p->judge,    p->old_analyst, p->old_host};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++)
        if (keys[i] != NULL)
            sign_all(p, keys[i]);
    for (size_t i = p->committed; i < p->count; i++) {
        p->messages[i]->seq = (int64_t)i;
        moot__message_link(p->messages[i], i == 0 ? zero : p->messages[i - 1]->link,
                           p->messages[i]->link);
    }
    p->committed = p->count;
}

void proof_anchor(struct proof *p, const struct moot_key *k)
{
    const struct moot_message *m = p->messages[p->committed - 1];
    assert_int_equal(moot__anchor_make(k, p->run, m->seq, m->link, &p->anchors[p->anchor_count++]),
                     MOOT_OK);
}

char *proof_keys_body(struct proof *p, const char *more)
{
    const struct {
        const char *name;
        const struct moot_key *key;
    } agents[] = {{"analyst", p->analyst}, {"judge", p->judge}, {"writer", p->writer}};
    struct moot_json *body = NULL;
    char hex[MOOT_HEX_SIZE];
    assert_int_equal(moot__json_parse(more, strlen(more), &body, NULL), MOOT_OK);
    moot__hex(moot__key_bytes(p->owner), 32, hex);
    assert_int_equal(moot__json_set_text(body, "owner", hex), MOOT_OK);
    assert_int_equal(
        moot__json_set(body, "host", moot__cert_make(p->owner, p->run, MOOT_HOST, p->host)),
        MOOT_OK);
    struct moot_json *certs = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; i < MOOT_COUNT(agents); i++)
        assert_int_equal(
            moot__json_add(certs, moot__cert_make(p->owner, p->run, agents[i].name, agents[i].key)),
            MOOT_OK);
    assert_int_equal(moot__json_set(body, "keys", certs), MOOT_OK);
    char *text = moot__json_string(body);
    moot__json_free(body);
    return text;
}

void proof_new_keys(struct proof *p)
{
    moot__key_free(p->writer);
    moot__key_free(p->judge);
    p->old_analyst = p->analyst;
    p->old_host = p->host;
    p->host = key(20);
    p->analyst = key(21);
    p->writer = key(22);
    p->judge = key(23);
}

void proof_begin(struct proof *p)
{
    char hex[MOOT_HEX_SIZE];
    char more[1200];
    moot__hex(moot__key_bytes(p->approver), 32, hex);
    snprintf(more, sizeof(more),
             "{\"approver_keys\":[\"%s\"],\"approvers\":[\"%s\"],\"crew\":{\"agents\":[{\"id\":"
             "\"analyst\"},{\"id\":\"judge\"},{\"id\":\"writer\"}],\"name\":\"vectors\",\"tools\":"
             "[{\"id\":\"send_email\"}]},\"date\":\"2023-11-14\",\"moot\":\"0.1.0\",\"seed\":7}",
             hex, moot__key_kid(p->approver));
    char *body = proof_keys_body(p, more);
    proof_add(p, proof_new(p, MOOT_GENESIS, "", MOOT_HOST), body, p->host);
    free(body);
    proof_add(p, proof_new(p, MOOT_MSG, "", MOOT_HOST),
              "{\"item\":1,\"name\":\"Caf\\u00e9 \\ud83c\\udf7a\",\"\\ufb33\":1,\"\\ud83d\\ude00\":"
              "2}",
              NULL);
    struct moot_message *open = proof_new(p, MOOT_OPEN, "1", MOOT_HOST);
    assert_int_equal(moot__message_set(&open->item, "Caf\xc3\xa9"), MOOT_OK);
    assert_int_equal(moot__message_add(&open->to, &open->to_count, "analyst"), MOOT_OK);
    assert_int_equal(moot__message_add(&open->prov, &open->prov_count, "user"), MOOT_OK);
    proof_add(p, open, "{\"participants\":[\"analyst\",\"judge\",\"writer\"]}", NULL);
    proof_commit(p);
}

static struct moot_message *answer(struct proof *p, enum moot_kind kind, const char *from,
                                   size_t seq)
{
    struct moot_message *m = proof_new(p, kind, "1", from);
    m->has_re = true;
    memcpy(m->re, p->messages[seq]->id, MOOT_HASH_SIZE);
    return m;
}

static void add_said(struct proof *p)
{
    struct moot_message *m = proof_new(p, MOOT_MSG, "1", "analyst");
    assert_int_equal(moot__message_add(&m->to, &m->to_count, "writer"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->prov, &m->prov_count, "user"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->prov, &m->prov_count, "web"), MOOT_OK);
    assert_int_equal(moot__message_set(&m->task, "summary"), MOOT_OK);
    moot__hash("policy", 6, m->caps);
    proof_add(p, m, "{\"parts\":[{\"text\":\"They sell \\\"caf\\u00e9\\\" chairs.\\n\"}]}",
              p->analyst);
    proof_add(p, proof_new(p, MOOT_MODEL_CALL, "1", "analyst"),
              "{\"model\":\"scripted/demo\",\"params\":{\"max_tokens\":4096}}", NULL);
    proof_add(p, answer(p, MOOT_MODEL_REPLY, MOOT_HOST, 4),
              "{\"at\":120,\"parts\":[{\"text\":\"I will write.\"}],\"status\":\"ok\"}", NULL);
    m = proof_new(p, MOOT_TOOL_CALL, "1", "analyst");
    assert_int_equal(moot__message_set(&m->task, "send"), MOOT_OK);
    proof_add(p, m, "{\"args\":\"{\\\"amount\\\":12.50}\",\"tool\":\"send_email\"}", p->analyst);
    proof_commit(p);
    proof_anchor(p, p->host);
}

void proof_middle(struct proof *p)
{
    add_said(p);
    proof_add(p, answer(p, MOOT_APPROVAL_REQUEST, MOOT_HOST, PROOF_TOOL_CALL), "{\"for\":1}", NULL);
    struct moot_message *m = answer(p, MOOT_APPROVAL, "person", PROOF_TOOL_CALL);
    assert_int_equal(moot__message_set(&m->nonce, "0102030405060708090a0b0c"), MOOT_OK);
    m->exp = m->ts + 60000;
    proof_add(p, m, "{\"decision\":\"approve\",\"scope\":\"once\"}", p->approver);
    proof_add(p, answer(p, MOOT_TOOL_RESULT, MOOT_HOST, PROOF_TOOL_CALL),
              "{\"at\":900,\"output\":\"sent\",\"status\":\"ok\"}", NULL);
    for (int i = 0; i < 5; i++) {
        char body[80];
        snprintf(body, sizeof(body), "{\"parts\":[{\"text\":\"part %d\"}]}", i);
        proof_add(p, proof_new(p, MOOT_MSG, "1", "writer"), body, p->writer);
    }
    proof_add(p, answer(p, MOOT_VERDICT, "judge", 14), "{\"passed\":true,\"problems\":[]}",
              p->judge);
    proof_commit(p);
}

void proof_key(struct proof *p)
{
    proof_new_keys(p);
    char more[100];
    int64_t anchored = p->anchor_count > 0 ? p->anchors[p->anchor_count - 1].seq : -1;
    snprintf(more, sizeof(more), "{\"unwitnessed\":{\"from\":%lld,\"to\":%zu}}",
             (long long)anchored + 1, p->count - 1);
    char *body = proof_keys_body(p, more);
    proof_add(p, proof_new(p, MOOT_KEY, "", MOOT_HOST), body, p->host);
    free(body);
    proof_commit(p);
}

void proof_finish(struct proof *p)
{
    char hex[MOOT_HEX_SIZE];
    char body[400];
    proof_add(p, proof_new(p, MOOT_MSG, "1", "analyst"), "{\"parts\":[{\"text\":\"Done.\"}]}",
              p->analyst);
    proof_add(p, proof_new(p, MOOT_AMEND, "", "owner"),
              "{\"crew\":{\"agents\":[],\"tools\":[{\"id\":\"shell\",\"sandbox\":\"none\"}]}}",
              p->owner);
    moot__hex(p->messages[PROOF_REDACTED]->id, MOOT_HASH_SIZE, hex);
    snprintf(body, sizeof(body), "{\"messages\":[{\"id\":\"%s\",\"seq\":%d}],\"why\":\"private\"}",
             hex, PROOF_REDACTED);
    proof_add(p, proof_new(p, MOOT_REDACTION, "", "owner"), body, p->owner);
    struct moot_message *m = p->messages[PROOF_REDACTED];
    moot__json_free(m->body);
    moot__text_unref(m->body_bytes);
    m->body = NULL;
    m->body_bytes = NULL;
    proof_add(p, proof_new(p, MOOT_END, "1", MOOT_HOST), "{\"at\":990,\"outcome\":\"done\"}", NULL);
    proof_commit(p);
    m = p->messages[p->count - 1];
    moot__hex(m->link, MOOT_HASH_SIZE, hex);
    snprintf(body, sizeof(body), "{\"link\":\"%s\",\"seq\":%lld,\"stop\":\"finished\"}", hex,
             (long long)m->seq);
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), body, p->host);
    proof_commit(p);
    proof_anchor(p, p->host);
}

void proof_make(struct proof *p)
{
    proof_init(p, PROOF_RUN);
    proof_begin(p);
    proof_middle(p);
    proof_key(p);
    proof_finish(p);
}

/* ---- lines ---- */

static void push(struct proof_lines *l, struct moot_buf *text)
{
    assert_true(l->count < MOOT_COUNT(l->line));
    assert_int_equal(text->status, MOOT_OK);
    l->line[l->count++] = moot__buf_take(text);
}

void proof_export(const struct proof *p, struct proof_lines *out)
{
    struct moot_buf line;
    moot__buf_init(&line, MOOT_MAX_JSON);
    out->count = 0;
    for (size_t i = 0; i < p->count; i++) {
        moot__message_export(p->messages[i], &line);
        push(out, &line);
        for (size_t k = 0; k < p->anchor_count; k++) {
            if (p->anchors[k].seq != (int64_t)i)
                continue;
            moot__anchor_export(&p->anchors[k], &line);
            push(out, &line);
        }
    }
}

void proof_lines_release(struct proof_lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->line[i]);
    l->count = 0;
}

void proof_lines_remove(struct proof_lines *l, size_t at)
{
    free(l->line[at]);
    l->count--;
    memmove(l->line + at, l->line + at + 1, (l->count - at) * sizeof(*l->line));
}

void proof_lines_insert(struct proof_lines *l, size_t at, const char *line)
{
    char *copy = moot__copy(line, strlen(line));
    assert_non_null(copy);
    assert_true(l->count < MOOT_COUNT(l->line));
    memmove(l->line + at + 1, l->line + at, (l->count - at) * sizeof(*l->line));
    l->line[at] = copy;
    l->count++;
}

size_t proof_line_of(const struct proof_lines *l, int64_t seq, bool anchor)
{
    int64_t at = -1;
    for (size_t i = 0; i < l->count; i++) {
        bool is_anchor = moot__anchor_is_line(l->line[i], strlen(l->line[i]));
        at += !is_anchor;
        if (is_anchor == anchor && (anchor ? at >= seq : at == seq))
            return i;
    }
    fail_msg("there is no line of %lld", (long long)seq);
    return 0;
}

static struct moot_json *tree_of(const char *line)
{
    struct moot_json *tree = NULL;
    assert_int_equal(moot__json_parse(line, strlen(line), &tree, NULL), MOOT_OK);
    return tree;
}

static void put_tree(struct proof_lines *l, size_t at, struct moot_json *tree)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    assert_int_equal(moot__json_write_canonical(tree, &text, NULL), MOOT_OK);
    free(l->line[at]);
    l->line[at] = moot__buf_take(&text);
    moot__json_free(tree);
}

/* The link is computed here from the line's own members, so that a line the program would refuse to
 * read can be linked too. */
static void link_line(const struct moot_json *tree, const uint8_t before[MOOT_HASH_SIZE],
                      uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_buf bytes;
    uint8_t id[MOOT_HASH_SIZE];
    uint8_t proof[MOOT_HASH_SIZE];
    uint8_t sig[MOOT_SIG_SIZE];
    moot__buf_init(&bytes, MOOT_MAX_JSON);
    moot__json_write_canonical(moot__json_get(tree, "statement"), &bytes, NULL);
    moot__hash(moot__buf_text(&bytes), bytes.len, id);
    moot__buf_clear(&bytes);
    if (moot__unhex(moot__json_get_text(tree, "sig", ""), sig, sizeof(sig)))
        moot__buf_add(&bytes, sig, sizeof(sig));
    if (moot__json_get(tree, "path") != NULL)
        moot__json_write_canonical(moot__json_get(tree, "path"), &bytes, NULL);
    moot__hash(moot__buf_text(&bytes), bytes.len, proof);
    moot__buf_clear(&bytes);
    moot__buf_adds(&bytes, "folkmoot link v1");
    moot__buf_add(&bytes, before, MOOT_HASH_SIZE);
    moot__buf_add(&bytes, id, MOOT_HASH_SIZE);
    moot__buf_add(&bytes, proof, MOOT_HASH_SIZE);
    moot__hash(bytes.data, bytes.len, out);
    moot__buf_release(&bytes);
}

void proof_relink(struct proof_lines *l)
{
    uint8_t link[MOOT_HASH_SIZE] = {0};
    int64_t seq = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (moot__anchor_is_line(l->line[i], strlen(l->line[i])))
            continue;
        struct moot_json *tree = tree_of(l->line[i]);
        char hex[MOOT_HEX_SIZE];
        link_line(tree, link, link);
        moot__hex(link, MOOT_HASH_SIZE, hex);
        assert_int_equal(moot__json_set_text(tree, "link", hex), MOOT_OK);
        assert_int_equal(moot__json_set_int(tree, "seq", seq++), MOOT_OK);
        put_tree(l, i, tree);
    }
}

void proof_replace(struct proof_lines *l, size_t at, const char *from, const char *to)
{
    char *line = l->line[at];
    const char *place = strstr(line, from);
    if (place == NULL)
        fail_msg("there is no %s in %s", from, line);
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    moot__buf_add(&text, line, (size_t)(place - line));
    moot__buf_adds(&text, to);
    moot__buf_adds(&text, place + strlen(from));
    l->line[at] = moot__buf_take(&text);
    free(line);
}

void proof_fix_bh(struct proof_lines *l, size_t at)
{
    struct moot_json *tree = tree_of(l->line[at]);
    struct moot_buf bytes;
    uint8_t salt[MOOT_SALT_SIZE];
    uint8_t hash[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    moot__buf_init(&bytes, MOOT_MAX_JSON);
    assert_true(moot__unhex(moot__json_get_text(tree, "salt", ""), salt, sizeof(salt)));
    moot__buf_add(&bytes, salt, sizeof(salt));
    moot__json_write_canonical(moot__json_get(tree, "body"), &bytes, NULL);
    moot__hash(bytes.data, bytes.len, hash);
    moot__hex(hash, sizeof(hash), hex);
    moot__buf_release(&bytes);
    assert_int_equal(moot__json_set_text(moot__json_edit(tree, "statement"), "bh", hex), MOOT_OK);
    put_tree(l, at, tree);
}

void proof_write(const struct proof_lines *l, const char *path)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (size_t i = 0; i < l->count; i++)
        fprintf(f, "%s\n", l->line[i]);
    assert_int_equal(fclose(f), 0);
}

void proof_journal(const struct proof *p, const char *path)
{
    struct moot_journal *j = NULL;
    struct moot_error err = {0};
    if (moot__journal_open(path, MOOT_JOURNAL_CREATE, NULL, &j, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < p->count; i++) {
        if (moot__journal_append(j, p->messages[i], &err) != MOOT_OK)
            fail_msg("%s", err.message);
        for (size_t k = 0; k < p->anchor_count; k++)
            if (p->anchors[k].seq == (int64_t)i)
                assert_int_equal(moot__journal_anchor(j, &p->anchors[k], &err), MOOT_OK);
    }
    assert_int_equal(moot__journal_commit(j, false, NULL, NULL, &err), MOOT_OK);
    moot__journal_close(j);
}
