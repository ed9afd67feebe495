/* The process `hierarchical`: that there is somebody to delegate to, and that nobody is both who
 * decides and who does. */
#include "roles/crew_checking.h"

#include "agents/def.h"

static const struct moot_json *agent_of(const struct moot_checking_crew *c, const char *id)
{
    return moot__crew_entry(c->crew, "agents", id);
}

static bool is_kind(const struct moot_json *agent, const char *kind)
{
    return strcmp(moot__json_get_text(agent, "kind", "assistant"), kind) == 0;
}

static void say(struct moot_checking_crew *c, const struct moot_json *at, const char *suggestion,
                const char *message)
{
    moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, at, MOOT_PART_VALUE, suggestion,
                   "%s", message);
}

static void check_counts(struct moot_checking_crew *c, const struct moot_json *settings)
{
    static const char *const keys[] = {"max_parallel", "max_delegations", "max_rounds",
                                       "max_children"};
    char message[96];
    int64_t n;
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const struct moot_json *value = moot__json_get(settings, keys[i]);
        snprintf(message, sizeof(message), "'%s' must be 1 or more", keys[i]);
        if (moot__json_int(value, &n) && n < 1)
            say(c, value, NULL, message);
    }
}

/* A tool cannot be called as what the manager, or a worker, decides by. */
static void check_names(struct moot_checking_crew *c)
{
    const struct moot_json *t = moot__json_first(moot__json_get(c->crew, "tools"));
    for (; t != NULL; t = moot__json_next(t)) {
        const char *id = moot__json_get_text(t, "id", "");
        bool taken = strcmp(id, MOOT_TOOL_CANNOT) == 0;
        for (size_t i = 0; moot__delegation_forms[i] != NULL; i++)
            taken = taken || strcmp(id, moot__delegation_forms[i]) == 0;
        if (taken)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, t, MOOT_PART_KEY,
                           "give the tool another name",
                           "'%s' is a word by which decisions are made in this process", id);
    }
}

/* Whether the manager may delegate to it. */
static bool is_allowed(const struct moot_json *manager, const char *id)
{
    const struct moot_json *only = moot__json_get(manager, "can_delegate_to");
    for (const struct moot_json *m = moot__json_first(only); m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), id) == 0)
            return true;
    return only == NULL;
}

static void check_tasks(struct moot_checking_crew *c, const char *manager)
{
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *named = moot__json_get(c->tasks[i].entry, "agent");
        const char *id = moot__json_text(named);
        if (id == NULL || !moot__crew_asks(c->tasks[i].entry) || manager == NULL)
            continue;
        if (strcmp(id, manager) == 0)
            say(c, named, "name another agent, or leave it to the manager",
                "the manager plans and judges; it works no task itself");
        else if (!is_allowed(agent_of(c, manager), id))
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, named, MOOT_PART_VALUE,
                           "add it there, or name another agent",
                           "can_delegate_to of '%s' leaves out '%s'", manager, id);
    }
}

static void check_workers(struct moot_checking_crew *c, const char *manager)
{
    const struct moot_json *agents = moot__json_get(c->crew, "agents");
    bool any = false;
    for (const struct moot_json *a = moot__json_first(agents); a != NULL; a = moot__json_next(a)) {
        const char *id = moot__json_get_text(a, "id", "");
        bool works = is_kind(a, "assistant") && (manager == NULL || strcmp(manager, id) != 0);
        any = any || (works && is_allowed(manager == NULL ? NULL : agent_of(c, manager), id));
    }
    if (!any)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml,
                       agents != NULL ? agents : c->crew,
                       agents != NULL ? MOOT_PART_KEY : MOOT_PART_VALUE,
                       "add an agent that does the work", "the manager has nobody to delegate to");
}

static void check_settings(struct moot_checking_crew *c)
{
    const struct moot_json *settings = moot__json_get(c->crew, "hierarchical");
    const struct moot_json *judge = moot__json_get(settings, "judge");
    const char *manager = moot__json_text(moot__json_get(c->crew, "manager"));
    check_counts(c, settings);
    check_names(c);
    if (c->refs_missing)
        return;
    if (moot__json_text(judge) != NULL && !is_kind(agent_of(c, moot__json_text(judge)), "judge"))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, judge, MOOT_PART_VALUE,
                       "give it kind: judge", "agent '%s' judges, but is no judge",
                       moot__json_text(judge));
    if (manager != NULL && !is_kind(agent_of(c, manager), "assistant"))
        say(c, moot__json_get(c->crew, "manager"), "a judge stands under hierarchical: judge",
            "the manager must be an assistant");
    check_tasks(c, manager);
    check_workers(c, manager);
}

/* Only the manager delegates so far. */
static void check_delegating(struct moot_checking_crew *c, bool hierarchical)
{
    const char *manager = moot__json_text(moot__json_get(c->crew, "manager"));
    const struct moot_json *a = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; a != NULL; a = moot__json_next(a)) {
        const struct moot_json *to = moot__json_get(a, "can_delegate_to");
        const char *id = moot__json_get_text(a, "id", "");
        if (moot__json_count(to) == 0 ||
            (hierarchical && manager != NULL && strcmp(manager, id) == 0))
            continue;
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, to, MOOT_PART_KEY,
                       hierarchical ? "leave it out, or make it the manager"
                                    : "process: hierarchical has a manager that does",
                       "agent '%s' delegates nothing: only the manager of a hierarchical crew "
                       "does",
                       id);
    }
}

void moot__crew_check_delegation(struct moot_checking_crew *c)
{
    bool hierarchical = strcmp(moot__json_get_text(c->crew, "process", ""), "hierarchical") == 0;
    check_delegating(c, hierarchical);
    if (hierarchical)
        check_settings(c);
}
