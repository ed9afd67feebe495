#include "roles/schedule.h"

#include "agents/prompt.h"
#include "agents/verdict.h"

int moot__schedule_init(struct moot_schedule *s, const struct moot_crew_def *crew,
                        bool one_at_a_time)
{
    s->crew = crew;
    s->one_at_a_time = one_at_a_time;
    s->tasks = calloc(crew->task_count + 1, sizeof(*s->tasks));
    return s->tasks == NULL ? MOOT_ENOMEM : MOOT_OK;
}

void moot__schedule_release(struct moot_schedule *s)
{
    for (size_t i = 0; s->tasks != NULL && i < s->crew->task_count; i++) {
        moot__json_free(s->tasks[i].result);
        moot__json_free(s->tasks[i].tries);
        moot__json_free(s->tasks[i].verdict);
        free(s->tasks[i].report);
    }
    free(s->tasks);
    s->tasks = NULL;
}

void moot__schedule_digest(const struct moot_schedule *s, const struct moot_digest *d)
{
    for (size_t i = 0; i < s->crew->task_count; i++) {
        const struct moot_scheduled *t = &s->tasks[i];
        moot__digest_int(d, t->state);
        moot__digest_int(d, t->runs);
        moot__digest_int(d, t->rejections);
        moot__digest_json(d, t->result);
        moot__digest_int(d, t->unapproved);
        moot__digest_text(d, t->report);
        moot__digest_int(d, (int64_t)t->rejected);
        moot__digest_json(d, t->tries);
        moot__digest_json(d, t->verdict);
        moot__digest_int(d, t->question);
        moot__digest_int(d, t->asked);
    }
}

size_t moot__schedule_find(const struct moot_schedule *s, const char *id)
{
    size_t i = 0;
    while (i < s->crew->task_count && (id == NULL || strcmp(s->crew->tasks[i].id, id) != 0))
        i++;
    return i;
}

static bool is_settled(const struct moot_scheduled *t)
{
    return t->state == MOOT_TASK_DONE || t->state == MOOT_TASK_SKIPPED;
}

/* What becomes of a waiting task now. */
static enum moot_next look_at(const struct moot_schedule *s, size_t task)
{
    char *const *needs = s->crew->tasks[task].needs;
    size_t count = 0;
    size_t skipped = 0;
    for (; needs != NULL && needs[count] != NULL; count++) {
        size_t need = moot__schedule_find(s, needs[count]);
        if (need == s->crew->task_count || !is_settled(&s->tasks[need]))
            return MOOT_NEXT_NONE;
        skipped += s->tasks[need].state == MOOT_TASK_SKIPPED;
    }
    return count > 0 && skipped == count ? MOOT_NEXT_SKIP : MOOT_NEXT_TASK;
}

enum moot_next moot__schedule_next(const struct moot_schedule *s, size_t from, size_t *task)
{
    for (size_t i = from; i < s->crew->task_count; i++) {
        const struct moot_scheduled *t = &s->tasks[i];
        enum moot_next next = MOOT_NEXT_NONE;
        if (t->state == MOOT_TASK_WAITING)
            next = look_at(s, i);
        if (next != MOOT_NEXT_NONE) {
            *task = i;
            return next;
        }
        if (s->one_at_a_time && !is_settled(t))
            return MOOT_NEXT_NONE;
    }
    return MOOT_NEXT_NONE;
}

bool moot__schedule_settled(const struct moot_schedule *s)
{
    for (size_t i = 0; i < s->crew->task_count; i++)
        if (!is_settled(&s->tasks[i]))
            return false;
    return true;
}

size_t moot__schedule_busy(const struct moot_schedule *s)
{
    size_t busy = 0;
    for (size_t i = 0; i < s->crew->task_count; i++)
        busy += s->tasks[i].state == MOOT_TASK_RUNNING || s->tasks[i].state == MOOT_TASK_HELD ||
                s->tasks[i].state == MOOT_TASK_ASKING;
    return busy;
}

bool moot__schedule_unapproved(const struct moot_schedule *s, size_t task)
{
    char *const *needs = s->crew->tasks[task].needs;
    for (size_t i = 0; needs != NULL && needs[i] != NULL; i++) {
        size_t need = moot__schedule_find(s, needs[i]);
        if (need < s->crew->task_count && s->tasks[need].unapproved)
            return true;
    }
    return false;
}

/* ---- rejections ---- */

static int keep_try(struct moot_scheduled *t)
{
    if (t->tries == NULL)
        t->tries = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *one = moot__json_new(MOOT_JSON_OBJECT);
    if (t->tries == NULL || one == NULL ||
        (t->result != NULL &&
         moot__json_set(one, "result", moot__json_copy(t->result)) != MOOT_OK) ||
        moot__json_set(one, "verdict", moot__json_copy(t->verdict)) != MOOT_OK) {
        moot__json_free(one);
        return MOOT_ENOMEM;
    }
    return moot__json_add(t->tries, one);
}

