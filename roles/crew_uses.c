#include "roles/crew_uses.h"

#include "runtime/expr.h"
#include "runtime/template.h"
#include "runtime/utf8.h"

/* One text that is being looked through. */
struct looking {
    const struct moot_crew_uses *to;
    enum moot_use_place place;
    const char *field;
    const struct moot_json *scalar;
    const char *text;
};

bool moot__crew_first_word(const char *path, const char *word)
{
    size_t len = strlen(word);
    return strncmp(path, word, len) == 0 && (path[len] == '.' || path[len] == '\0');
}

static void tell(const struct looking *l, const char *path, size_t byte, bool defaulted)
{
    struct moot_crew_use use = {
        .place = l->place,
        .field = l->field,
        .path = path,
        .scalar = l->scalar,
        .offset = moot__utf8_characters(l->text, byte),
        .defaulted = defaulted,
    };
    l->to->use(l->to->arg, &use);
}

static int on_slot(void *arg, const struct moot_template_slot *slot)
{
    tell(arg, slot->path, slot->offset + 1, slot->fallback != NULL);
    return 0;
}

static int on_path(void *arg, const char *path, size_t offset)
{
    tell(arg, path, offset, false);
    return 0;
}

/* The character offset of a line and column of the text. */
static size_t offset_at(const char *text, int line, int column)
{
    size_t offset = 0;
    for (int i = 1; i < line; i++) {
        const char *brk = strchr(text, '\n');
        if (brk == NULL)
            break;
        offset += moot__utf8_characters(text, (size_t)(brk - text) + 1);
        text = brk + 1;
    }
    return offset + (column > 0 ? (size_t)column - 1 : 0);
}

static int broken(const struct looking *l, const struct moot_error *err)
{
    if (err->code == MOOT_ENOMEM)
        return MOOT_ENOMEM;
    if (l->to->broken != NULL)
        l->to->broken(l->to->arg, l->field, l->scalar, offset_at(l->text, err->line, err->column),
                      err);
    return MOOT_OK;
}

/* Looks through one text; NULL and what is no text have none. */
static int look_template(const struct moot_crew_uses *to, enum moot_use_place place,
                         const char *field, const struct moot_json *scalar)
{
    const char *text = moot__json_text(scalar);
    struct looking l = {to, place, field, scalar, text};
    struct moot_template *t;
    struct moot_error err = {0};
    if (text == NULL)
        return MOOT_OK;
    if (moot__template_parse(text, strlen(text), &t, &err) != MOOT_OK)
        return broken(&l, &err);
    moot__template_each(t, on_slot, &l);
    moot__template_free(t);
    return MOOT_OK;
}

static int look_expr(const struct moot_crew_uses *to, enum moot_use_place place, const char *field,
                     const struct moot_json *scalar)
{
    const char *text = moot__json_text(scalar);
    struct looking l = {to, place, field, scalar, text};
    struct moot_expr *e;
    struct moot_error err = {0};
    if (text == NULL)
        return MOOT_OK;
    if (moot__expr_parse(text, strlen(text), &e, &err) != MOOT_OK)
        return broken(&l, &err);
    moot__expr_paths(e, on_path, &l);
    moot__expr_free(e);
    return MOOT_OK;
}

static int look_list(const struct moot_crew_uses *to, enum moot_use_place place, const char *field,
                     const struct moot_json *list)
{
    int status = MOOT_OK;
    const struct moot_json *m = moot__json_first(list);
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m))
        status = look_template(to, place, field, m);
    return status;
}

static int look_args(const struct moot_crew_uses *to, const struct moot_json *args)
{
    int status = MOOT_OK;
    const struct moot_json *m = moot__json_first(args);
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m)) {
        const struct moot_json *value = moot__json_get(m, "value");
        const char *name = moot__json_get_text(m, "name", "");
        status = look_template(to, MOOT_USE_ARGS, name, value);
        if (status == MOOT_OK && moot__json_is(value, MOOT_JSON_ARRAY))
            status = look_list(to, MOOT_USE_ARGS, name, value);
    }
    return status;
}

