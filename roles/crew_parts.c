#include "roles/crew_build.h"

#include "agents/asking.h"
#include "agents/prompt.h"
#include "agents/work.h"
#include "roles/crew_checking.h"
#include "roles/crew_load.h"
#include "roles/roles.h"
#include "roles/speakers.h"

/* The model specs that some agent, task or step uses, each once. */
struct used {
    struct moot_crew *crew;
    const char *(*getenv_fn)(const char *);
    struct moot_error *err;
    const char *user; /* who wants it, for the error */
};

static int use_model(struct used *u, const char *name)
{
    struct moot_crew_parts *parts = &u->crew->parts;
    for (size_t i = 0; i < parts->model_count; i++) {
        if (strcmp(parts->models[i]->name, name) == 0)
            return MOOT_OK;
    }
    const struct moot_json *entry = moot__crew_entry(u->crew->resolved, "models", name);
    const char *model =
        moot__json_get_text(entry, "model", strchr(name, '/') != NULL ? name : NULL);
    if (model == NULL) {
        moot__fail(u->err, MOOT_EINVAL, "no model: agent '%s' has none and models.%s is not set",
                   u->user, name);
        moot__fail_hint(u->err,
                        "add   models: {%s: openai/gpt-4.1-mini}\n"
                        "or run it once with   --model ollama/llama3.2",
                        name);
        return MOOT_EINVAL;
    }
    struct moot_model_spec **models =
        realloc(parts->models, (parts->model_count + 1) * sizeof(struct moot_model_spec *));
    if (models == NULL)
        return moot__fail(u->err, MOOT_ENOMEM, "out of memory");
    parts->models = models;
    struct moot_json *map = entry != NULL ? moot__crew_model_map(entry) : NULL;
    if (entry != NULL && map == NULL)
        return moot__fail(u->err, MOOT_ENOMEM, "out of memory");
    int status = moot__model_spec_make(name, model, map, u->crew->base_dir, u->getenv_fn,
                                       &models[parts->model_count], u->err);
    moot__json_free(map);
    if (status == MOOT_OK)
        parts->model_count++;
    return status;
}

/* Those of a conversation's members, and of its manager where that decides by a model. */
static int use_talk_models(struct used *u)
{
    const struct moot_crew_def *def = &u->crew->def;
    int status = MOOT_OK;
    for (size_t i = 0; i < def->agent_count && status == MOOT_OK; i++) {
        const struct moot_agent_def *a = &def->agents[i];
        bool silent = a->kind == MOOT_USER_PROXY_AGENT && moot__prompt_goal(def, a) == NULL &&
                      a->system_message == NULL;
        if (silent)
            continue;
        u->user = a->id;
        status = use_model(u, a->model != NULL ? a->model : "default");
    }
    bool decides =
        strcmp(def->process, "ledger") == 0 || def->talk.reflect || def->delegation.given ||
        (strcmp(def->process, "group_chat") == 0 && moot__speakers_ask(def->talk.speakers));
    if (status != MOOT_OK || !decides || def->talk.manager_agent != NULL)
        return status;
    u->user = "manager";
    return use_model(u, def->talk.manager_model != NULL ? def->talk.manager_model : "default");
}

/* Whether somebody is given a tool that asks other agents. */
static bool may_ask(const struct moot_crew *crew, char *const *tools)
{
    for (size_t i = 0; tools != NULL && tools[i] != NULL; i++) {
        const struct moot_json *entry = moot__crew_entry(crew->resolved, "tools", tools[i]);
        if (strcmp(moot__crew_tool_use(entry, tools[i]), MOOT_TOOL_ASK) == 0)
            return true;
    }
    return false;
}

