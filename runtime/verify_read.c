/* Reading for the verifier: a journal file, or an exported one line by line. */
#include "runtime/anchor.h"
#include "runtime/file.h"
#include "runtime/verify.h"

#include <errno.h>

/* ---- a journal ---- */

struct walk {
    struct moot_verifier *v;
    struct moot_anchor *anchors; /* sorted by seq */
    size_t count;
    size_t size;
    size_t next;
};

static int keep_anchor(void *arg, const struct moot_anchor *a)
{
    struct walk *w = arg;
    if (w->count == w->size) {
        size_t size = w->size == 0 ? 64 : 2 * w->size;
        struct moot_anchor *grown = realloc(w->anchors, size * sizeof(*grown));
        if (grown == NULL)
            return MOOT_ENOMEM;
        w->anchors = grown;
        w->size = size;
    }
    w->anchors[w->count++] = *a;
    return MOOT_OK;
}

static int walk_message(void *arg, struct moot_message *m)
{
    struct walk *w = arg;
    int status = moot__verifier_message(w->v, m);
    while (status == MOOT_OK && w->next < w->count && w->anchors[w->next].seq <= m->seq)
        status = moot__verifier_anchor(w->v, &w->anchors[w->next++]);
    return status;
}

int moot__verify_journal(struct moot_journal *j, const struct moot_verify_options *options,
                         struct moot_verify_result *result)
{
    struct moot_error err = {0};
    struct walk w = {.v = moot__verifier_new(options, result)};
    if (w.v == NULL) {
        memset(result, 0, sizeof(*result));
        result->fault = "file";
        result->status = moot__fail(&result->error, MOOT_ENOMEM, "out of memory");
        return result->status;
    }
    /* Anchors first: what is written meanwhile has newer messages then, not newer anchors. */
    int status = moot__journal_each_anchor(j, keep_anchor, &w, &err);
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, walk_message, &w, &err);
    if (status != MOOT_OK && err.code == MOOT_OK)
        moot__fail(&err, status, "%s: %s", moot__journal_path(j), moot__status_text(status));
    if (status != MOOT_OK) /* what the verifier found itself it has taken down before */
        moot__verifier_fault(w.v, status == MOOT_ECHAIN ? "body" : "form", status, &err);
    while (result->status == MOOT_OK && w.next < w.count)
        moot__verifier_anchor(w.v, &w.anchors[w.next++]);
    status = moot__verifier_end(w.v, false);
    moot__verifier_free(w.v);
    free(w.anchors);
    return status;
}

/* ---- an export ---- */

static int check_line(struct moot_verifier *v, const char *line, size_t len)
{
    struct moot_error err = {0};
    struct moot_anchor a;
    struct moot_message *m = NULL;
    if (len == 0 || line[len - 1] != '\n') {
        moot__fail(&err, MOOT_EMALFORMED, "the last line does not end: the file was cut off");
        return moot__verifier_fault(v, "form", MOOT_EMALFORMED, &err);
    }
    len--;
    if (moot__anchor_is_line(line, len)) {
        int status = moot__anchor_import(line, len, &a, &err);
        return status == MOOT_OK ? moot__verifier_anchor(v, &a)
                                 : moot__verifier_fault(v, "form", status, &err);
    }
    int status = moot__message_import(line, len, &m, &err);
    if (status != MOOT_OK)
        return moot__verifier_fault(v, status == MOOT_ECHAIN ? "body" : "form", status, &err);
    if (m->seq < 0) {
        moot__fail(&err, MOOT_EMALFORMED, "a message without 'seq' and 'link'");
        status = moot__verifier_fault(v, "form", MOOT_EMALFORMED, &err);
    } else {
        status = moot__verifier_message(v, m);
    }
    moot__message_unref(m);
    return status;
}

static int verify_export(FILE *f, const char *path, const struct moot_verify_options *options,
                         struct moot_verify_result *result)
{
    struct moot_verifier *v = moot__verifier_new(options, result);
    struct moot_buf line;
    moot__buf_init(&line, MOOT_MAX_JSON);
    if (v == NULL) {
        result->status = moot__fail(&result->error, MOOT_ENOMEM, "out of memory");
        return result->status;
    }
    int status = MOOT_OK;
    int64_t number = 0;
    while (status == MOOT_OK && moot__file_line(f, &line)) {
        number++;
        status = check_line(v, line.data, line.len);
    }
    if (status != MOOT_OK)
        moot__fail_wrap(&result->error, "line %lld", (long long)number);
    struct moot_error err = {0};
    if (status == MOOT_OK && line.status != MOOT_OK)
        moot__fail(&err, line.status, "line %lld: %s", (long long)number + 1,
                   moot__status_text(line.status));
    else if (status == MOOT_OK && ferror(f))
        moot__file_fail(&err, path, "read");
    if (err.code != MOOT_OK)
        moot__verifier_fault(v, "file", err.code, &err);
    if (result->status == MOOT_OK)
        moot__verifier_end(v, true);
    moot__buf_release(&line);
    moot__verifier_free(v);
    return result->status;
}

int moot__verify_file(const char *path, const struct moot_verify_options *options,
                      struct moot_verify_result *result)
{
    memset(result, 0, sizeof(*result));
    result->fault = "file";
    result->seq = -1;
    if (moot__journal_is_file(path)) {
        struct moot_journal *j = NULL;
        int status = moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &result->error);
        if (status == MOOT_OK)
            status = moot__verify_journal(j, options, result);
        moot__journal_close(j);
        result->status = status;
        return status;
    }
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        result->status = moot__file_fail(&result->error, path, "opened");
        return result->status;
    }
    int status = verify_export(f, path, options, result);
    fclose(f);
    return status;
}
