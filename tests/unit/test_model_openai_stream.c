/* What servers make of a chat-completions stream, piece by piece. */
#include "runtime/model_openai.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_buf deltas;

static void on_delta(void *arg, const char *text, size_t len)
{
    (void)arg;
    moot__buf_add(&deltas, text, len);
}

#define DELTA(members) "data: {\"choices\":[{\"index\":0,\"delta\":{" members "}}]}\n\n"
#define TEXT(text) DELTA("\"content\":\"" text "\"")
#define CALLS(entries) DELTA("\"tool_calls\":[" entries "]")
#define FINISH(why)                                                                                \
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" why "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"

/* "text|reasoning|finish|name(arguments)id;…", or "!status message" for a broken stream, or
 * "?kind message" for an error of the endpoint's. */
static char *outcome(const char *bytes, size_t step, long http_status)
{
    struct moot_chat c;
    struct moot_buf out;
    moot__buf_init(&out, 1u << 20);
    moot__buf_clear(&deltas);
    moot__chat_init(&c, on_delta, NULL);
    size_t len = strlen(bytes);
    for (size_t at = 0; at < len; at += step) {
        if (moot__chat_feed(&c, bytes + at, step < len - at ? step : len - at) != 0)
            break;
    }
    moot__chat_end(&c, http_status);
    struct moot_model_reply r = {0};
    int status = moot__chat_take(&c, "seed", &r);
    if (c.problem.kind != MOOT_PROBLEM_NONE)
        moot__buf_addf(&out, "?%d %s", c.problem.kind, c.problem.message);
    else if (c.status != MOOT_OK || status != MOOT_OK)
        moot__buf_addf(&out, "!%d %s", c.error.code, c.error.message);
    else
        moot__buf_addf(&out, "%s|%s|%s|", r.text, r.reasoning != NULL ? r.reasoning : "", r.finish);
    for (size_t i = 0; i < r.call_count; i++)
        moot__buf_addf(&out, "%s(%s)%s;", r.calls[i].name, r.calls[i].arguments, r.calls[i].id);
    if (strcmp(r.finish, "refusal") != 0)
        assert_string_equal(moot__buf_text(&deltas), r.text);
    moot__model_reply_release(&r);
    moot__chat_release(&c);
    return moot__buf_take(&out);
}

struct stream {
    const char *name;
    const char *bytes;
    const char *outcome; /* its beginning, where it is an error */
};

static void check(const struct stream *streams, size_t count, long http_status)
{
    moot__buf_init(&deltas, 1u << 20);
    for (size_t i = 0; i < count; i++) {
        for (size_t step = 1; step < 2000; step = step * 7) {
            char *got = outcome(streams[i].bytes, step, http_status);
            const char *want = streams[i].outcome;
            bool error = want[0] == '!' || want[0] == '?';
            if (error ? strncmp(got, want, strlen(want)) != 0 : strcmp(got, want) != 0)
                fail_msg("%s, by %zu:\n  %s\n  %s", streams[i].name, step, got, want);
            free(got);
        }
    }
    moot__buf_release(&deltas);
}

#define CALL(index, id, name, arguments)                                                           \
    "{\"index\":" index ",\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name  \
    "\",\"arguments\":\"" arguments "\"}}"
#define MORE(index, arguments)                                                                     \
    "{\"index\":" index ",\"function\":{\"arguments\":\"" arguments "\"}}"
#define BARE(id, name, arguments)                                                                  \
    "{\"id\":\"" id "\",\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}}"

