/* What the manager of `hierarchical` and its workers are told in words. */
#include "roles/delegation.h"

#include "agents/prompt.h"
#include "runtime/utf8.h"

enum {
    SHOWN_MAX = 600,  /* bytes of a result that the manager sees without asking */
    MEMBER_MAX = 300, /* of a member of the item */
    TASK_MAX = 500,   /* of what a task asks */
    MEMBERS_MAX = 40,
};

static const char role[] =
    "You lead a crew. You plan, hand work out and look at what comes back. You never do the work "
    "yourself: nothing that you write becomes a result. You decide by calling tools, as many at "
    "once as you can:\n"
    "- delegate gives a work item to an agent. You may hand out what cannot begin yet: it begins "
    "as soon as what it needs is there.\n"
    "- split makes parts of a work item that is too much for one agent; the item itself is "
    "delegated when they are done.\n"
    "- accept takes a result over, word for word. reject sends it back: say what is wrong and what "
    "would mend it.\n"
    "- read shows more of a result. ask asks a person.\n"
    "- block says that a work item cannot be done. finish gives up all that is left.\n"
    "Name work items and agents by their ids. Nobody sees this conversation: what an agent has to "
    "know beside its task, which it is given anyway, stands in the instruction.";

static void add_cut(struct moot_buf *out, const char *text, size_t max)
{
    size_t len = strlen(text);
    size_t shown = len <= max ? len : moot__utf8_cut(text, max);
    while (shown > 0 && shown == len && text[shown - 1] == '\n')
        shown--;
    moot__buf_add(out, text, shown);
    if (len > max)
        moot__buf_adds(out, " …");
}

/* ---- who ---- */

static void add_worker(const struct moot_crew_def *crew, const char *id, struct moot_buf *out)
{
    const struct moot_agent_def *a = moot__def_agent(crew, id);
    moot__buf_addf(out, "\n- %s", id);
    if (a != NULL && a->role != NULL) {
        moot__buf_adds(out, ": ");
        add_cut(out, a->role, MEMBER_MAX);
    }
    if (a != NULL && a->goal != NULL) {
        moot__buf_adds(out, ". ");
        add_cut(out, a->goal, MEMBER_MAX);
    }
    for (size_t i = 0; a != NULL && a->tools != NULL && a->tools[i] != NULL; i++)
        moot__buf_addf(out, "%s%s", i == 0 ? " Tools: " : ", ", a->tools[i]);
}

int moot__delegation_who(const struct moot_me *me, struct moot_buf *out)
{
    const struct moot_crew_def *crew = me->persona->crew;
    const struct moot_agent_def *agent = moot__def_agent(crew, crew->talk.manager_agent);
    if (agent != NULL)
        moot__prompt_system(agent, out);
    else if (crew->talk.manager_prompt != NULL)
        moot__buf_adds(out, crew->talk.manager_prompt);
    moot__buf_addf(out, "%s%s", out->len > 0 ? "\n\n" : "", role);
    if (crew->goal != NULL)
        moot__buf_addf(out, "\n\nWhat all of it is for:\n%s", crew->goal);
    moot__buf_adds(out, "\n\nThe agents:");
    for (size_t i = 0; crew->delegation.workers[i] != NULL; i++)
        add_worker(crew, crew->delegation.workers[i], out);
    return out->status;
}

/* ---- the work ---- */

static void add_item(const struct moot_delegation *d, struct moot_buf *out)
{
    const struct moot_json *item = moot__json_get(d->item.scope, "item");
    size_t count = 0;
    moot__buf_adds(out, "The item:");
    for (const struct moot_json *m = moot__json_first(item); m != NULL; m = moot__json_next(m)) {
        if (++count > MEMBERS_MAX)
            break;
        struct moot_buf value;
        moot__buf_init(&value, MOOT_MAX_BODY);
        moot__prompt_value(m, &value);
        moot__buf_addf(out, "\n%s: ", moot__json_key(m) != NULL ? moot__json_key(m) : "");
        add_cut(out, moot__buf_text(&value), MEMBER_MAX);
        moot__buf_release(&value);
    }
}

static void add_task(const struct moot_delegation *d, size_t root, struct moot_buf *out)
{
    const struct moot_task_def *task = moot__delegation_task(d, root);
    const struct moot_work_item *w = &d->list.items[root];
    moot__buf_addf(out, "\n%s %s", w->id, task->id);
    if (w->preset)
        moot__buf_addf(out, ", for %s", w->assignee);
    for (size_t i = 0; task->needs != NULL && task->needs[i] != NULL; i++)
        moot__buf_addf(out, "%s%s", i == 0 ? ", needs " : ", ", task->needs[i]);
    if (task->tool != NULL) {
        moot__buf_addf(out, ": the tool %s, which begins by itself", task->tool);
        return;
    }
    if (task->brief != NULL) {
        moot__buf_adds(out, ": ");
        add_cut(out, task->brief, TASK_MAX);
    }
    if (task->expected_output != NULL) {
        moot__buf_adds(out, "\n  Expected: ");
        add_cut(out, task->expected_output, TASK_MAX);
    }
    for (size_t i = 0; i < task->check_count; i++)
        if (task->checks[i].judge != NULL)
            moot__buf_addf(out, "\n  Judged by %s.", task->checks[i].judge);
}

