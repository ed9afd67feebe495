#include "roles/worklist.h"

enum {
    ASSIGNED = MOOT_WORK_ASSIGNED,
    RUNNING = MOOT_WORK_RUNNING,
    CHECKING = MOOT_WORK_CHECKING,
    REVISE = MOOT_WORK_REVISE,
    BLOCKED = MOOT_WORK_BLOCKED,
    DONE = MOOT_WORK_DONE,
    FAILED = MOOT_WORK_FAILED,
    CANCELLED = MOOT_WORK_CANCELLED,
    GIVEN_UP = 1 << FAILED | 1 << CANCELLED,
};

/* A `tool` or `command` task begins without a worker: from todo; what is skipped is done without
 * having run. What was done is revised when a
 * task that builds on it is sent back to it. */
static const struct moot_sm_state table[MOOT_WORK_STATES] = {
    [MOOT_WORK_TODO] = {.name = "todo",
                        .flags = MOOT_SM_INITIAL,
                        .next = 1 << ASSIGNED | 1 << RUNNING | 1 << DONE | GIVEN_UP},
    [ASSIGNED] = {.name = "assigned", .next = 1 << RUNNING | 1 << DONE | GIVEN_UP},
    [RUNNING] = {.name = "running",
                 .next = 1 << CHECKING | 1 << REVISE | 1 << BLOCKED | 1 << DONE | GIVEN_UP},
    [CHECKING] = {.name = "checking", .next = 1 << DONE | 1 << REVISE | GIVEN_UP},
    [REVISE] = {.name = "revise", .next = 1 << ASSIGNED | 1 << RUNNING | 1 << DONE | GIVEN_UP},
    [BLOCKED] = {.name = "blocked", .next = 1 << ASSIGNED | GIVEN_UP},
    [DONE] = {.name = "done", .next = 1 << REVISE},
    [FAILED] = {.name = "failed", .flags = MOOT_SM_FINAL},
    [CANCELLED] = {.name = "cancelled", .flags = MOOT_SM_FINAL},
};

void moot__worklist_init(struct moot_worklist *w)
{
    *w = (struct moot_worklist){0};
}

void moot__worklist_release(struct moot_worklist *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct moot_work_item *item = &w->items[i];
        free(item->goal);
        free(item->instruction);
        free(item->assignee);
        free(item->note);
        moot__json_free(item->criteria);
        moot__json_free(item->inputs);
        moot__json_free(item->result);
    }
    free(w->items);
    for (size_t i = 0; i < MOOT_WORK_WINDOW; i++) {
        free(w->last[i].to);
        free(w->last[i].instruction);
    }
    moot__worklist_init(w);
}

void moot__worklist_digest(const struct moot_worklist *w, const struct moot_digest *d)
{
    moot__digest_int(d, (int64_t)w->count);
    for (size_t i = 0; i < w->count; i++) {
        const struct moot_work_item *item = &w->items[i];
        moot__digest_text(d, item->id);
        moot__digest_int(d, item->sm.at);
        moot__digest_int(d, item->priority);
        moot__digest_text(d, item->goal);
        moot__digest_json(d, item->criteria);
        moot__digest_json(d, item->inputs);
        moot__digest_text(d, item->instruction);
        moot__digest_text(d, item->assignee);
        moot__digest_int(d, item->parts);
        moot__digest_int(d, item->delegations);
        moot__digest_int(d, item->rounds);
        moot__digest_int(d, item->runs);
        moot__digest_int(d, item->rejections);
        moot__digest_json(d, item->result);
        moot__digest_text(d, item->note);
    }
    moot__digest_int(d, (int64_t)w->delegated);
}

int moot__work_text(char **where, const char *text)
{
    char *copy = text == NULL ? NULL : moot__copy(text, strlen(text));
    if (text != NULL && copy == NULL)
        return MOOT_ENOMEM;
    free(*where);
    *where = copy;
    return MOOT_OK;
}

/* ---- items ---- */

/* Room for one more, empty; NULL: out of memory. */
static struct moot_work_item *add(struct moot_worklist *w)
{
    struct moot_work_item *items = realloc(w->items, (w->count + 1) * sizeof(*items));
    if (items == NULL)
        return NULL;
    w->items = items;
    struct moot_work_item *item = &items[w->count];
    *item = (struct moot_work_item){.priority = MOOT_WORK_PRIORITY};
    moot__sm_init(&item->sm, "work item", table, MOOT_WORK_STATES, MOOT_WORK_TODO);
    return item;
}

int moot__worklist_root(struct moot_worklist *w, size_t task, const char *assignee)
{
    struct moot_work_item *item = add(w);
    if (item == NULL || moot__work_text(&item->assignee, assignee) != MOOT_OK)
        return MOOT_ENOMEM;
    item->preset = assignee != NULL;
    item->task = task;
    item->root = w->count;
    item->parent = w->count++;
    /* Roots come before parts, so the count is the place among them. */
    snprintf(item->id, sizeof(item->id), "w%zu", w->count);
    return MOOT_OK;
}