/* Those of whoever can be asked by another agent. */
static int use_asked_models(struct used *u)
{
    const struct moot_crew_def *def = &u->crew->def;
    bool asks = false;
    int status = MOOT_OK;
    for (size_t i = 0; i < def->agent_count; i++)
        asks = asks || may_ask(u->crew, def->agents[i].tools);
    for (size_t i = 0; i < def->task_count; i++)
        asks = asks || may_ask(u->crew, def->tasks[i].tools);
    for (size_t i = 0; i < def->agent_count && asks && status == MOOT_OK; i++) {
        const struct moot_agent_def *a = &def->agents[i];
        if (a->kind == MOOT_USER_PROXY_AGENT)
            continue;
        u->user = a->id;
        status = use_model(u, a->model != NULL ? a->model : "default");
    }
    return status;
}

/* The agent's own, else the default. `id` may be NULL. */
static int use_model_of(struct used *u, const char *id)
{
    const struct moot_agent_def *a = moot__def_agent(&u->crew->def, id);
    if (a == NULL)
        return MOOT_OK;
    u->user = a->id;
    return use_model(u, a->model != NULL ? a->model : "default");
}

/* Those of all who may be asked where a task is agreed on; a plan may give work to anybody. */
static int use_vote_models(struct used *u, const struct moot_task_def *t)
{
    const struct moot_crew_def *def = &u->crew->def;
    const struct moot_vote_def *v = t->vote;
    int status = use_model_of(u, v->chair);
    for (size_t i = 0; v->voters[i] != NULL && status == MOOT_OK; i++)
        status = use_model_of(u, v->voters[i]);
    for (size_t i = 0; v->proposers[i] != NULL && status == MOOT_OK; i++)
        status = use_model_of(u, v->proposers[i]);
    for (size_t i = 0; v->decide == MOOT_DECIDE_PLAN && i < def->agent_count && status == MOOT_OK;
         i++)
        if (def->agents[i].kind == MOOT_ASSISTANT_AGENT)
            status = use_model_of(u, def->agents[i].id);
    if (status == MOOT_OK && t->model != NULL)
        status = use_model(u, t->model);
    for (size_t k = 0; k < t->step_count && status == MOOT_OK; k++)
        if (t->steps[k].model != NULL)
            status = use_model(u, t->steps[k].model);
    for (size_t k = 0; k < t->check_count && status == MOOT_OK; k++)
        status = use_model_of(u, t->checks[k].judge);
    return status;
}

static int use_models(struct moot_crew *crew, const char *(*getenv_fn)(const char *),
                      struct moot_error *err)
{
    struct used u = {.crew = crew, .getenv_fn = getenv_fn, .err = err};
    const struct moot_crew_def *def = &crew->def;
    bool all = moot__crew_talks(def->process) || def->delegation.given;
    int status = all ? use_talk_models(&u) : MOOT_OK;
    if (status == MOOT_OK)
        status = use_asked_models(&u);
    for (size_t i = 0; i < def->task_count && status == MOOT_OK; i++) {
        const struct moot_task_def *t = &def->tasks[i];
        const struct moot_agent_def *a = moot__def_agent(def, t->agent);
        if (t->vote != NULL)
            status = use_vote_models(&u, t);
        if (t->step_count == 0 || (a == NULL && t->agent != NULL))
            continue;
        const struct moot_agent_def *proxy = moot__def_agent(def, t->chat_with);
        if (proxy != NULL &&
            (proxy->system_message != NULL || moot__prompt_goal(def, proxy) != NULL)) {
            u.user = proxy->id;
            status = use_model(&u, proxy->model != NULL ? proxy->model : "default");
        }
        if (a == NULL && t->model == NULL)
            continue; /* whoever is chosen has a model */
        u.user = a != NULL ? a->id : t->id;
        const char *own = a != NULL ? a->model : NULL;
        const char *usual = t->model != NULL ? t->model : own != NULL ? own : "default";
        for (size_t k = 0; k < t->step_count && status == MOOT_OK; k++)
            status = use_model(&u, t->steps[k].model != NULL ? t->steps[k].model : usual);
        for (size_t k = 0; k < t->check_count && status == MOOT_OK; k++)
            status = use_model_of(&u, t->checks[k].judge);
    }
    return status;
}

