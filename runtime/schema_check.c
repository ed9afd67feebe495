/* Checking a value against a compiled schema. */
#include "runtime/schema_node.h"
#include "runtime/schema_report.h"
#include "runtime/utf8.h"

enum { STEPS_MAX = 10000000 };

struct check {
    const struct moot_schema *s;
    size_t steps; /* left */
    int status;   /* MOOT_ELIMIT, MOOT_ENOMEM: no answer can be given */
    size_t depth;
    struct moot_schema_report report;
};

static bool check_node(struct check *c, size_t node, const struct moot_json *value);

static bool problem(struct check *c, const char *what, const struct moot_json *value)
{
    return moot__schema_problem(&c->report, what, value);
}

static bool enough(const struct check *c)
{
    return moot__schema_enough(&c->report);
}

static bool give_up(struct check *c, int status, const char *why)
{
    if (c->status != MOOT_OK)
        return false;
    c->status = status;
    c->report.quiet = 0;
    c->report.probing = false;
    return problem(c, why, NULL);
}

/* Takes steps from those left; false: there are none. */
static bool spend(struct check *c, size_t steps)
{
    if (c->status != MOOT_OK)
        return false;
    if (steps >= c->steps)
        return give_up(c, MOOT_ELIMIT, "checking it against the schema takes too long");
    c->steps -= steps;
    return true;
}

/* Checks a member or an element. */
static bool check_inside(struct check *c, size_t node, const struct moot_json *value,
                         const char *key, size_t index)
{
    struct moot_schema_report *r = &c->report;
    if (r->place_count == MOOT_SCHEMA_DEPTH_MAX)
        return give_up(c, MOOT_ELIMIT, "it is nested too deep");
    r->places[r->place_count++] = (struct moot_schema_place){.key = key, .index = index};
    bool fits = check_node(c, node, value);
    r->place_count--;
    return fits;
}

static bool fits_quietly(struct check *c, size_t node, const struct moot_json *value)
{
    struct moot_schema_report *r = &c->report;
    bool probing = r->probing;
    r->probing = false;
    r->quiet++;
    bool fits = check_node(c, node, value);
    if (c->status == MOOT_OK) {
        r->quiet--;
        r->probing = probing;
    }
    return fits;
}

/* ---- any type ---- */

static bool has_type(const struct moot_json *value, size_t types)
{
    switch (moot__json_type(value)) {
    case MOOT_JSON_NULL:
        return (types & MOOT_TYPE_NULL) != 0;
    case MOOT_JSON_BOOL:
        return (types & MOOT_TYPE_BOOLEAN) != 0;
    case MOOT_JSON_NUMBER:
        return (types & MOOT_TYPE_NUMBER) != 0 ||
               ((types & MOOT_TYPE_INTEGER) != 0 &&
                moot__decimal_integral(moot__json_digits(value)));
    case MOOT_JSON_STRING:
        return (types & MOOT_TYPE_STRING) != 0;
    case MOOT_JSON_ARRAY:
        return (types & MOOT_TYPE_ARRAY) != 0;
    case MOOT_JSON_OBJECT:
        return (types & MOOT_TYPE_OBJECT) != 0;
    }
    return false;
}

static bool check_type(struct check *c, const struct moot_schema_rule *rule,
                       const struct moot_json *value)
{
    static const char *const names[] = {"null",     "true or false", "an integer", "a number",
                                        "a string", "an array",      "an object"};
    if (has_type(value, rule->number))
        return true;
    char what[160] = "must be ";
    size_t len = strlen(what);
    bool first = true;
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        if ((rule->number & (size_t)1 << i) == 0)
            continue;
        len +=
            (size_t)snprintf(what + len, sizeof(what) - len, "%s%s", first ? "" : " or ", names[i]);
        first = false;
    }
    snprintf(what + len, sizeof(what) - len, ", is ");
    return moot__schema_mismatch(&c->report, what, value);
}

