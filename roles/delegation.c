#include "roles/delegation.h"

#include "agents/prompt.h"

enum { PART_ATTEMPTS = 2 };

const struct moot_task_def *moot__delegation_task(const struct moot_delegation *d, size_t item)
{
    return &d->item.schedule.crew->tasks[d->list.items[item].task];
}

bool moot__delegation_offered(const struct moot_delegation *d, size_t item)
{
    const struct moot_work_item *w = &d->list.items[item];
    return d->item.schedule.tasks[w->task].state == MOOT_TASK_HELD;
}

bool moot__delegation_waits(const struct moot_delegation *d, size_t item)
{
    const struct moot_work_item *w = &d->list.items[item];
    bool tool = w->root == item && moot__delegation_task(d, item)->tool != NULL;
    if (tool || moot__worklist_has_open_parts(&d->list, item))
        return false;
    bool unassigned =
        w->sm.at == MOOT_WORK_TODO || (w->sm.at == MOOT_WORK_REVISE && w->assignee == NULL);
    bool ended = w->sm.at == MOOT_WORK_CHECKING || w->sm.at == MOOT_WORK_BLOCKED;
    return (unassigned || ended) && (w->root != item || moot__delegation_offered(d, item));
}

int moot__delegation_move(struct moot_me *me, struct moot_delegation *d, size_t item,
                          enum moot_work_state to, const char *why)
{
    struct moot_work_item *w = &d->list.items[item];
    const char *from = moot__work_state_text(w->sm.at);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__worklist_move(&d->list, item, to);
    int rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "work_item", w->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "task", moot__delegation_task(d, item)->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "from", from);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "to", moot__work_state_text(to));
    if (rc == MOOT_OK && why != NULL)
        rc = moot__json_set_text(body, "why", why);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__say(me, MOOT_TRANSITION, NULL, body);
    return me->fx->status;
}

/* The body of a `delegate` message. NULL: out of memory. */
static struct moot_json *delegate_body(const struct moot_delegation *d, size_t item,
                                       const char *said)
{
    const struct moot_work_item *w = &d->list.items[item];
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "work_item", w->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "task", moot__delegation_task(d, item)->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "to", w->assignee);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "instruction", w->instruction);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(body, "priority", w->priority);
    if (rc == MOOT_OK && w->goal != NULL)
        rc = moot__json_set_text(body, "goal", w->goal);
    if (rc == MOOT_OK && w->inputs != NULL)
        rc = moot__json_set(body, "artefacts", moot__json_copy(w->inputs));
    if (rc == MOOT_OK && w->criteria != NULL)
        rc = moot__json_set(body, "criteria", moot__json_copy(w->criteria));
    if (rc == MOOT_OK && said != NULL)
        rc = moot__json_set_text(body, "said", said);
    if (rc == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

int moot__delegation_give(struct moot_me *me, struct moot_delegation *d, size_t item,
                          const char *to, const char *instruction, const char *said)
{
    int rc = moot__worklist_delegate(&d->list, item, to, instruction);
    struct moot_json *body = rc == MOOT_OK ? delegate_body(d, item, said) : NULL;
    if (body == NULL)
        return MOOT_ENOMEM;
    moot__say(me, MOOT_DELEGATE, NULL, body);
    return moot__delegation_move(me, d, item, MOOT_WORK_ASSIGNED, NULL);
}

int moot__delegation_make(struct moot_delegation *d, size_t item, struct moot_json *value,
                          const char **id)
{
    const char *by = d->list.items[item].assignee;
    struct moot_artefact *made = realloc(d->made, (d->made_count + 1) * sizeof(*made));
    if (made != NULL)
        d->made = made;
    struct moot_artefact a = {.item = item, .value = value};
    a.by = made == NULL || value == NULL ? NULL : moot__copy(by, strlen(by));
    if (a.by == NULL) {
        moot__json_free(value);
        return MOOT_ENOMEM;
    }
    snprintf(a.id, sizeof(a.id), "a%zu", d->made_count + 1);
    d->made[d->made_count++] = a;
    *id = d->made[d->made_count - 1].id;
    return MOOT_OK;
}

/* ---- parts ---- */

void moot__delegation_path(const struct moot_work_item *w, char *out, size_t size)
{
    snprintf(out, size, "%s#%lld", w->id, (long long)w->runs);
}

/* The whole task as its own worker would be asked, and the part. */
static int part_text(const struct moot_delegation *d, size_t item, struct moot_buf *out)
{
    const struct moot_work_item *w = &d->list.items[item];
    const struct moot_task_def *task = moot__delegation_task(d, item);
    struct moot_json *input = moot__item_input(&d->item, w->task);
    if (input == NULL)
        return MOOT_ENOMEM;
    moot__buf_adds(out, "This is a part of a larger task, which others do:\n<task>\n");
    int rc = moot__prompt_seen(task, input, out, NULL);
    moot__json_free(input);
    moot__buf_addf(out, "\n</task>\n\nYour part of it, and nothing else:\n%s", w->goal);
    return rc == MOOT_ENOTFOUND ? out->status : rc != MOOT_OK ? rc : out->status;
}

/* A part that was sent back is told what was wrong, as any task is. */
static int add_report(const struct moot_work_item *w, struct moot_json *input)
{
    int rc = moot__json_set_text(input, "report", w->note != NULL ? w->note : "");
    if (rc == MOOT_OK)
        rc = moot__json_set_int(input, "attempt", w->runs);
    if (rc == MOOT_OK && w->note != NULL)
        rc = moot__json_set_text(input, "rejected", "part");
    if (rc == MOOT_OK && w->note != NULL && w->result != NULL)
        rc = moot__json_set(input, "previous", moot__json_copy(w->result));
    return rc;
}

int moot__delegation_begin_part(struct moot_me *me, struct moot_delegation *d, size_t item)
{
    struct moot_work_item *w = &d->list.items[item];
    char path[MOOT_WORK_ID + 32];
    struct moot_buf work;
    struct moot_json *input = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__buf_init(&work, MOOT_MAX_BODY);
    w->runs++;
    moot__delegation_path(w, path, sizeof(path));
    int rc = input == NULL || body == NULL ? MOOT_ENOMEM : part_text(d, item, &work);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "work", moot__buf_text(&work));
    if (rc == MOOT_OK)
        rc = add_report(w, input);
    if (rc == MOOT_OK)
        rc = moot__json_set(input, MOOT_SCOPE_MANAGER, moot__delegation_from(d, item));
    if (rc == MOOT_OK)
        rc = moot__json_set_bool(body, "part", true);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(body, "attempt", w->runs);
    moot__buf_release(&work);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        moot__json_free(body);
        return rc;
    }
    moot__open(me, path, w->assignee, moot__delegation_task(d, item)->id, input, body);
    return me->fx->status;
}

