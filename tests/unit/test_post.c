#include "runtime/post.h"

#include "tests/lib/proof.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 2000 };

static char top[64];
static char dir[80];

static int make_dir(void **state)
{
    (void)state;
    memcpy(top, "/tmp/moot-post-XXXXXX", 22);
    if (mkdtemp(top) == NULL)
        return -1;
    snprintf(dir, sizeof(dir), "%s/r.post", top);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    char command[200];
    snprintf(command, sizeof(command), "%s/target", top);
    (void)remove(command);
    (void)rmdir(dir);
    return rmdir(top);
}

static struct moot_key *key(uint8_t number)
{
    uint8_t seed[32] = {number};
    return moot__key_from_seed(seed);
}

struct said {
    const char *run, *from, *nonce;
    int64_t ts, exp;
};

static struct moot_message *make(const struct said *s, const struct moot_key *k)
{
    static const uint8_t salt[MOOT_SALT_SIZE];
    struct moot_message *m = moot__message_new(MOOT_ANSWER);
    moot__message_set(&m->run, s->run);
    moot__message_set(&m->conv, "1");
    moot__message_set(&m->from, s->from);
    moot__message_set(&m->nonce, s->nonce);
    moot__message_set(&m->kid, moot__key_kid(k));
    m->n = s->nonce == NULL;
    m->exp = s->exp;
    m->ts = s->ts;
    assert_int_equal(moot__message_seal(m, moot__json_new(MOOT_JSON_OBJECT), salt, NULL), MOOT_OK);
    assert_int_equal(moot__sign_batch(k, &m, 1, NULL), MOOT_OK);
    return m;
}

#define NONCE(digit) "00112233445566778899aab" digit

struct seen {
    int good, bad;
    int last_bad;
    int64_t last_ts;
    char id[300];
    int stop;
};

static int see(void *arg, const char *id, struct moot_message *m, const struct moot_error *bad)
{
    struct seen *s = arg;
    snprintf(s->id, sizeof(s->id), "%s", id);
    if (m == NULL) {
        s->bad++;
        s->last_bad = bad->code;
        assert_true(bad->message[0] != '\0');
    } else {
        assert_null(bad);
        assert_true(m->ts >= s->last_ts);
        s->last_ts = m->ts;
        s->good++;
    }
    return s->stop;
}

