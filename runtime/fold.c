#include "runtime/fold.h"

void moot__fold_init(struct moot_fold *f, const struct moot_crew_parts *crew, struct moot_run *run,
                     struct moot_stage *stage)
{
    memset(f, 0, sizeof(*f));
    f->crew = crew;
    f->run = run;
    f->stage = stage;
}

static void effect_free(struct moot_effect *effect)
{
    struct moot_effect *one = malloc(sizeof(*one));
    if (one == NULL)
        return;
    *one = *effect;
    struct moot_effects fx = {.list = one, .count = 1};
    moot__effects_release(&fx);
}

static void uttered_remove(struct moot_fold *f, size_t i)
{
    struct moot_uttered *u = &f->uttered[i];
    free(u->conv);
    free(u->agent);
    effect_free(&u->effect);
    memmove(u, u + 1, (f->count - i - 1) * sizeof(*u));
    f->count--;
}

void moot__fold_release(struct moot_fold *f)
{
    while (f->count > 0)
        uttered_remove(f, f->count - 1);
    free(f->uttered);
    f->uttered = NULL;
    f->size = 0;
}

/* Moves the effect out of its list. */
static int uttered_add(struct moot_fold *f, const char *conv, const char *agent,
                       struct moot_effect *effect)
{
    if (f->count == f->size) {
        size_t size = f->size == 0 ? 16 : f->size * 2;
        struct moot_uttered *list = realloc(f->uttered, size * sizeof(*list));
        if (list == NULL)
            return MOOT_ENOMEM;
        f->uttered = list;
        f->size = size;
    }
    struct moot_uttered *u = &f->uttered[f->count];
    u->conv = strdup(conv);
    u->agent = strdup(agent);
    if (u->conv == NULL || u->agent == NULL) {
        free(u->conv);
        free(u->agent);
        return MOOT_ENOMEM;
    }
    u->effect = *effect;
    memset(effect, 0, sizeof(*effect));
    f->count++;
    return MOOT_OK;
}

static enum moot_kind effect_message(const struct moot_effect *e)
{
    switch (e->kind) {
    case MOOT_FX_SEND:
        return e->as;
    case MOOT_FX_MODEL_CALL:
        return MOOT_MODEL_CALL;
    case MOOT_FX_TOOL_CALL:
        return MOOT_TOOL_CALL;
    case MOOT_FX_ASK:
        return MOOT_QUESTION;
    case MOOT_FX_OPEN:
        return MOOT_OPEN;
    case MOOT_FX_DONE:
        return MOOT_END;
    case MOOT_FX_TIMER:
        return MOOT_TIMER;
    case MOOT_FX_CANCEL:
        break;
    }
    return MOOT_KIND_COUNT;
}

/* What an agent's DONE and its cancelling of a conversation do to the stage, as they did live. */
static void end_below(struct moot_stage *s, const char *conv)
{
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&s->live, &i)) != NULL;) {
        const struct moot_live *live = e->value;
        if (!moot__run_below(live->path, conv))
            continue;
        char path[MOOT_MAX_PATH_CONV];
        snprintf(path, sizeof(path), "%s", live->path);
        moot__stage_end(s, path);
        i = 0;
    }
}

/* The count of the agent's next effect: after what it said and what it uttered already. */
static uint32_t next_n(const struct moot_fold *f, const char *conv, const char *agent)
{
    const struct moot_run_conv *c = moot__run_conv(f->run, conv);
    uint32_t n = c != NULL ? moot__run_next_n(c, agent) : 1;
    for (size_t i = 0; i < f->count; i++) {
        const struct moot_uttered *u = &f->uttered[i];
        if (u->effect.n >= n && strcmp(u->conv, conv) == 0 && strcmp(u->agent, agent) == 0)
            n = u->effect.n + 1;
    }
    return n;
}

static int take_effects(struct moot_fold *f, const char *conv, const char *agent,
                        struct moot_effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        struct moot_effect *e = &fx->list[i];
        enum moot_effect_kind kind = e->kind;
        char path[MOOT_MAX_PATH_CONV];
        snprintf(path, sizeof(path), "%s/%s", conv, e->path != NULL ? e->path : "");
        bool cancels = kind == MOOT_FX_CANCEL && e->path != NULL;
        const struct moot_run_conv *c = moot__run_conv(f->run, conv);
        if (kind == MOOT_FX_OPEN && c != NULL && f->crew->item.depth > 0 &&
            c->depth + 1 > f->crew->item.depth) {
            end_below(f->stage, conv); /* live, too deep an open ended it */
            break;
        }
        if (kind != MOOT_FX_CANCEL || !cancels) {
            int status = uttered_add(f, conv, agent, e);
            if (status != MOOT_OK)
                return status;
        }
        if (cancels)
            end_below(f->stage, path);
        if (kind == MOOT_FX_DONE) {
            end_below(f->stage, conv);
            break;
        }
    }
    return MOOT_OK;
}

