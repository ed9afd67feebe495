/* One try of a call against a loopback server: what is sent, and what becomes of what comes. */
#include "runtime/model.h"
#include "runtime/schema.h"
#include "tests/lib/loopback.h"
#include "tests/lib/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_world *w;

struct got {
    int calls;
    struct moot_model_reply r;
    struct moot_buf deltas;
    struct moot_model_call *call;
    size_t cancel_at; /* bytes of deltas; 0: never */
};

static void got_delta(void *arg, const char *text, size_t len)
{
    struct got *got = arg;
    assert_int_equal(got->calls, 0);
    moot__buf_add(&got->deltas, text, len);
    if (got->cancel_at > 0 && got->deltas.len >= got->cancel_at) {
        got->cancel_at = 0;
        moot__model_cancel(got->call);
    }
}

static void got_done(void *arg, struct moot_model_reply *r)
{
    struct got *got = arg;
    got->calls++;
    got->r = *r;
}

static const struct moot_model_events events = {.delta = got_delta, .done = got_done};

static void got_free(struct got *got)
{
    moot__model_reply_release(&got->r);
    moot__buf_release(&got->deltas);
}

static const char key[] = "sk-secret-0123456789-4f2a";

static const char *no_env(const char *name)
{
    return strcmp(name, "OPENAI_API_KEY") == 0 || strcmp(name, "MISTRAL_API_KEY") == 0 ||
                   strcmp(name, "DEEPSEEK_API_KEY") == 0
               ? key
               : NULL;
}

/* `more`: members of the model's map, each with a comma in front. */
static struct moot_model_spec *spec_for(const char *provider_model, const char *url,
                                        const char *more)
{
    char json[1024];
    struct moot_json *map = NULL;
    struct moot_model_spec *spec = NULL;
    struct moot_error err = {0};
    snprintf(json, sizeof(json), "{\"base_url\":\"%s\"%s}", url, more);
    assert_int_equal(moot__json_parse(json, strlen(json), &map, NULL), MOOT_OK);
    int status = moot__model_spec_make("m", provider_model, map, "/", no_env, &spec, &err);
    if (status != MOOT_OK)
        fail_msg("%s", err.message);
    moot__json_free(map);
    return spec;
}

static struct moot_text *literal(const char *text)
{
    struct moot_text *t = moot__text_make(text, strlen(text));
    assert_non_null(t);
    return t;
}

/* A history of one user's turn. */
struct history {
    struct moot_turn turns[8];
    size_t count;
};

static void history_add(struct history *h, enum moot_turn_role role, const char *content,
                        const char *calls, const char *call_id)
{
    struct moot_turn *t = &h->turns[h->count++];
    t->role = role;
    t->content = content != NULL ? literal(content) : NULL;
    t->tool_calls = calls != NULL ? literal(calls) : NULL;
    t->tool_call_id = call_id != NULL ? literal(call_id) : NULL;
}

static void history_free(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        moot__text_unref(h->turns[i].content);
        moot__text_unref(h->turns[i].tool_calls);
        moot__text_unref(h->turns[i].tool_call_id);
    }
}

