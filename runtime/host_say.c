/* What a person says in a conversation, from this terminal or by post, and what it cuts off. */
#include "runtime/host_state.h"

const char *moot__host_unheard(const struct moot_host *h, const struct moot_message *m)
{
    if (moot__json_get_bool(m->body, "stop", false))
        return NULL;
    if (moot__host_participant(h, m->from) != NULL)
        return "an agent speaks for itself";
    struct moot_live *live = moot__stage_find(&h->stage, m->conv);
    const struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    if (live == NULL || c == NULL || c->manager == NULL)
        return "nobody holds a conversation there";
    for (size_t i = 0; i < live->seat_count; i++) {
        bool told = false;
        for (size_t k = 0; k < m->to_count && !told; k++)
            told = strcmp(m->to[k], live->seats[i].who->id) == 0;
        if (!told)
            return "it is not said to all who take part";
    }
    const char *who = moot__json_get_text(m->body, "for", NULL);
    bool manager = who != NULL && strcmp(c->manager, who) == 0;
    if (who != NULL && (manager || moot__stage_seat(live, who) == NULL))
        return "the agent it is for does not take part";
    return NULL;
}

int moot__host_unasked(struct moot_host *h, const char *conv, const struct moot_run_call *call,
                       const char *status, struct moot_error *err)
{
    struct moot_message *m = moot__host_message(h, MOOT_ANSWER, conv, MOOT_HOST);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = m != NULL && body != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (rc == MOOT_OK) {
        m->has_re = true;
        memcpy(m->re, call->id, MOOT_HASH_SIZE);
        m->re_n = call->n;
        rc |= moot__message_set(&m->re_from, call->from);
        rc |= moot__message_add(&m->to, &m->to_count, call->from);
        rc |= moot__json_set_text(body, "status", status);
        rc |= moot__json_set_int(body, "at", moot__host_at(h));
    }
    if (rc == MOOT_OK)
        return moot__host_insert(h, m, body, err);
    moot__message_unref(m);
    moot__json_free(body);
    return moot__fail(err, MOOT_ENOMEM, "out of memory");
}

int moot__host_interrupt(struct moot_host *h, const char *conv, struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, conv);
    for (size_t i = 0; c != NULL && i < c->call_count; i++) {
        const struct moot_run_call *call = &c->calls[i];
        if (!call->interrupted)
            continue;
        struct moot_flight *f = moot__host_flight(h, conv, call->from, call->n);
        if (call->kind != MOOT_QUESTION) {
            if (f != NULL)
                moot__host_cancel(f);
        } else if (f == NULL) { /* else a recording answers it */
            int status = moot__host_unasked(h, conv, call, "withdrawn", err);
            if (status != MOOT_OK)
                return status;
            i = (size_t)-1; /* its place is another's now */
        }
    }
    return MOOT_OK;
}

static struct moot_json *said_body(const char *who, const char *text, bool interrupt)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(part, "text", text);
    status |= moot__json_add(parts, part);
    status |= moot__json_set(body, "parts", parts);
    status |= moot__json_set_text(body, "via", "tty");
    if (who != NULL)
        status |= moot__json_set_text(body, "for", who);
    if (interrupt)
        status |= moot__json_set_bool(body, "interrupt", true);
    if (status == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

int moot__host_say(struct moot_host *h, const char *conv, const char *who, const char *text,
                   bool interrupt, struct moot_error *err)
{
    const struct moot_live *live = moot__stage_find(&h->stage, conv);
    const char *me = moot__host_me(h);
    struct moot_message *m = moot__host_message(h, MOOT_MSG, conv, me != NULL ? me : MOOT_PERSON);
    struct moot_json *body = said_body(who, text, interrupt);
    int status = m != NULL && body != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; status == MOOT_OK && live != NULL && i < live->seat_count; i++)
        status = moot__message_add(&m->to, &m->to_count, live->seats[i].who->id);
    if (status == MOOT_OK) {
        m->body = body;
        const char *unheard = moot__host_unheard(h, m);
        m->body = NULL;
        if (unheard != NULL)
            status = moot__fail(err, MOOT_ENOTFOUND, "nobody hears it: %s", unheard);
    } else {
        moot__fail(err, status, "out of memory");
    }
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return status;
    }
    h->state = MOOT_RUN_GOING;
    status = moot__host_insert(h, m, body, err);
    return status == MOOT_OK ? moot__host_interrupt(h, conv, err) : status;
}
