/* The settings of a conversation's process, and the tools that only conversations have. */
#include "roles/crew_build.h"

#include "agents/speaking.h"
#include "roles/speakers.h"
#include "roles/termination.h"

bool moot__crew_talks(const char *process)
{
    static const char *const words[] = {"pair", "group_chat", "swarm", "ledger"};
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(process, words[i]) == 0)
            return true;
    return false;
}

static int build_opening(const struct moot_json *r, struct moot_talk_def *talk,
                         struct moot_error *err)
{
    const char *text = moot__json_get_text(r, "opening", NULL);
    if (text == NULL)
        return MOOT_OK;
    int status = moot__template_parse(text, strlen(text), &talk->opening, err);
    return status == MOOT_OK ? status : moot__fail_wrap(err, "opening");
}

int moot__build_manager(const struct moot_json *r, struct moot_talk_def *talk,
                        struct moot_error *err)
{
    const struct moot_json *manager = moot__json_get(r, "manager");
    int status = MOOT_OK;
    if (moot__json_is(manager, MOOT_JSON_STRING)) {
        status |= moot__build_text(r, "manager", &talk->manager_agent);
    } else {
        status |= moot__build_text(manager, "model", &talk->manager_model);
        status |= moot__build_text(manager, "prompt", &talk->manager_prompt);
        status |= moot__build_view(moot__json_get(manager, "view"), &talk->manager_view);
    }
    return status == MOOT_OK ? status : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int build_speakers(const struct moot_json *r, struct moot_talk_def *talk,
                          struct moot_error *err)
{
    talk->speakers = calloc(1, sizeof(*talk->speakers));
    if (talk->speakers == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return moot__speakers_build(moot__json_get(r, "group_chat"), talk->speakers, err);
}

/* Its members are all agents but one that is the manager. */
static int build_schemas(const struct moot_crew_def *def, struct moot_talk_def *talk,
                         struct moot_error *err)
{
    char **members = calloc(def->agent_count + 1, sizeof(*members));
    size_t count = 0;
    for (size_t i = 0; members != NULL && i < def->agent_count; i++)
        if (talk->manager_agent == NULL || strcmp(talk->manager_agent, def->agents[i].id) != 0)
            members[count++] = def->agents[i].id;
    int status =
        members == NULL ? MOOT_ENOMEM : moot__speakers_schemas(talk->speakers, members, count);
    free(members);
    return status == MOOT_OK ? status : moot__fail(err, status, "out of memory");
}

static bool is_told_calls(const struct moot_view_def *view)
{
    return (view->kinds & (MOOT_SEES_CALL | MOOT_SEES_RESULT)) != 0;
}

/* Whether turns have to say what they called, and what came of it. */
static bool tells_calls(const struct moot_crew_def *def)
{
    bool any = is_told_calls(&def->talk.manager_view);
    for (size_t i = 0; i < def->agent_count; i++)
        any = any || is_told_calls(&def->agents[i].view);
    return any;
}

/* ---- finish and transfer_to_… ---- */

int moot__build_form(struct moot_crew_def *def, const char *id, const char *description,
                     const char *parameters, struct moot_error *err)
{
    struct moot_tool_def *made = NULL;
    if (moot__def_tool(def, id) != NULL)
        return MOOT_OK;
    int status = moot__build_tool(def, id, description, parameters, &made, err);
    if (status == MOOT_OK)
        made->is_form = true;
    return status;
}

int moot__build_grant(struct moot_agent_def *a, const char *tool, struct moot_error *err)
{
    size_t count = 0;
    while (a->talk_tools != NULL && a->talk_tools[count] != NULL)
        count++;
    char **tools = realloc(a->talk_tools, (count + 2) * sizeof(*tools));
    if (tools == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    a->talk_tools = tools;
    tools[count] = strdup(tool);
    tools[count + 1] = NULL;
    return tools[count] != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static bool has_proxy(const struct moot_crew_def *def)
{
    for (size_t i = 0; i < def->agent_count; i++)
        if (def->agents[i].kind == MOOT_USER_PROXY_AGENT)
            return true;
    return false;
}

/* Who may declare the goal reached: the user proxies; in a crew without one, everybody. In a ledger
 * the manager does. */
static int grant_finish(struct moot_crew_def *def, struct moot_error *err)
{
    bool proxy = has_proxy(def);
    int status = moot__build_form(def, MOOT_TOOL_FINISH,
                                  "Declares that the goal is reached, and ends the conversation.",
                                  "{\"type\":\"object\",\"properties\":{\"result\":{\"type\":"
                                  "\"string\",\"description\":\"the final answer, whole\"}},"
                                  "\"required\":[\"result\"]}",
                                  err);
    for (size_t i = 0; i < def->agent_count && status == MOOT_OK; i++)
        if (!proxy || def->agents[i].kind == MOOT_USER_PROXY_AGENT)
            status = moot__build_grant(&def->agents[i], MOOT_TOOL_FINISH, err);
    return status;
}

static bool may_message(const struct moot_agent_def *from, const char *to)
{
    for (size_t i = 0; from->can_message != NULL; i++) {
        if (from->can_message[i] == NULL)
            return false;
        if (strcmp(from->can_message[i], to) == 0)
            return true;
    }
    return true;
}

static int grant_transfers(struct moot_crew_def *def, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < def->agent_count; i++) {
        for (size_t k = 0; k < def->agent_count && status == MOOT_OK; k++) {
            const struct moot_agent_def *to = &def->agents[k];
            if (k == i || !may_message(&def->agents[i], to->id))
                continue;
            char id[MOOT_MAX_ID + sizeof(MOOT_TOOL_TRANSFER)];
            char words[512];
            snprintf(id, sizeof(id), "%s%s", MOOT_TOOL_TRANSFER, to->id);
            snprintf(words, sizeof(words), "Hands the conversation over to %s%s%.300s.", to->id,
                     to->role != NULL ? ": " : "", to->role != NULL ? to->role : "");
            status =
                moot__build_form(def, id, words,
                                 "{\"type\":\"object\",\"properties\":{\"message\":{\"type\":"
                                 "\"string\",\"description\":\"what is said at the handoff\"}}}",
                                 err);
            if (status == MOOT_OK)
                status = moot__build_grant(&def->agents[i], id, err);
        }
    }
    return status;
}

static bool has_chat(const struct moot_crew_def *def)
{
    for (size_t i = 0; i < def->task_count; i++)
        if (def->tasks[i].chat_with != NULL)
            return true;
    return false;
}

int moot__build_talk(const struct moot_json *resolved, struct moot_crew_def *def,
                     struct moot_error *err)
{
    struct moot_talk_def *talk = &def->talk;
    if (!moot__crew_talks(def->process) && !has_chat(def))
        return MOOT_OK;
    int status = moot__build_text(resolved, "start", &talk->start);
    status |= moot__build_text(resolved, "answer", &talk->answer);
    status |=
        moot__build_text(moot__json_get(resolved, "swarm"), "on_no_handoff", &talk->on_no_handoff);
    if (status != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    talk->reflect = strcmp(moot__json_get_text(moot__json_get(resolved, "pair"), "summary", "last"),
                           "reflect") == 0;
    talk->max_stalls = moot__json_get_int(moot__json_get(resolved, "ledger"), "max_stalls", 3);
    status = build_opening(resolved, talk, err);
    if (status == MOOT_OK)
        status = moot__build_manager(resolved, talk, err);
    if (status == MOOT_OK)
        status = build_speakers(resolved, talk, err);
    if (status == MOOT_OK && strcmp(def->process, "group_chat") == 0)
        status = build_schemas(def, talk, err);
    talk->tells_calls = tells_calls(def);
    const struct moot_json *termination = moot__json_get(resolved, "termination");
    if (status == MOOT_OK && termination != NULL)
        status = moot__condition_build(termination, &talk->termination, err);
    if (status == MOOT_OK && strcmp(def->process, "ledger") != 0)
        status = grant_finish(def, err);
    if (status == MOOT_OK && strcmp(def->process, "swarm") == 0)
        status = grant_transfers(def, err);
    return status;
}

void moot__build_talk_release(struct moot_talk_def *talk)
{
    moot__template_free(talk->opening);
    free(talk->start);
    free(talk->answer);
    free(talk->manager_agent);
    free(talk->manager_model);
    free(talk->manager_prompt);
    moot__words_free(talk->manager_view.from);
    free(talk->on_no_handoff);
    moot__condition_free(talk->termination);
    if (talk->speakers != NULL)
        moot__speakers_release(talk->speakers);
    free(talk->speakers);
}
