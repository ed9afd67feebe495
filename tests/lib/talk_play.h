/* Steps the manager of a conversation alone, the members' words and the models' replies being
 * lines, and writes down what it does. A line is one of
 *
 *   ann: words           ann says them in the turn that is out (it must be hers)
 *   ann>bob: words       … and hands over to bob
 *   ann!: result         … and declares the goal reached
 *   ann?: detail         ann's turn fails
 *   *: reply             the manager's model answers;  *?: detail   it fails
 *   =: text              a person answers the manager's question
 *   eve@ann: words       a person says something, to ann (or to nobody: eve@: words)
 *
 * What it does, a line each: "say TEXT", "turn ann (WHY)" with " nudge" where there is one, "ask"
 * (its model) with " schema", "question TEXT [a b]", "end STOP: DETAIL" with " = RESULT". */
#ifndef MOOT_TESTS_TALK_PLAY_H
#define MOOT_TESTS_TALK_PLAY_H

#include "agents/def.h"

struct talk_play {
    const char *name;
    const char *crew;     /* as for pure_crew_make */
    const char *settings; /* JSON: {start?, opening?, on_no_handoff?, max_stalls?, manager_prompt?,
                             group_chat?: {…}, termination?: {…}}; NULL: none */
    const char *lines[40];
    const char *want;
};

/* Plays and compares. Twice: the second time with other memory, to the same digests. */
void talk_play(const struct talk_play *p);
/* All that the manager's model was told, "role: text" a line; the caller frees it. */
char *talk_play_told(const struct talk_play *p);

#endif
