/* What a model is told in words: who it is, what to do, on what, and why a try was sent back.
 * (docs/prompts.md shows every template.) */
#ifndef MOOT_PROMPT_H
#define MOOT_PROMPT_H

#include "agents/def.h"

/* Where the input of an attempt holds what a manager adds: {instruction?, criteria?, given?: {name
 * → value}}. No path can say `$`. */
#define MOOT_SCOPE_MANAGER "$manager"

/* Who the agent is: its system message, else
 *
 *   Your role: ROLE
 *   Your goal: GOAL
 *
 *   BACKSTORY
 *
 * Adds nothing where it has none of these. */
int moot__prompt_system(const struct moot_agent_def *agent, struct moot_buf *out);

/* Who the agent is in a conversation with `peers` (ids, NULL-terminated): the same, and where there
 * are several, how the others' words come to it. A user proxy with a goal and no system message is
 * told to stand in for its person:
 *
 *   You speak for a person who wants this:
 *   GOAL
 *   … */
int moot__prompt_talk(const struct moot_crew_def *crew, const struct moot_agent_def *agent,
                      char *const *peers, struct moot_buf *out);

/* What an agent is after: its own goal, or for a user proxy outside a pair the crew's; or NULL. */
const char *moot__prompt_goal(const struct moot_crew_def *crew, const struct moot_agent_def *agent);

/* What step `i` of a task is asked: its prompt filled in; in the first step then the results that
 * are shown and, in a retry, what was sent back and why, as far as no prompt says it; in the last
 * one what is expected and in which shape. MOOT_ENOTFOUND: a placeholder leads nowhere. */
int moot__prompt_step(const struct moot_task_def *task, size_t i, const struct moot_json *scope,
                      struct moot_buf *out, struct moot_error *err);

/* All that the author was shown, for a judge: the prompts filled in, and the results shown. */
int moot__prompt_seen(const struct moot_task_def *task, const struct moot_json *scope,
                      struct moot_buf *out, struct moot_error *err);

/* A result as a person or a model reads it: text as it is, anything else as indented JSON. */
int moot__prompt_value(const struct moot_json *value, struct moot_buf *out);

/* Numbered lines: `1. what ("quote") [criterion]`. */
int moot__prompt_problems(const struct moot_json *problems, struct moot_buf *out);

#endif
