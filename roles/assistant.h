/* The state of the model-driven roles in one conversation, and what they do with a message. */
#ifndef MOOT_ASSISTANT_H
#define MOOT_ASSISTANT_H

#include "agents/errand.h"
#include "agents/judging.h"
#include "agents/speaking.h"
#include "agents/work.h"

enum moot_does {
    MOOT_DOES_NOTHING,
    MOOT_DOES_WORK,
    MOOT_DOES_JUDGE,
    MOOT_DOES_SPEAK,
    MOOT_DOES_ANSWER,
    MOOT_DOES_ERRAND,
};

struct moot_assistant {
    enum moot_does does;
    struct moot_work work;
    struct moot_judging judging;
    struct moot_speaking speaking;
    struct moot_errand errand;
};

int moot__assistant_init(struct moot_me *me, void **self);
int moot__assistant_receive(void *self, struct moot_me *me, const struct moot_message *m);
int moot__assistant_thought(void *self, struct moot_me *me, const struct moot_thought *end);
void moot__assistant_digest(const void *self, const struct moot_digest *d);
void moot__assistant_release(void *self);

#endif
