/* Conversations: conditions that can be met, expressions over what is said, and speakers after whom
 * somebody may speak. */
#include "roles/crew_checking.h"

#include "roles/crew_build.h"
#include "roles/speakers.h"
#include "roles/termination.h"
#include "runtime/expr.h"
#include "runtime/near.h"

enum { NAMES_MAX = 256 };

static void say(struct moot_checking_crew *c, enum moot_severity severity,
                const struct moot_json *at, const char *suggestion, const char *message)
{
    moot__crew_say(&c->f->report, severity, c->f->yaml, at, MOOT_PART_VALUE, suggestion, "%s",
                   message);
}

static bool is_process(const struct moot_checking_crew *c, const char *process)
{
    return strcmp(moot__json_get_text(c->crew, "process", ""), process) == 0;
}

/* ---- expressions over what is said ---- */

/* What such an expression sees, as JSON Schema: roles/termination.h. NULL: out of memory. */
static struct moot_json *said_schema(const struct moot_checking_crew *c)
{
    static const char *const lists[] = {"agents", "people"};
    static const char text[] =
        "{\"message\":{\"type\":\"string\"},\"turns\":{\"type\":\"integer\"},"
        "\"speaker\":{\"enum\":[\"person\"]}}";
    struct moot_json *schema = NULL;
    if (moot__json_parse(text, strlen(text), &schema, NULL) != MOOT_OK)
        return NULL;
    struct moot_json *who = moot__json_edit(moot__json_edit(schema, "speaker"), "enum");
    int status = MOOT_OK;
    for (size_t i = 0; i < MOOT_COUNT(lists); i++) {
        const struct moot_json *m = moot__json_first(moot__json_get(c->crew, lists[i]));
        for (; m != NULL && status == MOOT_OK; m = moot__json_next(m))
            status = moot__json_add(who, moot__json_new_text(moot__json_get_text(m, "id", "")));
    }
    if (status == MOOT_OK)
        return schema;
    moot__json_free(schema);
    return NULL;
}

static const struct moot_json *look_up(void *arg, const char *path)
{
    return strchr(path, '.') == NULL ? moot__json_get(arg, path) : NULL;
}

struct expression {
    struct moot_checking_crew *c;
    const struct moot_json *scalar;
    const char *field;
};

/* A first word that is not known may be a member of the item; one that looks like a known word is
 * pointed out. */
static int on_path(void *arg, const char *path, size_t offset)
{
    const struct expression *x = arg;
    const char *words[] = {"message", "speaker", "turns", "item", "crew", x->c->item};
    char word[MOOT_MAX_ID + 1], suggestion[96];
    size_t len = strcspn(path, ".");
    snprintf(word, sizeof(word), "%.*s", (int)(len < MOOT_MAX_ID ? len : MOOT_MAX_ID), path);
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(words[i], word) == 0)
            return 0;
    const char *near = moot__json_get(x->c->row, word) == NULL
                           ? moot__near_find(word, words, MOOT_COUNT(words))
                           : NULL;
    if (near == NULL)
        return 0;
    snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    moot__crew_say_in(&x->c->f->report, MOOT_SEVERITY_WARNING, x->c->f->yaml, x->scalar, offset,
                      len, suggestion, "'%s': '%s' is taken for a member of the item", x->field,
                      word);
    return 0;
}

static void check_expression(struct moot_checking_crew *c, const char *field,
                             const struct moot_json *scalar)
{
    struct expression x = {c, scalar, field};
    const char *text = moot__json_text(scalar);
    struct moot_error err = {0};
    struct moot_expr *e = NULL;
    struct moot_json *schema = said_schema(c);
    unsigned types = 0;
    int status = text == NULL || schema == NULL ? MOOT_ENOMEM
                                                : moot__expr_parse(text, strlen(text), &e, &err);
    if (status == MOOT_OK) {
        moot__expr_paths(e, on_path, &x);
        status = moot__expr_type(e, look_up, schema, &types, &err);
    }
    moot__expr_free(e);
    moot__json_free(schema);
    if (status == MOOT_ENOMEM)
        c->f->report.failed = c->f->report.failed || text != NULL;
    else if (status != MOOT_OK)
        moot__crew_say_in(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, scalar,
                          err.column > 0 ? (size_t)err.column - 1 : 0, 1, err.hint, "'%s': %s",
                          field, err.message);
    else if ((types & (1U << MOOT_JSON_BOOL)) == 0)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, scalar, MOOT_PART_VALUE,
                       "compare it with something", "'%s' is neither true nor false", field);
}

/* ---- termination ---- */

static bool has_tool(const struct moot_checking_crew *c, const char *tool)
{
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent)) {
        const struct moot_json *t = moot__json_first(moot__json_get(agent, "tools"));
        for (; t != NULL; t = moot__json_next(t))
            if (moot__json_text(t) != NULL && strcmp(moot__json_text(t), tool) == 0)
                return true;
        if (strcmp(moot__json_get_text(agent, "tool_choice", ""), tool) == 0)
            return true;
    }
    return false;
}

