#include "roles/item.h"

#include "agents/check.h"
#include "agents/output.h"
#include "agents/prompt.h"
#include "agents/verdict.h"
#include "roles/task_input.h"

enum { QUESTIONS_MAX = 10 }; /* to a person about one task, when what was mended is not valid */

int moot__item_init(struct moot_me *me, bool one_at_a_time, void **self)
{
    struct moot_item *item = calloc(1, sizeof(*item));
    if (item == NULL)
        return MOOT_ENOMEM;
    int rc = moot__item_setup(me, one_at_a_time, item);
    if (rc != MOOT_OK) {
        free(item);
        return rc;
    }
    *self = item;
    return MOOT_OK;
}

int moot__item_setup(struct moot_me *me, bool one_at_a_time, struct moot_item *item)
{
    return moot__schedule_init(&item->schedule, me->persona->crew, one_at_a_time);
}

void moot__item_teardown(struct moot_item *item)
{
    moot__schedule_release(&item->schedule);
    moot__json_free(item->scope);
}

void moot__item_release(void *self)
{
    moot__item_teardown(self);
    free(self);
}

void moot__item_digest(const void *self, const struct moot_digest *d)
{
    const struct moot_item *item = self;
    moot__digest_int(d, item->seed);
    moot__digest_json(d, item->scope);
    moot__schedule_digest(&item->schedule, d);
}

static const struct moot_task_def *def_of(const struct moot_item *item, size_t task)
{
    return &item->schedule.crew->tasks[task];
}

static struct moot_scheduled *state_of(struct moot_item *item, size_t task)
{
    return &item->schedule.tasks[task];
}

/* ---- the end ---- */

/* Gives up what still goes on. */
static void cancel_all(struct moot_me *me, struct moot_item *item)
{
    for (size_t i = 0; i < item->schedule.crew->task_count; i++) {
        struct moot_scheduled *t = state_of(item, i);
        if (t->state == MOOT_TASK_RUNNING) {
            char path[MOOT_MAX_ID + 32];
            snprintf(path, sizeof(path), "%s#%lld", def_of(item, i)->id, (long long)t->runs);
            moot__cancel_conv(me, path);
        } else if (t->state == MOOT_TASK_ASKING) {
            moot__cancel(me, t->question);
        }
    }
}

/* {json} or {text}. NULL: out of memory. */
static struct moot_json *result_body(const struct moot_task_def *task,
                                     const struct moot_json *result)
{
    const char *text = task->output.given ? NULL : moot__json_text(result);
    char *json = text == NULL ? moot__json_string(result) : NULL;
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

static struct moot_json *end_body(const char *outcome, const char *stop)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body == NULL || moot__json_set_text(body, "outcome", outcome) != MOOT_OK ||
        moot__json_set_text(body, "stop", stop) != MOOT_OK) {
        moot__json_free(body);
        return NULL;
    }
    return body;
}

static int finish(struct moot_me *me, struct moot_item *item, struct moot_json *body)
{
    if (body == NULL)
        return MOOT_ENOMEM;
    cancel_all(me, item);
    int rc = item->ops != NULL ? item->ops->ending(item, me) : MOOT_OK;
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__finish(me, body);
    return me->fx->status;
}

static int set_partial(struct moot_item *item, struct moot_json *body);

int moot__item_fail(struct moot_me *me, struct moot_item *item, const char *stop, const char *task,
                    const char *detail)
{
    struct moot_json *body = end_body("failed", stop);
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "%s%s%s", task != NULL ? task : "", task != NULL ? ": " : "", detail);
    int rc = words.status;
    if (rc == MOOT_OK && body != NULL)
        rc = moot__json_set_text(body, "detail", moot__buf_text(&words));
    if (rc == MOOT_OK && body != NULL && task != NULL)
        rc = moot__json_set_text(body, "task", task);
    if (rc == MOOT_OK && body != NULL && item->ops != NULL)
        rc = set_partial(item, body);
    moot__buf_release(&words);
    if (rc == MOOT_OK)
        return finish(me, item, body);
    moot__json_free(body);
    return rc;
}

