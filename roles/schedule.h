/* Which tasks of an item have run, which may run now, and what a rejection sends back. Decisions
 * only: item.c carries them out. Everything goes in the order of the crew file. */
#ifndef MOOT_SCHEDULE_H
#define MOOT_SCHEDULE_H

#include "agents/role.h"

enum moot_task_state {
    MOOT_TASK_WAITING,
    MOOT_TASK_RUNNING,
    MOOT_TASK_HELD,   /* it could begin, or has passed: its manager decides */
    MOOT_TASK_ASKING, /* attempts used up, a person is asked */
    MOOT_TASK_DONE,
    MOOT_TASK_SKIPPED,
};

struct moot_scheduled {
    enum moot_task_state state;
    int64_t runs;             /* attempts begun */
    int64_t rejections;       /* of attempts of this task */
    struct moot_json *result; /* of the newest attempt that gave one: a string when it is text */
    bool unapproved; /* it stands on a result that no check passed and no person approved */
    char *report;    /* why it runs again, or NULL */
    size_t rejected; /* index of the task whose rejection that was */
    struct moot_json
        *tries; /* [{result, verdict}] that were rejected, where on_exhausted needs them */
    struct moot_json *verdict; /* the newest, or NULL */
    uint32_t question;         /* ASKING: its count */
    int asked;                 /* how often */
};

struct moot_schedule {
    const struct moot_crew_def *crew;
    struct moot_scheduled *tasks; /* as many and in the order of the crew's */
    bool one_at_a_time;           /* sequential */
};

int moot__schedule_init(struct moot_schedule *s, const struct moot_crew_def *crew,
                        bool one_at_a_time);
void moot__schedule_release(struct moot_schedule *s);
void moot__schedule_digest(const struct moot_schedule *s, const struct moot_digest *d);

/* The index of a task; the crew's task_count: there is none. */
size_t moot__schedule_find(const struct moot_schedule *s, const char *id);

enum moot_next {
    MOOT_NEXT_NONE, /* nothing may begin now */
    MOOT_NEXT_TASK, /* this one may: `when` is for the caller to look at */
    MOOT_NEXT_SKIP, /* this one is to be skipped: all that it needs were */
};
/* The first task, from `from` on, that can go on. */
enum moot_next moot__schedule_next(const struct moot_schedule *s, size_t from, size_t *task);
/* Whether all are done or skipped; how many are running, held or asking. */
bool moot__schedule_settled(const struct moot_schedule *s);
size_t moot__schedule_busy(const struct moot_schedule *s);
/* Whether something it needs is unapproved. */
bool moot__schedule_unapproved(const struct moot_schedule *s, size_t task);

/* An attempt was rejected: counts it and keeps what is needed later; takes `result` (may be NULL)
 * and `verdict` over; no verdict is a failed allocation. */
int moot__schedule_reject(struct moot_schedule *s, size_t task, struct moot_json *result,
                          struct moot_json *verdict);
/* Whether it may be tried again. */
bool moot__schedule_may_retry(const struct moot_schedule *s, size_t task);
/* Sends back: the task that on_reject names, and all on the way from there to this one, wait again,
 * with the verdict's report. */
int moot__schedule_send_back(struct moot_schedule *s, size_t task);
/* The best of the rejected tries: highest score, then fewest problems, then newest. NULL: none had
 * a result. */
const struct moot_json *moot__schedule_best(const struct moot_schedule *s, size_t task);

#endif
