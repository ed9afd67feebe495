/* Writing an accepted result where its task says: the arguments of a call of `publish`. */
#ifndef MOOT_PUBLISH_H
#define MOOT_PUBLISH_H

#include "agents/def.h"

/* Whether the result is to be written: a program that is told the path writes the file itself. */
bool moot__publish_wanted(const struct moot_task_def *task);
/* JSON text, which the caller frees. MOOT_ENOTFOUND: a placeholder of the path leads nowhere. */
int moot__publish_args(const struct moot_task_def *task, const struct moot_json *scope,
                       const struct moot_json *result, char **out, struct moot_error *err);

#endif
