/* When a conversation ends: the conditions of the key `termination`, over what is said. Pure.
 *
 * `text` is a whole line of what a member's model, or code that it ran, said: never of the opening,
 * nor a person's. Space around it, Markdown's emphasis, a heading's mark before and `.` or `!`
 * after it do not count; case does. In a model's words a line within a code block counts only where
 * it is all of the block. `tool_called` is a call that succeeded. Messages are turns and persons'
 * words, without the opening and turns that failed; tokens and cost are those of all turns.
 *
 * An expression of `that` sees, before all that templates see (the item by its name and its
 * members, `crew`):
 *
 *   message   the text that was just said
 *   speaker   whose it is: an agent's id, or a person's
 *   turns     how many turns were said, this one included */
#ifndef MOOT_TERMINATION_H
#define MOOT_TERMINATION_H

#include "roles/said.h"

enum {
    MOOT_TERMINATION_MAX = 64,  /* conditions of a crew */
    MOOT_TERMINATION_DEPTH = 8, /* of `any` and `all` in each other */
};

/* The compiled conditions; const for the run. Built from the resolved crew's `termination`. */
struct moot_condition;

/* `in`: the entry of the resolved crew. The caller frees *out. MOOT_EINVAL, MOOT_ENOMEM. */
int moot__condition_build(const struct moot_json *in, struct moot_condition **out,
                          struct moot_error *err);
void moot__condition_free(struct moot_condition *c);
/* Each `seconds` among the conditions, in milliseconds, for the manager to set a timer: fills at
 * most `size` and returns how many there are. */
size_t moot__condition_times(const struct moot_condition *c, int64_t *ms, size_t size);

/* What one conversation has met so far. Inside `all` a part that was met stays met. */
struct moot_termination {
    const struct moot_condition *condition; /* NULL: none */
    int64_t messages, tokens, cost;
    bool *met; /* by condition, in the order of the file */
};

int moot__termination_init(struct moot_termination *t, const struct moot_condition *condition);
void moot__termination_release(struct moot_termination *t);
/* Something was said; `scope` is what expressions see. *why is NULL, or the condition that ends it
 * as it stands in the crew file ("text: APPROVED"); it lives as long as the condition. MOOT_EINVAL,
 * MOOT_ELIMIT: the expression in *why cannot be computed. MOOT_ENOMEM. */
int moot__termination_heard(struct moot_termination *t, const struct moot_said *said,
                            const struct moot_json *scope, const char **why);
/* So many milliseconds are over; `moot stop` came (`external`). */
int moot__termination_time(struct moot_termination *t, int64_t ms, const char **why);
int moot__termination_external(struct moot_termination *t, const char **why);
/* A person went on after all: what was met is forgotten, but for counts. */
void moot__termination_go_on(struct moot_termination *t);

struct moot_digest;
void moot__termination_digest(const struct moot_termination *t, const struct moot_digest *d);

#endif
