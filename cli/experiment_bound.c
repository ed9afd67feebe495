/* In what order an experiment's runs come, and what each may use. Pure. */
#include "cli/experiment.h"

void moot__run_order(size_t i, size_t variants, size_t *variant, int *repeat)
{
    MOOT_ASSERT(variants > 0);
    *variant = i % variants;
    *repeat = (int)(i / variants) + 1;
}

int64_t moot__run_bound(int64_t item, int64_t total, int64_t items)
{
    int64_t all = item == 0 ? 0 : item > INT64_MAX / items ? INT64_MAX : item * items;
    if (all == 0 || total == 0)
        return all > total ? all : total;
    return all < total ? all : total;
}

/* One thing. False: nothing of it is left. */
static bool reserve(int64_t item, int64_t total, int64_t items, int64_t limit, int64_t spent,
                    int64_t *out, bool *narrowed)
{
    int64_t bound = moot__run_bound(item, total, items);
    *out = total;
    if (limit == 0)
        return true;
    if (spent >= limit)
        return false;
    if (bound == 0 || bound > limit - spent) {
        *out = limit - spent;
        *narrowed = true;
    }
    return true;
}

bool moot__run_reserve(const struct moot_bounds *item, const struct moot_bounds *total,
                       int64_t items, const struct moot_bounds *limit,
                       const struct moot_bounds *spent, struct moot_bounds *out, bool *narrowed)
{
    MOOT_ASSERT(items > 0);
    *narrowed = false;
    *out = *total;
    return reserve(item->tokens, total->tokens, items, limit->tokens, spent->tokens, &out->tokens,
                   narrowed) &&
           reserve(item->cost, total->cost, items, limit->cost, spent->cost, &out->cost,
                   narrowed) &&
           reserve(item->ms, total->ms, items, limit->ms, spent->ms, &out->ms, narrowed);
}
