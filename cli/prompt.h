/* A person at this terminal is asked about what waits. */
#ifndef MOOT_PROMPT_H
#define MOOT_PROMPT_H

#include "cli/cmd.h"
#include "cli/inbox.h"

struct moot_prompt {
    struct moot_cli *cli;
    /* Called now and then while the person thinks; true: it is no longer asked. */
    bool (*idle)(void *arg);
    void *arg;
    size_t number, count; /* "approval 1 of 3" */
};

enum moot_prompt_end {
    MOOT_PROMPT_DECIDED,
    MOOT_PROMPT_LATER,   /* it stays in the inbox */
    MOOT_PROMPT_GONE,    /* somebody else has decided */
    MOOT_PROMPT_STOPPED, /* by a signal */
};

struct moot_prompt_answer {
    const char *decision; /* "approve", "reject"; NULL: `text` is the answer */
    struct moot_buf text;
    const char *like[2]; /* NULL-terminated */
    char *like_name;     /* owned */
};

/* Asks until there is an answer; released by moot__prompt_release in any case. */
enum moot_prompt_end moot__prompt_ask(struct moot_prompt *p, const struct moot_waiting *w,
                                      struct moot_prompt_answer *out);
void moot__prompt_release(struct moot_prompt_answer *answer);

#endif
