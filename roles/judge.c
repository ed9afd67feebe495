/* The judge: an agent whose business is verdicts. It is given a result, what it was made from and
 * the criteria (agents/judging.c), says its verdict in its own conversation, and ends it with that.
 * Where a task names it as its agent it works like any other. */
#include "agents/agent.h"
#include "roles/assistant.h"
#include "roles/roles.h"

MOOT_ROLE(moot__judge, "judge", 1, .init = moot__assistant_init, .receive = moot__assistant_receive,
          .thought = moot__assistant_thought, .digest = moot__assistant_digest,
          .release = moot__assistant_release);
