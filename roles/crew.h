/* Composition: a resolved crew becomes agents, models, tools and limits, ready for a host. */
#ifndef MOOT_ROLES_CREW_H
#define MOOT_ROLES_CREW_H

#include "agents/def.h"
#include "runtime/host.h"

/* All of a crew, compiled. Opaque but for its parts. */
struct moot_crew {
    struct moot_json *resolved;
    struct moot_crew_def def;
    struct moot_crew_parts parts;
    struct moot_persona *personas;
    char *base_dir;
};

/* Compiles a resolved crew (roles/crew_load.h says its shape). `date` is "YYYY-MM-DD". Takes
 * `resolved` over, also on failure. `getenv_fn` is asked for keys; missing keys are an error only
 * for models that some agent or task uses. */
int moot__crew_build(struct moot_json *resolved, const char *base_dir, const char *date,
                     const char *(*getenv_fn)(const char *), struct moot_crew **out,
                     struct moot_error *err);
void moot__crew_free(struct moot_crew *crew);

/* The JSON Schema of what a task is given (item members, results of its needs), derived from what
 * it uses: for `moot graph --schemas` and `--only`. The caller frees it; NULL: out of memory. */
struct moot_json *moot__crew_input_schema(const struct moot_crew_def *def,
                                          const struct moot_task_def *task);

#endif
