/* Steps one member of a conversation alone, what it hears and gets being lines, and writes down
 * what it does. A line is one of
 *
 *   bob: words               bob says them;  manager: words   so does the manager
 *   floor [ending] [TEXT]    it has the floor; TEXT is its nudge
 *   *: reply                 its model answers
 *   *TOOL: ARGS              its model calls a tool, ARGS being JSON text
 *   *?: detail               its model fails
 *   =: text                  its person answers
 *   ok: output · error: output · denied: output     the newest call of a tool ended so
 *
 * What it does, a line each: "think" and what its model is told, "  user: TEXT" ("[bob]" where it
 * is told whose words they are); "question"; "call TOOL ARGS"; and "say TEXT" with " by WHO", "
 * exit WHY", " finish RESULT", " handoff TO", or "failed STATUS: DETAIL". */
#ifndef MOOT_TESTS_MEMBER_PLAY_H
#define MOOT_TESTS_MEMBER_PLAY_H

#include "agents/def.h"

struct member_play {
    const char *name;
    const char *crew; /* as for pure_crew_make; its agents take part */
    const char *agent;
    const char *lines[24];
    const char *want;
};

void member_play(const struct member_play *p);

#endif
