#include "cli/new_files.h"

#include <stddef.h>

static const char pipeline_crew[] =
    "# Three tasks, one after the other: each gets what the one before it made.\n"
    "#\n"
    "#   moot run crew.yaml topic=\"folk music\"                          offline, from "
    "replies.yaml\n"
    "#   moot run crew.yaml topic=\"folk music\" --model ollama/llama3.2  with a real model\n"
    "#   moot check crew.yaml                                           after every change\n"
    "crew: NAME\n"
    "models: {default: scripted/replies.yaml}   # then ollama/llama3.2, openai/gpt-4.1-mini, …\n"
    "process: sequential\n"
    "\n"
    "agents:\n"
    "  researcher:\n"
    "    role: Researcher\n"
    "    goal: Find what is worth telling about a topic, and nothing that is made up.\n"
    "  writer:\n"
    "    role: Writer\n"
    "    goal: Plain short texts that people read to the end.\n"
    "\n"
    "tasks:\n"
    "  notes:\n"
    "    agent: researcher\n"
    "    prompt: |\n"
    "      Note what a curious reader should know about {topic}: five facts, no more.\n"
    "    output: {facts: [text], angle: text - what makes it worth reading now}\n"
    "\n"
    "  draft:\n"
    "    agent: writer\n"
    "    prompt: |\n"
    "      Write about {topic} in at most 120 words. The angle: {notes.angle}\n"
    "      Rest on these facts alone: {notes.facts}\n"
    "    check:\n"
    "      - {length: 20..120 words}            # counted; what is too long goes back to the "
    "writer\n"
    "\n"
    "  title:\n"
    "    agent: writer\n"
    "    prompt: |\n"
    "      Give this text a title of at most eight words. Give the title alone.\n"
    "\n"
    "      {draft}\n"
    "    output: {title: text 1..80 characters, text: \"{draft}\"}    # text is filled in, not "
    "asked\n";

static const char pipeline_replies[] =
    "# What the model will say while there is none. Replace it by --model, or by a line of "
    "crew.yaml.\n"
    "pace: 500ms\n"
    "replies:\n"
    "  - task: notes\n"
    "    reply:\n"
    "      facts:\n"
    "        - Songs were carried from singer to singer long before anybody wrote them down.\n"
    "        - The same tune turns up in different countries under different names.\n"
    "        - Collectors with wax cylinders caught a part of it around 1900.\n"
    "        - Dance tunes are often in two parts, each played twice.\n"
    "        - Nobody knows who made most of them.\n"
    "      angle: It was the first work that nobody owned.\n"
    "  - task: draft\n"
    "    reply: >-\n"
    "      Long before anybody wrote them down, songs went from singer to singer, and every "
    "singer\n"
    "      changed a little. A tune that is a lullaby in one country is a march in the next, "
    "under\n"
    "      another name. Around 1900 collectors came with wax cylinders and caught a part of it; "
    "the\n"
    "      rest was already gone, or had become something else. Who made these songs? Nobody "
    "knows,\n"
    "      and that is the point of them: they are the work of everybody who ever passed one on.\n"
    "  - task: title\n"
    "    reply: {title: The songs that nobody wrote}\n"
    "  - {repeat: true, reply: \"I am a script and know one topic. Name a model: --model "
    "ollama/llama3.2\"}\n";