int moot__worklist_split(struct moot_worklist *w, size_t parent, const char *goal,
                         int64_t max_parts, int64_t max_depth, size_t *out)
{
    const struct moot_work_item *of = &w->items[parent];
    char id[MOOT_WORK_ID];
    int len = snprintf(id, sizeof(id), "%s.%lld", of->id, (long long)of->parts + 1);
    if (of->parts >= max_parts || of->depth >= max_depth || len < 0 || len >= (int)sizeof(id))
        return MOOT_ELIMIT;
    struct moot_work_item *item = add(w);
    if (item == NULL || moot__work_text(&item->goal, goal) != MOOT_OK)
        return MOOT_ENOMEM;
    of = &w->items[parent];
    snprintf(item->id, sizeof(item->id), "%s", id);
    item->root = of->root;
    item->task = of->task;
    item->depth = of->depth + 1;
    item->priority = of->priority;
    item->parent = parent;
    w->items[parent].parts++;
    *out = w->count++;
    return MOOT_OK;
}

static bool same_word(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    return *a == *b;
}

size_t moot__worklist_find(const struct moot_worklist *w, const char *id)
{
    size_t i = 0;
    while (i < w->count && !same_word(w->items[i].id, id))
        i++;
    return i;
}

size_t moot__worklist_of_task(const struct moot_worklist *w, size_t task)
{
    size_t i = 0;
    while (i < w->count && (w->items[i].task != task || w->items[i].root != i))
        i++;
    return i;
}

/* ---- states ---- */

const char *moot__work_state_text(unsigned state)
{
    MOOT_ASSERT(state < MOOT_WORK_STATES);
    return table[state].name;
}

bool moot__worklist_may(const struct moot_worklist *w, size_t item, enum moot_work_state to)
{
    return moot__sm_may(&w->items[item].sm, to);
}

void moot__worklist_move(struct moot_worklist *w, size_t item, enum moot_work_state to)
{
    moot__sm_move(&w->items[item].sm, to);
}

bool moot__worklist_over(const struct moot_worklist *w, size_t item)
{
    return w->items[item].sm.at == DONE || moot__sm_final(&w->items[item].sm);
}

bool moot__worklist_has_open_parts(const struct moot_worklist *w, size_t item)
{
    for (size_t i = 0; i < w->count; i++)
        if (i != item && w->items[i].parent == item && !moot__worklist_over(w, i))
            return true;
    return false;
}

size_t moot__worklist_running(const struct moot_worklist *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++)
        count += w->items[i].sm.at == RUNNING && w->items[i].assignee != NULL;
    return count;
}

static bool comes_before(const struct moot_work_item *a, const struct moot_work_item *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return a->depth < b->depth;
}

size_t moot__worklist_next(const struct moot_worklist *w, bool (*can)(void *arg, size_t item),
                           void *arg)
{
    size_t best = w->count;
    for (size_t i = 0; i < w->count; i++) {
        const struct moot_work_item *item = &w->items[i];
        bool waits = item->sm.at == ASSIGNED || item->sm.at == REVISE;
        if (waits && item->assignee != NULL && can(arg, i) &&
            (best == w->count || comes_before(item, &w->items[best])))
            best = i;
    }
    return best;
}

/* ---- delegations ---- */

/* What is the same for a reader: letters and digits, small, one space between words. */
static int plain(const char *text, char **out)
{
    struct moot_buf words;
    bool gap = false;
    moot__buf_init(&words, MOOT_MAX_BODY);
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && (c < '0' || c > '9') && c < 0x80) {
            gap = true;
            continue;
        }
        if (gap && words.len > 0)
            moot__buf_addc(&words, ' ');
        gap = false;
        moot__buf_addc(&words, letter ? (char)(c | 0x20) : (char)c);
    }
    *out = moot__buf_take(&words);
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}

int moot__worklist_repeats(const struct moot_worklist *w, size_t item, const char *to,
                           const char *instruction, bool *repeats)
{
    char *words = NULL;
    *repeats = false;
    if (plain(instruction, &words) != MOOT_OK)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_WORK_WINDOW; i++) {
        const struct moot_delegated *d = &w->last[i];
        *repeats = *repeats || (d->to != NULL && d->item == item && strcmp(d->to, to) == 0 &&
                                strcmp(d->instruction, words) == 0);
    }
    free(words);
    return MOOT_OK;
}

int moot__worklist_delegate(struct moot_worklist *w, size_t item, const char *to,
                            const char *instruction)
{
    struct moot_work_item *it = &w->items[item];
    struct moot_delegated d = {.item = item, .to = moot__copy(to, strlen(to))};
    if (d.to == NULL || plain(instruction, &d.instruction) != MOOT_OK ||
        moot__work_text(&it->assignee, to) != MOOT_OK ||
        moot__work_text(&it->instruction, instruction) != MOOT_OK) {
        free(d.to);
        free(d.instruction);
        return MOOT_ENOMEM;
    }
    struct moot_delegated *place = &w->last[w->delegated++ % MOOT_WORK_WINDOW];
    free(place->to);
    free(place->instruction);
    *place = d;
    w->items[it->root].delegations++;
    return MOOT_OK;
}
