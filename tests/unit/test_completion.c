#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

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

/* What completes the last of these words is exactly this. */
#define completes(want, ...)                                                                       \
    do {                                                                                           \
        cli_play_ends(&play, 0, "__complete", __VA_ARGS__);                                        \
        assert_string_equal(play.out, want);                                                       \
    } while (0)

static void words_of_the_table(void **state)
{
    (void)state;
    completes("completion\tcompletion for a shell\n", "compl");
    completes("zsh\tZ shell\n", "completion", "z");
    completes("--help\tabout this command\n", "man", "--");
    completes("--model\tevery model of the crew is this one; NAME=MODEL: one of them\n", "run",
              "x.yaml", "--mod");
    completes(":crews\n", "run", "");
    completes(":files\n", "run", "x.yaml", "");
    completes(":files\n", "run", "x.yaml", "-o", "");
    completes("", "nothing", "");
    completes("", "man", "");
}

static void what_there_is(void **state)
{
    (void)state;
    completes("", "show", "");
    completes("answer\t\n", "run", "hello.yaml", "--only", "");
    completes("", "run", "nothing.yaml", "--only", "");
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    cli_play_ends(&play, 0, "__complete", "show", "");
    assert_non_null(strstr(play.out, "\thello\n"));
    char run[10];
    snprintf(run, sizeof(run), "%.9s", play.out);
    completes("answer\t\n", "result", run, "a");
    completes("", "approve", "");
}

static void shells(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "completion", "bash");
    assert_non_null(strstr(play.out, "complete -F _moot moot"));
    cli_play_ends(&play, 0, "completion", "zsh");
    assert_int_equal(strncmp(play.out, "#compdef moot\n", 14), 0);
    cli_play_ends(&play, 0, "completion", "fish");
    assert_non_null(strstr(play.out, "complete -c moot"));
    cli_play_ends(&play, 2, "completion", "tcsh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_of_the_table, setup, teardown),
        cmocka_unit_test_setup_teardown(what_there_is, setup, teardown),
        cmocka_unit_test_setup_teardown(shells, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
