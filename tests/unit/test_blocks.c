/* Which code blocks a user proxy runs, in what order, and what it says of them. */
#include "tests/lib/member_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"process\":\"pair\",\"agents\":[{\"id\":\"uma\",\"kind\":\"user_proxy\","                   \
    "\"code_execution\":true},{\"id\":\"bob\"}]}"
#define ECHO(n) "```sh\necho " n "\n```\n"
#define CALL(n) "call run_code {\"language\":\"sh\",\"code\":\"echo " n "\\n\"}\n"

static const struct member_play plays[] = {
    {.name = "one after another, and what came of each",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: " ECHO("1") "and\n" ECHO("2"), "floor", "ok: exit 0\n1\n", "ok: exit 0\n2\n"},
     .want = CALL("1") CALL("2") "say Block 1 (sh): exit 0|1||Block 2 (sh): exit 0|2 by auto\n"},
    {.name = "the first that fails is the last",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: " ECHO("1") ECHO("2"), "floor", "error: exit 3"},
     .want = CALL("1") "say Block 1 (sh): exit 3||The blocks after it were not run. by auto\n"},
    {.name = "what was denied was not run",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: " ECHO("1"), "floor", "denied: a person refused it"},
     .want = CALL("1") "say Block 1 (sh) was not run to its end: denied: a person refused it by "
                       "auto\n"},
    {.name = "a name in the first line goes with it",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: ```python\n# filename: a.py\n1\n```", "floor", "ok: exit 0"},
     .want = "call run_code {\"language\":\"python\",\"code\":\"# filename: a.py\\n1\\n\","
             "\"filename\":\"a.py\"}\nsay Block 1 (python, a.py): exit 0 by auto\n"},
    {.name = "words after the code leave it, newer code takes its place",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: " ECHO("1"), "bob: " ECHO("2"), "bob: Please.", "floor", "ok: exit 0"},
     .want = CALL("2") "say Block 1 (sh): exit 0 by auto\n"},
    {.name = "what was run is not run again, and other languages are not run",
     .crew = CREW,
     .agent = "uma",
     .lines = {"bob: " ECHO("1"), "floor", "ok: exit 0", "bob: ```text\nno code\n```", "floor"},
     .want = CALL("1") "say Block 1 (sh): exit 0 by auto\nsay  by auto\n"},
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
