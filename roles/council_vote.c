/* Proposals, critiques and ballots: what is asked of whom, and what comes. */
#include "agents/errand.h"
#include "roles/council.h"
#include "runtime/scope.h"

enum { PLAN_ITEMS_MAX = 8 };

static const struct moot_vote_def *settings(const struct moot_council *c)
{
    return c->task->vote;
}

/* ---- drafts ---- */

/* A place for what somebody proposes, so that their order is not that in which they come. `sponsor`
 * NULL: nobody's. */
static int add_place(struct moot_council *c, const char *sponsor)
{
    struct moot_json *draft = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *sponsors = moot__json_new(MOOT_JSON_ARRAY);
    int rc = draft == NULL || sponsors == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK && sponsor != NULL)
        rc = moot__json_add(sponsors, moot__json_new_text(sponsor));
    if (rc == MOOT_OK)
        rc = moot__json_set(draft, "sponsors", sponsors);
    else
        moot__json_free(sponsors);
    if (rc == MOOT_OK)
        return moot__json_add(c->drafts, draft);
    moot__json_free(draft);
    return rc;
}

/* The value is taken over; NULL is a failed allocation. */
static int add_draft(struct moot_council *c, const char *sponsor, struct moot_json *value)
{
    size_t at = moot__json_count(c->drafts);
    int rc = value == NULL ? MOOT_ENOMEM : add_place(c, sponsor);
    if (rc == MOOT_OK)
        return moot__json_set(moot__json_edit_at(c->drafts, at), "value", value);
    moot__json_free(value);
    return rc;
}

/* An attempt of the task that is voted on before it counts. `input` is taken over. */
static int open_proposal(struct moot_me *me, struct moot_council *c, const char *who, int64_t at,
                         struct moot_json *input)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    char path[MOOT_MAX_ID + 32];
    snprintf(path, sizeof(path), "%s#%lld", c->task->id, (long long)++c->attempts);
    if (body == NULL || moot__json_set_int(body, "attempt", c->attempts) != MOOT_OK ||
        moot__json_set_bool(body, "proposal", true) != MOOT_OK) {
        moot__json_free(body);
        moot__json_free(input);
        return MOOT_ENOMEM;
    }
    return moot__council_open(me, c, path, who, at, input, body);
}

/* Who there is, for plans: all that may be given work. */
static int add_agents(const struct moot_me *me, struct moot_json *input)
{
    const struct moot_crew_def *crew = me->persona->crew;
    int rc = moot__json_set(input, "agents", moot__json_new(MOOT_JSON_ARRAY));
    struct moot_json *list = moot__json_edit(input, "agents");
    for (size_t i = 0; i < crew->agent_count && rc == MOOT_OK; i++) {
        const struct moot_agent_def *a = &crew->agents[i];
        struct moot_json *entry = NULL;
        if (a->kind != MOOT_ASSISTANT_AGENT)
            continue;
        entry = moot__json_new(MOOT_JSON_OBJECT);
        rc = entry == NULL ? MOOT_ENOMEM : moot__json_set_text(entry, "id", a->id);
        if (rc == MOOT_OK && a->role != NULL)
            rc = moot__json_set_text(entry, "is", a->role);
        if (rc == MOOT_OK)
            rc = moot__json_add(list, entry);
        else
            moot__json_free(entry);
    }
    return rc == MOOT_OK ? moot__json_set_int(input, "most", PLAN_ITEMS_MAX) : rc;
}

/* `previous` and `remarks` may be NULL; remarks are taken over. */
static int ask_plan(struct moot_me *me, struct moot_council *c, const char *who, int64_t at,
                    const struct moot_json *previous, struct moot_json *remarks)
{
    struct moot_json *input = moot__council_question(c);
    char path[MOOT_MAX_ID + 32];
    int rc = input == NULL ? MOOT_ENOMEM : add_agents(me, input);
    if (rc == MOOT_OK && previous != NULL)
        rc = moot__json_set(input, "previous", moot__json_copy(previous));
    if (rc == MOOT_OK && remarks != NULL) {
        rc = moot__json_set(input, "critiques", remarks);
        remarks = NULL;
    }
    moot__json_free(remarks);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        return rc;
    }
    snprintf(path, sizeof(path), "plan%lld-%s", (long long)c->round, who);
    return moot__council_send(me, c, path, who, at, "plan", input);
}

