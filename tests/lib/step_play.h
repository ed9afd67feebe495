/* Steps one participant through messages written as lines, and checks what it utters: every effect
 * can be written down and is well counted, and nothing comes after DONE.
 *
 * The first line names the participant (a digit, or what follows 9 in ASCII); each other line is a
 * message, a letter and a body:
 *
 *   o{"input":"{}"}   open               r{…}  model_reply to the newest model_call
 *   t{…}  tool_result to the oldest      a{…}  answer to the newest question
 *   e{…}  end of the oldest conversation that was opened        m{…}  msg
 *   h{…}  msg of another member          s{…}  msg of whoever was given the floor
 *   f{…}  the floor                      w{…}  timer
 *
 * A body that is no JSON is a redacted one. */
#ifndef MOOT_TESTS_STEP_PLAY_H
#define MOOT_TESTS_STEP_PLAY_H

#include "agents/def.h"
#include "runtime/hash.h"

/* The crew that the lines are about, for pure_crew_make. */
extern const char *const step_play_crew;
/* True while code of agents and roles runs. */
extern bool step_play_armed;

/* Plays until the end or the first step that fails, and returns what that step did: 0, MOOT_ENOMEM
 * or MOOT_ETOOBIG. `out` is over all effects and digests. */
int step_play(const struct moot_crew_def *crew, const char *text, size_t size,
              uint8_t out[MOOT_HASH_SIZE]);

#endif
