/* The scripted provider: replies from a file instead of a model, for demos and tests. Nothing
 * leaves the machine. A reply comes as deltas over its pace, on the world's timers. */
#include "runtime/script.h"
#include "runtime/utf8.h"

enum { SCRIPTED_TICK_MS = 40 };

struct scripted_call {
    struct moot_world *world;
    const struct moot_model_events *events;
    void *arg;
    struct moot_timer *timer;
    struct moot_model_reply reply;
    size_t shown; /* bytes of the text that were streamed */
    size_t ticks, tick;
    int64_t pace_ms;
    bool cancelled;
};

/* MOOT_PACE=0 takes the pauses out. The run stays the same: the host takes outcomes in the order of
 * the calls' names, whenever they came. */
static bool pauses_are_off(void)
{
    const char *pace = getenv("MOOT_PACE");
    return pace != NULL && (strcmp(pace, "0") == 0 || strcmp(pace, "off") == 0);
}

static int add_turn(struct moot_buf *out, const struct moot_turn *turn)
{
    struct moot_json *text = NULL;
    if (turn->content == NULL)
        return MOOT_OK;
    int rc = moot__json_parse(turn->content->data, turn->content->len, &text, NULL);
    if (rc == MOOT_OK && moot__json_text(text) != NULL) {
        moot__buf_adds(out, moot__json_text(text));
        moot__buf_adds(out, "\n");
    }
    moot__json_free(text);
    return rc == MOOT_ENOMEM ? rc : out->status;
}

/* What the model was asked last, and what its tools have said since. */
static int last_said(const struct moot_model_request *request, struct moot_buf *out)
{
    size_t at = request->turn_count;
    while (at > 0 && request->turns[at - 1].role != MOOT_USER)
        at--;
    int rc = MOOT_OK;
    for (size_t i = at > 0 ? at - 1 : 0; i < request->turn_count && rc == MOOT_OK; i++)
        if (request->turns[i].role == MOOT_USER || request->turns[i].role == MOOT_TOOL)
            rc = add_turn(out, &request->turns[i]);
    return rc;
}

static char *copy(const char *text)
{
    return moot__copy(text, strlen(text));
}