/* "must be one of a, b, c, is ", as far as it has room. */
static bool report_values(struct check *c, const struct moot_json *values,
                          const struct moot_json *value)
{
    if (c->report.quiet > 0)
        return moot__schema_mismatch(&c->report, "", NULL);
    struct moot_buf what;
    moot__buf_init(&what, 2048);
    moot__buf_adds(&what, moot__json_next(moot__json_first(values)) != NULL ? "must be one of "
                                                                            : "must be ");
    for (const struct moot_json *j = moot__json_first(values); j != NULL; j = moot__json_next(j)) {
        if (what.len > 600) {
            moot__buf_adds(&what, "…, ");
            break;
        }
        moot__schema_add_value(&what, j);
        moot__buf_adds(&what, ", ");
    }
    moot__buf_adds(&what, "is ");
    moot__schema_mismatch(&c->report, moot__buf_text(&what), value);
    moot__buf_release(&what);
    return false;
}

static bool check_enum(struct check *c, const struct moot_schema_rule *rule,
                       const struct moot_json *value)
{
    for (const struct moot_json *j = moot__json_first(rule->value); j != NULL;
         j = moot__json_next(j)) {
        if (!spend(c, 1))
            return false;
        if (moot__json_equal(j, value))
            return true;
    }
    return report_values(c, rule->value, value);
}

static bool check_const(struct check *c, const struct moot_schema_rule *rule,
                        const struct moot_json *value)
{
    if (moot__json_equal(rule->value, value))
        return true;
    if (c->report.quiet > 0)
        return moot__schema_mismatch(&c->report, "", NULL);
    struct moot_buf what;
    moot__buf_init(&what, 2048);
    moot__buf_adds(&what, "must be ");
    moot__schema_add_value(&what, rule->value);
    moot__buf_adds(&what, ", is ");
    moot__schema_mismatch(&c->report, moot__buf_text(&what), value);
    moot__buf_release(&what);
    return false;
}

/* ---- strings and numbers ---- */

static bool check_length(struct check *c, const struct moot_schema_rule *rule, const char *text)
{
    size_t len = strlen(text);
    if (!spend(c, len / 64))
        return false;
    size_t characters = moot__utf8_characters(text, len);
    bool least = rule->keyword == MOOT_KW_MIN_LENGTH;
    if (least ? characters >= rule->number : characters <= rule->number)
        return true;
    char what[160];
    snprintf(what, sizeof(what), "must have at %s %zu characters, has %zu",
             least ? "least" : "most", rule->number, characters);
    return problem(c, what, NULL);
}

/* Whether the text has the pattern; a search that takes too long ends the check. */
static bool search(struct check *c, const struct moot_regex *regex, const char *text)
{
    if (!spend(c, 10))
        return false;
    int status = moot__regex_search_within(regex, text, strlen(text), 0, &c->steps, NULL);
    if (status == MOOT_ELIMIT)
        return give_up(c, MOOT_ELIMIT, "looking for a pattern of the schema takes too long");
    if (status == MOOT_ENOMEM)
        return give_up(c, MOOT_ENOMEM, "there is not memory enough to look for a pattern");
    return status == MOOT_OK;
}

static bool check_pattern(struct check *c, const struct moot_schema_node *node,
                          const struct moot_schema_rule *rule, const struct moot_json *value)
{
    if (search(c, rule->regex, moot__json_text(value)))
        return true;
    if (c->status != MOOT_OK)
        return false;
    const char *format = moot__json_get_text(node->source, "format", NULL);
    const char *pattern = moot__json_text(rule->value);
    char what[512];
    if (format != NULL)
        snprintf(what, sizeof(what), "must be in the format \"%.*s\" (pattern %.*s), is ",
                 moot__schema_cut(format, 40), format, moot__schema_cut(pattern, 200), pattern);
    else
        snprintf(what, sizeof(what), "must match the pattern %.*s, is ",
                 moot__schema_cut(pattern, 300), pattern);
    return problem(c, what, value);
}

