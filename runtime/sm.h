/* A checked state machine: a table says which state may follow which; an illegal move is a
 * programmer error. (After dqlite's lib/sm.h.) */
#ifndef MOOT_SM_H
#define MOOT_SM_H

#include "runtime/status.h"

#include <stdbool.h>

enum {
    MOOT_SM_INITIAL = 1,
    MOOT_SM_FINAL = 2,
};

/* One row; its place in the table is the state's number, so there are at most 32. */
struct moot_sm_state {
    const char *name;
    unsigned flags;
    uint32_t next; /* bit 1 << S for each state S that may follow */
};

struct moot_sm {
    const char *name; /* of the machine, for messages */
    const struct moot_sm_state *table;
    unsigned count;
    unsigned at;
};

/* `at` must be an initial state. The table is const and lives on. */
void moot__sm_init(struct moot_sm *sm, const char *name, const struct moot_sm_state *table,
                   size_t count, unsigned at);
bool moot__sm_may(const struct moot_sm *sm, unsigned to);
/* Aborts, naming both states, if the table does not allow it. */
void moot__sm_move(struct moot_sm *sm, unsigned to);
bool moot__sm_final(const struct moot_sm *sm);
const char *moot__sm_text(const struct moot_sm *sm);

#endif
