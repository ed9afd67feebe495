/* What a manager tells its model of a conversation, and asks it: shared by those that decide by
 * one.
 */
#ifndef MOOT_CHOOSING_H
#define MOOT_CHOOSING_H

#include "roles/talk.h"

/* A message that was said and is not yet in the model's history. */
struct moot_overheard {
    char *from;
    uint32_t n;
    char *did; /* what it did in its turn, in words, instead of a message; or NULL */
};

struct moot_choosing {
    struct moot_overheard *heard;
    size_t count, size;
    bool begun; /* the model knows what it is for */
};

void moot__choosing_init(struct moot_choosing *c);
void moot__choosing_release(struct moot_choosing *c);
void moot__choosing_digest(const struct moot_choosing *c, const struct moot_digest *d);

/* Takes note of what is said in the conversation; anything else is left alone. */
int moot__choosing_hear(struct moot_me *me, struct moot_choosing *c, const struct moot_message *m);
/* Begins a turn of the manager's model: the first time with who it is (the crew's `manager.prompt`,
 * or its agent's system message, else `role`), the goal and the members; then what was said since,
 * and `question`. `schema` is JSON Schema text that outlives the run, or NULL. */
int moot__choosing_ask(struct moot_me *me, struct moot_choosing *c, const struct moot_talk *t,
                       const char *role, const char *question, const char *schema);

/* Says it to all members. */
int moot__choosing_say(struct moot_me *me, const char *text);

/* "- planner: Planner" and so on, a line each; `only` NULL: all members. */
int moot__choosing_members(const struct moot_me *me, const struct moot_talk *t, const bool *only,
                           struct moot_buf *out);

#endif
