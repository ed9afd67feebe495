/* Types of expressions, for `moot check`: what can never be true, or never be compared, is said
 * before a run is paid for. What a schema does not say is taken to be anything. */
#include "runtime/expr_node.h"
#include "runtime/near.h"

enum {
    BIT_NULL = 1 << MOOT_JSON_NULL,
    BIT_BOOL = 1 << MOOT_JSON_BOOL,
    BIT_NUMBER = 1 << MOOT_JSON_NUMBER,
    BIT_TEXT = 1 << MOOT_JSON_STRING,
    BIT_LIST = 1 << MOOT_JSON_ARRAY,
    BIT_MAP = 1 << MOOT_JSON_OBJECT,
};

struct typing {
    const struct moot_expr *e;
    const struct moot_json *(*lookup)(void *arg, const char *path);
    void *arg;
    struct moot_error *err;
};

/* What is known of a value. */
struct known {
    unsigned types;
    const struct moot_json *schema; /* of a path; NULL: none */
};

static const struct {
    const char *word;
    unsigned bit;
    const char *ours;
} names[] = {
    {"null", BIT_NULL, "nothing"},      {"boolean", BIT_BOOL, "true or false"},
    {"number", BIT_NUMBER, "a number"}, {"integer", BIT_NUMBER, "a number"},
    {"string", BIT_TEXT, "text"},       {"array", BIT_LIST, "a list"},
    {"object", BIT_MAP, "a map"},
};

static unsigned named_type(const char *word)
{
    for (size_t i = 0; word != NULL && i < MOOT_COUNT(names); i++)
        if (strcmp(names[i].word, word) == 0)
            return names[i].bit;
    return MOOT_EXPR_ANY;
}

/* The types as words: "text or a list". */
static const char *type_words(unsigned types, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        if ((types & names[i].bit) == 0 || strcmp(names[i].word, "integer") == 0)
            continue;
        int n = snprintf(out + used, size - used, "%s%s", used > 0 ? " or " : "", names[i].ours);
        if (n > 0 && (size_t)n < size - used)
            used += (size_t)n;
    }
    return out;
}

static unsigned types_of_values(const struct moot_json *list)
{
    unsigned types = 0;
    for (const struct moot_json *j = moot__json_first(list); j != NULL; j = moot__json_next(j))
        types |= 1U << moot__json_type(j);
    return types;
}

static unsigned schema_types(const struct moot_json *schema)
{
    if (!moot__json_is(schema, MOOT_JSON_OBJECT))
        return MOOT_EXPR_ANY;
    const struct moot_json *type = moot__json_get(schema, "type");
    const struct moot_json *values = moot__json_get(schema, "enum");
    const struct moot_json *constant = moot__json_get(schema, "const");
    unsigned types = MOOT_EXPR_ANY;
    if (moot__json_is(type, MOOT_JSON_STRING)) {
        types = named_type(moot__json_text(type));
    } else if (moot__json_is(type, MOOT_JSON_ARRAY)) {
        types = 0;
        for (const struct moot_json *j = moot__json_first(type); j != NULL; j = moot__json_next(j))
            types |= named_type(moot__json_text(j));
    }
    if (constant != NULL)
        types &= 1U << moot__json_type(constant);
    else if (moot__json_is(values, MOOT_JSON_ARRAY))
        types &= types_of_values(values);
    return types;
}

static int fail_types(const struct typing *t, const struct expr_node *node, unsigned left,
                      unsigned right, const char *why)
{
    char a[128];
    char b[128];
    return moot__expr_fail(t->e, node->offset, t->err, MOOT_EINVAL, "'%s' between %s and %s %s",
                           moot__expr_word(node->op), type_words(left, a, sizeof(a)),
                           type_words(right, b, sizeof(b)), why);
}

/* That a text can be one of those its schema allows: "hihg" is never "high" or "low". */
static int check_choice(const struct typing *t, const struct known *left,
                        const struct expr_node *right)
{
    const struct moot_json *values = moot__json_get(left->schema, "enum");
    if (right->op != EXPR_TEXT || !moot__json_is(values, MOOT_JSON_ARRAY))
        return 0;
    const char *near = NULL;
    size_t near_far = 0;
    for (const struct moot_json *j = moot__json_first(values); j != NULL; j = moot__json_next(j)) {
        const char *text = moot__json_text(j);
        if (text == NULL)
            continue;
        if (strcmp(text, right->text) == 0)
            return 0;
        size_t far = moot__near_distance(text, right->text);
        if (near == NULL || far < near_far) {
            near = text;
            near_far = far;
        }
    }
    return moot__expr_fail(t->e, right->offset, t->err, MOOT_EINVAL,
                           "it is never \"%s\": did you mean \"%s\"?", right->text,
                           near != NULL ? near : "");
}

static int type_node(const struct typing *t, const struct expr_node *node, struct known *out);

/* What the elements of a list may be. */
static unsigned element_types(const struct typing *t, const struct expr_node *node,
                              const struct known *list)
{
    if (node->op != EXPR_LIST)
        return schema_types(moot__json_get(list->schema, "items"));
    unsigned types = 0;
    for (const struct expr_node *kid = node->first; kid != NULL; kid = kid->next) {
        struct known k = {0};
        if (type_node(t, kid, &k) != 0)
            return MOOT_EXPR_ANY;
        types |= k.types;
    }
    return types;
}

