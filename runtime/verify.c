#include "runtime/verify_state.h"

#include "runtime/anchor.h"

/* ---- faults ---- */

int moot__verifier_fault(struct moot_verifier *v, const char *fault, int status,
                         const struct moot_error *error)
{
    struct moot_verify_result *r = v->result;
    if (r->status != MOOT_OK)
        return r->status;
    r->status = status;
    r->fault = fault;
    r->error = *error;
    r->error.code = status;
    if (r->seq < 0)
        r->seq = v->seq + 1;
    return status;
}

int moot__verifier_fail(struct moot_verifier *v, const char *fault, int status, const char *format,
                        ...)
{
    struct moot_verify_result *r = v->result;
    char text[sizeof(r->error.message)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct moot_error error = {0};
    if (v->at != NULL) {
        r->seq = v->at->seq;
        snprintf(r->name, sizeof(r->name), "%.300s %u%s%s", v->at->from, v->at->n,
                 v->at->conv[0] != '\0' ? " in " : "", v->at->conv);
        moot__fail(&error, status, "message %lld (%s of %s): %s", (long long)r->seq,
                   moot_kind_text(v->at->kind), r->name, text);
    } else {
        r->seq = v->seq;
        moot__fail(&error, status, "%s", text);
    }
    return moot__verifier_fault(v, fault, status, &error);
}

int moot__verifier_no_memory(struct moot_verifier *v)
{
    return moot__verifier_fail(v, "file", MOOT_ENOMEM, "out of memory");
}

int moot__verify_exit(int status)
{
    switch (status) {
    case MOOT_OK:
        return 0;
    case MOOT_ESIGNATURE:
        return 3;
    case MOOT_ECHAIN:
        return 4;
    case MOOT_EINCOMPLETE:
        return 5;
    case MOOT_EKEY:
        return 6;
    case MOOT_EMALFORMED:
    case MOOT_ETOOBIG:
    case MOOT_ESYNTAX:
        return 7;
    case MOOT_ENOTFOUND:
    case MOOT_EVERSION:
        return 2;
    case MOOT_EIO:
    case MOOT_EDENIED:
        return 11;
    default:
        return 1;
    }
}

/* ---- the verifier ---- */

struct moot_verifier *moot__verifier_new(const struct moot_verify_options *options,
                                         struct moot_verify_result *result)
{
    struct moot_verifier *v = calloc(1, sizeof(*v));
    if (v == NULL)
        return NULL;
    memset(result, 0, sizeof(*result));
    result->fault = "";
    result->seq = -1;
    v->options = options;
    v->result = result;
    v->seq = -1;
    v->anchored = -1;
    v->closed = -1;
    struct moot_map *maps[] = {&v->keys,   &v->old,     &v->approvers, &v->counts, &v->ids,
                               &v->nonces, &v->missing, &v->removed,   &v->people, &v->ballots};
    for (size_t i = 0; i < MOOT_COUNT(maps); i++)
        moot__map_init(maps[i]);
    return v;
}

static void free_key(void *key)
{
    moot__key_free(key);
}

void moot__verifier_free(struct moot_verifier *v)
{
    if (v == NULL)
        return;
    size_t i = 0;
    const struct moot_map_entry *e;
    while ((e = moot__map_next(&v->approvers, &i)) != NULL)
        if (e->value != v) /* a kid whose key is not known */
            moot__key_free(e->value);
    moot__map_release(&v->approvers, NULL);
    moot__map_release(&v->people, free);
    moot__map_release(&v->keys, free_key);
    moot__verifier_free_ballots(v);
    struct moot_map *marks[] = {&v->old, &v->counts, &v->ids, &v->nonces, &v->missing, &v->removed};
    for (size_t k = 0; k < MOOT_COUNT(marks); k++)
        moot__map_release(marks[k], NULL);
    moot__key_free(v->owner);
    moot__key_free(v->host);
    free(v);
}

/* ---- a message ---- */

/* Place in the file and in the chain. */
static int check_chain(struct moot_verifier *v, const struct moot_message *m)
{
    if (m->seq != v->seq + 1)
        return moot__verifier_fail(v, "seq", MOOT_ECHAIN, "message %lld is expected here",
                                   (long long)v->seq + 1);
    uint8_t link[MOOT_HASH_SIZE];
    moot__message_link(m, v->link, link);
    if (memcmp(link, m->link, sizeof(link)) != 0)
        return moot__verifier_fail(v, "link", MOOT_ECHAIN,
                                   "its link does not follow from it and what came before");
    if ((m->kind == MOOT_GENESIS) != (m->seq == 0))
        return moot__verifier_fail(v, "order", MOOT_ECHAIN,
                                   "a run begins with its one genesis message");
    if (v->closed >= 0 && m->kind != MOOT_REDACTION)
        return moot__verifier_fail(v, "order", MOOT_ECHAIN,
                                   "after the close only a redaction may follow");
    return MOOT_OK;
}

/* (conv, from, n): 1, 2, … without gaps; a statement from another process is counted in. */
static int check_name(struct moot_verifier *v, struct moot_message *m)
{
    char key[MOOT_MAX_PATH_CONV + MOOT_MAX_NAME + 2];
    snprintf(key, sizeof(key), "%s\n%s", m->conv, m->from);
    uintptr_t count = (uintptr_t)moot__map_get(&v->counts, key) + 1;
    if (m->nonce != NULL)
        m->n = (uint32_t)count;
    else if (m->n != count)
        return moot__verifier_fail(v, "name", MOOT_ECHAIN, "the author's count should be %llu",
                                   (unsigned long long)count);
    if (moot__map_put(&v->counts, key, (void *)count) != MOOT_OK)
        return moot__verifier_no_memory(v);
    return MOOT_OK;
}

/* A statement from another process counts once and until it expires. The clock may have been set
 * back, so the newest time in the chain is what counts. */
static int check_nonce(struct moot_verifier *v, const struct moot_message *m)
{
    if (m->nonce == NULL)
        return MOOT_OK;
    if (moot__map_get(&v->nonces, m->nonce) != NULL)
        return moot__verifier_fail(v, "nonce", MOOT_ECHAIN, "its nonce was used before");
    if (m->exp < v->ts)
        return moot__verifier_fail(v, "exp", MOOT_ESIGNATURE, "it had expired when it was taken");
    return moot__map_put(&v->nonces, m->nonce, v) == MOOT_OK ? MOOT_OK
                                                             : moot__verifier_no_memory(v);
}

static int check_re(struct moot_verifier *v, const struct moot_message *m)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(m->re, MOOT_HASH_SIZE, hex);
    if (m->has_re && moot__map_get(&v->ids, hex) == NULL)
        return moot__verifier_fail(v, "re", MOOT_ECHAIN, "it answers a message that is not here");
    moot__hex(m->id, MOOT_HASH_SIZE, hex);
    if (moot__map_put(&v->ids, hex, (void *)(uintptr_t)(m->seq + 1)) != MOOT_OK)
        return moot__verifier_no_memory(v);
    return MOOT_OK;
}

