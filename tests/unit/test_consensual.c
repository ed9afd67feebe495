/* The manager of `consensual`: tasks go one by one, those that are agreed on through a council, and
 * what is decided is there for the next. */
#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW(tasks)                                                                                \
    "{\"process\":\"consensual\",\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"},{\"id\":\"cat\"}]," \
    "\"tasks\":[" tasks "]}"
#define PLAIN(id, more) "{\"id\":\"" id "\",\"agent\":\"ann\",\"prompt\":\"x\"" more "}"
#define CHOOSE(more)                                                                               \
    "{\"id\":\"choose\",\"agent\":\"manager\",\"uses\":[\"ideas.list\"],\"needs\":[\"ideas\"],"    \
    "\"vote\":{\"candidates\":\"ideas.list\"}" more "}"
#define IDEAS ",\"output\":{\"list\":[\"text\"]}"

static const struct mini_scenario scenarios[] = {
    {.name = "a plain task, a vote on what it gave, and a task with what was chosen",
     .crew = CREW(PLAIN("ideas", IDEAS) "," CHOOSE(
         "") ","
             "{\"id\":\"say\",\"agent\":\"ann\",\"prompt\":\"{choose}!\",\"needs\":[\"choose\"]}"),
     .input = "{}",
     .answers = {{.conv = "ideas#1", .body = "{\"list\":[\"red\",\"green\"]}"},
                 {.conv = "say#1", .body = "said"},
                 {.body = "{\"approve\":[],\"none\":true,\"reason\":\"\"}", .times = -1}},
     .kinds = "open ballot decision end",
     .want = "3 host open\n"
             "3/ideas#1 manager open\n"
             "3/ideas#1 host end done\n"
             "3/choose#1 manager open\n"
             "3/choose#1/vote1-ann manager open\n"
             "3/choose#1/vote1-bob manager open\n"
             "3/choose#1/vote1-cat manager open\n"
             "3/choose#1/vote1-ann ann ballot\n"
             "3/choose#1/vote1-ann host end done\n"
             "3/choose#1/vote1-bob bob ballot\n"
             "3/choose#1/vote1-bob host end done\n"
             "3/choose#1/vote1-cat cat ballot\n"
             "3/choose#1/vote1-cat host end done\n"
             "3/choose#1 manager decision\n"
             "3/choose#1/critique2-ann manager open\n"
             "3/choose#1/critique2-bob manager open\n"
             "3/choose#1/critique2-cat manager open\n"
             "3/choose#1/critique2-ann host end failed\n"
             "3/choose#1/critique2-bob host end failed\n"
             "3/choose#1/critique2-cat host end failed\n"
             "3/choose#1/vote2-ann manager open\n"
             "3/choose#1/vote2-bob manager open\n"
             "3/choose#1/vote2-cat manager open\n"
             "3/choose#1/vote2-ann ann ballot\n"
             "3/choose#1/vote2-ann host end done\n"
             "3/choose#1/vote2-bob bob ballot\n"
             "3/choose#1/vote2-bob host end done\n"
             "3/choose#1/vote2-cat cat ballot\n"
             "3/choose#1/vote2-cat host end done\n"
             "3/choose#1 manager decision\n"
             "3/choose#1 host end done\n"
             "3/say#1 manager open\n"
             "3/say#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "one that is skipped is not voted on",
     .crew = CREW(PLAIN("ideas", IDEAS) "," CHOOSE(",\"when\":\"input.go\"")),
     .input = "{\"go\":false}",
     .answers = {{.conv = "ideas#1", .body = "{\"list\":[\"red\",\"green\"]}"}},
     .kinds = "open",
     .want = "3 host open\n3/ideas#1 manager open\n",
     .outcome = "done"},
};

static void plays(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(scenarios); i++)
        mini_host_play(&scenarios[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
