#include "runtime/host_state.h"

void moot__host_cancel(struct moot_flight *f)
{
    if (f->finished)
        return;
    bool flies = f->started && f->retry == NULL;
    moot__flight_stop(f);
    if (flies)
        return; /* its outcome comes, with the text that came */
    struct moot_error why = {0};
    moot__fail(&why, MOOT_ECANCELED, "cancelled");
    moot__flight_fail(f, MOOT_ECANCELED, &why);
}

/* Calls of a conversation that ends get their outcome before its `end`. */
static int drop_flights_below(struct moot_host *h, const char *conv, struct moot_error *err)
{
    struct moot_item *item = moot__host_item(h, conv);
    for (size_t i = 0; item != NULL && i < item->flight_count;) {
        struct moot_flight *f = item->flights[i];
        if (!moot__run_below(f->conv, conv)) {
            i++;
            continue;
        }
        moot__flight_stop(f);
        f->dropped = true;
        struct moot_message call = {.kind = f->kind, .conv = f->conv, .from = f->from, .n = f->n};
        memcpy(call.id, f->id, MOOT_HASH_SIZE);
        int status = moot__flight_land(f);
        if (status == MOOT_OK && call.kind != MOOT_QUESTION)
            status =
                moot__flight_refuse(h, &call, "cancelled", "the conversation ended", true, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

int moot__host_cancel_below(struct moot_host *h, const char *conv, struct moot_error *err)
{
    int status = drop_flights_below(h, conv, err);
    const struct moot_run_conv *above = moot__run_conv(&h->run, conv);
    size_t i = 0;
    for (const struct moot_map_entry *e; status == MOOT_OK && above->children > 0 &&
                                         (e = moot__map_next(&h->run.convs, &i)) != NULL;) {
        const struct moot_run_conv *c = e->value;
        if (strcmp(c->path, conv) == 0 || c->path[0] == '\0' || !moot__run_below(c->path, conv))
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
            moot__flight_stop(f);
            f->dropped = true;
            if (moot__flight_land(f) != MOOT_OK)
                return;
        }
    }
}