static int mark_seq(struct moot_verifier *v, struct moot_map *map, int64_t seq)
{
    char key[24];
    snprintf(key, sizeof(key), "%lld", (long long)seq);
    return moot__map_put(map, key, v) == MOOT_OK ? MOOT_OK : moot__verifier_no_memory(v);
}

/* The newest link of this run that this machine has kept, if any. */
static int load_head(struct moot_verifier *v)
{
    v->has_head = false;
    if (v->options->state_dir == NULL)
        return MOOT_OK;
    struct moot_error why = {0};
    int status = moot__head_load(v->options->state_dir, v->run, &v->head_seq, v->head_link, &why);
    if (status == MOOT_ENOTFOUND)
        return MOOT_OK;
    if (status != MOOT_OK)
        return moot__verifier_fail(v, "head", status, "%s", why.message);
    v->has_head = true;
    v->result->head_compared = true;
    return MOOT_OK;
}

static int check_head(struct moot_verifier *v, const struct moot_message *m)
{
    if (v->has_head && m->seq == v->head_seq && memcmp(m->link, v->head_link, MOOT_HASH_SIZE) != 0)
        return moot__verifier_fail(v, "head", MOOT_ECHAIN,
                                   "this machine has seen the run with another message here");
    return MOOT_OK;
}

