/* A member's part in a conversation: what it hears, what its model is told of it, what it says. */
#include "tests/lib/member_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TOOLS                                                                                      \
    ",\"tools\":[{\"id\":\"finish\",\"form\":true},{\"id\":\"transfer_to_bob\",\"form\":true},"    \
    "{\"id\":\"look\"}]}"
#define TWO                                                                                        \
    "{\"process\":\"pair\",\"agents\":[{\"id\":\"ann\",\"tools\":[\"look\"],\"talk_tools\":["      \
    "\"finish\",\"transfer_to_bob\"]},{\"id\":\"bob\"}]" TOOLS
#define THREE                                                                                      \
    "{\"process\":\"pair\",\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"},{\"id\":\"cid\"}]}"

static const struct member_play plays[] = {
    {.name = "its model is told what was heard since, once",
     .crew = TWO,
     .agent = "ann",
     .lines = {"bob: One.", "bob: Two.", "floor", "*: Three.", "bob: Four.", "floor"},
     .want = "think\n  user: One.\n  user: Two.\nsay Three.\n"
             "think\n  assistant: \n  user: Four.\n"},
    {.name = "among more than two it is told whose words they are, but for the manager's",
     .crew = THREE,
     .agent = "ann",
     .lines = {"manager: Begin.", "bob: One.", "cid: Two.", "floor"},
     .want = "think\n  user: Begin.\n  user: [bob] One.\n  user: [cid] Two.\n"},
    {.name = "who begins is told so, and who was told nothing new",
     .crew = TWO,
     .agent = "ann",
     .lines = {"floor", "*: One.", "floor"},
     .want = "think\n  user: The conversation begins. Yours are the first words.\nsay One.\n"
             "think\n  assistant: \n  user: Nobody has said anything. It is your turn again.\n"},
    {.name = "empty words are not told",
     .crew = TWO,
     .agent = "ann",
     .lines = {"bob: One.", "bob:  ", "floor"},
     .want = "think\n  user: One.\n"},
    {.name = "a nudge is told last, and in that turn alone",
     .crew = TWO,
     .agent = "ann",
     .lines = {"bob: One.", "floor Go on.", "*: Two.", "bob: Three.", "floor"},
     .want = "think\n  user: One.\n  user: Go on.\nsay Two.\n"
             "think\n  assistant: \n  user: Three.\n"},
    {.name = "it speaks when it has the floor, and once",
     .crew = TWO,
     .agent = "ann",
     .lines = {"bob: One.", "floor", "floor", "*: Two.", "*: Three."},
     .want = "think\n  user: One.\nsay Two.\n"},
    {.name = "finish, handoff, failure",
     .crew = TWO,
     .agent = "ann",
     .lines = {"floor", "*finish: {\"result\":\"All.\"}", "floor",
               "*transfer_to_bob: {\"message\":\"Yours.\"}", "floor", "*?: overloaded"},
     .want = "think\n  user: The conversation begins. Yours are the first words.\n"
             "say  finish All.\n"
             "think\n  assistant: \n  tool: noted\n"
             "  user: Nobody has said anything. It is your turn again.\n"
             "say Yours. handoff bob\n"
             "think\n  assistant: \n  tool: noted\n"
             "  user: Nobody has said anything. It is your turn again.\n"
             "failed error: overloaded\n"},
    {.name = "what a person says while it calls a tool it is told when the call ends",
     .crew = TWO,
     .agent = "ann",
     .lines = {"bob: One.", "floor", "*look: {}", "eve: Two.", "ok: seen", "*: Three."},
     .want = "think\n  user: One.\ncall look {}\nthink\n  assistant: \n  tool: \n"
             "  user: Two.\nsay Three.\n"},
};

static void plays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(plays); i++)
        member_play(&plays[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
