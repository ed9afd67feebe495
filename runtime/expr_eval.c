/* Evaluation. A value is borrowed from the tree or the scope where that can be, so that comparing a
 * page's text copies nothing. */
#include "runtime/expr_node.h"
#include "runtime/scope.h"

struct value {
    enum moot_json_type type; /* null: missing */
    bool truth;
    const char *text;             /* of a string; the digits of a number */
    const struct moot_json *json; /* of a list or an object, and where there is one */
    struct moot_json *made;       /* freed with the value */
};

struct evaluation {
    const struct moot_expr *e;
    const struct moot_json *scope;
    struct moot_error *err;
};

static void value_release(struct value *v)
{
    moot__json_free(v->made);
    memset(v, 0, sizeof(*v));
}

static void value_borrow(struct value *v, const struct moot_json *j)
{
    v->type = moot__json_type(j);
    v->json = j;
    v->truth = moot__json_true(j);
    v->text = v->type == MOOT_JSON_NUMBER ? moot__json_digits(j) : moot__json_text(j);
}

static void value_bool(struct value *v, bool truth)
{
    value_release(v);
    v->type = MOOT_JSON_BOOL;
    v->truth = truth;
}

/* Takes over `j`. */
static int value_own(struct value *v, struct moot_json *j, const struct evaluation *ev)
{
    if (j == NULL)
        return moot__fail(ev->err, MOOT_ENOMEM, "out of memory");
    value_borrow(v, j);
    v->made = j;
    return 0;
}

/* The value as JSON of its own. NULL: out of memory. */
static struct moot_json *value_json(struct value *v)
{
    if (v->made != NULL) {
        struct moot_json *j = v->made;
        v->made = NULL;
        return j;
    }
    if (v->json != NULL)
        return moot__json_copy(v->json);
    if (v->type == MOOT_JSON_STRING)
        return moot__json_new_text(v->text);
    if (v->type == MOOT_JSON_BOOL)
        return moot__json_new_bool(v->truth);
    if (v->type == MOOT_JSON_NUMBER)
        return moot__json_new_digits(v->text);
    return moot__json_new(MOOT_JSON_NULL);
}

static const char *type_word(enum moot_json_type type)
{
    switch (type) {
    case MOOT_JSON_NULL:
        return "nothing";
    case MOOT_JSON_BOOL:
        return "true or false";
    case MOOT_JSON_NUMBER:
        return "a number";
    case MOOT_JSON_STRING:
        return "text";
    case MOOT_JSON_ARRAY:
        return "a list";
    case MOOT_JSON_OBJECT:
        return "a map";
    }
    return "something";
}

static bool same(const struct value *a, const struct value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case MOOT_JSON_NULL:
        return true;
    case MOOT_JSON_BOOL:
        return a->truth == b->truth;
    case MOOT_JSON_NUMBER:
        return moot__decimal_compare(a->text, b->text) == 0;
    case MOOT_JSON_STRING:
        return strcmp(a->text, b->text) == 0;
    case MOOT_JSON_ARRAY:
    case MOOT_JSON_OBJECT:
        return moot__json_equal(a->json, b->json);
    }
    return false;
}

static int fail_pair(const struct evaluation *ev, const struct expr_node *node,
                     const struct value *a, const struct value *b)
{
    return moot__expr_fail(ev->e, node->offset, ev->err, MOOT_EINVAL,
                           "'%s' cannot stand between %s and %s", moot__expr_word(node->op),
                           type_word(a->type), type_word(b->type));
}

/* Text is ordered by its bytes, which is the order of its code points, and of dates as 2026-01-31.
 */
static int order(const struct evaluation *ev, const struct expr_node *node, const struct value *a,
                 const struct value *b, bool *out)
{
    if (a->type != b->type || (a->type != MOOT_JSON_NUMBER && a->type != MOOT_JSON_STRING))
        return fail_pair(ev, node, a, b);
    int c = a->type == MOOT_JSON_NUMBER ? moot__decimal_compare(a->text, b->text)
                                        : strcmp(a->text, b->text);
    *out = (node->op == EXPR_LT && c < 0) || (node->op == EXPR_LE && c <= 0) ||
           (node->op == EXPR_GT && c > 0) || (node->op == EXPR_GE && c >= 0);
    return 0;
}