static struct seen scan(const struct moot_key *k)
{
    struct seen s = {0};
    struct moot_error err = {0};
    if (moot__post_scan(dir, PROOF_RUN, &k, 1, NOW, see, &s, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    return s;
}

static void written_and_read(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    assert_int_equal(scan(k).good, 0);
    static const struct said all[] = {{PROOF_RUN, "ann", NONCE("0"), 30, 5000},
                                      {PROOF_RUN, "ann", NONCE("1"), 10, 5000},
                                      {PROOF_RUN, "bob", NONCE("2"), 20, NOW}};
    char ids[3][MOOT_HEX_SIZE];
    for (size_t i = 0; i < 3; i++) {
        struct moot_message *m = make(&all[i], k);
        moot__hex(m->id, MOOT_HASH_SIZE, ids[i]);
        assert_int_equal(moot__post_write(dir, m, NULL), MOOT_OK);
        assert_int_equal(moot__post_write(dir, m, NULL), MOOT_OK); /* a repeat is the same file */
        moot__message_unref(m);
    }
    struct stat st;
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    struct seen s = scan(k);
    assert_int_equal(s.good, 3);
    assert_int_equal(s.bad, 0);
    assert_string_equal(s.id, ids[0]); /* said last */
    s = (struct seen){.stop = MOOT_ECANCELED};
    assert_int_equal(
        moot__post_scan(dir, PROOF_RUN, (const struct moot_key *const *)&k, 1, NOW, see, &s, NULL),
        MOOT_ECANCELED);
    assert_int_equal(s.good, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(moot__post_remove(dir, ids[i], NULL), MOOT_OK);
        assert_int_equal(moot__post_remove(dir, ids[i], NULL), MOOT_OK);
    }
    assert_int_equal(scan(k).good, 0);
    assert_int_equal(moot__post_remove(dir, "../x", NULL), MOOT_EINVAL);
    assert_int_equal(moot__post_remove(dir, ".x", NULL), MOOT_EINVAL);
    moot__key_free(k);
}

static void not_for_posting(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    static const struct said counted = {PROOF_RUN, "ann", NULL, 1, 0};
    static const struct said posted = {PROOF_RUN, "ann", NONCE("0"), 1, 5000};
    struct moot_message *m = make(&counted, k);
    assert_int_equal(moot__post_write(dir, m, NULL), MOOT_EINVAL);
    moot__message_unref(m);
    m = make(&posted, k);
    m->has_sig = false;
    assert_int_equal(moot__post_write(dir, m, NULL), MOOT_EINVAL);
    m->has_sig = true;
    m->seq = 4;
    assert_int_equal(moot__post_write(dir, m, NULL), MOOT_EINVAL);
    moot__message_unref(m);
    moot__key_free(k);
}

static void write_file(const char *name, const char *text, size_t len)
{
    char path[300];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
}

/* Case 89: forged, repeated, of another run, expired, by a key that is no approver's. */
static void refused(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    struct moot_key *stranger = key(2);
    static const struct {
        struct said said;
        bool forged, stranger;
        int status;
    } cases[] = {
        {{PROOF_RUN, "ann", NONCE("0"), 1, NOW - 1}, false, false, MOOT_ETIMEOUT},
        {{PROOF_OTHER_RUN, "ann", NONCE("0"), 1, 5000}, false, false, MOOT_EKEY},
        {{PROOF_RUN, MOOT_HOST, NONCE("0"), 1, 5000}, false, false, MOOT_EKEY},
        {{PROOF_RUN, "ann", NONCE("0"), 1, 5000}, false, true, MOOT_EKEY},
        {{PROOF_RUN, "ann", NONCE("0"), 1, 5000}, true, false, MOOT_ESIGNATURE},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_message *m = make(&cases[i].said, cases[i].stranger ? stranger : k);
        m->sig[3] = (uint8_t)(m->sig[3] ^ cases[i].forged);
        assert_int_equal(moot__post_write(dir, m, NULL), MOOT_OK);
        moot__message_unref(m);
        struct seen s = scan(k);
        assert_int_equal(s.good, 0);
        assert_int_equal(s.bad, 1);
        assert_int_equal(s.last_bad, cases[i].status);
        assert_int_equal(moot__post_remove(dir, s.id, NULL), MOOT_OK);
    }
    moot__key_free(stranger);
    moot__key_free(k);
}

static void strange_files(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    static const struct said said = {PROOF_RUN, "ann", NONCE("0"), 1, 5000};
    struct moot_message *m = make(&said, k);
    struct moot_buf line;
    char id[MOOT_HEX_SIZE];
    char name[100];
    moot__buf_init(&line, 10000);
    moot__message_export(m, &line);
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    assert_int_equal(mkdir(dir, 0700), 0);
    /* not looked at */
    write_file(".x.post", "x", 1);
    write_file("x.tmp", "x", 1);
    write_file(".post", "x", 1);
    assert_int_equal(scan(k).bad, 0);
    snprintf(name, sizeof(name), "%s.post", id);
    write_file(name, line.data, line.len); /* without its newline: cut off */
    assert_int_equal(scan(k).last_bad, MOOT_EMALFORMED);
    moot__buf_addc(&line, '\n');
    write_file("other.post", line.data, line.len);
    assert_int_equal(scan(k).bad, 2);
    write_file(name, line.data, line.len);
    struct seen s = scan(k);
    assert_int_equal(s.good, 1);
    assert_int_equal(s.bad, 1);
    assert_int_equal(moot__post_remove(dir, "other", NULL), MOOT_OK);
    /* every byte changed */
    for (size_t i = 0; i < line.len; i++) {
        line.data[i] = (char)(line.data[i] ^ 4);
        write_file(name, line.data, line.len);
        s = scan(k);
        assert_int_equal(s.good, 0);
        assert_int_equal(s.bad, 1);
        line.data[i] = (char)(line.data[i] ^ 4);
    }
    assert_int_equal(moot__post_remove(dir, id, NULL), MOOT_OK);
    /* a link to a good one, a FIFO, a folder */
    char path[300];
    char target[200];
    snprintf(target, sizeof(target), "%s/target", top);
    int fd = open(target, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, line.data, line.len), (ssize_t)line.len);
    close(fd);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(symlink(target, path), 0);
    s = scan(k);
    assert_int_equal(s.good, 0);
    assert_int_equal(s.bad, 1);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(scan(k).bad, 1);
    assert_int_equal(remove(path), 0);
    static const char *const left[] = {".x.post", "x.tmp", ".post"};
    for (size_t i = 0; i < MOOT_COUNT(left); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, left[i]);
        assert_int_equal(remove(path), 0);
    }
    moot__buf_release(&line);
    moot__message_unref(m);
    moot__key_free(k);
}

/* A flood is taken in batches. */
static void flood(void **state)
{
    (void)state;
    struct moot_key *k = key(1);
    char name[40];
    assert_int_equal(mkdir(dir, 0700), 0);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "%d.post", i);
        write_file(name, "x\n", 2);
    }
    int left = 300;
    while (left > 0) {
        struct seen s = scan(k);
        assert_int_equal(s.bad, left < MOOT_POST_BATCH ? left : MOOT_POST_BATCH);
        for (int i = 0; i < 300; i++) {
            snprintf(name, sizeof(name), "%d", i);
            if (i >= 300 - left && i < 300 - left + s.bad)
                assert_int_equal(moot__post_remove(dir, name, NULL), MOOT_OK);
        }
        left -= s.bad;
    }
    moot__key_free(k);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(written_and_read), IN_DIR(not_for_posting), IN_DIR(refused),
        IN_DIR(strange_files),    IN_DIR(flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
