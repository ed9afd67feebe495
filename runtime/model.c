#include "runtime/model.h"

#include "runtime/model_preset.h"
#include "runtime/utf8.h"

static const struct moot_provider *const providers[] = {
    &moot__provider_openai,
    &moot__provider_scripted,
};

static const struct moot_provider *provider_find(const char *name)
{
    for (size_t i = 0; i < MOOT_COUNT(providers); i++) {
        for (const char *const *at = providers[i]->names; *at != NULL; at++) {
            if (strcmp(*at, name) == 0)
                return providers[i];
        }
    }
    return NULL;
}

void moot__model_spec_free(struct moot_model_spec *spec)
{
    if (spec == NULL)
        return;
    const struct moot_provider *provider =
        spec->provider != NULL ? provider_find(spec->provider) : NULL;
    if (provider != NULL && provider->release != NULL)
        provider->release(spec);
    if (spec->key != NULL)
        explicit_bzero(spec->key, strlen(spec->key));
    free(spec->key);
    free(spec->name);
    free(spec->provider);
    free(spec->model);
    free(spec->base_url);
    free(spec->key_name);
    free(spec->temperature);
    free(spec->top_p);
    free(spec->reasoning);
    free(spec->extra);
    free(spec->script);
    free(spec);
}

void moot__model_reply_release(struct moot_model_reply *r)
{
    free(r->text);
    free(r->reasoning);
    for (size_t i = 0; i < r->call_count; i++) {
        free(r->calls[i].id);
        free(r->calls[i].name);
        free(r->calls[i].arguments);
    }
    free(r->calls);
    free(r->finish);
    free(r->model);
    memset(r, 0, sizeof(*r));
}

/* A call in flight: frees itself before it hands the reply on. */
struct moot_model_call {
    const struct moot_provider *provider;
    void *call;
    struct moot_model_events inner;
    const struct moot_model_events *events;
    void *arg;
    const char *const *stop; /* the request's */
};

/* Some servers ignore what ends a reply: what comes from there on was not asked for. */
static void cut_at_stop(struct moot_model_reply *r, const char *const *stop)
{
    for (; r->text != NULL && stop != NULL && *stop != NULL; stop++) {
        char *at = strstr(r->text, *stop);
        if (at != NULL)
            *at = '\0';
    }
}

static void call_delta(void *arg, const char *text, size_t len)
{
    struct moot_model_call *call = arg;
    call->events->delta(call->arg, text, len);
}

static void call_done(void *arg, struct moot_model_reply *r)
{
    struct moot_model_call *call = arg;
    const struct moot_model_events *events = call->events;
    void *user = call->arg;
    cut_at_stop(r, call->stop);
    free(call);
    events->done(user, r);
}

int moot__model_start(struct moot_world *w, struct moot_model_spec *spec,
                      const struct moot_model_request *request,
                      const struct moot_model_events *events, void *arg,
                      struct moot_model_call **out, struct moot_error *err)
{
    const struct moot_provider *provider = provider_find(spec->provider);
    if (provider == NULL)
        return moot__fail(err, MOOT_EUNSUPPORTED, "no provider '%s'", spec->provider);
    struct moot_model_call *call = calloc(1, sizeof(*call));
    if (call == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    call->provider = provider;
    call->events = events;
    call->arg = arg;
    call->stop = request->stop;
    call->inner.delta = events->delta != NULL ? call_delta : NULL;
    call->inner.done = call_done;
    int status = provider->start(w, spec, request, &call->inner, call, &call->call, err);
    if (status != MOOT_OK) {
        free(call);
        return status;
    }
    *out = call;
    return MOOT_OK;
}

void moot__model_cancel(struct moot_model_call *call)
{
    if (call != NULL)
        call->provider->cancel(call->call);
}

static int64_t text_tokens(struct moot_text *text)
{
    if (text == NULL)
        return 0;
    if (text->tokens == 0)
        text->tokens = (uint32_t)moot__utf8_tokens(text->data, text->len);
    return text->tokens;
}

static int64_t string_tokens(const char *text)
{
    return text != NULL ? (int64_t)moot__utf8_tokens(text, strlen(text)) : 0;
}

int64_t moot__model_estimate(const struct moot_model_request *request)
{
    int64_t sum = string_tokens(request->schema);
    for (size_t i = 0; i < request->turn_count; i++) {
        const struct moot_turn *turn = &request->turns[i];
        sum += MOOT_TURN_TOKENS + text_tokens(turn->content) + text_tokens(turn->tool_calls);
    }
    for (size_t i = 0; i < request->tool_count; i++) {
        const struct moot_tool_decl *tool = &request->tools[i];
        sum += MOOT_TURN_TOKENS + string_tokens(tool->name) + string_tokens(tool->description) +
               string_tokens(tool->parameters);
    }
    return sum;
}
