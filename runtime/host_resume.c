#include "runtime/host_state.h"

#include "runtime/fold.h"
#include "runtime/verify.h"

struct resume {
    struct moot_host *host;
    int64_t anchored; /* what comes after it was never witnessed */
    struct moot_fold fold;
    struct moot_redactions removed;
    struct moot_json *items;
    struct moot_error *err;
};

static int take_text(char **field, const struct moot_json *body, const char *key)
{
    const char *text = moot__json_get_text(body, key, NULL);
    return text != NULL ? moot__message_set(field, text) : MOOT_OK;
}

static int take_genesis(struct moot_host *h, const struct moot_message *m)
{
    h->o.seed = moot__json_get_int(m->body, "seed", 0);
    h->o.dry_run = moot__json_get_bool(m->body, "dry_run", false);
    int status = moot__message_set(&h->run_id, m->run);
    status |= take_text(&h->date, m->body, "date");
    status |= take_text(&h->only, m->body, "only");
    status |= take_text(&h->only_agent, m->body, "only_agent");
    h->o.only = h->only;
    h->o.only_agent = h->only_agent;
    return status;
}

static int take_item(struct resume *r, const struct moot_message *m)
{
    const char *input = moot__json_get_text(m->body, "input", NULL);
    struct moot_json *item = NULL;
    if (input == NULL && moot__json_get(m->body, "item") != NULL) { /* removed: it has ended */
        item = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(item, "name", moot__json_get_text(m->body, "name", ""));
        return moot__json_add(r->items, item);
    }
    if (input == NULL)
        return MOOT_OK;
    int status = moot__json_parse(input, strlen(input), &item, r->err);
    return status == MOOT_OK ? moot__json_add(r->items, item) : status;
}

/* An item that holds messages which no anchor covers asks before what cannot be taken back. */
static void note_unwitnessed(struct moot_host *h, const char *conv)
{
    char root[24];
    snprintf(root, sizeof(root), "%.*s", (int)strcspn(conv, "/"), conv);
    if (root[0] != '\0')
        moot__map_put(&h->unwitnessed, root, h);
}

/* A scripted reply is given once, also where the run is taken up by another process. */
static int spend_scripted(struct moot_host *h, const struct moot_message *m, struct moot_error *err)
{
    int64_t number = moot__json_get_int(m->body, "scripted", 0);
    const char *file = moot__json_get_text(m->body, "model", "");
    int status = MOOT_OK;
    for (size_t i = 0; number > 0 && i < h->o.crew->model_count && status == MOOT_OK; i++) {
        struct moot_model_spec *spec = h->o.crew->models[i];
        if (strcmp(spec->provider, "scripted") == 0 && strcmp(spec->model, file) == 0)
            status = moot__scripted_spend(spec, (size_t)number, err);
    }
    return status;
}

static int resume_message(void *arg, struct moot_message *m)
{
    struct resume *r = arg;
    int status = moot__redactions_fill(&r->removed, m, r->err);
    if (status != MOOT_OK)
        return status;
    if (m->kind == MOOT_GENESIS)
        status = take_genesis(r->host, m);
    else if (m->kind == MOOT_KEY)
        status = moot__message_set(&r->host->run_id, m->run); /* a fork has another from here on */
    else if (m->kind == MOOT_MSG && m->conv[0] == '\0' && strcmp(m->from, "host") == 0)
        status = take_item(r, m);
    else if (m->kind == MOOT_MODEL_REPLY)
        status = spend_scripted(r->host, m, r->err);
    if (m->ts > r->host->newest_ts)
        r->host->newest_ts = m->ts;
    if (m->seq > r->anchored)
        note_unwitnessed(r->host, m->conv);
    if (status == MOOT_OK && m->nonce != NULL)
        status = moot__map_put(&r->host->nonces, m->nonce, r->host);
    return status == MOOT_OK ? moot__fold_message(&r->fold, m, r->err) : status;
}

/* Where each item stands, from what was opened and ended. */
static int place_items(struct moot_host *h, const struct moot_json *list, struct moot_error *err)
{
    int status = moot__host_items(h, list, err);
    for (size_t i = 0; i < h->item_count && status == MOOT_OK; i++) {
        struct moot_item *item = &h->items[i];
        const char *outcome = moot__map_get(&h->run.ended, item->path);
        const struct moot_run_conv *c = moot__run_conv(&h->run, item->path);
        if (outcome != NULL) {
            h->ended += item->state != MOOT_ITEM_ENDED;
            item->state = MOOT_ITEM_ENDED;
            item->outcome = strdup(outcome);
        } else if (c != NULL) {
            item->state = MOOT_ITEM_OPEN;
        } else {
            break;
        }
        h->next_item = i + 1;
    }
    return status;
}

