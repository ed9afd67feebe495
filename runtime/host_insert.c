#include "runtime/host_state.h"

#include "runtime/anchor.h"

int64_t moot__host_at(const struct moot_host *h)
{
    const struct moot_world *w = h->o.world;
    return h->at_base + (w->now_mono(w->self) - h->mono_base);
}

const struct moot_participant *moot__host_participant(const struct moot_host *h, const char *id)
{
    for (size_t i = 0; i < h->o.crew->participant_count; i++) {
        if (strcmp(h->o.crew->participants[i].id, id) == 0)
            return &h->o.crew->participants[i];
    }
    return NULL;
}

static const struct moot_key *author_key(const struct moot_host *h, const char *from)
{
    if (strcmp(from, "host") == 0)
        return h->host_key;
    const struct moot_key *own = moot__map_get(&h->keys, from);
    return own != NULL ? own : moot__host_person_key(h, from);
}

struct moot_message *moot__host_message(struct moot_host *h, enum moot_kind kind, const char *conv,
                                        const char *from)
{
    const struct moot_world *w = h->o.world;
    struct moot_message *m = moot__message_new(kind);
    if (m == NULL)
        return NULL;
    int status = moot__message_set(&m->run, h->run_id);
    status |= moot__message_set(&m->conv, conv);
    status |= moot__message_set(&m->from, from);
    if (moot__kind_signed(kind, from)) {
        const struct moot_key *key = author_key(h, from);
        if (key != NULL)
            status |= moot__message_set(&m->kid, moot__key_kid(key));
    }
    m->ts = w->now_wall(w->self);
    memcpy(m->caps, h->caps, sizeof(m->caps));
    const struct moot_run_conv *c = moot__run_conv(&h->run, conv);
    if (c != NULL) {
        m->n = moot__run_next_n(c, from);
        status |= moot__message_set(&m->item, c->item);
        status |= moot__message_set(&m->task, c->task);
        for (size_t i = 0; i < c->label_count; i++)
            status |= moot__message_add(&m->prov, &m->prov_count, c->labels[i]);
    } else {
        m->n = 1;
    }
    if (status != MOOT_OK) {
        moot__message_unref(m);
        return NULL;
    }
    return m;
}

/* Appends to a growing list of pointers. */
static int push(struct moot_message ***list, size_t *count, size_t *size, struct moot_message *m)
{
    if (*count == *size) {
        size_t more = *size == 0 ? 32 : *size * 2;
        struct moot_message **grown = realloc(*list, more * sizeof(struct moot_message *));
        if (grown == NULL)
            return MOOT_ENOMEM;
        *list = grown;
        *size = more;
    }
    (*list)[(*count)++] = moot__message_ref(m);
    return MOOT_OK;
}

int moot__host_insert_sealed(struct moot_host *h, struct moot_message *m, struct moot_error *err)
{
    int status = moot__run_apply(&h->run, m, err);
    if (m->ts > h->newest_ts)
        h->newest_ts = m->ts;
    if (status == MOOT_OK)
        status = push(&h->batch, &h->batch_count, &h->batch_size, m);
    if (status == MOOT_OK)
        status = push(&h->queue, &h->queue_count, &h->queue_size, m);
    struct moot_live *live = moot__stage_find(&h->stage, m->conv);
    if (status == MOOT_OK && live != NULL)
        status = moot__stage_said(live, m);
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "run %s: out of memory", h->run_id);
    return status;
}

int moot__host_insert(struct moot_host *h, struct moot_message *m, struct moot_json *body,
                      struct moot_error *err)
{
    const struct moot_world *w = h->o.world;
    if (m == NULL || body == NULL) {
        moot__message_unref(m);
        moot__json_free(body);
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    }
    uint8_t salt[MOOT_SALT_SIZE];
    w->random(w->self, salt, sizeof(salt));
    int status = moot__message_seal(m, body, salt, err);
    if (status == MOOT_OK)
        status = moot__host_insert_sealed(h, m, err);
    moot__message_unref(m);
    return status;
}

/* Signs what each author uttered, one signature an author (signing.md). */
static int batch_sign(struct moot_host *h, struct moot_error *err)
{
    struct moot_message **group = malloc(h->batch_count * sizeof(struct moot_message *));
    bool *done = calloc(h->batch_count, sizeof(bool));
    int status = group != NULL && done != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < h->batch_count && status == MOOT_OK; i++) {
        const struct moot_message *m = h->batch[i];
        if (done[i] || m->kid == NULL || m->has_sig)
            continue;
        size_t count = 0;
        for (size_t k = i; k < h->batch_count; k++) {
            const struct moot_message *other = h->batch[k];
            if (other->kid == NULL || other->has_sig || strcmp(other->from, m->from) != 0)
                continue;
            done[k] = true;
            group[count++] = h->batch[k];
        }
        status = moot__sign_batch(author_key(h, m->from), group, count, err);
    }
    free(group);
    free(done);
    return status;
}

static int batch_anchor(struct moot_host *h, struct moot_error *err)
{
    struct moot_anchor a;
    int status = moot__anchor_make(h->host_key, h->run_id, moot__journal_seq(h->journal),
                                   moot__journal_link(h->journal), &a);
    return status == MOOT_OK ? moot__journal_anchor(h->journal, &a, err) : status;
}

static void batch_tell(struct moot_host *h)
{
    for (size_t i = 0; i < h->batch_count; i++) {
        if (h->o.watcher.message != NULL)
            h->o.watcher.message(h->o.watcher.arg, h->batch[i]);
        moot__message_unref(h->batch[i]);
    }
    h->batch_count = 0;
}

int moot__host_commit(struct moot_host *h, struct moot_error *err)
{
    /* A stop is witnessed also when nothing was said since the last commit. */
    bool unwitnessed = moot__journal_seq(h->journal) > moot__journal_anchored(h->journal);
    if (h->batch_count == 0 && !(h->stopping && unwitnessed))
        return MOOT_OK;
    int status = batch_sign(h, err);
    for (size_t i = 0; i < h->batch_count && status == MOOT_OK; i++)
        status = moot__journal_append(h->journal, h->batch[i], err);
    int64_t gap = moot__journal_seq(h->journal) - moot__journal_anchored(h->journal);
    bool last = h->run.closed || h->stopping || h->need_full;
    if (status == MOOT_OK && (gap >= MOOT_MAX_ANCHOR_GAP || last))
        status = batch_anchor(h, err);
    if (status == MOOT_OK)
        status = moot__journal_commit(h->journal, last, NULL, NULL, err);
    if (status == MOOT_OK && h->o.state_dir != NULL && last)
        status = moot__head_store(h->o.state_dir, h->run_id, moot__journal_seq(h->journal),
                                  moot__journal_link(h->journal), err);
    if (status != MOOT_OK)
        return status;
    h->need_full = false;
    h->commits++;
    batch_tell(h);
    return MOOT_OK;
}
