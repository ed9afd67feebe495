/* The table of an experiment: what was claimed against what is true, and what it took. Pure. */
#ifndef MOOT_EXPERIMENT_TABLE_H
#define MOOT_EXPERIMENT_TABLE_H

#include "cli/stats.h"
#include "cli/trial.h"

struct moot_measure {
    double median;
    struct moot_interval interval;
};

/* What the ended runs of one variant come to. */
struct moot_summary {
    const char *variant;
    int64_t runs;   /* that count: ended, and not cut by the experiment's limit */
    int64_t judged; /* of these, those whose truth is known */
    int64_t claimed, succeeded, false_claims;
    struct moot_interval claim_rate, success_rate;
    struct moot_measure turns, tokens, cost, ms, tools;
    bool cost_unknown;
    const struct moot_trial *trials; /* of this variant, the caller's */
    size_t trial_count;
};

/* Whether a trial says something about its variant: it ended, and not by the experiment's limit. */
bool moot__trial_counts(const struct moot_trial *t);
/* Sums up the trials of one variant. MOOT_ENOMEM. */
int moot__summary_make(const char *variant, const struct moot_trial *trials, size_t count,
                       uint64_t seed, struct moot_summary *out);

/* For people, at most `width` columns wide. Returns the buffer's status. */
int moot__experiment_table(const struct moot_summary *rows, size_t count, size_t width, int colours,
                           struct moot_buf *out);
/* The same as a JSON array. The caller frees it. NULL: out of memory. */
struct moot_json *moot__experiment_rows(const struct moot_summary *rows, size_t count);

#endif