static bool check_string(struct check *c, const struct moot_schema_node *node,
                         const struct moot_schema_rule *rule, const struct moot_json *value)
{
    if (!moot__json_is(value, MOOT_JSON_STRING))
        return true;
    if (rule->keyword == MOOT_KW_PATTERN)
        return check_pattern(c, node, rule, value);
    return check_length(c, rule, moot__json_text(value));
}

static bool check_number(struct check *c, const struct moot_schema_rule *rule,
                         const struct moot_json *value)
{
    const char *digits = moot__json_digits(value);
    if (digits == NULL)
        return true;
    const char *bound = moot__json_digits(rule->value);
    if (!spend(c, (strlen(digits) + strlen(bound)) / 16))
        return false;
    const char *words;
    bool fits;
    int order = moot__decimal_compare(digits, bound);
    if (rule->keyword == MOOT_KW_MINIMUM) {
        fits = order >= 0;
        words = "at least";
    } else if (rule->keyword == MOOT_KW_MAXIMUM) {
        fits = order <= 0;
        words = "at most";
    } else if (rule->keyword == MOOT_KW_EXCLUSIVE_MINIMUM) {
        fits = order > 0;
        words = "more than";
    } else if (rule->keyword == MOOT_KW_EXCLUSIVE_MAXIMUM) {
        fits = order < 0;
        words = "less than";
    } else {
        fits = moot__decimal_multiple(digits, bound);
        words = "a multiple of";
    }
    if (fits)
        return true;
    char what[160];
    snprintf(what, sizeof(what), "must be %s %.60s, is ", words, bound);
    return problem(c, what, value);
}

/* ---- objects ---- */

static bool require_names(struct check *c, const struct moot_json *names,
                          const struct moot_json *value, const char *because)
{
    bool fits = true;
    for (const struct moot_json *j = moot__json_first(names); j != NULL && (fits || !enough(c));
         j = moot__json_next(j)) {
        if (!spend(c, 1 + moot__json_count(value) / 8))
            return false;
        const char *name = moot__json_text(j);
        if (moot__json_get(value, name) != NULL)
            continue;
        char what[400];
        if (because == NULL)
            snprintf(what, sizeof(what), "\"%.*s\" is missing", moot__schema_cut(name, 100), name);
        else
            snprintf(what, sizeof(what), "\"%.*s\" is missing (\"%.*s\" needs it)",
                     moot__schema_cut(name, 100), name, moot__schema_cut(because, 100), because);
        fits = problem(c, what, NULL);
    }
    return fits;
}

static bool check_dependent(struct check *c, const struct moot_schema_rule *rule,
                            const struct moot_json *value)
{
    bool fits = true;
    if (rule->keyword == MOOT_KW_DEPENDENT_REQUIRED) {
        for (const struct moot_json *j = moot__json_first(rule->value); j != NULL;
             j = moot__json_next(j)) {
            if (moot__json_get(value, moot__json_key(j)) != NULL)
                fits &= require_names(c, j, value, moot__json_key(j));
        }
        return fits;
    }
    for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
        const struct moot_schema_edge *edge = &c->s->edges[i];
        if (moot__json_get(value, edge->name) != NULL)
            fits &= check_node(c, edge->node, value);
    }
    return fits;
}

static bool check_properties(struct check *c, const struct moot_schema_rule *rule,
                             const struct moot_json *value)
{
    bool fits = true;
    size_t cost = 1 + moot__json_count(value) / 8;
    for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
        const struct moot_schema_edge *edge = &c->s->edges[i];
        if (!spend(c, cost))
            return false;
        const struct moot_json *member = moot__json_get(value, edge->name);
        if (member != NULL)
            fits &= check_inside(c, edge->node, member, edge->name, 0);
        if (!fits && enough(c))
            break;
    }
    return fits;
}

