/* What every fuzzer shares. A fuzzer is a libFuzzer target (`cmake -DMOOT_FUZZ=ON`, clang); without
 * that option replay.c runs it over the files of corpus/NAME, as a test. */
#ifndef MOOT_FUZZ_H
#define MOOT_FUZZ_H

#include "runtime/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program: what was found is a bug. */
#define FUZZ_CHECK(condition) MOOT_ASSERT(condition)

/* Where the first line ends (its line feed), or `size`. */
static inline size_t moot_fuzz_line(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    return end != NULL ? (size_t)(end - data) : size;
}

#endif
