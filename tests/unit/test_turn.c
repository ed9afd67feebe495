/* A turn seen from outside: what an assistant utters for the replies of a scripted model. */
#include "agents/turn.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ADD_SCHEMA                                                                                 \
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":"           \
    "\"integer\"}},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}"
#define TOOLS                                                                                      \
    "\"tools\":[{\"id\":\"add\",\"parameters\":" ADD_SCHEMA "},{\"id\":\"look\"},"                 \
    "{\"id\":\"choose\",\"form\":true,\"parameters\":{\"type\":\"object\",\"properties\":"         \
    "{\"x\":{\"type\":\"string\"}},\"required\":[\"x\"]}},{\"id\":\"secret\"}]"
#define CREW(agent, task)                                                                          \
    "{\"agents\":[{\"id\":\"ann\",\"tools\":[\"add\",\"look\",\"choose\"]" agent "}]," TOOLS       \
    ",\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go\"" task "}]}"

#define CALL(id, name, args) "{\"id\":\"" id "\",\"name\":\"" name "\",\"arguments\":\"" args "\"}"
#define CALLS(list)                                                                                \
    "{\"status\":\"ok\",\"parts\":[],\"calls\":[" list "],\"finish\":\"tool_calls\"}"

struct turn_case {
    const char *name;
    const char *agent; /* more members of the agent and of the task */
    const char *task;
    struct mini_answer answers[40];
    const char *outcome;
    const char *result; /* text or json of it; or the detail of a failure */
    size_t model_calls, tool_calls;
    const char *history; /* must stand in what the model was sent; NULL: nothing */
};

