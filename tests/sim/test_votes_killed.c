/* Votes through everything but the network: killed after any commit and taken up again, a vote
 * comes to the same; two runs of a seed are the same, message for message. */
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char crew[] =
    "crew: votes\n"
    "models: {default: scripted/replies.json}\n"
    "process: consensual\n"
    "agents: {ann: {role: Owner}, bob: {role: Customer}, cat: {role: Sceptic}}\n"
    "tasks:\n"
    "  ideas: {agent: ann, prompt: Ideas., output: {list: [text]}, consensual: off}\n"
    "  choose: {consensual: {candidates: ideas.list}}\n"
    "  say: {prompt: Say something., output_file: said.md}\n"
    "  launch: {prompt: \"Launch {choose}.\", consensual: {decide: plan, proposers: [ann, bob]}}\n"
    "  pass: {agent: bob, prompt: Pass it., consensual: {decide: gate}}\n";

#define ITEM(id, who, needs)                                                                       \
    "{\"id\":\"" id "\",\"agent\":\"" who "\",\"prompt\":\"do\",\"needs\":[" needs                 \
    "],\"criteria\":[]}"

/* `choose` finds no consensus in two rounds; `say` finds one in the second. */
static const char replies[] =
    "[{\"task\":\"ideas\",\"reply\":{\"list\":[\"red\",\"green\",\"blue\"]}},"
    "{\"task\":\"choose\",\"text\":\"Find what is wrong\",\"repeat\":true,"
    "\"reply\":{\"defects\":[{\"label\":\"A\",\"what\":\"bare\",\"quote\":\"e\","
    "\"criterion\":\"\",\"severity\":\"low\"}]}},"
    "{\"task\":\"choose\",\"repeat\":true,\"reply\":{\"approve\":[],\"none\":true,"
    "\"confidence\":9,\"reason\":\"dull\"}},"
    "{\"task\":\"say\",\"text\":\"Cast your vote\",\"agent\":\"ann\",\"repeat\":true,"
    "\"reply\":{\"approve\":[\"A\",\"B\"],\"none\":false,\"confidence\":9,\"reason\":\"fine\"}},"
    "{\"task\":\"say\",\"text\":\"What others found\",\"repeat\":true,"
    "\"reply\":{\"approve\":[\"A\",\"B\"],\"none\":false,\"confidence\":9,\"reason\":\"now\"}},"
    "{\"task\":\"say\",\"text\":\"Cast your vote\",\"repeat\":true,"
    "\"reply\":{\"approve\":[],\"none\":true,\"confidence\":9,\"reason\":\"not so\"}},"
    "{\"task\":\"say\",\"text\":\"Find what is wrong\",\"repeat\":true,"
    "\"reply\":{\"defects\":[]}},"
    "{\"task\":\"say\",\"agent\":\"ann\",\"repeat\":true,\"reply\":\"ann's words\"},"
    "{\"task\":\"say\",\"agent\":\"bob\",\"repeat\":true,\"reply\":\"bob's words\"},"
    "{\"task\":\"say\",\"agent\":\"cat\",\"repeat\":true,\"reply\":\"cat's words\"},"
    "{\"task\":\"launch\",\"text\":\"Draft a plan\",\"agent\":\"ann\","
    "\"reply\":{\"items\":[" ITEM(
        "one", "cat",
        "") "]}},"
            "{\"task\":\"launch\",\"text\":\"Draft a plan\",\"agent\":\"bob\","
            "\"reply\":{\"items\":[" ITEM("x", "ann", "") "," ITEM("y", "cat", "") "," ITEM(
                "z", "bob",
                "\"x\",\"y\"") "]}},"
                               "{\"task\":\"launch\",\"text\":\"Cast your vote\",\"repeat\":true,"
                               "\"reply\":{\"approve\":[\"A\"],\"none\":false,\"confidence\":9,"
                               "\"reason\":\"go\"}},"
                               "{\"task\":\"launch\",\"repeat\":true,\"reply\":\"done by {task}\"},"
                               "{\"task\":\"pass\",\"text\":\"Cast your vote\",\"agent\":\"cat\","
                               "\"reply\":{\"objections\":[{\"what\":\"rude\",\"quote\":\"passed\","
                               "\"severity\":\"high\"}],"
                               "\"confidence\":9,\"reason\":\"no\"}},"
                               "{\"task\":\"pass\",\"text\":\"Cast your vote\",\"repeat\":true,"
                               "\"reply\":{\"objections\":[],\"confidence\":9,\"reason\":\"yes\"}},"
                               "{\"task\":\"pass\",\"reply\":\"passed\"},"
                               "{\"task\":\"pass\",\"reply\":\"passed on\"}]";

static void begin(struct play *p)
{
    play_init(p, crew, replies);
    play_run(p, false);
}

static void the_same_again(void **state)
{
    (void)state;
    struct play p;
    begin(&p);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    if (p.totals.done != 1)
        fail_msg("%s", play_normal(&p));
    assert_int_equal(p.counts[MOOT_DECISION], 7);
    char *first = play_normal(&p);
    play_again(&p);
    play_run(&p, false);
    char *second = play_normal(&p);
    assert_string_equal(first, second);
    free(first);
    free(second);
    play_release(&p);
}

static void killed_anywhere(void **state)
{
    (void)state;
    struct play p;
    begin(&p);
    char *whole = play_normal(&p);
    play_release(&p);
    int kills = 0;
    for (int after = 1; after < 200; after += 2, kills++) {
        play_init(&p, crew, replies);
        p.crash_after = after;
        play_run(&p, false);
        bool killed = p.state == MOOT_RUN_FAILED;
        if (killed) {
            p.crash_after = 0;
            play_run(&p, true);
            char *normal = play_normal(&p);
            if (strcmp(normal, whole) != 0) {
                fprintf(stderr, "%s\n--- not\n%s\n", normal, whole);
                fail_msg("killed after %d commits it went another way", after);
            }
            free(normal);
        }
        play_release(&p);
        if (!killed)
            break;
    }
    assert_in_range(kills, 5, 199);
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_again),
                                       cmocka_unit_test(killed_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
