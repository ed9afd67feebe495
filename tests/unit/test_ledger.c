/* The ledger: facts, plan, a look before every turn; a new plan where nothing moves. */
#include "tests/lib/talk_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"process\":\"ledger\",\"goal\":\"Know why\",\"agents\":[{\"id\":\"surfer\",\"role\":"       \
    "\"Reads pages\"},{\"id\":\"coder\"}]}"
#define LOOK(done, moves, next)                                                                    \
    "*: {\"done\":" done ",\"progress\":" moves ",\"loop\":false,\"next\":\"" next                 \
    "\",\"instruction\":\"Go on\",\"reason\":\"it must\"}"
#define GO(next) LOOK("false", "true", next)
#define STALL(next) LOOK("false", "false", next)
#define DONE LOOK("true", "true", "")

static const struct talk_play plays[] = {
    {.name = "facts, plan, turns, answer",
     .crew = CREW,
     .lines = {"*: given: nothing", "*: 1. surfer reads", GO("surfer"), "surfer: a page", DONE,
               "*: Because."},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\ngiven: nothing\n\nThe plan:\n\n1. surfer reads\n"
             "ask schema\n"
             "say surfer: Go on\n"
             "turn surfer (ledger: it must)\n"
             "ask schema\n"
             "ask\n"
             "end finished: the manager = Because.\n"},
    {.name = "whoever is unknown is asked for again; then it goes round",
     .crew = CREW,
     .lines = {"*: f", "*: p", GO("boss"), "*: no idea", "*: {\"next\": \"the Coder\"}", "coder: x",
               GO("boss"), GO("surfer and coder"), GO("")},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\nf\n\nThe plan:\n\np\n"
             "ask schema\n"
             "ask schema\n"
             "ask schema\n"
             "turn coder (ledger: )\n"
             "ask schema\n"
             "ask schema\n"
             "ask schema\n"
             "turn surfer (round robin: the ledger named nobody)\n"},
    {.name = "the object may stand within other words",
     .crew = CREW,
     .lines = {"*: f", "*: p",
               "*: Here it is:\n```json\n{\"next\":\"coder\",\"instruction\":\"\"}\n```"},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\nf\n\nThe plan:\n\np\n"
             "ask schema\n"
             "turn coder (ledger: )\n"},
    {.name = "where nothing moves it plans anew, and in the end gives up",
     .crew = CREW,
     .settings = "{\"max_stalls\":1}",
     .lines = {"*: f", "*: p", STALL("coder"), "coder: 1", STALL("coder"), "*: f2", "*: p2",
               GO("coder"), "coder: 2"},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\nf\n\nThe plan:\n\np\n"
             "ask schema\n"
             "say coder: Go on\n"
             "turn coder (ledger: it must)\n"
             "ask schema\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\nf2\n\nThe plan:\n\np2\n"
             "ask schema\n"
             "say coder: Go on\n"
             "turn coder (ledger: it must)\n"
             "ask schema\n"},
    {.name = "the manager's model fails",
     .crew = CREW,
     .lines = {"*: f", "*?: no such model"},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "end failed: no such model\n"},
    {.name = "a person speaks to somebody while it looks",
     .crew = CREW,
     .lines = {"*: f", "*: p", "eve@coder: you first", GO("surfer")},
     .want = "say Know why\n"
             "ask\n"
             "ask\n"
             "say What is known:\n\nf\n\nThe plan:\n\np\n"
             "ask schema\n"
             "turn coder (a person spoke to it)\n"},
};

static void plays_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(plays); i++)
        talk_play(&plays[i]);
}

/* A turn that moves takes one stall back: three stalls among moves are no standstill. */
static void stalls(void **state)
{
    (void)state;
    static const struct talk_play moving = {
        .crew = CREW,
        .settings = "{\"max_stalls\":2}",
        .lines = {"*: f", "*: p", GO("coder"), "coder: 1", STALL("coder"), "coder: 2", GO("coder"),
                  "coder: 3", STALL("coder"), "coder: 4", GO("coder"), "coder: 5", STALL("coder")}};
    char *told = talk_play_told(&moving);
    assert_null(strstr(told, "standstill"));
    free(told);
    static const struct talk_play still = {.crew = CREW,
                                           .settings = "{\"max_stalls\":2}",
                                           .lines = {"*: f", "*: p", GO("coder"), "coder: 1",
                                                     STALL("coder"), "coder: 2", STALL("coder")}};
    told = talk_play_told(&still);
    assert_non_null(strstr(told, "standstill"));
    free(told);
}

/* Three plans, each of which came to a standstill, are enough. */
static void gives_up(void **state)
{
    (void)state;
    static const struct talk_play play = {
        .name = "three plans",
        .crew = "{\"process\":\"ledger\",\"agents\":[{\"id\":\"surfer\"},{\"id\":\"coder\"}]}",
        .settings = "{\"max_stalls\":1}",
        .lines = {"*: f", "*: p", GO("coder"), "coder: 1", STALL("coder"), "*: f", "*: p",
                  STALL("coder"), "coder: 2", STALL("coder"), "*: f", "*: p", STALL("coder"),
                  "coder: 3", STALL("coder")},
        .want = "ask\nask\nsay What is known:\n\nf\n\nThe plan:\n\np\nask schema\n"
                "say coder: Go on\nturn coder (ledger: it must)\nask schema\n"
                "ask\nask\nsay What is known:\n\nf\n\nThe plan:\n\np\nask schema\n"
                "say coder: Go on\nturn coder (ledger: it must)\nask schema\n"
                "ask\nask\nsay What is known:\n\nf\n\nThe plan:\n\np\nask schema\n"
                "say coder: Go on\nturn coder (ledger: it must)\nask schema\n"
                "end no_progress: 3 plans came to a standstill = 3\n"};
    talk_play(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_out),
        cmocka_unit_test(stalls),
        cmocka_unit_test(gives_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
