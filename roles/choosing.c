#include "roles/choosing.h"

#include "agents/did.h"
#include "agents/prompt.h"

static void overheard_release(struct moot_overheard *h)
{
    free(h->from);
    free(h->did);
}

void moot__choosing_init(struct moot_choosing *c)
{
    *c = (struct moot_choosing){0};
}

void moot__choosing_release(struct moot_choosing *c)
{
    for (size_t i = 0; i < c->count; i++)
        overheard_release(&c->heard[i]);
    free(c->heard);
    moot__choosing_init(c);
}

void moot__choosing_digest(const struct moot_choosing *c, const struct moot_digest *d)
{
    moot__digest_int(d, c->begun);
    for (size_t i = 0; i < c->count; i++) {
        moot__digest_text(d, c->heard[i].from);
        moot__digest_int(d, c->heard[i].n);
        moot__digest_text(d, c->heard[i].did);
    }
}

static int remember(struct moot_choosing *c, const char *from, uint32_t n)
{
    if (c->count == c->size) {
        size_t size = c->size == 0 ? 8 : c->size * 2;
        struct moot_overheard *heard = realloc(c->heard, size * sizeof(*heard));
        if (heard == NULL)
            return MOOT_ENOMEM;
        c->heard = heard;
        c->size = size;
    }
    char *copy = moot__copy(from, strlen(from));
    if (copy == NULL)
        return MOOT_ENOMEM;
    c->heard[c->count++] = (struct moot_overheard){copy, n, NULL};
    return MOOT_OK;
}

/* A view by author and kind chooses among the members; a person is always heard. */
static bool shows(const struct moot_me *me, const char *from, unsigned kind)
{
    return moot__def_agent(me->persona->crew, from) == NULL
               ? kind == MOOT_SEES_MSG
               : moot__view_shows(moot__persona_view(me->persona), from, kind);
}

/* What a member did in its turn, where the manager's view shows it. */
static int hear_calls(struct moot_me *me, struct moot_choosing *c, const struct moot_message *m)
{
    const char *from = moot_message_from(m);
    const struct moot_json *calls = moot__json_get(moot_message_json(m), "calls");
    bool results = shows(me, from, MOOT_SEES_RESULT);
    if (moot__json_first(calls) == NULL || (!results && !shows(me, from, MOOT_SEES_CALL)))
        return MOOT_OK;
    struct moot_buf lines;
    moot__buf_init(&lines, MOOT_MAX_BODY);
    int rc = moot__did_text(from, calls, results, &lines);
    if (rc == MOOT_OK)
        rc = remember(c, from, 0);
    if (rc == MOOT_OK) {
        c->heard[c->count - 1].did = moot__buf_take(&lines);
        rc = c->heard[c->count - 1].did == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__buf_release(&lines);
    return rc;
}

int moot__choosing_hear(struct moot_me *me, struct moot_choosing *c, const struct moot_message *m)
{
    char *text = NULL;
    if (moot_message_kind(m) != MOOT_MSG || strcmp(moot_message_conv(m), me->conv) != 0)
        return MOOT_OK;
    int rc = hear_calls(me, c, m);
    if (rc == MOOT_OK)
        rc = moot__parts(moot_message_json(m), &text);
    bool said = rc == MOOT_OK && text[strspn(text, " \t\r\n")] != '\0';
    free(text);
    const char *from = moot_message_from(m);
    if (!said || !shows(me, from, MOOT_SEES_MSG))
        return rc;
    rc = moot__view_seen(&me->turn.view, m);
    return rc == MOOT_OK ? remember(c, from, moot_message_n(m)) : rc;
}

int moot__choosing_say(struct moot_me *me, const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__body_say(body, text);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__say(me, MOOT_MSG, NULL, body);
    return me->fx->status;
}

int moot__choosing_members(const struct moot_me *me, const struct moot_talk *t, const bool *only,
                           struct moot_buf *out)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_agent_def *a = moot__def_agent(me->persona->crew, t->members[i]);
        const char *what = a == NULL ? NULL : a->role != NULL ? a->role : a->goal;
        if (only != NULL && !only[i])
            continue;
        moot__buf_addf(out, "- %s", t->members[i]);
        if (what != NULL)
            moot__buf_addf(out, ": %s", what);
        moot__buf_adds(out, "\n");
    }
    return out->status;
}

/* The agent that is the manager, if the crew names one. */
static const struct moot_agent_def *manager(const struct moot_me *me)
{
    const struct moot_crew_def *crew = me->persona->crew;
    return crew->talk.manager_agent != NULL ? moot__def_agent(crew, crew->talk.manager_agent)
                                            : NULL;
}

static int tell_who(struct moot_me *me, const struct moot_talk *t, const char *role)
{
    const struct moot_crew_def *crew = me->persona->crew;
    const struct moot_agent_def *agent = manager(me);
    struct moot_buf system;
    moot__buf_init(&system, MOOT_MAX_BODY);
    if (agent != NULL)
        moot__prompt_system(agent, &system);
    if (system.len > 0)
        moot__buf_adds(&system, "\n\n");
    moot__buf_adds(&system, crew->talk.manager_prompt != NULL ? crew->talk.manager_prompt : role);
    if (crew->goal != NULL)
        moot__buf_addf(&system, "\n\nWhat all of it is for:\n%s", crew->goal);
    moot__buf_adds(&system, "\n\nThose who take part:\n");
    moot__choosing_members(me, t, NULL, &system);
    int rc = system.status;
    if (rc == MOOT_OK)
        rc = moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
    moot__buf_release(&system);
    return rc;
}

/* The manager does not hear itself: its opening, the first that it said, is told with the rest. */
static int tell_opening(struct moot_me *me, const struct moot_talk *t)
{
    return t->opening_n == 0 ? MOOT_OK
                             : moot__fx_add_message(me->fx, MOOT_ADD_USER, me->agent, t->opening_n);
}

int moot__choosing_ask(struct moot_me *me, struct moot_choosing *c, const struct moot_talk *t,
                       const char *role, const char *question, const char *schema)
{
    const struct moot_agent_def *agent = manager(me);
    const struct moot_ask ask = {
        .model = agent != NULL ? agent->model : me->persona->crew->talk.manager_model,
        .schema = schema,
        .schema_name = schema != NULL ? "decision" : NULL,
        .max_steps = 1,
    };
    int rc = moot__think(me, &ask);
    if (rc == MOOT_OK && !c->begun) {
        rc = tell_who(me, t, role);
        if (rc == MOOT_OK)
            rc = tell_opening(me, t);
    }
    c->begun = true;
    for (size_t i = 0; i < c->count; i++) {
        const struct moot_overheard *h = &c->heard[i];
        if (rc == MOOT_OK && h->did != NULL)
            rc = moot__tell(me, MOOT_ADD_USER, h->did);
        else if (rc == MOOT_OK)
            rc = moot__fx_add_named(me->fx, MOOT_ADD_USER, h->from, h->n);
        overheard_release(&c->heard[i]);
    }
    c->count = 0;
    return rc == MOOT_OK ? moot__tell(me, MOOT_ADD_USER, question) : rc;
}
