/* Attacks by whoever has some key, numbered as in docs/security.md: the numbers, links and anchors
 * are all made to fit, and it is the wrong key, or the wrong thing said with it, that gives it
 * away. */
#include "runtime/verify.h"

#include "tests/lib/proof.h"
#include "tests/lib/proof_people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int make_file(void **state)
{
    (void)state;
    memcpy(path, "/tmp/moot-attack-XXXXXX", 24);
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void say(struct proof *p, enum moot_kind kind, const char *from, const char *body,
                const struct moot_key *k)
{
    proof_add(p, proof_new(p, kind, "1", from), body, k);
}

static struct moot_message *last(struct proof *p)
{
    return p->messages[p->count - 1];
}

static struct moot_message *posted(struct proof *p, const char *nonce, int64_t exp)
{
    struct moot_message *m = proof_new(p, MOOT_ANSWER, "1", "person");
    assert_int_equal(moot__message_set(&m->nonce, nonce), MOOT_OK);
    m->exp = exp;
    return m;
}

/* ---- what is honest passes ---- */

static void honest(struct proof *p)
{
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
    say(p, MOOT_MSG, "person", "{}", p->approver);
    say(p, MOOT_APPROVAL, "person", "{\"decision\":\"approve\"}", p->approver);
    say(p, MOOT_APPROVAL, MOOT_HOST, "{\"decision\":\"expired\"}", NULL);
    say(p, MOOT_VERDICT, MOOT_HOST, "{\"passed\":true}", NULL);
    say(p, MOOT_AMEND, "person", "{}", p->approver);
    say(p, MOOT_AMEND, "owner", "{}", p->owner);
    proof_add(p, posted(p, "0102030405060708090a0b0c", p->ts + 5000), "{}", p->approver);
}

/* ---- wrong keys ---- */

static void unknown_key(struct proof *p) /* 20 */
{
    say(p, MOOT_MSG, "analyst", "{}", p->stranger);
}

static void unknown_key_of_person(struct proof *p) /* 20 */
{
    say(p, MOOT_ANSWER, "person", "{}", p->stranger);
}

/* Says that it is the analyst's, and is not. */
static void forged(struct proof *p, const struct moot_key *by)
{
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
    struct moot_message *m = last(p);
    assert_int_equal(
        moot__sign(by, MOOT_PAE_MESSAGE, m->statement->data, m->statement->len, m->sig), MOOT_OK);
    m->has_sig = true;
}

static void forged_by_stranger(struct proof *p) /* 20 */
{
    forged(p, p->stranger);
}

static void forged_by_agent(struct proof *p) /* 4 */
{
    forged(p, p->judge);
}

static void agent_as_another(struct proof *p) /* 3 */
{
    say(p, MOOT_MSG, "analyst", "{}", p->judge);
}

static void agent_as_person(struct proof *p)
{
    say(p, MOOT_ANSWER, "person", "{}", p->judge);
}

static void person_as_agent(struct proof *p)
{
    say(p, MOOT_MSG, "analyst", "{}", p->approver);
}

static void host_as_agent(struct proof *p)
{
    say(p, MOOT_MSG, "analyst", "{}", p->host);
}

static void owner_as_approver(struct proof *p) /* not on the list of approvers */
{
    say(p, MOOT_APPROVAL, "person", "{\"decision\":\"approve\"}", p->owner);
}

static void agent_approves(struct proof *p)
{
    say(p, MOOT_APPROVAL, "analyst", "{\"decision\":\"approve\"}", p->analyst);
}

static void host_approves(struct proof *p)
{
    say(p, MOOT_APPROVAL, MOOT_HOST, "{\"decision\":\"approve\"}", NULL);
}

static void host_signs_approval(struct proof *p)
{
    say(p, MOOT_APPROVAL, "person", "{\"decision\":\"approve\"}", p->host);
}

static void earlier_process(struct proof *p) /* 21 */
{
    proof_commit(p);
    proof_key(p);
    say(p, MOOT_MSG, "analyst", "{}", p->old_analyst);
}

static void earlier_host_closes(struct proof *p) /* 21 */
{
    proof_commit(p);
    proof_key(p);
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), "{}", p->old_host);
}

