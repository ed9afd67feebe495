/* The parts of input.c. */
#ifndef MOOT_INPUT_PART_H
#define MOOT_INPUT_PART_H

#include "runtime/input.h"

enum input_kind {
    INPUT_PAGE,
    INPUT_TEXT,
    INPUT_JSON,
};

/* ---- input_read.c ---- */

/* Reads a file, at most `max` bytes of it; what is longer is MOOT_ETOOBIG unless `cut` is given,
 * which is then set to its whole size, else 0. A pipe is read too. */
int moot__input_bytes(const char *path, size_t max, struct moot_buf *out, size_t *cut,
                      struct moot_error *err);
int moot__input_fd(int fd, const char *name, size_t max, struct moot_buf *out, size_t *cut,
                   struct moot_error *err);

/* What the file is, by its name, else by how it begins. */
enum input_kind moot__input_kind(const char *path, const struct moot_buf *bytes);

/* Whether the bytes are text: UTF-8 without NUL. A byte-order mark is taken off. */
int moot__input_text(const char *path, struct moot_buf *bytes, struct moot_error *err);

/* Calls `each` for every object that the JSON text, or its lines, holds: an array's elements one
 * by one. `each` takes over the object. */
int moot__input_objects(const char *path, const struct moot_buf *bytes,
                        int (*each)(void *arg, struct moot_json *object, size_t number), void *arg,
                        struct moot_error *err);

/* ---- input_join.c ---- */

/* Joins the items with the rows of the registry. */
int moot__input_join(const struct moot_input_spec *spec, struct moot_json *const *items,
                     size_t count, struct moot_buf *warnings, struct moot_error *err);

/* Sets a member that is not the item's own: what it replaces is kept in MOOT_SCOPE_OWN. Takes over
 * `value`. */
int moot__input_override(struct moot_json *item, const char *key, struct moot_json *value);

/* Adds a line to the warnings; what no longer fits is left out. */
void moot__input_warn(struct moot_buf *warnings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The last part of a path. */
const char *moot__input_base(const char *path);

#endif
