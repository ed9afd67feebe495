/* The model-driven role: it works attempts of tasks, gives a verdict where it is given a result to
 * judge, takes its turns in conversations, answers what another agent asks it, and does errands
 * for managers. A judge (judge.c) does the same; what differs is what a conversation asks of it. */
#include "roles/assistant.h"

#include "agents/agent.h"
#include "agents/asking.h"
#include "roles/roles.h"

int moot__assistant_init(struct moot_me *me, void **self)
{
    (void)me;
    struct moot_assistant *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return MOOT_ENOMEM;
    moot__work_init(&a->work);
    moot__speaking_init(&a->speaking);
    *self = a;
    return MOOT_OK;
}

static int begin(struct moot_assistant *a, struct moot_me *me, const struct moot_message *m)
{
    int rc = moot__speaking_open(me, &a->speaking, m);
    if (rc != MOOT_OK)
        return rc;
    if (moot__speaking_takes_part(&a->speaking)) {
        a->does = MOOT_DOES_SPEAK;
        return MOOT_OK;
    }
    if (moot__asking_asked(m)) {
        a->does = MOOT_DOES_ANSWER;
        return moot__asking_begin(me, m);
    }
    if (moot__errand_kind(m) != MOOT_ERRAND_NONE) {
        a->does = MOOT_DOES_ERRAND;
        return moot__errand_begin(me, &a->errand, m);
    }
    const struct moot_task_def *task = moot__work_task(me, m);
    a->does = task != NULL ? MOOT_DOES_WORK : MOOT_DOES_JUDGE;
    return task != NULL ? moot__work_begin(me, &a->work, task, m)
                        : moot__judging_begin(me, &a->judging, m);
}

static int speak(struct moot_assistant *a, struct moot_me *me, const struct moot_message *m)
{
    bool floor = false;
    int rc = moot__speaking_hear(me, &a->speaking, m, &floor);
    return rc == MOOT_OK && floor ? moot__speaking_think(me, &a->speaking) : rc;
}

int moot__assistant_receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct moot_assistant *a = self;
    switch (a->does) {
    case MOOT_DOES_NOTHING:
        return moot_message_kind(m) == MOOT_OPEN ? begin(a, me, m) : MOOT_OK;
    case MOOT_DOES_WORK:
        return moot__work_receive(me, &a->work, m);
    case MOOT_DOES_SPEAK:
        return speak(a, me, m);
    case MOOT_DOES_JUDGE:
    case MOOT_DOES_ANSWER:
    case MOOT_DOES_ERRAND:
        break;
    }
    return MOOT_OK;
}

int moot__assistant_thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct moot_assistant *a = self;
    if (a->does == MOOT_DOES_ANSWER)
        return moot__asking_thought(me, end);
    if (a->does == MOOT_DOES_SPEAK)
        return moot__speaking_thought(me, &a->speaking, end);
    if (a->does == MOOT_DOES_ERRAND)
        return moot__errand_thought(me, &a->errand, end);
    return a->does == MOOT_DOES_WORK ? moot__work_thought(me, &a->work, end)
                                     : moot__judging_thought(me, &a->judging, end);
}

void moot__assistant_digest(const void *self, const struct moot_digest *d)
{
    const struct moot_assistant *a = self;
    moot__digest_int(d, a->does);
    moot__work_digest(&a->work, d);
    moot__judging_digest(&a->judging, d);
    moot__speaking_digest(&a->speaking, d);
    moot__errand_digest(&a->errand, d);
}

void moot__assistant_release(void *self)
{
    struct moot_assistant *a = self;
    moot__work_release(&a->work);
    moot__judging_release(&a->judging);
    moot__speaking_release(&a->speaking);
    moot__errand_release(&a->errand);
    free(a);
}

MOOT_ROLE(moot__assistant, "assistant", 1, .init = moot__assistant_init,
          .receive = moot__assistant_receive, .thought = moot__assistant_thought,
          .digest = moot__assistant_digest, .release = moot__assistant_release);
