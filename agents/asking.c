#include "agents/asking.h"

#include "agents/prompt.h"

/* ---- who asks ---- */

static bool may_message(const struct moot_agent_def *from, const char *to)
{
    for (size_t i = 0; from != NULL && from->can_message != NULL; i++) {
        if (from->can_message[i] == NULL)
            return false;
        if (strcmp(from->can_message[i], to) == 0)
            return true;
    }
    return true;
}

/* How deep a conversation is: an item's own is at 0. */
static int64_t depth_of(const char *conv)
{
    int64_t depth = 0;
    for (; *conv != '\0'; conv++)
        depth += *conv == '/';
    return depth;
}

/* Why it is not asked; "" if it may be. */
static void look_at(const struct moot_me *me, const char *agent, char *why, size_t size)
{
    const struct moot_crew_def *crew = me->persona->crew;
    const struct moot_agent_def *whom = moot__def_agent(crew, agent);
    why[0] = '\0';
    if (whom == NULL)
        snprintf(why, size, "error: there is no agent '%.100s'", agent);
    else if (strcmp(agent, me->agent) == 0)
        snprintf(why, size, "error: you cannot ask yourself");
    else if (whom->kind == MOOT_USER_PROXY_AGENT)
        snprintf(why, size, "error: '%.100s' stands for a person and cannot be asked", agent);
    else if (!may_message(me->persona->agent, agent))
        snprintf(why, size, "error: you may not address '%.100s'", agent);
    else if (crew->limits.depth > 0 && depth_of(me->conv) + 1 > crew->limits.depth)
        snprintf(why, size, "error: no more questions within questions (limits.depth: %lld)",
                 (long long)crew->limits.depth);
}

/* {ask: {asker, question}}, a member of the `open` itself: an item's members are the user's. */
static struct moot_json *open_body(const struct moot_me *me, const char *question)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *ask = moot__json_new(MOOT_JSON_OBJECT);
    int rc =
        body == NULL || ask == NULL ? MOOT_ENOMEM : moot__json_set_text(ask, "asker", me->agent);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(ask, "question", question);
    if (rc != MOOT_OK) {
        moot__json_free(ask);
        moot__json_free(body);
        return NULL;
    }
    if (moot__json_set(body, "ask", ask) == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

/* Its name is the asker's with a count: others may ask in the same conversation. */
static int open_with(struct moot_me *me, const char *agent, const char *question, char **path)
{
    char name[MOOT_MAX_ID * 2 + 32];
    struct moot_buf whole;
    struct moot_json *body = open_body(me, question);
    struct moot_json *input = moot__json_new(MOOT_JSON_OBJECT);
    snprintf(name, sizeof(name), "%s.chat%u", me->agent, ++me->turn.chats);
    moot__buf_init(&whole, MOOT_MAX_BODY);
    moot__buf_addf(&whole, "%s/%s", me->conv, name);
    *path = body != NULL && input != NULL ? moot__buf_take(&whole) : NULL;
    moot__buf_release(&whole);
    if (*path == NULL) {
        moot__json_free(input);
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    moot__open(me, name, agent, NULL, input, body);
    return me->fx->status;
}

int moot__asking_open(struct moot_me *me, const char *args, char **path, char **refusal)
{
    char why[256];
    struct moot_json *object = NULL;
    int rc = moot__json_parse(args, strlen(args), &object, NULL);
    if (rc == MOOT_ENOMEM)
        return rc;
    const char *agent = moot__json_get_text(object, "agent", "");
    const char *question = moot__json_get_text(object, "question", "");
    look_at(me, agent, why, sizeof(why));
    if (why[0] == '\0') {
        rc = open_with(me, agent, question, path);
    } else {
        *refusal = moot__copy(why, strlen(why));
        rc = *refusal == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__json_free(object);
    return rc;
}

void moot__asking_cancel(struct moot_me *me, const char *path)
{
    moot__cancel_conv(me, path + strlen(me->conv) + 1);
}

struct moot_json *moot__asking_result(const struct moot_json *end)
{
    const struct moot_json *result = moot__json_get(end, "result");
    const char *outcome = moot__json_get_text(end, "outcome", "failed");
    const char *text = moot__json_get_text(result, "text", moot__json_get_text(result, "json", ""));
    bool done = strcmp(outcome, "done") == 0;
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    if (done)
        moot__buf_adds(&words, text);
    else
        moot__buf_addf(&words, "error: no answer: %s", moot__json_get_text(end, "detail", outcome));
    struct moot_json *told = moot__json_new(MOOT_JSON_OBJECT);
    int rc = told == NULL ? MOOT_ENOMEM : words.status;
    if (rc == MOOT_OK)
        rc = moot__json_set_text(told, "status", done ? "ok" : "error");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(told, "output", moot__buf_text(&words));
    moot__buf_release(&words);
    if (rc == MOOT_OK)
        return told;
    moot__json_free(told);
    return NULL;
}

/* ---- who is asked ---- */

bool moot__asking_asked(const struct moot_message *m)
{
    return moot__json_get(moot_message_json(m), "ask") != NULL;
}

int moot__asking_begin(struct moot_me *me, const struct moot_message *m)
{
    const struct moot_agent_def *agent = me->persona->agent;
    const struct moot_json *ask = moot__json_get(moot_message_json(m), "ask");
    struct moot_buf system, user;
    moot__buf_init(&system, MOOT_MAX_BODY);
    moot__buf_init(&user, MOOT_MAX_BODY);
    moot__prompt_system(agent, &system);
    moot__buf_addf(&user, "%s asks you:\n\n%s\n\nGive the answer alone.",
                   moot__json_get_text(ask, "asker", ""), moot__json_get_text(ask, "question", ""));
    int rc = system.status != MOOT_OK ? system.status : user.status;
    if (rc == MOOT_OK) {
        const struct moot_ask how = {
            .model = agent->model,
            .tools = agent->views,
            .tool_count = agent->view_count,
            .tool_choice = agent->tool_choice,
            .max_steps = agent->max_steps,
            .plan = agent->plan,
        };
        moot__think(me, &how);
        if (system.len > 0)
            moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&user));
    }
    moot__buf_release(&system);
    moot__buf_release(&user);
    return rc;
}

int moot__asking_thought(struct moot_me *me, const struct moot_thought *end)
{
    if (end->end != MOOT_THOUGHT_REPLY) {
        moot__finish_failed(me, end->status, end->detail);
        return me->fx->status;
    }
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *result = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL || result == NULL
                 ? MOOT_ENOMEM
                 : moot__json_set_text(result, "text", end->form != NULL ? end->args : end->text);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "outcome", "done");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", "finished");
    if (rc != MOOT_OK) {
        moot__json_free(result);
        moot__json_free(body);
        return rc;
    }
    rc = moot__json_set(body, "result", result);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__finish(me, body);
    return me->fx->status;
}