/* Whether `whole`, a list or a text, has `part` in it. */
static int within(const struct evaluation *ev, const struct expr_node *node,
                  const struct value *part, const struct value *whole, bool *out)
{
    if (whole->type == MOOT_JSON_ARRAY) {
        for (const struct moot_json *j = moot__json_first(whole->json); j != NULL && !*out;
             j = moot__json_next(j)) {
            struct value element = {0};
            value_borrow(&element, j);
            *out = same(part, &element);
        }
        return 0;
    }
    if (whole->type != MOOT_JSON_STRING || part->type != MOOT_JSON_STRING)
        return node->op == EXPR_IN ? fail_pair(ev, node, part, whole)
                                   : fail_pair(ev, node, whole, part);
    *out = strstr(whole->text, part->text) != NULL;
    return 0;
}

static int matches(const struct evaluation *ev, const struct expr_node *node,
                   const struct value *text, bool *out)
{
    if (text->type != MOOT_JSON_STRING && text->type != MOOT_JSON_NUMBER)
        return moot__expr_fail(ev->e, node->offset, ev->err, MOOT_EINVAL,
                               "'matches' needs text on its left, not %s", type_word(text->type));
    int rc = moot__regex_search(node->regex, text->text, strlen(text->text), 0, NULL);
    *out = rc == 0;
    if (rc == 0 || rc == MOOT_ENOTFOUND)
        return 0;
    return moot__expr_fail(ev->e, node->offset, ev->err, rc, "the pattern cannot be searched: %s",
                           moot__status_text(rc));
}

static int compare(const struct evaluation *ev, const struct expr_node *node, struct value *a,
                   struct value *b, bool *out)
{
    *out = false;
    if (node->op == EXPR_EQ || node->op == EXPR_NE) {
        *out = same(a, b) == (node->op == EXPR_EQ);
        return 0;
    }
    /* What is missing is in no order, in no list, and matches nothing. */
    bool missing = a->type == MOOT_JSON_NULL || b->type == MOOT_JSON_NULL;
    if (node->op == EXPR_MATCHES)
        return a->type == MOOT_JSON_NULL ? 0 : matches(ev, node, a, out);
    if (missing)
        return 0;
    if (node->op == EXPR_IN)
        return within(ev, node, a, b, out);
    if (node->op == EXPR_CONTAINS)
        return within(ev, node, b, a, out);
    return order(ev, node, a, b, out);
}

static int evaluate(const struct evaluation *ev, const struct expr_node *node, struct value *out);

/* A child that must be true, false or missing. */
static int truth_of(const struct evaluation *ev, const struct expr_node *node, bool *out)
{
    struct value v = {0};
    int rc = evaluate(ev, node, &v);
    if (rc == 0 && v.type != MOOT_JSON_BOOL && v.type != MOOT_JSON_NULL)
        rc = moot__expr_fail(ev->e, node->offset, ev->err, MOOT_EINVAL,
                             "true or false is wanted here, and this is %s: compare it, or write "
                             "not empty(...)",
                             type_word(v.type));
    *out = v.type == MOOT_JSON_BOOL && v.truth;
    value_release(&v);
    return rc;
}

static int evaluate_list(const struct evaluation *ev, const struct expr_node *node,
                         struct value *out)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : 0;
    for (const struct expr_node *kid = node->first; kid != NULL && rc == 0; kid = kid->next) {
        struct value v = {0};
        rc = evaluate(ev, kid, &v);
        if (rc == 0)
            rc = moot__json_add(list, value_json(&v));
        value_release(&v);
    }
    if (rc == 0)
        return value_own(out, list, ev);
    moot__json_free(list);
    return rc == MOOT_ENOMEM ? moot__fail(ev->err, rc, "out of memory") : rc;
}

