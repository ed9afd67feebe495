#include "runtime/host_state.h"

enum { PERSON_MS = 60 * 1000 }; /* how often a clock that stands still is looked at */

static void wait_free(struct moot_host *h, struct moot_wait *wait)
{
    const struct moot_world *w = h->o.world;
    if (wait->timer != NULL)
        w->timer_stop(w->self, wait->timer);
    free(wait->conv);
    free(wait->agent);
    free(wait);
}

bool moot__host_waits(const struct moot_host *h)
{
    for (size_t i = 0; i < h->wait_count; i++) {
        if (!h->waits[i]->deadline)
            return true;
    }
    return false;
}

void moot__host_drop_waits(struct moot_host *h, const char *conv)
{
    for (size_t i = 0; i < h->wait_count;) {
        struct moot_wait *wait = h->waits[i];
        if (conv != NULL && (wait->conv[0] == '\0' || !moot__run_below(wait->conv, conv))) {
            i++;
            continue;
        }
        h->waits[i] = h->waits[--h->wait_count];
        wait_free(h, wait);
    }
}

static void wait_fire(void *arg)
{
    struct moot_wait *wait = arg;
    wait->timer = NULL;
    wait->over = true;
    wait->host->dirty = true;
}

bool moot__host_idle(const struct moot_item *item)
{
    for (size_t i = 0; i < item->flight_count; i++) {
        if (item->flights[i]->consented)
            return false;
    }
    return true;
}

static int wait_tell(struct moot_host *h, const struct moot_wait *wait, struct moot_error *err)
{
    struct moot_message *m = moot__host_message(h, MOOT_TIMER, wait->conv, "host");
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = m != NULL ? moot__message_add(&m->to, &m->to_count, wait->agent) : MOOT_ENOMEM;
    status |= moot__json_set_int(body, "timer", wait->id);
    status |= moot__json_set_int(body, "at", moot__host_at(h));
    if (status != MOOT_OK) {
        moot__message_unref(m);
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    return moot__host_insert(h, m, body, err);
}

int moot__host_end_limit(struct moot_host *h, const char *conv, const char *what,
                         struct moot_error *err)
{
    char detail[MOOT_MAX_ID + 64];
    snprintf(detail, sizeof(detail), "limit reached: seconds of %s", what);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "outcome", "failed");
    moot__json_set_text(body, "stop", "limit");
    moot__json_set_text(body, "detail", detail);
    return moot__host_end(h, conv, body, err);
}

/* The run's time is used up: its open items end, and those to come as they are opened. */
static int end_run_time(struct moot_host *h, struct moot_error *err)
{
    int status = MOOT_OK;
    h->time_over = true;
    for (size_t i = h->first_open; i < h->next_item && status == MOOT_OK; i++) {
        if (h->items[i].state == MOOT_ITEM_OPEN)
            status = moot__host_end_limit(h, h->items[i].path, "the run", err);
    }
    return status;
}

static int wait_end(struct moot_host *h, const struct moot_wait *wait, struct moot_error *err)
{
    const struct moot_run_conv *c = moot__run_conv(&h->run, wait->conv);
    char what[MOOT_MAX_ID + 8] = "the item";
    if (c->parent != NULL)
        snprintf(what, sizeof(what), "task %s", c->task != NULL ? c->task : "");
    return moot__host_end_limit(h, wait->conv, what, err);
}

static bool works(const struct moot_flight *f, const char *agent)
{
    return f->timed && !f->finished && strcmp(f->from, agent) == 0;
}

/* In how many ms an agent's time in an item is used up if its calls go on; 0: it is, -1: none goes
 * on. The time is what its calls take, added up: of those that have ended and those under way. */
static int64_t agent_left(const struct moot_host *h, const struct moot_item *item,
                          const struct moot_participant *who)
{
    const struct moot_usage *u = moot__run_usage(&h->run, item->path, "agent", who->id);
    int64_t left = who->bounds.ms - (u != NULL ? u->ms : 0);
    int64_t under_way = 0;
    for (size_t i = 0; i < item->flight_count; i++) {
        const struct moot_flight *f = item->flights[i];
        if (strcmp(f->from, who->id) != 0)
            continue;
        under_way += works(f, who->id);
        left -= works(f, who->id) ? moot__host_at(h) - f->began : f->took;
    }
    if (left <= 0)
        return 0;
    return under_way > 0 ? (left + under_way - 1) / under_way : -1;
}

