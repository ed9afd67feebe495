/* A role: what an agent does with a message. It is purer than an agent: message in, verbs out. */
#ifndef MOOT_ROLE_H
#define MOOT_ROLE_H

#include "agents/turn.h"

/* Where a state feeds itself for comparison; see moot_agent_ops.digest. */
struct moot_digest {
    void (*add)(void *arg, const void *data, size_t len);
    void *arg;
};

void moot__digest_int(const struct moot_digest *d, int64_t n);
/* NULL is told from "". */
void moot__digest_text(const struct moot_digest *d, const char *text);
void moot__digest_json(const struct moot_digest *d, const struct moot_json *j);

/* What a role acts through: who and where it is, and the verbs below. `fx` is there during a step
 * only. */
struct moot_me {
    const char *agent; /* its id */
    const char *conv;  /* the conversation's path */
    const struct moot_persona *persona;
    struct moot_effects *fx;
    struct moot_turn_state turn;
    bool finished; /* it has uttered DONE: what comes later is ignored */
};

/* Functions return 0 or a negative MOOT_E*: then the host ends the conversation as failed. */
struct moot_role {
    const char *name;
    uint32_t version; /* raised when its decisions change */
    int (*init)(struct moot_me *me, void **self);
    /* A message that answers no call of a turn. */
    int (*receive)(void *self, struct moot_me *me, const struct moot_message *m);
    /* A turn that it began has ended. NULL for a role that never thinks. */
    int (*thought)(void *self, struct moot_me *me, const struct moot_thought *end);
    /* Feeds all that later decisions depend on, in a fixed order. */
    void (*digest)(const void *self, const struct moot_digest *d);
    void (*release)(void *self);
};

/* The verbs. Those that return a count return 0 after a failure, which the step then reports. */
uint32_t moot__say(struct moot_me *me, enum moot_kind as, const char *to, struct moot_json *body);
/* Begins a turn; the caller adds what the model is told next by moot__tell. One turn at a time. */
int moot__think(struct moot_me *me, const struct moot_ask *ask);
int moot__tell(struct moot_me *me, enum moot_add_role role, const char *text);
uint32_t moot__call(struct moot_me *me, const char *tool, const char *args);
/* `people`: ids, NULL-terminated; NULL: whoever is there. */
uint32_t moot__ask(struct moot_me *me, char *const *people, struct moot_json *body);
/* Opens `path` below this conversation; `input` is the foreign JSON it is given. `body` may be NULL
 * or have more members; both are taken over. */
void moot__open(struct moot_me *me, const char *path, const char *participant, const char *task,
                struct moot_json *input, struct moot_json *body);
void moot__wait(struct moot_me *me, uint32_t timer, int64_t ms);
void moot__cancel(struct moot_me *me, uint32_t n);
/* Gives up a conversation below this one; `path` as it was opened by. */
void moot__cancel_conv(struct moot_me *me, const char *path);
/* Ends this conversation; a turn that goes on is given up. The body is taken over. */
void moot__finish(struct moot_me *me, struct moot_json *body);
/* Ends it as failed: {outcome: failed, stop, detail}; `status` is an outcome's. */
void moot__finish_failed(struct moot_me *me, const char *status, const char *detail);

/* Reading what comes. */

/* Whether a message answers this agent's own call `n`. */
bool moot__answers(const struct moot_me *me, const struct moot_message *m, uint32_t n);
/* Whether it is the end of the conversation with that whole path. */
bool moot__ends(const struct moot_message *m, const char *path);
/* The foreign JSON object under body.input; *out is NULL when there is none or it is no object. */
int moot__input(const struct moot_message *m, struct moot_json **out);
/* The texts of `parts`, joined; the caller frees *out. */
int moot__parts(const struct moot_json *body, char **out);
/* Sets `parts`: that text, or nothing where it is "". */
int moot__body_say(struct moot_json *body, const char *text);

#endif