/* ---- posts ---- */

static void expired(struct proof *p) /* 22 */
{
    struct moot_message *m = posted(p, "0102030405060708090a0b0c", 0);
    m->exp = p->messages[2]->ts - 1;
    proof_add(p, m, "{}", p->approver);
}

static void clock_set_back(struct proof *p) /* 23 */
{
    say(p, MOOT_TIMER, MOOT_HOST, "{}", NULL);
    int64_t now = p->ts;
    p->ts -= 100000;
    proof_add(p, posted(p, "0102030405060708090a0b0c", now - 50000), "{}", p->approver);
}

static void nonce_twice(struct proof *p) /* 24 */
{
    proof_add(p, posted(p, "0102030405060708090a0b0c", p->ts + 5000), "{\"a\":1}", p->approver);
    proof_add(p, posted(p, "0102030405060708090a0b0c", p->ts + 5000), "{\"a\":2}", p->approver);
}

static void nonce_unsigned(struct proof *p)
{
    struct moot_message *m = proof_new(p, MOOT_SUMMARY, "1", "person");
    assert_int_equal(moot__message_set(&m->nonce, "0102030405060708090a0b0c"), MOOT_OK);
    m->exp = p->ts + 5000;
    proof_add(p, m, "{}", NULL);
}

/* ---- wrong signatures ---- */

static void malleated(struct proof *p) /* 25 */
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    forged(p, p->analyst); /* its own key: a good signature so far */
    struct moot_message *m = last(p);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)m->sig[32 + i] + order[i];
        m->sig[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void other_domain(struct proof *p, const char *type)
{
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
    struct moot_message *m = last(p);
    assert_int_equal(moot__sign(p->analyst, type, m->statement->data, m->statement->len, m->sig),
                     MOOT_OK);
    m->has_sig = true;
}

static void domain_of_certificates(struct proof *p) /* 27 */
{
    other_domain(p, MOOT_PAE_CERT);
}

static void domain_of_anchors(struct proof *p) /* 27 */
{
    other_domain(p, MOOT_PAE_ANCHOR);
}

static void domain_of_roots(struct proof *p) /* 27 */
{
    other_domain(p, MOOT_PAE_ROOT);
}

static void no_domain(struct proof *p) /* 27: a root's signature over the id alone */
{
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
    struct moot_message *m = last(p);
    assert_int_equal(moot__sign(p->analyst, MOOT_PAE_ROOT, m->id, MOOT_HASH_SIZE, m->sig), MOOT_OK);
    m->has_sig = true;
}

static void foreign_tree(struct proof *p) /* 82 */
{
    for (int i = 0; i < 8; i++)
        say(p, MOOT_MSG, "analyst", i < 4 ? "{\"a\":1}" : "{\"a\":2}", p->analyst);
    struct moot_message **m = p->messages + p->count - 8;
    assert_int_equal(moot__sign_batch(p->analyst, m, 4, NULL), MOOT_OK);
    assert_int_equal(moot__sign_batch(p->analyst, m + 4, 4, NULL), MOOT_OK);
    struct moot_merkle_path path_0 = m[0]->path;
    m[0]->path = m[4]->path;
    m[4]->path = path_0;
}

/* ---- genesis, key, amend, redaction, close ---- */

static void amend_by_agent(struct proof *p) /* 40 */
{
    say(p, MOOT_AMEND, "analyst", "{}", p->analyst);
}

static void amend_by_host(struct proof *p) /* 40 */
{
    say(p, MOOT_AMEND, MOOT_HOST, "{}", p->host);
}

static void amend_unsigned(struct proof *p) /* 40 */
{
    say(p, MOOT_AMEND, MOOT_HOST, "{}", NULL);
}

static void redaction_by_agent(struct proof *p)
{
    say(p, MOOT_REDACTION, "analyst", "{\"messages\":[]}", p->analyst);
}

static void redaction_of_nothing(struct proof *p)
{
    say(p, MOOT_REDACTION, "owner", "{\"messages\":[{\"id\":\"00\",\"seq\":1}]}", p->owner);
}

static void close_by_agent(struct proof *p)
{
    proof_add(p, proof_new(p, MOOT_CLOSE, "", "analyst"), "{}", p->analyst);
}

static void close_of_another_chain(struct proof *p)
{
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), "{\"link\":\"00\"}", p->host);
}

