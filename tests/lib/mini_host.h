/* A host in memory, for tests of agents and roles: no journal, no loop, no clock. It steps agents,
 * carries out what they utter and answers calls from a script, until nothing is left. Everything
 * that happens is one line of a trace:
 *
 *   3/email#1 ann model_call       3/email#1 host end rejected
 *
 * and at the end every agent is folded: fresh ones are stepped through the same messages and must
 * utter the same effects and come to the same digests. */
#ifndef MOOT_TESTS_MINI_HOST_H
#define MOOT_TESTS_MINI_HOST_H

#include "agents/def.h"
#include "runtime/message.h"

struct mini_host;

/* What a call is answered with. The first entry that fits and is not used up is taken. */
struct mini_answer {
    const char *who;  /* the agent, NULL: any */
    const char *conv; /* how the conversation's path ends, NULL: any */
    const char *tool; /* a tool_call of this tool; "?": a question; NULL: a model_call */
    const char *body; /* the outcome's body, JSON; for a model a text not beginning with '{' is its
                         reply, for a tool its output, for a person the decision */
    int times;        /* 0: once; -1: always */
};

/* `answers` ends with an entry without a body. The order in which open calls are answered is drawn
 * from `seed`; 0: as they came. */
struct mini_host *mini_host_new(const struct moot_crew_def *crew, const struct mini_answer *answers,
                                unsigned seed);
/* Opens conversation `3` with the manager of the crew's process, and runs. `input` is the item. */
void mini_host_item(struct mini_host *h, const char *input);
/* Opens `conv` with one agent, and runs. */
void mini_host_open(struct mini_host *h, const char *conv, const char *agent, const char *task,
                    const char *input);
/* The trace so far. */
const char *mini_host_trace(const struct mini_host *h);
/* The body of a conversation's `end`; NULL: it has not ended. */
const struct moot_json *mini_host_end(const struct mini_host *h, const char *conv);
/* All that the model of `agent` was sent in its newest request in that conversation, "role: text"
 * entry by entry. */
const char *mini_host_history(const struct mini_host *h, const char *conv, const char *agent);
/* The newest message of a kind in a conversation; NULL: none. */
const struct moot_message *mini_host_last(const struct mini_host *h, const char *conv,
                                          enum moot_kind kind);
/* How often a model was asked, a tool called; all conversations. */
size_t mini_host_count(const struct mini_host *h, enum moot_kind kind);
/* Folds again and compares; called by free too. */
void mini_host_fold(struct mini_host *h);
void mini_host_free(struct mini_host *h);

/* One whole scenario: runs the item, compares the trace with `want` (lines; only those whose kind
 * is in `kinds`, NULL: all) and the outcome of the item. */
struct mini_scenario {
    const char *name;
    const char *crew;
    const char *input;
    struct mini_answer answers[24];
    const char *kinds; /* "open end" */
    const char *want;
    const char *outcome;
};
void mini_host_play(const struct mini_scenario *s);

#endif
