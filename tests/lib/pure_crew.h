/* A compiled crew made by hand, from a small JSON text, for tests of agents and roles: no crew
 * file, no composition root. Anything wrong in it fails the test.
 *
 *   {"item": "shop", "process": "graph",
 *    "agents": [{"id": "ann", "kind": "judge", "role": "Reviewer", "goal", "backstory",
 *                "system_message", "model", "tools": ["t"], "tool_choice", "plan": true,
 *                "max_steps": 3, "view": {…}, "compaction": {…}}],
 *    "models": [{"name": "default", "max_tokens": 10, "capabilities": {"context": 100}}],
 *    "tools":  [{"id": "t", "description": "…", "parameters": {JSON Schema}, "form": true}],
 *    "tasks":  [{"id": "email", "agent": "ann", "prompt": "…" or "steps": [{"prompt", "as",
 * "model", "tool_choice"}] or "tool": "t", "command": ["…"], "args": {"to": "{shop.email}"},
 * "needs": ["…"], "shown":
 * ["…"], "uses": ["…"], "when": "…", "output": short form, "expected_output", "tools",
 * "tool_choice", "model", "checks": [{"that": "…", "else": "…"}, {"pattern": "…", "of": "…"},
 * {"none": "…"},
 *                           {"length": [1, 9, "words"]}, {"file": "…"}, {"command": ["…"]},
 *                           {"judge": "ann", "criteria": ["…"], "sees": ["…"]},
 *                           {"person": true or ["…"]}],
 *                "attempts": 2, "on_reject": "…", "on_exhausted": "ask", "review": true,
 *                "reviewers": ["…"], "require_tool": "t", "output_file": "…",
 *                "vote": {settings of `consensual`}, "author": "ann"}]}
 *
 * Agents may have `human_input`, `max_auto_replies`, `code_execution` and `talk_tools`; the crew
 * may have `talk`: {start?, opening?, on_no_handoff?, max_stalls?, manager_prompt?, turns?,
 * group_chat?: {…}, termination?: {…}}.
 *
 * `needs`, `shown` and `uses` are as the compiled crew has them: nothing is derived but `uses`,
 * which is every path of prompts and args when it is left out. */
#ifndef MOOT_TESTS_PURE_CREW_H
#define MOOT_TESTS_PURE_CREW_H

#include "agents/def.h"

struct moot_crew_def *pure_crew_make(const char *json);
/* The same settings of conversations as under its key `talk`. */
void pure_crew_talk(struct moot_crew_def *crew, const char *settings);
void pure_crew_free(struct moot_crew_def *crew);

#endif
