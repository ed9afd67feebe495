/* How a task is agreed on, with everything below the manager real but the models: what is opened,
 * who is asked what, what is decided, and what comes of it. Where the order of answers is drawn,
 * the decision stays what it was. */
#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include "runtime/votes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AGENTS                                                                                     \
    "\"agents\":[{\"id\":\"ann\",\"role\":\"Owner\"},{\"id\":\"bob\",\"role\":\"Customer\"},"      \
    "{\"id\":\"cat\",\"role\":\"Sceptic\"}]"
#define CREW(tasks)                                                                                \
    "{\"item\":\"shop\",\"process\":\"consensual\"," AGENTS ",\"tasks\":[" tasks "]}"
#define AGREED(id, more, vote)                                                                     \
    "{\"id\":\"" id "\",\"agent\":\"manager\"" more ",\"vote\":{" vote "}}"
#define ASKED ",\"prompt\":\"Say {shop.text}\""
#define GIVEN(rule, more)                                                                          \
    AGREED("choose", ",\"uses\":[\"shop.list\"]",                                                  \
           "\"candidates\":\"shop.list\",\"rule\":\"" rule "\"" more)
#define LIST                                                                                       \
    "{\"name\":\"x\",\"list\":[{\"name\":\"red\"},{\"name\":\"green\"},{\"name\":\"blue\"}]}"
#define TEXT "{\"name\":\"x\",\"text\":\"hello\"}"

static struct moot_crew_def *crew;
static struct mini_host *host;

static void play(const char *text, const char *input, const struct mini_answer *answers,
                 unsigned seed)
{
    crew = pure_crew_make(text);
    host = mini_host_new(crew, answers, seed);
    mini_host_item(host, input);
}

static void over(void)
{
    mini_host_free(host);
    pure_crew_free(crew);
}

static const struct moot_json *decision(const char *conv)
{
    const struct moot_message *m = mini_host_last(host, conv, MOOT_DECISION);
    if (m == NULL)
        fail_msg("nothing was decided\n%s", mini_host_trace(host));
    return moot_message_json(m);
}

static void is_text(const struct moot_json *j, const char *key, const char *want)
{
    const char *got = moot__json_get_text(j, key, "");
    if (strcmp(got, want) != 0)
        fail_msg("%s is %s instead of %s\n%s", key, got, want, mini_host_trace(host));
}

/* The title of the winner; "": there is none. */
static const char *winner(const struct moot_json *d)
{
    int64_t n = moot__json_get_int(d, "winner", 0);
    const struct moot_json *list = moot__json_get(d, "candidates");
    return n == 0 ? "" : moot__json_get_text(moot__json_at(list, (size_t)n - 1), "title", "?");
}

static void ended(const char *outcome, const char *result)
{
    const struct moot_json *end = mini_host_end(host, "3");
    is_text(end, "outcome", outcome);
    const struct moot_json *r = moot__json_get(end, "result");
    const char *got = moot__json_get_text(r, "text", moot__json_get_text(r, "json", ""));
    if (strcmp(got, result) != 0)
        fail_msg("it came to '%s' instead of '%s'\n%s", got, result, mini_host_trace(host));
}

/* The label under which somebody was shown what has this text. */
static const char *label_of(const char *conv, const char *agent, const char *text)
{
    static char label[2];
    const char *history = mini_host_history(host, conv, agent);
    const char *at = strstr(history, text);
    if (at == NULL)
        fail_msg("%s in %s is not shown '%s'\n%s", agent, conv, text, history);
    while (at > history && strncmp(at, "<candidate ", 11) != 0)
        at--;
    label[0] = at[11];
    return label;
}

/* Nobody knows before how a paper is labelled, so ballots are read back from a first play: each
 * names what has the text under the label that its voter was shown. */
struct voter {
    const char *conv, *agent;
    const char *names[4];
};

static const char *const forms[] = {"approve", "rank"};

