/* The message: the one thing that happens in a run. Read-only; what an agent's step is given.
 *
 * Texts belong to the message and live as long as it does. No function here fails; those that
 * return text return NULL where the message has none, unless they say otherwise. Nothing here tells
 * the time, an id or a key: an agent that could see them would not be deterministic. */
#ifndef MOOT_MESSAGE_H
#define MOOT_MESSAGE_H

#include "moot/moot.h"

#include <stddef.h>
#include <stdint.h>

#define MOOT_KIND_LIST(X)                                                                          \
    X(GENESIS, "genesis")                                                                          \
    X(CLOSE, "close")                                                                              \
    X(OPEN, "open")                                                                                \
    X(END, "end")                                                                                  \
    X(AMEND, "amend")                                                                              \
    X(REDACTION, "redaction")                                                                      \
    X(KEY, "key")                                                                                  \
    X(ERROR, "error")                                                                              \
    X(TIMER, "timer")                                                                              \
    X(MSG, "msg")                                                                                  \
    X(TURN, "turn")                                                                                \
    X(DELEGATE, "delegate")                                                                        \
    X(TRANSITION, "transition")                                                                    \
    X(MODEL_CALL, "model_call")                                                                    \
    X(MODEL_REPLY, "model_reply")                                                                  \
    X(TOOL_CALL, "tool_call")                                                                      \
    X(TOOL_RESULT, "tool_result")                                                                  \
    X(QUESTION, "question")                                                                        \
    X(ANSWER, "answer")                                                                            \
    X(APPROVAL_REQUEST, "approval_request")                                                        \
    X(APPROVAL, "approval")                                                                        \
    X(VERDICT, "verdict")                                                                          \
    X(BALLOT, "ballot")                                                                            \
    X(DECISION, "decision")                                                                        \
    X(SUMMARY, "summary")

enum moot_kind {
#define MOOT_KIND_ENUM(name, text) MOOT_##name,
    MOOT_KIND_LIST(MOOT_KIND_ENUM)
#undef MOOT_KIND_ENUM
        MOOT_KIND_COUNT
};

struct moot_message;
struct moot_json;

/* The kind's word as it stands in a statement. */
MOOT_API const char *moot_kind_text(enum moot_kind kind);

MOOT_API enum moot_kind moot_message_kind(const struct moot_message *m);
/* The conversation's path; "" for the run's own messages. Never NULL. */
MOOT_API const char *moot_message_conv(const struct moot_message *m);
/* The author. Never NULL. */
MOOT_API const char *moot_message_from(const struct moot_message *m);
/* The author's count in that conversation, from 1. (conv, from, n) is the message's name. */
MOOT_API uint32_t moot_message_n(const struct moot_message *m);
MOOT_API size_t moot_message_to_count(const struct moot_message *m);
MOOT_API const char *moot_message_to(const struct moot_message *m, size_t i);
MOOT_API const char *moot_message_item(const struct moot_message *m);
MOOT_API const char *moot_message_task(const struct moot_message *m);
/* The message it answers, by author and count in the same conversation; n is 0 where it answers
 * none. */
MOOT_API const char *moot_message_re_from(const struct moot_message *m);
MOOT_API uint32_t moot_message_re_n(const struct moot_message *m);
/* The body's canonical bytes, NUL-terminated, or NULL when it was redacted. */
MOOT_API const char *moot_message_body(const struct moot_message *m, size_t *len);
/* The body as a tree; NULL when it was redacted. (runtime/json.h reads it.) */
MOOT_API const struct moot_json *moot_message_json(const struct moot_message *m);

#endif
