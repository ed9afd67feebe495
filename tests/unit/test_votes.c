/* Ballots and decisions as messages hold them: what is taken, what is refused, and that a decision
 * says what its ballots come to. */
#include "runtime/votes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

#define CANDIDATES                                                                                 \
    "[{\"n\":1,\"hash\":\"aa\",\"sponsors\":[\"ann\"]},{\"n\":2,\"hash\":\"bb\",\"sponsors\":[]}," \
    "{\"n\":3,\"hash\":\"cc\",\"sponsors\":[]}]"
#define VOTERS                                                                                     \
    "[{\"id\":\"ann\",\"weight\":1},{\"id\":\"bob\",\"weight\":2},{\"id\":\"cat\",\"weight\":1}]"

/* A head with its set; `rule` as text. */
static struct moot_json *head_of(const char *rule, const char *candidates, const char *voters)
{
    char text[1024], set[MOOT_HEX_SIZE];
    snprintf(text, sizeof(text),
             "{\"round\":1,\"rule\":\"%s\",\"quorum\":\"2/3\",\"threshold\":\"1/2\",\"seed\":7,"
             "\"candidates\":%s,\"voters\":%s}",
             rule, candidates, voters);
    struct moot_json *head = read_json(text);
    moot__votes_set(moot__json_get(head, "candidates"), set);
    assert_int_equal(moot__json_set_text(head, "set", set), MOOT_OK);
    return head;
}

/* A ballot of that round and set with these members more. */
static struct moot_json *ballot_of(const struct moot_json *head, const char *more)
{
    char text[512];
    snprintf(text, sizeof(text), "{\"round\":1,\"set\":\"%s\"%s%s}",
             moot__json_get_text(head, "set", ""), more[0] != '\0' ? "," : "", more);
    return read_json(text);
}

static void put(const struct moot_json *head, struct moot_election *e, const char *voter,
                const char *more, const char *fault)
{
    struct moot_error err = {0};
    struct moot_json *ballot = ballot_of(head, more);
    int rc = moot__votes_put(head, voter, ballot, e, &err);
    moot__json_free(ballot);
    if (fault == NULL && rc != MOOT_OK)
        fail_msg("%s of %s: %s", more, voter, err.message);
    if (fault != NULL && (rc != MOOT_EMALFORMED || strcmp(err.message, fault) != 0))
        fail_msg("%s of %s: %s instead of %s", more, voter, err.message, fault);
}

static void heads(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *candidates, *voters, *fault;
    } bad[] = {
        {"dictator", CANDIDATES, VOTERS, "its rule, quorum or threshold is none"},
        {"borda", "[]", VOTERS, "its candidates are not 1 to 26"},
        {"borda", "{}", VOTERS, "its candidates are not 1 to 26"},
        {"borda", "[{\"n\":2,\"hash\":\"a\"}]", VOTERS,
         "its candidates are not numbered 1, 2, … and hashed"},
        {"borda", "[{\"n\":1}]", VOTERS, "its candidates are not numbered 1, 2, … and hashed"},
        {"borda", CANDIDATES, "{}", "its voters are not a list of at most 64"},
        {"borda", CANDIDATES, "[{\"id\":\"ann\",\"weight\":0}]",
         "a voter stands there twice, or without an id or a weight"},
        {"borda", CANDIDATES, "[{\"id\":\"a\",\"weight\":1},{\"id\":\"a\",\"weight\":1}]",
         "a voter stands there twice, or without an id or a weight"},
    };
    struct moot_election e;
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        struct moot_error err = {0};
        struct moot_json *head = head_of(bad[i].rule, bad[i].candidates, bad[i].voters);
        assert_int_equal(moot__votes_election(head, &e, &err), MOOT_EMALFORMED);
        assert_string_equal(err.message, bad[i].fault);
        moot__json_free(head);
    }
    struct moot_json *head = head_of("borda", CANDIDATES, VOTERS);
    assert_int_equal(moot__votes_election(head, &e, NULL), MOOT_OK);
    assert_int_equal(e.candidates, 3);
    assert_int_equal(e.voters, 3);
    assert_int_equal(e.ballots[0].says[0], MOOT_MAY_NOT);
    assert_int_equal(e.ballots[1].weight, 2);
    moot__json_set_text(head, "set", "another");
    assert_int_equal(moot__votes_election(head, &e, NULL), MOOT_EMALFORMED);
    moot__json_free(head);
    assert_int_equal(moot__votes_election(NULL, &e, NULL), MOOT_EMALFORMED);
}

