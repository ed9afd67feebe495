/* What a manager's model is told: who it is, the goal, the members, each message once. */
#include "roles/choosing.h"

#include "tests/lib/talk_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"process\":\"group_chat\",\"item\":\"question\",\"goal\":\"Know why\","                     \
    "\"agents\":[{\"id\":\"planner\",\"role\":\"Planner\"},{\"id\":\"web_surfer\"},"               \
    "{\"id\":\"writer\",\"role\":\"Writer\"}]}"

/* Its model hears the whole conversation once, and each question with those who may speak. */
static void what_it_is_told(void **state)
{
    (void)state;
    static const struct talk_play play = {
        .crew = CREW,
        .settings = "{\"manager_prompt\":\"Be fair.\"}",
        .lines = {"planner: a plan", "*: neither", "*: writer", "writer: a text"}};
    char *told = talk_play_told(&play);
    assert_string_equal(
        told, "system: Be fair.\n\nWhat all of it is for:\nKnow why\n\nThose who take part:\n"
              "- planner: Planner\n- web_surfer\n- writer: Writer\n\n"
              "user: Know why\n"
              "user: [planner] a plan\n"
              "user: Who speaks next? One of these:\n- web_surfer\n- writer: Writer\n"
              "Answer with {\"next\": \"NAME\"} and nothing else.\n"
              "assistant: \n"
              "user: That names nobody who takes part. Who speaks next? One of these:\n"
              "- web_surfer\n- writer: Writer\n"
              "Answer with {\"next\": \"NAME\"} and nothing else.\n"
              "assistant: \n"
              "user: [writer] a text\n"
              "user: Who speaks next? One of these:\n- planner: Planner\n- web_surfer\n"
              "Answer with {\"next\": \"NAME\"} and nothing else.\n");
    free(told);
}

/* What is empty is not told; without an opening and a goal the members are all it is told of. */
static void only_words(void **state)
{
    (void)state;
    static const struct talk_play play = {
        .crew = "{\"process\":\"group_chat\",\"agents\":[{\"id\":\"a\"},{\"id\":\"b\"},"
                "{\"id\":\"c\"}]}",
        .settings = "{\"manager_prompt\":\"Lead.\"}",
        .lines = {"a:", "*: b", "b: words"}};
    char *told = talk_play_told(&play);
    const char *first = "system: Lead.\n\nThose who take part:\n- a\n- b\n- c\n\n"
                        "user: Who speaks next? One of these:\n- b\n- c\n";
    assert_memory_equal(told, first, strlen(first));
    assert_non_null(strstr(told, "user: [b] words\n"));
    assert_null(strstr(told, "[a]"));
    free(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_is_told),
        cmocka_unit_test(only_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
