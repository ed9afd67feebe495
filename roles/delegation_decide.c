/* The decisions of the manager's model: each is looked at against the worklist and its bounds, and
 * then done, or refused with words that say what is possible. */
#include "roles/delegation.h"

#include "agents/verdict.h"
#include "roles/speakers.h"
#include "runtime/near.h"
#include "runtime/utf8.h"

enum { WORKERS_MAX = 64, READ_MAX = 4000, QUOTE_MAX = 200 };

/* What all of them work on. */
struct decision {
    struct moot_me *me;
    struct moot_delegation *d;
    const struct moot_json *args;
    struct moot_decided *out;
};

static int refuse(struct decision *x, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(struct decision *x, const char *format, ...)
{
    char words[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    x->out->refused = true;
    return moot__buf_addf(&x->out->words, "error: %s", words);
}

static int say(struct decision *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int say(struct decision *x, const char *format, ...)
{
    char words[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    return moot__buf_adds(&x->out->words, words);
}

/* What a model wrote, quoted back: whole letters, and not too many. For "%.*s". */
#define QUOTE(text) (int)moot__utf8_upto(text, QUOTE_MAX), text

/* ---- names ---- */

static bool is_role(const char *said, const char *role)
{
    if (role == NULL)
        return false;
    for (;;) {
        while (*said == ' ' || *said == '\n' || *said == '\t')
            said++;
        while (*role == ' ' || *role == '\n' || *role == '\t')
            role++;
        if (*said == '\0' || *role == '\0')
            return *said == *role;
        if ((*said++ | 0x20) != (*role++ | 0x20))
            return false;
    }
}

const char *moot__delegation_worker(const struct moot_crew_def *crew, const char *said)
{
    char *const *workers = crew->delegation.workers;
    const char *names[WORKERS_MAX];
    bool all[WORKERS_MAX];
    size_t count = 0, which = 0;
    for (; workers[count] != NULL && count < WORKERS_MAX; count++) {
        if (strcmp(workers[count], said) == 0)
            return workers[count];
        names[count] = workers[count];
        all[count] = true;
    }
    for (size_t i = 0; i < count; i++)
        if (is_role(said, moot__def_agent(crew, workers[i])->role))
            return workers[i];
    if (moot__speaker_read(said, workers, count, all, &which) == MOOT_SPEAKER_FOUND)
        return workers[which];
    return moot__near_find(said, names, count);
}

/* The item that the arguments name, by its id or by its task's; list.count: refused. */
static size_t find_item(struct decision *x)
{
    const struct moot_worklist *list = &x->d->list;
    const char *id = moot__json_get_text(x->args, "work_item", "");
    size_t item = moot__worklist_find(list, id);
    for (size_t i = 0; i < list->count && item == list->count; i++)
        if (list->items[i].root == i && strcmp(moot__delegation_task(x->d, i)->id, id) == 0)
            item = i;
    if (item < list->count)
        return item;
    refuse(x, "there is no work item '%.*s'; there are:", QUOTE(id));
    for (size_t i = 0; i < list->count; i++)
        moot__buf_addf(&x->out->words, "%s %s", i == 0 ? "" : ",", list->items[i].id);
    return item;
}

static const char *id_of(const struct decision *x, size_t item)
{
    return x->d->list.items[item].id;
}

static const char *state_of(const struct decision *x, size_t item)
{
    return moot__work_state_text(x->d->list.items[item].sm.at);
}

/* The worker that `to` means for that item, or NULL: refused. */
static const char *find_worker(struct decision *x, size_t item, const char *said)
{
    const struct moot_crew_def *crew = x->me->persona->crew;
    const struct moot_work_item *w = &x->d->list.items[item];
    const char *to = moot__delegation_worker(crew, said);
    if (to == NULL) {
        refuse(x, "there is no agent '%.*s' to delegate to; there are:", QUOTE(said));
        for (size_t i = 0; crew->delegation.workers[i] != NULL; i++)
            moot__buf_addf(&x->out->words, "%s %s", i == 0 ? "" : ",", crew->delegation.workers[i]);
        return NULL;
    }
    const char *preset = w->preset ? moot__delegation_task(x->d, item)->agent : NULL;
    if (preset != NULL && !crew->delegation.reassign && strcmp(preset, to) != 0) {
        refuse(x, "%s is for %s, and the crew does not let it be given to another", w->id, preset);
        return NULL;
    }
    return to;
}

/* ---- delegate ---- */

static const struct moot_artefact *find_artefact(const struct moot_delegation *d, const char *id)
{
    for (size_t i = 0; i < d->made_count; i++)
        if (strcmp(d->made[i].id, id) == 0)
            return &d->made[i];
    return NULL;
}

/* MOOT_EINVAL: refused. */
static int take_inputs(struct decision *x, size_t item)
{
    const struct moot_json *named = moot__json_get(x->args, "artefacts");
    const struct moot_json *criteria = moot__json_get(x->args, "criteria");
    struct moot_work_item *w = &x->d->list.items[item];
    for (const struct moot_json *n = moot__json_first(named); n != NULL; n = moot__json_next(n)) {
        if (find_artefact(x->d, moot__json_text(n)) == NULL) {
            refuse(x, "there is no result '%.*s'", QUOTE(moot__json_text(n)));
            return MOOT_EINVAL;
        }
    }
    if (moot__json_count(named) > 0) {
        moot__json_free(w->inputs);
        w->inputs = moot__json_copy(named);
        if (w->inputs == NULL)
            return MOOT_ENOMEM;
    }
    if (moot__json_count(criteria) > 0) {
        moot__json_free(w->criteria);
        w->criteria = moot__json_copy(criteria);
        if (w->criteria == NULL)
            return MOOT_ENOMEM;
    }
    int64_t priority = moot__json_get_int(x->args, "priority", w->priority);
    w->priority = priority < 0                        ? 0
                  : priority > MOOT_WORK_PRIORITY_MAX ? MOOT_WORK_PRIORITY_MAX
                                                      : priority;
    return MOOT_OK;
}

/* Why an item cannot be delegated now; false: refused. */
static bool may_delegate(struct decision *x, size_t item)
{
    const struct moot_worklist *list = &x->d->list;
    const struct moot_work_item *w = &list->items[item];
    const struct moot_delegation_def *settings = &x->me->persona->crew->delegation;
    if (w->root == item && moot__delegation_task(x->d, item)->tool != NULL)
        refuse(x, "%s is a tool: it begins by itself", w->id);
    else if (w->sm.at == MOOT_WORK_CHECKING)
        refuse(x, "%s has a result: accept it or reject it", w->id);
    else if (!moot__worklist_may(list, item, MOOT_WORK_ASSIGNED))
        refuse(x, "%s is %s", w->id, state_of(x, item));
    else if (moot__worklist_has_open_parts(list, item))
        refuse(x, "parts of %s are not done yet", w->id);
    else if (list->items[w->root].delegations >= settings->max_delegations)
        refuse(x, "%lld delegations of %s are used up; block it",
               (long long)settings->max_delegations, list->items[w->root].id);
    else
        return true;
    return false;
}

static int delegate(struct decision *x)
{
    const char *said = moot__json_get_text(x->args, "to", "");
    const char *instruction = moot__json_get_text(x->args, "instruction", "");
    size_t item = find_item(x);
    bool again = false;
    if (item == x->d->list.count || !may_delegate(x, item))
        return MOOT_OK;
    const char *to = find_worker(x, item, said);
    if (to == NULL)
        return MOOT_OK;
    int rc = moot__worklist_repeats(&x->d->list, item, to, instruction, &again);
    if (rc != MOOT_OK)
        return rc;
    if (again)
        return refuse(x,
                      "%s was given to %s with the same words before. Say what is to be "
                      "different, choose another agent, or block it",
                      id_of(x, item), to);
    rc = take_inputs(x, item);
    if (rc != MOOT_OK)
        return rc == MOOT_EINVAL ? MOOT_OK : rc;
    rc = moot__delegation_give(x->me, x->d, item, to, instruction,
                               strcmp(said, to) != 0 ? said : NULL);
    return rc != MOOT_OK ? rc : say(x, "%s is given to %s", id_of(x, item), to);
}

/* ---- split ---- */

static int add_part(struct decision *x, size_t item, const struct moot_json *part)
{
    const struct moot_crew_def *crew = x->me->persona->crew;
    const struct moot_json *criteria = moot__json_get(part, "criteria");
    int64_t depth = crew->limits.depth > 0 ? crew->limits.depth : 3;
    size_t made = 0;
    int rc = moot__worklist_split(&x->d->list, item, moot__json_get_text(part, "goal", ""),
                                  crew->delegation.max_children, depth, &made);
    if (rc == MOOT_ELIMIT)
        return refuse(x, "%s cannot have more parts: %lld, and %lld deep, are allowed",
                      id_of(x, item), (long long)crew->delegation.max_children, (long long)depth);
    if (rc != MOOT_OK)
        return rc;
    struct moot_work_item *w = &x->d->list.items[made];
    if (criteria != NULL) {
        w->criteria = moot__json_copy(criteria);
        if (w->criteria == NULL)
            return MOOT_ENOMEM;
    }
    return say(x, "%s%s", x->out->words.len > 0 ? ", " : "made ", w->id);
}

static int split(struct decision *x)
{
    const struct moot_json *parts = moot__json_get(x->args, "parts");
    size_t item = find_item(x);
    if (item == x->d->list.count)
        return MOOT_OK;
    const struct moot_work_item *w = &x->d->list.items[item];
    if (w->sm.at != MOOT_WORK_TODO || (w->root == item && !moot__delegation_offered(x->d, item)) ||
        (w->root == item && moot__delegation_task(x->d, item)->tool != NULL))
        return refuse(x, "%s cannot be split now: it is %s%s", w->id, state_of(x, item),
                      w->sm.at == MOOT_WORK_TODO ? ", and waits for what it needs" : "");
    if (moot__json_count(parts) == 0)
        return refuse(x, "no parts are named");
    int rc = MOOT_OK;
    for (const struct moot_json *p = moot__json_first(parts); p != NULL && rc == MOOT_OK;
         p = moot__json_next(p))
        rc = x->out->refused ? MOOT_OK : add_part(x, item, p);
    return rc;
}

/* ---- accept, reject ---- */

/* The item with a result that waits, or list.count: refused. */
static size_t find_result(struct decision *x)
{
    size_t item = find_item(x);
    if (item == x->d->list.count || x->d->list.items[item].sm.at == MOOT_WORK_CHECKING)
        return item;
    refuse(x, "%s is %s: there is no result to judge", id_of(x, item), state_of(x, item));
    return x->d->list.count;
}

static int accept(struct decision *x)
{
    size_t item = find_result(x);
    if (item == x->d->list.count)
        return MOOT_OK;
    struct moot_work_item *w = &x->d->list.items[item];
    int rc = say(x, "%s is accepted", w->id);
    if (rc != MOOT_OK)
        return rc;
    if (w->root != item)
        return moot__delegation_move(x->me, x->d, item, MOOT_WORK_DONE, "accepted by the manager");
    struct moot_json *result = w->result;
    w->result = NULL;
    return moot__item_accept(x->me, &x->d->item, w->task, result, false);
}

static int problems_of(struct decision *x, struct moot_json **out)
{
    const struct moot_json *reasons = moot__json_get(x->args, "reasons");
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    int rc = problems == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (const struct moot_json *r = moot__json_first(reasons); r != NULL && rc == MOOT_OK;
         r = moot__json_next(r))
        if (moot__json_text(r)[strspn(moot__json_text(r), " \t\r\n")] != '\0')
            rc = moot__verdict_add(problems, moot__json_text(r), NULL, NULL);
    *out = problems;
    return rc;
}

/* Its verdict is a message like any judge's. */
static int reject_with(struct decision *x, size_t item, struct moot_json *problems)
{
    struct moot_work_item *w = &x->d->list.items[item];
    struct moot_json *verdict = moot__verdict_new(false, problems);
    struct moot_json *said = verdict == NULL ? NULL : moot__json_copy(verdict);
    int rc = said == NULL ? MOOT_ENOMEM : moot__json_set_text(said, "work_item", w->id);
    if (rc != MOOT_OK) {
        moot__json_free(verdict);
        moot__json_free(said);
        return rc;
    }
    moot__say(x->me, MOOT_VERDICT, NULL, said);
    rc = say(x, "%s is sent back", w->id);
    if (w->root != item) {
        struct moot_json *list = moot__json_take(verdict, "problems");
        moot__json_free(verdict);
        return rc != MOOT_OK ? rc : moot__delegation_revise(x->me, x->d, item, list);
    }
    struct moot_json *result = w->result;
    w->result = NULL;
    return moot__item_reject(x->me, &x->d->item, w->task, result, verdict);
}

static int reject(struct decision *x)
{
    const char *said = moot__json_get_text(x->args, "to", "");
    struct moot_json *problems = NULL;
    size_t item = find_result(x);
    if (item == x->d->list.count)
        return MOOT_OK;
    const char *to = said[0] != '\0' ? find_worker(x, item, said) : NULL;
    if (said[0] != '\0' && to == NULL)
        return MOOT_OK;
    int rc = problems_of(x, &problems);
    if (rc == MOOT_OK && moot__json_count(problems) == 0)
        rc = refuse(x, "say what is wrong with %s, and what would mend it", id_of(x, item));
    if (rc != MOOT_OK || x->out->refused) {
        moot__json_free(problems);
        return rc;
    }
    if (to != NULL)
        rc = moot__work_text(&x->d->list.items[item].assignee, to);
    if (rc != MOOT_OK) {
        moot__json_free(problems);
        return rc;
    }
    return reject_with(x, item, problems);
}

/* ---- the others ---- */

static int show(struct decision *x)
{
    const char *id = moot__json_get_text(x->args, "artefact", "");
    const struct moot_artefact *a = find_artefact(x->d, id);
    int64_t from = moot__json_get_int(x->args, "from", 0);
    struct moot_buf value;
    if (a == NULL)
        return refuse(x, "there is no result '%.*s'", QUOTE(id));
    moot__buf_init(&value, MOOT_MAX_BODY);
    int rc = moot__template_value(a->value, &value);
    const char *text = moot__buf_text(&value);
    size_t start = from <= 0 ? 0 : (size_t)from < value.len ? (size_t)from : value.len;
    start = moot__utf8_cut(text, start);
    size_t rest = value.len - start;
    size_t len = rest <= READ_MAX ? rest : moot__utf8_cut(text + start, READ_MAX);
    x->out->shows = true;
    if (rc == MOOT_OK)
        rc = moot__buf_addf(&x->out->words, "%s, from byte %zu of %zu:\n", a->id, start, value.len);
    if (rc == MOOT_OK)
        rc = moot__buf_add(&x->out->words, text + start, len);
    moot__buf_release(&value);
    return rc;
}

static int ask_person(struct decision *x)
{
    const char *question = moot__json_get_text(x->args, "question", "");
    if (x->d->question != 0)
        return refuse(x, "a question is waiting for its answer");
    if (question[strspn(question, " \t\r\n")] == '\0')
        return refuse(x, "the question is empty");
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body == NULL || moot__json_set_text(body, "text", question) != MOOT_OK) {
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    x->d->question = moot__ask(x->me, NULL, body);
    x->d->about = x->d->list.count;
    return say(x, "the person is asked");
}

static int block(struct decision *x)
{
    const char *reason = moot__json_get_text(x->args, "reason", "");
    size_t item = find_item(x);
    char words[512];
    if (item == x->d->list.count)
        return MOOT_OK;
    struct moot_work_item *w = &x->d->list.items[item];
    if (moot__worklist_over(&x->d->list, item) || w->sm.at == MOOT_WORK_RUNNING)
        return refuse(x, "%s is %s", w->id, state_of(x, item));
    int rc = moot__work_text(&w->note, reason);
    if (rc == MOOT_OK)
        rc = moot__delegation_move(x->me, x->d, item, MOOT_WORK_FAILED, reason);
    if (rc != MOOT_OK)
        return rc;
    if (w->root != item) {
        rc = moot__delegation_drop_parts(x->me, x->d, item);
        return rc != MOOT_OK ? rc : say(x, "%s is given up", w->id);
    }
    snprintf(words, sizeof(words), "the manager says that it cannot be done: %.*s", QUOTE(reason));
    return moot__item_fail(x->me, &x->d->item, "failed", moot__delegation_task(x->d, item)->id,
                           words);
}

static int finish(struct decision *x)
{
    const char *reason = moot__json_get_text(x->args, "reason", "");
    char words[512];
    snprintf(words, sizeof(words), "the manager gave up what was left: %.*s", QUOTE(reason));
    return moot__item_fail(x->me, &x->d->item, "failed", NULL, words);
}

int moot__delegation_decide(struct moot_me *me, struct moot_delegation *d, const char *form,
                            const struct moot_json *args, struct moot_decided *out)
{
    static const struct {
        const char *form;
        int (*decide)(struct decision *x);
    } all[] = {
        {"delegate", delegate}, {"split", split},    {"accept", accept}, {"reject", reject},
        {"read", show},         {"ask", ask_person}, {"block", block},   {"finish", finish},
    };
    struct decision x = {me, d, args, out};
    for (size_t i = 0; i < MOOT_COUNT(all); i++)
        if (strcmp(all[i].form, form) == 0)
            return all[i].decide(&x);
    return refuse(&x, "there is no decision '%.*s'", QUOTE(form));
}