static void ballot(char *out, size_t size, const char *form, const struct voter *v)
{
    size_t len = (size_t)snprintf(out, size, "{\"%s\":[", form);
    for (size_t i = 0; i < MOOT_COUNT(v->names) && v->names[i] != NULL; i++)
        len += (size_t)snprintf(out + len, size - len, "%s\"%s\"", i > 0 ? "," : "",
                                label_of(v->conv, v->agent, v->names[i]));
    snprintf(out + len, size - len, "],\"none\":%s,\"confidence\":70,\"reason\":\"%s's reason\"}",
             v->names[0] == NULL ? "true" : "false", v->agent);
}

/* Plays once with abstentions to see the papers, then with those ballots, in three orders. */
static void vote(const char *text, const char *input, const char *form, const struct voter *voters,
                 size_t count, const struct mini_answer *others, void (*look)(void))
{
    static char bodies[8][256];
    struct mini_answer answers[16] = {{0}};
    size_t n = 0;
    for (size_t i = 0; others != NULL && others[i].body != NULL; i++)
        answers[n++] = others[i];
    size_t first = n;
    answers[n] = (struct mini_answer){.body = "no ballot", .times = -1};
    play(text, input, answers, 0);
    for (size_t i = 0; i < count; i++)
        ballot(bodies[i], sizeof(bodies[i]), form, &voters[i]);
    over();
    for (size_t i = 0; i < count; i++)
        answers[first + i] = (struct mini_answer){
            .who = voters[i].agent, .conv = voters[i].conv + 2, .body = bodies[i]};
    answers[first + count] = (struct mini_answer){.body = "no ballot", .times = -1};
    for (unsigned seed = 0; seed < 3; seed++) {
        play(text, input, answers, seed);
        look();
        over();
    }
}

#define V(task, who) "3/" task "#1/vote1-" who, who

/* ---- given candidates ---- */

static void look_borda(void)
{
    const struct moot_json *d = decision("3/choose#1");
    is_text(d, "outcome", "consensus");
    is_text(d, "step", "vote");
    assert_string_equal(winner(d), "green");
    assert_true(moot__json_get_bool(d, "approved", false));
    const struct moot_json *dissent = moot__json_get(d, "dissent");
    assert_int_equal(moot__json_count(dissent), 1);
    is_text(moot__json_first(dissent), "from", "ann");
    is_text(moot__json_first(dissent), "reason", "ann's reason");
    ended("done", "{\"name\":\"green\"}");
}

static void given_by_borda(void **state)
{
    (void)state;
    static const struct voter voters[] = {
        {V("choose", "ann"), {"red", "green", "blue"}},
        {V("choose", "bob"), {"green", "blue", "red"}},
        {V("choose", "cat"), {"green", "red", "blue"}},
    };
    vote(CREW(GIVEN("borda", "")), LIST, forms[1], voters, 3, NULL, look_borda);
}

static void look_recounted(void)
{
    const struct moot_json *d = decision("3/choose#1");
    static const char *const voters[] = {"ann", "bob", "cat"};
    struct moot_election e;
    assert_int_equal(moot__votes_election(d, &e, NULL), MOOT_OK);
    for (size_t i = 0; i < 3; i++) {
        char conv[64];
        snprintf(conv, sizeof(conv), "3/choose#1/vote1-%s", voters[i]);
        const struct moot_message *m = mini_host_last(host, conv, MOOT_BALLOT);
        assert_non_null(m);
        assert_string_equal(moot_message_from(m), voters[i]);
        assert_int_equal(moot__votes_put(d, voters[i], moot_message_json(m), &e, NULL), MOOT_OK);
    }
    assert_int_equal(moot__votes_check(d, &e, NULL), MOOT_OK);
}

