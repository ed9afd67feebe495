/* Counting a vote: pure, exact (ratios of integers, no rounding), and blind to names: whoever has
 * the ballots comes to the same. Rules are told apart by what a ballot says and what a candidate's
 * share is: what it got, of the most that it could have got. Nobody votes on a candidate of its
 * own, so shares are compared, not counts. */
#ifndef MOOT_TALLY_H
#define MOOT_TALLY_H

#include "runtime/status.h"

#include <stdbool.h>

enum {
    MOOT_VOTERS_MAX = 64,
    MOOT_CANDIDATES_MAX = 26,
    MOOT_WEIGHT_MAX = 1000,
    MOOT_GRADE_MAX = 10,
    MOOT_MAY_NOT = -1, /* of a ballot: the candidate is the voter's own */
};

enum moot_vote_rule {
    MOOT_VOTE_PLURALITY, /* one named; share: of the ballots that could name it */
    MOOT_VOTE_APPROVAL,  /* any number named; the same share */
    MOOT_VOTE_BORDA,     /* ranks; share: of the points it could have. Left out: no points */
    MOOT_VOTE_IRV,       /* ranks; the last of the first choices go out, their ballots pass on */
    MOOT_VOTE_CONDORCET, /* ranks; share: that of its weakest contest with another */
    MOOT_VOTE_MEDIAN,    /* grades 0 to 10; share: the lower median, of 10 */
    MOOT_VOTE_RULES
};

const char *moot__vote_rule_text(enum moot_vote_rule rule);
/* Whether there is a rule of that name. */
bool moot__vote_rule(const char *text, enum moot_vote_rule *out);

struct moot_ratio {
    int64_t num, den; /* den > 0 */
};
/* "2/3", "1" and "0"; num and den at most 1000000. */
bool moot__ratio_parse(const char *text, struct moot_ratio *out);

struct moot_ballot {
    int64_t weight;                   /* 1 to MOOT_WEIGHT_MAX */
    bool cast;                        /* else it abstains, or has not come */
    bool none;                        /* none of them: it names nobody */
    int8_t says[MOOT_CANDIDATES_MAX]; /* 1 or 0; a place from 1, 0 is left out; or a grade */
};

struct moot_election {
    enum moot_vote_rule rule;
    struct moot_ratio quorum;    /* so many of the voters, at least */
    struct moot_ratio threshold; /* a share of strictly more */
    size_t candidates;           /* 1 to MOOT_CANDIDATES_MAX */
    size_t voters;               /* 0 to MOOT_VOTERS_MAX; a ballot each */
    struct moot_ballot ballots[MOOT_VOTERS_MAX];
};

enum moot_vote_outcome {
    MOOT_VOTE_CONSENSUS,
    MOOT_VOTE_NO_QUORUM,
    MOOT_VOTE_ALL_REJECTED, /* more than half said: none of them */
    MOOT_VOTE_NO_MAJORITY,  /* nobody's share is above the threshold */
    MOOT_VOTE_TIE,          /* several in front, alike and above it */
    MOOT_VOTE_OUTCOMES
};
const char *moot__vote_outcome_text(enum moot_vote_outcome outcome);

struct moot_share {
    int64_t got, of; /* of 0: nobody could name it */
};

struct moot_tally {
    enum moot_vote_outcome outcome;
    size_t cast, needed; /* ballots that do not abstain, and how many the quorum wants */
    struct moot_share shares[MOOT_CANDIDATES_MAX];
    bool leads[MOOT_CANDIDATES_MAX]; /* who is in front, whatever the outcome: at least one */
    size_t winner;                   /* of a consensus */
};

void moot__tally(const struct moot_election *e, struct moot_tally *out);
/* Which of two has the greater share: negative, 0 or positive. */
int moot__share_compare(struct moot_share a, struct moot_share b);
/* Of those marked, leaves marked who wins most contests in pairs with the others marked. How many
 * are left. */
size_t moot__tally_pairwise(const struct moot_election *e, bool marked[MOOT_CANDIDATES_MAX]);
/* Whether no ballot that is still out (`out[voter]`) can change a consensus there is now. Known of
 * plurality and approval; of other rules false. */
bool moot__tally_settled(const struct moot_election *e, const bool out[MOOT_VOTERS_MAX]);

#endif
