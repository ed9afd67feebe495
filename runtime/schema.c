#include "runtime/schema.h"

#include "runtime/near.h"
#include "runtime/schema_node.h"

/* Nodes wait in the list they are kept in: each is compiled in its turn and puts its subschemas at
 * the end, so nothing recurses and a node's rules lie side by side. References are resolved when
 * all nodes are there. */

enum shape {
    SHAPE_NOTE,
    SHAPE_SCHEMA,
    SHAPE_SCHEMAS,
    SHAPE_SCHEMA_MAP,
    SHAPE_PATTERN_MAP,
    SHAPE_REF,
    SHAPE_TYPES,
    SHAPE_VALUES,
    SHAPE_VALUE,
    SHAPE_COUNT,
    SHAPE_NUMBER,
    SHAPE_DIVISOR,
    SHAPE_PATTERN,
    SHAPE_BOOL,
    SHAPE_NAMES,
    SHAPE_NAMES_MAP,
};

struct keyword {
    const char *name;
    enum moot_schema_keyword keyword;
    enum shape shape;
    bool in_place; /* its subschemas see the same value */
};

static const struct keyword keywords[] = {
    {"$ref", MOOT_KW_REF, SHAPE_REF, true},
    {"type", MOOT_KW_TYPE, SHAPE_TYPES, false},
    {"enum", MOOT_KW_ENUM, SHAPE_VALUES, false},
    {"const", MOOT_KW_CONST, SHAPE_VALUE, false},
    {"minLength", MOOT_KW_MIN_LENGTH, SHAPE_COUNT, false},
    {"maxLength", MOOT_KW_MAX_LENGTH, SHAPE_COUNT, false},
    {"pattern", MOOT_KW_PATTERN, SHAPE_PATTERN, false},
    {"minimum", MOOT_KW_MINIMUM, SHAPE_NUMBER, false},
    {"maximum", MOOT_KW_MAXIMUM, SHAPE_NUMBER, false},
    {"exclusiveMinimum", MOOT_KW_EXCLUSIVE_MINIMUM, SHAPE_NUMBER, false},
    {"exclusiveMaximum", MOOT_KW_EXCLUSIVE_MAXIMUM, SHAPE_NUMBER, false},
    {"multipleOf", MOOT_KW_MULTIPLE_OF, SHAPE_DIVISOR, false},
    {"required", MOOT_KW_REQUIRED, SHAPE_NAMES, false},
    {"dependentRequired", MOOT_KW_DEPENDENT_REQUIRED, SHAPE_NAMES_MAP, false},
    {"minProperties", MOOT_KW_MIN_PROPERTIES, SHAPE_COUNT, false},
    {"maxProperties", MOOT_KW_MAX_PROPERTIES, SHAPE_COUNT, false},
    {"propertyNames", MOOT_KW_PROPERTY_NAMES, SHAPE_SCHEMA, false},
    {"properties", MOOT_KW_PROPERTIES, SHAPE_SCHEMA_MAP, false},
    {"patternProperties", MOOT_KW_PATTERN_PROPERTIES, SHAPE_PATTERN_MAP, false},
    {"additionalProperties", MOOT_KW_ADDITIONAL_PROPERTIES, SHAPE_SCHEMA, false},
    {"dependentSchemas", MOOT_KW_DEPENDENT_SCHEMAS, SHAPE_SCHEMA_MAP, true},
    {"minItems", MOOT_KW_MIN_ITEMS, SHAPE_COUNT, false},
    {"maxItems", MOOT_KW_MAX_ITEMS, SHAPE_COUNT, false},
    {"uniqueItems", MOOT_KW_UNIQUE_ITEMS, SHAPE_BOOL, false},
    {"prefixItems", MOOT_KW_PREFIX_ITEMS, SHAPE_SCHEMAS, false},
    {"items", MOOT_KW_ITEMS, SHAPE_SCHEMA, false},
    {"contains", MOOT_KW_CONTAINS, SHAPE_SCHEMA, false},
    {"minContains", MOOT_KW_MIN_CONTAINS, SHAPE_COUNT, false},
    {"maxContains", MOOT_KW_MAX_CONTAINS, SHAPE_COUNT, false},
    {"allOf", MOOT_KW_ALL_OF, SHAPE_SCHEMAS, true},
    {"anyOf", MOOT_KW_ANY_OF, SHAPE_SCHEMAS, true},
    {"oneOf", MOOT_KW_ONE_OF, SHAPE_SCHEMAS, true},
    {"not", MOOT_KW_NOT, SHAPE_SCHEMA, true},
    {"if", MOOT_KW_IF, SHAPE_SCHEMA, true},
    {"then", MOOT_KW_THEN, SHAPE_SCHEMA, true},
    {"else", MOOT_KW_ELSE, SHAPE_SCHEMA, true},
    {"$defs", MOOT_KW_DEFS, SHAPE_SCHEMA_MAP, false},
    {"definitions", MOOT_KW_DEFINITIONS, SHAPE_SCHEMA_MAP, false},
    {"title", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"description", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"default", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"examples", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"deprecated", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"readOnly", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"writeOnly", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"format", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"contentEncoding", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"contentMediaType", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"$comment", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"$schema", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"$id", MOOT_KW_NOTE, SHAPE_NOTE, false},
    {"$anchor", MOOT_KW_NOTE, SHAPE_NOTE, false},
};

