#include "runtime/tally.h"

static const char *const rule_words[MOOT_VOTE_RULES] = {
    [MOOT_VOTE_PLURALITY] = "plurality", [MOOT_VOTE_APPROVAL] = "approval",
    [MOOT_VOTE_BORDA] = "borda",         [MOOT_VOTE_IRV] = "irv",
    [MOOT_VOTE_CONDORCET] = "condorcet", [MOOT_VOTE_MEDIAN] = "median",
};

static const char *const outcome_words[MOOT_VOTE_OUTCOMES] = {
    [MOOT_VOTE_CONSENSUS] = "consensus",
    [MOOT_VOTE_NO_QUORUM] = "no_quorum",
    [MOOT_VOTE_ALL_REJECTED] = "all_rejected",
    [MOOT_VOTE_NO_MAJORITY] = "no_majority",
    [MOOT_VOTE_TIE] = "tie",
};

const char *moot__vote_rule_text(enum moot_vote_rule rule)
{
    MOOT_ASSERT(rule < MOOT_VOTE_RULES);
    return rule_words[rule];
}

bool moot__vote_rule(const char *text, enum moot_vote_rule *out)
{
    for (size_t i = 0; text != NULL && i < MOOT_VOTE_RULES; i++) {
        if (strcmp(text, rule_words[i]) != 0)
            continue;
        *out = (enum moot_vote_rule)i;
        return true;
    }
    return false;
}

const char *moot__vote_outcome_text(enum moot_vote_outcome outcome)
{
    MOOT_ASSERT(outcome < MOOT_VOTE_OUTCOMES);
    return outcome_words[outcome];
}

/* Digits, at most 1000000. NULL: none, or more. */
static const char *read_number(const char *at, int64_t *out)
{
    const char *start = at;
    for (*out = 0; *at >= '0' && *at <= '9' && *out <= 1000000; at++)
        *out = *out * 10 + (*at - '0');
    return at == start || *out > 1000000 ? NULL : at;
}

bool moot__ratio_parse(const char *text, struct moot_ratio *out)
{
    struct moot_ratio r = {0, 1};
    const char *at = text != NULL ? read_number(text, &r.num) : NULL;
    if (at != NULL && *at == '/')
        at = read_number(at + 1, &r.den);
    if (at == NULL || *at != '\0' || r.den == 0)
        return false;
    *out = r;
    return true;
}

/* ---- shares ---- */

int moot__share_compare(struct moot_share a, struct moot_share b)
{
    if (a.of == 0 || b.of == 0)
        return (a.of != 0) - (b.of != 0);
    int64_t left = a.got * b.of;
    int64_t right = b.got * a.of;
    return (left > right) - (left < right);
}

static bool is_above(struct moot_share s, struct moot_ratio threshold)
{
    return s.of > 0 && s.got * threshold.den > threshold.num * s.of;
}

static bool could(const struct moot_ballot *b, size_t candidate)
{
    return b->cast && b->says[candidate] != MOOT_MAY_NOT;
}

static bool names(const struct moot_ballot *b, size_t candidate)
{
    return could(b, candidate) && !b->none && b->says[candidate] > 0;
}

/* Who could name it, and who did. */
static struct moot_share share_named(const struct moot_election *e, size_t candidate)
{
    struct moot_share s = {0, 0};
    for (size_t v = 0; v < e->voters; v++) {
        const struct moot_ballot *b = &e->ballots[v];
        s.of += could(b, candidate) ? b->weight : 0;
        s.got += names(b, candidate) ? b->weight : 0;
    }
    return s;
}

/* With k candidates that the ballot may rank the first has k - 1 points; alone it has one. */
static struct moot_share share_borda(const struct moot_election *e, size_t candidate)
{
    struct moot_share s = {0, 0};
    for (size_t v = 0; v < e->voters; v++) {
        const struct moot_ballot *b = &e->ballots[v];
        int64_t k = 0;
        for (size_t c = 0; c < e->candidates; c++)
            k += could(b, c);
        int64_t most = k > 1 ? k - 1 : 1;
        s.of += could(b, candidate) ? b->weight * most : 0;
        s.got += names(b, candidate) ? b->weight * (most + 1 - b->says[candidate]) : 0;
    }
    return s;
}

/* Whether the ballot puts `a` before `b`, which it could both name. */
static bool prefers(const struct moot_election *e, const struct moot_ballot *ballot, size_t a,
                    size_t b)
{
    if (!could(ballot, a) || !could(ballot, b) || ballot->none)
        return false;
    int x = ballot->says[a];
    int y = ballot->says[b];
    bool ranks =
        e->rule == MOOT_VOTE_BORDA || e->rule == MOOT_VOTE_IRV || e->rule == MOOT_VOTE_CONDORCET;
    return ranks ? x > 0 && (y == 0 || x < y) : x > y;
}

