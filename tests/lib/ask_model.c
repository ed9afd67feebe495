#include "tests/lib/ask_model.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_world *w;

static void got_delta(void *arg, const char *text, size_t len)
{
    struct asked *got = arg;
    assert_int_equal(got->calls, 0);
    moot__buf_add(&got->deltas, text, len);
    if (got->cancel_at > 0 && got->deltas.len >= got->cancel_at) {
        got->cancel_at = 0;
        moot__model_cancel(got->call);
    }
}

static void got_done(void *arg, struct moot_model_reply *r)
{
    struct asked *got = arg;
    got->calls++;
    got->r = *r;
}

const struct moot_model_events asked_events = {.delta = got_delta, .done = got_done};

void asked_free(struct asked *got)
{
    moot__model_reply_release(&got->r);
    moot__buf_release(&got->deltas);
}

static const char *no_env(const char *name)
{
    return strcmp(name, "OPENAI_API_KEY") == 0 || strcmp(name, "MISTRAL_API_KEY") == 0 ||
                   strcmp(name, "DEEPSEEK_API_KEY") == 0
               ? ASK_KEY
               : NULL;
}

struct moot_model_spec *ask_spec(const char *provider_model, const char *url, const char *more)
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

void history_add(struct history *h, enum moot_turn_role role, const char *content,
                 const char *calls, const char *call_id)
{
    struct moot_turn *t = &h->turns[h->count++];
    t->role = role;
    t->content = content != NULL ? literal(content) : NULL;
    t->tool_calls = calls != NULL ? literal(calls) : NULL;
    t->tool_call_id = call_id != NULL ? literal(call_id) : NULL;
}

void history_free(struct history *h)
{
    for (size_t i = 0; i < h->count; i++) {
        moot__text_unref(h->turns[i].content);
        moot__text_unref(h->turns[i].tool_calls);
        moot__text_unref(h->turns[i].tool_call_id);
    }
}

struct asked ask(struct moot_model_spec *spec, const struct moot_model_request *request)
{
    struct asked got = {0};
    struct moot_error err = {0};
    moot__buf_init(&got.deltas, 1u << 20);
    int status = moot__model_start(w, spec, request, &asked_events, &got, &got.call, &err);
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

struct asked ask_simply(struct moot_model_spec *spec)
{
    struct history h = {0};
    history_add(&h, MOOT_USER, "\"hello\"", NULL, NULL);
    struct moot_model_request request = {.turns = h.turns, .turn_count = h.count};
    struct asked got = ask(spec, &request);
    history_free(&h);
    return got;
}

struct moot_world *ask_world(void)
{
    return w;
}

int ask_set_up(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return moot__world_real(&w, NULL);
}

int ask_tear_down(void **state)
{
    (void)state;
    w->destroy(w->self);
    return 0;
}
