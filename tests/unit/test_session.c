#include "cli/session.h"
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
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

static void result_and_transcript(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x");
    assert_string_equal(play.out, "They are outvoted.\n");
    assert_non_null(strstr(play.err, "made your key: kid:"));
    assert_non_null(strstr(play.err, " answer assistant: They are outvoted.\n"));
    assert_non_null(strstr(play.err, "moot verify\n"));
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    assert_string_equal(play.err, "");
    assert_string_equal(play.out, "They are outvoted.\n");
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-o", "out", "-q");
    assert_string_equal(play.out, "");
    assert_int_equal(access("out/answer.txt", R_OK), 0);
    cli_play_ends(&play, 0, "verify");
    cli_play_ends(&play, 0, "show");
    assert_non_null(strstr(play.out, "│ They are outvoted.\n"));
    cli_play_ends(&play, 0, "show", "--plain");
    assert_non_null(strstr(play.out, " answer assistant: They are outvoted.\n"));
    cli_play_ends(&play, 0, "result", "answer");
    assert_string_equal(play.out, "They are outvoted.\n");
    cli_play_ends(&play, 2, "result", "nothing");
    cli_play_ends(&play, 0, "runs", "--json");
    assert_non_null(strstr(play.out, "\"state\":\"closed\""));
}

/* Nothing but messages and deltas on standard output, each a line of JSON. */
static void json_lines(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "--json");
    int messages = 0, deltas = 0;
    for (const char *at = play.out; *at != '\0'; at = strchr(at, '\n') + 1) {
        struct moot_json *j = NULL;
        assert_int_equal(moot__json_parse(at, strcspn(at, "\n"), &j, NULL), MOOT_OK);
        messages += moot__json_get(j, "statement") != NULL;
        deltas += moot__json_get(j, "delta") != NULL;
        moot__json_free(j);
    }
    assert_true(messages > 5);
    assert_true(deltas > 0);
}

static void items_and_lines(void **state)
{
    (void)state;
    cli_play_file(&play, "one.txt", "first page");
    cli_play_file(&play, "two.txt", "second page");
    cli_play_file(&play, "pages.yaml",
                  "crew: pages\nmodels: {default: scripted/replies.yaml}\ninput: page\n"
                  "tasks:\n  read: {prompt: \"{page.text}\"}\n");
    cli_play_ends(&play, 0, "run", "pages.yaml", "one.txt", "two.txt", "--jobs", "1");
    assert_non_null(strstr(play.out, "{\"item\":\"one\",\"outcome\":\"done\","));
    assert_non_null(strstr(play.out, "{\"item\":\"two\",\"outcome\":\"done\","));
    assert_non_null(strstr(play.err, "2 pages: 2 done"));
    cli_play_ends(&play, 2, "run", "pages.yaml", "three.txt");
    cli_play_ends(&play, 0, "run", "pages.yaml", "--only", "read", "--item", "two", "-q");
    cli_play_ends(&play, 2, "run", "pages.yaml", "--only", "red", "one.txt");
    assert_non_null(strstr(play.err, "did you mean 'read'?"));
}

/* A reply that fails fails its item, and the run says so by its exit code. */
static void a_failed_item(void **state)
{
    (void)state;
    cli_play_file(&play, "replies.yaml", "- {error: {status: 401, message: wrong key}}\n");
    cli_play_ends(&play, MOOT_EXIT_FAILED, "run", "hello.yaml", "question=x");
    assert_non_null(strstr(play.err, "wrong key"));
    assert_non_null(strstr(play.err, "exit 1"));
    cli_play_ends(&play, 2, "resume");
    assert_non_null(strstr(play.err, "closed"));
}

/* A key made by hand, and a journal elsewhere, which is never written over. */
static void elsewhere(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "keys", "--make");
    cli_play_ends(&play, 0, "keys");
    assert_non_null(strstr(play.out, "owner   kid:"));
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "--journal", "elsewhere.db");
    cli_play_ends(&play, 0, "verify", "elsewhere.db");
    cli_play_ends(&play, 2, "run", "hello.yaml", "question=x", "-q", "--journal", "elsewhere.db");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(result_and_transcript, setup, teardown),
        cmocka_unit_test_setup_teardown(json_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(items_and_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_item, setup, teardown),
        cmocka_unit_test_setup_teardown(elsewhere, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
