/* Real recorded chat-completions traffic through the reader, cut in several ways, compared with
 * what the official client made of it. */
#include "runtime/json_mend.h"
#include "runtime/model_openai.h"
#include "tests/lib/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_buf deltas;

static void on_delta(void *arg, const char *text, size_t len)
{
    (void)arg;
    moot__buf_add(&deltas, text, len);
}

static char *base64(const char *text, size_t *len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = malloc(strlen(text) + 4);
    assert_non_null(out);
    size_t n = 0;
    unsigned bits = 0;
    int have = 0;
    for (; *text != '\0' && *text != '='; text++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *text) - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xff);
        }
    }
    *len = n;
    return out;
}

/* Where the bytes are cut. */
enum cut { WHOLE, BYTES, RANDOM, CUTS };

static void feed(struct moot_chat *c, const char *body, size_t len, enum cut cut)
{
    unsigned state = 1;
    for (size_t at = 0; at < len;) {
        state = state * 1103515245u + 12345u;
        size_t n = cut == WHOLE ? len : cut == BYTES ? 1 : (state >> 16) % 40 + 1;
        if (n > len - at)
            n = len - at;
        if (moot__chat_feed(c, body + at, n) != 0)
            return;
        at += n;
    }
}

static const char *id;

#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s: ", id);                                                               \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

static void check_text(const struct moot_json *choice, const struct moot_model_reply *r)
{
    const char *content = moot__json_get_text(choice, "content", "");
    const char *refusal = moot__json_get_text(choice, "refusal", NULL);
    const char *think = strstr(content, "<think>");
    if (refusal != NULL) {
        CHECK(strcmp(r->text, refusal) == 0, "refusal '%s'", r->text);
        CHECK(strcmp(r->finish, "refusal") == 0, "finish %s", r->finish);
    } else if (think != NULL) {
        const char *end = strstr(think, "</think>");
        CHECK(end != NULL && strstr(end, r->text) != NULL, "after the thought: '%s'", r->text);
        CHECK(strstr(r->text, "think>") == NULL, "thought in the text");
        CHECK(r->reasoning != NULL, "no thought");
    } else {
        CHECK(strcmp(r->text, content) == 0, "text '%s'", r->text);
    }
    const char *reasoning = moot__json_get_text(choice, "reasoning", NULL);
    if (reasoning != NULL && reasoning[0] != '\0')
        CHECK(r->reasoning != NULL && strcmp(r->reasoning, reasoning) == 0, "reasoning '%s'",
              r->reasoning);
    CHECK(strcmp(moot__buf_text(&deltas), r->text) == 0, "deltas '%s'", moot__buf_text(&deltas));
}

static void check_calls(const struct moot_json *choice, const struct moot_model_reply *r)
{
    const struct moot_json *calls = moot__json_get(choice, "tool_calls");
    if (strcmp(moot__json_get_text(choice, "finish_reason", ""), "function_call") == 0) {
        CHECK(r->call_count == 1, "the legacy form of a call was not read");
        return;
    }
    CHECK(moot__json_count(calls) == r->call_count, "%zu calls", r->call_count);
    const struct moot_json *t = moot__json_first(calls);
    for (size_t i = 0; i < r->call_count; i++, t = moot__json_next(t)) {
        const char *arguments = moot__json_get_text(t, "arguments", "");
        const char *call_id = moot__json_get_text(t, "id", NULL);
        if (arguments[0] == '\0')
            arguments = "{}";
        CHECK(strcmp(r->calls[i].name, moot__json_get_text(t, "name", "")) == 0, "name %s",
              r->calls[i].name);
        CHECK(strcmp(r->calls[i].arguments, arguments) == 0, "arguments %s", r->calls[i].arguments);
        CHECK(call_id != NULL ? strcmp(r->calls[i].id, call_id) == 0 : strlen(r->calls[i].id) == 9,
              "id %s", r->calls[i].id);
    }
}

static void check_reply(const struct moot_json *expected, struct moot_chat *c)
{
    struct moot_model_reply r = {0};
    CHECK(c->status == MOOT_OK, "status %d: %s", c->status, c->error.message);
    CHECK(c->problem.kind == MOOT_PROBLEM_NONE, "a problem: %s", c->problem.message);
    CHECK(c->finished, "not finished");
    CHECK(moot__chat_take(c, "seed", &r) == MOOT_OK, "take: %s", c->error.message);
    const struct moot_json *choices = moot__json_get(expected, "choices");
    const struct moot_json *choice = moot__json_first(choices);
    if (choice != NULL) {
        check_text(choice, &r);
        check_calls(choice, &r);
    }
    const struct moot_json *usage = moot__json_get(expected, "usage");
    if (moot__json_is(usage, MOOT_JSON_OBJECT)) {
        CHECK(r.input_tokens == moot__json_get_int(usage, "input", -1), "input %lld",
              (long long)r.input_tokens);
        CHECK(r.output_tokens == moot__json_get_int(usage, "output", -1), "output %lld",
              (long long)r.output_tokens);
    }
    const char *model = moot__json_get_text(expected, "model", NULL);
    if (model != NULL && model[0] != '\0')
        CHECK(r.model != NULL && strcmp(r.model, model) == 0, "model %s", r.model);
    moot__model_reply_release(&r);
}

