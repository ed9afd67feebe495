/* The manager of the process `pair`: two agents, turn about; at the end a summary, if the crew
 * wants one. */
#include "agents/agent.h"
#include "roles/choosing.h"
#include "roles/roles.h"
#include "roles/talk.h"

struct pair {
    struct moot_talk talk;
    struct moot_choosing heard; /* what its model has not been told; where there is a summary */
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
    moot__choosing_init(&p->heard);
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

static int sum(void *self, struct moot_me *me)
{
    struct pair *p = self;
    return moot__choosing_ask(me, &p->heard, &p->talk,
                              "You read a conversation of two and say what came of it.",
                              "The conversation is over. Say in a few sentences what was wanted, "
                              "what came of it and what was left open.",
                              NULL);
}

static const struct moot_talk_ops ops = {.next = next, .sum = sum};

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct pair *p = self;
    int rc = me->persona->crew->talk.reflect ? moot__choosing_hear(me, &p->heard, m) : MOOT_OK;
    return rc == MOOT_OK ? moot__talk_receive(self, me, &p->talk, &ops, m) : rc;
}

/* A summary that could not be had does not undo what came before it. */
static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct pair *p = self;
    return moot__talk_summed(me, &p->talk, end->end == MOOT_THOUGHT_REPLY ? end->text : NULL);
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct pair *p = self;
    moot__talk_digest(&p->talk, d);
    moot__choosing_digest(&p->heard, d);
}

static void release(void *self)
{
    struct pair *p = self;
    moot__talk_release(&p->talk);
    moot__choosing_release(&p->heard);
    free(p);
}

MOOT_ROLE(moot__pair, "pair", 1, .init = init, .receive = receive, .thought = thought,
          .digest = digest, .release = release);