static const struct stream call_streams[] = {
    {"one in pieces",
     CALLS(CALL("0", "c1", "f", "")) CALLS(MORE("0", "{\\\"a\\\"")) CALLS(MORE("0", ":1}"))
         FINISH("tool_calls") DONE,
     "||tool_calls|f({\"a\":1})c1;"},
    {"two interleaved",
     CALLS(CALL("0", "c1", "f", "{")) CALLS(CALL("1", "c2", "g", "[")) CALLS(MORE("0", "}"))
         CALLS(MORE("1", "]")) FINISH("tool_calls") DONE,
     "||tool_calls|f({})c1;g([])c2;"},
    {"gaps between indices",
     CALLS(CALL("7", "c1", "f", "{}")) CALLS(CALL("2", "c2", "g", "{}")) DONE,
     "||tool_calls|f({})c1;g({})c2;"},
    {"no index, two in one piece", CALLS(BARE("a", "f", "{}") "," BARE("b", "f", "{}")) DONE,
     "||tool_calls|f({})a;f({})b;"},
    {"no index, continued by id",
     CALLS(BARE("a", "f", "{")) CALLS("{\"id\":\"a\",\"function\":{\"arguments\":\"}\"}}") DONE,
     "||tool_calls|f({})a;"},
    {"no index, continued by nothing",
     CALLS(BARE("a", "f", "{")) CALLS("{\"function\":{\"arguments\":\"}\"}}") DONE,
     "||tool_calls|f({})a;"},
    {"always index 0", CALLS(CALL("0", "a", "f", "{}")) CALLS(CALL("0", "b", "f", "{}")) DONE,
     "||tool_calls|f({})a;f({})b;"},
    {"empty ids", CALLS(BARE("", "f", "{}")) CALLS(BARE("", "g", "{}")) FINISH("stop") DONE,
     "||tool_calls|f({})0i1Iwo1Z2;g({})"},
    {"id and name empty in what follows",
     CALLS(CALL("0", "a", "f", "")) CALLS(CALL("0", "", "", "{}")) DONE, "||tool_calls|f({})a;"},
    {"id and name null in what follows",
     CALLS(CALL("0", "a", "f", "")) CALLS("{\"index\":0,\"id\":null,\"type\":null,\"function\":"
                                          "{\"name\":null,\"arguments\":\"{}\"}}") DONE,
     "||tool_calls|f({})a;"},
    {"id and name repeated", CALLS(CALL("0", "a", "f", "{")) CALLS(CALL("0", "a", "f", "}")) DONE,
     "||tool_calls|f({})a;"},
    {"another id in every piece but no name",
     CALLS(CALL("0", "a", "f", "{")) CALLS(CALL("0", "b", "", "}")) DONE, "||tool_calls|f({})a;"},
    {"name in parts",
     CALLS(CALL("0", "a", "get_", "")) CALLS("{\"index\":0,\"function\":{\"name\":\"it\"}}") DONE,
     "||tool_calls|get_it({})a;"},
    {"name after the arguments",
     CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"{}\"}}")
         CALLS("{\"index\":0,\"function\":{\"name\":\"f\"}}") DONE,
     "||tool_calls|f({})a;"},
    {"no name at all", CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"arguments\":\"{}\"}}") DONE,
     "!-19 a tool call without the name"},
    {"arguments null, absent, object",
     CALLS("{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":null}}")
         CALLS("{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\"}}")
             CALLS("{\"index\":2,\"id\":\"c\",\"function\":{\"name\":\"h\",\"arguments\":{"
                   "\"x\":1.50}}}") DONE,
     "||tool_calls|f({})a;g({})b;h({\"x\":1.50})c;"},
    {"index inside of function",
     CALLS("{\"id\":\"a\",\"function\":{\"index\":0,\"name\":\"f\",\"arguments\":\"\"}}")
         CALLS("{\"function\":{\"index\":0,\"arguments\":\"{}\"}}") DONE,
     "||tool_calls|f({})a;"},
    {"escapes cut in their middle",
     CALLS(CALL("0", "a", "f", "{\\\"s\\\":\\\"\\\\ud83d")) CALLS(MORE("0", "\\\\ude00\\\"}")) DONE,
     "||tool_calls|f({\"s\":\"\\ud83d\\ude00\"})a;"},
    {"a custom tool",
     CALLS("{\"index\":0,\"id\":\"a\",\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"input\":"
           "\"free text\"}}") DONE,
     "||tool_calls|f(free text)a;"},
    {"a type nobody knows", TEXT("x") CALLS("{\"index\":0,\"id\":\"a\",\"type\":\"quantum\"}") DONE,
     "x||stop|"},
    {"the legacy form",
     DELTA("\"function_call\":{\"name\":\"f\",\"arguments\":\"{\"}")
         DELTA("\"function_call\":{\"arguments\":\"}\"}") FINISH("function_call") DONE,
     "||tool_calls|f({})"},
    {"the legacy form, empty, beside a real call",
     DELTA("\"function_call\":{\"name\":\"\",\"arguments\":\"\"},\"tool_calls\":[" CALL(
         "0", "a", "f", "{}") "]") DONE,
     "||tool_calls|f({})a;"},
    {"text and calls",
     TEXT("Let me see.") CALLS(CALL("0", "a", "f", "{}")) FINISH("tool_calls") DONE,
     "Let me see.||tool_calls|f({})a;"},
    {"tool_calls without any", TEXT("x") FINISH("tool_calls") DONE, "x||stop|"},
    {"cut off by length", CALLS(CALL("0", "a", "f", "{\\\"a\\\":")) FINISH("length") DONE,
     "||length|f({\"a\":)a;"},
    {"calls that are no list",
     DELTA("\"tool_calls\":{}") DELTA("\"tool_calls\":null") DELTA("\"tool_calls\":[1,null,\"x\"]")
         TEXT("x") DONE,
     "x||stop|"},
};