/* A ballot is a message of its voter's; whoever reads them comes to the same. */
static void anybody_can_count(void **state)
{
    (void)state;
    static const struct voter voters[] = {
        {V("choose", "ann"), {"red", "green", "blue"}},
        {V("choose", "bob"), {"green", "blue", "red"}},
        {V("choose", "cat"), {"blue", "red", "green"}},
    };
    vote(CREW(GIVEN("condorcet", ",\"max_rounds\":1")), LIST, forms[1], voters, 3, NULL,
         look_recounted);
}

static void look_tie(void)
{
    const struct moot_json *d = decision("3/choose#1");
    is_text(d, "outcome", "tie");
    is_text(d, "step", "seed");
    assert_true(moot__json_get_bool(d, "approved", false));
    assert_string_not_equal(winner(d), "blue");
}

static void equals_are_drawn(void **state)
{
    (void)state;
    static const struct voter voters[] = {
        {V("choose", "ann"), {"red", "green"}},
        {V("choose", "bob"), {"green", "red"}},
        {V("choose", "cat"), {"red", "green", "blue"}},
    };
    vote(CREW(GIVEN("approval", "")), LIST, forms[0], voters, 3, NULL, look_tie);
}

static void all_abstain(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {{.body = "hm", .times = -1}, {0}};
    play(CREW(GIVEN("approval", ",\"critique\":\"never\"")), LIST, answers, 0);
    const struct moot_json *d = decision("3/choose#1");
    is_text(d, "outcome", "no_quorum");
    is_text(d, "step", "seed");
    assert_int_equal(moot__json_get_int(d, "round", 0), 2);
    assert_false(moot__json_get_bool(d, "approved", true));
    assert_true(moot__json_get_bool(mini_host_end(host, "3"), "unapproved", false));
    over();
}

static void it_may_fail(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.body = "{\"approve\":[],\"none\":true,\"reason\":\"no\"}", .times = -1}, {0}};
    play(CREW(GIVEN("approval", ",\"max_rounds\":1,\"on_no_consensus\":\"fail\"")), LIST, answers,
         0);
    is_text(decision("3/choose#1"), "outcome", "all_rejected");
    is_text(mini_host_end(host, "3"), "outcome", "failed");
    is_text(mini_host_end(host, "3"), "detail", "choose: no consensus after 1 round: all_rejected");
    over();
}

static void the_chair_chooses(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.conv = "chair1", .body = "{\"choice\":\"Candidate b\",\"reason\":\"it is calm\"}"},
        {.body = "{\"approve\":[],\"none\":true,\"reason\":\"no\"}", .times = -1},
        {0}};
    play(CREW(GIVEN("approval",
                    ",\"max_rounds\":1,\"on_no_consensus\":\"chair\",\"chair\":\"cat\"")),
         LIST, answers, 0);
    const struct moot_json *d = decision("3/choose#1");
    is_text(d, "step", "chair");
    is_text(d, "because", "it is calm");
    assert_true(moot__json_get_bool(d, "approved", false));
    assert_string_equal(label_of("3/choose#1/chair1", "cat", winner(d)), "B");
    over();
}

static void a_person_chooses(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"the second\"}"},
        {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"2\"}"},
        {.body = "{\"approve\":[],\"none\":true,\"reason\":\"no\"}", .times = -1},
        {0}};
    play(CREW(GIVEN("approval", ",\"max_rounds\":1,\"on_no_consensus\":\"ask\"")), LIST, answers,
         0);
    is_text(decision("3/choose#1"), "step", "ask");
    ended("done", "{\"name\":\"green\"}");
    assert_int_equal(mini_host_count(host, MOOT_QUESTION), 2);
    over();
}

static void nothing_to_vote_on(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {{0}};
    play(CREW(GIVEN("approval", "")), "{\"list\":[]}", answers, 0);
    is_text(mini_host_end(host, "3"), "detail",
            "choose: shop.list is no list with something to vote on");
    over();
    play(CREW(GIVEN("approval", "")), "{\"list\":[\"one\"]}", answers, 0);
    is_text(decision("3/choose#1"), "outcome", "unanimous");
    ended("done", "one");
    over();
}