static int insert_key(struct moot_host *h, int64_t anchored, struct moot_error *err)
{
    int64_t last = moot__journal_seq(h->journal);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = body != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK && h->o.forked)
        status = moot__message_set(&h->run_id, h->o.run);
    if (status == MOOT_OK)
        status = moot__host_keys(h, body, err);
    if (status == MOOT_OK && h->o.forked)
        status = moot__host_origin(h, body);
    if (status == MOOT_OK && last > anchored) {
        struct moot_json *range = moot__json_new(MOOT_JSON_OBJECT);
        status |= moot__json_set_int(range, "from", anchored + 1);
        status |= moot__json_set_int(range, "to", last);
        status |= moot__json_set(body, "unwitnessed", range);
    }
    if (status != MOOT_OK) {
        moot__json_free(body);
        return moot__fail(err, status, "run %s: no new keys", h->run_id);
    }
    return moot__host_insert(h, moot__host_message(h, MOOT_KEY, "", "host"), body, err);
}

/* What the fold uttered beyond the journal's end is new: it is carried out. */
static int carry_out(struct moot_host *h, struct moot_fold *f, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < f->count && status == MOOT_OK; i++) {
        struct moot_uttered *u = &f->uttered[i];
        if (u->effect.kind == MOOT_FX_DONE) {
            struct moot_json *body = u->effect.body;
            u->effect.body = NULL;
            status = moot__host_end(h, u->conv, body, err);
            continue;
        }
        struct moot_live *live = moot__stage_find(&h->stage, u->conv);
        struct moot_seated *seat = live != NULL ? moot__stage_seat(live, u->agent) : NULL;
        if (seat != NULL)
            status = moot__host_effect(h, live, seat, &u->effect, err);
    }
    return status;
}

static int again_model(struct moot_host *h, const struct moot_run_conv *c,
                       const struct moot_run_call *call, struct moot_error *err)
{
    struct moot_live *live = moot__stage_find(&h->stage, c->path);
    struct moot_seated *seat = live != NULL ? moot__stage_seat(live, call->from) : NULL;
    struct moot_effect *fx = seat != NULL ? moot__stage_thought(seat, call->n) : NULL;
    if (fx == NULL)
        return moot__fail(err, MOOT_EFOLD, "conversation %s: call %u of %s is not uttered again",
                          c->path, call->n, call->from);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *reserve = moot__json_new(MOOT_JSON_OBJECT);
    char cost[32];
    snprintf(cost, sizeof(cost), "%lld", (long long)call->cost);
    char req[MOOT_HEX_SIZE];
    int status = moot__json_set_int(reserve, "tokens", call->tokens);
    if (seat->history.last == call->n) {
        moot__hex(seat->history.req, MOOT_HASH_SIZE, req);
        status |= moot__json_set_text(body, "req", req);
    }
    status |= moot__json_set_text(reserve, "cost", cost);
    status |= moot__json_set(body, "reserve", reserve);
    struct moot_message m = {.kind = MOOT_MODEL_CALL,
                             .conv = c->path,
                             .from = call->from,
                             .n = call->n,
                             .item = c->item,
                             .task = c->task,
                             .body = body};
    memcpy(m.id, call->id, MOOT_HASH_SIZE);
    if (status == MOOT_OK)
        status = moot__host_fly_model(h, seat, fx, &m, false, err);
    moot__json_free(body);
    return status;
}

/* A tool was cut off between call and result (P2): what may be repeated is, about the rest a person
 * is asked, or `on_unknown` says. */