static void test_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(call_streams); i++) {
        /* ids that are made up: nine characters, compared by their length alone */
        struct stream s = call_streams[i];
        if (strcmp(s.name, "empty ids") == 0 || strcmp(s.name, "the legacy form") == 0) {
            moot__buf_init(&deltas, 1u << 20);
            char *got = outcome(s.bytes, 5, 200);
            const char *first = strchr(got, ')');
            assert_non_null(first);
            assert_int_equal(strcspn(first + 1, ";"), 9);
            free(got);
            moot__buf_release(&deltas);
            continue;
        }
        check(&s, 1, 200);
    }
}

static const struct stream text_streams[] = {
    {"plain", TEXT("a") TEXT("b") FINISH("stop") DONE, "ab||stop|"},
    {"no end mark", TEXT("a") FINISH("stop"), "a||stop|"},
    {"no finish reason", TEXT("a") DONE, "a||stop|"},
    {"the end mark twice, data after it", TEXT("a") DONE TEXT("b") DONE, "a||stop|"},
    {"cut", TEXT("a"), "!-18 the stream ended before"},
    {"cut in a piece", TEXT("a") "data: {\"choices\":[{\"del", "!-18 the stream ended before"},
    {"no blank line at the end", TEXT("a") "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}",
     "a||stop|"},
    {"an end mark in the first place", DONE, "||stop|"},
    {"nothing but comments", ": ping\n\n: ping\n\n" TEXT("a") DONE, "a||stop|"},
    {"comments as data", "data: : OPENROUTER PROCESSING\n\n" TEXT("a") DONE, "a||stop|"},
    {"blank lines first", "\r\n\r\n" TEXT("a") DONE, "a||stop|"},
    {"a byte-order mark", "\xef\xbb\xbf" TEXT("a") DONE, "a||stop|"},
    {"pretty-printed",
     "data: {\"choices\":\ndata: [{\"delta\":\ndata: {\"content\":\"a\"}}]}\n\n" DONE, "a||stop|"},
    {"empty choices first",
     "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n" TEXT("a") DONE, "a||stop|"},
    {"a choice without delta",
     "data: {\"choices\":[{\"index\":0,\"content_filter_results\":{}}]}\n\n" TEXT("a") DONE,
     "a||stop|"},
    {"other choices",
     "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}}]}\n\n" TEXT("a") DONE,
     "a||stop|"},
    {"message beside delta",
     "data: "
     "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"message\":{\"content\":\"aaa\"}}]}"
     "\n\n" DONE,
     "a||stop|"},
    {"a list of parts",
     DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":"
           "\"hm\"}]},{\"type\":\"text\",\"text\":\"a\"},\"b\"]") DONE,
     "ab|hm|stop|"},
    {"reasoning by both names",
     DELTA("\"reasoning_content\":\"r1\"")
         DELTA("\"reasoning\":\"r2\",\"reasoning_details\":[{\"text\":\"r2\"}]") TEXT("a") DONE,
     "a|r1r2|stop|"},
    {"reasoning in details",
     DELTA("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"r\"}]") TEXT("a") DONE,
     "a|r|stop|"},
    {"a thought in the text",
     TEXT("<thi") TEXT("nk>hm</thi") TEXT("nk>\\n\\n") TEXT(" a") TEXT(" b") DONE, "a b|hm|stop|"},
    {"a thought that never ends", TEXT("<think>hm") FINISH("length") DONE, "|hm|length|"},
    {"no thought after all", TEXT("<thi") TEXT("ng>") DONE, "<thing>||stop|"},
    {"less than a thought", TEXT(" <") DONE, " <||stop|"},
    {"a refusal", DELTA("\"refusal\":\"I \"") DELTA("\"refusal\":\"cannot\"") FINISH("stop") DONE,
     "I cannot||refusal|"},
    {"finish eos", TEXT("a") FINISH("eos") DONE, "a||stop|"},
    {"finish unheard of", TEXT("a") FINISH("moonshine") DONE, "a||stop|"},
    {"finish end_turn", TEXT("a") FINISH("end_turn") DONE, "a||stop|"},
    {"finish content_filter", FINISH("content_filter") DONE, "||content_filter|"},
    {"finish error", TEXT("a") FINISH("error") DONE, "?6 the reply ended in an error"},
    {"finish empty", TEXT("a") FINISH("") DONE, "a||stop|"},
    {"a lone surrogate and NUL", TEXT("x\\ud83dy\\u0000z") DONE,
     "x\xef\xbf\xbdy\xef\xbf\xbdz||stop|"},
    {"bytes that are no UTF-8", TEXT("x\xffy") DONE, "x\xef\xbf\xbdy||stop|"},
    {"raw control characters", TEXT("x\x01y") DONE, "x\x01y||stop|"},
    {"wrong types",
     "data: "
     "{\"choices\":[null,3,{\"delta\":[]},{\"delta\":{\"content\":{}}}],\"usage\":[],\"model\":"
     "7}\n\n"
     "data: 5\n\n"
     "data: [1]\n\n" TEXT("a") DONE,
     "a||stop|"},
    {"a number that is none of ours",
     "data: {\"usage\":{\"prompt_tokens\":1e400,\"completion_tokens\":-5}}\n\n" TEXT("a") DONE,
     "a||stop|"},
};