/* `part` in `whole`. */
static int type_within(const struct typing *t, const struct expr_node *node,
                       const struct expr_node *whole_node, const struct known *whole,
                       const struct expr_node *part_node, const struct known *part)
{
    bool list = (whole->types & BIT_LIST) != 0;
    bool text = (whole->types & BIT_TEXT) != 0 && (part->types & BIT_TEXT) != 0;
    unsigned left = node->op == EXPR_IN ? part->types : whole->types;
    unsigned right = node->op == EXPR_IN ? whole->types : part->types;
    if (!list && !text)
        return fail_types(t, node, left, right,
                          node->op == EXPR_IN ? "needs a list, or text and text"
                                              : "needs a list on its left, or text and text");
    if (!list || text)
        return 0;
    unsigned elements = element_types(t, whole_node, whole);
    if (elements != 0 && (elements & part->types) == 0)
        return fail_types(t, node, left, right, "never holds: the list has nothing of that type");
    int rc = 0;
    if (whole_node->op == EXPR_LIST) {
        for (const struct expr_node *kid = whole_node->first; kid != NULL && rc == 0;
             kid = kid->next)
            rc = check_choice(t, part, kid);
    } else {
        struct known item = {.schema = moot__json_get(whole->schema, "items")};
        rc = check_choice(t, &item, part_node);
    }
    return rc;
}

static int type_compare(const struct typing *t, const struct expr_node *node)
{
    const struct expr_node *left = node->first;
    const struct expr_node *right = left->next;
    struct known a = {0};
    struct known b = {0};
    int rc = type_node(t, left, &a);
    if (rc == 0)
        rc = type_node(t, right, &b);
    if (rc != 0)
        return rc;
    unsigned shared = a.types & b.types;
    if (node->op == EXPR_EQ || node->op == EXPR_NE) {
        if (shared == 0)
            return fail_types(t, node, a.types, b.types,
                              "is decided already: they never are alike");
        rc = check_choice(t, &a, right);
        return rc != 0 ? rc : check_choice(t, &b, left);
    }
    if (node->op == EXPR_IN)
        return type_within(t, node, right, &b, left, &a);
    if (node->op == EXPR_CONTAINS)
        return type_within(t, node, left, &a, right, &b);
    if (node->op == EXPR_MATCHES)
        return (a.types & (BIT_TEXT | BIT_NUMBER)) != 0
                   ? 0
                   : fail_types(t, node, a.types, BIT_TEXT, "needs text on its left");
    return (shared & (BIT_NUMBER | BIT_TEXT)) != 0
               ? 0
               : fail_types(t, node, a.types, b.types, "needs two numbers or two texts");
}

/* A child of and, or, not. */
static int type_truth(const struct typing *t, const struct expr_node *node)
{
    struct known k = {0};
    int rc = type_node(t, node, &k);
    if (rc != 0 || (k.types & BIT_BOOL) != 0)
        return rc;
    char words[128];
    return moot__expr_fail(t->e, node->offset, t->err, MOOT_EINVAL,
                           "true or false is wanted here, and this is %s: compare it, or write "
                           "not empty(...)",
                           type_words(k.types, words, sizeof(words)));
}

static int type_call(const struct typing *t, const struct expr_node *node, struct known *out)
{
    struct known k = {0};
    int rc = type_node(t, node->first, &k);
    if (rc != 0)
        return rc;
    out->types = node->op == EXPR_COUNT ? BIT_NUMBER : BIT_BOOL;
    if (node->op == EXPR_EMPTY || (k.types & (BIT_LIST | BIT_MAP)) != 0)
        return 0;
    char words[128];
    return moot__expr_fail(t->e, node->offset, t->err, MOOT_EINVAL,
                           "count() counts a list, and this is %s",
                           type_words(k.types, words, sizeof(words)));
}

static int type_kids(const struct typing *t, const struct expr_node *node)
{
    int rc = 0;
    for (const struct expr_node *kid = node->first; kid != NULL && rc == 0; kid = kid->next) {
        struct known k = {0};
        rc = node->op == EXPR_LIST ? type_node(t, kid, &k) : type_truth(t, kid);
    }
    return rc;
}

/* Bounded: the tree is at most MOOT_MAX_EXPR_DEPTH levels of parentheses and signs deep. */
static int type_node(const struct typing *t, const struct expr_node *node, struct known *out)
{
    out->schema = NULL;
    out->types = BIT_BOOL;
    switch (node->op) {
    case EXPR_TEXT:
        out->types = BIT_TEXT;
        return 0;
    case EXPR_NUMBER:
        out->types = BIT_NUMBER;
        return 0;
    case EXPR_TRUE:
    case EXPR_FALSE:
        return 0;
    case EXPR_PATH:
        out->schema = t->lookup != NULL ? t->lookup(t->arg, node->text) : NULL;
        out->types = schema_types(out->schema);
        return 0;
    case EXPR_LIST:
        out->types = BIT_LIST;
        return type_kids(t, node);
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_NOT:
        return type_kids(t, node);
    case EXPR_COUNT:
    case EXPR_EMPTY:
        return type_call(t, node, out);
    case EXPR_EQ:
    case EXPR_NE:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
    case EXPR_IN:
    case EXPR_CONTAINS:
    case EXPR_MATCHES:
        break;
    }
    return type_compare(t, node);
}

int moot__expr_type(const struct moot_expr *e,
                    const struct moot_json *(*lookup)(void *arg, const char *path), void *arg,
                    unsigned *types, struct moot_error *err)
{
    struct typing t = {.e = e, .lookup = lookup, .arg = arg, .err = err};
    struct known k = {0};
    int rc = type_node(&t, e->root, &k);
    *types = rc == 0 ? k.types : MOOT_EXPR_ANY;
    return rc;
}
