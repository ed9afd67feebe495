/* One try of a call against a loopback server: what is sent, and how it adapts. */
#include "runtime/schema.h"
#include "tests/lib/ask_model.h"
#include "tests/lib/loopback.h"
#include "tests/lib/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct loopback_script good = {
    {LB_TEXT(ASK_HEAD ASK_TEXT("Hel") ASK_TEXT("lo") ASK_STOP ASK_DONE)}};

static void test_a_reply(void **state)
{
    (void)state;
    struct loopback *lb = loopback_start(&good, 1);
    struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1/"), "");
    struct asked got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_OK);
    assert_string_equal(got.r.text, "Hello");
    assert_string_equal(moot__buf_text(&got.deltas), "Hello");
    assert_string_equal(got.r.finish, "stop");
    assert_string_equal(got.r.model, "gpt-x");
    assert_int_equal(got.r.input_tokens, 9);
    assert_int_equal(got.r.output_tokens, 2);
    assert_false(got.r.estimated);
    const char *sent = loopback_request(lb, 0);
    assert_non_null(strstr(sent, "POST /v1/chat/completions HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "Authorization: Bearer sk-secret-0123456789-4f2a\r\n"));
    assert_string_equal(
        loopback_body(lb, 0),
        "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":{\"include_usage\":"
        "true},\"max_tokens\":4096,\"messages\":[{\"role\":\"user\",\"content\":"
        "\"hello\"}]}");
    asked_free(&got);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

/* Nothing but the history grows from request to request: caches by prefix stay warm. */
static void test_prefix_is_stable(void **state)
{
    (void)state;
    struct loopback *lb = loopback_start(&good, 1);
    struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    struct moot_tool_decl tool = {"find", "Finds.", "{\"type\":\"object\",\"properties\":{}}"};
    struct moot_model_request request = {.turns = h.turns, .tools = &tool, .tool_count = 1};
    history_add(&h, MOOT_SYSTEM, "\"Be brief.\"", NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        history_add(&h, i % 2 == 0 ? MOOT_USER : MOOT_ASSISTANT, "\"more\"", NULL, NULL);
        request.turn_count = h.count;
        struct asked got = ask(spec, &request);
        asked_free(&got);
        if (i > 0) {
            const char *before = loopback_body(lb, i - 1);
            assert_memory_equal(before, loopback_body(lb, i), strlen(before) - 2);
        }
    }
    history_free(&h);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],"
    "\"additionalProperties\":false}";

static const struct {
    const char *model;
    const char *map;
    const char *choice;
    const char *has;
    const char *has_not;
} written[] = {
    {"openai/x", "", "find",
     "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"find\"}}", "reasoning"},
    {"openai/o3", ",\"reasoning\":\"low\",\"seed\":7,\"temperature\":0.20", "required",
     "\"max_completion_tokens\":4096,\"temperature\":0.20,\"seed\":7,\"reasoning_effort\":"
     "\"low\"",
     "max_tokens"},
    {"openai/x", ",\"extra\":{\"user\":\"me\",\"temperature\":1,\"model\":\"no\",\"messages\":[]}",
     "none", "\"temperature\":1", "\"no\""},
    {"ollama/x", "", "find", "\"tool_choice\":\"required\"", "other_tool"},
    {"mistral/x", ",\"seed\":7", "auto", "\"role\":\"tool\",\"tool_call_id\":\"", "call_1"},
    {"deepseek/x", "", "auto", "JSON Schema:", "response_format"},
    {"openai/x", ",\"capabilities\":{\"stream\":false}", "auto", "\"strict\":true", "\"stream\""},
};

/* A history with all there is, through several providers; each request meets the strict schema. */
static void test_requests_meet_the_schema(void **state)
{
    (void)state;
    char *text = shared_data(MOOT_SHARED_DIR,
                             "data/llm-schemas/chat_completions_request.strict.schema.json", NULL);
    struct moot_json *json_schema = NULL;
    struct moot_schema *schema = NULL;
    assert_int_equal(moot__json_parse(text, strlen(text), &json_schema, NULL), MOOT_OK);
    /* which our validator does not know: member names are looked up below */
    moot__json_free(moot__json_take(json_schema, "unevaluatedProperties"));
    assert_int_equal(moot__schema_compile(json_schema, &schema, NULL), MOOT_OK);
    moot__json_free(json_schema);
    for (size_t i = 0; i < MOOT_COUNT(written); i++) {
        struct loopback *lb = loopback_start(&good, 1);
        struct moot_model_spec *spec =
            ask_spec(written[i].model, loopback_url(lb, "/v1"), written[i].map);
        struct history h = {0};
        history_add(&h, MOOT_SYSTEM, "\"Be \\\"brief\\\".\"", NULL, NULL);
        history_add(&h, MOOT_USER, "\"a\\nb\"", NULL, NULL);
        history_add(&h, MOOT_ASSISTANT, NULL,
                    "[{\"id\":\"call_1\",\"name\":\"find\",\"arguments\":\"{\\\"q\\\":1}\"},"
                    "{\"id\":\"call_2\",\"name\":\"find\",\"arguments\":\"\"}]",
                    NULL);
        history_add(&h, MOOT_TOOL, "\"found\"", NULL, "\"call_1\"");
        history_add(&h, MOOT_USER, "\"and now?\"", NULL, NULL);
        struct moot_tool_decl tools[] = {
            {"find", "Finds.", NULL},
            {"other_tool", NULL, "{\"type\":\"object\",\"properties\":{}}"}};
        const char *stop[] = {"\nObservation:", "END", NULL};
        struct moot_model_request request = {.turns = h.turns,
                                             .turn_count = h.count,
                                             .tools = tools,
                                             .tool_count = 2,
                                             .tool_choice = written[i].choice,
                                             .schema = schema_text,
                                             .schema_name = "the reply",
                                             .stop = stop};
        struct asked got = ask(spec, &request);
        const char *body = loopback_body(lb, 0);
        struct moot_json *json = NULL;
        assert_int_equal(moot__json_parse(body, strlen(body), &json, NULL), MOOT_OK);
        if (strstr(body, written[i].has) == NULL || strstr(body, written[i].has_not) != NULL)
            fail_msg("%s: %s", written[i].model, body);
        /* the second call had no result: it gets one, right after the calls */
        assert_non_null(strstr(body, "\"content\":\"(no result)\"}"));
        struct moot_buf problems;
        moot__buf_init(&problems, 1u << 20);
        if (moot__schema_validate(schema, json, &problems, NULL) != MOOT_OK)
            fail_msg("%s\n%s", body, moot__buf_text(&problems));
        for (const struct moot_json *m = moot__json_first(json); m != NULL;
             m = moot__json_next(m)) {
            moot__buf_clear(&problems);
            moot__buf_addf(&problems, "\"%s\":", moot__json_key(m));
            if (strstr(text, moot__buf_text(&problems)) == NULL)
                fail_msg("no parameter %s", moot__buf_text(&problems));
        }
        moot__buf_release(&problems);
        moot__json_free(json);
        asked_free(&got);
        history_free(&h);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
    moot__schema_free(schema);
    free(text);
}

static void test_adapts(void **state)
{
    (void)state;
#define BAD(param)                                                                                 \
    ASK_ERROR("400", "{\"error\":{\"message\":\"Unsupported parameter\",\"param\":\"" param        \
                     "\",\"code\":\"unsupported_parameter\"}}")
    static const struct {
        struct loopback_script scripts[2];
        const char *before;
        const char *after;
    } cases[] = {
        {{BAD("max_tokens"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"max_tokens\":4096",
         "\"max_completion_tokens\":4096"},
        {{BAD("temperature"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"temperature\":0.5",
         NULL},
        {{BAD("stream_options"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"stream_options\"",
         NULL},
        {{BAD("stop"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}}, "\"stop\"", NULL},
        {{BAD("seed"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}}, "\"seed\"", NULL},
        {{BAD("tool_choice"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"tool_choice\"",
         NULL},
        {{BAD("stream"),
          {{LB_TEXT("HTTP/1.1 200 OK\r\nConnection: "
                    "close\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"a\"}}]}")}}},
         "\"stream\":true",
         NULL},
        {{BAD("messages[0].role"), {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"role\":\"system\"",
         "\"role\":\"user\""},
        {{ASK_ERROR("500", "{\"error\":\"roles must alternate user/assistant\"}"),
          {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE)}}},
         "\"content\":\"one\"},{\"role\":\"user\",\"content\":\"two\"}",
         "\"content\":\"one\\n\\ntwo\"}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(cases[i].scripts, 2);
        struct moot_model_spec *spec =
            ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), ",\"temperature\":0.5,\"seed\":1");
        struct history h = {0};
        history_add(&h, MOOT_SYSTEM, "\"be\"", NULL, NULL);
        history_add(&h, MOOT_USER, "\"one\"", NULL, NULL);
        history_add(&h, MOOT_USER, "\"two\"", NULL, NULL);
        struct moot_tool_decl tool = {"find", NULL, NULL};
        const char *stop[] = {"END", NULL};
        struct moot_model_request request = {.turns = h.turns,
                                             .turn_count = h.count,
                                             .tools = &tool,
                                             .tool_count = 1,
                                             .tool_choice = "required",
                                             .stop = stop};
        for (int again = 0; again < 2; again++) { /* what was learnt is kept */
            struct asked got = ask(spec, &request);
            if (got.r.status != MOOT_OK)
                fail_msg("%zu: %s", i, got.r.error.message);
            assert_string_equal(got.r.text, "a");
            asked_free(&got);
        }
        assert_int_equal(loopback_requests(lb), 3);
        assert_non_null(strstr(loopback_body(lb, 0), cases[i].before));
        for (size_t k = 1; k < 3; k++) {
            assert_null(strstr(loopback_body(lb, k), cases[i].before));
            if (cases[i].after != NULL)
                assert_non_null(strstr(loopback_body(lb, k), cases[i].after));
        }
        history_free(&h);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

/* It refuses the same thing for ever: an error, not a loop. */
static void test_adapts_no_more_than_once(void **state)
{
    (void)state;
    static const struct loopback_script script = BAD("max_tokens");
    struct loopback *lb = loopback_start(&script, 1);
    struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct asked got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_EUNSUPPORTED);
    assert_false(got.r.retryable);
    assert_int_equal(loopback_requests(lb), 2);
    asked_free(&got);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static void test_schema_refused(void **state)
{
    (void)state;
    static const struct loopback_script scripts[] = {
        BAD("response_format"),
        {{LB_TEXT(ASK_HEAD ASK_TEXT("{}") ASK_STOP ASK_DONE)}},
    };
    struct loopback *lb = loopback_start(scripts, 2);
    struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"one\"", NULL, NULL);
    struct moot_model_request request = {
        .turns = h.turns, .turn_count = 1, .schema = schema_text, .schema_name = "r"};
    struct asked got = ask(spec, &request);
    assert_int_equal(got.r.status, MOOT_EUNSUPPORTED);
    assert_true(got.r.resendable_without_schema && got.r.retryable && spec->no_schema);
    asked_free(&got);
    got = ask(spec, &request);
    assert_int_equal(got.r.status, MOOT_OK);
    assert_null(strstr(loopback_body(lb, 1), "response_format"));
    assert_non_null(strstr(loopback_body(lb, 1), "additionalProperties"));
    asked_free(&got);
    history_free(&h);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static void test_model_not_there(void **state)
{
    (void)state;
#define NOT_FOUND ASK_ERROR("404", "{\"error\":{\"message\":\"model 'llama3.3' not found\"}}")
#define LIST(body)                                                                                 \
    {                                                                                              \
        {                                                                                          \
            LB_TEXT("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body)                           \
        }                                                                                          \
    }
    static const struct {
        const char *model;
        struct loopback_script scripts[2];
        const char *hint;
    } cases[] = {
        {"openai/gpt-4.2-mini",
         {NOT_FOUND, LIST("{\"data\":[{\"id\":\"gpt-4.1-mini\"},{\"id\":\"o3\"}]}")},
         "did you mean 'gpt-4.1-mini'?"},
        {"openai/zzzzzzz",
         {NOT_FOUND, LIST("[{\"id\":\"a\"},{\"id\":\"models/b\"}]")},
         "there are: a, b"},
        {"ollama/zzzzzzz",
         {NOT_FOUND, LIST("{\"data\":[{\"id\":\"llama3.2:latest\"}]}")},
         "ollama pull zzzzzzz; there are: llama3.2:latest"},
        {"ollama/zzzzzzz", {NOT_FOUND, LIST("{\"data\":null}")}, "ollama pull zzzzzzz"},
        {"openai/x", {NOT_FOUND, NOT_FOUND}, "/v1/chat/completions"},
        {"openai/x", {NOT_FOUND, {{LB_DO(LB_RESET)}}}, "/v1/chat/completions"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(cases[i].scripts, 2);
        struct moot_model_spec *spec = ask_spec(cases[i].model, loopback_url(lb, "/v1"), "");
        struct asked got = ask_simply(spec);
        assert_int_equal(got.r.status, MOOT_ENOTFOUND);
        assert_false(got.r.retryable);
        assert_non_null(strstr(got.r.error.message, "404 model 'llama3.3' not found"));
        if (strstr(got.r.error.hint, cases[i].hint) == NULL)
            fail_msg("%s: hint '%s'", cases[i].model, got.r.error.hint);
        assert_non_null(strstr(loopback_request(lb, 1), "GET /v1/models HTTP"));
        asked_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_no_tools(void **state)
{
    (void)state;
    struct moot_model_spec *spec =
        ask_spec("openai/x", "http://127.0.0.1:1", ",\"capabilities\":{\"tools\":false}");
    struct moot_tool_decl tool = {"find", NULL, NULL};
    struct moot_model_request request = {.tools = &tool, .tool_count = 1};
    struct asked got = {0};
    struct moot_error err = {0};
    assert_int_equal(
        moot__model_start(ask_world(), spec, &request, &asked_events, &got, &got.call, &err),
        MOOT_EUNSUPPORTED);
    assert_string_equal(err.message, "model 'm' takes no tools");
    moot__model_spec_free(spec);
}

static void test_estimate(void **state)
{
    (void)state;
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"0123456789012345\"", NULL, NULL);
    struct moot_model_request request = {.turns = h.turns, .turn_count = 1};
    int64_t bare = moot__model_estimate(&request);
    assert_true(bare >= 4 && bare < 20);
    assert_int_equal(moot__model_estimate(&request), bare);
    struct moot_tool_decl tool = {"find", "Finds what is there to be found.", schema_text};
    request.tools = &tool;
    request.tool_count = 1;
    assert_true(moot__model_estimate(&request) > bare + 20);
    history_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(test_a_reply),
        ASK_TEST(test_prefix_is_stable),
        ASK_TEST(test_requests_meet_the_schema),
        ASK_TEST(test_adapts),
        ASK_TEST(test_adapts_no_more_than_once),
        ASK_TEST(test_schema_refused),
        ASK_TEST(test_model_not_there),
        ASK_TEST(test_no_tools),
        ASK_TEST(test_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