static const struct turn_case cases[] = {
    {.name = "a plain answer",
     .answers = {{.body = " Hello. \n"}},
     .outcome = "done",
     .result = "Hello.",
     .model_calls = 1},
    {.name = "calls at once, each answered once, in their order",
     .answers = {{.body = CALLS(
                      CALL("c1", "add", "{\\\"a\\\":1,\\\"b\\\":2}") "," CALL("c2", "look", "{}"))},
                 {.tool = "look", .body = "seen"},
                 {.tool = "add", .body = "3"},
                 {.body = "Three."}},
     .outcome = "done",
     .result = "Three.",
     .model_calls = 2,
     .tool_calls = 2,
     .history = "assistant: [c1 add][c2 look]\ntool: 3\ntool: seen\n"},
    {.name = "an invalid call is answered by its problems, the valid one carried out",
     .answers = {{.body = CALLS(CALL("c1", "add", "{\\\"a\\\":1}") "," CALL("c2", "look", ""))},
                 {.tool = "look", .body = "seen"},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 2,
     .tool_calls = 1,
     .history = "tool: (c1) error: the arguments of add are not valid:\n"},
    {.name = "only invalid calls: asked again at once",
     .answers = {{.body = CALLS(CALL("c1", "nope", "{}"))},
                 {.body = CALLS(CALL("c2", "secret", "{}"))},
                 {.body = CALLS(CALL("c3", "look", "{broken"))},
                 {.body = CALLS(CALL("c4", "look", "[1]"))},
                 {.body = "Enough."}},
     .outcome = "done",
     .result = "Enough.",
     .model_calls = 5,
     .history = "(c1) error: there is no tool 'nope'; there are: add, look, choose"},
    {.name = "arguments almost right are mended",
     .answers = {{.body = CALLS(CALL("c1", "add", "{'a': 1, b: 2,}"))},
                 {.tool = "add", .body = "3"},
                 {.body = CALLS(
                      CALL("c2", "add", "\\\"{\\\\\\\"a\\\\\\\":1,\\\\\\\"b\\\\\\\":2}\\\""))},
                 {.tool = "add", .body = "3"},
                 {.body = "Fine."}},
     .outcome = "done",
     .result = "Fine.",
     .model_calls = 3,
     .tool_calls = 2},
    {.name = "a result that is an error goes to the model",
     .answers = {{.body = CALLS(CALL("c1", "look", "{}"))},
                 {.tool = "look", .body = "{\"status\":\"error\",\"output\":\"no such page\"}"},
                 {.body = "Alas."}},
     .outcome = "done",
     .result = "Alas.",
     .model_calls = 2,
     .tool_calls = 1,
     .history = "tool: no such page\n"},
    {.name = "a form that is chosen ends the turn; other calls are not carried out",
     .answers = {{.body = CALLS(
                      CALL("c1", "look", "{}") "," CALL("c2", "choose", "{\\\"x\\\":\\\"y\\\"}"))}},
     .outcome = "done",
     .result = "{\"x\":\"y\"}",
     .model_calls = 1},
    {.name = "a form filled in wrongly is no choice",
     .answers = {{.body = CALLS(CALL("c1", "choose", "{}"))},
                 {.body = CALLS(CALL("c2", "choose", "{\\\"x\\\":\\\"z\\\"}"))}},
     .outcome = "done",
     .result = "{\"x\":\"z\"}",
     .model_calls = 2},
    {.name = "max_steps, then one answer without tools",
     .agent = ",\"max_steps\":2",
     .answers = {{.body = CALLS(CALL("c1", "look", "{}")), .times = 2},
                 {.tool = "look", .body = "seen", .times = -1},
                 {.body = "My best."}},
     .outcome = "done",
     .result = "My best.",
     .model_calls = 3,
     .tool_calls = 2,
     .history = "user: No more tool calls are possible."},
    {.name = "calls in the last answer are not carried out",
     .agent = ",\"max_steps\":1",
     .answers = {{.body = CALLS(CALL("c1", "look", "{}")), .times = 2},
                 {.tool = "look", .body = "seen"}},
     .outcome = "failed",
     .result = "no answer after the last step",
     .model_calls = 2,
     .tool_calls = 1},
    {.name = "a plan first",
     .agent = ",\"plan\":true",
     .answers = {{.body = "First look, then say."}, {.body = "Said."}},
     .outcome = "done",
     .result = "Said.",
     .model_calls = 2,
     .history = "assistant: First look, then say.\nuser: Now do it.\n"},
    {.name = "the tool that is required, after a reminder",
     .task = ",\"require_tool\":\"look\"",
     .answers = {{.body = "Done already."},
                 {.body = CALLS(CALL("c1", "look", "{}"))},
                 {.tool = "look", .body = "seen"},
                 {.body = "Done now."}},
     .outcome = "done",
     .result = "Done now.",
     .model_calls = 3,
     .tool_calls = 1,
     .history = "user: Call the tool look first"},
    {.name = "a failed call of the required tool does not count",
     .task = ",\"require_tool\":\"look\"",
     .answers = {{.body = CALLS(CALL("c1", "look", "{}"))},
                 {.tool = "look", .body = "{\"status\":\"error\",\"output\":\"no\"}"},
                 {.body = "Done anyway.", .times = -1}},
     .outcome = "failed",
     .result = "it answered without a successful call of look",
     .model_calls = 4,
     .tool_calls = 1},
    {.name = "a model that fails",
     .answers = {{.body = "{\"status\":\"error\",\"detail\":\"503 for ever\"}"}},
     .outcome = "failed",
     .result = "503 for ever",
     .model_calls = 1},
    {.name = "a limit",
     .answers = {{.body = "{\"status\":\"limit\",\"detail\":\"calls of the item\"}"}},
     .outcome = "failed",
     .result = "calls of the item",
     .model_calls = 1},
    {.name = "a failure without a word",
     .answers = {{.body = "{\"status\":\"timeout\"}"}},
     .outcome = "failed",
     .result = "the model call ended with timeout",
     .model_calls = 1},
};

static void runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct turn_case *c = &cases[i];
        char text[4096];
        snprintf(text, sizeof(text), "%s%s%s%s%s",
                 "{\"agents\":[{\"id\":\"ann\",\"tools\":[\"add\",\"look\",\"choose\"]",
                 c->agent != NULL ? c->agent : "",
                 "}]," TOOLS ",\"tasks\":[{\"id\":\"t\",\"agent\":"
                 "\"ann\",\"prompt\":\"Go\"",
                 c->task != NULL ? c->task : "", "}]}");
        struct moot_crew_def *crew = pure_crew_make(text);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "1/t#1", "ann", "t", "{}");
        const struct moot_json *end = mini_host_end(h, "1/t#1");
        if (strcmp(moot__json_get_text(end, "outcome", "none"), c->outcome) != 0)
            fail_msg("%s: %s\n%s", c->name, moot__json_string(end), mini_host_trace(h));
        const struct moot_json *result = moot__json_get(end, "result");
        const char *got =
            moot__json_get_text(result, "text", moot__json_get_text(result, "json", ""));
        if (result == NULL)
            got = moot__json_get_text(end, "detail", "");
        if (strcmp(got, c->result) != 0)
            fail_msg("%s: %s instead of %s", c->name, got, c->result);
        if (mini_host_count(h, MOOT_MODEL_CALL) != c->model_calls ||
            mini_host_count(h, MOOT_TOOL_CALL) != c->tool_calls)
            fail_msg("%s: calls\n%s", c->name, mini_host_trace(h));
        const char *history = mini_host_history(h, "1/t#1", "ann");
        if (c->history != NULL && strstr(history, c->history) == NULL)
            fail_msg("%s: the model was sent\n%s", c->name, history);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

