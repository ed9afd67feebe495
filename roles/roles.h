/* Every role there is, as the agent a host steps. One line a role; no registration by side effect.
 */
#ifndef MOOT_ROLES_H
#define MOOT_ROLES_H

#include "agents/def.h"

/* Agents of a crew file, by their kind. Both work tasks, and judge when they are given a result. */
extern const struct moot_agent_ops moot__assistant;
extern const struct moot_agent_ops moot__judge;
/* Takes turns in conversations only. */
extern const struct moot_agent_ops moot__user_proxy;
/* Works tasks that are a tool's or a command's; its participant is called "runner". */
extern const struct moot_agent_ops moot__runner;
/* Managers: each is given the items of its process. */
extern const struct moot_agent_ops moot__graph;
extern const struct moot_agent_ops moot__sequential;
extern const struct moot_agent_ops moot__hierarchical;
extern const struct moot_agent_ops moot__consensual;
/* Managers of conversations, whose members sit in the item's own conversation. */
extern const struct moot_agent_ops moot__pair;
extern const struct moot_agent_ops moot__group_chat;
extern const struct moot_agent_ops moot__swarm;
extern const struct moot_agent_ops moot__ledger;

/* The agent of that name ("assistant", "user_proxy", "graph", "pair", …); NULL: none. */
const struct moot_agent_ops *moot__role(const char *name);

#endif
