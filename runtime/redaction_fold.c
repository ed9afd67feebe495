/* Folding a run of which texts were removed: what has ended is counted, not lived again. */
#include "runtime/redaction.h"

struct reading {
    struct moot_redactions *r;
    const int64_t *seqs; /* taken for missing too */
    size_t count;
    struct moot_error *err;
    bool again; /* the second time: where each missing text stands */
};

static int mark(struct moot_map *map, const char *key, void *with)
{
    return moot__map_put(map, key, with);
}

static int take_kept(struct moot_redactions *r, const struct moot_message *m)
{
    int status = MOOT_OK;
    const struct moot_json *one = moot__json_first(moot__json_get(m->body, "messages"));
    for (; one != NULL && status == MOOT_OK; one = moot__json_next(one)) {
        char key[24];
        const struct moot_json *kept = moot__json_get(one, "kept");
        snprintf(key, sizeof(key), "%lld", (long long)moot__json_get_int(one, "seq", -1));
        struct moot_json *copy =
            kept != NULL ? moot__json_copy(kept) : moot__json_new(MOOT_JSON_OBJECT);
        moot__json_free(moot__map_take(&r->kept, key));
        status = copy != NULL ? mark(&r->kept, key, copy) : MOOT_ENOMEM;
        if (status != MOOT_OK)
            moot__json_free(copy);
    }
    return status;
}

static const struct moot_json *kept_of(const struct moot_redactions *r,
                                       const struct moot_message *m)
{
    char key[24];
    snprintf(key, sizeof(key), "%lld", (long long)m->seq);
    return moot__map_get(&r->kept, key);
}

/* The conversation that stood on the text: an item's for what introduces the item, the one above
 * for a result that went there. */
static void stands_on(const struct moot_redactions *r, const struct moot_message *m, char *out,
                      size_t size)
{
    snprintf(out, size, "%s", m->conv);
    if (m->conv[0] == '\0')
        snprintf(
            out, size, "%lld",
            (long long)moot__json_get_int(m->body != NULL ? m->body : kept_of(r, m), "item", 0));
    char *slash = m->kind == MOOT_END ? strrchr(out, '/') : NULL;
    if (slash != NULL)
        *slash = '\0';
}

static int place(const struct reading *rd, const struct moot_message *m)
{
    char conv[MOOT_MAX_PATH_CONV];
    stands_on(rd->r, m, conv, sizeof(conv));
    if (moot__map_get(&rd->r->ended, conv) != NULL)
        return mark(&rd->r->silent, conv, rd->r);
    moot__fail(rd->err, MOOT_EFOLD,
               "the text of message %lld was removed, and conversation %s, which is not ended, "
               "stands on it",
               (long long)m->seq, conv);
    moot__fail_hint(rd->err, "the run can be shown and verified, but not gone on with");
    return MOOT_EFOLD;
}

static bool is_missing(const struct reading *rd, const struct moot_message *m)
{
    bool missing = m->body == NULL;
    for (size_t i = 0; i < rd->count && !missing; i++)
        missing = rd->seqs[i] == m->seq;
    return missing;
}

static int read_message(void *arg, struct moot_message *m)
{
    const struct reading *rd = arg;
    if (rd->again)
        return is_missing(rd, m) ? place(rd, m) : MOOT_OK;
    if (m->kind == MOOT_REDACTION)
        return take_kept(rd->r, m);
    return m->kind == MOOT_END ? mark(&rd->r->ended, m->conv, rd->r) : MOOT_OK;
}

static int read_all(struct moot_journal *j, struct reading *rd)
{
    moot__map_init(&rd->r->kept);
    moot__map_init(&rd->r->ended);
    moot__map_init(&rd->r->silent);
    if (rd->count == 0 && moot__journal_whole(j))
        return MOOT_OK;
    int status = moot__journal_each(j, 0, read_message, rd, rd->err);
    rd->again = true;
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, read_message, rd, rd->err);
    if (status == MOOT_ENOMEM)
        moot__fail(rd->err, status, "out of memory");
    if (status != MOOT_OK)
        moot__redactions_release(rd->r);
    return status;
}

int moot__redactions_read(struct moot_journal *j, struct moot_redactions *out,
                          struct moot_error *err)
{
    struct reading rd = {.r = out, .err = err};
    return read_all(j, &rd);
}

int moot__redactions_bear(struct moot_journal *j, const int64_t *seqs, size_t count,
                          struct moot_error *err)
{
    struct moot_redactions r;
    struct reading rd = {.r = &r, .seqs = seqs, .count = count, .err = err};
    int status = read_all(j, &rd);
    if (status == MOOT_OK)
        moot__redactions_release(&r);
    return status;
}

static void free_json(void *json)
{
    moot__json_free(json);
}

void moot__redactions_release(struct moot_redactions *r)
{
    moot__map_release(&r->kept, free_json);
    moot__map_release(&r->ended, NULL);
    moot__map_release(&r->silent, NULL);
    memset(r, 0, sizeof(*r));
}

int moot__redactions_fill(const struct moot_redactions *r, struct moot_message *m,
                          struct moot_error *err)
{
    if (m->body != NULL)
        return MOOT_OK;
    const struct moot_json *kept = kept_of(r, m);
    if (kept == NULL)
        return moot__fail(err, MOOT_EFOLD, "the text of message %lld is missing",
                          (long long)m->seq);
    m->body = moot__json_copy(kept);
    return m->body != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

bool moot__redactions_silent(const struct moot_redactions *r, const char *conv)
{
    char path[MOOT_MAX_PATH_CONV];
    if (r == NULL || r->silent.live == 0)
        return false;
    snprintf(path, sizeof(path), "%s", conv);
    for (;;) {
        if (moot__map_get(&r->silent, path) != NULL)
            return true;
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
}