/* The new process says which messages it found unwitnessed, if any: an anchor that was there then
 * cannot be taken away now. A fork says so where it likes: its prefix ends anywhere. */
static int check_unwitnessed(struct moot_verifier *v, const struct moot_message *m, bool fork)
{
    const struct moot_json *range = moot__json_get(m->body, "unwitnessed");
    int64_t first = moot__json_get_int(range, "from", m->seq);
    int64_t last = moot__json_get_int(range, "to", m->seq - 1);
    if ((range == NULL && fork) || (first == v->anchored + 1 && last == m->seq - 1))
        return MOOT_OK;
    return moot__verifier_fail(v, "anchor", MOOT_ECHAIN,
                               "it found other messages unwitnessed than are here: an anchor is "
                               "missing");
}

/* Which run it goes on with, or whose replies it repeats. Of a fork that holds that run's messages
 * it must be true; of another that run alone can tell. */
static int take_origin(struct moot_verifier *v, const struct moot_message *m, bool fork)
{
    const struct moot_json *forked = moot__json_get(m->body, "forked");
    const struct moot_json *replayed = moot__json_get(m->body, "replayed");
    const struct moot_json *origin = forked != NULL ? forked : replayed;
    const char *run = moot__json_get_text(origin, "run", fork ? v->run : "");
    int64_t seq = moot__json_get_int(origin, "seq", m->seq - 1);
    char hex[MOOT_HEX_SIZE];
    moot__hex(v->link, MOOT_HASH_SIZE, hex);
    if (fork && (strcmp(run, v->run) != 0 || seq != m->seq - 1 ||
                 strcmp(moot__json_get_text(origin, "link", hex), hex) != 0))
        return moot__verifier_fail(v, "run", MOOT_ECHAIN,
                                   "it says it was forked elsewhere than here");
    if (origin == NULL && !fork)
        return MOOT_OK;
    uint8_t id[16];
    if (run[0] != '\0' && !moot__unhex(run, id, sizeof(id)))
        return moot__verifier_fail(v, "form", MOOT_EMALFORMED,
                                   "what it comes from is not named by 32 hex digits");
    snprintf(v->result->from, sizeof(v->result->from), "%s", run);
    v->result->from_seq = seq;
    v->result->replayed = forked == NULL && replayed != NULL;
    return MOOT_OK;
}

/* A process takes the run up: what its predecessor did not anchor nobody has witnessed. */
static int take_up(struct moot_verifier *v, const struct moot_message *m)
{
    bool first = m->kind == MOOT_GENESIS;
    bool process = first || moot__json_get(m->body, "host") != NULL;
    bool fork = !first && strcmp(v->run, m->run) != 0;
    if (fork && !process)
        return moot__verifier_fail(v, "run", MOOT_ECHAIN, "it belongs to another run");
    int status = process ? take_origin(v, m, fork) : MOOT_OK;
    if (status == MOOT_OK)
        status = moot__verifier_take_keys(v, m);
    if (status != MOOT_OK)
        return status;
    if (process && !first) {
        status = check_unwitnessed(v, m, fork);
        if (status != MOOT_OK)
            return status;
        v->result->unwitnessed += m->seq - 1 - v->anchored;
        v->result->forks += fork;
        v->result->resumes += !fork;
    }
    return first || fork ? load_head(v) : MOOT_OK;
}

/* Tools, and agents, that may do to this machine what they like. */
static int64_t count_unsandboxed(const struct moot_json *crew)
{
    static const char *const lists[] = {"tools", "agents"};
    int64_t count = 0;
    for (size_t i = 0; i < MOOT_COUNT(lists); i++) {
        const struct moot_json *j = moot__json_first(moot__json_get(crew, lists[i]));
        for (; j != NULL; j = moot__json_next(j))
            count += strcmp(moot__json_get_text(j, "sandbox", ""), "none") == 0;
    }
    return count;
}

