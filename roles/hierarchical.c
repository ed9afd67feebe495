/* The manager of the process `hierarchical`: its model plans and reviews and never authors. The
 * worklist is the framework's; the model emits typed decisions about it, once for every batch of
 * results. Tools' tasks begin by themselves. */
#include "agents/agent.h"
#include "agents/check.h"
#include "agents/prompt.h"
#include "agents/verdict.h"
#include "roles/delegation.h"
#include "roles/roles.h"
#include "runtime/utf8.h"

enum {
    TRIES_MAX = 3,        /* model turns of a round */
    STEPS_MAX = 4,        /* model calls of such a turn, where nothing it calls is valid */
    IDLE_MAX = 2,         /* rounds that decide nothing */
    BATCH_MS = 30 * 1000, /* how long a result waits for others that are being made */
};

/* ---- what comes of work ---- */

/* A result that passed: it waits for the manager, or stands where a judge accepts. */
static int on_result(struct moot_me *me, struct moot_delegation *d, size_t item,
                     struct moot_json *value)
{
    struct moot_work_item *w = &d->list.items[item];
    bool judged = d->item.schedule.crew->delegation.judge != NULL;
    char why[64];
    const char *id = NULL;
    if (value == NULL)
        value = moot__json_new_text("");
    struct moot_json *copy = value == NULL ? NULL : moot__json_copy(value);
    moot__json_free(w->result);
    w->result = value;
    int rc = moot__delegation_make(d, item, copy, &id);
    if (rc != MOOT_OK)
        return rc;
    snprintf(why, sizeof(why), judged ? "%s, accepted by the judge" : "%s", id);
    if (judged && w->root == item) {
        w->result = NULL;
        return moot__item_accept(me, &d->item, w->task, value, false);
    }
    return moot__delegation_move(me, d, item, judged ? MOOT_WORK_DONE : MOOT_WORK_CHECKING, why);
}

static int on_blocked(struct moot_me *me, struct moot_delegation *d, size_t item,
                      const struct moot_json *body)
{
    const char *why = moot__json_get_text(body, "detail", "it failed");
    int rc = moot__work_text(&d->list.items[item].note, why);
    return rc != MOOT_OK ? rc : moot__delegation_move(me, d, item, MOOT_WORK_BLOCKED, why);
}

/* Nobody else could go on either. */
static bool is_final(const struct moot_json *body)
{
    const char *stop = moot__json_get_text(body, "stop", "failed");
    return strcmp(stop, "limit") == 0 || strcmp(stop, "stopped") == 0;
}

static int on_part_end(struct moot_me *me, struct moot_delegation *d, size_t item,
                       const struct moot_json *body)
{
    const char *outcome = moot__json_get_text(body, "outcome", "failed");
    struct moot_json *value = NULL;
    if (strcmp(outcome, "done") == 0) {
        int rc = moot__item_read_result(body, &value);
        return rc != MOOT_OK ? rc : on_result(me, d, item, value);
    }
    if (strcmp(outcome, "rejected") == 0) {
        const struct moot_json *verdict = moot__json_get(body, "verdict");
        struct moot_work_item *w = &d->list.items[item];
        int rc = moot__item_read_result(body, &value);
        moot__json_free(w->result);
        w->result = value;
        struct moot_json *problems = moot__json_copy(moot__json_get(verdict, "problems"));
        return rc != MOOT_OK ? rc : moot__delegation_revise(me, d, item, problems);
    }
    if (!is_final(body))
        return on_blocked(me, d, item, body);
    return moot__item_fail(me, &d->item, moot__json_get_text(body, "stop", "failed"),
                           moot__delegation_task(d, item)->id,
                           moot__json_get_text(body, "detail", "a part failed"));
}

/* The part whose conversation ended; list.count: none. */
static size_t ended_part(const struct moot_me *me, const struct moot_delegation *d,
                         const struct moot_message *m)
{
    char below[MOOT_WORK_ID + 32];
    char path[MOOT_MAX_PATH_CONV + MOOT_WORK_ID + 32];
    size_t i = 0;
    for (; i < d->list.count; i++) {
        const struct moot_work_item *w = &d->list.items[i];
        moot__delegation_path(w, below, sizeof(below));
        snprintf(path, sizeof(path), "%s/%s", me->conv, below);
        if (w->root != i && w->sm.at == MOOT_WORK_RUNNING && moot__ends(m, path))
            break;
    }
    return i;
}

/* ---- what item.c asks and tells ---- */

