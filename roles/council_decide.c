/* What the ballots come to: a decision, another round, or somebody who decides. */
#include "agents/errand.h"
#include "roles/council.h"
#include "runtime/decimal.h"

enum { QUESTIONS_MAX = 3 }; /* to a person whose answer names none of them */

static const struct moot_vote_def *settings(const struct moot_council *c)
{
    return c->task->vote;
}

static bool is_gate(const struct moot_council *c)
{
    return settings(c)->decide == MOOT_DECIDE_GATE;
}

/* ---- the head ---- */

/* Without their values: those stand where they were proposed. */
static int add_candidates(const struct moot_council *c, struct moot_json *head)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m)) {
        struct moot_json *copy = moot__json_copy(m);
        moot__json_free(moot__json_take(copy, "value"));
        rc = moot__json_add(list, copy);
    }
    if (rc == MOOT_OK)
        return moot__json_set(head, "candidates", list);
    moot__json_free(list);
    return rc;
}

/* Whether there is something that is not its own for it to vote on. */
static bool may_vote(const struct moot_council *c, const char *who)
{
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL; m = moot__json_next(m)) {
        bool own = false;
        const struct moot_json *s = moot__json_first(moot__json_get(m, "sponsors"));
        for (; s != NULL; s = moot__json_next(s))
            own = own || strcmp(moot__json_text(s) != NULL ? moot__json_text(s) : "", who) == 0;
        if (!own)
            return true;
    }
    return false;
}

static int add_voters(const struct moot_council *c, bool voted, struct moot_json *head)
{
    int rc = moot__json_set(head, "voters", moot__json_new(MOOT_JSON_ARRAY));
    struct moot_json *list = moot__json_edit(head, "voters");
    for (size_t i = 0; voted && settings(c)->voters[i] != NULL && rc == MOOT_OK; i++) {
        if (!may_vote(c, settings(c)->voters[i]))
            continue;
        struct moot_json *v = moot__json_new(MOOT_JSON_OBJECT);
        rc = v == NULL ? MOOT_ENOMEM : moot__json_set_text(v, "id", settings(c)->voters[i]);
        if (rc == MOOT_OK)
            rc = moot__json_set_int(v, "weight", settings(c)->weights[i]);
        if (rc == MOOT_OK)
            rc = moot__json_add(list, v);
        else
            moot__json_free(v);
    }
    return rc;
}

struct moot_json *moot__council_head(const struct moot_council *c, bool voted)
{
    struct moot_json *head = moot__json_new(MOOT_JSON_OBJECT);
    char set[MOOT_HEX_SIZE];
    int rc = head == NULL ? MOOT_ENOMEM : moot__json_set_int(head, "round", c->round);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(head, "rule", moot__vote_rule_text(settings(c)->rule));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(head, "quorum", settings(c)->quorum);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(head, "threshold", settings(c)->threshold);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(head, "seed", c->seed);
    if (rc == MOOT_OK)
        rc = add_candidates(c, head);
    if (rc == MOOT_OK)
        rc = add_voters(c, voted, head);
    moot__votes_set(moot__json_get(head, "candidates"), set);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(head, "set", set);
    if (rc == MOOT_OK)
        return head;
    moot__json_free(head);
    return NULL;
}

int moot__council_election(const struct moot_council *c, struct moot_election *e)
{
    int rc = moot__votes_election(c->decision, e, NULL);
    const struct moot_json *b = moot__json_first(c->ballots);
    for (; b != NULL && rc == MOOT_OK; b = moot__json_next(b))
        moot__votes_put(c->decision, moot__json_key(b), b, e, NULL);
    return rc;
}

/* ---- the decision is said ---- */

/* Whether a ballot is for that candidate: it names it, puts it first, or gives none more. */
static bool is_for(const struct moot_election *e, const struct moot_ballot *b, size_t winner)
{
    int said = b->says[winner];
    bool ranks = strcmp(moot__votes_member(e->rule), "rank") == 0;
    if (b->none || said == MOOT_MAY_NOT)
        return said == MOOT_MAY_NOT;
    for (size_t i = 0; i < e->candidates && !ranks; i++)
        if (b->says[i] > said && e->rule == MOOT_VOTE_MEDIAN)
            return false;
    return ranks ? said == 1 : said > 0;
}

