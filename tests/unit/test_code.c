#include "runtime/code.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void languages_go_by_many_names(void **state)
{
    (void)state;
    static const struct {
        const char *word, *name;
    } cases[] = {
        {"python", "python"}, {"Python3", "python"}, {"py", "python"}, {"sh", "sh"},
        {"bash", "sh"},       {"Shell", "sh"},       {"", NULL},       {"pyth", NULL},
        {"pythonic", NULL},   {"javascript", NULL},  {"zsh", NULL},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct moot_code_language *l =
            moot__code_language(cases[i].word, strlen(cases[i].word));
        if (cases[i].name == NULL) {
            assert_null(l);
            continue;
        }
        assert_non_null(l);
        assert_string_equal(l->name, cases[i].name);
        assert_non_null(l->runners[0]);
        assert_non_null(strstr(moot__code_languages(), l->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_go_by_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
