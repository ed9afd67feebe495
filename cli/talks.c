#include "cli/talks.h"

#include "cli/book.h"
#include "cli/inbox.h"
#include "cli/transcript.h"
#include "runtime/near.h"

enum { NAMES_MAX = 200 };

void moot__talks_init(struct moot_talks *t)
{
    memset(t, 0, sizeof(*t));
}

static void talk_release(struct moot_open_talk *talk)
{
    for (size_t i = 0; i < talk->count; i++)
        free(talk->members[i]);
    free(talk->members);
    free(talk->conv);
    free(talk->item);
}

void moot__talks_release(struct moot_talks *t)
{
    for (size_t i = 0; i < t->count; i++)
        talk_release(&t->list[i]);
    free(t->list);
    free(t->path);
    memset(t, 0, sizeof(*t));
}

static char *copy(const char *text)
{
    return text != NULL ? moot__copy(text, strlen(text)) : NULL;
}

static int on_open(struct moot_talks *t, const struct moot_message *m)
{
    const struct moot_json *names = moot__json_get(m->body, "participants");
    size_t count = moot__json_count(names);
    if (count < 2)
        return MOOT_OK;
    struct moot_open_talk *more = realloc(t->list, (t->count + 1) * sizeof(*more));
    if (more == NULL)
        return MOOT_ENOMEM;
    t->list = more;
    struct moot_open_talk *talk = &more[t->count++];
    *talk = (struct moot_open_talk){.conv = copy(m->conv), .item = copy(m->item)};
    talk->members = calloc(count, sizeof(*talk->members));
    bool lost = talk->conv == NULL || talk->members == NULL || (m->item != NULL && !talk->item);
    const struct moot_json *one = moot__json_first(names);
    for (; !lost && one != NULL; one = moot__json_next(one)) {
        const char *id = moot__json_text(one);
        talk->members[talk->count] = copy(id != NULL ? id : "");
        lost = talk->members[talk->count++] == NULL;
    }
    return lost ? MOOT_ENOMEM : MOOT_OK;
}

static void on_end(struct moot_talks *t, const struct moot_message *m)
{
    size_t len = strlen(m->conv);
    for (size_t i = t->count; i > 0; i--) {
        const char *conv = t->list[i - 1].conv;
        if (strncmp(conv, m->conv, len) != 0 || (conv[len] != '\0' && conv[len] != '/'))
            continue;
        talk_release(&t->list[i - 1]);
        memmove(&t->list[i - 1], &t->list[i], (t->count - i) * sizeof(*t->list));
        t->count--;
    }
}

int moot__talks_message(struct moot_talks *t, const struct moot_message *m)
{
    if (m->kind == MOOT_GENESIS || m->kind == MOOT_KEY) {
        snprintf(t->run, sizeof(t->run), "%s", m->run != NULL ? m->run : "");
        moot__run_short(t->run, t->name);
    }
    t->closed = t->closed || m->kind == MOOT_CLOSE;
    if (m->kind == MOOT_END)
        on_end(t, m);
    return m->kind == MOOT_OPEN ? on_open(t, m) : MOOT_OK;
}

static int take_message(void *arg, struct moot_message *m)
{
    return moot__talks_message(arg, m);
}

int moot__talks_read(const char *path, struct moot_talks *out, struct moot_error *err)
{
    struct moot_book *book = NULL;
    moot__talks_init(out);
    int status = moot__book_open(path, &book, err);
    if (status == MOOT_OK)
        status = moot__book_each(book, take_message, out, err);
    moot__book_close(book);
    out->path = copy(path);
    if (status == MOOT_OK && out->path == NULL)
        status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status != MOOT_OK)
        moot__talks_release(out);
    return status;
}

/* ---- who can be spoken to ---- */

static bool takes_part(const struct moot_open_talk *talk, const char *agent)
{
    for (size_t i = 1; i < talk->count; i++)
        if (strcmp(talk->members[i], agent) == 0)
            return true;
    return false;
}

static bool of_item(const struct moot_open_talk *talk, const char *item)
{
    size_t root = strcspn(talk->conv, "/");
    bool number = item != NULL && strlen(item) == root && strncmp(talk->conv, item, root) == 0;
    return item == NULL || number || (talk->item != NULL && strcmp(talk->item, item) == 0);
}

static bool same_item(const struct moot_open_talk *a, const struct moot_open_talk *b)
{
    size_t root = strcspn(a->conv, "/");
    return strcspn(b->conv, "/") == root && strncmp(a->conv, b->conv, root) == 0;
}

static void fail_none(const struct moot_talks *t, const char *agent, const char *item,
                      struct moot_error *err)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = 1; of_item(&t->list[i], item) && k < t->list[i].count; k++)
            if (count < NAMES_MAX)
                names[count++] = t->list[i].members[k];
    if (t->closed) {
        moot__fail(err, MOOT_EINVAL, "run %s is closed: nobody is left to hear it", t->name);
        moot__fail_hint(err, "a talk with an agent of a closed run is not yet here");
        return;
    }
    if (count == 0) {
        moot__fail(err, MOOT_ENOTFOUND, "nobody talks in run %s%s%s now", t->name,
                   item != NULL ? " about " : "", item != NULL ? item : "");
        moot__fail_hint(err, "only conversations hear a person: pair, group_chat, swarm, ledger");
        return;
    }
    moot__fail(err, MOOT_ENOTFOUND, "no '%s' takes part in what is said now in run %s", agent,
               t->name);
    moot__near_hint(err, agent, names, count);
}

const struct moot_open_talk *moot__talks_find(const struct moot_talks *t, const char *agent,
                                              const char *item, struct moot_error *err)
{
    const struct moot_open_talk *found = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_open_talk *talk = &t->list[i];
        if (!takes_part(talk, agent) || !of_item(talk, item))
            continue;
        bool other = found != NULL && !same_item(found, talk);
        if (other) {
            moot__fail(err, MOOT_EINVAL, "'%s' takes part in several items of run %s", agent,
                       t->name);
            moot__fail_hint(err, "say which: --item %s",
                            talk->item != NULL ? talk->item : talk->conv);
            return NULL;
        }
        found = talk; /* of one item the one that was opened last */
    }
    if (found == NULL)
        fail_none(t, agent, item, err);
    return found;
}

/* ---- saying ---- */

static struct moot_json *said(const char *agent, const char *text, bool interrupt)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(part, "text", text);
    status |= moot__json_add(parts, part);
    status |= moot__json_set(body, "parts", parts);
    status |= moot__json_set_text(body, "for", agent);
    if (interrupt)
        status |= moot__json_set_bool(body, "interrupt", true);
    if (status == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

int moot__talks_post(const struct moot_talks *t, const struct moot_open_talk *talk,
                     const char *agent, const char *text, bool interrupt, struct moot_error *err)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    struct moot_json *body = said(agent, text, interrupt);
    int status = m != NULL && body != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK) {
        status |= moot__message_set(&m->run, t->run);
        status |= moot__message_set(&m->conv, talk->conv);
        status |= moot__message_set(&m->item, talk->item);
        for (size_t i = 0; i < talk->count; i++)
            status |= moot__message_add(&m->to, &m->to_count, talk->members[i]);
    }
    if (status == MOOT_OK) {
        status = moot__post_signed(t->path, m, NULL, body, err);
        body = NULL;
    } else {
        moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__json_free(body);
    moot__message_unref(m);
    return status;
}
