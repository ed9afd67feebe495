#include "runtime/sm.h"

void moot__sm_init(struct moot_sm *sm, const char *name, const struct moot_sm_state *table,
                   size_t count, unsigned at)
{
    MOOT_ASSERT(count > 0 && count <= 32);
    MOOT_ASSERT(at < count);
    MOOT_ASSERT((table[at].flags & MOOT_SM_INITIAL) != 0);
    sm->name = name;
    sm->table = table;
    sm->count = (unsigned)count;
    sm->at = at;
}

bool moot__sm_may(const struct moot_sm *sm, unsigned to)
{
    return to < sm->count && (sm->table[sm->at].next >> to & 1) != 0;
}

void moot__sm_move(struct moot_sm *sm, unsigned to)
{
    if (!moot__sm_may(sm, to)) {
        fprintf(stderr, "moot: %s may not go from %s to %s\n", sm->name, sm->table[sm->at].name,
                to < sm->count ? sm->table[to].name : "a state that is not there");
        abort();
    }
    sm->at = to;
}

bool moot__sm_final(const struct moot_sm *sm)
{
    return (sm->table[sm->at].flags & MOOT_SM_FINAL) != 0;
}

const char *moot__sm_text(const struct moot_sm *sm)
{
    return sm->table[sm->at].name;
}
