/* What all managers of a conversation do (roles/said.h has the messages): say the opening, give the
 * floor, hear what is said, look whether that ends it, nudge where nothing moves, count, end. A
 * manager role only chooses who is next. */
#ifndef MOOT_TALK_H
#define MOOT_TALK_H

#include "agents/role.h"
#include "roles/progress.h"
#include "roles/termination.h"

struct moot_talk_ops;

/* The first member of a manager's own state. */
struct moot_talk {
    struct moot_sm sm;
    char **members; /* agents, in the order of the `open`; owned */
    size_t count;
    struct moot_json *scope; /* what templates and expressions see */
    int64_t seed;
    bool pair;          /* two take turns: an opening is the first words of who would have begun */
    int64_t most;       /* a task's chat: turns after which it ends as it should; 0: none */
    int64_t turns;      /* given so far */
    size_t floor;       /* who has it, or spoke last; count: nobody yet */
    size_t given_by;    /* who had it before; count: nobody */
    uint32_t opening_n; /* count of the opening; 0: there is none */
    uint32_t turn_n;    /* count of the turn that is out */
    char *wanted;       /* a person asked for that member's turn, or NULL */
    bool cut_off;       /* by a person: the turn that is out may fail, and the talk goes on */
    char *nudge;        /* what the next speaker is told, or NULL */
    char *ending;       /* the condition that was met, while a person may still go on; or NULL */
    char *answer;       /* the newest words of a member that is no user proxy, or NULL */
    char *last;         /* the newest words of anybody, or NULL */
    struct moot_termination termination;
    struct moot_progress progress;
    struct moot_json *pending;       /* the end's body while its summary is made; or NULL */
    void *self;                      /* the manager's state, and */
    const struct moot_talk_ops *ops; /* … what it adds; set by the first message */
};

/* What a manager role adds. */
struct moot_talk_ops {
    /* Chooses who is next: calls moot__talk_give, moot__talk_end, or begins a turn with its model
     * and does so in its `thought`. `said` is NULL before the first turn. */
    int (*next)(void *self, struct moot_me *me, const struct moot_said *said);
    /* Begins a turn of its model for a summary, where the crew wants one; the `thought` goes to
     * moot__talk_summed. NULL: this manager makes none. */
    int (*sum)(void *self, struct moot_me *me);
};

int moot__talk_init(struct moot_me *me, struct moot_talk *t);
void moot__talk_release(struct moot_talk *t);
void moot__talk_digest(const struct moot_talk *t, const struct moot_digest *d);

/* Takes whatever comes; calls ops->next. */
int moot__talk_receive(void *self, struct moot_me *me, struct moot_talk *t,
                       const struct moot_talk_ops *ops, const struct moot_message *m);

/* Gives the floor to a member; `why` in words. */
int moot__talk_give(struct moot_me *me, struct moot_talk *t, size_t member, const char *why);
/* Who begins: `start`, else the user proxy, else the first. */
size_t moot__talk_start(const struct moot_me *me, const struct moot_talk *t);
/* The member of that id; count: none. */
size_t moot__talk_member(const struct moot_talk *t, const char *id);
/* Ends the conversation: stop is "finished", "terminated", "limit", "no_progress", "stopped",
 * "failed"; `result` NULL: the newest answer. */
int moot__talk_end(struct moot_me *me, struct moot_talk *t, const char *stop, const char *detail,
                   const char *result);

/* The summary is there, or NULL: none could be made. The conversation ends now. */
int moot__talk_summed(struct moot_me *me, struct moot_talk *t, const char *summary);

#endif
