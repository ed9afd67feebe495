/* The providers there are, as one table: where they are, whose key they want, what they cannot do.
 */
#ifndef MOOT_MODEL_PRESET_H
#define MOOT_MODEL_PRESET_H

#include "runtime/status.h"

#include <stdbool.h>

enum {
    MOOT_PRESET_LOCAL = 1 << 0,             /* a server of the user's own: needs no key */
    MOOT_PRESET_NO_SCHEMA = 1 << 1,         /* ignores or refuses response_format json_schema */
    MOOT_PRESET_NO_STREAM_OPTIONS = 1 << 2, /* refuses them; reports usage without being asked */
    MOOT_PRESET_NO_SEED = 1 << 3,
    MOOT_PRESET_SHORT_IDS = 1 << 4,      /* tool-call ids are nine letters and digits */
    MOOT_PRESET_STRING_CHOICE = 1 << 5,  /* tool_choice is a word, never an object */
    MOOT_PRESET_REASONING_BACK = 1 << 6, /* wants an assistant's reasoning_content member back */
    MOOT_PRESET_NO_EFFORT = 1 << 7,      /* knows no reasoning_effort */
};

struct moot_preset {
    const char *name;
    const char *title;       /* for messages: "OpenAI" */
    const char *base_url;    /* what comes before /chat/completions; NULL: must be given */
    const char *base_env;    /* a variable that replaces it, or NULL */
    const char *key_envs[2]; /* variables that may hold the key, the first that is set counts */
    unsigned flags;
    const char *start; /* local: how its server is started */
};

/* NULL: no such provider. */
const struct moot_preset *moot__preset_find(const char *name);
/* Iteration; NULL at the end. */
const struct moot_preset *moot__preset_at(size_t i);

#endif
