/* The manager of `graph`, with everything below it real but the models: what it opens, in which
 * order, and how the item ends. */
#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AGENTS "\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"},{\"id\":\"eve\",\"kind\":\"judge\"}]"
#define CREW(tasks) "{\"item\":\"shop\",\"process\":\"graph\"," AGENTS ",\"tasks\":[" tasks "]}"
#define TASK(id, agent, more) "{\"id\":\"" id "\",\"agent\":\"" agent "\"" more "}"
#define ASKED(text) ",\"prompt\":\"" text "\""
#define NO(what) "{\"passed\":false,\"score\":3,\"problems\":[{\"what\":\"" what "\"}]}"
#define YES "{\"passed\":true,\"score\":9}"
#define NEEDS(list) ",\"needs\":[" list "]"
#define NEEDS_A NEEDS("\"a\"")
#define JUDGED ",\"checks\":[{\"judge\":\"eve\"}]"

static const struct mini_scenario scenarios[] = {
    {.name = "one task",
     .crew = CREW(TASK("a", "ann", ASKED("Say {shop.text}"))),
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
     .crew = CREW(TASK("a", "ann", ASKED("A")) "," TASK("b", "bob", ASKED("B")) "," TASK(
         "c", "ann", ASKED("{a} {b}") ",\"needs\":[\"a\",\"b\"]")),
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
    {.name = "rejected once, then accepted",
     .crew = CREW(TASK("a", "ann", ASKED("A") JUDGED)),
     .input = "{}",
     .answers = {{.who = "ann", .body = "x", .times = -1},
                 {.who = "eve", .body = NO("dull")},
                 {.who = "eve", .body = YES}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1/judge1 ann open\n"
             "3/a#1/judge1 host end done\n"
             "3/a#1 host end rejected\n"
             "3/a#2 manager open\n"
             "3/a#2/judge1 ann open\n"
             "3/a#2/judge1 host end done\n"
             "3/a#2 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "sent back upstream: all on the way runs again, the rest does not",
     .crew = CREW(TASK("a", "ann", ASKED("A")) "," TASK("b", "bob", ASKED("{a}") NEEDS_A) "," TASK(
         "side", "bob",
         ASKED("{a}") NEEDS_A) "," TASK("c", "ann",
                                        ASKED("{b}") NEEDS("\"b\"") ",\"on_"
                                                                    "reject\":\"a\",\"attempts\":"
                                                                    "3" JUDGED)),
     .input = "{}",
     .answers = {{.who = "eve", .body = NO("dull")},
                 {.who = "eve", .body = NO("dull")},
                 {.who = "eve", .body = YES},
                 {.body = "x", .times = -1}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 host end done\n"
             "3/b#1 manager open\n"
             "3/side#1 manager open\n"
             "3/b#1 host end done\n"
             "3/c#1 manager open\n"
             "3/side#1 host end done\n"
             "3/c#1/judge1 ann open\n"
             "3/c#1/judge1 host end done\n"
             "3/c#1 host end rejected\n"
             "3/a#2 manager open\n"
             "3/a#2 host end done\n"
             "3/b#2 manager open\n"
             "3/b#2 host end done\n"
             "3/c#2 manager open\n"
             "3/c#2/judge1 ann open\n"
             "3/c#2/judge1 host end done\n"
             "3/c#2 host end rejected\n"
             "3/a#3 manager open\n"
             "3/a#3 host end done\n"
             "3/b#3 manager open\n"
             "3/b#3 host end done\n"
             "3/c#3 manager open\n"
             "3/c#3/judge1 ann open\n"
             "3/c#3/judge1 host end done\n"
             "3/c#3 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "used up: the item is rejected",
     .crew = CREW(TASK("a", "ann", ASKED("A") JUDGED) "," TASK("b", "bob", ASKED("{a}") NEEDS_A)),
     .input = "{}",
     .answers = {{.who = "ann", .body = "x", .times = 2},
                 {.who = "eve", .body = NO("dull"), .times = 2}},
     .kinds = "end",
     .want = "3/a#1/judge1 host end done\n"
             "3/a#1 host end rejected\n"
             "3/a#2/judge1 host end done\n"
             "3/a#2 host end rejected\n"
             "3 host end rejected\n",
     .outcome = "rejected"},
    {.name = "used up: a person takes the best",
     .crew = CREW(TASK("a", "ann", ASKED("A") ",\"on_exhausted\":\"ask\"" JUDGED) "," TASK(
         "b", "bob", ASKED("{a}") NEEDS_A)),
     .input = "{}",
     .answers = {{.body = "x", .who = "ann", .times = 2},
                 {.who = "eve", .body = NO("dull"), .times = 2},
                 {.tool = "?", .body = "approve"},
                 {.who = "bob", .body = "y"}},
     .kinds = "question answer end",
     .want = "3/a#1/judge1 host end done\n"
             "3/a#1 host end rejected\n"
             "3/a#2/judge1 host end done\n"
             "3/a#2 host end rejected\n"
             "3 manager question\n"
             "3 person answer\n"
             "3/b#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "used up: a person rejects",
     .crew = CREW(TASK("a", "ann", ASKED("A") ",\"attempts\":1,\"on_exhausted\":\"ask\"" JUDGED)),
     .input = "{}",
     .answers = {{.body = "x", .who = "ann"},
                 {.who = "eve", .body = NO("dull")},
                 {.tool = "?", .body = "reject"}},
     .kinds = "question end",
     .want = "3/a#1/judge1 host end done\n"
             "3/a#1 host end rejected\n"
             "3 manager question\n"
             "3 host end rejected\n",
     .outcome = "rejected"},
    {.name = "used up: the best goes on",
     .crew = CREW(TASK("a", "ann", ASKED("A") ",\"on_exhausted\":\"best\"" JUDGED) "," TASK(
         "b", "bob", ASKED("{a}") NEEDS_A)),
     .input = "{}",
     .answers = {{.body = "x", .who = "ann", .times = 2},
                 {.who = "eve", .body = NO("dull"), .times = 2},
                 {.who = "bob", .body = "y"}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1/judge1 ann open\n"
             "3/a#1/judge1 host end done\n"
             "3/a#1 host end rejected\n"
             "3/a#2 manager open\n"
             "3/a#2/judge1 ann open\n"
             "3/a#2/judge1 host end done\n"
             "3/a#2 host end rejected\n"
             "3/b#1 manager open\n"
             "3/b#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "skipped by `when`, and what needs only that",
     .crew = CREW(TASK("a", "ann", ASKED("A")) "," TASK(
         "b", "bob",
         ASKED("B") NEEDS_A
         ",\"when\":\"a == 'go'\"") "," TASK("c", "bob",
                                             ASKED("{b}") NEEDS(
                                                 "\"b\"")) "," TASK("d", "bob",
                                                                    ASKED(
                                                                        "{a}{b:-nothing}") ",\"need"
                                                                                           "s\":["
                                                                                           "\"a\","
                                                                                           "\"b\""
                                                                                           "]")),
     .input = "{}",
     .answers = {{.body = "stop"}, {.body = "end"}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/a#1 host end done\n"
             "3/d#1 manager open\n"
             "3/d#1 host end done\n"
             "3 host end done\n",
     .outcome = "done"},
    {.name = "all skipped",
     .crew = CREW(TASK("a", "ann", ASKED("A") ",\"when\":\"shop.n > 5\"")),
     .input = "{\"n\":5}",
     .answers = {{0}},
     .kinds = "open end",
     .want = "3 host open\n3 host end skipped\n",
     .outcome = "skipped"},
    {.name = "a `when` that cannot be computed",
     .crew = CREW(TASK("a", "ann", ASKED("A") ",\"when\":\"shop.n > 'x'\"")),
     .input = "{\"n\":5}",
     .answers = {{0}},
     .kinds = "open end",
     .want = "3 host open\n3 host end failed\n",
     .outcome = "failed"},
    {.name = "one fails: the others are given up",
     .crew = CREW(TASK("a", "ann", ASKED("A")) "," TASK("b", "bob", ASKED("B"))),
     .input = "{}",
     .answers = {{.who = "ann", .body = "{\"status\":\"limit\",\"detail\":\"calls\"}"},
                 {.who = "bob", .body = "x"}},
     .kinds = "open end",
     .want = "3 host open\n"
             "3/a#1 manager open\n"
             "3/b#1 manager open\n"
             "3/a#1 host end failed\n"
             "3/b#1 host end cancelled\n"
             "3 host end failed\n",
     .outcome = "failed"},
    {.name = "tasks that wait for each other",
     .crew =
         CREW(TASK("a", "ann", ASKED("A") NEEDS("\"b\"")) "," TASK("b", "bob", ASKED("B") NEEDS_A)),
     .input = "{}",
     .answers = {{0}},
     .kinds = "open end",
     .want = "3 host open\n3 host end failed\n",
     .outcome = "failed"},
    {.name = "while a person is asked the others go on",
     .crew = CREW(TASK(
         "a", "ann",
         ASKED(
             "A") ",\"attempts\":1,\"on_exhausted\":\"ask\",\"checks\":"
                  "[{\"pattern\":\"^good\"}]") "," TASK("b", "bob",
                                                        ASKED(
                                                            "B")) "," TASK("c", "bob",
                                                                           ASKED(
                                                                               "{b}") ",\"needs\":["
                                                                                      "\"b\"]")),
     .input = "{}",
     .answers = {{.who = "ann", .body = "bad"},
                 {.who = "bob", .body = "x", .times = 2},
                 {.tool = "?", .body = "{\"status\":\"ok\",\"result\":{\"text\":\"mended\"}}"}},
     .kinds = "question answer end",
     .want = "3/a#1 host end rejected\n"
             "3 manager question\n"
             "3/b#1 host end done\n"
             "3 person answer\n"
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

/* In whatever order the replies come, the item ends the same. */
static void any_order(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(
        CREW(TASK("a", "ann", ASKED("A")) "," TASK("b", "bob", ASKED("B") JUDGED) "," TASK(
            "c", "ann",
            ASKED("{a}") NEEDS_A
            ",\"on_reject\":"
            "\"a\"" JUDGED) "," TASK("d", "bob",
                                     ASKED("{b} {c}") ",\"ne"
                                                      "eds\""
                                                      ":["
                                                      "\"b\""
                                                      ",\"c"
                                                      "\"]") "," TASK("e", "ann", ASKED("E"))));
    static const struct mini_answer answers[] = {
        {.who = "eve", .conv = "b#1/judge1", .body = NO("dull")},
        {.who = "eve", .conv = "c#1/judge1", .body = NO("long")},
        {.who = "eve", .body = YES, .times = -1},
        {.conv = "c#2", .body = "see two"},
        {.body = "x", .times = -1},
        {0}};
    char *want = NULL;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct mini_host *h = mini_host_new(crew, answers, seed);
        mini_host_item(h, "{}");
        char *text = moot__json_string(mini_host_end(h, "3"));
        if (want == NULL)
            want = text;
        else
            assert_string_equal(text, want);
        if (text != want)
            free(text);
        mini_host_free(h);
    }
    assert_non_null(strstr(want, "\"results\":[\"a#2\",\"b#2\",\"c#2\",\"d#1\",\"e#1\"]"));
    free(want);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays),
        cmocka_unit_test(any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