static void close_of_another_number(struct proof *p)
{
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), "{\"seq\":1}", p->host);
}

static void after_close(struct proof *p)
{
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), "{}", p->host);
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
}

static void second_genesis(struct proof *p)
{
    char *body = proof_keys_body(p, "{}");
    proof_add(p, proof_new(p, MOOT_GENESIS, "", MOOT_HOST), body, p->host);
    free(body);
}

static void key_by_another_owner(struct proof *p)
{
    struct moot_key *owner = p->owner;
    p->owner = p->stranger;
    char *body = proof_keys_body(p, "{}");
    p->owner = owner;
    proof_add(p, proof_new(p, MOOT_KEY, "", MOOT_HOST), body, p->host);
    free(body);
}

static void key_of_another_run(struct proof *p) /* certified for one run, brought to another */
{
    char *body = proof_keys_body(p, "{}");
    snprintf(p->run, sizeof(p->run), "%s", PROOF_OTHER_RUN);
    proof_add(p, proof_new(p, MOOT_KEY, "", MOOT_HOST), body, p->host);
    free(body);
}

static void another_run(struct proof *p) /* 17 */
{
    snprintf(p->run, sizeof(p->run), "%s", PROOF_OTHER_RUN);
    say(p, MOOT_MSG, "analyst", "{}", p->analyst);
    snprintf(p->run, sizeof(p->run), "%s", PROOF_RUN);
}

static void key_twice(struct proof *p)
{
    struct moot_json *certs = moot__json_new(MOOT_JSON_ARRAY);
    moot__json_add(certs, moot__cert_make(p->owner, p->run, "judge", p->stranger));
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set(body, "keys", certs);
    char *text = moot__json_string(body);
    moot__json_free(body);
    proof_add(p, proof_new(p, MOOT_KEY, "", MOOT_HOST), text, p->host);
    free(text);
}

static const struct insider {
    const char *name;
    void (*act)(struct proof *p);
    int exit;
    const char *fault;
} INSIDERS[] = {
    {"honest", honest, 0, ""},
    {"20 unknown key", unknown_key, 6, "key"},
    {"20 unknown key of a person", unknown_key_of_person, 6, "key"},
    {"20 forged by a stranger", forged_by_stranger, 3, "signature"},
    {"4 forged by an agent", forged_by_agent, 3, "signature"},
    {"3 an agent as another", agent_as_another, 6, "key"},
    {"3 an agent as a person", agent_as_person, 6, "key"},
    {"3 a person as an agent", person_as_agent, 6, "key"},
    {"3 the host as an agent", host_as_agent, 6, "key"},
    {"an approval by no approver", owner_as_approver, 6, "key"},
    {"an approval by an agent", agent_approves, 6, "key"},
    {"an approval by nobody", host_approves, 3, "signature"},
    {"an approval by the host", host_signs_approval, 6, "key"},
    {"21 key of an earlier process", earlier_process, 6, "key"},
    {"21 host key of an earlier process", earlier_host_closes, 6, "key"},
    {"22 expired", expired, 3, "exp"},
    {"23 clock set back", clock_set_back, 3, "exp"},
    {"24 nonce used twice", nonce_twice, 4, "nonce"},
    {"24 posted unsigned", nonce_unsigned, 3, "signature"},
    {"25 S+L", malleated, 3, "signature"},
    {"27 of a certificate", domain_of_certificates, 3, "signature"},
    {"27 of an anchor", domain_of_anchors, 3, "signature"},
    {"27 of a root", domain_of_roots, 3, "signature"},
    {"27 of a root over an id", no_domain, 3, "signature"},
    {"82 path of another tree", foreign_tree, 3, "signature"},
    {"40 amend by an agent", amend_by_agent, 6, "key"},
    {"40 amend by the host", amend_by_host, 6, "key"},
    {"40 amend by nobody", amend_unsigned, 3, "signature"},
    {"redaction by an agent", redaction_by_agent, 6, "key"},
    {"redaction of nothing", redaction_of_nothing, 4, "redaction"},
    {"close by an agent", close_by_agent, 6, "key"},
    {"close of another chain", close_of_another_chain, 4, "link"},
    {"close of another number", close_of_another_number, 4, "link"},
    {"a message after the close", after_close, 4, "order"},
    {"a second genesis", second_genesis, 4, "order"},
    {"39 key message by another owner", key_by_another_owner, 6, "owner"},
    {"39 certificates for another run", key_of_another_run, 6, "key"},
    {"17 a message of another run", another_run, 4, "run"},
    {"39 a second key of an agent", key_twice, 6, "key"},
};

