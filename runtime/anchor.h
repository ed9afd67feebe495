/* Anchors: the writer's signature over the newest link, by the run's host key (after the close by
 * the owner's). */
#ifndef MOOT_ANCHOR_H
#define MOOT_ANCHOR_H

#include "runtime/journal.h"
#include "runtime/sign.h"

/* Signs (run, seq, link). MOOT_ENOMEM. */
int moot__anchor_make(const struct moot_key *k, const char *run, int64_t seq,
                      const uint8_t link[MOOT_HASH_SIZE], struct moot_anchor *out);
/* Checks the signature. MOOT_ESIGNATURE. */
int moot__anchor_check(const struct moot_key *k, const struct moot_anchor *a,
                       struct moot_error *err);

/* One exported line, without the newline: {anchor: {run, seq, link, kid, sig}}. */
int moot__anchor_export(const struct moot_anchor *a, struct moot_buf *out);
/* Reads such a line, refusing what is not exactly what moot__anchor_export would write.
 * MOOT_EMALFORMED. */
int moot__anchor_import(const char *line, size_t len, struct moot_anchor *out,
                        struct moot_error *err);
/* Whether the line says it is an anchor's rather than a message's. */
bool moot__anchor_is_line(const char *line, size_t len);

#endif