/* The list that is given: no prompt, and nobody's. */
static int take_given(struct moot_me *me, struct moot_council *c)
{
    const char *path = settings(c)->candidates;
    const struct moot_json *list = NULL;
    struct moot_json *made = NULL;
    char detail[MOOT_MAX_ID + 160];
    int rc = moot__scope_get(c->input, path, &list, &made);
    if (rc == MOOT_ENOMEM)
        return rc;
    size_t count = moot__json_is(list, MOOT_JSON_ARRAY) ? moot__json_count(list) : 0;
    if (count < 1 || count > MOOT_CANDIDATES_MAX) {
        moot__json_free(made);
        snprintf(detail, sizeof(detail),
                 count < 1 ? "%.100s is no list with something to vote on"
                           : "%.100s has %zu candidates: at most 26 can be voted on",
                 path, count);
        return moot__council_failed(me, c, "failed", detail);
    }
    rc = MOOT_OK;
    for (const struct moot_json *m = moot__json_first(list); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m))
        rc = add_draft(c, NULL, moot__json_copy(m));
    moot__json_free(made);
    return rc == MOOT_OK ? moot__council_go_on(me, c) : rc;
}

/* Those who could do it. */
static int take_handlers(struct moot_me *me, struct moot_council *c)
{
    int rc = MOOT_OK;
    for (size_t i = 0; settings(c)->proposers[i] != NULL && rc == MOOT_OK; i++) {
        const char *id = settings(c)->proposers[i];
        const struct moot_agent_def *a = moot__def_agent(me->persona->crew, id);
        struct moot_json *value = moot__json_new(MOOT_JSON_OBJECT);
        rc = value == NULL ? MOOT_ENOMEM : moot__json_set_text(value, "id", id);
        if (rc == MOOT_OK && a != NULL && a->role != NULL)
            rc = moot__json_set_text(value, "role", a->role);
        if (rc == MOOT_OK && a != NULL && a->goal != NULL)
            rc = moot__json_set_text(value, "goal", a->goal);
        if (rc == MOOT_OK)
            rc = add_draft(c, id, value);
        else
            moot__json_free(value);
    }
    return rc == MOOT_OK ? moot__council_go_on(me, c) : rc;
}

int moot__council_propose(struct moot_me *me, struct moot_council *c)
{
    char *const *who = settings(c)->proposers;
    int rc = MOOT_OK;
    c->phase = MOOT_COUNCIL_PROPOSING;
    if (settings(c)->candidates != NULL)
        return take_given(me, c);
    if (settings(c)->decide == MOOT_DECIDE_HANDLER)
        return take_handlers(me, c);
    for (size_t i = 0; who[i] != NULL && rc == MOOT_OK; i++) {
        rc = add_place(c, who[i]);
        if (rc == MOOT_OK)
            rc = settings(c)->decide == MOOT_DECIDE_PLAN
                     ? ask_plan(me, c, who[i], (int64_t)i, NULL, NULL)
                     : open_proposal(me, c, who[i], (int64_t)i, moot__json_copy(c->input));
    }
    return rc;
}

/* Why there is no proposal of that agent. */
static int note_failed(struct moot_json *draft, const char *who, const struct moot_json *body)
{
    const struct moot_json *problem =
        moot__json_first(moot__json_get(moot__json_get(body, "verdict"), "problems"));
    const char *why = moot__json_get_text(problem, "what", NULL);
    if (why == NULL)
        why = moot__json_get_text(body, "detail", moot__json_get_text(body, "outcome", ""));
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_addf(&text, "%s: %.300s", who, why);
    int rc = text.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(draft, "why", moot__buf_text(&text));
    moot__buf_release(&text);
    return rc;
}

int moot__council_on_draft(struct moot_council *c, const struct moot_json *entry,
                           const struct moot_json *body)
{
    const char *who = moot__json_get_text(entry, "who", "");
    size_t at = (size_t)moot__json_get_int(entry, "at", 0);
    struct moot_json *draft = moot__json_edit_at(c->drafts, at);
    struct moot_json *value = NULL;
    bool done = strcmp(moot__json_get_text(body, "outcome", ""), "done") == 0;
    int rc = done ? moot__council_result(body, &value) : MOOT_OK;
    MOOT_ASSERT(draft != NULL);
    if (rc == MOOT_OK && value != NULL)
        return moot__json_set(draft, "value", value);
    /* Who cannot mend it leaves it as it was. */
    if (rc == MOOT_OK && moot__json_get(draft, "value") == NULL)
        rc = note_failed(draft, who, body);
    return rc;
}

