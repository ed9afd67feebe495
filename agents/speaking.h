/* An agent's part in a conversation that has a manager (roles/said.h says by which messages it
 * goes): what it heard and has not yet told its model, the floor, and what it says. */
#ifndef MOOT_SPEAKING_H
#define MOOT_SPEAKING_H

#include "agents/role.h"

/* A message that was heard, or said without the model, and is not yet in the model's history. */
struct moot_heard {
    char *from;
    char *did; /* what it did in its turn, in words, instead of a message; or NULL */
    uint32_t n;
    enum moot_add_role role;
    bool named;
};

struct moot_speaking {
    char *manager; /* NULL: it takes part in no such conversation */
    char **peers;  /* the other members, in the order of the `open`; NULL-terminated */
    size_t peer_count;
    struct moot_heard *heard;
    size_t heard_count, heard_size;
    bool begun;          /* its model knows who it is */
    uint32_t turn_n;     /* the turn that it has; 0: not its turn */
    bool answers_person; /* its model was told in this turn what a person said meanwhile */
    char *nudge;         /* what it is told besides in this turn, or NULL */
    char *heard_last;    /* the newest words of others, or NULL */
};

void moot__speaking_init(struct moot_speaking *s);
void moot__speaking_release(struct moot_speaking *s);
void moot__speaking_digest(const struct moot_speaking *s, const struct moot_digest *d);

/* Takes part, if the `open` is of a conversation that somebody else manages. */
int moot__speaking_open(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m);
bool moot__speaking_takes_part(const struct moot_speaking *s);

/* Hears a message; *floor: it is a `turn` that gives this agent the floor. */
int moot__speaking_hear(struct moot_me *me, struct moot_speaking *s, const struct moot_message *m,
                        bool *floor);
/* Begins the model's turn: who it is, what was heard since, the nudge. */
int moot__speaking_think(struct moot_me *me, struct moot_speaking *s);

/* Ends the turn with a `msg` to all others. `text` may be ""; `by` NULL: the model's words; `exit`
 * NULL: it goes on. */
int moot__speaking_say(struct moot_me *me, struct moot_speaking *s, const char *text,
                       const char *by, const char *exit);
/* The same with what the model's turn came to: words, finish, handoff, or that it failed. */
int moot__speaking_thought(struct moot_me *me, struct moot_speaking *s,
                           const struct moot_thought *end);
/* Tells the manager that it cannot speak. */
int moot__speaking_failed(struct moot_me *me, struct moot_speaking *s, const char *status,
                          const char *detail);

/* Ids of the tools that only conversations have. */
#define MOOT_TOOL_FINISH "finish"
#define MOOT_TOOL_TRANSFER "transfer_to_"

#endif
