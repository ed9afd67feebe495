#include "runtime/anchor.h"
#include "runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define RUN "00112233445566778899aabbccddeeff"

static char dir[64];
static char path[128];

static int make_dir(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/moot-journal-XXXXXX", 25);
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/.moot/runs/r.db", dir);
    return 0;
}

static const char *below(const char *name)
{
    static char out[256];
    snprintf(out, sizeof(out), "%s/%s", dir, name);
    return out;
}

static int remove_dir(void **state)
{
    (void)state;
    static const char *const names[] = {".moot/runs/r.db",
                                        ".moot/runs/r.db-wal",
                                        ".moot/runs/r.db-shm",
                                        ".moot/runs/r.lock",
                                        ".moot/runs",
                                        ".moot/.gitignore",
                                        ".moot",
                                        "plain",
                                        "plain.lock"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        (void)remove(below(names[i]));
    return rmdir(dir);
}

static struct moot_journal *open_ok(enum moot_journal_mode mode)
{
    struct moot_journal *j = NULL;
    struct moot_error err = {0};
    if (moot__journal_open(path, mode, NULL, &j, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    return j;
}

static struct moot_message *message(uint32_t n, const char *text)
{
    uint8_t salt[MOOT_SALT_SIZE] = {(uint8_t)n};
    struct moot_message *m = moot__message_new(MOOT_TIMER);
    moot__message_set(&m->run, RUN);
    moot__message_set(&m->conv, "");
    moot__message_set(&m->from, MOOT_HOST);
    m->n = n;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "text", text);
    assert_int_equal(moot__message_seal(m, body, salt, NULL), MOOT_OK);
    return m;
}

static void append(struct moot_journal *j, uint32_t n, const char *text)
{
    struct moot_message *m = message(n, text);
    struct moot_error err = {0};
    if (moot__journal_append(j, m, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(m->seq, n - 1);
    moot__message_unref(m);
}

static void commit(struct moot_journal *j, bool full)
{
    struct moot_error err = {0};
    if (moot__journal_commit(j, full, NULL, NULL, &err) != MOOT_OK)
        fail_msg("%s", err.message);
}

struct seen {
    int64_t first, last;
    int count, redacted;
    uint8_t link[MOOT_HASH_SIZE];
    bool linked;
};

static int see(void *arg, struct moot_message *m)
{
    struct seen *s = arg;
    if (s->count == 0)
        s->first = m->seq;
    if (m->seq == s->last + 1 || s->count == 0) {
        uint8_t link[MOOT_HASH_SIZE];
        moot__message_link(m, s->link, link);
        s->linked = (s->count == 0 || s->linked) && memcmp(link, m->link, sizeof(link)) == 0;
    }
    memcpy(s->link, m->link, MOOT_HASH_SIZE);
    s->last = m->seq;
    s->count++;
    s->redacted += m->body == NULL;
    return 0;
}

static struct seen read_all(struct moot_journal *j, int64_t from)
{
    struct seen s = {0};
    struct moot_error err = {0};
    if (moot__journal_each(j, from, see, &s, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    return s;
}

static void write_and_read(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    assert_string_equal(moot__journal_path(j), path);
    assert_int_equal(moot__journal_seq(j), -1);
    assert_int_equal(moot__journal_anchored(j), -1);
    for (uint32_t n = 1; n <= 150; n++)
        append(j, n, "hello");
    commit(j, true);
    uint8_t link[MOOT_HASH_SIZE];
    memcpy(link, moot__journal_link(j), MOOT_HASH_SIZE);
    append(j, 151, "not committed");
    assert_int_equal(moot__journal_seq(j), 150);
    struct moot_journal *reader = open_ok(MOOT_JOURNAL_READ);
    struct seen s = read_all(reader, 0);
    assert_int_equal(s.count, 150);
    assert_true(s.linked);
    assert_memory_equal(s.link, link, MOOT_HASH_SIZE);
    moot__journal_close(reader);
    moot__journal_close(j); /* rolls back */
    assert_int_not_equal(access(below(".moot/runs/r.db-wal"), F_OK), 0);
    j = open_ok(MOOT_JOURNAL_WRITE);
    assert_int_equal(moot__journal_seq(j), 149);
    assert_memory_equal(moot__journal_link(j), link, MOOT_HASH_SIZE);
    append(j, 151, "again");
    commit(j, false);
    s = read_all(j, 100);
    assert_int_equal(s.first, 100);
    assert_int_equal(s.count, 51);
    moot__journal_close(j);
}

static void folders_are_private(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    struct stat st;
    assert_int_equal(stat(below(".moot"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(below(".moot/.gitignore"), &st), 0);
    assert_int_equal(st.st_size, 2);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    moot__journal_close(j);
}

static int stop_at_3(void *arg, struct moot_message *m)
{
    (void)arg;
    return m->seq == 3 ? MOOT_ECANCELED : 0;
}

static void each_stops(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    for (uint32_t n = 1; n <= 9; n++)
        append(j, n, "x");
    commit(j, false);
    assert_int_equal(moot__journal_each(j, 0, stop_at_3, NULL, NULL), MOOT_ECANCELED);
    moot__journal_close(j);
}

static void proofs_come_back(void **state)
{
    (void)state;
    uint8_t seed[32] = {1};
    struct moot_key *k = moot__key_from_seed(seed);
    struct moot_message *m[5];
    for (uint32_t i = 0; i < 5; i++) {
        static const uint8_t salt[MOOT_SALT_SIZE];
        m[i] = moot__message_new(MOOT_MSG);
        moot__message_set(&m[i]->run, RUN);
        moot__message_set(&m[i]->conv, "1");
        moot__message_set(&m[i]->from, "ann");
        moot__message_set(&m[i]->kid, moot__key_kid(k));
        if (i == 4) {
            moot__message_set(&m[i]->nonce, "00112233445566778899aabb");
            m[i]->exp = 99;
        }
        m[i]->n = i + 1;
        assert_int_equal(moot__message_seal(m[i], moot__json_new(MOOT_JSON_OBJECT), salt, NULL),
                         MOOT_OK);
    }
    assert_int_equal(moot__sign_batch(k, m, 5, NULL), MOOT_OK);
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(moot__journal_append(j, m[i], NULL), MOOT_OK);
    struct moot_anchor a;
    assert_int_equal(moot__anchor_make(k, RUN, 4, moot__journal_link(j), &a), MOOT_OK);
    assert_int_equal(moot__journal_anchor(j, &a, NULL), MOOT_OK);
    assert_int_equal(moot__journal_anchored(j), 4);
    a.seq = 3;
    assert_int_equal(moot__journal_anchor(j, &a, NULL), MOOT_EINVAL);
    commit(j, false);
    struct seen s = read_all(j, 0);
    assert_true(s.linked);
    moot__journal_close(j);
    for (size_t i = 0; i < 5; i++)
        moot__message_unref(m[i]);
    moot__key_free(k);
}

static int check_proof(void *arg, struct moot_message *m)
{
    assert_int_equal(m->n, m->seq + 1);
    return moot__sign_check(arg, m, NULL);
}

static int check_anchor(void *arg, const struct moot_anchor *a)
{
    assert_int_equal(a->seq, 4);
    return moot__anchor_check(arg, a, NULL);
}

static void signatures_survive(void **state)
{
    proofs_come_back(state);
    uint8_t seed[32] = {1};
    struct moot_key *k = moot__key_from_seed(seed);
    struct moot_journal *j = open_ok(MOOT_JOURNAL_READ);
    assert_int_equal(moot__journal_anchored(j), 4);
    assert_int_equal(moot__journal_each(j, 0, check_proof, k, NULL), MOOT_OK);
    assert_int_equal(moot__journal_each_anchor(j, check_anchor, k, NULL), MOOT_OK);
    moot__journal_close(j);
    moot__key_free(k);
}

static void one_writer(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    struct moot_journal *other = NULL;
    struct moot_error err = {0};
    char pid[40];
    snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_WRITE, NULL, &other, &err), MOOT_EBUSY);
    assert_non_null(strstr(err.message, pid));
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_CREATE, NULL, &other, &err), MOOT_EBUSY);
    moot__journal_close(j);
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_CREATE, NULL, &other, &err),
                     MOOT_EEXIST);
    other = open_ok(MOOT_JOURNAL_WRITE);
    moot__journal_close(other);
    /* gone with the process, however it ends, and so is what it had not committed */
    pid_t child = fork();
    if (child == 0) {
        j = open_ok(MOOT_JOURNAL_WRITE);
        append(j, 1, "committed");
        commit(j, false);
        append(j, 2, "not committed");
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    j = open_ok(MOOT_JOURNAL_WRITE);
    assert_int_equal(moot__journal_seq(j), 0);
    moot__journal_close(j);
}

static int sql(const char *text)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    int code = sqlite3_exec(db, text, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static void append_only(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "a");
    append(j, 2, "b");
    commit(j, false);
    moot__journal_close(j);
    static const char *const texts[] = {
        "UPDATE message SET n = 9",
        "DELETE FROM message WHERE seq = 1",
        "DELETE FROM message",
        "INSERT OR REPLACE INTO message SELECT * FROM message WHERE seq = 1",
        "INSERT INTO message SELECT 7, n, statement, sig, path, link FROM message WHERE seq = 1",
        "UPDATE body SET body = '{}'",
        "INSERT INTO anchor VALUES (1,2,3,4,5); UPDATE anchor SET seq = 0",
        "DELETE FROM anchor",
        "INSERT INTO body VALUES (0, x'00', '{}')",
    };
    for (size_t i = 0; i < MOOT_COUNT(texts); i++)
        if (sql(texts[i]) == SQLITE_OK && i != 7)
            fail_msg("%s", texts[i]);
    j = open_ok(MOOT_JOURNAL_READ);
    assert_int_equal(read_all(j, 0).count, 2);
    moot__journal_close(j);
}

static void strange_files(void **state)
{
    (void)state;
    struct moot_journal *j = NULL;
    struct moot_error err = {0};
    snprintf(path, sizeof(path), "%s/plain", dir);
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &err), MOOT_ENOTFOUND);
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_WRITE, NULL, &j, &err), MOOT_ENOTFOUND);
    assert_false(moot__journal_is_file(path));
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    static const char text[] = "this is not a journal, but is longer than its head of 100 bytes .."
                               "................................................................";
    assert_int_equal(write(fd, text, sizeof(text)), (ssize_t)sizeof(text));
    close(fd);
    for (int mode = MOOT_JOURNAL_READ; mode <= MOOT_JOURNAL_WRITE; mode++)
        assert_int_equal(moot__journal_open(path, (enum moot_journal_mode)mode, NULL, &j, &err),
                         MOOT_EMALFORMED);
    assert_false(moot__journal_is_file(path));
    assert_int_equal(remove(path), 0);
    assert_int_equal(sql("CREATE TABLE x (y)"), SQLITE_OK);
    assert_true(moot__journal_is_file(path));
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &err), MOOT_EMALFORMED);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &err), MOOT_EIO);
}