/* ---- mending ---- */

static int add_remarks(const struct moot_council *c, int64_t n, struct moot_buf *out)
{
    const struct moot_json *d = moot__json_first(c->defects);
    for (; d != NULL; d = moot__json_next(d))
        if (moot__json_get_int(d, "n", 0) == n)
            moot__buf_addf(out, "- %s (\"%s\")\n", moot__json_get_text(d, "what", ""),
                           moot__json_get_text(d, "quote", ""));
    if (out->len == 0)
        moot__buf_adds(out, "It found no consensus. Make it better.\n");
    return out->status;
}

/* As a rejected attempt is tried again: with the attempt, and what was said of it. */
static int mend_answer(struct moot_me *me, struct moot_council *c, const char *who, int64_t at,
                       const struct moot_json *candidate)
{
    struct moot_json *input = moot__json_copy(c->input);
    struct moot_buf report;
    moot__buf_init(&report, MOOT_MAX_BODY);
    int rc = input == NULL ? MOOT_ENOMEM
                           : add_remarks(c, moot__json_get_int(candidate, "n", 0), &report);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "report", moot__buf_text(&report));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "rejected", c->task->id);
    if (rc == MOOT_OK)
        rc = moot__json_set(input, "previous", moot__json_copy(moot__json_get(candidate, "value")));
    moot__buf_release(&report);
    if (rc == MOOT_OK)
        return open_proposal(me, c, who, at, input);
    moot__json_free(input);
    return rc;
}

static int mend_plan(struct moot_me *me, struct moot_council *c, const char *who, int64_t at,
                     const struct moot_json *candidate)
{
    struct moot_json *remarks = moot__json_new(MOOT_JSON_ARRAY);
    int rc = remarks == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *d = moot__json_first(c->defects);
    for (; d != NULL && rc == MOOT_OK; d = moot__json_next(d))
        if (moot__json_get_int(d, "n", 0) == moot__json_get_int(candidate, "n", 0))
            rc = moot__json_add(remarks, moot__json_copy(d));
    if (rc == MOOT_OK)
        return ask_plan(me, c, who, at, moot__json_get(candidate, "value"), remarks);
    moot__json_free(remarks);
    return rc;
}

int moot__council_revise(struct moot_me *me, struct moot_council *c)
{
    int64_t at = 0;
    int rc = MOOT_OK;
    c->phase = MOOT_COUNCIL_PROPOSING;
    const struct moot_json *m = moot__json_first(c->candidates);
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m), at++) {
        const char *who = moot__json_text(moot__json_first(moot__json_get(m, "sponsors")));
        if (who == NULL)
            continue;
        rc = settings(c)->decide == MOOT_DECIDE_PLAN ? mend_plan(me, c, who, at, m)
                                                     : mend_answer(me, c, who, at, m);
    }
    return rc;
}

/* ---- critiques ---- */

int moot__council_critique(struct moot_me *me, struct moot_council *c)
{
    int rc = MOOT_OK;
    c->phase = MOOT_COUNCIL_CRITIQUING;
    for (size_t i = 0; settings(c)->voters[i] != NULL && rc == MOOT_OK; i++) {
        const char *who = settings(c)->voters[i];
        char path[MOOT_MAX_ID + 32];
        struct moot_json *paper = moot__council_paper(c, me->conv, who, NULL);
        if (paper != NULL && moot__json_count(paper) == 0) {
            moot__json_free(paper);
            continue;
        }
        struct moot_json *input = moot__council_question(c);
        if (input == NULL || paper == NULL) {
            moot__json_free(input);
            moot__json_free(paper);
            return MOOT_ENOMEM;
        }
        rc = moot__json_set(input, "candidates", paper);
        if (rc != MOOT_OK) {
            moot__json_free(input);
            return rc;
        }
        snprintf(path, sizeof(path), "critique%lld-%s", (long long)c->round, who);
        rc = moot__council_send(me, c, path, who, -1, "critique", input);
    }
    return rc == MOOT_OK && moot__json_count(c->out) == 0 ? moot__council_go_on(me, c) : rc;
}

int moot__council_on_critique(struct moot_council *c, const struct moot_json *entry,
                              const struct moot_json *body)
{
    struct moot_json *value = NULL;
    int rc = moot__council_result(body, &value);
    struct moot_json *defects = moot__json_take(value, "defects");
    if (defects != NULL && rc == MOOT_OK)
        rc = moot__json_set(c->critiques, moot__json_get_text(entry, "who", ""), defects);
    else
        moot__json_free(defects);
    moot__json_free(value);
    return rc;
}

