#include "agents/speaking.h"

#include "agents/did.h"
#include "agents/prompt.h"

static void heard_release(struct moot_heard *h)
{
    free(h->from);
    free(h->did);
}

void moot__speaking_init(struct moot_speaking *s)
{
    memset(s, 0, sizeof(*s));
}

void moot__speaking_release(struct moot_speaking *s)
{
    free(s->manager);
    for (size_t i = 0; i < s->peer_count; i++)
        free(s->peers[i]);
    free(s->peers);
    for (size_t i = 0; i < s->heard_count; i++)
        heard_release(&s->heard[i]);
    free(s->heard);
    free(s->nudge);
    free(s->heard_last);
    moot__speaking_init(s);
}

void moot__speaking_digest(const struct moot_speaking *s, const struct moot_digest *d)
{
    moot__digest_text(d, s->manager);
    for (size_t i = 0; i < s->peer_count; i++)
        moot__digest_text(d, s->peers[i]);
    for (size_t i = 0; i < s->heard_count; i++) {
        moot__digest_text(d, s->heard[i].from);
        moot__digest_int(d, s->heard[i].n);
        moot__digest_int(d, s->heard[i].role);
        moot__digest_int(d, s->heard[i].named);
        moot__digest_text(d, s->heard[i].did);
    }
    moot__digest_int(d, s->begun);
    moot__digest_int(d, s->turn_n);
    moot__digest_int(d, s->answers_person);
    moot__digest_text(d, s->nudge);
    moot__digest_text(d, s->heard_last);
}

bool moot__speaking_takes_part(const struct moot_speaking *s)
{
    return s->manager != NULL;
}

/* ---- taking part ---- */

int moot__speaking_open(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m)
{
    const struct moot_json *names = moot__json_get(moot_message_json(m), "participants");
    const char *first = moot__json_text(moot__json_first(names));
    size_t count = moot__json_count(names);
    if (first == NULL || count < 2 || strcmp(first, me->agent) == 0)
        return MOOT_OK;
    s->peers = calloc(count, sizeof(*s->peers));
    s->manager = moot__copy(first, strlen(first));
    if (s->peers == NULL || s->manager == NULL)
        return MOOT_ENOMEM;
    const struct moot_json *name = moot__json_next(moot__json_first(names));
    for (; name != NULL; name = moot__json_next(name)) {
        const char *id = moot__json_text(name);
        if (id == NULL || strcmp(id, me->agent) == 0)
            continue;
        s->peers[s->peer_count] = moot__copy(id, strlen(id));
        if (s->peers[s->peer_count] == NULL)
            return MOOT_ENOMEM;
        s->peer_count++;
    }
    return MOOT_OK;
}

/* ---- hearing ---- */