/* Who was counted, and, once there is a winner, why some were not for it. */
static int add_voices(const struct moot_council *c, const struct moot_election *e, int64_t winner,
                      struct moot_json *decision)
{
    int rc = moot__json_set(decision, "counted", moot__json_new(MOOT_JSON_ARRAY));
    if (rc == MOOT_OK)
        rc = moot__json_set(decision, "dissent", moot__json_new(MOOT_JSON_ARRAY));
    size_t at = 0;
    const struct moot_json *v = moot__json_first(moot__json_get(decision, "voters"));
    for (; v != NULL && rc == MOOT_OK; v = moot__json_next(v), at++) {
        const char *id = moot__json_get_text(v, "id", "");
        const struct moot_ballot *b = &e->ballots[at];
        if (!b->cast)
            continue;
        rc = moot__json_add(moot__json_edit(decision, "counted"), moot__json_new_text(id));
        if (rc != MOOT_OK || winner < 1 || is_for(e, b, (size_t)winner - 1))
            continue;
        struct moot_json *d = moot__json_new(MOOT_JSON_OBJECT);
        const struct moot_json *ballot = moot__json_get(c->ballots, id);
        rc = d == NULL ? MOOT_ENOMEM : moot__json_set_text(d, "from", id);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(d, "reason", moot__json_get_text(ballot, "reason", ""));
        if (rc == MOOT_OK)
            rc = moot__json_add(moot__json_edit(decision, "dissent"), d);
        else
            moot__json_free(d);
    }
    return rc;
}

/* `winner` from 1; 0: nobody yet. */
static int say_decision(struct moot_me *me, struct moot_council *c, int64_t winner,
                        const char *step, bool approved)
{
    struct moot_election e;
    int rc = moot__council_election(c, &e);
    if (rc == MOOT_OK)
        rc = add_voices(c, &e, winner, c->decision);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(c->decision, "step", step);
    if (rc == MOOT_OK)
        rc = moot__json_set_bool(c->decision, "approved", approved);
    if (rc == MOOT_OK && winner > 0)
        rc = moot__json_set_int(c->decision, "winner", winner);
    struct moot_json *said = rc == MOOT_OK ? moot__json_copy(c->decision) : NULL;
    if (said == NULL)
        return rc != MOOT_OK ? rc : MOOT_ENOMEM;
    moot__say(me, MOOT_DECISION, NULL, said);
    return me->fx->status;
}

static int decide(struct moot_me *me, struct moot_council *c, int64_t winner, const char *step,
                  bool approved)
{
    const struct moot_json *won = moot__json_at(c->candidates, (size_t)winner - 1);
    int rc = say_decision(me, c, winner, step, approved);
    if (rc != MOOT_OK)
        return rc;
    c->unapproved = c->unapproved || !approved;
    moot__json_free(c->result);
    c->result = moot__json_copy(moot__json_get(won, "value"));
    return c->result == NULL ? MOOT_ENOMEM : moot__council_carry_out(me, c);
}

int moot__council_unanimous(struct moot_me *me, struct moot_council *c)
{
    moot__json_free(c->decision);
    c->decision = moot__council_head(c, false);
    if (c->decision == NULL || moot__json_set_text(c->decision, "outcome", "unanimous") != MOOT_OK)
        return MOOT_ENOMEM;
    return decide(me, c, 1, "unanimous", true);
}

/* ---- somebody decides ---- */

/* By the ballots as far as they go, then by the seed. */
static int decide_by_seed(struct moot_me *me, struct moot_council *c)
{
    struct moot_election e;
    struct moot_tally t;
    enum moot_vote_step step;
    int rc = moot__council_election(c, &e);
    if (rc != MOOT_OK)
        return rc;
    moot__tally(&e, &t);
    moot__votes_break(c->decision, &e, true, t.leads, &step);
    int64_t winner = 1;
    while (!t.leads[winner - 1])
        winner++;
    return decide(me, c, winner, moot__votes_step_text(step), t.outcome == MOOT_VOTE_TIE);
}

