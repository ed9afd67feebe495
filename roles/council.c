#include "roles/council.h"

#include "agents/errand.h"
#include "agents/prompt.h"

void moot__council_init(struct moot_council *c)
{
    memset(c, 0, sizeof(*c));
}

void moot__council_release(struct moot_council *c)
{
    struct moot_json *const trees[] = {c->input,      c->out,     c->drafts,  c->critiques,
                                       c->candidates, c->defects, c->ballots, c->decision,
                                       c->order,      c->results, c->result};
    for (size_t i = 0; i < MOOT_COUNT(trees); i++)
        moot__json_free(trees[i]);
}

void moot__council_digest(const struct moot_council *c, const struct moot_digest *d)
{
    const struct moot_json *const trees[] = {c->input,      c->out,     c->drafts,  c->critiques,
                                             c->candidates, c->defects, c->ballots, c->decision,
                                             c->order,      c->results, c->result};
    moot__digest_int(d, c->phase);
    moot__digest_text(d, c->task != NULL ? c->task->id : NULL);
    moot__digest_int(d, c->seed);
    moot__digest_int(d, c->round);
    moot__digest_int(d, c->attempts);
    moot__digest_int(d, c->unapproved);
    moot__digest_int(d, c->cancelled);
    moot__digest_int(d, c->question);
    moot__digest_int(d, c->call_n);
    moot__digest_int(d, c->asked);
    for (size_t i = 0; i < MOOT_COUNT(trees); i++)
        moot__digest_json(d, trees[i]);
}

/* ---- conversations below ---- */

int moot__council_open(struct moot_me *me, struct moot_council *c, const char *path,
                       const char *who, int64_t at, struct moot_json *input, struct moot_json *body)
{
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    int rc = entry == NULL || input == NULL || body == NULL ? MOOT_ENOMEM
                                                            : moot__json_set_int(entry, "at", at);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(entry, "who", who);
    if (rc == MOOT_OK && c->unapproved)
        rc = moot__json_set_bool(body, "unapproved", true);
    if (rc != MOOT_OK) {
        moot__json_free(entry);
        moot__json_free(input);
        moot__json_free(body);
        return rc;
    }
    rc = moot__json_set(c->out, path, entry);
    moot__open(me, path, who, c->task->id, input, body);
    return rc != MOOT_OK ? rc : me->fx->status;
}

int moot__council_send(struct moot_me *me, struct moot_council *c, const char *path,
                       const char *who, int64_t at, const char *errand, struct moot_json *input)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body == NULL || moot__json_set_text(body, "errand", errand) != MOOT_OK) {
        moot__json_free(body);
        moot__json_free(input);
        return MOOT_ENOMEM;
    }
    return moot__council_open(me, c, path, who, at, input, body);
}

/* What the voters are to answer: the task as its author would be asked it. */
static int question_text(const struct moot_council *c, struct moot_buf *out)
{
    if (c->task->step_count == 0)
        return moot__buf_adds(out, "Which of these is the best?");
    int rc = moot__prompt_seen(c->task, c->input, out, NULL);
    return rc == MOOT_ENOTFOUND ? MOOT_OK : rc;
}

struct moot_json *moot__council_question(const struct moot_council *c)
{
    struct moot_json *input = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    int rc = input == NULL ? MOOT_ENOMEM : question_text(c, &text);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(input, "question", moot__buf_text(&text));
    if (rc == MOOT_OK && c->task->expected_output != NULL)
        rc = moot__json_set_text(input, "expected_output", c->task->expected_output);
    moot__buf_release(&text);
    if (rc == MOOT_OK)
        return input;
    moot__json_free(input);
    return NULL;
}

int moot__council_failed(struct moot_me *me, struct moot_council *c, const char *stop,
                         const char *detail)
{
    for (const struct moot_json *m = moot__json_first(c->out); m != NULL; m = moot__json_next(m))
        moot__cancel_conv(me, moot__json_key(m));
    c->phase = MOOT_COUNCIL_OVER;
    moot__finish_failed(me, stop, detail);
    return me->fx->status;
}

int moot__council_result(const struct moot_json *body, struct moot_json **out)
{
    const struct moot_json *result = moot__json_get(body, "result");
    const char *json = moot__json_get_text(result, "json", NULL);
    const char *text = moot__json_get_text(result, "text", NULL);
    *out = NULL;
    if (json != NULL) {
        int rc = moot__json_parse(json, strlen(json), out, NULL);
        if (rc == MOOT_OK || rc == MOOT_ENOMEM)
            return rc;
        text = json;
    }
    if (text != NULL)
        *out = moot__json_new_text(text);
    return text != NULL && *out == NULL ? MOOT_ENOMEM : MOOT_OK;
}