static int add_tool_def(struct moot_crew_def *def, const struct moot_tool_spec *spec,
                        struct moot_error *err)
{
    struct moot_tool_def *made = NULL;
    const char *parameters = spec->parameters != NULL ? spec->parameters : "{\"type\":\"object\"}";
    int status = moot__build_tool(def, spec->id, spec->description != NULL ? spec->description : "",
                                  parameters, &made, err);
    if (status == MOOT_OK)
        made->is_form = strcmp(spec->use, "form") == 0;
    return status;
}

/* The entry with its parameters as JSON Schema, which is what runtime/tool.h reads. */
static int tool_entry(const struct moot_json *entry, struct moot_json **out, struct moot_error *err)
{
    struct moot_json *copy = moot__json_copy(entry);
    const struct moot_json *resolved = moot__json_get(entry, "parameters");
    if (copy == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    *out = copy;
    if (resolved == NULL)
        return MOOT_OK;
    struct moot_shortform form;
    struct moot_json *shape = moot__crew_shape(resolved);
    int status = shape != NULL ? moot__shortform_compile(shape, &form, err) : MOOT_ENOMEM;
    moot__json_free(shape);
    if (status == MOOT_OK) {
        char *text = moot__json_string(form.schema);
        status = text != NULL ? moot__json_set_text(copy, "parameters_schema", text) : MOOT_ENOMEM;
        free(text);
        moot__shortform_release(&form);
    }
    if (status == MOOT_OK)
        return MOOT_OK;
    moot__json_free(copy);
    return moot__fail_wrap(err, "tool '%s'", moot__json_get_text(entry, "id", ""));
}

static int add_tool(struct moot_crew *crew, const struct moot_json *entry, struct moot_error *err)
{
    struct moot_crew_parts *parts = &crew->parts;
    struct moot_tool_spec **tools =
        realloc(parts->tools, (parts->tool_count + 1) * sizeof(struct moot_tool_spec *));
    if (tools == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    parts->tools = tools;
    struct moot_json *plain = NULL;
    int status = tool_entry(entry, &plain, err);
    if (status == MOOT_OK)
        status = moot__tool_spec_make(plain, crew->base_dir, &tools[parts->tool_count], err);
    moot__json_free(plain);
    if (status != MOOT_OK)
        return status;
    const struct moot_tool_spec *made = tools[parts->tool_count++];
    return moot__def_tool(&crew->def, made->id) == NULL ? add_tool_def(&crew->def, made, err)
                                                        : MOOT_OK;
}

static struct moot_tool_spec *tool_of(struct moot_crew *crew, const char *id, const char *agent)
{
    for (size_t i = 0; id != NULL && i < crew->parts.tool_count; i++) {
        struct moot_tool_spec *tool = crew->parts.tools[i];
        const char *whose = tool->agent != NULL ? tool->agent : "";
        if (strcmp(tool->id, id) == 0 && strcmp(whose, agent != NULL ? agent : "") == 0)
            return tool;
    }
    return NULL;
}

/* The entry of an agent of the crew file that has settings for its tools; else NULL: it has them as
 * anybody has. */
static const struct moot_json *settings_of(const struct moot_crew *crew, const char *agent)
{
    static const char *const keys[] = {"workspace", "sandbox", "approval"};
    const struct moot_json *entry =
        agent != NULL ? moot__crew_entry(crew->resolved, "agents", agent) : NULL;
    for (size_t i = 0; i < MOOT_COUNT(keys); i++)
        if (moot__json_get(entry, keys[i]) != NULL)
            return entry;
    return NULL;
}

/* The tool as that agent has it: in its workspace, with the tool's own sandbox before the agent's.
 * Who consents to code is the stricter of both. */
static int set_settings(struct moot_json *tool, const struct moot_json *agent)
{
    const struct moot_json *sandbox = moot__json_get(agent, "sandbox");
    const char *workspace = moot__json_get_text(agent, "workspace", NULL);
    const char *approval = moot__json_get_text(agent, "approval", NULL);
    const char *use = moot__json_get_text(tool, "use", moot__json_get_text(tool, "id", ""));
    bool command = moot__json_get(tool, "command") != NULL;
    bool always = strcmp(moot__json_get_text(tool, "approval", ""), "always") == 0;
    int status = moot__json_set_text(tool, "agent", moot__json_get_text(agent, "id", ""));
    if (status == MOOT_OK && workspace != NULL)
        status = moot__json_set_text(tool, "workspace", workspace);
    if (status == MOOT_OK && sandbox != NULL && moot__json_get(tool, "sandbox") == NULL)
        status = moot__json_set(tool, "sandbox", moot__json_copy(sandbox));
    if (status == MOOT_OK && approval != NULL && !always && !command && moot__tool_is_code(use))
        status = moot__json_set_text(tool, "approval", approval);
    return status;
}

/* A tool that is named without an entry of its own is a built-in. `agent`: who will call it, or
 * NULL. */
static int use_tool(struct moot_crew *crew, const char *id, const char *agent,
                    struct moot_error *err)
{
    const struct moot_json *settings = settings_of(crew, agent);
    if (id == NULL || tool_of(crew, id, settings != NULL ? agent : NULL) != NULL)
        return MOOT_OK;
    const struct moot_json *entry = moot__crew_entry(crew->resolved, "tools", id);
    if (strcmp(moot__crew_tool_use(entry, id), MOOT_TOOL_ASK) == 0)
        return moot__def_tool(&crew->def, id) != NULL
                   ? MOOT_OK
                   : moot__build_asking(&crew->def, id, entry, err);
    struct moot_json *made =
        entry != NULL ? moot__json_copy(entry) : moot__json_new(MOOT_JSON_OBJECT);
    int status = entry != NULL ? MOOT_OK : moot__json_set_text(made, "id", id);
    if (made == NULL)
        status = MOOT_ENOMEM;
    if (status == MOOT_OK && settings != NULL)
        status = set_settings(made, settings);
    status = status == MOOT_OK ? add_tool(crew, made, err)
                               : moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__json_free(made);
    return status;
}

static int use_tools(struct moot_crew *crew, char *const *ids, const char *agent,
                     struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; ids != NULL && ids[i] != NULL && status == MOOT_OK; i++)
        status = use_tool(crew, ids[i], agent, err);
    return status;
}

/* The tool that a `command` task has made for it: named as the task, with what the task says. */
static int use_command(struct moot_crew *crew, const struct moot_json *task, struct moot_error *err)
{
    static const char *const keys[] = {"id", "command", "approval", "sandbox"};
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    int status = made != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++) {
        const struct moot_json *value = moot__json_get(task, keys[i]);
        if (value != NULL)
            status = moot__json_set(made, keys[i], moot__json_copy(value));
    }
    if (status == MOOT_OK)
        status = add_tool(crew, made, err);
    moot__json_free(made);
    return status;
}