/* ---- proposals ---- */

#define PROPOSED                                                                                   \
    {.who = "ann", .conv = "a#1", .body = "a long red answer"},                                    \
        {.who = "bob", .conv = "a#2", .body = "a long green answer"},                              \
    {                                                                                              \
        .who = "cat", .conv = "a#3", .body = "a long blue answer"                                  \
    }

static void look_proposals(void)
{
    const struct moot_json *d = decision("3/a#1");
    is_text(d, "outcome", "consensus");
    assert_string_equal(winner(d), "a long green answer");
    ended("done", "a long green answer");
    /* Nobody is shown its own, nor whose another is. */
    assert_null(strstr(mini_host_history(host, "3/a#1/vote1-ann", "ann"), "a long red"));
    assert_null(strstr(mini_host_history(host, "3/a#1/vote1-ann", "ann"), "bob"));
}

static void proposals_are_voted_on(void **state)
{
    (void)state;
    static const struct mini_answer others[] = {PROPOSED, {0}};
    static const struct voter voters[] = {
        {V("a", "ann"), {"green"}}, {V("a", "bob"), {"blue"}}, {V("a", "cat"), {"green"}}};
    vote(CREW(AGREED("a", ASKED, "\"decide\":\"answer\"")), TEXT, forms[0], voters, 3, others,
         look_proposals);
}

static void equal_ones_need_no_vote(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.who = "bob", .body = "{\"status\":\"error\"}"}, {.body = " 42\n", .times = -1}, {0}};
    play(CREW(AGREED("a", ASKED, "\"decide\":\"answer\"")), TEXT, answers, 0);
    is_text(decision("3/a#1"), "outcome", "unanimous");
    assert_int_equal(mini_host_count(host, MOOT_BALLOT), 0);
    const struct moot_json *c = moot__json_first(moot__json_get(decision("3/a#1"), "candidates"));
    assert_int_equal(moot__json_count(moot__json_get(c, "sponsors")), 2);
    over();
}

static void nobody_proposes(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.body = "{\"status\":\"error\",\"detail\":\"down\"}", .times = -1}, {0}};
    play(CREW(AGREED("a", ASKED, "\"decide\":\"answer\"")), TEXT, answers, 0);
    is_text(mini_host_end(host, "3"), "outcome", "failed");
    assert_non_null(strstr(moot__json_get_text(mini_host_end(host, "3"), "detail", ""),
                           "nobody proposed anything\nann: "));
    over();
}

/* Round 2: the better half is criticised, mended by whose it is, and voted on again. */
static void another_round(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        PROPOSED,
        {.conv = "vote1-ann", .body = "{\"approve\":[\"A\",\"B\"],\"none\":false,\"reason\":\"\"}"},
        {.conv = "vote1-bob", .body = "{\"approve\":[],\"none\":true,\"reason\":\"\"}"},
        {.conv = "vote1-cat", .body = "{\"approve\":[],\"none\":true,\"reason\":\"\"}"},
        {.conv = "critique2-ann",
         .body = "{\"defects\":[{\"label\":\"A\",\"what\":\"too long\",\"quote\":\"a long\","
                 "\"criterion\":\"\",\"severity\":\"high\"},{\"label\":\"A\",\"what\":\"made up\","
                 "\"quote\":\"never said\",\"criterion\":\"\",\"severity\":\"high\"}]}"},
        {.conv = "critique2-bob", .body = "{\"defects\":[]}"},
        {.conv = "critique2-cat", .body = "{\"defects\":[]}"},
        {.conv = "a#4", .body = "a short green answer"},
        {.conv = "a#5", .body = "a short blue answer"},
        {.body = "{\"approve\":[\"A\"],\"none\":false,\"reason\":\"better\"}", .times = -1},
        {0}};
    play(CREW(AGREED("a", ASKED, "\"decide\":\"answer\"")), TEXT, answers, 0);
    const struct moot_json *d = decision("3/a#1");
    assert_int_equal(moot__json_get_int(d, "round", 0), 2);
    assert_non_null(strstr(winner(d), "a short"));
    const char *mended = mini_host_history(host, "3/a#1/a#4", "bob");
    const char *other = mini_host_history(host, "3/a#1/a#5", "cat");
    assert_true((strstr(mended, "too long") != NULL) != (strstr(other, "too long") != NULL));
    assert_null(strstr(mended, "made up"));
    assert_null(strstr(other, "made up"));
    over();
}