/* Of those who could name both, those who put `a` before `b`. */
static struct moot_share contest(const struct moot_election *e, size_t a, size_t b)
{
    struct moot_share s = {0, 0};
    for (size_t v = 0; v < e->voters; v++) {
        const struct moot_ballot *ballot = &e->ballots[v];
        s.of += could(ballot, a) && could(ballot, b) ? ballot->weight : 0;
        s.got += prefers(e, ballot, a, b) ? ballot->weight : 0;
    }
    return s;
}

static bool beats(const struct moot_election *e, size_t a, size_t b)
{
    return contest(e, a, b).got > contest(e, b, a).got;
}

static struct moot_share share_condorcet(const struct moot_election *e, size_t candidate)
{
    struct moot_share weakest = share_named(e, candidate);
    if (e->candidates == 1)
        return weakest;
    bool any = false;
    for (size_t c = 0; c < e->candidates; c++) {
        struct moot_share s = contest(e, candidate, c);
        if (c == candidate || s.of == 0)
            continue;
        if (!any || moot__share_compare(s, weakest) < 0)
            weakest = s;
        any = true;
    }
    return any ? weakest : (struct moot_share){0, 0};
}

/* The least grade that half of the weight does not go above: of two in the middle the lower. */
static struct moot_share share_median(const struct moot_election *e, size_t candidate)
{
    int64_t whole = share_named(e, candidate).of;
    int64_t up_to = 0;
    if (whole == 0)
        return (struct moot_share){0, 0};
    for (int grade = 0; grade < MOOT_GRADE_MAX; grade++) {
        for (size_t v = 0; v < e->voters; v++) {
            const struct moot_ballot *b = &e->ballots[v];
            int given = b->none ? 0 : b->says[candidate];
            up_to += could(b, candidate) && given == grade ? b->weight : 0;
        }
        if (up_to * 2 >= whole)
            return (struct moot_share){grade, MOOT_GRADE_MAX};
    }
    return (struct moot_share){MOOT_GRADE_MAX, MOOT_GRADE_MAX};
}

/* ---- ranked choice ---- */

/* Whose first choice among those still in it is; the number of candidates: of none. */
static size_t first_choice(const struct moot_election *e, const struct moot_ballot *b,
                           const bool in[])
{
    size_t first = e->candidates;
    for (size_t c = 0; c < e->candidates; c++)
        if (in[c] && names(b, c) && (first == e->candidates || b->says[c] < b->says[first]))
            first = c;
    return first;
}

static void count_first(const struct moot_election *e, const bool in[], struct moot_tally *t)
{
    for (size_t c = 0; c < e->candidates; c++)
        if (in[c])
            t->shares[c] = (struct moot_share){0, share_named(e, c).of};
    for (size_t v = 0; v < e->voters; v++) {
        size_t first = e->ballots[v].cast ? first_choice(e, &e->ballots[v], in) : e->candidates;
        if (first < e->candidates)
            t->shares[first].got += e->ballots[v].weight;
    }
}

/* All with the least share go out together, unless that were all of them. How many are left; 0: all
 * are alike. */
static size_t drop_last(const struct moot_election *e, bool in[], const struct moot_tally *t)
{
    const struct moot_share *least = NULL;
    const struct moot_share *most = NULL;
    for (size_t c = 0; c < e->candidates; c++) {
        const struct moot_share *s = &t->shares[c];
        if (!in[c])
            continue;
        least = least == NULL || moot__share_compare(*s, *least) < 0 ? s : least;
        most = most == NULL || moot__share_compare(*s, *most) > 0 ? s : most;
    }
    if (least == NULL || moot__share_compare(*least, *most) == 0)
        return 0;
    const struct moot_share last = *least;
    size_t left = 0;
    for (size_t c = 0; c < e->candidates; c++) {
        in[c] = in[c] && moot__share_compare(t->shares[c], last) != 0;
        left += in[c];
    }
    return left;
}

/* Who is left in the end leads, with the share it had against the last that went out. */
static void count_irv(const struct moot_election *e, struct moot_tally *t)
{
    bool in[MOOT_CANDIDATES_MAX];
    for (size_t c = 0; c < e->candidates; c++)
        in[c] = true;
    do
        count_first(e, in, t);
    while (drop_last(e, in, t) > 1);
    memcpy(t->leads, in, e->candidates * sizeof(in[0]));
}

/* ---- the count ---- */