static bool is_tool_word(const char *choice)
{
    return choice != NULL && strcmp(choice, "auto") != 0 && strcmp(choice, "none") != 0 &&
           strcmp(choice, "required") != 0;
}

static int use_choice(struct moot_crew *crew, const char *choice, const char *agent,
                      struct moot_error *err)
{
    return is_tool_word(choice) ? use_tool(crew, choice, agent, err) : MOOT_OK;
}

static int use_task_tools(struct moot_crew *crew, const struct moot_task_def *t,
                          struct moot_error *err)
{
    const struct moot_json *entry = moot__crew_entry(crew->resolved, "tasks", t->id);
    int status = moot__json_get(entry, "command") != NULL ? use_command(crew, entry, err)
                                                          : use_tool(crew, t->tool, t->agent, err);
    if (status == MOOT_OK)
        status = use_tools(crew, t->tools, t->agent, err);
    for (size_t i = 0; t->vote != NULL && t->vote->proposers[i] != NULL && status == MOOT_OK; i++)
        status = use_tools(crew, t->tools, t->vote->proposers[i], err);
    if (status == MOOT_OK)
        status = use_choice(crew, t->tool_choice, t->agent, err);
    for (size_t i = 0; i < t->step_count && status == MOOT_OK; i++)
        status = use_choice(crew, t->steps[i].tool_choice, t->agent, err);
    for (size_t i = 0; i < t->check_count && status == MOOT_OK; i++) {
        if (t->checks[i].kind == MOOT_CHECK_FILE)
            status = use_tool(crew, "check_file", NULL, err);
        else if (t->checks[i].kind == MOOT_CHECK_COMMAND)
            status = use_tool(crew, "check_command", NULL, err);
    }
    if (status == MOOT_OK && t->output_file != NULL)
        status = use_tool(crew, "publish", NULL, err);
    struct moot_tool_spec *own = tool_of(crew, t->tool, t->agent);
    if (own == NULL)
        own = tool_of(crew, t->tool, NULL);
    if (own != NULL && strcmp(moot__json_get_text(entry, "approval", ""), "always") == 0)
        own->approval_always = true;
    return status;
}