/* The fields of a shape that the host fills in. Bounded by the depth of YAML. */
static int look_shape(const struct moot_crew_uses *to, const struct moot_json *shape)
{
    const char *text = moot__json_text(shape);
    if (text != NULL)
        return text[strspn(text, " ")] == '{' ? look_template(to, MOOT_USE_OUTPUT, "output", shape)
                                              : MOOT_OK;
    int status = MOOT_OK;
    const struct moot_json *m =
        moot__json_is(shape, MOOT_JSON_ARRAY) ? moot__json_first(shape) : NULL;
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m)) {
        bool field = moot__json_is(m, MOOT_JSON_OBJECT);
        status = look_shape(to, field ? moot__json_get(m, "type") : m);
    }
    return status;
}

static void look_candidates(const struct moot_crew_uses *to, const struct moot_json *path)
{
    struct looking l = {to, MOOT_USE_PROMPT, "candidates", path, moot__json_text(path)};
    if (l.text != NULL)
        tell(&l, l.text, 0, false);
}

static int look_sees(const struct moot_crew_uses *to, const struct moot_json *list)
{
    const struct moot_json *m = moot__json_first(list);
    for (; m != NULL; m = moot__json_next(m)) {
        const char *text = moot__json_text(m);
        struct looking l = {to, MOOT_USE_CHECK, "sees", m, text};
        if (text != NULL)
            tell(&l, text, 0, false);
    }
    return MOOT_OK;
}

static int look_check(const struct moot_crew_uses *to, const struct moot_json *check)
{
    int status = look_expr(to, MOOT_USE_THAT, "that", moot__json_get(check, "that"));
    if (status == MOOT_OK)
        status = look_template(to, MOOT_USE_CHECK, "file", moot__json_get(check, "file"));
    if (status == MOOT_OK)
        status = look_list(to, MOOT_USE_CHECK, "command", moot__json_get(check, "command"));
    if (status == MOOT_OK)
        status = look_sees(to, moot__json_get(check, "sees"));
    return status;
}

int moot__crew_uses_of_task(const struct moot_json *task, const struct moot_crew_uses *to)
{
    int status = look_template(to, MOOT_USE_PROMPT, "prompt", moot__json_get(task, "prompt"));
    if (status == MOOT_OK)
        status = look_template(to, MOOT_USE_PROMPT, "opening",
                               moot__json_get(moot__json_get(task, "chat"), "opening"));
    look_candidates(to, moot__json_get(moot__json_get(task, "consensual"), "candidates"));
    const struct moot_json *m = moot__json_first(moot__json_get(task, "steps"));
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m))
        status = look_template(to, MOOT_USE_PROMPT, "prompt", moot__json_get(m, "prompt"));
    if (status == MOOT_OK)
        status = look_args(to, moot__json_get(task, "args"));
    if (status == MOOT_OK)
        status = look_list(to, MOOT_USE_ARGS, "command", moot__json_get(task, "command"));
    if (status == MOOT_OK)
        status = look_expr(to, MOOT_USE_WHEN, "when", moot__json_get(task, "when"));
    if (status == MOOT_OK)
        status = look_shape(to, moot__json_get(task, "output"));
    if (status == MOOT_OK)
        status =
            look_template(to, MOOT_USE_OUTPUT, "output_file", moot__json_get(task, "output_file"));
    m = moot__json_is(moot__json_get(task, "check"), MOOT_JSON_ARRAY)
            ? moot__json_first(moot__json_get(task, "check"))
            : NULL;
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m))
        status = look_check(to, m);
    return status;
}

int moot__crew_uses_of_tool(const struct moot_json *tool, const struct moot_crew_uses *to)
{
    return look_args(to, moot__json_get(tool, "args"));
}

int moot__crew_uses_of_opening(const struct moot_json *crew, const struct moot_crew_uses *to)
{
    return look_template(to, MOOT_USE_PROMPT, "opening", moot__json_get(crew, "opening"));
}
