/* What other processes have to say to a run: signed statements, each in a file of RUN.post/ beside
 * the journal, written whole or not at all. */
#ifndef MOOT_POST_H
#define MOOT_POST_H

#include "runtime/sign.h"

enum {
    MOOT_POST_BATCH = 256,                       /* files looked at in one scan */
    MOOT_POST_SIZE = MOOT_MAX_BODY + 128 * 1024, /* of a file */
};

/* Puts a signed statement with `nonce` and `exp` into the folder, which is made (0700) if it is not
 * there: written, synced, renamed to ID.post. MOOT_EINVAL: not such a statement. MOOT_EIO. */
int moot__post_write(const char *dir, const struct moot_message *m, struct moot_error *err);

/* Calls `each` for what lies in the folder, sorted by time and id, up to MOOT_POST_BATCH of it; no
 * folder is an empty one. A statement is given as `m` (valid during the call unless ref'ed) if it
 * is whole, is about `run`, has a nonce, has not expired and is signed by one of the keys; else `m`
 * is NULL and `bad` says why it is refused (MOOT_EMALFORMED, MOOT_ECHAIN, MOOT_EKEY,
 * MOOT_ESIGNATURE, MOOT_ETOOBIG, MOOT_ETIMEOUT: expired). `id` is for moot__post_remove.
 *
 * `now_wall` is the newest wall time that the caller knows, the newest in the journal included, so
 * that setting the clock back revives nothing. Whether the nonce or id was used before is for the
 * caller to know. `each` returns 0 to go on; returns what it returned, MOOT_EIO or MOOT_ENOMEM. */
int moot__post_scan(const char *dir, const char *run, const struct moot_key *const *keys,
                    size_t count, int64_t now_wall,
                    int (*each)(void *arg, const char *id, struct moot_message *m,
                                const struct moot_error *bad),
                    void *arg, struct moot_error *err);

/* Unlinks it, after the commit that holds it or when it was refused. Gone already is no failure. */
int moot__post_remove(const char *dir, const char *id, struct moot_error *err);

#endif