static int ask_chair(struct moot_me *me, struct moot_council *c, const bool marked[])
{
    struct moot_json *input = moot__council_question(c);
    struct moot_json *paper = moot__council_paper(c, me->conv, NULL, marked);
    char path[32];
    if (input == NULL || paper == NULL) {
        moot__json_free(input);
        moot__json_free(paper);
        return MOOT_ENOMEM;
    }
    int rc = moot__json_set(input, "candidates", paper);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        return rc;
    }
    c->phase = MOOT_COUNCIL_CHAIR;
    snprintf(path, sizeof(path), "chair%lld", (long long)c->round);
    return moot__council_send(me, c, path, settings(c)->chair, -1, "choice", input);
}

int moot__council_on_choice(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *body)
{
    struct moot_json *choice = NULL;
    int rc = moot__council_result(body, &choice);
    int64_t n = moot__json_get_int(choice, "n", 0);
    if (rc == MOOT_OK && n > 0)
        rc = moot__json_set_text(c->decision, "because", moot__json_get_text(choice, "reason", ""));
    moot__json_free(choice);
    if (rc != MOOT_OK)
        return rc;
    return n > 0 ? decide(me, c, n, "chair", true) : decide_by_seed(me, c);
}

static int ask_person(struct moot_me *me, struct moot_council *c, const bool marked[],
                      const char *note)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf words;
    int64_t n = 1;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "The vote on %s has not decided (%s). Which one?%s%s", c->task->id,
                   moot__json_get_text(c->decision, "outcome", ""), note != NULL ? "\n" : "",
                   note != NULL ? note : "");
    int rc = body == NULL ? MOOT_ENOMEM
                          : moot__json_set(body, "choices", moot__json_new(MOOT_JSON_ARRAY));
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m), n++) {
        char choice[16];
        if (marked != NULL && !marked[n - 1])
            continue;
        snprintf(choice, sizeof(choice), "%lld", (long long)n);
        moot__buf_addf(&words, "\n%s  %s", choice, moot__json_get_text(m, "title", ""));
        rc = moot__json_add(moot__json_edit(body, "choices"), moot__json_new_text(choice));
    }
    if (rc == MOOT_OK)
        rc = words.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "text", moot__buf_text(&words));
    moot__buf_release(&words);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    c->phase = MOOT_COUNCIL_PERSON;
    c->asked++;
    c->question = moot__ask(me, NULL, body);
    return me->fx->status;
}

/* The candidate that a person names by its number or its title; 0: none. */
static int64_t named(const struct moot_council *c, const char *said)
{
    char digits[MOOT_INT_TEXT];
    int64_t n = 0;
    said += strspn(said, " \t\r\n");
    size_t len = strspn(said, "0123456789");
    bool whole =
        len > 0 && len < sizeof(digits) && said[len + strspn(said + len, " \t\r\n.")] == '\0';
    snprintf(digits, sizeof(digits), "%.*s", (int)len, said);
    if (whole && moot__int_parse(digits, &n) && n >= 1 &&
        n <= (int64_t)moot__json_count(c->candidates))
        return n;
    int64_t at = 1;
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL; m = moot__json_next(m), at++)
        if (strcmp(moot__json_get_text(m, "title", ""), said) == 0)
            return at;
    return 0;
}

int moot__council_on_answer(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *body)
{
    const char *status = moot__json_get_text(body, "status", "ok");
    int64_t n = named(c, moot__json_get_text(body, "text", ""));
    if (n == 0)
        n = named(c, moot__json_get_text(body, "decision", ""));
    if (n > 0)
        return decide(me, c, n, "ask", true);
    if (strcmp(status, "ok") == 0 && c->asked < QUESTIONS_MAX)
        return ask_person(me, c, NULL, "Say its number.");
    return decide_by_seed(me, c);
}

/* ---- the count ---- */

static int no_consensus(struct moot_me *me, struct moot_council *c)
{
    struct moot_buf detail;
    int rc = say_decision(me, c, 0, "fail", false);
    if (rc != MOOT_OK)
        return rc;
    moot__buf_init(&detail, MOOT_MAX_BODY);
    moot__buf_addf(&detail, "no consensus after %lld %s: %s", (long long)c->round,
                   c->round == 1 ? "round" : "rounds",
                   moot__json_get_text(c->decision, "outcome", ""));
    rc = detail.status;
    if (rc == MOOT_OK)
        rc = moot__council_failed(me, c, "failed", moot__buf_text(&detail));
    moot__buf_release(&detail);
    return rc;
}

