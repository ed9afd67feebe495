/* An experiment being made, or looked at again: its file, its folder, its trials.
 *
 *   PROJECT/.moot/experiments/ID/experiment.json    what it was begun with
 *                               VARIANT/N.db        the journal of repeat N
 *                               VARIANT/N.json      whether it succeeded
 *                               VARIANT/N/          the workspaces as the run left them
 *
 * While a run goes on, its workspaces are copies in the cache folder, at the same place for every
 * run, so that no path makes two runs differ; no tool may reach into .moot. */
#ifndef MOOT_EXPERIMENT_H
#define MOOT_EXPERIMENT_H

#include "cli/cmd.h"
#include "cli/trial.h"
#include "roles/crew_experiment.h"
#include "runtime/bounds.h"

enum { MOOT_EXPERIMENT_ID_SIZE = 10 };

struct moot_experiment {
    struct moot_cli *cli;
    const struct moot_args *args;
    const char *path; /* of its file, as given */
    struct moot_experiment_file file;
    char *project;
    char *dir; /* its file's folder, real */
    char id[MOOT_EXPERIMENT_ID_SIZE];
    char *folder;  /* of this one; NULL: not begun */
    char *scratch; /* where its runs work */
    char hash[65]; /* of what is tried: the crews of its variants, input, success */
    int64_t seed;
    int repeats;
    struct moot_trial *trials; /* those of the first variant, by repeat, then the next's */
    size_t trial_count;
    struct moot_bounds total; /* 0: none */
};

/* Reads the file with its variants; what is wrong with it is printed, as `moot check` does.
 * MOOT_EXIT_DONE: good. Released by the caller in any case. */
int moot__experiment_load(struct moot_cli *cli, const struct moot_args *args, const char *path,
                          struct moot_experiment *out);
/* The same, for those who only want to know: the report is in out->file.file->report. */
int moot__experiment_look(const struct moot_args *args, const char *path,
                          struct moot_experiment *out, struct moot_error *err);
/* Asks, once for all variants, whether it may be run. An exit code. */
int moot__experiment_trusted(struct moot_experiment *e);
/* Begins a new one: id, seed, folder. `repeats` 0: the file's. */
int moot__experiment_begin(struct moot_experiment *e, int repeats, struct moot_error *err);
/* Takes up the last one of this file, with the repeats it was begun with, or as many as the file
 * has since been given, or `more`. MOOT_ENOTFOUND: there is none. MOOT_EINVAL: the file has
 * changed since, and `same` says that it must not have. */
int moot__experiment_find(struct moot_experiment *e, bool same, int more, struct moot_error *err);
/* Reads all trials there are. */
int moot__experiment_trials(struct moot_experiment *e, struct moot_error *err);
/* Reads one again. */
int moot__experiment_read(struct moot_experiment *e, struct moot_trial *t, struct moot_error *err);
struct moot_trial *moot__experiment_trial(struct moot_experiment *e, size_t variant, int repeat);
/* FOLDER/VARIANT/N and what is put behind it. The caller frees it. NULL: out of memory. */
char *moot__experiment_path(const struct moot_experiment *e, const struct moot_trial *t,
                            const char *end);
/* Whether nothing is left to be run or looked at. */
bool moot__experiment_over(const struct moot_experiment *e);
/* What all trials together have used. */
void moot__experiment_spent(const struct moot_experiment *e, struct moot_bounds *out);
void moot__experiment_release(struct moot_experiment *e);

/* experiment_run.c: runs what is missing, variants interleaved, until all have ended, the limit is
 * reached or the program is asked to stop. An exit code. */
int moot__experiment_run(struct moot_experiment *e);

/* experiment_bound.c, pure: the most that a run of `items` items may use of one thing under the
 * bounds of an item and of the run; 0: anything. */
int64_t moot__run_bound(int64_t item, int64_t total, int64_t items);
/* Makes room for a run within what is left: the bounds of the run as a whole, narrowed to what is
 * left where it could use more. False: nothing is left. */
bool moot__run_reserve(const struct moot_bounds *item, const struct moot_bounds *total,
                       int64_t items, const struct moot_bounds *limit,
                       const struct moot_bounds *spent, struct moot_bounds *out, bool *narrowed);
/* The i-th run of all, from 0: every variant once before any the second time. */
void moot__run_order(size_t i, size_t variants, size_t *variant, int *repeat);

#endif
