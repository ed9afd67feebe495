#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AGENTS "\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"},{\"id\":\"eve\",\"kind\":\"judge\"}]"
#define CREW(tasks) "{\"item\":\"shop\",\"process\":\"graph\"," AGENTS ",\"tasks\":[" tasks "]}"

static const struct mini_scenario scenarios[] = {
    {.name = "one task",
     .crew = CREW("{\"id\":\"a\",\"agent\":\"ann\",\"prompt\":\"Say {shop.text}\"}"),
     .input = "{\"name\":\"x\",\"text\":\"hello\"}",
     .answers = {{.body = "said"}},
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 ann model_call\n"
             "3/a#1 host model_reply\n"
             "3/a#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "independent ones at once, then what needs them",
     .crew =
         CREW("{\"id\":\"a\",\"agent\":\"ann\",\"prompt\":\"A\"},"
              "{\"id\":\"b\",\"agent\":\"bob\",\"prompt\":\"B\"},"
              "{\"id\":\"c\",\"agent\":\"ann\",\"prompt\":\"{a} {b}\",\"needs\":[\"a\",\"b\"]}"),
     .input = "{}",
     .answers = {{.body = "x", .times = -1}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/b#1 manager open\n"
             "3/a#1 host end done\n"
             "3/b#1 host end done\n"
             "3/c#1 manager open\n"
             "3/c#1 host end done\n"
             "3 host end done\n",
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
