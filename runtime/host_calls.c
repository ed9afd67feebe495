#include "runtime/host_state.h"

#include "runtime/price.h"
#include "runtime/template.h"

enum {
    TRIES_MAX = 5,               /* of one model call, the first included */
    RETRY_BASE_MS = 500,         /* full jitter: up to this, doubled each time, */
    RETRY_CAP_MS = 30 * 1000,    /* but not above this */
    RETRY_AFTER_MS = 120 * 1000, /* what a server asks for is honoured up to here */
};

struct moot_item *moot__host_item(struct moot_host *h, const char *conv)
{
    char root[24];
    size_t length = strcspn(conv, "/");
    if (length == 0 || length >= sizeof(root))
        return NULL;
    memcpy(root, conv, length);
    root[length] = '\0';
    int64_t number = 0;
    if (!moot__int_parse(root, &number) || number < 1 || (size_t)number > h->item_count)
        return NULL;
    return &h->items[number - 1];
}

const struct moot_tool_spec *moot__host_tool(const struct moot_host *h, const char *id)
{
    for (size_t i = 0; i < h->o.crew->tool_count; i++) {
        if (strcmp(h->o.crew->tools[i]->id, id) == 0)
            return h->o.crew->tools[i];
    }
    return NULL;
}

struct moot_model_spec *moot__host_model(const struct moot_host *h, const char *name)
{
    for (size_t i = 0; i < h->o.crew->model_count; i++) {
        if (strcmp(h->o.crew->models[i]->name, name) == 0)
            return h->o.crew->models[i];
    }
    return NULL;
}

static void flight_free(struct moot_flight *f)
{
    for (size_t i = 0; i < f->request.turn_count; i++) {
        moot__text_unref(f->turns[i].content);
        moot__text_unref(f->turns[i].tool_calls);
        moot__text_unref(f->turns[i].tool_call_id);
    }
    free(f->turns);
    free(f->tools);
    free(f->conv);
    free(f->from);
    free(f->task);
    free(f->item_name);
    free(f->model_name);
    free(f->call);
    free(f->output);
    free(f->shown);
    free(f->label);
    moot__json_free(f->args);
    moot__model_reply_release(&f->reply);
    free(f);
}

static struct moot_flight *flight_new(struct moot_host *h, const struct moot_message *m)
{
    struct moot_flight *f = calloc(1, sizeof(*f));
    struct moot_item *item = moot__host_item(h, m->conv);
    if (f == NULL || item == NULL) {
        free(f);
        return NULL;
    }
    f->host = h;
    f->item = item;
    f->n = m->n;
    f->kind = m->kind;
    f->tick = item->tick;
    memcpy(f->id, m->id, MOOT_HASH_SIZE);
    f->conv = strdup(m->conv);
    f->from = strdup(m->from);
    f->task = m->task != NULL ? strdup(m->task) : NULL;
    f->item_name = m->item != NULL ? strdup(m->item) : NULL;
    if (f->conv == NULL || f->from == NULL) {
        flight_free(f);
        return NULL;
    }
    if (item->flight_count == item->flight_size) {
        size_t size = item->flight_size == 0 ? 4 : item->flight_size * 2;
        struct moot_flight **list = realloc(item->flights, size * sizeof(struct moot_flight *));
        if (list == NULL) {
            flight_free(f);
            return NULL;
        }
        item->flights = list;
        item->flight_size = size;
    }
    item->flights[item->flight_count++] = f;
    return f;
}

struct moot_flight *moot__host_flight(struct moot_host *h, const char *conv, const char *from,
                                      uint32_t n)
{
    struct moot_item *item = moot__host_item(h, conv);
    for (size_t i = 0; item != NULL && i < item->flight_count; i++) {
        struct moot_flight *f = item->flights[i];
        if (f->n == n && strcmp(f->conv, conv) == 0 && strcmp(f->from, from) == 0)
            return f;
    }
    return NULL;
}

/* Gives back what was reserved, takes the flight off its item; freed when the world is done with
 * it. */
