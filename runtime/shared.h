/* Libraries that are opened when they are first used: a run that talks to no network starts without
 * the forty libraries that come with one that does. */
#ifndef MOOT_SHARED_H
#define MOOT_SHARED_H

#include "runtime/status.h"

#include <stdbool.h>

/* One function: its name in the library, and where in the table its address goes. */
struct moot_symbol {
    const char *name;
    size_t offset;
};

/* One library, as static data of the file that wraps it. */
struct moot_shared {
    const char *soname;  /* what a linker would have written down */
    const char *package; /* of Debian, for who lacks it */
    const char *purpose; /* "a request over the network" */
    const struct moot_symbol *symbols;
    size_t count;
    void *table;
    bool open; /* only moot__shared_open looks at it */
};

/* Fills the table if that is not done yet; from any thread, also again after a failure. The library
 * stays open until the process ends. MOOT_EUNSUPPORTED. */
int moot__shared_open(struct moot_shared *library, struct moot_error *err);

#endif
