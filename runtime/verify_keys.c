/* Whose keys are in force, and who must sign what. */
#include "runtime/verify_state.h"

static void free_key(void *key)
{
    moot__key_free(key);
}

/* The keys of a process that is gone are known by their ids alone: to say why they are refused. */
static int retire(struct moot_verifier *v)
{
    size_t i = 0;
    const struct moot_map_entry *e;
    int status = MOOT_OK;
    if (v->host != NULL)
        status = moot__map_put(&v->old, moot__key_kid(v->host), v);
    while (status == MOOT_OK && (e = moot__map_next(&v->keys, &i)) != NULL)
        status = moot__map_put(&v->old, moot__key_kid(e->value), v);
    if (status != MOOT_OK)
        return moot__verifier_no_memory(v);
    moot__map_release(&v->keys, free_key);
    moot__map_init(&v->keys);
    moot__key_free(v->host);
    v->host = NULL;
    return MOOT_OK;
}

/* Takes down what a check said about a certificate. */
static int refuse_cert(struct moot_verifier *v, const struct moot_error *why)
{
    int status = why->code == MOOT_EMALFORMED || why->code == MOOT_ENOMEM ? why->code : MOOT_EKEY;
    return moot__verifier_fail(v, "key", status, "%s", why->message);
}

static int take_agent(struct moot_verifier *v, const struct moot_json *cert)
{
    struct moot_error why = {0};
    struct moot_key *key = NULL;
    const char *name = moot__json_get_text(cert, "name", "");
    if (strcmp(name, MOOT_HOST) == 0 || moot__map_get(&v->keys, name) != NULL)
        return moot__verifier_fail(v, "key", MOOT_EKEY, "a second key of '%.60s'", name);
    if (moot__cert_check(v->owner, v->run, cert, &key, &why) != MOOT_OK)
        return refuse_cert(v, &why);
    if (moot__map_put(&v->keys, name, key) != MOOT_OK) {
        moot__key_free(key);
        return moot__verifier_no_memory(v);
    }
    v->result->keys++;
    return MOOT_OK;
}

static int take_agents(struct moot_verifier *v, const struct moot_json *certs)
{
    if (certs != NULL && !moot__json_is(certs, MOOT_JSON_ARRAY))
        return moot__verifier_fail(v, "key", MOOT_EMALFORMED, "'keys' is not a list");
    int status = MOOT_OK;
    const struct moot_json *cert = moot__json_first(certs);
    for (; cert != NULL && status == MOOT_OK; cert = moot__json_next(cert))
        status = take_agent(v, cert);
    return status;
}

static int take_host(struct moot_verifier *v, const struct moot_json *cert)
{
    struct moot_error why = {0};
    struct moot_key *key = NULL;
    if (moot__cert_check(v->owner, v->run, cert, &key, &why) != MOOT_OK)
        return refuse_cert(v, &why);
    if (strcmp(moot__json_get_text(cert, "name", ""), MOOT_HOST) != 0) {
        moot__key_free(key);
        return moot__verifier_fail(v, "key", MOOT_EKEY, "the host's key is certified for another");
    }
    v->host = key;
    v->result->keys++;
    return MOOT_OK;
}

static int take_public(struct moot_verifier *v, const char *hex, struct moot_key **out)
{
    uint8_t bytes[32];
    struct moot_error why = {0};
    if (hex == NULL || !moot__unhex(hex, bytes, sizeof(bytes)))
        return moot__verifier_fail(v, "key", MOOT_EMALFORMED,
                                   "a public key is not 64 lower-case hex digits");
    int status = moot__key_public(bytes, out, &why);
    return status == MOOT_OK ? MOOT_OK : moot__verifier_fail(v, "key", status, "%s", why.message);
}

/* The owner's key comes with the genesis message; that it is the right owner's nobody but the user
 * can know, so the result says which it is. */
