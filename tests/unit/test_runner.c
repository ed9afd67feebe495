#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TOOL                                                                                       \
    "{\"id\":\"send\",\"parameters\":{\"type\":\"object\",\"properties\":{\"to\":{\"type\":"       \
    "\"string\"},\"n\":{\"type\":\"integer\"}},\"required\":[\"to\"],"                             \
    "\"additionalProperties\":false}}"

struct runner_case {
    const char *name, *task, *input;
    struct mini_answer answers[4];
    const char *args; /* of the call; NULL: none is made */
    const char *outcome, *result;
};

static const struct runner_case cases[] = {
    {"a tool",
     "\"args\":{\"to\":\"{shop.email}\"}",
     "{\"shop\":{\"email\":\"e@x\"}}",
     {{.tool = "send", .body = "sent"}},
     "{\"to\":\"e@x\"}",
     "done",
     "sent"},
    {"a value keeps its type",
     "\"args\":{\"to\":\"{a} and {a}\",\"n\":\"{a}\"}",
     "{\"a\":7}",
     {{.tool = "send", .body = ""}},
     "{\"to\":\"7 and 7\",\"n\":7}",
     "done",
     ""},
    {"what it needs gives the arguments it has none of",
     "\"needs\":[\"a\"]",
     "{\"a\":{\"to\":\"e@x\",\"n\":1,\"more\":2}}",
     {{.tool = "send", .body = "sent"}},
     "{\"to\":\"e@x\",\"n\":1}",
     "done",
     "sent"},
    {"needs that are text give none",
     "\"needs\":[\"a\"]",
     "{\"a\":\"to\"}",
     {{0}},
     NULL,
     "failed",
     "the arguments of send are not valid"},
    {"arguments that do not fit",
     "\"args\":{\"to\":\"{a}\"}",
     "{\"a\":[1]}",
     {{0}},
     NULL,
     "failed",
     "the arguments of send are not valid"},
    {"arguments that are not there",
     "\"args\":{\"to\":\"{a}\"}",
     "{}",
     {{0}},
     NULL,
     "failed",
     "there is no 'a'"},
    {"a tool that fails",
     "\"args\":{\"to\":\"x\"}",
     "{}",
     {{.tool = "send", .body = "{\"status\":\"denied\",\"output\":\"a person said no\"}"}},
     "{\"to\":\"x\"}",
     "failed",
     "send: denied: a person said no"},
    {"output that must be JSON",
     "\"args\":{\"to\":\"x\"},\"output\":{\"id\":\"integer\"}",
     "{}",
     {{.tool = "send", .body = "{\"id\": 5}"}},
     "{\"to\":\"x\"}",
     "done",
     "{\"id\":5}"},
    {"output of the wrong shape",
     "\"args\":{\"to\":\"x\"},\"output\":{\"id\":\"integer\"}",
     "{}",
     {{.tool = "send", .body = "no id"}},
     "{\"to\":\"x\"}",
     "rejected",
     ""},
    {"a check",
     "\"args\":{\"to\":\"x\"},\"checks\":[{\"pattern\":\"^ok\"}]",
     "{}",
     {{.tool = "send", .body = "bad"}},
     "{\"to\":\"x\"}",
     "rejected",
     "bad"},
};

static void runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct runner_case *c = &cases[i];
        char text[1024];
        snprintf(text, sizeof(text),
                 "{\"item\":\"shop\",\"tools\":[" TOOL "],\"tasks\":[{\"id\":\"t\",\"tool\":"
                 "\"send\",%s}]}",
                 c->task);
        struct moot_crew_def *crew = pure_crew_make(text);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "3/t#1", "runner", "t", c->input);
        const struct moot_json *end = mini_host_end(h, "3/t#1");
        const struct moot_json *result = moot__json_get(end, "result");
        const char *got = moot__json_get_text(
            result, "text",
            moot__json_get_text(result, "json", moot__json_get_text(end, "detail", "")));
        if (strcmp(moot__json_get_text(end, "outcome", ""), c->outcome) != 0 ||
            strncmp(got, c->result, strlen(c->result)) != 0)
            fail_msg("%s: %s", c->name, moot__json_string(end));
        const struct moot_message *call = mini_host_last(h, "3/t#1", MOOT_TOOL_CALL);
        assert_int_equal(call != NULL, c->args != NULL);
        if (call != NULL)
            assert_string_equal(moot__json_get_text(moot_message_json(call), "args", ""), c->args);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

/* The words of a command are filled in beside its arguments, but never the program's name. */
static void command_words(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(
        "{\"tools\":[{\"id\":\"t\"}],\"tasks\":[{\"id\":\"t\",\"tool\":\"t\",\"command\":"
        "[\"./{x}\",\"-o\",\"{output_file}\",\"a {x}\"],\"args\":{\"k\":\"{x}\"},"
        "\"output_file\":\"out/{x}.txt\"}]}");
    static const struct mini_answer answers[] = {{.tool = "t", .body = "ok"}, {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/t#1", "runner", "t", "{\"x\":\"; rm\"}");
    const struct moot_message *call = mini_host_last(h, "3/t#1", MOOT_TOOL_CALL);
    assert_string_equal(moot__json_get_text(moot_message_json(call), "args", ""),
                        "{\"k\":\"; rm\",\"$2\":\"out/; rm.txt\",\"$3\":\"a ; rm\"}");
    /* It was told where to write, so nothing is published over it. */
    assert_int_equal(mini_host_count(h, MOOT_TOOL_CALL), 1);
    assert_string_equal(moot__json_get_text(mini_host_end(h, "3/t#1"), "outcome", ""), "done");
    mini_host_free(h);
    pure_crew_free(crew);
}

static void nothing_to_run(void **state)
{
    (void)state;
    struct moot_crew_def *crew =
        pure_crew_make("{\"tasks\":[{\"id\":\"t\",\"agent\":\"runner\",\"prompt\":\"Go\"}]}");
    static const struct mini_answer answers[] = {{0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/t#1", "runner", "t", "{}");
    assert_string_equal(moot__json_get_text(mini_host_end(h, "3/t#1"), "outcome", ""), "failed");
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(command_words),
        cmocka_unit_test(nothing_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
