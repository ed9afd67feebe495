#include "roles/crew_build.h"

#include "roles/crew_fields.h"
#include "roles/crew_load.h"

int moot__build_words(const struct moot_json *array, char ***out)
{
    *out = NULL;
    if (array == NULL)
        return MOOT_OK;
    char **words = calloc(moot__json_count(array) + 1, sizeof(char *));
    if (words == NULL)
        return MOOT_ENOMEM;
    size_t count = 0;
    for (const struct moot_json *e = moot__json_first(array); e != NULL; e = moot__json_next(e)) {
        const char *text = moot__json_text(e);
        words[count] = strdup(text != NULL ? text : "");
        if (words[count++] == NULL) {
            moot__words_free(words);
            return MOOT_ENOMEM;
        }
    }
    *out = words;
    return MOOT_OK;
}

void moot__words_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        free(words[i]);
    free(words);
}

int moot__build_text(const struct moot_json *object, const char *key, char **out)
{
    const char *text = moot__json_get_text(object, key, NULL);
    *out = text != NULL ? strdup(text) : NULL;
    return text != NULL && *out == NULL ? MOOT_ENOMEM : MOOT_OK;
}

int moot__build_limits(const struct moot_json *limits, struct moot_bounds *out,
                       struct moot_error *err)
{
    out->turns = moot__json_get_int(limits, "turns", out->turns);
    out->calls = moot__json_get_int(limits, "calls", out->calls);
    out->tokens = moot__json_get_int(limits, "tokens", out->tokens);
    out->ms = moot__json_get_int(limits, "seconds", out->ms);
    out->depth = moot__json_get_int(limits, "depth", out->depth);
    const char *cost = moot__json_get_text(limits, "cost", NULL);
    if (cost != NULL && moot__money_parse(cost, &out->cost) != MOOT_OK)
        return moot__fail(err, MOOT_EINVAL, "'%s' is no amount of money", cost);
    return MOOT_OK;
}

/* The bounds every item has when the crew file says nothing. */
static int default_limits(struct moot_bounds *out, struct moot_error *err)
{
    static const char *const keys[] = {"turns", "calls", "tokens", "cost", "seconds", "depth"};
    struct moot_json *limits = moot__json_new(MOOT_JSON_OBJECT);
    int status = limits != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++) {
        struct moot_json *value = moot__crew_default("limits", keys[i]);
        if (value != NULL)
            status = moot__json_set(limits, keys[i], value);
    }
    if (status == MOOT_OK)
        status = moot__build_limits(limits, out, err);
    moot__json_free(limits);
    return status;
}

