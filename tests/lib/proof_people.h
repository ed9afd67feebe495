/* Small runs whose people are ann and ben, with keys of their own, and in which somebody says
 * something by one of these keys, or by the owner's: what each verifier must say of it. */
#ifndef MOOT_TESTS_PROOF_PEOPLE_H
#define MOOT_TESTS_PROOF_PEOPLE_H

#include "tests/lib/proof.h"

enum proof_signer { PROOF_ANN, PROOF_BEN, PROOF_OWNER };

struct proof_said {
    enum moot_kind kind;
    const char *from;
    enum proof_signer signer;
    int exit; /* of `moot verify` */
};

extern const struct proof_said proof_said[];
extern const size_t proof_said_count;

/* Makes the whole run; the caller releases it. */
void proof_say(struct proof *p, const struct proof_said *said);

#endif
