#include "runtime/fork.h"

#include "runtime/verify.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static struct cli_play play;

static int setup(void **state)
{
    (void)state;
    cli_play_init(&play);
    cli_play_hello(&play);
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "--journal", "r.db");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

static int count(void *arg, struct moot_message *m)
{
    (void)m;
    ++*(int *)arg;
    return 0;
}

/* The beginning is the same, byte for byte: the links are. */
static void copies_the_beginning(void **state)
{
    (void)state;
    struct moot_error err;
    struct moot_journal *to = NULL;
    bool witnessed = false;
    int messages = 0;
    assert_int_equal(moot__fork_copy("r.db", 4, "f.db", &witnessed, &err), MOOT_OK);
    assert_true(witnessed); /* by the anchor at the close */
    assert_int_equal(moot__journal_open("f.db", MOOT_JOURNAL_READ, NULL, &to, &err), MOOT_OK);
    assert_int_equal(moot__journal_each(to, 0, count, &messages, &err), MOOT_OK);
    assert_int_equal(messages, 5);
    moot__journal_close(to);
    struct moot_verify_options options = {0};
    struct moot_verify_result result;
    assert_int_equal(moot__verify_file("f.db", &options, &result), MOOT_EINCOMPLETE);
    assert_int_equal(result.messages, 5);
}

static void refuses_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        int64_t at;
        int status;
        const char *says;
    } cases[] = {
        {-1, MOOT_EINVAL, "there is no message -1"},
        {900, MOOT_EINVAL, "the run ends at 8"},
        {0, MOOT_EINVAL, "before the run's items"},
        {8, MOOT_EINVAL, "is the run's close"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_error err = {0};
        bool witnessed = false;
        assert_int_equal(moot__fork_copy("r.db", cases[i].at, "f.db", &witnessed, &err),
                         cases[i].status);
        if (strstr(err.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, err.message);
        assert_int_not_equal(access("f.db", F_OK), 0);
    }
    struct moot_error err = {0};
    bool witnessed = false;
    assert_int_equal(moot__fork_copy("r.db", 4, "r.db", &witnessed, &err), MOOT_EEXIST);
    assert_int_equal(access("r.db", F_OK), 0);
}

static void a_fork_goes_on_and_says_from_where(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    cli_play_ends(&play, 0, "runs", "--json");
    struct moot_json *run = NULL;
    assert_int_equal(moot__json_parse(play.out, strcspn(play.out, "\n"), &run, NULL), MOOT_OK);
    cli_play_ends(&play, 0, "fork", moot__json_get_text(run, "run", ""), "--at", "4");
    assert_string_equal(play.out, "They are outvoted.\n");
    cli_play_ends(&play, 0, "verify", "--json");
    struct moot_json *verified = NULL;
    assert_int_equal(moot__json_parse(play.out, play.out_len, &verified, NULL), MOOT_OK);
    assert_string_equal(moot__json_get_text(verified, "forked_from", ""),
                        moot__json_get_text(run, "id", "?"));
    assert_int_equal(moot__json_get_int(verified, "up_to", 0), 4);
    moot__json_free(verified);
    moot__json_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(copies_the_beginning, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_and_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_fork_goes_on_and_says_from_where, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
