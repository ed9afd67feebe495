/* What a journal tells of a trial. */
#include "cli/trial.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void play_poet(struct cli_play *play, const char *replies)
{
    cli_play_init(play);
    cli_play_file(play, "crew.yaml",
                  "crew: poet\n"
                  "models: {default: scripted/replies.yaml}\n"
                  "agents:\n"
                  "  poet: {role: Poet, tools: [write_file, list_files], workspace: ws}\n"
                  "tasks:\n"
                  "  poem: {prompt: A poem, agent: poet}\n"
                  "  title: {prompt: Its title, agent: poet}\n");
    cli_play_file(play, "replies.yaml", replies);
}

static void a_run_that_finished(void **state)
{
    (void)state;
    struct cli_play play;
    struct moot_error err = {0};
    struct moot_trial t = {.variant = "plain", .repeat = 2};
    play_poet(&play, "- {task: poem, calls: [{name: write_file, arguments: {path: a, text: x}},\n"
                     "                       {name: list_files, arguments: {}},\n"
                     "                       {name: write_file, arguments: {path: b, text: x}}]}\n"
                     "- {task: poem, reply: written}\n"
                     "- {task: title, reply: Socks}\n");
    cli_play_ends(&play, 0, "run", "crew.yaml", "--trust", "-q", "--journal", "run.db");
    assert_int_equal(moot__trial_read("run.db", &t, &err), MOOT_OK);
    assert_true(t.begun);
    assert_true(t.closed);
    assert_true(t.claimed);
    assert_false(t.cut);
    assert_string_equal(t.stop, "finished");
    assert_int_equal(t.truth, MOOT_TRUTH_UNKNOWN);
    assert_int_equal(t.turns, 2);
    assert_int_equal(t.calls, 3);
    assert_int_equal(t.tool_calls, 3);
    assert_int_equal(t.tool_count, 2);
    assert_string_equal(t.tools[0].name, "list_files");
    assert_int_equal(t.tools[0].calls, 1);
    assert_string_equal(t.tools[1].name, "write_file");
    assert_int_equal(t.tools[1].calls, 2);
    assert_true(t.tokens > 0);
    moot__trial_release(&t);
    cli_play_release(&play);
}

static void a_run_that_failed_claims_nothing(void **state)
{
    (void)state;
    struct cli_play play;
    struct moot_error err = {0};
    struct moot_trial t = {0};
    play_poet(&play, "- {task: poem, reply: written}\n- {task: title, error: {status: 400, "
                     "message: no}}\n");
    cli_play(&play, "run", "crew.yaml", "--trust", "-q", "--journal", "run.db", NULL);
    assert_int_equal(moot__trial_read("run.db", &t, &err), MOOT_OK);
    assert_true(t.begun);
    assert_false(t.claimed);
    moot__trial_release(&t);
    cli_play_release(&play);
}

static void a_run_that_was_not_begun(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_trial t = {0};
    assert_int_equal(moot__trial_read("/nothing/run.db", &t, &err), MOOT_OK);
    assert_false(t.begun);
    assert_false(t.closed);
    moot__trial_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_finished),
        cmocka_unit_test(a_run_that_failed_claims_nothing),
        cmocka_unit_test(a_run_that_was_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