static int use_agent_tools(struct moot_crew *crew, const struct moot_agent_def *a,
                           struct moot_error *err)
{
    int status = use_tools(crew, a->tools, a->id, err);
    if (status == MOOT_OK)
        status = use_choice(crew, a->tool_choice, a->id, err);
    /* Its role calls it; no model is told of it. */
    if (status == MOOT_OK && a->code_execution)
        status = use_tool(crew, "run_code", a->id, err);
    return status;
}

static int use_all_tools(struct moot_crew *crew, struct moot_error *err)
{
    int status = MOOT_OK;
    const struct moot_crew_def *def = &crew->def;
    for (size_t i = 0; i < def->agent_count && status == MOOT_OK; i++)
        status = use_agent_tools(crew, &def->agents[i], err);
    for (size_t i = 0; i < def->task_count && status == MOOT_OK; i++)
        status = use_task_tools(crew, &def->tasks[i], err);
    return status;
}

static void seat(struct moot_crew *crew, const char *id, const struct moot_agent_ops *ops,
                 const struct moot_agent_def *agent)
{
    size_t i = crew->parts.participant_count++;
    crew->personas[i].crew = &crew->def;
    crew->personas[i].agent = agent;
    struct moot_participant *p = (struct moot_participant *)&crew->parts.participants[i];
    p->id = id;
    p->ops = ops;
    p->persona = &crew->personas[i];
    p->is_agent = agent != NULL;
    if (agent != NULL)
        p->bounds = agent->limits;
}

static const struct moot_agent_ops *ops_of(const struct moot_agent_def *a)
{
    switch (a->kind) {
    case MOOT_JUDGE_AGENT:
        return &moot__judge;
    case MOOT_USER_PROXY_AGENT:
        return &moot__user_proxy;
    case MOOT_ASSISTANT_AGENT:
        break;
    }
    return &moot__assistant;
}

/* Who sits in each item's conversation beside the manager: in a conversation, all agents but one
 * that is its manager. */