static bool check_pattern_properties(struct check *c, const struct moot_schema_rule *rule,
                                     const struct moot_json *value)
{
    bool fits = true;
    for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
        const struct moot_schema_edge *edge = &c->s->edges[i];
        for (const struct moot_json *j = moot__json_first(value); j != NULL;
             j = moot__json_next(j)) {
            if (search(c, edge->regex, moot__json_key(j)))
                fits &= check_inside(c, edge->node, j, moot__json_key(j), 0);
            if (c->status != MOOT_OK || (!fits && enough(c)))
                return false;
        }
    }
    return fits;
}

/* Whether `properties` or `patternProperties` beside it has the name. */
static bool is_named(struct check *c, const struct moot_schema_node *node, const char *name)
{
    static const enum moot_schema_keyword beside[] = {MOOT_KW_PROPERTIES,
                                                      MOOT_KW_PATTERN_PROPERTIES};
    for (size_t b = 0; b < MOOT_COUNT(beside); b++) {
        const struct moot_schema_rule *rule = moot__schema_rule(c->s, node, beside[b]);
        if (rule == NULL)
            continue;
        if (!spend(c, 1 + rule->edge_count / 8))
            return false;
        for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
            const struct moot_schema_edge *edge = &c->s->edges[i];
            if (edge->regex != NULL ? search(c, edge->regex, name) : strcmp(edge->name, name) == 0)
                return true;
        }
    }
    return false;
}

static bool check_additional(struct check *c, const struct moot_schema_node *node,
                             const struct moot_schema_rule *rule, const struct moot_json *value)
{
    bool fits = true;
    size_t target = c->s->edges[rule->edge_first].node;
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j)) {
        if (!is_named(c, node, moot__json_key(j)) && c->status == MOOT_OK)
            fits &= check_inside(c, target, j, moot__json_key(j), 0);
        if (c->status != MOOT_OK || (!fits && enough(c)))
            return false;
    }
    return fits;
}

static bool check_property_names(struct check *c, const struct moot_schema_rule *rule,
                                 const struct moot_json *value)
{
    bool fits = true;
    size_t target = c->s->edges[rule->edge_first].node;
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j)) {
        struct moot_json *name = moot__json_new_text(moot__json_key(j));
        if (name == NULL)
            return give_up(c, MOOT_ENOMEM, "there is not memory enough to check it");
        bool good = fits_quietly(c, target, name);
        moot__json_free(name);
        if (good)
            continue;
        if (c->status != MOOT_OK)
            return false;
        char what[200];
        snprintf(what, sizeof(what), "the name \"%.*s\" is not allowed",
                 moot__schema_cut(moot__json_key(j), 100), moot__json_key(j));
        fits = problem(c, what, NULL);
    }
    return fits;
}

static bool check_size(struct check *c, const struct moot_schema_rule *rule, size_t count,
                       bool least, const char *what)
{
    if (least ? count >= rule->number : count <= rule->number)
        return true;
    char words[160];
    snprintf(words, sizeof(words), "must have at %s %zu %s, has %zu", least ? "least" : "most",
             rule->number, what, count);
    return problem(c, words, NULL);
}

static bool check_object(struct check *c, const struct moot_schema_node *node,
                         const struct moot_schema_rule *rule, const struct moot_json *value)
{
    if (!moot__json_is(value, MOOT_JSON_OBJECT))
        return true;
    switch ((int)rule->keyword) {
    case MOOT_KW_REQUIRED:
        return require_names(c, rule->value, value, NULL);
    case MOOT_KW_DEPENDENT_REQUIRED:
    case MOOT_KW_DEPENDENT_SCHEMAS:
        return check_dependent(c, rule, value);
    case MOOT_KW_MIN_PROPERTIES:
    case MOOT_KW_MAX_PROPERTIES:
        return check_size(c, rule, moot__json_count(value), rule->keyword == MOOT_KW_MIN_PROPERTIES,
                          "members");
    case MOOT_KW_PROPERTY_NAMES:
        return check_property_names(c, rule, value);
    case MOOT_KW_PROPERTIES:
        return check_properties(c, rule, value);
    case MOOT_KW_PATTERN_PROPERTIES:
        return check_pattern_properties(c, rule, value);
    default:
        return check_additional(c, node, rule, value);
    }
}

