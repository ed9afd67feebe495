/* The people of a crew: what they are called, and the keys they sign with. */
#include "roles/crew_checking.h"

#include "roles/crew_load.h"
#include "runtime/hash.h"

static void check_id(struct moot_checking_crew *c, const struct moot_json *person, const char *id)
{
    static const char *const taken[] = {"person", "host", "owner", "runner"};
    bool reserved = moot__crew_entry(c->crew, "agents", id) != NULL;
    const char *why = "an agent is called that too: who speaks must be clear";
    for (size_t i = 0; i < MOOT_COUNT(taken) && !reserved; i++) {
        reserved = strcmp(id, taken[i]) == 0;
        why = "that has a meaning of its own";
    }
    if (reserved)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, person, MOOT_PART_KEY,
                       "give them another id", "'%s' cannot be one of people: %s", id, why);
}

static void check_key(struct moot_checking_crew *c, const struct moot_json *person, const char *id)
{
    const struct moot_json *key = moot__json_get(person, "key");
    const char *text = moot__json_text(key);
    uint8_t bytes[32];
    if (text != NULL && !moot__unhex(text, bytes, sizeof(bytes)))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, key, MOOT_PART_VALUE,
                       "moot keys --person NAME   shows it on their machine",
                       "the key of '%s' is not a public key: 64 hex digits", id);
}

void moot__crew_check_people(struct moot_checking_crew *c)
{
    const struct moot_json *p = moot__json_first(moot__json_get(c->crew, "people"));
    for (; p != NULL; p = moot__json_next(p)) {
        const char *id = moot__json_get_text(p, "id", "");
        check_id(c, p, id);
        check_key(c, p, id);
    }
}
