#include "runtime/fork.h"

#include <limits.h>
#include <unistd.h>

enum { ALL_COPIED = 1 };

struct copying {
    struct moot_journal *from, *to;
    int64_t at;
    struct moot_anchor *anchors; /* of the prefix, in order */
    size_t count, next;
    int64_t items, listed; /* the run's items stand before all else */
    struct moot_error *err;
};

static int keep_anchor(void *arg, const struct moot_anchor *a)
{
    struct copying *c = arg;
    if (a->seq > c->at)
        return ALL_COPIED;
    struct moot_anchor *more = realloc(c->anchors, (c->count + 1) * sizeof(*more));
    if (more == NULL)
        return moot__fail(c->err, MOOT_ENOMEM, "out of memory");
    c->anchors = more;
    c->anchors[c->count++] = *a;
    return MOOT_OK;
}

static int refuse(const struct copying *c, const struct moot_message *m)
{
    if (m->body == NULL) {
        moot__fail(c->err, MOOT_EFOLD,
                   "message %lld was redacted: what comes after it cannot be "
                   "gone on with",
                   (long long)m->seq);
        moot__fail_hint(c->err, "fork before it, or give a crew file: --crew FILE");
        return MOOT_EFOLD;
    }
    if (m->kind == MOOT_CLOSE || m->kind == MOOT_REDACTION) {
        moot__fail(c->err, MOOT_EINVAL,
                   "message %lld is the run's %s: there is nothing to go on "
                   "with",
                   (long long)m->seq, moot_kind_text(m->kind));
        moot__fail_hint(c->err, "fork before it: --at %lld", (long long)m->seq - 1);
        return MOOT_EINVAL;
    }
    return MOOT_OK;
}

static int copy_message(void *arg, struct moot_message *m)
{
    struct copying *c = arg;
    if (m->seq > c->at)
        return ALL_COPIED;
    int status = refuse(c, m);
    if (m->kind == MOOT_GENESIS)
        c->items = moot__json_get_int(m->body, "items", 0);
    c->listed += m->kind == MOOT_MSG && m->conv[0] == '\0';
    if (status == MOOT_OK)
        status = moot__journal_append(c->to, m, c->err);
    while (status == MOOT_OK && c->next < c->count && c->anchors[c->next].seq <= m->seq)
        status = moot__journal_anchor(c->to, &c->anchors[c->next++], c->err);
    return status;
}

static int copy(struct copying *c)
{
    int64_t last = moot__journal_seq(c->from);
    if (c->at < 0 || c->at > last)
        return moot__fail(c->err, MOOT_EINVAL, "there is no message %lld: the run ends at %lld",
                          (long long)c->at, (long long)last);
    int status = moot__journal_each_anchor(c->from, keep_anchor, c, c->err);
    if (status >= 0)
        status = moot__journal_each(c->from, 0, copy_message, c, c->err);
    if (status >= 0 && c->listed < c->items) {
        status = moot__fail(c->err, MOOT_EINVAL,
                            "message %lld comes before the run's items: they end at %lld",
                            (long long)c->at, (long long)c->items);
        moot__fail_hint(c->err, "fork there or later: --at %lld", (long long)c->items);
    }
    return status < 0 ? status : moot__journal_commit(c->to, true, NULL, NULL, c->err);
}

static void remove_made(const char *journal)
{
    char lock[PATH_MAX];
    size_t len = strlen(journal);
    bool is_db = len > 3 && strcmp(journal + len - 3, ".db") == 0;
    snprintf(lock, sizeof(lock), "%.*s.lock", (int)(is_db ? len - 3 : len), journal);
    unlink(journal);
    unlink(lock);
}

int moot__fork_copy(const char *from, int64_t at, const char *to, bool *witnessed,
                    struct moot_error *err)
{
    struct copying c = {.at = at, .err = err};
    int status = moot__journal_open(from, MOOT_JOURNAL_READ, NULL, &c.from, err);
    if (status != MOOT_OK)
        return status;
    status = moot__journal_open(to, MOOT_JOURNAL_CREATE, NULL, &c.to, err);
    bool made = status == MOOT_OK;
    if (made)
        status = copy(&c);
    *witnessed = status == MOOT_OK && moot__journal_anchored(c.from) >= at;
    moot__journal_close(c.from);
    moot__journal_close(c.to);
    free(c.anchors);
    if (made && status != MOOT_OK)
        remove_made(to);
    return status;
}