struct compiler {
    struct moot_schema *s;
    size_t at;   /* the node being compiled */
    size_t refs; /* $ref so far */
    struct moot_error *err;
};

/* ---- reports ---- */

static void add_token(struct moot_buf *b, const char *token)
{
    moot__buf_addc(b, '/');
    for (; *token != '\0'; token++) {
        if (*token == '~' || *token == '/')
            moot__buf_adds(b, *token == '~' ? "~0" : "~1");
        else
            moot__buf_addc(b, *token);
    }
}

/* The JSON pointer of a node in the schema's text. */
static void add_place(struct moot_buf *b, const struct moot_schema *s, size_t node)
{
    size_t chain[MOOT_MAX_DEPTH + 1];
    size_t count = 0;
    for (; node != 0 && count <= MOOT_MAX_DEPTH; node = s->nodes[node].parent)
        chain[count++] = node;
    while (count-- > 0) {
        const struct moot_schema_node *n = &s->nodes[chain[count]];
        add_token(b, n->keyword);
        if (n->name != NULL)
            add_token(b, n->name);
        else if (n->index != SIZE_MAX)
            moot__buf_addf(b, "/%zu", n->index);
    }
}

__attribute__((format(printf, 3, 4))) static int refuse(const struct compiler *c, int code,
                                                        const char *format, ...)
{
    struct moot_buf place;
    char what[512];
    moot__buf_init(&place, 4096);
    add_place(&place, c->s, c->at);
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    moot__fail(c->err, code, "%.200s: %s", place.len > 0 ? place.data : "the schema", what);
    moot__buf_release(&place);
    return code;
}

static int no_memory(const struct compiler *c)
{
    return moot__fail(c->err, MOOT_ENOMEM, "out of memory while compiling a schema");
}

/* ---- the three lists ---- */

/* Room for one more; the list as it is now, NULL: out of memory. */
static void *grow(void *list, size_t count, size_t *size, size_t unit)
{
    if (count < *size)
        return list;
    size_t more = *size == 0 ? 16 : *size * 2;
    void *bigger = realloc(list, more * unit);
    if (bigger != NULL)
        *size = more;
    return bigger;
}

static int add_node(struct compiler *c, const struct moot_schema_node *node, size_t *at)
{
    struct moot_schema *s = c->s;
    if (node->depth > MOOT_MAX_DEPTH)
        return refuse(c, MOOT_ETOOBIG, "schemas are nested deeper than %d", MOOT_MAX_DEPTH);
    if (s->node_count == MOOT_SCHEMA_NODES_MAX)
        return refuse(c, MOOT_ETOOBIG, "there are more than %d schemas", MOOT_SCHEMA_NODES_MAX);
    void *nodes = grow(s->nodes, s->node_count, &s->node_size, sizeof(*s->nodes));
    if (nodes == NULL)
        return no_memory(c);
    s->nodes = nodes;
    s->nodes[s->node_count] = *node;
    *at = s->node_count++;
    return MOOT_OK;
}

static int add_rule(struct compiler *c, const struct moot_schema_rule *rule)
{
    struct moot_schema *s = c->s;
    void *rules = grow(s->rules, s->rule_count, &s->rule_size, sizeof(*s->rules));
    if (rules == NULL)
        return no_memory(c);
    s->rules = rules;
    s->rules[s->rule_count++] = *rule;
    s->nodes[c->at].rule_count++;
    return MOOT_OK;
}

