/* JSON Schema: a strict subset of draft 2020-12 (docs/json-schema-subset.md). What is not known is
 * an error when a schema is loaded, never ignored. */
#ifndef MOOT_SCHEMA_H
#define MOOT_SCHEMA_H

#include "runtime/json.h"

/* A compiled schema; immutable, so one may serve any number of checks. */
struct moot_schema;

enum {
    MOOT_SCHEMA_NODES_MAX = 10000,  /* subschemas */
    MOOT_SCHEMA_REFS_MAX = 1000,    /* $ref */
    MOOT_SCHEMA_ENUM_MAX = 1000,    /* values of an enum */
    MOOT_SCHEMA_PROBLEMS_MAX = 20,  /* lines of a report */
    MOOT_SCHEMA_REPORT_MAX = 32768, /* bytes that suffice for a report */
};

/* Compiles a schema, of which it keeps a copy. The message of an error begins with the place in the
 * schema ("/properties/x: …"). The caller frees *out with moot__schema_free. MOOT_EINVAL,
 * MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__schema_compile(const struct moot_json *schema, struct moot_schema **out,
                         struct moot_error *err);
/* The same from a JSON text; also MOOT_ESYNTAX. */
int moot__schema_compile_text(const char *text, size_t len, struct moot_schema **out,
                              struct moot_error *err);
void moot__schema_free(struct moot_schema *schema);
/* What it was compiled from; lives as long as the schema. */
const struct moot_json *moot__schema_json(const struct moot_schema *schema);

/* Whether the value fits. `problems`, if not NULL, gets one line for each thing that is wrong (at
 * most MOOT_SCHEMA_PROBLEMS_MAX, the last one then says how many more), in words fit to send back
 * to a model: "- /path/to/value: what is wrong\n"; `count`, if not NULL, their number. Returns 0 if
 * it fits, MOOT_EINVAL if not, MOOT_ELIMIT if finding out takes too long or goes too deep (a line
 * says so), MOOT_ENOMEM. */
int moot__schema_validate(const struct moot_schema *schema, const struct moot_json *value,
                          struct moot_buf *problems, size_t *count);

#endif
