/* Who gets the floor in a group chat, by every method, and why. */
#include "tests/lib/talk_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"process\":\"group_chat\",\"item\":\"question\",\"goal\":\"Know why\","                     \
    "\"agents\":[{\"id\":\"planner\",\"role\":\"Planner\"},{\"id\":\"web_surfer\"},"               \
    "{\"id\":\"writer\",\"role\":\"Writer\"}]}"

static const struct talk_play plays[] = {
    {.name = "round robin, from the one who starts",
     .crew = CREW,
     .settings = "{\"start\":\"writer\",\"group_chat\":{\"next_speaker\":\"round_robin\"}}",
     .lines = {"writer: I begin", "planner: a plan", "web_surfer: a page", "writer!: The end"},
     .want = "say Know why\n"
             "turn writer (start)\n"
             "turn planner (round robin)\n"
             "turn web_surfer (round robin)\n"
             "turn writer (round robin)\n"
             "end finished: writer = The end\n"},
    {.name = "the model names one of those who may",
     .crew = CREW,
     .lines = {"planner: a plan", "*: {\"next\":\"writer\"}", "writer: a text", "*: Web Surfer",
               "web_surfer: a page"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "turn writer (asked: writer)\n"
             "ask schema\n"
             "turn web_surfer (asked: web_surfer)\n"
             "ask schema\n"},
    {.name = "it is asked again, then the fallback decides",
     .crew = CREW,
     .lines = {"planner: a plan", "*: the writer or the web surfer", "*: somebody", "*: planner",
               "web_surfer: a page", "*: planner"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "ask schema\n"
             "ask schema\n"
             "turn web_surfer (nobody was named who may speak: round robin)\n"
             "ask schema\n"
             "turn planner (asked: planner)\n"},
    {.name = "a second answer is as good as the first",
     .crew = CREW,
     .lines = {"planner: a plan", "*: nobody", "*: **writer**"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "ask schema\n"
             "turn writer (asked: writer)\n"},
    {.name = "the model fails: the fallback decides",
     .crew = CREW,
     .lines = {"planner: a plan", "*?: overloaded"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "turn web_surfer (the manager's model failed: overloaded: round robin)\n"},
    {.name = "one candidate: nobody is asked; the fallback too is bound by transitions",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"transitions\":{\"planner\":[\"writer\"],\"writer\":"
                 "[\"web_surfer\",\"planner\"]},\"never\":{\"writer\":[\"web_surfer\"]}}}",
     .lines = {"planner: a plan", "writer: a text", "planner: a plan"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "turn writer (only one may)\n"
             "turn planner (only one may)\n"
             "turn writer (only one may)\n"},
    {.name = "the fallback draws from those who may",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"fallback\":\"random\",\"repeat_speaker\":true,"
                 "\"never\":{\"planner\":[\"web_surfer\"]}}}",
     .lines = {"planner: a", "*: web_surfer", "*: web_surfer", "*: web_surfer"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "ask schema\n"
             "ask schema\n"
             "turn planner (nobody was named who may speak: drawn)\n"},
    {.name = "all are introduced first",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"introductions\":true}}",
     .lines = {NULL},
     .want = "say Know why\n"
             "say Those who take part:\n- planner: Planner\n- web_surfer\n- writer: Writer\n\n"
             "turn planner (start)\n"},
    {.name = "nobody may: it ends and says so",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"transitions\":{\"planner\":[]}}}",
     .lines = {"planner: a plan"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "end failed: nobody may speak after planner = a plan\n"},
    {.name = "rules in their order, then what stands last",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"next_speaker\":[{\"when\":\"message contains 'page'\",\"to\":"
                 "\"web_surfer\"},{\"when\":\"speaker == 'planner'\",\"to\":\"writer\"},"
                 "\"round_robin\"]}}",
     .lines = {"planner: a plan", "writer: I need a page", "web_surfer: the page",
               "writer: thanks"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "turn writer (rule: speaker == 'planner')\n"
             "turn web_surfer (rule: message contains 'page')\n"
             "turn writer (no rule holds: round robin)\n"
             "turn planner (no rule holds: round robin)\n"},
    {.name = "a rule that cannot be computed",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"next_speaker\":[{\"when\":\"message > 3\",\"to\":\"writer\"},"
                 "\"auto\"]}}",
     .lines = {"planner: a plan"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "end failed: the rule 'message > 3' of next_speaker: '>' cannot stand between text "
             "and a number = a plan\n"},
    {.name = "a person chooses",
     .crew = CREW,
     .settings = "{\"group_chat\":{\"next_speaker\":\"manual\"}}",
     .lines = {"planner: a plan", "=: me", "=: Writer", "writer: a text"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "question Who speaks next? [web_surfer writer]\n"
             "question That names nobody who takes part. Who speaks next? [web_surfer writer]\n"
             "turn writer (a person chose: writer)\n"
             "question Who speaks next? [planner web_surfer]\n"},
    {.name = "a person's word for somebody comes before any choice",
     .crew = CREW,
     .lines = {"planner: a plan", "eve@writer: be brief", "*: web_surfer", "writer: yes"},
     .want = "say Know why\n"
             "turn planner (start)\n"
             "ask schema\n"
             "turn writer (a person spoke to it)\n"
             "ask schema\n"},
    {.name = "a condition ends it before anybody is chosen",
     .crew = CREW,
     .settings = "{\"termination\":{\"text\":\"DONE\"},\"opening\":\"{question}: say\\nDONE\"}",
     .lines = {"planner: not DONE yet", "*: writer", "writer: DONE"},
     .want = "say Why?: say\nDONE\n"
             "turn planner (start)\n"
             "ask schema\n"
             "turn writer (asked: writer)\n"
             "end terminated: text: DONE = DONE\n"},
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