static struct moot_delegation *of(struct moot_item *item)
{
    return (struct moot_delegation *)item; /* its first member */
}

static int offer(struct moot_item *item, struct moot_me *me, size_t task)
{
    struct moot_delegation *d = of(item);
    const struct moot_task_def *def = &item->schedule.crew->tasks[task];
    if (def->tool == NULL)
        return MOOT_OK; /* it begins when it has a worker */
    int rc = moot__delegation_move(me, d, moot__worklist_of_task(&d->list, task), MOOT_WORK_RUNNING,
                                   "it needs no agent");
    return rc != MOOT_OK ? rc : moot__item_begin(me, item, task, def->agent, NULL);
}

static int passed(struct moot_item *item, struct moot_me *me, size_t task, struct moot_json *result)
{
    struct moot_delegation *d = of(item);
    size_t i = moot__worklist_of_task(&d->list, task);
    if (item->schedule.crew->tasks[task].tool != NULL)
        return moot__item_accept(me, item, task, result, false);
    return on_result(me, d, i, result);
}

static int failed(struct moot_item *item, struct moot_me *me, size_t task,
                  const struct moot_json *body, bool *handled)
{
    struct moot_delegation *d = of(item);
    size_t i = moot__worklist_of_task(&d->list, task);
    *handled = item->schedule.crew->tasks[task].tool == NULL && !is_final(body);
    return *handled ? on_blocked(me, d, i, body)
                    : moot__delegation_move(me, d, i, MOOT_WORK_FAILED,
                                            moot__json_get_text(body, "detail", "it failed"));
}

/* What waits again had begun, or was done: with the same worker. */
static int sent_back(struct moot_item *item, struct moot_me *me, size_t task)
{
    struct moot_delegation *d = of(item);
    char why[MOOT_MAX_ID + 32];
    int rc = MOOT_OK;
    for (size_t i = 0; i < item->schedule.crew->task_count && rc == MOOT_OK; i++) {
        size_t w = moot__worklist_of_task(&d->list, i);
        unsigned at = d->list.items[w].sm.at;
        snprintf(why, sizeof(why), "%s was rejected", item->schedule.crew->tasks[task].id);
        if (item->schedule.tasks[i].state == MOOT_TASK_WAITING &&
            (at == MOOT_WORK_RUNNING || at == MOOT_WORK_CHECKING || at == MOOT_WORK_DONE))
            rc = moot__delegation_move(me, d, w, MOOT_WORK_REVISE, why);
    }
    return rc;
}

static int move_to_done(struct moot_item *item, struct moot_me *me, size_t task, const char *why)
{
    struct moot_delegation *d = of(item);
    return moot__delegation_move(me, d, moot__worklist_of_task(&d->list, task), MOOT_WORK_DONE,
                                 why);
}

static int stands(struct moot_item *item, struct moot_me *me, size_t task)
{
    return move_to_done(item, me, task,
                        item->schedule.tasks[task].unapproved ? "unapproved" : NULL);
}

static int skipped(struct moot_item *item, struct moot_me *me, size_t task)
{
    return move_to_done(item, me, task, "skipped");
}

static int ending(struct moot_item *item, struct moot_me *me)
{
    struct moot_delegation *d = of(item);
    int rc = MOOT_OK;
    if (d->question != 0)
        moot__cancel(me, d->question);
    for (size_t i = 0; i < d->list.count && rc == MOOT_OK; i++) {
        bool used_up = d->list.items[i].root == i &&
                       !moot__schedule_may_retry(&item->schedule, d->list.items[i].task);
        if (!moot__worklist_over(&d->list, i))
            rc = moot__delegation_drop(me, d, i, used_up ? MOOT_WORK_FAILED : MOOT_WORK_CANCELLED,
                                       used_up ? "its attempts are used up" : "the item ends");
    }
    return rc;
}

static const struct moot_item_ops ops = {
    .offer = offer,
    .passed = passed,
    .failed = failed,
    .sent_back = sent_back,
    .stands = stands,
    .skipped = skipped,
    .ending = ending,
};

/* ---- beginning work ---- */

static bool can_begin(void *arg, size_t item)
{
    const struct moot_delegation *d = arg;
    return d->list.items[item].root != item ||
           (moot__delegation_offered(d, item) && !moot__worklist_has_open_parts(&d->list, item));
}