int moot__delegation_brief(const struct moot_delegation *d, struct moot_buf *out)
{
    add_item(d, out);
    moot__buf_adds(out, "\n\nThe work:");
    for (size_t i = 0; i < d->list.count; i++)
        if (d->list.items[i].root == i)
            add_task(d, i, out);
    return out->status;
}

/* ---- what waits ---- */

static const struct moot_artefact *newest(const struct moot_delegation *d, size_t item)
{
    for (size_t i = d->made_count; i > 0; i--)
        if (d->made[i - 1].item == item)
            return &d->made[i - 1];
    return NULL;
}

static void add_result(const struct moot_delegation *d, size_t item, struct moot_buf *out)
{
    const struct moot_artefact *a = newest(d, item);
    struct moot_buf value;
    if (a == NULL)
        return;
    moot__buf_init(&value, MOOT_MAX_BODY);
    moot__prompt_value(a->value, &value);
    moot__buf_addf(out, " It is %s, %zu bytes:\n<%s>\n", a->id, value.len, a->id);
    add_cut(out, moot__buf_text(&value), SHOWN_MAX);
    moot__buf_addf(out, "\n</%s>", a->id);
    moot__buf_release(&value);
}

static void add_waiting(const struct moot_delegation *d, size_t item, struct moot_buf *out)
{
    const struct moot_work_item *w = &d->list.items[item];
    moot__buf_addf(out, "%s%s %s", out->len > 0 ? "\n" : "", w->id,
                   w->goal == NULL ? moot__delegation_task(d, item)->id : "");
    if (w->goal != NULL)
        add_cut(out, w->goal, MEMBER_MAX);
    switch (w->sm.at) {
    case MOOT_WORK_CHECKING:
        moot__buf_addf(out, ": %s is done and it passed its checks. Accept it or reject it.",
                       w->assignee);
        add_result(d, item, out);
        break;
    case MOOT_WORK_BLOCKED:
        moot__buf_addf(out, ": %s cannot: %s. Delegate it differently, or block it.", w->assignee,
                       w->note != NULL ? w->note : "no reason given");
        break;
    default:
        moot__buf_addf(out, ": to be delegated%s%s.", w->preset ? " to " : "",
                       w->preset ? w->assignee : "");
        break;
    }
}

static void add_parts(const struct moot_delegation *d, struct moot_buf *out)
{
    for (size_t i = 0; i < d->list.count; i++) {
        const struct moot_work_item *w = &d->list.items[i];
        if (w->sm.at == MOOT_WORK_FAILED && w->root != i)
            moot__buf_addf(out, "\n%s was given up: %s.", w->id,
                           w->note != NULL ? w->note : "it failed");
    }
}

int moot__delegation_news(struct moot_delegation *d, struct moot_buf *out)
{
    if (d->answer != NULL)
        moot__buf_addf(out, "The person says: %s", d->answer);
    free(d->answer);
    d->answer = NULL;
    for (size_t i = 0; i < d->list.count; i++)
        if (moot__delegation_waits(d, i))
            add_waiting(d, i, out);
    add_parts(d, out);
    return moot__buf_adds(out, "\nDecide, by calling tools.");
}

/* ---- what a worker is told ---- */

static int give(struct moot_json *given, const struct moot_delegation *d,
                const struct moot_artefact *a)
{
    char name[160];
    const struct moot_work_item *w = &d->list.items[a->item];
    snprintf(name, sizeof(name), "%s, by %.64s%s%.64s", a->id, a->by,
             w->goal == NULL ? " for " : "",
             w->goal == NULL ? moot__delegation_task(d, a->item)->id : "");
    return moot__json_set(given, name, moot__json_copy(a->value));
}

/* The parts that were made of it, and what the manager names. */
static int give_all(struct moot_json *given, const struct moot_delegation *d, size_t item)
{
    const struct moot_json *inputs = d->list.items[item].inputs;
    int rc = MOOT_OK;
    for (size_t i = 0; i < d->made_count && rc == MOOT_OK; i++) {
        const struct moot_artefact *a = &d->made[i];
        const struct moot_work_item *of = &d->list.items[a->item];
        bool part = a->item != item && of->parent == item && of->sm.at == MOOT_WORK_DONE &&
                    newest(d, a->item) == a;
        bool named = false;
        for (const struct moot_json *n = moot__json_first(inputs); n != NULL;
             n = moot__json_next(n))
            named = named || strcmp(moot__json_text(n), a->id) == 0;
        if (part || named)
            rc = give(given, d, a);
    }
    return rc;
}

struct moot_json *moot__delegation_from(const struct moot_delegation *d, size_t item)
{
    const struct moot_work_item *w = &d->list.items[item];
    struct moot_json *from = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *given = moot__json_new(MOOT_JSON_OBJECT);
    int rc = from == NULL || given == NULL ? MOOT_ENOMEM : give_all(given, d, item);
    if (rc == MOOT_OK && w->instruction != NULL)
        rc = moot__json_set_text(from, "instruction", w->instruction);
    if (rc == MOOT_OK && w->criteria != NULL)
        rc = moot__json_set(from, "criteria", moot__json_copy(w->criteria));
    if (rc == MOOT_OK && moot__json_count(given) > 0)
        rc = moot__json_set(from, "given", moot__json_copy(given));
    moot__json_free(given);
    if (rc == MOOT_OK)
        return from;
    moot__json_free(from);
    return NULL;
}
