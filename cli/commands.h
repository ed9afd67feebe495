/* Every command's row; each stands at the end of its own file. */
#ifndef MOOT_COMMANDS_H
#define MOOT_COMMANDS_H

#include "cli/cmd.h"

extern const struct moot_command moot__cmd_answer;
extern const struct moot_command moot__cmd_approve;
extern const struct moot_command moot__cmd_chat;
extern const struct moot_command moot__cmd_check;
extern const struct moot_command moot__cmd_complete;
extern const struct moot_command moot__cmd_completion;
extern const struct moot_command moot__cmd_doctor;
extern const struct moot_command moot__cmd_fork;
extern const struct moot_command moot__cmd_graph;
extern const struct moot_command moot__cmd_inbox;
extern const struct moot_command moot__cmd_keys;
extern const struct moot_command moot__cmd_man;
extern const struct moot_command moot__cmd_new;
extern const struct moot_command moot__cmd_redact;
extern const struct moot_command moot__cmd_reject;
extern const struct moot_command moot__cmd_result;
extern const struct moot_command moot__cmd_resume;
extern const struct moot_command moot__cmd_rm;
extern const struct moot_command moot__cmd_run;
extern const struct moot_command moot__cmd_runs;
extern const struct moot_command moot__cmd_say;
extern const struct moot_command moot__cmd_schema;
extern const struct moot_command moot__cmd_show;
extern const struct moot_command moot__cmd_stop;
extern const struct moot_command moot__cmd_experiment;
extern const struct moot_command moot__cmd_pair;
extern const struct moot_command moot__cmd_tool;
extern const struct moot_command moot__cmd_verify;

#endif
