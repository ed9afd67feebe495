/* A crew in which a person has a seat. */
#ifndef MOOT_CHAT_H
#define MOOT_CHAT_H

#include "runtime/json.h"

/* Lays over a resolved crew that a person speaks for the agent `as`; NULL: for its user proxy, and
 * where it has none for one more agent, `you`. `chat` in the crew says so then. MOOT_EUSAGE: it has
 * no such agent, or its process is no conversation. */
int moot__chat_seat(struct moot_json *crew, const char *as, struct moot_error *err);

#endif