static void check_counts(struct moot_checking_crew *c, const struct moot_json *condition)
{
    static const char *const keys[] = {"max_messages", "tokens", "seconds"};
    char message[160];
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const struct moot_json *value = moot__json_get(condition, keys[i]);
        int64_t n;
        snprintf(message, sizeof(message), "'%s' of a condition must be 1 or more", keys[i]);
        if (moot__json_int(value, &n) && n < 1)
            say(c, MOOT_SEVERITY_ERROR, value, NULL, message);
    }
    const struct moot_json *value = moot__json_get(condition, "cost");
    const char *cost = moot__json_text(value);
    if (cost != NULL && cost[strspn(cost, "0.")] == '\0')
        say(c, MOOT_SEVERITY_ERROR, value, NULL, "'cost' of a condition must be more than nothing");
    const struct moot_json *turns = moot__json_get(moot__json_get(c->crew, "limits"), "turns");
    struct moot_json *usual = turns == NULL ? moot__crew_default("limits", "turns") : NULL;
    int64_t limit, most;
    value = moot__json_get(condition, "max_messages");
    if (moot__json_int(turns != NULL ? turns : usual, &limit) && moot__json_int(value, &most) &&
        most > limit) {
        snprintf(message, sizeof(message), "limits.turns, %lld, is reached before it",
                 (long long)limit);
        say(c, MOOT_SEVERITY_WARNING, value, "raise limits: {turns: …}", message);
    }
    moot__json_free(usual);
}

static void check_condition(struct moot_checking_crew *c, const struct moot_json *condition)
{
    const struct moot_json *text = moot__json_get(condition, "text");
    const char *line = moot__json_text(text);
    const struct moot_json *tool = moot__json_get(condition, "tool_called");
    const struct moot_json *external = moot__json_get(condition, "external");
    check_counts(c, condition);
    if (line != NULL && (line[strspn(line, " \t\r\n")] == '\0' || strchr(line, '\n') != NULL))
        say(c, MOOT_SEVERITY_ERROR, text, NULL, "'text' of a condition is one line");
    if (moot__json_text(tool) != NULL && !c->refs_missing && !has_tool(c, moot__json_text(tool)))
        say(c, MOOT_SEVERITY_WARNING, tool, "add it to an agent's tools",
            "no agent may call that tool: the condition is never met");
    if (external != NULL && moot__json_is(external, MOOT_JSON_BOOL) && !moot__json_true(external))
        say(c, MOOT_SEVERITY_WARNING, external, "leave it out", "'external: false' is never met");
    if (moot__json_get(condition, "that") != NULL)
        check_expression(c, "that", moot__json_get(condition, "that"));
}

/* The list of an `any` or `all`; NULL: it is neither. */
static const struct moot_json *parts_of(const struct moot_json *condition)
{
    const struct moot_json *any = moot__json_get(condition, "any");
    return any != NULL ? any : moot__json_get(condition, "all");
}

static void check_conditions(struct moot_checking_crew *c, const struct moot_json *top)
{
    const struct moot_json *up[MOOT_TERMINATION_DEPTH];
    size_t depth = 0, count = 0;
    for (const struct moot_json *at = top; at != NULL || depth > 0;) {
        if (at == NULL) {
            at = up[--depth];
            continue;
        }
        const struct moot_json *parts = parts_of(at);
        const struct moot_json *next = depth > 0 ? moot__json_next(at) : NULL;
        check_condition(c, at);
        if (++count == MOOT_TERMINATION_MAX + 1)
            say(c, MOOT_SEVERITY_ERROR, top, NULL, "'termination' has more than 64 conditions");
        if (parts != NULL && moot__json_count(parts) == 0)
            say(c, MOOT_SEVERITY_ERROR, parts, NULL, "an empty list of conditions");
        if (parts != NULL && depth == MOOT_TERMINATION_DEPTH)
            say(c, MOOT_SEVERITY_ERROR, parts, NULL, "conditions are nested deeper than 8");
        if (parts != NULL && depth < MOOT_TERMINATION_DEPTH) {
            up[depth++] = next;
            next = moot__json_first(parts);
        }
        at = next;
    }
}

/* ---- group_chat ---- */

static void check_rules(struct moot_checking_crew *c, const struct moot_json *list)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m)) {
        bool last = moot__json_next(m) == NULL;
        bool rule = moot__json_is(m, MOOT_JSON_OBJECT);
        if (rule && moot__json_get(m, "when") != NULL)
            check_expression(c, "when", moot__json_get(m, "when"));
        if (rule && last)
            say(c, MOOT_SEVERITY_ERROR, m, "add auto, round_robin, random or manual",
                "the last entry of 'next_speaker' is what is done where no rule holds");
        if (!rule && !last)
            say(c, MOOT_SEVERITY_ERROR, m, "put it at the end of the list",
                "what stands behind it in 'next_speaker' is never looked at");
    }
}

