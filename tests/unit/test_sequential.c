#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW(tasks)                                                                                \
    "{\"process\":\"sequential\",\"agents\":[{\"id\":\"ann\"}],\"tasks\":[" tasks "]}"
#define TASK(id, more) "{\"id\":\"" id "\",\"agent\":\"ann\",\"prompt\":\"x\"" more "}"

static const struct mini_scenario scenarios[] = {
    {.name = "one after another, also what could run at once",
     .crew = CREW(TASK("a", "") "," TASK("b", "") "," TASK("c", "")),
     .input = "{}",
     .answers = {{.body = "x", .times = -1}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 host end done\n"
             "3/b#1 manager open\n"
             "3/b#1 host end done\n"
             "3/c#1 manager open\n"
             "3/c#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "sent back upstream, then onwards from there",
     .crew = CREW(TASK("a", "") "," TASK("b", ",\"needs\":[\"a\"]") "," TASK(
         "c", ",\"needs\":[\"a\",\"b\"],\"on_reject\":\"b\",\"checks\":[{\"pattern\":\"good\"}]")),
     .input = "{}",
     .answers = {{.conv = "c#2", .body = "good"}, {.body = "x", .times = -1}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 host end done\n"
             "3/b#1 manager open\n"
             "3/b#1 host end done\n"
             "3/c#1 manager open\n"
             "3/c#1 host end rejected\n"
             "3/b#2 manager open\n"
             "3/b#2 host end done\n"
             "3/c#2 manager open\n"
             "3/c#2 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "one that waits for a person keeps the others waiting",
     .crew = CREW(TASK("a", ",\"attempts\":1,\"on_exhausted\":\"ask\",\"checks\":[{\"pattern\":"
                            "\"good\"}]") "," TASK("b", "")),
     .input = "{}",
     .answers = {{.tool = "?", .body = "approve"}, {.body = "x", .times = -1}},
     .kinds = "open question answer end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 host end rejected\n"
             "3 manager question\n"
             "3 person answer\n"
             "3/b#1 manager open\n"
             "3/b#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "a skipped one is passed over",
     .crew = CREW(TASK("a", "") "," TASK("b", ",\"when\":\"input.go\"") "," TASK("c", "")),
     .input = "{\"go\":false}",
     .answers = {{.body = "x", .times = -1}},
     .kinds = "open",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/c#1 manager open\n",
     .outcome = "done"},
    {.name = "one that needs a later one can never begin",
     .crew = CREW(TASK("a", ",\"needs\":[\"b\"]") "," TASK("b", "")),
     .input = "{}",
     .answers = {{0}},
     .kinds = "open end",
     .want = "3 host open\n3 host end failed\n",
     .outcome = "failed"},
};

static void plays(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(scenarios); i++)
        mini_host_play(&scenarios[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
