/* Placeholders and expressions: what they name must be there when they are filled in. */
#include "roles/crew_checking.h"
#include "roles/crew_uses.h"

#include "runtime/expr.h"
#include "runtime/near.h"
#include "runtime/scope.h"
#include "runtime/template.h"
#include "runtime/utf8.h"

enum { MAX_NAMES = 512 };

/* Members of every item that is a file. */
static const char *const file_members[] = {"path", "name",        "text", "title",
                                           "lang", "description", "facts"};

/* What is being looked through. */
struct text_check {
    struct moot_checking_crew *c;
    const struct moot_checked_task *task; /* NULL: a tool */
    char place[MOOT_MAX_ID + 16];
};

static bool is_path_use(const struct moot_crew_use *use)
{
    return use->place == MOOT_USE_THAT || use->place == MOOT_USE_WHEN ||
           strcmp(use->field, "sees") == 0 || strcmp(use->field, "candidates") == 0;
}

/* Says something at `len` characters of the path, from byte `at` on. */
static void say(struct text_check *t, enum moot_severity severity, const struct moot_crew_use *use,
                size_t at, size_t len, const char *suggestion, const char *message)
{
    moot__crew_say_in(&t->c->f->report, severity, t->c->f->yaml, use->scalar,
                      use->offset + moot__utf8_characters(use->path, at), len, suggestion, "%s",
                      message);
}

/* The path as it is written: in braces where it is a placeholder. */
static void shown(const struct moot_crew_use *use, char *out, size_t size)
{
    snprintf(out, size, is_path_use(use) ? "%.100s" : "{%.100s}", use->path);
}

static bool is_file_member(const char *word, size_t len)
{
    for (size_t i = 0; i < MOOT_COUNT(file_members); i++)
        if (strlen(file_members[i]) == len && memcmp(file_members[i], word, len) == 0)
            return true;
    return false;
}

static bool has_member(const struct moot_json *object, const char *word, size_t len)
{
    const struct moot_json *m = moot__json_first(object);
    for (; m != NULL; m = moot__json_next(m))
        if (strlen(moot__json_key(m)) == len && memcmp(moot__json_key(m), word, len) == 0)
            return true;
    return false;
}

/* ---- items ---- */

static size_t item_names(const struct text_check *t, bool rows, const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < MOOT_COUNT(file_members); i++)
        names[count++] = file_members[i];
    const struct moot_json *m = rows ? moot__json_first(t->c->row) : NULL;
    for (; m != NULL && count < MAX_NAMES; m = moot__json_next(m))
        if (!is_file_member(moot__json_key(m), strlen(moot__json_key(m))))
            names[count++] = moot__json_key(m);
    return count;
}

/* `{storefront.details}`: the member must be one of a file, or of the registry's rows. */
static void check_item(struct text_check *t, const struct moot_crew_use *use, bool rows)
{
    const char *rest = strchr(use->path, '.');
    size_t len = rest != NULL ? strcspn(rest + 1, ".") : 0;
    if (rest == NULL || is_file_member(rest + 1, len) || use->defaulted ||
        (rows && (t->c->row_unknown || has_member(t->c->row, rest + 1, len))))
        return;
    const char *names[MAX_NAMES];
    size_t count = item_names(t, rows, names);
    char word[MOOT_MAX_ID + 1], path[128], message[512], suggestion[96] = "";
    snprintf(word, sizeof(word), "%.*s", (int)(len < MOOT_MAX_ID ? len : MOOT_MAX_ID), rest + 1);
    shown(use, path, sizeof(path));
    size_t used =
        (size_t)snprintf(message, sizeof(message), "%s has no '%s': an item has ", path, word);
    for (size_t i = 0; i < count && used + strlen(names[i]) + 4 < sizeof(message); i++)
        used += (size_t)snprintf(message + used, sizeof(message) - used, "%s%s", i > 0 ? ", " : "",
                                 names[i]);
    const char *near = moot__near_find(word, names, count);
    if (near != NULL)
        snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    say(t, MOOT_SEVERITY_ERROR, use, (size_t)(rest + 1 - use->path), len, suggestion, message);
}

/* A first word that is nothing else is a member of the item: any is allowed, as a command line or a
 * JSON line may bring it. But one that looks like a task mistyped is pointed out. */
