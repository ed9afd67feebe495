/* The runner: works tasks that need no model. It fills in a tool's arguments, calls it, checks what
 * comes and ends. */
#include "agents/agent.h"
#include "agents/work.h"
#include "roles/roles.h"

static int init(struct moot_me *me, void **self)
{
    (void)me;
    struct moot_work *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return MOOT_ENOMEM;
    moot__work_init(w);
    *self = w;
    return MOOT_OK;
}

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct moot_work *w = self;
    if (moot_message_kind(m) != MOOT_OPEN || w->task != NULL)
        return moot__work_receive(me, w, m);
    const struct moot_task_def *task = moot__work_task(me, m);
    if (task != NULL && task->tool != NULL)
        return moot__work_begin(me, w, task, m);
    moot__finish_failed(me, "error", "the runner has no tool to run here");
    return me->fx->status;
}

static void digest(const void *self, const struct moot_digest *d)
{
    moot__work_digest(self, d);
}

static void release(void *self)
{
    moot__work_release(self);
    free(self);
}

MOOT_ROLE(moot__runner, "runner", 1, .init = init, .receive = receive, .digest = digest,
          .release = release);
