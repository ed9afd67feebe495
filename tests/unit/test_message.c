#include "runtime/message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RUN "00112233445566778899aabbccddeeff"
#define BH "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
#define KID "abcdefghijklmnopqrstuvwxya"

static const uint8_t SALT[MOOT_SALT_SIZE] = {1, 2, 3};

static struct moot_message *make(void)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    assert_non_null(m);
    assert_int_equal(moot__message_set(&m->run, RUN), MOOT_OK);
    assert_int_equal(moot__message_set(&m->conv, "3/email#2"), MOOT_OK);
    assert_int_equal(moot__message_set(&m->from, "analyst"), MOOT_OK);
    assert_int_equal(moot__message_set(&m->kid, KID), MOOT_OK);
    assert_int_equal(moot__message_set(&m->task, "email"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->to, &m->to_count, "writer"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->to, &m->to_count, "judge"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->to, &m->to_count, "writer"), MOOT_OK);
    assert_int_equal(moot__message_add(&m->prov, &m->prov_count, "web"), MOOT_OK);
    m->n = 1;
    m->ts = 1700000000000;
    return m;
}

static struct moot_json *body(const char *text)
{
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(text, strlen(text), &j, NULL), MOOT_OK);
    return j;
}

static struct moot_message *make_sealed(void)
{
    struct moot_message *m = make();
    struct moot_error err = {0};
    if (moot__message_seal(m, body("{\"parts\":[{\"text\":\"h\\u00e9\"}],\"a\":1}"), SALT, &err))
        fail_msg("%s", err.message);
    return m;
}

static void kinds(void **state)
{
    (void)state;
    for (int i = 0; i < MOOT_KIND_COUNT; i++)
        assert_int_equal(moot__kind_parse(moot_kind_text((enum moot_kind)i)), i);
    assert_int_equal(moot__kind_parse("Msg"), MOOT_KIND_COUNT);
    assert_int_equal(moot__kind_parse(NULL), MOOT_KIND_COUNT);
    assert_true(moot__kind_signed(MOOT_MSG, "analyst"));
    assert_false(moot__kind_signed(MOOT_MSG, MOOT_HOST));
    assert_true(moot__kind_signed(MOOT_GENESIS, MOOT_HOST));
    assert_false(moot__kind_signed(MOOT_MODEL_REPLY, "analyst"));
}

static void canonical_statement(void **state)
{
    (void)state;
    struct moot_message *m = make_sealed();
    char bh[MOOT_HEX_SIZE];
    char expected[1000];
    moot__hex(m->bh, MOOT_HASH_SIZE, bh);
    snprintf(expected, sizeof(expected),
             "{\"bh\":\"%s\",\"conv\":\"3/email#2\",\"from\":\"analyst\",\"kid\":\"" KID
             "\",\"kind\":\"msg\",\"n\":1,\"prov\":[\"web\"],\"run\":\"" RUN
             "\",\"task\":\"email\",\"to\":[\"judge\",\"writer\"],\"ts\":1700000000000,\"v\":1}",
             bh);
    assert_string_equal(m->statement->data, expected);
    size_t len = 0;
    assert_string_equal(moot_message_body(m, &len),
                        "{\"a\":1,\"parts\":[{\"text\":\"h\xc3\xa9\"}]}");
    assert_int_equal(len, strlen(moot_message_body(m, NULL)));
    uint8_t salted[200];
    uint8_t hash[MOOT_HASH_SIZE];
    memcpy(salted, SALT, MOOT_SALT_SIZE);
    memcpy(salted + MOOT_SALT_SIZE, m->body_bytes->data, len);
    moot__hash(salted, MOOT_SALT_SIZE + len, hash);
    assert_memory_equal(hash, m->bh, MOOT_HASH_SIZE);
    moot__hash(expected, strlen(expected), hash);
    assert_memory_equal(hash, m->id, MOOT_HASH_SIZE);
    moot__message_unref(m);
}