static void check_bare(struct text_check *t, const struct moot_crew_use *use)
{
    size_t len = strcspn(use->path, ".");
    char word[MOOT_MAX_ID + 1], path[128], message[300], suggestion[96];
    snprintf(word, sizeof(word), "%.*s", (int)(len < MOOT_MAX_ID ? len : MOOT_MAX_ID), use->path);
    if (is_file_member(use->path, len) || has_member(t->c->row, use->path, len))
        return;
    const char *names[MAX_NAMES];
    size_t count = 0;
    names[count++] = t->c->item;
    for (size_t i = 0; i < t->c->task_count && count < MAX_NAMES; i++)
        names[count++] = t->c->tasks[i].id;
    const char *near = moot__near_find(word, names, count);
    if (near == NULL)
        return;
    shown(use, path, sizeof(path));
    snprintf(message, sizeof(message), "%s %s taken for a member of the %s", path,
             t->c->task_count > 0 ? "names no task, so it is" : "is",
             strcmp(t->c->item, "input") == 0 ? "input" : "item");
    snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    say(t, MOOT_SEVERITY_WARNING, use, 0, len, suggestion, message);
}

/* ---- results ---- */

/* `{concept.name}`: the member must be one of the task's output. `from`: where in the path the
 * task's own path begins. */
static void check_result(struct text_check *t, const struct moot_crew_use *use, size_t from,
                         const struct moot_checked_task *of)
{
    const char *rest = strchr(use->path + from, '.');
    const struct moot_json *at;
    const char *word;
    size_t len;
    char path[128], message[512], members[256], suggestion[96] = "";
    if (rest == NULL || of->kind == MOOT_RESULT_UNKNOWN)
        return;
    shown(use, path, sizeof(path));
    if (of->kind == MOOT_RESULT_TEXT) {
        snprintf(message, sizeof(message), "%s: task '%s' gives plain text, without members", path,
                 of->id);
        say(t, MOOT_SEVERITY_ERROR, use, (size_t)(rest + 1 - use->path), strlen(rest + 1),
            "give that task an output", message);
        return;
    }
    if (moot__crew_walk(of->schema, rest + 1, &at, &word, &len) != MOOT_WALK_MISSING)
        return;
    moot__crew_members(at, members, sizeof(members));
    snprintf(message, sizeof(message), "%s has no '%.*s': the output of task '%s' has %s", path,
             (int)len, word, of->id, members[0] != '\0' ? members : "no members there");
    const char *near = moot__crew_member_near(at, word, len);
    if (near != NULL)
        snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    say(t, MOOT_SEVERITY_ERROR, use, (size_t)(word - use->path), len, suggestion, message);
}

static bool needs_it(const struct moot_json *task, const char *id)
{
    const struct moot_json *m = moot__json_first(moot__json_get(task, "needs"));
    for (; m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_text(m), id) == 0)
            return true;
    return false;
}

static void check_task_use(struct text_check *t, const struct moot_crew_use *use,
                           const struct moot_checked_task *of)
{
    char path[128], message[300];
    bool own = of == t->task;
    bool after = use->place == MOOT_USE_THAT || use->place == MOOT_USE_CHECK;
    shown(use, path, sizeof(path));
    if (own && !after) {
        snprintf(message, sizeof(message), "%s: %s cannot use its own result", path, t->place);
        say(t, MOOT_SEVERITY_ERROR, use, 0, strlen(use->path), NULL, message);
        return;
    }
    if (t->task != NULL && !own && !needs_it(t->task->entry, of->id)) {
        snprintf(message, sizeof(message), "%s: %s uses '%s', which its needs lack", path, t->place,
                 of->id);
        say(t, MOOT_SEVERITY_ERROR, use, 0, strlen(of->id), "add it to needs", message);
    }
    check_result(t, use, 0, of);
}

/* `{items.TASK.member}` */
static void check_items(struct text_check *t, const struct moot_crew_use *use)
{
    const char *id = strchr(use->path, '.');
    for (size_t i = 0; id != NULL && i < t->c->task_count; i++) {
        if (moot__crew_first_word(id + 1, t->c->tasks[i].id)) {
            check_result(t, use, (size_t)(id + 1 - use->path), &t->c->tasks[i]);
            return;
        }
    }
    say(t, MOOT_SEVERITY_ERROR, use, 0, strlen(use->path), NULL,
        "'items' is followed by a task: {items.TASK}");
}

/* ---- first words ---- */

static void check_crew_word(struct text_check *t, const struct moot_crew_use *use)
{
    static const char *const words[] = {"crew.name", "crew.goal", "crew.date"};
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(use->path, words[i]) == 0)
            return;
    say(t, MOOT_SEVERITY_ERROR, use, 0, strlen(use->path), NULL,
        "'crew' has name, goal and date: {crew.date}");
}

