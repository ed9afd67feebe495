/* Doing what was decided: the result as it is, a plan as a graph, the task by whom it was given. */
#include "agents/errand.h"
#include "agents/output.h"
#include "agents/publish.h"
#include "roles/council.h"

/* {json} or {text}. NULL: out of memory. */
static struct moot_json *result_body(const struct moot_council *c)
{
    const char *text = c->task->output.given ? NULL : moot__json_text(c->result);
    char *json = text == NULL ? moot__json_string(c->result) : NULL;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body == NULL || (text == NULL && json == NULL) ||
        moot__json_set_text(body, text != NULL ? "text" : "json", text != NULL ? text : json) !=
            MOOT_OK) {
        moot__json_free(body);
        body = NULL;
    }
    free(json);
    return body;
}

static int finish(struct moot_me *me, struct moot_council *c)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "outcome", "done");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", "finished");
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "result", result_body(c));
    if (rc == MOOT_OK && c->unapproved)
        rc = moot__json_set_bool(body, "unapproved", true);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    c->phase = MOOT_COUNCIL_OVER;
    moot__finish(me, body);
    return me->fx->status;
}

/* The result stands: only now it is written. */
static int publish(struct moot_me *me, struct moot_council *c)
{
    struct moot_error err = {0};
    char *args = NULL;
    if (!moot__publish_wanted(c->task))
        return finish(me, c);
    int rc = moot__publish_args(c->task, c->input, c->result, &args, &err);
    if (rc != MOOT_OK)
        return rc == MOOT_ENOMEM ? rc : moot__council_failed(me, c, "error", err.message);
    c->phase = MOOT_COUNCIL_PUBLISHING;
    c->call_n = moot__call(me, "publish", args);
    free(args);
    return me->fx->status;
}

int moot__council_on_published(struct moot_me *me, struct moot_council *c,
                               const struct moot_json *body)
{
    const char *status = moot__json_get_text(body, "status", "error");
    struct moot_buf detail;
    if (strcmp(status, "ok") == 0)
        return finish(me, c);
    moot__buf_init(&detail, MOOT_MAX_BODY);
    moot__buf_addf(&detail, "the result could not be written: %s",
                   moot__json_get_text(body, "output", status));
    int rc = detail.status;
    if (rc == MOOT_OK)
        rc = moot__council_failed(me, c, status, moot__buf_text(&detail));
    moot__buf_release(&detail);
    return rc;
}

/* ---- a plan ---- */

static const struct moot_json *items(const struct moot_council *c)
{
    return moot__json_get(c->result, "items");
}

/* The results of what the item needs: [{id, text}]; *ready: they are all there. NULL: out of
 * memory. */
static struct moot_json *needed(const struct moot_council *c, const struct moot_json *item,
                                bool *ready)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *n = moot__json_first(moot__json_get(item, "needs"));
    for (*ready = true; n != NULL && rc == MOOT_OK && *ready; n = moot__json_next(n)) {
        const char *id = moot__json_text(n) != NULL ? moot__json_text(n) : "";
        const char *text = moot__json_get_text(c->results, id, NULL);
        *ready = text != NULL;
        if (text == NULL)
            continue;
        struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
        rc = entry == NULL ? MOOT_ENOMEM : moot__json_set_text(entry, "id", id);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(entry, "text", text);
        if (rc == MOOT_OK)
            rc = moot__json_add(list, entry);
        else
            moot__json_free(entry);
    }
    if (rc == MOOT_OK)
        return list;
    moot__json_free(list);
    return NULL;
}

static int begin_item(struct moot_me *me, struct moot_council *c, const struct moot_json *item,
                      int64_t at)
{
    bool ready = false;
    char path[32];
    struct moot_json *results = needed(c, item, &ready);
    if (results == NULL || !ready) {
        moot__json_free(results);
        return ready ? MOOT_ENOMEM : MOOT_OK;
    }
    snprintf(path, sizeof(path), "w%lld", (long long)at + 1);
    struct moot_json *input = moot__council_question(c);
    int rc = input == NULL ? MOOT_ENOMEM : moot__json_set(input, "item", moot__json_copy(item));
    if (rc != MOOT_OK) {
        moot__json_free(results);
        moot__json_free(input);
        return rc;
    }
    rc = moot__json_set(input, "results", results);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        return rc;
    }
    return moot__council_send(me, c, path, moot__json_get_text(item, "agent", ""), at, "work",
                              input);
}

