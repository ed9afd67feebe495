#include "roles/crew_checking.h"

#include "runtime/near.h"
#include "runtime/price.h"

size_t moot__crew_task_index(const struct moot_checking_crew *c, const char *id)
{
    for (size_t i = 0; id != NULL && i < c->task_count; i++)
        if (strcmp(c->tasks[i].id, id) == 0)
            return i;
    return c->task_count;
}

bool moot__crew_asks(const struct moot_json *task)
{
    return moot__json_get(task, "prompt") != NULL || moot__json_get(task, "steps") != NULL ||
           moot__json_get(task, "chat") != NULL;
}

static bool is_kind(const struct moot_json *agent, const char *kind)
{
    return strcmp(moot__json_get_text(agent, "kind", "assistant"), kind) == 0;
}

const struct moot_json *moot__crew_worker(const struct moot_json *crew,
                                          const struct moot_json *task)
{
    const char *named = moot__json_get_text(moot__json_get(task, "chat"), "expert",
                                            moot__json_get_text(task, "agent", NULL));
    if (named != NULL)
        return moot__crew_entry(crew, "agents", named);
    const struct moot_json *agent = moot__json_first(moot__json_get(crew, "agents"));
    while (agent != NULL && !is_kind(agent, "assistant"))
        agent = moot__json_next(agent);
    return agent;
}

/* ---- the crew as a whole ---- */

static void check_settings(struct moot_checking_crew *c)
{
    static const char *const processes[] = {"pair",         "group_chat", "swarm",     "ledger",
                                            "hierarchical", "consensual", "supervisor"};
    const char *process = moot__json_get_text(c->crew, "process", "");
    char suggestion[64];
    for (size_t i = 0; i < MOOT_COUNT(processes); i++) {
        const struct moot_json *value = moot__json_get(c->crew, processes[i]);
        snprintf(suggestion, sizeof(suggestion), "take process: %s, or leave it out", processes[i]);
        if (value != NULL && strcmp(processes[i], process) != 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, value, MOOT_PART_KEY,
                           suggestion, "'%s' are settings of that process, but the crew's is '%s'",
                           processes[i], process);
    }
}

static bool works_tasks(const struct moot_checking_crew *c)
{
    const char *process = moot__json_get_text(c->crew, "process", "");
    return strcmp(process, "sequential") == 0 || strcmp(process, "graph") == 0 ||
           strcmp(process, "consensual") == 0;
}

static bool has_tasks(const struct moot_checking_crew *c)
{
    return works_tasks(c) ||
           strcmp(moot__json_get_text(c->crew, "process", ""), "hierarchical") == 0;
}

static void check_positive(struct moot_checking_crew *c, const struct moot_json *entry,
                           const char *key, const char *what)
{
    const struct moot_json *value = moot__json_get(entry, key);
    int64_t n;
    if (moot__json_int(value, &n) && n < 1)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, value, MOOT_PART_VALUE, NULL,
                       "'%s' of %s '%s' must be 1 or more", key, what,
                       moot__json_get_text(entry, "id", ""));
}

static void check_positive_setting(struct moot_checking_crew *c, const char *process,
                                   const char *key)
{
    const struct moot_json *value = moot__json_get(moot__json_get(c->crew, process), key);
    int64_t n;
    if (moot__json_int(value, &n) && n < 1)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, value, MOOT_PART_VALUE, NULL,
                       "'%s' of %s must be 1 or more", key, process);
}

/* A bound of 0 would be none at all: not what whoever writes it wants. */
static void check_limits(struct moot_checking_crew *c, const struct moot_json *limits)
{
    for (const struct moot_json *m = moot__json_first(limits); m != NULL; m = moot__json_next(m)) {
        int64_t n = 1;
        if (strcmp(moot__json_key(m), "cost") != 0)
            moot__json_int(m, &n);
        else if (moot__json_text(m) != NULL && moot__money_parse(moot__json_text(m), &n) != MOOT_OK)
            n = 1; /* said elsewhere */
        if (n == 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_VALUE,
                           "write the bound that you want, or leave it out",
                           "'%s' of limits is 0, which bounds nothing", moot__json_key(m));
    }
}

static void check_all_limits(struct moot_checking_crew *c)
{
    const struct moot_json *of_crew = moot__json_get(c->crew, "limits");
    check_limits(c, of_crew);
    check_limits(c, moot__json_get(of_crew, "total"));
    for (size_t i = 0; i < c->task_count; i++)
        check_limits(c, moot__json_get(c->tasks[i].entry, "limits"));
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent))
        check_limits(c, moot__json_get(agent, "limits"));
}

