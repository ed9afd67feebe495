/* The trust list of a crew: all that it can do to this machine, asked about once. */
#ifndef MOOT_TRUST_H
#define MOOT_TRUST_H

#include "cli/cmd.h"
#include "runtime/json.h"

struct moot_trust_line {
    const char *verb; /* "run", "write", "reach", "read" */
    char *what;
    char *note; /* "in the sandbox, no network", or NULL */
};

struct moot_trust {
    struct moot_trust_line *lines; /* by verb, in this order: run, write, reach, read */
    size_t count, size;
};

/* Computes the list of a resolved crew. 0 or MOOT_ENOMEM. */
int moot__trust_make(const struct moot_json *crew, struct moot_trust *out);
void moot__trust_release(struct moot_trust *t);
/* As people read it; nothing for an empty list. */
void moot__trust_print(const struct moot_trust *t, const char *crew_file, struct moot_buf *out);

/* Whether the crew file may be run: its list is empty, was accepted before, the file was made here
 * by `moot new`, `given` (--trust) says so, or the person at the terminal now does. Accepting is
 * remembered until the list changes. MOOT_EXIT_DONE or MOOT_EXIT_USAGE, having said why. */
int moot__trust_ask(struct moot_cli *cli, const struct moot_trust *t, const char *crew_file,
                    bool given);
/* Remembers that the file was made here. 0 or a MOOT_E*. */
int moot__trust_made(const char *crew_file, struct moot_error *err);

#endif
