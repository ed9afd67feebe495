/* When a user proxy asks its person, and what becomes of the answer. */
#include "tests/lib/member_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PROXY(more)                                                                                \
    "{\"process\":\"pair\",\"agents\":[{\"id\":\"uma\",\"kind\":\"user_proxy\"" more               \
    "},{\"id\":\"bob\"}]}"
#define GOAL ",\"goal\":\"A tutor.\""
#define THINKS "think\n  user: One.\n"

static const struct member_play plays[] = {
    {.name = "always: text is the reply, without the space around it",
     .crew = PROXY(",\"human_input\":\"always\""),
     .agent = "uma",
     .lines = {"bob: One.", "floor", "=:   Shorter. "},
     .want = "question\nsay Shorter. by person\n"},
    {.name = "always: nothing is the automatic reply, exit stops",
     .crew = PROXY(",\"human_input\":\"always\""),
     .agent = "uma",
     .lines = {"floor", "=: ", "floor", "=: \tEXIT "},
     .want = "question\nsay  by auto\nquestion\nsay  by person exit person\n"},
    {.name = "always: where it would end, nothing and exit let it end",
     .crew = PROXY(",\"human_input\":\"always\""),
     .agent = "uma",
     .lines = {"floor ending", "=: ", "floor ending", "=: exit", "floor ending", "=: Go on."},
     .want = "question\nsay  by person exit ending\nquestion\nsay  by person exit ending\n"
             "question\nsay Go on. by person\n"},
    {.name = "exit among other words is a word",
     .crew = PROXY(",\"human_input\":\"always\""),
     .agent = "uma",
     .lines = {"floor", "=: exit the loop"},
     .want = "question\nsay exit the loop by person\n"},
    {.name = "always: nothing lets its model speak, which knows what its person said",
     .crew = PROXY(",\"human_input\":\"always\"" GOAL),
     .agent = "uma",
     .lines = {"bob: One.", "floor", "=: Two.", "bob: Three.", "floor", "=: ", "*: Four."},
     .want = "question\nsay Two. by person\nquestion\n"
             "think\n  user: One.\n  assistant: Two.\n  user: Three.\nsay Four.\n"},
    {.name = "terminate: asks at the end and at the limit only",
     .crew = PROXY(",\"human_input\":\"terminate\",\"max_auto_replies\":1"),
     .agent = "uma",
     .lines = {"floor", "floor", "=: ", "floor", "=: More.", "floor", "floor ending"},
     .want = "say  by auto\nquestion\nsay  by auto\nquestion\nsay More. by person\n"
             "say  by auto\nquestion\n"},
    {.name = "never: at its limit it leaves",
     .crew = PROXY(",\"max_auto_replies\":1" GOAL),
     .agent = "uma",
     .lines = {"bob: One.", "floor", "*: Two.", "floor"},
     .want = THINKS "say Two.\nsay  by auto exit limit\n"},
    {.name = "no automatic reply at all",
     .crew = PROXY(",\"max_auto_replies\":0" GOAL),
     .agent = "uma",
     .lines = {"bob: One.", "floor"},
     .want = "say  by auto exit limit\n"},
    {.name = "an answer to no open question is nothing",
     .crew = PROXY(",\"human_input\":\"always\""),
     .agent = "uma",
     .lines = {"=: Early.", "floor", "=: One.", "=: Two."},
     .want = "question\nsay One. by person\n"},
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
