#include "cli/signer.h"

#include "runtime/host.h"

/* Of one search. */
struct search {
    const char *dir;
    const struct moot_json *people; /* of the crew; NULL or empty: the owner alone */
    uint8_t owner[32];              /* the run's */
    struct moot_key *own;           /* this user's; NULL: none is made yet */
};

void moot__signer_release(struct moot_signer *s)
{
    moot__key_free(s->key);
    s->key = NULL;
}

static bool fits(const struct moot_key *key, const uint8_t bytes[32])
{
    return key != NULL && memcmp(moot__key_bytes(key), bytes, 32) == 0;
}

static bool is_asked(const char *id, char *const *whom, size_t count)
{
    bool asked = count == 0;
    for (size_t i = 0; i < count && !asked; i++)
        asked = strcmp(whom[i], MOOT_PERSON) == 0 || strcmp(whom[i], id) == 0;
    return asked;
}

static void take(struct moot_signer *out, const char *id, struct moot_key **key)
{
    snprintf(out->id, sizeof(out->id), "%s", id);
    out->key = *key;
    *key = NULL;
}

/* Takes the key of that person, if it is here. */
static bool take_person(struct search *s, const struct moot_json *person, struct moot_signer *out)
{
    const char *id = moot__json_get_text(person, "id", "");
    const char *hex = moot__json_get_text(person, "key", NULL);
    uint8_t bytes[32];
    memcpy(bytes, s->owner, sizeof(bytes));
    if (hex != NULL && !moot__unhex(hex, bytes, sizeof(bytes)))
        return false;
    struct moot_key *key = NULL;
    bool made = false;
    if (fits(s->own, bytes))
        take(out, id, &s->own);
    else if (moot__key_person(s->dir, id, false, &made, &key, NULL) == MOOT_OK && fits(key, bytes))
        take(out, id, &key);
    moot__key_free(key);
    return out->key != NULL;
}

static int refuse(const struct search *s, char *const *whom, size_t count, struct moot_error *err)
{
    const char *id = MOOT_PERSON;
    const struct moot_json *p = moot__json_first(s->people);
    for (; p != NULL && strcmp(id, MOOT_PERSON) == 0; p = moot__json_next(p))
        if (is_asked(moot__json_get_text(p, "id", ""), whom, count))
            id = moot__json_get_text(p, "id", "");
    if (strcmp(id, MOOT_PERSON) == 0) {
        moot__fail(err, MOOT_EKEY, "the run's owner has another key than you");
        return MOOT_EKEY;
    }
    moot__fail(err, MOOT_EKEY, "it waits for %s, whose key is not here", id);
    moot__fail_hint(err, "moot keys   shows those that are");
    return MOOT_EKEY;
}

static int find(struct search *s, char *const *whom, size_t count, bool owner_too,
                struct moot_signer *out, struct moot_error *err)
{
    const struct moot_json *p = moot__json_first(s->people);
    for (; p != NULL; p = moot__json_next(p))
        if (is_asked(moot__json_get_text(p, "id", ""), whom, count) && take_person(s, p, out))
            return MOOT_OK;
    bool owner = owner_too || moot__json_count(s->people) == 0;
    if (!owner || !fits(s->own, s->owner))
        return refuse(s, whom, count, err);
    take(out, MOOT_PERSON, &s->own);
    return MOOT_OK;
}

int moot__signer_find(const char *journal, char *const *whom, size_t count, bool owner_too,
                      struct moot_signer *out, struct moot_error *err)
{
    struct search s = {0};
    struct moot_json *genesis = NULL;
    bool made = false;
    char *dir = moot__dir_keys();
    memset(out, 0, sizeof(*out));
    int status = dir != NULL ? moot__host_genesis(journal, NULL, &genesis, err)
                             : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK) {
        status = moot__key_owner(dir, false, &made, &s.own, err);
        status = status == MOOT_ENOTFOUND ? MOOT_OK : status;
    }
    const char *hex = moot__json_get_text(genesis, "owner", "");
    if (status == MOOT_OK && !moot__unhex(hex, s.owner, sizeof(s.owner)))
        status = moot__fail(err, MOOT_EMALFORMED, "%s does not say whose run it is", journal);
    s.dir = dir;
    s.people = moot__json_get(moot__json_get(genesis, "crew"), "people");
    if (status == MOOT_OK)
        status = find(&s, whom, count, owner_too, out, err);
    moot__key_free(s.own);
    moot__json_free(genesis);
    free(dir);
    return status;
}
