#include "runtime/host_state.h"

#include "runtime/price.h"

/* All participants of the conversation but the author. */
static int to_others(struct moot_message *m, const struct moot_live *live, const char *author)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < live->seat_count && status == MOOT_OK; i++) {
        if (strcmp(live->seats[i].who->id, author) != 0)
            status = moot__message_add(&m->to, &m->to_count, live->seats[i].who->id);
    }
    return status;
}

static int effect_send(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                       struct moot_effect *fx, struct moot_error *err)
{
    struct moot_message *m = moot__host_message(h, fx->as, live->path, seat->who->id);
    if (m == NULL)
        return MOOT_ENOMEM;
    int status = MOOT_OK;
    for (size_t i = 0; i < fx->to_count && status == MOOT_OK; i++)
        status = moot__message_add(&m->to, &m->to_count, fx->to[i]);
    if (fx->to_count == 0 && status == MOOT_OK)
        status = to_others(m, live, seat->who->id);
    if (fx->re_n != 0 && fx->re_from != NULL) {
        const struct moot_message *re = moot__stage_recall(live, fx->re_from, fx->re_n);
        if (re != NULL) {
            m->has_re = true;
            memcpy(m->re, re->id, MOOT_HASH_SIZE);
            status |= moot__message_set(&m->re_from, fx->re_from);
            m->re_n = fx->re_n;
        }
    }
    if (status != MOOT_OK) {
        moot__message_unref(m);
        return MOOT_ENOMEM;
    }
    struct moot_json *body = fx->body;
    fx->body = NULL;
    return moot__host_insert(h, m, body, err);
}

static int effect_ask(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                      struct moot_effect *fx, struct moot_error *err)
{
    struct moot_message *m = moot__host_message(h, MOOT_QUESTION, live->path, seat->who->id);
    int status = m != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < fx->to_count && status == MOOT_OK; i++)
        status = moot__message_add(&m->to, &m->to_count, fx->to[i]);
    if (status == MOOT_OK && fx->to_count == 0)
        status = moot__message_add(&m->to, &m->to_count, "person");
    if (status != MOOT_OK) {
        moot__message_unref(m);
        return status;
    }
    struct moot_json *body = fx->body;
    fx->body = NULL;
    status = moot__host_expiry(h, m->to, m->to_count, body);
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return status;
    }
    moot__message_ref(m);
    status = moot__host_insert(h, m, body, err);
    if (status == MOOT_OK)
        status = moot__host_fly_question(h, m, err);
    /* What a recording answers, nobody is asked. */
    if (status == MOOT_OK && moot__host_flight(h, m->conv, m->from, m->n) == NULL)
        status = moot__host_notify(h, m);
    moot__message_unref(m);
    return status;
}

static int effect_open(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                       struct moot_effect *fx, struct moot_error *err)
{
    char path[MOOT_MAX_PATH_CONV];
    int length = snprintf(path, sizeof(path), "%s/%s", live->path, fx->path);
    if (length >= (int)sizeof(path))
        return moot__fail(err, MOOT_ETOOBIG, "conversation path %s/%s is too long", live->path,
                          fx->path);
    const struct moot_run_conv *above = moot__run_conv(&h->run, live->path);
    int64_t depth = h->o.crew->item.depth;
    if (depth > 0 && above->depth + 1 > depth)
        return moot__fail(err, MOOT_ELIMIT, "conversation %s is deeper than limits.depth (%lld)",
                          path, (long long)depth);
    struct moot_message *m = moot__host_message(h, MOOT_OPEN, path, seat->who->id);
    if (m == NULL)
        return MOOT_ENOMEM;
    int status = moot__message_set(&m->item, above->item);
    status |= moot__message_set(&m->task, fx->task != NULL ? fx->task : above->task);
    for (size_t i = 0; i < above->label_count; i++)
        status |= moot__message_add(&m->prov, &m->prov_count, above->labels[i]);
    if (moot__json_get_bool(fx->body, "unapproved", false))
        status |= moot__message_add(&m->prov, &m->prov_count, "unapproved");
    struct moot_json *names = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; i < fx->to_count; i++) {
        status |= moot__message_add(&m->to, &m->to_count, fx->to[i]);
        status |= moot__json_add(names, moot__json_new_text(fx->to[i]));
    }
    struct moot_json *body = fx->body;
    fx->body = NULL;
    status |= moot__json_set(body, "participants", names);
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    return moot__host_insert(h, m, body, err);
}

