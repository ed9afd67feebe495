#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Every command stands in the manual, and no line of text begins as a macro would. */
static void the_manual(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    cli_play_ends(&p, 0, "man");
    assert_int_equal(strncmp(p.out, ".TH MOOT 1", 10), 0);
    assert_non_null(strstr(p.out, ".SH EXIT STATUS"));
    for (size_t i = 0; moot__commands[i] != NULL; i++) {
        char head[64];
        snprintf(head, sizeof(head), "\n.SS %s ", moot__commands[i]->name);
        if (moot__commands[i]->run != NULL && moot__commands[i]->group != MOOT_GROUP_HIDDEN)
            assert_non_null(strstr(p.out, head));
    }
    static const char *const macros[] = {".TH ", ".SH ",  ".SS ",  ".TP\n", ".PP\n", ".B ",
                                         ".I ",  ".nf\n", ".fi\n", ".RS\n", ".RE\n"};
    for (const char *at = p.out; *at != '\0'; at = strchr(at, '\n') + 1) {
        bool known = *at != '.';
        for (size_t i = 0; i < MOOT_COUNT(macros); i++)
            known = known || strncmp(at, macros[i], strlen(macros[i])) == 0;
        assert_true(known);
        assert_int_not_equal(*at, '\'');
    }
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_manual)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