/* Nothing that a provider refused may look like a success, nor like something else than it is. */
static void check_problem(const struct moot_json *expected, const struct moot_chat *c)
{
    const char *message = moot__json_get_text(moot__json_get(expected, "error"), "message", "");
    const struct moot_problem *p = &c->problem;
    CHECK(p->kind != MOOT_PROBLEM_NONE, "no problem seen");
    CHECK(strncmp(p->message, message, 60) == 0 || strcmp(message, "Provider returned error") == 0,
          "message '%s'", p->message);
    enum moot_problem_kind kind = p->kind;
    switch (p->http_status) {
    case 401:
        CHECK(kind == MOOT_PROBLEM_KEY, "kind %d", kind);
        break;
    case 404:
        CHECK(kind == MOOT_PROBLEM_NOT_FOUND, "kind %d", kind);
        break;
    case 429:
        CHECK(kind == MOOT_PROBLEM_RATE && moot__problem_retryable(p), "kind %d", kind);
        break;
    default:
        CHECK(!moot__problem_retryable(p), "retryable");
        if (strstr(message, "length") != NULL)
            CHECK(kind == MOOT_PROBLEM_CONTEXT, "kind %d", kind);
        if (strstr(message, "'stop'") != NULL)
            CHECK(strcmp(moot__problem_parameter(p), "stop") == 0, "parameter");
    }
}

static void check_record(const struct moot_json *record, const struct moot_json *expected)
{
    const struct moot_json *response = moot__json_get(record, "response");
    long http_status = (long)moot__json_get_int(response, "status", 0);
    size_t len = 0;
    char *body = base64(moot__json_get_text(response, "body_base64", ""), &len);
    for (enum cut cut = WHOLE; cut < CUTS; cut++) {
        struct moot_chat c;
        moot__buf_clear(&deltas);
        moot__chat_init(&c, on_delta, NULL);
        feed(&c, body, len, cut);
        moot__chat_end(&c, http_status);
        if (moot__json_get_bool(expected, "ok", false))
            check_reply(expected, &c);
        else
            check_problem(expected, &c);
        moot__chat_release(&c);
    }
    free(body);
}

/* One JSON value of the line at *at, which moves on; NULL at the end. */
static struct moot_json *next_value(const char **at)
{
    struct moot_json *value = NULL;
    const char *end = strchr(*at, '\n');
    if (end == NULL)
        return NULL;
    assert_int_equal(moot__json_parse_mended(*at, (size_t)(end - *at), &value, NULL), MOOT_OK);
    *at = end + 1;
    return value;
}

/* The outcome of a recording: the line that begins with its id. */
static struct moot_json *outcome_of(const char *outcomes, const char *of)
{
    char begin[200];
    snprintf(begin, sizeof(begin), "{\"id\": \"%s\"", of);
    const char *at = strstr(outcomes, begin);
    return at != NULL ? next_value(&at) : NULL;
}

static void test_recordings(void **state)
{
    (void)state;
    char *records = shared_data(MOOT_SHARED_DIR, "data/recordings/recordings.jsonl", NULL);
    char *outcomes = shared_data(MOOT_SHARED_DIR, "data/recordings/expected.jsonl", NULL);
    size_t count = 0;
    const char *at = records;
    moot__buf_init(&deltas, 16u << 20);
    for (struct moot_json *record; (record = next_value(&at)) != NULL; moot__json_free(record)) {
        id = moot__json_get_text(record, "id", "");
        if (strstr(id, "chat-completions") == NULL)
            continue;
        struct moot_json *outcome = outcome_of(outcomes, id);
        CHECK(outcome != NULL, "no outcome is known");
        check_record(record, moot__json_get(outcome, "expected"));
        moot__json_free(outcome);
        count++;
    }
    moot__buf_release(&deltas);
    free(records);
    free(outcomes);
    print_message("%zu recordings, each cut in %d ways\n", count, CUTS);
    assert_true(count > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recordings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
