#include "agents/check.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static struct moot_crew_def *crew_of(const char *task)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "{\"item\":\"shop\",\"agents\":[{\"id\":\"ann\"},{\"id\":\"eve\",\"kind\":\"judge\"}],"
             "\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":\"Go {shop}\",%s}]}",
             task);
    return pure_crew_make(text);
}

/* ---- the cheap ones ---- */

struct cheap_case {
    const char *task;
    const char *result;
    const char *problems; /* JSON */
};

#define BODY "\"output\":{\"body\":\"text\",\"tags\":[\"text\"]},"
#define R(body, tags) "{\"body\":\"" body "\",\"tags\":" tags "}"

static const struct cheap_case cheap[] = {
    {"\"checks\":[]", "\"x\"", "[]"},
    {BODY "\"checks\":[]", "{\"body\":1}", NULL},
    {"\"checks\":[{\"length\":[2,3,\"words\"]}]", "\"one two\"", "[]"},
    {"\"checks\":[{\"length\":[2,3,\"words\"]}]", "\"one\"",
     "[{\"what\":\"the result has 1 word; it must have 2 to 3\"}]"},
    {BODY "\"checks\":[{\"length\":[0,3,\"characters\"],\"of\":\"body\"}]", R("four", "[]"),
     "[{\"what\":\"body has 4 characters; it must have at most 3\"}]"},
    {BODY "\"checks\":[{\"length\":[2,-1,\"items\"],\"of\":\"tags\"}]", R("x", "[\"a\"]"),
     "[{\"what\":\"tags has 1 item; it must have at least 2\"}]"},
    {BODY "\"checks\":[{\"pattern\":\"^Dear\",\"of\":\"body\"}]", R("Hi there", "[]"),
     "[{\"what\":\"body must match /^Dear/\"}]"},
    {BODY "\"checks\":[{\"none\":\"(?i)boost\",\"of\":\"body\"}]", R("We Boost sales", "[]"),
     "[{\"what\":\"body must not match /(?i)boost/\",\"quote\":\"Boost\"}]"},
    {BODY "\"checks\":[{\"that\":\"count(tags) >= 2\",\"else\":\"two tags at least\"}]",
     R("x", "[\"a\"]"), "[{\"what\":\"two tags at least\"}]"},
    {BODY "\"checks\":[{\"that\":\"t.body contains shop.name\"}]", R("x", "[]"),
     "[{\"what\":\"this must hold and does not: t.body contains shop.name\"}]"},
    {BODY "\"checks\":[{\"that\":\"result.body contains shop.name\"}]", R("Odd it is", "[]"), "[]"},
    /* all that fail, at once */
    {BODY "\"checks\":[{\"that\":\"count(tags) > 0\",\"else\":\"no tags\"},"
          "{\"pattern\":\"x\",\"of\":\"body\"},{\"none\":\"y\",\"of\":\"body\"},"
          "{\"length\":[2,-1,\"words\"],\"of\":\"body\"},{\"judge\":\"eve\"}]",
     R("y", "[]"),
     "[{\"what\":\"no tags\"},{\"what\":\"body must match /x/\"},{\"what\":\"body must not match "
     "/y/\",\"quote\":\"y\"},{\"what\":\"body has 1 word; it must have at least 2\"}]"},
};

static void cheap_checks(void **state)
{
    (void)state;
    struct moot_json *scope = read_json("{\"$item\":\"shop\",\"shop\":{\"name\":\"Odd\"}}");
    for (size_t i = 0; i < MOOT_COUNT(cheap); i++) {
        struct moot_crew_def *crew = crew_of(cheap[i].task);
        struct moot_json *result = read_json(cheap[i].result);
        struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
        struct moot_checked c = {&crew->tasks[0], scope, result};
        struct moot_error err = {0};
        if (moot__check_cheap(&c, problems, &err) != MOOT_OK)
            fail_msg("%s: %s", cheap[i].task, err.message);
        char *text = moot__json_string(problems);
        if (cheap[i].problems == NULL)
            assert_true(moot__json_count(problems) > 0);
        else
            assert_string_equal(text, cheap[i].problems);
        free(text);
        moot__json_free(problems);
        moot__json_free(result);
        pure_crew_free(crew);
    }
    moot__json_free(scope);
}

/* A check that cannot be computed is no verdict on the result. */
static void wrong_check(void **state)
{
    (void)state;
    struct moot_crew_def *crew = crew_of("\"checks\":[{\"that\":\"result\"}]");
    struct moot_json *result = moot__json_new_text("x");
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_checked c = {&crew->tasks[0], NULL, result};
    struct moot_error err = {0};
    assert_int_equal(moot__check_cheap(&c, problems, &err), MOOT_EINVAL);
    assert_non_null(strstr(err.message, "task 't'"));
    moot__json_free(problems);
    moot__json_free(result);
    pure_crew_free(crew);
}

