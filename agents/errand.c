#include "agents/errand.h"

#include "agents/output.h"
#include "agents/prompt.h"
#include "agents/repair.h"

enum { BALLOT_REASKS = 1 }; /* then it is an abstention */

const char *moot__errand_word(enum moot_errand_kind kind)
{
    static const char *const words[MOOT_ERRANDS] = {
        [MOOT_ERRAND_NONE] = "",
        [MOOT_ERRAND_BALLOT] = "ballot",
        [MOOT_ERRAND_CRITIQUE] = "critique",
        [MOOT_ERRAND_CHOICE] = "choice",
        [MOOT_ERRAND_PLAN] = "plan",
        [MOOT_ERRAND_WORK] = "work",
    };
    MOOT_ASSERT(kind < MOOT_ERRANDS);
    return words[kind];
}

enum moot_errand_kind moot__errand_kind(const struct moot_message *m)
{
    const char *word = moot__json_get_text(moot_message_json(m), "errand", "");
    for (int i = MOOT_ERRAND_NONE + 1; i < MOOT_ERRANDS; i++)
        if (strcmp(word, moot__errand_word((enum moot_errand_kind)i)) == 0)
            return (enum moot_errand_kind)i;
    return MOOT_ERRAND_NONE;
}

void moot__errand_release(struct moot_errand *e)
{
    moot__json_free(e->input);
}

void moot__errand_digest(const struct moot_errand *e, const struct moot_digest *d)
{
    moot__digest_int(d, e->kind);
    moot__digest_json(d, e->input);
    moot__digest_int(d, e->reasks);
}

/* Only work is done with tools: who judges has all before it. */
static struct moot_ask ask_of(const struct moot_me *me, const struct moot_errand *e)
{
    const struct moot_agent_def *agent = me->persona->agent;
    struct moot_ask ask = {.schema = moot__errand_schema(e)};
    ask.schema_name = ask.schema != NULL ? moot__errand_word(e->kind) : NULL;
    if (agent == NULL)
        return ask;
    ask.model = agent->model;
    if (e->kind != MOOT_ERRAND_WORK)
        return ask;
    ask.tools = agent->views;
    ask.tool_count = agent->view_count;
    ask.tool_choice = agent->tool_choice;
    ask.max_steps = agent->max_steps;
    ask.plan = agent->plan;
    return ask;
}

int moot__errand_begin(struct moot_me *me, struct moot_errand *e, const struct moot_message *m)
{
    struct moot_buf system, user;
    int rc = moot__input(m, &e->input);
    if (rc != MOOT_OK)
        return rc;
    e->kind = moot__errand_kind(m);
    MOOT_ASSERT(e->kind != MOOT_ERRAND_NONE);
    if (e->input == NULL)
        e->input = moot__json_new(MOOT_JSON_OBJECT);
    if (e->input == NULL)
        return MOOT_ENOMEM;
    moot__buf_init(&system, MOOT_MAX_BODY);
    moot__buf_init(&user, MOOT_MAX_BODY);
    rc = moot__prompt_system(me->persona->agent, &system);
    if (rc == MOOT_OK)
        rc = moot__errand_words(e, &user);
    if (rc == MOOT_OK) {
        struct moot_ask ask = ask_of(me, e);
        moot__think(me, &ask);
        if (system.len > 0)
            moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&user));
    }
    moot__buf_release(&system);
    moot__buf_release(&user);
    return rc;
}

/* Ends with what it came to, which is taken over; a ballot is said first, and thereby signed. */
static int finish_with(struct moot_me *me, const struct moot_errand *e, struct moot_json *got)
{
    const char *text = moot__json_text(got);
    char *json = text == NULL ? moot__json_string(got) : NULL;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *result = moot__json_new(MOOT_JSON_OBJECT);
    int rc =
        body == NULL || result == NULL || (text == NULL && json == NULL) ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK)
        rc =
            moot__json_set_text(result, text != NULL ? "text" : "json", text != NULL ? text : json);
    free(json);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "outcome", "done");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", "finished");
    if (rc != MOOT_OK) {
        moot__json_free(result);
        moot__json_free(body);
        moot__json_free(got);
        return rc;
    }
    rc = moot__json_set(body, "result", result);
    if (e->kind == MOOT_ERRAND_BALLOT)
        moot__say(me, MOOT_BALLOT, NULL, got);
    else
        moot__json_free(got);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__finish(me, body);
    return me->fx->status;
}