static int flight_land(struct moot_flight *f)
{
    struct moot_host *h = f->host;
    struct moot_item *item = f->item;
    if (f->admitted) {
        item->tokens -= f->tokens;
        item->cost -= f->cost;
        item->admitted--;
        h->tokens -= f->tokens;
        h->cost -= f->cost;
        h->admitted--;
        f->admitted = false;
    }
    for (size_t i = 0; i < item->flight_count; i++) {
        if (item->flights[i] == f) {
            memmove(&item->flights[i], &item->flights[i + 1],
                    (item->flight_count - i - 1) * sizeof(struct moot_flight *));
            item->flight_count--;
            break;
        }
    }
    if (h->landing_count == h->landing_size) {
        size_t size = h->landing_size == 0 ? 16 : h->landing_size * 2;
        struct moot_flight **list = realloc(h->landing, size * sizeof(struct moot_flight *));
        if (list == NULL)
            return MOOT_ENOMEM;
        h->landing = list;
        h->landing_size = size;
    }
    h->landing[h->landing_count++] = f;
    return MOOT_OK;
}

void moot__host_sweep(struct moot_host *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->landing_count; i++) {
        struct moot_flight *f = h->landing[i];
        if (f->started && !f->finished) {
            h->landing[kept++] = f;
            continue;
        }
        flight_free(f);
    }
    h->landing_count = kept;
}

static void flight_stop(struct moot_flight *f)
{
    const struct moot_world *w = f->host->o.world;
    if (f->retry != NULL) {
        w->timer_stop(w->self, f->retry);
        f->retry = NULL;
    }
    if (!f->started || f->finished)
        return;
    if (f->model != NULL)
        moot__model_cancel(f->model);
    else if (f->running != NULL)
        moot__tool_cancel(f->running);
}

/* Where the call counts, and what is reserved there by calls that were let go. */
static size_t flight_places(const struct moot_flight *f, struct moot_place places[4],
                            char names[4][96])
{
    const struct moot_host *h = f->host;
    const struct moot_crew_parts *crew = h->o.crew;
    size_t count = 0;
    snprintf(names[0], sizeof(names[0]), "the run");
    places[count++] = (struct moot_place){names[0],     "",        NULL,    NULL,
                                          &crew->total, h->tokens, h->cost, h->admitted};
    snprintf(names[1], sizeof(names[1]), "item %.60s", f->item->name);
    places[count++] =
        (struct moot_place){names[1],    f->item->path,   NULL,          NULL,
                            &crew->item, f->item->tokens, f->item->cost, f->item->admitted};
    for (size_t i = 0; f->task != NULL && i < crew->task_bound_count; i++) {
        if (strcmp(crew->task_bounds[i].task, f->task) != 0)
            continue;
        snprintf(names[2], sizeof(names[2]), "task %.60s", f->task);
        places[count++] = (struct moot_place){
            names[2],        f->item->path, "task",           f->task, &crew->task_bounds[i].bounds,
            f->item->tokens, f->item->cost, f->item->admitted};
        break;
    }
    const struct moot_participant *who = moot__host_participant(h, f->from);
    if (who != NULL) {
        snprintf(names[3], sizeof(names[3]), "agent %.60s", f->from);
        places[count++] =
            (struct moot_place){names[3],     f->item->path,   "agent",       f->from,
                                &who->bounds, f->item->tokens, f->item->cost, f->item->admitted};
    }
    return count;
}

/* Calls are counted when they are uttered: what comes after the last one allowed never flies. */
static bool flight_counts(const struct moot_flight *f, char *reason)
{
    struct moot_place places[4];
    char names[4][96];
    size_t count = flight_places(f, places, names);
    return moot__policy_count(&f->host->run, places, count, reason) == MOOT_ALLOW;
}

static enum moot_policy_answer flight_admit(struct moot_flight *f, char *reason)
{
    struct moot_place places[4];
    char names[4][96];
    size_t count = flight_places(f, places, names);
    enum moot_policy_answer answer =
        moot__policy_model(&f->host->run, places, count, f->tokens, f->cost, reason);
    if (answer != MOOT_ALLOW)
        return answer;
    f->admitted = true;
    f->item->tokens += f->tokens;
    f->item->cost += f->cost;
    f->item->admitted++;
    f->host->tokens += f->tokens;
    f->host->cost += f->cost;
    f->host->admitted++;
    return MOOT_ALLOW;
}

