/* Tasks that are agreed on: what is voted on, who votes and by which numbers. */
#include "roles/crew_checking.h"

#include "roles/crew_build.h"
#include "runtime/votes.h"

/* One task of the process, with the settings over the crew's. */
struct agreed {
    struct moot_checking_crew *c;
    const struct moot_json *task; /* NULL: the crew's own settings */
    const struct moot_json *own;
    char place[MOOT_MAX_ID + 16];
};

static void say(const struct agreed *a, enum moot_severity severity, const struct moot_json *at,
                const char *suggestion, const char *message)
{
    moot__crew_say(&a->c->f->report, severity, a->c->f->yaml, at, MOOT_PART_VALUE, suggestion,
                   "%s: %s", a->place, message);
}

/* A setting where it stands: the task's own, else the crew's. NULL: nobody says. */
static const struct moot_json *setting(const struct agreed *a, const char *key)
{
    const struct moot_json *own = moot__json_get(a->own, key);
    return own != NULL ? own : moot__json_get(moot__json_get(a->c->crew, "consensual"), key);
}

static const char *word(const struct agreed *a, const char *key, const char *absent)
{
    const char *text = moot__json_text(setting(a, key));
    return text != NULL ? text : absent;
}

/* ---- numbers ---- */

/* `whole`: it may be 1. */
static void check_ratio(const struct agreed *a, const char *key, bool whole)
{
    const struct moot_json *at = moot__json_get(a->own, key);
    struct moot_ratio r;
    char message[96];
    if (moot__json_text(at) == NULL)
        return;
    if (!moot__ratio_parse(moot__json_text(at), &r))
        snprintf(message, sizeof(message), "the numbers of %s are greater than a million", key);
    else if (!whole && r.num == r.den)
        snprintf(message, sizeof(message), "more than all votes cannot be had: %s must be below 1",
                 key);
    else
        return;
    say(a, MOOT_SEVERITY_ERROR, at, "such as 2/3", message);
}

static void check_range(const struct agreed *a, const char *key, int64_t min, int64_t max)
{
    const struct moot_json *at = moot__json_get(a->own, key);
    int64_t n;
    char message[160];
    if (!moot__json_int(at, &n) || (n >= min && n <= max))
        return;
    snprintf(message, sizeof(message), "%s must be %lld to %lld", key, (long long)min,
             (long long)max);
    say(a, MOOT_SEVERITY_ERROR, at, NULL, message);
}

static bool is_kind(const struct moot_json *agent, const char *kind)
{
    return strcmp(moot__json_get_text(agent, "kind", "assistant"), kind) == 0;
}

static bool lists(const struct moot_json *list, const char *id)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), id) == 0)
            return true;
    return false;
}

/* Whether an agent is one of those named, or of all. */
static bool takes_part(const struct agreed *a, const char *key, const struct moot_json *agent)
{
    const struct moot_json *named = setting(a, key);
    if (moot__json_is(named, MOOT_JSON_ARRAY))
        return lists(named, moot__json_get_text(agent, "id", ""));
    return !is_kind(agent, "user_proxy") &&
           (strcmp(key, "proposers") != 0 || !is_kind(agent, "judge"));
}

static size_t count_of(const struct agreed *a, const char *key)
{
    size_t count = 0;
    const struct moot_json *m = moot__json_first(moot__json_get(a->c->crew, "agents"));
    if (m == NULL)
        return 1;
    for (; m != NULL; m = moot__json_next(m))
        count += takes_part(a, key, m);
    return count;
}

static void check_weights(const struct agreed *a)
{
    const struct moot_json *m = moot__json_first(moot__json_get(a->own, "weights"));
    for (; m != NULL; m = moot__json_next(m)) {
        const struct moot_json *agent = moot__crew_entry(a->c->crew, "agents", moot__json_key(m));
        int64_t n = 0;
        char message[MOOT_MAX_ID + 64];
        snprintf(message, sizeof(message), "'%.64s' has a weight, but is no voter",
                 moot__json_key(m));
        if (agent == NULL || !takes_part(a, "voters", agent))
            moot__crew_say(&a->c->f->report, MOOT_SEVERITY_ERROR, a->c->f->yaml, m, MOOT_PART_KEY,
                           NULL, "%s: %s", a->place, message);
        else if (moot__json_int(m, &n) && (n < 1 || n > MOOT_WEIGHT_MAX))
            say(a, MOOT_SEVERITY_ERROR, m, NULL, "a weight must be 1 to 1000");
    }
}

/* ---- who ---- */