/* Names of tasks and the item's name stand in the same places. */
static void check_names(struct moot_checking_crew *c)
{
    const struct moot_json *input = moot__json_get(c->crew, "input");
    const struct moot_json *name = moot__json_get(input, "name");
    if (moot__crew_task_index(c, c->item) < c->task_count)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml,
                       c->tasks[moot__crew_task_index(c, c->item)].entry, MOOT_PART_KEY,
                       "give one of them another name",
                       "'%s' is a task and what an item is called: {%s} would be both", c->item,
                       c->item);
    if (strcmp(c->item, "item") != 0 && moot__crew_reserved("tasks", c->item))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, name, MOOT_PART_VALUE, NULL,
                       "'%s' has a meaning of its own: an item cannot be called that", c->item);
}

/* ---- models ---- */

/* Whether a name of `models`, or a provider/model, is there for it. */
static bool has_model(const struct moot_checking_crew *c, const struct moot_json *entry)
{
    return moot__json_get(entry, "model") != NULL ||
           moot__crew_entry(c->crew, "models", "default") != NULL;
}

/* Whether each step says itself which model it asks. */
static bool steps_have_models(const struct moot_json *task)
{
    const struct moot_json *s = moot__json_first(moot__json_get(task, "steps"));
    bool all = s != NULL;
    for (; s != NULL; s = moot__json_next(s))
        all = all && moot__json_get(s, "model") != NULL;
    return all;
}

/* A user proxy may have a person and no model. */
static bool speaks_by_model(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    bool pair = strcmp(moot__json_get_text(c->crew, "process", ""), "pair") == 0;
    return !is_kind(agent, "user_proxy") || moot__json_get(agent, "goal") != NULL ||
           moot__json_get(agent, "system_message") != NULL ||
           (!pair && moot__json_get(c->crew, "goal") != NULL);
}

static void say_no_model(struct moot_checking_crew *c, const struct moot_json *agent,
                         const struct moot_json *task)
{
    const struct moot_json *at = agent != NULL ? agent : task;
    char who[MOOT_MAX_ID + 32];
    if (agent != NULL)
        snprintf(who, sizeof(who), "agent '%.64s' has none", moot__json_get_text(agent, "id", ""));
    else
        snprintf(who, sizeof(who), "task '%.64s' has none", moot__json_get_text(task, "id", ""));
    moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_KEY,
                   "add models: {default: openai/gpt-4.1-mini}, or say --model ollama/llama3.2",
                   "no model: %s and models.default is not set", who);
}

/* A crew without a model is an error, said once: one line mends it. */
static void check_models(struct moot_checking_crew *c)
{
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        const struct moot_json *agent = moot__crew_worker(c->crew, task);
        if (moot__crew_asks(task) && !has_model(c, task) && !has_model(c, agent) &&
            !steps_have_models(task)) {
            say_no_model(c, agent, task);
            return;
        }
        const struct moot_json *m = moot__json_first(moot__json_get(task, "check"));
        for (; m != NULL; m = moot__json_next(m)) {
            const char *id = moot__json_get_text(m, "judge", NULL);
            const struct moot_json *judge = moot__crew_entry(c->crew, "agents", id);
            if (judge != NULL && !has_model(c, judge)) {
                say_no_model(c, judge, task);
                return;
            }
        }
    }
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent)) {
        bool asked = works_tasks(c) ? moot__crew_votes(c, agent) : speaks_by_model(c, agent);
        if (asked && !has_model(c, agent)) {
            say_no_model(c, agent, NULL);
            return;
        }
    }
}

/* ---- agents ---- */

static bool is_text(const struct moot_json *entry, const char *key, const char *text)
{
    return strcmp(moot__json_get_text(entry, key, ""), text) == 0;
}

/* Whether a list of tools has one that asks other agents. */
static bool asks(const struct moot_checking_crew *c, const struct moot_json *tools)
{
    for (const struct moot_json *m = moot__json_first(tools); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_text(m) != NULL ? moot__json_text(m) : "";
        if (strcmp(moot__crew_tool_use(moot__crew_entry(c->crew, "tools", id), id), "ask_agent") ==
            0)
            return true;
    }
    return false;
}

/* Whether another agent, or a task, may ask it. */
static bool is_asked(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    const char *id = moot__json_get_text(agent, "id", "");
    const struct moot_json *a = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; a != NULL; a = moot__json_next(a)) {
        const struct moot_json *whom = moot__json_get(a, "can_message");
        bool may = whom == NULL;
        for (const struct moot_json *m = moot__json_first(whom); m != NULL; m = moot__json_next(m))
            may = may || strcmp(moot__json_text(m) != NULL ? moot__json_text(m) : "", id) == 0;
        if (a != agent && may && asks(c, moot__json_get(a, "tools")))
            return true;
    }
    for (size_t i = 0; i < c->task_count; i++)
        if (asks(c, moot__json_get(c->tasks[i].entry, "tools")))
            return true;
    return false;
}

