#include "runtime/host_state.h"

#include "runtime/scratch.h"

#include <sys/stat.h>

/* Whether a provider answers the same each time: then outcomes are released in a fixed order. */
static bool crew_is_scripted(const struct moot_crew_parts *crew)
{
    for (size_t i = 0; i < crew->model_count; i++) {
        if (strcmp(crew->models[i]->provider, "scripted") != 0)
            return false;
    }
    return true;
}

static int policy_hash(struct moot_host *h, struct moot_error *err)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    moot__buf_adds(&b, "folkmoot policy v1");
    const struct moot_json *tools = moot__json_get(h->o.crew->resolved, "tools");
    int status = tools != NULL ? moot__json_write_canonical(tools, &b, err) : MOOT_OK;
    moot__hash(moot__buf_text(&b), b.len, h->caps);
    moot__buf_release(&b);
    return status;
}

char *moot__host_post_dir(const struct moot_host *h)
{
    const char *path = h->o.journal;
    size_t length = strlen(path);
    if (length > 3 && strcmp(path + length - 3, ".db") == 0)
        length -= 3;
    char *dir = malloc(length + 6);
    if (dir != NULL)
        snprintf(dir, length + 6, "%.*s.post", (int)length, path);
    return dir;
}

static void on_post(void *arg)
{
    struct moot_host *h = arg;
    h->posts_due = true;
}