static int evaluate_call(const struct evaluation *ev, const struct expr_node *node,
                         struct value *out)
{
    struct value v = {0};
    int rc = evaluate(ev, node->first, &v);
    if (rc != 0)
        return rc;
    bool whole = v.type == MOOT_JSON_ARRAY || v.type == MOOT_JSON_OBJECT;
    if (node->op == EXPR_EMPTY) {
        value_bool(out, v.type == MOOT_JSON_NULL ||
                            (v.type == MOOT_JSON_STRING && v.text[0] == '\0') ||
                            (whole && moot__json_first(v.json) == NULL));
    } else if (whole || v.type == MOOT_JSON_NULL) {
        rc =
            value_own(out, moot__json_new_int((int64_t)(whole ? moot__json_count(v.json) : 0)), ev);
    } else {
        rc = moot__expr_fail(ev->e, node->offset, ev->err, MOOT_EINVAL,
                             "count() counts a list, and this is %s", type_word(v.type));
    }
    value_release(&v);
    return rc;
}

static int evaluate_path(const struct evaluation *ev, const struct expr_node *node,
                         struct value *out)
{
    const struct moot_json *found = NULL;
    struct moot_json *made = NULL;
    int rc = moot__scope_get(ev->scope, node->text, &found, &made);
    if (rc != 0)
        return moot__fail(ev->err, rc, "out of memory");
    value_borrow(out, found);
    out->made = made;
    return 0;
}

static int evaluate_logic(const struct evaluation *ev, const struct expr_node *node,
                          struct value *out)
{
    bool truth = false;
    int rc = 0;
    for (const struct expr_node *kid = node->first; kid != NULL && rc == 0; kid = kid->next) {
        rc = truth_of(ev, kid, &truth);
        if (node->op != EXPR_NOT && truth == (node->op == EXPR_OR))
            break;
    }
    value_bool(out, node->op == EXPR_NOT ? !truth : truth);
    return rc;
}

static int evaluate_compare(const struct evaluation *ev, const struct expr_node *node,
                            struct value *out)
{
    struct value a = {0};
    struct value b = {0};
    bool truth = false;
    int rc = evaluate(ev, node->first, &a);
    if (rc == 0)
        rc = evaluate(ev, node->first->next, &b);
    if (rc == 0)
        rc = compare(ev, node, &a, &b, &truth);
    value_release(&a);
    value_release(&b);
    value_bool(out, truth);
    return rc;
}

/* Bounded: the tree is at most MOOT_MAX_EXPR_DEPTH levels of parentheses and signs deep. */
static int evaluate(const struct evaluation *ev, const struct expr_node *node, struct value *out)
{
    switch (node->op) {
    case EXPR_TEXT:
    case EXPR_NUMBER:
        out->type = node->op == EXPR_TEXT ? MOOT_JSON_STRING : MOOT_JSON_NUMBER;
        out->text = node->text;
        return 0;
    case EXPR_TRUE:
    case EXPR_FALSE:
        value_bool(out, node->op == EXPR_TRUE);
        return 0;
    case EXPR_PATH:
        return evaluate_path(ev, node, out);
    case EXPR_LIST:
        return evaluate_list(ev, node, out);
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_NOT:
        return evaluate_logic(ev, node, out);
    case EXPR_COUNT:
    case EXPR_EMPTY:
        return evaluate_call(ev, node, out);
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
    return evaluate_compare(ev, node, out);
}

int moot__expr_eval(const struct moot_expr *e, const struct moot_json *scope,
                    struct moot_json **value, struct moot_error *err)
{
    struct evaluation ev = {.e = e, .scope = scope, .err = err};
    struct value v = {0};
    *value = NULL;
    int rc = evaluate(&ev, e->root, &v);
    if (rc == 0 && (*value = value_json(&v)) == NULL)
        rc = moot__fail(err, MOOT_ENOMEM, "out of memory");
    value_release(&v);
    return rc;
}

int moot__expr_true(const struct moot_expr *e, const struct moot_json *scope, bool *out,
                    struct moot_error *err)
{
    struct evaluation ev = {.e = e, .scope = scope, .err = err};
    return truth_of(&ev, e->root, out);
}
