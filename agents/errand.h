/* What a manager asks an agent for besides its tasks, each in a conversation of its own: a ballot,
 * a critique, a plan, a choice, a piece of work. The `open` says which by `errand`; words and
 * shapes of each are in errand_text.c, reading an answer in errand_read.c. Their input:
 *
 *   every one     {question, expected_output?}
 *   ballot        {round, set, rule, gate?, candidates, critiques?}     -> a ballot
 * (runtime/votes.h) critique      {candidates}            -> {defects: [{n, what, quote,
 * criterion?, severity}]} choice        {candidates}            -> {n, reason} plan {agents: [{id,
 * is}], most, previous?, critiques?}
 *                                         -> {items: [{id, agent, prompt, needs, criteria}]}
 *   work          {item, results: [{id, text}]}                    -> text
 *
 * candidates: [{label, n, text}], as this agent is to see them; critiques: [{label, what, quote}].
 */
#ifndef MOOT_ERRAND_H
#define MOOT_ERRAND_H

#include "agents/role.h"

enum moot_errand_kind {
    MOOT_ERRAND_NONE,
    MOOT_ERRAND_BALLOT,
    MOOT_ERRAND_CRITIQUE,
    MOOT_ERRAND_CHOICE,
    MOOT_ERRAND_PLAN,
    MOOT_ERRAND_WORK,
    MOOT_ERRANDS
};

struct moot_errand {
    enum moot_errand_kind kind;
    struct moot_json *input;
    int reasks;
};

/* Whether an `open` is an errand. */
enum moot_errand_kind moot__errand_kind(const struct moot_message *m);
int moot__errand_begin(struct moot_me *me, struct moot_errand *e, const struct moot_message *m);
int moot__errand_thought(struct moot_me *me, struct moot_errand *e, const struct moot_thought *end);
void moot__errand_digest(const struct moot_errand *e, const struct moot_digest *d);
void moot__errand_release(struct moot_errand *e);

/* The word of `errand`. */
const char *moot__errand_word(enum moot_errand_kind kind);
/* JSON Schema text of the answer; NULL: text. */
const char *moot__errand_schema(const struct moot_errand *e);
/* What the model is asked. */
int moot__errand_words(const struct moot_errand *e, struct moot_buf *out);
/* Reads an answer. The caller frees *out. MOOT_EINVAL: `problems` has a line for each. */
int moot__errand_read(const struct moot_errand *e, const struct moot_json *said,
                      struct moot_json **out, struct moot_buf *problems);

#endif
