/* A new run of a crew file, as `moot run` begins it, for other commands that begin one. */
#ifndef MOOT_CMD_RUN_H
#define MOOT_CMD_RUN_H

#include "cli/session.h"

struct moot_run_begin {
    const char *crew;                 /* path of the crew file */
    const char *text;                 /* of a crew without a file, which would be there; or NULL */
    struct moot_recording *recording; /* or NULL; its items, date and seed are the run's */
    enum moot_replay replay;
    bool forked;
    bool chat;      /* a person has the seat of the agent that --as names */
    bool own_items; /* the recording's, whatever the words are */
};

/* Checks the crew, asks whether it is trusted, runs it. Options are looked up in `args`, items in
 * its words after the first. Returns the exit code. */
int moot__run_begin(struct moot_cli *cli, const struct moot_args *args,
                    const struct moot_run_begin *begin);

#endif
