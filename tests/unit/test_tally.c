/* Golden tallies of every rule, and what must hold of all of them. A ballot is a word:
 *
 *   "AC"   plurality, approval: names A and C      "B>A>C"  ranks; who is left out has no place
 *   "72-"  grades, the third is its own            "!"      none of them
 *   "."    abstains                                "*3 A"   the same with weight 3
 *   "A /B" names A; B is its own                                                                */
#include "runtime/tally.h"

#include "runtime/hash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct golden {
    const char *name;
    const char *rule, *quorum, *threshold;
    int candidates;
    const char *ballots[8];
    const char *outcome;
    const char *leads;  /* "A", or all that are in front: "AB" */
    const char *shares; /* "2/3 0/3"; NULL: not looked at */
};

static void read_ranks(const char *text, struct moot_ballot *b)
{
    int8_t place = 1;
    for (; *text != '\0' && *text != ' '; text++)
        if (*text >= 'A' && *text <= 'Z')
            b->says[*text - 'A'] = place++;
}

static void read_ballot(const char *text, enum moot_vote_rule rule, struct moot_ballot *b)
{
    *b = (struct moot_ballot){.weight = 1, .cast = *text != '.', .none = *text == '!'};
    if (*text == '*') {
        b->weight = strtol(text + 1, NULL, 10);
        text = strchr(text, ' ') + 1;
    }
    bool ranks = rule == MOOT_VOTE_BORDA || rule == MOOT_VOTE_IRV || rule == MOOT_VOTE_CONDORCET;
    if (ranks)
        read_ranks(text, b);
    for (int c = 0; !ranks && text[c] != '\0' && text[c] != ' '; c++) {
        if (rule == MOOT_VOTE_MEDIAN && *text != '!' && *text != '.')
            b->says[c] = text[c] == '-'   ? MOOT_MAY_NOT
                         : text[c] == 'X' ? 10
                                          : (int8_t)(text[c] - '0');
        else if (text[c] >= 'A' && text[c] <= 'Z')
            b->says[text[c] - 'A'] = 1;
    }
    for (const char *own = strchr(text, '/'); own != NULL && *++own != '\0';)
        b->says[*own - 'A'] = MOOT_MAY_NOT;
}

static void read_election(const struct golden *g, struct moot_election *e)
{
    memset(e, 0, sizeof(*e));
    assert_true(moot__vote_rule(g->rule, &e->rule));
    assert_true(moot__ratio_parse(g->quorum != NULL ? g->quorum : "2/3", &e->quorum));
    assert_true(moot__ratio_parse(g->threshold != NULL ? g->threshold : "1/2", &e->threshold));
    e->candidates = (size_t)g->candidates;
    while (e->voters < MOOT_COUNT(g->ballots) && g->ballots[e->voters] != NULL) {
        read_ballot(g->ballots[e->voters], e->rule, &e->ballots[e->voters]);
        e->voters++;
    }
}

static void leaders(const struct moot_election *e, const struct moot_tally *t, char out[32])
{
    size_t n = 0;
    for (size_t c = 0; c < e->candidates; c++)
        if (t->leads[c])
            out[n++] = (char)('A' + c);
    out[n] = '\0';
}