static int remember(struct moot_speaking *s, const char *from, uint32_t n, enum moot_add_role role,
                    bool named)
{
    if (s->heard_count == s->heard_size) {
        size_t size = s->heard_size == 0 ? 4 : s->heard_size * 2;
        struct moot_heard *heard = realloc(s->heard, size * sizeof(*heard));
        if (heard == NULL)
            return MOOT_ENOMEM;
        s->heard = heard;
        s->heard_size = size;
    }
    char *copy = moot__copy(from, strlen(from));
    if (copy == NULL)
        return MOOT_ENOMEM;
    s->heard[s->heard_count++] = (struct moot_heard){copy, NULL, n, role, named};
    return MOOT_OK;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* What an opening or its manager says is what the conversation is about; a view by author chooses
 * among the members. */
static bool is_member(const struct moot_speaking *s, const char *from)
{
    for (size_t i = 0; i < s->peer_count; i++)
        if (strcmp(s->peers[i], from) == 0)
            return true;
    return false;
}

static bool shows(const struct moot_me *me, const struct moot_speaking *s, const char *from,
                  unsigned kind)
{
    return !is_member(s, from) || moot__view_shows(moot__persona_view(me->persona), from, kind);
}

/* What a member did in its turn, for those who are shown the tool traffic of others. */
static int hear_calls(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m)
{
    const char *from = moot_message_from(m);
    const struct moot_json *calls = moot__json_get(moot_message_json(m), "calls");
    bool results = shows(me, s, from, MOOT_SEES_RESULT);
    if (!is_member(s, from) || moot__json_first(calls) == NULL ||
        (!results && !shows(me, s, from, MOOT_SEES_CALL)))
        return MOOT_OK;
    struct moot_buf lines;
    moot__buf_init(&lines, MOOT_MAX_BODY);
    int rc = moot__did_text(from, calls, results, &lines);
    if (rc == MOOT_OK)
        rc = remember(s, from, 0, MOOT_ADD_USER, false);
    if (rc == MOOT_OK) {
        struct moot_heard *h = &s->heard[s->heard_count - 1];
        h->did = moot__buf_take(&lines);
        rc = h->did == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__buf_release(&lines);
    return rc;
}

static int hear_words(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    const char *from = moot_message_from(m);
    char *text = NULL;
    int rc = hear_calls(me, s, m);
    if (rc == MOOT_OK)
        rc = moot__parts(body, &text);
    if (rc != MOOT_OK || is_blank(text) || !shows(me, s, from, MOOT_SEES_MSG)) {
        free(text);
        return rc;
    }
    free(s->heard_last);
    s->heard_last = text;
    /* An opening may be said for somebody: those are its own words then. */
    const char *as = moot__json_get_text(body, "as", NULL);
    bool own = as != NULL && strcmp(as, me->agent) == 0;
    bool named = !own && s->peer_count > 1 && strcmp(from, s->manager) != 0;
    rc = moot__view_seen(&me->turn.view, m);
    return rc != MOOT_OK ? rc
                         : remember(s, from, moot_message_n(m),
                                    own ? MOOT_ADD_ASSISTANT : MOOT_ADD_USER, named);
}

int moot__speaking_hear(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m,
                        bool *floor)
{
    *floor = false;
    if (s->manager == NULL || strcmp(moot_message_conv(m), me->conv) != 0)
        return MOOT_OK;
    if (moot_message_kind(m) == MOOT_MSG)
        return hear_words(me, s, m);
    if (moot_message_kind(m) != MOOT_TURN || s->turn_n != 0 ||
        strcmp(moot_message_from(m), s->manager) != 0)
        return MOOT_OK;
    const char *nudge = moot__json_get_text(moot_message_json(m), "nudge", NULL);
    free(s->nudge);
    s->nudge = nudge == NULL ? NULL : moot__copy(nudge, strlen(nudge));
    if (nudge != NULL && s->nudge == NULL)
        return MOOT_ENOMEM;
    s->turn_n = moot_message_n(m);
    *floor = true;
    return MOOT_OK;
}

/* ---- the model's turn ---- */

static int tell_who(struct moot_me *me, struct moot_speaking *s)
{
    struct moot_buf system;
    moot__buf_init(&system, MOOT_MAX_BODY);
    int rc = moot__prompt_talk(me->persona->crew, me->persona->agent, s->peers, &system);
    if (rc == MOOT_OK && system.len > 0)
        rc = moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
    moot__buf_release(&system);
    s->begun = true;
    return rc;
}

static int tell_heard(struct moot_me *me, struct moot_speaking *s)
{
    int rc = MOOT_OK;
    for (size_t i = 0; i < s->heard_count; i++) {
        const struct moot_heard *h = &s->heard[i];
        if (rc == MOOT_OK && h->did != NULL)
            rc = moot__tell(me, h->role, h->did);
        else if (rc == MOOT_OK)
            rc = h->named ? moot__fx_add_named(me->fx, h->role, h->from, h->n)
                          : moot__fx_add_message(me->fx, h->role, h->from, h->n);
        heard_release(&s->heard[i]);
    }
    s->heard_count = 0;
    return rc;
}

/* Whoever speaks while it has the floor is a person: its model hears that with the next step. */
static int tell_more(void *arg, struct moot_me *me)
{
    struct moot_speaking *s = arg;
    s->answers_person = s->answers_person || s->heard_count > 0;
    return tell_heard(me, s);
}

int moot__speaking_think(struct moot_me *me, struct moot_speaking *s)
{
    const struct moot_agent_def *agent = me->persona->agent;
    struct moot_ask ask = {
        .model = agent->model,
        .tools = agent->talk_tools != NULL ? agent->talk_views : agent->views,
        .tool_count = agent->talk_tools != NULL ? agent->talk_view_count : agent->view_count,
        .tool_choice = agent->tool_choice,
        .max_steps = agent->max_steps,
        .plan = agent->plan,
        .more = tell_more,
        .arg = s,
    };
    bool first = !s->begun;
    bool nothing = s->heard_count == 0;
    int rc = moot__think(me, &ask);
    if (rc == MOOT_OK && first)
        rc = tell_who(me, s);
    if (rc == MOOT_OK)
        rc = tell_heard(me, s);
    if (rc == MOOT_OK && s->nudge != NULL)
        rc = moot__tell(me, MOOT_ADD_USER, s->nudge);
    else if (rc == MOOT_OK && nothing)
        rc = moot__tell(me, MOOT_ADD_USER,
                        first ? "The conversation begins. Yours are the first words."
                              : "Nobody has said anything. It is your turn again.");
    return rc;
}

/* ---- saying ---- */

/* Says it as what this turn came to. The body is taken over. */
static int say(struct moot_me *me, struct moot_speaking *s, const char *to, struct moot_json *body,
               uint32_t *n)
{
    bool answers = s->answers_person && s->heard_count == 0;
    if (answers && moot__json_set_bool(body, "answers_person", true) != MOOT_OK) {
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    s->answers_person = false;
    *n = moot__say(me, MOOT_MSG, to, body);
    moot__fx_re(me->fx, s->manager, s->turn_n);
    s->turn_n = 0;
    free(s->nudge);
    s->nudge = NULL;
    return me->fx->status;
}

int moot__speaking_say(struct moot_me *me, struct moot_speaking *s, const char *text,
                       const char *by, const char *exit)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__body_say(body, text);
    if (rc == MOOT_OK && by != NULL)
        rc = moot__json_set_text(body, "by", by);
    if (rc == MOOT_OK && exit != NULL)
        rc = moot__json_set_text(body, "exit", exit);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    uint32_t n = 0;
    rc = say(me, s, NULL, body, &n);
    if (rc != MOOT_OK || is_blank(text))
        return rc;
    /* What its model did not say, its model has to be told. */
    rc = moot__view_said(&me->turn.view, me->agent, n, text);
    return rc != MOOT_OK ? rc : remember(s, me->agent, n, MOOT_ADD_ASSISTANT, false);
}

static int say_failed(struct moot_me *me, struct moot_speaking *s, const char *status,
                      const char *detail, const char *words)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *failed = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL || failed == NULL ? MOOT_ENOMEM
                                            : moot__json_set_text(failed, "status", status);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(failed, "detail", detail);
    if (rc == MOOT_OK)
        rc = moot__body_say(body, words);
    if (rc != MOOT_OK) {
        moot__json_free(failed);
        moot__json_free(body);
        return rc;
    }
    rc = moot__json_set(body, "failed", failed);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    uint32_t n = 0;
    rc = say(me, s, s->manager, body, &n);
    if (rc != MOOT_OK || is_blank(words))
        return rc;
    /* It was cut off after these words: what it heard meanwhile came later. */
    rc = moot__view_said(&me->turn.view, me->agent, n, words);
    if (rc == MOOT_OK)
        rc = remember(s, me->agent, n, MOOT_ADD_ASSISTANT, false);
    if (rc != MOOT_OK)
        return rc;
    struct moot_heard own = s->heard[s->heard_count - 1];
    memmove(&s->heard[1], &s->heard[0], (s->heard_count - 1) * sizeof(own));
    s->heard[0] = own;
    return MOOT_OK;
}

int moot__speaking_failed(struct moot_me *me, struct moot_speaking *s, const char *status,
                          const char *detail)
{
    return say_failed(me, s, status, detail, "");
}

static int set_usage(struct moot_json *body, const struct moot_thought *end)
{
    struct moot_json *usage = moot__json_new(MOOT_JSON_OBJECT);
    char cost[32];
    snprintf(cost, sizeof(cost), "%lld", (long long)end->cost);
    int rc = usage == NULL ? MOOT_ENOMEM : moot__json_set_int(usage, "calls", end->calls);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(usage, "tokens", end->tokens);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(usage, "cost", cost);
    if (rc != MOOT_OK) {
        moot__json_free(usage);
        return rc;
    }
    return moot__json_set(body, "usage", usage);
}

/* What a form's arguments say: the result, or the words beside a handoff; "" where they do not. */
static int read_form(const struct moot_thought *end, const char *key, char **out)
{
    struct moot_json *args = NULL;
    int rc = moot__json_parse(end->args, strlen(end->args), &args, NULL);
    const char *text = rc == MOOT_OK ? moot__json_get_text(args, key, "") : "";
    *out = moot__copy(text, strlen(text));
    moot__json_free(args);
    return rc == MOOT_ENOMEM || *out == NULL ? MOOT_ENOMEM : MOOT_OK;
}

/* A form ended the turn: the goal is reached, the floor is handed on, or its arguments are what is
 * said. */
static int set_form(struct moot_json *body, const struct moot_thought *end)
{
    size_t transfer = strlen(MOOT_TOOL_TRANSFER);
    char *words = NULL;
    int rc = MOOT_OK;
    if (strcmp(end->form, MOOT_TOOL_FINISH) == 0) {
        rc = read_form(end, "result", &words);
        if (rc == MOOT_OK)
            rc = moot__body_say(body, end->text);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(body, "finish", words);
    } else if (strncmp(end->form, MOOT_TOOL_TRANSFER, transfer) == 0) {
        rc = read_form(end, "message", &words);
        if (rc == MOOT_OK)
            rc = moot__body_say(body, is_blank(end->text) ? words : end->text);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(body, "handoff", end->form + transfer);
    } else {
        rc = moot__body_say(body, end->args);
    }
    free(words);
    return rc;
}

int moot__speaking_thought(struct moot_me *me, struct moot_speaking *s,
                           const struct moot_thought *end)
{
    if (end->end == MOOT_THOUGHT_CANCELLED)
        return say_failed(me, s, end->status, end->detail, end->text != NULL ? end->text : "");
    if (end->end == MOOT_THOUGHT_FAILED)
        return moot__speaking_failed(me, s, end->status, end->detail);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : set_usage(body, end);
    if (rc == MOOT_OK)
        rc = end->form != NULL ? set_form(body, end) : moot__body_say(body, end->text);
    if (rc == MOOT_OK && end->did != NULL)
        rc = moot__json_set(body, "calls", moot__json_copy(end->did));
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    uint32_t n = 0;
    return say(me, s, NULL, body, &n);
}
