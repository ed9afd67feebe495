#include "cli/book.h"
#include "tests/lib/proof.h"
#include "tests/lib/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct seen {
    int count, named;
    int stop_at;
};

static int take(void *arg, struct moot_message *m)
{
    struct seen *s = arg;
    assert_int_equal(m->seq, s->count);
    s->count++;
    if (m->kind == MOOT_MODEL_REPLY || m->kind == MOOT_TOOL_RESULT || m->kind == MOOT_APPROVAL) {
        assert_true(m->has_re);
        assert_non_null(m->re_from);
        assert_true(m->re_n > 0);
        s->named++;
    }
    return s->stop_at > 0 && s->count == s->stop_at ? MOOT_ECANCELED : MOOT_OK;
}

static void read_all(const char *path)
{
    struct moot_book *b = NULL;
    struct seen s = {0};
    struct moot_error err = {0};
    assert_int_equal(moot__book_open(path, &b, &err), MOOT_OK);
    s.stop_at = 10;
    assert_int_equal(moot__book_each(b, take, &s, &err), MOOT_ECANCELED);
    assert_int_equal(s.count, 10);
    s.stop_at = 0;
    assert_int_equal(moot__book_each(b, take, &s, &err), MOOT_OK);
    assert_int_equal(s.count, PROOF_MESSAGES);
    assert_int_equal(s.named, 3);
    /* Nothing new: nothing is told again. */
    assert_int_equal(moot__book_each(b, take, &s, &err), MOOT_OK);
    assert_int_equal(s.count, PROOF_MESSAGES);
    moot__book_close(b);
}

static void journal_and_export(void **state)
{
    (void)state;
    struct proof p;
    struct proof_lines lines;
    char *path = temp_file(".db", "");
    char *exported = temp_file(".jsonl", "");
    unlink(path);
    proof_make(&p);
    proof_journal(&p, path);
    proof_export(&p, &lines);
    proof_write(&lines, exported);
    read_all(path);
    read_all(exported);
    proof_lines_release(&lines);
    proof_release(&p);
    temp_file_remove(path);
    temp_file_remove(exported);
}

static int nothing(void *arg, struct moot_message *m)
{
    (void)arg;
    (void)m;
    return MOOT_OK;
}

static void what_is_no_book(void **state)
{
    (void)state;
    struct moot_book *b = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__book_open("/nothing/here.db", &b, &err), MOOT_ENOTFOUND);
    char *path = temp_file(".jsonl", "this is no message\n");
    assert_int_equal(moot__book_open(path, &b, &err), MOOT_OK);
    assert_int_not_equal(moot__book_each(b, nothing, NULL, &err), MOOT_OK);
    moot__book_close(b);
    moot__book_close(NULL);
    temp_file_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal_and_export),
        cmocka_unit_test(what_is_no_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