int moot__schedule_reject(struct moot_schedule *s, size_t task, struct moot_json *result,
                          struct moot_json *verdict)
{
    struct moot_scheduled *t = &s->tasks[task];
    if (verdict == NULL) {
        moot__json_free(result);
        return MOOT_ENOMEM;
    }
    moot__json_free(t->result);
    moot__json_free(t->verdict);
    t->result = result;
    t->verdict = verdict;
    t->rejections++;
    return s->crew->tasks[task].on_exhausted == MOOT_EXHAUSTED_FAIL ? MOOT_OK : keep_try(t);
}

bool moot__schedule_may_retry(const struct moot_schedule *s, size_t task)
{
    return s->tasks[task].rejections < s->crew->tasks[task].attempts;
}

/* Marks in `on` every task that needs `from`, by however many others, `from` included. Rounds over
 * the list instead of a descent: needs may not form a ring, but nothing here relies on it. */
static void mark_above(const struct moot_schedule *s, size_t from, bool *on)
{
    on[from] = true;
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < s->crew->task_count; i++) {
            char *const *needs = s->crew->tasks[i].needs;
            for (size_t k = 0; !on[i] && needs != NULL && needs[k] != NULL; k++) {
                size_t need = moot__schedule_find(s, needs[k]);
                on[i] = need < s->crew->task_count && on[need];
                more = more || on[i];
            }
        }
    }
}

/* And every task that `to` needs. */
static void mark_below(const struct moot_schedule *s, size_t to, bool *on)
{
    on[to] = true;
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < s->crew->task_count; i++) {
            char *const *needs = s->crew->tasks[i].needs;
            for (size_t k = 0; on[i] && needs != NULL && needs[k] != NULL; k++) {
                size_t need = moot__schedule_find(s, needs[k]);
                if (need < s->crew->task_count && !on[need]) {
                    on[need] = true;
                    more = true;
                }
            }
        }
    }
}

/* Why it runs again; a second report, of another task, is put behind the first. */
static int add_report(struct moot_scheduled *t, const char *report, size_t rejected)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    if (t->report != NULL)
        moot__buf_addf(&text, "%s\n\n", t->report);
    moot__buf_adds(&text, report);
    char *joined = moot__buf_take(&text);
    if (joined == NULL)
        return text.status != MOOT_OK ? text.status : MOOT_ENOMEM;
    free(t->report);
    t->report = joined;
    t->rejected = rejected;
    return MOOT_OK;
}

int moot__schedule_send_back(struct moot_schedule *s, size_t task)
{
    size_t count = s->crew->task_count;
    size_t target = moot__schedule_find(s, s->crew->tasks[task].on_reject);
    bool *above = calloc(2 * count, sizeof(*above));
    if (above == NULL)
        return MOOT_ENOMEM;
    bool *below = above + count;
    mark_above(s, target < count ? target : task, above);
    mark_below(s, task, below);
    struct moot_buf report;
    moot__buf_init(&report, MOOT_MAX_BODY);
    int rc = moot__prompt_problems(moot__json_get(s->tasks[task].verdict, "problems"), &report);
    for (size_t i = 0; i < count && rc == MOOT_OK; i++) {
        struct moot_scheduled *t = &s->tasks[i];
        /* One on the way that is being done again already, for another's sake, is not begun twice.
         */
        if (i != task && (!above[i] || !below[i] || !is_settled(t)))
            continue;
        t->state = MOOT_TASK_WAITING;
        rc = add_report(t, moot__buf_text(&report), task);
    }
    moot__buf_release(&report);
    free(above);
    return rc;
}

const struct moot_json *moot__schedule_best(const struct moot_schedule *s, size_t task)
{
    const struct moot_json *best = NULL;
    int64_t best_score = -1;
    size_t best_problems = 0;
    const struct moot_json *t = moot__json_first(s->tasks[task].tries);
    for (; t != NULL; t = moot__json_next(t)) {
        const struct moot_json *result = moot__json_get(t, "result");
        const struct moot_json *verdict = moot__json_get(t, "verdict");
        int64_t score = moot__verdict_score(verdict);
        size_t problems = moot__json_count(moot__json_get(verdict, "problems"));
        if (result == NULL)
            continue;
        if (best != NULL &&
            (score < best_score || (score == best_score && problems > best_problems)))
            continue;
        best = result;
        best_score = score;
        best_problems = problems;
    }
    return best;
}