static int again_tool(struct moot_host *h, const struct moot_run_conv *c,
                      const struct moot_run_call *call, struct moot_error *err)
{
    struct moot_live *live = moot__stage_find(&h->stage, c->path);
    const struct moot_message *m =
        live != NULL ? moot__stage_recall(live, call->from, call->n) : NULL;
    const struct moot_tool_spec *tool = moot__host_tool(h, call->tool, call->from);
    if (m == NULL)
        return moot__fail(err, MOOT_EFOLD, "conversation %s: tool call %u of %s is not there",
                          c->path, call->n, call->from);
    if (tool == NULL)
        return moot__host_refuse(h, m, "error", "there is no such tool", err);
    if (call->consent == MOOT_CONSENT_REFUSED)
        return moot__host_refuse(h, m, "denied", call->reason != NULL ? call->reason : "refused",
                                 err);
    const char *text = moot__json_get_text(m->body, "args", "{}");
    struct moot_json *args = NULL;
    int status = moot__json_parse(text, strlen(text), &args, err);
    if (status != MOOT_OK)
        return status;
    bool waits = call->asked && call->consent == MOOT_CONSENT_NONE;
    bool harmless = tool->effect != MOOT_EFFECT_IRREVERSIBLE || h->o.dry_run ||
                    strcmp(tool->on_unknown, "retry") == 0;
    if (moot__host_replays(h, m, tool))
        return moot__host_fly_tool(h, m, tool, args, true, err);
    if (waits || harmless)
        return moot__host_fly_tool(h, m, tool, args, !waits, err);
    if (strcmp(tool->on_unknown, "skip") == 0) {
        moot__json_free(args);
        return moot__host_refuse(h, m, "unknown", "cut off; whether it was done is not known", err);
    }
    status = moot__host_ask_consent(h, m, text,
                                    "it was cut off, and whether it was done is not known", err);
    if (status != MOOT_OK) {
        moot__json_free(args);
        return status;
    }
    return moot__host_fly_tool(h, m, tool, args, false, err);
}

/* A replay that was cut off may have the answer; else its person still has to give it. */
static int again_question(struct moot_host *h, const struct moot_run_conv *c,
                          const struct moot_run_call *call, struct moot_error *err)
{
    struct moot_live *live = moot__stage_find(&h->stage, c->path);
    const struct moot_message *m =
        live != NULL ? moot__stage_recall(live, call->from, call->n) : NULL;
    return m != NULL ? moot__host_fly_question(h, m, err) : MOOT_OK;
}

/* A person cut it off, and the process went away before its outcome was there. */
static int cut_off(struct moot_host *h, const struct moot_run_conv *c,
                   const struct moot_run_call *call, struct moot_error *err)
{
    if (call->kind == MOOT_QUESTION)
        return moot__host_unasked(h, c->path, call, "withdrawn", err);
    struct moot_live *live = moot__stage_find(&h->stage, c->path);
    const struct moot_message *m =
        live != NULL ? moot__stage_recall(live, call->from, call->n) : NULL;
    struct moot_message told = {
        .kind = call->kind, .conv = c->path, .from = call->from, .n = call->n};
    memcpy(told.id, call->id, MOOT_HASH_SIZE);
    told.body = m != NULL ? m->body : NULL;
    return moot__host_refuse(h, &told, "cancelled", "a person interrupted it", err);
}

/* The clocks of what is open go on from where they stood. */
static int times_again(struct moot_host *h, struct moot_error *err)
{
    size_t i = 0;
    int status = MOOT_OK;
    for (const struct moot_map_entry *e;
         status == MOOT_OK && (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        if (moot__stage_find(&h->stage, c->path) != NULL)
            status = moot__host_time_conv(h, c, h->run.at - c->opened_at, err);
    }
    return status;
}

static int calls_again(struct moot_host *h, struct moot_error *err)
{
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        for (size_t k = 0; k < c->call_count; k++) {
            const struct moot_run_call *call = &c->calls[k];
            size_t before = c->call_count;
            int status = MOOT_OK;
            if (moot__host_flight(h, c->path, call->from, call->n) != NULL)
                continue; /* uttered beyond the journal's end, and flying already */
            if (call->interrupted) {
                status = cut_off(h, c, call, err);
                if (status != MOOT_OK)
                    return status;
                k = (size_t)-1;
                continue;
            }
            if (call->kind == MOOT_MODEL_CALL)
                status = again_model(h, c, call, err);
            else if (call->kind == MOOT_TOOL_CALL)
                status = again_tool(h, c, call, err);
            else
                status = again_question(h, c, call, err);
            if (status != MOOT_OK)
                return status;
            if (c->call_count < before)
                k = (size_t)-1; /* one was answered at once: look at all again */
        }
    }
    return MOOT_OK;
}