/* ---- a plan ---- */

#define ITEM(id, who, needs)                                                                       \
    "{\"id\":\"" id "\",\"agent\":\"" who "\",\"prompt\":\"do " id "\",\"needs\":[" needs          \
    "],\"criteria\":[\"good\"]}"
#define PLAN(items) "{\"items\":[" items "]}"

static const struct mini_answer plans[] = {
    {.conv = "plan1-ann", .body = PLAN(ITEM("all", "ann", ""))},
    {.conv = "plan1-bob",
     .body = PLAN(ITEM("text", "ann", "") "," ITEM("price", "bob", "") "," ITEM(
         "page", "cat", "\"text\",\"price\""))},
    {.conv = "plan1-cat", .body = PLAN(ITEM("one", "dan", ""))},
    {.conv = "plan1-cat", .body = PLAN(ITEM("one", "dan", ""))},
    {.conv = "plan1-cat", .body = PLAN(ITEM("one", "dan", ""))},
    {.conv = "w1", .body = "the text"},
    {.conv = "w2", .body = "the price"},
    {.conv = "w3", .body = "the page"},
    {0}};

static void look_plan(void)
{
    const struct moot_json *d = decision("3/a#1");
    assert_string_equal(winner(d), "text (ann), price (bob), page (cat)");
    /* One that names nobody there is refused before the vote. */
    assert_int_equal(moot__json_count(moot__json_get(d, "candidates")), 2);
    assert_non_null(strstr(mini_host_history(host, "3/a#1/plan1-cat", "cat"),
                           "is given to 'dan'; there are ann, bob, cat"));
    const char *page = mini_host_history(host, "3/a#1/w3", "cat");
    assert_non_null(strstr(page, "<text>\nthe text\n</text>"));
    assert_non_null(strstr(page, "<price>\nthe price\n</price>"));
    ended("done", "the page");
}

static void a_plan_is_carried_out(void **state)
{
    (void)state;
    static const struct voter voters[] = {
        {V("a", "ann"), {"do price"}}, {V("a", "bob"), {NULL}}, {V("a", "cat"), {"do price"}}};
    vote(CREW(AGREED("a", ASKED, "\"decide\":\"plan\"")), TEXT, forms[0], voters, 3, plans,
         look_plan);
}

static void an_item_of_it_fails(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.conv = "plan1-ann", .body = PLAN(ITEM("x", "ann", "") "," ITEM("y", "bob", ""))},
        {.conv = "w1", .body = "{\"status\":\"error\",\"detail\":\"down\"}"},
        {.body = "y", .times = -1},
        {0}};
    play(CREW(AGREED("a", ASKED, "\"decide\":\"plan\",\"proposers\":[\"ann\"]")), TEXT, answers, 0);
    is_text(mini_host_end(host, "3"), "outcome", "failed");
    assert_non_null(
        strstr(moot__json_get_text(mini_host_end(host, "3"), "detail", ""), "x of the plan"));
    is_text(mini_host_end(host, "3/a#1/w2"), "outcome", "cancelled");
    over();
}

/* ---- who does it; whether it may go ahead ---- */

static void look_handler(void)
{
    const struct moot_json *d = decision("3/a#1");
    assert_string_equal(winner(d), "bob");
    ended("done", "bob did it");
}

