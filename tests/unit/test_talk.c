/* What all managers of a conversation do, seen in a pair: the opening, the floor, conditions,
 * turns, persons, the end. */
#include "tests/lib/talk_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"process\":\"pair\",\"item\":\"question\",\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"}]}"
#define PROXY                                                                                      \
    "{\"process\":\"pair\",\"agents\":[{\"id\":\"ann\"},{\"id\":\"uma\",\"kind\":\"user_proxy\","  \
    "\"human_input\":\"always\"}]}"

static const struct talk_play plays[] = {
    {.name = "the opening is filled, and the other answers it",
     .crew = CREW,
     .settings = "{\"opening\":\"On: {question.text}\"}",
     .lines = {"bob: One.", "ann!: Two."},
     .want = "say On: Why?\nturn bob (start)\nturn ann (turn about)\nend finished: ann = Two.\n"},
    {.name = "the result is the newest answer, not the newest words of a user proxy",
     .crew = PROXY,
     .settings = "{\"turns\":3}",
     .lines = {"uma: Do it.", "ann: Done.", "uma: Thanks."},
     .want = "turn uma (start)\nturn ann (turn about)\nturn uma (turn about)\n"
             "end limit: turns: 3 = Done.\n"},
    {.name = "a condition that is met lets a person go on",
     .crew = PROXY,
     .settings = "{\"termination\":{\"text\":\"DONE\"}}",
     .lines = {"uma: Do it.", "ann: DONE", "uma: More.", "ann: DONE"},
     .want = "turn uma (start)\nturn ann (turn about)\nturn uma (text: DONE)\n"
             "turn ann (turn about)\nturn uma (text: DONE)\n"},
    {.name = "without a person it ends there",
     .crew = CREW,
     .settings = "{\"termination\":{\"text\":\"DONE\"}}",
     .lines = {"ann: Here.", "bob: DONE"},
     .want = "turn ann (start)\nturn bob (turn about)\nend terminated: text: DONE = DONE\n"},
    {.name = "a turn that fails ends it with the answer so far",
     .crew = CREW,
     .lines = {"ann: Here.", "bob?: overloaded"},
     .want = "turn ann (start)\nturn bob (turn about)\nend failed: overloaded = Here.\n"},
    {.name = "whom a person speaks to has the next turn; its words end nothing",
     .crew = CREW,
     .settings = "{\"termination\":{\"text\":\"DONE\"}}",
     .lines = {"eve@ann: DONE", "ann: Here.", "ann: There."},
     .want = "turn ann (start)\nturn ann (a person spoke to it)\nturn bob (turn about)\n"},
    {.name = "a pair is two",
     .crew = "{\"process\":\"pair\",\"agents\":[{\"id\":\"ann\"}]}",
     .want = "end failed: a pair is two agents\n"},
};

static void plays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(plays); i++)
        talk_play(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