/* A chat is between an assistant and a user proxy. */
static void check_chat(struct moot_checking_crew *c, const struct moot_json *task)
{
    static const char *const keys[] = {"expert", "user_proxy"};
    static const char *const kinds[] = {"assistant", "user_proxy"};
    const struct moot_json *chat = moot__json_get(task, "chat");
    int64_t turns;
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const struct moot_json *named = moot__json_get(chat, keys[i]);
        const struct moot_json *agent = moot__crew_entry(c->crew, "agents", moot__json_text(named));
        if (agent != NULL && !is_kind(agent, kinds[i]))
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, named, MOOT_PART_VALUE,
                           NULL, "'%s' of a chat is of kind %s, and '%s' is not", keys[i], kinds[i],
                           moot__json_text(named));
    }
    const struct moot_json *value = moot__json_get(chat, "turns");
    if (moot__json_int(value, &turns) && turns < 2)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, value, MOOT_PART_VALUE, NULL,
                       "'turns' of a chat must be 2 or more: both speak");
    const struct moot_json *agent = moot__json_get(task, "agent");
    if (chat != NULL && agent != NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, agent, MOOT_PART_KEY,
                       "leave it out", "a chat says itself who does it");
}

/* Whether some task is worked or judged by the agent, or somebody may ask it. */
static bool is_reached(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    const char *id = moot__json_get_text(agent, "id", "");
    if (is_asked(c, agent) || moot__crew_votes(c, agent))
        return true;
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        if (moot__crew_asks(task) && moot__crew_worker(c->crew, task) == agent)
            return true;
        const struct moot_json *m = moot__json_first(moot__json_get(task, "check"));
        for (; m != NULL; m = moot__json_next(m))
            if (is_text(m, "judge", id))
                return true;
    }
    return false;
}

static void check_judges(struct moot_checking_crew *c, const struct moot_checked_task *t)
{
    const struct moot_json *worker =
        moot__crew_asks(t->entry) ? moot__crew_worker(c->crew, t->entry) : NULL;
    const struct moot_json *named = moot__json_get(t->entry, "agent");
    struct moot_crew_report *r = &c->f->report;
    if (worker != NULL && is_kind(worker, "judge"))
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, named, MOOT_PART_VALUE,
                       "name it under check",
                       "agent '%s' is a judge: it gives verdicts and works "
                       "no tasks",
                       moot__json_get_text(worker, "id", ""));
    const struct moot_json *m = moot__json_first(moot__json_get(t->entry, "check"));
    for (; m != NULL; m = moot__json_next(m)) {
        const struct moot_json *at = moot__json_get(m, "judge");
        const struct moot_json *judge = moot__crew_entry(c->crew, "agents", moot__json_text(at));
        if (judge != NULL && judge == worker)
            moot__crew_say(r, MOOT_SEVERITY_WARNING, c->f->yaml, at, MOOT_PART_VALUE,
                           "let another agent judge it",
                           "agent '%s' judges its own work on task '%s'", moot__json_text(at),
                           t->id);
        else if (judge != NULL && !is_kind(judge, "judge"))
            moot__crew_say(r, MOOT_SEVERITY_WARNING, c->f->yaml, at, MOOT_PART_VALUE,
                           "give it kind: judge", "agent '%s' judges task '%s', but is no judge",
                           moot__json_text(at), t->id);
    }
}

/* A task that asks for a tool none of its agents has. */
static void check_required_tool(struct moot_checking_crew *c, const struct moot_json *task)
{
    const struct moot_json *required = moot__json_get(task, "require_tool");
    const struct moot_json *worker = moot__crew_worker(c->crew, task);
    const struct moot_json *tools = moot__json_get(task, "tools");
    if (tools == NULL)
        tools = moot__json_get(worker, "tools");
    if (!moot__json_is(required, MOOT_JSON_STRING) || !moot__crew_asks(task))
        return;
    const char *id = moot__json_text(required);
    bool found = is_text(task, "tool_choice", id) || is_text(worker, "tool_choice", id);
    for (const struct moot_json *m = moot__json_first(tools); m != NULL; m = moot__json_next(m))
        found = found || (moot__json_text(m) != NULL && strcmp(moot__json_text(m), id) == 0);
    if (!found)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, required, MOOT_PART_VALUE,
                       "add it to tools", "task '%s' requires '%s', which it cannot call",
                       moot__json_get_text(task, "id", ""), id);
}

