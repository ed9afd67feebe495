#include "roles/blocks.h"

void moot__blocks_init(struct moot_blocks *b)
{
    memset(b, 0, sizeof(*b));
    moot__buf_init(&b->report, MOOT_MAX_BODY);
}

static void forget(struct moot_blocks *b)
{
    moot__fences_release(&b->fences);
    memset(&b->fences, 0, sizeof(b->fences));
    free(b->text);
    b->text = NULL;
    b->next = 0;
    b->call_n = 0;
}

void moot__blocks_release(struct moot_blocks *b)
{
    forget(b);
    moot__buf_release(&b->report);
}

void moot__blocks_digest(const struct moot_blocks *b, const struct moot_digest *d)
{
    moot__digest_text(d, b->text);
    moot__digest_int(d, (int64_t)b->next);
    moot__digest_int(d, b->call_n);
    moot__digest_text(d, moot__buf_text(&b->report));
}

/* The first block from `i` on that can be run; their count: none. */
static size_t runnable(const struct moot_fences *f, size_t i)
{
    while (i < f->count && f->list[i].runs_as == NULL)
        i++;
    return i;
}

int moot__blocks_note(struct moot_blocks *b, const struct moot_message *m)
{
    char *text = NULL;
    struct moot_fences fences = {0};
    int rc = moot__parts(moot_message_json(m), &text);
    if (rc == MOOT_OK)
        rc = moot__fences_read(text, &fences);
    if (rc != MOOT_OK || runnable(&fences, 0) == fences.count) {
        moot__fences_release(&fences);
        free(text);
        return rc;
    }
    forget(b);
    moot__buf_truncate(&b->report, 0);
    b->text = text;
    b->fences = fences;
    return MOOT_OK;
}

bool moot__blocks_any(const struct moot_blocks *b)
{
    return b->text != NULL;
}

static int call_next(struct moot_me *me, struct moot_blocks *b)
{
    b->next = runnable(&b->fences, b->next);
    const struct moot_fence *f = &b->fences.list[b->next++];
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    int rc = args == NULL ? MOOT_ENOMEM : moot__json_set_text(args, "language", f->runs_as);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(args, "code", f->code);
    if (rc == MOOT_OK && f->filename != NULL)
        rc = moot__json_set_text(args, "filename", f->filename);
    char *text = rc == MOOT_OK ? moot__json_string(args) : NULL;
    moot__json_free(args);
    if (text == NULL)
        return rc != MOOT_OK ? rc : MOOT_ENOMEM;
    b->call_n = moot__call(me, "run_code", text);
    free(text);
    return me->fx->status;
}

int moot__blocks_begin(struct moot_me *me, struct moot_blocks *b)
{
    MOOT_ASSERT(moot__blocks_any(b) && b->call_n == 0);
    return call_next(me, b);
}

static void report(struct moot_blocks *b, const char *status, const struct moot_json *body)
{
    const struct moot_fence *f = &b->fences.list[b->next - 1];
    const char *output = moot__json_get_text(body, "output", "");
    size_t len = strlen(output);
    while (len > 0 && output[len - 1] == '\n')
        len--;
    bool ran = strcmp(status, "ok") == 0 || strcmp(status, "error") == 0;
    moot__buf_addf(&b->report, "%sBlock %zu (%s%s%s)%s%s: %.*s", b->report.len > 0 ? "\n\n" : "",
                   b->next, f->runs_as, f->filename != NULL ? ", " : "",
                   f->filename != NULL ? f->filename : "",
                   ran ? "" : " was not run to its end: ", ran ? "" : status, (int)len, output);
}

int moot__blocks_receive(struct moot_me *me, struct moot_blocks *b, const struct moot_message *m,
                         bool *ended)
{
    *ended = false;
    if (b->call_n == 0 || moot_message_kind(m) != MOOT_TOOL_RESULT ||
        !moot__answers(me, m, b->call_n))
        return MOOT_OK;
    const struct moot_json *body = moot_message_json(m);
    const char *status = moot__json_get_text(body, "status", "error");
    report(b, status, body);
    b->call_n = 0;
    size_t left = runnable(&b->fences, b->next);
    if (strcmp(status, "ok") == 0 && left < b->fences.count)
        return call_next(me, b);
    if (left < b->fences.count)
        moot__buf_adds(&b->report, "\n\nThe blocks after it were not run.");
    if (b->fences.left_out > 0)
        moot__buf_addf(&b->report, "\n\n%zu more blocks were too many or too long.",
                       b->fences.left_out);
    *ended = true;
    forget(b);
    return b->report.status;
}