/* The request as it stands now: the history may grow while this call flies. */
static int flight_request(struct moot_flight *f, struct moot_live *live, struct moot_seated *seat,
                          const struct moot_think *think)
{
    (void)live;
    const struct moot_history *hist = &seat->history;
    f->turns = malloc((hist->count > 0 ? hist->count : 1) * sizeof(*f->turns));
    f->tools = malloc((think->tool_count > 0 ? think->tool_count : 1) * sizeof(*f->tools));
    if (f->turns == NULL || f->tools == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < hist->count; i++) {
        f->turns[i] = hist->turns[i];
        if (f->turns[i].content != NULL)
            moot__text_ref(f->turns[i].content);
        if (f->turns[i].tool_calls != NULL)
            moot__text_ref(f->turns[i].tool_calls);
        if (f->turns[i].tool_call_id != NULL)
            moot__text_ref(f->turns[i].tool_call_id);
    }
    for (size_t i = 0; i < think->tool_count; i++) {
        f->tools[i].name = think->tools[i].name;
        f->tools[i].description = think->tools[i].description;
        f->tools[i].parameters = think->tools[i].parameters;
    }
    f->request.turns = f->turns;
    f->request.turn_count = hist->count;
    f->request.tools = f->tools;
    f->request.tool_count = think->tool_count;
    f->request.tool_choice = think->tool_choice;
    f->request.schema = think->schema;
    f->request.schema_name = think->schema_name;
    f->request.stop = think->stop;
    f->request.place.conv = f->conv;
    f->request.place.agent = f->from;
    f->request.place.n = f->n;
    f->request.place.item = f->item_name;
    f->request.place.task = f->task;
    f->request.place.step = think->step;
    return MOOT_OK;
}

int moot__host_fly_model(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                         const struct moot_effect *fx, const struct moot_message *m, bool fresh,
                         struct moot_error *err)
{
    struct moot_flight *f = flight_new(h, m);
    if (f == NULL)
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    f->spec = moot__host_model(h, fx->think.model);
    f->consented = true;
    const struct moot_json *reserve = moot__json_get(m->body, "reserve");
    f->tokens = moot__json_get_int(reserve, "tokens", 0);
    const char *cost = moot__json_get_text(reserve, "cost", "0");
    if (!moot__int_parse(cost, &f->cost))
        f->cost = 0;
    char name[256];
    snprintf(name, sizeof(name), "%s/%s", f->spec->provider, f->spec->model);
    f->model_name = strdup(name);
    const struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    f->request.place.attempt = (int)c->attempt;
    char reason[MOOT_REASON_SIZE] = "";
    if (fresh && !flight_counts(f, reason)) {
        int landed = flight_land(f);
        char detail[MOOT_REASON_SIZE + 16];
        snprintf(detail, sizeof(detail), "limit reached: %s", reason);
        return landed == MOOT_OK ? moot__host_refuse(h, m, "limit", detail, err) : landed;
    }
    int status = flight_request(f, live, seat, &fx->think);
    f->request.place.attempt = (int)c->attempt;
    return status;
}

