/* What a person says to a run from another process: a statement signed by the owner's key, dropped
 * where the run's writer finds it. */
#include "cli/inbox.h"
#include "cli/signer.h"
#include "runtime/post.h"

#include <sys/random.h>
#include <time.h>

/* As long as a decision may wait for somebody to resume the run. */
static const int64_t post_ms = 30LL * 24 * 3600 * 1000;

static int64_t now_wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *post_dir(const char *journal)
{
    struct moot_buf b;
    size_t len = strlen(journal);
    moot__buf_init(&b, 8192);
    len -= len > 3 && strcmp(journal + len - 3, ".db") == 0 ? 3 : 0;
    moot__buf_addf(&b, "%.*s.post", (int)len, journal);
    return moot__buf_take(&b);
}

static int draw(void *out, size_t len, struct moot_error *err)
{
    if (getrandom(out, len, 0) != (ssize_t)len)
        return moot__fail(err, MOOT_EIO, "the system has no random bytes");
    return MOOT_OK;
}

int moot__post_signed(const char *journal, struct moot_message *m, const struct moot_message *asked,
                      struct moot_json *body, struct moot_error *err)
{
    uint8_t nonce[MOOT_NONCE_SIZE], salt[MOOT_SALT_SIZE];
    char hex[2 * MOOT_NONCE_SIZE + 1];
    struct moot_signer as = {0};
    char *dir = post_dir(journal);
    int status = dir == NULL || body == NULL ? moot__fail(err, MOOT_ENOMEM, "out of memory")
                 : asked != NULL
                     ? moot__signer_find(journal, asked->to, asked->to_count, false, &as, err)
                     : moot__signer_find(journal, NULL, 0, true, &as, err);
    if (status == MOOT_OK)
        status = draw(nonce, sizeof(nonce), err);
    if (status == MOOT_OK)
        status = draw(salt, sizeof(salt), err);
    if (status == MOOT_OK) {
        moot__hex(nonce, sizeof(nonce), hex);
        m->ts = now_wall();
        m->exp = m->ts + post_ms;
        if (moot__message_set(&m->nonce, hex) != MOOT_OK ||
            moot__message_set(&m->from, as.id) != MOOT_OK ||
            moot__message_set(&m->kid, moot__key_kid(as.key)) != MOOT_OK)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    if (status == MOOT_OK) {
        status = moot__message_seal(m, body, salt, err);
        body = NULL;
    }
    if (status == MOOT_OK)
        status = moot__sign_batch(as.key, &m, 1, err);
    if (status == MOOT_OK)
        status = moot__post_write(dir, m, err);
    moot__json_free(body);
    moot__signer_release(&as);
    free(dir);
    return status;
}

/* A message in the place of another one, which it answers. */
static struct moot_message *answer_to(const struct moot_message *asked, enum moot_kind kind)
{
    struct moot_message *m = moot__message_new(kind);
    if (m == NULL)
        return NULL;
    int status = moot__message_set(&m->run, asked->run);
    status |= moot__message_set(&m->conv, asked->conv);
    status |= moot__message_set(&m->item, asked->item);
    status |= moot__message_set(&m->task, asked->task);
    /* Who asked hears it; an approval is the host's to hear. */
    if (kind == MOOT_ANSWER)
        status |= moot__message_add(&m->to, &m->to_count, asked->from);
    m->has_re = true;
    memcpy(m->re, asked->id, sizeof(m->re));
    if (status == MOOT_OK)
        return m;
    moot__message_unref(m);
    return NULL;
}

/* {name: value} of the arguments that calls like this one must have. */
static int add_like(struct moot_json *body, const struct moot_waiting *w, const char *const *like,
                    struct moot_error *err)
{
    const char *text = moot__json_get_text(w->m->body, "args", "");
    struct moot_json *args = NULL;
    struct moot_json *named = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_parse(text, strlen(text), &args, err);
    for (size_t i = 0; status == MOOT_OK && like[i] != NULL; i++) {
        const struct moot_json *value = moot__json_get(args, like[i]);
        if (value == NULL)
            status = moot__fail(err, MOOT_EINVAL, "this act has no argument '%s'", like[i]);
        else if (moot__json_set(named, like[i], moot__json_copy(value)) != MOOT_OK)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    moot__json_free(args);
    if (status != MOOT_OK) {
        moot__json_free(named);
        return status;
    }
    if (moot__json_set(body, "like", named) != MOOT_OK ||
        moot__json_set_int(body, "count", 100) != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return MOOT_OK;
}

static int approval_body(struct moot_json *body, const struct moot_waiting *w,
                         const struct moot_decision_given *given, struct moot_error *err)
{
    int status = moot__json_set_text(body, "call", moot__json_get_text(w->m->body, "call", ""));
    status |= moot__json_set_text(body, "decision", given->decision);
    status |= moot__json_set_text(body, "scope", given->like != NULL ? "like" : "once");
    if (given->text != NULL && given->text[0] != '\0')
        status |= moot__json_set_text(body, "reason", given->text);
    if (status != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return given->like != NULL ? add_like(body, w, given->like, err) : MOOT_OK;
}

static int answer_body(struct moot_json *body, const struct moot_decision_given *given,
                       struct moot_error *err)
{
    const char *text = given->text != NULL       ? given->text
                       : given->decision != NULL ? given->decision
                                                 : "";
    int status = moot__json_set_text(body, "status", "ok");
    status |= moot__json_set_text(body, "text", text);
    if (given->decision != NULL)
        status |= moot__json_set_text(body, "decision", given->decision);
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

int moot__waiting_post(const struct moot_inbox *b, const struct moot_waiting *w,
                       const struct moot_decision_given *given, struct moot_error *err)
{
    bool act = w->m->kind == MOOT_APPROVAL_REQUEST;
    struct moot_message *m = answer_to(w->m, act ? MOOT_APPROVAL : MOOT_ANSWER);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status =
        m != NULL && body != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK)
        status = act ? approval_body(body, w, given, err) : answer_body(body, given, err);
    if (status == MOOT_OK) {
        status = moot__post_signed(b->path, m, w->m, body, err);
        body = NULL;
    }
    moot__json_free(body);
    moot__message_unref(m);
    return status;
}

int moot__stop_post(const struct moot_inbox *b, struct moot_error *err)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = m != NULL && moot__json_set_bool(body, "stop", true) == MOOT_OK &&
                         moot__message_set(&m->run, b->run) == MOOT_OK &&
                         moot__message_set(&m->conv, b->open_conv) == MOOT_OK
                     ? MOOT_OK
                     : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK && b->open_conv == NULL)
        status = moot__fail(err, MOOT_EINVAL, "nothing goes on in run %s", b->name);
    if (status == MOOT_OK) {
        status = moot__post_signed(b->path, m, NULL, body, err);
        body = NULL;
    }
    moot__json_free(body);
    moot__message_unref(m);
    return status;
}