static void looking(void **state)
{
    (void)state;
    struct moot_message *m = moot__message_ref(make_sealed());
    moot__message_unref(m);
    assert_int_equal(moot_message_kind(m), MOOT_MSG);
    assert_string_equal(moot_message_conv(m), "3/email#2");
    assert_string_equal(moot_message_from(m), "analyst");
    assert_int_equal(moot_message_n(m), 1);
    assert_int_equal(moot_message_to_count(m), 2);
    assert_string_equal(moot_message_to(m, 1), "writer");
    assert_null(moot_message_to(m, 2));
    assert_null(moot_message_item(m));
    assert_string_equal(moot_message_task(m), "email");
    assert_null(moot_message_re_from(m));
    assert_int_equal(moot_message_re_n(m), 0);
    assert_int_equal(moot__json_get_int(moot_message_json(m), "a", 0), 1);
    moot__message_unref(m);
    moot__message_unref(NULL);
    struct moot_message *empty = moot__message_new(MOOT_ERROR);
    assert_string_equal(moot_message_conv(empty), "");
    assert_string_equal(moot_message_from(empty), "");
    size_t len = 1;
    assert_null(moot_message_body(empty, &len));
    assert_int_equal(len, 0);
    moot__message_unref(empty);
}

static void seal_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *run, *conv, *from, *kid, *nonce, *item;
        uint32_t n;
        int64_t exp, ts;
    } cases[] = {
        {"run", "00", "", "a", NULL, NULL, NULL, 1, 0, 0},
        {"run", NULL, "", "a", NULL, NULL, NULL, 1, 0, 0},
        {"conv", RUN, NULL, "a", NULL, NULL, NULL, 1, 0, 0},
        {"conv", RUN, "a\nb", "a", NULL, NULL, NULL, 1, 0, 0},
        {"from", RUN, "", "", NULL, NULL, NULL, 1, 0, 0},
        {"from", RUN, "", "a\x1b[2J", NULL, NULL, NULL, 1, 0, 0},
        {"from", RUN, "", "a\xc2\x9b", NULL, NULL, NULL, 1, 0, 0},
        {"from", RUN, "", "a\xff", NULL, NULL, NULL, 1, 0, 0},
        {"kid", RUN, "", "a", "abc", NULL, NULL, 1, 0, 0},
        {"kid", RUN, "", "a", "abcdefghijklmnopqrstuvwxyb", NULL, NULL, 1, 0, 0},
        {"n", RUN, "", "a", NULL, NULL, NULL, 0, 0, 0},
        {"exp", RUN, "", "a", NULL, NULL, NULL, 1, 5, 0},
        {"nonce", RUN, "", "a", NULL, "00", NULL, 0, 5, 0},
        {"exp", RUN, "", "a", NULL, "00112233445566778899aabb", NULL, 0, 0, 0},
        {"item", RUN, "", "a", NULL, NULL, "", 1, 0, 0},
        {"ts", RUN, "", "a", NULL, NULL, NULL, 1, 0, -1},
        {"ts", RUN, "", "a", NULL, NULL, NULL, 1, 0, INT64_C(1) << 53},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_message *m = moot__message_new(MOOT_MSG);
        moot__message_set(&m->run, cases[i].run);
        moot__message_set(&m->conv, cases[i].conv);
        moot__message_set(&m->from, cases[i].from);
        moot__message_set(&m->kid, cases[i].kid);
        moot__message_set(&m->nonce, cases[i].nonce);
        moot__message_set(&m->item, cases[i].item);
        m->n = cases[i].n;
        m->exp = cases[i].exp;
        m->ts = cases[i].ts;
        struct moot_error err = {0};
        assert_int_equal(moot__message_seal(m, body("{}"), SALT, &err), MOOT_EINVAL);
        assert_non_null(strstr(err.message, cases[i].what));
        moot__message_unref(m);
    }
}

static void seal_refuses_bodies(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",        "1", "\"x\"", "null", "{\"a\":1.5}", "{\"a\":1e3}", "{\"a\":9007199254740992}",
        "{\"a\":-0}"};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        struct moot_message *m = make();
        struct moot_error err = {0};
        assert_int_equal(moot__message_seal(m, body(texts[i]), SALT, &err), MOOT_EINVAL);
        assert_non_null(strstr(err.message, "body"));
        moot__message_unref(m);
    }
    struct moot_json *deep = moot__json_new(MOOT_JSON_OBJECT);
    for (int i = 0; i < MOOT_MAX_DEPTH - 1; i++) {
        struct moot_json *outer = moot__json_new(MOOT_JSON_OBJECT);
        assert_int_equal(moot__json_set(outer, "[{\"\\", deep), MOOT_OK);
        deep = outer;
    }
    struct moot_message *m = make();
    assert_int_equal(moot__message_seal(m, deep, SALT, NULL), MOOT_ETOOBIG);
    moot__message_unref(m);
    m = make();
    assert_int_equal(moot__message_seal(m, NULL, SALT, NULL), MOOT_ENOMEM);
    moot__message_unref(m);
}