static void check_named(const struct agreed *a, const char *key)
{
    const struct moot_json *m = moot__json_get(a->own, key);
    for (m = moot__json_is(m, MOOT_JSON_ARRAY) ? moot__json_first(m) : NULL; m != NULL;
         m = moot__json_next(m)) {
        const struct moot_json *agent = moot__crew_entry(a->c->crew, "agents", moot__json_text(m));
        if (agent == NULL)
            continue;
        if (is_kind(agent, "user_proxy"))
            say(a, MOOT_SEVERITY_ERROR, m, "name assistants or judges",
                "a user proxy takes turns in conversations only: it has no vote");
        else if (is_kind(agent, "judge") && strcmp(key, "proposers") == 0)
            say(a, MOOT_SEVERITY_ERROR, m, "let it vote", "a judge proposes nothing");
    }
}

static void check_chair(const struct agreed *a)
{
    static const char *const keys[] = {"tie_break", "on_no_consensus"};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++)
        if (strcmp(moot__json_get_text(a->own, keys[i], ""), "chair") == 0 &&
            setting(a, "chair") == NULL) {
            say(a, MOOT_SEVERITY_ERROR, moot__json_get(a->own, keys[i]), "add chair: AGENT",
                "there is no chair to decide");
            return;
        }
}

static void check_number(const struct agreed *a)
{
    size_t voters = count_of(a, "voters");
    size_t proposers = count_of(a, "proposers");
    const struct moot_json *at = setting(a, "voters");
    bool given = setting(a, "candidates") != NULL;
    bool gate = strcmp(word(a, "decide", ""), "gate") == 0;
    if (at == NULL)
        at = a->task;
    if (proposers == 0 && !given)
        say(a, MOOT_SEVERITY_ERROR, at, "add an assistant", "nobody is there to propose anything");
    else if (voters < 2)
        say(a, MOOT_SEVERITY_WARNING, at, "three voters or more decide better",
            "with one voter there is nothing to agree on");
    else if (voters == 2 && proposers == 2 && !given && !gate)
        say(a, MOOT_SEVERITY_WARNING, at, "decide: gate, or a third voter",
            "each of two can only judge the other's");
    else if (voters > MOOT_VOTERS_MAX)
        say(a, MOOT_SEVERITY_ERROR, at, NULL, "more than 64 voters");
}

/* ---- what ---- */

/* The list that is voted on, as far as it is known before: the schema of its elements. */
const struct moot_json *moot__crew_candidate(const struct moot_checking_crew *c,
                                             const struct moot_json *task, bool *is_list)
{
    const char *path = moot__json_get_text(moot__json_get(task, "consensual"), "candidates", NULL);
    char id[MOOT_MAX_ID + 1];
    const struct moot_json *at = NULL;
    const char *part;
    size_t len;
    *is_list = true;
    if (path == NULL)
        return NULL;
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(path, "."), path);
    size_t i = moot__crew_task_index(c, id);
    if (i == c->task_count || c->tasks[i].kind == MOOT_RESULT_UNKNOWN)
        return NULL;
    if (c->tasks[i].kind == MOOT_RESULT_TEXT || strchr(path, '.') == NULL)
        at = c->tasks[i].schema;
    else if (moot__crew_walk(c->tasks[i].schema, strchr(path, '.') + 1, &at, &part, &len) !=
             MOOT_WALK_FOUND)
        return NULL; /* that it is not there is said of every path */
    *is_list = strcmp(moot__json_get_text(at, "type", ""), "array") == 0;
    return *is_list ? moot__json_get(at, "items") : NULL;
}

static void check_candidates(const struct agreed *a)
{
    const struct moot_json *at = moot__json_get(a->own, "candidates");
    const char *decide = word(a, "decide", "answer");
    bool is_list;
    if (at == NULL) {
        if (!moot__crew_asks(a->task))
            say(a, MOOT_SEVERITY_ERROR, a->task, "add a prompt, or candidates: TASK.LIST",
                "there is nothing to agree on");
        return;
    }
    moot__crew_candidate(a->c, a->task, &is_list);
    if (!is_list)
        say(a, MOOT_SEVERITY_ERROR, at, "name a list, such as ideas.list",
            "what is voted on is no list");
    if (strcmp(decide, "answer") != 0 && strcmp(decide, "rubric") != 0)
        say(a, MOOT_SEVERITY_ERROR, at, "decide: answer",
            "given candidates are answers to choose from");
    if (moot__json_get(a->task, "output") != NULL ||
        moot__json_get(a->task, "output_schema") != NULL)
        say(a, MOOT_SEVERITY_ERROR, at, "leave out its output",
            "its result is one of the candidates, as it is");
}

/* A plan is put together while it runs: its result is text that nothing has looked at. */
static void check_plan(const struct agreed *a)
{
    static const char *const keys[] = {"output", "output_schema", "check", "review"};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const struct moot_json *at = moot__json_get(a->task, keys[i]);
        if (at != NULL)
            moot__crew_say(&a->c->f->report, MOOT_SEVERITY_LATER, a->c->f->yaml, at, MOOT_PART_KEY,
                           "put it on a task that needs this one",
                           "%s agrees on a plan: '%s' is not yet here for it", a->place, keys[i]);
    }
}

