/* The order of tasks: what they need, where rejected work goes back to. */
#include "roles/crew_checking.h"

static void say_task(struct moot_checking_crew *c, size_t i, size_t needed,
                     const struct moot_json *at)
{
    bool self = i == needed;
    moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE,
                   self ? NULL : "move it up, or set process: graph",
                   self ? "task '%s' needs itself"
                        : "task '%s' needs '%s', which comes later, and the process is sequential",
                   c->tasks[i].id, c->tasks[needed].id);
}

/* In a sequence nothing can need what comes later. True: something does, or needs itself. */
static bool check_order(struct moot_checking_crew *c)
{
    const char *process = moot__json_get_text(c->crew, "process", "");
    bool sequential = strcmp(process, "sequential") == 0 || strcmp(process, "consensual") == 0;
    bool wrong = false;
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *m = moot__json_first(moot__json_get(c->tasks[i].entry, "needs"));
        for (; m != NULL; m = moot__json_next(m)) {
            size_t j = moot__crew_task_index(c, moot__json_text(m));
            if (j == c->task_count || (j != i && (!sequential || j < i)))
                continue;
            say_task(c, i, j, m);
            wrong = true;
        }
    }
    return wrong;
}

/* One step of the search for a circle. */
struct step {
    size_t task;
    const struct moot_json *next; /* the need that is gone into next */
};

static void say_circle(struct moot_checking_crew *c, const struct step *steps, size_t from,
                       size_t depth, const struct moot_json *at)
{
    struct moot_buf b;
    moot__buf_init(&b, 600);
    for (size_t i = from; i < depth && b.len < 400; i++)
        moot__buf_addf(&b, "%s%s", i > from ? " needs " : "", c->tasks[steps[i].task].id);
    moot__buf_addf(&b, " needs %s", c->tasks[steps[from].task].id);
    moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE, NULL,
                   "tasks wait for each other in a circle: %s", moot__buf_text(&b));
    moot__buf_release(&b);
}

/* Goes down from `root` along the needs, without recursion. state: 0 new, 1 on the way, 2 done. */
static void search_circle(struct moot_checking_crew *c, size_t root, unsigned char *state,
                          struct step *steps)
{
    size_t depth = 0;
    steps[depth++] =
        (struct step){root, moot__json_first(moot__json_get(c->tasks[root].entry, "needs"))};
    state[root] = 1;
    while (depth > 0) {
        struct step *top = &steps[depth - 1];
        const struct moot_json *need = top->next;
        if (need == NULL) {
            state[top->task] = 2;
            depth--;
            continue;
        }
        top->next = moot__json_next(need);
        size_t j = moot__crew_task_index(c, moot__json_text(need));
        if (j == c->task_count || state[j] == 2)
            continue;
        if (state[j] == 0) {
            state[j] = 1;
            steps[depth++] =
                (struct step){j, moot__json_first(moot__json_get(c->tasks[j].entry, "needs"))};
            continue;
        }
        size_t from = 0;
        while (steps[from].task != j)
            from++;
        say_circle(c, steps, from, depth, need);
    }
}

static void check_circles(struct moot_checking_crew *c)
{
    unsigned char *state = calloc(c->task_count + 1, 1);
    struct step *steps = calloc(c->task_count + 1, sizeof(*steps));
    if (state == NULL || steps == NULL)
        c->f->report.failed = true;
    for (size_t i = 0; state != NULL && steps != NULL && i < c->task_count; i++)
        if (state[i] == 0)
            search_circle(c, i, state, steps);
    free(state);
    free(steps);
}

/* Whether `from` waits for `to`, over others too. */
static bool upstream(const struct moot_checking_crew *c, size_t from, size_t to)
{
    bool *seen = calloc(c->task_count + 1, sizeof(*seen));
    size_t *stack = calloc(c->task_count + 1, sizeof(*stack));
    size_t depth = 0;
    bool found = from == to;
    if (seen != NULL && stack != NULL) {
        stack[depth++] = from;
        seen[from] = true;
    }
    while (depth > 0 && !found) {
        const struct moot_json *m =
            moot__json_first(moot__json_get(c->tasks[stack[--depth]].entry, "needs"));
        for (; m != NULL; m = moot__json_next(m)) {
            size_t j = moot__crew_task_index(c, moot__json_text(m));
            found = found || j == to;
            if (j == c->task_count || seen[j])
                continue;
            seen[j] = true;
            stack[depth++] = j;
        }
    }
    if (seen == NULL || stack == NULL)
        c->f->report.failed = true;
    free(seen);
    free(stack);
    return found;
}

static void check_reject(struct moot_checking_crew *c, size_t i)
{
    const struct moot_json *task = c->tasks[i].entry;
    const struct moot_json *to = moot__json_get(task, "on_reject");
    if (to == NULL)
        return;
    size_t j = moot__crew_task_index(c, moot__json_text(to));
    if (j < c->task_count && !upstream(c, i, j))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, to, MOOT_PART_VALUE, NULL,
                       "rejected work of task '%s' cannot go back to '%s': '%s' does not wait for "
                       "it",
                       c->tasks[i].id, c->tasks[j].id, c->tasks[i].id);
    const struct moot_json *review = moot__json_get(task, "review");
    bool reviewed =
        review != NULL && !(moot__json_is(review, MOOT_JSON_BOOL) && !moot__json_true(review));
    bool shaped =
        moot__json_get(task, "output") != NULL || moot__json_get(task, "output_schema") != NULL;
    if (moot__json_get(task, "check") == NULL && !reviewed && !shaped)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, to, MOOT_PART_KEY,
                       "give it a check or review",
                       "task '%s' has on_reject, but nothing rejects it", c->tasks[i].id);
}

void moot__crew_check_graph(struct moot_checking_crew *c)
{
    if (!check_order(c))
        check_circles(c);
    for (size_t i = 0; i < c->task_count; i++)
        check_reject(c, i);
}
