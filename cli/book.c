#include "cli/book.h"

#include "runtime/anchor.h"

#include <errno.h>

struct name {
    uint32_t n;
    char from[];
};

struct reading {
    struct moot_book *book;
    int (*each)(void *arg, struct moot_message *m);
    void *arg;
    struct moot_error *err;
};

int moot__book_open(const char *path, struct moot_book **out, struct moot_error *err)
{
    struct moot_book *b = calloc(1, sizeof(*b));
    int status = MOOT_OK;
    if (b == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__map_init(&b->called);
    b->path = moot__copy(path, strlen(path));
    if (b->path == NULL) {
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    } else if (moot__journal_is_file(path)) {
        status = moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &b->journal, err);
    } else {
        b->lines = fopen(path, "re");
        if (b->lines == NULL)
            status = moot__fail(err, errno == ENOENT ? MOOT_ENOTFOUND : MOOT_EIO,
                                "cannot read %s: %s", path, strerror(errno));
    }
    if (status != MOOT_OK) {
        moot__book_close(b);
        return status;
    }
    *out = b;
    return MOOT_OK;
}

void moot__book_close(struct moot_book *b)
{
    if (b == NULL)
        return;
    moot__journal_close(b->journal);
    if (b->lines != NULL)
        fclose(b->lines);
    moot__map_release(&b->called, free);
    free(b->path);
    free(b);
}

static bool is_answered(enum moot_kind kind)
{
    return kind == MOOT_MODEL_CALL || kind == MOOT_TOOL_CALL || kind == MOOT_QUESTION ||
           kind == MOOT_APPROVAL_REQUEST;
}

/* The last that is said to it: an `error` is a failed try, and an approval is followed by a result.
 */
static bool is_outcome(enum moot_kind kind)
{
    return kind == MOOT_MODEL_REPLY || kind == MOOT_TOOL_RESULT || kind == MOOT_ANSWER;
}

static int note_call(struct moot_book *b, const struct moot_message *m)
{
    char id[MOOT_HEX_SIZE];
    size_t len = strlen(m->from);
    struct name *name = malloc(sizeof(*name) + len + 1);
    if (name == NULL)
        return MOOT_ENOMEM;
    name->n = m->n;
    memcpy(name->from, m->from, len + 1);
    moot__hex(m->id, sizeof(m->id), id);
    if (moot__map_put(&b->called, id, name) != MOOT_OK) {
        free(name);
        return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static int name_answered(struct moot_book *b, struct moot_message *m)
{
    char id[MOOT_HEX_SIZE];
    moot__hex(m->re, sizeof(m->re), id);
    struct name *name = moot__map_get(&b->called, id);
    if (name == NULL)
        return MOOT_OK;
    int status = moot__message_set(&m->re_from, name->from);
    m->re_n = name->n;
    if (is_outcome(m->kind))
        free(moot__map_take(&b->called, id));
    return status;
}

static int read_message(void *arg, struct moot_message *m)
{
    struct reading *r = arg;
    int status = MOOT_OK;
    if (m->has_re)
        status = name_answered(r->book, m);
    if (status == MOOT_OK && is_answered(m->kind))
        status = note_call(r->book, m);
    if (status != MOOT_OK)
        return moot__fail(r->err, status, "out of memory");
    r->book->next = m->seq + 1;
    return r->each(r->arg, m);
}

static int read_lines(struct reading *r)
{
    char *line = NULL;
    size_t size = 0;
    int status = MOOT_OK;
    clearerr(r->book->lines);
    while (status == MOOT_OK) {
        ssize_t len = getline(&line, &size, r->book->lines);
        struct moot_message *m = NULL;
        if (len <= 0)
            break;
        len -= line[len - 1] == '\n';
        if (moot__anchor_is_line(line, (size_t)len))
            continue;
        status = moot__message_import(line, (size_t)len, &m, r->err);
        if (status == MOOT_OK)
            status = read_message(r, m);
        moot__message_unref(m);
    }
    free(line);
    if (status == MOOT_OK && ferror(r->book->lines))
        return moot__fail(r->err, MOOT_EIO, "cannot read %s: %s", r->book->path, strerror(errno));
    return status;
}

int moot__book_each(struct moot_book *b, int (*each)(void *arg, struct moot_message *m), void *arg,
                    struct moot_error *err)
{
    struct reading r = {b, each, arg, err};
    if (b->journal == NULL)
        return read_lines(&r);
    return moot__journal_each(b->journal, b->next, read_message, &r, err);
}