int moot__host_fly_tool(struct moot_host *h, const struct moot_message *m,
                        const struct moot_tool_spec *tool, struct moot_json *args, bool consented,
                        struct moot_error *err)
{
    struct moot_flight *f = flight_new(h, m);
    if (f == NULL) {
        moot__json_free(args);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    f->tool = tool;
    f->args = args;
    f->consented = consented;
    const char *call = moot__json_get_text(m->body, "call", NULL);
    f->call = call != NULL ? strdup(call) : NULL;
    if (consented && tool->effect == MOOT_EFFECT_IRREVERSIBLE && !h->o.dry_run)
        h->need_full = true;
    return MOOT_OK;
}

int moot__host_args(struct moot_host *h, const char *conv, const struct moot_tool_spec *tool,
                    const char *given, struct moot_json **out, struct moot_error *err)
{
    struct moot_json *args = NULL;
    int status = moot__json_parse(given, strlen(given), &args, err);
    if (status != MOOT_OK)
        return status;
    const struct moot_item *item = moot__host_item(h, conv);
    const struct moot_json *pin = moot__json_first(tool->pinned);
    for (; pin != NULL && status == MOOT_OK; pin = moot__json_next(pin)) {
        struct moot_template *t = NULL;
        struct moot_buf b;
        moot__buf_init(&b, MOOT_MAX_BODY);
        const char *text = moot__json_text(pin);
        status = text != NULL ? moot__template_parse(text, strlen(text), &t, err) : MOOT_EINVAL;
        if (status == MOOT_OK)
            status = moot__template_fill(t, item != NULL ? item->scope : NULL, &b, err);
        if (status == MOOT_OK)
            status = moot__json_set_text(args, moot__json_key(pin), moot__buf_text(&b));
        moot__template_free(t);
        moot__buf_release(&b);
    }
    if (status != MOOT_OK)
        moot__json_free(args);
    else
        *out = args;
    return status;
}

static void flight_on_delta(void *arg, const char *text, size_t len)
{
    const struct moot_flight *f = arg;
    if (f->dropped || f->host->o.watcher.delta == NULL)
        return;
    struct moot_delta d = {.conv = f->conv,
                           .agent = f->from,
                           .item = f->item_name,
                           .task = f->task,
                           .n = f->n,
                           .text = text,
                           .len = len};
    f->host->o.watcher.delta(f->host->o.watcher.arg, &d);
}

static void flight_on_reply(void *arg, struct moot_model_reply *r)
{
    struct moot_flight *f = arg;
    f->reply = *r;
    memset(r, 0, sizeof(*r));
    f->model = NULL;
    f->finished = true;
    f->host->dirty = true;
}

static void flight_on_result(void *arg, const struct moot_tool_result *r)
{
    struct moot_flight *f = arg;
    f->tool_status = r->status;
    f->output = moot__copy(r->output != NULL ? r->output : "", r->output != NULL ? r->len : 0);
    f->shown = r->shown != NULL ? strdup(r->shown) : NULL;
    f->label = r->label != NULL ? strdup(r->label) : NULL;
    f->running = NULL;
    f->finished = true;
    f->host->dirty = true;
}

static void flight_fail(struct moot_flight *f, int status, const struct moot_error *why)
{
    f->finished = true;
    f->host->dirty = true;
    if (f->kind == MOOT_MODEL_CALL) {
        f->reply.status = status;
        f->reply.error = *why;
    } else {
        f->tool_status = status;
        f->output = strdup(why->message);
    }
}

static void flight_start(struct moot_flight *f)
{
    static const struct moot_model_events events = {flight_on_delta, flight_on_reply};
    struct moot_error why = {0};
    int status = MOOT_OK;
    f->started = true;
    if (f->kind == MOOT_MODEL_CALL) {
        f->tries++;
        status =
            moot__model_start(f->host->o.world, f->spec, &f->request, &events, f, &f->model, &why);
    } else {
        char id[MOOT_HEX_SIZE];
        moot__hex(f->id, MOOT_HASH_SIZE, id);
        status = moot__tool_start(f->host->o.world, f->tool, f->args, id, f->host->o.dry_run,
                                  flight_on_result, f, &f->running, &why);
    }
    if (status != MOOT_OK)
        flight_fail(f, status, &why);
}

int moot__host_start_flights(struct moot_host *h, struct moot_error *err)
{
    (void)err;
    for (size_t i = 0; i < h->next_item; i++) {
        struct moot_item *item = &h->items[i];
        for (size_t k = 0; k < item->flight_count; k++) {
            struct moot_flight *f = item->flights[k];
            if (f->started || f->finished || !f->consented || f->retry != NULL)
                continue;
            char reason[MOOT_REASON_SIZE] = "";
            if (f->kind == MOOT_MODEL_CALL && !f->admitted) {
                enum moot_policy_answer answer = flight_admit(f, reason);
                if (answer == MOOT_WAIT)
                    continue;
                if (answer == MOOT_LIMIT) {
                    struct moot_error why = {0};
                    moot__fail(&why, MOOT_ELIMIT, "limit reached: %s", reason);
                    flight_fail(f, MOOT_ELIMIT, &why);
                    continue;
                }
            }
            flight_start(f);
        }
    }
    return MOOT_OK;
}

static const char *status_word(int status)
{
    switch (status) {
    case MOOT_OK:
        return "ok";
    case MOOT_ETIMEOUT:
        return "timeout";
    case MOOT_ECANCELED:
        return "cancelled";
    case MOOT_ELIMIT:
        return "limit";
    case MOOT_EDENIED:
        return "denied";
    default:
        return "error";
    }
}

static int reply_calls(const struct moot_model_reply *r, struct moot_json *body)
{
    if (r->call_count == 0)
        return MOOT_OK;
    struct moot_json *calls = moot__json_new(MOOT_JSON_ARRAY);
    int status = calls != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < r->call_count && status == MOOT_OK; i++) {
        struct moot_json *call = moot__json_new(MOOT_JSON_OBJECT);
        status = moot__json_set_text(call, "id", r->calls[i].id);
        status |= moot__json_set_text(call, "name", r->calls[i].name);
        status |= moot__json_set_text(call, "arguments", r->calls[i].arguments);
        status |= moot__json_add(calls, call);
    }
    status |= moot__json_set(body, "calls", calls);
    return status == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

/* What it used: reported, or estimated from what was sent and what came. */
static int reply_usage(const struct moot_flight *f, struct moot_json *body)
{
    const struct moot_model_reply *r = &f->reply;
    struct moot_json *usage = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_int(usage, "input", r->input_tokens);
    status |= moot__json_set_int(usage, "cached", r->cached_tokens);
    status |= moot__json_set_int(usage, "output", r->output_tokens);
    if (r->estimated)
        status |= moot__json_set_bool(usage, "estimated", true);
    status |= moot__json_set(body, "usage", usage);
    if (moot__price_known(&f->spec->price)) {
        char cost[32];
        snprintf(cost, sizeof(cost), "%lld",
                 (long long)moot__price_cost(&f->spec->price, r->input_tokens, r->cached_tokens,
                                             r->output_tokens));
        status |= moot__json_set_text(body, "cost", cost);
    }
    return status == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

static struct moot_json *reply_body(const struct moot_flight *f)
{
    const struct moot_model_reply *r = &f->reply;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(body, "status", status_word(r->status));
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    if (r->text != NULL && r->text[0] != '\0') {
        struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
        status |= moot__json_set_text(part, "text", r->text);
        status |= moot__json_add(parts, part);
    }
    status |= moot__json_set(body, "parts", parts);
    status |= reply_calls(r, body);
    if (r->finish != NULL)
        status |= moot__json_set_text(body, "finish", r->finish);
    status |= moot__json_set_text(body, "model", r->model != NULL ? r->model : f->model_name);
    status |= reply_usage(f, body);
    if (r->status != MOOT_OK) {
        status |= moot__json_set_text(body, "detail", r->error.message);
        if (r->error.hint[0] != '\0')
            status |= moot__json_set_text(body, "hint", r->error.hint);
    }
    if (status != MOOT_OK) {
        moot__json_free(body);
        return NULL;
    }
    return body;
}

static struct moot_json *result_body(const struct moot_flight *f)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(body, "status", status_word(f->tool_status));
    status |= moot__json_set_text(body, "output", f->output != NULL ? f->output : "");
    if (f->call != NULL)
        status |= moot__json_set_text(body, "call", f->call);
    if (f->shown != NULL)
        status |= moot__json_set_text(body, "shown", f->shown);
    if (f->tool != NULL && f->tool->reads_private)
        status |= moot__json_set_bool(body, "private", true);
    if (f->host->o.dry_run && f->tool != NULL && f->tool->effect == MOOT_EFFECT_IRREVERSIBLE)
        status |= moot__json_set_bool(body, "dry_run", true);
    if (status != MOOT_OK) {
        moot__json_free(body);
        return NULL;
    }
    return body;
}

/* An outcome's message: from the host, answering the call, to its author. */
static struct moot_message *outcome(struct moot_host *h, enum moot_kind kind, const char *conv,
                                    const char *from, uint32_t n, const uint8_t id[MOOT_HASH_SIZE])
{
    struct moot_message *m = moot__host_message(h, kind, conv, "host");
    if (m == NULL)
        return NULL;
    m->has_re = true;
    memcpy(m->re, id, MOOT_HASH_SIZE);
    m->re_n = n;
    if (moot__message_set(&m->re_from, from) != MOOT_OK ||
        moot__message_add(&m->to, &m->to_count, from) != MOOT_OK) {
        moot__message_unref(m);
        return NULL;
    }
    return m;
}

static int insert_outcome(struct moot_host *h, struct moot_flight *f, struct moot_error *err)
{
    bool model = f->kind == MOOT_MODEL_CALL;
    struct moot_json *body = model ? reply_body(f) : result_body(f);
    struct moot_message *m =
        outcome(h, model ? MOOT_MODEL_REPLY : MOOT_TOOL_RESULT, f->conv, f->from, f->n, f->id);
    if (body == NULL || m == NULL) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    int status = moot__json_set_int(body, "at", moot__host_at(h));
    if (f->label != NULL)
        status |= moot__message_add(&m->prov, &m->prov_count, f->label);
    f->item->tick++;
    if (status == MOOT_OK)
        status = flight_land(f);
    if (status != MOOT_OK) {
        moot__json_free(body);
        moot__message_unref(m);
        return status;
    }
    return moot__host_insert(h, m, body, err);
}

static int refuse(struct moot_host *h, const struct moot_message *call, const char *status,
                  const char *detail, bool ended, struct moot_error *err)
{
    bool model = call->kind == MOOT_MODEL_CALL;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_message *m = outcome(h, model ? MOOT_MODEL_REPLY : MOOT_TOOL_RESULT, call->conv,
                                     call->from, call->n, call->id);
    int set = moot__json_set_text(body, "status", status);
    set |= moot__json_set_text(body, model ? "detail" : "output", detail);
    const char *id = moot__json_get_text(call->body, "call", NULL);
    if (id != NULL)
        set |= moot__json_set_text(body, "call", id);
    set |= moot__json_set_int(body, "at", moot__host_at(h));
    if (ended)
        set |= moot__json_set_bool(body, "ended", true);
    if (set != MOOT_OK || m == NULL) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    return moot__host_insert(h, m, body, err);
}

int moot__host_refuse(struct moot_host *h, const struct moot_message *call, const char *status,
                      const char *detail, struct moot_error *err)
{
    return refuse(h, call, status, detail, false, err);
}

/* Milliseconds to wait before the next try; -1: there is none. */
static int64_t retry_delay(const struct moot_flight *f)
{
    const struct moot_model_reply *r = &f->reply;
    if (r->resendable_without_schema && f->tries < TRIES_MAX)
        return 0;
    if (!r->retryable || f->tries >= TRIES_MAX || r->retry_after_ms > RETRY_AFTER_MS)
        return -1;
    if (r->retry_after_ms >= 0)
        return r->retry_after_ms;
    int64_t most = (int64_t)RETRY_BASE_MS << (f->tries - 1);
    if (most > RETRY_CAP_MS)
        most = RETRY_CAP_MS;
    uint32_t chance = 0;
    const struct moot_world *w = f->host->o.world;
    w->random(w->self, &chance, sizeof(chance));
    return (int64_t)(chance % (uint32_t)(most + 1));
}

static void retry_fire(void *arg)
{
    struct moot_flight *f = arg;
    f->retry = NULL;
    f->host->dirty = true;
}

/* A failed try: it is noted, and the call starts again later. */
static int flight_again(struct moot_host *h, struct moot_flight *f, int64_t delay,
                        struct moot_error *err)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_message *m = moot__host_message(h, MOOT_ERROR, f->conv, "host");
    int status = m != NULL ? MOOT_OK : MOOT_ENOMEM;
    status |= moot__json_set_int(body, "try", f->tries);
    status |= moot__json_set_int(body, "delay", delay);
    status |= moot__json_set_text(body, "detail", f->reply.error.message);
    if (f->reply.output_tokens > 0)
        status |= reply_usage(f, body);
    if (status != MOOT_OK) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    m->has_re = true;
    memcpy(m->re, f->id, MOOT_HASH_SIZE);
    moot__model_reply_release(&f->reply);
    memset(&f->reply, 0, sizeof(f->reply));
    f->started = false;
    f->finished = false;
    const struct moot_world *w = h->o.world;
    status = w->timer_start(w->self, delay, retry_fire, f, &f->retry);
    if (status != MOOT_OK) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, status, "run %s: no timer", h->run_id);
    }
    return moot__host_insert(h, m, body, err);
}

