/* The frozen vectors of tests/vectors: what they hold must come out to the byte, in this version
 * and in every later one. MOOT_WRITE_VECTORS=1 writes them anew; then a format has changed, and `v`
 * must too. */
#include "runtime/merkle.h"
#include "runtime/verify.h"

#include "tests/lib/proof.h"
#include "tests/lib/proof_people.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char JOURNAL[] = MOOT_SOURCE_DIR "/tests/vectors/journal.jsonl";
static const char VECTORS[] = MOOT_SOURCE_DIR "/tests/vectors/vectors.json";

static const char PEOPLE[] = MOOT_SOURCE_DIR "/tests/vectors/people.json";

static void set_hex(struct moot_json *j, const char *key, const uint8_t *data, size_t len)
{
    char hex[2 * MOOT_SIG_SIZE + 1];
    moot__hex(data, len, hex);
    assert_int_equal(moot__json_set_text(j, key, hex), MOOT_OK);
}

static void set(struct moot_json *j, const char *key, struct moot_json *value)
{
    assert_int_equal(moot__json_set(j, key, value), MOOT_OK);
}

static struct moot_json *path_tree(const struct moot_merkle_path *path)
{
    struct moot_buf text;
    struct moot_json *tree = NULL;
    moot__buf_init(&text, MOOT_MAX_STATEMENT);
    assert_int_equal(moot__merkle_path_write(path, &text), MOOT_OK);
    assert_int_equal(moot__json_parse(text.data, text.len, &tree, NULL), MOOT_OK);
    moot__buf_release(&text);
    return tree;
}

static struct moot_json *statements(const struct proof *p)
{
    static const uint8_t zero[MOOT_HASH_SIZE];
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; i < p->count; i++) {
        const struct moot_message *m = p->messages[i];
        struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
        assert_int_equal(moot__json_set_text(j, "statement", m->statement->data), MOOT_OK);
        set_hex(j, "id", m->id, MOOT_HASH_SIZE);
        set_hex(j, "before", i == 0 ? zero : p->messages[i - 1]->link, MOOT_HASH_SIZE);
        set_hex(j, "link", m->link, MOOT_HASH_SIZE);
        if (m->body_bytes != NULL) {
            assert_int_equal(moot__json_set_text(j, "body", m->body_bytes->data), MOOT_OK);
            set_hex(j, "salt", m->salt, MOOT_SALT_SIZE);
            set_hex(j, "bh", m->bh, MOOT_HASH_SIZE);
        }
        if (m->has_sig)
            set_hex(j, "sig", m->sig, MOOT_SIG_SIZE);
        if (m->path.of > 0)
            set(j, "path", path_tree(&m->path));
        assert_int_equal(moot__json_add(list, j), MOOT_OK);
    }
    return list;
}

static struct moot_json *trees(void)
{
    static const size_t sizes[] = {2, 3, 4, 5, 7, 8, 13};
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t s = 0; s < MOOT_COUNT(sizes); s++) {
        uint8_t ids[13][MOOT_HASH_SIZE];
        uint8_t root[MOOT_HASH_SIZE];
        struct moot_merkle_path paths[13];
        struct moot_json *tree = moot__json_new(MOOT_JSON_OBJECT);
        struct moot_json *leaves = moot__json_new(MOOT_JSON_ARRAY);
        for (size_t i = 0; i < sizes[s]; i++) {
            char text[20];
            int len = snprintf(text, sizeof(text), "leaf %zu", i);
            moot__hash(text, (size_t)len, ids[i]);
        }
        assert_int_equal(
            moot__merkle_make((const uint8_t(*)[MOOT_HASH_SIZE])ids, sizes[s], paths, root),
            MOOT_OK);
        for (size_t i = 0; i < sizes[s]; i++) {
            struct moot_json *leaf = moot__json_new(MOOT_JSON_OBJECT);
            set_hex(leaf, "id", ids[i], MOOT_HASH_SIZE);
            set(leaf, "path", path_tree(&paths[i]));
            free(paths[i].h);
            assert_int_equal(moot__json_add(leaves, leaf), MOOT_OK);
        }
        set(tree, "leaves", leaves);
        set_hex(tree, "root", root, MOOT_HASH_SIZE);
        assert_int_equal(moot__json_add(list, tree), MOOT_OK);
    }
    return list;
}