static int add_edge(struct compiler *c, const char *name, size_t node)
{
    struct moot_schema *s = c->s;
    void *edges = grow(s->edges, s->edge_count, &s->edge_size, sizeof(*s->edges));
    if (edges == NULL)
        return no_memory(c);
    s->edges = edges;
    s->edges[s->edge_count++] = (struct moot_schema_edge){.name = name, .node = node};
    return MOOT_OK;
}

/* ---- patterns ---- */

/* ECMA-262 has long names for the general categories, PCRE2 only the short ones. */
static const char *const categories[][2] = {
    {"Letter", "L"},
    {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Connector_Punctuation", "Pc"},
    {"Symbol", "S"},
    {"Currency_Symbol", "Sc"},
    {"Math_Symbol", "Sm"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"Format", "Cf"},
};

/* At the brace of \p{…}: the short name of what stands there, or NULL. */
static const char *short_category(const char *text, size_t *len)
{
    for (size_t i = 0; i < MOOT_COUNT(categories); i++) {
        size_t n = strlen(categories[i][0]);
        if (strncmp(text + 1, categories[i][0], n) == 0 && text[1 + n] == '}') {
            *len = n + 2;
            return categories[i][1];
        }
    }
    return NULL;
}

static int compile_pattern(const struct compiler *c, const char *pattern, struct moot_regex **out)
{
    struct moot_buf text;
    struct moot_error why = {0};
    moot__buf_init(&text, MOOT_REGEX_LENGTH_MAX * 2);
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        moot__buf_addc(&text, pattern[i]);
        if (pattern[i] != '\\' || pattern[i + 1] == '\0')
            continue;
        moot__buf_addc(&text, pattern[++i]);
        size_t len = 0;
        const char *name = NULL;
        if ((pattern[i] == 'p' || pattern[i] == 'P') && pattern[i + 1] == '{')
            name = short_category(pattern + i + 1, &len);
        if (name != NULL) {
            moot__buf_addf(&text, "{%s}", name);
            i += len;
        }
    }
    int status = text.status;
    if (status == MOOT_OK)
        status = moot__regex_compile(moot__buf_text(&text), out, &why);
    else
        moot__fail(&why, status, "a pattern cannot be kept: %s", moot__status_text(status));
    moot__buf_release(&text);
    if (status == MOOT_OK)
        return MOOT_OK;
    return refuse(c, status == MOOT_ESYNTAX ? MOOT_EINVAL : status, "%s", why.message);
}

/* ---- keywords ---- */

/* `name` or `index` (else SIZE_MAX) is its place under the keyword, if it has one there. */
static int add_subschema(struct compiler *c, const char *keyword, const struct moot_json *source,
                         const char *name, size_t index)
{
    bool object = moot__json_is(source, MOOT_JSON_OBJECT);
    if (!object && !moot__json_is(source, MOOT_JSON_BOOL))
        return refuse(c, MOOT_EINVAL, "\"%s\" needs a schema (an object, true or false)%s", keyword,
                      strcmp(keyword, "items") == 0 && moot__json_is(source, MOOT_JSON_ARRAY)
                          ? "; a list of them is \"prefixItems\""
                          : "");
    struct moot_schema_node node = {
        .source = source,
        .parent = c->at,
        .depth = c->s->nodes[c->at].depth + 1,
        .keyword = keyword,
        .name = name,
        .index = index,
        .never = !object && !moot__json_true(source),
    };
    size_t at = 0;
    int status = add_node(c, &node, &at);
    return status != MOOT_OK ? status : add_edge(c, name, at);
}