static struct got ask(struct moot_model_spec *spec, const struct moot_model_request *request)
{
    struct got got = {0};
    struct moot_error err = {0};
    moot__buf_init(&got.deltas, 1u << 20);
    int status = moot__model_start(w, spec, request, &events, &got, &got.call, &err);
    if (status != MOOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(got.calls, 0);
    while (got.calls == 0)
        assert_int_equal(w->turn(w->self, 20000), MOOT_OK);
    assert_int_equal(got.calls, 1);
    assert_non_null(got.r.text);
    assert_non_null(got.r.finish);
    assert_non_null(got.r.model);
    assert_true((got.r.status == MOOT_OK) == (got.r.error.message[0] == '\0'));
    assert_null(strstr(got.r.error.message, "sk-secret"));
    return got;
}

static struct got ask_simply(struct moot_model_spec *spec)
{
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"hello\"", NULL, NULL);
    struct moot_model_request request = {.turns = h.turns, .turn_count = h.count};
    struct got got = ask(spec, &request);
    history_free(&h);
    return got;
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define TEXT(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOP                                                                                       \
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"                              \
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n"
#define DONE "data: [DONE]\n\n"
#define ERROR(status, body)                                                                        \
    {                                                                                              \
        {                                                                                          \
            LB_TEXT("HTTP/1.1 " status                                                             \
                    " X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body)      \
        }                                                                                          \
    }

static const struct loopback_script good = {{LB_TEXT(HEAD TEXT("Hel") TEXT("lo") STOP DONE)}};

static void test_a_reply(void **state)
{
    (void)state;
    struct loopback *lb = loopback_start(&good, 1);
    struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1/"), "");
    struct got got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_OK);
    assert_string_equal(got.r.text, "Hello");
    assert_string_equal(moot__buf_text(&got.deltas), "Hello");
    assert_string_equal(got.r.finish, "stop");
    assert_string_equal(got.r.model, "gpt-x");
    assert_int_equal(got.r.input_tokens, 9);
    assert_int_equal(got.r.output_tokens, 2);
    assert_false(got.r.estimated);
    assert_int_equal(got.r.due_ms, -1);
    const char *sent = loopback_request(lb, 0);
    assert_non_null(strstr(sent, "POST /v1/chat/completions HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "Authorization: Bearer sk-secret-0123456789-4f2a\r\n"));
    assert_string_equal(
        loopback_body(lb, 0),
        "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":{\"include_usage\":"
        "true},\"max_tokens\":4096,\"messages\":[{\"role\":\"user\",\"content\":"
        "\"hello\"}]}");
    got_free(&got);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

/* Nothing but the history grows from request to request: caches by prefix stay warm. */
static void test_prefix_is_stable(void **state)
{
    (void)state;
    struct loopback *lb = loopback_start(&good, 1);
    struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    struct moot_tool_decl tool = {"find", "Finds.", "{\"type\":\"object\",\"properties\":{}}"};
    struct moot_model_request request = {.turns = h.turns, .tools = &tool, .tool_count = 1};
    history_add(&h, MOOT_SYSTEM, "\"Be brief.\"", NULL, NULL);
    for (size_t i = 0; i < 3; i++) {
        history_add(&h, i % 2 == 0 ? MOOT_USER : MOOT_ASSISTANT, "\"more\"", NULL, NULL);
        request.turn_count = h.count;
        struct got got = ask(spec, &request);
        got_free(&got);
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
    static const struct {
        const char *model;
        const char *map;
        const char *choice;
        const char *has;
        const char *has_not;
    } cases[] = {
        {"openai/x", "", "find",
         "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"find\"}}", "reasoning"},
        {"openai/o3", ",\"reasoning\":\"low\",\"seed\":7,\"temperature\":0.20", "required",
         "\"max_completion_tokens\":4096,\"temperature\":0.20,\"seed\":7,\"reasoning_effort\":"
         "\"low\"",
         "max_tokens"},
        {"openai/x",
         ",\"extra\":{\"user\":\"me\",\"temperature\":1,\"model\":\"no\",\"messages\":[]}", "none",
         "\"temperature\":1", "\"no\""},
        {"ollama/x", "", "find", "\"tool_choice\":\"required\"", "other_tool"},
        {"mistral/x", ",\"seed\":7", "auto", "\"role\":\"tool\",\"tool_call_id\":\"", "call_1"},
        {"deepseek/x", "", "auto", "JSON Schema:", "response_format"},
        {"openai/x", ",\"capabilities\":{\"stream\":false}", "auto", "\"strict\":true",
         "\"stream\""},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(&good, 1);
        struct moot_model_spec *spec =
            spec_for(cases[i].model, loopback_url(lb, "/v1"), cases[i].map);
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
                                             .tool_choice = cases[i].choice,
                                             .schema = schema_text,
                                             .schema_name = "the reply",
                                             .stop = stop};
        struct got got = ask(spec, &request);
        const char *body = loopback_body(lb, 0);
        struct moot_json *json = NULL;
        assert_int_equal(moot__json_parse(body, strlen(body), &json, NULL), MOOT_OK);
        if (strstr(body, cases[i].has) == NULL || strstr(body, cases[i].has_not) != NULL)
            fail_msg("%s: %s", cases[i].model, body);
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
        got_free(&got);
        history_free(&h);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
    moot__schema_free(schema);
    free(text);
}

struct outcome {
    const char *name;
    struct loopback_script script;
    int status;
    bool retryable;
    const char *text;
    const char *message;
    const char *hint;
};

static const struct outcome outcomes[] = {
    {"finish without end mark", {{LB_TEXT(HEAD TEXT("a") STOP)}}, 0, false, "a", "", .hint = ""},
    {"end mark, connection kept open",
     {{LB_TEXT(HEAD TEXT("a") STOP DONE), LB_DO(LB_HANG)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"finish, connection kept open",
     {{LB_TEXT(HEAD TEXT("a") STOP), LB_DO(LB_HANG)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"finish, then a reset",
     {{LB_TEXT(HEAD TEXT("a") STOP), LB_WAIT(50), LB_DO(LB_RESET)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"cut off",
     {{LB_TEXT(HEAD TEXT("par") TEXT("tial"))}},
     MOOT_ENETWORK,
     true,
     "partial",
     "openai/gpt-x: the stream ended before",
     .hint = ""},
    {"cut off in chunks",
     {{LB_TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:")}},
     MOOT_ENETWORK,
     true,
     "",
     "in the middle of its reply",
     .hint = ""},
    {"reset in the stream",
     {{LB_TEXT(HEAD TEXT("par")), LB_WAIT(50), LB_DO(LB_RESET)}},
     MOOT_ENETWORK,
     true,
     "par",
     "openai/gpt-x: ",
     .hint = ""},
    {"error in the stream",
     {{LB_TEXT(HEAD TEXT("par") "data: {\"error\":{\"message\":\"boom\",\"code\":502}}\n\n"),
       LB_DO(LB_HANG)}},
     MOOT_ENETWORK,
     true,
     "par",
     "openai/gpt-x: 502 boom",
     .hint = ""},
    {"closed at once", {{LB_DO(LB_CLOSE)}}, MOOT_ENETWORK, true, "", "without a reply", .hint = ""},
    {"no HTTP",
     {{LB_TEXT("220 mail\r\n")}},
     MOOT_EPROTOCOL,
     true,
     "",
     "does not answer in HTTP",
     .hint = ""},
    {"an empty reply",
     {{LB_TEXT(HEAD STOP DONE)}},
     MOOT_EPROTOCOL,
     true,
     "",
     "an empty reply",
     .hint = "window"},
    {"all spent on reasoning",
     {{LB_TEXT(HEAD "data: "
                    "{\"choices\":[{\"delta\":{\"reasoning\":\"hm\"},\"finish_reason\":\"length\"}]"
                    "}\n\n" DONE)}},
     MOOT_ELIMIT,
     false,
     "",
     "all 4096 tokens of the reply went into reasoning",
     .hint = "max_tokens"},
    {"filtered",
     {{LB_TEXT(
         HEAD
         "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n" DONE)}},
     MOOT_EDENIED,
     false,
     "",
     "content filter",
     .hint = ""},
    {"a refusal",
     {{LB_TEXT(HEAD "data: {\"choices\":[{\"delta\":{\"refusal\":\"I "
                    "cannot\"},\"finish_reason\":\"stop\"}]}\n\n" DONE)}},
     0,
     false,
     "I cannot",
     "",
     .hint = ""},
    {"a body instead of a stream",
     {{LB_TEXT("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\n "
               "\n{\"choices\":[{\"message\":{\"content\":\"a\"}}]}")}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"a web page",
     {{LB_TEXT("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html><title>Log in</title>")}},
     MOOT_EPROTOCOL,
     false,
     "",
     "answers with a web page instead of an API: Log in",
     .hint = "base_url"},
    {"a bad key",
     ERROR("401",
           "{\"error\":{\"message\":\"Incorrect API key provided: sk-secret-0123456789-4f2a.\"}}"),
     MOOT_EDENIED, false, "",
     "openai refused the key in OPENAI_API_KEY (ends in …4f2a): 401 Incorrect API key provided: "
     "secret://OPENAI_API_KEY",
     .hint = "set OPENAI_API_KEY, then resume"},
    {"too long",
     ERROR("400", "{\"error\":{\"message\":\"maximum context "
                  "length\",\"code\":\"context_length_exceeded\"}}"),
     MOOT_ETOOBIG, false, "", "the request is too long for openai/gpt-x", .hint = ""},
    {"rate limit", ERROR("429", "{\"error\":{\"message\":\"slow down\"}}"), MOOT_EBUSY, true, "",
     "openai/gpt-x: 429 slow down", .hint = ""},
    {"quota", ERROR("429", "{\"error\":{\"message\":\"quota\",\"code\":\"insufficient_quota\"}}"),
     MOOT_EDENIED, false, "", "nothing left to spend at openai", .hint = ""},
    {"500", ERROR("500", ""), MOOT_ENETWORK, true, "", "openai/gpt-x: 500 no reason given",
     .hint = ""},
    {"502 with a page", ERROR("502", "<html><title>502 Bad Gateway</title></html>"), MOOT_ENETWORK,
     true, "", "502 Bad Gateway", .hint = ""},
    {"503", ERROR("503", "busy"), MOOT_ENETWORK, true, "", "503 busy", .hint = ""},
    {"529", ERROR("529", "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"),
     MOOT_ENETWORK, true, "", "529 Overloaded", .hint = ""},
    {"408", ERROR("408", ""), MOOT_ETIMEOUT, true, "", "408", .hint = ""},
    {"409", ERROR("409", ""), MOOT_ENETWORK, true, "", "409", .hint = ""},
    {"425", ERROR("425", ""), MOOT_ENETWORK, true, "", "425", .hint = ""},
    {"413", ERROR("413", ""), MOOT_EINVAL, false, "", "413", .hint = ""},
    {"418", ERROR("418", "{\"error\":\"teapot\"}"), MOOT_EINVAL, false, "", "418 teapot",
     .hint = ""},
    {"302", ERROR("302", ""), MOOT_EINVAL, false, "", "302", .hint = ""},
    {"204",
     {{LB_TEXT("HTTP/1.1 204 No Content\r\n\r\n")}},
     MOOT_EPROTOCOL,
     true,
     "",
     "an empty body",
     .hint = ""},
    {"too many bytes",
     {{LB_TEXT(HEAD), LB_TIMES(TEXT("0123456789012345678901234567890123456789"), 60000)}},
     MOOT_ETOOBIG,
     false,
     NULL,
     "more than 4194304 bytes",
     .hint = ""},
    {"do not retry",
     {{LB_TEXT("HTTP/1.1 500 X\r\nx-should-retry: false\r\nContent-Length: 0\r\n\r\n")}},
     MOOT_ENETWORK,
     false,
     "",
     "500",
     .hint = ""},
    {"do retry",
     {{LB_TEXT("HTTP/1.1 400 X\r\nx-should-retry: true\r\nContent-Length: 0\r\n\r\n")}},
     MOOT_EINVAL,
     true,
     "",
     "400",
     .hint = ""},
};

static void test_outcomes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(outcomes); i++) {
        const struct outcome *o = &outcomes[i];
        struct loopback *lb = loopback_start(&o->script, 1);
        struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1"), "");
        struct got got = ask_simply(spec);
        if (got.r.status != o->status || got.r.retryable != o->retryable ||
            (o->text != NULL && strcmp(got.r.text, o->text) != 0) ||
            strstr(got.r.error.message, o->message) == NULL ||
            strstr(got.r.error.hint, o->hint) == NULL)
            fail_msg("%s: %d retryable %d '%s' '%s' hint '%s'", o->name, got.r.status,
                     got.r.retryable, got.r.text, got.r.error.message, got.r.error.hint);
        assert_int_equal(loopback_requests(lb), 1);
        assert_true(got.r.input_tokens >= 0 && got.r.output_tokens >= 0);
        got_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

/* Cut after every byte of the body: the whole reply, or an error that may be tried again. */
static void test_cut_at_every_byte(void **state)
{
    (void)state;
    static const char body[] = TEXT("a") TEXT("b") STOP DONE;
    static const char head[] = HEAD;
    for (size_t at = 0; at <= sizeof(body) - 1; at++) {
        struct loopback_script script = {
            {LB_BYTES(head, sizeof(head) - 1), LB_BYTES(body, at), LB_DO(LB_CLOSE)}};
        if (at == 0)
            script.steps[1] = (struct loopback_step)LB_DO(LB_CLOSE);
        struct loopback *lb = loopback_start(&script, 1);
        struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1"), "");
        struct got got = ask_simply(spec);
        if (got.r.status == MOOT_OK)
            assert_string_equal(got.r.text, "ab");
        else if (!got.r.retryable)
            fail_msg("cut at %zu: %s", at, got.r.error.message);
        assert_int_equal(got.r.status == MOOT_OK, at >= strlen(TEXT("a") TEXT("b") STOP) - 2);
        got_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_adapts(void **state)
{
    (void)state;
#define BAD(param)                                                                                 \
    ERROR("400", "{\"error\":{\"message\":\"Unsupported parameter\",\"param\":\"" param            \
                 "\",\"code\":\"unsupported_parameter\"}}")
    static const struct {
        struct loopback_script scripts[2];
        const char *before;
        const char *after;
    } cases[] = {
        {{BAD("max_tokens"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}},
         "\"max_tokens\":4096",
         "\"max_completion_tokens\":4096"},
        {{BAD("temperature"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}}, "\"temperature\":0.5", NULL},
        {{BAD("stream_options"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}},
         "\"stream_options\"",
         NULL},
        {{BAD("stop"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}}, "\"stop\"", NULL},
        {{BAD("seed"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}}, "\"seed\"", NULL},
        {{BAD("tool_choice"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}}, "\"tool_choice\"", NULL},
        {{BAD("stream"),
          {{LB_TEXT("HTTP/1.1 200 OK\r\nConnection: "
                    "close\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"a\"}}]}")}}},
         "\"stream\":true",
         NULL},
        {{BAD("messages[0].role"), {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}},
         "\"role\":\"system\"",
         "\"role\":\"user\""},
        {{ERROR("500", "{\"error\":\"roles must alternate user/assistant\"}"),
          {{LB_TEXT(HEAD TEXT("a") STOP DONE)}}},
         "\"content\":\"one\"},{\"role\":\"user\",\"content\":\"two\"}",
         "\"content\":\"one\\n\\ntwo\"}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(cases[i].scripts, 2);
        struct moot_model_spec *spec =
            spec_for("openai/gpt-x", loopback_url(lb, "/v1"), ",\"temperature\":0.5,\"seed\":1");
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
            struct got got = ask(spec, &request);
            if (got.r.status != MOOT_OK)
                fail_msg("%zu: %s", i, got.r.error.message);
            assert_string_equal(got.r.text, "a");
            got_free(&got);
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
    struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct got got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_EUNSUPPORTED);
    assert_false(got.r.retryable);
    assert_int_equal(loopback_requests(lb), 2);
    got_free(&got);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static void test_schema_refused(void **state)
{
    (void)state;
    static const struct loopback_script scripts[] = {
        BAD("response_format"),
        {{LB_TEXT(HEAD TEXT("{}") STOP DONE)}},
    };
    struct loopback *lb = loopback_start(scripts, 2);
    struct moot_model_spec *spec = spec_for("openai/gpt-x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"one\"", NULL, NULL);
    struct moot_model_request request = {
        .turns = h.turns, .turn_count = 1, .schema = schema_text, .schema_name = "r"};
    struct got got = ask(spec, &request);
    assert_int_equal(got.r.status, MOOT_EUNSUPPORTED);
    assert_true(got.r.resendable_without_schema && got.r.retryable && spec->no_schema);
    got_free(&got);
    got = ask(spec, &request);
    assert_int_equal(got.r.status, MOOT_OK);
    assert_null(strstr(loopback_body(lb, 1), "response_format"));
    assert_non_null(strstr(loopback_body(lb, 1), "additionalProperties"));
    got_free(&got);
    history_free(&h);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static void test_model_not_there(void **state)
{
    (void)state;
#define NOT_FOUND ERROR("404", "{\"error\":{\"message\":\"model 'llama3.3' not found\"}}")
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
        struct moot_model_spec *spec = spec_for(cases[i].model, loopback_url(lb, "/v1"), "");
        struct got got = ask_simply(spec);
        assert_int_equal(got.r.status, MOOT_ENOTFOUND);
        assert_false(got.r.retryable);
        assert_non_null(strstr(got.r.error.message, "404 model 'llama3.3' not found"));
        if (strstr(got.r.error.hint, cases[i].hint) == NULL)
            fail_msg("%s: hint '%s'", cases[i].model, got.r.error.hint);
        assert_non_null(strstr(loopback_request(lb, 1), "GET /v1/models HTTP"));
        got_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct moot_model_spec *spec = spec_for("ollama/llama3.2", "http://127.0.0.1:1/v1", "");
    struct got got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_ENETWORK);
    assert_false(got.r.retryable);
    assert_non_null(
        strstr(got.r.error.message, "Ollama is not running: cannot connect to 127.0.0.1:1"));
    assert_non_null(strstr(got.r.error.hint, "ollama serve"));
    assert_non_null(strstr(got.r.error.hint, "OLLAMA_HOST"));
    got_free(&got);
    moot__model_spec_free(spec);
    spec = spec_for("openai/x", "http://api.invalid/v1", "");
    got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_ENETWORK);
    assert_true(got.r.retryable);
    assert_non_null(strstr(got.r.error.hint, "is there a network, and a way to api.invalid?"));
    got_free(&got);
    moot__model_spec_free(spec);
}

static void test_timeouts(void **state)
{
    (void)state;
    static const struct {
        struct loopback_script script;
        const char *map;
        const char *message;
    } cases[] = {
        {{{LB_DO(LB_HANG)}},
         ",\"timeouts\":{\"first_byte\":\"50 ms\"}",
         "did not begin to reply within 50 ms"},
        {{{LB_TEXT(HEAD TEXT("par")), LB_DO(LB_HANG)}},
         ",\"timeouts\":{\"idle\":\"50 ms\"}",
         "fell silent for 50 ms"},
        {{{LB_TEXT(HEAD TEXT("par")), LB_SLOW(": ping\n: ping\n: ping\n: ping\n: ping\n", 10),
           LB_DO(LB_HANG)}},
         ",\"timeouts\":{\"total\":\"150 ms\"}",
         "did not finish its reply within 150 ms"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(&cases[i].script, 1);
        struct moot_model_spec *spec = spec_for("openai/x", loopback_url(lb, "/v1"), cases[i].map);
        struct got got = ask_simply(spec);
        assert_int_equal(got.r.status, MOOT_ETIMEOUT);
        assert_true(got.r.retryable);
        assert_non_null(strstr(got.r.error.message, cases[i].message));
        assert_string_equal(got.r.text, i == 0 ? "" : "par");
        assert_true(got.r.estimated);
        got_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_cancel(void **state)
{
    (void)state;
    static const struct loopback_script script = {{LB_TEXT(HEAD TEXT("par")), LB_DO(LB_HANG)}};
    struct loopback *lb = loopback_start(&script, 1);
    struct moot_model_spec *spec = spec_for("openai/x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"one\"", NULL, NULL);
    struct moot_model_request request = {.turns = h.turns, .turn_count = 1};
    for (int when = 0; when < 2; when++) {
        struct got got = {.cancel_at = when == 0 ? 0 : 1};
        struct moot_error err = {0};
        moot__buf_init(&got.deltas, 1000);
        assert_int_equal(moot__model_start(w, spec, &request, &events, &got, &got.call, &err),
                         MOOT_OK);
        if (when == 0)
            moot__model_cancel(got.call);
        assert_int_equal(got.calls, 0);
        while (got.calls == 0)
            assert_int_equal(w->turn(w->self, 20000), MOOT_OK);
        assert_int_equal(got.r.status, MOOT_ECANCELED);
        assert_false(got.r.retryable);
        assert_string_equal(got.r.text, when == 0 ? "" : "par");
        got_free(&got);
    }
    history_free(&h);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

static void test_no_tools(void **state)
{
    (void)state;
    struct moot_model_spec *spec =
        spec_for("openai/x", "http://127.0.0.1:1", ",\"capabilities\":{\"tools\":false}");
    struct moot_tool_decl tool = {"find", NULL, NULL};
    struct moot_model_request request = {.tools = &tool, .tool_count = 1};
    struct got got = {0};
    struct moot_error err = {0};
    assert_int_equal(moot__model_start(w, spec, &request, &events, &got, &got.call, &err),
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

static int set_up(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return moot__world_real(&w, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    w->destroy(w->self);
    return 0;
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_a_reply),
        WORLD_TEST(test_prefix_is_stable),
        WORLD_TEST(test_requests_meet_the_schema),
        WORLD_TEST(test_outcomes),
        WORLD_TEST(test_cut_at_every_byte),
        WORLD_TEST(test_adapts),
        WORLD_TEST(test_adapts_no_more_than_once),
        WORLD_TEST(test_schema_refused),
        WORLD_TEST(test_model_not_there),
        WORLD_TEST(test_nobody_there),
        WORLD_TEST(test_timeouts),
        WORLD_TEST(test_cancel),
        WORLD_TEST(test_no_tools),
        WORLD_TEST(test_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
