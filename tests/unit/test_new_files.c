#include "cli/new_files.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Each kind is checked without a fault and runs as it stands; what to type is what new says. */
static void each_runs(void **state)
{
    (void)state;
    for (size_t i = 0; moot__new_kinds[i].name != NULL; i++) {
        struct cli_play play;
        char input[256];
        cli_play_init(&play);
        cli_play_ends(&play, 0, "new", "My Crew_1", "--like", moot__new_kinds[i].name);
        assert_non_null(strstr(play.out, moot__new_kinds[i].input));
        cli_play_ends(&play, 0, "check", "My Crew_1/crew.yaml");
        assert_string_equal(play.out, "My Crew_1/crew.yaml: no fault\n");
        /* NAME="TEXT" without its quotes, as a shell gives it. */
        size_t len = 0;
        for (const char *at = moot__new_kinds[i].input; *at != '\0'; at++)
            if (*at != '"')
                input[len++] = *at;
        input[len] = '\0';
        cli_play_ends(&play, 0, "run", "My Crew_1/crew.yaml", input);
        assert_non_null(strstr(play.err, "my-crew-1 · "));
        assert_true(play.out_len > 20);
        cli_play_ends(&play, 2, "new", "My Crew_1");
        cli_play_release(&play);
    }
}

static void unknown_kind(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_ends(&play, 2, "new", "x", "--like", "y");
    assert_non_null(strstr(play.err, "pipeline, graph"));
    cli_play_ends(&play, 2, "new", "no/such/folder");
    cli_play_release(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_runs), cmocka_unit_test(unknown_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