static int take_redaction(struct moot_verifier *v, const struct moot_message *m)
{
    const struct moot_json *j = moot__json_first(moot__json_get(m->body, "messages"));
    int status = MOOT_OK;
    for (; j != NULL && status == MOOT_OK; j = moot__json_next(j)) {
        int64_t seq = moot__json_get_int(j, "seq", -1);
        uintptr_t known = (uintptr_t)moot__map_get(&v->ids, moot__json_get_text(j, "id", ""));
        if (seq < 0 || known != (uintptr_t)(seq + 1))
            return moot__verifier_fail(v, "redaction", MOOT_ECHAIN,
                                       "it names a message that is not here");
        status = mark_seq(v, &v->removed, seq);
    }
    return status;
}

static int take_close(struct moot_verifier *v, const struct moot_message *m)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(v->link, MOOT_HASH_SIZE, hex); /* of the message before */
    if (moot__json_get_int(m->body, "seq", v->seq) != v->seq ||
        strcmp(moot__json_get_text(m->body, "link", hex), hex) != 0)
        return moot__verifier_fail(v, "link", MOOT_ECHAIN,
                                   "it closes another chain than the one before it");
    v->closed = m->seq;
    v->result->closed = true;
    return MOOT_OK;
}

/* What the kind brings with it, once it is known whose message it is. */
static int take_kind(struct moot_verifier *v, const struct moot_message *m)
{
    if (m->kind == MOOT_GENESIS || m->kind == MOOT_AMEND) {
        /* The highest number counts: an amended crew does not undo what an earlier one could do. */
        int64_t count = count_unsandboxed(moot__json_get(m->body, "crew"));
        if (count > v->result->unsandboxed)
            v->result->unsandboxed = count;
        v->result->amended += m->kind == MOOT_AMEND;
    }
    if (m->kind == MOOT_GENESIS)
        v->seed = moot__json_get_int(m->body, "seed", 0);
    if (m->kind == MOOT_BALLOT)
        return moot__verifier_take_ballot(v, m);
    if (m->kind == MOOT_DECISION && m->body != NULL)
        return moot__verifier_count_votes(v, m);
    if (m->kind == MOOT_CLOSE)
        return take_close(v, m);
    if (m->kind == MOOT_REDACTION && m->body != NULL)
        return take_redaction(v, m);
    return MOOT_OK;
}

static int check_message(struct moot_verifier *v, struct moot_message *m)
{
    int status = check_chain(v, m);
    if (status == MOOT_OK && (m->kind == MOOT_GENESIS || m->kind == MOOT_KEY))
        status = take_up(v, m);
    else if (status == MOOT_OK && strcmp(m->run, v->run) != 0)
        status = moot__verifier_fail(v, "run", MOOT_ECHAIN, "it belongs to another run");
    if (status == MOOT_OK)
        status = check_name(v, m);
    if (status == MOOT_OK)
        status = check_nonce(v, m);
    if (status == MOOT_OK)
        status = check_re(v, m);
    if (status == MOOT_OK)
        status = moot__verifier_author(v, m);
    if (status == MOOT_OK)
        status = take_kind(v, m);
    if (status == MOOT_OK && m->body == NULL)
        status = mark_seq(v, &v->missing, m->seq);
    return status == MOOT_OK ? check_head(v, m) : status;
}

int moot__verifier_message(struct moot_verifier *v, struct moot_message *m)
{
    if (v->result->status != MOOT_OK)
        return v->result->status;
    v->at = m;
    int status = check_message(v, m);
    v->at = NULL;
    if (status != MOOT_OK)
        return status;
    v->seq = m->seq;
    memcpy(v->link, m->link, MOOT_HASH_SIZE);
    if (strcmp(m->from, MOOT_HOST) == 0 && m->ts > v->ts)
        v->ts = m->ts;
    v->result->messages++;
    return MOOT_OK;
}

