/* Runs the code blocks of a message, one after another, by the tool `run_code`; stops at the first
 * that fails, and says how each ended. */
#ifndef MOOT_BLOCKS_H
#define MOOT_BLOCKS_H

#include "agents/fence.h"
#include "agents/role.h"

struct moot_blocks {
    char *text; /* the message; NULL: nothing to run */
    struct moot_fences fences;
    size_t next;     /* the block after the one that runs */
    uint32_t call_n; /* of the one that runs; 0: none does */
    struct moot_buf report;
};

void moot__blocks_init(struct moot_blocks *b);
void moot__blocks_release(struct moot_blocks *b);
void moot__blocks_digest(const struct moot_blocks *b, const struct moot_digest *d);

/* Keeps a message's blocks if any of them can be run, instead of an older message's. */
int moot__blocks_note(struct moot_blocks *b, const struct moot_message *m);
bool moot__blocks_any(const struct moot_blocks *b);
/* Calls run_code for the first one. */
int moot__blocks_begin(struct moot_me *me, struct moot_blocks *b);
/* Takes the result that is waited for; *ended: all have run, or one failed, and `report` says what
 * came of it, until the next note. */
int moot__blocks_receive(struct moot_me *me, struct moot_blocks *b, const struct moot_message *m,
                         bool *ended);

#endif