static const struct golden goldens[] = {
    /* ---- plurality ---- */
    {"one voter, one candidate", "plurality", NULL, NULL, 1, {"A"}, "consensus", "A", "1/1"},
    {"two agree", "plurality", NULL, NULL, 2, {"A", "A"}, "consensus", "A", "2/2 0/2"},
    {"two do not", "plurality", NULL, NULL, 2, {"A", "B"}, "no_majority", "AB", "1/2 1/2"},
    {"two of three", "plurality", NULL, NULL, 2, {"A", "A", "B"}, "consensus", "A", "2/3 1/3"},
    {"half is not more than half",
     "plurality",
     NULL,
     NULL,
     3,
     {"A", "A", "B", "C"},
     "no_majority",
     "A",
     "2/4 1/4 1/4"},
    {"most is enough where the threshold says so",
     "plurality",
     NULL,
     "1/3",
     3,
     {"A", "A", "B", "C"},
     "consensus",
     "A",
     NULL},
    {"alike and above", "plurality", NULL, "1/3", 3, {"A", "A", "B", "B", "C"}, "tie", "AB", NULL},
    {"votes are split",
     "plurality",
     NULL,
     NULL,
     3,
     {"A", "A", "B", "B", "C"},
     "no_majority",
     "AB",
     NULL},
    {"one's own cannot be named: of those who could",
     "plurality",
     NULL,
     NULL,
     3,
     {"B /A", "A /B", "A /C"},
     "consensus",
     "A",
     "2/2 1/2 0/2"},
    /* ---- approval ---- */
    {"all approve both", "approval", NULL, NULL, 2, {"AB", "AB", "AB"}, "tie", "AB", "3/3 3/3"},
    {"one more", "approval", NULL, NULL, 2, {"AB", "A", "A"}, "consensus", "A", "3/3 1/3"},
    {"nobody approves any", "approval", NULL, NULL, 2, {"", "", ""}, "no_majority", "AB", NULL},
    {"each but its own",
     "approval",
     NULL,
     NULL,
     3,
     {"B /A", "A /B", "AB /C"},
     "tie",
     "AB",
     "2/2 2/2 0/2"},
    {"one of two judges the other's",
     "approval",
     NULL,
     NULL,
     2,
     {"B /A", "! /B"},
     "consensus",
     "B",
     "0/1 1/1"},
    {"a half rejects all: not more than a half",
     "approval",
     NULL,
     "1/3",
     1,
     {"A", "!"},
     "consensus",
     "A",
     "1/2"},
    {"more than half rejects all",
     "approval",
     NULL,
     "0",
     2,
     {"!", "!", "A"},
     "all_rejected",
     "A",
     "1/3 0/3"},
    {"unanimity", "approval", "1", "4/5", 1, {"A", "A", "A", "A", "A"}, "consensus", "A", "5/5"},
    {"not quite", "approval", "1", "4/5", 1, {"A", "A", "A", "A", "!"}, "no_majority", "A", "4/5"},
    /* ---- quorum ---- */
    {"all abstain", "approval", NULL, NULL, 2, {".", ".", "."}, "no_quorum", "AB", "0/0 0/0"},
    {"no quorum asked, nobody there",
     "approval",
     "0",
     NULL,
     2,
     {".", "."},
     "no_quorum",
     "AB",
     NULL},
    {"two of three are two thirds",
     "approval",
     NULL,
     NULL,
     2,
     {"A", "A", "."},
     "consensus",
     "A",
     "2/2 0/2"},
    {"one of three is not", "approval", NULL, NULL, 2, {"A", ".", "."}, "no_quorum", "A", NULL},
    {"three of four: two thirds are rounded up",
     "approval",
     NULL,
     NULL,
     1,
     {"A", "A", "A", "."},
     "consensus",
     "A",
     NULL},
    {"two of four", "approval", NULL, NULL, 1, {"A", "A", ".", "."}, "no_quorum", "A", NULL},
    {"four of five", "approval", NULL, NULL, 1, {"A", "A", "A", "A", "."}, "consensus", "A", NULL},
    {"three of five", "approval", NULL, NULL, 1, {"A", "A", "A", ".", "."}, "no_quorum", "A", NULL},
    {"exactly the half", "approval", "1/2", NULL, 1, {"A", "A", ".", "."}, "consensus", "A", NULL},
    {"heads make a quorum, not weights",
     "approval",
     "2/3",
     NULL,
     1,
     {"*9 A", ".", "."},
     "no_quorum",
     "A",
     NULL},
    /* ---- weights ---- */
    {"two votes of one",
     "approval",
     NULL,
     NULL,
     2,
     {"*2 A", "B", "."},
     "consensus",
     "A",
     "2/3 1/3"},
    {"against two", "approval", NULL, NULL, 2, {"*2 A", "B", "B"}, "no_majority", "AB", "2/4 2/4"},
    {"the grades of one count three times",
     "median",
     NULL,
     NULL,
     1,
     {"*3 9", "2", "2"},
     "consensus",
     "A",
     "9/10"},
    /* ---- Borda ---- */
    {"one alone", "borda", NULL, NULL, 1, {"A"}, "consensus", "A", "1/1"},
    {"in the middle of all",
     "borda",
     NULL,
     NULL,
     3,
     {"A>B>C", "C>B>A", "B>A>C"},
     "consensus",
     "B",
     "3/6 4/6 2/6"},
    {"a circle",
     "borda",
     NULL,
     NULL,
     3,
     {"A>B>C", "B>C>A", "C>A>B"},
     "no_majority",
     "ABC",
     "3/6 3/6 3/6"},
    {"broader, not first",
     "borda",
     NULL,
     NULL,
     3,
     {"A>B>C", "A>B>C", "A>B>C", "B>C>A", "B>C>A"},
     "consensus",
     "B",
     "6/10 7/10 2/10"},
    {"left out: no points",
     "borda",
     NULL,
     NULL,
     3,
     {"A", "A>B", "B>A"},
     "consensus",
     "A",
     "5/6 3/6 0/6"},
    {"points of those who could give any",
     "borda",
     NULL,
     NULL,
     3,
     {"B>C /A", "A>C /B", "A>B /C"},
     "consensus",
     "A",
     "2/2 1/2 0/2"},
    {"alike and above", "borda", NULL, NULL, 3, {"A>B>C", "B>A>C"}, "tie", "AB", "3/4 3/4 0/4"},
    {"none of them gives no points",
     "borda",
     NULL,
     NULL,
     2,
     {"A>B", "A>B", "!"},
     "consensus",
     "A",
     "2/3 0/3"},
    /* ---- ranked choice ---- */
    {"half, then the second choice of who went out",
     "irv",
     NULL,
     NULL,
     3,
     {"A>C>B", "A>B>C", "B>C>A", "B>A>C", "C>B>A"},
     "consensus",
     "B",
     "2/5 3/5 1/5"},
    {"the last of all go out together",
     "irv",
     NULL,
     NULL,
     3,
     {"A", "A", "A", "B>C", "C>B"},
     "consensus",
     "A",
     "3/5 1/5 1/5"},
    {"all alike: nobody goes out",
     "irv",
     NULL,
     "1/4",
     3,
     {"A", "B", "C"},
     "tie",
     "ABC",
     "1/3 1/3 1/3"},
    {"two are left, alike",
     "irv",
     NULL,
     NULL,
     3,
     {"A>B", "A>B", "B>A", "B>A", "C"},
     "no_majority",
     "AB",
     "2/5 2/5 1/5"},
    /* ---- Condorcet ---- */
    {"beats each, is first of the fewest",
     "condorcet",
     NULL,
     NULL,
     3,
     {"A>B>C", "A>B>C", "C>B>A", "C>B>A", "B>A>C"},
     "consensus",
     "B",
     "2/5 3/5 2/5"},
    {"a circle: no winner",
     "condorcet",
     NULL,
     NULL,
     3,
     {"A>B>C", "B>C>A", "C>A>B"},
     "no_majority",
     "ABC",
     "1/3 1/3 1/3"},
    {"two alike above the third",
     "condorcet",
     NULL,
     NULL,
     3,
     {"A>B>C", "B>A>C"},
     "no_majority",
     "AB",
     "1/2 1/2 0/2"},
    {"one alone", "condorcet", NULL, NULL, 1, {"A", "A", "!"}, "consensus", "A", "2/3"},
    {"who could rank both",
     "condorcet",
     NULL,
     NULL,
     3,
     {"B>C /A", "A>C /B", "A>B /C"},
     "consensus",
     "A",
     NULL},
    /* ---- median ---- */
    {"one in three cannot spoil it",
     "median",
     NULL,
     NULL,
     2,
     {"97", "86", "0X"},
     "consensus",
     "A",
     "8/10 7/10"},
    {"of two in the middle the lower",
     "median",
     NULL,
     NULL,
     1,
     {"9", "4"},
     "no_majority",
     "A",
     "4/10"},
    {"five is not above a half",
     "median",
     NULL,
     NULL,
     1,
     {"5", "5", "5"},
     "no_majority",
     "A",
     "5/10"},
    {"alike", "median", NULL, NULL, 2, {"78", "77", "87"}, "tie", "AB", "7/10 7/10"},
    {"its own is not graded",
     "median",
     NULL,
     NULL,
     2,
     {"-9", "6-", "77"},
     "consensus",
     "B",
     "6/10 7/10"},
    {"none of them: no points for any",
     "median",
     NULL,
     NULL,
     1,
     {"X", "!", "6"},
     "consensus",
     "A",
     "6/10"},
};

