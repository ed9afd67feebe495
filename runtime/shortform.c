#include "runtime/shortform.h"

#include "runtime/schema.h"
#include "runtime/shortform_scalar.h"

enum {
    DEPTH_MAX = 16, /* maps and lists in each other; a schema has two levels for each */
    FIELDS_MAX = 1000,
    CHECKS_MAX = FIELDS_MAX,
    PATH_MAX_BYTES = DEPTH_MAX * (MOOT_MAX_ID + 1),
};

static const char date_pattern[] = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
static const char email_pattern[] = "^[^@\\s<>\"]+@[^@\\s<>\".]+(\\.[^@\\s<>\".]+)+$";
static const char url_pattern[] = "^https?://[^\\s/?#<>\"]+[^\\s<>\"]*$";
static const char uuid_pattern[] =
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

/* The shape is gone through twice, for what is asked and for the whole; the first time notes what
 * is filled in and checked. */
struct compiler {
    struct moot_shortform *form;
    bool whole;
    struct moot_buf path;
    size_t depth;
    size_t fields;
    struct moot_error *err;
};

static int compile_type(struct compiler *c, const struct moot_json *shape, struct moot_json **out,
                        bool *optional);

/* ---- reports ---- */

static int refuse(struct compiler *c, const struct moot_json *bad, const char *what,
                  const char *hint)
{
    c->form->bad = bad;
    c->form->bad_offset = 0;
    if (c->path.len > 0)
        moot__fail(c->err, MOOT_EINVAL, "%.200s: %s", c->path.data, what);
    else
        moot__fail(c->err, MOOT_EINVAL, "%s", what);
    if (hint != NULL)
        moot__fail_hint(c->err, "%s", hint);
    return MOOT_EINVAL;
}

static int no_memory(struct compiler *c)
{
    return moot__fail(c->err, MOOT_ENOMEM, "out of memory while reading a short form");
}

/* Appends a name to the path; returns the length to cut it back to. */
static size_t enter(struct compiler *c, const char *name)
{
    size_t before = c->path.len;
    if (before > 0)
        moot__buf_addc(&c->path, '.');
    moot__buf_adds(&c->path, name);
    return before;
}

static void leave(struct compiler *c, size_t before)
{
    if (c->path.status == MOOT_OK)
        moot__buf_truncate(&c->path, before);
}

/* ---- scalars ---- */

/* Whether a value is written "{placeholder}". */
static bool is_placeholder(const struct moot_json *shape)
{
    const char *text = moot__json_text(shape);
    return text != NULL && text[0] == '{' && text[strlen(text) - 1] == '}';
}

static int64_t size_of(const char *digits)
{
    int64_t n = -1;
    return digits != NULL && moot__int_parse(digits, &n) ? n : -1;
}

static int add_check(struct compiler *c, const struct moot_scalar *s)
{
    struct moot_shortform *form = c->form;
    if (c->whole)
        return MOOT_OK;
    struct moot_shortform_check *checks =
        realloc(form->checks, (form->check_count + 1) * sizeof(*checks));
    if (checks == NULL)
        return MOOT_ENOMEM;
    form->checks = checks;
    char *path = moot__copy(moot__buf_text(&c->path), c->path.len);
    if (path == NULL)
        return MOOT_ENOMEM;
    checks[form->check_count++] = (struct moot_shortform_check){
        .path = path, .unit = "words", .min = size_of(s->min), .max = size_of(s->max)};
    return MOOT_OK;
}

/* What the schema has no keyword for is told in the description. */
static int set_description(struct moot_json *schema, const struct moot_scalar *s)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_CREW_FILE + 200);
    if (s->description != NULL)
        moot__buf_adds(&text, s->description);
    if (s->words) {
        moot__buf_adds(&text, s->description != NULL ? " (" : "");
        if (s->min != NULL && s->max != NULL)
            moot__buf_addf(&text, "%s to %s words", s->min, s->max);
        else
            moot__buf_addf(&text, "at %s %s words", s->min != NULL ? "least" : "most",
                           s->min != NULL ? s->min : s->max);
        moot__buf_adds(&text, s->description != NULL ? ")" : "");
    }
    int status = text.status;
    if (status == MOOT_OK && text.len > 0)
        status = moot__json_set_text(schema, "description", text.data);
    moot__buf_release(&text);
    return status;
}

