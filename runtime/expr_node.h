/* The tree of an expression, shared by its parser, its types and its evaluation. */
#ifndef MOOT_EXPR_NODE_H
#define MOOT_EXPR_NODE_H

#include "runtime/expr.h"
#include "runtime/regex.h"

enum expr_op {
    EXPR_TEXT,
    EXPR_NUMBER,
    EXPR_TRUE,
    EXPR_FALSE,
    EXPR_PATH,
    EXPR_LIST,
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_EQ,
    EXPR_NE,
    EXPR_LT,
    EXPR_LE,
    EXPR_GT,
    EXPR_GE,
    EXPR_IN,
    EXPR_CONTAINS,
    EXPR_MATCHES,
    EXPR_COUNT,
    EXPR_EMPTY,
};

/* Its depth is at most MOOT_MAX_EXPR_DEPTH: `and`, `or` and lists have any number of children. */
struct expr_node {
    enum expr_op op;
    size_t offset;            /* bytes, of the operator or the first character */
    char *text;               /* TEXT, NUMBER: the value; PATH: the path; else NULL */
    struct moot_regex *regex; /* MATCHES */
    struct expr_node *first;  /* child */
    struct expr_node *next;   /* sibling */
    struct expr_node *made;   /* the node made before this one, so that freeing needs no walk */
};

struct moot_expr {
    char *source;
    struct expr_node *root;
    struct expr_node *made; /* the last node made */
};

/* Fails with the character at the byte `offset` of the source as column. */
int moot__expr_fail(const struct moot_expr *e, size_t offset, struct moot_error *err, int code,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The operator as it is written. */
const char *moot__expr_word(enum expr_op op);

#endif
