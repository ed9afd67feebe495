#include "runtime/host_state.h"

#include "runtime/price.h"
#include "runtime/scratch.h"
#include "runtime/template.h"

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

const struct moot_tool_spec *moot__host_tool(const struct moot_host *h, const char *id,
                                             const char *caller)
{
    const struct moot_tool_spec *any = NULL;
    for (size_t i = 0; i < h->o.crew->tool_count; i++) {
        const struct moot_tool_spec *tool = h->o.crew->tools[i];
        if (strcmp(tool->id, id) != 0)
            continue;
        if (tool->agent != NULL && strcmp(tool->agent, caller) == 0)
            return tool;
        if (tool->agent == NULL)
            any = tool;
    }
    return any;
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
    moot__redact_stream_release(&f->shown_stream);
    free(f->output);
    free(f->shown);
    free(f->warnings);
    free(f->label);
    moot__json_free(f->args);
    moot__model_reply_release(&f->reply);
    free(f);
}

struct moot_flight *moot__flight_new(struct moot_host *h, const struct moot_message *m)
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
    moot__redact_stream_init(&f->shown_stream, h->redact);
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
int moot__flight_land(struct moot_flight *f)
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

void moot__flight_stop(struct moot_flight *f)
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
static int flight_request(struct moot_flight *f, const struct moot_seated *seat,
                          const struct moot_think *think)
{
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

int moot__host_fly_model(struct moot_host *h, const struct moot_seated *seat,
                         const struct moot_effect *fx, const struct moot_message *m, bool fresh,
                         struct moot_error *err)
{
    struct moot_flight *f = moot__flight_new(h, m);
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
    char reason[MOOT_REASON_SIZE] = "";
    if (fresh && !flight_counts(f, reason)) {
        int landed = moot__flight_land(f);
        char detail[MOOT_REASON_SIZE + 16];
        snprintf(detail, sizeof(detail), "limit reached: %s", reason);
        return landed == MOOT_OK ? moot__host_refuse(h, m, "limit", detail, err) : landed;
    }
    moot__host_recorded(h, m, f);
    f->request.place.attempt = (int)moot__run_conv(&h->run, m->conv)->attempt;
    return flight_request(f, seat, &fx->think);
}

int moot__host_fly_tool(struct moot_host *h, const struct moot_message *m,
                        const struct moot_tool_spec *tool, struct moot_json *args, bool consented,
                        struct moot_error *err)
{
    struct moot_flight *f = moot__flight_new(h, m);
    if (f == NULL) {
        moot__json_free(args);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    f->tool = tool;
    f->args = args;
    /* What is not done again needs no consent: its recorded result is used. */
    bool replayed = moot__host_recorded(h, m, f) || moot__host_only_replays(h);
    f->consented = consented || replayed;
    f->asks = tool->approval_always || tool->sends_external || tool->writes_outside;
    const char *call = moot__json_get_text(m->body, "call", NULL);
    f->call = call != NULL ? strdup(call) : NULL;
    if (f->consented && !replayed && tool->effect == MOOT_EFFECT_IRREVERSIBLE && !h->o.dry_run)
        h->need_full = true;
    return MOOT_OK;
}

bool moot__host_described(const struct moot_flight *f)
{
    return f->host->o.dry_run && f->tool != NULL &&
           (f->asks || f->tool->effect != MOOT_EFFECT_NONE);
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

static void flight_tell(const struct moot_flight *f, const struct moot_buf *text)
{
    if (text->len == 0)
        return;
    struct moot_delta d = {.conv = f->conv,
                           .agent = f->from,
                           .item = f->item_name,
                           .task = f->task,
                           .n = f->n,
                           .text = moot__buf_text(text),
                           .len = text->len};
    f->host->o.watcher.delta(f->host->o.watcher.arg, &d);
}

static void flight_on_delta(void *arg, const char *text, size_t len)
{
    struct moot_flight *f = arg;
    if (f->dropped || f->host->o.watcher.delta == NULL)
        return;
    struct moot_buf clean;
    moot__buf_init(&clean, MOOT_MAX_REPLY);
    moot__redact_stream_add(&f->shown_stream, text, len, &clean);
    flight_tell(f, &clean);
    moot__buf_release(&clean);
}

/* Whatever came of it, of an agent that is out of time it is a limit reached. */
static void flight_late(struct moot_flight *f)
{
    struct moot_error why = {0};
    moot__fail(&why, MOOT_ELIMIT, "limit reached: seconds of agent %s", f->from);
    if (f->kind == MOOT_MODEL_CALL) {
        f->reply.status = MOOT_ELIMIT;
        f->reply.error = why;
        f->reply.retryable = false;
        f->reply.mendable = false;
        f->reply.resendable_without_schema = false;
    } else {
        free(f->output);
        f->tool_status = MOOT_ELIMIT;
        f->output = strdup(why.message);
    }
}

static void flight_finish(struct moot_flight *f)
{
    f->finished = true;
    f->host->dirty = true;
    if (f->timed)
        f->took = moot__host_at(f->host) - f->began;
    if (f->late)
        flight_late(f);
}

static void flight_on_reply(void *arg, struct moot_model_reply *r)
{
    struct moot_flight *f = arg;
    const struct moot_host *h = f->host;
    struct moot_buf rest;
    f->reply = *r;
    memset(r, 0, sizeof(*r));
    f->model = NULL;
    moot__buf_init(&rest, MOOT_MAX_REPLY);
    moot__redact_stream_end(&f->shown_stream, &rest);
    if (!f->dropped && h->o.watcher.delta != NULL)
        flight_tell(f, &rest);
    moot__buf_release(&rest);
    bool lost = moot__host_redact(h, &f->reply.text) != MOOT_OK;
    for (size_t i = 0; i < f->reply.call_count; i++)
        lost = lost || moot__host_redact(h, &f->reply.calls[i].arguments) != MOOT_OK;
    moot__host_redact_words(h, f->reply.error.message, sizeof(f->reply.error.message));
    moot__host_redact_words(h, f->reply.error.hint, sizeof(f->reply.error.hint));
    if (lost)
        f->reply.status = MOOT_ENOMEM;
    flight_finish(f);
}

static void flight_on_result(void *arg, const struct moot_tool_result *r)
{
    struct moot_flight *f = arg;
    f->tool_status = r->status;
    f->output = moot__copy(r->output != NULL ? r->output : "", r->output != NULL ? r->len : 0);
    f->shown = r->shown != NULL ? strdup(r->shown) : NULL;
    f->warnings = r->warnings != NULL ? strdup(r->warnings) : NULL;
    f->label = r->label != NULL ? strdup(r->label) : NULL;
    f->running = NULL;
    char **texts[] = {&f->output, &f->shown, &f->warnings};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++)
        if (*texts[i] != NULL && moot__host_redact(f->host, texts[i]) != MOOT_OK)
            f->tool_status = MOOT_ENOMEM;
    flight_finish(f);
}

void moot__flight_fail(struct moot_flight *f, int status, const struct moot_error *why)
{
    if (f->kind == MOOT_MODEL_CALL) {
        f->reply.status = status;
        f->reply.error = *why;
    } else {
        f->tool_status = status;
        f->output = strdup(why->message);
    }
    flight_finish(f);
}

/* Once a model, and before anything is paid. */
static void say_unpriced(const struct moot_host *h, struct moot_model_spec *spec)
{
    if (moot__price_known(&spec->price) || spec->price_missed)
        return;
    spec->price_missed = true;
    moot__host_notice(h, "no price is known for %s/%s: its cost is not counted", spec->provider,
                      spec->model);
}

/* Where a tool without a workspace works: what is laid there an agent finds again in this item, and
 * nobody else. */
static char *flight_scratch(const struct moot_flight *f)
{
    char item[MOOT_MAX_PATH_CONV];
    snprintf(item, sizeof(item), "%.*s", (int)strcspn(f->conv, "/"), f->conv);
    return moot__scratch_path(f->host->run_id, item, f->from);
}

static void flight_start(struct moot_flight *f)
{
    static const struct moot_model_events events = {flight_on_delta, flight_on_reply};
    struct moot_error why = {0};
    int status = MOOT_OK;
    f->started = true;
    if (!f->timed)
        f->began = moot__host_at(f->host);
    f->timed = true;
    status = moot__host_time_agent(f, &why);
    if (status != MOOT_OK) {
        moot__flight_fail(f, status, &why);
        return;
    }
    if (f->kind == MOOT_MODEL_CALL) {
        f->tries++;
        say_unpriced(f->host, f->spec);
        status =
            moot__model_start(f->host->o.world, f->spec, &f->request, &events, f, &f->model, &why);
    } else {
        char id[MOOT_HEX_SIZE];
        moot__hex(f->id, MOOT_HASH_SIZE, id);
        char *scratch = flight_scratch(f);
        struct moot_tool_ask ask = {
            .id = id, .scratch = scratch, .dry_run = moot__host_described(f)};
        status = scratch != NULL ? moot__tool_start(f->host->o.world, f->tool, f->args, &ask,
                                                    flight_on_result, f, &f->running, &why)
                                 : moot__fail(&why, MOOT_ENOMEM, "out of memory");
        free(scratch);
    }
    if (status != MOOT_OK)
        moot__flight_fail(f, status, &why);
}

void moot__host_start_flights(struct moot_host *h)
{
    for (size_t i = h->first_open; i < h->next_item; i++) {
        struct moot_item *item = &h->items[i];
        for (size_t k = 0; k < item->flight_count; k++) {
            struct moot_flight *f = item->flights[k];
            if (f->started || f->finished || !f->consented || f->retry != NULL)
                continue;
            if (moot__flight_replay(f))
                continue;
            char reason[MOOT_REASON_SIZE] = "";
            if (f->kind == MOOT_MODEL_CALL && !f->admitted) {
                enum moot_policy_answer answer = flight_admit(f, reason);
                if (answer == MOOT_WAIT)
                    continue;
                if (answer == MOOT_LIMIT) {
                    struct moot_error why = {0};
                    moot__fail(&why, MOOT_ELIMIT, "limit reached: %s", reason);
                    moot__flight_fail(f, MOOT_ELIMIT, &why);
                    continue;
                }
            }
            flight_start(f);
        }
    }
}
