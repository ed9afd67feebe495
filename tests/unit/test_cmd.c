#include "cli/cmd.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int nothing(struct moot_cli *cli, const struct moot_args *args)
{
    (void)cli;
    (void)args;
    return 0;
}

static const struct moot_option options[] = {
    {"model", 'm', "MODEL", "which model", 0},
    {"quiet", 'q', NULL, "less", 0},
    {"json", 0, NULL, "as JSON", 0},
    {"output", 'o', "DIR", "where to", 0},
    {NULL, 0, NULL, NULL, 0},
};
static const struct moot_command command = {.name = "work",
                                            .args = "CREW [FILE…]",
                                            .help = "work",
                                            .options = options,
                                            .min_words = 1,
                                            .max_words = 3,
                                            .run = nothing};

static int parse(struct moot_args *args, struct moot_error *err, int count, ...)
{
    static char *words[16];
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        words[i] = va_arg(list, char *);
    va_end(list);
    memset(err, 0, sizeof(*err));
    return moot__args_parse(&command, count, words, args, err);
}

static void every_form(void **state)
{
    (void)state;
    struct moot_args args;
    struct moot_error err;
    assert_int_equal(
        parse(&args, &err, 8, "crew.yaml", "--model=a/b", "-m", "c=d", "-qo", "out", "--", "-x"),
        MOOT_OK);
    assert_int_equal(args.word_count, 2);
    assert_string_equal(moot__word(&args, 0), "crew.yaml");
    assert_string_equal(moot__word(&args, 1), "-x");
    assert_null(moot__word(&args, 2));
    assert_string_equal(moot__arg(&args, "model"), "c=d");
    size_t i = 0;
    assert_string_equal(moot__arg_next(&args, "model", &i), "a/b");
    assert_string_equal(moot__arg_next(&args, "model", &i), "c=d");
    assert_null(moot__arg_next(&args, "model", &i));
    assert_true(moot__flag(&args, "quiet"));
    assert_false(moot__flag(&args, "json"));
    assert_string_equal(moot__arg(&args, "output"), "out");
    moot__args_release(&args);
    /* A dash alone is a word. */
    assert_int_equal(parse(&args, &err, 2, "crew.yaml", "-"), MOOT_OK);
    assert_string_equal(moot__word(&args, 1), "-");
    moot__args_release(&args);
}

static void wrong(const char *message, const char *hint, int status, struct moot_error *err,
                  struct moot_args *args)
{
    assert_int_equal(status, MOOT_EUSAGE);
    assert_string_equal(err->message, message);
    assert_string_equal(err->hint, hint);
    moot__args_release(args);
}

static void what_is_wrong(void **state)
{
    (void)state;
    struct moot_args args;
    struct moot_error err;
    wrong("moot work has no option --modle", "did you mean --model?",
          parse(&args, &err, 2, "c", "--modle"), &err, &args);
    wrong("moot work has no option -z", "moot work --help   shows its options",
          parse(&args, &err, 2, "c", "-z"), &err, &args);
    wrong("--model needs a value", "moot work --model MODEL", parse(&args, &err, 2, "c", "--model"),
          &err, &args);
    wrong("--json takes no value", "", parse(&args, &err, 2, "c", "--json=1"), &err, &args);
    wrong("moot work needs CREW [FILE…]", "moot work CREW [FILE…]", parse(&args, &err, 0), &err,
          &args);
    wrong("moot work: '4' is one word too many", "moot work CREW [FILE…]",
          parse(&args, &err, 4, "c", "2", "3", "4"), &err, &args);
    /* Help needs no words. */
    assert_int_equal(parse(&args, &err, 1, "--help"), MOOT_OK);
    moot__args_release(&args);
}

static void unknown_commands(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    cli_play_ends(&p, MOOT_EXIT_USAGE, "completoin");
    assert_string_equal(p.err, "error: moot has no command 'completoin'\n"
                               "  did you mean   moot completion\n");
    cli_play_ends(&p, MOOT_EXIT_USAGE, "my.yaml");
    assert_string_equal(p.err, "error: moot has no command 'my.yaml'\n"
                               "  to run a crew file   moot run my.yaml\n");
    cli_play_ends(&p, MOOT_EXIT_USAGE, "worker");
    assert_non_null(strstr(p.err, "not yet here"));
    cli_play_ends(&p, MOOT_EXIT_USAGE, "zzzzzzzz");
    assert_non_null(strstr(p.err, "moot --help"));
    cli_play_ends(&p, 0, "--version");
    assert_int_equal(strncmp(p.out, "moot ", 5), 0);
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
        cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(unknown_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