/* The first place in the answer that holds what was asked for. */
static int read_answer(const struct moot_errand *e, const char *text, struct moot_json **out,
                       struct moot_buf *problems)
{
    struct moot_span spans[MOOT_SPANS_MAX];
    size_t count = moot__repair_spans(text, strlen(text), spans);
    int rc = MOOT_EINVAL;
    for (size_t i = 0; i < count && rc != MOOT_OK && rc != MOOT_ENOMEM; i++) {
        struct moot_json *said = NULL;
        moot__buf_truncate(problems, 0);
        rc = moot__repair_parse(text + spans[i].start, spans[i].len, &said, NULL, NULL);
        if (rc == MOOT_OK)
            rc = moot__errand_read(e, said, out, problems);
        moot__json_free(said);
    }
    if (rc != MOOT_OK && rc != MOOT_ENOMEM && problems->len == 0)
        moot__buf_adds(problems, "- it is not JSON of the shape that was asked for\n");
    return rc == MOOT_OK || rc == MOOT_ENOMEM ? rc : MOOT_EINVAL;
}

static int ask_again(struct moot_me *me, struct moot_errand *e, const struct moot_buf *problems)
{
    struct moot_buf words;
    struct moot_ask ask = ask_of(me, e);
    e->reasks++;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words,
                   "Your answer is not usable:\n%sGive it again, whole and mended, and nothing "
                   "else.",
                   moot__buf_text(problems));
    moot__think(me, &ask);
    int rc = words.status;
    if (rc == MOOT_OK)
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&words));
    moot__buf_release(&words);
    return rc;
}

static int abstain(struct moot_me *me, const struct moot_errand *e)
{
    struct moot_json *ballot = moot__json_new(MOOT_JSON_OBJECT);
    int rc = ballot == NULL
                 ? MOOT_ENOMEM
                 : moot__json_set_int(ballot, "round", moot__json_get_int(e->input, "round", 0));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(ballot, "set", moot__json_get_text(e->input, "set", ""));
    if (rc == MOOT_OK)
        rc = moot__json_set_bool(ballot, "abstains", true);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(ballot, "reason", "its answers were no ballots");
    if (rc == MOOT_OK)
        return finish_with(me, e, ballot);
    moot__json_free(ballot);
    return rc;
}

static int no_answer(struct moot_me *me, const struct moot_errand *e,
                     const struct moot_buf *problems)
{
    struct moot_buf detail;
    if (e->kind == MOOT_ERRAND_BALLOT)
        return abstain(me, e);
    moot__buf_init(&detail, MOOT_MAX_BODY);
    moot__buf_addf(&detail, "its answers were no %s:\n%s", moot__errand_word(e->kind),
                   moot__buf_text(problems));
    int rc = detail.status;
    if (rc == MOOT_OK) {
        moot__finish_failed(me, "error", moot__buf_text(&detail));
        rc = me->fx->status;
    }
    moot__buf_release(&detail);
    return rc;
}

int moot__errand_thought(struct moot_me *me, struct moot_errand *e, const struct moot_thought *end)
{
    if (end->end != MOOT_THOUGHT_REPLY) {
        moot__finish_failed(me, end->status, end->detail);
        return me->fx->status;
    }
    const char *text = end->form != NULL ? end->args : end->text;
    struct moot_json *got = NULL;
    if (e->kind == MOOT_ERRAND_WORK) {
        got = moot__json_new_text(text);
        return got == NULL ? MOOT_ENOMEM : finish_with(me, e, got);
    }
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    int most = e->kind == MOOT_ERRAND_BALLOT ? BALLOT_REASKS : MOOT_OUTPUT_REASKS;
    int rc = read_answer(e, text, &got, &problems);
    if (rc == MOOT_OK)
        rc = finish_with(me, e, got);
    else if (rc != MOOT_ENOMEM)
        rc = e->reasks < most ? ask_again(me, e, &problems) : no_answer(me, e, &problems);
    moot__buf_release(&problems);
    return rc;
}
