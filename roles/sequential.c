/* The manager of the process `sequential`: one task after another, in the order of the crew file.
 */
#include "agents/agent.h"
#include "roles/item.h"
#include "roles/roles.h"

static int init(struct moot_me *me, void **self)
{
    return moot__item_init(me, true, self);
}

MOOT_ROLE(moot__sequential, "sequential", 1, .init = init, .receive = moot__item_receive,
          .digest = moot__item_digest, .release = moot__item_release);
