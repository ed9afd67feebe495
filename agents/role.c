#include "agents/role.h"

void moot__digest_int(const struct moot_digest *d, int64_t n)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)n >> (8 * i));
    d->add(d->arg, bytes, sizeof(bytes));
}

void moot__digest_text(const struct moot_digest *d, const char *text)
{
    moot__digest_int(d, text == NULL ? -1 : (int64_t)strlen(text));
    if (text != NULL)
        d->add(d->arg, text, strlen(text));
}

void moot__digest_json(const struct moot_digest *d, const struct moot_json *j)
{
    char *text = j == NULL ? NULL : moot__json_string(j);
    moot__digest_text(d, text);
    free(text);
}

uint32_t moot__say(struct moot_me *me, enum moot_kind as, const char *to, struct moot_json *body)
{
    return moot__fx_send(me->fx, as, to, body);
}

int moot__think(struct moot_me *me, const struct moot_ask *ask)
{
    return moot__turn_begin(me, ask);
}

int moot__tell(struct moot_me *me, enum moot_add_role role, const char *text)
{
    return moot__fx_add_text(me->fx, role, text);
}

uint32_t moot__call(struct moot_me *me, const char *tool, const char *args)
{
    return moot__fx_call(me->fx, tool, args, NULL);
}

uint32_t moot__ask(struct moot_me *me, char *const *people, struct moot_json *body)
{
    uint32_t n = moot__fx_ask(me->fx, people == NULL ? NULL : people[0], body);
    for (size_t i = 1; people != NULL && people[0] != NULL && people[i] != NULL; i++)
        moot__fx_add_to(me->fx, people[i]);
    return n;
}

void moot__open(struct moot_me *me, const char *path, const char *participant, const char *task,
                struct moot_json *input, struct moot_json *body)
{
    if (body == NULL)
        body = moot__json_new(MOOT_JSON_OBJECT);
    char *text = input == NULL ? NULL : moot__json_string(input);
    moot__json_free(input);
    if (body != NULL && (text == NULL || moot__json_set_text(body, "input", text) != MOOT_OK)) {
        moot__json_free(body);
        body = NULL;
    }
    free(text);
    moot__fx_open(me->fx, path, participant, task, body);
}

void moot__wait(struct moot_me *me, uint32_t timer, int64_t ms)
{
    moot__fx_wait(me->fx, timer, ms);
}

void moot__cancel(struct moot_me *me, uint32_t n)
{
    moot__fx_cancel(me->fx, n);
}

void moot__cancel_conv(struct moot_me *me, const char *path)
{
    moot__fx_cancel_conv(me->fx, path);
}

void moot__finish(struct moot_me *me, struct moot_json *body)
{
    moot__turn_cancel(me);
    me->finished = true;
    moot__fx_done(me->fx, body);
}

void moot__finish_failed(struct moot_me *me, const char *status, const char *detail)
{
    /* An outcome's status is not yet a stop reason. */
    const char *stop = strcmp(status, "limit") == 0       ? "limit"
                       : strcmp(status, "cancelled") == 0 ? "stopped"
                                                          : "failed";
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (body != NULL && (moot__json_set_text(body, "outcome", "failed") != MOOT_OK ||
                         moot__json_set_text(body, "stop", stop) != MOOT_OK ||
                         moot__json_set_text(body, "detail", detail) != MOOT_OK)) {
        moot__json_free(body);
        body = NULL;
    }
    moot__finish(me, body);
}

bool moot__answers(const struct moot_me *me, const struct moot_message *m, uint32_t n)
{
    const char *from = moot_message_re_from(m);
    return n != 0 && moot_message_re_n(m) == n && from != NULL && strcmp(from, me->agent) == 0 &&
           strcmp(moot_message_conv(m), me->conv) == 0;
}

bool moot__ends(const struct moot_message *m, const char *path)
{
    return moot_message_kind(m) == MOOT_END && strcmp(moot_message_conv(m), path) == 0;
}

int moot__input(const struct moot_message *m, struct moot_json **out)
{
    *out = NULL;
    const char *text = moot__json_get_text(moot_message_json(m), "input", NULL);
    if (text == NULL)
        return MOOT_OK;
    struct moot_json *input = NULL;
    int rc = moot__json_parse(text, strlen(text), &input, NULL);
    if (rc != MOOT_OK)
        return rc == MOOT_ENOMEM ? rc : MOOT_OK;
    if (!moot__json_is(input, MOOT_JSON_OBJECT)) {
        moot__json_free(input);
        return MOOT_OK;
    }
    *out = input;
    return MOOT_OK;
}

int moot__parts(const struct moot_json *body, char **out)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    const struct moot_json *parts = moot__json_get(body, "parts");
    for (const struct moot_json *p = moot__json_first(parts); p != NULL; p = moot__json_next(p))
        moot__buf_adds(&text, moot__json_get_text(p, "text", ""));
    *out = moot__buf_take(&text);
    return *out == NULL ? text.status == MOOT_OK ? MOOT_ENOMEM : text.status : MOOT_OK;
}

int moot__body_say(struct moot_json *body, const char *text)
{
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    int rc = MOOT_OK;
    if (text[0] != '\0') {
        struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
        rc = part == NULL ? MOOT_ENOMEM : moot__json_set_text(part, "text", text);
        int added = moot__json_add(parts, part);
        rc = rc == MOOT_OK ? added : rc;
    }
    int set = moot__json_set(body, "parts", parts);
    return rc == MOOT_OK ? set : rc;
}
