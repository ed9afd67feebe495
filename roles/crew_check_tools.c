/* Tools: what they are, and what they are given. */
#include "roles/crew_checking.h"
#include "roles/crew_uses.h"

#include "runtime/near.h"

enum { MAX_PARAMETERS = 64 };

const char *moot__crew_tool_use(const struct moot_json *entry, const char *id)
{
    if (moot__json_get(entry, "command") != NULL)
        return "command";
    if (moot__json_get(entry, "url") != NULL)
        return "url";
    if (moot__json_get(entry, "library") != NULL)
        return "library";
    return moot__json_get_text(entry, "use", id);
}

/* ---- what a tool is ---- */

static void check_builtin(struct moot_checking_crew *c, const struct moot_json *tool,
                          const char *id, const char *use)
{
    const struct moot_json *at = moot__json_get(tool, "use");
    enum moot_yaml_part part = at != NULL ? MOOT_PART_VALUE : MOOT_PART_KEY;
    const struct moot_builtin *b = moot__crew_builtin(use);
    struct moot_crew_report *r = &c->f->report;
    if (strncmp(use, "mcp:", 4) == 0) {
        moot__crew_say(r, MOOT_SEVERITY_LATER, c->f->yaml, at, part, NULL,
                       "'%s' is a tool of an MCP server: known, but not here yet", use);
    } else if (b != NULL && b->later) {
        moot__crew_say(r, MOOT_SEVERITY_LATER, c->f->yaml, at != NULL ? at : tool, part, NULL,
                       "the tool '%s' is known, but not here yet", use);
    } else if (b == NULL) {
        const char *names[MAX_PARAMETERS];
        size_t count;
        const struct moot_builtin *all = moot__crew_builtins(&count);
        size_t n = 0;
        names[n++] = "form";
        for (size_t i = 0; i < count && n < MAX_PARAMETERS; i++)
            names[n++] = all[i].name;
        const char *near = moot__near_find(use, names, n);
        char suggestion[96] = "give it `use` or `command`";
        if (near != NULL)
            snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, at != NULL ? at : tool, part, suggestion,
                       at != NULL ? "tool '%s' uses '%s', which is no built-in"
                                  : "tool '%s' is no built-in, and nothing says what it is",
                       id, use);
    }
}

static void check_first_word(struct moot_checking_crew *c, const struct moot_json *command,
                             const char *place)
{
    const struct moot_json *first = moot__json_first(command);
    if (command != NULL && first == NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, command, MOOT_PART_VALUE,
                       "write [PROGRAM, WORD…]", "the command of %s has no words", place);
    const char *text = moot__json_text(first);
    size_t len = text != NULL ? strlen(text) : 0;
    const char *brace = len > 0 ? strchr(text, '{') : NULL;
    if (len > 0 && brace != NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, first, MOOT_PART_VALUE, NULL,
                       "the first word of the command of %s holds a placeholder: which program "
                       "runs cannot depend on what is inserted",
                       place);
    if (text != NULL && len == 0)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, first, MOOT_PART_VALUE, NULL,
                       "the command of %s names no program", place);
    if (text != NULL && strchr(text, ' ') != NULL && moot__json_count(command) == 1)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, first, MOOT_PART_VALUE,
                       "write [PROGRAM, WORD…]",
                       "the command of %s is one word with a space in it: no shell takes it apart",
                       place);
}

static void check_deliver(struct moot_checking_crew *c, const struct moot_json *tool,
                          const char *id, const char *use)
{
    const struct moot_json *deliver = moot__json_get(tool, "deliver");
    const char *text = moot__json_text(deliver);
    if (text == NULL)
        return;
    if (strcmp(use, "send_email") != 0)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, deliver, MOOT_PART_KEY, NULL,
                       "'deliver' is a key of send_email, not of tool '%s'", id);
    else if (strcmp(text, "print") != 0 && (strncmp(text, "outbox:", 7) != 0 || text[7] == '\0') &&
             (strncmp(text, "smtp://", 7) != 0 || text[7] == '\0') &&
             (strncmp(text, "smtps://", 8) != 0 || text[8] == '\0'))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, deliver, MOOT_PART_VALUE,
                       "print, outbox:DIR or smtp://HOST", "'%s' is no way to deliver a mail",
                       text);
}

