/* One item's conversation under the manager of `hierarchical`: its worklist, what was made, the
 * parts of tasks, and what its model is told and decides. hierarchical.c is the role. */
#ifndef MOOT_DELEGATION_H
#define MOOT_DELEGATION_H

#include "roles/item.h"
#include "roles/worklist.h"

/* A result by reference: named by count, taken over as it is. */
struct moot_artefact {
    char id[16]; /* "a1" */
    size_t item; /* of the worklist */
    char *by;    /* who made it */
    struct moot_json *value;
};

struct moot_delegation {
    struct moot_item item; /* first: item.c works on it */
    struct moot_worklist list;
    struct moot_artefact *made;
    size_t made_count;
    bool begun;        /* the manager's model knows what it is about */
    bool thinking;     /* a round is under way */
    int tries;         /* of this round */
    int idle;          /* rounds that decided nothing, one after another */
    bool decided;      /* in this round */
    uint32_t timer;    /* the newest */
    bool waiting;      /* it runs */
    bool due;          /* it is over: the manager is asked although others still work */
    uint32_t question; /* to a person, that is out; 0: none */
    size_t about;      /* the item that it is about; list.count: the manager's own */
    char *answer;      /* what the person said, not yet told; or NULL */
};

/* A move of an item, as a `transition` message. `why` may be NULL. */
int moot__delegation_move(struct moot_me *me, struct moot_delegation *d, size_t item,
                          enum moot_work_state to, const char *why);
/* Gives an item to a worker: a `delegate` message and the move. `said`: how the model named the
 * worker, where it was not by its id; or NULL. */
int moot__delegation_give(struct moot_me *me, struct moot_delegation *d, size_t item,
                          const char *to, const char *instruction, const char *said);
/* Below the item's own conversation: where the newest attempt of a part is worked. */
void moot__delegation_path(const struct moot_work_item *part, char *out, size_t size);
int moot__delegation_begin_part(struct moot_me *me, struct moot_delegation *d, size_t item);
/* Sends a part back, or gives it up after two rejections. Takes `problems` over. */
int moot__delegation_revise(struct moot_me *me, struct moot_delegation *d, size_t item,
                            struct moot_json *problems);
/* Ends an item that is not over, and its conversation where a part has one. */
int moot__delegation_drop(struct moot_me *me, struct moot_delegation *d, size_t item,
                          enum moot_work_state to, const char *why);
/* Cancels the parts of an item that was given up, and theirs. */
int moot__delegation_drop_parts(struct moot_me *me, struct moot_delegation *d, size_t item);
/* Whether the manager has to decide something of that item. */
bool moot__delegation_waits(const struct moot_delegation *d, size_t item);
/* Whether all that the task needs is there. */
bool moot__delegation_offered(const struct moot_delegation *d, size_t item);
/* Notes a result; *id is its name. Takes the value over. */
int moot__delegation_make(struct moot_delegation *d, size_t item, struct moot_json *value,
                          const char **id);
const struct moot_task_def *moot__delegation_task(const struct moot_delegation *d, size_t item);

/* Who the manager is, and what it is told first: the item, the work, the workers. */
int moot__delegation_who(const struct moot_me *me, struct moot_buf *out);
int moot__delegation_brief(const struct moot_delegation *d, struct moot_buf *out);
/* What waits for its decision. */
int moot__delegation_news(struct moot_delegation *d, struct moot_buf *out);
/* What the worker of an item is told besides the task (agents/prompt.h). NULL: out of memory. */
struct moot_json *moot__delegation_from(const struct moot_delegation *d, size_t item);

/* What a decision came to. */
struct moot_decided {
    struct moot_buf words; /* what the model is told of it */
    bool refused;          /* it was not legal: nothing changed */
    bool shows;            /* the model wanted to see something */
};

/* One decision: a form and its arguments, which fit its schema. */
int moot__delegation_decide(struct moot_me *me, struct moot_delegation *d, const char *form,
                            const struct moot_json *args, struct moot_decided *out);

/* The agent that a model means by `said`: by its id, or where that is near enough, by its role, or
 * by a mistyped id. NULL: none. */
const char *moot__delegation_worker(const struct moot_crew_def *crew, const char *said);

#endif
