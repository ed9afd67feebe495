/* What an agent is to the host: a pure step from one journaled message to effects. It sees no
 * clock, no randomness, no network, no id: everything it learns is in messages, everything it wants
 * done is an effect. The fold of a journal runs the same step on the same messages. (After the pure
 * core of cowsql/raft: raft_step.) */
#ifndef MOOT_AGENT_H
#define MOOT_AGENT_H

#include "moot/message.h"

#include <stdbool.h>

struct moot_effects;

/* Where an agent sits: one state for each conversation it takes part in. Texts live as long as the
 * state. */
struct moot_seat {
    size_t size;       /* sizeof(struct moot_seat) */
    const char *agent; /* its id */
    const char *conv;  /* the conversation's path */
};

/* A kind of agent. `persona` is const and shared by all its conversations. Functions return 0 or a
 * negative MOOT_E*: then the host ends the conversation as failed; a wrong message is no error but
 * something to ignore or to answer. */
struct moot_agent_ops {
    const char *name;
    uint32_t version; /* raised when its decisions change */
    int (*init)(const void *persona, const struct moot_seat *seat, void **self);
    int (*step)(void *self, const struct moot_message *m, struct moot_effects *fx);
    /* Feeds all that its later decisions depend on to `add`, in a fixed order. */
    void (*digest)(const void *self, void (*add)(void *arg, const void *data, size_t len),
                   void *arg);
    void (*release)(void *self);
};

#endif
