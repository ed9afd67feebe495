/* Limits that hold, and tries that are counted: every refusal is an outcome, every failed try a
 * note. */
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CREW(limits, tasks)                                                                        \
    "crew: bounds\nmodels: {default: scripted/replies.json}\nprocess: graph\n" limits              \
    "tasks:\n" tasks

static const char yes[] = "[{\"reply\": \"yes\", \"repeat\": true}]";

static void calls_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              CREW("limits: {calls: 2}\n", "  a: {prompt: One.}\n"
                                           "  b: {needs: [a], prompt: Two.}\n"
                                           "  c: {needs: [b], prompt: Three.}\n"),
              yes);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "\"status\":\"ok\""), 2);
    assert_int_equal(play_count(&p, "\"status\":\"limit\""), 1);
    assert_true(play_count(&p, "calls of item one: 2 allowed") > 0);
    play_release(&p);
}

static void what_is_in_flight_counts_before_it_ends(void **state)
{
    (void)state;
    struct play p;
    /* each call reserves 4096 and a little: two never fit together, one after the other they do */
    play_init(&p,
              CREW("limits: {tokens: 6000}\n", "  a: {prompt: One.}\n"
                                               "  b: {prompt: Two.}\n"
                                               "  c: {prompt: Three.}\n"),
              yes);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(play_count(&p, "\"kind\":\"model_reply\""), 3);
    play_release(&p);
}

static void what_can_never_fit_is_refused(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("limits: {tokens: 1000}\n", "  a: {prompt: One.}\n"), yes);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_true(play_count(&p, "tokens of item one: 0 used") > 0);
    play_release(&p);
}

static void a_tool_is_called_no_more_often_than_allowed(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              "crew: bounds\nmodels: {default: scripted/replies.json}\nprocess: sequential\n"
              "tools:\n  mail: {use: send_email, limits: {calls: 1}}\n"
              "tasks:\n"
              "  a: {tool: mail, args: {to: a@b.example, subject: s, body: x}}\n"
              "  b: {tool: mail, args: {to: a@b.example, subject: s, body: x}}\n",
              yes);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "\"status\":\"ok\""), 1);
    assert_int_equal(play_count(&p, "\"status\":\"limit\""), 1);
    play_release(&p);
}

static void a_failed_try_is_noted_and_made_again(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("", "  a: {prompt: One.}\n"),
              "[{\"error\": {\"status\": 429, \"retry_after\": \"2s\"}},"
              " {\"error\": {\"status\": 503}},"
              " {\"reply\": \"yes\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.counts[MOOT_ERROR], 2);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 1);
    assert_int_equal(p.counts[MOOT_MODEL_REPLY], 1);
    assert_int_equal(play_count(&p, "\"delay\":2000"), 1);
    assert_true(p.totals.ms >= 2000);
    play_release(&p);
}

static void it_is_not_tried_for_ever(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("", "  a: {prompt: One.}\n"),
              "[{\"error\": {\"status\": 500}, \"repeat\": true}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(p.counts[MOOT_ERROR], 4); /* and the fifth is the outcome */
    play_release(&p);
}

static void what_cannot_be_mended_by_trying_is_tried_once(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("", "  a: {prompt: One.}\n"),
              "[{\"error\": {\"status\": 401}, \"repeat\": true}]");
    play_run(&p, false);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(p.counts[MOOT_ERROR], 0);
    play_release(&p);
}

static void one_items_failure_stops_no_other(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("", "  a: {prompt: One.}\n"),
              "[{\"item\": \"two\", \"error\": {\"status\": 401}},"
              " {\"reply\": \"yes\", \"repeat\": true}]");
    play_items(&p, "[{\"name\": \"one\"}, {\"name\": \"two\"}, {\"name\": \"three\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 2);
    assert_int_equal(p.totals.failed, 1);
    play_release(&p);
}

static void an_items_time_ends_it(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("limits: {seconds: 5s}\n", "  a: {prompt: One.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"60s\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "limit reached: seconds of the item"), 1);
    assert_int_equal(play_count(&p, "\"status\":\"cancelled\""), 1);
    play_release(&p);
}

