/* The settings of the process `hierarchical`, the forms by which its manager decides, and what
 * parts of a task are worked as. */
#include "roles/crew_build.h"

static bool is_hierarchical(const char *process)
{
    return strcmp(process, "hierarchical") == 0;
}

/* ---- whom the manager may delegate to ---- */

static bool is_named(const struct moot_json *list, const char *id)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), id) == 0)
            return true;
    return list == NULL;
}

/* All that work tasks, but the manager; of these, whom its `can_delegate_to` names. */
static int choose_workers(const struct moot_json *r, struct moot_crew_def *def,
                          struct moot_error *err)
{
    const char *manager = def->talk.manager_agent;
    const struct moot_json *only = NULL;
    const struct moot_json *a = moot__json_first(moot__json_get(r, "agents"));
    for (; a != NULL && manager != NULL; a = moot__json_next(a))
        if (strcmp(moot__json_get_text(a, "id", ""), manager) == 0)
            only = moot__json_get(a, "can_delegate_to");
    char **workers = calloc(def->agent_count + 1, sizeof(*workers));
    def->delegation.workers = workers;
    size_t count = 0;
    for (size_t i = 0; workers != NULL && i < def->agent_count; i++) {
        const struct moot_agent_def *agent = &def->agents[i];
        if (agent->kind != MOOT_ASSISTANT_AGENT || !is_named(only, agent->id) ||
            (manager != NULL && strcmp(manager, agent->id) == 0))
            continue;
        workers[count] = strdup(agent->id);
        if (workers[count++] == NULL)
            return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return workers != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

int moot__build_delegation(const struct moot_json *resolved, struct moot_crew_def *def,
                           struct moot_error *err)
{
    const struct moot_json *in = moot__json_get(resolved, "hierarchical");
    struct moot_delegation_def *d = &def->delegation;
    if (!is_hierarchical(def->process))
        return MOOT_OK;
    d->given = true;
    d->max_parallel = moot__json_get_int(in, "max_parallel", 4);
    d->max_delegations = moot__json_get_int(in, "max_delegations", 12);
    d->max_rounds = moot__json_get_int(in, "max_rounds", 8);
    d->max_children = moot__json_get_int(in, "max_children", 8);
    d->reassign = moot__json_get_bool(in, "reassign", false);
    d->on_exhausted = moot__build_on_exhausted(in, MOOT_EXHAUSTED_FAIL);
    if (moot__build_text(in, "judge", &d->judge) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = moot__build_manager(resolved, &def->talk, err);
    return status == MOOT_OK ? choose_workers(resolved, def, err) : status;
}

/* ---- forms ---- */

struct form {
    const char *id, *description;
    const char *parameters; /* JSON Schema text; `%s`: who may be delegated to */
};

#define WORK_ITEM "\"work_item\":{\"type\":\"string\",\"description\":\"its id: w1\"}"
#define TEXTS "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define OBJECT(properties, required)                                                               \
    "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required                 \
    "],\"additionalProperties\":false}"

static const struct form forms[] = {
    {"delegate", "Gives a work item to an agent.",
     OBJECT(WORK_ITEM
            ",\"to\":{\"type\":\"string\"%s},"
            "\"instruction\":{\"type\":\"string\",\"description\":\"what it has to know besides "
            "its task, which it is given anyway; may be empty\"},"
            "\"artefacts\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":"
            "\"ids of results that it is given besides: a1\"},\"criteria\":" TEXTS ","
            "\"priority\":{\"type\":\"integer\",\"description\":\"0 to 9, 9 is most urgent\"}",
            "\"work_item\",\"to\"")},
    {"split", "Makes parts of a work item.",
     OBJECT(WORK_ITEM ",\"parts\":{\"type\":\"array\",\"items\":" OBJECT(
                "\"goal\":{\"type\":\"string\"},\"criteria\":" TEXTS, "\"goal\"") "}",
            "\"work_item\",\"parts\"")},
    {"accept", "Takes the result of a work item over, word for word.",
     OBJECT(WORK_ITEM, "\"work_item\"")},
    {"reject", "Sends the result of a work item back.",
     OBJECT(WORK_ITEM ",\"reasons\":" TEXTS
                      ",\"to\":{\"type\":\"string\",\"description\":\"another agent; the same if "
                      "left out\"%s}",
            "\"work_item\",\"reasons\"")},
    {"read", "Shows more of a result.",
     OBJECT("\"artefact\":{\"type\":\"string\"},\"from\":{\"type\":\"integer\"}", "\"artefact\"")},
    {"ask", "Asks a person.", OBJECT("\"question\":{\"type\":\"string\"}", "\"question\"")},
    {"block", "Says that a work item cannot be done.",
     OBJECT(WORK_ITEM ",\"reason\":{\"type\":\"string\"}", "\"work_item\",\"reason\"")},
    {"finish", "Gives up all that is left.",
     OBJECT("\"reason\":{\"type\":\"string\"}", "\"reason\"")},
};

/* `,"enum":[…]` of the workers. NULL: out of memory. */
static char *workers_enum(const struct moot_crew_def *def)
{
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_BODY);
    moot__buf_adds(&out, ",\"enum\":[");
    for (size_t i = 0; def->delegation.workers[i] != NULL; i++)
        moot__buf_addf(&out, "%s\"%s\"", i == 0 ? "" : ",", def->delegation.workers[i]);
    moot__buf_adds(&out, "]");
    return moot__buf_take(&out);
}

/* The model is shown the ids as an enum. What it calls is checked without it: a name that is near
 * one of them is mended by the manager role, which says so in the journal. */
static int add_form(struct moot_crew_def *def, const struct form *f, const char *workers,
                    struct moot_error *err)
{
    const char *hole = strstr(f->parameters, "%s");
    int before = hole == NULL ? (int)strlen(f->parameters) : (int)(hole - f->parameters);
    const char *after = hole == NULL ? "" : hole + 2;
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_addf(&text, "%.*s%s", before, f->parameters, after);
    int status = text.status != MOOT_OK
                     ? moot__fail(err, text.status, "out of memory")
                     : moot__build_form(def, f->id, f->description, moot__buf_text(&text), err);
    moot__buf_release(&text);
    if (status != MOOT_OK || hole == NULL)
        return status;
    struct moot_tool_def *tool = &def->tools[def->tool_count - 1];
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_addf(&text, "%.*s%s%s", before, f->parameters, workers, after);
    free(tool->parameters);
    tool->parameters = moot__buf_take(&text);
    return tool->parameters != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int add_forms(struct moot_crew_def *def, struct moot_error *err)
{
    char *workers = workers_enum(def);
    int status = workers != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (size_t i = 0; i < MOOT_COUNT(forms) && status == MOOT_OK; i++)
        status = add_form(def, &forms[i], workers, err);
    free(workers);
    if (status == MOOT_OK)
        status = moot__build_form(def, MOOT_TOOL_CANNOT,
                                  "Gives the work back: it cannot be done, or not by you.",
                                  OBJECT("\"reason\":{\"type\":\"string\"}", "\"reason\""), err);
    for (size_t i = 0; i < def->agent_count && status == MOOT_OK; i++)
        if (def->agents[i].kind == MOOT_ASSISTANT_AGENT)
            status = moot__build_grant(&def->agents[i], MOOT_TOOL_CANNOT, err);
    return status;
}

/* ---- parts ---- */

static int build_part(struct moot_crew_def *def, struct moot_error *err)
{
    static const char text[] = "{\"id\":\"part\",\"prompt\":\"{work}\"}";
    struct moot_json *entry = NULL;
    def->delegation.part = calloc(1, sizeof(*def->delegation.part));
    int status = def->delegation.part == NULL ? moot__fail(err, MOOT_ENOMEM, "out of memory")
                                              : moot__json_parse(text, strlen(text), &entry, err);
    if (status == MOOT_OK)
        status = moot__build_task(entry, def, def->delegation.part, err);
    moot__json_free(entry);
    return status;
}

int moot__build_delegation_forms(struct moot_crew_def *def, struct moot_error *err)
{
    if (!def->delegation.given)
        return MOOT_OK;
    int status = add_forms(def, err);
    return status == MOOT_OK ? build_part(def, err) : status;
}

void moot__build_delegation_release(struct moot_delegation_def *d)
{
    moot__words_free(d->workers);
    free(d->judge);
    free(d->views);
    if (d->part != NULL)
        moot__build_task_release(d->part);
    free(d->part);
}
