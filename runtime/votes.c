#include "runtime/votes.h"

const char *moot__votes_member(enum moot_vote_rule rule)
{
    switch (rule) {
    case MOOT_VOTE_BORDA:
    case MOOT_VOTE_IRV:
    case MOOT_VOTE_CONDORCET:
        return "rank";
    case MOOT_VOTE_MEDIAN:
        return "grades";
    case MOOT_VOTE_PLURALITY:
    case MOOT_VOTE_APPROVAL:
    case MOOT_VOTE_RULES:
        break;
    }
    return "approve";
}

void moot__votes_path(int64_t round, const char *voter, char out[MOOT_VOTES_PATH])
{
    snprintf(out, MOOT_VOTES_PATH, "vote%lld-%.64s", (long long)round, voter);
}

void moot__votes_set(const struct moot_json *candidates, char out[MOOT_HEX_SIZE])
{
    struct moot_hash h;
    uint8_t digest[MOOT_HASH_SIZE];
    moot__hash_init(&h);
    const struct moot_json *c = moot__json_first(candidates);
    for (; c != NULL; c = moot__json_next(c)) {
        const struct moot_json *sponsors = moot__json_get(c, "sponsors");
        moot__hash_add_int(&h, moot__json_get_int(c, "n", 0));
        moot__hash_add_text(&h, moot__json_get_text(c, "hash", NULL));
        moot__hash_add_int(&h, (int64_t)moot__json_count(sponsors));
        const struct moot_json *s = moot__json_first(sponsors);
        for (; s != NULL; s = moot__json_next(s))
            moot__hash_add_text(&h, moot__json_text(s));
    }
    moot__hash_end(&h, digest);
    moot__hex(digest, sizeof(digest), out);
}

/* ---- the head ---- */

static int malformed(struct moot_error *err, const char *what)
{
    return moot__fail(err, MOOT_EMALFORMED, "%s", what);
}

static int read_candidates(const struct moot_json *list, struct moot_election *e,
                           struct moot_error *err)
{
    size_t count = moot__json_count(list);
    int64_t n = 1;
    if (!moot__json_is(list, MOOT_JSON_ARRAY) || count < 1 || count > MOOT_CANDIDATES_MAX)
        return malformed(err, "its candidates are not 1 to 26");
    const struct moot_json *c = moot__json_first(list);
    for (; c != NULL; c = moot__json_next(c), n++)
        if (moot__json_get_int(c, "n", 0) != n || moot__json_get_text(c, "hash", NULL) == NULL)
            return malformed(err, "its candidates are not numbered 1, 2, … and hashed");
    e->candidates = count;
    return MOOT_OK;
}

static bool has_text(const struct moot_json *list, const char *text)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_text(m) != NULL ? moot__json_text(m) : "", text) == 0)
            return true;
    return false;
}

static int read_voters(const struct moot_json *head, struct moot_election *e,
                       struct moot_error *err)
{
    const struct moot_json *list = moot__json_get(head, "voters");
    if (!moot__json_is(list, MOOT_JSON_ARRAY) || moot__json_count(list) > MOOT_VOTERS_MAX)
        return malformed(err, "its voters are not a list of at most 64");
    const struct moot_json *m = moot__json_first(list);
    for (; m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_get_text(m, "id", NULL);
        int64_t weight = moot__json_get_int(m, "weight", 0);
        if (id == NULL || weight < 1 || weight > MOOT_WEIGHT_MAX ||
            moot__votes_voter(head, id) != e->voters)
            return malformed(err, "a voter stands there twice, or without an id or a weight");
        struct moot_ballot *b = &e->ballots[e->voters++];
        b->weight = weight;
        size_t at = 0;
        const struct moot_json *c = moot__json_first(moot__json_get(head, "candidates"));
        for (; c != NULL; c = moot__json_next(c), at++)
            if (has_text(moot__json_get(c, "sponsors"), id))
                b->says[at] = MOOT_MAY_NOT;
    }
    return MOOT_OK;
}

int moot__votes_election(const struct moot_json *head, struct moot_election *e,
                         struct moot_error *err)
{
    char set[MOOT_HEX_SIZE];
    memset(e, 0, sizeof(*e));
    if (!moot__vote_rule(moot__json_get_text(head, "rule", NULL), &e->rule) ||
        !moot__ratio_parse(moot__json_get_text(head, "quorum", NULL), &e->quorum) ||
        !moot__ratio_parse(moot__json_get_text(head, "threshold", NULL), &e->threshold))
        return malformed(err, "its rule, quorum or threshold is none");
    int rc = read_candidates(moot__json_get(head, "candidates"), e, err);
    if (rc == MOOT_OK)
        rc = read_voters(head, e, err);
    moot__votes_set(moot__json_get(head, "candidates"), set);
    if (rc == MOOT_OK && strcmp(moot__json_get_text(head, "set", ""), set) != 0)
        rc = malformed(err, "its set is not the hash of its candidates");
    return rc;
}

