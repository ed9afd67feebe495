#include "tests/lib/proof_people.h"

const struct proof_said proof_said[] = {
    {MOOT_ANSWER, "ann", PROOF_ANN, 0},      {MOOT_ANSWER, "ann", PROOF_BEN, 6},
    {MOOT_ANSWER, "ann", PROOF_OWNER, 6},    {MOOT_ANSWER, "person", PROOF_ANN, 6},
    {MOOT_ANSWER, "person", PROOF_OWNER, 6}, {MOOT_APPROVAL, "ben", PROOF_BEN, 0},
    {MOOT_APPROVAL, "ben", PROOF_ANN, 6},    {MOOT_APPROVAL, "person", PROOF_OWNER, 6},
    {MOOT_VERDICT, "ben", PROOF_BEN, 0},     {MOOT_VERDICT, "ben", PROOF_OWNER, 6},
    {MOOT_MSG, "ann", PROOF_ANN, 0},         {MOOT_MSG, "ann", PROOF_OWNER, 6},
    {MOOT_MSG, "person", PROOF_OWNER, 0},    {MOOT_MSG, "person", PROOF_BEN, 6},
};
const size_t proof_said_count = MOOT_COUNT(proof_said);

void proof_say(struct proof *p, const struct proof_said *said)
{
    char more[1024], hex[2][MOOT_HEX_SIZE];
    proof_init(p, PROOF_RUN);
    const struct moot_key *keys[] = {p->approver, p->stranger, p->owner};
    for (int i = 0; i < 2; i++)
        moot__hex(moot__key_bytes(keys[i]), 32, hex[i]);
    snprintf(more, sizeof(more),
             "{\"approver_keys\":[\"%s\",\"%s\"],\"approvers\":[\"%s\",\"%s\"],"
             "\"people\":{\"ann\":\"%s\",\"ben\":\"%s\"}}",
             hex[0], hex[1], moot__key_kid(keys[0]), moot__key_kid(keys[1]), moot__key_kid(keys[0]),
             moot__key_kid(keys[1]));
    char *body = proof_keys_body(p, more);
    proof_add(p, proof_new(p, MOOT_GENESIS, "", MOOT_HOST), body, p->host);
    free(body);
    proof_add(p, proof_new(p, said->kind, "", said->from), "{\"decision\":\"approve\"}",
              keys[said->signer]);
    proof_add(p, proof_new(p, MOOT_CLOSE, "", MOOT_HOST), "{}", p->host);
    proof_commit(p);
    proof_anchor(p, p->host);
}