static int seat_members(struct moot_crew *crew, struct moot_error *err)
{
    const struct moot_crew_def *def = &crew->def;
    if (!moot__crew_talks(def->process))
        return MOOT_OK;
    const char **members = calloc(def->agent_count + 1, sizeof(*members));
    if (members == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    crew->parts.members = members;
    for (size_t i = 0; i < def->agent_count; i++)
        if (def->talk.manager_agent == NULL ||
            strcmp(def->talk.manager_agent, def->agents[i].id) != 0)
            members[crew->parts.member_count++] = def->agents[i].id;
    return MOOT_OK;
}

/* The manager of tasks is who delegates, and signs that; one of a conversation is a voice beside
 * its members. */
static bool manages(const struct moot_crew_def *def, const struct moot_agent_def *a)
{
    return def->delegation.given && def->talk.manager_agent != NULL &&
           strcmp(def->talk.manager_agent, a->id) == 0;
}

static int seat_all(struct moot_crew *crew, struct moot_error *err)
{
    struct moot_crew_def *def = &crew->def;
    size_t room = def->agent_count + 3;
    crew->personas = calloc(room, sizeof(*crew->personas));
    struct moot_participant *list = calloc(room, sizeof(*list));
    crew->parts.participants = list;
    if (crew->personas == NULL || list == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    const struct moot_agent_ops *manager = moot__role(def->process);
    if (manager == NULL)
        return moot__fail(err, MOOT_EUNSUPPORTED, "process '%s' is not yet here", def->process);
    for (size_t i = 0; i < def->agent_count; i++) {
        const struct moot_agent_def *a = &def->agents[i];
        seat(crew, a->id, manages(def, a) ? manager : ops_of(a), a);
        if (manages(def, a))
            crew->parts.manager = a->id;
    }
    seat(crew, "runner", &moot__runner, NULL);
    if (crew->parts.manager != NULL)
        return seat_members(crew, err);
    seat(crew, def->process, manager, NULL);
    crew->parts.manager = def->process;
    bool chats = false;
    for (size_t i = 0; i < def->task_count; i++)
        chats = chats || def->tasks[i].chat_with != NULL;
    if (chats && strcmp(def->process, MOOT_CHAT_MANAGER) != 0)
        seat(crew, MOOT_CHAT_MANAGER, &moot__pair, NULL);
    return seat_members(crew, err);
}

static int bind_tasks(struct moot_crew *crew, struct moot_error *err)
{
    const struct moot_crew_def *def = &crew->def;
    struct moot_task_bounds *list = calloc(def->task_count + 1, sizeof(*list));
    if (list == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    crew->parts.task_bounds = list;
    for (size_t i = 0; i < def->task_count; i++) {
        list[i].task = def->tasks[i].id;
        list[i].bounds = def->tasks[i].limits;
    }
    crew->parts.task_bound_count = def->task_count;
    return MOOT_OK;
}

int moot__build_parts(struct moot_crew *crew, const char *(*getenv_fn)(const char *),
                      struct moot_error *err)
{
    struct moot_crew_parts *parts = &crew->parts;
    parts->resolved = crew->resolved;
    parts->name = crew->def.name;
    parts->item_name = crew->def.item_name;
    parts->item = crew->def.limits;
    parts->total = crew->def.total;
    const char *nobody = moot__json_get_text(crew->resolved, "on_no_person", "wait");
    parts->draws = strcmp(crew->def.process, "consensual") == 0;
    parts->deny_without_person = strcmp(nobody, "deny") == 0;
    int status = use_models(crew, getenv_fn, err);
    if (status == MOOT_OK)
        status = use_all_tools(crew, err);
    if (status == MOOT_OK)
        status = moot__build_people(crew->resolved, parts, err);
    if (status == MOOT_OK)
        status = moot__def_views(&crew->def);
    if (status == MOOT_OK)
        status = seat_all(crew, err);
    return status == MOOT_OK ? bind_tasks(crew, err) : status;
}

void moot__build_parts_release(struct moot_crew *crew)
{
    struct moot_crew_parts *parts = &crew->parts;
    for (size_t i = 0; i < parts->model_count; i++)
        moot__model_spec_free(parts->models[i]);
    free(parts->models);
    for (size_t i = 0; i < parts->tool_count; i++)
        moot__tool_spec_free(parts->tools[i]);
    free(parts->tools);
    moot__build_people_release(parts);
    free((void *)parts->participants);
    free((void *)parts->members);
    free((void *)parts->task_bounds);
    free(crew->personas);
}
