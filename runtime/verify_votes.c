/* Votes are counted again: a decision must be what its ballots come to, all of them and no other.
 */
#include "runtime/verify_state.h"

#include "runtime/votes.h"

static void free_body(void *body)
{
    moot__json_free(body);
}

void moot__verifier_free_ballots(struct moot_verifier *v)
{
    moot__map_release(&v->ballots, free_body);
}

int moot__verifier_take_ballot(struct moot_verifier *v, const struct moot_message *m)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_NAME + 2];
    struct moot_json *body =
        m->body != NULL ? moot__json_copy(m->body) : moot__json_new(MOOT_JSON_NULL);
    snprintf(key, sizeof(key), "%s\n%s", m->conv, m->from);
    if (moot__map_get(&v->ballots, key) != NULL) {
        moot__json_free(body);
        return moot__verifier_fail(v, "votes", MOOT_EMALFORMED, "a second ballot of %s", m->from);
    }
    if (body != NULL && moot__map_put(&v->ballots, key, body) == MOOT_OK)
        return MOOT_OK;
    moot__json_free(body);
    return moot__verifier_no_memory(v);
}

/* A ballot of this round, below the conversation that decides. */
static bool belongs(const struct moot_message *decision, const char *key, int64_t round)
{
    char prefix[32];
    size_t len = strlen(decision->conv);
    snprintf(prefix, sizeof(prefix), "/vote%lld-", (long long)round);
    return strncmp(key, decision->conv, len) == 0 &&
           strncmp(key + len, prefix, strlen(prefix)) == 0;
}

/* Its author must be the voter whose conversation it is. */
static bool stands_right(const struct moot_message *decision, const char *key, const char *from,
                         int64_t round)
{
    char path[MOOT_VOTES_PATH];
    moot__votes_path(round, from, path);
    const char *rest = key + strlen(decision->conv) + 1;
    size_t len = strlen(path);
    return strncmp(rest, path, len) == 0 && rest[len] == '\n';
}

/* Puts all of them in and takes them away. *lost: one was redacted, so nothing can be counted. */
static int take_all(struct moot_verifier *v, const struct moot_message *m, int64_t round,
                    struct moot_election *e, bool *lost)
{
    size_t i = 0;
    const struct moot_map_entry *entry;
    while ((entry = moot__map_next(&v->ballots, &i)) != NULL) {
        if (!belongs(m, entry->key, round))
            continue;
        char from[MOOT_MAX_NAME + 1];
        struct moot_error why = {0};
        snprintf(from, sizeof(from), "%s", strchr(entry->key, '\n') + 1);
        bool right = stands_right(m, entry->key, from, round);
        struct moot_json *ballot = moot__map_take(&v->ballots, entry->key);
        bool gone = moot__json_is(ballot, MOOT_JSON_NULL);
        int status = right && !gone ? moot__votes_put(m->body, from, ballot, e, &why) : MOOT_OK;
        moot__json_free(ballot);
        if (!right)
            return moot__verifier_fail(v, "votes", MOOT_EMALFORMED,
                                       "a ballot of %s stands where another votes", from);
        if (status != MOOT_OK)
            return moot__verifier_fail(v, "votes", MOOT_EMALFORMED, "the ballot of %s: %s", from,
                                       why.message);
        *lost = *lost || gone;
        v->result->ballots++;
    }
    return MOOT_OK;
}

/* Whose ballots it says were counted: those that were cast, no fewer and no more. */
static int check_counted(struct moot_verifier *v, const struct moot_message *m,
                         const struct moot_election *e)
{
    size_t at = 0;
    const struct moot_json *said = moot__json_first(moot__json_get(m->body, "counted"));
    const struct moot_json *voter = moot__json_first(moot__json_get(m->body, "voters"));
    for (; voter != NULL && at < e->voters; voter = moot__json_next(voter), at++) {
        const char *id = moot__json_get_text(voter, "id", "");
        const char *next = moot__json_text(said) != NULL ? moot__json_text(said) : "";
        bool counted = said != NULL && strcmp(next, id) == 0;
        if (counted != e->ballots[at].cast)
            return moot__verifier_fail(v, "votes", MOOT_EMALFORMED,
                                       counted ? "the ballot of %s, which it counts, is not here"
                                               : "the ballot of %s is not counted",
                                       id);
        said = counted ? moot__json_next(said) : said;
    }
    return said == NULL ? MOOT_OK
                        : moot__verifier_fail(v, "votes", MOOT_EMALFORMED,
                                              "it counts a ballot of nobody who votes");
}

int moot__verifier_count_votes(struct moot_verifier *v, const struct moot_message *m)
{
    struct moot_election e;
    struct moot_error why = {0};
    bool lost = false;
    int64_t round = moot__json_get_int(m->body, "round", 0);
    if (moot__json_get_int(m->body, "seed", 0) != v->seed)
        return moot__verifier_fail(v, "votes", MOOT_EMALFORMED, "its seed is not the run's");
    if (moot__votes_election(m->body, &e, &why) != MOOT_OK)
        return moot__verifier_fail(v, "votes", MOOT_EMALFORMED, "%s", why.message);
    int status = take_all(v, m, round, &e, &lost);
    if (status != MOOT_OK || lost)
        return status;
    status = check_counted(v, m, &e);
    if (status != MOOT_OK)
        return status;
    status = moot__votes_check(m->body, &e, &why);
    if (status == MOOT_ENOMEM)
        return moot__verifier_no_memory(v);
    if (status != MOOT_OK)
        return moot__verifier_fail(v, "votes", MOOT_EMALFORMED, "%s", why.message);
    v->result->decisions++;
    return MOOT_OK;
}