static int think_params(struct moot_json *body, const struct moot_model_spec *spec, int64_t sent)
{
    struct moot_json *params = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_int(params, "max_tokens", spec->max_tokens);
    if (spec->temperature != NULL)
        status |= moot__json_set_text(params, "temperature", spec->temperature);
    if (spec->top_p != NULL)
        status |= moot__json_set_text(params, "top_p", spec->top_p);
    if (spec->has_seed)
        status |= moot__json_set_int(params, "seed", spec->seed);
    status |= moot__json_set(body, "params", params);
    char model[256];
    snprintf(model, sizeof(model), "%s/%s", spec->provider, spec->model);
    status |= moot__json_set_text(body, "model", model);
    struct moot_json *reserve = moot__json_new(MOOT_JSON_OBJECT);
    int64_t tokens = sent + spec->max_tokens;
    char cost[32];
    int64_t pico = moot__price_known(&spec->price)
                       ? moot__price_cost(&spec->price, sent, 0, spec->max_tokens)
                       : 0;
    snprintf(cost, sizeof(cost), "%lld", (long long)pico);
    status |= moot__json_set_int(reserve, "tokens", tokens);
    status |= moot__json_set_text(reserve, "cost", cost);
    status |= moot__json_set(body, "reserve", reserve);
    return status == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

static int effect_think(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                        struct moot_effect *fx, struct moot_error *err)
{
    struct moot_model_spec *spec = moot__host_model(h, fx->think.model);
    if (spec == NULL)
        return moot__fail(err, MOOT_ENOTFOUND, "agent %s asks model '%s', which the crew has not",
                          seat->who->id, fx->think.model);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body == NULL)
        return MOOT_ENOMEM;
    int status = moot__history_extend(&seat->history, &fx->think, fx->n, moot__stage_recall, live,
                                      body, err);
    if (status == MOOT_OK)
        status = think_params(body, spec, moot__request_tokens(&seat->history, &fx->think));
    if (status != MOOT_OK) {
        moot__json_free(body);
        return status;
    }
    struct moot_message *m = moot__host_message(h, MOOT_MODEL_CALL, live->path, seat->who->id);
    if (m == NULL) {
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    moot__message_ref(m);
    status = moot__host_insert(h, m, body, err);
    if (status == MOOT_OK)
        status = moot__stage_thinking(seat, fx);
    if (status == MOOT_OK)
        status = moot__host_fly_model(h, seat, moot__stage_thought(seat, m->n), m, true, err);
    moot__message_unref(m);
    return status;
}

static void tool_power(const struct moot_tool_spec *tool, const struct moot_run_conv *c,
                       struct moot_tool_power *out)
{
    memset(out, 0, sizeof(*out));
    out->id = tool->id;
    out->calls_limit = tool->calls_limit;
    out->approval_always = tool->approval_always;
    out->approval_never = tool->approval_never;
    out->sends = tool->sends_external;
    out->exec = tool->exec && tool->sandbox_none;
    out->writes_outside = tool->writes_outside;
    out->irreversible = tool->effect == MOOT_EFFECT_IRREVERSIBLE;
    for (size_t i = 0; i < c->label_count; i++) {
        if (strcmp(c->labels[i], "unapproved") == 0)
            out->unapproved = true;
    }
}

int moot__host_ask_consent(struct moot_host *h, const struct moot_message *call, const char *args,
                           const char *reason, struct moot_error *err)
{
    struct moot_message *m = moot__host_message(h, MOOT_APPROVAL_REQUEST, call->conv, "host");
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char id[MOOT_HEX_SIZE];
    moot__hex(call->id, MOOT_HASH_SIZE, id);
    int status = m != NULL && body != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK) {
        m->has_re = true;
        memcpy(m->re, call->id, MOOT_HASH_SIZE);
        status |= moot__message_add(&m->to, &m->to_count, "person");
        status |= moot__json_set_text(body, "call", id);
        status |= moot__json_set_text(body, "tool", moot__json_get_text(call->body, "tool", ""));
        status |= moot__json_set_text(body, "args", args);
        status |= moot__json_set_text(body, "reason", reason);
        status |= moot__host_expiry(h, m->to, m->to_count, body);
    }
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    moot__message_ref(m);
    status = moot__host_insert(h, m, body, err);
    if (status == MOOT_OK)
        status = moot__host_notify(h, m);
    moot__message_unref(m);
    return status;
}