static int begin_ready(struct moot_me *me, struct moot_delegation *d)
{
    int64_t most = me->persona->crew->delegation.max_parallel;
    while ((int64_t)moot__worklist_running(&d->list) < most) {
        size_t i = moot__worklist_next(&d->list, can_begin, d);
        if (i == d->list.count)
            break;
        const struct moot_work_item *w = &d->list.items[i];
        int rc = moot__delegation_move(me, d, i, MOOT_WORK_RUNNING, NULL);
        if (rc == MOOT_OK && w->root != i) {
            rc = moot__delegation_begin_part(me, d, i);
        } else if (rc == MOOT_OK) {
            struct moot_json *from = moot__delegation_from(d, i);
            rc = from == NULL ? MOOT_ENOMEM
                              : moot__item_begin(me, &d->item, w->task, w->assignee, from);
        }
        if (rc != MOOT_OK)
            return rc;
    }
    return MOOT_OK;
}

/* ---- rounds ---- */

static int think(struct moot_me *me, struct moot_delegation *d)
{
    const struct moot_crew_def *crew = me->persona->crew;
    const struct moot_agent_def *agent = moot__def_agent(crew, crew->talk.manager_agent);
    const struct moot_ask ask = {
        .model = agent != NULL ? agent->model : crew->talk.manager_model,
        .tools = crew->delegation.views,
        .tool_count = crew->delegation.view_count,
        .tool_choice = "required",
        .several = true,
        .max_steps = STEPS_MAX,
    };
    d->thinking = true;
    d->tries++;
    return moot__think(me, &ask);
}

static int begin_round(struct moot_me *me, struct moot_delegation *d)
{
    struct moot_buf system, user;
    moot__buf_init(&system, MOOT_MAX_BODY);
    moot__buf_init(&user, MOOT_MAX_BODY);
    d->tries = 0;
    d->decided = false;
    d->due = false;
    int rc = think(me, d);
    if (rc == MOOT_OK && !d->begun)
        rc = moot__delegation_who(me, &system);
    if (rc == MOOT_OK && !d->begun)
        rc = moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
    if (rc == MOOT_OK && !d->begun)
        rc = moot__delegation_brief(d, &user);
    if (rc == MOOT_OK && !d->begun)
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&user));
    d->begun = true;
    moot__buf_truncate(&user, 0);
    if (rc == MOOT_OK)
        rc = moot__delegation_news(d, &user);
    if (rc == MOOT_OK)
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&user));
    moot__buf_release(&system);
    moot__buf_release(&user);
    return rc;
}

static int ask_for_more(struct moot_me *me, struct moot_delegation *d, size_t item)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *choices = moot__json_new(MOOT_JSON_ARRAY);
    char text[256];
    snprintf(text, sizeof(text),
             "The manager's %lld rounds for %s are used up. May it have as many again?",
             (long long)me->persona->crew->delegation.max_rounds,
             moot__delegation_task(d, item)->id);
    int rc =
        body == NULL || choices == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "text", text);
    if (rc == MOOT_OK)
        rc = moot__json_add(choices, moot__json_new_text("approve"));
    if (rc == MOOT_OK)
        rc = moot__json_add(choices, moot__json_new_text("reject"));
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "choices", moot__json_copy(choices));
    moot__json_free(choices);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    d->question = moot__ask(me, NULL, body);
    d->about = item;
    return me->fx->status;
}

static int fail_rounds(struct moot_me *me, struct moot_delegation *d, size_t item)
{
    const struct moot_work_item *w = &d->list.items[item];
    const char *note = w->note != NULL ? w->note : "";
    char words[512];
    snprintf(words, sizeof(words), "%lld rounds of the manager are used up; it was %s%s%.*s",
             (long long)me->persona->crew->delegation.max_rounds, moot__work_state_text(w->sm.at),
             note[0] != '\0' ? ": " : "", (int)moot__utf8_upto(note, 300), note);
    int rc = moot__delegation_move(me, d, item, MOOT_WORK_FAILED, "its rounds are used up");
    if (rc != MOOT_OK)
        return rc;
    return moot__item_fail(me, &d->item, "limit", moot__delegation_task(d, item)->id, words);
}

/* The rounds of a root are used up. */
static int on_exhausted(struct moot_me *me, struct moot_delegation *d, size_t item)
{
    struct moot_work_item *w = &d->list.items[item];
    enum moot_on_exhausted then = me->persona->crew->delegation.on_exhausted;
    if (then == MOOT_EXHAUSTED_ASK)
        return ask_for_more(me, d, item);
    if (then == MOOT_EXHAUSTED_BEST && w->sm.at == MOOT_WORK_CHECKING) {
        struct moot_json *result = w->result;
        w->result = NULL;
        return moot__item_accept(me, &d->item, w->task, result, true);
    }
    return fail_rounds(me, d, item);
}

