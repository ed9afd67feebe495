/* One try of a call at an endpoint that speaks the chat-completions dialect.
 *
 * A refused parameter is left out or written in another way, remembered for the endpoint, and the
 * request sent again within the try; after "no such model" the endpoint is asked which there are.
 */
#include "runtime/model_openai.h"

#include "runtime/near.h"

enum {
    REWRITES_MAX = 4,             /* of one request, for parameters that were refused */
    LOCAL_FIRST_BYTE_MS = 300000, /* one's own server loads the model first */
    WHOLE_FIRST_BYTE_MS = 600000, /* what is not streamed comes when it is done */
    AFTER_DONE_MS = 250,          /* to the end of the connection after the end mark: */
    AFTER_FINISH_MS = 2000,       /* and to usage or the mark after the finish reason */
    LIST_MS = 5000,
    LIST_BYTES = 1 << 20,
    LIST_NAMES = 1000,
    LIST_SHOWN = 8,
};

struct openai_call {
    struct moot_world *w;
    struct moot_model_spec *spec;
    const struct moot_preset *preset;
    const struct moot_model_request *request;
    const struct moot_model_events *events;
    void *arg;
    struct moot_http *http;
    struct moot_timer *linger; /* for a connection that stays open after the end */
    struct moot_chat_body body;
    struct moot_chat chat;
    struct moot_buf url;
    struct moot_buf authorization; /* a header with the key in it: wiped */
    struct moot_buf list;          /* of models */
    int rewrites;
    bool cancelled;
    bool complete; /* the end was read, though the connection may still be open */
    struct moot_model_reply reply;
};

static struct moot_chat_where where_of(const struct openai_call *call)
{
    return (struct moot_chat_where){call->spec, call->preset, moot__buf_text(&call->url)};
}

static void call_free(struct openai_call *call)
{
    moot__chat_body_release(&call->body);
    moot__chat_release(&call->chat);
    moot__buf_release(&call->url);
    if (call->authorization.data != NULL)
        explicit_bzero(call->authorization.data, call->authorization.size);
    moot__buf_release(&call->authorization);
    moot__buf_release(&call->list);
    free(call);
}

static struct moot_chat_quirks *quirks_of(struct moot_model_spec *spec)
{
    if (spec->provider_data == NULL) {
        struct moot_chat_quirks *q = calloc(1, sizeof(*q));
        if (q != NULL)
            q->merge = strcmp(spec->provider, "perplexity") == 0;
        spec->provider_data = q;
    }
    return spec->provider_data;
}

static void openai_release(struct moot_model_spec *spec)
{
    free(spec->provider_data);
    spec->provider_data = NULL;
}

static char *or_copy(char *text, const char *absent)
{
    return text != NULL ? text : moot__copy(absent, strlen(absent));
}

/* Hands the reply over; nothing of the call is left then. */
static void call_finish(struct openai_call *call)
{
    const struct moot_model_events *events = call->events;
    void *arg = call->arg;
    struct moot_model_reply reply = call->reply;
    reply.text = or_copy(reply.text, "");
    reply.finish = or_copy(reply.finish, "error");
    reply.model = or_copy(reply.model, call->spec->model);
    if (reply.text == NULL || reply.finish == NULL || reply.model == NULL)
        reply.status = moot__fail(&reply.error, MOOT_ENOMEM, "out of memory");
    call_free(call);
    events->done(arg, &reply);
}

/* The base without its last slashes, the path, then the base's query. */
static int put_url(struct moot_buf *out, const char *base, const char *path)
{
    size_t len = strcspn(base, "?");
    size_t end = len;
    while (end > 0 && base[end - 1] == '/')
        end--;
    moot__buf_clear(out);
    moot__buf_add(out, base, end);
    moot__buf_adds(out, path);
    return moot__buf_adds(out, base + len);
}

static void fill_reply(struct openai_call *call)
{
    char seed[512];
    const struct moot_call_place *place = &call->request->place;
    struct moot_chat_where at = where_of(call);
    snprintf(seed, sizeof(seed), "%s/%s/%u", place->conv != NULL ? place->conv : "",
             place->agent != NULL ? place->agent : "", (unsigned)place->n);
    int status = moot__chat_take(&call->chat, seed, &call->reply);
    if (status != MOOT_OK)
        moot__chat_explain_error(&at, &call->chat.error, status == MOOT_EPROTOCOL, &call->reply);
    else if (call->reply.status == MOOT_OK)
        moot__chat_check(&at, &call->reply);
    if (call->reply.text != NULL)
        moot__chat_count(call->request, &call->reply);
}

/* Parameters that were refused */

