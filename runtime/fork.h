/* A fork: the beginning of a run's journal as it is, signatures and anchors too, in a file of its
 * own. Whoever takes that up gives it a new name by its `key` message (docs/security.md). */
#ifndef MOOT_FORK_H
#define MOOT_FORK_H

#include "runtime/journal.h"

/* Copies the messages up to `at` into the new journal `to`. *witnessed: an anchor of the run covers
 * all of them. What cannot be gone on with is refused, and then nothing is left behind: MOOT_EINVAL
 * (`at` is not there, or closes the run, or comes before the items), MOOT_EFOLD (a text was
 * redacted). Else as moot__journal_open. */
int moot__fork_copy(const char *from, int64_t at, const char *to, bool *witnessed,
                    struct moot_error *err);

#endif
