#include "runtime/host_state.h"

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

/* The call a person's approval speaks of; found by the request it answers. */
static struct moot_run_call *call_asked(struct moot_run_conv *c, const uint8_t id[MOOT_HASH_SIZE])
{
    for (size_t i = 0; c != NULL && i < c->call_count; i++) {
        if (c->calls[i].asked && memcmp(c->calls[i].asked_id, id, MOOT_HASH_SIZE) == 0)
            return &c->calls[i];
    }
    return NULL;
}

int moot__host_consent(struct moot_host *h, const struct moot_message *m, struct moot_error *err)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    struct moot_run_call *call = m->has_re ? call_asked(c, m->re) : NULL;
    struct moot_flight *f =
        call != NULL ? moot__host_flight(h, m->conv, call->from, call->n) : NULL;
    if (f == NULL || f->started)
        return MOOT_OK;
    if (call->consent == MOOT_CONSENT_GIVEN) {
        f->consented = true;
        f->tick = f->item->tick;
        if (f->tool->effect == MOOT_EFFECT_IRREVERSIBLE)
            h->need_full = true;
        return MOOT_OK;
    }
    f->consented = true;
    f->finished = true;
    f->tool_status = MOOT_EDENIED;
    free(f->output);
    f->output = strdup(call->reason != NULL ? call->reason : "a person refused it");
    h->dirty = true;
    (void)err;
    return f->output != NULL ? MOOT_OK : MOOT_ENOMEM;
}

int moot__host_posts(struct moot_host *h, struct moot_error *err)
{
    (void)err;
    h->posts_due = false;
    return MOOT_OK;
}
