/* What tasks give: shapes, schemas, steps that fill fields, checks of fields. */
#include "roles/crew_checking.h"
#include "roles/crew_read.h"

#include "runtime/near.h"
#include "runtime/schema.h"
#include "runtime/shortform.h"
#include "runtime/utf8.h"

enum {
    DEEP = 3, /* more is hard on models */
    WIDE = 12,
    MAX_MEMBERS = 256,
};

/* ---- going down a schema ---- */

static bool has_type(const struct moot_json *schema, const char *type)
{
    const struct moot_json *t = moot__json_get(schema, "type");
    const char *text = moot__json_text(t);
    if (text != NULL)
        return strcmp(text, type) == 0;
    for (const struct moot_json *m = moot__json_first(t); m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), type) == 0)
            return true;
    return false;
}

/* The schema's member of that name, its elements for a list; NULL: it has none. */
static const struct moot_json *go_down(const struct moot_json *schema, const char *word, size_t len,
                                       bool *unknown)
{
    const struct moot_json *list = moot__json_get(schema, "items");
    const struct moot_json *members = moot__json_get(schema, "properties");
    *unknown = false;
    if (has_type(schema, "array")) {
        *unknown = list == NULL;
        if (strspn(word, "0123456789") >= len || list == NULL)
            return list;
        return go_down(list, word, len,
                       unknown); /* a list of lists: bounded by the schema's depth */
    }
    for (const struct moot_json *m = moot__json_first(members); m != NULL; m = moot__json_next(m))
        if (strlen(moot__json_key(m)) == len && memcmp(moot__json_key(m), word, len) == 0)
            return m;
    bool scalar = moot__json_get(schema, "type") != NULL && !has_type(schema, "object");
    const struct moot_json *more = moot__json_get(schema, "additionalProperties");
    bool closed = moot__json_is(more, MOOT_JSON_BOOL) && !moot__json_true(more);
    *unknown = !scalar && !(members != NULL && closed);
    return NULL;
}

enum moot_walk moot__crew_walk(const struct moot_json *schema, const char *path,
                               const struct moot_json **at, const char **word, size_t *len)
{
    *at = schema;
    while (*path != '\0') {
        bool unknown;
        *word = path;
        *len = strcspn(path, ".");
        const struct moot_json *next = go_down(*at, path, *len, &unknown);
        if (next == NULL || unknown)
            return unknown ? MOOT_WALK_UNKNOWN : MOOT_WALK_MISSING;
        *at = next;
        path += *len + (path[*len] == '.' ? 1 : 0);
    }
    return MOOT_WALK_FOUND;
}

/* The members of a map, or of a list's elements. */
static const struct moot_json *members_of(const struct moot_json *schema)
{
    for (int i = 0; i < MOOT_MAX_DEPTH && has_type(schema, "array"); i++)
        schema = moot__json_get(schema, "items");
    return moot__json_get(schema, "properties");
}

void moot__crew_members(const struct moot_json *schema, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    const struct moot_json *m = moot__json_first(members_of(schema));
    for (; m != NULL; m = moot__json_next(m)) {
        const char *key = moot__json_key(m);
        if (used + strlen(key) + 6 > size) {
            snprintf(out + used, size - used, ", …");
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", key);
    }
}

const char *moot__crew_member_near(const struct moot_json *schema, const char *word, size_t len)
{
    const char *keys[MAX_MEMBERS];
    size_t count = 0;
    char text[MOOT_MAX_ID + 1];
    const struct moot_json *m = moot__json_first(members_of(schema));
    for (; m != NULL && count < MAX_MEMBERS; m = moot__json_next(m))
        keys[count++] = moot__json_key(m);
    snprintf(text, sizeof(text), "%.*s", (int)(len < MOOT_MAX_ID ? len : MOOT_MAX_ID), word);
    return moot__near_find(text, keys, count);
}

/* ---- shapes ---- */

/* Says what is wrong with a type, at its place, which the message then need not tell. */
static void say_bad(struct moot_checking_crew *c, const struct moot_shortform *compiled,
                    const struct moot_json *shape, const char *place, struct moot_error *err)
{
    struct moot_crew_file *f = c->f;
    const char *bad = moot__json_text(compiled->bad);
    bool placed = moot__yaml_at(f->yaml, compiled->bad) != NULL;
    char *at = strstr(err->message, " at byte ");
    if (placed && at != NULL)
        *at = '\0';
    if (placed && bad != NULL)
        moot__crew_say_in(&f->report, MOOT_SEVERITY_ERROR, f->yaml, compiled->bad,
                          moot__utf8_characters(bad, compiled->bad_offset), 1, err->hint, "%s: %s",
                          place, err->message);
    else
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, placed ? compiled->bad : shape,
                       MOOT_PART_VALUE, err->hint, "%s: %s", place, err->message);
}