void moot__crew_check_tools(struct moot_checking_crew *c)
{
    const struct moot_json *tool = moot__json_first(moot__json_get(c->crew, "tools"));
    for (; tool != NULL; tool = moot__json_next(tool)) {
        const char *id = moot__json_get_text(tool, "id", "");
        const char *use = moot__crew_tool_use(tool, id);
        char place[MOOT_MAX_ID + 16];
        snprintf(place, sizeof(place), "tool '%.64s'", id);
        bool own = strcmp(use, "command") == 0 || strcmp(use, "url") == 0 ||
                   strcmp(use, "library") == 0 || strcmp(use, "form") == 0;
        bool given = moot__json_get(tool, "parameters") != NULL ||
                     moot__json_get(tool, "parameters_schema") != NULL;
        if (!own)
            check_builtin(c, tool, id, use);
        if (strcmp(use, "form") == 0 && !given)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, tool, MOOT_PART_KEY,
                           "give it parameters", "the form '%s' has no fields to fill in", id);
        check_first_word(c, moot__json_get(tool, "command"), place);
        check_deliver(c, tool, id, use);
    }
    for (size_t i = 0; i < c->task_count; i++) {
        char place[MOOT_MAX_ID + 16];
        snprintf(place, sizeof(place), "task '%.64s'", c->tasks[i].id);
        check_first_word(c, moot__json_get(c->tasks[i].entry, "command"), place);
        const struct moot_json *m = moot__json_first(moot__json_get(c->tasks[i].entry, "check"));
        for (; m != NULL; m = moot__json_next(m))
            check_first_word(c, moot__json_get(m, "command"), place);
    }
}

/* ---- what a tool is given ---- */

/* A tool's parameters by name. */
struct parameters {
    char names[MAX_PARAMETERS][MOOT_MAX_ID + 1];
    bool required[MAX_PARAMETERS];
    size_t count;
};

static void add_parameter(struct parameters *p, const char *name, size_t len, bool required)
{
    if (p->count == MAX_PARAMETERS)
        return;
    snprintf(p->names[p->count], sizeof(p->names[0]), "%.*s",
             (int)(len < MOOT_MAX_ID ? len : MOOT_MAX_ID), name);
    p->required[p->count++] = required;
}

/* False: they are not known. */
static bool find_parameters(const struct moot_checking_crew *c, const char *id,
                            struct parameters *p)
{
    const struct moot_json *entry = moot__crew_entry(c->crew, "tools", id);
    struct moot_json *schema = moot__crew_parameters(c, id);
    const struct moot_builtin *b = moot__crew_builtin(moot__crew_tool_use(entry, id));
    p->count = 0;
    if (schema != NULL) {
        const struct moot_json *m = moot__json_first(moot__json_get(schema, "properties"));
        for (; m != NULL; m = moot__json_next(m)) {
            const char *key = moot__json_key(m);
            bool required = false;
            const struct moot_json *r = moot__json_first(moot__json_get(schema, "required"));
            for (; r != NULL; r = moot__json_next(r))
                required = required || (moot__json_text(r) && strcmp(moot__json_text(r), key) == 0);
            add_parameter(p, key, strlen(key), required);
        }
        moot__json_free(schema);
        return true;
    }
    if (b == NULL || b->parameters == NULL)
        return false;
    for (const char *at = b->parameters; *at != '\0'; at += strspn(at, " ")) {
        bool optional = *at == '?';
        size_t len = strcspn(at, " ");
        add_parameter(p, at + optional, len - optional, !optional);
        at += len;
    }
    return true;
}

static bool has_parameter(const struct parameters *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->names[i], name) == 0)
            return true;
    return false;
}

static const struct moot_json *find_arg(const struct moot_json *args, const char *name)
{
    for (const struct moot_json *m = moot__json_first(args); m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_get_text(m, "name", ""), name) == 0)
            return m;
    return NULL;
}

static void check_arg_names(struct moot_checking_crew *c, const struct moot_json *args,
                            const struct parameters *p, const char *id)
{
    for (const struct moot_json *m = moot__json_first(args); m != NULL; m = moot__json_next(m)) {
        const char *name = moot__json_get_text(m, "name", "");
        if (has_parameter(p, name))
            continue;
        const char *names[MAX_PARAMETERS];
        char list[300] = "", suggestion[96] = "";
        size_t used = 0;
        for (size_t i = 0; i < p->count; i++) {
            names[i] = p->names[i];
            if (used + strlen(names[i]) + 3 < sizeof(list))
                used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                         i > 0 ? ", " : "", names[i]);
        }
        const char *near = moot__near_find(name, names, p->count);
        if (near != NULL)
            snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_KEY, suggestion,
                       "%s has no parameter '%s'; it takes %s", id, name,
                       list[0] != '\0' ? list : "none");
    }
}

