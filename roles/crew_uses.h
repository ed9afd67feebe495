/* What the texts of a crew name: every path in a prompt, an argument, an expression. */
#ifndef MOOT_CREW_USES_H
#define MOOT_CREW_USES_H

#include "roles/crew_load.h"

enum moot_use_place {
    MOOT_USE_PROMPT, /* prompt, steps */
    MOOT_USE_ARGS,   /* args, command: also of a tool */
    MOOT_USE_WHEN,
    MOOT_USE_OUTPUT, /* what the host fills in; output_file */
    MOOT_USE_CHECK,  /* file, command, sees */
    MOOT_USE_THAT,   /* sees the result as well */
};

struct moot_crew_use {
    enum moot_use_place place;
    const char *field;              /* "prompt" */
    const char *path;               /* "storefront.text" */
    const struct moot_json *scalar; /* the text it stands in */
    size_t offset;                  /* character in it at which the path begins, from 0 */
    bool defaulted;                 /* what is missing has a default */
};

struct moot_crew_uses {
    void *arg;
    void (*use)(void *arg, const struct moot_crew_use *use);
    /* A text that cannot be read; may be NULL. */
    void (*broken)(void *arg, const char *field, const struct moot_json *scalar, size_t offset,
                   const struct moot_error *err);
};

/* Tells all uses of a task, or of a tool's pinned args, of the resolved crew. MOOT_ENOMEM. */
int moot__crew_uses_of_task(const struct moot_json *task, const struct moot_crew_uses *to);
int moot__crew_uses_of_tool(const struct moot_json *tool, const struct moot_crew_uses *to);
/* … or of the crew's `opening`. */
int moot__crew_uses_of_opening(const struct moot_json *crew, const struct moot_crew_uses *to);

/* Whether the first word of a path is that word. */
bool moot__crew_first_word(const char *path, const char *word);

#endif
