/* An experiment's table for programs. */
#include "cli/experiment_table.h"

static struct moot_json *number(double value)
{
    char digits[64];
    snprintf(digits, sizeof(digits), "%.4f", value);
    for (size_t n = strlen(digits); n > 0 && (digits[n - 1] == '0' || digits[n - 1] == '.'); n--) {
        bool point = digits[n - 1] == '.';
        digits[n - 1] = '\0';
        if (point)
            break;
    }
    return moot__json_new_digits(strcmp(digits, "-0") == 0 ? "0" : digits);
}

static int set_interval(struct moot_json *in, struct moot_interval i)
{
    struct moot_json *pair = moot__json_new(MOOT_JSON_ARRAY);
    int status = moot__json_add(pair, number(i.low));
    if (status == MOOT_OK)
        status = moot__json_add(pair, number(i.high));
    if (status == MOOT_OK)
        return moot__json_set(in, "interval", pair);
    moot__json_free(pair);
    return status;
}

static int set_measure(struct moot_json *in, const char *key, const struct moot_measure *m,
                       double unit)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_interval i = {m->interval.low / unit, m->interval.high / unit};
    int status = moot__json_set(made, "median", number(m->median / unit));
    if (status == MOOT_OK)
        status = set_interval(made, i);
    if (status == MOOT_OK)
        return moot__json_set(in, key, made);
    moot__json_free(made);
    return status;
}

static int set_rate(struct moot_json *in, const char *key, int64_t hits, int64_t of,
                    struct moot_interval i)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_int(made, "runs", hits);
    if (status == MOOT_OK)
        status = moot__json_set_int(made, "of", of);
    if (status == MOOT_OK)
        status = set_interval(made, i);
    if (status == MOOT_OK)
        return moot__json_set(in, key, made);
    moot__json_free(made);
    return status;
}

static struct moot_json *trial_json(const struct moot_trial *t)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *tools = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_int(made, "repeat", t->repeat);
    status |= moot__json_set_text(made, "run", t->run);
    status |= moot__json_set_bool(made, "ended", t->closed);
    status |= moot__json_set_bool(made, "cut", t->cut);
    status |= moot__json_set_bool(made, "claimed", t->claimed);
    if (t->truth != MOOT_TRUTH_UNKNOWN)
        status |= moot__json_set_bool(made, "true", t->truth == MOOT_TRUTH_YES);
    if (t->why != NULL)
        status |= moot__json_set_text(made, "why_not", t->why);
    status |= moot__json_set_text(made, "stop", t->stop != NULL ? t->stop : "");
    if (t->detail != NULL)
        status |= moot__json_set_text(made, "detail", t->detail);
    status |= moot__json_set_int(made, "turns", t->turns);
    status |= moot__json_set_int(made, "calls", t->calls);
    status |= moot__json_set_int(made, "tokens", t->tokens);
    if (!t->cost_unknown)
        status |= moot__json_set(made, "cost", number((double)t->cost / 1e12));
    status |= moot__json_set(made, "seconds", number((double)t->ms / 1e3));
    for (size_t i = 0; i < t->tool_count; i++)
        status |= moot__json_set_int(tools, t->tools[i].name, t->tools[i].calls);
    status |= moot__json_set(made, "tools", tools);
    if (status == MOOT_OK)
        return made;
    moot__json_free(made);
    return NULL;
}

static struct moot_json *row_json(const struct moot_summary *r)
{
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *trials = moot__json_new(MOOT_JSON_ARRAY);
    int status = moot__json_set_text(made, "variant", r->variant);
    status |= moot__json_set_int(made, "runs", r->runs);
    status |= moot__json_set_bool(made, "anecdote", r->runs < MOOT_REPEATS_TELLING);
    status |= set_rate(made, "claimed", r->claimed, r->runs, r->claim_rate);
    if (r->judged > 0) {
        status |= set_rate(made, "true", r->succeeded, r->judged, r->success_rate);
        status |= moot__json_set_int(made, "claimed_not_true", r->false_claims);
    }
    status |= set_measure(made, "turns", &r->turns, 1);
    status |= set_measure(made, "tokens", &r->tokens, 1);
    if (!r->cost_unknown)
        status |= set_measure(made, "cost", &r->cost, 1e12);
    status |= set_measure(made, "seconds", &r->ms, 1e3);
    status |= set_measure(made, "tools", &r->tools, 1);
    for (size_t i = 0; i < r->trial_count; i++)
        status |= moot__json_add(trials, trial_json(&r->trials[i]));
    status |= moot__json_set(made, "repeats", trials);
    if (status == MOOT_OK)
        return made;
    moot__json_free(made);
    return NULL;
}

struct moot_json *moot__experiment_rows(const struct moot_summary *rows, size_t count)
{
    struct moot_json *all = moot__json_new(MOOT_JSON_ARRAY);
    int status = all != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        status = moot__json_add(all, row_json(&rows[i]));
    if (status == MOOT_OK)
        return all;
    moot__json_free(all);
    return NULL;
}
