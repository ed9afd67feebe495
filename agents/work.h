/* The work of one attempt: from a task's input to a checked result. Steps of a model in one
 * conversation, or a tool's call; then the output, then the checks, then DONE. */
#ifndef MOOT_WORK_H
#define MOOT_WORK_H

#include "agents/check.h"
#include "agents/role.h"

/* Who gives the floor where a task is talked out. */
#define MOOT_CHAT_MANAGER "pair"

struct moot_work {
    struct moot_sm sm;
    const struct moot_task_def *task; /* NULL: not yet begun */
    struct moot_json *scope;          /* what the attempt was given */
    size_t step;                      /* index of the step that is out */
    int reasks;                       /* of this step */
    struct moot_json *fields;         /* those that steps filled so far, or NULL */
    struct moot_json *result;         /* or NULL: none yet */
    uint32_t call_n;                  /* a tool task's call */
    char *chat;                       /* the conversation in which it is talked out, or NULL */
    bool proposal;                    /* it is voted on first: nothing is published */
    struct moot_checking checking;
};

void moot__work_init(struct moot_work *w);
void moot__work_release(struct moot_work *w);

/* Whether an `open` begins an attempt of a task: its conversation is called TASK#COUNT, or is an
 * item's own and bears the task; or it says that it is of a part. */
const struct moot_task_def *moot__work_task(const struct moot_me *me, const struct moot_message *m);
/* Begins it. A model's first step, or the call of the task's tool. */
int moot__work_begin(struct moot_me *me, struct moot_work *w, const struct moot_task_def *task,
                     const struct moot_message *m);
int moot__work_receive(struct moot_me *me, struct moot_work *w, const struct moot_message *m);
int moot__work_thought(struct moot_me *me, struct moot_work *w, const struct moot_thought *end);
void moot__work_digest(const struct moot_work *w, const struct moot_digest *d);

#endif
