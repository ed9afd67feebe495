/* Whether a conversation still gets anywhere: how much in each turn of a window is new, be it
 * words, figures, or a call that was not made before or brought something else. So what is empty or
 * nearly the same (thanks, goodbyes), the same call again and A-B-A-B add up to a loop, while a
 * question answered by one old word does not. docs/no-progress.md has the figures. Pure. */
#ifndef MOOT_PROGRESS_H
#define MOOT_PROGRESS_H

#include "roles/said.h"

enum { MOOT_PROGRESS_WINDOW = 12 };

enum moot_progress_verdict {
    MOOT_PROGRESS_MADE,
    MOOT_PROGRESS_NUDGE, /* tell the next speaker; comes once before STUCK */
    MOOT_PROGRESS_STUCK,
};

/* One remembered turn; see progress.c. */
struct moot_progress_turn;

struct moot_progress {
    struct moot_progress_turn *turns; /* a ring */
    size_t count, at;
    bool nudged;
    char evidence[256]; /* "the last 4 turns say goodbye (coder, user, coder, user)" */
};

int moot__progress_init(struct moot_progress *p);
void moot__progress_release(struct moot_progress *p);
/* Something was said. `p->evidence` says what is wrong unless progress is made. A person's words
 * are a new beginning; the opening is no turn. MOOT_ENOMEM. */
int moot__progress_heard(struct moot_progress *p, const struct moot_said *said,
                         enum moot_progress_verdict *out);
/* What the next speaker is told on a nudge. */
const char *moot__progress_nudge(const struct moot_progress *p);

/* How near to a loop the window is, 0 to 1000 (1000: stuck), for tests and `docs`: the measure that
 * the thresholds cut. */
int moot__progress_measure(const struct moot_progress *p);

struct moot_digest;
void moot__progress_digest(const struct moot_progress *p, const struct moot_digest *d);

#endif
