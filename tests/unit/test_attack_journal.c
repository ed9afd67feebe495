/* Attacks on the journal file itself, numbered as in docs/security.md: by somebody who can write it
 * (and takes the triggers away and puts them back), or by a failing disk. */
#include "runtime/verify.h"

#include "tests/lib/proof.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];
static char path[80];
static char copy[80];
static struct proof run;

static int make_dir(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/moot-attack-XXXXXX", 24);
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/j.db", dir);
    snprintf(copy, sizeof(copy), "%s/c.db", dir);
    proof_make(&run);
    proof_journal(&run, path);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    static const char *const names[] = {
        "j.db",     "j.db-wal", "j.db-shm", "j.lock",           "c.db",
        "c.db-wal", "c.db-shm", "c.lock",   "heads/" PROOF_RUN, "heads"};
    char name[120];
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        snprintf(name, sizeof(name), "%s/%s", dir, names[i]);
        (void)remove(name);
    }
    proof_release(&run);
    return rmdir(dir);
}

static char bytes[1 << 18];

static size_t read_file(const char *name)
{
    int fd = open(name, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, bytes, sizeof(bytes));
    close(fd);
    assert_in_range(got, 1, sizeof(bytes) - 1);
    return (size_t)got;
}

static void write_file(const char *name, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

static int check(const char *name, struct moot_verify_result *r)
{
    struct moot_verify_options o = {.state_dir = dir};
    return moot__verify_exit(moot__verify_file(name, &o, r));
}

/* Runs SQL on a copy from which the triggers were taken; they are put back, word for word. */
static void tamper(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *s = NULL;
    char *triggers[16];
    size_t count = 0;
    write_file(copy, read_file(path));
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name, sql FROM sqlite_schema WHERE type ="
                                        " 'trigger'",
                                        -1, &s, NULL),
                     SQLITE_OK);
    char drops[1000] = "";
    size_t used = 0;
    while (sqlite3_step(s) == SQLITE_ROW) {
        used += (size_t)snprintf(drops + used, sizeof(drops) - used, "DROP TRIGGER %s;",
                                 (const char *)sqlite3_column_text(s, 0));
        triggers[count++] = strdup((const char *)sqlite3_column_text(s, 1));
    }
    sqlite3_finalize(s);
    assert_int_equal(sqlite3_exec(db, drops, NULL, NULL, NULL), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sqlite3_exec(db, triggers[i], NULL, NULL, NULL), SQLITE_OK);
        free(triggers[i]);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const struct {
    const char *name, *sql;
    int exit;
} ROWS[] = {
    {"honest", "SELECT 1", 0},
    {"5 edit a statement",
     "UPDATE message SET statement = replace(statement, '[\"writer\"]',"
     " '[\"judge\"]') WHERE seq = 3",
     4},
    {"8 edit a body", "UPDATE body SET body = replace(body, 'chairs', 'tables')", 4},
    {"10 edit a salt", "UPDATE body SET salt = zeroblob(16) WHERE seq = 3", 4},
    {"2 edit a signature", "UPDATE message SET sig = zeroblob(64) WHERE seq = 3", 4},
    {"2 drop a signature", "UPDATE message SET sig = NULL WHERE seq = 3", 4},
    {"82 drop a path", "UPDATE message SET path = NULL WHERE seq = 10", 4},
    {"82 path on another",
     "UPDATE message SET path = (SELECT path FROM message WHERE seq = 10)"
     " WHERE seq = 3",
     4},
    {"82 path of no form", "UPDATE message SET path = '{}' WHERE seq = 10", 7},
    {"83 edit a link", "UPDATE message SET link = zeroblob(32) WHERE seq = 21", 4},
    {"19 edit a count", "UPDATE message SET n = 7 WHERE seq = 3", 7},
    {"11 delete one", "DELETE FROM message WHERE seq = 5", 4},
    {"11 delete one, close the gap",
     "DELETE FROM message WHERE seq = 5; UPDATE message SET seq = seq - 1 WHERE seq > 5;"
     "DELETE FROM body WHERE seq = 5; UPDATE body SET seq = seq - 1 WHERE seq > 5",
     4},
    {"12 delete the first", "DELETE FROM message WHERE seq = 0", 4},
    {"13 delete the last", "DELETE FROM message WHERE seq = 21", 4},
    {"14 delete the end and its anchor",
     "DELETE FROM message WHERE seq > 19; DELETE FROM anchor WHERE seq > 19", 5},
    {"13 delete the last anchor", "DELETE FROM anchor WHERE seq = 21", 5},
    {"83 delete an anchor before a resume", "DELETE FROM anchor WHERE seq = 6", 4},
    {"83 an anchor twice", "INSERT INTO anchor SELECT * FROM anchor WHERE seq = 6", 7},
    {"12 delete all", "DELETE FROM message; DELETE FROM body; DELETE FROM anchor", 5},
    {"15 swap two",
     "UPDATE message SET seq = 100 WHERE seq = 4; UPDATE message SET seq = 4"
     " WHERE seq = 5; UPDATE message SET seq = 5 WHERE seq = 100",
     4},
    {"8 swap two bodies",
     "UPDATE body SET seq = 100 WHERE seq = 4; UPDATE body SET seq = 4"
     " WHERE seq = 5; UPDATE body SET seq = 5 WHERE seq = 100",
     4},
    {"41 delete a body", "DELETE FROM body WHERE seq = 5", 4},
    {"41 delete the keys", "DELETE FROM body WHERE seq = 0", 6},
    {"41 put a body back, a wrong one", "INSERT INTO body VALUES (11, zeroblob(16), '{}')", 4},
    {"35 another statement", "UPDATE message SET statement = '{}' WHERE seq = 5", 7},
    {"31 NUL", "UPDATE message SET statement = statement || char(0) WHERE seq = 5", 7},
    {"32 invalid UTF-8", "UPDATE message SET statement = CAST(x'ff' AS TEXT) WHERE seq = 5", 7},
    {"36 empty", "UPDATE message SET statement = '' WHERE seq = 5", 7},
    {"an anchor's key", "UPDATE anchor SET kid = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' WHERE seq = 6", 6},
    {"an anchor's signature", "UPDATE anchor SET sig = zeroblob(64) WHERE seq = 6", 3},
    {"an anchor's link", "UPDATE anchor SET link = zeroblob(32) WHERE seq = 6", 3},
    {"an anchor's form", "UPDATE anchor SET sig = zeroblob(63) WHERE seq = 6", 7},
    {"an anchor of the future", "UPDATE anchor SET seq = 22 WHERE seq = 21", 4},
    {"another schema", "CREATE TABLE note (x)", 7},
    {"another view", "CREATE VIEW v AS SELECT * FROM message", 7},
};