/* A fixed order for what began at the same point of an item: by name. */
static bool flight_before(const struct moot_flight *a, const struct moot_flight *b)
{
    if (a->tick != b->tick)
        return a->tick < b->tick;
    int order = strcmp(a->conv, b->conv);
    if (order == 0)
        order = strcmp(a->from, b->from);
    return order != 0 ? order < 0 : a->n < b->n;
}

/* The flight of the item whose outcome may be taken now; NULL: none. Where the run must be the same
 * each time, that is the first in the fixed order and no other. */
static struct moot_flight *next_landing(const struct moot_host *h, const struct moot_item *item)
{
    struct moot_flight *first = NULL;
    for (size_t i = 0; i < item->flight_count; i++) {
        struct moot_flight *f = item->flights[i];
        if (!f->finished && (!h->ordered || !f->consented))
            continue;
        if (first == NULL || flight_before(f, first))
            first = f;
    }
    return first != NULL && first->finished ? first : NULL;
}

static int collect_item(struct moot_host *h, struct moot_item *item, bool *any,
                        struct moot_error *err)
{
    struct moot_flight *f = next_landing(h, item);
    if (f == NULL)
        return MOOT_OK;
    *any = true;
    int64_t delay = f->kind == MOOT_MODEL_CALL && f->reply.status != MOOT_OK ? retry_delay(f) : -1;
    if (delay >= 0)
        return flight_again(h, f, delay, err);
    return insert_outcome(h, f, err);
}

