/* A question to another agent of the crew: the tool `ask_agent`. The asked one answers in a
 * conversation of its own below the asker's, of which only the answer leaves. */
#ifndef MOOT_ASKING_H
#define MOOT_ASKING_H

#include "agents/role.h"

#define MOOT_TOOL_ASK "ask_agent"

/* Opens it. `args` is {agent, question}. *path: its whole path, owned; or *refusal says why not. */
int moot__asking_open(struct moot_me *me, const char *args, char **path, char **refusal);
void moot__asking_cancel(struct moot_me *me, const char *path);
/* What the asker is told, from the body of its end: {status, output}, a tool's result. NULL: out of
 * memory. */
struct moot_json *moot__asking_result(const struct moot_json *end);

/* The asked one's part. Whether an `open` asks a question: */
bool moot__asking_asked(const struct moot_message *m);
int moot__asking_begin(struct moot_me *me, const struct moot_message *m);
int moot__asking_thought(struct moot_me *me, const struct moot_thought *end);

#endif
