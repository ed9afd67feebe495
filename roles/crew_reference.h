/* The reference page and the JSON Schema of crew files, made from the table of fields. */
#ifndef MOOT_CREW_REFERENCE_H
#define MOOT_CREW_REFERENCE_H

#include "roles/crew_fields.h"

/* docs/crew-file.md. Returns the buffer's status. */
int moot__crew_reference(struct moot_buf *out);

/* A JSON Schema (draft 2020-12) of crew files, or of experiment files, for editors: what a single
 * place of the file decides, with the meaning of each key. Files with `extends` are partial, so
 * most of what is required is left to `moot check`. The caller frees it. NULL: out of memory. */
struct moot_json *moot__crew_schema(bool experiment);

#endif
