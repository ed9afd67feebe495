#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *reported(const struct moot_error *err, int colours, int *code)
{
    char *text = NULL;
    size_t len = 0;
    struct moot_cli cli = {.out = stdout, .err = open_memstream(&text, &len)};
    cli.err_term.colours = colours;
    *code = moot__report(&cli, err);
    fclose(cli.err);
    return text;
}

static void its_lines(void **state)
{
    (void)state;
    struct moot_error err = {0};
    int code = 0;
    moot__fail(&err, MOOT_EINVAL, "no model: agent '%s' has none", "analyst");
    moot__fail_at(&err, "crew.yaml", 5, 3);
    moot__fail_hint(&err, "add   models: {default: a/b}\nor   --model a/b");
    char *text = reported(&err, 0, &code);
    assert_int_equal(code, MOOT_EXIT_USAGE);
    assert_string_equal(text, "error: no model: agent 'analyst' has none\n"
                              "  crew.yaml:5   add   models: {default: a/b}\n"
                              "  or   --model a/b\n");
    free(text);
    moot__fail(&err, MOOT_EIO, "x");
    moot__fail_hint(&err, "1\n2\n3\n4\n5");
    text = reported(&err, 16, &code);
    assert_int_equal(code, MOOT_EXIT_IO);
    assert_string_equal(text, "\x1b[1;31merror:\x1b[0m x\n  1\n  2\n  3\n");
    free(text);
}

/* What a server or a file says reaches the terminal only harmless. */
static void harmless(void **state)
{
    (void)state;
    struct moot_error err = {0};
    int code = 0;
    moot__fail(&err, MOOT_ENETWORK, "it said \x1b]0;title\x07");
    moot__fail_at(&err, "a\x1b[31m.yaml", 1, 1);
    char *text = reported(&err, 0, &code);
    assert_int_equal(code, MOOT_EXIT_FAILED);
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void codes(void **state)
{
    (void)state;
    assert_int_equal(moot__exit_code(MOOT_OK), 0);
    assert_int_equal(moot__exit_code(MOOT_ESIGNATURE), 3);
    assert_int_equal(moot__exit_code(MOOT_ECHAIN), 4);
    assert_int_equal(moot__exit_code(MOOT_EINCOMPLETE), 5);
    assert_int_equal(moot__exit_code(MOOT_EKEY), 6);
    assert_int_equal(moot__exit_code(MOOT_EMALFORMED), 7);
    assert_int_equal(moot__exit_code(MOOT_ELIMIT), 8);
    assert_int_equal(moot__exit_code(MOOT_EIO), 11);
    assert_int_equal(moot__exit_code(MOOT_ENOTFOUND), 2);
    assert_int_equal(moot__exit_code(MOOT_ENETWORK), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_lines),
        cmocka_unit_test(harmless),
        cmocka_unit_test(codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