/* Compiles each scalar of a wrong shape by itself, so that all that is wrong is said at once.
 * False: what is wrong is elsewhere. Bounded by the depth of YAML. */
static bool check_types(struct moot_checking_crew *c, const struct moot_json *form,
                        const char *place)
{
    bool said = false;
    if (moot__json_is(form, MOOT_JSON_STRING)) {
        const char *text = moot__json_text(form);
        struct moot_shortform compiled = {0};
        struct moot_error err = {0};
        if (text[strspn(text, " ")] == '{')
            return false;
        if (moot__shortform_compile(form, &compiled, &err) != MOOT_OK) {
            say_bad(c, &compiled, form, place, &err);
            said = true;
        }
        moot__shortform_release(&compiled);
    }
    for (const struct moot_json *m = moot__json_first(form); m != NULL; m = moot__json_next(m))
        said = check_types(c, m, place) || said;
    return said;
}

/* Compiles a shape of the resolved crew. The schema of the whole, which the caller frees; NULL: it
 * is wrong (and said so). */
static struct moot_json *check_shape(struct moot_checking_crew *c, const struct moot_json *shape,
                                     const char *place)
{
    struct moot_crew_file *f = c->f;
    struct moot_json *form = moot__crew_shape_at(f->yaml, shape);
    struct moot_shortform compiled = {0};
    struct moot_error err = {0};
    if (form == NULL) {
        f->report.failed = true;
        return NULL;
    }
    int status = moot__shortform_compile(form, &compiled, &err);
    if (status == MOOT_ENOMEM)
        f->report.failed = true;
    else if (status != MOOT_OK && !check_types(c, form, place))
        say_bad(c, &compiled, shape, place, &err);
    struct moot_json *whole = NULL;
    if (status == MOOT_OK) {
        size_t depth = moot__shortform_depth(form);
        size_t width = moot__shortform_width(form);
        whole = compiled.whole;
        compiled.whole = NULL;
        if (depth > DEEP || width > WIDE)
            moot__crew_say(&f->report, MOOT_SEVERITY_WARNING, f->yaml, shape, MOOT_PART_KEY,
                           "break it into several tasks",
                           depth > DEEP ? "%s is %zu levels deep: more than 3 is hard on models"
                                        : "%s has %zu fields in one map: more than 12 is hard on "
                                          "models",
                           place, depth > DEEP ? depth : width);
    }
    moot__shortform_release(&compiled);
    moot__json_free(form);
    return whole;
}

static struct moot_json *check_schema(struct moot_checking_crew *c, const struct moot_json *text,
                                      const char *place)
{
    struct moot_schema *compiled = NULL;
    struct moot_json *tree = NULL;
    struct moot_error err = {0};
    const char *json = moot__json_text(text);
    int status = moot__json_parse(json, strlen(json), &tree, &err);
    if (status == MOOT_OK)
        status = moot__schema_compile(tree, &compiled, &err);
    moot__schema_free(compiled);
    if (status == MOOT_OK)
        return tree;
    moot__json_free(tree);
    if (status == MOOT_ENOMEM)
        c->f->report.failed = true;
    else
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, text, MOOT_PART_VALUE,
                       err.hint, "%s: %s", place, err.message);
    return NULL;
}

/* The schema of one of two fields, a shape or a JSON Schema; NULL: neither is there, or it is
 * wrong. */
static struct moot_json *schema_of(struct moot_checking_crew *c, const struct moot_json *entry,
                                   const char *shape, const char *schema, const char *place)
{
    char where[200];
    const struct moot_json *value = moot__json_get(entry, shape);
    if (value != NULL) {
        snprintf(where, sizeof(where), "'%s' of %.150s", shape, place);
        return check_shape(c, value, where);
    }
    value = moot__json_get(entry, schema);
    if (value == NULL)
        return NULL;
    snprintf(where, sizeof(where), "'%s' of %.150s", schema, place);
    return check_schema(c, value, where);
}

