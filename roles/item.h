/* One item's conversation under a manager that goes by a schedule: it opens an attempt for each
 * task that is ready, takes their ends, sends work back, asks a person when attempts are used up,
 * and ends with the last result. graph.c and sequential.c differ only in how many run at once. */
#ifndef MOOT_ITEM_H
#define MOOT_ITEM_H

#include "roles/schedule.h"

struct moot_item;

/* What a manager does besides, that decides itself who works and what stands. Each is given the
 * item that its own state begins with. */
struct moot_item_ops {
    /* A task could begin. It is HELD until moot__item_begin. */
    int (*offer)(struct moot_item *item, struct moot_me *me, size_t task);
    /* A result passed its checks. It is HELD until moot__item_accept or moot__item_reject. Takes
     * the result over (NULL: none). */
    int (*passed)(struct moot_item *item, struct moot_me *me, size_t task,
                  struct moot_json *result);
    /* An attempt came to nothing; *handled: the item goes on. */
    int (*failed)(struct moot_item *item, struct moot_me *me, size_t task,
                  const struct moot_json *body, bool *handled);
    /* Told of what becomes of tasks. */
    int (*sent_back)(struct moot_item *item, struct moot_me *me, size_t task);
    int (*stands)(struct moot_item *item, struct moot_me *me, size_t task);
    int (*skipped)(struct moot_item *item, struct moot_me *me, size_t task);
    /* The item ends: gives up what else goes on, and says what was left. */
    int (*ending)(struct moot_item *item, struct moot_me *me);
};

struct moot_item {
    int64_t seed; /* of the run, handed on to tasks; 0: nothing in it is drawn */
    struct moot_schedule schedule;
    const struct moot_item_ops *ops; /* NULL: tasks begin when they can, and what passed stands */
    struct moot_json *scope;         /* the item, the crew's words, results; NULL: not yet begun */
};

int moot__item_init(struct moot_me *me, bool one_at_a_time, void **self);
/* The same in a state that begins with an item, and is zero. */
int moot__item_setup(struct moot_me *me, bool one_at_a_time, struct moot_item *item);
void moot__item_teardown(struct moot_item *item);
int moot__item_receive(void *self, struct moot_me *me, const struct moot_message *m);
void moot__item_digest(const void *self, const struct moot_digest *d);
void moot__item_release(void *self);

/* For ops. Begins the next attempt of a HELD task with that agent; `from`: what its manager adds
 * (agents/prompt.h), taken over, or NULL. */
int moot__item_begin(struct moot_me *me, struct moot_item *item, size_t task, const char *agent,
                     struct moot_json *from);
/* A result stands, or does not; both take it over and go on with what that lets begin. */
int moot__item_accept(struct moot_me *me, struct moot_item *item, size_t task,
                      struct moot_json *result, bool unapproved);
int moot__item_reject(struct moot_me *me, struct moot_item *item, size_t task,
                      struct moot_json *result, struct moot_json *verdict);
/* Ends it as failed, with what is there so far. */
int moot__item_fail(struct moot_me *me, struct moot_item *item, const char *stop, const char *task,
                    const char *detail);
/* A task's input as its next attempt would get it, without what its manager adds. NULL: out of
 * memory. */
struct moot_json *moot__item_input(const struct moot_item *item, size_t task);
/* {result: {json} or {text}} of an `end`, or an answer: its JSON, or its text; *out NULL: none. */
int moot__item_read_result(const struct moot_json *body, struct moot_json **out);

#endif
