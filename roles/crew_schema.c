#include "roles/crew_reference.h"

/* Building goes on after a failure and is checked once: `failed` is set by whatever cannot be
 * made, and adding nothing adds nothing. */
struct writer {
    bool failed;
};

static struct moot_json *object(struct writer *w)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    w->failed = w->failed || made == NULL;
    return made;
}

static struct moot_json *array(struct writer *w)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_ARRAY);
    w->failed = w->failed || made == NULL;
    return made;
}

static void set(struct writer *w, struct moot_json *in, const char *key, struct moot_json *value)
{
    if (in == NULL || value == NULL || moot__json_set(in, key, value) != MOOT_OK) {
        if (in == NULL)
            moot__json_free(value);
        w->failed = true;
    }
}

static void set_text(struct writer *w, struct moot_json *in, const char *key, const char *text)
{
    set(w, in, key, moot__json_new_text(text));
}

static void add(struct writer *w, struct moot_json *in, struct moot_json *value)
{
    if (in == NULL || value == NULL || moot__json_add(in, value) != MOOT_OK) {
        if (in == NULL)
            moot__json_free(value);
        w->failed = true;
    }
}

static struct moot_json *of_type(struct writer *w, const char *type)
{
    struct moot_json *made = object(w);
    set_text(w, made, "type", type);
    return made;
}

static struct moot_json *reference(struct writer *w, const char *table)
{
    char path[96];
    snprintf(path, sizeof(path), "#/$defs/%s", table);
    struct moot_json *made = object(w);
    set_text(w, made, "$ref", path);
    return made;
}

/* ---- scalars ---- */

/* What an editor's YAML reader may make of a text: `crew: 2026` is a number to it. */
static struct moot_json *any_scalar(struct writer *w)
{
    struct moot_json *types = array(w);
    add(w, types, moot__json_new_text("string"));
    add(w, types, moot__json_new_text("number"));
    add(w, types, moot__json_new_text("boolean"));
    struct moot_json *made = object(w);
    set(w, made, "type", types);
    return made;
}

/* A number, or a text of that pattern. */
static struct moot_json *number_or(struct writer *w, const char *type, const char *pattern)
{
    struct moot_json *number = of_type(w, type);
    set(w, number, "minimum", moot__json_new_int(0));
    struct moot_json *text = of_type(w, "string");
    set_text(w, text, "pattern", pattern);
    struct moot_json *both = array(w);
    add(w, both, number);
    add(w, both, text);
    struct moot_json *made = object(w);
    set(w, made, "anyOf", both);
    return made;
}

static struct moot_json *pattern(struct writer *w, const char *text)
{
    struct moot_json *made = of_type(w, "string");
    set_text(w, made, "pattern", text);
    return made;
}

static struct moot_json *bool_schema(struct writer *w)
{
    static const char *const words[] = {"yes", "no", "on", "off"};
    struct moot_json *values = array(w);
    add(w, values, moot__json_new_bool(true));
    add(w, values, moot__json_new_bool(false));
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        add(w, values, moot__json_new_text(words[i]));
    struct moot_json *made = object(w);
    set(w, made, "enum", values);
    return made;
}

static struct moot_json *grammar_schema(struct writer *w, enum moot_grammar g)
{
    switch (g) {
    case MOOT_G_BOOL:
        return bool_schema(w);
    case MOOT_G_INTEGER: {
        struct moot_json *made = of_type(w, "integer");
        set(w, made, "minimum", moot__json_new_int(0));
        return made;
    }
    case MOOT_G_TOKENS:
        return number_or(w, "integer", "^[0-9]+(\\.[0-9]+)? *[kKM]?$");
    case MOOT_G_SIZE:
        return number_or(w, "integer", "^[0-9]+(\\.[0-9]+)? *([kKMG]|KiB|MiB|GiB)?$");
    case MOOT_G_DURATION:
        return number_or(w, "number", "^[0-9]+(\\.[0-9]+)? *(ms|s|m|min|h)?$");
    case MOOT_G_DECIMAL:
        return number_or(w, "number", "^[0-9]+(\\.[0-9]+)?$");
    case MOOT_G_MONEY:
        return number_or(w, "number", "^[0-9]+(\\.[0-9]+)?( *USD)?$");
    case MOOT_G_RATIO:
        return pattern(w, "^[0-9]+/[0-9]+$");
    case MOOT_G_LENGTH:
        return pattern(w,
                       "^([0-9]+(\\.\\.[0-9]*)?|\\.\\.[0-9]+) +(words|characters|tokens|items)$");
    case MOOT_G_SECRET:
        return pattern(w, "^\\$\\{(env|file):[^}]+\\}$");
    case MOOT_G_PROVIDER:
        return pattern(w, "^[^/\\s]+/\\S+$");
    case MOOT_G_NAME:
    case MOOT_G_AGENT:
    case MOOT_G_TASK:
    case MOOT_G_PERSON:
        return pattern(w, "^[A-Za-z_][A-Za-z0-9_-]*$");
    case MOOT_G_MODEL:
    case MOOT_G_TOOL:
    case MOOT_G_PATH:
    case MOOT_G_EXPR:
    case MOOT_G_FIELDS:
    case MOOT_G_REGEX:
    case MOOT_G_TYPE:
    case MOOT_G_TEXT:
    case MOOT_G_PROSE:
    case MOOT_G_TEMPLATE:
    case MOOT_G_FILLED:
    case MOOT_G_NONE:
    case MOOT_G_WORD:
    case MOOT_G_COUNT:
    default:
        return any_scalar(w);
    }
}

