/* When a conversation ends: the conditions of the key `termination`, over what is said. Pure. */
#ifndef MOOT_TERMINATION_H
#define MOOT_TERMINATION_H

#include "roles/said.h"

/* The compiled conditions; const for the run. Built from the resolved crew's `termination`. */
struct moot_condition;

/* `in`: the entry of the resolved crew. The caller frees *out. MOOT_EINVAL, MOOT_ENOMEM. */
int moot__condition_build(const struct moot_json *in, struct moot_condition **out,
                          struct moot_error *err);
void moot__condition_free(struct moot_condition *c);
/* The shortest `seconds` among the conditions, in milliseconds: the manager sets a timer for each;
 * fills at most `size` and returns how many there are. */
size_t moot__condition_times(const struct moot_condition *c, int64_t *ms, size_t size);

/* What one conversation has met so far. Inside `all` a part that was met stays met. */
struct moot_termination {
    const struct moot_condition *condition; /* NULL: none */
    int64_t messages, tokens, cost;
    bool *met; /* by condition, in the order of the file */
};

int moot__termination_init(struct moot_termination *t, const struct moot_condition *condition);
void moot__termination_release(struct moot_termination *t);
/* A turn was said; `scope` is what expressions see: {message, speaker, turns, text, item's name…}.
 * *why is NULL, or the condition that ends it as it stands in the crew file ("text: APPROVED"); it
 * lives as long as the condition. Only what an agent's model or code said can match `text`. */
int moot__termination_heard(struct moot_termination *t, const struct moot_said *said,
                            const struct moot_json *scope, const char **why);
/* A timer of `ms` is over; `moot stop` came (`external`). */
int moot__termination_time(struct moot_termination *t, int64_t ms, const char **why);
int moot__termination_external(struct moot_termination *t, const char **why);
/* A person went on after all: what was met is forgotten, but for counts. */
void moot__termination_go_on(struct moot_termination *t);

struct moot_digest;
void moot__termination_digest(const struct moot_termination *t, const struct moot_digest *d);

#endif
