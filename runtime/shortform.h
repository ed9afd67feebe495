/* The short form of `output` and `parameters` in a crew file, made a JSON Schema:
 *
 *   TYPE   := SCALAR | [TYPE] | {field: TYPE, …} | "{placeholder}"
 *   SCALAR := ["optional "] (BASE [RANGE [UNIT]] ["matching " RE] | a | b | c) [" - " description]
 *   BASE   := text | integer | number | bool | date | email | url | uuid | any
 *   RANGE  := N..M | N.. | ..M         UNIT := words | characters
 */
#ifndef MOOT_SHORTFORM_H
#define MOOT_SHORTFORM_H

#include "runtime/json.h"

/* A bound that JSON Schema has no keyword for, so whoever has the value checks it
 * (moot__shortform_check does). The schema's description tells it to the model. */
struct moot_shortform_check {
    char *path;       /* field names joined by dots, "*" for each element of a list: "list.*.name";
                         "" in a scalar */
    const char *unit; /* "words" */
    int64_t min;      /* -1: none */
    int64_t max;      /* -1: none */
};

struct moot_shortform {
    struct moot_json *schema; /* what is asked of a model: filled fields are left out */
    struct moot_json *whole;  /* what the result is: filled fields, of any type, are required */
    struct moot_json *filled; /* path (as in a check) -> text "{placeholder}"; may be empty */
    struct moot_shortform_check *checks;
    size_t check_count;
    bool scalar;   /* the shape is one SCALAR: a plain answer is read by moot__shortform_read */
    char *capture; /* in a scalar `text matching RE`: RE; else NULL */
    /* After a failure the value of the shape that is wrong, or NULL, and the byte of its text. */
    const struct moot_json *bad;
    size_t bad_offset;
};

/* Compiles a shape: an object (a map of fields) or a string (a scalar). Fields are required unless
 * optional, in the order of the file; others are refused. An error names the field, the bad word
 * and its offset, and suggests what may be meant. Then *out holds only `bad` and `bad_offset`; the
 * caller ends it with moot__shortform_release. MOOT_EINVAL, MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__shortform_compile(const struct moot_json *shape, struct moot_shortform *out,
                            struct moot_error *err);
void moot__shortform_release(struct moot_shortform *form);

/* How deep maps and lists are nested (a scalar 0, a flat map 1), and the most fields of one map:
 * more than 3 or 12 is hard on models. */
size_t moot__shortform_depth(const struct moot_json *shape);
size_t moot__shortform_width(const struct moot_json *shape);

/* Reads a scalar from a model's plain answer: white space round it goes, quotes, a full stop and
 * emphasis round a word or a number too; `matching` takes what RE captures. *out is the caller's.
 * On MOOT_EINVAL `problems` (may be NULL) gets lines as from moot__schema_validate. */
int moot__shortform_read(const struct moot_shortform *form, const char *answer, size_t len,
                         struct moot_json **out, struct moot_buf *problems);

/* Checks the bounds in `checks`; as moot__schema_validate. */
int moot__shortform_check(const struct moot_shortform *form, const struct moot_json *value,
                          struct moot_buf *problems, size_t *count);

/* Sets a filled field of a result to a copy of `value`; where the path goes through a list, in each
 * of its elements. Maps on the way are made, lists are not. MOOT_ENOMEM. */
int moot__shortform_fill(struct moot_json *result, const char *path, const struct moot_json *value);

#endif