static void parse_again(void **state)
{
    (void)state;
    struct moot_message *m = make_sealed();
    struct moot_message *p = NULL;
    struct moot_error err = {0};
    if (moot__message_parse(m->statement->data, m->statement->len, &p, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    assert_memory_equal(p->id, m->id, MOOT_HASH_SIZE);
    assert_memory_equal(p->bh, m->bh, MOOT_HASH_SIZE);
    assert_int_equal(p->seq, -1);
    assert_null(p->body);
    uint8_t wrong[MOOT_SALT_SIZE] = {9};
    assert_int_equal(
        moot__message_put_body(p, m->body_bytes->data, m->body_bytes->len, wrong, NULL),
        MOOT_ECHAIN);
    assert_int_equal(moot__message_put_body(p, "{}", 2, SALT, NULL), MOOT_ECHAIN);
    assert_int_equal(moot__message_put_body(p, m->body_bytes->data, m->body_bytes->len, SALT, NULL),
                     MOOT_OK);
    assert_string_equal(moot_message_body(p, NULL), m->body_bytes->data);
    moot__message_unref(p);
    moot__message_unref(m);
}

/* A body that the statement names, but in another form than the canonical one. */
static void put_body_refuses_other_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"b\":1,\"a\":2}",
                                        "{ }",
                                        "{\"a\":1.0}",
                                        "[]",
                                        "{\"a\":\"\\u0041\"}",
                                        "{\"a\":1,\"a\":1}",
                                        "{} ",
                                        "x"};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        char salted[100];
        memcpy(salted, SALT, MOOT_SALT_SIZE);
        size_t len = strlen(texts[i]);
        memcpy(salted + MOOT_SALT_SIZE, texts[i], len);
        uint8_t hash[MOOT_HASH_SIZE];
        char bh[MOOT_HEX_SIZE];
        char statement[300];
        moot__hash(salted, MOOT_SALT_SIZE + len, hash);
        moot__hex(hash, MOOT_HASH_SIZE, bh);
        snprintf(
            statement, sizeof(statement),
            "{\"bh\":\"%s\",\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
            "\",\"ts\":1,\"v\":1}",
            bh);
        struct moot_message *m = NULL;
        assert_int_equal(moot__message_parse(statement, strlen(statement), &m, NULL), MOOT_OK);
        assert_int_equal(moot__message_put_body(m, texts[i], len, SALT, NULL), MOOT_EMALFORMED);
        moot__message_unref(m);
    }
}

#define HEAD "{\"bh\":\"" BH "\","
#define TAIL "\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN "\",\"ts\":1,\"v\":1}"
#define GOOD HEAD "\"conv\":\"\",\"from\":\"a\"," TAIL

static const char *const MALFORMED[] = {
    "",
    "x",
    "[]",
    "null",
    GOOD " ",
    " " GOOD,
    GOOD "x",
    "\xef\xbb\xbf" GOOD,
    GOOD "\r\n",
    HEAD "\"conv\":\"\",\"from\":\"a\"," TAIL "," TAIL,
    /* unknown field, in another case, twice */
    HEAD "\"conv\":\"\",\"extra\":1,\"from\":\"a\"," TAIL,
    HEAD "\"FROM\":\"b\",\"conv\":\"\",\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\",\"from\":\"a\"," TAIL,
    /* order, white space, escapes */
    HEAD "\"from\":\"a\",\"conv\":\"\"," TAIL,
    HEAD "\"conv\": \"\",\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"\\u0061\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\\u0000\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\\ud800\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\\/\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"\xc0\xaf\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\n\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\\n\"," TAIL,
    /* types and missing fields */
    HEAD "\"conv\":null,\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":1," TAIL,
    HEAD "\"conv\":\"\"," TAIL,
    HEAD "\"from\":\"a\"," TAIL,
    "{\"conv\":\"\",\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\",\"item\":null," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\",\"item\":\"\"," TAIL,
    "{\"bh\":\"00\",\"conv\":\"\",\"from\":\"a\"," TAIL,
    "{\"bh\":\"0E5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8\","
    "\"conv\":\"\",\"from\":\"a\"," TAIL,
    HEAD "\"caps\":\"0000000000000000000000000000000000000000000000000000000000000000\","
         "\"conv\":\"\",\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"Msg\",\"n\":1,\"run\":\"" RUN
         "\",\"ts\":1,\"v\":1}",
    /* numbers */
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":0,\"run\":\"" RUN
         "\",\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1.0,\"run\":\"" RUN
         "\",\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":4294967297,\"run\":\"" RUN
         "\",\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"ts\":1e3,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"ts\":-0,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"ts\":9007199254740993,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"ts\":1,\"v\":2}",
    /* sets: empty, unsorted, twice, no texts */
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"prov\":[],\"run\":\"" RUN
         "\",\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"to\":[\"b\",\"a\"],\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"to\":[\"a\",\"a\"],\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"to\":[1],\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\",\"n\":1,\"run\":\"" RUN
         "\",\"to\":\"a\",\"ts\":1,\"v\":1}",
    /* nonce and count */
    HEAD "\"conv\":\"\",\"exp\":5,\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"exp\":0,\"from\":\"a\"," TAIL,
    HEAD "\"conv\":\"\",\"exp\":5,\"from\":\"a\",\"kind\":\"msg\",\"n\":1,"
         "\"nonce\":\"00112233445566778899aabb\",\"run\":\"" RUN "\",\"ts\":1,\"v\":1}",
    HEAD "\"conv\":\"\",\"from\":\"a\",\"kind\":\"msg\","
         "\"nonce\":\"00112233445566778899aabb\",\"run\":\"" RUN "\",\"ts\":1,\"v\":1}",
};