static int finish_rejected(struct moot_me *me, struct moot_item *item, size_t task)
{
    const struct moot_scheduled *t = state_of(item, task);
    const struct moot_json *first = moot__json_first(moot__json_get(t->verdict, "problems"));
    struct moot_json *body = end_body("rejected", "finished");
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "%s, %lld %s: %s", def_of(item, task)->id, (long long)t->rejections,
                   t->rejections == 1 ? "attempt" : "attempts",
                   moot__json_get_text(first, "what", "rejected"));
    int rc = body == NULL ? MOOT_ENOMEM : words.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "detail", moot__buf_text(&words));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "task", def_of(item, task)->id);
    if (rc == MOOT_OK && t->verdict != NULL)
        rc = moot__json_set(body, "verdict", moot__json_copy(t->verdict));
    if (rc == MOOT_OK && t->result != NULL)
        rc = moot__json_set(body, "result", result_body(def_of(item, task), t->result));
    moot__buf_release(&words);
    if (rc == MOOT_OK)
        return finish(me, item, body);
    moot__json_free(body);
    return rc;
}

/* The attempts whose results stand, by path below the item. NULL: out of memory. */
static struct moot_json *attempts_that_stand(struct moot_item *item)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; list != NULL && i < item->schedule.crew->task_count; i++) {
        const struct moot_scheduled *t = state_of(item, i);
        if (t->state != MOOT_TASK_DONE)
            continue;
        char path[MOOT_MAX_ID + 32];
        snprintf(path, sizeof(path), "%s#%lld", def_of(item, i)->id, (long long)t->runs);
        if (moot__json_add(list, moot__json_new_text(path)) != MOOT_OK) {
            moot__json_free(list);
            return NULL;
        }
    }
    return list;
}

/* The last task in the crew file's order whose result stands; the crew's task_count: none. */
static size_t last_done(struct moot_item *item, bool *unapproved)
{
    size_t last = item->schedule.crew->task_count;
    for (size_t i = 0; i < item->schedule.crew->task_count; i++) {
        if (state_of(item, i)->state != MOOT_TASK_DONE)
            continue;
        last = i;
        *unapproved = *unapproved || state_of(item, i)->unapproved;
    }
    return last;
}

/* What stands although the item failed. */
static int set_partial(struct moot_item *item, struct moot_json *body)
{
    bool unapproved = false;
    size_t last = last_done(item, &unapproved);
    if (last == item->schedule.crew->task_count)
        return MOOT_OK;
    int rc = moot__json_set(body, "result",
                            result_body(def_of(item, last), state_of(item, last)->result));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "results", attempts_that_stand(item));
    if (rc == MOOT_OK && unapproved)
        rc = moot__json_set_bool(body, "unapproved", true);
    return rc;
}

static int finish_done(struct moot_me *me, struct moot_item *item)
{
    bool unapproved = false;
    size_t last = last_done(item, &unapproved);
    bool any = last < item->schedule.crew->task_count;
    struct moot_json *body = end_body(any ? "done" : "skipped", "finished");
    int rc = body == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK && any)
        rc = moot__json_set(body, "result",
                            result_body(def_of(item, last), state_of(item, last)->result));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "results", attempts_that_stand(item));
    if (rc == MOOT_OK && unapproved)
        rc = moot__json_set_bool(body, "unapproved", true);
    if (rc == MOOT_OK)
        return finish(me, item, body);
    moot__json_free(body);
    return rc;
}

/* ---- beginning tasks ---- */

/* What the new attempt is told of itself and of the one before. */
static int add_attempt(struct moot_item *item, size_t task, struct moot_json *input)
{
    struct moot_scheduled *t = state_of(item, task);
    const char *report = t->report != NULL ? t->report : "";
    int rc = moot__json_set_text(input, "report", report);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(input, "attempt", t->runs);
    if (rc == MOOT_OK && t->report != NULL)
        rc = moot__json_set_text(input, "rejected", def_of(item, t->rejected)->id);
    if (rc == MOOT_OK && t->report != NULL && t->result != NULL)
        rc = moot__json_set(input, "previous", moot__json_copy(t->result));
    free(t->report);
    t->report = NULL;
    return rc;
}

struct moot_json *moot__item_input(const struct moot_item *item, size_t task)
{
    return moot__task_input(def_of(item, task), item->scope);
}