/* `marked`: those who are alike; NULL: there is no consensus, and all are to choose from. */
static int let_decide(struct moot_me *me, struct moot_council *c, enum moot_decider who,
                      const bool marked[])
{
    switch (who) {
    case MOOT_DECIDER_CHAIR:
        return ask_chair(me, c, marked);
    case MOOT_DECIDER_ASK:
        return ask_person(me, c, marked, NULL);
    case MOOT_DECIDER_FAIL:
        return no_consensus(me, c);
    case MOOT_DECIDER_SEED:
        break;
    }
    return decide_by_seed(me, c);
}

static int on_tie(struct moot_me *me, struct moot_council *c, const struct moot_election *e,
                  struct moot_tally *t)
{
    enum moot_vote_step step;
    if (settings(c)->tie_break == MOOT_DECIDER_SEED ||
        moot__votes_break(c->decision, e, false, t->leads, &step) == 1)
        return decide_by_seed(me, c);
    return let_decide(me, c, settings(c)->tie_break, t->leads);
}

/* ---- another round ---- */

/* Of those, best first; what one is known by from round to round is whose it is, or its hash. */
static struct moot_json *order_of(const struct moot_council *c, const struct moot_tally *t,
                                  size_t most)
{
    size_t count = moot__json_count(c->candidates);
    bool taken[MOOT_CANDIDATES_MAX] = {false};
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (size_t i = 0; i < most && i < count && rc == MOOT_OK; i++) {
        size_t best = count;
        for (size_t k = 0; k < count; k++)
            if (!taken[k] &&
                (best == count || moot__share_compare(t->shares[k], t->shares[best]) > 0))
                best = k;
        taken[best] = true;
        const struct moot_json *won = moot__json_at(c->candidates, best);
        const char *whose = moot__json_text(moot__json_first(moot__json_get(won, "sponsors")));
        rc = moot__json_add(
            list,
            moot__json_new_text(whose != NULL ? whose : moot__json_get_text(won, "hash", "")));
    }
    if (rc == MOOT_OK)
        return list;
    moot__json_free(list);
    return NULL;
}

/* Who is in the better half, or alike with its last; at least all who lead. */
static void mark_survivors(const struct moot_tally *t, size_t count, bool stays[])
{
    for (size_t a = 0; a < count; a++) {
        size_t better = 0;
        for (size_t b = 0; b < count; b++)
            better += moot__share_compare(t->shares[b], t->shares[a]) > 0;
        stays[a] = t->leads[a] || better < (count + 1) / 2;
    }
}

/* The objections of the gate, as defects of the one candidate. */
static int take_objections(struct moot_council *c)
{
    int rc = MOOT_OK;
    for (size_t i = 0; settings(c)->voters[i] != NULL; i++) {
        const struct moot_json *b = moot__json_get(c->ballots, settings(c)->voters[i]);
        const struct moot_json *o = moot__json_first(moot__json_get(b, "objections"));
        for (; o != NULL && rc == MOOT_OK; o = moot__json_next(o)) {
            struct moot_json *defect = moot__json_copy(o);
            rc = defect == NULL ? MOOT_ENOMEM : moot__json_set_int(defect, "n", 1);
            if (rc == MOOT_OK)
                rc = moot__json_add(c->defects, defect);
            else
                moot__json_free(defect);
        }
    }
    return rc;
}

static int keep_survivors(struct moot_council *c, const bool stays[])
{
    struct moot_json *drafts = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *defects = moot__json_new(MOOT_JSON_ARRAY);
    int rc = drafts == NULL || defects == NULL ? MOOT_ENOMEM : MOOT_OK;
    size_t at = 0;
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m), at++)
        if (stays[at])
            rc = moot__json_add(drafts, moot__json_copy(m));
    if (rc != MOOT_OK) {
        moot__json_free(drafts);
        moot__json_free(defects);
        return rc;
    }
    moot__json_free(c->drafts);
    moot__json_free(c->defects);
    c->drafts = drafts;
    c->defects = defects;
    return moot__council_candidates(c);
}

static bool is_revised(const struct moot_council *c)
{
    return settings(c)->candidates == NULL && settings(c)->decide != MOOT_DECIDE_HANDLER;
}

