/* One item's conversation under a manager that goes by a schedule: it opens an attempt for each
 * task that is ready, takes their ends, sends work back, asks a person when attempts are used up,
 * and ends with the last result. graph.c and sequential.c differ only in how many run at once. */
#ifndef MOOT_ITEM_H
#define MOOT_ITEM_H

#include "roles/schedule.h"

struct moot_item {
    struct moot_schedule schedule;
    struct moot_json *scope; /* the item, the crew's words, results; NULL: not yet begun */
};

int moot__item_init(struct moot_me *me, bool one_at_a_time, void **self);
int moot__item_receive(void *self, struct moot_me *me, const struct moot_message *m);
void moot__item_digest(const void *self, const struct moot_digest *d);
void moot__item_release(void *self);

#endif