static void strange_schema(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "a");
    commit(j, false);
    moot__journal_close(j);
    static const struct {
        const char *make, *undo;
        int status;
    } cases[] = {
        {"PRAGMA user_version=2", "PRAGMA user_version=1", MOOT_EVERSION},
        {"PRAGMA application_id=1", "PRAGMA application_id=1836019572", MOOT_EMALFORMED},
        {"CREATE TRIGGER t AFTER INSERT ON body BEGIN DELETE FROM body; END", "DROP TRIGGER t",
         MOOT_EMALFORMED},
        {"CREATE VIEW v AS SELECT 1", "DROP VIEW v", MOOT_EMALFORMED},
        {"DROP TRIGGER message_delete", NULL, MOOT_EMALFORMED},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_error err = {0};
        assert_int_equal(sql(cases[i].make), SQLITE_OK);
        assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &err),
                         cases[i].status);
        assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_WRITE, NULL, &j, &err),
                         cases[i].status);
        if (cases[i].undo != NULL) {
            assert_int_equal(sql(cases[i].undo), SQLITE_OK);
            moot__journal_close(open_ok(MOOT_JOURNAL_WRITE));
        }
    }
}

/* Whether a file of the journal holds a text anywhere. */
static bool holds(const char *name, const char *text)
{
    int fd = open(below(name), O_RDONLY);
    if (fd < 0)
        return false;
    static char bytes[1 << 20];
    ssize_t got = read(fd, bytes, sizeof(bytes));
    close(fd);
    return got > 0 && memmem(bytes, (size_t)got, text, strlen(text)) != NULL;
}