/* ---- arrays ---- */

static int compare_values(const void *a, const void *b)
{
    return moot__json_compare(*(const struct moot_json *const *)a,
                              *(const struct moot_json *const *)b);
}

static bool check_unique(struct check *c, const struct moot_schema_rule *rule,
                         const struct moot_json *value)
{
    size_t count = moot__json_count(value);
    if (!moot__json_true(rule->value) || count < 2)
        return true;
    if (!spend(c, count * 8))
        return false;
    const struct moot_json **values = malloc(count * sizeof(const struct moot_json *));
    if (values == NULL)
        return give_up(c, MOOT_ENOMEM, "there is not memory enough to check it");
    size_t i = 0;
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j))
        values[i++] = j;
    qsort(values, count, sizeof(const struct moot_json *), compare_values);
    bool fits = true;
    for (i = 1; i < count && fits; i++) {
        if (moot__json_equal(values[i - 1], values[i]))
            fits = problem(c, "must not have the same element twice, has ", values[i]);
    }
    free(values);
    return fits;
}

static bool check_items(struct check *c, const struct moot_schema_node *node,
                        const struct moot_schema_rule *rule, const struct moot_json *value)
{
    const struct moot_schema_rule *prefix = moot__schema_rule(c->s, node, MOOT_KW_PREFIX_ITEMS);
    bool fits = true;
    size_t skip = rule->keyword == MOOT_KW_ITEMS && prefix != NULL ? prefix->edge_count : 0;
    size_t i = 0;
    for (const struct moot_json *j = moot__json_first(value); j != NULL;
         j = moot__json_next(j), i++) {
        if (rule->keyword == MOOT_KW_PREFIX_ITEMS) {
            if (i == rule->edge_count)
                break;
            fits &= check_inside(c, c->s->edges[rule->edge_first + i].node, j, NULL, i);
        } else if (i >= skip) {
            fits &= check_inside(c, c->s->edges[rule->edge_first].node, j, NULL, i);
        }
        if (c->status != MOOT_OK || (!fits && enough(c)))
            return false;
    }
    return fits;
}

static bool check_contains(struct check *c, const struct moot_schema_node *node,
                           const struct moot_schema_rule *rule, const struct moot_json *value)
{
    const struct moot_schema_rule *least = moot__schema_rule(c->s, node, MOOT_KW_MIN_CONTAINS);
    const struct moot_schema_rule *most = moot__schema_rule(c->s, node, MOOT_KW_MAX_CONTAINS);
    size_t min = least != NULL ? least->number : 1;
    size_t max = most != NULL ? most->number : SIZE_MAX;
    size_t found = 0;
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j))
        found += fits_quietly(c, c->s->edges[rule->edge_first].node, j);
    if (c->status != MOOT_OK)
        return false;
    if (found >= min && found <= max)
        return true;
    char what[160];
    snprintf(what, sizeof(what),
             "must have at %s %zu of the elements that \"contains\" describes, "
             "has %zu",
             found < min ? "least" : "most", found < min ? min : max, found);
    return problem(c, what, NULL);
}

static bool check_array(struct check *c, const struct moot_schema_node *node,
                        const struct moot_schema_rule *rule, const struct moot_json *value)
{
    if (!moot__json_is(value, MOOT_JSON_ARRAY))
        return true;
    switch ((int)rule->keyword) {
    case MOOT_KW_MIN_ITEMS:
    case MOOT_KW_MAX_ITEMS:
        return check_size(c, rule, moot__json_count(value), rule->keyword == MOOT_KW_MIN_ITEMS,
                          "elements");
    case MOOT_KW_UNIQUE_ITEMS:
        return check_unique(c, rule, value);
    case MOOT_KW_CONTAINS:
        return check_contains(c, node, rule, value);
    default:
        return check_items(c, node, rule, value);
    }
}