int moot__item_begin(struct moot_me *me, struct moot_item *item, size_t task, const char *agent,
                     struct moot_json *from)
{
    const struct moot_task_def *def = def_of(item, task);
    struct moot_scheduled *t = state_of(item, task);
    t->state = MOOT_TASK_RUNNING;
    t->runs++;
    struct moot_json *input = moot__item_input(item, task);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = input == NULL || body == NULL ? MOOT_ENOMEM : add_attempt(item, task, input);
    if (rc == MOOT_OK && from != NULL)
        rc = moot__json_set(input, MOOT_SCOPE_MANAGER, moot__json_copy(from));
    moot__json_free(from);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(body, "attempt", t->runs);
    if (rc == MOOT_OK && item->seed != 0)
        rc = moot__json_set_int(body, "seed", item->seed);
    if (rc == MOOT_OK && moot__schedule_unapproved(&item->schedule, task))
        rc = moot__json_set_bool(body, "unapproved", true);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        moot__json_free(body);
        return rc;
    }
    char path[MOOT_MAX_ID + 32];
    snprintf(path, sizeof(path), "%s#%lld", def->id, (long long)t->runs);
    moot__open(me, path, agent, def->id, input, body);
    return me->fx->status;
}

static int begin(struct moot_me *me, struct moot_item *item, size_t task)
{
    if (item->ops == NULL)
        return moot__item_begin(me, item, task, def_of(item, task)->agent, NULL);
    state_of(item, task)->state = MOOT_TASK_HELD;
    return item->ops->offer(item, me, task);
}

static int skip(struct moot_me *me, struct moot_item *item, size_t task)
{
    state_of(item, task)->state = MOOT_TASK_SKIPPED;
    int rc = moot__json_set(item->scope, def_of(item, task)->id, moot__json_new(MOOT_JSON_NULL));
    return rc == MOOT_OK && item->ops != NULL ? item->ops->skipped(item, me, task) : rc;
}

/* Begins or skips all that can go on now; ends the item when nothing is left. */
static int go_on(struct moot_me *me, struct moot_item *item)
{
    size_t task = 0;
    size_t from = 0;
    for (;;) {
        enum moot_next next = moot__schedule_next(&item->schedule, from, &task);
        if (next == MOOT_NEXT_NONE)
            break;
        const struct moot_task_def *def = def_of(item, task);
        struct moot_error err = {0};
        bool wanted = next == MOOT_NEXT_TASK;
        int rc = MOOT_OK;
        if (wanted && def->when != NULL)
            rc = moot__expr_true(def->when, item->scope, &wanted, &err);
        if (rc == MOOT_ENOMEM)
            return rc;
        if (rc != MOOT_OK)
            return moot__item_fail(me, item, "failed", def->id, err.message);
        rc = wanted ? begin(me, item, task) : skip(me, item, task);
        if (rc != MOOT_OK)
            return rc;
        /* What was skipped may let an earlier one go on. */
        from = wanted ? task : 0;
    }
    if (moot__schedule_settled(&item->schedule))
        return finish_done(me, item);
    if (moot__schedule_busy(&item->schedule) > 0)
        return MOOT_OK;
    return moot__item_fail(me, item, "failed", NULL, "the tasks that are left wait for each other");
}

/* ---- outcomes ---- */

int moot__item_read_result(const struct moot_json *body, struct moot_json **out)
{
    const struct moot_json *result = moot__json_get(body, "result");
    const char *json = moot__json_get_text(result, "json", NULL);
    const char *text = moot__json_get_text(result, "text", NULL);
    *out = NULL;
    if (json != NULL) {
        int rc = moot__json_parse(json, strlen(json), out, NULL);
        if (rc == MOOT_OK || rc == MOOT_ENOMEM)
            return rc;
        text = json;
    }
    if (text != NULL)
        *out = moot__json_new_text(text);
    return text != NULL && *out == NULL ? MOOT_ENOMEM : MOOT_OK;
}

int moot__item_accept(struct moot_me *me, struct moot_item *item, size_t task,
                      struct moot_json *result, bool unapproved)
{
    struct moot_scheduled *t = state_of(item, task);
    if (result == NULL)
        result = moot__json_new_text("");
    if (result == NULL)
        return MOOT_ENOMEM;
    moot__json_free(t->result);
    t->result = result;
    t->state = MOOT_TASK_DONE;
    t->unapproved = unapproved || moot__schedule_unapproved(&item->schedule, task);
    int rc = moot__json_set(item->scope, def_of(item, task)->id, moot__json_copy(result));
    if (rc == MOOT_OK && item->ops != NULL)
        rc = item->ops->stands(item, me, task);
    return rc != MOOT_OK ? rc : go_on(me, item);
}

/* The inbox shows every try with its verdict. `note` says what was wrong with what the person gave
 * before; NULL: nothing. */