static void redacted_text_is_gone(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "first");
    append(j, 2, "a secret that must go");
    append(j, 3, "last");
    commit(j, false);
    moot__journal_close(j);
    assert_true(holds(".moot/runs/r.db", "a secret that must go"));
    j = open_ok(MOOT_JOURNAL_WRITE);
    append(j, 4, "redaction");
    int64_t seq = 1;
    int64_t wrong = 4;
    assert_int_equal(moot__journal_redact(j, &wrong, 1, NULL), MOOT_EINVAL);
    assert_int_equal(moot__journal_redact(j, &seq, 1, NULL), MOOT_OK);
    assert_false(holds(".moot/runs/r.db", "a secret that must go"));
    assert_false(holds(".moot/runs/r.db-wal", "a secret that must go"));
    append(j, 5, "more");
    commit(j, false);
    struct seen s = read_all(j, 0);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.redacted, 1);
    assert_true(s.linked);
    moot__journal_close(j);
    assert_true(holds(".moot/runs/r.db", "last"));
    assert_false(holds(".moot/runs/r.db", "a secret that must go"));
}

static void log_stays_small(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    static char text[20001];
    memset(text, 'x', sizeof(text) - 1);
    for (uint32_t n = 1; n <= 1000; n++) { /* 20 MB */
        append(j, n, text);
        commit(j, false);
    }
    struct stat st;
    assert_int_equal(stat(below(".moot/runs/r.db-wal"), &st), 0);
    assert_in_range(st.st_size, 1, 6 << 20);
    moot__journal_close(j);
}