struct moot_json *moot__crew_parameters(const struct moot_checking_crew *c, const char *id)
{
    const struct moot_json *tool = moot__crew_entry(c->crew, "tools", id);
    struct moot_json *form = moot__crew_shape(moot__json_get(tool, "parameters"));
    const char *text = moot__json_get_text(tool, "parameters_schema", NULL);
    struct moot_json *schema = NULL;
    if (moot__json_get(tool, "parameters") != NULL) {
        struct moot_shortform compiled = {0};
        if (form != NULL && moot__shortform_compile(form, &compiled, NULL) == MOOT_OK) {
            schema = compiled.whole;
            compiled.whole = NULL;
        }
        moot__shortform_release(&compiled);
    } else if (text != NULL && moot__json_parse(text, strlen(text), &schema, NULL) != MOOT_OK) {
        schema = NULL;
    }
    moot__json_free(form);
    return schema;
}

/* ---- steps ---- */

static void check_steps(struct moot_checking_crew *c, const struct moot_checked_task *t)
{
    struct moot_crew_report *r = &c->f->report;
    const struct moot_json *steps = moot__json_get(t->entry, "steps");
    if (steps != NULL && moot__json_count(steps) == 0)
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, steps, MOOT_PART_KEY, NULL,
                       "'steps' of task '%s' is empty", t->id);
    for (const struct moot_json *s = moot__json_first(steps); s != NULL; s = moot__json_next(s)) {
        const struct moot_json *as = moot__json_get(s, "as");
        const char *text = moot__json_text(as);
        if (text == NULL)
            continue;
        const struct moot_json *at;
        const char *word;
        size_t len;
        char members[200], suggestion[96] = "";
        if (t->kind == MOOT_RESULT_TEXT) {
            moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, as, MOOT_PART_VALUE,
                           "give the task an output", "task '%s' has no output for '%s' to fill",
                           t->id, text);
        } else if (t->schema != NULL &&
                   moot__crew_walk(t->schema, text, &at, &word, &len) == MOOT_WALK_MISSING) {
            moot__crew_members(t->schema, members, sizeof(members));
            const char *near = moot__crew_member_near(t->schema, text, strlen(text));
            if (near != NULL)
                snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
            moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, as, MOOT_PART_VALUE, suggestion,
                           "'%s' is no field of the output of task '%s': %s", text, t->id, members);
        }
    }
}

/* Where some steps fill fields, the others' texts are not kept: every field must be filled. */
static void check_filled(struct moot_checking_crew *c, const struct moot_checked_task *t)
{
    const struct moot_json *output = moot__json_get(t->entry, "output");
    const struct moot_json *steps = moot__json_get(t->entry, "steps");
    bool any = false;
    for (const struct moot_json *s = moot__json_first(steps); s != NULL; s = moot__json_next(s))
        any = any || moot__json_get(s, "as") != NULL;
    const struct moot_json *o = any ? moot__json_first(output) : NULL;
    for (; o != NULL; o = moot__json_next(o)) {
        const char *name = moot__json_get_text(o, "name", "");
        const char *type = moot__json_get_text(o, "type", "");
        bool filled = type[0] == '{' || strncmp(type, "optional ", 9) == 0;
        for (const struct moot_json *s = moot__json_first(steps); s != NULL; s = moot__json_next(s))
            filled = filled || strcmp(moot__json_get_text(s, "as", ""), name) == 0;
        if (!filled)
            moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, o, MOOT_PART_KEY,
                           "give a step `as: …`", "no step of task '%s' fills '%s' of its output",
                           t->id, name);
    }
}

/* ---- checks of fields ---- */

/* Whether the check fits what the field is. */
static void check_fits(struct moot_checking_crew *c, const struct moot_checked_task *t,
                       const struct moot_json *check, const struct moot_json *schema)
{
    const struct moot_json *length = moot__json_get(check, "length");
    bool items = strcmp(moot__json_get_text(length, "unit", ""), "items") == 0;
    bool text = !has_type(schema, "array") && !has_type(schema, "object");
    bool list = has_type(schema, "array");
    if (length == NULL || moot__json_get(schema, "type") == NULL || (items ? list : text || list))
        return;
    moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, length, MOOT_PART_VALUE, NULL,
                   items ? "a check of task '%s' counts items of what is no list"
                         : "a check of task '%s' counts words of what is no text; say which field "
                           "with `of`",
                   t->id);
}

