/* The people of a crew: who may answer and approve, by which key, and how they are told. */
#ifndef MOOT_PEOPLE_H
#define MOOT_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Const, outlives the run. */
struct moot_person {
    const char *id;
    bool has_key; /* else it signs with the owner's */
    uint8_t key[32];
    const char *const *notify; /* a command's words, NULL-terminated; or NULL */
    int64_t within_ms;         /* how long what waits for it waits; 0: for ever */
};

#endif
