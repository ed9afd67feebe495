/* A whole run, made by hand with fixed keys, salts and times, so that it is the same to the byte
 * each time: what verification is tried on, and what the frozen vectors hold.
 *
 * The messages, by seq:
 *    0 genesis           7 approval_request     14 msg of writer (last of five)
 *    1 msg of host       8 approval of person   15 verdict of judge
 *    2 open              9 tool_result          16 key: another process takes it up
 *    3 msg of analyst   10 msg of writer        17 msg of analyst
 *    4 model_call       11 msg, redacted        18 amend
 *    5 model_reply      12 msg                  19 redaction
 *    6 tool_call        13 msg                  20 end
 *      (anchor)                                 21 close (anchor) */
#ifndef MOOT_TESTS_PROOF_H
#define MOOT_TESTS_PROOF_H

#include "runtime/anchor.h"
#include "runtime/sign.h"

#define PROOF_RUN "00112233445566778899aabbccddeeff"
#define PROOF_OTHER_RUN "ffeeddccbbaa99887766554433221100"

enum {
    PROOF_TOOL_CALL = 6,
    PROOF_APPROVAL = 8,
    PROOF_BATCH = 10,
    PROOF_REDACTED = 11,
    PROOF_VERDICT = 15,
    PROOF_KEY = 16,
    PROOF_CLOSE = 21,
    PROOF_MESSAGES = 22,
    PROOF_ANCHORS = 2,
    PROOF_LINES = PROOF_MESSAGES + PROOF_ANCHORS,
};

struct proof {
    char run[MOOT_RUN_TEXT];
    struct moot_key *owner, *approver, *stranger;
    struct moot_key *host, *analyst, *writer, *judge; /* of the process in force */
    struct moot_key *old_analyst, *old_host;          /* of the first process, after proof_key */
    struct moot_message *messages[64];
    size_t count;
    size_t committed;
    struct moot_anchor anchors[16];
    size_t anchor_count;
    int64_t ts;
};

void proof_init(struct proof *p, const char *run);
void proof_release(struct proof *p);

/* A new message of (conv, from), not sealed: its count, time and run are set. */
struct moot_message *proof_new(struct proof *p, enum moot_kind kind, const char *conv,
                               const char *from);
/* Names the key, seals with a salt that depends on the place, adds it. `k` NULL: unsigned. */
void proof_add(struct proof *p, struct moot_message *m, const char *body, const struct moot_key *k);
/* Signs (one batch for each key) and links what was added. */
void proof_commit(struct proof *p);
void proof_anchor(struct proof *p, const struct moot_key *k);
/* The body of a genesis or key message with the keys in force; the caller frees it. */
char *proof_keys_body(struct proof *p, const char *more);
/* New keys, as another process would have. */
void proof_new_keys(struct proof *p);
/* The parts of the run above. */
void proof_begin(struct proof *p);  /* 0 to 2 */
void proof_middle(struct proof *p); /* 3 to 15 */
void proof_key(struct proof *p);    /* 16 */
void proof_finish(struct proof *p); /* 17 to 21 */
void proof_make(struct proof *p);   /* all of it */

/* Exported lines, as an attacker may change them. */
struct proof_lines {
    char *line[80];
    size_t count;
};
void proof_export(const struct proof *p, struct proof_lines *out);
void proof_lines_release(struct proof_lines *l);
void proof_lines_remove(struct proof_lines *l, size_t at);
void proof_lines_insert(struct proof_lines *l, size_t at, const char *line);
/* The line of message `seq`, or of the first anchor at or after it with `anchor`. */
size_t proof_line_of(const struct proof_lines *l, int64_t seq, bool anchor);
/* Numbers the messages anew and computes every link again, as whoever has no key can. */
void proof_relink(struct proof_lines *l);
/* Replaces the first `from` in a line by `to`; fails the test if it is not there. */
void proof_replace(struct proof_lines *l, size_t at, const char *from, const char *to);
/* Makes the statement's bh fit the body and salt that the line has. */
void proof_fix_bh(struct proof_lines *l, size_t at);
void proof_write(const struct proof_lines *l, const char *path);
/* The same run as a journal file. */
void proof_journal(const struct proof *p, const char *path);

#endif