size_t moot__votes_voter(const struct moot_json *head, const char *id)
{
    size_t at = 0;
    const struct moot_json *m = moot__json_first(moot__json_get(head, "voters"));
    for (; m != NULL; m = moot__json_next(m), at++)
        if (strcmp(moot__json_get_text(m, "id", ""), id) == 0)
            break;
    return at;
}

/* ---- a ballot ---- */

/* One candidate that a ballot names; `says` is put in its place. */
static int put_one(const struct moot_election *e, struct moot_ballot *b, const struct moot_json *n,
                   int64_t says, bool seen[], struct moot_error *err)
{
    int64_t number = 0;
    if (!moot__json_int(n, &number) || number < 1 || number > (int64_t)e->candidates)
        return malformed(err, "it names what is no candidate");
    size_t at = (size_t)number - 1;
    if (b->says[at] == MOOT_MAY_NOT)
        return malformed(err, "it names the voter's own");
    if (seen[at])
        return malformed(err, "it names a candidate twice");
    seen[at] = true;
    b->says[at] = (int8_t)says;
    return MOOT_OK;
}

static int put_all(const struct moot_election *e, struct moot_ballot *b,
                   const struct moot_json *list, struct moot_error *err)
{
    bool seen[MOOT_CANDIDATES_MAX] = {false};
    bool ranks = strcmp(moot__votes_member(e->rule), "rank") == 0;
    bool grades = e->rule == MOOT_VOTE_MEDIAN;
    int64_t place = 0;
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m)) {
        int64_t says = ranks ? ++place : grades ? moot__json_get_int(m, "grade", -1) : 1;
        if (says < 0 || (grades && says > MOOT_GRADE_MAX))
            return malformed(err, "a grade is not 0 to 10");
        int rc = put_one(e, b, grades ? moot__json_get(m, "n") : m, says, seen, err);
        if (rc != MOOT_OK)
            return rc;
    }
    if (e->rule == MOOT_VOTE_PLURALITY && moot__json_count(list) > 1)
        return malformed(err, "it names more than one");
    return MOOT_OK;
}

int moot__votes_put(const struct moot_json *head, const char *voter, const struct moot_json *ballot,
                    struct moot_election *e, struct moot_error *err)
{
    size_t at = moot__votes_voter(head, voter);
    if (at >= e->voters)
        return malformed(err, "it is from nobody who votes here");
    struct moot_ballot *b = &e->ballots[at];
    if (b->cast)
        return malformed(err, "it is a second one");
    if (moot__json_get_int(ballot, "round", 0) != moot__json_get_int(head, "round", -1) ||
        strcmp(moot__json_get_text(ballot, "set", ""), moot__json_get_text(head, "set", "-")) != 0)
        return malformed(err, "it is of another round, or on other candidates");
    if (moot__json_get_bool(ballot, "abstains", false))
        return MOOT_OK;
    struct moot_ballot made = *b;
    made.none = moot__json_get_bool(ballot, "none", false);
    const struct moot_json *list = moot__json_get(ballot, moot__votes_member(e->rule));
    int rc = made.none ? MOOT_OK : put_all(e, &made, list, err);
    if (rc != MOOT_OK)
        return rc;
    made.cast = true;
    *b = made;
    return MOOT_OK;
}

/* ---- among equals ---- */

const char *moot__votes_step_text(enum moot_vote_step step)
{
    static const char *const words[] = {"vote", "pairwise", "seed"};
    return words[step];
}

/* The lowest hash of the seed and the candidate; the first of equal candidates. */
static void draw_one(const struct moot_json *head, bool marked[])
{
    uint8_t lowest[MOOT_HASH_SIZE], now[MOOT_HASH_SIZE];
    size_t best = MOOT_CANDIDATES_MAX;
    size_t at = 0;
    const struct moot_json *c = moot__json_first(moot__json_get(head, "candidates"));
    for (; c != NULL && at < MOOT_CANDIDATES_MAX; c = moot__json_next(c), at++) {
        struct moot_hash h;
        if (!marked[at])
            continue;
        moot__hash_init(&h);
        moot__hash_add_int(&h, moot__json_get_int(head, "seed", 0));
        moot__hash_add_text(&h, moot__json_get_text(c, "hash", NULL));
        moot__hash_end(&h, now);
        marked[at] = false;
        if (best < MOOT_CANDIDATES_MAX && memcmp(now, lowest, sizeof(now)) >= 0)
            continue;
        memcpy(lowest, now, sizeof(now));
        best = at;
    }
    if (best < MOOT_CANDIDATES_MAX)
        marked[best] = true;
}