/* ---- those that wait ---- */

struct waiting_case {
    const char *name;
    const char *task;
    struct mini_answer answers[8];
    const char *trace; /* what was asked, in order */
    const char *outcome;
    const char *detail; /* stands in the end */
};

static const struct waiting_case waiting[] = {
    {"a file that is there",
     "\"checks\":[{\"file\":\"{shop.file}\"}]",
     {{.body = "text"}, {.tool = "check_file", .body = "there"}},
     "model_call model_reply tool_call check_file tool_result end done ",
     "done",
     "text"},
    {"a file that is not",
     "\"checks\":[{\"file\":\"{shop.file}\"},{\"judge\":\"eve\"}]",
     {{.body = "text"},
      {.tool = "check_file", .body = "{\"status\":\"error\",\"output\":\"a.txt is not there\"}"}},
     "model_call model_reply tool_call check_file tool_result end rejected ",
     "rejected",
     "a.txt is not there"},
    {"a command",
     "\"checks\":[{\"command\":[\"./lint\",\"-q\"]}]",
     {{.body = "text"},
      {.tool = "check_command", .body = "{\"status\":\"error\",\"output\":\"\"}"}},
     "model_call model_reply tool_call check_command tool_result end rejected ",
     "rejected",
     "a check did not pass"},
    {"a check that is denied is no verdict",
     "\"checks\":[{\"command\":[\"./lint\"]}]",
     {{.body = "text"},
      {.tool = "check_command", .body = "{\"status\":\"denied\",\"output\":\"not allowed\"}"}},
     "model_call model_reply tool_call check_command tool_result end failed ",
     "failed",
     "a check could not be made (denied): not allowed"},
    {"cheap ones first: nobody is asked about what fails them",
     "\"checks\":[{\"length\":[9,-1,\"words\"]},{\"judge\":\"eve\"}]",
     {{.body = "text"}},
     "model_call model_reply verdict rejected end rejected ",
     "rejected",
     "has 1 word"},
    {"a judge who is content",
     "\"checks\":[{\"judge\":\"eve\",\"criteria\":[\"Good.\"]}]",
     {{.who = "ann", .body = "text"},
      {.who = "eve", .body = "{\"passed\":true,\"score\":9,\"problems\":[]}"}},
     "model_call model_reply open model_call model_reply verdict passed end done end done ",
     "done",
     "\"score\":9"},
    {"a judge who is not",
     "\"checks\":[{\"judge\":\"eve\"},{\"person\":true}]",
     {{.who = "ann", .body = "text"},
      {.who = "eve", .body = "{\"passed\":false,\"score\":3,\"problems\":[{\"what\":\"dull\"}]}"}},
     "model_call model_reply open model_call model_reply verdict rejected end done end rejected ",
     "rejected",
     "\"what\":\"dull\""},
    {"a judge who fails",
     "\"checks\":[{\"judge\":\"eve\"}]",
     {{.who = "ann", .body = "text"}, {.who = "eve", .body = "hm", .times = -1}},
     "model_call model_reply open model_call model_reply model_call model_reply model_call "
     "model_reply end failed end failed ",
     "failed",
     "the judge gave no verdict: its answers were no verdicts"},
    {"two judges",
     "\"checks\":[{\"judge\":\"eve\"},{\"judge\":\"eve\"}]",
     {{.who = "ann", .body = "text"}, {.who = "eve", .body = "{\"passed\":true}", .times = 2}},
     "model_call model_reply open model_call model_reply verdict passed end done open model_call "
     "model_reply verdict passed end done end done ",
     "done",
     "text"},
    {"a person says yes",
     "\"review\":true",
     {{.body = "text"}, {.tool = "?", .body = "approve"}},
     "model_call model_reply question answer end done ",
     "done",
     "text"},
    {"a person says no",
     "\"checks\":[{\"person\":[\"lin\",\"max\"]}]",
     {{.body = "text"},
      {.tool = "?",
       .body = "{\"status\":\"ok\",\"decision\":\"reject\",\"text\":\"Not the jar.\"}"}},
     "model_call model_reply question answer end rejected ",
     "rejected",
     "Not the jar."},
    {"a person mends it",
     "\"output\":{\"x\":\"text\"},\"review\":true",
     {{.body = "{\"x\":\"bad\"}"},
      {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"{\\\"x\\\":\\\"good\\\"}\"}"}},
     "model_call model_reply question answer end done ",
     "done",
     "good"},
    {"a person mends it wrongly",
     "\"output\":{\"x\":\"text\"},\"review\":true",
     {{.body = "{\"x\":\"bad\"}"},
      {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"{\\\"y\\\":1}\"}"}},
     "model_call model_reply question answer end rejected ",
     "rejected",
     "x"},
    {"nobody answers",
     "\"review\":true",
     {{.body = "text"}, {.tool = "?", .body = "{\"status\":\"expired\"}"}},
     "model_call model_reply question answer end failed ",
     "failed",
     "in time"},
    {"then it is written",
     "\"output_file\":\"out/{shop.name}.txt\",\"review\":true",
     {{.body = "text"}, {.tool = "?", .body = "approve"}, {.tool = "publish", .body = "written"}},
     "model_call model_reply question answer tool_call publish tool_result end done ",
     "done",
     "text"},
    {"and if that fails",
     "\"output_file\":\"o.txt\"",
     {{.body = "text"},
      {.tool = "publish", .body = "{\"status\":\"error\",\"output\":\"disk full\"}"}},
     "model_call model_reply tool_call publish tool_result end failed ",
     "failed",
     "disk full"},
};

