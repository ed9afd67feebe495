/* The fold: a journal's messages driven through the same run state, the same stage and the same
 * steps as when they happened, with the world switched off. What the steps utter must agree with
 * what the journal holds; what they utter beyond its end is left over, to be carried out. */
#ifndef MOOT_FOLD_H
#define MOOT_FOLD_H

#include "runtime/host.h"
#include "runtime/redaction.h"
#include "runtime/stage.h"

/* An effect that was uttered and not yet met in the journal. */
struct moot_uttered {
    char *conv;
    char *agent;
    struct moot_effect effect;
};

struct moot_fold {
    const struct moot_crew_parts *crew;
    const struct moot_redactions *removed; /* texts that are gone; set by the caller, or NULL */
    struct moot_run *run;
    struct moot_stage *stage;
    struct moot_uttered *uttered; /* in the order of uttering */
    size_t count, size;
};

void moot__fold_init(struct moot_fold *f, const struct moot_crew_parts *crew, struct moot_run *run,
                     struct moot_stage *stage);
void moot__fold_release(struct moot_fold *f);

/* Takes the next message in. MOOT_EFOLD says which message differs and in what. */
int moot__fold_message(struct moot_fold *f, struct moot_message *m, struct moot_error *err);

#endif