/* Whether the only need of the task gives a member of that name. */
static bool need_gives(const struct moot_checking_crew *c, const struct moot_json *task,
                       const char *name)
{
    const struct moot_json *needs = moot__json_get(task, "needs");
    size_t i = moot__json_count(needs) == 1
                   ? moot__crew_task_index(c, moot__json_text(moot__json_first(needs)))
                   : c->task_count;
    const struct moot_json *at;
    const char *word;
    size_t len;
    if (i == c->task_count || c->tasks[i].kind == MOOT_RESULT_TEXT)
        return false;
    return c->tasks[i].schema == NULL ||
           moot__crew_walk(c->tasks[i].schema, name, &at, &word, &len) != MOOT_WALK_MISSING;
}

/* Whether the file gives args that could not be read: what is missing then was said. */
static bool args_broken(const struct moot_checking_crew *c, const struct moot_json *task)
{
    const struct moot_json *raw =
        moot__json_get(moot__json_get(c->f->raw, "tasks"), moot__json_get_text(task, "id", ""));
    const struct moot_json *written = moot__json_get(raw, "args");
    return moot__json_count(written) != moot__json_count(moot__json_get(task, "args"));
}

static void check_tool_task(struct moot_checking_crew *c, const struct moot_json *task)
{
    const struct moot_json *tool = moot__json_get(task, "tool");
    const char *id = moot__json_text(tool);
    const struct moot_json *args = moot__json_get(task, "args");
    const struct moot_json *pinned = moot__json_get(moot__crew_entry(c->crew, "tools", id), "args");
    struct parameters *p = calloc(1, sizeof(*p));
    if (p == NULL)
        c->f->report.failed = true;
    if (p != NULL && find_parameters(c, id, p)) {
        check_arg_names(c, args, p, id);
        for (size_t i = 0; i < p->count && !args_broken(c, task); i++) {
            const char *name = p->names[i];
            if (!p->required[i] || find_arg(args, name) != NULL || find_arg(pinned, name) != NULL ||
                (args == NULL && need_gives(c, task, name)))
                continue;
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, tool, MOOT_PART_VALUE,
                           "add it to args", "task '%s' does not give %s its '%s'",
                           moot__json_get_text(task, "id", ""), id, name);
        }
    }
    free(p);
    for (const struct moot_json *m = moot__json_first(args); m != NULL; m = moot__json_next(m))
        if (find_arg(pinned, moot__json_get_text(m, "name", "")) != NULL)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, m, MOOT_PART_KEY, NULL,
                           "'%s' is pinned by the tool '%s' and cannot be given here",
                           moot__json_get_text(m, "name", ""), id);
}

/* Keys that only mean something where a model is asked. */
static void check_no_model(struct moot_checking_crew *c, const struct moot_json *task)
{
    static const char *const keys[] = {"agent",       "expected_output", "model",
                                       "tool_choice", "tools",           "require_tool"};
    for (size_t i = 0; i < MOOT_COUNT(keys); i++) {
        const struct moot_json *value = moot__json_get(task, keys[i]);
        if (value != NULL)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, value, MOOT_PART_KEY,
                           NULL, "'%s' of task '%s' does nothing: no model is asked", keys[i],
                           moot__json_get_text(task, "id", ""));
    }
}

static bool is_used(const struct moot_checking_crew *c, const char *id)
{
    for (size_t i = 0; i < c->f->ref_count; i++)
        if (c->f->refs[i].grammar == MOOT_G_TOOL &&
            strcmp(moot__json_text(c->f->refs[i].raw), id) == 0)
            return true;
    return false;
}

void moot__crew_check_args(struct moot_checking_crew *c)
{
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        const struct moot_json *args = moot__json_get(task, "args");
        bool tool = moot__json_is(moot__json_get(task, "tool"), MOOT_JSON_STRING);
        bool command = moot__json_get(task, "command") != NULL;
        if (tool)
            check_tool_task(c, task);
        if (tool || command)
            check_no_model(c, task);
        if (args != NULL && moot__crew_asks(task))
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, args, MOOT_PART_KEY,
                           "write it into the prompt",
                           "'args' of task '%s' stands beside tool, command or crew, not beside a "
                           "prompt",
                           c->tasks[i].id);
    }
    const struct moot_json *tool = moot__json_first(moot__json_get(c->crew, "tools"));
    struct parameters *p = calloc(1, sizeof(*p));
    if (p == NULL)
        c->f->report.failed = true;
    for (; tool != NULL && p != NULL; tool = moot__json_next(tool)) {
        const char *id = moot__json_get_text(tool, "id", "");
        if (find_parameters(c, id, p))
            check_arg_names(c, moot__json_get(tool, "args"), p, id);
        if (!is_used(c, id) && !c->refs_missing)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, tool, MOOT_PART_KEY,
                           NULL, "nothing uses tool '%s'", id);
    }
    free(p);
}