static int check(struct proof *p, struct moot_verify_result *r)
{
    static const struct moot_verify_options plain;
    struct proof_lines l;
    proof_export(p, &l);
    proof_write(&l, path);
    proof_lines_release(&l);
    return moot__verify_exit(moot__verify_file(path, &plain, r));
}

static void insiders(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < MOOT_COUNT(INSIDERS); i++) {
        const struct insider *a = &INSIDERS[i];
        struct proof p;
        struct moot_verify_result r;
        proof_init(&p, PROOF_RUN);
        proof_begin(&p);
        a->act(&p);
        if (last(&p)->kind != MOOT_CLOSE)
            proof_add(&p, proof_new(&p, MOOT_CLOSE, "", MOOT_HOST), "{}", p.host);
        proof_commit(&p);
        proof_anchor(&p, p.host);
        int code = check(&p, &r);
        if (code != a->exit || strcmp(r.fault, a->fault) != 0) {
            print_error("%s: exit %d, '%s', and not %d, '%s': %s\n", a->name, code, r.fault,
                        a->exit, a->fault, r.error.message);
            wrong++;
        }
        proof_release(&p);
    }
    assert_int_equal(wrong, 0);
}

/* ---- the genesis message itself ---- */

static void edit_genesis(const char *member, const char *value, bool drop, int exit_code)
{
    struct proof p;
    struct moot_verify_result r;
    proof_init(&p, PROOF_RUN);
    char *body = proof_keys_body(&p, "{}");
    struct moot_json *tree = NULL;
    struct moot_json *part = NULL;
    assert_int_equal(moot__json_parse(body, strlen(body), &tree, NULL), MOOT_OK);
    free(body);
    if (!drop)
        assert_int_equal(moot__json_parse(value, strlen(value), &part, NULL), MOOT_OK);
    if (drop)
        moot__json_free(moot__json_take(tree, member));
    else if (strcmp(member, "keys") == 0 && !moot__json_is(part, MOOT_JSON_STRING))
        moot__json_add(moot__json_edit(tree, "keys"), part);
    else
        moot__json_set(tree, member, part);
    body = moot__json_string(tree);
    moot__json_free(tree);
    proof_add(&p, proof_new(&p, MOOT_GENESIS, "", MOOT_HOST), body, p.host);
    free(body);
    proof_add(&p, proof_new(&p, MOOT_CLOSE, "", MOOT_HOST), "{}", p.host);
    proof_commit(&p);
    proof_anchor(&p, p.host);
    int code = check(&p, &r);
    if (code != exit_code)
        fail_msg("%s %s: exit %d and not %d: %s", member, value, code, exit_code, r.error.message);
    proof_release(&p);
}