/* The call is in the journal; now it flies, is asked about, or is refused. */
static int tool_decide(struct moot_host *h, const struct moot_message *m,
                       const struct moot_tool_spec *tool, struct moot_json *args,
                       enum moot_policy_answer answer, const char *reason, struct moot_error *err)
{
    const char *args_text = moot__json_get_text(m->body, "args", "{}");
    int status = MOOT_OK;
    switch (answer) {
    case MOOT_LIMIT:
    case MOOT_WAIT:
        status = moot__host_refuse(h, m, "limit", reason, err);
        break;
    case MOOT_CONSENT:
        if (moot__host_replays(h, m, tool)) /* it is not done again */
            return moot__host_fly_tool(h, m, tool, args, true, err);
        if (h->o.dry_run) { /* nothing is done, so nobody has to consent */
            status = moot__host_fly_tool(h, m, tool, args, true, err);
            struct moot_flight *f = moot__host_flight(h, m->conv, m->from, m->n);
            if (f != NULL)
                f->asks = true;
            return status;
        }
        if (h->o.crew->deny_without_person && !h->o.has_person) {
            status = moot__host_refuse(h, m, "denied", "nobody can be asked", err);
            break;
        }
        status = moot__host_ask_consent(h, m, args_text, reason, err);
        if (status == MOOT_OK)
            return moot__host_fly_tool(h, m, tool, args, false, err);
        break;
    case MOOT_ALLOW:
    case MOOT_LIKE:
        return moot__host_fly_tool(h, m, tool, args, true, err);
    }
    moot__json_free(args);
    return status;
}

static int effect_tool(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                       struct moot_effect *fx, struct moot_error *err)
{
    const struct moot_tool_spec *tool = moot__host_tool(h, fx->tool, seat->who->id);
    struct moot_json *body = fx->body;
    fx->body = NULL;
    struct moot_json *args = NULL;
    char reason[MOOT_REASON_SIZE] = "";
    enum moot_policy_answer answer = MOOT_ALLOW;
    int status = moot__json_set_text(body, "tool", fx->tool);
    if (tool != NULL && status == MOOT_OK) {
        status = moot__host_args(h, live->path, tool, moot__json_get_text(body, "args", "{}"),
                                 &args, err);
        char *text = status == MOOT_OK ? moot__json_string(args) : NULL;
        if (text != NULL)
            status = moot__json_set_text(body, "args", text);
        free(text);
    }
    struct moot_run_conv *c = moot__run_conv(&h->run, live->path);
    if (tool != NULL && status == MOOT_OK) {
        struct moot_tool_power power;
        tool_power(tool, c, &power);
        power.unwitnessed =
            strcmp(tool->on_unknown, "ask") == 0 && moot__map_get(&h->unwitnessed, c->root) != NULL;
        answer = moot__policy_tool(&h->run, c, &power, args, reason);
        if (answer == MOOT_LIKE)
            status = moot__json_set_bool(body, "like", true);
    }
    struct moot_message *m =
        status == MOOT_OK ? moot__host_message(h, MOOT_TOOL_CALL, live->path, seat->who->id) : NULL;
    if (m == NULL) {
        moot__json_free(body);
        moot__json_free(args);
        return status != MOOT_OK ? status : MOOT_ENOMEM;
    }
    moot__message_ref(m);
    status = moot__host_insert(h, m, body, err);
    if (status != MOOT_OK)
        moot__json_free(args);
    else if (tool == NULL)
        status = moot__host_refuse(h, m, "error", "there is no such tool", err);
    else
        status = tool_decide(h, m, tool, args, answer, reason, err);
    moot__message_unref(m);
    return status;
}

