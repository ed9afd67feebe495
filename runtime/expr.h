/* The expression language of `when`, `that`, `for_each` and rules.
 *
 *   expr    := and { "or" and }          and  := not { "and" not }      not := { "not" } compare
 *   compare := operand [ OP operand ]    OP   := == != < <= > >= in contains matches
 *   operand := text | number | true | false | path | [expr, ...] | (expr) | count(expr) |
 * empty(expr)
 *
 * Text stands in single or double quotes, without escapes. Numbers are decimal and compared
 * exactly. The right side of `matches` is a pattern in quotes. Words that mean something cannot
 * begin a path. No assignment, no loops, no other calls. */
#ifndef MOOT_EXPR_H
#define MOOT_EXPR_H

#include "runtime/json.h"

/* A parsed expression; immutable. */
struct moot_expr;

/* Reads one expression; valid UTF-8. The caller frees *out with moot__expr_free. MOOT_ESYNTAX
 * (err->column is the character, from 1, and the message says what to write), MOOT_ETOOBIG,
 * MOOT_ENOMEM. */
int moot__expr_parse(const char *text, size_t len, struct moot_expr **out, struct moot_error *err);
void moot__expr_free(struct moot_expr *e);

/* Calls `each` for every path in it, from left to right; `offset` is in bytes. Ends early when
 * `each` does not return 0, and returns that. */
int moot__expr_paths(const struct moot_expr *e,
                     int (*each)(void *arg, const char *path, size_t offset), void *arg);

/* A set of JSON types: bit 1 << MOOT_JSON_STRING and so on. */
enum { MOOT_EXPR_ANY = 0x3F };

/* Finds the types. `lookup` gives the JSON Schema of what a path leads to, NULL: unknown. *types:
 * what the whole may be. MOOT_EINVAL, with a column: what can never hold or never be compared. */
int moot__expr_type(const struct moot_expr *e,
                    const struct moot_json *(*lookup)(void *arg, const char *path), void *arg,
                    unsigned *types, struct moot_error *err);

/* The value in a scope (scope.h); what is missing is null. The caller frees *value. MOOT_EINVAL:
 * values that cannot be compared (a column says where); MOOT_ELIMIT: a pattern takes too long;
 * MOOT_ENOMEM. */
int moot__expr_eval(const struct moot_expr *e, const struct moot_json *scope,
                    struct moot_json **value, struct moot_error *err);

/* Whether it holds: true does; false, and what is missing, do not; anything else is MOOT_EINVAL. */
int moot__expr_true(const struct moot_expr *e, const struct moot_json *scope, bool *out,
                    struct moot_error *err);

#endif
