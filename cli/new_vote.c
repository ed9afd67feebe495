/* The crew of `moot new --like consensual`. */
#include "cli/new_files.h"

#include <stddef.h>

static const char crew[] =
    "# Three answer, unseen by each other, and then vote: on the others' answers, which have no "
    "names.\n"
    "#\n"
    "#   moot run crew.yaml question=\"Should we open on Sundays?\"\n"
    "#   moot run crew.yaml question=\"Should we open on Sundays?\" --model ollama/llama3.2\n"
    "#   moot verify                                             counts the ballots again\n"
    "crew: NAME\n"
    "models: {default: scripted/replies.yaml}   # then ollama/llama3.2, openai/gpt-4.1-mini, …\n"
    "process: consensual\n"
    "seed: 7                                    # draws among equals; without it each run its own\n"
    "\n"
    "agents:                                    # three or more; a model: of its own for each "
    "helps\n"
    "  owner:\n"
    "    role: Owner\n"
    "    goal: The shop is still there in ten years.\n"
    "  worker:\n"
    "    role: Shop assistant\n"
    "    goal: A week that can be lived with.\n"
    "  customer:\n"
    "    role: Customer\n"
    "    goal: The door is open when I stand before it.\n"
    "\n"
    "consensual:\n"
    "  rule: approval                           # which of these would you sign?\n"
    "  threshold: 1/2                           # strictly more than this\n"
    "\n"
    "tasks:\n"
    "  advice:\n"
    "    prompt: |\n"
    "      {question}\n"
    "      Decide, and say what to do first. At most 60 words.\n"
    "    check:\n"
    "      - {length: 5..60 words}              # before the vote: what fails is no candidate\n";

static const char replies[] =
    "# What the model will say while there is none.\n"
    "pace: 500ms\n"
    "replies:\n"
    "  - task: advice\n"
    "    agent: customer\n"
    "    text: Cast your vote\n"
    "    reply: {approve: [A, B], none: false, confidence: 80, reason: Either is better than a "
    "closed door.}\n"
    "  - task: advice\n"
    "    text: Cast your vote\n"
    "    repeat: true\n"
    "    reply: {approve: [A], none: false, confidence: 60, reason: It can be taken back.}\n"
    "  - task: advice\n"
    "    agent: owner\n"
    "    reply: Open for six Sundays and compare them with the Mondays after. First, ask who does "
    "not "
    "mind.\n"
    "  - task: advice\n"
    "    agent: worker\n"
    "    reply: Open every second Sunday, with Monday off for whoever works. First, put up a "
    "list.\n"
    "  - task: advice\n"
    "    agent: customer\n"
    "    reply: Open from ten to two. First, put a sign in the window that says so.\n"
    "  - {repeat: true, reply: \"I am a script and know one question. Name a model: --model "
    "ollama/llama3.2\"}\n";

const struct moot_new_file moot__new_vote[] = {
    {"crew.yaml", crew},
    {"replies.yaml", replies},
    {NULL, NULL},
};