/* Adds what a form allows to the choices. */
static void add_form(struct writer *w, struct moot_json *choices, const struct moot_form *form)
{
    size_t len;
    bool later;
    const char *word;
    struct moot_json *words = form->words != NULL ? array(w) : NULL;
    for (size_t i = 0; (word = moot__crew_word_at(form, i, &len, &later)) != NULL; i++) {
        add(w, words, moot__json_new_text_n(word, len));
        if (len == 5 && memcmp(word, "false", 5) == 0)
            add(w, words, moot__json_new_bool(false)); /* as an editor reads it; `off` likewise */
    }
    if (words != NULL) {
        struct moot_json *made = object(w);
        set(w, made, "enum", words);
        add(w, choices, made);
    }
    if (form->grammar != MOOT_G_WORD)
        add(w, choices, grammar_schema(w, form->grammar));
}

/* ---- fields ---- */

static struct moot_json *file_schema(struct writer *w)
{
    struct moot_json *made = of_type(w, "object");
    struct moot_json *members = object(w);
    struct moot_json *required = array(w);
    set(w, members, "file", of_type(w, "string"));
    set(w, made, "properties", members);
    add(w, required, moot__json_new_text("file"));
    set(w, made, "required", required);
    set(w, made, "additionalProperties", moot__json_new_bool(false));
    return made;
}

static void add_map(struct writer *w, struct moot_json *choices, const struct moot_field *f)
{
    if (f->scalar.grammar == MOOT_G_PROSE || f->scalar.grammar == MOOT_G_TEMPLATE)
        add(w, choices, file_schema(w));
    if (f->map == MOOT_MAP_TABLE || f->map == MOOT_MAP_OVERLAY)
        add(w, choices, reference(w, f->table));
    if (f->map == MOOT_MAP_SHAPE)
        add(w, choices, reference(w, "shape"));
    if (f->map == MOOT_MAP_ARGS)
        add(w, choices, reference(w, "args"));
    if (f->map == MOOT_MAP_SCHEMA || f->map == MOOT_MAP_ANY)
        add(w, choices, of_type(w, "object"));
}

static void add_list(struct writer *w, struct moot_json *choices, const struct moot_field *f)
{
    if (f->list.grammar == MOOT_G_NONE && f->list_table == NULL)
        return;
    struct moot_json *elements = array(w);
    if (f->list.grammar != MOOT_G_NONE)
        add_form(w, elements, &f->list);
    if (f->list_table != NULL)
        add(w, elements, reference(w, f->list_table));
    struct moot_json *items = object(w);
    set(w, items, "anyOf", elements);
    struct moot_json *list = of_type(w, "array");
    set(w, list, "items", items);
    add(w, choices, list);
}

static struct moot_json *field_schema(struct writer *w, const struct moot_field *f)
{
    struct moot_json *choices = array(w);
    if (f->scalar.grammar != MOOT_G_NONE)
        add_form(w, choices, &f->scalar);
    add_list(w, choices, f);
    add_map(w, choices, f);
    add(w, choices, of_type(w, "null")); /* over a base, `null` removes */
    char text[512];
    snprintf(text, sizeof(text), "%s%s%s%s%s", (f->flags & MOOT_FIELD_LATER) ? "Not yet: " : "",
             f->meaning, f->fallback != NULL ? " (default " : "",
             f->fallback != NULL ? f->fallback : "", f->fallback != NULL ? ")" : "");
    struct moot_json *made = object(w);
    set_text(w, made, "description", text);
    set(w, made, "anyOf", choices);
    return made;
}

/* ---- tables ---- */

/* {"required": [key]} */
static struct moot_json *requires(struct writer *w, const char *key)
{
    struct moot_json *keys = array(w);
    add(w, keys, moot__json_new_text(key));
    struct moot_json *made = object(w);
    set(w, made, "required", keys);
    return made;
}

