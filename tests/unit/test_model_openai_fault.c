/* Whatever the network and the endpoint do, one try ends in one documented outcome. */
#include "tests/lib/ask_model.h"
#include "tests/lib/loopback.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
    {"finish without end mark",
     {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"end mark, connection kept open",
     {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP ASK_DONE), LB_DO(LB_HANG)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"finish, connection kept open",
     {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP), LB_DO(LB_HANG)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"finish, then a reset",
     {{LB_TEXT(ASK_HEAD ASK_TEXT("a") ASK_STOP), LB_WAIT(50), LB_DO(LB_RESET)}},
     0,
     false,
     "a",
     "",
     .hint = ""},
    {"cut off",
     {{LB_TEXT(ASK_HEAD ASK_TEXT("par") ASK_TEXT("tial"))}},
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
     {{LB_TEXT(ASK_HEAD ASK_TEXT("par")), LB_WAIT(50), LB_DO(LB_RESET)}},
     MOOT_ENETWORK,
     true,
     "par",
     "openai/gpt-x: ",
     .hint = ""},
    {"error in the stream",
     {{LB_TEXT(
           ASK_HEAD ASK_TEXT("par") "data: {\"error\":{\"message\":\"boom\",\"code\":502}}\n\n"),
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
     {{LB_TEXT(ASK_HEAD ASK_STOP ASK_DONE)}},
     MOOT_EPROTOCOL,
     true,
     "",
     "an empty reply",
     .hint = "window"},
    {"all spent on reasoning",
     {{LB_TEXT(ASK_HEAD
               "data: "
               "{\"choices\":[{\"delta\":{\"reasoning\":\"hm\"},\"finish_reason\":\"length\"}]"
               "}\n\n" ASK_DONE)}},
     MOOT_ELIMIT,
     false,
     "",
     "all 4096 tokens of the reply went into reasoning",
     .hint = "max_tokens"},
    {"filtered",
     {{LB_TEXT(
         ASK_HEAD
         "data: "
         "{\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n" ASK_DONE)}},
     MOOT_EDENIED,
     false,
     "",
     "content filter",
     .hint = ""},
    {"a refusal",
     {{LB_TEXT(ASK_HEAD "data: {\"choices\":[{\"delta\":{\"refusal\":\"I "
                        "cannot\"},\"finish_reason\":\"stop\"}]}\n\n" ASK_DONE)}},
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
     ASK_ERROR(
         "401",
         "{\"error\":{\"message\":\"Incorrect API key provided: sk-secret-0123456789-4f2a.\"}}"),
     MOOT_EDENIED, false, "",
     "openai refused the key in OPENAI_API_KEY (ends in …4f2a): 401 Incorrect API key provided: "
     "secret://OPENAI_API_KEY",
     .hint = "set OPENAI_API_KEY, then resume"},
    {"too long",
     ASK_ERROR("400", "{\"error\":{\"message\":\"maximum context "
                      "length\",\"code\":\"context_length_exceeded\"}}"),
     MOOT_ETOOBIG, false, "", "the request is too long for openai/gpt-x", .hint = ""},
    {"rate limit", ASK_ERROR("429", "{\"error\":{\"message\":\"slow down\"}}"), MOOT_EBUSY, true,
     "", "openai/gpt-x: 429 slow down", .hint = ""},
    {"quota",
     ASK_ERROR("429", "{\"error\":{\"message\":\"quota\",\"code\":\"insufficient_quota\"}}"),
     MOOT_EDENIED, false, "", "nothing left to spend at openai", .hint = ""},
    {"500", ASK_ERROR("500", ""), MOOT_ENETWORK, true, "", "openai/gpt-x: 500 no reason given",
     .hint = ""},
    {"502 with a page", ASK_ERROR("502", "<html><title>502 Bad Gateway</title></html>"),
     MOOT_ENETWORK, true, "", "502 Bad Gateway", .hint = ""},
    {"503", ASK_ERROR("503", "busy"), MOOT_ENETWORK, true, "", "503 busy", .hint = ""},
    {"529",
     ASK_ERROR("529", "{\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"),
     MOOT_ENETWORK, true, "", "529 Overloaded", .hint = ""},
    {"408", ASK_ERROR("408", ""), MOOT_ETIMEOUT, true, "", "408", .hint = ""},
    {"409", ASK_ERROR("409", ""), MOOT_ENETWORK, true, "", "409", .hint = ""},
    {"425", ASK_ERROR("425", ""), MOOT_ENETWORK, true, "", "425", .hint = ""},
    {"413", ASK_ERROR("413", ""), MOOT_EINVAL, false, "", "413", .hint = ""},
    {"418", ASK_ERROR("418", "{\"error\":\"teapot\"}"), MOOT_EINVAL, false, "", "418 teapot",
     .hint = ""},
    {"302", ASK_ERROR("302", ""), MOOT_EINVAL, false, "", "302", .hint = ""},
    {"204",
     {{LB_TEXT("HTTP/1.1 204 No Content\r\n\r\n")}},
     MOOT_EPROTOCOL,
     true,
     "",
     "an empty body",
     .hint = ""},
    {"too many bytes",
     {{LB_TEXT(ASK_HEAD), LB_TIMES(ASK_TEXT("0123456789012345678901234567890123456789"), 60000)}},
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
        struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), "");
        struct asked got = ask_simply(spec);
        if (got.r.status != o->status || got.r.retryable != o->retryable ||
            (o->text != NULL && strcmp(got.r.text, o->text) != 0) ||
            strstr(got.r.error.message, o->message) == NULL ||
            strstr(got.r.error.hint, o->hint) == NULL)
            fail_msg("%s: %d retryable %d '%s' '%s' hint '%s'", o->name, got.r.status,
                     got.r.retryable, got.r.text, got.r.error.message, got.r.error.hint);
        assert_int_equal(loopback_requests(lb), 1);
        assert_true(got.r.input_tokens >= 0 && got.r.output_tokens >= 0);
        asked_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

/* Cut after every byte of the body: the whole reply, or an error that may be tried again. */
static void test_cut_at_every_byte(void **state)
{
    (void)state;
    static const char body[] = ASK_TEXT("a") ASK_TEXT("b") ASK_STOP ASK_DONE;
    static const char head[] = ASK_HEAD;
    for (size_t at = 0; at <= sizeof(body) - 1; at++) {
        struct loopback_script script = {
            {LB_BYTES(head, sizeof(head) - 1), LB_BYTES(body, at), LB_DO(LB_CLOSE)}};
        if (at == 0)
            script.steps[1] = (struct loopback_step)LB_DO(LB_CLOSE);
        struct loopback *lb = loopback_start(&script, 1);
        struct moot_model_spec *spec = ask_spec("openai/gpt-x", loopback_url(lb, "/v1"), "");
        struct asked got = ask_simply(spec);
        if (got.r.status == MOOT_OK)
            assert_string_equal(got.r.text, "ab");
        else if (!got.r.retryable)
            fail_msg("cut at %zu: %s", at, got.r.error.message);
        assert_int_equal(got.r.status == MOOT_OK,
                         at >= strlen(ASK_TEXT("a") ASK_TEXT("b") ASK_STOP) - 2);
        asked_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct moot_model_spec *spec = ask_spec("ollama/llama3.2", "http://127.0.0.1:1/v1", "");
    struct asked got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_ENETWORK);
    assert_false(got.r.retryable);
    assert_non_null(
        strstr(got.r.error.message, "Ollama is not running: cannot connect to 127.0.0.1:1"));
    assert_non_null(strstr(got.r.error.hint, "ollama serve"));
    assert_non_null(strstr(got.r.error.hint, "OLLAMA_HOST"));
    asked_free(&got);
    moot__model_spec_free(spec);
    spec = ask_spec("openai/x", "http://api.invalid/v1", "");
    got = ask_simply(spec);
    assert_int_equal(got.r.status, MOOT_ENETWORK);
    assert_true(got.r.retryable);
    assert_non_null(strstr(got.r.error.hint, "is there a network, and a way to api.invalid?"));
    asked_free(&got);
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
        {{{LB_TEXT(ASK_HEAD ASK_TEXT("par")), LB_DO(LB_HANG)}},
         ",\"timeouts\":{\"idle\":\"50 ms\"}",
         "fell silent for 50 ms"},
        {{{LB_TEXT(ASK_HEAD ASK_TEXT("par")),
           LB_SLOW(": ping\n: ping\n: ping\n: ping\n: ping\n", 10), LB_DO(LB_HANG)}},
         ",\"timeouts\":{\"total\":\"150 ms\"}",
         "did not finish its reply within 150 ms"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct loopback *lb = loopback_start(&cases[i].script, 1);
        struct moot_model_spec *spec = ask_spec("openai/x", loopback_url(lb, "/v1"), cases[i].map);
        struct asked got = ask_simply(spec);
        assert_int_equal(got.r.status, MOOT_ETIMEOUT);
        assert_true(got.r.retryable);
        assert_non_null(strstr(got.r.error.message, cases[i].message));
        assert_string_equal(got.r.text, i == 0 ? "" : "par");
        assert_true(got.r.estimated);
        asked_free(&got);
        moot__model_spec_free(spec);
        loopback_stop(lb);
    }
}

static void test_cancel(void **state)
{
    (void)state;
    static const struct loopback_script script = {
        {LB_TEXT(ASK_HEAD ASK_TEXT("par")), LB_DO(LB_HANG)}};
    struct loopback *lb = loopback_start(&script, 1);
    struct moot_model_spec *spec = ask_spec("openai/x", loopback_url(lb, "/v1"), "");
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"one\"", NULL, NULL);
    struct moot_model_request request = {.turns = h.turns, .turn_count = 1};
    for (int when = 0; when < 2; when++) {
        struct asked got = {.cancel_at = when == 0 ? 0 : 1};
        struct moot_error err = {0};
        moot__buf_init(&got.deltas, 1000);
        assert_int_equal(
            moot__model_start(ask_world(), spec, &request, &asked_events, &got, &got.call, &err),
            MOOT_OK);
        if (when == 0)
            moot__model_cancel(got.call);
        assert_int_equal(got.calls, 0);
        while (got.calls == 0)
            assert_int_equal(ask_world()->turn(ask_world()->self, 20000), MOOT_OK);
        assert_int_equal(got.r.status, MOOT_ECANCELED);
        assert_false(got.r.retryable);
        assert_string_equal(got.r.text, when == 0 ? "" : "par");
        asked_free(&got);
    }
    history_free(&h);
    moot__model_spec_free(spec);
    loopback_stop(lb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_TEST(test_outcomes),     ASK_TEST(test_cut_at_every_byte),
        ASK_TEST(test_nobody_there), ASK_TEST(test_timeouts),
        ASK_TEST(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
