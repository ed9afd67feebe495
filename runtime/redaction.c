#include "runtime/redaction.h"

#include "runtime/anchor.h"
#include "runtime/quotes.h"
#include "runtime/verify.h"

#include <sys/random.h>

bool moot__redaction_may(enum moot_kind kind)
{
    return kind != MOOT_GENESIS && kind != MOOT_KEY && kind != MOOT_AMEND && kind != MOOT_CLOSE &&
           kind != MOOT_REDACTION;
}

static bool among(const int64_t *list, size_t count, int64_t seq)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == seq)
            return true;
    return false;
}

/* ---- what else holds the text ---- */

struct looking {
    const int64_t *seqs;
    size_t count;
    struct moot_quotes words;
    int64_t *found;
    size_t found_count;
    struct moot_error *err;
};

static int take_words(void *arg, struct moot_message *m)
{
    struct looking *l = arg;
    if (!among(l->seqs, l->count, m->seq))
        return MOOT_OK;
    if (!moot__redaction_may(m->kind))
        return moot__fail(l->err, MOOT_EINVAL,
                          "message %lld is a %s: without it the run could not be verified",
                          (long long)m->seq, moot_kind_text(m->kind));
    if (m->body == NULL)
        return moot__fail(l->err, MOOT_EINVAL, "the text of message %lld was removed already",
                          (long long)m->seq);
    int status = moot__quotes_add(&l->words, m->body);
    return status == MOOT_OK ? MOOT_OK
                             : moot__fail(l->err, status, "message %lld: %s", (long long)m->seq,
                                          moot__status_text(status));
}

static int find_words(void *arg, struct moot_message *m)
{
    struct looking *l = arg;
    if (m->body == NULL || among(l->seqs, l->count, m->seq) || !moot__quotes_in(&l->words, m->body))
        return MOOT_OK;
    int64_t *more = realloc(l->found, (l->found_count + 1) * sizeof(*more));
    if (more == NULL)
        return moot__fail(l->err, MOOT_ENOMEM, "out of memory");
    l->found = more;
    l->found[l->found_count++] = m->seq;
    return MOOT_OK;
}

int moot__redaction_quotes(struct moot_journal *j, const int64_t *seqs, size_t count, int64_t **out,
                           size_t *out_count, struct moot_error *err)
{
    struct looking l = {.seqs = seqs, .count = count, .err = err};
    moot__quotes_init(&l.words);
    int64_t last = moot__journal_seq(j);
    int status = MOOT_OK;
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        if (seqs[i] < 0 || seqs[i] > last)
            status =
                moot__fail(err, MOOT_ENOTFOUND, "there is no message %lld: the run ends at %lld",
                           (long long)seqs[i], (long long)last);
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, take_words, &l, err);
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, find_words, &l, err);
    moot__quotes_release(&l.words);
    if (status != MOOT_OK) {
        free(l.found);
        return status;
    }
    *out = l.found;
    *out_count = l.found_count;
    return MOOT_OK;
}

/* ---- the message that says so ---- */

struct writing {
    const struct moot_redaction_wish *wish;
    struct moot_json *messages;
    uint32_t said; /* by persons in the run's own conversation, so far */
    uint8_t caps[MOOT_HASH_SIZE];
    int64_t ts;
    bool closed;
    struct moot_error *err;
};

/* Outcomes, counts and names; no words. */
static struct moot_json *kept_of(const struct moot_json *body)
{
    static const char *const keys[] = {"status",  "outcome", "stop",    "decision", "at",
                                       "usage",   "cost",    "reserve", "attempt",  "item",
                                       "private", "ended",   "tool",    "name",     "participants",
                                       "timer",   "like",    "count",   "recorded"};
    struct moot_json *kept = moot__json_new(MOOT_JSON_OBJECT);
    int status = kept != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++) {
        const struct moot_json *value = moot__json_get(body, keys[i]);
        bool words = strcmp(keys[i], "like") == 0 && !moot__json_is(value, MOOT_JSON_BOOL);
        if (value != NULL && !words)
            status = moot__json_set(kept, keys[i], moot__json_copy(value));
    }
    if (status == MOOT_OK)
        return kept;
    moot__json_free(kept);
    return NULL;
}

static int note(void *arg, struct moot_message *m)
{
    struct writing *w = arg;
    const struct moot_redaction_wish *wish = w->wish;
    char id[MOOT_HEX_SIZE];
    w->closed = w->closed || m->kind == MOOT_CLOSE;
    w->said += m->conv[0] == '\0' && strcmp(m->from, "person") == 0;
    memcpy(w->caps, m->caps, sizeof(w->caps));
    if (m->ts > w->ts)
        w->ts = m->ts;
    bool goes = among(wish->seqs, wish->count, m->seq) ||
                (wish->with_quotes && among(wish->quotes, wish->quote_count, m->seq));
    if (!goes || m->body == NULL)
        return MOOT_OK;
    struct moot_json *one = moot__json_new(MOOT_JSON_OBJECT);
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    int status = moot__json_set_int(one, "seq", m->seq);
    status |= moot__json_set_text(one, "id", id);
    status |= moot__json_set(one, "kept", kept_of(m->body));
    status |= moot__json_add(w->messages, one);
    return status == MOOT_OK ? MOOT_OK : moot__fail(w->err, MOOT_ENOMEM, "out of memory");
}