static int collect_expired(struct moot_host *h, struct moot_item *item, struct moot_error *err)
{
    item->expired = false;
    if (item->state != MOOT_ITEM_OPEN)
        return MOOT_OK;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "outcome", "failed");
    moot__json_set_text(body, "stop", "limit");
    moot__json_set_text(body, "detail", "limit reached: seconds of the item");
    return moot__host_end(h, item->path, body, err);
}

static int collect_waits(struct moot_host *h, bool *any, struct moot_error *err)
{
    for (size_t i = 0; i < h->wait_count; i++) {
        struct moot_wait *wait = h->waits[i];
        if (!wait->over)
            continue;
        h->waits[i] = h->waits[--h->wait_count];
        int status = MOOT_OK;
        if (moot__run_conv(&h->run, wait->conv) != NULL) {
            struct moot_message *m = moot__host_message(h, MOOT_TIMER, wait->conv, "host");
            struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
            status = m != NULL ? moot__message_add(&m->to, &m->to_count, wait->agent) : MOOT_ENOMEM;
            status |= moot__json_set_int(body, "timer", wait->id);
            status |= moot__json_set_int(body, "at", moot__host_at(h));
            status = moot__host_insert(h, m, body, err);
        }
        free(wait->conv);
        free(wait->agent);
        free(wait);
        *any = true;
        return status;
    }
    return MOOT_OK;
}

