#include "roles/crew_read.h"

#include "runtime/shortform.h"

/* ---- short form → shape ---- */

static struct moot_json *shape_of(struct moot_crew_file *f, const struct moot_json *raw,
                                  const char *place);

static struct moot_json *shape_of_map(struct moot_crew_file *f, const struct moot_json *raw,
                                      const char *place)
{
    if (moot__crew_comma_trap(f, raw) || moot__crew_brace_trap(f, raw))
        return NULL;
    struct moot_json *out = moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), raw);
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        struct moot_json *entry = moot__crew_made(f, moot__json_new(MOOT_JSON_OBJECT), m);
        const char *key = moot__json_key(m);
        moot__crew_put(f, entry, "name", moot__crew_made(f, moot__json_new_text(key), m));
        moot__crew_put(f, entry, "type", shape_of(f, m, place));
        moot__crew_put(f, out, NULL, entry);
    }
    return out;
}

/* Bounded by the depth of YAML. */
static struct moot_json *shape_of(struct moot_crew_file *f, const struct moot_json *raw,
                                  const char *place)
{
    if (moot__json_is(raw, MOOT_JSON_OBJECT))
        return shape_of_map(f, raw, place);
    if (moot__json_is(raw, MOOT_JSON_STRING) && !moot__yaml_null(f->yaml, raw))
        return moot__crew_made(f, moot__json_new_text(moot__json_text(raw)), raw);
    if (moot__json_count(raw) == 1) {
        struct moot_json *out = moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), raw);
        moot__crew_put(f, out, NULL, shape_of(f, moot__json_first(raw), place));
        return out;
    }
    bool list = moot__json_is(raw, MOOT_JSON_ARRAY);
    moot__crew_say(
        &f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, list ? MOOT_PART_VALUE : MOOT_PART_KEY,
        list ? "such as [text]" : "such as text, number or [text]",
        list ? "a list in %s has one type, that of its elements" : "a field in %s has no type",
        place);
    return NULL;
}

struct moot_json *moot__crew_read_shape(struct moot_crew_file *f, const struct moot_json *raw,
                                        const char *place)
{
    return shape_of(f, raw, place);
}

/* ---- shape → short form ---- */

/* A list of {name, type} is a map; any other list has one element, a type. */
static bool is_fields(const struct moot_json *shape)
{
    const struct moot_json *first = moot__json_first(shape);
    return first == NULL || moot__json_is(first, MOOT_JSON_OBJECT);
}

/* Bounded by the depth of YAML. */
static struct moot_json *shape_back(struct moot_yaml *y, const struct moot_json *shape)
{
    bool list = moot__json_is(shape, MOOT_JSON_ARRAY);
    bool fields = list && is_fields(shape);
    struct moot_json *out =
        list ? moot__json_new(fields ? MOOT_JSON_OBJECT : MOOT_JSON_ARRAY) : moot__json_copy(shape);
    int status = out == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (status == MOOT_OK && y != NULL)
        status = moot__yaml_stand(y, out, shape);
    const struct moot_json *m = list ? moot__json_first(shape) : NULL;
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m)) {
        if (!fields)
            status = moot__json_add(out, shape_back(y, m));
        else if (moot__json_get(m, "type") != NULL) /* else the report says what is wrong */
            status = moot__json_set(out, moot__json_get_text(m, "name", ""),
                                    shape_back(y, moot__json_get(m, "type")));
    }
    if (status != MOOT_OK) {
        moot__json_free(out);
        return NULL;
    }
    return out;
}

struct moot_json *moot__crew_shape(const struct moot_json *shape)
{
    return shape_back(NULL, shape);
}

struct moot_json *moot__crew_shape_at(struct moot_yaml *y, const struct moot_json *shape)
{
    return shape_back(y, shape);
}

/* ---- schemas and other JSON ---- */

/* The tree as JSON text. */
static struct moot_json *json_text(struct moot_crew_file *f, const struct moot_json *tree,
                                   const struct moot_json *raw)
{
    char *text = moot__json_string(tree);
    struct moot_json *made = text != NULL ? moot__json_new_text(text) : NULL;
    free(text);
    return moot__crew_made(f, made, raw);
}

static struct moot_json *load_schema(struct moot_crew_file *f, const struct moot_json *raw,
                                     const char *place)
{
    struct moot_error err = {0};
    struct moot_json *tree = NULL;
    char *path = NULL;
    int status = moot__crew_inside(f, raw, &path, &err);
    if (status == MOOT_OK)
        status = moot__yaml_load_plain(path, &tree, &err);
    free(path);
    struct moot_json *out = status == MOOT_OK ? json_text(f, tree, raw) : NULL;
    moot__json_free(tree);
    if (status == MOOT_ENOMEM)
        f->report.failed = true;
    else if (status != MOOT_OK)
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, MOOT_PART_VALUE, err.hint,
                       "%s: %s", place, err.message);
    return out;
}