static int compile_schemas(struct compiler *c, const char *keyword, struct moot_schema_rule *rule)
{
    if (moot__json_first(rule->value) == NULL || !moot__json_is(rule->value, MOOT_JSON_ARRAY))
        return refuse(c, MOOT_EINVAL, "\"%s\" needs a list of schemas", keyword);
    size_t i = 0;
    for (const struct moot_json *j = moot__json_first(rule->value); j != NULL;
         j = moot__json_next(j)) {
        int status = add_subschema(c, keyword, j, NULL, i++);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static int compile_schema_map(struct compiler *c, const char *keyword,
                              struct moot_schema_rule *rule, bool patterns)
{
    if (!moot__json_is(rule->value, MOOT_JSON_OBJECT))
        return refuse(c, MOOT_EINVAL, "\"%s\" needs an object of schemas", keyword);
    for (const struct moot_json *j = moot__json_first(rule->value); j != NULL;
         j = moot__json_next(j)) {
        int status = add_subschema(c, keyword, j, moot__json_key(j), SIZE_MAX);
        if (status == MOOT_OK && patterns)
            status =
                compile_pattern(c, moot__json_key(j), &c->s->edges[c->s->edge_count - 1].regex);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static size_t type_bit(const char *name)
{
    static const char *const names[] = {"null",   "boolean", "integer", "number",
                                        "string", "array",   "object"};
    for (size_t i = 0; i < MOOT_COUNT(names) && name != NULL; i++) {
        if (strcmp(name, names[i]) == 0)
            return (size_t)1 << i;
    }
    return 0;
}

static int compile_types(struct compiler *c, struct moot_schema_rule *rule)
{
    bool list = moot__json_is(rule->value, MOOT_JSON_ARRAY);
    const struct moot_json *j = list ? moot__json_first(rule->value) : rule->value;
    if (j == NULL)
        return refuse(c, MOOT_EINVAL, "\"type\" is an empty list");
    for (; j != NULL; j = list ? moot__json_next(j) : NULL) {
        size_t bit = type_bit(moot__json_text(j));
        if (bit == 0)
            return refuse(
                c, MOOT_EINVAL,
                "\"type\" is one of null, boolean, integer, number, string, array, object "
                "or a list of these%s%.40s",
                moot__json_text(j) != NULL ? ", not " : "",
                moot__json_text(j) != NULL ? moot__json_text(j) : "");
        rule->number |= bit;
    }
    return MOOT_OK;
}

static int check_names(const struct compiler *c, const char *keyword, const struct moot_json *names)
{
    bool good = moot__json_is(names, MOOT_JSON_ARRAY);
    for (const struct moot_json *j = moot__json_first(names); good && j != NULL;
         j = moot__json_next(j))
        good = moot__json_text(j) != NULL;
    return good ? MOOT_OK : refuse(c, MOOT_EINVAL, "\"%s\" needs a list of names", keyword);
}

static int check_names_map(const struct compiler *c, const char *keyword,
                           const struct moot_json *map)
{
    if (!moot__json_is(map, MOOT_JSON_OBJECT))
        return refuse(c, MOOT_EINVAL, "\"%s\" needs an object of lists of names", keyword);
    for (const struct moot_json *j = moot__json_first(map); j != NULL; j = moot__json_next(j)) {
        int status = check_names(c, keyword, j);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

static int compile_values(const struct compiler *c, const struct moot_json *values)
{
    if (!moot__json_is(values, MOOT_JSON_ARRAY))
        return refuse(c, MOOT_EINVAL, "\"enum\" needs a list of values");
    if (moot__json_count(values) > MOOT_SCHEMA_ENUM_MAX)
        return refuse(c, MOOT_ETOOBIG, "\"enum\" has more than %d values", MOOT_SCHEMA_ENUM_MAX);
    return MOOT_OK;
}

static int compile_count(const struct compiler *c, const char *keyword,
                         struct moot_schema_rule *rule)
{
    int64_t n = -1;
    if (!moot__json_int(rule->value, &n) || n < 0)
        return refuse(c, MOOT_EINVAL, "\"%s\" needs an integer from 0 up", keyword);
    rule->number = (size_t)n;
    return MOOT_OK;
}

static int check_number(const struct compiler *c, const char *keyword,
                        const struct moot_json *value, bool divisor)
{
    const char *digits = moot__json_digits(value);
    if (digits == NULL)
        return refuse(c, MOOT_EINVAL, "\"%s\" needs a number", keyword);
    if (divisor && !moot__decimal_divisor(digits))
        return refuse(c, MOOT_EINVAL, "\"%s\" needs a number above 0 of at most 18 digits",
                      keyword);
    return MOOT_OK;
}

/* The place of the reference is kept as an edge, whose node is found at the end. */
static int compile_ref(struct compiler *c, const struct moot_schema_rule *rule)
{
    const char *ref = moot__json_text(rule->value);
    if (ref == NULL)
        return refuse(c, MOOT_EINVAL, "\"$ref\" needs a text");
    if (++c->refs > MOOT_SCHEMA_REFS_MAX)
        return refuse(c, MOOT_ETOOBIG, "there are more than %d references", MOOT_SCHEMA_REFS_MAX);
    return add_edge(c, NULL, 0);
}

static int compile_keyword(struct compiler *c, const struct keyword *k,
                           struct moot_schema_rule *rule)
{
    switch (k->shape) {
    case SHAPE_SCHEMA:
        return add_subschema(c, k->name, rule->value, NULL, SIZE_MAX);
    case SHAPE_SCHEMAS:
        return compile_schemas(c, k->name, rule);
    case SHAPE_SCHEMA_MAP:
    case SHAPE_PATTERN_MAP:
        return compile_schema_map(c, k->name, rule, k->shape == SHAPE_PATTERN_MAP);
    case SHAPE_REF:
        return compile_ref(c, rule);
    case SHAPE_TYPES:
        return compile_types(c, rule);
    case SHAPE_VALUES:
        return compile_values(c, rule->value);
    case SHAPE_COUNT:
        return compile_count(c, k->name, rule);
    case SHAPE_NUMBER:
    case SHAPE_DIVISOR:
        return check_number(c, k->name, rule->value, k->shape == SHAPE_DIVISOR);
    case SHAPE_PATTERN:
        if (moot__json_text(rule->value) == NULL)
            return refuse(c, MOOT_EINVAL, "\"%s\" needs a text", k->name);
        return compile_pattern(c, moot__json_text(rule->value), &rule->regex);
    case SHAPE_BOOL:
        if (!moot__json_is(rule->value, MOOT_JSON_BOOL))
            return refuse(c, MOOT_EINVAL, "\"%s\" needs true or false", k->name);
        return MOOT_OK;
    case SHAPE_NAMES:
        return check_names(c, k->name, rule->value);
    case SHAPE_NAMES_MAP:
        return check_names_map(c, k->name, rule->value);
    case SHAPE_VALUE:
    case SHAPE_NOTE:
        break;
    }
    return MOOT_OK;
}

static int refuse_keyword(const struct compiler *c, const char *name)
{
    const char *names[MOOT_COUNT(keywords)];
    for (size_t i = 0; i < MOOT_COUNT(keywords); i++)
        names[i] = keywords[i].name;
    int code = refuse(c, MOOT_EINVAL, "the keyword \"%.60s\" is not known", name);
    const char *near = moot__near_find(name, names, MOOT_COUNT(names));
    if (near != NULL)
        moot__fail_hint(c->err, "did you mean \"%s\"?", near);
    else
        moot__fail_hint(c->err, "docs/json-schema-subset.md lists what is");
    return code;
}

static int check_keywords(const struct compiler *c, const struct moot_json *source)
{
    for (const struct moot_json *j = moot__json_first(source); j != NULL; j = moot__json_next(j)) {
        size_t i = 0;
        while (i < MOOT_COUNT(keywords) && strcmp(keywords[i].name, moot__json_key(j)) != 0)
            i++;
        if (i == MOOT_COUNT(keywords))
            return refuse_keyword(c, moot__json_key(j));
    }
    if (c->at != 0 && moot__json_get(source, "$id") != NULL)
        return refuse(c, MOOT_EINVAL, "\"$id\" may only stand at the beginning");
    return MOOT_OK;
}

static int compile_node(struct compiler *c)
{
    struct moot_schema *s = c->s;
    const struct moot_json *source = s->nodes[c->at].source;
    s->nodes[c->at].rule_first = s->rule_count;
    int status = check_keywords(c, source);
    for (size_t i = 0; i < MOOT_COUNT(keywords) && status == MOOT_OK; i++) {
        const struct keyword *k = &keywords[i];
        struct moot_schema_rule rule = {
            .keyword = k->keyword,
            .value = moot__json_get(source, k->name),
            .in_place = k->in_place,
            .edge_first = s->edge_count,
        };
        if (rule.value == NULL || k->shape == SHAPE_NOTE)
            continue;
        status = compile_keyword(c, k, &rule);
        rule.edge_count = s->edge_count - rule.edge_first;
        if (status == MOOT_OK)
            status = add_rule(c, &rule);
        if (status != MOOT_OK)
            moot__regex_free(rule.regex);
    }
    return status;
}

/* ---- references ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %XX of a URI's fragment; false if it is none. */
static bool unescape(const char *text, struct moot_buf *out)
{
    for (; *text != '\0'; text++) {
        char c = *text;
        if (c == '%') {
            int high = hex_digit(text[1]);
            int low = high < 0 ? -1 : hex_digit(text[2]);
            if (low < 0 || high + low == 0)
                return false;
            c = (char)(high * 16 + low);
            text += 2;
        }
        moot__buf_addc(out, c);
    }
    return out->status == MOOT_OK;
}

/* One step of a JSON pointer; `token` is changed. */
static const struct moot_json *step_into(const struct moot_json *j, char *token)
{
    char *out = token;
    for (const char *in = token; *in != '\0'; in++) {
        if (*in != '~') {
            *out++ = *in;
        } else {
            in++;
            if (*in != '0' && *in != '1')
                return NULL;
            *out++ = *in == '0' ? '~' : '/';
        }
    }
    *out = '\0';
    if (moot__json_is(j, MOOT_JSON_OBJECT))
        return moot__json_get(j, token);
    int64_t index = -1;
    if (!moot__json_is(j, MOOT_JSON_ARRAY) || !moot__int_parse(token, &index) || index < 0)
        return NULL;
    return moot__json_at(j, (size_t)index);
}

static const struct moot_json *follow_pointer(const struct moot_json *root, char *pointer)
{
    const struct moot_json *j = root;
    while (j != NULL && *pointer == '/') {
        char *token = pointer + 1;
        size_t len = strcspn(token, "/");
        pointer = token + len;
        bool last = *pointer == '\0';
        *pointer = '\0';
        j = step_into(j, token);
        if (!last)
            *pointer = '/';
    }
    return j;
}

static const struct moot_json *find_anchor(const struct moot_schema *s, const char *name)
{
    for (size_t i = 0; i < s->node_count; i++) {
        const char *anchor = moot__json_get_text(s->nodes[i].source, "$anchor", "");
        if (strcmp(anchor, name) == 0)
            return s->nodes[i].source;
    }
    return NULL;
}

static int resolve_ref(struct compiler *c, const struct moot_schema_rule *rule)
{
    struct moot_schema *s = c->s;
    const char *ref = moot__json_text(rule->value);
    const char *id = moot__json_get_text(s->source, "$id", "");
    const char *fragment = ref;
    if (id[0] != '\0' && strncmp(ref, id, strlen(id)) == 0)
        fragment += strlen(id);
    if (fragment[0] != '#' && !(fragment != ref && fragment[0] == '\0'))
        return refuse(c, MOOT_EINVAL, "\"$ref\" must begin with # (nothing is fetched): %.100s",
                      ref);
    struct moot_buf pointer;
    moot__buf_init(&pointer, 4096);
    const struct moot_json *target = NULL;
    if (unescape(fragment[0] == '#' ? fragment + 1 : "", &pointer)) {
        if (pointer.len == 0)
            target = s->source;
        else
            target = pointer.data[0] == '/' ? follow_pointer(s->source, pointer.data)
                                            : find_anchor(s, pointer.data);
    }
    bool memory = pointer.status != MOOT_ENOMEM;
    moot__buf_release(&pointer);
    if (!memory)
        return no_memory(c);
    for (size_t i = 0; i < s->node_count && target != NULL; i++) {
        if (s->nodes[i].source == target) {
            s->edges[rule->edge_first].node = i;
            return MOOT_OK;
        }
    }
    return refuse(c, MOOT_EINVAL, "\"$ref\" leads to no schema: %.100s", ref);
}

/* Counts a node's rules as entries of the nodes they lead to without going into the value; `down`
 * takes them away again and puts those that have none left on the list. */
static void count_entries(const struct moot_schema *s, size_t node, size_t *entries, bool down,
                          size_t *list, size_t *list_count)
{
    const struct moot_schema_node *n = &s->nodes[node];
    for (size_t r = n->rule_first; r < n->rule_first + n->rule_count; r++) {
        const struct moot_schema_rule *rule = &s->rules[r];
        if (!rule->in_place)
            continue;
        for (size_t e = rule->edge_first; e < rule->edge_first + rule->edge_count; e++) {
            size_t target = s->edges[e].node;
            entries[target] += down ? SIZE_MAX : 1;
            if (down && entries[target] == 0)
                list[(*list_count)++] = target;
        }
    }
}

/* A schema that leads back to itself without going into the value would never end. Kahn's order:
 * take away what nothing leads to, as long as there is such; what stays is in a circle. */
static int check_circles(struct compiler *c)
{
    struct moot_schema *s = c->s;
    size_t *entries = calloc(s->node_count, sizeof(size_t));
    size_t *list = calloc(s->node_count, sizeof(size_t));
    size_t count = 0;
    int status = entries == NULL || list == NULL ? no_memory(c) : MOOT_OK;
    for (size_t i = 0; i < s->node_count && status == MOOT_OK; i++)
        count_entries(s, i, entries, false, NULL, NULL);
    for (size_t i = 0; i < s->node_count && status == MOOT_OK; i++) {
        if (entries[i] == 0)
            list[count++] = i;
    }
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        count_entries(s, list[i], entries, true, list, &count);
    if (status == MOOT_OK && count < s->node_count) {
        c->at = 0;
        while (entries[c->at] == 0)
            c->at++;
        status = refuse(c, MOOT_EINVAL, "\"$ref\" leads back to itself without end");
    }
    free(entries);
    free(list);
    return status;
}

/* ---- the whole ---- */

static int compile_all(struct compiler *c)
{
    struct moot_schema *s = c->s;
    bool object = moot__json_is(s->source, MOOT_JSON_OBJECT);
    if (!object && !moot__json_is(s->source, MOOT_JSON_BOOL))
        return refuse(c, MOOT_EINVAL, "a schema is an object, true or false");
    struct moot_schema_node root = {
        .source = s->source,
        .index = SIZE_MAX,
        .never = !object && !moot__json_true(s->source),
    };
    size_t at = 0;
    int status = add_node(c, &root, &at);
    for (c->at = 0; c->at < s->node_count && status == MOOT_OK; c->at++)
        status = compile_node(c);
    for (size_t i = 0; i < s->node_count && status == MOOT_OK; i++) {
        c->at = i;
        const struct moot_schema_rule *ref = moot__schema_rule(s, &s->nodes[i], MOOT_KW_REF);
        if (ref != NULL)
            status = resolve_ref(c, ref);
    }
    return status == MOOT_OK ? check_circles(c) : status;
}

int moot__schema_compile(const struct moot_json *schema, struct moot_schema **out,
                         struct moot_error *err)
{
    *out = NULL;
    if (schema == NULL)
        return moot__fail(err, MOOT_EINVAL, "there is no schema");
    struct compiler c = {.s = calloc(1, sizeof(*c.s)), .err = err};
    if (c.s == NULL)
        return no_memory(&c);
    c.s->source = moot__json_copy(schema);
    int status = c.s->source == NULL ? no_memory(&c) : compile_all(&c);
    if (status != MOOT_OK) {
        moot__schema_free(c.s);
        return status;
    }
    *out = c.s;
    return MOOT_OK;
}

int moot__schema_compile_text(const char *text, size_t len, struct moot_schema **out,
                              struct moot_error *err)
{
    struct moot_json *schema = NULL;
    *out = NULL;
    int status = moot__json_parse(text, len, &schema, err);
    if (status != MOOT_OK)
        return status;
    status = moot__schema_compile(schema, out, err);
    moot__json_free(schema);
    return status;
}

void moot__schema_free(struct moot_schema *schema)
{
    if (schema == NULL)
        return;
    for (size_t i = 0; i < schema->edge_count; i++)
        moot__regex_free(schema->edges[i].regex);
    for (size_t i = 0; i < schema->rule_count; i++)
        moot__regex_free(schema->rules[i].regex);
    free(schema->nodes);
    free(schema->rules);
    free(schema->edges);
    moot__json_free(schema->source);
    free(schema);
}

const struct moot_json *moot__schema_json(const struct moot_schema *schema)
{
    return schema->source;
}

const struct moot_schema_rule *moot__schema_rule(const struct moot_schema *s,
                                                 const struct moot_schema_node *node,
                                                 enum moot_schema_keyword keyword)
{
    for (size_t i = node->rule_first; i < node->rule_first + node->rule_count; i++) {
        if (s->rules[i].keyword == keyword)
            return &s->rules[i];
    }
    return NULL;
}