static void ballots_refused(void **state)
{
    (void)state;
    struct moot_election e;
    struct moot_json *head = head_of("borda", CANDIDATES, VOTERS);
    assert_int_equal(moot__votes_election(head, &e, NULL), MOOT_OK);
    put(head, &e, "dan", "\"rank\":[2]", "it is from nobody who votes here");
    put(head, &e, "ann", "\"rank\":[1,2]", "it names the voter's own");
    put(head, &e, "bob", "\"rank\":[2,2]", "it names a candidate twice");
    put(head, &e, "bob", "\"rank\":[4]", "it names what is no candidate");
    put(head, &e, "bob", "\"rank\":[\"2\"]", "it names what is no candidate");
    put(head, &e, "bob", "\"rank\":[0]", "it names what is no candidate");
    put(head, &e, "bob", "\"rank\":[3,2,1]", NULL);
    put(head, &e, "bob", "\"rank\":[3]", "it is a second one");
    struct moot_json *other = read_json("{\"round\":1,\"set\":\"x\",\"rank\":[2]}");
    assert_int_equal(moot__votes_put(head, "cat", other, &e, NULL), MOOT_EMALFORMED);
    moot__json_free(other);
    put(head, &e, "cat", "\"abstains\":true", NULL);
    assert_false(e.ballots[2].cast);
    /* What was refused left nothing behind. */
    assert_int_equal(e.ballots[0].says[1], 0);
    assert_int_equal(e.ballots[1].says[2], 1);
    moot__json_free(head);
    head = head_of("plurality", CANDIDATES, VOTERS);
    assert_int_equal(moot__votes_election(head, &e, NULL), MOOT_OK);
    put(head, &e, "bob", "\"approve\":[1,2]", "it names more than one");
    moot__json_free(head);
    head = head_of("median", CANDIDATES, VOTERS);
    assert_int_equal(moot__votes_election(head, &e, NULL), MOOT_OK);
    put(head, &e, "bob", "\"grades\":[{\"n\":1,\"grade\":11}]", "a grade is not 0 to 10");
    put(head, &e, "bob", "\"grades\":[{\"n\":1}]", "a grade is not 0 to 10");
    put(head, &e, "bob", "\"grades\":[{\"n\":1,\"grade\":10}]", NULL);
    assert_int_equal(e.ballots[1].says[0], 10);
    moot__json_free(head);
}

/* A whole decision from these ballots, as who decides makes it. */
static struct moot_json *decided(struct moot_election *e)
{
    struct moot_json *d = head_of("approval", CANDIDATES, VOTERS);
    struct moot_tally t;
    enum moot_vote_step step;
    int64_t winner = 1;
    assert_int_equal(moot__votes_election(d, e, NULL), MOOT_OK);
    put(d, e, "ann", "\"approve\":[2,3]", NULL);
    put(d, e, "bob", "\"approve\":[3,2]", NULL);
    put(d, e, "cat", "\"none\":true", NULL);
    moot__tally(e, &t);
    assert_int_equal(t.outcome, MOOT_VOTE_TIE);
    assert_int_equal(moot__votes_tell(e, &t, d), MOOT_OK);
    assert_int_equal(moot__votes_break(d, e, true, t.leads, &step), 1);
    while (!t.leads[winner - 1])
        winner++;
    moot__json_set_int(d, "winner", winner);
    moot__json_set_text(d, "step", moot__votes_step_text(step));
    moot__json_set_bool(d, "approved", true);
    return d;
}

static void decisions_are_checked(void **state)
{
    (void)state;
    struct moot_election e;
    static const struct {
        const char *key, *value;
    } lies[] = {
        {"shares", "[\"0/2\",\"3/4\",\"3/4\"]"},
        {"outcome", "\"consensus\""},
        {"cast", "2"},
        {"needed", "1"},
        {"winner", "1"},
        {"winner", "9"},
        {"step", "\"vote\""},
        {"approved", "false"},
        {"outcome", "\"unanimous\""},
    };
    struct moot_json *d = decided(&e);
    struct moot_error err = {0};
    if (moot__votes_check(d, &e, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < MOOT_COUNT(lies); i++) {
        struct moot_json *lie = moot__json_copy(d);
        moot__json_set(lie, lies[i].key, read_json(lies[i].value));
        if (moot__votes_check(lie, &e, &err) != MOOT_EMALFORMED)
            fail_msg("%s %s is believed", lies[i].key, lies[i].value);
        moot__json_free(lie);
    }
    /* The other of the two that are alike. */
    moot__json_set_int(d, "winner", 5 - moot__json_get_int(d, "winner", 0));
    assert_int_equal(moot__votes_check(d, &e, &err), MOOT_EMALFORMED);
    /* A chair may choose among equals, and among these alone. */
    moot__json_set_text(d, "step", "chair");
    assert_int_equal(moot__votes_check(d, &e, &err), MOOT_OK);
    moot__json_set_int(d, "winner", 1);
    assert_int_equal(moot__votes_check(d, &e, &err), MOOT_EMALFORMED);
    moot__json_free(d);
}

/* The draw depends on the seed and the candidates, not on where they stand. */
static void draws(void **state)
{
    (void)state;
    int other = 0;
    for (int64_t seed = 0; seed < 20; seed++) {
        struct moot_election e;
        enum moot_vote_step step;
        struct moot_json *a =
            head_of("approval", "[{\"n\":1,\"hash\":\"aa\"},{\"n\":2,\"hash\":\"bb\"}]", VOTERS);
        struct moot_json *b =
            head_of("approval", "[{\"n\":1,\"hash\":\"bb\"},{\"n\":2,\"hash\":\"aa\"}]", VOTERS);
        bool x[MOOT_CANDIDATES_MAX] = {true, true};
        bool y[MOOT_CANDIDATES_MAX] = {true, true};
        moot__json_set_int(a, "seed", seed);
        moot__json_set_int(b, "seed", seed);
        assert_int_equal(moot__votes_election(a, &e, NULL), MOOT_OK);
        assert_int_equal(moot__votes_break(a, &e, true, x, &step), 1);
        assert_int_equal(step, MOOT_STEP_SEED);
        assert_int_equal(moot__votes_break(b, &e, true, y, &step), 1);
        assert_true(x[0] == y[1] && x[1] == y[0]);
        other += x[0];
        moot__json_free(a);
        moot__json_free(b);
    }
    assert_in_range(other, 1, 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(ballots_refused),
        cmocka_unit_test(decisions_are_checked),
        cmocka_unit_test(draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