static int effect_cancel(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                         struct moot_effect *fx, struct moot_error *err)
{
    if (fx->path != NULL) {
        char path[MOOT_MAX_PATH_CONV];
        snprintf(path, sizeof(path), "%s/%s", live->path, fx->path);
        if (moot__run_conv(&h->run, path) == NULL)
            return MOOT_OK;
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(body, "outcome", "cancelled");
        moot__json_set_text(body, "stop", "stopped");
        return moot__host_end(h, path, body, err);
    }
    struct moot_flight *f = moot__host_flight(h, live->path, seat->who->id, fx->cancel_n);
    if (f != NULL)
        moot__host_cancel(f);
    return MOOT_OK;
}

int moot__host_effect(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                      struct moot_effect *fx, struct moot_error *err)
{
    switch (fx->kind) {
    case MOOT_FX_SEND:
        return effect_send(h, live, seat, fx, err);
    case MOOT_FX_MODEL_CALL:
        return effect_think(h, live, seat, fx, err);
    case MOOT_FX_TOOL_CALL:
        return effect_tool(h, live, seat, fx, err);
    case MOOT_FX_ASK:
        return effect_ask(h, live, seat, fx, err);
    case MOOT_FX_TIMER:
        return moot__host_wait(h, live->path, seat->who->id, fx->timer, fx->ms, err);
    case MOOT_FX_OPEN:
        return effect_open(h, live, seat, fx, err);
    case MOOT_FX_CANCEL:
        return effect_cancel(h, live, seat, fx, err);
    case MOOT_FX_DONE: {
        struct moot_json *body = fx->body;
        fx->body = NULL;
        return moot__host_end(h, live->path, body, err);
    }
    }
    return MOOT_OK;
}

/* Usage of a task or an item, for people; the fold counts its own. */
static int end_usage(struct moot_host *h, const struct moot_run_conv *c, struct moot_json *body)
{
    if (c->parent != NULL)
        return MOOT_OK;
    const struct moot_usage *u = moot__run_usage(&h->run, c->root, NULL, NULL);
    if (u == NULL)
        return MOOT_OK;
    struct moot_json *usage = moot__json_new(MOOT_JSON_OBJECT);
    char cost[32];
    snprintf(cost, sizeof(cost), "%lld", (long long)u->cost);
    int status = moot__json_set_int(usage, "calls", u->calls);
    status |= moot__json_set_int(usage, "tokens", u->tokens);
    status |= moot__json_set_text(usage, "cost", cost);
    status |= moot__json_set(body, "usage", usage);
    return status == MOOT_OK ? MOOT_OK : MOOT_ENOMEM;
}

int moot__host_end(struct moot_host *h, const char *conv, struct moot_json *body,
                   struct moot_error *err)
{
    /* the path may live in what ends here */
    char path[MOOT_MAX_PATH_CONV];
    snprintf(path, sizeof(path), "%s", conv);
    struct moot_run_conv *c = moot__run_conv(&h->run, path);
    int status = c != NULL && body != NULL ? moot__host_cancel_below(h, path, err) : MOOT_ENOMEM;
    struct moot_message *m =
        status == MOOT_OK ? moot__host_message(h, MOOT_END, path, "host") : NULL;
    if (m == NULL) {
        moot__json_free(body);
        return status != MOOT_OK ? status : MOOT_ENOMEM;
    }
    if (c->parent != NULL)
        status = moot__message_add(&m->to, &m->to_count, c->opener);
    if (status == MOOT_OK)
        status = end_usage(h, c, body);
    if (status == MOOT_OK)
        status = moot__json_set_int(body, "at", moot__host_at(h));
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return status;
    }
    struct moot_item *item = c->parent == NULL ? moot__host_item(h, path) : NULL;
    if (item != NULL) {
        h->ended += item->state != MOOT_ITEM_ENDED;
        item->state = MOOT_ITEM_ENDED;
        free(item->outcome);
        item->outcome = strdup(moot__json_get_text(body, "outcome", "failed"));
    }
    status = moot__host_insert(h, m, body, err);
    moot__host_drop_waits(h, path);
    moot__stage_end(&h->stage, path);
    return status;
}