static void golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(goldens); i++) {
        const struct golden *g = &goldens[i];
        struct moot_election e;
        struct moot_tally t;
        char got[32], shares[256] = "";
        size_t len = 0;
        read_election(g, &e);
        moot__tally(&e, &t);
        leaders(&e, &t, got);
        for (size_t c = 0; c < e.candidates; c++)
            len += (size_t)snprintf(shares + len, sizeof(shares) - len, "%s%lld/%lld",
                                    c > 0 ? " " : "", (long long)t.shares[c].got,
                                    (long long)t.shares[c].of);
        if (strcmp(moot__vote_outcome_text(t.outcome), g->outcome) != 0 ||
            strcmp(got, g->leads) != 0 || (g->shares != NULL && strcmp(shares, g->shares) != 0))
            fail_msg("%s, %s: %s, %s leads with %s", g->rule, g->name,
                     moot__vote_outcome_text(t.outcome), got, shares);
        if (t.outcome == MOOT_VOTE_CONSENSUS)
            assert_int_equal('A' + t.winner, g->leads[0]);
    }
}

/* ---- drawn elections ---- */

static int draw(unsigned seed, uint32_t i, int below)
{
    return (int)(moot__draw(seed, "tally", i) % (uint64_t)below);
}

static void shuffle(unsigned seed, uint32_t from, size_t count, size_t order[])
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)draw(seed, from + (uint32_t)i, (int)i);
        size_t kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void draw_election(unsigned seed, enum moot_vote_rule rule, struct moot_election *e)
{
    memset(e, 0, sizeof(*e));
    e->rule = rule;
    e->quorum = (struct moot_ratio){1, 2};
    e->threshold = (struct moot_ratio){1, 3};
    e->candidates = (size_t)draw(seed, 0, 4) + 1;
    e->voters = (size_t)draw(seed, 1, 7) + 1;
    for (size_t v = 0; v < e->voters; v++) {
        struct moot_ballot *b = &e->ballots[v];
        uint32_t at = 100 + (uint32_t)v * 40;
        size_t order[MOOT_CANDIDATES_MAX];
        b->weight = draw(seed, at, 3) + 1;
        b->cast = draw(seed, at + 1, 6) > 0;
        b->none = draw(seed, at + 2, 9) == 0;
        shuffle(seed, at + 10, e->candidates, order);
        for (size_t c = 0; c < e->candidates; c++)
            b->says[c] = rule == MOOT_VOTE_MEDIAN ? (int8_t)draw(seed, at + 20 + (uint32_t)c, 11)
                         : rule == MOOT_VOTE_APPROVAL ? (int8_t)draw(seed, at + 20 + (uint32_t)c, 2)
                         : rule == MOOT_VOTE_PLURALITY ? order[c] == 0
                                                       : (int8_t)(order[c] + 1);
        if (v < e->candidates && draw(seed, at + 3, 2) == 0)
            b->says[v] = MOOT_MAY_NOT;
    }
}