static void test_text(void **state)
{
    (void)state;
    check(text_streams, MOOT_COUNT(text_streams), 200);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"an error in a piece",
         TEXT("a") "data: "
                   "{\"error\":{\"message\":\"boom\",\"code\":502},\"choices\":[{\"delta\":{}}]}"
                   "\n\n" DONE,
         "?6 boom"},
        {"an error after the finish",
         TEXT("a") FINISH("length") "data: {\"error\":{\"message\":\"late\",\"code\":400}}\n\n",
         "?14 late"},
        {"an error event",
         "event: error\ndata: {\"error\":{\"message\":\"boom\",\"type\":\"overloaded_error\"}}\n\n",
         "?6 boom"},
        {"an error event without the word", "event: error\ndata: {\"message\":\"boom\"}\n\n",
         "?6 boom"},
        {"an error event of words", "event: error\ndata: it broke\n\n", "?6 it broke"},
        {"an error field",
         TEXT("a") "error: {\"code\":500,\"message\":\"slot lost\",\"type\":\"server_error\"}\n\n",
         "?6 slot lost"},
        {"words in a data line", TEXT("a") "data: error: out of memory\n\n",
         "?6 error: out of memory"},
        {"glued pieces", "data: {\"a\":1}{\"b\":2}\n\n",
         "!-19 a piece of the stream is no JSON: {\"a\":1}{\"b\":2}"},
        {"not JSON", "data: hello\n\n", "!-19 a piece of the stream is no JSON: hello"},
        {"twice the same key", "data: {\"choices\":[],\"choices\":[]}\n\n",
         "!-19 a piece of the stream is no JSON"},
        {"an error as a body", "{\"error\":{\"message\":\"bad\",\"code\":502}}", "?6 bad"},
        {"HTML as a body", "<html><title>Log in</title></html>", "?13 Log in"},
        {"words as a body", "upstream connect error",
         "!-19 neither a stream nor JSON: upstream connect error"},
        {"half a body", "{\"choices\":[{\"mess", "!-19 neither a stream nor JSON"},
        {"an empty body", "", "!-19 an empty body"},
        {"blanks as a body", " \n\n ", "!-19 an empty body"},
        {"no choices", "{\"choices\":[]}", "!-19 JSON without `choices`"},
        {"choices null", "{\"choices\":null}", "!-19 JSON without `choices`"},
        {"a list", "[]", "!-19 JSON without `choices`"},
    };
    check(streams, MOOT_COUNT(streams), 200);
    static const struct stream refused[] = {
        {"events with a bad status", ": x\n\n", "?6 "},
        {"no body", "", "?6 "},
        {"a page", "<html>Bad <b>Gateway</b></html>", "?6 Bad Gateway"},
    };
    check(refused, MOOT_COUNT(refused), 502);
}