static int ask(struct moot_me *me, struct moot_item *item, size_t task, const char *note)
{
    struct moot_scheduled *t = state_of(item, task);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *about = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *choices = moot__json_new(MOOT_JSON_ARRAY);
    char *tries = t->tries == NULL ? NULL : moot__json_string(t->tries);
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words,
                   "%s was rejected in all of its %lld attempts. Take the best one, mend it, "
                   "or reject it?%s%s",
                   def_of(item, task)->id, (long long)t->rejections, note != NULL ? "\n" : "",
                   note != NULL ? note : "");
    int rc = body == NULL || about == NULL || choices == NULL || tries == NULL ? MOOT_ENOMEM
                                                                               : words.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "text", moot__buf_text(&words));
    if (rc == MOOT_OK)
        rc = moot__json_add(choices, moot__json_new_text("approve"));
    if (rc == MOOT_OK)
        rc = moot__json_add(choices, moot__json_new_text("reject"));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(about, "task", def_of(item, task)->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(about, "tries", tries);
    const struct moot_json *best = moot__schedule_best(&item->schedule, task);
    if (rc == MOOT_OK && best != NULL)
        rc = moot__json_set(about, "result", result_body(def_of(item, task), best));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "choices", moot__json_copy(choices));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "about", moot__json_copy(about));
    free(tries);
    moot__buf_release(&words);
    moot__json_free(choices);
    moot__json_free(about);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    t->state = MOOT_TASK_ASKING;
    t->asked++;
    t->question = moot__ask(me, NULL, body);
    return me->fx->status;
}

static int on_exhausted(struct moot_me *me, struct moot_item *item, size_t task)
{
    const struct moot_json *best = moot__schedule_best(&item->schedule, task);
    int rc;
    switch (def_of(item, task)->on_exhausted) {
    case MOOT_EXHAUSTED_ASK:
        rc = ask(me, item, task, NULL);
        return rc != MOOT_OK ? rc : go_on(me, item);
    case MOOT_EXHAUSTED_BEST:
        if (best != NULL) {
            struct moot_json *copy = moot__json_copy(best);
            return copy == NULL ? MOOT_ENOMEM : moot__item_accept(me, item, task, copy, true);
        }
        break;
    case MOOT_EXHAUSTED_FAIL:
        break;
    }
    return finish_rejected(me, item, task);
}

int moot__item_reject(struct moot_me *me, struct moot_item *item, size_t task,
                      struct moot_json *result, struct moot_json *verdict)
{
    int rc = moot__schedule_reject(&item->schedule, task, result, verdict);
    if (rc != MOOT_OK)
        return rc;
    if (!moot__schedule_may_retry(&item->schedule, task))
        return on_exhausted(me, item, task);
    rc = moot__schedule_send_back(&item->schedule, task);
    if (rc == MOOT_OK && item->ops != NULL)
        rc = item->ops->sent_back(item, me, task);
    return rc != MOOT_OK ? rc : go_on(me, item);
}

static int on_rejected(struct moot_me *me, struct moot_item *item, size_t task,
                       const struct moot_json *body, struct moot_json *result)
{
    struct moot_json *verdict = NULL;
    if (moot__verdict_read(moot__json_get(body, "verdict"), NULL, &verdict) == MOOT_EINVAL)
        verdict = moot__verdict_no("it was rejected, and no reason was given");
    return moot__item_reject(me, item, task, result, verdict);
}

/* What passed stands, but where a manager decides. */
static int on_passed(struct moot_me *me, struct moot_item *item, size_t task,
                     struct moot_json *result, bool unapproved)
{
    if (item->ops == NULL || unapproved)
        return moot__item_accept(me, item, task, result, unapproved);
    state_of(item, task)->state = MOOT_TASK_HELD;
    return item->ops->passed(item, me, task, result);
}

static int on_end(struct moot_me *me, struct moot_item *item, size_t task,
                  const struct moot_json *body)
{
    const char *outcome = moot__json_get_text(body, "outcome", "failed");
    bool done = strcmp(outcome, "done") == 0;
    if (strcmp(outcome, "skipped") == 0) {
        int rc = skip(me, item, task);
        return rc != MOOT_OK ? rc : go_on(me, item);
    }
    if (!done && strcmp(outcome, "rejected") != 0) {
        bool handled = false;
        state_of(item, task)->state = MOOT_TASK_WAITING; /* it has ended: nothing to cancel */
        if (item->ops != NULL) {
            state_of(item, task)->state = MOOT_TASK_HELD;
            int rc = item->ops->failed(item, me, task, body, &handled);
            if (rc != MOOT_OK || handled)
                return rc;
        }
        return moot__item_fail(me, item, moot__json_get_text(body, "stop", "failed"),
                               def_of(item, task)->id,
                               moot__json_get_text(body, "detail", "it failed"));
    }
    struct moot_json *result = NULL;
    int rc = moot__item_read_result(body, &result);
    if (rc != MOOT_OK)
        return rc;
    return done ? on_passed(me, item, task, result, moot__json_get_bool(body, "unapproved", false))
                : on_rejected(me, item, task, body, result);
}