static struct moot_json *signatures(const struct proof *p)
{
    static const char *const types[] = {MOOT_PAE_MESSAGE, MOOT_PAE_ROOT, MOOT_PAE_ANCHOR,
                                        MOOT_PAE_CERT};
    static const char *const texts[] = {"", "abc", "caf\xc3\xa9"};
    const struct moot_key *keys[] = {p->owner, p->host};
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; i < MOOT_COUNT(types) * MOOT_COUNT(texts) * MOOT_COUNT(keys); i++) {
        const char *type = types[i % 4];
        const char *text = texts[i / 4 % 3];
        const struct moot_key *k = keys[i / 12];
        uint8_t sig[MOOT_SIG_SIZE];
        struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
        assert_int_equal(moot__sign(k, type, text, strlen(text), sig), MOOT_OK);
        assert_int_equal(moot__json_set_text(j, "type", type), MOOT_OK);
        assert_int_equal(moot__json_set_text(j, "text", text), MOOT_OK);
        set_hex(j, "key", moot__key_bytes(k), 32);
        assert_int_equal(moot__json_set_text(j, "kid", moot__key_kid(k)), MOOT_OK);
        set_hex(j, "sig", sig, MOOT_SIG_SIZE);
        assert_int_equal(moot__json_add(list, j), MOOT_OK);
    }
    return list;
}

static struct moot_json *draws(void)
{
    static const char *const names[] = {"", "1", "3/email#2", "run/report#1"};
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (uint32_t i = 0; i < 12; i++) {
        char text[24];
        struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
        uint64_t drawn = moot__draw(i % 3, names[i % 4], i);
        snprintf(text, sizeof(text), "%llu", (unsigned long long)drawn);
        assert_int_equal(moot__json_set_int(j, "seed", i % 3), MOOT_OK);
        assert_int_equal(moot__json_set_text(j, "name", names[i % 4]), MOOT_OK);
        assert_int_equal(moot__json_set_int(j, "i", i), MOOT_OK);
        assert_int_equal(moot__json_set_text(j, "drawn", text), MOOT_OK);
        assert_int_equal(moot__json_add(list, j), MOOT_OK);
    }
    return list;
}

/* Compares with what is frozen, or freezes it. */
static void frozen(const char *path, const struct moot_buf *text)
{
    const char *write = getenv("MOOT_WRITE_VECTORS");
    if (write != NULL && strcmp(write, "1") == 0) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
        assert_int_equal(fclose(f), 0);
    }
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char bytes[1 << 20];
    size_t len = fread(bytes, 1, sizeof(bytes), f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(len, text->len);
    assert_memory_equal(bytes, text->data, len);
}

static void vectors(void **state)
{
    (void)state;
    struct proof p;
    struct moot_buf text;
    proof_make(&p);
    struct moot_json *all = moot__json_new(MOOT_JSON_OBJECT);
    set(all, "messages", statements(&p));
    set(all, "trees", trees());
    set(all, "signatures", signatures(&p));
    set(all, "draws", draws());
    moot__buf_init(&text, MOOT_MAX_JSON);
    assert_int_equal(moot__json_write_pretty(all, &text), MOOT_OK);
    moot__buf_addc(&text, '\n');
    frozen(VECTORS, &text);
    moot__buf_release(&text);
    moot__json_free(all);
    proof_release(&p);
}

static void add_lines(struct moot_buf *text, const struct proof *p)
{
    struct proof_lines l;
    proof_export(p, &l);
    for (size_t i = 0; i < l.count; i++) {
        moot__buf_adds(text, l.line[i]);
        moot__buf_addc(text, '\n');
    }
    proof_lines_release(&l);
}

static void people(void **state)
{
    (void)state;
    struct moot_buf text;
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (size_t i = 0; i < proof_said_count; i++) {
        struct proof p;
        struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
        proof_say(&p, &proof_said[i]);
        moot__buf_clear(&text);
        add_lines(&text, &p);
        assert_int_equal(moot__json_set_int(j, "exit", proof_said[i].exit), MOOT_OK);
        assert_int_equal(moot__json_set_text(j, "journal", moot__buf_text(&text)), MOOT_OK);
        assert_int_equal(moot__json_add(list, j), MOOT_OK);
        proof_release(&p);
    }
    moot__buf_clear(&text);
    assert_int_equal(moot__json_write_pretty(list, &text), MOOT_OK);
    moot__buf_addc(&text, '\n');
    frozen(PEOPLE, &text);
    moot__buf_release(&text);
    moot__json_free(list);
}

static void journal(void **state)
{
    (void)state;
    static const struct moot_verify_options plain;
    struct proof p;
    struct moot_buf text;
    struct moot_verify_result r;
    proof_make(&p);
    moot__buf_init(&text, MOOT_MAX_JSON);
    add_lines(&text, &p);
    frozen(JOURNAL, &text);
    if (moot__verify_file(JOURNAL, &plain, &r) != MOOT_OK)
        fail_msg("%s", r.error.message);
    moot__buf_release(&text);
    proof_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(journal),
        cmocka_unit_test(people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