static void on_commit(void *arg, int status)
{
    *(int *)arg = status;
}

static void full_disk(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "kept");
    commit(j, true);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 64 << 10, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    static char text[200001];
    memset(text, 'x', sizeof(text) - 1);
    struct moot_error err = {0};
    struct moot_message *m = message(2, text);
    int told = 1;
    int status = moot__journal_append(j, m, &err);
    if (status == MOOT_OK)
        status = moot__journal_commit(j, true, on_commit, &told, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, MOOT_EIO);
    assert_int_equal(told, MOOT_EIO);
    assert_non_null(strstr(err.message, path));
    /* not tried again as if nothing had been */
    assert_int_equal(moot__journal_append(j, m, &err), MOOT_EIO);
    assert_int_equal(moot__journal_commit(j, false, on_commit, &told, &err), MOOT_EIO);
    moot__message_unref(m);
    moot__journal_close(j);
    j = open_ok(MOOT_JOURNAL_WRITE);
    assert_int_equal(read_all(j, 0).count, 1);
    moot__journal_close(j);
}

static void damage_names_the_message(void **state)
{
    (void)state;
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "first");
    append(j, 2, "second");
    commit(j, false);
    moot__journal_close(j);
    int fd = open(path, O_RDWR);
    static char bytes[1 << 16];
    ssize_t got = read(fd, bytes, sizeof(bytes));
    char *at = memmem(bytes, (size_t)got, "second", 6);
    assert_non_null(at);
    assert_int_equal(pwrite(fd, "sECond", 6, at - bytes), 6);
    close(fd);
    j = open_ok(MOOT_JOURNAL_READ);
    struct seen s = {0};
    struct moot_error err = {0};
    assert_int_equal(moot__journal_each(j, 0, see, &s, &err), MOOT_ECHAIN);
    assert_non_null(strstr(err.message, "message 1"));
    assert_int_equal(s.count, 1);
    moot__journal_close(j);
}

static void read_only_folder(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root may write anywhere */
    struct moot_journal *j = open_ok(MOOT_JOURNAL_CREATE);
    append(j, 1, "first");
    commit(j, false);
    moot__journal_close(j);
    assert_int_equal(chmod(below(".moot/runs"), 0500), 0);
    j = open_ok(MOOT_JOURNAL_READ);
    assert_int_equal(read_all(j, 0).count, 1);
    moot__journal_close(j);
    assert_int_equal(chmod(below(".moot/runs"), 0700), 0);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(write_and_read),     IN_DIR(folders_are_private), IN_DIR(each_stops),
        IN_DIR(signatures_survive), IN_DIR(one_writer),          IN_DIR(append_only),
        IN_DIR(strange_files),      IN_DIR(strange_schema),      IN_DIR(redacted_text_is_gone),
        IN_DIR(log_stays_small),    IN_DIR(full_disk),           IN_DIR(damage_names_the_message),
        IN_DIR(read_only_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