static bool drop_text(char **field)
{
    bool had = *field != NULL;
    free(*field);
    *field = NULL;
    return had;
}

static bool set_flag(bool *flag, bool value)
{
    bool changed = *flag != value;
    *flag = value;
    return changed;
}

/* Takes back what the endpoint refuses. False: there is nothing to take back. */
static bool adapt(struct moot_model_spec *spec, struct moot_chat_quirks *q, const char *parameter)
{
    if (strcmp(parameter, "max_tokens") == 0)
        return set_flag(&spec->use_max_completion_tokens, true);
    if (strcmp(parameter, "max_completion_tokens") == 0)
        return set_flag(&spec->use_max_completion_tokens, false);
    if (strcmp(parameter, "temperature") == 0)
        return drop_text(&spec->temperature);
    if (strcmp(parameter, "top_p") == 0)
        return drop_text(&spec->top_p);
    const struct {
        const char *parameter;
        bool *flag;
    } flags[] = {
        {"stream_options", &spec->no_stream_options},
        {"stream", &spec->no_stream},
        {"reasoning_effort", &q->no_effort},
        {"seed", &q->no_seed},
        {"stop", &q->no_stop},
        {"tool_choice", &q->no_choice},
        {"messages[0].role", &q->system_as_user},
    };
    for (size_t i = 0; i < MOOT_COUNT(flags); i++) {
        if (strcmp(parameter, flags[i].parameter) == 0)
            return set_flag(flags[i].flag, true);
    }
    return false;
}

static bool is_schema_parameter(const char *parameter)
{
    return strcmp(parameter, "response_format") == 0 || strcmp(parameter, "json_schema") == 0;
}

static int call_send(struct openai_call *call, struct moot_error *err);

/* Sends the request in another way, if the problem is one of its parameters. True: it is under way,
 * or the call has ended. */
static bool rewrite(struct openai_call *call, const struct moot_problem *p)
{
    const char *parameter = moot__problem_parameter(p);
    struct moot_chat_quirks *q = quirks_of(call->spec);
    bool changed = false;
    if (call->cancelled || call->rewrites >= REWRITES_MAX || q == NULL)
        return false;
    if (p->kind == MOOT_PROBLEM_TEMPLATE)
        changed = set_flag(&q->merge, true);
    else if (p->kind == MOOT_PROBLEM_PARAMETER && parameter != NULL)
        changed = adapt(call->spec, q, parameter);
    if (!changed)
        return false;
    call->rewrites++;
    moot__chat_body_release(&call->body);
    moot__chat_release(&call->chat);
    struct moot_error err = {0};
    if (call_send(call, &err) != MOOT_OK) {
        struct moot_chat_where at = where_of(call);
        moot__chat_explain_error(&at, &err, false, &call->reply);
        call_finish(call);
    }
    return true;
}

static void note_schema(struct openai_call *call, const struct moot_problem *p)
{
    const char *parameter = moot__problem_parameter(p);
    if (p->kind != MOOT_PROBLEM_PARAMETER || parameter == NULL || !is_schema_parameter(parameter) ||
        call->request->schema == NULL || call->spec->no_schema)
        return;
    call->spec->no_schema = true;
    call->reply.resendable_without_schema = true;
    call->reply.retryable = true;
}

/* Which models there are */

static int list_data(void *arg, const char *data, size_t len)
{
    struct openai_call *call = arg;
    return moot__buf_add(&call->list, data, len) == MOOT_OK ? 0 : 1;
}

/* {"data": [{"id": …}]} or a bare array; ids may begin with "models/". */
static size_t list_names(const struct moot_json *root, const char **names)
{
    const struct moot_json *data =
        moot__json_is(root, MOOT_JSON_ARRAY) ? root : moot__json_get(root, "data");
    size_t count = 0;
    for (const struct moot_json *m = moot__json_first(data); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_get_text(m, "id", NULL);
        if (id != NULL && strncmp(id, "models/", 7) == 0)
            id += 7;
        if (id != NULL && count < LIST_NAMES)
            names[count++] = id;
    }
    return count;
}