int moot__delegation_revise(struct moot_me *me, struct moot_delegation *d, size_t item,
                            struct moot_json *problems)
{
    struct moot_work_item *w = &d->list.items[item];
    struct moot_buf report;
    moot__buf_init(&report, MOOT_MAX_BODY);
    int rc = moot__prompt_problems(problems, &report);
    moot__json_free(problems);
    if (rc == MOOT_OK)
        rc = moot__work_text(&w->note, moot__buf_text(&report));
    moot__buf_release(&report);
    if (rc != MOOT_OK)
        return rc;
    bool more = ++w->rejections < PART_ATTEMPTS;
    return moot__delegation_move(me, d, item, more ? MOOT_WORK_REVISE : MOOT_WORK_FAILED,
                                 more ? "sent back" : "its attempts are used up");
}

int moot__delegation_drop(struct moot_me *me, struct moot_delegation *d, size_t item,
                          enum moot_work_state to, const char *why)
{
    struct moot_work_item *w = &d->list.items[item];
    char path[MOOT_WORK_ID + 32];
    moot__delegation_path(w, path, sizeof(path));
    if (w->root != item && w->sm.at == MOOT_WORK_RUNNING)
        moot__cancel_conv(me, path);
    return moot__delegation_move(me, d, item, to, why);
}

int moot__delegation_drop_parts(struct moot_me *me, struct moot_delegation *d, size_t item)
{
    int rc = MOOT_OK;
    /* Parts stand behind what they are parts of, so one pass finds those of parts too. */
    for (size_t i = item + 1; i < d->list.count && rc == MOOT_OK; i++) {
        const struct moot_work_item *parent = &d->list.items[d->list.items[i].parent];
        if (d->list.items[i].parent != i && moot__sm_final(&parent->sm) &&
            !moot__worklist_over(&d->list, i))
            rc = moot__delegation_drop(me, d, i, MOOT_WORK_CANCELLED,
                                       "what it is a part of was given up");
    }
    return rc;
}