static void test_bodies(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"whole",
         "{\"model\":\"m\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
         "\"finish_reason\":\"stop\"}]}",
         "a||stop|"},
        {"padded", "\n   \n\n   {\"choices\":[{\"message\":{\"content\":\"a\"}}]}", "a||stop|"},
        {"content null with calls",
         "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[" CALL(
             "0", "a", "f", "{}") "]},\"finish_reason\":\"stop\"}]}",
         "||tool_calls|f({})a;"},
        {"two calls without index",
         "{\"choices\":[{\"message\":{\"tool_calls\":[" BARE("a", "f", "{}") "," BARE("b", "f",
                                                                                      "{}") "]}}]}",
         "||tool_calls|f({})a;f({})b;"},
    };
    check(streams, MOOT_COUNT(streams), 200);
}

static void test_usage(void **state)
{
    (void)state;
    static const char bytes[] =
        "data: "
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":5,"
        "\"completion_tokens\":1}}\n\n"
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n"
        "data: "
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"prompt_tokens_"
        "details\":{\"cached_tokens\":4}}}\n\n" DONE;
    struct moot_chat c;
    moot__chat_init(&c, NULL, NULL);
    moot__chat_feed(&c, bytes, sizeof(bytes) - 1);
    moot__chat_end(&c, 200);
    assert_int_equal(c.status, MOOT_OK);
    assert_int_equal(c.input_tokens, 7);
    assert_int_equal(c.output_tokens, 3);
    assert_int_equal(c.cached_tokens, 4);
    moot__chat_release(&c);
}

static void test_too_many_calls(void **state)
{
    (void)state;
    struct moot_chat c;
    moot__chat_init(&c, NULL, NULL);
    int stopped = 0;
    for (int i = 0; i < 500 && stopped == 0; i++) {
        char bytes[300];
        snprintf(
            bytes, sizeof(bytes),
            "data: "
            "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,\"id\":\"c%d\",\"function\":"
            "{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n",
            i, i);
        stopped = moot__chat_feed(&c, bytes, strlen(bytes));
    }
    assert_int_equal(stopped, 1);
    moot__chat_end(&c, 200);
    assert_int_equal(c.status, MOOT_EPROTOCOL);
    moot__chat_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),  cmocka_unit_test(test_text),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_usage),  cmocka_unit_test(test_too_many_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
