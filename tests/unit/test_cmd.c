#include "cli/cmd.h"
#include "runtime/utf8.h"

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

/* Runs the whole program and returns what it wrote. */
static char *program(int *code, bool errors, int count, ...)
{
    char *words[16] = {"moot"};
    va_list list;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        words[i + 1] = va_arg(list, char *);
    va_end(list);
    char *out = NULL, *err = NULL;
    size_t out_len = 0, err_len = 0;
    struct moot_signals signals = {0};
    struct moot_cli cli = {.out = open_memstream(&out, &out_len),
                           .err = open_memstream(&err, &err_len),
                           .out_term = {.columns = 80, .rows = 24},
                           .err_term = {.columns = 80, .rows = 24},
                           .signals = &signals};
    *code = moot__cli_main(&cli, count + 1, words);
    fclose(cli.out);
    fclose(cli.err);
    free(errors ? out : err);
    return errors ? err : out;
}

static void unknown_commands(void **state)
{
    (void)state;
    int code = 0;
    char *text = program(&code, true, 1, "completoin");
    assert_int_equal(code, MOOT_EXIT_USAGE);
    assert_string_equal(text, "error: moot has no command 'completoin'\n"
                              "  did you mean   moot completion\n");
    free(text);
    text = program(&code, true, 1, "my.yaml");
    assert_string_equal(text, "error: moot has no command 'my.yaml'\n"
                              "  to run a crew file   moot run my.yaml\n");
    free(text);
    text = program(&code, true, 2, "fork", "7k2m");
    assert_int_equal(code, MOOT_EXIT_USAGE);
    assert_non_null(strstr(text, "not yet here"));
    free(text);
}

static void the_screen_of_moot_alone(void **state)
{
    (void)state;
    int code = 1;
    char *text = program(&code, false, 0);
    assert_int_equal(code, 0);
    int lines = 0;
    size_t widest = 0;
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        size_t width = moot__utf8_width(at, strcspn(at, "\n"));
        widest = width > widest ? width : widest;
        lines++;
    }
    assert_in_range(lines, 5, 24);
    assert_in_range(widest, 10, 79);
    free(text);
}

/* Every row of the table is fit to be shown: names differ, help is one line without a full stop, an
 * example begins with the command itself. */
static void the_table(void **state)
{
    (void)state;
    for (size_t i = 0; moot__commands[i] != NULL; i++) {
        const struct moot_command *c = moot__commands[i];
        assert_ptr_equal(moot__command_find(c->name), c);
        assert_non_null(c->help);
        assert_null(strchr(c->help, '\n'));
        assert_int_not_equal(c->help[strlen(c->help) - 1], '.');
        if (c->run == NULL || c->group == MOOT_GROUP_HIDDEN)
            continue;
        assert_non_null(c->example);
        assert_non_null(strstr(c->example, "moot "));
        for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++)
            for (const struct moot_option *p = o + 1; p->name != NULL; p++) {
                assert_string_not_equal(o->name, p->name);
                assert_true(o->letter == 0 || o->letter != p->letter);
            }
        int code = 1;
        char *text = program(&code, false, 2, c->name, "--help");
        assert_int_equal(code, 0);
        assert_non_null(strstr(text, "example"));
        free(text);
    }
}

static void completes(void **state)
{
    (void)state;
    int code = 1;
    char *text = program(&code, false, 2, "__complete", "compl");
    assert_string_equal(text, "completion\tcompletion for a shell\n");
    free(text);
    text = program(&code, false, 3, "__complete", "completion", "z");
    assert_string_equal(text, "zsh\tZ shell\n");
    free(text);
    text = program(&code, false, 3, "__complete", "man", "--");
    assert_string_equal(text, "--help\tabout this command\n");
    free(text);
}

static void the_manual(void **state)
{
    (void)state;
    int code = 1;
    char *text = program(&code, false, 1, "man");
    assert_int_equal(strncmp(text, ".TH MOOT 1", 10), 0);
    assert_non_null(strstr(text, ".SS completion"));
    assert_non_null(strstr(text, ".SH EXIT STATUS"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),       cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(unknown_commands), cmocka_unit_test(the_screen_of_moot_alone),
        cmocka_unit_test(the_table),        cmocka_unit_test(completes),
        cmocka_unit_test(the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
