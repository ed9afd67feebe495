/* The normal form: a journal without what chance and time put there. "The same run" means the same
 * normal form. Conversations one after another by path; ids replaced by names; no run, seq, link,
 * ts, kid, sig, nonce, exp, bh, salts, anchors, seed, keys or run time; no `key` messages and no
 * retry notes, and each author's messages counted without them. */
#ifndef MOOT_NORMAL_H
#define MOOT_NORMAL_H

#include "runtime/journal.h"

/* Whether chance or time put that member into a body of that kind. */
bool moot__normal_chance(enum moot_kind kind, const char *key);

/* One JSON object a line, {conv, from, n, kind, to?, item?, task?, re?, prov?, caps, body}.
 * MOOT_EIO and so on from the journal, MOOT_ETOOBIG, MOOT_ENOMEM. */
int moot__normal_write(struct moot_journal *j, struct moot_buf *out, struct moot_error *err);

#endif