int moot__council_criticised(struct moot_council *c)
{
    int rc = MOOT_OK;
    for (size_t i = 0; settings(c)->voters[i] != NULL; i++) {
        const struct moot_json *d =
            moot__json_first(moot__json_get(c->critiques, settings(c)->voters[i]));
        for (; d != NULL && rc == MOOT_OK; d = moot__json_next(d))
            rc = moot__json_add(c->defects, moot__json_copy(d));
    }
    moot__json_free(c->critiques);
    c->critiques = moot__json_new(MOOT_JSON_OBJECT);
    return c->critiques == NULL ? MOOT_ENOMEM : rc;
}

/* ---- ballots ---- */

static int ask_ballot(struct moot_me *me, struct moot_council *c, const char *who,
                      struct moot_json *paper)
{
    struct moot_json *input = moot__council_question(c);
    struct moot_json *remarks = moot__council_remarks(c, paper);
    bool gate = settings(c)->decide == MOOT_DECIDE_GATE;
    char path[MOOT_VOTES_PATH];
    int rc = input == NULL || remarks == NULL ? MOOT_ENOMEM
                                              : moot__json_set_int(input, "round", c->round);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "set", moot__json_get_text(c->decision, "set", ""));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "rule", moot__vote_rule_text(settings(c)->rule));
    if (rc == MOOT_OK && gate)
        rc = moot__json_set_bool(input, "gate", true);
    if (rc == MOOT_OK && moot__json_count(remarks) > 0 && !gate)
        rc = moot__json_set(input, "critiques", moot__json_copy(remarks));
    moot__json_free(remarks);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        moot__json_free(paper);
        return rc;
    }
    rc = moot__json_set(input, "candidates", paper);
    if (rc != MOOT_OK) {
        moot__json_free(input);
        return rc;
    }
    moot__votes_path(c->round, who, path);
    return moot__council_send(me, c, path, who, -1, "ballot", input);
}

int moot__council_vote(struct moot_me *me, struct moot_council *c)
{
    c->phase = MOOT_COUNCIL_VOTING;
    c->cancelled = false;
    moot__json_free(c->ballots);
    c->ballots = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_free(c->decision);
    c->decision = moot__council_head(c, true);
    if (c->ballots == NULL || c->decision == NULL)
        return MOOT_ENOMEM;
    int rc = MOOT_OK;
    const struct moot_json *v = moot__json_first(moot__json_get(c->decision, "voters"));
    for (; v != NULL && rc == MOOT_OK; v = moot__json_next(v)) {
        const char *who = moot__json_get_text(v, "id", "");
        struct moot_json *paper = moot__council_paper(c, me->conv, who, NULL);
        rc = paper == NULL ? MOOT_ENOMEM : ask_ballot(me, c, who, paper);
    }
    return rc == MOOT_OK && moot__json_count(c->out) == 0 ? moot__council_count(me, c) : rc;
}

/* Where no ballot that is out can change anything, nobody waits for it. */
static int stop_early(struct moot_me *me, struct moot_council *c)
{
    struct moot_election e;
    bool out[MOOT_VOTERS_MAX] = {false};
    int rc = moot__council_election(c, &e);
    const struct moot_json *o = moot__json_first(c->out);
    for (; o != NULL; o = moot__json_next(o)) {
        size_t at = moot__votes_voter(c->decision, moot__json_get_text(o, "who", ""));
        if (at < MOOT_VOTERS_MAX)
            out[at] = true;
    }
    if (rc != MOOT_OK || !moot__tally_settled(&e, out))
        return rc;
    c->cancelled = true;
    for (o = moot__json_first(c->out); o != NULL; o = moot__json_next(o))
        moot__cancel_conv(me, moot__json_key(o));
    return me->fx->status;
}

int moot__council_on_ballot(struct moot_me *me, struct moot_council *c,
                            const struct moot_json *entry, const struct moot_json *body)
{
    struct moot_json *ballot = NULL;
    int rc = moot__council_result(body, &ballot);
    if (rc == MOOT_OK && ballot != NULL)
        rc = moot__json_set(c->ballots, moot__json_get_text(entry, "who", ""), ballot);
    if (rc != MOOT_OK || c->cancelled || moot__json_count(c->out) == 0)
        return rc;
    return stop_early(me, c);
}
