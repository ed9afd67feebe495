/* A turn whose request is more than its view may show or its model holds: between agents/turn.c,
 * which makes the calls, and agents/compact.h, which says what is left out. */
#ifndef MOOT_TURN_COMPACT_H
#define MOOT_TURN_COMPACT_H

#include "agents/turn.h"

enum {
    MOOT_TURN_IDLE,
    MOOT_TURN_THINK,
    MOOT_TURN_TOOL,
    MOOT_TURN_COMPACT, /* a range of the history is told in short */
    MOOT_TURN_REPLY,
    MOOT_TURN_FAILED,
    MOOT_TURN_CANCELLED,
    MOOT_TURN_STATES,
};

/* The endpoint refused the call for its length. */
int moot__turn_too_long(struct moot_me *me, const char *detail, bool *ended,
                        struct moot_thought *end);
/* The range was told in short. */
int moot__turn_on_summary(struct moot_me *me, const struct moot_message *m, bool *ended,
                          struct moot_thought *end);

/* Of turn.c: the same call with the whole view, made smaller where it is settled. */
int moot__turn_ask_anew(struct moot_me *me);
int moot__turn_end_failed(struct moot_me *me, const char *status, const char *detail,
                          struct moot_thought *end);
void moot__turn_add_usage(struct moot_turn_state *t, const struct moot_json *body);
const char *moot__turn_model(const struct moot_turn_state *t);

#endif