/* The tools that touch files do so in the agent's workspace alone. `tools`: its own or a task's. */
static void check_workspace(struct moot_checking_crew *c, const struct moot_json *agent,
                            const struct moot_json *tools)
{
    static const char *const names[] = {"read_file", "write_file", "list_files"};
    const char *id = moot__json_get_text(agent, "id", "");
    if (moot__json_get(agent, "workspace") != NULL)
        return;
    for (const struct moot_json *m = moot__json_first(tools); m != NULL; m = moot__json_next(m)) {
        const char *tool = moot__json_text(m) != NULL ? moot__json_text(m) : "";
        const char *use = moot__crew_tool_use(moot__crew_entry(c->crew, "tools", tool), tool);
        for (size_t i = 0; i < MOOT_COUNT(names); i++)
            if (strcmp(use, names[i]) == 0)
                moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_VALUE,
                               "add workspace: FOLDER to the agent",
                               "%s%s%s has '%s', but no workspace for it",
                               agent != NULL ? "agent '" : "the unnamed agent", id,
                               agent != NULL ? "'" : "", tool);
    }
}

/* Blocks of code are run by a user proxy; other agents have tools for it. */
static void check_code(struct moot_checking_crew *c, const struct moot_json *agent)
{
    if (moot__json_get_bool(agent, "code_execution", false) && !is_kind(agent, "user_proxy"))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml,
                       moot__json_get(agent, "code_execution"), MOOT_PART_KEY,
                       "make it a user_proxy, or give it tools: [run_code]",
                       "agent '%s' is no user proxy, so it runs no code that it is sent",
                       moot__json_get_text(agent, "id", ""));
}

void moot__crew_check_agents(struct moot_checking_crew *c)
{
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    bool unworked = false;
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        check_positive(c, task, "attempts", "task");
        check_judges(c, &c->tasks[i]);
        check_chat(c, task);
        check_required_tool(c, task);
        if (moot__crew_asks(task))
            check_workspace(c, moot__crew_worker(c->crew, task), moot__json_get(task, "tools"));
        unworked = unworked || (moot__crew_asks(task) && agent != NULL &&
                                moot__json_get(task, "agent") == NULL &&
                                moot__crew_worker(c->crew, task) == NULL);
    }
    if (unworked && works_tasks(c))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml,
                       moot__json_get(c->crew, "agents"), MOOT_PART_KEY, "add one",
                       "no agent of the crew is an assistant, so nobody works the tasks");
    for (; agent != NULL; agent = moot__json_next(agent)) {
        check_positive(c, agent, "max_steps", "agent");
        check_workspace(c, agent, moot__json_get(agent, "tools"));
        check_code(c, agent);
        bool other = is_kind(agent, "user_proxy") || moot__json_get(agent, "owns") != NULL;
        if (works_tasks(c) && c->task_count > 0 && !c->refs_missing && !other &&
            !is_reached(c, agent))
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, agent, MOOT_PART_KEY,
                           NULL, "nothing reaches agent '%s'",
                           moot__json_get_text(agent, "id", ""));
    }
}

/* ---- all of it ---- */

static bool list_tasks(struct moot_checking_crew *c)
{
    const struct moot_json *tasks = moot__json_get(c->crew, "tasks");
    c->tasks = calloc(moot__json_count(tasks) + 1, sizeof(*c->tasks));
    if (c->tasks == NULL) {
        c->f->report.failed = true;
        return false;
    }
    for (const struct moot_json *m = moot__json_first(tasks); m != NULL; m = moot__json_next(m)) {
        struct moot_checked_task *t = &c->tasks[c->task_count++];
        t->entry = m;
        t->id = moot__json_get_text(m, "id", "");
    }
    if (c->task_count == 0 && has_tasks(c))
        moot__crew_say(
            &c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, tasks != NULL ? tasks : c->crew,
            tasks != NULL ? MOOT_PART_KEY : MOOT_PART_VALUE, NULL, "the crew has no tasks");
    return true;
}

void moot__crew_check(struct moot_crew_file *f)
{
    struct moot_checking_crew c = {.f = f, .crew = f->resolved};
    if (c.crew == NULL || !list_tasks(&c))
        return;
    c.item = moot__json_get_text(moot__json_get(c.crew, "input"), "name", "input");
    check_settings(&c);
    check_positive_setting(&c, "ledger", "max_stalls");
    check_all_limits(&c);
    check_names(&c);
    moot__crew_check_refs(&c);
    moot__crew_check_registry(&c);
    moot__crew_check_tools(&c);
    moot__crew_check_results(&c);
    moot__crew_check_args(&c);
    moot__crew_check_graph(&c);
    moot__crew_check_texts(&c);
    moot__crew_check_agents(&c);
    moot__crew_check_views(&c);
    moot__crew_check_members(&c);
    moot__crew_check_talk(&c);
    moot__crew_check_people(&c);
    moot__crew_check_delegation(&c);
    moot__crew_check_votes(&c);
    check_models(&c);
    for (size_t i = 0; i < c.task_count; i++)
        moot__json_free(c.tasks[i].schema);
    free(c.tasks);
    moot__json_free(c.row);
}
