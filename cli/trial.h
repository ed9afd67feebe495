/* A trial: one run of a variant in an experiment, as its journal tells it. */
#ifndef MOOT_TRIAL_H
#define MOOT_TRIAL_H

#include "cli/results.h"
#include "roles/crew.h"

struct moot_trial_tool {
    char *name;
    int64_t calls;
};

enum moot_truth {
    MOOT_TRUTH_UNKNOWN, /* nothing says what success is, or it could not be looked at */
    MOOT_TRUTH_NO,
    MOOT_TRUTH_YES,
};

struct moot_trial {
    const char *variant; /* the experiment's */
    int repeat;          /* from 1 */
    bool begun;          /* there is a journal */
    bool closed;         /* the run has ended, for whatever reason */
    bool looked;         /* whether it succeeded was looked at */
    bool cut;            /* by the experiment's own limit: it says nothing about the variant */
    char run[33];
    bool claimed; /* it ended because its goal was declared reached */
    enum moot_truth truth;
    char *why; /* what success lacked, on one line; or NULL */
    char *stop;
    char *detail; /* of the stop; or NULL */
    int64_t turns, calls, tokens, cost, ms, tool_calls;
    bool cost_unknown;
    struct moot_trial_tool *tools; /* by name */
    size_t tool_count;
    struct moot_results results;
};

/* Reads what the journal says; the members above `run` are the caller's. One that is not there
 * leaves `begun` false. MOOT_EIO, MOOT_ENOMEM, … */
int moot__trial_read(const char *journal, struct moot_trial *t, struct moot_error *err);
void moot__trial_release(struct moot_trial *t);

/* What a trial's crew says of the trial, as `trial` in the resolved crew: {variant, repeat, folder,
 * narrowed}. What the crew publishes and looks for goes into that folder, not beside the crew file.
 * A crew of no trial is left as it is. MOOT_ENOMEM. */
int moot__trial_place(struct moot_crew *crew, struct moot_error *err);

#endif
