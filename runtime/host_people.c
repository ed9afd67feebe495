/* Who may answer and approve in a run, and who of them sits at this terminal. */
#include "runtime/host_state.h"

int moot__host_people(struct moot_host *h, struct moot_error *err)
{
    const struct moot_crew_parts *crew = h->o.crew;
    h->people = calloc(crew->person_count + 1, sizeof(*h->people));
    if (h->people == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (size_t i = 0; i < crew->person_count; i++) {
        const struct moot_person *p = &crew->people[i];
        int status = p->has_key ? moot__key_public(p->key, &h->people[i], err) : MOOT_OK;
        if (status != MOOT_OK)
            return moot__fail_wrap(err, "the key of '%.64s' in people", p->id);
    }
    return MOOT_OK;
}

void moot__host_people_free(struct moot_host *h)
{
    for (size_t i = 0; h->people != NULL && i < h->o.crew->person_count; i++)
        moot__key_free(h->people[i]);
    free(h->people);
}

static const struct moot_key *key_at(const struct moot_host *h, size_t i)
{
    return h->people[i] != NULL ? h->people[i] : h->o.owner;
}

static bool is_owner(const struct moot_host *h, size_t i)
{
    return strcmp(moot__key_kid(key_at(h, i)), moot__key_kid(h->o.owner)) == 0;
}

const struct moot_key *moot__host_person_key(const struct moot_host *h, const char *id)
{
    if (strcmp(id, MOOT_PERSON) == 0)
        return h->o.owner;
    for (size_t i = 0; i < h->o.crew->person_count; i++) {
        /* The owner's own key signs as well as verifies. */
        if (strcmp(h->o.crew->people[i].id, id) == 0)
            return is_owner(h, i) ? h->o.owner : h->people[i];
    }
    return NULL;
}

int moot__host_approvers(const struct moot_host *h, struct moot_json *body)
{
    const struct moot_crew_parts *crew = h->o.crew;
    struct moot_json *kids = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *keys = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *people = moot__json_new(MOOT_JSON_OBJECT);
    int status = MOOT_OK;
    if (crew->person_count == 0)
        status |= moot__json_add(kids, moot__json_new_text(moot__key_kid(h->o.owner)));
    for (size_t i = 0; i < crew->person_count; i++) {
        const struct moot_key *key = key_at(h, i);
        char hex[MOOT_HEX_SIZE];
        moot__hex(moot__key_bytes(key), 32, hex);
        status |= moot__json_add(kids, moot__json_new_text(moot__key_kid(key)));
        status |= moot__json_add(keys, moot__json_new_text(hex));
        status |= moot__json_set_text(people, crew->people[i].id, moot__key_kid(key));
    }
    status |= moot__json_set(body, "approvers", kids);
    if (crew->person_count == 0) {
        moot__json_free(keys);
        moot__json_free(people);
        return status;
    }
    status |= moot__json_set(body, "approver_keys", keys);
    return status | moot__json_set(body, "people", people);
}

/* ---- at this terminal ---- */

const char *moot__host_me(const struct moot_host *h)
{
    if (h->o.crew->person_count == 0)
        return MOOT_PERSON;
    for (size_t i = 0; i < h->o.crew->person_count; i++)
        if (is_owner(h, i))
            return h->o.crew->people[i].id;
    return NULL;
}

const char *moot__host_answerer(const struct moot_host *h, const struct moot_run_call *call)
{
    const char *me = moot__host_me(h);
    if (me == NULL || moot__policy_answer(call, me) == NULL)
        return me;
    for (size_t i = 0; i < h->o.crew->person_count; i++) {
        const char *id = h->o.crew->people[i].id;
        if (is_owner(h, i) && moot__policy_answer(call, id) == NULL)
            return id;
    }
    return NULL;
}

bool moot__host_may_answer(const struct moot_host *h, const struct moot_message *m)
{
    struct moot_run_conv *c = moot__run_conv(&h->run, m->conv);
    for (size_t i = 0; c != NULL && i < c->call_count; i++) {
        const struct moot_run_call *call = &c->calls[i];
        bool asks = m->kind == MOOT_QUESTION
                        ? memcmp(call->id, m->id, MOOT_HASH_SIZE) == 0
                        : call->asked && memcmp(call->asked_id, m->id, MOOT_HASH_SIZE) == 0;
        if (asks)
            return moot__host_answerer(h, call) != NULL;
    }
    return false;
}

/* ---- how long it waits ---- */

/* For one person as long as that one may take; for several, until the last of them is late; for
 * ever where somebody may take for ever. */
static int64_t within(const struct moot_host *h, char *const *whom, size_t count)
{
    int64_t longest = 0;
    for (size_t i = 0; i < h->o.crew->person_count; i++) {
        const struct moot_person *p = &h->o.crew->people[i];
        bool asked = false;
        for (size_t k = 0; k < count && !asked; k++)
            asked = strcmp(whom[k], MOOT_PERSON) == 0 || strcmp(whom[k], p->id) == 0;
        if (asked && p->within_ms == 0)
            return 0;
        if (asked && p->within_ms > longest)
            longest = p->within_ms;
    }
    return longest;
}

int moot__host_expiry(const struct moot_host *h, char *const *whom, size_t count,
                      struct moot_json *body)
{
    const struct moot_world *w = h->o.world;
    int64_t ms = within(h, whom, count);
    if (ms <= 0)
        return MOOT_OK;
    int64_t now = w->now_wall(w->self);
    return moot__json_set_int(body, "expires", (now > h->newest_ts ? now : h->newest_ts) + ms);
}
