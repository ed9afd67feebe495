#include "runtime/utf8.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t widest(const char *text, int *lines)
{
    size_t most = 0;
    *lines = 0;
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        size_t width = moot__utf8_width(at, strcspn(at, "\n"));
        most = width > most ? width : most;
        (*lines)++;
    }
    return most;
}

/* The first screen fits a terminal of 80 by 24, and what it names exists. */
static void moot_alone(void **state)
{
    (void)state;
    struct cli_play p;
    int lines = 0;
    cli_play_init(&p);
    for (int columns = 80; columns <= 160; columns += 80) {
        p.cli.out_term.columns = columns;
        assert_int_equal(cli_play(&p, NULL), 0);
        assert_in_range(widest(p.out, &lines), 10, (size_t)columns - 1);
        assert_in_range(lines, 5, 24);
        static const char *const named[] = {"run",     "new",    "check",  "show",  "result",
                                            "runs",    "graph",  "verify", "inbox", "answer",
                                            "approve", "reject", "resume", "stop"};
        for (size_t i = 0; i < MOOT_COUNT(named); i++) {
            assert_non_null(strstr(p.out, named[i]));
            assert_non_null(moot__command_find(named[i])->run);
        }
    }
    cli_play_release(&p);
}

static void all_and_one(void **state)
{
    (void)state;
    struct cli_play p;
    int lines = 0;
    cli_play_init(&p);
    cli_play_ends(&p, 0, "--help");
    assert_in_range(widest(p.out, &lines), 10, 79);
    for (size_t i = 0; moot__commands[i] != NULL; i++)
        if (moot__commands[i]->group != MOOT_GROUP_HIDDEN)
            assert_non_null(strstr(p.out, moot__commands[i]->name));
    assert_null(strstr(p.out, "__complete"));
    cli_play_ends(&p, 0, "help", "run");
    assert_in_range(widest(p.out, &lines), 10, 79);
    assert_non_null(strstr(p.out, "-m, --model MODEL"));
    p.cli.out_term.columns = 30;
    cli_play_ends(&p, 0, "run", "--help");
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moot_alone), cmocka_unit_test(all_and_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
