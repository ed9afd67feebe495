#include "cli/inbox.h"

#include "cli/book.h"
#include "cli/transcript.h"
#include "runtime/decimal.h"

#include <inttypes.h>

void moot__inbox_init(struct moot_inbox *b)
{
    memset(b, 0, sizeof(*b));
}

void moot__inbox_release(struct moot_inbox *b)
{
    for (size_t i = 0; i < b->count; i++)
        moot__message_unref(b->list[i].m);
    free(b->list);
    free(b->path);
    free(b->crew);
    free(b->open_conv);
    memset(b, 0, sizeof(*b));
}

/* A fork goes by its own name from its keys on. */
static void take_run(struct moot_inbox *b, const struct moot_message *m)
{
    snprintf(b->run, sizeof(b->run), "%s", m->run != NULL ? m->run : "");
    moot__run_short(b->run, b->name);
}

static int on_genesis(struct moot_inbox *b, const struct moot_message *m)
{
    const char *crew = moot__json_get_text(moot__json_get(m->body, "crew"), "crew", "crew");
    take_run(b, m);
    free(b->crew);
    b->crew = moot__copy(crew, strlen(crew));
    return b->crew != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int on_asked(struct moot_inbox *b, struct moot_message *m)
{
    struct moot_waiting *more = realloc(b->list, (b->count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    b->list = more;
    b->list[b->count++] = (struct moot_waiting){++b->numbers, moot__message_ref(m)};
    return MOOT_OK;
}

static void forget(struct moot_inbox *b, size_t i)
{
    moot__message_unref(b->list[i].m);
    memmove(&b->list[i], &b->list[i + 1], (b->count - i - 1) * sizeof(*b->list));
    b->count--;
}

/* An answer names by `re` what it answers. A call's outcome ends the request that it waited for,
 * too: then somebody gave it up. */
static void on_answer(struct moot_inbox *b, const struct moot_message *m)
{
    char call[MOOT_HEX_SIZE];
    moot__hex(m->re, sizeof(m->re), call);
    for (size_t i = 0; i < b->count; i++) {
        const struct moot_message *asked = b->list[i].m;
        const char *of = moot__json_get_text(asked->body, "call", "");
        if (memcmp(asked->id, m->re, sizeof(m->re)) == 0 ||
            (m->kind == MOOT_TOOL_RESULT && strcmp(of, call) == 0)) {
            forget(b, i);
            return;
        }
    }
}

/* What waits in a conversation that has ended waits no more. */
static void on_end(struct moot_inbox *b, const struct moot_message *m)
{
    size_t len = strlen(m->conv);
    for (size_t i = b->count; i > 0; i--) {
        const char *conv = b->list[i - 1].m->conv;
        if (strncmp(conv, m->conv, len) == 0 && (conv[len] == '\0' || conv[len] == '/'))
            forget(b, i - 1);
    }
    if (b->open_conv != NULL && strcmp(b->open_conv, m->conv) == 0) {
        free(b->open_conv);
        b->open_conv = NULL;
    }
}

int moot__inbox_message(struct moot_inbox *b, struct moot_message *m)
{
    if (m->kind == MOOT_GENESIS)
        return on_genesis(b, m);
    if (m->kind == MOOT_KEY)
        take_run(b, m);
    if (m->kind == MOOT_QUESTION || m->kind == MOOT_APPROVAL_REQUEST)
        return on_asked(b, m);
    if (m->kind == MOOT_END)
        on_end(b, m);
    else if (m->has_re &&
             (m->kind == MOOT_ANSWER || m->kind == MOOT_APPROVAL || m->kind == MOOT_TOOL_RESULT))
        on_answer(b, m);
    else if (m->kind == MOOT_OPEN && strchr(m->conv, '/') == NULL) {
        free(b->open_conv);
        b->open_conv = moot__copy(m->conv, strlen(m->conv));
    }
    b->closed = b->closed || m->kind == MOOT_CLOSE;
    return MOOT_OK;
}

static int take_message(void *arg, struct moot_message *m)
{
    return moot__inbox_message(arg, m);
}

int moot__inbox_read(const char *path, struct moot_inbox *out, struct moot_error *err)
{
    struct moot_book *book = NULL;
    moot__inbox_init(out);
    int status = moot__book_open(path, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_message, out, err);
    moot__book_close(book);
    out->path = moot__copy(path, strlen(path));
    if (status == MOOT_OK && out->path == NULL)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status != MOOT_OK)
        moot__inbox_release(out);
    return status;
}

void moot__inbox_id(const struct moot_inbox *b, const struct moot_waiting *w, char *out)
{
    snprintf(out, 32, "%.4s-%" PRId64, b->name, w->number);
}

bool moot__waiting_is_seat(const struct moot_waiting *w)
{
    return w->m->kind == MOOT_QUESTION && moot__json_get(w->m->body, "seat") != NULL;
}

bool moot__waiting_is_choice(const struct moot_waiting *w)
{
    if (w->m->kind == MOOT_APPROVAL_REQUEST || moot__json_get(w->m->body, "about") != NULL)
        return true;
    const struct moot_json *choice = moot__json_first(moot__json_get(w->m->body, "choices"));
    for (; choice != NULL; choice = moot__json_next(choice))
        if (moot__json_text(choice) != NULL && strcmp(moot__json_text(choice), "approve") == 0)
            return true;
    return false;
}

static int not_waiting(const struct moot_inbox *b, const char *id, struct moot_error *err)
{
    moot__fail(err, MOOT_ENOTFOUND, "nothing waits by the name of %s in run %s", id, b->name);
    if (b->count > 0) {
        char other[32];
        moot__inbox_id(b, &b->list[0], other);
        moot__fail_hint(err, "%s waits there; moot inbox   shows all", other);
    } else {
        moot__fail_hint(err, "moot inbox   shows what waits");
    }
    return MOOT_ENOTFOUND;
}

int moot__inbox_find(const char *id, struct moot_inbox *out, struct moot_waiting **which,
                     struct moot_error *err)
{
    const char *dash = strrchr(id, '-');
    const char *digits = dash != NULL ? dash + 1 : id;
    int64_t number = 0;
    char *run = dash != NULL ? moot__copy(id, (size_t)(dash - id)) : NULL;
    char *path = NULL;
    if (!moot__int_parse(digits, &number) || number < 1) {
        free(run);
        moot__fail(err, MOOT_EINVAL, "'%s' is no name of something that waits", id);
        moot__fail_hint(err, "moot inbox   shows them: 7k2m-1");
        return MOOT_EINVAL;
    }
    int status = moot__run_find(run, &path, err);
    if (status == MOOT_OK)
        status = moot__inbox_read(path, out, err);
    free(run);
    free(path);
    if (status != MOOT_OK)
        return status;
    for (size_t i = 0; i < out->count; i++) {
        if (out->list[i].number == number) {
            *which = &out->list[i];
            return MOOT_OK;
        }
    }
    status = not_waiting(out, id, err);
    moot__inbox_release(out);
    return status;
}