static const char graph_crew[] =
    "# Tasks by what they need: two that run at the same time, one that joins them, and a judge "
    "that\n"
    "# sends weak work back.\n"
    "#\n"
    "#   moot run crew.yaml question=\"Should we open on Sundays?\"\n"
    "#   moot run crew.yaml question=\"Should we open on Sundays?\" --model ollama/llama3.2\n"
    "#   moot graph crew.yaml                                    a picture of it\n"
    "crew: NAME\n"
    "models: {default: scripted/replies.yaml}   # then ollama/llama3.2, openai/gpt-4.1-mini, …\n"
    "process: graph\n"
    "\n"
    "agents:\n"
    "  advocate:\n"
    "    role: Advocate\n"
    "    goal: Make the best case that can honestly be made.\n"
    "  doubter:\n"
    "    role: Doubter\n"
    "    goal: Find what will go wrong before it does.\n"
    "  adviser:\n"
    "    role: Adviser\n"
    "    goal: Advice that somebody can act on tomorrow.\n"
    "  editor: {kind: judge, role: Editor}\n"
    "\n"
    "tasks:\n"
    "  for:                                     # these two need nothing of each other\n"
    "    agent: advocate\n"
    "    prompt: \"Make the case for it: {question}\"\n"
    "    output: {reasons: [text]}\n"
    "\n"
    "  against:\n"
    "    agent: doubter\n"
    "    prompt: \"Make the case against it: {question}\"\n"
    "    output: {reasons: [text]}\n"
    "\n"
    "  advice:\n"
    "    agent: adviser\n"
    "    needs: [for, against]\n"
    "    prompt: |\n"
    "      {question}\n"
    "\n"
    "      For it: {for.reasons}\n"
    "      Against it: {against.reasons}\n"
    "\n"
    "      Decide, and say what to do first. At most 80 words.\n"
    "    check:\n"
    "      - {length: 10..80 words}\n"
    "      - judge: editor\n"
    "        criteria:\n"
    "          - Decides instead of listing both sides again.\n"
    "          - Names one first step that can be taken tomorrow.\n"
    "    attempts: 3\n";

static const char graph_replies[] =
    "# What the model will say while there is none. The first advice is weak, so that the judge "
    "has\n"
    "# something to send back.\n"
    "pace: 500ms\n"
    "replies:\n"
    "  - task: for\n"
    "    reply:\n"
    "      reasons:\n"
    "        - Families come on Sundays and have time to look.\n"
    "        - The rent is paid for seven days a week anyway.\n"
    "  - task: against\n"
    "    reply:\n"
    "      reasons:\n"
    "        - Two of the four who work here want their Sundays.\n"
    "        - What is sold on Sunday may only be missing on Monday.\n"
    "  - task: advice\n"
    "    agent: adviser\n"
    "    attempt: 1\n"
    "    reply: There is much to be said for it and much against it, so it depends on many "
    "things.\n"
    "  - task: advice\n"
    "    agent: editor\n"
    "    attempt: 1\n"
    "    reply:\n"
    "      passed: false\n"
    "      score: 3\n"
    "      problems:\n"
    "        - {what: \"does not decide\", quote: \"it depends on many things\", criterion: "
    "\"1\"}\n"
    "        - {what: \"names no first step\", criterion: \"2\"}\n"
    "  - task: advice\n"
    "    agent: adviser\n"
    "    attempt: 2\n"
    "    reply: >-\n"
    "      Open, but as a trial: six Sundays from ten to two, with the two who do not mind. Write "
    "down\n"
    "      what is sold, and compare it with the Mondays after. Tomorrow, ask the two and put a "
    "sign in\n"
    "      the window. If the sum of both days has not grown after six weeks, stop.\n"
    "  - task: advice\n"
    "    agent: editor\n"
    "    attempt: 2\n"
    "    reply: {passed: true, score: 9, problems: []}\n"
    "  - {repeat: true, reply: \"I am a script and know one question. Name a model: --model "
    "ollama/llama3.2\"}\n";

static const struct moot_new_file pipeline_files[] = {
    {"crew.yaml", pipeline_crew},
    {"replies.yaml", pipeline_replies},
    {NULL, NULL},
};

static const struct moot_new_file graph_files[] = {
    {"crew.yaml", graph_crew},
    {"replies.yaml", graph_replies},
    {NULL, NULL},
};

const struct moot_new_kind moot__new_kinds[] = {
    {"pipeline", "three tasks, one after the other", "topic=\"folk music\"", pipeline_files},
    {"graph", "tasks by what they need, and a judge", "question=\"Should we open on Sundays?\"",
     graph_files},
    {"pair", "two who talk, one of them in a person's place",
     "wish=\"A notice: the lift is out until Friday.\"", moot__new_pair},
    {"group-chat", "three at a table, and who speaks next is chosen",
     "question=\"What was a folkmoot?\"", moot__new_group_chat},
    {"hierarchical", "an editor who delegates, reviews and never writes", "topic=\"folk music\"",
     moot__new_hierarchical},
    {"consensual", "three who answer unseen, and vote", "question=\"Should we open on Sundays?\"",
     moot__new_vote},
    {NULL, NULL, NULL, NULL},
};
