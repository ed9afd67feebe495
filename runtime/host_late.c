/* What nobody has answered in time: a question's outcome is `expired`, and what asked for a consent
 * is refused. Wall time, which only the host looks at. */
#include "runtime/host_state.h"

static const char too_late[] = "nobody answered in time";

static int end_late(struct moot_host *h, const struct moot_run_conv *c,
                    const struct moot_run_call *call, struct moot_error *err)
{
    if (call->kind == MOOT_QUESTION)
        return moot__host_unasked(h, c->path, call, "expired", err);
    struct moot_flight *f = moot__host_flight(h, c->path, call->from, call->n);
    if (f == NULL || f->finished)
        return MOOT_OK;
    struct moot_error why = {0};
    moot__fail(&why, MOOT_EDENIED, "%s", too_late);
    moot__flight_fail(f, MOOT_EDENIED, &why);
    return MOOT_OK;
}

static bool is_late(const struct moot_run_call *call, int64_t now)
{
    bool waits = call->kind == MOOT_QUESTION || (call->asked && call->consent == MOOT_CONSENT_NONE);
    return waits && call->expires > 0 && now > call->expires;
}

int moot__host_late(struct moot_host *h, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    int64_t now = w->now_wall(w->self);
    size_t i = 0;
    if (h->stopping)
        return MOOT_OK;
    for (const struct moot_map_entry *e; (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        for (size_t k = 0; k < c->call_count; k++) {
            const struct moot_run_call *call = &c->calls[k];
            if (!is_late(call, now))
                continue;
            size_t before = c->call_count;
            int status = end_late(h, c, call, err);
            if (status != MOOT_OK)
                return status;
            if (c->call_count < before)
                k = (size_t)-1; /* its place is another's now */
        }
    }
    return MOOT_OK;
}
