/* moot chat: a person takes the seat of an agent. */
#include "cli/chat.h"
#include "cli/cmd_run.h"
#include "cli/commands.h"

static int chat_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_run_begin begin = {.crew = moot__word(args, 0), .chat = true};
    return moot__run_begin(cli, args, &begin);
}

static const struct moot_option options[] = {
    {"as", 0, "AGENT", "the seat: this agent's (the user proxy's, else one is added: you)",
     MOOT_COMPLETE_AGENT},
    {"model", 'm', "MODEL", "every model of the crew is this one; NAME=MODEL: one of them", 0},
    {"output", 'o', "DIR", "write the answer as a file into this folder", MOOT_COMPLETE_FILE},
    {"trust", 0, NULL, "run it whatever it can do to this machine", 0},
    {"seed", 0, "N", "of all chance in the run", 0},
    {"journal", 0, "FILE", "where the journal is kept", MOOT_COMPLETE_FILE},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_chat = {
    .name = "chat",
    .args = "CREW [NAME=TEXT…]",
    .help = "take a seat in a conversation",
    .more = "What you type is said when it is your turn; while others speak it is said to all, and "
            "they hear it when the call under way has ended. Escape first: it cuts that call off. "
            "@AGENT before the words gives AGENT the next turn. A line that ends in a backslash "
            "goes on in the next. exit ends the conversation, ctrl-D leaves it waiting for you, "
            "ctrl-C stops it.\n"
            "Where standard input is no terminal, each line of it is a turn.",
    .example = "moot chat tutor.yaml\n"
               "moot chat desk.yaml --as critic question=\"Why do socks vanish?\"",
    .options = options,
    .group = MOOT_GROUP_START,
    .min_words = 1,
    .max_words = -1,
    .complete = MOOT_COMPLETE_CREW,
    .run = chat_run,
};
