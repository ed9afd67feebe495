/* What a few repeats say: rates and medians, each with the interval it may lie in. Pure. */
#ifndef MOOT_STATS_H
#define MOOT_STATS_H

#include <stddef.h>
#include <stdint.h>

struct moot_interval {
    double low, high;
};

/* Fewer runs than this are an anecdote. */
enum { MOOT_REPEATS_TELLING = 5 };

/* The 95 % interval of Wilson for `hits` of `count` runs, from 0 to 1. Without runs: all of it. */
struct moot_interval moot__wilson(int64_t hits, int64_t count);

/* The median, of an even number the mean of the two in the middle; 0 without values. Sorts them. */
double moot__median(int64_t *values, size_t count);

/* The 95 % interval of the median by the bootstrap: the middle 95 % of the medians of many samples
 * drawn with replacement, the same for the same seed. MOOT_ENOMEM. */
int moot__bootstrap(const int64_t *values, size_t count, uint64_t seed, struct moot_interval *out);

#endif
