/* A person at this terminal is asked about what waits. */
#ifndef MOOT_ASK_H
#define MOOT_ASK_H

#include "cli/cmd.h"
#include "cli/inbox.h"

struct moot_asking {
    struct moot_cli *cli;
    /* Called now and then while the person thinks; true: it is no longer asked. */
    bool (*idle)(void *arg);
    void *arg;
    size_t number, count; /* "approval 1 of 3" */
};

enum moot_asking_end {
    MOOT_ASKING_DECIDED,
    MOOT_ASKING_LATER,   /* it stays in the inbox */
    MOOT_ASKING_GONE,    /* somebody else has decided */
    MOOT_ASKING_STOPPED, /* by a signal */
};

struct moot_asking_answer {
    const char *decision; /* "approve", "reject"; NULL: `text` is the answer */
    struct moot_buf text;
    const char *like[2]; /* NULL-terminated */
    char *like_name;     /* owned */
};

/* Asks until there is an answer; released by moot__asking_release in any case. */
enum moot_asking_end moot__asking_ask(struct moot_asking *p, const struct moot_waiting *w,
                                      struct moot_asking_answer *out);
void moot__asking_release(struct moot_asking_answer *answer);

#endif