static void rows(void **state)
{
    (void)state;
    struct moot_verify_result r;
    int wrong = 0;
    for (size_t i = 0; i < MOOT_COUNT(ROWS); i++) {
        tamper(ROWS[i].sql);
        int code = check(copy, &r);
        if (code != ROWS[i].exit) {
            print_error("%s: exit %d and not %d: %s\n", ROWS[i].name, code, ROWS[i].exit,
                        r.error.message);
            wrong++;
        }
        assert_true(code == 0 || r.error.message[0] != '\0');
    }
    assert_int_equal(wrong, 0);
}

/* 43 an older copy of the file, put in the place of the newer one */
static void rollback(void **state)
{
    (void)state;
    struct moot_verify_result r;
    struct moot_error err = {0};
    struct proof p;
    char old[120];
    snprintf(old, sizeof(old), "%s/c.db", dir);
    proof_init(&p, PROOF_RUN);
    proof_begin(&p);
    proof_middle(&p);
    proof_journal(&p, old);
    assert_int_equal(check(old, &r), 5); /* honest, but this machine had kept nothing */
    assert_int_equal(
        moot__head_store(dir, PROOF_RUN, PROOF_CLOSE, run.messages[PROOF_CLOSE]->link, &err),
        MOOT_OK);
    assert_int_equal(check(path, &r), 0);
    assert_true(r.head_compared);
    assert_int_equal(check(old, &r), 4);
    assert_string_equal(r.fault, "head");
    proof_release(&p);
    snprintf(old, sizeof(old), "%s/c.lock", dir);
    (void)unlink(old);
}

/* 44 damage inside: found, or without effect */
static void damage(void **state)
{
    (void)state;
    struct moot_verify_result r;
    struct moot_verify_result good;
    assert_int_equal(check(path, &good), 0);
    size_t len = read_file(path);
    size_t found = 0;
    size_t tried = 0;
    for (size_t at = 0; at < len; at += 37) {
        len = read_file(path);
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        write_file(copy, len);
        int code = check(copy, &r);
        tried++;
        found += code != 0;
        if (code == 0 && (r.messages != good.messages || r.anchors != good.anchors ||
                          r.signatures != good.signatures || r.redacted != good.redacted))
            fail_msg("byte %zu: accepted as something else", at);
        if (code == 1)
            fail_msg("byte %zu: %s", at, r.error.message);
    }
    assert_in_range(found, tried / 4, tried);
    for (size_t cut = 0; cut < len; cut += 1000) {
        read_file(path);
        write_file(copy, cut);
        assert_int_not_equal(check(copy, &r), 0);
    }
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(rows),
        IN_DIR(rollback),
        IN_DIR(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
