/* What tokens cost: a table in data, and sums in whole 10^-12 USD. */
#ifndef MOOT_PRICE_H
#define MOOT_PRICE_H

#include "runtime/status.h"

#include <stdbool.h>

/* 10^-12 USD for one token; all -1 when unknown. */
struct moot_price {
    int64_t input;
    int64_t output;
    int64_t cached;
};

/* The table's price of "provider/model" (longest prefix that ends at a '-' or the end), unknown
 * (-1) when it is not there. Local providers (ollama, llamacpp, vllm, lmstudio, scripted) cost 0.
 */
struct moot_price moot__price_find(const char *provider, const char *model);
/* A decimal USD amount for a million tokens, as in a crew file; MOOT_EINVAL. */
int moot__price_parse(const char *usd_per_million, int64_t *pico_per_token);
/* A decimal USD amount ("0.50", "5 USD") as 10^-12 USD; MOOT_EINVAL, MOOT_ETOOBIG. */
int moot__money_parse(const char *usd, int64_t *pico);
/* "$0.04", "$0.003", "$0": at least two digits, at most six, rounded half up. `out` has 32 bytes.
 */
void moot__money_format(int64_t pico, char *out);
bool moot__price_known(const struct moot_price *p);
/* `cached` are those of the `input` tokens that were read from a cache. Saturates at INT64_MAX;
 * negative counts, and prices that are not known, count as 0. */
int64_t moot__price_cost(const struct moot_price *p, int64_t input, int64_t cached, int64_t output);

#endif
