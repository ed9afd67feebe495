/* What bounds a run, an item, a task or an agent: `limits` of the crew file. */
#ifndef MOOT_BOUNDS_H
#define MOOT_BOUNDS_H

#include <stdint.h>

/* 0: none. Times in ms of run time, cost in 10^-12 USD. */
struct moot_bounds {
    int64_t turns, calls, tokens, cost, ms, depth;
};

#endif