static struct moot_share share_of(const struct moot_election *e, size_t candidate)
{
    switch (e->rule) {
    case MOOT_VOTE_BORDA:
        return share_borda(e, candidate);
    case MOOT_VOTE_CONDORCET:
        return share_condorcet(e, candidate);
    case MOOT_VOTE_MEDIAN:
        return share_median(e, candidate);
    case MOOT_VOTE_PLURALITY:
    case MOOT_VOTE_APPROVAL:
    case MOOT_VOTE_IRV:
    case MOOT_VOTE_RULES:
        break;
    }
    return share_named(e, candidate);
}

static void mark_leaders(const struct moot_election *e, struct moot_tally *t)
{
    size_t best = 0;
    for (size_t c = 1; c < e->candidates; c++)
        if (moot__share_compare(t->shares[c], t->shares[best]) > 0)
            best = c;
    for (size_t c = 0; c < e->candidates; c++)
        t->leads[c] = moot__share_compare(t->shares[c], t->shares[best]) == 0;
}

static enum moot_vote_outcome outcome_of(const struct moot_election *e, struct moot_tally *t)
{
    int64_t none = 0;
    int64_t all = 0;
    size_t leaders = 0;
    for (size_t v = 0; v < e->voters; v++) {
        const struct moot_ballot *b = &e->ballots[v];
        t->cast += b->cast;
        all += b->cast ? b->weight : 0;
        none += b->cast && b->none ? b->weight : 0;
    }
    for (size_t c = e->candidates; c > 0; c--) {
        t->winner = t->leads[c - 1] ? c - 1 : t->winner;
        leaders += t->leads[c - 1];
    }
    if (t->cast == 0 || t->cast < t->needed)
        return MOOT_VOTE_NO_QUORUM;
    if (none * 2 > all)
        return MOOT_VOTE_ALL_REJECTED;
    if (!is_above(t->shares[t->winner], e->threshold))
        return MOOT_VOTE_NO_MAJORITY;
    return leaders > 1 ? MOOT_VOTE_TIE : MOOT_VOTE_CONSENSUS;
}

void moot__tally(const struct moot_election *e, struct moot_tally *out)
{
    MOOT_ASSERT(e->candidates >= 1 && e->candidates <= MOOT_CANDIDATES_MAX);
    MOOT_ASSERT(e->voters <= MOOT_VOTERS_MAX);
    struct moot_tally t = {0};
    int64_t wanted = (int64_t)e->voters * e->quorum.num;
    t.needed = (size_t)((wanted + e->quorum.den - 1) / e->quorum.den);
    if (e->rule == MOOT_VOTE_IRV) {
        count_irv(e, &t);
    } else {
        for (size_t c = 0; c < e->candidates; c++)
            t.shares[c] = share_of(e, c);
        mark_leaders(e, &t);
    }
    t.outcome = outcome_of(e, &t);
    *out = t;
}

size_t moot__tally_pairwise(const struct moot_election *e, bool marked[MOOT_CANDIDATES_MAX])
{
    size_t wins[MOOT_CANDIDATES_MAX] = {0};
    size_t most = 0;
    size_t left = 0;
    for (size_t a = 0; a < e->candidates; a++) {
        for (size_t b = 0; marked[a] && b < e->candidates; b++)
            wins[a] += marked[b] && a != b && beats(e, a, b);
        most = marked[a] && wins[a] > most ? wins[a] : most;
    }
    for (size_t c = 0; c < e->candidates; c++) {
        marked[c] = marked[c] && wins[c] == most;
        left += marked[c];
    }
    return left;
}

/* ---- before all ballots are there ---- */

bool moot__tally_settled(const struct moot_election *e, const bool out[MOOT_VOTERS_MAX])
{
    struct moot_tally now, then;
    moot__tally(e, &now);
    if (now.outcome != MOOT_VOTE_CONSENSUS ||
        (e->rule != MOOT_VOTE_PLURALITY && e->rule != MOOT_VOTE_APPROVAL))
        return false;
    /* The worst that can come for the winner: all others named by all who may; or none at all. */
    for (int none = 0; none < 2; none++) {
        struct moot_election worst = *e;
        for (size_t v = 0; v < e->voters; v++) {
            struct moot_ballot *b = &worst.ballots[v];
            if (!out[v])
                continue;
            b->cast = true;
            b->none = none == 1;
            for (size_t c = 0; c < e->candidates; c++)
                if (b->says[c] != MOOT_MAY_NOT)
                    b->says[c] = c != now.winner;
        }
        moot__tally(&worst, &then);
        if (then.outcome != MOOT_VOTE_CONSENSUS || then.winner != now.winner)
            return false;
    }
    return true;
}