static int fill_calls(struct moot_model_reply *reply, const struct moot_json *calls, uint32_t n)
{
    if (calls == NULL)
        return MOOT_OK;
    reply->calls = calloc(moot__json_count(calls), sizeof(*reply->calls));
    if (reply->calls == NULL)
        return MOOT_ENOMEM;
    const struct moot_json *c = moot__json_first(calls);
    for (; c != NULL; c = moot__json_next(c)) {
        struct moot_tool_call *call = &reply->calls[reply->call_count++];
        /* Ids come from names: the same in every repetition of the run. */
        char id[40];
        snprintf(id, sizeof(id), "call_%u_%zu", (unsigned)n, reply->call_count);
        const struct moot_json *arguments = moot__json_get(c, "arguments");
        const char *exact = moot__json_text(arguments);
        call->id = copy(id);
        call->name = copy(moot__json_get_text(c, "name", ""));
        if (exact != NULL)
            call->arguments = copy(exact);
        else
            call->arguments = arguments != NULL ? moot__json_string(arguments) : copy("{}");
        if (call->id == NULL || call->name == NULL || call->arguments == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static void fill_usage(struct moot_model_reply *reply, const struct moot_script_reply *scripted,
                       const struct moot_model_request *request)
{
    size_t said = moot__utf8_tokens(reply->text, strlen(reply->text));
    for (size_t i = 0; i < reply->call_count; i++)
        said += moot__utf8_tokens(reply->calls[i].arguments, strlen(reply->calls[i].arguments));
    reply->estimated = scripted->input_tokens < 0 || scripted->output_tokens < 0;
    reply->input_tokens =
        scripted->input_tokens >= 0 ? scripted->input_tokens : moot__model_estimate(request);
    reply->cached_tokens = scripted->cached_tokens >= 0 ? scripted->cached_tokens : 0;
    reply->output_tokens = scripted->output_tokens >= 0 ? scripted->output_tokens : (int64_t)said;
}

/* What will be handed over at the end of the call. */
static int fill_reply(struct moot_model_reply *reply, const struct moot_script_reply *scripted,
                      const struct moot_model_spec *spec, const struct moot_model_request *request)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_REPLY);
    int status = moot__script_fill(scripted, &request->place, &text);
    if (status != MOOT_OK)
        return status;
    const char *finish = scripted->finish;
    if (finish == NULL)
        finish = scripted->calls != NULL ? "tool_calls" : "stop";
    reply->text = moot__buf_take(&text);
    reply->finish = copy(finish);
    reply->model = copy(spec->model);
    if (reply->text == NULL || reply->finish == NULL || reply->model == NULL)
        return MOOT_ENOMEM;
    if (scripted->error != MOOT_OK) {
        reply->status = scripted->error;
        reply->retryable = scripted->retryable;
        reply->too_long = scripted->too_long;
        reply->retry_after_ms = scripted->retry_after_ms;
        moot__fail(&reply->error, scripted->error, "%s/%s: %s", spec->provider, spec->model,
                   *scripted->error_text != '\0' ? scripted->error_text
                                                 : moot__status_text(scripted->error));
    } else {
        status = fill_calls(reply, scripted->calls, request->place.n);
    }
    fill_usage(reply, scripted, request);
    reply->scripted = scripted->number;
    return status;
}

static void drop_calls(struct moot_model_reply *reply)
{
    for (size_t i = 0; i < reply->call_count; i++) {
        free(reply->calls[i].id);
        free(reply->calls[i].name);
        free(reply->calls[i].arguments);
    }
    free(reply->calls);
    reply->calls = NULL;
    reply->call_count = 0;
}

static void call_finish(struct scripted_call *call)
{
    const struct moot_model_events *events = call->events;
    void *arg = call->arg;
    struct moot_model_reply reply = call->reply;
    if (call->cancelled) {
        reply.status = MOOT_ECANCELED;
        reply.retryable = false;
        drop_calls(&reply);
        moot__fail(&reply.error, MOOT_ECANCELED, "cancelled");
        reply.text[call->shown] = '\0';
        reply.output_tokens = (int64_t)moot__utf8_tokens(reply.text, call->shown);
    }
    free(call);
    events->done(arg, &reply);
}

/* Streams the text up to where it should stand after this tick, to the end of a word. */
static void call_show(struct scripted_call *call)
{
    const char *text = call->reply.text;
    size_t len = strlen(text);
    size_t upto = call->tick >= call->ticks ? len : len * call->tick / call->ticks;
    while (upto < len && text[upto] != ' ' && text[upto] != '\n')
        upto++;
    upto = upto < len ? upto + 1 : len;
    if (upto <= call->shown)
        return;
    size_t from = call->shown;
    call->shown = upto;
    if (call->events->delta != NULL)
        call->events->delta(call->arg, text + from, upto - from);
}

static void call_tick(void *arg);

static int call_wait(struct scripted_call *call, int64_t ms)
{
    return call->world->timer_start(call->world->self, ms, call_tick, call, &call->timer);
}

static void call_tick(void *arg)
{
    struct scripted_call *call = arg;
    call->timer = NULL;
    call->tick++;
    if (!call->cancelled)
        call_show(call); /* which may cancel */
    if (call->timer != NULL)
        return;
    if (call->cancelled || call->tick >= call->ticks) {
        call_finish(call);
        return;
    }
    int64_t ticks = (int64_t)call->ticks, tick = (int64_t)call->tick;
    int64_t ms = call->pace_ms * (tick + 1) / ticks - call->pace_ms * tick / ticks;
    if (call_wait(call, ms) != MOOT_OK) {
        call->reply.status = moot__fail(&call->reply.error, MOOT_ENOMEM, "out of memory");
        call_finish(call);
    }
}

/* The script is read at the first call that needs it. */
static int script_of(struct moot_model_spec *spec, struct moot_script **out, struct moot_error *err)
{
    if (spec->provider_data == NULL) {
        if (spec->script == NULL)
            return moot__fail(err, MOOT_EINVAL, "model '%s' names no file of replies", spec->name);
        struct moot_script *script;
        int status = moot__script_load(spec->script, &script, err);
        if (status != MOOT_OK)
            return status;
        spec->provider_data = script;
    }
    *out = spec->provider_data;
    return MOOT_OK;
}

static int scripted_reply(struct moot_script *script, struct moot_model_spec *spec,
                          const struct moot_model_request *request, struct scripted_call *call)
{
    struct moot_buf said;
    const struct moot_script_reply *scripted = NULL;
    struct moot_error missing = {0};
    moot__buf_init(&said, MOOT_MAX_JSON);
    int status = last_said(request, &said);
    if (status == MOOT_OK)
        status =
            moot__script_find(script, &request->place, moot__buf_text(&said), &scripted, &missing);
    moot__buf_release(&said);
    call->reply.retry_after_ms = -1;
    if (status == MOOT_OK) {
        call->pace_ms = pauses_are_off() ? 0 : scripted->pace_ms;
        return fill_reply(&call->reply, scripted, spec, request);
    }
    /* The missing reply is the call's outcome, so that the journal has it. */
    call->reply.status = status;
    call->reply.error = missing;
    call->reply.text = copy("");
    call->reply.finish = copy("error");
    call->reply.model = copy(spec->model);
    return call->reply.text != NULL && call->reply.finish != NULL && call->reply.model != NULL
               ? MOOT_OK
               : MOOT_ENOMEM;
}

static int scripted_start(struct moot_world *w, struct moot_model_spec *spec,
                          const struct moot_model_request *request,
                          const struct moot_model_events *events, void *arg, void **out,
                          struct moot_error *err)
{
    struct moot_script *script = NULL;
    int status = script_of(spec, &script, err);
    if (status != MOOT_OK)
        return status;
    struct scripted_call *call = calloc(1, sizeof(*call));
    if (call == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    call->world = w;
    call->events = events;
    call->arg = arg;
    status = scripted_reply(script, spec, request, call);
    if (status == MOOT_OK) {
        call->ticks = (size_t)(call->pace_ms / SCRIPTED_TICK_MS);
        if (call->ticks == 0)
            call->ticks = 1;
        status = call_wait(call, call->pace_ms / (int64_t)call->ticks);
    }
    if (status != MOOT_OK) {
        moot__model_reply_release(&call->reply);
        free(call);
        return moot__fail(err, status, "%s/%s: %s", spec->provider, spec->model,
                          moot__status_text(status));
    }
    *out = call;
    return MOOT_OK;
}

static void scripted_cancel(void *arg)
{
    struct scripted_call *call = arg;
    if (call->cancelled)
        return;
    call->cancelled = true;
    /* Within a delta there is no timer: the tick that shows it ends the call itself, but done must
     * come in a later turn, so a timer is started here as well. */
    struct moot_timer *old = call->timer;
    if (call_wait(call, 0) == MOOT_OK && old != NULL)
        call->world->timer_stop(call->world->self, old);
}

static void scripted_release(struct moot_model_spec *spec)
{
    moot__script_free(spec->provider_data);
    spec->provider_data = NULL;
}

int moot__scripted_spend(struct moot_model_spec *spec, size_t number, struct moot_error *err)
{
    struct moot_script *script = NULL;
    int status = script_of(spec, &script, err);
    if (status == MOOT_OK)
        moot__script_spend(script, number);
    return status;
}

int moot__scripted_report(struct moot_model_spec *spec, struct moot_buf *out)
{
    if (spec->provider_data == NULL)
        return MOOT_OK;
    return moot__script_report(spec->provider_data, out);
}

static const char *const scripted_names[] = {"scripted", NULL};

const struct moot_provider moot__provider_scripted = {
    .names = scripted_names,
    .start = scripted_start,
    .cancel = scripted_cancel,
    .release = scripted_release,
};
