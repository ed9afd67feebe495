/* A vote is counted again: what whoever holds all keys of a run could write instead of what was
 * voted, each with chain and signatures in order. */
#include "runtime/verify.h"

#include "runtime/votes.h"
#include "tests/lib/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static int make_file(void **state)
{
    (void)state;
    memcpy(path, "/tmp/moot-votes-XXXXXX", 23);
    int fd = mkstemp(path);
    return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return remove(path);
}

/* Two candidates; the analyst and the writer are for the second, the judge for none. */
struct vote {
    const char *round, *set, *seed; /* of the decision; NULL: as it should be */
    const char *analyst, *writer;   /* the ballots; "": none was cast */
    const char *writer_conv;        /* where the writer's stands */
    const char *outcome, *counted, *winner;
    bool twice;        /* the writer's a second time */
    const char *fault; /* what verify says */
};

#define CANDIDATES                                                                                 \
    "[{\"hash\":\"aa\",\"n\":1,\"sponsors\":[]},{\"hash\":\"bb\",\"n\":2,\"sponsors\":[]}]"
#define SECOND "\"approve\":[2]"

static void set_of(char out[MOOT_HEX_SIZE])
{
    struct moot_json *list = NULL;
    assert_int_equal(moot__json_parse(CANDIDATES, strlen(CANDIDATES), &list, NULL), MOOT_OK);
    moot__votes_set(list, out);
    moot__json_free(list);
}

static void add_ballot(struct proof *p, const char *conv, const char *from,
                       const struct moot_key *key, const char *says)
{
    char body[256], set[MOOT_HEX_SIZE];
    if (says[0] == '\0')
        return;
    set_of(set);
    snprintf(body, sizeof(body), "{%s,\"round\":1,\"set\":\"%s\"}", says, set);
    proof_add(p, proof_new(p, MOOT_BALLOT, conv, from), body, key);
}

static const char *either(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

static void add_decision(struct proof *p, const struct vote *v)
{
    char body[1024], set[MOOT_HEX_SIZE];
    set_of(set);
    snprintf(body, sizeof(body),
             "{\"approved\":true,\"candidates\":%s,\"cast\":3,\"counted\":%s,\"needed\":2,"
             "\"outcome\":\"%s\",\"quorum\":\"2/3\",\"round\":%s,\"rule\":\"approval\",\"seed\":%s,"
             "\"set\":\"%s\",\"shares\":[\"0/3\",\"2/3\"],\"step\":\"vote\",\"threshold\":\"1/2\","
             "\"voters\":[{\"id\":\"analyst\",\"weight\":1},{\"id\":\"judge\",\"weight\":1},"
             "{\"id\":\"writer\",\"weight\":1}],\"winner\":%s}",
             CANDIDATES, either(v->counted, "[\"analyst\",\"judge\",\"writer\"]"),
             either(v->outcome, "consensus"), either(v->round, "1"), either(v->seed, "7"),
             either(v->set, set), either(v->winner, "2"));
    proof_add(p, proof_new(p, MOOT_DECISION, "3", "judge"), body, p->judge);
}

static void play(const struct vote *v, struct moot_verify_result *r)
{
    static const struct moot_verify_options plain;
    struct proof p;
    struct proof_lines l;
    const char *conv = either(v->writer_conv, "3/vote1-writer");
    proof_init(&p, PROOF_RUN);
    proof_begin(&p);
    add_ballot(&p, "3/vote1-analyst", "analyst", p.analyst, either(v->analyst, SECOND));
    add_ballot(&p, "3/vote1-judge", "judge", p.judge, "\"none\":true");
    add_ballot(&p, conv, "writer", p.writer, either(v->writer, SECOND));
    if (v->twice)
        add_ballot(&p, conv, "writer", p.writer, SECOND);
    add_decision(&p, v);
    proof_commit(&p);
    proof_export(&p, &l);
    proof_write(&l, path);
    moot__verify_file(path, &plain, r);
    proof_lines_release(&l);
    proof_release(&p);
}

static const struct vote lies[] = {
    {.winner = "1", .fault = "its winner is another than the ballots say"},
    {.outcome = "tie", .fault = "its 'outcome' is not what its ballots come to: consensus"},
    {.outcome = "unanimous", .fault = "it says unanimous, and yet there was something to vote on"},
    {.analyst = "\"approve\":[1]",
     .fault = "its 'shares' is not what its ballots come to: no_majority"},
    {.analyst = "", .fault = "the ballot of analyst, which it counts, is not here"},
    {.counted = "[\"judge\",\"writer\"]", .fault = "the ballot of analyst is not counted"},
    {.counted = "[\"analyst\",\"judge\",\"writer\",\"dan\"]",
     .fault = "it counts a ballot of nobody who votes"},
    {.twice = true, .fault = "a second ballot of writer"},
    {.writer_conv = "3/vote1-analyst", .fault = "a ballot of writer stands where another votes"},
    {.writer = "\"approve\":[3]", .fault = "the ballot of writer: it names what is no candidate"},
    {.writer = "\"approve\":[2,2]", .fault = "the ballot of writer: it names a candidate twice"},
    {.round = "2", .fault = "the ballot of analyst, which it counts, is not here"},
    {.seed = "8", .fault = "its seed is not the run's"},
    {.set = "aa", .fault = "its set is not the hash of its candidates"},
};

static void lies_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(lies); i++) {
        struct moot_verify_result r;
        play(&lies[i], &r);
        if (strcmp(r.fault, "votes") != 0 || strstr(r.error.message, lies[i].fault) == NULL)
            fail_msg("%zu: %s (%s) instead of %s", i, r.error.message, r.fault, lies[i].fault);
        assert_int_equal(moot__verify_exit(r.status), 7);
    }
}

static void an_honest_one_is_counted(void **state)
{
    (void)state;
    static const struct vote honest;
    struct moot_verify_result r;
    play(&honest, &r);
    assert_string_equal(r.fault, "end"); /* it is not closed; all up to there is well */
    assert_int_equal(r.decisions, 1);
    assert_int_equal(r.ballots, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_honest_one_is_counted),
                                       cmocka_unit_test(lies_are_found)};
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
