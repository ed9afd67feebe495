/* Removing the text of messages for good while the proof stays (docs/security.md), and folding a
 * run of which texts were removed. Not to be confused with redact.h, which keeps secrets out. */
#ifndef MOOT_REDACTION_H
#define MOOT_REDACTION_H

#include "runtime/journal.h"
#include "runtime/map.h"
#include "runtime/sign.h"

struct moot_redaction_wish {
    const int64_t *seqs;
    size_t count;
    const char *why; /* or NULL */
    /* What else holds the text: found by moot__redaction_quotes, removed too or left. */
    const int64_t *quotes;
    size_t quote_count;
    bool with_quotes;
    const struct moot_key *owner;
    const char *state_dir; /* or NULL */
    int64_t ts;
};

/* The other messages that hold the words of these, in order; the caller frees *out. MOOT_ENOTFOUND
 * (one is not there), MOOT_EINVAL (of one no text can be removed, or was already), MOOT_ENOMEM. */
int moot__redaction_quotes(struct moot_journal *j, const int64_t *seqs, size_t count, int64_t **out,
                           size_t *out_count, struct moot_error *err);
/* Whether a message of this kind can lose its text: not what holds the run's keys, crew and end. */
bool moot__redaction_may(enum moot_kind kind);
/* Verifies the journal, which is open for writing, appends the owner's redaction message, destroys
 * the texts. MOOT_EKEY: the run is another owner's. */
int moot__redaction_make(struct moot_journal *j, const struct moot_redaction_wish *wish,
                         struct moot_error *err);

/* What is left of removed texts: outcomes and counts, which no fold can do without. */
struct moot_redactions {
    struct moot_map kept;   /* seq in decimal -> struct moot_json */
    struct moot_map ended;  /* paths of conversations that have ended -> a mark */
    struct moot_map silent; /* of those, the ones that cannot be folded any more */
};

/* Reads the whole journal. MOOT_EFOLD: a text is missing that an open conversation stands on. */
int moot__redactions_read(struct moot_journal *j, struct moot_redactions *out,
                          struct moot_error *err);
/* MOOT_EFOLD: without the texts of these messages too the run could not be gone on with. */
int moot__redactions_bear(struct moot_journal *j, const int64_t *seqs, size_t count,
                          struct moot_error *err);
void moot__redactions_release(struct moot_redactions *r);
/* Puts what was kept in place of a body that was removed. */
int moot__redactions_fill(const struct moot_redactions *r, struct moot_message *m,
                          struct moot_error *err);
/* Whether a conversation, or one above it, is only counted and not stepped. */
bool moot__redactions_silent(const struct moot_redactions *r, const char *conv);

#endif
