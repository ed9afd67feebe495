/* Every command's row; each stands at the end of its own file. */
#ifndef MOOT_COMMANDS_H
#define MOOT_COMMANDS_H

#include "cli/cmd.h"

extern const struct moot_command moot__cmd_complete;
extern const struct moot_command moot__cmd_completion;
extern const struct moot_command moot__cmd_man;

#endif
