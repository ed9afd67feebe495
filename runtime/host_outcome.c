#include "runtime/host_state.h"

#include "runtime/price.h"

enum {
    TRIES_MAX = 5,               /* of one model call, the first included */
    RETRY_BASE_MS = 500,         /* full jitter: up to this, doubled each time, */
    RETRY_CAP_MS = 30 * 1000,    /* but not above this */
    RETRY_AFTER_MS = 120 * 1000, /* what a server asks for is honoured up to here */
};

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
    if (r->scripted > 0)
        status |= moot__json_set_int(body, "scripted", (int64_t)r->scripted);
    status |= moot__json_set_text(body, "model", r->model != NULL ? r->model : f->model_name);
    status |= reply_usage(f, body);
    if (r->status != MOOT_OK) {
        status |= moot__json_set_text(body, "detail", r->error.message);
        if (r->error.hint[0] != '\0')
            status |= moot__json_set_text(body, "hint", r->error.hint);
        if (r->too_long)
            status |= moot__json_set_bool(body, "too_long", true);
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
    if (f->warnings != NULL)
        status |= moot__json_set_text(body, "warnings", f->warnings);
    if (f->tool != NULL && f->tool->reads_private)
        status |= moot__json_set_bool(body, "private", true);
    if (moot__host_described(f))
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
    struct moot_json *body = f->is_recorded ? moot__flight_recorded_body(f)
                             : model        ? reply_body(f)
                                            : result_body(f);
    struct moot_message *m =
        outcome(h, moot__recording_outcome(f->kind), f->conv, f->from, f->n, f->id);
    if (body == NULL || m == NULL) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    int status = moot__json_set_int(body, "at", moot__host_at(h));
    if (f->timed)
        status |= moot__json_set_int(body, "took", f->took);
    if (f->label != NULL)
        status |= moot__message_add(&m->prov, &m->prov_count, f->label);
    for (size_t i = 0; f->is_recorded && i < f->recorded.prov_count; i++)
        status |= moot__message_add(&m->prov, &m->prov_count, f->recorded.prov[i]);
    f->item->tick++;
    if (status == MOOT_OK)
        status = moot__flight_land(f);
    if (status != MOOT_OK) {
        moot__json_free(body);
        moot__message_unref(m);
        return status;
    }
    return moot__host_insert(h, m, body, err);
}

int moot__flight_refuse(struct moot_host *h, const struct moot_message *call, const char *status,
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
    return moot__flight_refuse(h, call, status, detail, false, err);
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

/* What is recorded comes in the order of the recording, before what is not; what was given up there
 * comes last: it should be given up again. */
static size_t recorded_order(const struct moot_flight *f)
{
    if (!f->is_recorded)
        return SIZE_MAX - 1;
    return f->recorded.given_up ? SIZE_MAX : f->recorded.order;
}

/* A fixed order for what began at the same point of an item: by name. */
static bool flight_before(const struct moot_flight *a, const struct moot_flight *b)
{
    if (recorded_order(a) != recorded_order(b))
        return recorded_order(a) < recorded_order(b);
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
    bool flies = false;
    for (size_t i = 0; i < item->flight_count; i++) {
        struct moot_flight *f = item->flights[i];
        if (!f->finished && (!h->ordered || !f->consented)) {
            flies = flies || f->consented;
            continue;
        }
        if (first == NULL || flight_before(f, first))
            first = f;
    }
    if (first != NULL && recorded_order(first) == SIZE_MAX && flies)
        return NULL;
    return first != NULL && first->finished ? first : NULL;
}

/* What trying again cannot mend but a person can, or a long wait: the call stays open, the run
 * stops here and can be taken up. */
static bool keep_for_later(struct moot_host *h, const struct moot_flight *f)
{
    const struct moot_model_reply *r = &f->reply;
    bool later = r->retryable && r->retry_after_ms > RETRY_AFTER_MS;
    if (!r->mendable && !later)
        return false;
    if (!h->stopping) {
        h->failure = r->error;
        if (later)
            moot__fail_hint(&h->failure, "wait %lld minutes, then resume",
                            (long long)(r->retry_after_ms / 60000 + 1));
    }
    h->stopping = true;
    return true;
}

static int collect_item(struct moot_host *h, struct moot_item *item, bool *any,
                        struct moot_error *err)
{
    struct moot_flight *f = next_landing(h, item);
    if (f == NULL)
        return MOOT_OK;
    bool no_reply = f->kind == MOOT_MODEL_CALL && f->reply.status != MOOT_OK;
    int64_t delay = no_reply ? retry_delay(f) : -1;
    if (no_reply && delay < 0 && keep_for_later(h, f))
        return MOOT_OK;
    *any = true;
    return delay >= 0 ? flight_again(h, f, delay, err) : insert_outcome(h, f, err);
}

int moot__host_collect(struct moot_host *h, struct moot_error *err)
{
    bool any = false;
    int status = moot__host_collect_waits(h, &any, err);
    while (h->first_open < h->next_item && h->items[h->first_open].state == MOOT_ITEM_ENDED &&
           h->items[h->first_open].flight_count == 0)
        h->first_open++;
    for (size_t i = h->first_open; i < h->next_item && status == MOOT_OK && !any; i++) {
        if (h->items[i].flight_count > 0)
            status = collect_item(h, &h->items[i], &any, err);
    }
    if (!any)
        h->dirty = false;
    return status;
}
