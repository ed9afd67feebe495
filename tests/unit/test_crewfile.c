#include "cli/crewfile.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void env_file(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    static const char *const names[] = {"T_A", "T_B", "T_C", "T_D", "T_E", "T_F", "T_SET"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        unsetenv(names[i]);
    setenv("T_SET", "before", 1);
    cli_play_file(&play, ".env",
                  "# a comment\n"
                  "T_A=plain\n"
                  "export T_B=\"with spaces # and a hash\"\n"
                  "T_C='single'\r\n"
                  "  T_D = spaced   # comment\n"
                  "T_SET=after\n"
                  "not a name=x\n"
                  "T_E=\n"
                  "T_F=no newline at the end");
    assert_int_equal(moot__env_load(play.dir), 6);
    assert_string_equal(getenv("T_A"), "plain");
    assert_string_equal(getenv("T_B"), "with spaces # and a hash");
    assert_string_equal(getenv("T_C"), "single");
    assert_string_equal(getenv("T_D"), "spaced");
    assert_string_equal(getenv("T_E"), "");
    assert_string_equal(getenv("T_F"), "no newline at the end");
    assert_string_equal(getenv("T_SET"), "before");
    assert_int_equal(moot__env_load("/nothing"), 0);
    cli_play_release(&play);
}

/* The model on the command line goes before that of the environment, a name before all. */
static void models(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_hello(&play);
    cli_play_file(&play, "a.yaml", "- {repeat: true, reply: from a}\n");
    cli_play_file(&play, "b.yaml", "- {repeat: true, reply: from b}\n");
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    assert_string_equal(play.out, "They are outvoted.\n");
    setenv("MOOT_MODEL", "scripted/a.yaml", 1);
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    assert_string_equal(play.out, "from a\n");
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "-m", "scripted/b.yaml");
    assert_string_equal(play.out, "from b\n");
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "-m",
                  "default=scripted/b.yaml", "-m", "scripted/a.yaml");
    assert_string_equal(play.out, "from b\n");
    cli_play_ends(&play, 2, "run", "hello.yaml", "question=x", "-m", "nix=scripted/b.yaml");
    setenv("MOOT_MODEL", "nonsense", 1);
    cli_play_ends(&play, 2, "run", "hello.yaml", "question=x");
    assert_non_null(strstr(play.err, "MOOT_MODEL"));
    unsetenv("MOOT_MODEL");
    cli_play_release(&play);
}

static void what_is_wrong(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_hello(&play);
    cli_play_file(&play, "wrong.yaml",
                  "crew: wrong\nmodels: {default: scripted/replies.yaml}\n"
                  "tasks:\n  answer: {promt: x}\n");
    cli_play_ends(&play, 2, "run", "wrong.yaml", "question=x");
    assert_non_null(strstr(play.err, "wrong.yaml:4"));
    assert_non_null(strstr(play.err, "did you mean 'prompt'?"));
    cli_play_ends(&play, 2, "check", "wrong.yaml");
    assert_non_null(strstr(play.out, "did you mean 'prompt'?"));
    cli_play_ends(&play, 0, "check", "hello.yaml");
    cli_play_ends(&play, 2, "run", "nothing.yaml");
    assert_int_equal(strncmp(play.err, "error: ", 7), 0);
    cli_play_release(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(env_file),
        cmocka_unit_test(models),
        cmocka_unit_test(what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