/* ---- schemas of schemas ---- */

static bool check_all(struct check *c, const struct moot_schema_rule *rule,
                      const struct moot_json *value)
{
    bool fits = true;
    for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
        fits &= check_node(c, c->s->edges[i].node, value);
        if (!fits && enough(c))
            return false;
    }
    return fits;
}

/* Which of the forms, none of which fits, was meant: the one with the least wrong. SIZE_MAX: none,
 * as all are of another type. */
static size_t find_nearest(struct check *c, const struct moot_schema_rule *rule,
                           const struct moot_json *value)
{
    struct moot_schema_report *r = &c->report;
    size_t best = SIZE_MAX;
    size_t best_weight = MOOT_SCHEMA_WEIGHT_TYPE;
    for (size_t i = 0; i < rule->edge_count && c->status == MOOT_OK; i++) {
        r->quiet++;
        r->probing = true;
        r->probe_place = r->place_count;
        r->weight = 0;
        check_node(c, c->s->edges[rule->edge_first + i].node, value);
        if (c->status == MOOT_OK)
            r->quiet--;
        r->probing = false;
        if (r->weight < best_weight) {
            best = i;
            best_weight = r->weight;
        }
    }
    return best;
}

static bool report_none(struct check *c, const struct moot_schema_rule *rule,
                        const struct moot_json *value)
{
    if (c->report.quiet > 0)
        return problem(c, "", NULL);
    size_t best = find_nearest(c, rule, value);
    if (c->status != MOOT_OK)
        return false;
    char what[160];
    if (best == SIZE_MAX) {
        snprintf(what, sizeof(what), "fits none of the %zu forms allowed here, is ",
                 rule->edge_count);
        return problem(c, what, value);
    }
    snprintf(what, sizeof(what),
             "fits none of the %zu forms allowed here; nearest is no. %zu:", rule->edge_count,
             best + 1);
    problem(c, what, NULL);
    check_node(c, c->s->edges[rule->edge_first + best].node, value);
    return false;
}

static bool check_any(struct check *c, const struct moot_schema_rule *rule,
                      const struct moot_json *value)
{
    size_t found = 0;
    for (size_t i = rule->edge_first; i < rule->edge_first + rule->edge_count; i++) {
        found += fits_quietly(c, c->s->edges[i].node, value);
        if (c->status != MOOT_OK)
            return false;
        if (found > 0 && rule->keyword == MOOT_KW_ANY_OF)
            return true;
    }
    if (found == 1)
        return true;
    if (found == 0)
        return report_none(c, rule, value);
    char what[160];
    snprintf(what, sizeof(what), "fits %zu of the forms allowed here and must fit exactly one",
             found);
    return problem(c, what, NULL);
}

static bool check_if(struct check *c, const struct moot_schema_node *node,
                     const struct moot_schema_rule *rule, const struct moot_json *value)
{
    bool holds = fits_quietly(c, c->s->edges[rule->edge_first].node, value);
    if (c->status != MOOT_OK)
        return false;
    const struct moot_schema_rule *branch =
        moot__schema_rule(c->s, node, holds ? MOOT_KW_THEN : MOOT_KW_ELSE);
    return branch == NULL || check_node(c, c->s->edges[branch->edge_first].node, value);
}

static bool check_not(struct check *c, const struct moot_schema_rule *rule,
                      const struct moot_json *value)
{
    if (!fits_quietly(c, c->s->edges[rule->edge_first].node, value))
        return c->status == MOOT_OK;
    return problem(c, "must not fit what \"not\" describes, is ", value);
}

