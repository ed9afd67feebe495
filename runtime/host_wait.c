#include "runtime/host_state.h"

int moot__host_collect_waits(struct moot_host *h, bool *any, struct moot_error *err)
{
    for (size_t i = 0; i < h->wait_count; i++) {
        struct moot_wait *wait = h->waits[i];
        if (!wait->over)
            continue;
        h->waits[i] = h->waits[--h->wait_count];
        int status = MOOT_OK;
        if (moot__run_conv(&h->run, wait->conv) != NULL) {
            struct moot_message *m = moot__host_message(h, MOOT_TIMER, wait->conv, "host");
            struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
            status = m != NULL ? moot__message_add(&m->to, &m->to_count, wait->agent) : MOOT_ENOMEM;
            status |= moot__json_set_int(body, "timer", wait->id);
            status |= moot__json_set_int(body, "at", moot__host_at(h));
            status = moot__host_insert(h, m, body, err);
        }
        free(wait->conv);
        free(wait->agent);
        free(wait);
        *any = true;
        return status;
    }
    return MOOT_OK;
}
static void wait_fire(void *arg)
{
    struct moot_wait *wait = arg;
    wait->timer = NULL;
    wait->over = true;
    wait->host->dirty = true;
}

int moot__host_wait(struct moot_host *h, const char *conv, const char *agent, uint32_t id,
                    int64_t ms, struct moot_error *err)
{
    if (h->wait_count == h->wait_size) {
        size_t size = h->wait_size == 0 ? 8 : h->wait_size * 2;
        struct moot_wait **list = realloc(h->waits, size * sizeof(struct moot_wait *));
        if (list == NULL)
            return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
        h->waits = list;
        h->wait_size = size;
    }
    struct moot_wait *wait = calloc(1, sizeof(*wait));
    if (wait == NULL)
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    wait->host = h;
    wait->id = id;
    wait->conv = strdup(conv);
    wait->agent = strdup(agent);
    const struct moot_world *w = h->o.world;
    int status = wait->conv != NULL && wait->agent != NULL
                     ? w->timer_start(w->self, ms, wait_fire, wait, &wait->timer)
                     : MOOT_ENOMEM;
    if (status != MOOT_OK) {
        free(wait->conv);
        free(wait->agent);
        free(wait);
        return moot__fail(err, status, "run %s: no timer", h->run_id);
    }
    h->waits[h->wait_count++] = wait;
    return MOOT_OK;
}