/* An agent's calls end when its time is used up. */
static void agent_end(const struct moot_host *h, const struct moot_item *item,
                      const struct moot_participant *who)
{
    if (agent_left(h, item, who) != 0)
        return; /* its next call starts a clock again */
    for (size_t i = 0; i < item->flight_count; i++) {
        struct moot_flight *f = item->flights[i];
        if (!works(f, who->id) || f->late)
            continue;
        f->late = true;
        moot__host_cancel(f);
    }
}

/* In how many ms a clock that rang is looked at again; 0 or less: what it says holds. */
static int64_t wait_again(const struct moot_host *h, const struct moot_wait *wait,
                          const struct moot_item *item, const struct moot_participant *who)
{
    if (!wait->deadline || item == NULL)
        return 0;
    if (who != NULL)
        return agent_left(h, item, who);
    /* a person is waited for, which does not count */
    return moot__host_idle(item) ? PERSON_MS : 0;
}

static int wait_fires(struct moot_host *h, const struct moot_wait *wait,
                      const struct moot_item *item, const struct moot_participant *who,
                      struct moot_error *err)
{
    if (wait->conv[0] == '\0')
        return end_run_time(h, err);
    if (moot__run_conv(&h->run, wait->conv) == NULL)
        return MOOT_OK;
    if (!wait->deadline)
        return wait_tell(h, wait, err);
    if (who == NULL)
        return wait_end(h, wait, err);
    if (item != NULL)
        agent_end(h, item, who);
    return MOOT_OK;
}

int moot__host_collect_waits(struct moot_host *h, bool *any, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    for (size_t i = 0; i < h->wait_count; i++) {
        struct moot_wait *wait = h->waits[i];
        if (!wait->over)
            continue;
        const struct moot_item *item = moot__host_item(h, wait->conv);
        const struct moot_participant *who =
            wait->agent[0] != '\0' ? moot__host_participant(h, wait->agent) : NULL;
        int64_t again = wait_again(h, wait, item, who);
        if (again > 0) {
            wait->over = false;
            int status = w->timer_start(w->self, again, wait_fire, wait, &wait->timer);
            if (status != MOOT_OK)
                return moot__fail(err, status, "run %s: no timer", h->run_id);
            continue;
        }
        h->waits[i] = h->waits[--h->wait_count];
        int status = wait_fires(h, wait, item, who, err);
        wait_free(h, wait);
        *any = true;
        return status;
    }
    return MOOT_OK;
}

static int wait_start(struct moot_host *h, const char *conv, const char *agent, uint32_t id,
                      bool deadline, int64_t ms, struct moot_error *err)
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
    wait->deadline = deadline;
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

int moot__host_wait(struct moot_host *h, const char *conv, const char *agent, uint32_t id,
                    int64_t ms, struct moot_error *err)
{
    return wait_start(h, conv, agent, id, false, ms, err);
}

int moot__host_time(struct moot_host *h, const char *conv, int64_t ms, struct moot_error *err)
{
    return wait_start(h, conv, "", 0, true, ms > 0 ? ms : 1, err);
}

int moot__host_time_agent(struct moot_flight *f, struct moot_error *err)
{
    struct moot_host *h = f->host;
    const struct moot_world *w = h->o.world;
    const struct moot_participant *who = moot__host_participant(h, f->from);
    if (who == NULL || who->bounds.ms <= 0)
        return MOOT_OK;
    int64_t ms = agent_left(h, f->item, who);
    for (size_t i = 0; i < h->wait_count; i++) {
        struct moot_wait *wait = h->waits[i];
        if (!wait->deadline || strcmp(wait->agent, f->from) != 0 ||
            strcmp(wait->conv, f->item->path) != 0)
            continue;
        if (wait->over)
            return MOOT_OK;
        w->timer_stop(w->self, wait->timer); /* with one call more it rings earlier */
        wait->timer = NULL;
        int status = w->timer_start(w->self, ms > 0 ? ms : 1, wait_fire, wait, &wait->timer);
        return status == MOOT_OK ? status : moot__fail(err, status, "run %s: no timer", h->run_id);
    }
    return wait_start(h, f->item->path, f->from, 0, true, ms > 0 ? ms : 1, err);
}

int moot__host_time_conv(struct moot_host *h, const struct moot_run_conv *c, int64_t used,
                         struct moot_error *err)
{
    const struct moot_crew_parts *crew = h->o.crew;
    int64_t ms = c->depth == 0 ? crew->item.ms : 0;
    for (size_t i = 0; c->depth == 1 && c->task != NULL && i < crew->task_bound_count; i++) {
        if (strcmp(crew->task_bounds[i].task, c->task) == 0)
            ms = crew->task_bounds[i].bounds.ms;
    }
    return ms > 0 ? moot__host_time(h, c->path, ms - used, err) : MOOT_OK;
}
