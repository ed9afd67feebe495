/* moot show --agent and --agents: what an agent was sent, and who the agents are. */
#ifndef MOOT_SHOW_AGENT_H
#define MOOT_SHOW_AGENT_H

#include "cli/cmd.h"
#include "cli/saw.h"

/* Each request of one agent as it was sent; `system`: the system message alone; `json`: one object
 * a line. */
int moot__show_agent(struct moot_cli *cli, struct moot_book *book, const char *agent, bool system,
                     bool json, struct moot_error *err);
/* The agents with their role, model, tools and what they took. */
int moot__show_agents(struct moot_cli *cli, struct moot_book *book, bool json,
                      struct moot_error *err);

#endif
