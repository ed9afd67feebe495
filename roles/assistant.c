/* The model-driven role: it works attempts of tasks, and gives a verdict where it is given a result
 * to judge. A judge (judge.c) does the same; what differs is what a conversation asks of it. */
#include "roles/assistant.h"

#include "agents/agent.h"
#include "roles/roles.h"

int moot__assistant_init(struct moot_me *me, void **self)
{
    (void)me;
    struct moot_assistant *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return MOOT_ENOMEM;
    moot__work_init(&a->work);
    *self = a;
    return MOOT_OK;
}

int moot__assistant_receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct moot_assistant *a = self;
    if (moot_message_kind(m) != MOOT_OPEN || a->does != MOOT_DOES_NOTHING)
        return a->does == MOOT_DOES_WORK ? moot__work_receive(me, &a->work, m) : MOOT_OK;
    const struct moot_task_def *task = moot__work_task(me, m);
    a->does = task != NULL ? MOOT_DOES_WORK : MOOT_DOES_JUDGE;
    return task != NULL ? moot__work_begin(me, &a->work, task, m)
                        : moot__judging_begin(me, &a->judging, m);
}

int moot__assistant_thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct moot_assistant *a = self;
    return a->does == MOOT_DOES_WORK ? moot__work_thought(me, &a->work, end)
                                     : moot__judging_thought(me, &a->judging, end);
}

void moot__assistant_digest(const void *self, const struct moot_digest *d)
{
    const struct moot_assistant *a = self;
    moot__digest_int(d, a->does);
    moot__work_digest(&a->work, d);
    moot__judging_digest(&a->judging, d);
}

void moot__assistant_release(void *self)
{
    struct moot_assistant *a = self;
    moot__work_release(&a->work);
    moot__judging_release(&a->judging);
    free(a);
}

MOOT_ROLE(moot__assistant, "assistant", 1, .init = moot__assistant_init,
          .receive = moot__assistant_receive, .thought = moot__assistant_thought,
          .digest = moot__assistant_digest, .release = moot__assistant_release);