/* ---- proposals act on nothing ---- */

static bool only_reads(const struct moot_checking_crew *c, const char *id)
{
    static const char *const reading[] = {"read_page", "read_file", "list_files", "form",
                                          "ask_agent"};
    const struct moot_json *entry = moot__crew_entry(c->crew, "tools", id);
    const char *use = moot__crew_tool_use(entry, id);
    const char *effect = moot__json_get_text(entry, "effect", NULL);
    if (effect != NULL)
        return strcmp(effect, "none") == 0;
    for (size_t i = 0; i < MOOT_COUNT(reading); i++)
        if (strcmp(use, reading[i]) == 0)
            return true;
    return false;
}

static void check_tools(const struct agreed *a, const struct moot_json *tools)
{
    for (const struct moot_json *m = moot__json_first(tools); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_text(m) != NULL ? moot__json_text(m) : "";
        char message[MOOT_MAX_ID + 80];
        if (only_reads(a->c, id))
            continue;
        snprintf(message, sizeof(message), "who proposes would act by '%.64s' before the vote", id);
        say(a, MOOT_SEVERITY_ERROR, m, "consensual: {propose_may_act: true}, or decide: plan",
            message);
    }
}

static void check_acts(const struct agreed *a)
{
    const char *decide = word(a, "decide", "answer");
    const struct moot_json *own = moot__json_get(a->task, "tools");
    bool may = moot__json_true(setting(a, "propose_may_act"));
    if (may || strcmp(decide, "plan") == 0 || strcmp(decide, "handler") == 0 ||
        setting(a, "candidates") != NULL)
        return;
    check_tools(a, own);
    const struct moot_json *m = moot__json_first(moot__json_get(a->c->crew, "agents"));
    for (; own == NULL && m != NULL; m = moot__json_next(m))
        if (takes_part(a, "proposers", m))
            check_tools(a, moot__json_get(m, "tools"));
}

/* ---- all of it ---- */

static void check_settings(const struct agreed *a)
{
    check_ratio(a, "quorum", true);
    check_ratio(a, "threshold", false);
    check_range(a, "max_rounds", 1, 5);
    check_range(a, "candidate_cap", 200, 100000);
    check_weights(a);
    check_named(a, "voters");
    check_named(a, "proposers");
    check_chair(a);
}

static void check_task(struct moot_checking_crew *c, const struct moot_json *task)
{
    struct agreed a = {c, task, moot__json_get(task, "consensual"), ""};
    bool here = strcmp(moot__json_get_text(c->crew, "process", ""), "consensual") == 0;
    bool off = moot__json_text(a.own) != NULL;
    snprintf(a.place, sizeof(a.place), "task '%.64s'", moot__json_get_text(task, "id", ""));
    if (!here && a.own != NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, a.own, MOOT_PART_KEY,
                       "set process: consensual", "%s is agreed on in that process alone", a.place);
    if (!here || off)
        return;
    if (moot__json_get(task, "tool") != NULL || moot__json_get(task, "command") != NULL) {
        if (a.own != NULL)
            say(&a, MOOT_SEVERITY_ERROR, a.own, "leave it out",
                "a tool does it: there is nothing to agree on");
        return;
    }
    check_settings(&a);
    check_candidates(&a);
    check_number(&a);
    check_acts(&a);
    if (strcmp(word(&a, "decide", ""), "plan") == 0)
        check_plan(&a);
}

void moot__crew_check_votes(struct moot_checking_crew *c)
{
    struct agreed crew = {c, NULL, moot__json_get(c->crew, "consensual"), "the crew"};
    const struct moot_json *given = moot__json_get(crew.own, "candidates");
    if (strcmp(moot__json_get_text(c->crew, "process", ""), "consensual") == 0)
        check_settings(&crew);
    if (given != NULL)
        say(&crew, MOOT_SEVERITY_ERROR, given, "put them on the task that votes on them",
            "candidates are one task's");
    for (size_t i = 0; i < c->task_count; i++)
        check_task(c, c->tasks[i].entry);
}

bool moot__crew_votes(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        struct agreed a = {(struct moot_checking_crew *)(uintptr_t)c, task,
                           moot__json_get(task, "consensual"), ""};
        if (!moot__crew_agrees(c->crew, task))
            continue;
        const char *chair = word(&a, "chair", "");
        if (takes_part(&a, "voters", agent) || takes_part(&a, "proposers", agent) ||
            strcmp(chair, moot__json_get_text(agent, "id", "")) == 0)
            return true;
    }
    return false;
}
