/* One task that is agreed on: proposals, critiques, ballots, rounds, a decision, and what it comes
 * to. It is an attempt of the task as item.c sees it: it is opened, and ends with a result.
 *
 * Conversations it opens below its own: TASK#N (a proposal, or the work of who was chosen),
 * planN-AGENT, critiqueN-AGENT, voteN-AGENT, chairN, wN (an item of a plan). N is the round, but
 * for attempts and items, which are counted.
 *
 * State is kept in a few trees, so that it folds and compares as it is. */
#ifndef MOOT_COUNCIL_H
#define MOOT_COUNCIL_H

#include "agents/role.h"
#include "runtime/votes.h"

enum moot_council_phase {
    MOOT_COUNCIL_IDLE,
    MOOT_COUNCIL_PROPOSING,
    MOOT_COUNCIL_CRITIQUING,
    MOOT_COUNCIL_VOTING,
    MOOT_COUNCIL_CHAIR,  /* it is asked to choose */
    MOOT_COUNCIL_PERSON, /* likewise */
    MOOT_COUNCIL_WORKING,
    MOOT_COUNCIL_PUBLISHING,
    MOOT_COUNCIL_OVER,
};

struct moot_council {
    enum moot_council_phase phase;
    const struct moot_task_def *task;
    struct moot_json *input;      /* what the task was given */
    int64_t seed;                 /* of the run */
    int64_t round;                /* from 1 */
    int64_t attempts;             /* TASK#N that were opened */
    struct moot_json *out;        /* {path: {who, at}}: conversations that are out */
    struct moot_json *drafts;     /* [{sponsors, value? or why}], not yet told apart */
    struct moot_json *critiques;  /* {voter: [defect]} of this round */
    struct moot_json *candidates; /* [{n, hash, title, sponsors, value}] */
    struct moot_json *defects;    /* [{n, what, quote, criterion, severity}] of the candidates */
    struct moot_json *ballots;    /* {voter: ballot} */
    struct moot_json *decision;   /* of this round: its head, then all of it */
    struct moot_json *order;      /* hashes of the round before, best first; or NULL */
    struct moot_json *results;    /* {item: text} of a plan that is carried out */
    struct moot_json *result;     /* what the task comes to; or NULL */
    bool unapproved;              /* it was decided without consensus */
    bool cancelled;               /* ballots that are out can change nothing */
    uint32_t question, call_n;
    int asked;
};

void moot__council_init(struct moot_council *c);
void moot__council_release(struct moot_council *c);
void moot__council_digest(const struct moot_council *c, const struct moot_digest *d);
int moot__council_begin(struct moot_me *me, struct moot_council *c,
                        const struct moot_task_def *task, const struct moot_message *m);
int moot__council_receive(struct moot_me *me, struct moot_council *c, const struct moot_message *m);

/* ---- between council*.c ---- */

/* Opens a conversation with one agent and keeps that it is out; `at`: which one of several, or -1.
 * Input and body are taken over; NULL is a failed allocation. */
int moot__council_open(struct moot_me *me, struct moot_council *c, const char *path,
                       const char *who, int64_t at, struct moot_json *input,
                       struct moot_json *body);
/* The same for an errand. */
int moot__council_send(struct moot_me *me, struct moot_council *c, const char *path,
                       const char *who, int64_t at, const char *errand, struct moot_json *input);
/* Begins an errand's input: {question, expected_output?}. NULL: out of memory. */
struct moot_json *moot__council_question(const struct moot_council *c);
int moot__council_failed(struct moot_me *me, struct moot_council *c, const char *stop,
                         const char *detail);

/* What is voted on, once drafts are there: equal ones are one with several sponsors. MOOT_ETOOBIG:
 * more than can be told apart by a letter. */
int moot__council_candidates(struct moot_council *c);
/* Those that who votes may name, labelled and in an order of its own: [{label, n, text}]. `voter`
 * NULL: all of them; `marked`: of these alone, NULL: of all. NULL: out of memory. */
struct moot_json *moot__council_paper(const struct moot_council *c, const char *conv,
                                      const char *voter, const bool marked[]);
/* The critiques of those on the paper, by its labels. NULL: out of memory. */
struct moot_json *moot__council_remarks(const struct moot_council *c,
                                        const struct moot_json *paper);

/* Begins with proposals, or with what was given. */
int moot__council_propose(struct moot_me *me, struct moot_council *c);
int moot__council_on_draft(struct moot_council *c, const struct moot_json *entry,
                           const struct moot_json *body);
/* The sponsors of what is left mend it. */
int moot__council_revise(struct moot_me *me, struct moot_council *c);
int moot__council_critique(struct moot_me *me, struct moot_council *c);
int moot__council_on_critique(struct moot_council *c, const struct moot_json *entry,
                              const struct moot_json *body);
/* All have come: their defects, in the order of the voters. */
int moot__council_criticised(struct moot_council *c);
int moot__council_vote(struct moot_me *me, struct moot_council *c);
int moot__council_on_ballot(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *entry, const struct moot_json *body);

/* Nothing is out in this phase any more: critiques, ballots, or at once a decision. */
int moot__council_go_on(struct moot_me *me, struct moot_council *c);
/* The head of this round's decision, with those who vote. NULL: out of memory. */
struct moot_json *moot__council_head(const struct moot_council *c, bool voted);
/* The election as far as its ballots are there. */
int moot__council_election(const struct moot_council *c, struct moot_election *e);
/* There is one candidate, whom all who proposed anything are for. */
int moot__council_unanimous(struct moot_me *me, struct moot_council *c);
/* All ballots are there. */
int moot__council_count(struct moot_me *me, struct moot_council *c);
int moot__council_on_choice(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *body);
int moot__council_on_answer(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *body);

/* Does what was decided. */
int moot__council_carry_out(struct moot_me *me, struct moot_council *c);
int moot__council_on_work(struct moot_me *me, struct moot_council *c, const struct moot_json *entry,
                          const struct moot_json *body);
/* What a conversation ended with: its JSON, or its text as a string. *out NULL: nothing. */
int moot__council_result(const struct moot_json *body, struct moot_json **out);
int moot__council_on_published(struct moot_me *me, struct moot_council *c,
                               const struct moot_json *body);

#endif
