/* The conversations that are open in a run, and who takes part in each. */
#ifndef MOOT_TALKS_H
#define MOOT_TALKS_H

#include "cli/project.h"
#include "runtime/message.h"

struct moot_open_talk {
    char *conv;
    char *item;     /* its name, or NULL */
    char **members; /* the manager first */
    size_t count;
};

struct moot_talks {
    char *path; /* the journal */
    char run[MOOT_RUN_TEXT];
    char name[MOOT_RUN_NAME_SIZE];
    struct moot_open_talk *list;
    size_t count;
    bool closed;
};

void moot__talks_init(struct moot_talks *t);
void moot__talks_release(struct moot_talks *t);
/* Takes a message as it comes. 0 or MOOT_ENOMEM. */
int moot__talks_message(struct moot_talks *t, const struct moot_message *m);
/* Reads a whole journal. */
int moot__talks_read(const char *path, struct moot_talks *out, struct moot_error *err);

/* The open conversation in which `agent` takes part and is not the manager; of the item of that
 * name or number, NULL: of any. NULL: none, or several; err says which, and what to type. */
const struct moot_open_talk *moot__talks_find(const struct moot_talks *t, const char *agent,
                                              const char *item, struct moot_error *err);

/* Signs a person's turn in that conversation and posts it. */
int moot__talks_post(const struct moot_talks *t, const struct moot_open_talk *talk,
                     const char *agent, const char *text, bool interrupt, struct moot_error *err);

#endif
