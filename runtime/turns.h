/* One entry of a model's history as every provider sends it. */
#ifndef MOOT_TURNS_H
#define MOOT_TURNS_H

#include "runtime/buf.h"

enum moot_turn_role { MOOT_SYSTEM, MOOT_USER, MOOT_ASSISTANT, MOOT_TOOL };

enum { MOOT_TURN_TOKENS = 4 }; /* what a turn or a tool takes besides its text */

/* Texts are shared and already JSON-escaped: string literals with their quotes, ready to be sent.
 */
struct moot_turn {
    enum moot_turn_role role;
    struct moot_text *content;      /* a JSON string literal, or NULL */
    struct moot_text *tool_calls;   /* assistant: JSON array [{id,name,arguments:"…"}], or NULL */
    struct moot_text *tool_call_id; /* tool: a JSON string literal */
};

#endif
