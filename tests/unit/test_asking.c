#include "agents/asking.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ASK(id, agent)                                                                             \
    "{\"id\":\"" id "\",\"name\":\"ask_agent\",\"arguments\":\"{\\\"agent\\\":\\\"" agent          \
    "\\\",\\\"question\\\":\\\"How many?\\\"}\"}"
#define CALLS(list)                                                                                \
    "{\"status\":\"ok\",\"parts\":[],\"calls\":[" list "],\"finish\":\"tool_calls\"}"

static const char crew_text[] =
    "{\"agents\":[{\"id\":\"ann\",\"tools\":[\"ask_agent\"]},"
    "{\"id\":\"bob\",\"role\":\"Counter\",\"tools\":[\"ask_agent\"]},{\"id\":\"kim\"}],"
    "\"tools\":[{\"id\":\"ask_agent\",\"asks\":true}],"
    "\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go\"}]}";

struct asking_case {
    const char *name;
    int64_t depth;
    struct mini_answer answers[10];
    const char *outcome, *result;
    const char *asker; /* stands in what the asker's model was sent */
    const char *trace; /* what happened, from the first question on; NULL: not looked at */
};

static const struct asking_case cases[] = {
    {.name = "another agent is asked, and only its answer leaves",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "bob"))},
                 {.who = "bob", .body = "Three."},
                 {.who = "ann", .body = "There are three."}},
     .outcome = "done",
     .result = "There are three.",
     .asker = "user: Go\nassistant: [c1 ask_agent]\ntool: (c1) Three.\n",
     .trace = "1/t#1/ann.chat1 ann open\n1/t#1/ann.chat1 bob model_call\n"
              "1/t#1/ann.chat1 host model_reply\n1/t#1/ann.chat1 host end done\n"
              "1/t#1 ann model_call\n1/t#1 host model_reply\n1/t#1 host end done\n"},
    {.name = "two are asked at once, each answered once, in the order of the calls",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "bob") "," ASK("c2", "kim"))},
                 {.who = "bob", .body = "Three."},
                 {.who = "kim", .body = "Four."},
                 {.who = "ann", .body = "Seven."}},
     .outcome = "done",
     .result = "Seven.",
     .asker = "tool: (c1) Three.\ntool: (c2) Four.\n"},
    {.name = "the asked one asks on",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "bob"))},
                 {.who = "bob", .body = CALLS(ASK("c1", "kim"))},
                 {.who = "kim", .body = "Two."},
                 {.who = "bob", .body = "Two, says kim."},
                 {.who = "ann", .body = "Two."}},
     .outcome = "done",
     .result = "Two.",
     .asker = "tool: (c1) Two, says kim.\n"},
    {.name = "who cannot answer is no answer",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "bob"))},
                 {.who = "bob", .body = "{\"status\":\"error\",\"detail\":\"503\"}"},
                 {.who = "ann", .body = "Unknown."}},
     .outcome = "done",
     .result = "Unknown.",
     .asker = "tool: (c1) error: no answer: 503\n"},
    {.name = "nobody asks itself",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "ann"))}, {.who = "ann", .body = "Ah."}},
     .outcome = "done",
     .result = "Ah.",
     .asker = "tool: (c1) error: you cannot ask yourself\n"},
    {.name = "who is not there is not asked",
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "eve"))}, {.who = "ann", .body = "Ah."}},
     .outcome = "done",
     .result = "Ah.",
     .asker = "tool: (c1) error: there is no agent 'eve'\n"},
    {.name = "questions within questions have an end",
     .depth = 2,
     .answers = {{.who = "ann", .body = CALLS(ASK("c1", "bob"))},
                 {.who = "bob", .body = CALLS(ASK("c1", "ann"))},
                 {.who = "bob", .body = "I must say it myself: one."},
                 {.who = "ann", .body = "One."}},
     .outcome = "done",
     .result = "One.",
     .asker = "tool: (c1) I must say it myself: one.\n"},
};

static void asks(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct asking_case *c = &cases[i];
        struct moot_crew_def *crew = pure_crew_make(crew_text);
        crew->limits.depth = c->depth;
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "1/t#1", "ann", "t", "{}");
        const struct moot_json *end = mini_host_end(h, "1/t#1");
        const char *got = moot__json_get_text(moot__json_get(end, "result"), "text",
                                              moot__json_get_text(end, "detail", ""));
        const char *sent = mini_host_history(h, "1/t#1", "ann");
        if (strcmp(moot__json_get_text(end, "outcome", "none"), c->outcome) != 0 ||
            strcmp(got, c->result) != 0)
            fail_msg("%s: %s\n%s", c->name, got, mini_host_trace(h));
        if (strstr(sent, c->asker) == NULL)
            fail_msg("%s: the asker was sent\n%s", c->name, sent);
        if (c->trace != NULL && strstr(mini_host_trace(h), c->trace) == NULL)
            fail_msg("%s:\n%s", c->name, mini_host_trace(h));
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

static void what_the_asked_one_is_told(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(crew_text);
    struct mini_host *h = mini_host_new(crew, cases[0].answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    assert_string_equal(mini_host_history(h, "1/t#1/ann.chat1", "bob"),
                        "system: Your role: Counter\n"
                        "user: ann asks you:\n\nHow many?\n\nGive the answer alone.\n");
    mini_host_free(h);
    pure_crew_free(crew);
}

/* can_message binds questions too. */
static void not_everybody_may_be_asked(void **state)
{
    (void)state;
    static char kim[] = "kim";
    char *only[] = {kim, NULL};
    static const struct mini_answer answers[] = {
        {.who = "ann", .body = CALLS(ASK("c1", "bob"))}, {.who = "ann", .body = "Ah."}, {0}};
    struct moot_crew_def *crew = pure_crew_make(crew_text);
    crew->agents[0].can_message = only;
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    assert_non_null(strstr(mini_host_history(h, "1/t#1", "ann"),
                           "tool: (c1) error: you may not address 'bob'\n"));
    mini_host_free(h);
    crew->agents[0].can_message = NULL;
    pure_crew_free(crew);
}

/* What an item's members are called is the user's business. */
static void a_task_on_a_question_is_no_question(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {{.who = "ann", .body = "Because."}, {0}};
    struct moot_crew_def *crew = pure_crew_make(crew_text);
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t",
                   "{\"question\":\"Why?\",\"asker\":\"kim\",\"ask\":{\"question\":\"x\"}}");
    assert_non_null(strstr(mini_host_history(h, "1/t#1", "ann"), "user: Go\n"));
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks),
        cmocka_unit_test(what_the_asked_one_is_told),
        cmocka_unit_test(not_everybody_may_be_asked),
        cmocka_unit_test(a_task_on_a_question_is_no_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