static void parse_refuses(void **state)
{
    (void)state;
    struct moot_message *m = NULL;
    assert_int_equal(moot__message_parse(GOOD, strlen(GOOD), &m, NULL), MOOT_OK);
    moot__message_unref(m);
    for (size_t i = 0; i < MOOT_COUNT(MALFORMED); i++) {
        struct moot_error err = {0};
        m = NULL;
        int status = moot__message_parse(MALFORMED[i], strlen(MALFORMED[i]), &m, &err);
        if (status != MOOT_EMALFORMED || err.code != MOOT_EMALFORMED || m != NULL)
            fail_msg("%d for %s (%s)", status, MALFORMED[i], err.message);
    }
}

static void export_and_import(void **state)
{
    (void)state;
    for (int shape = 0; shape < 8; shape++) {
        struct moot_message *m = make_sealed();
        m->has_sig = (shape & 1) != 0;
        memset(m->sig, 0xab, m->has_sig ? MOOT_SIG_SIZE : 0);
        if ((shape & 2) != 0) {
            m->seq = 12;
            memset(m->link, 0xcd, MOOT_HASH_SIZE);
        }
        if (m->has_sig && (shape & 4) != 0) {
            m->path = (struct moot_merkle_path){.i = 2, .of = 5, .h_count = 3};
            m->path.h = calloc(3, sizeof(*m->path.h));
        } else if ((shape & 4) != 0) { /* redacted */
            moot__json_free(m->body);
            moot__text_unref(m->body_bytes);
            m->body = NULL;
            m->body_bytes = NULL;
        }
        struct moot_buf line;
        moot__buf_init(&line, 10000);
        assert_int_equal(moot__message_export(m, &line), MOOT_OK);
        struct moot_message *p = NULL;
        struct moot_error err = {0};
        if (moot__message_import(line.data, line.len, &p, &err) != MOOT_OK)
            fail_msg("%s: %s", line.data, err.message);
        uint8_t a[MOOT_HASH_SIZE];
        uint8_t b[MOOT_HASH_SIZE];
        moot__message_link(m, m->link, a);
        moot__message_link(p, m->link, b);
        assert_memory_equal(a, b, MOOT_HASH_SIZE);
        assert_int_equal(p->seq, m->seq);
        assert_int_equal(p->body != NULL, m->body != NULL);
        assert_memory_equal(p->id, m->id, MOOT_HASH_SIZE);
        moot__message_unref(p);
        moot__message_unref(m);
        moot__buf_release(&line);
    }
}

/* The link binds id, signature and path. */
static void link_binds(void **state)
{
    (void)state;
    static const uint8_t zero[MOOT_HASH_SIZE];
    struct moot_message *m = make_sealed();
    uint8_t links[5][MOOT_HASH_SIZE];
    moot__message_link(m, zero, links[0]);
    m->has_sig = true;
    moot__message_link(m, zero, links[1]);
    m->path = (struct moot_merkle_path){.i = 0, .of = 2, .h_count = 1};
    m->path.h = calloc(1, sizeof(*m->path.h));
    moot__message_link(m, zero, links[2]);
    m->path.of = 3;
    moot__message_link(m, zero, links[3]);
    moot__message_link(m, links[3], links[4]);
    for (size_t i = 0; i < MOOT_COUNT(links); i++)
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(links[i], links[k], MOOT_HASH_SIZE);
    moot__message_unref(m);
}