static int take_owner(struct moot_verifier *v, const struct moot_json *body)
{
    int status = take_public(v, moot__json_get_text(body, "owner", NULL), &v->owner);
    if (status != MOOT_OK)
        return status;
    const char *kid = moot__key_kid(v->owner);
    memcpy(v->result->owner, kid, MOOT_KID_TEXT);
    if (v->options->owner != NULL && strcmp(v->options->owner, kid) != 0)
        return moot__verifier_fail(v, "owner", MOOT_EKEY,
                                   "the run's owner key is %s, and %s is asked for", kid,
                                   v->options->owner);
    return MOOT_OK;
}

static int add_approver(struct moot_verifier *v, struct moot_key *key, bool *listed)
{
    const char *kid = moot__key_kid(key);
    *listed = moot__map_get(&v->approvers, kid) == v;
    if (!*listed)
        return MOOT_OK;
    return moot__map_put(&v->approvers, kid, key) == MOOT_OK ? MOOT_OK
                                                             : moot__verifier_no_memory(v);
}

/* `approvers` lists kids, by default the owner's; `approver_keys` their public keys. Until its key
 * is known a kid stands for itself, marked by the verifier's own address. */
static int take_approvers(struct moot_verifier *v, const struct moot_json *body)
{
    const struct moot_json *kids = moot__json_get(body, "approvers");
    const struct moot_json *keys = moot__json_get(body, "approver_keys");
    const struct moot_json *j = moot__json_first(kids);
    int status = kids == NULL ? moot__map_put(&v->approvers, moot__key_kid(v->owner), v) : MOOT_OK;
    for (; j != NULL && status == MOOT_OK; j = moot__json_next(j))
        if (moot__json_text(j) != NULL)
            status = moot__map_put(&v->approvers, moot__json_text(j), v);
    if (status != MOOT_OK)
        return moot__verifier_no_memory(v);
    for (j = moot__json_first(keys); j != NULL && status == MOOT_OK; j = moot__json_next(j)) {
        struct moot_key *key = NULL;
        bool listed = false;
        status = take_public(v, moot__json_text(j), &key);
        if (status == MOOT_OK)
            status = add_approver(v, key, &listed);
        if (status != MOOT_OK || !listed)
            moot__key_free(key);
    }
    return status;
}

/* `people` says which approver's key is whose: nobody else may speak by that name. */
static int take_people(struct moot_verifier *v, const struct moot_json *body)
{
    const struct moot_json *people = moot__json_get(body, "people");
    const struct moot_json *p = moot__json_first(people);
    if (people != NULL && !moot__json_is(people, MOOT_JSON_OBJECT))
        return moot__verifier_fail(v, "key", MOOT_EMALFORMED, "'people' is not an object");
    for (; p != NULL; p = moot__json_next(p)) {
        const char *kid = moot__json_text(p);
        char *copy = kid != NULL ? strdup(kid) : NULL;
        if (kid == NULL)
            return moot__verifier_fail(v, "key", MOOT_EMALFORMED, "a person's key id is no text");
        if (copy == NULL || moot__map_put(&v->people, moot__json_key(p), copy) != MOOT_OK) {
            free(copy);
            return moot__verifier_no_memory(v);
        }
    }
    return MOOT_OK;
}

static int check_same_owner(struct moot_verifier *v, const struct moot_json *body)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(moot__key_bytes(v->owner), 32, hex);
    if (strcmp(moot__json_get_text(body, "owner", hex), hex) != 0)
        return moot__verifier_fail(v, "owner", MOOT_EKEY, "the owner's key has changed");
    return MOOT_OK;
}

int moot__verifier_take_keys(struct moot_verifier *v, const struct moot_message *m)
{
    const struct moot_json *body = m->body;
    const struct moot_json *host = moot__json_get(body, "host");
    int status = MOOT_OK;
    if (body == NULL)
        return moot__verifier_fail(v, "key", MOOT_EKEY, "the keys it brings are missing");
    if (m->kind == MOOT_GENESIS) {
        status = take_owner(v, body);
        if (status == MOOT_OK)
            status = take_approvers(v, body);
        if (status == MOOT_OK)
            status = take_people(v, body);
    } else {
        status = check_same_owner(v, body);
    }
    /* With a host key another process takes over; without one, agents are added. */
    if (status == MOOT_OK && (host != NULL || m->kind == MOOT_GENESIS)) {
        status = retire(v);
        memcpy(v->run, m->run, sizeof(v->run));
        if (status == MOOT_OK)
            status = take_host(v, host);
    }
    return status == MOOT_OK ? take_agents(v, moot__json_get(body, "keys")) : status;
}