struct moot_json *moot__crew_read_schema(struct moot_crew_file *f, const struct moot_json *raw,
                                         const char *place)
{
    if (moot__json_is(raw, MOOT_JSON_STRING))
        return load_schema(f, raw, place);
    if (moot__crew_comma_trap(f, raw))
        return NULL;
    struct moot_json *tree = NULL;
    if (moot__yaml_typed(f->yaml, raw, &tree) != MOOT_OK)
        f->report.failed = true;
    struct moot_json *out = tree != NULL ? json_text(f, tree, raw) : NULL;
    moot__json_free(tree);
    return out;
}

/* ---- args ---- */

static struct moot_json *arg_of(struct moot_crew_file *f, const struct moot_json *raw,
                                const char *place)
{
    if (moot__json_is(raw, MOOT_JSON_STRING) && !moot__yaml_null(f->yaml, raw))
        return moot__crew_made(f, moot__json_new_text(moot__json_text(raw)), raw);
    if (moot__json_is(raw, MOOT_JSON_OBJECT) && moot__crew_brace_trap(f, raw))
        return NULL;
    bool texts = moot__json_is(raw, MOOT_JSON_ARRAY);
    struct moot_json *out = texts ? moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), raw) : NULL;
    const struct moot_json *m = texts ? moot__json_first(raw) : NULL;
    if (texts)
        moot__crew_say(&f->report, MOOT_SEVERITY_LATER, f->yaml, raw, MOOT_PART_VALUE, NULL,
                       "a list as a value of %s is known, but not here yet", place);
    for (; m != NULL; m = moot__json_next(m)) {
        const char *text = moot__json_text(m);
        texts = texts && text != NULL;
        if (text != NULL)
            moot__crew_put(f, out, NULL, moot__crew_made(f, moot__json_new_text(text), m));
    }
    if (!texts) {
        bool nothing = moot__json_is(raw, MOOT_JSON_STRING);
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, MOOT_PART_KEY, NULL,
                       nothing ? "'%s' in %s has no value; write \"\" for an empty text"
                               : "'%s' in %s must be text, or a list of texts",
                       moot__json_key(raw), place);
    }
    return out;
}

struct moot_json *moot__crew_read_args(struct moot_crew_file *f, const struct moot_json *raw,
                                       const char *place)
{
    if (moot__crew_comma_trap(f, raw) || moot__crew_brace_trap(f, raw))
        return NULL;
    struct moot_json *out = moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), raw);
    for (const struct moot_json *m = moot__json_first(raw); m != NULL; m = moot__json_next(m)) {
        struct moot_json *value = arg_of(f, m, place);
        if (value == NULL)
            continue;
        struct moot_json *entry = moot__crew_made(f, moot__json_new(MOOT_JSON_OBJECT), m);
        const char *key = moot__json_key(m);
        moot__crew_put(f, entry, "name", moot__crew_made(f, moot__json_new_text(key), m));
        moot__crew_put(f, entry, "value", value);
        moot__crew_put(f, out, NULL, entry);
    }
    return out;
}

/* ---- {file: PATH} ---- */

struct moot_json *moot__crew_read_file(struct moot_crew_file *f, const struct moot_json *raw,
                                       const char *place)
{
    const struct moot_json *named = moot__json_get(raw, "file");
    if (!moot__json_is(named, MOOT_JSON_STRING) || moot__json_count(raw) != 1) {
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, raw, MOOT_PART_VALUE,
                       "write {file: PATH}", "%s must be text, or {file: PATH}", place);
        return NULL;
    }
    struct moot_error err = {0};
    struct moot_json *out = NULL;
    char *path = NULL;
    int status = moot__crew_inside(f, named, &path, &err);
    if (status == MOOT_OK)
        status = moot__yaml_load_text(f->yaml, path, moot__json_text(named), &out, &err);
    free(path);
    if (status == MOOT_ENOMEM)
        f->report.failed = true;
    else if (status != MOOT_OK && err.line > 0)
        moot__crew_say_at(&f->report, MOOT_SEVERITY_ERROR, f->yaml, err.file, err.line, err.column,
                          1, err.hint, "%s", err.message);
    else if (status != MOOT_OK)
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, named, MOOT_PART_VALUE, err.hint,
                       "%s: %s", place, err.message);
    return out;
}
