/* Ballots and decisions as messages hold them. A ballot names candidates by their number in the
 * decision it belongs to, and the set it was cast on by its hash:
 *
 *   {round, set, approve: [2] | rank: [2, 1] | grades: [{n: 1, grade: 7}], none?, abstains?,
 *    confidence?, reason?}
 *
 * The head of a decision says all that its count depends on but the ballots:
 *
 *   {round, rule, quorum: "2/3", threshold: "1/2", seed, set,
 *    candidates: [{n, hash, title, sponsors: [id]}], voters: [{id, weight}]}
 *
 * and its end what came of it: {outcome, cast, needed, shares: ["3/4"], counted: [id], winner?,
 * step, approved, dissent?}. Who decides and who verifies read both by this one file. */
#ifndef MOOT_VOTES_H
#define MOOT_VOTES_H

#include "runtime/hash.h"
#include "runtime/json.h"
#include "runtime/tally.h"

/* A threshold that one objection is too much for: more than all votes there can be, but one. */
#define MOOT_VOTES_NO_OBJECTION "999999/1000000"

/* The member of a ballot that holds what the rule counts. */
const char *moot__votes_member(enum moot_vote_rule rule);

/* The conversation in which somebody votes, below the one that decides: "vote1-ann". */
enum { MOOT_VOTES_PATH = 128 };
void moot__votes_path(int64_t round, const char *voter, char out[MOOT_VOTES_PATH]);

/* The hash of a set of candidates: of their numbers, hashes and sponsors. */
void moot__votes_set(const struct moot_json *candidates, char out[MOOT_HEX_SIZE]);

/* Reads the head into an election in which nobody has voted yet. MOOT_EMALFORMED: what is wrong
 * with it. */
int moot__votes_election(const struct moot_json *head, struct moot_election *e,
                         struct moot_error *err);
/* The voter's index; e's voters: it is none. */
size_t moot__votes_voter(const struct moot_json *head, const char *id);
/* Puts a voter's ballot in. MOOT_EMALFORMED: it is of another round or set, from nobody who votes,
 * a second one, names its own or what is no candidate, or names one twice. */
int moot__votes_put(const struct moot_json *head, const char *voter, const struct moot_json *ballot,
                    struct moot_election *e, struct moot_error *err);

/* How a winner was found among those marked. */
enum moot_vote_step {
    MOOT_STEP_VOTE,     /* it alone leads */
    MOOT_STEP_PAIRWISE, /* of those alike it wins most contests in pairs */
    MOOT_STEP_SEED,     /* still alike: the lowest hash of the run's seed and the candidate */
};
const char *moot__votes_step_text(enum moot_vote_step step);
/* Leaves one marked, by these steps in turn, or by the first two alone (`draw` false: then several
 * may be left and *step is the last that was tried). Returns how many. */
size_t moot__votes_break(const struct moot_json *head, const struct moot_election *e, bool draw,
                         bool marked[MOOT_CANDIDATES_MAX], enum moot_vote_step *step);

/* Adds outcome, cast, needed and shares of a count to a decision. MOOT_ENOMEM. */
int moot__votes_tell(const struct moot_election *e, const struct moot_tally *t,
                     struct moot_json *decision);
/* Whether a decision says what its ballots come to: its count, and its winner as far as ballots and
 * seed decide. MOOT_EMALFORMED: what it should say. */
int moot__votes_check(const struct moot_json *decision, const struct moot_election *e,
                      struct moot_error *err);

#endif
