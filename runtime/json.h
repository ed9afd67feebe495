/* JSON: strict reading with limits, canonical writing (RFC 8785), and a tree whose numbers keep the
 * digits they came with. cJSON holds the tree and nothing else of it is used: it must not decide
 * what a signature covers. */
#ifndef MOOT_JSON_H
#define MOOT_JSON_H

#include "runtime/buf.h"
#include "runtime/decimal.h"

#include <stdbool.h>

/* A value. Opaque; freed with its root. */
struct moot_json;

enum moot_json_type {
    MOOT_JSON_NULL,
    MOOT_JSON_BOOL,
    MOOT_JSON_NUMBER,
    MOOT_JSON_STRING,
    MOOT_JSON_ARRAY,
    MOOT_JSON_OBJECT,
};

/* Reads one JSON text: RFC 8259, valid UTF-8, no byte-order mark, no duplicate key, no NUL in a
 * string, no lone surrogate, depth at most MOOT_MAX_DEPTH, size at most MOOT_MAX_JSON,
 * at most a million values (each takes about 100 bytes of memory, whatever its text). Numbers of
 * any RFC 8259 form are allowed and keep their digits. The caller frees *out with
 * moot__json_free. MOOT_ESYNTAX (the message says at which byte), MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__json_parse(const char *text, size_t len, struct moot_json **out, struct moot_error *err);

void moot__json_free(struct moot_json *j);
/* A deep copy. NULL: out of memory. */
struct moot_json *moot__json_copy(const struct moot_json *j);

/* Looking. Every function takes NULL and answers as for an absent value. */
enum moot_json_type moot__json_type(const struct moot_json *j);
bool moot__json_is(const struct moot_json *j, enum moot_json_type type);
bool moot__json_true(const struct moot_json *j);
/* The string's bytes (never NULL-containing), or NULL if it is no string. */
const char *moot__json_text(const struct moot_json *j);
/* The number's digits as they came, or NULL if it is no number. */
const char *moot__json_digits(const struct moot_json *j);
/* True and *out if it is a number that is an integer within int64 (1.0 and 1e2 are integers). */
bool moot__json_int(const struct moot_json *j, int64_t *out);
/* Members of an object or elements of an array. */
size_t moot__json_count(const struct moot_json *j);
const struct moot_json *moot__json_at(const struct moot_json *j, size_t i); /* O(i) */
const struct moot_json *moot__json_get(const struct moot_json *j, const char *key);
/* The member's string, `absent` if it is missing or no string. */
const char *moot__json_get_text(const struct moot_json *j, const char *key, const char *absent);
/* The member's integer, `absent` if it is missing or no integer. */
int64_t moot__json_get_int(const struct moot_json *j, const char *key, int64_t absent);
bool moot__json_get_bool(const struct moot_json *j, const char *key, bool absent);
/* Iteration: first child or NULL, next sibling or NULL, the key of a member (NULL in an array). */
const struct moot_json *moot__json_first(const struct moot_json *j);
const struct moot_json *moot__json_next(const struct moot_json *j);
const char *moot__json_key(const struct moot_json *j);
/* Same type and same value; numbers are compared by value, members in any order. */
bool moot__json_equal(const struct moot_json *a, const struct moot_json *b);
/* <0, 0, >0: an order of all values, of no meaning but that equal ones are 0 apart. */
int moot__json_compare(const struct moot_json *a, const struct moot_json *b);

/* Building. A new value belongs to the caller until it is added; adding gives it to the parent,
 * also when adding fails (then it is freed). NULL: out of memory. Adding NULL fails with
 * MOOT_ENOMEM, so creations need no check of their own. A NUL and bytes that are not UTF-8 become
 * U+FFFD in a new text, so that whatever is built can be written; keys are the program's own and
 * must be UTF-8. */
struct moot_json *moot__json_new(enum moot_json_type type); /* null, false, "", [] or {} */
struct moot_json *moot__json_new_text(const char *text);
struct moot_json *moot__json_new_text_n(const char *text, size_t len);
struct moot_json *moot__json_new_int(int64_t n);
struct moot_json *moot__json_new_bool(bool b);
/* A number of the given digits; NULL also if they are no number of JSON's grammar. */
struct moot_json *moot__json_new_digits(const char *digits);
int moot__json_add(struct moot_json *array, struct moot_json *value);
/* Sets a member; a member of that name is replaced in its place. */
int moot__json_set(struct moot_json *object, const char *key, struct moot_json *value);
int moot__json_set_text(struct moot_json *object, const char *key, const char *text);
int moot__json_set_int(struct moot_json *object, const char *key, int64_t n);
int moot__json_set_bool(struct moot_json *object, const char *key, bool b);
/* Takes a member out; the caller frees it. NULL: there was none. */
struct moot_json *moot__json_take(struct moot_json *object, const char *key);
/* The child at hand for changing in place. */
struct moot_json *moot__json_edit(struct moot_json *object, const char *key);
struct moot_json *moot__json_edit_at(struct moot_json *array, size_t i);

/* Writing. Plain: members in their order, no white space, numbers as they came. Canonical: RFC 8785
 * restricted to integers within +-(2^53-1): keys sorted by UTF-16 code units; another number, and
 * another way to write one (1.0, 1e2, -0), is MOOT_EINVAL. Pretty: two spaces a level, for people.
 * After a failure that is not the buffer's own the buffer is as it was. */
int moot__json_write(const struct moot_json *j, struct moot_buf *out);
int moot__json_write_canonical(const struct moot_json *j, struct moot_buf *out,
                               struct moot_error *err);
int moot__json_write_pretty(const struct moot_json *j, struct moot_buf *out);
/* Plain writing into a new string that the caller frees. NULL: out of memory or too big. */
char *moot__json_string(const struct moot_json *j);

#endif
