#include "runtime/verify.h"

#include "tests/lib/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/moot-verify-XXXXXX", 24);
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static const char *below(const char *name)
{
    static char out[4][256];
    static unsigned next;
    char *path = out[next++ % 4];
    snprintf(path, sizeof(out[0]), "%s/%s", dir, name);
    return path;
}

static int remove_dir(void **state)
{
    (void)state;
    static const char *const names[] = {
        "j.db",     "j.lock",  "old.db",           "j.db-wal",
        "j.db-shm", "x.jsonl", "heads/" PROOF_RUN, "heads/" PROOF_OTHER_RUN,
        "heads"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        (void)remove(below(names[i]));
    return rmdir(dir);
}

static const struct moot_verify_options plain;

static void all_is_well(const struct moot_verify_result *r)
{
    if (r->status != MOOT_OK)
        fail_msg("%s", r->error.message);
    assert_string_equal(r->fault, "");
    assert_int_equal(r->seq, -1);
    assert_string_equal(r->run, PROOF_RUN);
    assert_int_equal(r->messages, PROOF_MESSAGES);
    /* genesis, analyst twice, approval, five of writer, verdict, key, analyst, amend, redaction,
     * close */
    assert_int_equal(r->signatures, 15);
    assert_int_equal(r->keys, 8);
    assert_int_equal(r->anchors, 2);
    assert_int_equal(r->redacted, 1);
    assert_int_equal(r->resumes, 1);
    assert_int_equal(r->forks, 0);
    assert_int_equal(r->unwitnessed, PROOF_KEY - 1 - PROOF_TOOL_CALL);
    assert_int_equal(r->amended, 1);
    assert_int_equal(r->unsandboxed, 1);
    assert_true(r->closed);
    assert_false(r->head_compared);
}

static void a_whole_run(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_make(&p);
    proof_export(&p, &l);
    assert_int_equal(l.count, PROOF_LINES);
    proof_write(&l, below("x.jsonl"));
    assert_int_equal(moot__verify_file(below("x.jsonl"), &plain, &r), MOOT_OK);
    all_is_well(&r);
    assert_string_equal(r.owner, moot__key_kid(p.owner));
    proof_journal(&p, below("j.db"));
    assert_int_equal(moot__verify_file(below("j.db"), &plain, &r), MOOT_OK);
    all_is_well(&r);
    struct moot_journal *j = NULL;
    assert_int_equal(moot__journal_open(below("j.db"), MOOT_JOURNAL_WRITE, NULL, &j, NULL),
                     MOOT_OK);
    assert_int_equal(moot__verify_journal(j, &plain, &r), MOOT_OK);
    all_is_well(&r);
    moot__journal_close(j);
    proof_lines_release(&l);
    proof_release(&p);
}

static void options(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_make(&p);
    proof_export(&p, &l);
    proof_write(&l, below("x.jsonl"));
    struct moot_verify_options o = {.owner = moot__key_kid(p.owner)};
    assert_int_equal(moot__verify_file(below("x.jsonl"), &o, &r), MOOT_OK);
    o.owner = moot__key_kid(p.stranger);
    assert_int_equal(moot__verify_file(below("x.jsonl"), &o, &r), MOOT_EKEY);
    assert_string_equal(r.fault, "owner");
    assert_int_equal(r.seq, 0);
    struct moot_verify_options strict = {.strict = true};
    assert_int_equal(moot__verify_file(below("x.jsonl"), &strict, &r), MOOT_EINCOMPLETE);
    assert_string_equal(r.fault, "strict");
    proof_lines_release(&l);
    proof_release(&p);
}

static void files_that_are_none(void **state)
{
    (void)state;
    struct moot_verify_result r;
    assert_int_equal(moot__verify_file(below("nothing"), &plain, &r), MOOT_ENOTFOUND);
    assert_int_equal(moot__verify_exit(r.status), 2);
    assert_int_equal(moot__verify_file(dir, &plain, &r), MOOT_EIO);
    struct proof_lines l = {.count = 0};
    proof_write(&l, below("x.jsonl"));
    assert_int_equal(moot__verify_file(below("x.jsonl"), &plain, &r), MOOT_EINCOMPLETE);
    FILE *f = fopen(below("x.jsonl"), "wb");
    fprintf(f, "hello\n");
    fclose(f);
    assert_int_equal(moot__verify_file(below("x.jsonl"), &plain, &r), MOOT_EMALFORMED);
    assert_non_null(strstr(r.error.message, "line 1"));
}

/* An unfinished run is never "ok", and never a fault of what is there. */
static void prefixes_are_incomplete(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_make(&p);
    proof_export(&p, &l);
    while (l.count > 1) {
        proof_lines_remove(&l, l.count - 1);
        proof_write(&l, below("x.jsonl"));
        int status = moot__verify_file(below("x.jsonl"), &plain, &r);
        /* Between the loss of a body and the redaction that names it there is no honest state. */
        bool unnamed = r.messages > PROOF_REDACTED && r.messages <= 19;
        assert_int_equal(status, unnamed ? MOOT_ECHAIN : MOOT_EINCOMPLETE);
        assert_string_equal(r.fault, unnamed ? "body" : "end");
    }
    proof_lines_release(&l);
    proof_release(&p);
}

static void heads_detect_older_copies(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    struct moot_verify_options o = {.state_dir = dir};
    proof_make(&p);
    proof_export(&p, &l);
    proof_write(&l, below("x.jsonl"));
    proof_journal(&p, below("j.db"));
    const struct moot_message *last = p.messages[PROOF_CLOSE];
    assert_int_equal(moot__head_store(dir, PROOF_RUN, 9, p.messages[9]->link, NULL), MOOT_OK);
    assert_int_equal(moot__verify_file(below("j.db"), &o, &r), MOOT_OK);
    assert_true(r.head_compared);
    assert_int_equal(moot__head_store(dir, PROOF_RUN, 9, last->link, NULL), MOOT_OK);
    assert_int_equal(moot__verify_file(below("j.db"), &o, &r), MOOT_ECHAIN);
    assert_string_equal(r.fault, "head");
    assert_int_equal(r.seq, 9);
    assert_int_equal(moot__head_store(dir, PROOF_RUN, last->seq + 1, last->link, NULL), MOOT_OK);
    assert_int_equal(moot__verify_file(below("j.db"), &o, &r), MOOT_ECHAIN);
    assert_string_equal(r.fault, "head");
    assert_int_equal(moot__verify_file(below("x.jsonl"), &o, &r), MOOT_EINCOMPLETE);
    proof_lines_release(&l);
    proof_release(&p);
}

/* What a fork says of where it began must be so. */
static void a_fork_of_elsewhere(void **state)
{
    (void)state;
    char link[MOOT_HEX_SIZE];
    static const struct {
        const char *run;
        int64_t seq;
        bool right;
        int status;
    } cases[] = {
        {PROOF_RUN, PROOF_VERDICT, true, MOOT_OK},
        {PROOF_OTHER_RUN, PROOF_VERDICT, true, MOOT_ECHAIN},
        {PROOF_RUN, PROOF_VERDICT - 1, true, MOOT_ECHAIN},
        {PROOF_RUN, PROOF_VERDICT, false, MOOT_ECHAIN},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct proof p;
        struct proof_lines l;
        struct moot_verify_result r;
        char more[400];
        proof_init(&p, PROOF_RUN);
        proof_begin(&p);
        proof_middle(&p);
        moot__hex(p.messages[cases[i].right ? PROOF_VERDICT : 3]->link, MOOT_HASH_SIZE, link);
        snprintf(p.run, sizeof(p.run), "%s", PROOF_OTHER_RUN);
        proof_new_keys(&p);
        snprintf(more, sizeof(more), "{\"forked\":{\"link\":\"%s\",\"run\":\"%s\",\"seq\":%lld}}",
                 link, cases[i].run, (long long)cases[i].seq);
        char *body = proof_keys_body(&p, more);
        proof_add(&p, proof_new(&p, MOOT_KEY, "", MOOT_HOST), body, p.host);
        free(body);
        proof_commit(&p);
        proof_finish(&p);
        proof_export(&p, &l);
        proof_write(&l, below("x.jsonl"));
        if (moot__verify_file(below("x.jsonl"), &plain, &r) != cases[i].status)
            fail_msg("case %zu: %s", i, r.error.message);
        if (cases[i].status == MOOT_OK) {
            assert_string_equal(r.from, PROOF_RUN);
            assert_int_equal(r.from_seq, PROOF_VERDICT);
        }
        proof_lines_release(&l);
        proof_release(&p);
    }
}

/* A fork's file begins with the other run's messages as they are. */
static void forks(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines l;
    struct moot_verify_result r;
    proof_init(&p, PROOF_RUN);
    proof_begin(&p);
    proof_middle(&p);
    snprintf(p.run, sizeof(p.run), "%s", PROOF_OTHER_RUN);
    proof_key(&p);
    proof_finish(&p);
    proof_export(&p, &l);
    proof_write(&l, below("x.jsonl"));
    if (moot__verify_file(below("x.jsonl"), &plain, &r) != MOOT_OK)
        fail_msg("%s", r.error.message);
    assert_string_equal(r.run, PROOF_OTHER_RUN);
    assert_int_equal(r.forks, 1);
    assert_int_equal(r.resumes, 0);
    /* a message of the run it came from no longer fits */
    proof_lines_release(&l);
    proof_release(&p);
}

/* An agent made on the way gets its key by a key message without a host's. */
static void added_agents(void **state)
{
    (void)state;
    for (int wrong = 0; wrong < 2; wrong++) {
        struct proof p;
        struct proof_lines l;
        struct moot_verify_result r;
        proof_init(&p, PROOF_RUN);
        proof_begin(&p);
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        struct moot_json *certs = moot__json_new(MOOT_JSON_ARRAY);
        moot__json_add(certs,
                       moot__cert_make(wrong ? p.stranger : p.owner, p.run, "scout", p.approver));
        moot__json_set(body, "keys", certs);
        char *text = moot__json_string(body);
        moot__json_free(body);
        proof_add(&p, proof_new(&p, MOOT_KEY, "", MOOT_HOST), text, p.host);
        free(text);
        proof_add(&p, proof_new(&p, MOOT_MSG, "1", "scout"), "{}", p.approver);
        proof_add(&p, proof_new(&p, MOOT_MSG, "1", "analyst"), "{}", p.analyst);
        proof_add(&p, proof_new(&p, MOOT_CLOSE, "", MOOT_HOST), "{}", p.host);
        proof_commit(&p);
        proof_anchor(&p, p.host);
        proof_export(&p, &l);
        proof_write(&l, below("x.jsonl"));
        moot__verify_file(below("x.jsonl"), &plain, &r);
        assert_int_equal(r.status, wrong ? MOOT_EKEY : MOOT_OK);
        assert_int_equal(r.resumes, 0);
        proof_lines_release(&l);
        proof_release(&p);
    }
}

/* After the close only a redaction, anchored by the owner. */
static void redacted_after_close(void **state)
{
    (void)state;
    for (int who = 0; who < 3; who++) {
        struct proof p;
        struct proof_lines l;
        struct moot_verify_result r;
        proof_make(&p);
        proof_add(&p, proof_new(&p, MOOT_REDACTION, "", "owner"), "{\"messages\":[]}", p.owner);
        proof_commit(&p);
        if (who < 2)
            proof_anchor(&p, who == 0 ? p.owner : p.approver);
        proof_export(&p, &l);
        proof_write(&l, below("x.jsonl"));
        moot__verify_file(below("x.jsonl"), &plain, &r);
        static const int expected[] = {MOOT_OK, MOOT_EKEY, MOOT_EINCOMPLETE};
        assert_int_equal(r.status, expected[who]);
        proof_lines_release(&l);
        proof_release(&p);
    }
}

static void exits(void **state)
{
    (void)state;
    static const int codes[][2] = {
        {MOOT_OK, 0},        {MOOT_ESIGNATURE, 3}, {MOOT_ECHAIN, 4},  {MOOT_EINCOMPLETE, 5},
        {MOOT_EKEY, 6},      {MOOT_EMALFORMED, 7}, {MOOT_ETOOBIG, 7}, {MOOT_EIO, 11},
        {MOOT_ENOTFOUND, 2}, {MOOT_EVERSION, 2},   {MOOT_ENOMEM, 1}};
    for (size_t i = 0; i < MOOT_COUNT(codes); i++)
        assert_int_equal(moot__verify_exit(codes[i][0]), codes[i][1]);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(a_whole_run),
        IN_DIR(options),
        IN_DIR(files_that_are_none),
        IN_DIR(prefixes_are_incomplete),
        IN_DIR(heads_detect_older_copies),
        IN_DIR(a_fork_of_elsewhere),
        IN_DIR(forks),
        IN_DIR(added_agents),
        IN_DIR(redacted_after_close),
        cmocka_unit_test(exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
