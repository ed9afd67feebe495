#include "cli/stats.h"

#include "runtime/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2000 };

/* Of the normal distribution: 95 % lie within so many deviations. */
static const double z = 1.959964;

struct moot_interval moot__wilson(int64_t hits, int64_t count)
{
    if (count <= 0)
        return (struct moot_interval){0, 1};
    MOOT_ASSERT(hits >= 0);
    MOOT_ASSERT(hits <= count);
    double n = (double)count;
    double p = (double)hits / n;
    double centre = p + z * z / (2 * n);
    double reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n;
    struct moot_interval i = {(centre - reach) / scale, (centre + reach) / scale};
    i.low = hits == 0 ? 0 : i.low;
    i.high = hits == count ? 1 : i.high;
    return i;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double moot__median(int64_t *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), by_value);
    size_t half = count / 2;
    return count % 2 == 1 ? (double)values[half]
                          : ((double)values[half - 1] + (double)values[half]) / 2;
}

/* SplitMix64: a stream that is the same everywhere. */
static uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15U;
    uint64_t x = *state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

int moot__bootstrap(const int64_t *values, size_t count, uint64_t seed, struct moot_interval *out)
{
    *out = (struct moot_interval){0, 0};
    if (count == 0)
        return MOOT_OK;
    double *medians = calloc(SAMPLES, sizeof(*medians));
    int64_t *sample = calloc(count, sizeof(*sample));
    if (medians == NULL || sample == NULL) {
        free(medians);
        free(sample);
        return MOOT_ENOMEM;
    }
    for (size_t s = 0; s < SAMPLES; s++) {
        for (size_t i = 0; i < count; i++)
            sample[i] = values[next(&seed) % count];
        medians[s] = moot__median(sample, count);
    }
    qsort(medians, SAMPLES, sizeof(*medians), by_number);
    *out = (struct moot_interval){medians[SAMPLES / 40], medians[SAMPLES - 1 - SAMPLES / 40]};
    free(medians);
    free(sample);
    return MOOT_OK;
}