int moot__host_seat(struct moot_host *h, const struct moot_message *open, struct moot_error *err)
{
    return moot__stage_begin(&h->stage, open, h->o.crew->participants, h->o.crew->participant_count,
                             err);
}

/* An agent's step failed: the conversation ends with that reason, the others go on. */
static int step_failed(struct moot_host *h, const char *conv, const char *agent, int code,
                       struct moot_error *err)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char detail[256];
    snprintf(detail, sizeof(detail), "agent %s could not go on: %s", agent,
             moot__status_text(code));
    moot__json_set_text(body, "outcome", "failed");
    moot__json_set_text(body, "stop", "failed");
    moot__json_set_text(body, "detail", detail);
    return moot__host_end(h, conv, body, err);
}

static int effect_refused(struct moot_host *h, const char *conv, struct moot_error *err)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "outcome", "failed");
    moot__json_set_text(body, "stop", "limit");
    moot__json_set_text(body, "detail", err->message);
    memset(err, 0, sizeof(*err));
    return moot__host_end(h, conv, body, err);
}

static int step_seat(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                     struct moot_message *m, struct moot_error *err)
{
    char conv[MOOT_MAX_PATH_CONV];
    char agent[MOOT_MAX_ID * 2];
    snprintf(conv, sizeof(conv), "%s", live->path);
    snprintf(agent, sizeof(agent), "%s", seat->who->id);
    struct moot_effects fx;
    moot__effects_init(&fx, moot__run_next_n(moot__run_conv(&h->run, conv), agent));
    if (m->kind == MOOT_MODEL_REPLY && m->re_n != 0)
        moot__stage_thought_done(seat, m->re_n);
    int status = seat->who->ops->step(seat->self, m, &fx);
    if (status == MOOT_OK)
        status = fx.status;
    if (status != MOOT_OK) {
        moot__effects_release(&fx);
        return step_failed(h, conv, agent, status, err);
    }
    for (size_t i = 0; i < fx.count && status == MOOT_OK; i++) {
        struct moot_live *now = moot__stage_find(&h->stage, conv);
        if (now == NULL)
            break; /* it ended by one of these effects */
        status = moot__host_effect(h, now, moot__stage_seat(now, agent), &fx.list[i], err);
        if (status == MOOT_ELIMIT) {
            /* what it asks for cannot be: its conversation ends with that reason */
            moot__effects_release(&fx);
            return effect_refused(h, conv, err);
        }
    }
    moot__effects_release(&fx);
    return status;
}

int moot__host_deliver(struct moot_host *h, struct moot_message *m, struct moot_error *err)
{
    if (moot__json_get_bool(m->body, "ended", false))
        return MOOT_OK; /* an outcome of what ended from above: nobody is left to hear it */
    char conv[MOOT_MAX_PATH_CONV];
    snprintf(conv, sizeof(conv), "%s", m->conv);
    if (m->kind == MOOT_OPEN) {
        int status = moot__host_seat(h, m, err);
        if (status == MOOT_OK)
            status = moot__host_time_conv(h, moot__run_conv(&h->run, conv), 0, err);
        if (status != MOOT_OK)
            return status;
    } else if (m->kind == MOOT_END) {
        char *slash = strrchr(conv, '/');
        if (slash == NULL)
            return MOOT_OK;
        *slash = '\0';
    } else if (m->kind == MOOT_APPROVAL) {
        return moot__host_consent(h, m, err);
    }
    for (size_t i = 0; i < m->to_count; i++) {
        struct moot_live *live = moot__stage_find(&h->stage, conv);
        struct moot_seated *seat = live != NULL ? moot__stage_seat(live, m->to[i]) : NULL;
        if (seat == NULL)
            continue;
        int status = step_seat(h, live, seat, m, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}