/* ---- who signs ---- */

static const struct moot_key *approver(const struct moot_verifier *v, const char *kid)
{
    const void *value = moot__map_get(&v->approvers, kid);
    if (value == v) /* only the owner's needs no `approver_keys` */
        return strcmp(kid, moot__key_kid(v->owner)) == 0 ? v->owner : NULL;
    return value;
}

static const struct moot_key *owner_or_approver(const struct moot_verifier *v, const char *kid)
{
    return strcmp(kid, moot__key_kid(v->owner)) == 0 ? v->owner : approver(v, kid);
}

/* The one key by which this message may be signed, given the kid it names. */
static const struct moot_key *key_of(const struct moot_verifier *v, const struct moot_message *m)
{
    if (m->kid == NULL)
        return NULL;
    if (m->kind == MOOT_AMEND || m->kind == MOOT_REDACTION)
        return owner_or_approver(v, m->kid);
    if (m->kind == MOOT_GENESIS || m->kind == MOOT_KEY || m->kind == MOOT_CLOSE ||
        strcmp(m->from, MOOT_HOST) == 0)
        return v->host;
    /* What has a key of its own signs with that alone, and what it has not is a person. */
    const struct moot_key *own = moot__map_get(&v->keys, m->from);
    if (own != NULL && m->kind != MOOT_APPROVAL)
        return own;
    /* Where people are named, who is none of them is the owner. */
    const char *kid = moot__map_get(&v->people, m->from);
    if (kid == NULL && v->people.count > 0)
        kid = moot__key_kid(v->owner);
    if (kid != NULL && strcmp(kid, m->kid) != 0)
        return NULL;
    return m->kind == MOOT_MSG ? owner_or_approver(v, m->kid) : approver(v, m->kid);
}

/* What the host may note without a signature must not be a consent. */
static bool is_consent(const struct moot_message *m)
{
    return m->kind == MOOT_APPROVAL &&
           (m->body == NULL ||
            strcmp(moot__json_get_text(m->body, "decision", ""), "approve") == 0);
}

int moot__verifier_author(struct moot_verifier *v, const struct moot_message *m)
{
    bool must = moot__kind_signed(m->kind, m->from) || m->nonce != NULL || is_consent(m);
    if (!m->has_sig && !must)
        return MOOT_OK;
    if (!m->has_sig)
        return moot__verifier_fail(v, "signature", MOOT_ESIGNATURE, "it is not signed");
    const struct moot_key *key = key_of(v, m);
    const char *kid = m->kid != NULL ? m->kid : "";
    if (key == NULL || strcmp(moot__key_kid(key), kid) != 0) {
        bool old = moot__map_get(&v->old, kid) != NULL;
        return moot__verifier_fail(v, "key", MOOT_EKEY, "'%.60s' may not sign it with key %s%s",
                                   m->from, kid, old ? ", of a process that is gone" : "");
    }
    struct moot_error why = {0};
    if (moot__sign_check(key, m, &why) != MOOT_OK)
        return moot__verifier_fail(v, "signature", MOOT_ESIGNATURE, "%s", why.message);
    v->result->signatures++;
    return MOOT_OK;
}

const struct moot_key *moot__verifier_anchor_key(const struct moot_verifier *v, const char *kid)
{
    if (strcmp(moot__key_kid(v->host), kid) == 0)
        return v->host;
    /* After the close the host's key is gone, and only a redaction may have come. */
    bool after = v->closed >= 0 && v->seq > v->closed;
    return after && strcmp(moot__key_kid(v->owner), kid) == 0 ? v->owner : NULL;
}