static int set_bounds(struct moot_json *schema, const struct moot_scalar *s)
{
    bool text = s->base == MOOT_SCALAR_TEXT;
    int status = MOOT_OK;
    if (s->min != NULL)
        status = moot__json_set(schema, text ? "minLength" : "minimum",
                                text ? moot__json_new_int(size_of(s->min))
                                     : moot__json_new_digits(s->min));
    if (status == MOOT_OK && s->max != NULL)
        status = moot__json_set(schema, text ? "maxLength" : "maximum",
                                text ? moot__json_new_int(size_of(s->max))
                                     : moot__json_new_digits(s->max));
    return status;
}

static int set_base(struct moot_json *schema, const struct moot_scalar *s)
{
    static const struct {
        const char *type;
        const char *format;
        const char *pattern;
    } bases[] = {
        [MOOT_SCALAR_TEXT] = {"string", NULL, NULL},
        [MOOT_SCALAR_INTEGER] = {"integer", NULL, NULL},
        [MOOT_SCALAR_NUMBER] = {"number", NULL, NULL},
        [MOOT_SCALAR_BOOL] = {"boolean", NULL, NULL},
        [MOOT_SCALAR_DATE] = {"string", "date", date_pattern},
        [MOOT_SCALAR_EMAIL] = {"string", "email", email_pattern},
        [MOOT_SCALAR_URL] = {"string", "uri", url_pattern},
        [MOOT_SCALAR_UUID] = {"string", "uuid", uuid_pattern},
        [MOOT_SCALAR_ANY] = {NULL, NULL, NULL},
        [MOOT_SCALAR_CHOICE] = {"string", NULL, NULL},
    };
    int status = MOOT_OK;
    if (bases[s->base].type != NULL)
        status = moot__json_set_text(schema, "type", bases[s->base].type);
    if (status == MOOT_OK)
        status = set_description(schema, s);
    if (status == MOOT_OK && bases[s->base].format != NULL)
        status = moot__json_set_text(schema, "format", bases[s->base].format);
    if (status == MOOT_OK && bases[s->base].pattern != NULL)
        status = moot__json_set_text(schema, "pattern", bases[s->base].pattern);
    return status;
}

/* A plain answer is searched for the pattern; what is taken from it need not have it. */
static int keep_capture(struct compiler *c, struct moot_scalar *s)
{
    if (c->whole)
        return MOOT_OK;
    c->form->capture = s->pattern;
    s->pattern = NULL;
    return MOOT_OK;
}

static int build_scalar(struct compiler *c, struct moot_scalar *s, struct moot_json *schema)
{
    int status = set_base(schema, s);
    if (status == MOOT_OK && s->choices != NULL) {
        status = moot__json_set(schema, "enum", s->choices);
        s->choices = NULL;
    }
    if (status == MOOT_OK && s->words)
        status = add_check(c, s);
    else if (status == MOOT_OK)
        status = set_bounds(schema, s);
    if (status == MOOT_OK && s->pattern != NULL)
        status = c->form->scalar ? keep_capture(c, s)
                                 : moot__json_set_text(schema, "pattern", s->pattern);
    return status;
}

static int compile_scalar(struct compiler *c, const struct moot_json *shape, struct moot_json **out,
                          bool *optional)
{
    struct moot_scalar s;
    size_t bad = 0;
    int status = moot__scalar_parse(moot__json_text(shape), &s, &bad, c->err);
    if (status != MOOT_OK) {
        c->form->bad = shape;
        c->form->bad_offset = bad;
        if (c->path.len > 0)
            moot__fail_wrap(c->err, "%.200s", c->path.data);
        return status;
    }
    *optional = s.optional;
    *out = moot__json_new(MOOT_JSON_OBJECT);
    if (*out == NULL || build_scalar(c, &s, *out) != MOOT_OK)
        status = no_memory(c);
    moot__scalar_release(&s);
    return status;
}

/* ---- lists and maps ---- */

