#include "agents/react.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct reading_case {
    const char *reply;
    enum moot_react_kind kind;
    const char *tool, *text; /* NULL: none */
};

static const struct reading_case readings[] = {
    {"Thought: I look.\nAction: look\nAction Input: {\"a\": 1}", MOOT_REACT_CALL, "look",
     "{\"a\": 1}"},
    {"Action: look\nAction Input: {\"a\":\n  1}\n", MOOT_REACT_CALL, "look", "{\"a\":\n  1}"},
    {"Action: look", MOOT_REACT_CALL, "look", ""},
    {"Thought: I know.\nFinal Answer: Forty-two,\nor so.\n", MOOT_REACT_ANSWER, NULL,
     "Forty-two,\nor so."},
    {"Final Answer:\n\n{\"x\": 1}", MOOT_REACT_ANSWER, NULL, "{\"x\": 1}"},
    /* as models write it */
    {"**Thought:** hm\n**Action:** `look`\n**Action Input:** ```json\n{\"a\":1}\n```\n",
     MOOT_REACT_CALL, "look", "{\"a\":1}"},
    {"### Action: \"look\"\naction input: {}", MOOT_REACT_CALL, "look", "{}"},
    {"ACTION: look()\nACTION INPUT: {}", MOOT_REACT_CALL, "look", "{}"},
    {"**Final Answer**: yes", MOOT_REACT_ANSWER, NULL, "yes"},
    /* a result that it made up is none, nor what it answers after it */
    {"Action: look\nAction Input: {}\nObservation: gold\nFinal Answer: gold", MOOT_REACT_CALL,
     "look", "{}"},
    {"Observation: gold\nFinal Answer: gold", MOOT_REACT_BAD, NULL, NULL},
    {"Thought: x\nObservation: y\nAction: look", MOOT_REACT_BAD, NULL, NULL},
    /* an answer beside a call cannot know what comes of it; the first one counts */
    {"Action: look\nAction Input: {}\nFinal Answer: gold", MOOT_REACT_CALL, "look", "{}"},
    {"Final Answer: gold\nAction: look", MOOT_REACT_ANSWER, NULL, "gold"},
    {"Action: look\nAction Input: {}\nAction: other\nAction Input: {}", MOOT_REACT_CALL, "look",
     "{}"},
    /* nothing is to be done */
    {"Action: None\nFinal Answer: yes", MOOT_REACT_ANSWER, NULL, "yes"},
    {"Action: none", MOOT_REACT_BAD, NULL, NULL},
    {"Action:", MOOT_REACT_BAD, NULL, NULL},
    /* scratch is no answer; a text that has no label is not scratch */
    {"Thought: it is forty-two", MOOT_REACT_BAD, NULL, NULL},
    {"It is forty-two.", MOOT_REACT_PLAIN, NULL, NULL},
    {"My final answer: forty-two", MOOT_REACT_PLAIN, NULL, NULL},
    {"I would say Action: look", MOOT_REACT_PLAIN, NULL, NULL},
    {"", MOOT_REACT_PLAIN, NULL, NULL},
};

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(readings); i++) {
        const struct reading_case *c = &readings[i];
        struct moot_react r;
        assert_int_equal(moot__react_parse(c->reply, &r), MOOT_OK);
        if (r.kind != c->kind || !same(r.tool, c->tool) || !same(r.text, c->text))
            fail_msg("%s: kind %d, tool %s, text %s", c->reply, r.kind, r.tool, r.text);
        moot__react_release(&r);
    }
}

/* ---- turns in words ---- */

struct turn_case {
    const char *name;
    const char *agent; /* more members of it */
    struct mini_answer answers[12];
    const char *outcome, *result;
    size_t model_calls, tool_calls;
    const char *history; /* stands in what the model was sent */
};

