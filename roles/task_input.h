/* What an attempt is given: exactly what its task uses, out of all that the manager knows. */
#ifndef MOOT_TASK_INPUT_H
#define MOOT_TASK_INPUT_H

#include "agents/def.h"

/* Everything a task of an item can name: the item by its name and as `item`, `crew`. `item` is
 * taken over (NULL: an empty object). NULL: out of memory. */
struct moot_json *moot__scope_make(const struct moot_crew_def *crew, struct moot_json *item);

/* The part of it that the task uses, and whole the results that are shown. NULL: out of memory. */
struct moot_json *moot__task_input(const struct moot_task_def *task, const struct moot_json *scope);

#endif
