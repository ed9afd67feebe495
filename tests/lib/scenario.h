/* Scenarios as data: a crew, scripted replies and what a person says, and the transcript and stop
 * reason that come of it. A file of tests/scenarios holds several that share a crew:
 *
 *   crew: |                 the crew they share
 *   scenarios:
 *   - scenario: an empty answer lets the automatic reply go on
 *     rules: [proxy.always.empty]        ids of docs/rules.md that it proves
 *     overlay: |            laid over the crew, as by `extends`; optional
 *     input: {n: "3"}       members of the item; optional
 *     replies: |            of the scripted model (docs/scripted.md)
 *     person: ["yes", "approve"]    what the person answers, in this order; none left: it waits
 *     files: {n.txt: TEXT}  beside the crew file; optional
 *     real: true            programs are really run, in the sandbox; not killed then
 *     transcript: |         what is said, a line each: see scenario.c
 *
 * Where the crew is refused, the transcript is "refused: MESSAGE". */
#ifndef MOOT_TESTS_SCENARIO_H
#define MOOT_TESTS_SCENARIO_H

#include "tests/lib/crew_play.h"

struct scenario {
    const char *file; /* without its folder */
    const char *name;
    const struct moot_json *rules; /* array */
    const char *crew, *overlay, *replies, *transcript;
    const struct moot_json *input, *person, *files;
    bool real;
};

/* Calls `each` for every scenario of every file of the folder, by name. Fails the test on a file
 * that cannot be read. */
void scenario_each(const char *folder, void (*each)(void *arg, const struct scenario *s),
                   void *arg);
/* Plays it, and again killed after every `stride`-th commit; *out is the transcript of the whole
 * play, which the caller frees; NULL: it needs a sandbox, and there is none. Fails the test where
 * the plays disagree. */
void scenario_play(const struct scenario *s, int stride, char **out);

#endif
