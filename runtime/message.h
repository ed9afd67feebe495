/* A message and its statement (signing.md in words: docs/security.md): building, canonical bytes,
 * id, the wire form, and reading all of it back from hostile bytes. */
#ifndef MOOT_RUNTIME_MESSAGE_H
#define MOOT_RUNTIME_MESSAGE_H

#include "moot/message.h"
#include "runtime/buf.h"
#include "runtime/hash.h"
#include "runtime/json.h"

enum {
    MOOT_SALT_SIZE = 16,
    MOOT_SIG_SIZE = 64,
    MOOT_NONCE_SIZE = 12,
    MOOT_KID_TEXT = 27,   /* 16 bytes in base32 without padding, and NUL */
    MOOT_RUN_TEXT = 33,   /* 128 bits in hex, and NUL */
    MOOT_MAX_NAME = 1024, /* from, to, item, task, a label */
    MOOT_MAX_SET = 4096,  /* members of `to` or `prov` */
    MOOT_MAX_STATEMENT = 1024 * 1024,
    MOOT_MAX_MERKLE = 32, /* hashes of a path */
};

/* `from` of what the host itself notes or does. */
#define MOOT_HOST "host"
#define MOOT_PERSON "person" /* whoever may, where a crew names no people */

/* Where an id stands in the Merkle tree whose root was signed (RFC 6962's tree with BLAKE2b-256).
 */
struct moot_merkle_path {
    uint32_t i;
    uint32_t of; /* 0: no path, the signature is over the statement itself */
    uint8_t (*h)[MOOT_HASH_SIZE];
    uint32_t h_count;
};

/* Counted by its holders; unchanged once sealed, but for the chain's part, which the writer puts
 * on. Owns everything it points to. */
struct moot_message {
    uint32_t refs;

    /* the statement */
    enum moot_kind kind;
    char *run; /* 32 hex digits */
    char *conv;
    char *from;
    uint32_t n;  /* for a statement with a nonce: its count, filled in by the writer */
    char *nonce; /* 24 hex digits, or NULL */
    int64_t exp; /* ms, with nonce only */
    char *kid;   /* the author's key, or NULL */
    char **to;   /* sorted, without duplicates */
    size_t to_count;
    char *item; /* or NULL */
    char *task; /* or NULL */
    bool has_re;
    uint8_t re[MOOT_HASH_SIZE];
    int64_t ts;  /* ms, wall time */
    char **prov; /* sorted labels */
    size_t prov_count;
    uint8_t caps[MOOT_HASH_SIZE];
    uint8_t bh[MOOT_HASH_SIZE];

    /* what `re` answers, by name; filled in by whoever knows the run (not part of the statement) */
    char *re_from;
    uint32_t re_n;

    /* the body: NULL when redacted */
    struct moot_json *body;
    struct moot_text *body_bytes; /* canonical */
    uint8_t salt[MOOT_SALT_SIZE];

    /* sealed */
    struct moot_text *statement; /* canonical bytes */
    uint8_t id[MOOT_HASH_SIZE];

    /* signature, where it carries one */
    bool has_sig;
    uint8_t sig[MOOT_SIG_SIZE];
    struct moot_merkle_path path;

    /* the chain */
    int64_t seq; /* -1 until the writer gives it */
    uint8_t link[MOOT_HASH_SIZE];
};

/* An empty message with one reference, seq -1. NULL: out of memory. */
struct moot_message *moot__message_new(enum moot_kind kind);
struct moot_message *moot__message_ref(struct moot_message *m);
void moot__message_unref(struct moot_message *m);

/* Setters copy. Return 0 or MOOT_ENOMEM. `text` NULL removes. */
int moot__message_set(char **field, const char *text);
/* Adds to a sorted set of strings (to, prov); a duplicate is left out. */
int moot__message_add(char ***set, size_t *count, const char *text);

/* Takes the body over (also on failure), which is an object no deeper than MOOT_MAX_DEPTH - 1 (an
 * exported line holds it one level down), makes its canonical bytes, its hash with `salt`, the
 * statement's canonical bytes and the id. After this the statement does not change. */
int moot__message_seal(struct moot_message *m, struct moot_json *body,
                       const uint8_t salt[MOOT_SALT_SIZE], struct moot_error *err);

/* Reads a statement's bytes, refusing what is not exactly its own canonical form, unknown fields,
 * wrong types. The body is put in afterwards by moot__message_put_body. The caller holds one
 * reference to *out. MOOT_EMALFORMED. */
int moot__message_parse(const char *statement, size_t len, struct moot_message **out,
                        struct moot_error *err);
/* The same of a statement that was read already: unknown fields and wrong types are refused, but
 * whether its bytes were canonical is for the caller to compare with (*out)->statement. */
int moot__message_from_json(const struct moot_json *statement, struct moot_message **out,
                            struct moot_error *err);
/* Puts body bytes and salt beside a parsed statement; checks them against bh (MOOT_ECHAIN if they
 * are not what the statement names, MOOT_EMALFORMED if they are not canonical). */
int moot__message_put_body(struct moot_message *m, const char *body, size_t len,
                           const uint8_t salt[MOOT_SALT_SIZE], struct moot_error *err);

/* The link of a message: BLAKE2b-256("folkmoot link v1" || before || id || BLAKE2b-256(sig ||
 * JCS(path))). */
void moot__message_link(const struct moot_message *m, const uint8_t before[MOOT_HASH_SIZE],
                        uint8_t out[MOOT_HASH_SIZE]);

/* The path's canonical bytes, {"h":[…],"i":…,"of":…}; nothing where there is none. */
int moot__merkle_path_write(const struct moot_merkle_path *path, struct moot_buf *out);
/* Reads them. On failure the path is empty. MOOT_EMALFORMED, MOOT_ENOMEM. */
int moot__merkle_path_parse(const char *text, size_t len, struct moot_merkle_path *out,
                            struct moot_error *err);

/* One exported line, without the newline: {seq, link, statement, sig, path, salt, body}, what is
 * absent left out (seq and link of a message that no writer has taken, sig and path of an unsigned
 * one, salt and body of a redacted one). */
int moot__message_export(const struct moot_message *m, struct moot_buf *out);
/* Reads such a line, refusing what is not exactly what moot__message_export would write. The body
 * is checked against bh if it is there. MOOT_EMALFORMED, MOOT_ECHAIN, MOOT_ETOOBIG. */
int moot__message_import(const char *line, size_t len, struct moot_message **out,
                         struct moot_error *err);

/* The kind of a word, or MOOT_KIND_COUNT. */
enum moot_kind moot__kind_parse(const char *text);
/* Whether a statement of this kind must carry its author's signature (signing.md, "Who signs"). */
bool moot__kind_signed(enum moot_kind kind, const char *from);

#endif
