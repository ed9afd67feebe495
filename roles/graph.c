/* The manager of the process `graph`: every task begins as soon as all that it needs is there. */
#include "agents/agent.h"
#include "roles/item.h"
#include "roles/roles.h"

static int init(struct moot_me *me, void **self)
{
    return moot__item_init(me, false, self);
}

MOOT_ROLE(moot__graph, "graph", 1, .init = init, .receive = moot__item_receive,
          .digest = moot__item_digest, .release = moot__item_release);