static void list_hint(struct openai_call *call, const struct moot_json *root)
{
    struct moot_error *e = &call->reply.error;
    const char *model = call->spec->model;
    const char **names = calloc(LIST_NAMES, sizeof(*names));
    struct moot_buf shown;
    if (names == NULL)
        return;
    moot__buf_init(&shown, 1024);
    size_t count = list_names(root, names);
    const char *near = moot__near_find(model, names, count);
    for (size_t i = 0; i < count && i < LIST_SHOWN; i++)
        moot__buf_addf(&shown, "%s%s", i > 0 ? ", " : "", names[i]);
    if (near != NULL)
        moot__fail_hint(e, "did you mean '%s'?", near);
    else if (strcmp(call->spec->provider, "ollama") == 0)
        moot__fail_hint(e, "fetch it: ollama pull %s%s%s", model, count > 0 ? "; there are: " : "",
                        moot__buf_text(&shown));
    else if (count > 0)
        moot__fail_hint(e, "there are: %s%s", moot__buf_text(&shown),
                        count > LIST_SHOWN ? ", …" : "");
    moot__buf_release(&shown);
    free(names);
}

static void list_done(void *arg, const struct moot_http_result *r)
{
    struct openai_call *call = arg;
    struct moot_json *root = NULL;
    call->http = NULL;
    if (r->status == MOOT_OK && r->http_status == 200 &&
        moot__json_parse(moot__buf_text(&call->list), call->list.len, &root, NULL) == MOOT_OK)
        list_hint(call, root);
    moot__json_free(root);
    if (call->cancelled)
        call->reply.status = moot__fail(&call->reply.error, MOOT_ECANCELED, "cancelled");
    call_finish(call);
}

static const struct moot_http_events list_events = {.data = list_data, .done = list_done};

static const char *authorization(struct openai_call *call)
{
    return call->authorization.len > 0 ? moot__buf_text(&call->authorization) : NULL;
}

/* Asks which models there are, to say so. False: it cannot be asked. */
static bool list_start(struct openai_call *call)
{
    struct moot_buf url;
    const char *headers[] = {"Accept: application/json", authorization(call), NULL};
    moot__buf_init(&url, 8192);
    moot__buf_init(&call->list, LIST_BYTES);
    if (put_url(&url, call->spec->base_url, "/models") != MOOT_OK)
        return false;
    struct moot_http_request request = {.method = "GET",
                                        .url = moot__buf_text(&url),
                                        .headers = headers,
                                        .connect_ms = LIST_MS,
                                        .total_ms = LIST_MS,
                                        .max_bytes = LIST_BYTES};
    int status =
        call->w->http_start(call->w->self, &request, &list_events, call, &call->http, NULL);
    moot__buf_release(&url);
    return status == MOOT_OK;
}

/* The exchange */

static void call_linger(void *arg)
{
    struct openai_call *call = arg;
    call->linger = NULL;
    call->complete = true;
    call->w->http_cancel(call->w->self, call->http);
}

/* The reply has ended; its connection is left to end too, so that it can be used again, but not
 * waited for long. */
static void wait_for_end(struct openai_call *call, int64_t ms)
{
    if (call->linger != NULL)
        call->w->timer_stop(call->w->self, call->linger);
    call->linger = NULL;
    if (call->w->timer_start(call->w->self, ms, call_linger, call, &call->linger) != MOOT_OK)
        call->linger = NULL;
}

static int call_data(void *arg, const char *data, size_t len)
{
    struct openai_call *call = arg;
    if (call->complete || call->cancelled)
        return 0;
    bool finished = call->chat.finished;
    if (moot__chat_feed(&call->chat, data, len) != 0) {
        call->complete = true;
        if (call->chat.status != MOOT_OK || call->chat.problem.kind != MOOT_PROBLEM_NONE)
            return 1;
        wait_for_end(call, AFTER_DONE_MS);
    } else if (!finished && call->chat.finished) {
        wait_for_end(call, AFTER_FINISH_MS);
    }
    return 0;
}

/* What became of it: status, error and the rest of the reply. True: it goes on, or has ended. */
static bool call_judge(struct openai_call *call, const struct moot_http_result *r)
{
    struct moot_chat_where at = where_of(call);
    struct moot_chat *chat = &call->chat;
    if (call->cancelled) {
        call->reply.status = moot__fail(&call->reply.error, MOOT_ECANCELED, "cancelled");
        return false;
    }
    bool broken = r->status != MOOT_OK && !call->complete && !chat->finished;
    if (broken && r->http_status < 300 && chat->problem.kind == MOOT_PROBLEM_NONE) {
        moot__chat_explain_transport(&at, r, &call->reply);
        return false;
    }
    moot__chat_end(chat, r->http_status);
    if (chat->problem.kind != MOOT_PROBLEM_NONE) {
        struct moot_problem problem = chat->problem;
        if (rewrite(call, &problem))
            return true;
        moot__chat_explain(&at, &problem, r, &call->reply);
        note_schema(call, &problem);
    } else if (chat->status != MOOT_OK) {
        bool retryable = chat->status == MOOT_ENETWORK || chat->status == MOOT_EPROTOCOL;
        moot__chat_explain_error(&at, &chat->error, retryable, &call->reply);
    }
    return false;
}

