/* A request that is more than the model holds, seen from outside: what is left out, what is told in
 * short, and what the model is sent then. */
#include "agents/turn_compact.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CALL(id) "{\"id\":\"" id "\",\"name\":\"look\",\"arguments\":\"{}\"}"
#define CALLS(list)                                                                                \
    "{\"status\":\"ok\",\"parts\":[],\"calls\":[" list "],\"finish\":\"tool_calls\"}"
#define TOO_LONG                                                                                   \
    "{\"status\":\"error\",\"too_long\":true,\"detail\":\"maximum context length is 100\"}"
/* about 100 tokens */
#define PAGE                                                                                       \
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "    \
    "sixteen seventeen eighteen nineteen twenty and then once more one two three four five six "   \
    "seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "     \
    "nineteen twenty, which is enough."
#define TEN(x) x x x x x x x x x x

struct compact_case {
    const char *name;
    const char *model; /* more members of it */
    const char *compaction;
    struct mini_answer answers[16];
    const char *outcome;
    const char *result; /* its text, or the detail of a failure */
    size_t model_calls;
    const char *sent; /* the newest request, whole; NULL: not looked at */
};

static const struct compact_case cases[] = {
    {.name = "the endpoint refuses: the middle is dropped, calls with their results",
     .compaction = "{\"by\":\"drop\",\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = "first"},
                 {.body = CALLS(CALL("c2") "," CALL("c3"))},
                 {.tool = "look", .body = "second"},
                 {.tool = "look", .body = "third"},
                 {.body = TOO_LONG},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 4,
     .sent = "system: Your role: Looker\nuser: Go\nassistant: [c2 look][c3 look]\ntool: second\n"
             "tool: third\n"},
    {.name = "known before it is sent: nothing is refused",
     .model = ",\"max_tokens\":20,\"capabilities\":{\"context\":240}",
     .compaction = "{\"by\":\"drop\",\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = PAGE PAGE},
                 {.body = CALLS(CALL("c2"))},
                 {.tool = "look", .body = PAGE},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 3,
     .sent = "system: Your role: Looker\nuser: Go\nassistant: [c2 look]\ntool: " PAGE "\n"},
    {.name = "the middle is told in short",
     .compaction = "{\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = PAGE},
                 {.body = CALLS(CALL("c2"))},
                 {.tool = "look", .body = "second"},
                 {.body = TOO_LONG},
                 {.body = "It counted to twenty, twice."},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 5,
     .sent = "system: Your role: Looker\nuser: Go\n"
             "user: What was said before this, in short:\n\nIt counted to twenty, twice.\n"
             "assistant: [c2 look]\ntool: second\n"},
    {.name = "what cannot be told in short is dropped",
     .compaction = "{\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = PAGE},
                 {.body = CALLS(CALL("c2"))},
                 {.tool = "look", .body = "second"},
                 {.body = TOO_LONG, .times = 2},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 5,
     .sent = "system: Your role: Looker\nuser: Go\nassistant: [c2 look]\ntool: second\n"},
    {.name = "a limit reached on the way ends the turn",
     .compaction = "{\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = PAGE},
                 {.body = CALLS(CALL("c2"))},
                 {.tool = "look", .body = "second"},
                 {.body = TOO_LONG},
                 {.body = "{\"status\":\"limit\",\"detail\":\"calls of the item\"}"}},
     .outcome = "failed",
     .result = "calls of the item",
     .model_calls = 4},
    {.name = "fewer are kept where it is still too much",
     .compaction = "{\"by\":\"drop\",\"keep_last\":2}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = "first"},
                 {.body = CALLS(CALL("c2"))},
                 {.tool = "look", .body = "second"},
                 {.body = CALLS(CALL("c3"))},
                 {.tool = "look", .body = "third"},
                 {.body = TOO_LONG, .times = 2},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 6,
     .sent = "system: Your role: Looker\nuser: Go\nassistant: [c3 look]\ntool: third\n"},
    {.name = "a result that is longer than all there is",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = TEN(PAGE)},
                 {.body = TOO_LONG},
                 {.body = "Well."}},
     .outcome = "done",
     .result = "Well.",
     .model_calls = 3},
    {.name = "nothing to leave out: it fails and says so",
     .answers = {{.body = TOO_LONG}},
     .outcome = "failed",
     .result = "the conversation is too long for default, and nothing more can be left out of it: "
               "maximum context length is 100",
     .model_calls = 1},
    {.name = "an endpoint that refuses whatever it is sent",
     .compaction = "{\"by\":\"drop\",\"keep_last\":1}",
     .answers = {{.body = CALLS(CALL("c1"))},
                 {.tool = "look", .body = TEN(PAGE)},
                 {.body = TOO_LONG, .times = -1}},
     .outcome = "failed",
     .result = "the conversation is too long for default, and nothing more can be left out of it: "
               "maximum context length is 100",
     .model_calls = 3},
};

static void runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct compact_case *c = &cases[i];
        char text[2048];
        snprintf(text, sizeof(text),
                 "{\"models\":[{\"name\":\"default\"%s}],\"agents\":[{\"id\":\"ann\",\"role\":"
                 "\"Looker\",\"tools\":[\"look\"],\"compaction\":%s}],\"tools\":[{\"id\":\"look\"}]"
                 ",\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go\"}]}",
                 c->model != NULL ? c->model : "", c->compaction != NULL ? c->compaction : "{}");
        struct moot_crew_def *crew = pure_crew_make(text);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "1/t#1", "ann", "t", "{}");
        const struct moot_json *end = mini_host_end(h, "1/t#1");
        const char *got = moot__json_get_text(moot__json_get(end, "result"), "text",
                                              moot__json_get_text(end, "detail", ""));
        if (strcmp(moot__json_get_text(end, "outcome", "none"), c->outcome) != 0 ||
            strcmp(got, c->result) != 0)
            fail_msg("%s: %s\n%s", c->name, got, mini_host_trace(h));
        if (mini_host_count(h, MOOT_MODEL_CALL) != c->model_calls)
            fail_msg("%s: calls\n%s", c->name, mini_host_trace(h));
        const char *sent = mini_host_history(h, "1/t#1", "ann");
        if (c->sent != NULL && strcmp(sent, c->sent) != 0)
            fail_msg("%s: the model was sent\n%s", c->name, sent);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

/* The range stays in the journal; a message stands for it. */
static void the_summary_is_a_message(void **state)
{
    (void)state;
    const struct compact_case *c = &cases[2];
    struct moot_crew_def *crew = pure_crew_make(
        "{\"agents\":[{\"id\":\"ann\",\"tools\":[\"look\"],\"compaction\":{\"keep_last\":1}}],"
        "\"tools\":[{\"id\":\"look\"}],\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go"
        "\"}]}");
    struct mini_host *h = mini_host_new(crew, c->answers, 0);
    mini_host_open(h, "1/t#1", "ann", "t", "{}");
    const struct moot_message *m = mini_host_last(h, "1/t#1", MOOT_SUMMARY);
    assert_non_null(m);
    assert_string_equal(m->from, "ann");
    assert_int_equal(moot__json_get_int(m->body, "entries", 0), 2);
    assert_true(moot__json_get_int(m->body, "tokens", 0) > 60);
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(the_summary_is_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
