/* Who has the floor in a swarm: whom it is handed to, and where it goes without a handoff. */
#include "tests/lib/talk_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AGENTS                                                                                     \
    "\"agents\":[{\"id\":\"triage\"},{\"id\":\"billing\"},{\"id\":\"customer\"},{\"id\":\"tech\"}" \
    "]"
#define CREW "{\"process\":\"swarm\"," AGENTS "}"

static const struct talk_play plays[] = {
    {.name = "a handoff goes where it says; an answer without one is the end",
     .crew = CREW,
     .lines = {"triage>billing: over to billing", "billing>tech:", "tech: It is plugged in now."},
     .want = "turn triage (start)\n"
             "turn billing (handed over by triage)\n"
             "turn tech (handed over by billing)\n"
             "end finished: tech answered without handing over = It is plugged in now.\n"},
    {.name = "to the customer, whose words go to whoever spoke to it",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"customer\",\"start\":\"customer\"}",
     .lines = {"customer>triage: My bill is wrong", "triage>billing: please look",
               "billing: Which one?", "customer: The second", "billing!: Refunded"},
     .want = "turn customer (start)\n"
             "turn triage (handed over by customer)\n"
             "turn billing (handed over by triage)\n"
             "turn customer (no handoff by billing)\n"
             "turn billing (customer answers)\n"
             "end finished: billing = Refunded\n"},
    {.name = "a customer who begins and addresses nobody speaks to the first of the others",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"customer\",\"start\":\"customer\"}",
     .lines = {"customer: Hello?", "triage!: Good day"},
     .want = "turn customer (start)\n"
             "turn triage (customer begins)\n"
             "end finished: triage = Good day\n"},
    {.name = "the floor goes back",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"return\"}",
     .lines = {"triage>tech: look", "tech: done", "triage: so it is"},
     .want = "turn triage (start)\n"
             "turn tech (handed over by triage)\n"
             "turn triage (back from tech)\n"
             "turn tech (back from triage)\n"},
    {.name = "the speaker keeps the floor, but not without end",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"keep\"}",
     .lines = {"triage: 1", "triage>tech: 2", "tech: 1", "tech: 2", "tech: 3", "tech: 4",
               "tech: 5"},
     .want = "turn triage (start)\n"
             "turn triage (keeps the floor)\n"
             "turn tech (handed over by triage)\n"
             "turn tech (keeps the floor)\n"
             "turn tech (keeps the floor)\n"
             "turn tech (keeps the floor)\n"
             "turn tech (keeps the floor)\n"
             "end no_progress: tech spoke 5 times without handing over = 5\n"},
    {.name = "the speaker is asked again, twice",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"retry\"}",
     .lines = {"triage: hm", "triage>tech: over", "tech: hm", "tech: hm", "tech: hm"},
     .want = "turn triage (start)\n"
             "turn triage (asked again: no handoff) nudge\n"
             "turn tech (handed over by triage)\n"
             "turn tech (asked again: no handoff) nudge\n"
             "turn tech (asked again: no handoff) nudge\n"
             "end no_progress: tech spoke 3 times without handing over = hm\n"},
    {.name = "to oneself, or to nobody who is there, is no handoff",
     .crew = CREW,
     .settings = "{\"on_no_handoff\":\"billing\"}",
     .lines = {"triage>triage: me", "billing>boss: him", "triage>tech: over"},
     .want = "turn triage (start)\n"
             "turn billing (no handoff by triage)\n"
             "turn triage (billing answers)\n"
             "turn tech (handed over by triage)\n"},
    {.name = "a handoff may be the end",
     .crew = CREW,
     .settings = "{\"termination\":{\"handoff\":\"customer\"}}",
     .lines = {"triage>customer: What is it?"},
     .want = "turn triage (start)\n"
             "end terminated: handoff: customer = What is it?\n"},
    {.name = "who fails, fails it",
     .crew = CREW,
     .lines = {"triage?: no such model"},
     .want = "turn triage (start)\n"
             "end failed: no such model\n"},
};

static void plays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(plays); i++)
        talk_play(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