/* Only what stands in a list is whole in every file: maps may be parts that lie over a base. */
static bool is_whole(const struct moot_table *t)
{
    static const char *const whole[] = {"step", "check", "condition", "rule"};
    for (size_t i = 0; i < MOOT_COUNT(whole); i++)
        if (strcmp(t->name, whole[i]) == 0)
            return true;
    return false;
}

static void set_required(struct writer *w, struct moot_json *made, const struct moot_table *t)
{
    struct moot_json *keys = array(w);
    struct moot_json *one = array(w);
    for (size_t i = 0; i < t->count; i++) {
        if ((t->fields[i].flags & MOOT_FIELD_REQUIRED) != 0)
            add(w, keys, moot__json_new_text(t->fields[i].key));
        if ((t->fields[i].flags & MOOT_FIELD_DECIDES) != 0)
            add(w, one, requires(w, t->fields[i].key));
    }
    if (moot__json_count(keys) > 0)
        set(w, made, "required", keys);
    else
        moot__json_free(keys);
    if (moot__json_count(one) > 0)
        set(w, made, "oneOf", one);
    else
        moot__json_free(one);
}

static struct moot_json *table_schema(struct writer *w, const struct moot_table *t)
{
    struct moot_json *made = of_type(w, "object");
    if (strcmp(t->fields[0].key, "*") == 0) {
        struct moot_json *names = object(w);
        set_text(w, names, "pattern", "^[A-Za-z_][A-Za-z0-9_-]*$");
        set(w, made, "propertyNames", names);
        set(w, made, "additionalProperties", field_schema(w, &t->fields[0]));
        return made;
    }
    struct moot_json *members = object(w);
    for (size_t i = 0; i < t->count; i++)
        set(w, members, t->fields[i].key, field_schema(w, &t->fields[i]));
    set(w, made, "properties", members);
    set(w, made, "additionalProperties", moot__json_new_bool(false));
    if (is_whole(t))
        set_required(w, made, t);
    return made;
}

/* A short form: types are scalars, lists of one type, maps of types. */
static struct moot_json *shape_schema(struct writer *w)
{
    struct moot_json *type = array(w);
    add(w, type, of_type(w, "string"));
    struct moot_json *list = of_type(w, "array");
    set(w, list, "minItems", moot__json_new_int(1));
    set(w, list, "maxItems", moot__json_new_int(1));
    struct moot_json *inner = object(w);
    struct moot_json *choices = array(w);
    add(w, choices, of_type(w, "string"));
    add(w, choices, reference(w, "shape"));
    set(w, inner, "anyOf", choices);
    set(w, list, "items", inner);
    add(w, type, list);
    add(w, type, reference(w, "shape"));
    add(w, type, of_type(w, "null"));
    struct moot_json *member = object(w);
    set(w, member, "anyOf", type);
    struct moot_json *made = of_type(w, "object");
    set(w, made, "additionalProperties", member);
    return made;
}

static struct moot_json *args_schema(struct writer *w)
{
    struct moot_json *choices = array(w);
    struct moot_json *list = of_type(w, "array");
    set(w, list, "items", any_scalar(w));
    add(w, choices, any_scalar(w));
    add(w, choices, list);
    add(w, choices, of_type(w, "null"));
    struct moot_json *value = object(w);
    set(w, value, "anyOf", choices);
    struct moot_json *made = of_type(w, "object");
    set(w, made, "additionalProperties", value);
    return made;
}

/* A crew file says its name, or what it is laid over. */
static struct moot_json *crew_or_extends(struct writer *w)
{
    struct moot_json *either = array(w);
    add(w, either, requires(w, "crew"));
    add(w, either, requires(w, "extends"));
    return either;
}

struct moot_json *moot__crew_schema(bool experiment)
{
    struct writer w = {0};
    size_t count;
    const struct moot_table *tables = moot__crew_tables(&count);
    struct moot_json *defs = object(&w);
    for (size_t i = 0; i < count; i++)
        if (experiment || strncmp(tables[i].name, "experiment", 10) != 0)
            set(&w, defs, tables[i].name, table_schema(&w, &tables[i]));
    set(&w, defs, "shape", shape_schema(&w));
    set(&w, defs, "args", args_schema(&w));
    struct moot_json *root = object(&w);
    set_text(&w, root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    set_text(&w, root, "title", experiment ? "Folkmoot experiment file" : "Folkmoot crew file");
    set_text(&w, root, "$ref", experiment ? "#/$defs/experiment" : "#/$defs/crew");
    if (!experiment)
        set(&w, root, "anyOf", crew_or_extends(&w));
    set(&w, root, "$defs", defs);
    if (!w.failed)
        return root;
    moot__json_free(root);
    return NULL;
}