/* {messages: [{seq, id, kept}], why?, left?: [seq]}; takes the list of messages over. */
static struct moot_json *body_of(const struct writing *w)
{
    const struct moot_redaction_wish *wish = w->wish;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set(body, "messages", w->messages);
    if (wish->why != NULL)
        status |= moot__json_set_text(body, "why", wish->why);
    if (!wish->with_quotes && wish->quote_count > 0) {
        struct moot_json *left = moot__json_new(MOOT_JSON_ARRAY);
        for (size_t i = 0; i < wish->quote_count; i++)
            status |= moot__json_add(left, moot__json_new_int(wish->quotes[i]));
        status |= moot__json_set(body, "left", left);
    }
    if (status == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

static int make_message(const struct writing *w, const char *run, struct moot_message **out,
                        struct moot_error *err)
{
    uint8_t salt[MOOT_SALT_SIZE];
    struct moot_json *body = body_of(w);
    struct moot_message *m = body != NULL ? moot__message_new(MOOT_REDACTION) : NULL;
    if (m == NULL || getrandom(salt, sizeof(salt), 0) != sizeof(salt)) {
        moot__json_free(body);
        moot__message_unref(m);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    int status = moot__message_set(&m->run, run);
    status |= moot__message_set(&m->conv, "");
    status |= moot__message_set(&m->from, "person");
    status |= moot__message_set(&m->kid, moot__key_kid(w->wish->owner));
    m->n = w->said + 1;
    m->ts = w->wish->ts > w->ts ? w->wish->ts : w->ts;
    memcpy(m->caps, w->caps, sizeof(m->caps));
    if (status == MOOT_OK)
        status = moot__message_seal(m, body, salt, err);
    else
        moot__json_free(body);
    if (status == MOOT_OK)
        status = moot__sign_batch(w->wish->owner, &m, 1, err);
    if (status == MOOT_OK)
        *out = m;
    else
        moot__message_unref(m);
    return status;
}

/* Only the owner's run, and only what can be proved now: afterwards nobody could tell. */
static int prove(struct moot_journal *j, const struct moot_redaction_wish *wish, char *run,
                 struct moot_error *err)
{
    struct moot_verify_options options = {.state_dir = wish->state_dir};
    struct moot_verify_result *result = calloc(1, sizeof(*result));
    if (result == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = moot__verify_journal(j, &options, result);
    if (status == MOOT_OK || status == MOOT_EINCOMPLETE) {
        status = MOOT_OK;
        if (strcmp(result->owner, moot__key_kid(wish->owner)) != 0)
            status = moot__fail(err, MOOT_EKEY,
                                "the run is of owner kid:%s, who alone may remove texts of it",
                                result->owner);
        memcpy(run, result->run, MOOT_RUN_TEXT);
    } else {
        *err = result->error;
        err->code = status;
        moot__fail_wrap(err, "%s is not changed", moot__journal_path(j));
    }
    free(result);
    return status;
}

static int append(struct moot_journal *j, const struct writing *w, const char *run,
                  struct moot_error *err)
{
    struct moot_message *m = NULL;
    struct moot_anchor anchor;
    int status = make_message(w, run, &m, err);
    if (status == MOOT_OK)
        status = moot__journal_append(j, m, err);
    moot__message_unref(m);
    /* Before the close the next process that takes the run up anchors it. */
    if (status == MOOT_OK && w->closed) {
        status = moot__anchor_make(w->wish->owner, run, moot__journal_seq(j), moot__journal_link(j),
                                   &anchor);
        if (status == MOOT_OK)
            status = moot__journal_anchor(j, &anchor, err);
    }
    return status;
}

int moot__redaction_make(struct moot_journal *j, const struct moot_redaction_wish *wish,
                         struct moot_error *err)
{
    struct writing w = {.wish = wish, .err = err};
    char run[MOOT_RUN_TEXT] = "";
    size_t all = wish->count + (wish->with_quotes ? wish->quote_count : 0);
    int64_t *seqs = malloc((all + 1) * sizeof(*seqs));
    int status = prove(j, wish, run, err);
    w.messages = moot__json_new(MOOT_JSON_ARRAY);
    if (status == MOOT_OK && (seqs == NULL || w.messages == NULL))
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, note, &w, err);
    if (status == MOOT_OK) {
        for (size_t i = 0; i < all; i++)
            seqs[i] = i < wish->count ? wish->seqs[i] : wish->quotes[i - wish->count];
        status = append(j, &w, run, err);
    } else {
        moot__json_free(w.messages);
    }
    if (status == MOOT_OK)
        status = moot__journal_redact(j, seqs, all, err);
    if (status == MOOT_OK && wish->state_dir != NULL)
        status = moot__head_store(wish->state_dir, run, moot__journal_seq(j), moot__journal_link(j),
                                  err);
    free(seqs);
    return status;
}