/* What a person gave instead of the tries: a mended result, or the best try by consent. *out is
 * NULL for a rejection; MOOT_EINVAL: neither, and `problems` says what is wrong. */
static int read_answer(struct moot_item *item, size_t task, const struct moot_json *body,
                       struct moot_json **out, struct moot_buf *problems)
{
    const struct moot_output_def *o = &def_of(item, task)->output;
    enum moot_decision decision = moot__decision(body);
    *out = NULL;
    if (decision == MOOT_DECISION_REJECT)
        return MOOT_OK;
    int rc = moot__mended(o, body, out, problems);
    if (rc != MOOT_OK || *out != NULL)
        return rc;
    const struct moot_json *best = moot__schedule_best(&item->schedule, task);
    if (decision == MOOT_DECISION_ACCEPT) {
        *out = best == NULL ? NULL : moot__json_copy(best);
        return best != NULL && *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    /* No decision: where the result is no JSON, what was said is the result. */
    if (moot__output_schema(o) == NULL)
        return moot__output_read(o, moot__json_get_text(body, "text", ""), out, problems);
    moot__buf_adds(problems, "- say approve or reject, or give the whole result as JSON\n");
    return problems->status != MOOT_OK ? problems->status : MOOT_EINVAL;
}

static int on_answer(struct moot_me *me, struct moot_item *item, size_t task,
                     const struct moot_json *body)
{
    struct moot_buf problems;
    struct moot_json *result = NULL;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    bool late = strcmp(moot__json_get_text(body, "status", "ok"), "expired") == 0;
    int rc = late ? MOOT_ENOTFOUND : read_answer(item, task, body, &result, &problems);
    if (rc == MOOT_OK && result != NULL)
        rc = moot__item_accept(me, item, task, result, false);
    else if (rc == MOOT_EINVAL && state_of(item, task)->asked < QUESTIONS_MAX)
        rc = ask(me, item, task, moot__buf_text(&problems));
    else if (rc != MOOT_ENOMEM)
        rc = finish_rejected(me, item, task);
    moot__buf_release(&problems);
    return rc;
}

static int on_open(struct moot_me *me, struct moot_item *item, const struct moot_message *m)
{
    struct moot_json *input = NULL;
    int rc = moot__input(m, &input);
    if (rc != MOOT_OK)
        return rc;
    item->seed = moot__json_get_int(moot_message_json(m), "seed", 0);
    item->scope = moot__scope_make(item->schedule.crew, input);
    return item->scope == NULL ? MOOT_ENOMEM : go_on(me, item);
}

/* The task whose attempt ended, if it is the one that is out; the crew's task_count: none. */
static size_t ended_task(const struct moot_me *me, struct moot_item *item,
                         const struct moot_message *m)
{
    char path[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 32];
    size_t i = 0;
    for (; i < item->schedule.crew->task_count; i++) {
        const struct moot_scheduled *t = state_of(item, i);
        snprintf(path, sizeof(path), "%s/%s#%lld", me->conv, def_of(item, i)->id,
                 (long long)t->runs);
        if (t->state == MOOT_TASK_RUNNING && moot__ends(m, path))
            break;
    }
    return i;
}

int moot__item_receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct moot_item *item = self;
    enum moot_kind kind = moot_message_kind(m);
    size_t count = item->schedule.crew->task_count;
    if (item->scope == NULL)
        return kind == MOOT_OPEN ? on_open(me, item, m) : MOOT_OK;
    if (kind == MOOT_END) {
        size_t task = ended_task(me, item, m);
        return task < count ? on_end(me, item, task, moot_message_json(m)) : MOOT_OK;
    }
    for (size_t i = 0; kind == MOOT_ANSWER && i < count; i++)
        if (state_of(item, i)->state == MOOT_TASK_ASKING &&
            moot__answers(me, m, state_of(item, i)->question))
            return on_answer(me, item, i, moot_message_json(m));
    return MOOT_OK;
}