static bool is_out(const struct moot_council *c, int64_t at)
{
    const struct moot_json *o = moot__json_first(c->out);
    while (o != NULL && moot__json_get_int(o, "at", -1) != at)
        o = moot__json_next(o);
    return o != NULL;
}

/* Begins all items that can go on now. */
static int go_on(struct moot_me *me, struct moot_council *c)
{
    int64_t at = 0;
    int rc = MOOT_OK;
    const struct moot_json *m = moot__json_first(items(c));
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m), at++) {
        const char *id = moot__json_get_text(m, "id", "");
        if (moot__json_get(c->results, id) == NULL && !is_out(c, at))
            rc = begin_item(me, c, m, at);
    }
    return rc;
}

static int on_item(struct moot_me *me, struct moot_council *c, const struct moot_json *entry,
                   const struct moot_json *body)
{
    const struct moot_json *item =
        moot__json_at(items(c), (size_t)moot__json_get_int(entry, "at", 0));
    const char *id = moot__json_get_text(item, "id", "");
    struct moot_json *value = NULL;
    int rc = moot__council_result(body, &value);
    if (rc == MOOT_OK && moot__json_text(value) == NULL) {
        struct moot_buf detail;
        moot__json_free(value);
        moot__buf_init(&detail, MOOT_MAX_BODY);
        moot__buf_addf(&detail, "%s of the plan: %s", id,
                       moot__json_get_text(body, "detail", "it failed"));
        rc = detail.status;
        if (rc == MOOT_OK)
            rc = moot__council_failed(me, c, moot__json_get_text(body, "stop", "failed"),
                                      moot__buf_text(&detail));
        moot__buf_release(&detail);
        return rc;
    }
    if (rc == MOOT_OK)
        rc = moot__json_set(c->results, id, value);
    if (rc == MOOT_OK)
        rc = go_on(me, c);
    if (rc != MOOT_OK || moot__json_count(c->results) < moot__json_count(items(c)))
        return rc;
    const struct moot_json *last = moot__json_at(items(c), moot__json_count(items(c)) - 1);
    struct moot_json *whole =
        moot__json_copy(moot__json_get(c->results, moot__json_get_text(last, "id", "")));
    if (whole == NULL)
        return MOOT_ENOMEM;
    moot__json_free(c->result);
    c->result = whole;
    return publish(me, c);
}

/* ---- by whom it was given ---- */

static int open_task(struct moot_me *me, struct moot_council *c)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char path[MOOT_MAX_ID + 32];
    snprintf(path, sizeof(path), "%s#%lld", c->task->id, (long long)++c->attempts);
    if (body == NULL || moot__json_set_int(body, "attempt", c->attempts) != MOOT_OK ||
        moot__json_set_bool(body, "proposal", true) != MOOT_OK) {
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    return moot__council_open(me, c, path, moot__json_get_text(c->result, "id", ""), -1,
                              moot__json_copy(c->input), body);
}

/* Its end is the council's: also where it was rejected, or failed. */
static int on_task(struct moot_me *me, struct moot_council *c, const struct moot_json *body)
{
    struct moot_json *value = NULL;
    bool done = strcmp(moot__json_get_text(body, "outcome", ""), "done") == 0;
    int rc = moot__council_result(body, &value);
    if (rc != MOOT_OK)
        return rc;
    if (done && value != NULL) {
        moot__json_free(c->result);
        c->result = value;
        return publish(me, c);
    }
    moot__json_free(value);
    struct moot_json *end = moot__json_copy(body);
    if (end == NULL)
        return MOOT_ENOMEM;
    moot__json_free(moot__json_take(end, "at"));
    moot__json_free(moot__json_take(end, "usage"));
    c->phase = MOOT_COUNCIL_OVER;
    moot__finish(me, end);
    return me->fx->status;
}

/* ---- all of them ---- */

int moot__council_carry_out(struct moot_me *me, struct moot_council *c)
{
    c->phase = MOOT_COUNCIL_WORKING;
    if (c->task->vote->decide == MOOT_DECIDE_PLAN && c->task->vote->candidates == NULL)
        return go_on(me, c);
    if (c->task->vote->decide == MOOT_DECIDE_HANDLER)
        return open_task(me, c);
    return publish(me, c);
}

int moot__council_on_work(struct moot_me *me, struct moot_council *c, const struct moot_json *entry,
                          const struct moot_json *body)
{
    return moot__json_get_int(entry, "at", -1) >= 0 ? on_item(me, c, entry, body)
                                                    : on_task(me, c, body);
}