/* ---- what comes ---- */

int moot__council_begin(struct moot_me *me, struct moot_council *c,
                        const struct moot_task_def *task, const struct moot_message *m)
{
    MOOT_ASSERT(c->task == NULL && task->vote != NULL);
    c->task = task;
    c->seed = moot__json_get_int(moot_message_json(m), "seed", 0);
    c->unapproved = moot__json_get_bool(moot_message_json(m), "unapproved", false);
    c->round = 1;
    int rc = moot__input(m, &c->input);
    if (rc != MOOT_OK)
        return rc;
    if (c->input == NULL)
        c->input = moot__json_new(MOOT_JSON_OBJECT);
    c->out = moot__json_new(MOOT_JSON_OBJECT);
    c->drafts = moot__json_new(MOOT_JSON_ARRAY);
    c->critiques = moot__json_new(MOOT_JSON_OBJECT);
    c->defects = moot__json_new(MOOT_JSON_ARRAY);
    c->ballots = moot__json_new(MOOT_JSON_OBJECT);
    c->results = moot__json_new(MOOT_JSON_OBJECT);
    if (c->input == NULL || c->out == NULL || c->drafts == NULL || c->critiques == NULL ||
        c->defects == NULL || c->ballots == NULL || c->results == NULL)
        return MOOT_ENOMEM;
    return moot__council_propose(me, c);
}

/* The phase goes on when the last of its conversations has ended. */
static int on_end(struct moot_me *me, struct moot_council *c, const struct moot_json *entry,
                  const struct moot_json *body)
{
    bool last = moot__json_count(c->out) == 0;
    int rc = MOOT_OK;
    switch (c->phase) {
    case MOOT_COUNCIL_PROPOSING:
        rc = moot__council_on_draft(c, entry, body);
        return rc == MOOT_OK && last ? moot__council_go_on(me, c) : rc;
    case MOOT_COUNCIL_CRITIQUING:
        rc = moot__council_on_critique(c, entry, body);
        return rc == MOOT_OK && last ? moot__council_go_on(me, c) : rc;
    case MOOT_COUNCIL_VOTING:
        rc = moot__council_on_ballot(me, c, entry, body);
        return rc == MOOT_OK && last ? moot__council_count(me, c) : rc;
    case MOOT_COUNCIL_CHAIR:
        return moot__council_on_choice(me, c, body);
    case MOOT_COUNCIL_WORKING:
        return moot__council_on_work(me, c, entry, body);
    case MOOT_COUNCIL_IDLE:
    case MOOT_COUNCIL_PERSON:
    case MOOT_COUNCIL_PUBLISHING:
    case MOOT_COUNCIL_OVER:
        break;
    }
    return MOOT_OK;
}

/* The path below this conversation of the one that has ended, if it is out; else NULL. */
static const char *ended(const struct moot_me *me, const struct moot_council *c,
                         const struct moot_message *m)
{
    char path[MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 32];
    for (const struct moot_json *o = moot__json_first(c->out); o != NULL; o = moot__json_next(o)) {
        snprintf(path, sizeof(path), "%s/%s", me->conv, moot__json_key(o));
        if (moot__ends(m, path))
            return moot__json_key(o);
    }
    return NULL;
}

int moot__council_receive(struct moot_me *me, struct moot_council *c, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    enum moot_kind kind = moot_message_kind(m);
    if (kind == MOOT_END) {
        const char *path = ended(me, c, m);
        struct moot_json *entry = path != NULL ? moot__json_take(c->out, path) : NULL;
        int rc = entry != NULL ? on_end(me, c, entry, body) : MOOT_OK;
        moot__json_free(entry);
        return rc;
    }
    if (kind == MOOT_ANSWER && c->phase == MOOT_COUNCIL_PERSON && moot__answers(me, m, c->question))
        return moot__council_on_answer(me, c, body);
    if (kind == MOOT_TOOL_RESULT && c->phase == MOOT_COUNCIL_PUBLISHING &&
        moot__answers(me, m, c->call_n))
        return moot__council_on_published(me, c, body);
    return MOOT_OK;
}