static void who_does_it(void **state)
{
    (void)state;
    static const struct mini_answer others[] = {{.who = "bob", .conv = "a#1", .body = "bob did it"},
                                                {.who = "ann", .conv = "a#1", .body = "ann did it"},
                                                {.who = "cat", .conv = "a#1", .body = "cat did it"},
                                                {0}};
    static const struct voter voters[] = {
        {V("a", "ann"), {"bob"}}, {V("a", "bob"), {"ann"}}, {V("a", "cat"), {"bob"}}};
    vote(CREW(AGREED("a", ASKED, "\"decide\":\"handler\"")), TEXT, forms[0], voters, 3, others,
         look_handler);
}

#define CONSENT "{\"objections\":[],\"confidence\":90,\"reason\":\"fine\"}"

static void a_quoted_objection_blocks(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.who = "ann", .conv = "a#1", .body = "we sell your data"},
        {.conv = "vote1-bob", .body = CONSENT},
        {.conv = "vote1-cat",
         .body = "{\"objections\":[{\"what\":\"unlawful\",\"quote\":\"sell your data\","
                 "\"severity\":\"high\"}],\"confidence\":99,\"reason\":\"no\"}"},
        {.who = "ann", .conv = "a#2", .body = "we keep your data safe"},
        {.conv = "vote2-bob", .body = CONSENT},
        {.conv = "vote2-cat",
         .body = "{\"objections\":[{\"what\":\"dull\",\"quote\":\"not in it\","
                 "\"severity\":\"high\"}],\"confidence\":9,\"reason\":\"well\"}"},
        {0}};
    play(CREW(AGREED("a", ASKED, "\"decide\":\"gate\"")), TEXT, answers, 0);
    assert_non_null(strstr(mini_host_history(host, "3/a#1/a#2", "ann"), "unlawful"));
    const struct moot_json *d = decision("3/a#1");
    assert_int_equal(moot__json_get_int(d, "round", 0), 2);
    is_text(d, "outcome", "consensus");
    ended("done", "we keep your data safe");
    over();
}

/* ---- early stop ---- */

static int cancelled;

static void look_early(void)
{
    const struct moot_json *d = decision("3/choose#1");
    is_text(d, "outcome", "consensus");
    assert_string_equal(winner(d), "red");
    const struct moot_json *end = mini_host_end(host, "3/choose#1/vote1-cat");
    if (strcmp(moot__json_get_text(end, "outcome", ""), "cancelled") != 0)
        return;
    cancelled++;
    assert_int_equal(moot__json_count(moot__json_get(d, "counted")), 2);
}

/* Two of three are for the same: whatever the third says, it stays so. */
static void who_changes_nothing_is_not_waited_for(void **state)
{
    (void)state;
    static const struct voter voters[] = {{V("choose", "ann"), {"red"}},
                                          {V("choose", "bob"), {"red"}}};
    vote(CREW(GIVEN("approval", "")), LIST, forms[0], voters, 2, NULL, look_early);
    assert_in_range(cancelled, 1, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_by_borda),
        cmocka_unit_test(anybody_can_count),
        cmocka_unit_test(equals_are_drawn),
        cmocka_unit_test(all_abstain),
        cmocka_unit_test(it_may_fail),
        cmocka_unit_test(the_chair_chooses),
        cmocka_unit_test(a_person_chooses),
        cmocka_unit_test(nothing_to_vote_on),
        cmocka_unit_test(proposals_are_voted_on),
        cmocka_unit_test(equal_ones_need_no_vote),
        cmocka_unit_test(nobody_proposes),
        cmocka_unit_test(another_round),
        cmocka_unit_test(a_plan_is_carried_out),
        cmocka_unit_test(an_item_of_it_fails),
        cmocka_unit_test(who_does_it),
        cmocka_unit_test(a_quoted_objection_blocks),
        cmocka_unit_test(who_changes_nothing_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
