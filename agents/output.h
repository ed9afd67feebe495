/* What a task's result must be: reading it out of an answer, adding what the host fills in, and
 * saying what is wrong with it. */
#ifndef MOOT_OUTPUT_H
#define MOOT_OUTPUT_H

#include "agents/def.h"

enum { MOOT_OUTPUT_REASKS = 2 }; /* times an answer of the wrong shape is sent back at once */

/* Whether the answer is asked for as JSON: the schema to send, or NULL. */
const char *moot__output_schema(const struct moot_output_def *o);

/* Reads a model's answer: plain text as a string, a scalar in short form, or JSON wherever it
 * stands in the answer. The caller frees *out. MOOT_EINVAL: `problems` has a line for each. */
int moot__output_read(const struct moot_output_def *o, const char *answer, struct moot_json **out,
                      struct moot_buf *problems);

/* Reads one field that an answer in plain text is for. `fields` are those there are already. */
int moot__output_read_field(const struct moot_output_def *o, const struct moot_json *fields,
                            const char *name, const char *answer, struct moot_json **out,
                            struct moot_buf *problems);

/* Adds the fields that the host fills in and puts all into the order of the file. *result may be
 * replaced. MOOT_ENOTFOUND: a placeholder leads nowhere. */
int moot__output_fill(const struct moot_output_def *o, const struct moot_json *scope,
                      struct moot_json **result, struct moot_error *err);

/* The value a template stands for: a placeholder alone keeps its value's type, else text. The
 * caller frees *out. */
int moot__output_value(const struct moot_template *t, const struct moot_json *scope,
                       struct moot_json **out, struct moot_error *err);

/* Whether a whole result is what it must be; as moot__schema_validate. */
int moot__output_check(const struct moot_output_def *o, const struct moot_json *result,
                       struct moot_buf *problems);

#endif