static void check_field(struct moot_checking_crew *c, const struct moot_checked_task *t,
                        const struct moot_json *check)
{
    const struct moot_json *of = moot__json_get(check, "of");
    const char *path = moot__json_text(of);
    struct moot_crew_report *r = &c->f->report;
    if (moot__json_get(check, "pattern") == NULL && moot__json_get(check, "none") == NULL &&
        moot__json_get(check, "length") == NULL)
        return;
    if (path == NULL) {
        if (t->schema != NULL)
            check_fits(c, t, check, t->schema);
        return;
    }
    if (t->kind == MOOT_RESULT_TEXT) {
        moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, of, MOOT_PART_VALUE,
                       "leave `of` out, or give the task an output",
                       "task '%s' gives plain text: it has no '%s'", t->id, path);
        return;
    }
    const struct moot_json *at;
    const char *word;
    size_t len;
    char members[200], suggestion[96] = "";
    enum moot_walk walk =
        t->schema == NULL ? MOOT_WALK_UNKNOWN : moot__crew_walk(t->schema, path, &at, &word, &len);
    if (walk == MOOT_WALK_FOUND)
        check_fits(c, t, check, at);
    if (walk != MOOT_WALK_MISSING)
        return;
    moot__crew_members(at, members, sizeof(members));
    const char *near = moot__crew_member_near(at, word, len);
    if (near != NULL)
        snprintf(suggestion, sizeof(suggestion), "did you mean '%s'?", near);
    moot__crew_say(r, MOOT_SEVERITY_ERROR, c->f->yaml, of, MOOT_PART_VALUE, suggestion,
                   "the output of task '%s' has no '%.*s': it has %s", t->id, (int)len, word,
                   members[0] != '\0' ? members : "no members there");
}

/* ---- all of them ---- */

/* Whether one of the tools it may call is a form, whose arguments would be the result. */
static bool may_fill_form(const struct moot_checking_crew *c, const struct moot_json *task)
{
    const struct moot_json *worker = moot__crew_worker(c->crew, task);
    const struct moot_json *tools = moot__json_get(task, "tools");
    if (tools == NULL)
        tools = moot__json_get(worker, "tools");
    bool found = false;
    for (const struct moot_json *m = moot__json_first(tools); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_text(m) != NULL ? moot__json_text(m) : "";
        found = found || strcmp(moot__crew_tool_use(moot__crew_entry(c->crew, "tools", id), id),
                                "form") == 0;
    }
    const char *chosen = moot__json_get_text(task, "tool_choice", NULL);
    if (chosen == NULL)
        chosen = moot__json_get_text(worker, "tool_choice", "");
    return found || strcmp(moot__crew_tool_use(moot__crew_entry(c->crew, "tools", chosen), chosen),
                           "form") == 0;
}

static void find_result(struct moot_checking_crew *c, struct moot_checked_task *t)
{
    char place[MOOT_MAX_ID + 16];
    snprintf(place, sizeof(place), "task '%.64s'", t->id);
    bool written = moot__json_get(t->entry, "output") != NULL ||
                   moot__json_get(t->entry, "output_schema") != NULL;
    bool is_list;
    const struct moot_json *settings = moot__json_get(t->entry, "consensual");
    const struct moot_json *candidate = moot__crew_candidate(c, t->entry, &is_list);
    t->schema = schema_of(c, t->entry, "output", "output_schema", place);
    if (t->schema == NULL && candidate != NULL)
        t->schema = moot__json_copy(candidate);
    if (t->schema != NULL)
        t->kind = MOOT_RESULT_SCHEMA;
    else if (!written && moot__crew_asks(t->entry) && !may_fill_form(c, t->entry) &&
             moot__json_get(t->entry, "for_each") == NULL &&
             moot__json_get(settings, "candidates") == NULL)
        t->kind = MOOT_RESULT_TEXT;
}

void moot__crew_check_results(struct moot_checking_crew *c)
{
    for (size_t i = 0; i < c->task_count; i++) {
        struct moot_checked_task *t = &c->tasks[i];
        find_result(c, t);
        check_steps(c, t);
        check_filled(c, t);
        const struct moot_json *check = moot__json_first(moot__json_get(t->entry, "check"));
        for (; check != NULL; check = moot__json_next(check))
            check_field(c, t, check);
    }
    const struct moot_json *tool = moot__json_first(moot__json_get(c->crew, "tools"));
    for (; tool != NULL; tool = moot__json_next(tool)) {
        char place[MOOT_MAX_ID + 16];
        snprintf(place, sizeof(place), "tool '%.64s'", moot__json_get_text(tool, "id", ""));
        moot__json_free(schema_of(c, tool, "parameters", "parameters_schema", place));
    }
}
