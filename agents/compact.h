/* What is done when a request is more than a model holds: entries of the history are left out or
 * told again in short, by the agent's `compaction`; then a tool's result that is too long for any
 * history gives way to a note. Which, and how often, is decided here; agents/turn.c does it. */
#ifndef MOOT_COMPACT_H
#define MOOT_COMPACT_H

#include "agents/view.h"

struct moot_me;

enum { MOOT_COMPACT_TIMES = 4 }; /* in one turn */

/* What is to be done. */
enum moot_compact_way {
    MOOT_COMPACT_NOTHING,   /* nothing can be left out */
    MOOT_COMPACT_DROP,      /* the range is left out */
    MOOT_COMPACT_SUMMARISE, /* … and told in short instead */
    MOOT_COMPACT_OMIT,      /* a tool's result is: entry `from` */
};

struct moot_compact {
    enum moot_compact_way way;
    size_t from, to;
};

/* `room`: tokens that the history may have; negative: it is not known, but was too much. `times`:
 * how often it was done already in this turn. */
struct moot_compact moot__compact_plan(const struct moot_view *v,
                                       const struct moot_compaction_def *def, int64_t room,
                                       int times);

/* Tokens left for the history of a request with these tools and schema; negative: the model's size
 * is not known. */
int64_t moot__compact_room(const struct moot_model_def *model, const struct moot_think *think);

/* What a model is told when it is to tell a range in short, before it and after it. */
extern const char moot__compact_system[];
extern const char moot__compact_question[];
/* What stands before the summary. */
extern const char moot__compact_before[];

#endif
