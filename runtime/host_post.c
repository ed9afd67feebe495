#include "runtime/host_state.h"

#include "runtime/post.h"

bool moot__host_asks(const struct moot_host *h)
{
    size_t i = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        for (size_t k = 0; k < c->call_count; k++) {
            const struct moot_run_call *call = &c->calls[k];
            bool asked = call->asked && call->consent == MOOT_CONSENT_NONE;
            if (call->kind == MOOT_QUESTION || asked)
                return true;
        }
    }
    return false;
}

/* The call whose approval request has this id, and is still open. */
static struct moot_run_call *call_asked(struct moot_run_conv *c, const uint8_t id[MOOT_HASH_SIZE])
{
    for (size_t i = 0; c != NULL && i < c->call_count; i++) {
        struct moot_run_call *call = &c->calls[i];
        if (call->asked && memcmp(call->asked_id, id, MOOT_HASH_SIZE) == 0)
            return call;
    }
    return NULL;
}

int moot__host_consent(struct moot_host *h, const struct moot_message *m, struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    struct moot_run_call *call = m->has_re ? call_asked(c, m->re) : NULL;
    struct moot_flight *f =
        call != NULL ? moot__host_flight(h, m->conv, call->from, call->n) : NULL;
    if (f == NULL || f->started || f->finished)
        return MOOT_OK;
    f->consented = true;
    f->tick = f->item->tick;
    if (call->consent == MOOT_CONSENT_GIVEN) {
        if (f->tool->effect == MOOT_EFFECT_IRREVERSIBLE)
            h->need_full = true;
        return MOOT_OK;
    }
    f->finished = true;
    f->tool_status = MOOT_EDENIED;
    free(f->output);
    f->output = strdup(call->reason != NULL ? call->reason : "a person refused it");
    h->dirty = true;
    return f->output != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

/* Whether the statement fits what is open now; NULL if it does, else why not. */
static const char *post_misfit(struct moot_host *h, struct moot_message *m)
{
    if (moot__map_get(&h->nonces, m->nonce) != NULL)
        return "it was said before";
    const struct moot_key *key = moot__host_person_key(h, m->from);
    if (key == NULL || strcmp(moot__key_kid(key), m->kid) != 0)
        return "that key is not its author's";
    struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    if (c == NULL)
        return "its conversation is not open";
    if (m->kind == MOOT_APPROVAL) {
        const struct moot_run_call *call = m->has_re ? call_asked(c, m->re) : NULL;
        if (call == NULL)
            return "what it approves does not wait";
        if (call->expires > 0 && m->ts > call->expires)
            return "it came too late";
        if (h->o.crew->person_count > 0 && strcmp(m->from, "person") == 0)
            return "the crew names who may approve";
        return call->consent == MOOT_CONSENT_NONE ? NULL : "it is decided already";
    }
    if (m->kind == MOOT_ANSWER) {
        const struct moot_run_call *call = m->has_re ? moot__run_call_by_id(c, m->re) : NULL;
        if (call == NULL || call->kind != MOOT_QUESTION)
            return "its question does not wait";
        const char *other = moot__policy_answer(call, m->from);
        if (other != NULL)
            return other;
        if (call->expires > 0 && m->ts > call->expires)
            return "it came too late";
        if (h->o.crew->person_count > 0 && strcmp(m->from, "person") == 0)
            return "the crew names who may answer";
        bool told = m->to_count == 1 && strcmp(m->to[0], call->from) == 0;
        return told ? NULL : "it is not said to whoever asked";
    }
    return m->kind == MOOT_MSG ? moot__host_unheard(h, m) : "nobody may say that from elsewhere";
}

static int post_remember(struct moot_host *h, const char *id)
{
    char **list = realloc(h->posted, (h->posted_count + 1) * sizeof(char *));
    if (list == NULL)
        return MOOT_ENOMEM;
    h->posted = list;
    list[h->posted_count] = strdup(id);
    return list[h->posted_count++] != NULL ? MOOT_OK : MOOT_ENOMEM;
}

struct posts {
    struct moot_host *host;
    struct moot_error *err;
};

static int post_take(struct moot_host *h, struct moot_message *m, struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    m->n = moot__run_next_n(c, m->from);
    const struct moot_run_call *call = m->has_re ? moot__run_call_by_id(c, m->re) : NULL;
    if (call != NULL) {
        m->re_n = call->n;
        if (moot__message_set(&m->re_from, call->from) != MOOT_OK)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    if (moot__map_put(&h->nonces, m->nonce, h) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (m->kind == MOOT_MSG && moot__json_get_bool(m->body, "stop", false))
        h->stopping = true;
    int status = moot__host_insert_sealed(h, m, err);
    return status == MOOT_OK && m->kind == MOOT_MSG ? moot__host_interrupt(h, m->conv, err)
                                                    : status;
}

static int post_each(void *arg, const char *id, struct moot_message *m,
                     const struct moot_error *bad)
{
    struct posts *p = arg;
    struct moot_host *h = p->host;
    const char *misfit = m == NULL ? bad->message : post_misfit(h, m);
    if (misfit != NULL)
        moot__host_notice(h, "refused what another process said (%.16s…): %s", id, misfit);
    else if (post_take(h, m, p->err) != MOOT_OK)
        return p->err->code;
    return post_remember(h, id);
}

int moot__host_posts(struct moot_host *h, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    struct posts p = {.host = h, .err = err};
    h->posts_due = false;
    if (h->watch == NULL)
        return MOOT_OK;
    char *dir = moot__host_post_dir(h);
    if (dir == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int64_t now = w->now_wall(w->self);
    if (now < h->newest_ts)
        now = h->newest_ts;
    size_t count = 0;
    const struct moot_key **keys = calloc(h->o.crew->person_count + 1, sizeof(*keys));
    int status = keys != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        keys[count++] = h->o.owner;
    for (size_t i = 0; status == MOOT_OK && i < h->o.crew->person_count; i++)
        if (h->people[i] != NULL)
            keys[count++] = h->people[i];
    if (status == MOOT_OK)
        status = moot__post_scan(dir, h->run_id, keys, count, now, post_each, &p, err);
    free((void *)keys);
    free(dir);
    return status;
}

/* What was taken up is in the journal now: its files go. */
void moot__host_posted(struct moot_host *h)
{
    char *dir = h->posted_count > 0 ? moot__host_post_dir(h) : NULL;
    for (size_t i = 0; i < h->posted_count; i++) {
        if (dir != NULL)
            moot__post_remove(dir, h->posted[i], NULL); /* a file that stays is refused next time */
        free(h->posted[i]);
    }
    free(dir);
    h->posted_count = 0;
}

/* {name: value} of the arguments that calls like this one must have. */
static struct moot_json *like_args(const struct moot_live *live, const struct moot_run_call *call,
                                   const char *const *like)
{
    const struct moot_message *m = moot__stage_recall((void *)live, call->from, call->n);
    const char *text = m != NULL ? moot__json_get_text(m->body, "args", "{}") : "{}";
    struct moot_json *args = NULL;
    struct moot_json *named = moot__json_new(MOOT_JSON_OBJECT);
    if (moot__json_parse(text, strlen(text), &args, NULL) != MOOT_OK)
        return named;
    for (size_t i = 0; like[i] != NULL && named != NULL; i++) {
        const struct moot_json *value = moot__json_get(args, like[i]);
        if (value != NULL)
            moot__json_set(named, like[i], moot__json_copy(value));
    }
    moot__json_free(args);
    return named;
}

static int answer_insert(struct moot_host *h, enum moot_kind kind, const char *conv,
                         const struct moot_run_call *call, struct moot_json *body,
                         struct moot_error *err)
{
    const char *me = moot__host_answerer(h, call);
    if (me == NULL) {
        moot__json_free(body);
        return moot__fail(err, MOOT_EKEY, "somebody else has to answer that");
    }
    struct moot_message *m = moot__host_message(h, kind, conv, me);
    if (m == NULL) {
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    m->has_re = true;
    memcpy(m->re, kind == MOOT_APPROVAL ? call->asked_id : call->id, MOOT_HASH_SIZE);
    int status = moot__message_add(&m->to, &m->to_count, call->from);
    m->re_n = call->n;
    status |= moot__message_set(&m->re_from, call->from);
    status |= moot__json_set_text(body, "via", "tty");
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    h->state = MOOT_RUN_GOING;
    return moot__host_insert(h, m, body, err);
}

int moot__host_answer(struct moot_host *h, const char *conv, const char *from, uint32_t n,
                      const char *decision, const char *text, const char *const *like,
                      struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, conv);
    struct moot_run_call *call = NULL;
    for (size_t i = 0; c != NULL && i < c->call_count && call == NULL; i++) {
        struct moot_run_call *k = &c->calls[i];
        bool request = k->asked && strcmp(from, "host") == 0 && k->asked_n == n;
        if (request || (k->n == n && strcmp(k->from, from) == 0))
            call = k;
    }
    if (call == NULL)
        return moot__fail(err, MOOT_ENOTFOUND, "nothing waits for that answer");
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = MOOT_OK;
    if (call->kind == MOOT_QUESTION) {
        status |= moot__json_set_text(body, "status", "ok");
        status |= moot__json_set_text(body, "text", text != NULL ? text : "");
        if (decision != NULL)
            status |= moot__json_set_text(body, "decision", decision);
    } else {
        char id[MOOT_HEX_SIZE];
        moot__hex(call->id, MOOT_HASH_SIZE, id);
        status |= moot__json_set_text(body, "call", id);
        status |= moot__json_set_text(body, "decision", decision != NULL ? decision : "reject");
        status |= moot__json_set_text(body, "scope", like != NULL ? "like" : "once");
        if (text != NULL && text[0] != '\0')
            status |= moot__json_set_text(body, "reason", text);
        const struct moot_live *live = moot__stage_find(&h->stage, conv);
        if (like != NULL && live != NULL) {
            status |= moot__json_set(body, "like", like_args(live, call, like));
            status |= moot__json_set_int(body, "count", 100);
        }
    }
    if (status != MOOT_OK) {
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return answer_insert(h, call->kind == MOOT_QUESTION ? MOOT_ANSWER : MOOT_APPROVAL, conv, call,
                         body, err);
}