/* The keys of transitions and never: agents too. */
static void check_after(struct moot_checking_crew *c, const struct moot_json *map, const char *key)
{
    for (const struct moot_json *m = moot__json_first(map); m != NULL; m = moot__json_next(m)) {
        const char *ids[NAMES_MAX];
        size_t count = 0;
        char suggestion[96] = "";
        if (moot__crew_entry(c->crew, "agents", moot__json_key(m)) != NULL)
            continue;
        const struct moot_json *a = moot__json_first(moot__json_get(c->crew, "agents"));
        for (; a != NULL && count < NAMES_MAX; a = moot__json_next(a))
            ids[count++] = moot__json_get_text(a, "id", "");
        const char *near = moot__near_find(moot__json_key(m), ids, count);
        if (near != NULL)
            snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_KEY, suggestion,
                       "'%s' names '%s', which is no agent", key, moot__json_key(m));
        c->refs_missing = true;
    }
}

/* Where transitions say something of an agent; else the settings themselves. */
static const struct moot_json *place_of(const struct moot_checking_crew *c, const char *agent)
{
    const struct moot_json *settings = moot__json_get(c->crew, "group_chat");
    const struct moot_json *only = moot__json_get(moot__json_get(settings, "transitions"), agent);
    const struct moot_json *never = moot__json_get(moot__json_get(settings, "never"), agent);
    return only != NULL ? only : never != NULL ? never : settings;
}

static void check_reach(struct moot_checking_crew *c, const struct moot_speakers_def *def,
                        char *const *members, size_t count)
{
    const char *start = moot__json_get_text(c->crew, "start", NULL);
    bool allowed[NAMES_MAX], reached[NAMES_MAX] = {false};
    for (size_t i = 0; i < count; i++) {
        size_t next = moot__speakers_allowed(def, members, count, i, allowed);
        for (size_t k = 0; k < count; k++)
            reached[k] = reached[k] || (allowed[k] && k != i);
        if (next == 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml,
                           place_of(c, members[i]), MOOT_PART_KEY,
                           "let somebody follow, or end by termination: {speaker: …}",
                           "nobody may speak after '%s': the conversation fails there", members[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (!reached[i] && start != NULL && strcmp(start, members[i]) != 0)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml,
                           moot__crew_entry(c->crew, "agents", members[i]), MOOT_PART_KEY, NULL,
                           "'%s' never speaks: no transition leads to it", members[i]);
}

static void check_speakers(struct moot_checking_crew *c)
{
    const struct moot_json *settings = moot__json_get(c->crew, "group_chat");
    const struct moot_json *agents = moot__json_get(c->crew, "agents");
    const struct moot_json *next = moot__json_get(settings, "next_speaker");
    struct moot_speakers_def def;
    char *members[NAMES_MAX];
    size_t count = 0;
    if (moot__json_is(next, MOOT_JSON_ARRAY))
        check_rules(c, next);
    check_after(c, moot__json_get(settings, "transitions"), "transitions");
    check_after(c, moot__json_get(settings, "never"), "never");
    if (settings == NULL || c->refs_missing || moot__json_count(agents) < 2 ||
        moot__json_count(agents) > NAMES_MAX)
        return;
    int status = moot__speakers_build(settings, &def, NULL);
    c->f->report.failed = c->f->report.failed || status == MOOT_ENOMEM;
    if (status != MOOT_OK)
        return; /* what is wrong was said */
    const char *manager = moot__json_get_text(c->crew, "manager", "");
    const struct moot_json *a = moot__json_first(agents);
    for (; a != NULL && status == MOOT_OK; a = moot__json_next(a)) {
        const char *id = moot__json_get_text(a, "id", "");
        if (strcmp(id, manager) == 0)
            continue; /* it takes no turns */
        members[count] = moot__copy(id, strlen(id));
        status = members[count++] == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    if (status == MOOT_OK)
        check_reach(c, &def, members, count);
    else
        c->f->report.failed = true;
    for (size_t i = 0; i < count; i++)
        free(members[i]);
    moot__speakers_release(&def);
}

void moot__crew_check_talk(struct moot_checking_crew *c)
{
    const struct moot_json *termination = moot__json_get(c->crew, "termination");
    bool chats = moot__crew_talks(moot__json_get_text(c->crew, "process", ""));
    for (size_t i = 0; i < c->task_count; i++)
        chats = chats || moot__json_get(c->tasks[i].entry, "chat") != NULL;
    if (termination != NULL && !chats)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, termination, MOOT_PART_KEY,
                       "tasks are bounded by limits, and ended by check",
                       "'termination' is of conversations, but the crew's process is '%s'",
                       moot__json_get_text(c->crew, "process", ""));
    if (termination != NULL)
        check_conditions(c, termination);
    if (is_process(c, "group_chat"))
        check_speakers(c);
}
