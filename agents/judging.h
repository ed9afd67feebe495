/* Judging one result: a model is asked for a verdict. Input (as check.c makes it): {task, criteria,
 * result, expected_output?, prompt? or seen?}. The result of the conversation is the verdict. */
#ifndef MOOT_JUDGING_H
#define MOOT_JUDGING_H

#include "agents/role.h"

struct moot_judging {
    struct moot_json *criteria; /* or NULL */
    int reasks;
};

/* What a model is asked for; JSON Schema text. */
extern const char *const moot__verdict_schema;

void moot__judging_release(struct moot_judging *j);
int moot__judging_begin(struct moot_me *me, struct moot_judging *j, const struct moot_message *m);
int moot__judging_thought(struct moot_me *me, struct moot_judging *j,
                          const struct moot_thought *end);
void moot__judging_digest(const struct moot_judging *j, const struct moot_digest *d);

#endif