static void check_output_file(struct text_check *t, const struct moot_crew_use *use)
{
    bool command = strcmp(use->field, "command") == 0 || strcmp(use->field, "file") == 0;
    if (!command)
        say(t, MOOT_SEVERITY_ERROR, use, 0, strlen("output_file"), NULL,
            "{output_file} stands in a command or in a check only");
    else if (t->task == NULL || moot__json_get(t->task->entry, "output_file") == NULL)
        say(t, MOOT_SEVERITY_ERROR, use, 0, strlen("output_file"), "give it one",
            "{output_file}: the task has no output_file");
}

/* What an expression of a check sees before all else: the result and its members. True: it is one
 * of these. */
static bool check_own(struct text_check *t, const struct moot_crew_use *use)
{
    const struct moot_json *at;
    const char *word;
    size_t len;
    if (use->place != MOOT_USE_THAT)
        return false;
    if (moot__crew_first_word(use->path, "result")) {
        check_result(t, use, 0, t->task);
        return true;
    }
    if (t->task->kind != MOOT_RESULT_SCHEMA)
        return false;
    char first[MOOT_MAX_ID + 1];
    size_t n = strcspn(use->path, ".");
    snprintf(first, sizeof(first), "%.*s", (int)(n < MOOT_MAX_ID ? n : MOOT_MAX_ID), use->path);
    if (moot__crew_walk(t->task->schema, first, &at, &word, &len) != MOOT_WALK_FOUND)
        return false;
    if (moot__crew_walk(t->task->schema, use->path, &at, &word, &len) == MOOT_WALK_MISSING) {
        char message[300], members[160];
        moot__crew_members(at, members, sizeof(members));
        snprintf(message, sizeof(message), "%.100s has no '%.*s': it has %s", use->path, (int)len,
                 word, members[0] != '\0' ? members : "no members");
        say(t, MOOT_SEVERITY_ERROR, use, (size_t)(word - use->path), len, NULL, message);
    }
    return true;
}

static void on_use(void *arg, const struct moot_crew_use *use)
{
    struct text_check *t = arg;
    if (check_own(t, use))
        return;
    for (size_t i = 0; i < t->c->task_count; i++) {
        if (moot__crew_first_word(use->path, t->c->tasks[i].id)) {
            check_task_use(t, use, &t->c->tasks[i]);
            return;
        }
    }
    const char *as = t->task != NULL ? moot__json_get_text(t->task->entry, "as", "each") : "each";
    bool each = t->task != NULL && moot__json_get(t->task->entry, "for_each") != NULL;
    if (moot__crew_first_word(use->path, t->c->item))
        check_item(t, use, true);
    else if (moot__crew_first_word(use->path, "item"))
        check_item(t, use, false);
    else if (moot__crew_first_word(use->path, "items"))
        check_items(t, use);
    else if (moot__crew_first_word(use->path, "crew"))
        check_crew_word(t, use);
    else if (moot__crew_first_word(use->path, "output_file"))
        check_output_file(t, use);
    else if (strcmp(use->path, "report") != 0 && strcmp(use->path, "attempt") != 0 &&
             !(each && moot__crew_first_word(use->path, as)))
        check_bare(t, use);
}

static void on_broken(void *arg, const char *field, const struct moot_json *scalar, size_t offset,
                      const struct moot_error *err)
{
    struct text_check *t = arg;
    moot__crew_say_in(&t->c->f->report, MOOT_SEVERITY_ERROR, t->c->f->yaml, scalar, offset, 1,
                      err->hint, "'%s' of %s: %s", field, t->place, err->message);
}

/* ---- types of expressions ---- */

static const struct moot_json *look_up(void *arg, const char *path)
{
    struct text_check *t = arg;
    const struct moot_json *at;
    const char *word;
    size_t len;
    for (size_t i = 0; i < t->c->task_count; i++) {
        const struct moot_checked_task *of = &t->c->tasks[i];
        if (!moot__crew_first_word(path, of->id) || of->schema == NULL)
            continue;
        const char *rest = strchr(path, '.');
        if (rest == NULL)
            return of->schema;
        return moot__crew_walk(of->schema, rest + 1, &at, &word, &len) == MOOT_WALK_FOUND ? at
                                                                                          : NULL;
    }
    return NULL;
}