/* Whether the manager has to decide something of a task or its parts. */
static bool is_about(const struct moot_delegation *d, size_t root)
{
    for (size_t i = 0; i < d->list.count; i++)
        if (d->list.items[i].root == root && moot__delegation_waits(d, i))
            return true;
    return false;
}

/* Counts the round for every root that it is about. Returns one that has had all of its already:
 * then none is counted; list.count: there is none. */
static size_t count_round(const struct moot_me *me, struct moot_delegation *d)
{
    int64_t most = me->persona->crew->delegation.max_rounds;
    for (size_t root = 0; root < d->list.count; root++)
        if (is_about(d, root) && d->list.items[root].rounds >= most)
            return root;
    for (size_t root = 0; root < d->list.count; root++)
        d->list.items[root].rounds += is_about(d, root);
    return d->list.count;
}

static bool anything_waits(const struct moot_delegation *d)
{
    for (size_t i = 0; i < d->list.count; i++)
        if (moot__delegation_waits(d, i))
            return true;
    return false;
}

/* Whether the manager is to be asked now: something waits, and nothing more comes in soon. */
static bool is_time(struct moot_me *me, struct moot_delegation *d)
{
    if (me->finished || d->thinking || d->question != 0 || !anything_waits(d))
        return false;
    if (moot__worklist_running(&d->list) == 0 || d->due)
        return true;
    if (!d->waiting)
        moot__wait(me, ++d->timer, BATCH_MS);
    d->waiting = true;
    return false;
}

/* Begins what can begin; then asks the manager. A root whose rounds are used up is settled first,
 * which may let others begin; each pass settles one. */
static int advance(struct moot_me *me, struct moot_delegation *d)
{
    int rc = MOOT_OK;
    while (rc == MOOT_OK && !me->finished && d->item.scope != NULL) {
        rc = begin_ready(me, d);
        if (rc != MOOT_OK || !is_time(me, d))
            break;
        size_t used_up = count_round(me, d);
        if (used_up == d->list.count)
            return begin_round(me, d);
        rc = on_exhausted(me, d, used_up);
    }
    return rc != MOOT_OK ? rc : me->fx->status;
}

/* ---- what the manager's model said ---- */

/* Where it decides nothing, what the crew file assigns goes to whom it names. */
static int give_presets(struct moot_me *me, struct moot_delegation *d)
{
    int rc = MOOT_OK;
    for (size_t i = 0; i < d->list.count && rc == MOOT_OK; i++) {
        const struct moot_work_item *w = &d->list.items[i];
        if (!w->preset || w->sm.at != MOOT_WORK_TODO || !moot__delegation_waits(d, i))
            continue;
        rc = moot__delegation_give(me, d, i, moot__delegation_task(d, i)->agent, "", NULL);
        d->decided = true;
    }
    return rc;
}

static int end_round(struct moot_me *me, struct moot_delegation *d)
{
    int rc = d->decided ? MOOT_OK : give_presets(me, d);
    d->thinking = false;
    d->idle = d->decided ? 0 : d->idle + 1;
    if (rc == MOOT_OK && d->idle >= IDLE_MAX)
        return moot__item_fail(me, &d->item, "no_progress", NULL,
                               "the manager decided nothing, twice");
    return rc;
}

/* Words alone are no decision, whatever they say. */
static int on_words(struct moot_me *me, struct moot_delegation *d)
{
    if (d->tries >= TRIES_MAX)
        return end_round(me, d);
    int rc = think(me, d);
    return rc != MOOT_OK ? rc
                         : moot__tell(me, MOOT_ADD_USER,
                                      "Nothing that you write becomes a result. Decide by calling "
                                      "tools: delegate, accept, reject, …");
}

static int decide(struct moot_me *me, struct moot_delegation *d, const struct moot_json *form,
                  bool *again)
{
    struct moot_decided out = {.refused = false};
    struct moot_json *args = NULL;
    const char *text = moot__json_get_text(form, "args", "{}");
    moot__buf_init(&out.words, MOOT_MAX_BODY);
    int rc = moot__json_parse(text, strlen(text), &args, NULL);
    if (rc == MOOT_OK)
        rc = moot__delegation_decide(me, d, moot__json_get_text(form, "form", ""), args, &out);
    if (rc == MOOT_OK && out.words.status != MOOT_OK)
        rc = out.words.status;
    if (rc == MOOT_OK)
        rc = moot__turn_answer(me, moot__json_get_int(form, "call", 0), moot__buf_text(&out.words));
    *again = *again || out.refused || out.shows;
    d->decided = d->decided || (!out.refused && !out.shows);
    moot__json_free(args);
    moot__buf_release(&out.words);
    return rc;
}

