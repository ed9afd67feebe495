/* Everything `moot verify` checks: form, chain, names, keys, signatures, anchors, the end, and the
 * head kept outside (docs/security.md). The first fault ends the check. */
#ifndef MOOT_VERIFY_H
#define MOOT_VERIFY_H

#include "runtime/journal.h"

struct moot_verify_options {
    const char *owner;     /* kid the owner's key must have; NULL: any, the result says which */
    const char *state_dir; /* where the newest links are kept; NULL: not compared */
    bool strict;           /* unwitnessed messages and unsandboxed tools are faults too */
};

struct moot_verify_result {
    int status; /* MOOT_OK, or the code of the first fault: ESIGNATURE, ECHAIN, EINCOMPLETE, EKEY,
                   EMALFORMED, or what kept us from checking: EIO, ENOMEM, ENOTFOUND, ETOOBIG, … */
    const char *fault;       /* its kind in a word: "form" "seq" "link" "body" "name" "run" "order"
                                "nonce" "exp" "re" "key" "signature" "anchor" "redaction" "head"
                                "votes" "owner" "end" "strict" "file"; "" when all is well */
    int64_t seq;             /* the message (or line's message) it was found at; -1: none */
    char name[600];          /* its name, "analyst 3 in 1/email#2"; "" if it could not be read */
    struct moot_error error; /* the whole sentence */

    char run[MOOT_RUN_TEXT]; /* the run at the end (a fork's own) */
    char owner[MOOT_KID_TEXT];
    int64_t messages;
    int64_t signatures; /* messages whose signature was checked */
    int64_t keys;       /* certified keys */
    int64_t anchors;
    int64_t decisions;        /* that were counted again from their ballots */
    int64_t ballots;          /* of these */
    int64_t redacted;         /* bodies that were removed */
    int64_t resumes;          /* times another process took the run up */
    int64_t forks;            /* times it went on as a new run */
    char from[MOOT_RUN_TEXT]; /* the run it was forked from or replays; "": none, or a file */
    int64_t from_seq;         /* its newest message that was used */
    bool replayed;            /* its replies are a recording's */
    int64_t
        unwitnessed; /* messages after the last anchor of a process that is gone, or at the end */
    int64_t amended;
    int64_t
        unsandboxed; /* tools and agents with `sandbox: none`: nothing here proves against them */
    bool closed;
    bool head_compared; /* this machine had kept a newest link of this run */
};

/* Checks a journal file or an exported one. Returns result->status. The file must not be open for
 * writing in this process (then: moot__verify_journal). */
int moot__verify_file(const char *path, const struct moot_verify_options *options,
                      struct moot_verify_result *result);
/* The same of a journal at hand. */
int moot__verify_journal(struct moot_journal *j, const struct moot_verify_options *options,
                         struct moot_verify_result *result);
/* What a command exits with: 0, 3 signature, 4 chain, 5 incomplete, 6 key, 7 malformed, 2 no such
 * file, 11 input/output, 1 else. */
int moot__verify_exit(int status);

/* Message by message, as they come: for following a run, or folding it at the same time. */
struct moot_verifier;
/* Options and result are kept and must outlive it. NULL: out of memory. */
struct moot_verifier *moot__verifier_new(const struct moot_verify_options *options,
                                         struct moot_verify_result *result);
void moot__verifier_free(struct moot_verifier *v);
/* The message next in the chain, its body put in. Sets m->n of a statement with a nonce. After a
 * fault each call returns the same. */
int moot__verifier_message(struct moot_verifier *v, struct moot_message *m);
/* The anchor over the message last given. */
int moot__verifier_anchor(struct moot_verifier *v, const struct moot_anchor *a);
/* That was all. `copy`: an export, which may be older than the newest link without being a fault
 * of its chain (then it is incomplete). */
int moot__verifier_end(struct moot_verifier *v, bool copy);
/* Takes down a fault found by whoever reads for the verifier. Returns `status`. */
int moot__verifier_fault(struct moot_verifier *v, const char *fault, int status,
                         const struct moot_error *error);

#endif