/* Who votes in which order, and what is called A, change nothing. */
static void blind_to_names(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed < 600; seed++) {
        struct moot_election e, moved;
        struct moot_tally t, u;
        size_t voters[MOOT_VOTERS_MAX], labels[MOOT_CANDIDATES_MAX];
        draw_election(seed, (enum moot_vote_rule)(seed % MOOT_VOTE_RULES), &e);
        shuffle(seed, 5000, e.voters, voters);
        shuffle(seed, 6000, e.candidates, labels);
        moved = e;
        for (size_t v = 0; v < e.voters; v++) {
            moved.ballots[v] = e.ballots[voters[v]];
            for (size_t c = 0; c < e.candidates; c++)
                moved.ballots[v].says[labels[c]] = e.ballots[voters[v]].says[c];
        }
        moot__tally(&e, &t);
        moot__tally(&moved, &u);
        if (t.outcome != u.outcome)
            fail_msg("seed %u: %s, and in another order %s", seed,
                     moot__vote_outcome_text(t.outcome), moot__vote_outcome_text(u.outcome));
        for (size_t c = 0; c < e.candidates; c++)
            if (t.leads[c] != u.leads[labels[c]])
                fail_msg("seed %u: who leads depends on the order", seed);
    }
}

static void condorcet_winner_wins(void **state)
{
    (void)state;
    int found = 0;
    for (unsigned seed = 1; seed < 600; seed++) {
        struct moot_election e;
        struct moot_tally t;
        draw_election(seed, MOOT_VOTE_CONDORCET, &e);
        e.quorum = e.threshold = (struct moot_ratio){0, 1};
        for (size_t v = 0; v < e.voters; v++) {
            e.ballots[v].none = false;
            for (size_t c = 0; c < e.candidates; c++)
                if (e.ballots[v].says[c] == MOOT_MAY_NOT)
                    e.ballots[v].cast = false;
        }
        moot__tally(&e, &t);
        for (size_t a = 0; a < e.candidates; a++) {
            bool all = e.candidates > 1 && t.cast > 0;
            for (size_t b = 0; b < e.candidates; b++) {
                int64_t lead = 0;
                for (size_t v = 0; v < e.voters; v++) {
                    const struct moot_ballot *x = &e.ballots[v];
                    int64_t w = x->cast ? x->weight : 0;
                    lead += x->says[a] < x->says[b] ? w : -w;
                }
                all = all && (a == b || lead > 0);
            }
            if (all && (t.outcome != MOOT_VOTE_CONSENSUS || t.winner != a))
                fail_msg("seed %u: %c beats each, but did not win", seed, (char)('A' + a));
            found += all;
        }
    }
    assert_true(found > 100);
}

