/* Decimal numbers as the digit strings of JSON's grammar: compared exactly, at any length and with
 * any exponent (one beyond +-10^15 counts as that), never through a double. */
#ifndef MOOT_DECIMAL_H
#define MOOT_DECIMAL_H

#include "runtime/status.h"

#include <stdbool.h>

/* Whether the text is a number of JSON's grammar. The other functions assert it of theirs. */
bool moot__decimal_valid(const char *text, size_t len);
/* <0, 0, >0 as a is less than, equal to, greater than b. 1.0 equals 1, -0 equals 0. */
int moot__decimal_compare(const char *a, const char *b);
/* Whether a is an integer multiple of b. False if b is not above 0 or has more than 18 significant
 * digits (moot__decimal_divisor tells). */
bool moot__decimal_multiple(const char *a, const char *b);
bool moot__decimal_divisor(const char *b);
/* Whether the value has no fraction: 1.0 and 1e2 have none. */
bool moot__decimal_integral(const char *a);
/* True and *out if it has no fraction and lies within int64. */
bool moot__decimal_int(const char *a, int64_t *out);

/* Whole text is a decimal integer (an optional '-', then digits only) within int64. */
bool moot__int_parse(const char *text, int64_t *out);

enum { MOOT_INT_TEXT = 21 }; /* room for any int64 and its NUL */

/* Its digits into `out` with a NUL behind them; returns how many they are, the '-' included. */
size_t moot__int_write(int64_t n, char out[MOOT_INT_TEXT]);

#endif
