/* The raw tree of a crew file → the resolved crew, by the table of fields; crew_load.h says its
 * shape. */
#ifndef MOOT_CREW_READ_H
#define MOOT_CREW_READ_H

#include "roles/crew_fields.h"
#include "roles/crew_load.h"

/* Sets f->resolved from f->raw. Everything that a single place of the file decides is checked on
 * the way; what needs two places is crew_check's. */
void moot__crew_read(struct moot_crew_file *f);
/* The same of a file that is no crew but has a table of its own; nothing is settled. */
void moot__crew_read_as(struct moot_crew_file *f, const char *table);

/* The value stands where `raw` stands. NULL (out of memory) is noted in the report. */
struct moot_json *moot__crew_made(struct moot_crew_file *f, struct moot_json *made,
                                  const struct moot_json *raw);
/* Sets a member, or adds to a list where `key` is NULL; a failure is noted in the report. */
void moot__crew_put(struct moot_crew_file *f, struct moot_json *into, const char *key,
                    struct moot_json *value);

/* A short form as a shape of the resolved crew. `place` says where: "'output' of task 'x'". NULL:
 * something is wrong, and the report says what. */
struct moot_json *moot__crew_read_shape(struct moot_crew_file *f, const struct moot_json *raw,
                                        const char *place);
/* As moot__crew_shape, and each type stands where it stands in the file. */
struct moot_json *moot__crew_shape_at(struct moot_yaml *y, const struct moot_json *shape);
/* A JSON Schema, inline or as a path, as JSON text. */
struct moot_json *moot__crew_read_schema(struct moot_crew_file *f, const struct moot_json *raw,
                                         const char *place);
/* name -> text with placeholders, as [{name, value}]. */
struct moot_json *moot__crew_read_args(struct moot_crew_file *f, const struct moot_json *raw,
                                       const char *place);
/* The text of {file: PATH}. */
struct moot_json *moot__crew_read_file(struct moot_crew_file *f, const struct moot_json *raw,
                                       const char *place);

/* Says the trap of a map that nobody meant: `{a: x, y}`, `{question}`. False: it is none. */
bool moot__crew_comma_trap(struct moot_crew_file *f, const struct moot_json *map);
bool moot__crew_brace_trap(struct moot_crew_file *f, const struct moot_json *map);

/* Fills in what the file leaves to rules: process, input, `needs`. */
void moot__crew_settle(struct moot_crew_file *f);

#endif