static int next_round(struct moot_me *me, struct moot_council *c, const struct moot_tally *t)
{
    bool stays[MOOT_CANDIDATES_MAX] = {false};
    size_t count = moot__json_count(c->candidates);
    size_t left = 0;
    int rc = say_decision(me, c, 0, "round", false);
    if (rc != MOOT_OK)
        return rc;
    mark_survivors(t, count, stays);
    for (size_t i = 0; i < count; i++)
        left += stays[i];
    moot__json_free(c->order);
    c->order = order_of(c, t, left);
    c->round++;
    rc = c->order == NULL ? MOOT_ENOMEM : keep_survivors(c, stays);
    if (rc == MOOT_OK && is_gate(c))
        rc = take_objections(c);
    if (rc != MOOT_OK)
        return rc;
    if (!is_gate(c) && settings(c)->critique != MOOT_CRITIQUE_NEVER)
        return moot__council_critique(me, c);
    return is_revised(c) ? moot__council_revise(me, c) : moot__council_vote(me, c);
}

/* Whether votes came out as in the round before: more rounds would bring nothing. */
static int is_stable(const struct moot_council *c, const struct moot_tally *t, bool *stable)
{
    struct moot_json *now = order_of(c, t, moot__json_count(c->candidates));
    if (now == NULL)
        return MOOT_ENOMEM;
    *stable = c->order != NULL && !is_gate(c) && moot__json_equal(now, c->order);
    moot__json_free(now);
    return MOOT_OK;
}

int moot__council_count(struct moot_me *me, struct moot_council *c)
{
    struct moot_election e;
    struct moot_tally t;
    bool stable = false;
    int rc = moot__council_election(c, &e);
    if (rc != MOOT_OK)
        return rc;
    moot__tally(&e, &t);
    rc = moot__votes_tell(&e, &t, c->decision);
    if (rc == MOOT_OK)
        rc = is_stable(c, &t, &stable);
    if (rc != MOOT_OK)
        return rc;
    if (t.outcome == MOOT_VOTE_CONSENSUS)
        return decide(me, c, (int64_t)t.winner + 1, "vote", true);
    if (t.outcome == MOOT_VOTE_TIE)
        return on_tie(me, c, &e, &t);
    if (c->round < settings(c)->max_rounds && !stable)
        return next_round(me, c, &t);
    return let_decide(me, c, settings(c)->on_no_consensus, NULL);
}

static int nobody_proposed(struct moot_me *me, struct moot_council *c)
{
    struct moot_buf detail;
    moot__buf_init(&detail, MOOT_MAX_BODY);
    moot__buf_adds(&detail, "nobody proposed anything");
    const struct moot_json *m = moot__json_first(c->drafts);
    for (; m != NULL; m = moot__json_next(m))
        moot__buf_addf(&detail, "\n%s", moot__json_get_text(m, "why", ""));
    int rc = detail.status;
    if (rc == MOOT_OK)
        rc = moot__council_failed(me, c, "failed", moot__buf_text(&detail));
    moot__buf_release(&detail);
    return rc;
}

/* All drafts are there. */
static int on_drafts(struct moot_me *me, struct moot_council *c)
{
    bool always = settings(c)->critique == MOOT_CRITIQUE_ALWAYS && c->round == 1;
    int rc = moot__council_candidates(c);
    if (rc == MOOT_ETOOBIG)
        return moot__council_failed(me, c, "failed", "more than 26 proposals to vote on");
    if (rc != MOOT_OK)
        return rc;
    if (moot__json_count(c->candidates) == 0)
        return nobody_proposed(me, c);
    if (moot__json_count(c->candidates) == 1 && !is_gate(c))
        return moot__council_unanimous(me, c);
    return always && !is_gate(c) ? moot__council_critique(me, c) : moot__council_vote(me, c);
}

int moot__council_go_on(struct moot_me *me, struct moot_council *c)
{
    if (c->phase == MOOT_COUNCIL_PROPOSING)
        return on_drafts(me, c);
    int rc = moot__council_criticised(c);
    if (rc != MOOT_OK)
        return rc;
    return c->round > 1 && is_revised(c) ? moot__council_revise(me, c) : moot__council_vote(me, c);
}
