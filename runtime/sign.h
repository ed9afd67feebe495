/* Ed25519 keys, certificates, Merkle batches, signatures and their checks (libsodium). */
#ifndef MOOT_SIGN_H
#define MOOT_SIGN_H

#include "runtime/message.h"

/* A key pair in locked memory, or (secret absent) a public key. Opaque. */
struct moot_key;

/* Sets libsodium up. Whatever here needs it does so too; any number of times. MOOT_EIO. */
int moot__sign_prepare(void);

/* Fresh key from 32 bytes of seed, which the caller draws (and wipes). NULL: out of memory. */
struct moot_key *moot__key_from_seed(const uint8_t seed[32]);
/* A public key; refuses low-order points (MOOT_EKEY). */
int moot__key_public(const uint8_t public_key[32], struct moot_key **out, struct moot_error *err);
void moot__key_free(struct moot_key *k);                  /* wipes it; NULL is allowed */
const uint8_t *moot__key_bytes(const struct moot_key *k); /* 32 public bytes */
/* Key id: first 16 bytes of BLAKE2b-256("kid-v1" || pk) in base32, lower case, no padding. */
const char *moot__key_kid(const struct moot_key *k);

/* The owner's key from DIR/owner.key (made, 0600, if it is not there and `make` is true; `made`
 * says so). DIR is made 0700. Symlinks, foreign owners, group or other bits are refused
 * (MOOT_EKEY). A key may also come from the descriptor named by MOOT_KEY_FD. */
int moot__key_owner(const char *dir, bool make, bool *made, struct moot_key **out,
                    struct moot_error *err);
/* The same of another person, from DIR/ID.key; never from a descriptor. MOOT_EINVAL: no such id can
 * be. */
int moot__key_person(const char *dir, const char *id, bool make, bool *made, struct moot_key **out,
                     struct moot_error *err);
/* $XDG_CONFIG_HOME/folkmoot/keys or ~/.config/folkmoot/keys; $XDG_STATE_HOME/folkmoot or
 * ~/.local/state/folkmoot; $XDG_CACHE_HOME/folkmoot or ~/.cache/folkmoot. The caller frees the
 * string. */
char *moot__dir_keys(void);
char *moot__dir_config(void);
char *moot__dir_cache(void);
char *moot__dir_state(void);

/* DSSE pre-authentication encoding types. */
#define MOOT_PAE_MESSAGE "application/vnd.folkmoot.message.v1+json"
#define MOOT_PAE_ROOT "application/vnd.folkmoot.root.v1"
#define MOOT_PAE_ANCHOR "application/vnd.folkmoot.anchor.v1+json"
#define MOOT_PAE_CERT "application/vnd.folkmoot.cert.v1+json"

int moot__sign(const struct moot_key *k, const char *type, const void *data, size_t len,
               uint8_t sig[MOOT_SIG_SIZE]);
bool moot__verify(const struct moot_key *k, const char *type, const void *data, size_t len,
                  const uint8_t sig[MOOT_SIG_SIZE]);

/* Signs what one author uttered in one commit: one signature over the statement, or, from four
 * statements on, one over the Merkle root of their ids with a path for each. */
int moot__sign_batch(const struct moot_key *k, struct moot_message **messages, size_t count,
                     struct moot_error *err);
/* Checks the signature (and path) a message carries. MOOT_ESIGNATURE. */
int moot__sign_check(const struct moot_key *k, const struct moot_message *m,
                     struct moot_error *err);

/* A certificate: the owner says that `subject` may sign as `name` in `run`.
 * {name, key (hex), run, sig (hex)}; a new value that the caller frees, NULL on failure. */
struct moot_json *moot__cert_make(const struct moot_key *owner, const char *run, const char *name,
                                  const struct moot_key *subject);
int moot__cert_check(const struct moot_key *owner, const char *run, const struct moot_json *cert,
                     struct moot_key **out, struct moot_error *err);

/* The newest (seq, link) of each run, kept outside the project: DIR/heads/RUN. Return 0,
 * MOOT_ENOTFOUND, MOOT_EIO. */
int moot__head_store(const char *state_dir, const char *run, int64_t seq,
                     const uint8_t link[MOOT_HASH_SIZE], struct moot_error *err);
int moot__head_load(const char *state_dir, const char *run, int64_t *seq,
                    uint8_t link[MOOT_HASH_SIZE], struct moot_error *err);

#endif