static void call_done(void *arg, const struct moot_http_result *r)
{
    struct openai_call *call = arg;
    call->http = NULL;
    if (call->linger != NULL)
        call->w->timer_stop(call->w->self, call->linger);
    call->linger = NULL;
    if (call_judge(call, r))
        return;
    fill_reply(call);
    if (call->chat.problem.kind == MOOT_PROBLEM_NOT_FOUND && !call->cancelled && list_start(call))
        return;
    call_finish(call);
}

static const struct moot_http_events call_events = {.data = call_data, .done = call_done};

static void call_delta(void *arg, const char *text, size_t len)
{
    struct openai_call *call = arg;
    if (!call->cancelled)
        call->events->delta(call->arg, text, len);
}

static int call_send(struct openai_call *call, struct moot_error *err)
{
    const struct moot_model_spec *spec = call->spec;
    struct moot_chat_quirks *quirks = quirks_of(call->spec);
    call->complete = false;
    moot__chat_init(&call->chat, call->events->delta != NULL ? call_delta : NULL, call);
    if (quirks == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = moot__chat_body_make(spec, call->preset, quirks, call->request, &call->body, err);
    if (status != MOOT_OK)
        return status;
    const char *headers[] = {"Content-Type: application/json",
                             spec->no_stream ? "Accept: application/json"
                                             : "Accept: text/event-stream, application/json",
                             authorization(call), NULL};
    bool local = (call->preset->flags & MOOT_PRESET_LOCAL) != 0;
    struct moot_http_request request = {.method = "POST",
                                        .url = moot__buf_text(&call->url),
                                        .headers = headers,
                                        .body = call->body.parts,
                                        .body_count = call->body.count,
                                        .connect_ms = spec->connect_ms,
                                        .first_byte_ms = spec->first_byte_ms,
                                        .idle_ms = spec->idle_ms,
                                        .total_ms = spec->total_ms};
    if (request.first_byte_ms == 0 && spec->no_stream)
        request.first_byte_ms = WHOLE_FIRST_BYTE_MS;
    else if (request.first_byte_ms == 0 && local)
        request.first_byte_ms = LOCAL_FIRST_BYTE_MS;
    return call->w->http_start(call->w->self, &request, &call_events, call, &call->http, err);
}

static int openai_start(struct moot_world *w, struct moot_model_spec *spec,
                        const struct moot_model_request *request,
                        const struct moot_model_events *events, void *arg, void **out,
                        struct moot_error *err)
{
    const struct moot_preset *preset = moot__preset_find(spec->provider);
    if (preset == NULL)
        return moot__fail(err, MOOT_EUNSUPPORTED, "no provider '%s'", spec->provider);
    if (spec->no_tools && request->tool_count > 0) {
        moot__fail(err, MOOT_EUNSUPPORTED, "model '%s' takes no tools", spec->name);
        moot__fail_hint(err, "its capabilities say so: tools: false");
        return MOOT_EUNSUPPORTED;
    }
    struct openai_call *call = calloc(1, sizeof(*call));
    if (call == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    call->w = w;
    call->spec = spec;
    call->preset = preset;
    call->request = request;
    call->events = events;
    call->arg = arg;
    call->reply.retry_after_ms = -1;
    moot__buf_init(&call->url, 8192);
    moot__buf_init(&call->authorization, 32768);
    int status = put_url(&call->url, spec->base_url, "/chat/completions");
    if (status == MOOT_OK && spec->key != NULL)
        status = moot__buf_addf(&call->authorization, "Authorization: Bearer %s", spec->key);
    status = status == MOOT_OK ? call_send(call, err)
                               : moot__fail(err, status, "the address or key is too long");
    if (status != MOOT_OK) {
        call_free(call);
        return status;
    }
    *out = call;
    return MOOT_OK;
}

static void openai_cancel(void *arg)
{
    struct openai_call *call = arg;
    call->cancelled = true;
    call->w->http_cancel(call->w->self, call->http);
}

static const char *const openai_names[] = {
    "openai",     "anthropic", "ollama",      "llamacpp",   "vllm",     "lmstudio",
    "openrouter", "groq",      "mistral",     "deepseek",   "gemini",   "xai",
    "together",   "cerebras",  "huggingface", "perplexity", "moonshot", "zai",
    "dashscope",  "litellm",   "gpustack",    NULL};

const struct moot_provider moot__provider_openai = {
    .names = openai_names,
    .start = openai_start,
    .cancel = openai_cancel,
    .release = openai_release,
};