static bool check_rule(struct check *c, const struct moot_schema_node *node,
                       const struct moot_schema_rule *rule, const struct moot_json *value)
{
    switch (rule->keyword) {
    case MOOT_KW_TYPE:
        return check_type(c, rule, value);
    case MOOT_KW_ENUM:
        return check_enum(c, rule, value);
    case MOOT_KW_CONST:
        return check_const(c, rule, value);
    case MOOT_KW_MIN_LENGTH:
    case MOOT_KW_MAX_LENGTH:
    case MOOT_KW_PATTERN:
        return check_string(c, node, rule, value);
    case MOOT_KW_MINIMUM:
    case MOOT_KW_MAXIMUM:
    case MOOT_KW_EXCLUSIVE_MINIMUM:
    case MOOT_KW_EXCLUSIVE_MAXIMUM:
    case MOOT_KW_MULTIPLE_OF:
        return check_number(c, rule, value);
    case MOOT_KW_REQUIRED:
    case MOOT_KW_DEPENDENT_REQUIRED:
    case MOOT_KW_DEPENDENT_SCHEMAS:
    case MOOT_KW_MIN_PROPERTIES:
    case MOOT_KW_MAX_PROPERTIES:
    case MOOT_KW_PROPERTY_NAMES:
    case MOOT_KW_PROPERTIES:
    case MOOT_KW_PATTERN_PROPERTIES:
    case MOOT_KW_ADDITIONAL_PROPERTIES:
        return check_object(c, node, rule, value);
    case MOOT_KW_MIN_ITEMS:
    case MOOT_KW_MAX_ITEMS:
    case MOOT_KW_UNIQUE_ITEMS:
    case MOOT_KW_PREFIX_ITEMS:
    case MOOT_KW_ITEMS:
    case MOOT_KW_CONTAINS:
        return check_array(c, node, rule, value);
    case MOOT_KW_REF:
    case MOOT_KW_ALL_OF:
        return check_all(c, rule, value);
    case MOOT_KW_ANY_OF:
    case MOOT_KW_ONE_OF:
        return check_any(c, rule, value);
    case MOOT_KW_NOT:
        return check_not(c, rule, value);
    case MOOT_KW_IF:
        return check_if(c, node, rule, value);
    case MOOT_KW_MIN_CONTAINS:
    case MOOT_KW_MAX_CONTAINS:
    case MOOT_KW_THEN:
    case MOOT_KW_ELSE:
    case MOOT_KW_DEFS:
    case MOOT_KW_DEFINITIONS:
    case MOOT_KW_NOTE:
        break;
    }
    return true;
}

/* Recursion is bounded by DEPTH_MAX. */
static bool check_node(struct check *c, size_t at, const struct moot_json *value)
{
    const struct moot_schema_node *node = &c->s->nodes[at];
    if (!spend(c, 1 + node->rule_count))
        return false;
    if (node->never)
        return problem(c, "is not allowed here", NULL);
    if (c->depth == MOOT_SCHEMA_DEPTH_MAX)
        return give_up(c, MOOT_ELIMIT, "its schema leads through too many others");
    c->depth++;
    bool fits = true;
    for (size_t i = node->rule_first; i < node->rule_first + node->rule_count; i++) {
        const struct moot_schema_rule *rule = &c->s->rules[i];
        bool good = check_rule(c, node, rule, value);
        fits &= good;
        /* Of a value of the wrong type nothing else is worth saying. */
        if (c->status != MOOT_OK || (!good && (enough(c) || rule->keyword == MOOT_KW_TYPE)))
            break;
    }
    c->depth--;
    return fits;
}

int moot__schema_validate(const struct moot_schema *schema, const struct moot_json *value,
                          struct moot_buf *problems, size_t *count)
{
    struct check c = {.s = schema, .steps = STEPS_MAX, .report = {.problems = problems}};
    c.report.quiet = problems == NULL && count == NULL;
    bool fits = check_node(&c, 0, value);
    if (count != NULL)
        *count = c.report.count;
    moot__schema_report_end(&c.report);
    if (c.status != MOOT_OK)
        return c.status;
    return fits ? MOOT_OK : MOOT_EINVAL;
}
