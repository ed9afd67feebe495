/* The journal file of one run: an append-only table of messages, bodies with their salts, anchors
 * (SQLite, WAL). One process writes it; others read in short transactions.
 *
 * Order of use: moot__journal_append for each message of a loop turn, moot__journal_anchor where
 * due, moot__journal_commit. Only the loop's thread. */
#ifndef MOOT_JOURNAL_H
#define MOOT_JOURNAL_H

#include "runtime/message.h"

enum { MOOT_JOURNAL_FORMAT = 1 }; /* user_version of the file */

struct moot_journal;

struct moot_anchor {
    char run[33];
    int64_t seq;
    uint8_t link[MOOT_HASH_SIZE];
    char kid[MOOT_KID_TEXT];
    uint8_t sig[MOOT_SIG_SIZE];
};

enum moot_journal_mode {
    MOOT_JOURNAL_READ,   /* no lock */
    MOOT_JOURNAL_WRITE,  /* must be there; takes the lock */
    MOOT_JOURNAL_CREATE, /* must not be there; makes the folders (.moot 0700 with a .gitignore) */
};

/* `vfs`: SQLite VFS name, NULL for the system's; with another one there is no lock and nothing but
 * the database is made. MOOT_EUNSUPPORTED: on a network file system. MOOT_EEXIST. MOOT_EBUSY:
 * another process writes it (the message names its pid). MOOT_EVERSION: of a newer format.
 * MOOT_ENOTFOUND, MOOT_EIO, MOOT_EMALFORMED. */
int moot__journal_open(const char *path, enum moot_journal_mode mode, const char *vfs,
                       struct moot_journal **out, struct moot_error *err);
/* Whether the file begins as a journal does (else it may be an export). False if it cannot be read.
 */
bool moot__journal_is_file(const char *path);
/* Rolls back what was not committed, checkpoints (a writer), gives up the lock. NULL is allowed. */
void moot__journal_close(struct moot_journal *j);

/* Gives the message its seq and link and writes its row and body into the open transaction. Its
 * signature must be on it. */
int moot__journal_append(struct moot_journal *j, struct moot_message *m, struct moot_error *err);
/* A row beside the messages, over the newest link (else MOOT_EINVAL); one is enough for a link. */
int moot__journal_anchor(struct moot_journal *j, const struct moot_anchor *a,
                         struct moot_error *err);
/* Commits; `full` syncs to the disk (before an irreversible effect). `done` is called once, before
 * this returns today and perhaps from the loop later. NULL: nobody waits. */
int moot__journal_commit(struct moot_journal *j, bool full, void (*done)(void *arg, int status),
                         void *arg, struct moot_error *err);

/* The newest seq (-1: empty) and link (zero bytes: empty), committed or not. */
int64_t moot__journal_seq(const struct moot_journal *j);
const uint8_t *moot__journal_link(const struct moot_journal *j);
/* seq of the newest anchor, -1: none. */
int64_t moot__journal_anchored(const struct moot_journal *j);
const char *moot__journal_path(const struct moot_journal *j);

/* Destroys the bodies and salts of these messages for good. The redaction message that names them
 * has been appended; this commits it with them, then clears log and file of what they held.
 * MOOT_EINVAL: one is not there. */
int moot__journal_redact(struct moot_journal *j, const int64_t *seqs, size_t count,
                         struct moot_error *err);

/* Whether all messages have their bodies. True also where that cannot be read: reading says why. */
bool moot__journal_whole(struct moot_journal *j);

/* Calls `each` for the messages from `seq` on, in order, parsed, bodies put in (NULL where
 * redacted); the link is as stored, not checked. `each` returns 0 to go on. A message is valid
 * during the call unless it is ref'ed. Returns what `each` returned, or a MOOT_E*. */
int moot__journal_each(struct moot_journal *j, int64_t seq,
                       int (*each)(void *arg, struct moot_message *m), void *arg,
                       struct moot_error *err);
int moot__journal_each_anchor(struct moot_journal *j,
                              int (*each)(void *arg, const struct moot_anchor *a), void *arg,
                              struct moot_error *err);

#endif
