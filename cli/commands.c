#include "cli/commands.h"

/* Known, but not yet here. */
#define LATER(id, text, args_text, help_text, where)                                               \
    static const struct moot_command id = {                                                        \
        .name = text, .args = args_text, .help = help_text, .group = where, .max_words = -1}

LATER(later_plan, "plan", "CREW [INPUT…]", "order and bounds, before paying", MOOT_GROUP_START);
LATER(later_import, "import", "crewai DIR", "a crew file from another framework's project",
      MOOT_GROUP_START);
LATER(later_why, "why", "RUN TASK", "why a task never ran", MOOT_GROUP_LOOK);
LATER(later_edit, "edit", "ID", "mend a waiting prompt or item", MOOT_GROUP_DECIDE);
LATER(later_eval, "eval", "RUN", "how good a run's results are", MOOT_GROUP_AGAIN);
LATER(later_compare, "compare", "RUN RUN", "which of two runs is better", MOOT_GROUP_AGAIN);
LATER(later_models, "models", "", "list models and probe them", MOOT_GROUP_SYSTEM);
LATER(later_serve, "serve", "CREW", "web page, OpenAI-compatible API, MCP, A2A", MOOT_GROUP_SYSTEM);
LATER(later_worker, "worker", "", "a process that takes work over NATS", MOOT_GROUP_SYSTEM);

/* clang-format off */
const struct moot_command *const moot__commands[] = {
    &moot__cmd_run,
    &moot__cmd_pair,
    &moot__cmd_chat,
    &moot__cmd_new,
    &moot__cmd_check,
    &moot__cmd_graph,
    &moot__cmd_show,
    &moot__cmd_result,
    &moot__cmd_verify,
    &moot__cmd_runs,
    &moot__cmd_redact,
    &moot__cmd_rm,
    &moot__cmd_inbox,
    &moot__cmd_answer,
    &moot__cmd_approve,
    &moot__cmd_reject,
    &moot__cmd_say,
    &moot__cmd_resume,
    &moot__cmd_stop,
    &moot__cmd_fork,
    &moot__cmd_experiment,
    &moot__cmd_tool,
    &moot__cmd_keys,
    &moot__cmd_doctor,
    &moot__cmd_schema,
    &moot__cmd_man,
    &moot__cmd_completion,
    &moot__cmd_complete,
    &later_plan,
    &later_import,
    &later_why,
    &later_edit,
    &later_eval,
    &later_compare,
    &later_models,
    &later_serve,
    &later_worker,
    NULL,
};
/* clang-format on */