static int compile_list(struct compiler *c, const struct moot_json *shape, struct moot_json **out)
{
    const struct moot_json *element = moot__json_first(shape);
    if (element == NULL || moot__json_next(element) != NULL)
        return refuse(c, shape, "a list has one type for all its elements", "write [text]");
    if (is_placeholder(element))
        return refuse(c, element, "an element of a list cannot be filled in", NULL);
    bool optional = false;
    struct moot_json *items = NULL;
    size_t before = enter(c, "*");
    int status = compile_type(c, element, &items, &optional);
    if (status == MOOT_OK && optional)
        status = refuse(c, element, "an element of a list cannot be optional",
                        "a list may be empty as it is");
    leave(c, before);
    if (status != MOOT_OK) {
        moot__json_free(items);
        return status;
    }
    *out = moot__json_new(MOOT_JSON_OBJECT);
    status = moot__json_set_text(*out, "type", "array");
    if (moot__json_set(*out, "items", items) != MOOT_OK || status != MOOT_OK)
        return no_memory(c);
    return MOOT_OK;
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > MOOT_MAX_ID)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return true;
}

/* A field that the host fills in: of any type in the whole, left out of what is asked. */
static int compile_filled(struct compiler *c, const struct moot_json *field, struct moot_json **out)
{
    if (c->whole) {
        *out = moot__json_new(MOOT_JSON_OBJECT);
        return *out != NULL ? MOOT_OK : no_memory(c);
    }
    if (c->path.status != MOOT_OK ||
        moot__json_set_text(c->form->filled, c->path.data, moot__json_text(field)) != MOOT_OK)
        return no_memory(c);
    return MOOT_OK;
}

/* *out stays NULL if the model is not asked for the field. */
static int compile_field(struct compiler *c, const struct moot_json *field, struct moot_json **out,
                         bool *optional)
{
    if (++c->fields > FIELDS_MAX)
        return moot__fail(c->err, MOOT_ETOOBIG, "a short form has more than %d fields", FIELDS_MAX);
    if (!is_name(moot__json_key(field)))
        return refuse(
            c, field,
            "a field's name has letters, digits, _ and -, begins with a letter, and is at "
            "most 64 long",
            NULL);
    if (is_placeholder(field))
        return compile_filled(c, field, out);
    int status = compile_type(c, field, out, optional);
    /* A map of filled fields only has nothing to ask for. */
    if (status == MOOT_OK && !c->whole && moot__json_is(field, MOOT_JSON_OBJECT) &&
        moot__json_first(moot__json_get(*out, "properties")) == NULL) {
        moot__json_free(*out);
        *out = NULL;
    }
    return status;
}

static int add_fields(struct compiler *c, const struct moot_json *shape,
                      struct moot_json *properties, struct moot_json *required)
{
    for (const struct moot_json *f = moot__json_first(shape); f != NULL; f = moot__json_next(f)) {
        struct moot_json *schema = NULL;
        bool optional = false;
        size_t before = enter(c, moot__json_key(f));
        int status = compile_field(c, f, &schema, &optional);
        leave(c, before);
        if (status != MOOT_OK) {
            moot__json_free(schema);
            return status;
        }
        if (schema == NULL)
            continue;
        status = moot__json_set(properties, moot__json_key(f), schema);
        if (status == MOOT_OK && !optional)
            status = moot__json_add(required, moot__json_new_text(moot__json_key(f)));
        if (status != MOOT_OK)
            return no_memory(c);
    }
    return MOOT_OK;
}

static int compile_map(struct compiler *c, const struct moot_json *shape, struct moot_json **out)
{
    if (moot__json_first(shape) == NULL)
        return refuse(c, shape, "a map without fields", NULL);
    struct moot_json *properties = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *required = moot__json_new(MOOT_JSON_ARRAY);
    int status = properties == NULL || required == NULL
                     ? no_memory(c)
                     : add_fields(c, shape, properties, required);
    if (status != MOOT_OK) {
        moot__json_free(properties);
        moot__json_free(required);
        return status;
    }
    *out = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(*out, "type", "object");
    int set = moot__json_set(*out, "properties", properties);
    int set_required = moot__json_set(*out, "required", required);
    if (set != MOOT_OK || set_required != MOOT_OK ||
        moot__json_set_bool(*out, "additionalProperties", false) != MOOT_OK)
        return no_memory(c);
    return MOOT_OK;
}

