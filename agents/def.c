#include "agents/def.h"

const char *const moot__delegation_forms[] = {
    "delegate", "split", "accept", "reject", "read", "ask", "block", "finish", NULL,
};

const struct moot_agent_def *moot__def_agent(const struct moot_crew_def *crew, const char *id)
{
    for (size_t i = 0; id != NULL && i < crew->agent_count; i++)
        if (strcmp(crew->agents[i].id, id) == 0)
            return &crew->agents[i];
    return NULL;
}

const struct moot_task_def *moot__def_task(const struct moot_crew_def *crew, const char *id)
{
    for (size_t i = 0; id != NULL && i < crew->task_count; i++)
        if (strcmp(crew->tasks[i].id, id) == 0)
            return &crew->tasks[i];
    return NULL;
}

const struct moot_tool_def *moot__def_tool(const struct moot_crew_def *crew, const char *id)
{
    for (size_t i = 0; id != NULL && i < crew->tool_count; i++)
        if (strcmp(crew->tools[i].id, id) == 0)
            return &crew->tools[i];
    return NULL;
}

const struct moot_model_def *moot__def_model(const struct moot_crew_def *crew, const char *name)
{
    for (size_t i = 0; name != NULL && i < crew->model_count; i++)
        if (strcmp(crew->models[i].name, name) == 0)
            return &crew->models[i];
    return NULL;
}

/* Itself, or the agent that the crew has for a manager; NULL: a manager made by the process. */
static const struct moot_agent_def *agent_of(const struct moot_persona *p)
{
    return p->agent != NULL ? p->agent : moot__def_agent(p->crew, p->crew->talk.manager_agent);
}

const struct moot_view_def *moot__persona_view(const struct moot_persona *p)
{
    const struct moot_agent_def *agent = agent_of(p);
    return agent != NULL ? &agent->view : &p->crew->talk.manager_view;
}

const struct moot_compaction_def *moot__persona_compaction(const struct moot_persona *p)
{
    static const struct moot_compaction_def usual = {false, MOOT_KEEP_FIRST, MOOT_KEEP_LAST};
    const struct moot_agent_def *agent = agent_of(p);
    return agent != NULL ? &agent->compaction : &usual;
}

/* ---- what models are told of tools ---- */

struct views {
    const struct moot_crew_def *crew;
    struct moot_tool_view *list; /* room for every tool of the crew */
    size_t count;
};

/* Adds a tool once; a word that is no tool of the crew ("auto") adds none. */
static void add_view(struct views *v, const char *id)
{
    const struct moot_tool_def *tool = moot__def_tool(v->crew, id);
    for (size_t i = 0; tool != NULL && i < v->count; i++)
        if (v->list[i].name == tool->id)
            return;
    if (tool != NULL)
        v->list[v->count++] =
            (struct moot_tool_view){tool->id, tool->description, tool->parameters};
}

static int begin_views(struct views *v, const struct moot_crew_def *crew)
{
    v->crew = crew;
    v->count = 0;
    v->list = calloc(crew->tool_count + 1, sizeof(*v->list));
    return v->list == NULL ? MOOT_ENOMEM : MOOT_OK;
}

static void add_listed(struct views *v, char *const *tools)
{
    for (size_t i = 0; tools != NULL && tools[i] != NULL; i++)
        add_view(v, tools[i]);
}

static int agent_views(const struct moot_crew_def *crew, struct moot_agent_def *agent)
{
    struct views v;
    if (begin_views(&v, crew) != MOOT_OK)
        return MOOT_ENOMEM;
    add_listed(&v, agent->tools);
    add_view(&v, agent->tool_choice);
    free(agent->views);
    agent->views = v.list;
    agent->view_count = v.count;
    if (agent->talk_tools == NULL)
        return MOOT_OK;
    if (begin_views(&v, crew) != MOOT_OK)
        return MOOT_ENOMEM;
    add_listed(&v, agent->tools);
    add_view(&v, agent->tool_choice);
    add_listed(&v, agent->talk_tools);
    free(agent->talk_views);
    agent->talk_views = v.list;
    agent->talk_view_count = v.count;
    return MOOT_OK;
}

static int task_views(const struct moot_crew_def *crew, struct moot_task_def *task)
{
    struct views v;
    const struct moot_agent_def *agent = moot__def_agent(crew, task->agent);
    if (begin_views(&v, crew) != MOOT_OK)
        return MOOT_ENOMEM;
    add_listed(&v, task->tools != NULL || agent == NULL ? task->tools : agent->tools);
    add_view(&v,
             task->tool_choice != NULL || agent == NULL ? task->tool_choice : agent->tool_choice);
    for (size_t s = 0; s < task->step_count; s++)
        add_view(&v, task->steps[s].tool_choice);
    if (task->says_cannot)
        add_view(&v, MOOT_TOOL_CANNOT);
    free(task->views);
    task->views = v.list;
    task->view_count = v.count;
    return MOOT_OK;
}

static int delegation_views(struct moot_crew_def *crew)
{
    struct moot_delegation_def *d = &crew->delegation;
    struct views v;
    if (!d->given)
        return MOOT_OK;
    if (begin_views(&v, crew) != MOOT_OK)
        return MOOT_ENOMEM;
    for (size_t i = 0; moot__delegation_forms[i] != NULL; i++)
        add_view(&v, moot__delegation_forms[i]);
    free(d->views);
    d->views = v.list;
    d->view_count = v.count;
    return d->part != NULL ? task_views(crew, d->part) : MOOT_OK;
}

int moot__def_views(struct moot_crew_def *crew)
{
    for (size_t i = 0; i < crew->agent_count; i++)
        if (agent_views(crew, &crew->agents[i]) != MOOT_OK)
            return MOOT_ENOMEM;
    for (size_t i = 0; i < crew->task_count; i++)
        if (task_views(crew, &crew->tasks[i]) != MOOT_OK)
            return MOOT_ENOMEM;
    return delegation_views(crew);
}

void moot__def_release_views(struct moot_crew_def *crew)
{
    for (size_t i = 0; i < crew->agent_count; i++) {
        free(crew->agents[i].views);
        crew->agents[i].views = NULL;
        crew->agents[i].view_count = 0;
        free(crew->agents[i].talk_views);
        crew->agents[i].talk_views = NULL;
        crew->agents[i].talk_view_count = 0;
    }
    for (size_t i = 0; i < crew->task_count; i++) {
        free(crew->tasks[i].views);
        crew->tasks[i].views = NULL;
        crew->tasks[i].view_count = 0;
    }
    free(crew->delegation.views);
    crew->delegation.views = NULL;
    crew->delegation.view_count = 0;
}