/* Nothing is gone on with that cannot be proved; a run that was cut off lacks its end, no more. */
static int prove(struct moot_host *h, struct moot_error *err)
{
    /* A fork's beginning is shorter than the run that this machine has seen. */
    struct moot_verify_options options = {.state_dir = h->o.forked ? NULL : h->o.state_dir};
    struct moot_verify_result *result = calloc(1, sizeof(*result));
    if (result == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = moot__verify_journal(h->journal, &options, result);
    if (status == MOOT_EINCOMPLETE)
        status = MOOT_OK;
    if (status != MOOT_OK) {
        *err = result->error;
        err->code = status;
        moot__fail_wrap(err, "%s cannot be gone on with", h->o.journal);
        moot__fail_hint(err, "moot verify says more");
    }
    free(result);
    return status;
}

int moot__host_resume(struct moot_host *h, struct moot_error *err)
{
    int64_t anchored = h->o.forked && h->o.witnessed ? moot__journal_seq(h->journal)
                                                     : moot__journal_anchored(h->journal);
    struct resume r = {.host = h, .anchored = anchored, .err = err};
    int proved = prove(h, err);
    if (proved != MOOT_OK)
        return proved;
    r.items = moot__json_new(MOOT_JSON_ARRAY);
    if (r.items == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__fold_init(&r.fold, h->o.crew, &h->run, &h->stage);
    r.fold.removed = &r.removed;
    int status = moot__redactions_read(h->journal, &r.removed, err);
    if (status == MOOT_OK)
        status = moot__journal_each(h->journal, 0, resume_message, &r, err);
    if (status == MOOT_OK && !h->run.begun)
        status = moot__fail(err, MOOT_EINCOMPLETE, "%s holds no run", h->o.journal);
    h->at_base = h->run.at;
    if (status == MOOT_OK)
        status = place_items(h, r.items, err);
    if (status == MOOT_OK && h->run.closed) {
        h->state = MOOT_RUN_CLOSED;
    } else if (status == MOOT_OK) {
        status = insert_key(h, anchored, err);
        if (status == MOOT_OK)
            status = times_again(h, err);
        if (status == MOOT_OK)
            status = carry_out(h, &r.fold, err);
        if (status == MOOT_OK)
            status = calls_again(h, err);
    }
    moot__fold_release(&r.fold);
    moot__redactions_release(&r.removed);
    moot__json_free(r.items);
    return status;
}

struct check {
    struct moot_fold fold;
    struct moot_redactions removed;
    struct moot_error *err;
};

static int check_message(void *arg, struct moot_message *m)
{
    struct check *c = arg;
    int status = moot__redactions_fill(&c->removed, m, c->err);
    if (status != MOOT_OK)
        return status;
    return moot__fold_message(&c->fold, m, c->err);
}

int moot__host_check_fold(struct moot_host *h, struct moot_error *err)
{
    struct moot_run run;
    struct moot_stage stage;
    struct check c = {.err = err};
    moot__run_init(&run);
    moot__stage_init(&stage);
    moot__fold_init(&c.fold, h->o.crew, &run, &stage);
    c.fold.removed = &c.removed;
    int status = moot__redactions_read(h->journal, &c.removed, err);
    if (status == MOOT_OK)
        status = moot__journal_each(h->journal, 0, check_message, &c, err);
    uint8_t live[2][MOOT_HASH_SIZE];
    uint8_t fold[2][MOOT_HASH_SIZE];
    moot__run_digest(&h->run, live[0]);
    moot__run_digest(&run, fold[0]);
    moot__stage_digest(&h->stage, live[1]);
    moot__stage_digest(&stage, fold[1]);
    if (status == MOOT_OK && memcmp(live[0], fold[0], MOOT_HASH_SIZE) != 0)
        status = moot__fail(err, MOOT_EFOLD, "the fold's run state differs from the live one");
    if (status == MOOT_OK && memcmp(live[1], fold[1], MOOT_HASH_SIZE) != 0)
        status = moot__fail(err, MOOT_EFOLD, "the fold's agents differ from the live ones");
    moot__fold_release(&c.fold);
    moot__redactions_release(&c.removed);
    moot__stage_release(&stage);
    moot__run_release(&run);
    return status;
}

static int genesis_each(void *arg, struct moot_message *m)
{
    struct moot_json **out = arg;
    if (m->kind == MOOT_GENESIS && m->body != NULL)
        *out = moot__json_copy(m->body);
    return 1; /* the first message is enough */
}

int moot__host_genesis(const char *journal, const char *vfs, struct moot_json **out,
                       struct moot_error *err)
{
    struct moot_journal *j = NULL;
    struct moot_json *body = NULL;
    int status = moot__journal_open(journal, MOOT_JOURNAL_READ, vfs, &j, err);
    if (status != MOOT_OK)
        return status;
    status = moot__journal_each(j, 0, genesis_each, &body, err);
    moot__journal_close(j);
    if (status < 0)
        return status;
    if (body == NULL)
        return moot__fail(err, MOOT_EINCOMPLETE, "%s holds no run", journal);
    *out = body;
    return MOOT_OK;
}
