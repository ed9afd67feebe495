#include "agents/agent.h"

struct agent {
    const struct moot_role *role;
    struct moot_me me;
    void *self; /* the role's state */
};

int moot__agent_init(const struct moot_role *role, const void *persona,
                     const struct moot_seat *seat, void **self)
{
    MOOT_ASSERT(persona != NULL);
    MOOT_ASSERT(seat->size >= sizeof(*seat));
    struct agent *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return MOOT_ENOMEM;
    a->role = role;
    a->me.agent = seat->agent;
    a->me.conv = seat->conv;
    a->me.persona = persona;
    moot__turn_init(&a->me.turn);
    int rc = role->init(&a->me, &a->self);
    if (rc != MOOT_OK) {
        moot__turn_release(&a->me.turn);
        free(a);
        return rc;
    }
    *self = a;
    return MOOT_OK;
}

static int step_in(struct agent *a, const struct moot_message *m)
{
    bool mine = false;
    bool ended = false;
    struct moot_thought end = {0};
    int rc = moot__turn_receive(&a->me, m, &mine, &ended, &end);
    if (rc == MOOT_OK && ended) {
        MOOT_ASSERT(a->role->thought != NULL);
        rc = a->role->thought(a->self, &a->me, &end);
    } else if (rc == MOOT_OK && !mine && moot_message_kind(m) != MOOT_SUMMARY) {
        rc = a->role->receive(a->self, &a->me, m);
    }
    moot__thought_release(&end);
    return rc;
}

int moot__agent_step(void *self, const struct moot_message *m, struct moot_effects *fx)
{
    struct agent *a = self;
    if (a->me.finished)
        return MOOT_OK;
    a->me.fx = fx;
    int rc = step_in(a, m);
    if (rc == MOOT_OK && !a->me.finished)
        rc = moot__turn_settle(&a->me);
    a->me.fx = NULL;
    return rc != MOOT_OK ? rc : fx->status;
}

void moot__agent_digest(const void *self, void (*add)(void *arg, const void *data, size_t len),
                        void *arg)
{
    const struct agent *a = self;
    struct moot_digest d = {add, arg};
    moot__digest_int(&d, a->role->version);
    moot__digest_int(&d, a->me.finished);
    moot__turn_digest(&a->me.turn, &d);
    a->role->digest(a->self, &d);
}

void moot__agent_release(void *self)
{
    struct agent *a = self;
    if (a == NULL)
        return;
    a->role->release(a->self);
    moot__turn_release(&a->me.turn);
    free(a);
}
