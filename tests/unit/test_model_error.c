#include "runtime/model_error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct shape {
    long http_status;
    const char *body;
    enum moot_problem_kind kind;
    const char *words; /* in the message */
    const char *parameter;
};

static const struct shape shapes[] = {
    {401, "{\"error\":{\"message\":\"Incorrect API key provided\",\"code\":\"invalid_api_key\"}}",
     MOOT_PROBLEM_KEY, "Incorrect API key", NULL},
    {401,
     "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid "
     "x-api-key\"}}",
     MOOT_PROBLEM_KEY, "invalid x-api-key", NULL},
    {400, "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API key provided: ab\"}",
     MOOT_PROBLEM_KEY, "Incorrect API key", NULL},
    {400,
     "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API "
     "key.\",\"status\":\"INVALID_ARGUMENT\"}}]",
     MOOT_PROBLEM_KEY, "API key not valid", NULL},
    {401, "{\"detail\":\"Invalid API Key\"}", MOOT_PROBLEM_KEY, "Invalid API Key", NULL},
    {403, "", MOOT_PROBLEM_KEY, "", NULL},
    {404, "{\"error\":\"model 'x' not found\"}", MOOT_PROBLEM_NOT_FOUND, "model 'x' not found",
     NULL},
    {404, "{\"error\":{\"message\":\"The model `x` does not exist\",\"code\":\"model_not_found\"}}",
     MOOT_PROBLEM_NOT_FOUND, "does not exist", NULL},
    {404, "{\"detail\":\"Not Found\"}", MOOT_PROBLEM_NOT_FOUND, "Not Found", NULL},
    {400,
     "{\"error\":{\"message\":\"This model's maximum context length is 8 "
     "tokens\",\"code\":\"context_length_exceeded\"}}",
     MOOT_PROBLEM_CONTEXT, "maximum context", NULL},
    {400,
     "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is "
     "too long: 9 tokens > 8 maximum\"}}",
     MOOT_PROBLEM_CONTEXT, "prompt is too long", NULL},
    {400,
     "{\"error\":{\"code\":400,\"message\":\"x\",\"type\":\"exceed_context_size_error\",\"n_ctx\":"
     "4096}}",
     MOOT_PROBLEM_CONTEXT, "x", NULL},
    {500,
     "{\"error\":{\"code\":500,\"message\":\"Context size has been "
     "exceeded.\",\"type\":\"server_error\"}}",
     MOOT_PROBLEM_CONTEXT, "Context size", NULL},
    {413, "{\"error\":{\"message\":\"Request too large: tokens\"}}", MOOT_PROBLEM_CONTEXT, "",
     NULL},
    {429,
     "{\"error\":{\"message\":\"You exceeded your current "
     "quota\",\"code\":\"insufficient_quota\"}}",
     MOOT_PROBLEM_QUOTA, "quota", NULL},
    {402, "{\"error\":{\"message\":\"Insufficient credits\",\"code\":402}}", MOOT_PROBLEM_QUOTA, "",
     NULL},
    {429,
     "{\"error\":{\"message\":\"Provider returned "
     "error\",\"code\":429,\"metadata\":{\"raw\":\"busy upstream\"}}}",
     MOOT_PROBLEM_RATE, "busy upstream", NULL},
    {429, "slow down", MOOT_PROBLEM_RATE, "slow down", NULL},
    {500, "", MOOT_PROBLEM_SERVER, "", NULL},
    {502,
     "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>",
     MOOT_PROBLEM_SERVER, "502 Bad Gateway nginx", NULL},
    {503, "upstream connect error or disconnect/reset before headers", MOOT_PROBLEM_SERVER,
     "upstream connect error", NULL},
    {529,
     "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
     MOOT_PROBLEM_SERVER, "Overloaded", NULL},
    {408, "", MOOT_PROBLEM_TIMEOUT, "", NULL},
    {504, "", MOOT_PROBLEM_TIMEOUT, "", NULL},
    {409, "", MOOT_PROBLEM_SERVER, "", NULL},
    {425, "", MOOT_PROBLEM_SERVER, "", NULL},
    {200, "<!DOCTYPE html><title>Log in</title>", MOOT_PROBLEM_WEB_PAGE, "Log in", NULL},
    {404, "<html>no</html>", MOOT_PROBLEM_WEB_PAGE, "no", NULL},
    {400,
     "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this "
     "model. Use 'max_completion_tokens' "
     "instead.\",\"param\":\"max_tokens\",\"code\":\"unsupported_parameter\"}}",
     MOOT_PROBLEM_PARAMETER, "", "max_tokens"},
    {400, "{\"error\":\"'max_tokens' is not supported, use 'max_completion_tokens'\"}",
     MOOT_PROBLEM_PARAMETER, "", "max_tokens"},
    {422,
     "{\"detail\":[{\"loc\":[\"body\",\"max_completion_tokens\"],\"msg\":\"Extra inputs are not "
     "permitted\",\"type\":\"extra_forbidden\"}]}",
     MOOT_PROBLEM_PARAMETER, "Extra inputs", "max_completion_tokens"},
    {400, "{\"error\":{\"message\":\"Unrecognized request argument supplied: stream_options\"}}",
     MOOT_PROBLEM_PARAMETER, "", "stream_options"},
    {400,
     "{\"error\":{\"message\":\"Unsupported value: 'temperature' does not support 0.2 with this "
     "model.\",\"param\":\"temperature\"}}",
     MOOT_PROBLEM_PARAMETER, "", "temperature"},
    {400, "{\"error\":{\"message\":\"This model does not support response format `json_schema`\"}}",
     MOOT_PROBLEM_PARAMETER, "", "json_schema"},
    {400,
     "{\"error\":{\"message\":\"Invalid schema for response_format "
     "'x'\",\"param\":\"response_format\"}}",
     MOOT_PROBLEM_PARAMETER, "", "response_format"},
    {400,
     "{\"error\":\"Invalid tool_choice type: 'object'. Supported string values: none, auto, "
     "required\"}",
     MOOT_PROBLEM_PARAMETER, "", "tool_choice"},
    {400,
     "{\"error\":{\"message\":\"Unsupported value: 'messages[0].role' does not support 'system' "
     "with this model.\",\"param\":\"messages[0].role\"}}",
     MOOT_PROBLEM_PARAMETER, "", "messages[0].role"},
    {400, "{\"error\":{\"message\":\"unknown thing: please stop\"}}", MOOT_PROBLEM_REQUEST, "",
     NULL},
    {400, "{\"error\":{\"message\":\"registry.ollama.ai/library/gemma does not support tools\"}}",
     MOOT_PROBLEM_NO_TOOLS, "", NULL},
    {400,
     "{\"error\":{\"message\":\"Conversation roles must alternate "
     "user/assistant/user/assistant/...\"}}",
     MOOT_PROBLEM_TEMPLATE, "", NULL},
    {500, "{\"error\":{\"message\":\"Conversation roles must alternate user/assistant\"}}",
     MOOT_PROBLEM_TEMPLATE, "", NULL},
    {400,
     "{\"error\":{\"message\":\"Tool choice is required, but model did not call a "
     "tool\",\"code\":\"tool_use_failed\"}}",
     MOOT_PROBLEM_TOOLS, "", NULL},
    {400, "{\"error\":{\"code\":\"content_filter\",\"message\":\"filtered\"}}", MOOT_PROBLEM_FILTER,
     "", NULL},
    {400,
     "{\"object\":\"error\",\"message\":\"bad\",\"type\":\"BadRequestError\",\"code\":\"3280\"}",
     MOOT_PROBLEM_REQUEST, "bad", NULL},
    {400, "not json", MOOT_PROBLEM_REQUEST, "not json", NULL},
    {400, "{\"error\":", MOOT_PROBLEM_REQUEST, "", NULL},
    {400, "\xff\xfe\x00", MOOT_PROBLEM_REQUEST, "", NULL},
};

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(shapes); i++) {
        const struct shape *s = &shapes[i];
        struct moot_problem p;
        moot__problem_read(s->body, strlen(s->body), s->http_status, &p);
        const char *parameter = moot__problem_parameter(&p);
        if (p.kind != s->kind || strstr(p.message, s->words) == NULL ||
            p.http_status != s->http_status ||
            (s->parameter != NULL && (parameter == NULL || strcmp(parameter, s->parameter) != 0)))
            fail_msg("%ld %s: kind %d '%s' parameter %s", s->http_status, s->body, p.kind,
                     p.message, parameter);
        bool later = s->kind == MOOT_PROBLEM_RATE || s->kind == MOOT_PROBLEM_SERVER ||
                     s->kind == MOOT_PROBLEM_TIMEOUT || s->kind == MOOT_PROBLEM_TOOLS;
        assert_int_equal(moot__problem_retryable(&p), later);
        assert_int_not_equal(moot__problem_status(&p), MOOT_OK);
    }
}

