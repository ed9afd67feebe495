/* The manager of the process `consensual`: tasks one after another, as `sequential`; a task that is
 * agreed on is opened with this same manager, which then holds the council of it. */
#include "agents/agent.h"
#include "agents/work.h"
#include "roles/council.h"
#include "roles/item.h"
#include "roles/roles.h"

struct consensual {
    void *item; /* NULL: it holds a council, or nothing was opened yet */
    struct moot_council council;
};

static int init(struct moot_me *me, void **self)
{
    (void)me;
    struct consensual *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return MOOT_ENOMEM;
    moot__council_init(&s->council);
    *self = s;
    return MOOT_OK;
}

static int begin(struct consensual *s, struct moot_me *me, const struct moot_message *m)
{
    const struct moot_task_def *task = moot__work_task(me, m);
    if (task != NULL && task->vote != NULL)
        return moot__council_begin(me, &s->council, task, m);
    int rc = moot__item_init(me, true, &s->item);
    return rc == MOOT_OK ? moot__item_receive(s->item, me, m) : rc;
}

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct consensual *s = self;
    if (s->item != NULL)
        return moot__item_receive(s->item, me, m);
    if (s->council.task != NULL)
        return moot__council_receive(me, &s->council, m);
    return moot_message_kind(m) == MOOT_OPEN ? begin(s, me, m) : MOOT_OK;
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct consensual *s = self;
    moot__digest_int(d, s->item != NULL);
    if (s->item != NULL)
        moot__item_digest(s->item, d);
    moot__council_digest(&s->council, d);
}

static void release(void *self)
{
    struct consensual *s = self;
    if (s->item != NULL)
        moot__item_release(s->item);
    moot__council_release(&s->council);
    free(s);
}

MOOT_ROLE(moot__consensual, "consensual", 1, .init = init, .receive = receive, .digest = digest,
          .release = release);
