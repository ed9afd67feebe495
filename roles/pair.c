/* The manager of the process `pair`: two agents, turn about. */
#include "agents/agent.h"
#include "roles/roles.h"
#include "roles/talk.h"

struct pair {
    struct moot_talk talk;
};

static int init(struct moot_me *me, void **self)
{
    struct pair *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return MOOT_ENOMEM;
    int rc = moot__talk_init(me, &p->talk);
    if (rc != MOOT_OK) {
        free(p);
        return rc;
    }
    *self = p;
    return MOOT_OK;
}

static int next(void *self, struct moot_me *me, const struct moot_said *said)
{
    struct pair *p = self;
    struct moot_talk *t = &p->talk;
    (void)said;
    if (t->count != 2)
        return moot__talk_end(me, t, "failed", "a pair is two agents", NULL);
    if (t->floor == t->count)
        return moot__talk_give(me, t, moot__talk_start(me, t), "start");
    return moot__talk_give(me, t, 1 - t->floor, t->turns == 0 ? "start" : "turn about");
}

static const struct moot_talk_ops ops = {.next = next};

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct pair *p = self;
    return moot__talk_receive(self, me, &p->talk, &ops, m);
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct pair *p = self;
    moot__talk_digest(&p->talk, d);
}

static void release(void *self)
{
    struct pair *p = self;
    moot__talk_release(&p->talk);
    free(p);
}

MOOT_ROLE(moot__pair, "pair", 1, .init = init, .receive = receive, .digest = digest,
          .release = release);
