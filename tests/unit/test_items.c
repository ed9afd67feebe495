#include "cli/items.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct cli_play play;

static int setup(void **state)
{
    (void)state;
    cli_play_init(&play);
    cli_play_file(&play, "replies.yaml",
                  "- {task: first, reply: one}\n- {task: second, repeat: true, reply: two}\n"
                  "- {task: first, attempt: 2, reply: never}\n");
    cli_play_file(&play, "crew.yaml",
                  "crew: x\nmodels: {default: scripted/replies.yaml}\n"
                  "tasks:\n  first: {prompt: \"{q}\"}\n  second: {prompt: \"{first}\"}\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

/* One task alone is given what it was given before: the first is not worked again. */
static void only_from_a_run(void **state)
{
    (void)state;
    cli_play_ends(&play, 2, "run", "crew.yaml", "--only", "second");
    cli_play_ends(&play, 0, "run", "crew.yaml", "q=x", "-q");
    assert_string_equal(play.out, "two\n");
    cli_play_ends(&play, 0, "run", "crew.yaml", "--only", "second", "--json");
    assert_null(strstr(play.out, "\"reply\":\"one\""));
    assert_null(strstr(play.out, "first#1"));
    cli_play_ends(&play, 2, "run", "crew.yaml", "--only", "second", "--item", "nobody");
    assert_non_null(strstr(play.err, "was not worked for nobody"));
}

static void only_from_a_file(void **state)
{
    (void)state;
    cli_play_file(&play, "in.json", "{\"first\": \"by hand\"}");
    cli_play_file(&play, "list.json", "[1]");
    cli_play_file(&play, "bad.json", "{");
    cli_play_ends(&play, 0, "run", "crew.yaml", "--only", "second", "--input", "in.json", "-q");
    assert_string_equal(play.out, "two\n");
    cli_play_ends(&play, 2, "run", "crew.yaml", "--only", "second", "--input", "list.json");
    assert_non_null(strstr(play.err, "list.json: "));
    cli_play_ends(&play, 2, "run", "crew.yaml", "--only", "second", "--input", "bad.json");
    cli_play_ends(&play, 2, "run", "crew.yaml", "--only", "second", "--input", "none.json");
}

static void pairs_and_files(void **state)
{
    (void)state;
    cli_play_file(&play, "q.txt", "from a file");
    cli_play_ends(&play, 0, "run", "crew.yaml", "q=@q.txt", "--json");
    assert_non_null(strstr(play.out, "from a file"));
    cli_play_ends(&play, 2, "run", "crew.yaml", "q=@none.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_from_a_run, setup, teardown),
        cmocka_unit_test_setup_teardown(only_from_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(pairs_and_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