static void a_tasks_time_ends_it(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("", "  a: {prompt: One., limits: {seconds: 5s}}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"60s\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_true(play_count(&p, "limit reached: seconds of task a") > 0);
    assert_true(p.totals.ms < 10000);
    play_release(&p);
}

static void the_runs_time_ends_every_item(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW("limits: {total: {seconds: 5s}}\n", "  a: {prompt: One.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"3s\", \"repeat\": true}]");
    p.jobs = 1;
    play_items(&p, "[{\"name\": \"one\"}, {\"name\": \"two\"}, {\"name\": \"three\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.totals.failed, 2);
    assert_int_equal(play_count(&p, "limit reached: seconds of the run"), 2);
    play_release(&p);
}

#define WRITER(seconds) "agents:\n  writer: {role: Writer, limits: {seconds: " seconds "}}\n"

static void an_agents_time_ends_its_call(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW(WRITER("5s"), "  a: {agent: writer, prompt: Write.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"60s\"}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "\"status\":\"limit\""), 1);
    assert_int_equal(play_count(&p, "\"took\":5000"), 1);
    assert_true(play_count(&p, "limit reached: seconds of agent writer") > 0);
    assert_int_equal(p.totals.ms, 5000);
    play_release(&p);
}

/* Two calls of 3 s fit into 7 s, of the third there is 1 s left. What others say takes none of it.
 */
static void an_agents_time_is_that_of_its_calls(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              CREW("agents:\n  writer: {role: Writer, limits: {seconds: 7s}}\n"
                   "  reader: {role: Reader}\n",
                   "  a: {agent: writer, prompt: Write.}\n"
                   "  b: {agent: reader, needs: [a], prompt: Read.}\n"
                   "  c: {agent: writer, needs: [b], prompt: Write.}\n"
                   "  d: {agent: writer, needs: [c], prompt: Write.}\n"),
              "[{\"agent\": \"reader\", \"reply\": \"a b c d\", \"pace\": \"60s\"},"
              " {\"reply\": \"a b c d\", \"pace\": \"3s\", \"repeat\": true}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "\"took\":3000"), 2);
    assert_int_equal(play_count(&p, "\"took\":1000"), 1);
    assert_true(play_count(&p, "limit reached: seconds of agent writer") > 0);
    play_release(&p);
}

static void calls_at_once_use_an_agents_time_up_together(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              CREW(WRITER("6s"), "  a: {agent: writer, prompt: Write.}\n"
                                 "  b: {agent: writer, prompt: Write.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"60s\", \"repeat\": true}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(p.totals.ms, 3000);
    play_release(&p);
}

static void each_item_gives_an_agent_its_time(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, CREW(WRITER("5s"), "  a: {agent: writer, prompt: Write.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"4s\", \"repeat\": true}]");
    play_items(&p, "[{\"name\": \"one\"}, {\"name\": \"two\"}, {\"name\": \"three\"}]");
    play_run(&p, false);
    assert_int_equal(p.totals.done, 3);
    play_release(&p);
}

/* Cut off after every commit and taken up: what its calls took before counts. */
static void an_agents_time_goes_on_where_it_stood(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              CREW(WRITER("7s"), "  a: {agent: writer, prompt: Write.}\n"
                                 "  b: {agent: writer, needs: [a], prompt: Write.}\n"
                                 "  c: {agent: writer, needs: [b], prompt: Write.}\n"),
              "[{\"reply\": \"a b c d\", \"pace\": \"3s\", \"repeat\": true}]");
    play_run(&p, false);
    char *whole = play_normal(&p);
    int crashes = 0;
    for (p.crash_after = 1;; p.crash_after++) {
        play_again(&p);
        play_run(&p, false);
        if (p.state == MOOT_RUN_CLOSED)
            break;
        int crash = p.crash_after;
        p.crash_after = 0;
        play_run(&p, true);
        p.crash_after = crash;
        crashes++;
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(play_count(&p, "\"took\":3000"), 2);
        assert_int_equal(play_count(&p, "\"took\":1000"), 1);
        char *again = play_normal(&p);
        assert_string_equal(again, whole);
        free(again);
    }
    assert_true(crashes >= 3);
    free(whole);
    play_release(&p);
}

static void conversations_go_no_deeper_than_allowed(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              "crew: deep\nmodels: {default: scripted/replies.json}\nprocess: graph\n"
              "limits: {depth: 1}\n"
              "agents:\n  writer: {role: Writer}\n  reviewer: {kind: judge, role: Reviewer}\n"
              "tasks:\n  a:\n    agent: writer\n    prompt: One.\n"
              "    check: [{judge: reviewer, criteria: [It is good.]}]\n",
              yes);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_true(play_count(&p, "deeper than limits.depth") > 0);
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_beyond_the_limit_are_refused),
        cmocka_unit_test(what_is_in_flight_counts_before_it_ends),
        cmocka_unit_test(what_can_never_fit_is_refused),
        cmocka_unit_test(a_tool_is_called_no_more_often_than_allowed),
        cmocka_unit_test(a_failed_try_is_noted_and_made_again),
        cmocka_unit_test(it_is_not_tried_for_ever),
        cmocka_unit_test(what_cannot_be_mended_by_trying_is_tried_once),
        cmocka_unit_test(one_items_failure_stops_no_other),
        cmocka_unit_test(an_items_time_ends_it),
        cmocka_unit_test(a_tasks_time_ends_it),
        cmocka_unit_test(the_runs_time_ends_every_item),
        cmocka_unit_test(an_agents_time_ends_its_call),
        cmocka_unit_test(an_agents_time_is_that_of_its_calls),
        cmocka_unit_test(calls_at_once_use_an_agents_time_up_together),
        cmocka_unit_test(each_item_gives_an_agent_its_time),
        cmocka_unit_test(an_agents_time_goes_on_where_it_stood),
        cmocka_unit_test(conversations_go_no_deeper_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
