/* What a model is sent: the history of one agent in one conversation, kept as fragments that only
 * grow, and the body of the model_call that says how it was made. */
#ifndef MOOT_REQUEST_H
#define MOOT_REQUEST_H

#include "runtime/effects.h"
#include "runtime/hash.h"
#include "runtime/message.h"
#include "runtime/turns.h"

/* One agent's requests in one conversation: each is its base and what was added. */
struct moot_history {
    struct moot_turn *turns;
    size_t count, size;
    uint32_t last;               /* n of the model_call that it stands for; 0: none */
    uint8_t req[MOOT_HASH_SIZE]; /* hash of that request */
    int64_t tokens;              /* estimate of all texts */
};

void moot__history_release(struct moot_history *h);

/* Finds a message of the conversation by name; NULL: not there. */
typedef const struct moot_message *(*moot_find_message)(void *arg, const char *from, uint32_t n);

/* Extends the history by a MODEL_CALL's adds (from nothing where base is 0) and writes into `body`
 * what the call's message says of it: base, add, form, tools, tool_choice, schema, req.
 * `n` is the call's own count. MOOT_EFOLD: a base or message that is not there. */
int moot__history_extend(struct moot_history *h, const struct moot_think *think, uint32_t n,
                         moot_find_message find, void *arg, struct moot_json *body,
                         struct moot_error *err);

/* What that call takes at least of its model's context, by estimate: the history with all that is
 * declared. */
int64_t moot__request_tokens(const struct moot_history *h, const struct moot_think *think);

/* The hash that `tools` of a model_call's body is. */
void moot__request_tools_hash(const struct moot_tool_view *tools, size_t count,
                              char out[MOOT_HEX_SIZE]);

/* The text of a message's parts, joined; the caller frees it. NULL: out of memory. */
char *moot__parts_text(const struct moot_json *body);

#endif