static void import_refuses(void **state)
{
    (void)state;
    struct moot_message *m = make_sealed();
    struct moot_buf line;
    moot__buf_init(&line, 10000);
    m->seq = 3;
    m->has_sig = true;
    moot__message_export(m, &line);
    static const struct {
        const char *from, *to;
        int status;
    } edits[] = {
        {"\"seq\":3", "\"seq\":3.0", MOOT_EMALFORMED},
        {"\"seq\":3", "\"seq\":-1", MOOT_EMALFORMED},
        {"\"seq\":3", "\"seq\":9007199254740992", MOOT_EMALFORMED},
        {"\"seq\":3,", "", MOOT_EMALFORMED},
        {"\"seq\":3", "\"Seq\":3", MOOT_EMALFORMED},
        {"\"seq\":3", "\"path\":{},\"seq\":3", MOOT_EMALFORMED},
        {"\"seq\":3", "\"salt\":\"\",\"seq\":3", MOOT_EMALFORMED},
        {"\"sig\":\"00", "\"sig\":\"0", MOOT_EMALFORMED},
        {"\"sig\":\"00", "\"sig\":\"AA", MOOT_EMALFORMED},
        {"\"salt\":\"01", "\"salt\":\"02", MOOT_ECHAIN},
        {"\"a\":1", "\"a\":2", MOOT_ECHAIN},
        {"\"a\":1", "\"a\":1.5", MOOT_EMALFORMED},
        {"\"a\":1", "\"a\": 1", MOOT_EMALFORMED},
        {"\"body\":", "\"body\":[],\"bodx\":", MOOT_EMALFORMED},
        {"\"statement\":{", "\"statement\":[{", MOOT_EMALFORMED},
        {"\"statement\":{", "\"stat\":{", MOOT_EMALFORMED},
    };
    for (size_t i = 0; i < MOOT_COUNT(edits); i++) {
        char *at = strstr(line.data, edits[i].from);
        assert_non_null(at);
        char edited[10000];
        int len = snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - line.data), line.data,
                           edits[i].to, at + strlen(edits[i].from));
        struct moot_error err = {0};
        struct moot_message *p = NULL;
        int status = moot__message_import(edited, (size_t)len, &p, &err);
        if (status != edits[i].status || err.code != status)
            fail_msg("%s: %d (%s)", edits[i].to, status, err.message);
    }
    moot__buf_release(&line);
    moot__message_unref(m);
}

static void paths(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{}",
        "[]",
        "{\"h\":[],\"i\":0,\"of\":2}",
        "{\"h\":[\"" BH "\"],\"i\":0,\"of\":1}",
        "{\"h\":[\"" BH "\"],\"i\":2,\"of\":2}",
        "{\"h\":[\"" BH "\"],\"i\":-1,\"of\":2}",
        "{\"h\":[\"" BH "\"],\"i\":0,\"of\":2,\"x\":0}",
        "{\"h\":[\"" BH "0\"],\"i\":0,\"of\":2}",
        "{\"h\":[0],\"i\":0,\"of\":2}",
        "{\"h\":[\"" BH "\"], \"i\":0,\"of\":2}",
        "{\"h\":\"" BH "\",\"i\":0,\"of\":2}",
    };
    struct moot_merkle_path path;
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++)
        assert_int_equal(moot__merkle_path_parse(wrong[i], strlen(wrong[i]), &path, NULL),
                         MOOT_EMALFORMED);
    static const char good[] = "{\"h\":[\"" BH "\",\"" BH "\"],\"i\":1,\"of\":3}";
    assert_int_equal(moot__merkle_path_parse(good, strlen(good), &path, NULL), MOOT_OK);
    assert_int_equal(path.h_count, 2);
    free(path.h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(canonical_statement),
        cmocka_unit_test(looking),
        cmocka_unit_test(seal_refuses),
        cmocka_unit_test(seal_refuses_bodies),
        cmocka_unit_test(parse_again),
        cmocka_unit_test(put_body_refuses_other_forms),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(export_and_import),
        cmocka_unit_test(link_binds),
        cmocka_unit_test(import_refuses),
        cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