/* In a check the members of the result come first. */
static const struct moot_json *look_up_own(void *arg, const char *path)
{
    struct text_check *t = arg;
    const struct moot_json *at;
    const char *word;
    size_t len;
    const char *rest = path;
    if (moot__crew_first_word(path, "result"))
        rest = path[6] == '.' ? path + 7 : "";
    if (t->task->schema != NULL &&
        moot__crew_walk(t->task->schema, rest, &at, &word, &len) == MOOT_WALK_FOUND)
        return at;
    return look_up(arg, path);
}

static void check_types(struct text_check *t, const char *field, const struct moot_json *scalar,
                        bool own)
{
    struct moot_expr *e = NULL;
    struct moot_error err = {0};
    unsigned types;
    const char *text = moot__json_text(scalar);
    if (text == NULL || moot__expr_parse(text, strlen(text), &e, NULL) != MOOT_OK)
        return; /* that it cannot be read was said */
    int status = moot__expr_type(e, own ? look_up_own : look_up, t, &types, &err);
    moot__expr_free(e);
    if (status == MOOT_ENOMEM)
        t->c->f->report.failed = true;
    else if (status != MOOT_OK)
        moot__crew_say_in(&t->c->f->report, MOOT_SEVERITY_ERROR, t->c->f->yaml, scalar,
                          err.column > 0 ? (size_t)err.column - 1 : 0, 1, err.hint,
                          "'%s' of %s: %s", field, t->place, err.message);
    else if ((types & (1U << MOOT_JSON_BOOL)) == 0)
        moot__crew_say(&t->c->f->report, MOOT_SEVERITY_ERROR, t->c->f->yaml, scalar,
                       MOOT_PART_VALUE, "compare it with something",
                       "'%s' of %s is neither true nor false", field, t->place);
}

/* ---- texts without placeholders ---- */

static int on_plain_slot(void *arg, const struct moot_template_slot *slot)
{
    struct moot_crew_use *first = arg;
    if (first->path == NULL && slot->offset < 100000) {
        first->offset = moot__utf8_characters(moot__json_text(first->scalar), slot->offset);
        first->path = "";
    }
    return first->path != NULL;
}

/* In the prose of agents a placeholder stays as it is written; people coming from elsewhere expect
 * otherwise. */
static void check_prose(struct moot_checking_crew *c, const struct moot_json *agent)
{
    static const char *const fields[] = {"role", "goal", "backstory", "system_message"};
    for (size_t i = 0; i < MOOT_COUNT(fields); i++) {
        struct moot_crew_use first = {.scalar = moot__json_get(agent, fields[i])};
        const char *text = moot__json_text(first.scalar);
        struct moot_template *t = NULL;
        if (text == NULL || moot__template_parse(text, strlen(text), &t, NULL) != MOOT_OK)
            continue;
        moot__template_each(t, on_plain_slot, &first);
        moot__template_free(t);
        if (first.path != NULL)
            moot__crew_say_in(
                &c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, first.scalar, first.offset, 1,
                c->task_count > 0 ? "write it in a task's prompt" : "write it in opening",
                "'%s' of agent '%s': placeholders are not filled in here", fields[i],
                moot__json_get_text(agent, "id", ""));
    }
}

void moot__crew_check_texts(struct moot_checking_crew *c)
{
    struct text_check t = {.c = c};
    struct moot_crew_uses to = {.arg = &t, .use = on_use, .broken = on_broken};
    for (size_t i = 0; i < c->task_count; i++) {
        const struct moot_json *task = c->tasks[i].entry;
        t.task = &c->tasks[i];
        snprintf(t.place, sizeof(t.place), "task '%.64s'", t.task->id);
        if (moot__crew_uses_of_task(task, &to) != MOOT_OK)
            c->f->report.failed = true;
        check_types(&t, "when", moot__json_get(task, "when"), false);
        const struct moot_json *check = moot__json_first(moot__json_get(task, "check"));
        for (; check != NULL; check = moot__json_next(check))
            check_types(&t, "that", moot__json_get(check, "that"), true);
    }
    t.task = NULL;
    snprintf(t.place, sizeof(t.place), "the crew");
    if (moot__crew_uses_of_opening(c->crew, &to) != MOOT_OK)
        c->f->report.failed = true;
    const struct moot_json *tool = moot__json_first(moot__json_get(c->crew, "tools"));
    for (; tool != NULL; tool = moot__json_next(tool)) {
        snprintf(t.place, sizeof(t.place), "tool '%.64s'", moot__json_get_text(tool, "id", ""));
        if (moot__crew_uses_of_tool(tool, &to) != MOOT_OK)
            c->f->report.failed = true;
    }
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent))
        check_prose(c, agent);
}
