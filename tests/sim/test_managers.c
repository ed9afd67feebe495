/* Managers of conversations on the real host: killed after each commit in turn and taken up again,
 * a conversation comes to the same end, with the same speakers for the same reasons. */
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char group_chat[] =
    "crew: desk\nmodels: {default: scripted/replies.json}\nprocess: group_chat\ngoal: Know why.\n"
    "group_chat: {transitions: {planner: [writer, critic], writer: [critic], critic: [writer, "
    "planner]}}\n"
    "agents: {planner: {role: P}, writer: {role: W}, critic: {role: C}}\n"
    "termination: {text: APPROVED, from: critic}\n";
static const char group_chat_replies[] =
    "[{\"agent\":\"planner\",\"reply\":\"Write it down.\"},"
    "{\"agent\":\"group_chat\",\"step\":1,\"reply\":\"planner\"},"
    "{\"agent\":\"group_chat\",\"step\":2,\"reply\":\"{\\\"next\\\":\\\"writer\\\"}\"},"
    "{\"agent\":\"writer\",\"reply\":\"Three of a hundred.\"},"
    "{\"agent\":\"critic\",\"reply\":\"APPROVED\"}]";

static const char swarm[] =
    "crew: help\nmodels: {default: scripted/replies.json}\nprocess: swarm\ngoal: Mend it.\n"
    "agents: {triage: {role: T}, billing: {role: B}}\nswarm: {on_no_handoff: stop}\n";
static const char swarm_replies[] =
    "[{\"agent\":\"triage\",\"reply\":\"Over to you.\",\"calls\":[{\"name\":"
    "\"transfer_to_billing\",\"arguments\":{\"message\":\"please\"}}]},"
    "{\"agent\":\"billing\",\"reply\":\"Twelve euros come back.\"}]";

#define LOOK(step, done)                                                                           \
    "{\"agent\":\"ledger\",\"step\":" step ",\"reply\":{\"done\":" done                            \
    ",\"progress\":true,\"loop\":false,\"next\":\"surfer\",\"instruction\":\"Look it up.\","       \
    "\"reason\":\"it is needed\"}},"
static const char ledger[] =
    "crew: ledger\nmodels: {default: scripted/replies.json}\nprocess: ledger\ngoal: Know why.\n"
    "agents: {surfer: {role: S}, coder: {role: C}}\n";
static const char ledger_replies[] = "[" LOOK("3", "false")
    LOOK("4", "true") "{\"agent\":\"ledger\",\"step\":1,\"reply\":\"Nothing is given.\"},"
                      "{\"agent\":\"ledger\",\"step\":2,\"reply\":\"1. surfer looks.\"},"
                      "{\"agent\":\"ledger\",\"step\":5,\"reply\":\"Three.\"},"
                      "{\"agent\":\"surfer\",\"reply\":\"Three of a hundred.\"}]";

/* Whole, then killed after each commit: what was said and who spoke is the same. */
static void killed_anywhere(const char *crew, const char *replies, int turns, const char *why)
{
    struct play p;
    play_init(&p, crew, replies);
    for (p.crash_after = 0; p.crash_after < 200; p.crash_after++) {
        play_run(&p, false);
        bool whole = p.state == MOOT_RUN_CLOSED;
        int crash = p.crash_after;
        p.crash_after = 0;
        if (!whole)
            play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.totals.done, 1);
        assert_int_equal(play_count(&p, "\"kind\":\"turn\""), turns);
        assert_int_equal(play_count(&p, why), 1);
        play_again(&p);
        p.crash_after = crash;
        if (whole && crash > 0)
            break;
    }
    assert_in_range(p.crash_after, 3, 100);
    play_release(&p);
}

static void a_group_chat(void **state)
{
    (void)state;
    killed_anywhere(group_chat, group_chat_replies, 3, "\"why\":\"asked: writer\"");
}

static void a_swarm(void **state)
{
    (void)state;
    killed_anywhere(swarm, swarm_replies, 2, "\"why\":\"handed over by triage\"");
}

static void a_ledger(void **state)
{
    (void)state;
    killed_anywhere(ledger, ledger_replies, 1, "\"why\":\"ledger: it is needed\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_chat),
        cmocka_unit_test(a_swarm),
        cmocka_unit_test(a_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