/* An error object inside of a reply that is a 200. */
static void test_inside_of_a_success(void **state)
{
    (void)state;
    static const struct shape inside[] = {
        {200, "{\"error\":{\"message\":\"x\",\"code\":502}}", MOOT_PROBLEM_SERVER, "x", NULL},
        {200, "{\"error\":{\"message\":\"x\",\"code\":400},\"choices\":[{}]}", MOOT_PROBLEM_REQUEST,
         "x", NULL},
        {0, "{\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}",
         MOOT_PROBLEM_SERVER, "", NULL},
        {0, "{\"error\":{\"message\":\"m\",\"code\":\"rate_limit_exceeded\"}}", MOOT_PROBLEM_RATE,
         "", NULL},
        {0, "{\"error\":\"boom\"}", MOOT_PROBLEM_SERVER, "boom", NULL},
        {0, "{\"error\":{\"message\":\"f\",\"code\":\"tool_use_failed\"}}", MOOT_PROBLEM_TOOLS, "",
         NULL},
    };
    for (size_t i = 0; i < MOOT_COUNT(inside); i++) {
        struct moot_json *root = NULL;
        struct moot_problem p;
        assert_int_equal(moot__json_parse(inside[i].body, strlen(inside[i].body), &root, NULL),
                         MOOT_OK);
        assert_true(moot__problem_in_json(root, inside[i].http_status, &p));
        if (p.kind != inside[i].kind)
            fail_msg("%s: kind %d", inside[i].body, p.kind);
        moot__json_free(root);
    }
    static const char *const fine[] = {"{\"choices\":[]}",
                                       "{\"error\":null,\"choices\":[]}",
                                       "{\"error\":{},\"choices\":[]}",
                                       "{\"error\":\"\"}",
                                       "{\"message\":\"m\"}",
                                       "{\"detail\":\"d\"}",
                                       "[]",
                                       "3",
                                       "\"error\""};
    for (size_t i = 0; i < MOOT_COUNT(fine); i++) {
        struct moot_json *root = NULL;
        struct moot_problem p;
        assert_int_equal(moot__json_parse(fine[i], strlen(fine[i]), &root, NULL), MOOT_OK);
        if (moot__problem_in_json(root, 200, &p))
            fail_msg("%s is no error", fine[i]);
        moot__json_free(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_inside_of_a_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