static const struct moot_json *call_body(struct mini_host *h, const char *conv)
{
    return moot_message_json(mini_host_last(h, conv, MOOT_MODEL_CALL));
}

/* A choice binds until a tool was called: else a model could never answer. */
static void choice_binds_once(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW(",\"tool_choice\":\"required\"", ""));
    static const struct mini_answer answers[] = {{.body = CALLS(CALL("c1", "look", "{}"))},
                                                 {.tool = "look", .body = "x"},
                                                 {.body = "y"},
                                                 {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    assert_null(moot__json_get(call_body(h, "1/t#1"), "tool_choice"));
    assert_int_equal(moot__json_get_int(call_body(h, "1/t#1"), "tools", -1), 3);
    assert_int_equal(moot__json_get_int(call_body(h, "1/t#1"), "step", -1), 2);
    assert_int_equal(moot__json_get_int(call_body(h, "1/t#1"), "base", -1), 1);
    mini_host_free(h);
    pure_crew_free(crew);
}

/* A tool that a choice names is granted by that. */
static void choice_grants(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW("", ",\"tool_choice\":\"secret\""));
    static const struct mini_answer answers[] = {{.body = CALLS(CALL("c1", "secret", "{}"))},
                                                 {.tool = "secret", .body = "x"},
                                                 {.body = "y"},
                                                 {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    assert_int_equal(mini_host_count(h, MOOT_TOOL_CALL), 1);
    mini_host_free(h);
    pure_crew_free(crew);
}

/* More calls than may be made at once: the rest is answered too. */
static void too_many_calls(void **state)
{
    (void)state;
    struct moot_buf reply;
    moot__buf_init(&reply, 1 << 20);
    moot__buf_adds(&reply, "{\"status\":\"ok\",\"parts\":[],\"calls\":[");
    for (int i = 0; i < 70; i++)
        moot__buf_addf(&reply, "%s{\"id\":\"c%d\",\"name\":\"look\",\"arguments\":\"\"}",
                       i == 0 ? "" : ",", i);
    moot__buf_adds(&reply, "]}");
    struct moot_crew_def *crew = pure_crew_make(CREW("", ""));
    const struct mini_answer answers[] = {{.body = moot__buf_text(&reply)},
                                          {.tool = "look", .body = "x", .times = -1},
                                          {.body = "y"},
                                          {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    assert_int_equal(mini_host_count(h, MOOT_TOOL_CALL), MOOT_MAX_TOOL_CALLS);
    assert_non_null(strstr(mini_host_history(h, "1/t#1", "ann"),
                           "tool: (c69) error: more than 64 calls at once"));
    mini_host_free(h);
    pure_crew_free(crew);
    moot__buf_release(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(choice_binds_once),
        cmocka_unit_test(choice_grants),
        cmocka_unit_test(too_many_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