/* One that no ballot still out can change is what all of them come to in the end. */
static void settled_stays(void **state)
{
    (void)state;
    int found = 0;
    for (unsigned seed = 1; seed < 3000; seed++) {
        struct moot_election e, all;
        struct moot_tally t, u;
        bool out[MOOT_VOTERS_MAX] = {false};
        draw_election(seed, seed % 2 == 0 ? MOOT_VOTE_APPROVAL : MOOT_VOTE_PLURALITY, &e);
        all = e;
        for (size_t v = 0; v < e.voters; v++) {
            out[v] = draw(seed, 7000 + (uint32_t)v, 3) == 0;
            e.ballots[v].cast = e.ballots[v].cast && !out[v];
        }
        if (!moot__tally_settled(&e, out))
            continue;
        moot__tally(&e, &t);
        moot__tally(&all, &u);
        if (u.outcome != MOOT_VOTE_CONSENSUS || u.winner != t.winner)
            fail_msg("seed %u: settled, and yet otherwise", seed);
        found++;
    }
    assert_true(found > 100);
}

static void pairwise(void **state)
{
    (void)state;
    const struct golden g = {
        .rule = "approval", .candidates = 3, .ballots = {"AB", "AC", "ABC", "B", "A"}};
    struct moot_election e;
    bool marked[MOOT_CANDIDATES_MAX] = {true, true, true};
    read_election(&g, &e);
    assert_int_equal(moot__tally_pairwise(&e, marked), 1);
    assert_true(marked[0] && !marked[1] && !marked[2]);
    bool two[MOOT_CANDIDATES_MAX] = {false, true, true};
    assert_int_equal(moot__tally_pairwise(&e, two), 1);
    assert_true(two[1]);
}

static void ratios(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "/",    "1/0", "-1/2", "1/",      "/2",
                                      "0.5", "1/2x", " 1",  "1 /2", "1000001", "99999999999999999"};
    struct moot_ratio r;
    for (size_t i = 0; i < MOOT_COUNT(bad); i++)
        assert_false(moot__ratio_parse(bad[i], &r));
    assert_false(moot__ratio_parse(NULL, &r));
    assert_true(moot__ratio_parse("2/3", &r) && r.num == 2 && r.den == 3);
    assert_true(moot__ratio_parse("1", &r) && r.num == 1 && r.den == 1);
    assert_true(moot__ratio_parse("0/7", &r) && r.num == 0);
}

static void words(void **state)
{
    (void)state;
    enum moot_vote_rule rule;
    for (int i = 0; i < MOOT_VOTE_RULES; i++) {
        assert_true(moot__vote_rule(moot__vote_rule_text((enum moot_vote_rule)i), &rule));
        assert_int_equal(rule, i);
    }
    assert_false(moot__vote_rule("dictator", &rule));
    assert_false(moot__vote_rule(NULL, &rule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),        cmocka_unit_test(blind_to_names),
        cmocka_unit_test(pairwise),      cmocka_unit_test(condorcet_winner_wins),
        cmocka_unit_test(settled_stays), cmocka_unit_test(ratios),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
