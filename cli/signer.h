/* As whom a person on this machine speaks to a run: the crew says which people there are and by
 * which keys they sign, the keys' folder which of them are here. */
#ifndef MOOT_SIGNER_H
#define MOOT_SIGNER_H

#include "runtime/sign.h"

struct moot_signer {
    char id[MOOT_MAX_ID + 1];
    struct moot_key *key;
};

/* Finds who of `whom` (who is asked; none: anybody may) is here. `owner_too`: the run's owner may,
 * even if it is none of the crew's people. MOOT_EKEY: none of them is; err says who it waits for.
 */
int moot__signer_find(const char *journal, char *const *whom, size_t count, bool owner_too,
                      struct moot_signer *out, struct moot_error *err);
void moot__signer_release(struct moot_signer *s);

#endif
