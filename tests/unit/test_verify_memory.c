/* Each allocation of messages, signatures, journals and verification fails once: the error is
 * MOOT_ENOMEM, nothing is lost, and never is anything taken for proved that was not. */
#include "runtime/merkle.h"
#include "runtime/post.h"
#include "runtime/verify.h"

#include "tests/lib/proof.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER
#endif
#endif

static long live;             /* blocks not given back */
static long until_fails = -1; /* allocations until one fails; below 0: none does */
static bool failed;

#ifndef WITH_SANITIZER
/* The libraries must find these instead of libc's. */
#define SEEN __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *block);

static bool fails(void)
{
    if (until_fails < 0 || until_fails-- > 0)
        return false;
    failed = true;
    return true;
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

SEEN void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

SEEN void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

SEEN void *realloc(void *old, size_t size)
{
    if (fails())
        return NULL;
    live -= old != NULL;
    return counted(__libc_realloc(old, size));
}

SEEN void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}
#endif

static struct proof run;
static struct proof_lines lines;
static char dir[64];
static char path[80];

/* Runs `act` with the first, the second, … allocation failing, until it needs no more. */
static void torture(const char *name, int (*act)(void))
{
#ifdef WITH_SANITIZER
    (void)act;
    (void)live;
    (void)until_fails;
    (void)failed;
    print_message("SKIPPED %s: the sanitizer has malloc for itself\n", name);
    skip();
#else
    until_fails = -1;
    assert_int_equal(act(), MOOT_OK); /* what libraries set up once is there now */
    for (long n = 0;; n++) {
        long before = live;
        failed = false;
        until_fails = n;
        int status = act();
        until_fails = -1;
        if (live != before)
            fail_msg("%s, allocation %ld failing: %ld blocks lost", name, n, live - before);
        if (status != MOOT_OK && (status != MOOT_ENOMEM || !failed))
            fail_msg("%s, allocation %ld failing: %s", name, n, moot__status_text(status));
        if (!failed)
            break;
        assert_true(n < 20000);
    }
#endif
}

static int act_import(void)
{
    struct moot_message *m = NULL;
    const char *line = lines.line[proof_line_of(&lines, PROOF_BATCH, false)];
    int status = moot__message_import(line, strlen(line), &m, NULL);
    moot__message_unref(m);
    return status;
}

static int act_sign(void)
{
    struct moot_message *m[5] = {NULL};
    uint8_t seed[32] = {12};
    struct moot_key *k = moot__key_from_seed(seed);
    int status = k != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (uint32_t i = 0; i < 5 && status == MOOT_OK; i++) {
        static const uint8_t salt[MOOT_SALT_SIZE];
        m[i] = moot__message_new(MOOT_MSG);
        if (m[i] == NULL || moot__message_set(&m[i]->run, PROOF_RUN) != MOOT_OK ||
            moot__message_set(&m[i]->conv, "") != MOOT_OK ||
            moot__message_set(&m[i]->from, "analyst") != MOOT_OK ||
            moot__message_add(&m[i]->to, &m[i]->to_count, "writer") != MOOT_OK ||
            moot__message_set(&m[i]->kid, moot__key_kid(k)) != MOOT_OK) {
            status = MOOT_ENOMEM;
            break;
        }
        m[i]->n = i + 1;
        status = moot__message_seal(m[i], moot__json_new(MOOT_JSON_OBJECT), salt, NULL);
    }
    if (status == MOOT_OK)
        status = moot__sign_batch(k, m, 5, NULL);
    /* A check that could not be made is a signature that is not good. */
    if (status == MOOT_OK && moot__sign_check(k, m[4], NULL) != MOOT_OK)
        status = failed ? MOOT_ENOMEM : MOOT_ESIGNATURE;
    for (size_t i = 0; i < 5; i++)
        moot__message_unref(m[i]);
    moot__key_free(k);
    return status;
}

static int act_certificate(void)
{
    struct moot_key *k = NULL;
    struct moot_json *cert = moot__cert_make(run.owner, PROOF_RUN, "analyst", run.analyst);
    int status = cert != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = moot__cert_check(run.owner, PROOF_RUN, cert, &k, NULL);
    if (status == MOOT_EKEY && failed)
        status = MOOT_ENOMEM;
    moot__json_free(cert);
    moot__key_free(k);
    return status;
}