static int watch_posts(struct moot_host *h, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    char *dir = moot__host_post_dir(h);
    if (dir == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = MOOT_OK;
    if (w->watch != NULL) {
        mkdir(dir, 0700); /* where it cannot be made, the watch says so */
        status = w->watch(w->self, dir, on_post, h, &h->watch);
        if (status != MOOT_OK)
            moot__fail(err, status, "cannot watch %s for what other processes say", dir);
    }
    free(dir);
    h->posts_due = true;
    return status;
}

int moot__host_new(const struct moot_host_options *options, struct moot_host **out,
                   struct moot_error *err)
{
    struct moot_host *h = calloc(1, sizeof(*h));
    if (h == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    const struct moot_world *w = options->world;
    h->o = *options;
    h->run_id = strdup(options->run != NULL ? options->run : "");
    h->date = strdup(options->date != NULL ? options->date : "");
    moot__run_init(&h->run);
    moot__stage_init(&h->stage);
    moot__map_init(&h->keys);
    moot__map_init(&h->nonces);
    moot__map_init(&h->unwitnessed);
    h->mono_base = w->now_mono(w->self);
    h->ordered = crew_is_scripted(options->crew);
    h->state = MOOT_RUN_GOING;
    int status = h->run_id != NULL && h->date != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = policy_hash(h, err);
    if (status == MOOT_OK)
        status = moot__host_secrets(h, err);
    if (status == MOOT_OK)
        status = moot__host_people(h, err);
    if (status == MOOT_OK)
        status = moot__journal_open(options->journal,
                                    options->resume ? MOOT_JOURNAL_WRITE : MOOT_JOURNAL_CREATE,
                                    w->vfs, &h->journal, err);
    if (status == MOOT_OK)
        status = options->resume ? moot__host_resume(h, err) : moot__host_begin(h, err);
    if (status == MOOT_OK)
        status = watch_posts(h, err);
    if (status == MOOT_OK && h->o.crew->total.ms > 0)
        status = moot__host_time(h, "", h->o.crew->total.ms - h->at_base, err);
    if (status != MOOT_OK) {
        moot__host_free(h);
        return status;
    }
    *out = h;
    return MOOT_OK;
}

static bool queue_empty(const struct moot_host *h)
{
    return h->queue_head == h->queue_count;
}

/* Delivers what was inserted, and what that utters, until nothing is left or a turn has had enough.
 */
int moot__host_drain(struct moot_host *h, struct moot_error *err)
{
    int status = MOOT_OK;
    while (status == MOOT_OK && !queue_empty(h) && h->batch_count < MOOT_MAX_HOPS) {
        struct moot_message *m = h->queue[h->queue_head++];
        status = moot__host_deliver(h, m, err);
        moot__message_unref(m);
    }
    if (queue_empty(h)) {
        h->queue_head = 0;
        h->queue_count = 0;
    }
    return status;
}

static bool all_ended(const struct moot_host *h)
{
    return h->ended == h->item_count;
}

/* A run of one item stops as that did; one of several is finished, and says how many were not done.
 */
static const char *stop_of_run(const struct moot_host *h)
{
    const char *stop = h->item_count == 1 ? moot__map_get(&h->run.stops, h->items[0].path) : NULL;
    return stop != NULL ? stop : "finished";
}

static int close_run(struct moot_host *h, struct moot_error *err)
{
    struct moot_run_totals t;
    moot__host_totals(h, &t);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char hex[MOOT_HEX_SIZE];
    char cost[32];
    snprintf(cost, sizeof(cost), "%lld", (long long)(t.cost < 0 ? 0 : t.cost));
    moot__hex(moot__journal_link(h->journal), MOOT_HASH_SIZE, hex);
    int status = moot__json_set_text(body, "stop", stop_of_run(h));
    status |= moot__json_set_int(body, "messages", h->run.messages);
    status |= moot__json_set_int(body, "calls", t.calls);
    status |= moot__json_set_int(body, "tokens", t.tokens);
    status |= moot__json_set_text(body, "cost", cost);
    status |= moot__json_set_int(body, "done", t.done);
    status |= moot__json_set_int(body, "rejected", t.rejected);
    status |= moot__json_set_int(body, "failed", t.failed);
    status |= moot__json_set_int(body, "at", moot__host_at(h));
    if (status != MOOT_OK) {
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return moot__host_insert(h, moot__host_message(h, MOOT_CLOSE, "", "host"), body, err);
}

/* Whether anything is on its way; what an agent waits for stands still while only people are waited
 * for. */
static bool flying(const struct moot_host *h)
{
    if (h->landing_count > 0)
        return true;
    for (size_t i = h->first_open; i < h->next_item; i++) {
        if (!moot__host_idle(&h->items[i]))
            return true;
    }
    return false;
}

/* Nothing is on its way, nobody is asked, and yet there are open items: their agents wait for each
 * other, and nothing that could still come would wake them. */
static int end_stuck(struct moot_host *h, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = h->first_open; i < h->next_item && status == MOOT_OK; i++) {
        if (h->items[i].state != MOOT_ITEM_OPEN)
            continue;
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        int set = moot__json_set_text(body, "outcome", "failed");
        set |= moot__json_set_text(body, "stop", "failed");
        set |= moot__json_set_text(body, "detail", "nobody in it has anything to do");
        if (set != MOOT_OK) {
            moot__json_free(body);
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
        }
        status = moot__host_end(h, h->items[i].path, body, err);
    }
    return status == MOOT_OK ? moot__host_drain(h, err) : status;
}

static bool stuck(const struct moot_host *h)
{
    return queue_empty(h) && !h->dirty && !h->posts_due && !h->stopping && !h->run.closed &&
           !flying(h) && !moot__host_waits(h) && !moot__host_asks(h) && !all_ended(h);
}

/* One insert: takes what has finished, one outcome at a time, and steps everyone it concerns. */
static int insert_all(struct moot_host *h, struct moot_error *err)
{
    int status = moot__host_drain(h, err);
    if (status == MOOT_OK && h->posts_due && queue_empty(h))
        status = moot__host_posts(h, err);
    if (status == MOOT_OK && queue_empty(h))
        status = moot__host_late(h, err);
    while (status == MOOT_OK && h->dirty && queue_empty(h) && h->batch_count < MOOT_MAX_HOPS) {
        status = moot__host_collect(h, err);
        if (status == MOOT_OK)
            status = moot__host_drain(h, err);
    }
    if (status == MOOT_OK && queue_empty(h))
        status = moot__host_admit(h, err);
    if (status == MOOT_OK && stuck(h))
        status = end_stuck(h, err);
    if (status == MOOT_OK && queue_empty(h) && all_ended(h) && !h->run.closed && !h->stopping)
        status = close_run(h, err);
    return status;
}

static int turn_fail(struct moot_host *h, int status, struct moot_error *err)
{
    h->state = MOOT_RUN_FAILED;
    if (err != NULL)
        h->failure = *err;
    return status;
}

int moot__host_turn(struct moot_host *h, int64_t timeout_ms, struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    if (h->state == MOOT_RUN_CLOSED || h->state == MOOT_RUN_STOPPED || h->state == MOOT_RUN_FAILED)
        return MOOT_OK;
    bool busy = h->dirty || !queue_empty(h) || h->batch_count > 0 || h->posts_due;
    w->turn(w->self, busy ? 0 : timeout_ms);
    int status = insert_all(h, err);
    if (status == MOOT_OK)
        status = moot__host_commit(h, err);
    if (status != MOOT_OK)
        return turn_fail(h, status, err);
    moot__host_posted(h);
    moot__host_sweep(h);
    if (h->o.crash_after > 0 && h->commits >= h->o.crash_after) {
        h->state = MOOT_RUN_FAILED;
        return MOOT_OK;
    }
    if (h->run.closed) {
        h->state = MOOT_RUN_CLOSED;
        return MOOT_OK;
    }
    if (h->stopping) {
        h->state = MOOT_RUN_STOPPED;
        return MOOT_OK;
    }
    moot__host_start_flights(h);
    moot__host_notify_start(h);
    bool waits = !flying(h) && queue_empty(h) && !h->dirty && !h->posts_due && moot__host_asks(h);
    h->state = waits ? MOOT_RUN_WAITING : MOOT_RUN_GOING;
    return MOOT_OK;
}

int moot__host_run(struct moot_host *h, struct moot_error *err)
{
    int status = MOOT_OK;
    do {
        status = moot__host_turn(h, 1000, err);
    } while (status == MOOT_OK && h->state == MOOT_RUN_GOING);
    return status;
}

enum moot_run_state moot__host_state(const struct moot_host *h)
{
    return h->state;
}

void moot__host_stop(struct moot_host *h)
{
    h->stopping = true;
    const struct moot_world *w = h->o.world;
    w->wake(w->self);
}

const struct moot_error *moot__host_failure(const struct moot_host *h)
{
    return h->failure.message[0] != '\0' ? &h->failure : NULL;
}

void moot__host_notice(const struct moot_host *h, const char *format, ...)
{
    char text[512];
    va_list args;
    if (h->o.watcher.notice == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    h->o.watcher.notice(h->o.watcher.arg, text);
}

const char *moot__host_run_id(const struct moot_host *h)
{
    return h->run_id;
}

int64_t moot__host_ms(const struct moot_host *h)
{
    return moot__host_at(h);
}

void moot__host_totals(const struct moot_host *h, struct moot_run_totals *out)
{
    memset(out, 0, sizeof(*out));
    out->items = (int64_t)h->item_count;
    for (size_t i = 0; i < h->item_count; i++) {
        const struct moot_item *item = &h->items[i];
        const char *outcome = item->outcome != NULL ? item->outcome : "";
        out->done += strcmp(outcome, "done") == 0;
        out->rejected += strcmp(outcome, "rejected") == 0;
        out->skipped += strcmp(outcome, "skipped") == 0;
        out->failed += strcmp(outcome, "failed") == 0 || strcmp(outcome, "cancelled") == 0;
        out->waiting += item->state == MOOT_ITEM_OPEN && moot__host_idle(item);
    }
    const struct moot_usage *u = moot__run_usage(&h->run, "", NULL, NULL);
    if (u != NULL) {
        out->calls = u->calls;
        out->tokens = u->tokens;
        out->cost = h->run.cost_unknown ? -1 : u->cost;
    }
    out->ms = moot__host_at(h);
}

static void items_free(struct moot_host *h)
{
    for (size_t i = 0; i < h->item_count; i++) {
        struct moot_item *item = &h->items[i];
        free(item->path);
        free(item->name);
        free(item->outcome);
        free(item->flights);
        moot__json_free(item->input);
        moot__json_free(item->scope);
    }
    free(h->items);
}

static void free_key(void *key)
{
    moot__key_free(key);
}

#ifndef NDEBUG
/* Fold = live, asserted at the end of every run of a debug build: nothing else matters as much. */
static void assert_fold(struct moot_host *h)
{
    struct moot_error err = {0};
    bool whole =
        h->state == MOOT_RUN_CLOSED || h->state == MOOT_RUN_WAITING || h->state == MOOT_RUN_STOPPED;
    if (!whole || !queue_empty(h) || h->batch_count > 0 || h->run.messages == 0)
        return;
    int status = moot__host_check_fold(h, &err);
    if (status != MOOT_OK && status != MOOT_ENOMEM) {
        fprintf(stderr, "moot: run %s: %s\n", h->run_id, err.message);
        bool fold_is_live = false;
        MOOT_ASSERT(fold_is_live);
    }
}
#endif

void moot__host_free(struct moot_host *h)
{
    if (h == NULL)
        return;
    const struct moot_world *w = h->o.world;
#ifndef NDEBUG
    if (h->journal != NULL)
        assert_fold(h);
#endif
    if (h->watch != NULL)
        w->unwatch(w->self, h->watch);
    moot__host_drop_flights(h);
    moot__host_sweep(h);
    moot__host_notify_drop(h);
    while (h->landing_count > 0 && w->turn(w->self, 100) == MOOT_OK)
        moot__host_sweep(h);
    free(h->landing);
    moot__host_drop_waits(h, NULL);
    free(h->waits);
    items_free(h);
    for (size_t i = h->queue_head; i < h->queue_count; i++)
        moot__message_unref(h->queue[i]);
    free(h->queue);
    for (size_t i = 0; i < h->batch_count; i++)
        moot__message_unref(h->batch[i]);
    free(h->batch);
    moot__journal_close(h->journal);
    if (h->state == MOOT_RUN_CLOSED) /* else it is taken up again, and finds what was there */
        moot__scratch_remove(h->run_id);
    moot__stage_release(&h->stage);
    moot__run_release(&h->run);
    moot__map_release(&h->keys, free_key);
    moot__host_people_free(h);
    moot__map_release(&h->nonces, NULL);
    moot__map_release(&h->unwitnessed, NULL);
    for (size_t i = 0; i < h->posted_count; i++)
        free(h->posted[i]);
    free(h->posted);
    moot__key_free(h->host_key);
    moot__redact_free(h->redact);
    free(h->run_id);
    free(h->date);
    free(h->only);
    free(h->only_agent);
    free(h);
}