static const struct turn_case turns[] = {
    {.name = "a call and its result, in words",
     .answers = {{.body = "Thought: I look.\nAction: look\nAction Input: {\"a\": 1}"},
                 {.tool = "look", .body = "gold"},
                 {.body = "Thought: so.\nFinal Answer: Gold."}},
     .outcome = "done",
     .result = "Gold.",
     .model_calls = 2,
     .tool_calls = 1,
     .history = "user: Go\nassistant: Thought: I look.\nAction: look\nAction Input: {\"a\": 1}\n"
                "observation: gold\n"},
    {.name = "the tools are told behind the system message",
     .answers = {{.body = "Final Answer: No tool."}},
     .outcome = "done",
     .result = "No tool.",
     .model_calls = 1,
     .history = "system: Your role: Looker\n\nYou can use these tools:\n\nlook: Looks.\n"
                "  arguments, by JSON Schema: {"},
    {.name = "an invalid call is answered",
     .answers = {{.body = "Action: look\nAction Input: {\"a\": \"x\"}"},
                 {.body = "Action: peek\nAction Input: {}"},
                 {.body = "Final Answer: Nothing."}},
     .outcome = "done",
     .result = "Nothing.",
     .model_calls = 3,
     .history = "observation: error: there is no tool 'peek'; there are: look, choose\n"},
    {.name = "a made-up result is none",
     .answers = {{.body = "Action: look\nAction Input: {\"a\": 1}\nObservation: lead\n"
                          "Final Answer: Lead."},
                 {.tool = "look", .body = "gold"},
                 {.body = "Final Answer: Gold."}},
     .outcome = "done",
     .result = "Gold.",
     .model_calls = 2,
     .tool_calls = 1},
    {.name = "scratch is sent back, twice",
     .answers = {{.body = "Thought: it is lead"}, {.body = "It is lead."}, {.body = "Thought: x"}},
     .outcome = "failed",
     .result = "its replies are neither a call of a tool nor a final answer",
     .model_calls = 3,
     .history = "user: That is not in the form."},
    {.name = "a plan first",
     .agent = ",\"plan\":true",
     .answers = {{.body = "First I look. Action: look"}, {.body = "Final Answer: Planned."}},
     .outcome = "done",
     .result = "Planned.",
     .model_calls = 2,
     .history = "user: Now do it.\n"},
    {.name = "a form that is chosen ends the turn",
     .answers = {{.body = "Thought: mine\nAction: choose\nAction Input: {\"x\": \"y\"}"}},
     .outcome = "done",
     .result = "{\"x\":\"y\"}",
     .model_calls = 1},
    {.name = "after the last step a plain text is the answer",
     .agent = ",\"max_steps\":1",
     .answers = {{.body = "Action: look\nAction Input: {\"a\": 1}"},
                 {.tool = "look", .body = "gold"},
                 {.body = "It is gold."}},
     .outcome = "done",
     .result = "It is gold.",
     .model_calls = 2,
     .tool_calls = 1,
     .history = "Give your best answer now, after Final Answer:\n"},
    {.name = "a call after the last step is not made",
     .agent = ",\"max_steps\":1",
     .answers = {{.body = "Action: look\nAction Input: {\"a\": 1}", .times = 2},
                 {.tool = "look", .body = "gold"}},
     .outcome = "failed",
     .result = "no answer after the last step",
     .model_calls = 2,
     .tool_calls = 1},
};

static void takes_turns(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(turns); i++) {
        const struct turn_case *c = &turns[i];
        char text[2048];
        snprintf(text, sizeof(text),
                 "{\"models\":[{\"name\":\"default\",\"capabilities\":{\"tools\":false}}],"
                 "\"agents\":[{\"id\":\"ann\",\"role\":\"Looker\",\"tools\":[\"look\",\"choose\"]%s"
                 "}],\"tools\":[{\"id\":\"look\",\"description\":\"Looks.\",\"parameters\":{"
                 "\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}},"
                 "{\"id\":\"choose\",\"form\":true,\"parameters\":{\"type\":\"object\"}}],"
                 "\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go\"}]}",
                 c->agent != NULL ? c->agent : "");
        struct moot_crew_def *crew = pure_crew_make(text);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "1/t#1", "ann", "t", "{}");
        const struct moot_json *end = mini_host_end(h, "1/t#1");
        const struct moot_json *result = moot__json_get(end, "result");
        const char *got = moot__json_get_text(
            result, "text",
            moot__json_get_text(result, "json", moot__json_get_text(end, "detail", "")));
        const char *history = mini_host_history(h, "1/t#1", "ann");
        if (strcmp(moot__json_get_text(end, "outcome", "none"), c->outcome) != 0 ||
            strcmp(got, c->result) != 0)
            fail_msg("%s: %s\n%s\n%s", c->name, got, mini_host_trace(h), history);
        if (mini_host_count(h, MOOT_MODEL_CALL) != c->model_calls ||
            mini_host_count(h, MOOT_TOOL_CALL) != c->tool_calls)
            fail_msg("%s: calls\n%s", c->name, mini_host_trace(h));
        if (c->history != NULL && strstr(history, c->history) == NULL)
            fail_msg("%s: the model was sent\n%s", c->name, history);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(takes_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