/* The beginning of a run: well as far as it goes, and so incomplete. */
static int act_verify(void)
{
    static const struct moot_verify_options plain;
    static struct moot_verify_result r;
    int status = moot__verify_file(path, &plain, &r);
    if (status == MOOT_EINCOMPLETE && !failed)
        return MOOT_OK;
    assert_true(status != MOOT_OK);
    /* A signature that could not be checked for want of memory is refused as any other. */
    return failed ? MOOT_ENOMEM : status;
}

static int act_journal(void)
{
    struct moot_journal *j = NULL;
    struct moot_message *m = run.messages[PROOF_BATCH];
    int status = moot__journal_open(path, MOOT_JOURNAL_CREATE, NULL, &j, NULL);
    int64_t seq = m->seq;
    uint8_t link[MOOT_HASH_SIZE];
    memcpy(link, m->link, sizeof(link));
    if (status == MOOT_OK)
        status = moot__journal_append(j, m, NULL);
    if (status == MOOT_OK)
        status = moot__journal_commit(j, true, NULL, NULL, NULL);
    m->seq = seq;
    memcpy(m->link, link, sizeof(link));
    moot__journal_close(j);
    (void)unlink(path);
    /* SQLite takes some failures for others: a sort it could do without, a file it could not open.
     */
    return status == MOOT_OK || failed ? (failed ? MOOT_ENOMEM : MOOT_OK) : status;
}

static int post_each(void *arg, const char *id, struct moot_message *m,
                     const struct moot_error *bad)
{
    (void)id;
    (void)bad;
    *(int *)arg += m != NULL;
    return MOOT_OK;
}

static int act_post(void)
{
    struct moot_message *m = run.messages[PROOF_APPROVAL];
    int64_t seq = m->seq;
    int count = 0;
    m->seq = -1;
    int status = moot__post_write(dir, m, NULL);
    m->seq = seq;
    const struct moot_key *keys[] = {run.approver};
    if (status == MOOT_OK)
        status = moot__post_scan(dir, PROOF_RUN, keys, 1, 0, post_each, &count, NULL);
    char id[MOOT_HEX_SIZE];
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    moot__post_remove(dir, id, NULL);
    if (status == MOOT_OK && count != 1)
        status = MOOT_ENOMEM;
    return status;
}

static int set_up(void **state)
{
    (void)state;
    /* In memory where there is such a place: hundreds of syncs are not what is tried here. */
    snprintf(dir, sizeof(dir), "/dev/shm/moot-memory-XXXXXX");
    if (mkdtemp(dir) == NULL) {
        snprintf(dir, sizeof(dir), "/tmp/moot-memory-XXXXXX");
        if (mkdtemp(dir) == NULL)
            return -1;
    }
    until_fails = -1;
    snprintf(path, sizeof(path), "%s/f", dir);
    proof_make(&run);
    proof_export(&run, &lines);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char lock[100];
    snprintf(lock, sizeof(lock), "%s.lock", path);
    (void)unlink(path);
    (void)unlink(lock);
    proof_lines_release(&lines);
    proof_release(&run);
    return rmdir(dir);
}

static void importing(void **state)
{
    (void)state;
    torture("import", act_import);
}

static void signing(void **state)
{
    (void)state;
    torture("sign", act_sign);
}

static void certifying(void **state)
{
    (void)state;
    torture("certificate", act_certificate);
}

static void verifying(void **state)
{
    (void)state;
    while (lines.count > 8)
        proof_lines_remove(&lines, lines.count - 1);
    proof_write(&lines, path);
    torture("verify", act_verify);
}

static void keeping(void **state)
{
    (void)state;
    torture("journal", act_journal);
}

static void posting(void **state)
{
    (void)state;
    torture("post", act_post);
}

#define SET_UP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SET_UP(importing), SET_UP(signing), SET_UP(certifying),
        SET_UP(verifying), SET_UP(keeping), SET_UP(posting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