/* An extra agent's key, certified by `by`. */
static void extra_key(const char *name, const char *run, bool by_owner, int exit_code)
{
    struct proof p;
    proof_init(&p, PROOF_RUN);
    struct moot_json *cert =
        moot__cert_make(by_owner ? p.owner : p.stranger, run, name, p.stranger);
    char *text = moot__json_string(cert);
    moot__json_free(cert);
    edit_genesis("keys", text, false, exit_code);
    free(text);
    proof_release(&p);
}

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static void genesis(void **state)
{
    (void)state;
    extra_key("scout", PROOF_RUN, true, 0);
    extra_key("scout", PROOF_RUN, false, 6);      /* 39 */
    extra_key("scout", PROOF_OTHER_RUN, true, 6); /* 39, 17 */
    extra_key("judge", PROOF_RUN, true, 6);
    extra_key(MOOT_HOST, PROOF_RUN, true, 6);
    edit_genesis("keys", "{}", false, 7);
    edit_genesis("keys", "\"x\"", false, 7);
    /* 26: a public key under which anybody can sign anything */
    edit_genesis("keys",
                 "{\"key\":\"" ZERO "\",\"name\":\"scout\",\"run\":\"" PROOF_RUN
                 "\",\"sig\":\"" ZERO ZERO "\"}",
                 false, 6);
    edit_genesis("owner", "\"" ZERO "\"", false, 6);
    edit_genesis("owner", "\"00\"", false, 7);
    edit_genesis("owner", "", true, 7);
    edit_genesis("host", "", true, 7);
    edit_genesis("host", "{}", false, 7);
    edit_genesis("approvers", "[1,\"x\"]", false, 0);
    edit_genesis("approver_keys", "[\"" ZERO "\"]", false, 6);
    edit_genesis("approver_keys", "[1]", false, 7);
    edit_genesis("people", "{\"ann\":\"x\"}", false, 0);
    edit_genesis("people", "{\"ann\":1}", false, 7);
    edit_genesis("people", "[\"ann\"]", false, 7);
}

/* ---- people with keys of their own ---- */

static void nobody_signs_in_the_name_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < proof_said_count; i++) {
        struct proof p;
        struct moot_verify_result r;
        proof_say(&p, &proof_said[i]);
        int code = check(&p, &r);
        proof_release(&p);
        if (code != proof_said[i].exit)
            fail_msg("case %zu: exit %d and not %d", i, code, proof_said[i].exit);
    }
}

/* ---- anchors ---- */

static void anchors(void **state)
{
    (void)state;
    for (int who = 0; who < 6; who++) {
        struct proof p;
        struct moot_verify_result r;
        proof_init(&p, PROOF_RUN);
        proof_begin(&p);
        if (who == 4)
            proof_key(&p);
        proof_add(&p, proof_new(&p, MOOT_CLOSE, "", MOOT_HOST), "{}", p.host);
        proof_commit(&p);
        const struct moot_key *keys[] = {p.host,  p.stranger, p.analyst,
                                         p.owner, p.old_host, p.stranger};
        static const int expected[] = {0, 6, 6, 6, 6, 3};
        proof_anchor(&p, keys[who]);
        if (who == 5) /* says that it is the host's */
            memcpy(p.anchors[0].kid, moot__key_kid(p.host), MOOT_KID_TEXT);
        assert_int_equal(check(&p, &r), expected[who]);
        proof_release(&p);
    }
}

/* 84: what somebody plants behind the last anchor of a killed run is never taken for witnessed. */
static void planted_tail(void **state)
{
    (void)state;
    struct proof p;
    struct moot_verify_result r;
    proof_init(&p, PROOF_RUN);
    proof_begin(&p);
    proof_anchor(&p, p.host);
    say(&p, MOOT_TOOL_RESULT, MOOT_HOST, "{\"output\":\"planted\"}", NULL);
    proof_commit(&p);
    assert_int_equal(check(&p, &r), 5);
    assert_int_equal(r.unwitnessed, 1);
    /* the run is resumed, closed and anchored: it still says so */
    proof_key(&p);
    proof_add(&p, proof_new(&p, MOOT_CLOSE, "", MOOT_HOST), "{}", p.host);
    proof_commit(&p);
    proof_anchor(&p, p.host);
    assert_int_equal(check(&p, &r), 0);
    assert_int_equal(r.unwitnessed, 1);
    proof_release(&p);
    /* before the anchor it does not fit */
    proof_init(&p, PROOF_RUN);
    proof_begin(&p);
    proof_anchor(&p, p.host);
    struct moot_anchor anchor = p.anchors[0];
    say(&p, MOOT_TOOL_RESULT, MOOT_HOST, "{\"output\":\"planted\"}", NULL);
    proof_commit(&p);
    p.anchors[0] = anchor;
    p.anchors[0].seq++;
    assert_int_equal(check(&p, &r), 3);
    proof_release(&p);
}

#define IN_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FILE(insiders), IN_FILE(genesis),      IN_FILE(nobody_signs_in_the_name_of_another),
        IN_FILE(anchors),  IN_FILE(planted_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
