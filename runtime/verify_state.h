/* What a verifier knows while it goes along; for verify*.c only. */
#ifndef MOOT_VERIFY_STATE_H
#define MOOT_VERIFY_STATE_H

#include "runtime/map.h"
#include "runtime/sign.h"
#include "runtime/verify.h"

struct moot_verifier {
    const struct moot_verify_options *options;
    struct moot_verify_result *result;
    struct moot_message *at; /* being looked at: borrowed */

    int64_t seq; /* of the newest message, -1: none */
    uint8_t link[MOOT_HASH_SIZE];
    char run[MOOT_RUN_TEXT];
    int64_t anchored;
    int64_t closed; /* seq of the close, -1: none */
    int64_t ts;     /* newest wall time the host wrote */

    struct moot_key *owner;
    struct moot_key *host;     /* of the process in force */
    struct moot_map keys;      /* name -> struct moot_key: agents of that process */
    struct moot_map old;       /* kid -> a mark: keys of earlier processes */
    struct moot_map people;    /* id -> kid, owned */
    struct moot_map approvers; /* kid -> struct moot_key */

    struct moot_map counts;  /* conv, newline, from -> how many, as an integer in the pointer */
    struct moot_map ids;     /* hex -> seq + 1, as an integer in the pointer */
    struct moot_map nonces;  /* hex -> a mark */
    struct moot_map missing; /* seq in decimal -> a mark: bodies that are not here */
    struct moot_map removed; /* seq in decimal -> a mark: bodies that a redaction names */
    struct moot_map ballots; /* conv, newline, from -> its body; `null` where that was redacted */
    int64_t seed;            /* of the run */

    bool has_head;
    int64_t head_seq;
    uint8_t head_link[MOOT_HASH_SIZE];
};

/* Takes the fault down, with the message at hand, and returns its code. */
int moot__verifier_fail(struct moot_verifier *v, const char *fault, int status, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));
int moot__verifier_no_memory(struct moot_verifier *v);

/* The keys that a genesis or key message brings. */
int moot__verifier_take_keys(struct moot_verifier *v, const struct moot_message *m);
/* Whether the right key signed, if one must (signing.md, "Who signs"). */
int moot__verifier_author(struct moot_verifier *v, const struct moot_message *m);
/* A ballot is kept until the decision it belongs to is counted again. */
int moot__verifier_take_ballot(struct moot_verifier *v, const struct moot_message *m);
int moot__verifier_count_votes(struct moot_verifier *v, const struct moot_message *m);
void moot__verifier_free_ballots(struct moot_verifier *v);
/* The key by which an anchor may be signed here, or NULL. */
const struct moot_key *moot__verifier_anchor_key(const struct moot_verifier *v, const char *kid);

#endif