static int step_seat(struct moot_fold *f, struct moot_live *live, struct moot_seated *seat,
                     const struct moot_message *m)
{
    char conv[MOOT_MAX_PATH_CONV];
    char agent[MOOT_MAX_ID * 2];
    snprintf(conv, sizeof(conv), "%s", live->path);
    snprintf(agent, sizeof(agent), "%s", seat->who->id);
    struct moot_effects fx;
    moot__effects_init(&fx, next_n(f, conv, agent));
    if (m->kind == MOOT_MODEL_REPLY && m->re_n != 0)
        moot__stage_thought_done(seat, m->re_n);
    int status = seat->who->ops->step(seat->self, m, &fx);
    if (status == MOOT_OK)
        status = fx.status;
    if (status == MOOT_OK) {
        status = take_effects(f, conv, agent, &fx);
    } else if (status != MOOT_ENOMEM) {
        end_below(f->stage, conv); /* live, its conversation ended as failed */
        status = MOOT_OK;
    }
    moot__effects_release(&fx);
    return status;
}

static int deliver(struct moot_fold *f, const struct moot_message *m, struct moot_error *err)
{
    if (moot__json_get_bool(m->body, "ended", false))
        return MOOT_OK;
    char conv[MOOT_MAX_PATH_CONV];
    snprintf(conv, sizeof(conv), "%s", m->conv);
    int status = MOOT_OK;
    if (m->kind == MOOT_OPEN) {
        if (!moot__redactions_silent(f->removed, m->conv))
            status = moot__stage_begin(f->stage, m, f->crew->participants,
                                       f->crew->participant_count, err);
    } else if (m->kind == MOOT_END) {
        char *slash = strrchr(conv, '/');
        if (slash == NULL)
            return MOOT_OK;
        *slash = '\0';
    } else if (m->kind == MOOT_APPROVAL) {
        return MOOT_OK;
    }
    for (size_t i = 0; i < m->to_count && status == MOOT_OK; i++) {
        struct moot_live *live = moot__stage_find(f->stage, conv);
        struct moot_seated *seat = live != NULL ? moot__stage_seat(live, m->to[i]) : NULL;
        if (seat != NULL)
            status = step_seat(f, live, seat, m);
    }
    return status;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What differs between an utterance and the journal's message; NULL: they agree. */
static const char *differs(const struct moot_uttered *u, const struct moot_message *m)
{
    const struct moot_effect *e = &u->effect;
    if (effect_message(e) != m->kind)
        return "kind";
    if (m->kind == MOOT_OPEN) {
        size_t length = strlen(u->conv);
        if (strncmp(m->conv, u->conv, length) != 0 || m->conv[length] != '/' ||
            strcmp(m->conv + length + 1, e->path) != 0)
            return "path";
        return e->task == NULL || same_text(e->task, m->task) ? NULL : "task";
    }
    if (e->n != m->n)
        return "number";
    if (m->kind == MOOT_TOOL_CALL && !same_text(e->tool, moot__json_get_text(m->body, "tool", "")))
        return "tool";
    for (size_t i = 0; i < e->to_count; i++) {
        bool found = false;
        for (size_t k = 0; k < m->to_count; k++)
            found = found || strcmp(e->to[i], m->to[k]) == 0;
        if (!found)
            return "addressee";
    }
    return NULL;
}

/* An utterance met in the journal: a request joins the history, as it did live. */
static int met(struct moot_fold *f, struct moot_uttered *u, struct moot_error *err)
{
    if (u->effect.kind != MOOT_FX_MODEL_CALL)
        return MOOT_OK;
    struct moot_live *live = moot__stage_find(f->stage, u->conv);
    struct moot_seated *seat = live != NULL ? moot__stage_seat(live, u->agent) : NULL;
    if (seat == NULL)
        return MOOT_OK;
    struct moot_json *scratch = moot__json_new(MOOT_JSON_OBJECT);
    if (scratch == NULL)
        return MOOT_ENOMEM;
    int status = moot__history_extend(&seat->history, &u->effect.think, u->effect.n,
                                      moot__stage_recall, live, scratch, err);
    moot__json_free(scratch);
    return status == MOOT_OK ? moot__stage_thinking(seat, &u->effect) : status;
}

static bool by_agent(const struct moot_fold *f, const struct moot_message *m)
{
    for (size_t i = 0; i < f->crew->participant_count; i++) {
        if (strcmp(f->crew->participants[i].id, m->from) == 0)
            return true;
    }
    return false;
}

/* The first utterance of this author in this conversation. */
static size_t expected(const struct moot_fold *f, const struct moot_message *m)
{
    char conv[MOOT_MAX_PATH_CONV];
    snprintf(conv, sizeof(conv), "%s", m->conv);
    char *slash = strrchr(conv, '/');
    if (m->kind == MOOT_OPEN && slash != NULL)
        *slash = '\0';
    for (size_t i = 0; i < f->count; i++) {
        const struct moot_uttered *u = &f->uttered[i];
        bool word = effect_message(&u->effect) != MOOT_KIND_COUNT &&
                    u->effect.kind != MOOT_FX_DONE && u->effect.kind != MOOT_FX_TIMER;
        if (word && strcmp(u->agent, m->from) == 0 && strcmp(u->conv, conv) == 0)
            return i;
    }
    return f->count;
}

/* Whether what a conversation's agents utter is not known: a text they got was removed. */
static bool is_silent(const struct moot_fold *f, const struct moot_message *m)
{
    char conv[MOOT_MAX_PATH_CONV];
    snprintf(conv, sizeof(conv), "%s", m->conv);
    char *slash = strrchr(conv, '/');
    if (m->kind == MOOT_OPEN && slash != NULL) /* uttered in the one above */
        *slash = '\0';
    return moot__redactions_silent(f->removed, conv);
}

static int compare(struct moot_fold *f, const struct moot_message *m, struct moot_error *err)
{
    if (m->kind == MOOT_END || m->kind == MOOT_TIMER) {
        for (size_t i = 0; i < f->count;) {
            const struct moot_uttered *u = &f->uttered[i];
            bool over = m->kind == MOOT_END && strcmp(u->conv, m->conv) == 0;
            over = over || (m->kind == MOOT_TIMER && u->effect.kind == MOOT_FX_TIMER &&
                            strcmp(u->conv, m->conv) == 0 &&
                            u->effect.timer == moot__json_get_int(m->body, "timer", -1));
            if (over)
                uttered_remove(f, i);
            else
                i++;
        }
        return MOOT_OK;
    }
    if (!by_agent(f, m) || is_silent(f, m))
        return MOOT_OK;
    size_t i = expected(f, m);
    if (i == f->count)
        return moot__fail(err, MOOT_EFOLD,
                          "message %lld: the journal holds a %s of %s in conversation %s; the fold "
                          "utters none",
                          (long long)m->seq, moot_kind_text(m->kind), m->from, m->conv);
    const char *what = differs(&f->uttered[i], m);
    if (what != NULL)
        return moot__fail(err, MOOT_EFOLD,
                          "message %lld: the %s of %s in conversation %s differs from the fold in "
                          "its %s",
                          (long long)m->seq, moot_kind_text(m->kind), m->from, m->conv, what);
    int status = met(f, &f->uttered[i], err);
    uttered_remove(f, i);
    return status;
}

/* Who and which count an answer answers stands in it by id; agents know it by name. */
static int name_answered(struct moot_fold *f, struct moot_message *m)
{
    if (!m->has_re || m->re_n != 0)
        return MOOT_OK;
    struct moot_run_conv *c = moot__run_conv(f->run, m->conv);
    const struct moot_run_call *call = c != NULL ? moot__run_call_by_id(c, m->re) : NULL;
    if (call != NULL) {
        m->re_n = call->n;
        return moot__message_set(&m->re_from, call->from);
    }
    const struct moot_live *live = moot__stage_find(f->stage, m->conv);
    for (size_t i = 0; live != NULL && i < live->said_count; i++) {
        if (memcmp(live->said[i]->id, m->re, MOOT_HASH_SIZE) != 0)
            continue;
        m->re_n = live->said[i]->n;
        return moot__message_set(&m->re_from, live->said[i]->from);
    }
    return MOOT_OK;
}

int moot__fold_message(struct moot_fold *f, struct moot_message *m, struct moot_error *err)
{
    if (m->body == NULL) /* whoever reads for the fold puts what was kept in its place */
        return moot__fail(err, MOOT_EFOLD, "the text of message %lld is missing",
                          (long long)m->seq);
    const struct moot_run_conv *c = moot__run_conv(f->run, m->conv);
    if (m->nonce != NULL && c != NULL) /* said elsewhere: its count is its place in the chain */
        m->n = moot__run_next_n(c, m->from);
    int status = compare(f, m, err);
    if (status == MOOT_OK)
        status = name_answered(f, m);
    if (status == MOOT_OK)
        status = moot__run_apply(f->run, m, err);
    struct moot_live *live = moot__stage_find(f->stage, m->conv);
    if (status == MOOT_OK && live != NULL)
        status = moot__stage_said(live, m);
    if (status == MOOT_OK && m->kind == MOOT_END)
        end_below(f->stage, m->conv);
    if (status == MOOT_OK)
        status = deliver(f, m, err);
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    return status;
}