size_t moot__votes_break(const struct moot_json *head, const struct moot_election *e, bool draw,
                         bool marked[MOOT_CANDIDATES_MAX], enum moot_vote_step *step)
{
    size_t left = 0;
    for (size_t c = 0; c < e->candidates; c++)
        left += marked[c];
    *step = MOOT_STEP_VOTE;
    if (left <= 1)
        return left;
    *step = MOOT_STEP_PAIRWISE;
    left = moot__tally_pairwise(e, marked);
    if (left <= 1 || !draw)
        return left;
    *step = MOOT_STEP_SEED;
    draw_one(head, marked);
    return 1;
}

/* ---- a decision ---- */

static void share_text(struct moot_share s, char out[48])
{
    snprintf(out, 48, "%lld/%lld", (long long)s.got, (long long)s.of);
}

int moot__votes_tell(const struct moot_election *e, const struct moot_tally *t,
                     struct moot_json *decision)
{
    struct moot_json *shares = moot__json_new(MOOT_JSON_ARRAY);
    int rc = shares == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (size_t c = 0; c < e->candidates && rc == MOOT_OK; c++) {
        char text[48];
        share_text(t->shares[c], text);
        rc = moot__json_add(shares, moot__json_new_text(text));
    }
    if (rc != MOOT_OK) {
        moot__json_free(shares);
        return rc;
    }
    rc = moot__json_set(decision, "shares", shares);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(decision, "outcome", moot__vote_outcome_text(t->outcome));
    if (rc == MOOT_OK)
        rc = moot__json_set_int(decision, "cast", (int64_t)t->cast);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(decision, "needed", (int64_t)t->needed);
    return rc;
}

/* The winner, where ballots and seed alone say who it is. */
static int check_winner(const struct moot_json *decision, const struct moot_election *e,
                        const struct moot_tally *t, struct moot_error *err)
{
    int64_t winner = moot__json_get_int(decision, "winner", 0);
    const char *said = moot__json_get_text(decision, "step", "");
    bool marked[MOOT_CANDIDATES_MAX];
    enum moot_vote_step step = MOOT_STEP_VOTE;
    bool approved = moot__json_get_bool(decision, "approved", false);
    if (winner < 0 || winner > (int64_t)e->candidates)
        return malformed(err, "its winner is no candidate");
    if (winner == 0)
        return t->outcome == MOOT_VOTE_CONSENSUS ? malformed(err, "its winner is left out")
                                                 : MOOT_OK;
    if (strcmp(said, "chair") == 0 || strcmp(said, "ask") == 0)
        return t->outcome == MOOT_VOTE_CONSENSUS ||
                       (t->outcome == MOOT_VOTE_TIE && !t->leads[winner - 1])
                   ? malformed(err, "somebody else than the voters decided")
                   : MOOT_OK;
    memcpy(marked, t->leads, sizeof(marked));
    moot__votes_break(decision, e, true, marked, &step);
    if (!marked[winner - 1] || strcmp(said, moot__votes_step_text(step)) != 0)
        return malformed(err, "its winner is another than the ballots say");
    if (approved != (t->outcome == MOOT_VOTE_CONSENSUS || t->outcome == MOOT_VOTE_TIE))
        return malformed(err, "whether it is approved is not what the ballots say");
    return MOOT_OK;
}

int moot__votes_check(const struct moot_json *decision, const struct moot_election *e,
                      struct moot_error *err)
{
    struct moot_tally t;
    static const char *const members[] = {"shares", "outcome", "cast", "needed"};
    if (strcmp(moot__json_get_text(decision, "outcome", ""), "unanimous") == 0)
        return e->candidates == 1 && e->voters == 0 &&
                       moot__json_get_int(decision, "winner", 0) == 1
                   ? MOOT_OK
                   : malformed(err, "it says unanimous, and yet there was something to vote on");
    moot__tally(e, &t);
    struct moot_json *count = moot__json_new(MOOT_JSON_OBJECT);
    int rc = count == NULL ? MOOT_ENOMEM : moot__votes_tell(e, &t, count);
    for (size_t i = 0; i < MOOT_COUNT(members) && rc == MOOT_OK; i++)
        if (!moot__json_equal(moot__json_get(count, members[i]),
                              moot__json_get(decision, members[i])))
            rc = moot__fail(err, MOOT_EMALFORMED, "its '%s' is not what its ballots come to: %s",
                            members[i], moot__vote_outcome_text(t.outcome));
    moot__json_free(count);
    return rc != MOOT_OK ? rc : check_winner(decision, e, &t, err);
}
