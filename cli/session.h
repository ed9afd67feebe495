/* One run held by this process and watched from this terminal: what run, resume and approve
 * --resume have in common. */
#ifndef MOOT_SESSION_H
#define MOOT_SESSION_H

#include "cli/cmd.h"
#include "roles/crew.h"

struct moot_session_options {
    const char *journal;           /* path of RUN.db */
    const char *project;           /* its project folder, noted for later; or NULL */
    const char *run;               /* 32 hex digits of a new run, or NULL */
    struct moot_crew *crew;        /* the caller's */
    const struct moot_json *items; /* of a new run */
    const char *only, *only_agent;
    const struct moot_recording *recording; /* or NULL */
    enum moot_replay replay;
    bool forked, witnessed;
    bool goes_on; /* the journal is there; `run`: its new name, of a fork, or NULL */
    const char *date;
    const char *output_dir; /* -o, or NULL */
    const char *watch;
    int64_t seed;
    int jobs;
    bool quiet, json, dry_run;
    bool chat; /* a person has a seat in it, also where standard input is no terminal */
    /* One of many: nothing is shown but, at the bottom of a terminal, this and what it has cost so
     * far; or NULL. */
    const char *label;
};

/* Runs to its end, to what waits for a person, or until it is stopped, and prints transcript,
 * result and summary. Returns the exit code. */
int moot__session_run(struct moot_cli *cli, const struct moot_session_options *options);

/* A fork whose beginning lies in its journal already. */
struct moot_session_fork {
    const char *run;                  /* its own id */
    int64_t at;                       /* the last message that is another run's */
    bool witnessed;                   /* by an anchor of that run */
    struct moot_recording *recording; /* of that run */
};

/* Goes on with the run of this journal with the crew it holds; options --jobs, --quiet, --json,
 * --output and --watch are looked up in `args`. `fork`: NULL, or it goes on as a run of its own. */
int moot__session_resume(struct moot_cli *cli, const struct moot_args *args, const char *journal,
                         const struct moot_session_fork *fork);

/* The same with options as they are, but for what the journal says: crew, date, project. */
int moot__session_reopen(struct moot_cli *cli, const struct moot_session_options *options);

/* The environment, as functions that make crews want it. */
const char *moot__getenv(const char *name);
/* The same for a replay, which asks no model: a key that is not set stands for itself. */
const char *moot__getenv_replay(const char *name);

#endif
