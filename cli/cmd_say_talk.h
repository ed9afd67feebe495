/* A talk with an agent of a run that another process holds: the run is followed, and what is typed
 * is said to that agent. */
#ifndef MOOT_CMD_SAY_TALK_H
#define MOOT_CMD_SAY_TALK_H

#include "cli/cmd.h"

/* `item`: its name or number, or NULL. Until the run ends, ctrl-D, or a signal. Returns the exit
 * code. */
int moot__say_talk(struct moot_cli *cli, const char *journal, const char *agent, const char *item);

#endif