int moot__host_collect(struct moot_host *h, struct moot_error *err)
{
    bool any = false;
    int status = collect_waits(h, &any, err);
    for (size_t i = 0; i < h->next_item && status == MOOT_OK && !any; i++) {
        struct moot_item *item = &h->items[i];
        if (item->expired) {
            any = true;
            status = collect_expired(h, item, err);
        } else if (item->flight_count > 0) {
            status = collect_item(h, item, &any, err);
        }
    }
    if (!any)
        h->dirty = false;
    return status;
}

int moot__host_cancel(struct moot_host *h, struct moot_flight *f, struct moot_error *err)
{
    (void)h;
    (void)err;
    if (f->finished)
        return MOOT_OK;
    if (f->started && f->retry == NULL) {
        flight_stop(f); /* its outcome comes, with the text that came */
        return MOOT_OK;
    }
    flight_stop(f);
    struct moot_error why = {0};
    moot__fail(&why, MOOT_ECANCELED, "cancelled");
    flight_fail(f, MOOT_ECANCELED, &why);
    return MOOT_OK;
}

static bool is_below(const char *conv, const char *above)
{
    size_t length = strlen(above);
    return strncmp(conv, above, length) == 0 && (conv[length] == '\0' || conv[length] == '/');
}

/* Calls of a conversation that ends get their outcome before its `end`. */
static int drop_flights_below(struct moot_host *h, const char *conv, struct moot_error *err)
{
    struct moot_item *item = moot__host_item(h, conv);
    for (size_t i = 0; item != NULL && i < item->flight_count;) {
        struct moot_flight *f = item->flights[i];
        if (!is_below(f->conv, conv)) {
            i++;
            continue;
        }
        flight_stop(f);
        f->dropped = true;
        struct moot_message call = {.kind = f->kind, .conv = f->conv, .from = f->from, .n = f->n};
        memcpy(call.id, f->id, MOOT_HASH_SIZE);
        int status = flight_land(f);
        if (status == MOOT_OK)
            status = refuse(h, &call, "cancelled", "the conversation ended", true, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

int moot__host_cancel_below(struct moot_host *h, const char *conv, struct moot_error *err)
{
    int status = drop_flights_below(h, conv, err);
    size_t i = 0;
    for (const struct moot_map_entry *e;
         status == MOOT_OK && (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        if (strcmp(c->path, conv) == 0 || c->path[0] == '\0' || !is_below(c->path, conv))
            continue;
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(body, "outcome", "cancelled");
        moot__json_set_text(body, "stop", "stopped");
        moot__json_set_bool(body, "ended", true);
        status = moot__host_end(h, c->path, body, err);
        i = 0; /* what was below it is gone too */
    }
    return status;
}

void moot__host_drop_flights(struct moot_host *h)
{
    for (size_t i = 0; i < h->item_count; i++) {
        struct moot_item *item = &h->items[i];
        while (item->flight_count > 0) {
            struct moot_flight *f = item->flights[0];
            flight_stop(f);
            f->dropped = true;
            if (flight_land(f) != MOOT_OK)
                return;
        }
    }
}

static void wait_fire(void *arg)
{
    struct moot_wait *wait = arg;
    wait->timer = NULL;
    wait->over = true;
    wait->host->dirty = true;
}

int moot__host_wait(struct moot_host *h, const char *conv, const char *agent, uint32_t id,
                    int64_t ms, struct moot_error *err)
{
    if (h->wait_count == h->wait_size) {
        size_t size = h->wait_size == 0 ? 8 : h->wait_size * 2;
        struct moot_wait **list = realloc(h->waits, size * sizeof(struct moot_wait *));
        if (list == NULL)
            return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
        h->waits = list;
        h->wait_size = size;
    }
    struct moot_wait *wait = calloc(1, sizeof(*wait));
    if (wait == NULL)
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    wait->host = h;
    wait->id = id;
    wait->conv = strdup(conv);
    wait->agent = strdup(agent);
    const struct moot_world *w = h->o.world;
    int status = wait->conv != NULL && wait->agent != NULL
                     ? w->timer_start(w->self, ms, wait_fire, wait, &wait->timer)
                     : MOOT_ENOMEM;
    if (status != MOOT_OK) {
        free(wait->conv);
        free(wait->agent);
        free(wait);
        return moot__fail(err, status, "run %s: no timer", h->run_id);
    }
    h->waits[h->wait_count++] = wait;
    return MOOT_OK;
}