/* The kinds of a trace after the `open`, with what stands behind them. */
static char *kinds_of(const char *trace)
{
    struct moot_buf out;
    moot__buf_init(&out, 1 << 16);
    for (size_t line = 0; *trace != '\0'; line++) {
        size_t len = strcspn(trace, "\n");
        const char *kind = strchr(strchr(trace, ' ') + 1, ' ') + 1;
        if (line > 0) {
            moot__buf_add(&out, kind, len - (size_t)(kind - trace));
            moot__buf_addc(&out, ' ');
        }
        trace += len + 1;
    }
    return moot__buf_take(&out);
}

static void waiting_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(waiting); i++) {
        const struct waiting_case *c = &waiting[i];
        struct moot_crew_def *crew = crew_of(c->task);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "3/t#1", "ann", "t",
                       "{\"$item\":\"shop\",\"shop\":{\"text\":\"x\",\"name\":\"n\",\"file\":"
                       "\"a.txt\"}}");
        char *kinds = kinds_of(mini_host_trace(h));
        if (strcmp(kinds, c->trace) != 0)
            fail_msg("%s: wanted\n%s\nand got\n%s", c->name, c->trace, kinds);
        free(kinds);
        const struct moot_json *end = mini_host_end(h, "3/t#1");
        assert_string_equal(moot__json_get_text(end, "outcome", ""), c->outcome);
        char *text = moot__json_string(end);
        if (strstr(text, c->detail) == NULL)
            fail_msg("%s: %s", c->name, text);
        free(text);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

/* What the tools, the judge and the person are given. */
static void what_they_are_given(void **state)
{
    (void)state;
    struct moot_crew_def *crew = crew_of(
        "\"output\":{\"x\":\"text\"},\"uses\":[],\"expected_output\":\"E\",\"checks\":["
        "{\"command\":[\"./lint\",\"-q {shop}\"]},{\"judge\":\"eve\",\"criteria\":[\"Good.\"],"
        "\"sees\":[\"shop.text\",\"shop.none\"]},{\"person\":[\"lin\",\"max\"]}]");
    static const struct mini_answer answers[] = {{.who = "ann", .body = "{\"x\":\"y\"}"},
                                                 {.tool = "check_command", .body = ""},
                                                 {.who = "eve", .body = "{\"passed\":true}"},
                                                 {.tool = "?", .body = "approve"},
                                                 {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/t#1", "ann", "t", "{\"$item\":\"shop\",\"shop\":{\"text\":\"page\"}}");
    const struct moot_json *body = moot_message_json(mini_host_last(h, "3/t#1", MOOT_TOOL_CALL));
    assert_string_equal(
        moot__json_get_text(body, "args", ""),
        "{\"input\":\"{\\\"x\\\":\\\"y\\\"}\",\"command\":[\"./lint\",\"-q page\"]}");
    body = moot_message_json(mini_host_last(h, "3/t#1/judge1", MOOT_OPEN));
    assert_string_equal(moot__json_get_text(body, "input", ""),
                        "{\"task\":\"t\",\"expected_output\":\"E\",\"criteria\":[\"Good.\"],"
                        "\"result\":{\"x\":\"y\"},\"seen\":{\"shop.text\":\"page\"}}");
    const struct moot_message *question = mini_host_last(h, "3/t#1", MOOT_QUESTION);
    body = moot__json_get(moot_message_json(question), "about");
    assert_string_equal(moot__json_get_text(body, "json", ""), "{\"x\":\"y\"}");
    const char *history = mini_host_history(h, "3/t#1/judge1", "eve");
    assert_non_null(strstr(history, "<shop.text>\npage\n</shop.text>"));
    assert_non_null(strstr(history, "1. Good."));
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cheap_checks),
        cmocka_unit_test(wrong_check),
        cmocka_unit_test(waiting_checks),
        cmocka_unit_test(what_they_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
