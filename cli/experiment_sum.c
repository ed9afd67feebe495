/* An experiment summed up. */
#include "cli/experiment_table.h"

bool moot__trial_counts(const struct moot_trial *t)
{
    return t->closed && !t->cut;
}

static int measure(const struct moot_trial *trials, size_t count,
                   int64_t (*of)(const struct moot_trial *), uint64_t seed,
                   struct moot_measure *out)
{
    size_t n = 0;
    int64_t *values = calloc(count + 1, sizeof(*values));
    if (values == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < count; i++)
        if (moot__trial_counts(&trials[i]))
            values[n++] = of(&trials[i]);
    out->median = moot__median(values, n);
    int status = moot__bootstrap(values, n, seed, &out->interval);
    free(values);
    return status;
}

static int64_t turns_of(const struct moot_trial *t)
{
    return t->turns;
}
static int64_t tokens_of(const struct moot_trial *t)
{
    return t->tokens;
}
static int64_t cost_of(const struct moot_trial *t)
{
    return t->cost;
}
static int64_t ms_of(const struct moot_trial *t)
{
    return t->ms;
}
static int64_t tools_of(const struct moot_trial *t)
{
    return t->tool_calls;
}

int moot__summary_make(const char *variant, const struct moot_trial *trials, size_t count,
                       uint64_t seed, struct moot_summary *out)
{
    *out = (struct moot_summary){.variant = variant, .trials = trials, .trial_count = count};
    for (size_t i = 0; i < count; i++) {
        const struct moot_trial *t = &trials[i];
        if (!moot__trial_counts(t))
            continue;
        out->runs++;
        out->judged += t->truth != MOOT_TRUTH_UNKNOWN;
        out->claimed += t->claimed;
        out->succeeded += t->truth == MOOT_TRUTH_YES;
        out->false_claims += t->claimed && t->truth == MOOT_TRUTH_NO;
        out->cost_unknown = out->cost_unknown || t->cost_unknown;
    }
    out->claim_rate = moot__wilson(out->claimed, out->runs);
    out->success_rate = moot__wilson(out->succeeded, out->judged);
    int status = measure(trials, count, turns_of, seed, &out->turns);
    if (status == MOOT_OK)
        status = measure(trials, count, tokens_of, seed, &out->tokens);
    if (status == MOOT_OK)
        status = measure(trials, count, cost_of, seed, &out->cost);
    if (status == MOOT_OK)
        status = measure(trials, count, ms_of, seed, &out->ms);
    if (status == MOOT_OK)
        status = measure(trials, count, tools_of, seed, &out->tools);
    return status;
}