static int on_forms(struct moot_me *me, struct moot_delegation *d, const struct moot_json *forms)
{
    bool again = false;
    const struct moot_json *f = moot__json_first(forms);
    for (; f != NULL && !me->finished; f = moot__json_next(f)) {
        int rc = decide(me, d, f, &again);
        if (rc != MOOT_OK)
            return rc;
    }
    if (me->finished)
        return MOOT_OK;
    return again && d->tries < TRIES_MAX ? think(me, d) : end_round(me, d);
}

static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct moot_delegation *d = self;
    int rc;
    if (end->end != MOOT_THOUGHT_REPLY) {
        const char *stop = strcmp(end->status, "limit") == 0    ? "limit"
                           : end->end == MOOT_THOUGHT_CANCELLED ? "stopped"
                                                                : "failed";
        return moot__item_fail(me, &d->item, stop, NULL, end->detail);
    }
    rc = end->forms != NULL ? on_forms(me, d, end->forms) : on_words(me, d);
    return rc != MOOT_OK ? rc : advance(me, d);
}

/* ---- what comes ---- */

static int on_answer(struct moot_me *me, struct moot_delegation *d, const struct moot_json *body)
{
    size_t about = d->about;
    d->question = 0;
    if (about == d->list.count)
        return moot__work_text(&d->answer, moot__json_get_text(body, "text", "nothing"));
    if (moot__decision(body) != MOOT_DECISION_ACCEPT)
        return fail_rounds(me, d, about);
    d->list.items[about].rounds = 0;
    return MOOT_OK;
}

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct moot_delegation *d = self;
    enum moot_kind kind = moot_message_kind(m);
    int rc = MOOT_OK;
    size_t part = kind == MOOT_END ? ended_part(me, d, m) : d->list.count;
    if (part < d->list.count)
        rc = on_part_end(me, d, part, moot_message_json(m));
    else if (kind == MOOT_ANSWER && d->question != 0 && moot__answers(me, m, d->question))
        rc = on_answer(me, d, moot_message_json(m));
    else if (kind == MOOT_TIMER)
        d->due = d->waiting;
    else
        rc = moot__item_receive(self, me, m);
    if (kind == MOOT_TIMER)
        d->waiting = false;
    return rc != MOOT_OK ? rc : advance(me, d);
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct moot_delegation *s = self;
    moot__item_digest(self, d);
    moot__worklist_digest(&s->list, d);
    for (size_t i = 0; i < s->made_count; i++) {
        moot__digest_text(d, s->made[i].by);
        moot__digest_json(d, s->made[i].value);
    }
    moot__digest_int(d,
                     s->begun | s->thinking << 1 | s->decided << 2 | s->waiting << 3 | s->due << 4);
    moot__digest_int(d, s->tries);
    moot__digest_int(d, s->idle);
    moot__digest_int(d, s->timer);
    moot__digest_int(d, s->question);
    moot__digest_int(d, (int64_t)s->about);
    moot__digest_text(d, s->answer);
}

static void release(void *self)
{
    struct moot_delegation *d = self;
    for (size_t i = 0; i < d->made_count; i++) {
        free(d->made[i].by);
        moot__json_free(d->made[i].value);
    }
    free(d->made);
    free(d->answer);
    moot__worklist_release(&d->list);
    moot__item_teardown(&d->item);
    free(d);
}

static int init(struct moot_me *me, void **self)
{
    const struct moot_crew_def *crew = me->persona->crew;
    struct moot_delegation *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return MOOT_ENOMEM;
    moot__worklist_init(&d->list);
    d->item.ops = &ops;
    int rc = moot__item_setup(me, false, &d->item);
    for (size_t i = 0; i < crew->task_count && rc == MOOT_OK; i++) {
        const struct moot_task_def *task = &crew->tasks[i];
        rc = moot__worklist_root(&d->list, i, task->tool != NULL ? NULL : task->agent);
    }
    if (rc == MOOT_OK)
        *self = d;
    else
        release(d);
    return rc;
}

MOOT_ROLE(moot__hierarchical, "hierarchical", 1, .init = init, .receive = receive,
          .thought = thought, .digest = digest, .release = release);