/* Recursion is bounded by DEPTH_MAX. *out may be set on failure too; the caller frees it. */
static int compile_type(struct compiler *c, const struct moot_json *shape, struct moot_json **out,
                        bool *optional)
{
    int status;
    if (c->depth == DEPTH_MAX)
        return moot__fail(c->err, MOOT_ETOOBIG, "a short form is nested deeper than %d", DEPTH_MAX);
    c->depth++;
    switch (moot__json_type(shape)) {
    case MOOT_JSON_STRING:
        status = compile_scalar(c, shape, out, optional);
        break;
    case MOOT_JSON_ARRAY:
        status = compile_list(c, shape, out);
        break;
    case MOOT_JSON_OBJECT:
        status = compile_map(c, shape, out);
        break;
    case MOOT_JSON_NULL:
        status = refuse(c, shape, "a type is missing", "write, say, text");
        break;
    case MOOT_JSON_BOOL:
    case MOOT_JSON_NUMBER:
    default:
        status = refuse(c, shape, "a type is a text, a list or a map", "write, say, text");
        break;
    }
    c->depth--;
    return status;
}

/* ---- the whole ---- */

static int compile_once(struct compiler *c, const struct moot_json *shape, struct moot_json **out)
{
    bool optional = false;
    c->fields = 0;
    int status = compile_type(c, shape, out, &optional);
    if (status == MOOT_OK && optional)
        status = refuse(c, shape, "the whole result cannot be optional", NULL);
    return status;
}

int moot__shortform_compile(const struct moot_json *shape, struct moot_shortform *out,
                            struct moot_error *err)
{
    struct compiler c = {.form = out, .err = err};
    memset(out, 0, sizeof(*out));
    moot__buf_init(&c.path, PATH_MAX_BYTES);
    out->scalar = moot__json_is(shape, MOOT_JSON_STRING);
    out->filled = moot__json_new(MOOT_JSON_OBJECT);
    int status = MOOT_OK;
    if (out->filled == NULL)
        status = no_memory(&c);
    else if (moot__json_is(shape, MOOT_JSON_ARRAY))
        status =
            refuse(&c, shape, "the whole result is a list", "give the list a name: {list: [text]}");
    else if (out->scalar && is_placeholder(shape))
        status = refuse(&c, shape, "the whole result cannot be filled in", NULL);
    if (status == MOOT_OK)
        status = compile_once(&c, shape, &out->schema);
    c.whole = true;
    if (status == MOOT_OK)
        status = compile_once(&c, shape, &out->whole);
    moot__buf_release(&c.path);
    if (status != MOOT_OK) {
        const struct moot_json *bad = out->bad;
        size_t offset = out->bad_offset;
        moot__shortform_release(out);
        out->bad = bad;
        out->bad_offset = offset;
    }
    return status;
}

void moot__shortform_release(struct moot_shortform *form)
{
    moot__json_free(form->schema);
    moot__json_free(form->whole);
    moot__json_free(form->filled);
    for (size_t i = 0; i < form->check_count; i++)
        free(form->checks[i].path);
    free(form->checks);
    free(form->capture);
    memset(form, 0, sizeof(*form));
}

/* Recursion is bounded by the depth of what was read. */
static size_t measure_depth(const struct moot_json *shape, size_t level)
{
    if (!moot__json_is(shape, MOOT_JSON_ARRAY) && !moot__json_is(shape, MOOT_JSON_OBJECT))
        return level;
    if (level > MOOT_MAX_DEPTH)
        return level;
    size_t deepest = level + 1;
    for (const struct moot_json *j = moot__json_first(shape); j != NULL; j = moot__json_next(j)) {
        size_t depth = measure_depth(j, level + 1);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

size_t moot__shortform_depth(const struct moot_json *shape)
{
    return measure_depth(shape, 0);
}

static size_t measure_width(const struct moot_json *shape, size_t level)
{
    size_t widest = moot__json_is(shape, MOOT_JSON_OBJECT) ? moot__json_count(shape) : 0;
    if (level > MOOT_MAX_DEPTH)
        return widest;
    for (const struct moot_json *j = moot__json_first(shape); j != NULL; j = moot__json_next(j)) {
        size_t width = measure_width(j, level + 1);
        widest = width > widest ? width : widest;
    }
    return widest;
}

size_t moot__shortform_width(const struct moot_json *shape)
{
    return measure_width(shape, 0);
}