static int build_agent(const struct moot_json *entry, struct moot_agent_def *a,
                       struct moot_error *err)
{
    int status = moot__build_text(entry, "id", &a->id);
    status |= moot__build_text(entry, "role", &a->role);
    status |= moot__build_text(entry, "goal", &a->goal);
    status |= moot__build_text(entry, "backstory", &a->backstory);
    status |= moot__build_text(entry, "system_message", &a->system_message);
    status |= moot__build_text(entry, "model", &a->model);
    status |= moot__build_text(entry, "tool_choice", &a->tool_choice);
    status |= moot__build_words(moot__json_get(entry, "tools"), &a->tools);
    status |= moot__build_words(moot__json_get(entry, "can_message"), &a->can_message);
    status |= moot__build_view(moot__json_get(entry, "view"), &a->view);
    if (status != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__build_compaction(moot__json_get(entry, "compaction"), &a->compaction);
    const char *kind = moot__json_get_text(entry, "kind", "assistant");
    a->kind = strcmp(kind, "judge") == 0        ? MOOT_JUDGE_AGENT
              : strcmp(kind, "user_proxy") == 0 ? MOOT_USER_PROXY_AGENT
                                                : MOOT_ASSISTANT_AGENT;
    const char *input =
        moot__json_get_text(entry, "human_input", a->goal != NULL ? "never" : "always");
    a->human_input = strcmp(input, "never") == 0       ? MOOT_INPUT_NEVER
                     : strcmp(input, "terminate") == 0 ? MOOT_INPUT_TERMINATE
                                                       : MOOT_INPUT_ALWAYS;
    a->max_auto_replies = moot__json_get_int(entry, "max_auto_replies", 100);
    a->plan = moot__json_get_bool(entry, "plan", false);
    a->max_steps = moot__json_get_int(entry, "max_steps", 25);
    a->code_execution = moot__json_get_bool(entry, "code_execution", false);
    return moot__build_limits(moot__json_get(entry, "limits"), &a->limits, err);
}

int moot__build_tool(struct moot_crew_def *def, const char *id, const char *description,
                     const char *parameters, struct moot_tool_def **out, struct moot_error *err)
{
    struct moot_tool_def *tools = realloc(def->tools, (def->tool_count + 1) * sizeof(*tools));
    if (tools == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    def->tools = tools;
    struct moot_tool_def *t = &tools[def->tool_count++];
    memset(t, 0, sizeof(*t));
    t->id = strdup(id);
    t->description = strdup(description);
    t->parameters = strdup(parameters);
    if (t->id == NULL || t->description == NULL || t->parameters == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    *out = t;
    int status = moot__schema_compile_text(parameters, strlen(parameters), &t->schema, err);
    return status == MOOT_OK ? status : moot__fail_wrap(err, "tool '%s'", id);
}

/* A crew without agents has one unnamed assistant. */
static int build_agents(const struct moot_json *list, struct moot_crew_def *def,
                        struct moot_error *err)
{
    size_t count = moot__json_count(list);
    def->agents = calloc(count > 0 ? count : 1, sizeof(*def->agents));
    if (def->agents == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (count == 0) {
        struct moot_agent_def *a = &def->agents[def->agent_count++];
        a->id = strdup("assistant");
        a->max_steps = 25;
        moot__build_compaction(NULL, &a->compaction);
        return a->id != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    int status = MOOT_OK;
    for (const struct moot_json *e = moot__json_first(list); e != NULL && status == MOOT_OK;
         e = moot__json_next(e))
        status = build_agent(e, &def->agents[def->agent_count++], err);
    return status;
}

static int build_tasks(const struct moot_json *list, struct moot_crew_def *def,
                       struct moot_error *err)
{
    size_t count = moot__json_count(list);
    def->tasks = calloc(count > 0 ? count : 1, sizeof(*def->tasks));
    if (def->tasks == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = MOOT_OK;
    for (const struct moot_json *e = moot__json_first(list); e != NULL && status == MOOT_OK;
         e = moot__json_next(e)) {
        status = moot__build_task(e, def, &def->tasks[def->task_count++], err);
        if (status != MOOT_OK)
            moot__fail_wrap(err, "task '%s'", moot__json_get_text(e, "id", ""));
    }
    return status;
}

static int build_def(struct moot_crew *crew, const char *date, struct moot_error *err)
{
    const struct moot_json *r = crew->resolved;
    struct moot_crew_def *def = &crew->def;
    int status = moot__build_text(r, "crew", &def->name);
    status |= moot__build_text(r, "goal", &def->goal);
    status |= moot__build_text(r, "process", &def->process);
    status |= moot__build_text(moot__json_get(r, "input"), "name", &def->item_name);
    def->date = strdup(date);
    if (status != MOOT_OK || def->date == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (def->name == NULL || def->process == NULL || def->item_name == NULL)
        return moot__fail(err, MOOT_EINVAL, "the resolved crew lacks crew, process or input");
    status = default_limits(&def->limits, err);
    const struct moot_json *limits = moot__json_get(r, "limits");
    if (status == MOOT_OK)
        status = moot__build_limits(limits, &def->limits, err);
    if (status == MOOT_OK)
        status = moot__build_limits(moot__json_get(limits, "total"), &def->total, err);
    if (status == MOOT_OK && moot__build_models(moot__json_get(r, "models"), def) != MOOT_OK)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = build_agents(moot__json_get(r, "agents"), def, err);
    if (status == MOOT_OK)
        status = moot__build_delegation(r, def, err);
    if (status == MOOT_OK)
        status = build_tasks(moot__json_get(r, "tasks"), def, err);
    if (status == MOOT_OK)
        status = moot__build_delegation_forms(def, err);
    if (status == MOOT_OK)
        status = moot__build_votes(r, def, err);
    return status == MOOT_OK ? moot__build_talk(r, def, err) : status;
}

int moot__crew_build(struct moot_json *resolved, const char *base_dir, const char *date,
                     const char *(*getenv_fn)(const char *), struct moot_crew **out,
                     struct moot_error *err)
{
    struct moot_crew *crew = calloc(1, sizeof(*crew));
    if (crew == NULL || resolved == NULL) {
        moot__json_free(resolved);
        free(crew);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    crew->resolved = resolved;
    crew->base_dir = strdup(base_dir);
    int status = crew->base_dir != NULL ? build_def(crew, date, err) : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = moot__build_parts(crew, getenv_fn, err);
    if (status != MOOT_OK) {
        moot__crew_free(crew);
        return status;
    }
    *out = crew;
    return MOOT_OK;
}

static void agent_release(struct moot_agent_def *a)
{
    free(a->id);
    free(a->role);
    free(a->goal);
    free(a->backstory);
    free(a->system_message);
    free(a->model);
    free(a->tool_choice);
    free(a->views);
    free(a->talk_views);
    moot__words_free(a->tools);
    moot__words_free(a->can_message);
    moot__words_free(a->view.from);
    moot__words_free(a->talk_tools);
}

void moot__crew_free(struct moot_crew *crew)
{
    if (crew == NULL)
        return;
    moot__build_parts_release(crew);
    struct moot_crew_def *def = &crew->def;
    for (size_t i = 0; i < def->agent_count; i++)
        agent_release(&def->agents[i]);
    free(def->agents);
    for (size_t i = 0; i < def->task_count; i++)
        moot__build_task_release(&def->tasks[i]);
    free(def->tasks);
    for (size_t i = 0; i < def->tool_count; i++) {
        free(def->tools[i].id);
        free(def->tools[i].description);
        free(def->tools[i].parameters);
        moot__schema_free(def->tools[i].schema);
    }
    free(def->tools);
    moot__build_talk_release(&def->talk);
    moot__build_delegation_release(&def->delegation);
    moot__build_models_release(def);
    free(def->name);
    free(def->goal);
    free(def->process);
    free(def->item_name);
    free(def->date);
    moot__json_free(crew->resolved);
    free(crew->base_dir);
    free(crew);
}

/* The schema of a path's value as far as the crew says: a task's output, else text. */
static struct moot_json *path_schema(const struct moot_crew_def *def, const char *path)
{
    char root[MOOT_MAX_ID + 1];
    size_t length = strcspn(path, ".");
    snprintf(root, sizeof(root), "%.*s", (int)length, path);
    const struct moot_task_def *t = moot__def_task(def, root);
    struct moot_json *schema = NULL;
    if (t != NULL && t->output.schema != NULL) {
        const struct moot_json *whole = moot__schema_json(t->output.schema);
        if (path[length] == '\0')
            return moot__json_copy(whole);
        const struct moot_json *member =
            moot__json_get(moot__json_get(whole, "properties"), path + length + 1);
        if (member != NULL)
            return moot__json_copy(member);
    }
    schema = moot__json_new(MOOT_JSON_OBJECT);
    if (schema != NULL && t != NULL && moot__json_set_text(schema, "type", "string") != MOOT_OK) {
        moot__json_free(schema);
        return NULL;
    }
    return schema;
}

/* Goes down the dots of a path, making objects where there are none, and sets its schema there. */
static int set_path(struct moot_json *schema, const char *path, struct moot_json *leaf)
{
    while (strchr(path, '.') != NULL) {
        char word[MOOT_MAX_ID + 1];
        snprintf(word, sizeof(word), "%.*s", (int)strcspn(path, "."), path);
        path += strcspn(path, ".") + 1;
        struct moot_json *properties = moot__json_edit(schema, "properties");
        if (properties == NULL) {
            int status = moot__json_set_text(schema, "type", "object");
            status |= moot__json_set(schema, "properties", moot__json_new(MOOT_JSON_OBJECT));
            properties = moot__json_edit(schema, "properties");
            if (status != MOOT_OK || properties == NULL) {
                moot__json_free(leaf);
                return MOOT_ENOMEM;
            }
        }
        if (moot__json_get(properties, word) == NULL)
            moot__json_set(properties, word, moot__json_new(MOOT_JSON_OBJECT));
        schema = moot__json_edit(properties, word);
        if (schema == NULL) {
            moot__json_free(leaf);
            return MOOT_ENOMEM;
        }
    }
    struct moot_json *properties = moot__json_edit(schema, "properties");
    if (properties == NULL) {
        moot__json_set_text(schema, "type", "object");
        moot__json_set(schema, "properties", moot__json_new(MOOT_JSON_OBJECT));
        properties = moot__json_edit(schema, "properties");
    }
    if (properties != NULL && moot__json_get(properties, path) == NULL)
        return moot__json_set(properties, path, leaf);
    moot__json_free(leaf);
    return properties != NULL ? MOOT_OK : MOOT_ENOMEM;
}

struct moot_json *moot__crew_input_schema(const struct moot_crew_def *def,
                                          const struct moot_task_def *task)
{
    struct moot_json *schema = moot__json_new(MOOT_JSON_OBJECT);
    int status = schema != NULL ? moot__json_set_text(schema, "type", "object") : MOOT_ENOMEM;
    status |= moot__json_set(schema, "properties", moot__json_new(MOOT_JSON_OBJECT));
    for (size_t i = 0; task->uses[i] != NULL && status == MOOT_OK; i++) {
        const char *path = task->uses[i];
        char whole[512];
        if (strcmp(path, def->item_name) == 0 || strcmp(path, "item") == 0) {
            snprintf(whole, sizeof(whole), "%s.text", path);
            path = whole;
        }
        if (strcmp(path, "report") != 0 && strcmp(path, "attempt") != 0)
            status = set_path(schema, path, path_schema(def, path));
    }
    for (size_t i = 0; task->shown[i] != NULL && status == MOOT_OK; i++)
        status = set_path(schema, task->shown[i], path_schema(def, task->shown[i]));
    if (status == MOOT_OK)
        return schema;
    moot__json_free(schema);
    return NULL;
}