/* ---- anchors and the end ---- */

int moot__verifier_anchor(struct moot_verifier *v, const struct moot_anchor *a)
{
    if (v->result->status != MOOT_OK)
        return v->result->status;
    if (a->seq > v->seq)
        return moot__verifier_fail(v, "anchor", MOOT_ECHAIN,
                                   "an anchor covers message %lld, which is not here",
                                   (long long)a->seq);
    if (a->seq < v->seq)
        return moot__verifier_fail(v, "form", MOOT_EMALFORMED,
                                   "the anchor over message %lld does not stand behind it",
                                   (long long)a->seq);
    if (a->seq == v->anchored)
        return moot__verifier_fail(v, "form", MOOT_EMALFORMED, "a second anchor over message %lld",
                                   (long long)a->seq);
    if (strcmp(a->run, v->run) != 0)
        return moot__verifier_fail(v, "anchor", MOOT_ECHAIN,
                                   "the anchor over message %lld is of another run",
                                   (long long)a->seq);
    const struct moot_key *key = moot__verifier_anchor_key(v, a->kid);
    if (key == NULL)
        return moot__verifier_fail(v, "key", MOOT_EKEY,
                                   "the anchor over message %lld is by key %s, which may not",
                                   (long long)a->seq, a->kid);
    struct moot_error why = {0};
    if (moot__anchor_check(key, a, &why) != MOOT_OK)
        return moot__verifier_fail(v, "anchor", MOOT_ESIGNATURE, "%s", why.message);
    if (memcmp(a->link, v->link, MOOT_HASH_SIZE) != 0)
        return moot__verifier_fail(v, "anchor", MOOT_ECHAIN,
                                   "message %lld, or one before it, is not the one that was "
                                   "anchored",
                                   (long long)a->seq);
    v->anchored = a->seq;
    v->result->anchors++;
    return MOOT_OK;
}

static int check_missing(struct moot_verifier *v)
{
    size_t i = 0;
    const struct moot_map_entry *e;
    while ((e = moot__map_next(&v->missing, &i)) != NULL) {
        if (moot__map_get(&v->removed, e->key) == NULL)
            return moot__verifier_fail(v, "body", MOOT_ECHAIN,
                                       "the body of message %s is missing, and no redaction "
                                       "names it",
                                       e->key);
        v->result->redacted++;
    }
    return MOOT_OK;
}

static int check_end(struct moot_verifier *v, bool copy)
{
    if (v->has_head && v->seq < v->head_seq)
        return moot__verifier_fail(v, "head", copy ? MOOT_EINCOMPLETE : MOOT_ECHAIN,
                                   "it ends at message %lld, and this machine has seen %lld",
                                   (long long)v->seq, (long long)v->head_seq);
    if (v->seq < 0)
        return moot__verifier_fail(v, "end", MOOT_EINCOMPLETE, "there is no message");
    if (v->closed < 0)
        return moot__verifier_fail(v, "end", MOOT_EINCOMPLETE,
                                   "the run is not closed; all up to message %lld is well",
                                   (long long)v->seq);
    if (v->anchored < v->seq)
        return moot__verifier_fail(v, "end", MOOT_EINCOMPLETE,
                                   "the messages after %lld are not anchored",
                                   (long long)v->anchored);
    if (v->options->strict && v->result->unwitnessed + v->result->unsandboxed > 0)
        return moot__verifier_fail(v, "strict", MOOT_EINCOMPLETE,
                                   "%lld messages are unwitnessed, %lld tools run unsandboxed",
                                   (long long)v->result->unwitnessed,
                                   (long long)v->result->unsandboxed);
    return MOOT_OK;
}

int moot__verifier_end(struct moot_verifier *v, bool copy)
{
    struct moot_verify_result *r = v->result;
    if (r->status != MOOT_OK)
        return r->status;
    memcpy(r->run, v->run, sizeof(r->run));
    r->unwitnessed += v->seq - v->anchored;
    int status = check_missing(v);
    return status == MOOT_OK ? check_end(v, copy) : status;
}
