/* What may stand in a recorded outcome: everything else is left out or refused. */
#include "runtime/recording_part.h"

enum { USAGE_MAX = 1000 * 1000 * 1000, COST_DIGITS = 15 };

struct forming {
    const struct moot_json *from;
    struct moot_json *to;
    struct moot_error *err;
};

static int refuse(const struct forming *f, const char *key, const char *want)
{
    return moot__fail(f->err, MOOT_EMALFORMED, "its '%s' is not %s", key, want);
}

static int take_text(const struct forming *f, const char *key)
{
    const struct moot_json *value = moot__json_get(f->from, key);
    if (value == NULL)
        return MOOT_OK;
    if (moot__json_text(value) == NULL)
        return refuse(f, key, "a text");
    return moot__json_set_text(f->to, key, moot__json_text(value));
}

static int take_bool(const struct forming *f, const char *key)
{
    const struct moot_json *value = moot__json_get(f->from, key);
    if (value == NULL)
        return MOOT_OK;
    if (!moot__json_is(value, MOOT_JSON_BOOL))
        return refuse(f, key, "true or false");
    return moot__json_set_bool(f->to, key, moot__json_true(value));
}

/* One of the words an outcome of that kind may have. */
static int take_status(const struct forming *f, enum moot_kind call)
{
    static const char *const words[] = {"ok",     "error",   "timeout",   "cancelled", "limit",
                                        "denied", "unknown", "withdrawn", "expired"};
    const char *word = moot__json_get_text(f->from, "status", "");
    size_t count = call == MOOT_TOOL_CALL ? 7 : call == MOOT_MODEL_CALL ? 5 : MOOT_COUNT(words);
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return moot__json_set_text(f->to, "status", word);
    return refuse(f, "status", "one of such an outcome");
}

static int take_parts(const struct forming *f)
{
    const struct moot_json *parts = moot__json_get(f->from, "parts");
    if (parts == NULL)
        return MOOT_OK;
    if (!moot__json_is(parts, MOOT_JSON_ARRAY))
        return refuse(f, "parts", "a list");
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int status = list != NULL ? MOOT_OK : MOOT_ENOMEM;
    const struct moot_json *part = moot__json_first(parts);
    for (; part != NULL && status == MOOT_OK; part = moot__json_next(part)) {
        const char *text = moot__json_get_text(part, "text", NULL);
        struct moot_json *one = text != NULL ? moot__json_new(MOOT_JSON_OBJECT) : NULL;
        if (text == NULL)
            status = refuse(f, "parts", "a list of texts");
        else
            status = moot__json_set_text(one, "text", text);
        if (status == MOOT_OK)
            status = moot__json_add(list, one);
        else
            moot__json_free(one);
    }
    if (status == MOOT_OK)
        return moot__json_set(f->to, "parts", list);
    moot__json_free(list);
    return status;
}

static int take_call(const struct forming *f, const struct moot_json *call, struct moot_json *list)
{
    static const char *const keys[] = {"id", "name", "arguments"};
    struct moot_json *one = moot__json_new(MOOT_JSON_OBJECT);
    int status = one != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++) {
        const char *text = moot__json_get_text(call, keys[i], NULL);
        status = text != NULL ? moot__json_set_text(one, keys[i], text)
                              : refuse(f, "calls", "a list of {id, name, arguments}");
    }
    if (status == MOOT_OK)
        return moot__json_add(list, one);
    moot__json_free(one);
    return status;
}

static int take_calls(const struct forming *f)
{
    const struct moot_json *calls = moot__json_get(f->from, "calls");
    if (calls == NULL)
        return MOOT_OK;
    if (!moot__json_is(calls, MOOT_JSON_ARRAY) || moot__json_count(calls) > MOOT_MAX_TOOL_CALLS)
        return refuse(f, "calls", "a list of at most 64");
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int status = list != NULL ? MOOT_OK : MOOT_ENOMEM;
    const struct moot_json *call = moot__json_first(calls);
    for (; call != NULL && status == MOOT_OK; call = moot__json_next(call))
        status = take_call(f, call, list);
    if (status == MOOT_OK)
        return moot__json_set(f->to, "calls", list);
    moot__json_free(list);
    return status;
}

/* Limits count what was used, so what is no sensible number is refused. */
static int take_usage(const struct forming *f)
{
    static const char *const keys[] = {"input", "cached", "output"};
    const struct moot_json *usage = moot__json_get(f->from, "usage");
    if (usage == NULL)
        return MOOT_OK;
    struct moot_json *one = moot__json_new(MOOT_JSON_OBJECT);
    int status = one != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < MOOT_COUNT(keys) && status == MOOT_OK; i++) {
        int64_t tokens = moot__json_get_int(usage, keys[i], 0);
        status = tokens >= 0 && tokens <= USAGE_MAX
                     ? moot__json_set_int(one, keys[i], tokens)
                     : refuse(f, "usage", "of whole numbers up to a billion");
    }
    if (status == MOOT_OK && moot__json_get_bool(usage, "estimated", false))
        status = moot__json_set_bool(one, "estimated", true);
    if (status == MOOT_OK)
        return moot__json_set(f->to, "usage", one);
    moot__json_free(one);
    return status;
}

static int take_cost(const struct forming *f)
{
    const char *digits = moot__json_get_text(f->from, "cost", NULL);
    if (digits == NULL)
        return moot__json_get(f->from, "cost") == NULL ? MOOT_OK : refuse(f, "cost", "a text");
    size_t count = strlen(digits);
    if (count == 0 || count > COST_DIGITS || strspn(digits, "0123456789") != count)
        return refuse(f, "cost", "a number of at most 15 digits");
    return moot__json_set_text(f->to, "cost", digits);
}

static int take_texts(const struct forming *f, const char *const *keys, size_t count)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < count && status == MOOT_OK; i++)
        status = take_text(f, keys[i]);
    return status;
}

static int take_reply(const struct forming *f)
{
    static const char *const texts[] = {"finish", "model", "detail", "hint"};
    int status = take_parts(f);
    if (status == MOOT_OK)
        status = take_calls(f);
    if (status == MOOT_OK)
        status = take_texts(f, texts, MOOT_COUNT(texts));
    if (status == MOOT_OK)
        status = take_usage(f);
    return status == MOOT_OK ? take_cost(f) : status;
}

static int take_result(const struct forming *f)
{
    static const char *const texts[] = {"output", "call", "shown"};
    int status = take_texts(f, texts, MOOT_COUNT(texts));
    if (status == MOOT_OK)
        status = take_bool(f, "private");
    return status == MOOT_OK ? take_bool(f, "dry_run") : status;
}

static int take_answer(const struct forming *f)
{
    static const char *const texts[] = {"text", "decision"};
    return take_texts(f, texts, MOOT_COUNT(texts));
}

int moot__recording_body(enum moot_kind call, const struct moot_json *body, struct moot_json **out,
                         struct moot_error *err)
{
    struct forming f = {.from = body, .to = moot__json_new(MOOT_JSON_OBJECT), .err = err};
    int status = f.to != NULL ? take_status(&f, call) : MOOT_ENOMEM;
    if (status == MOOT_OK && call == MOOT_MODEL_CALL)
        status = take_reply(&f);
    else if (status == MOOT_OK)
        status = call == MOOT_TOOL_CALL ? take_result(&f) : take_answer(&f);
    if (status == MOOT_OK)
        *out = f.to;
    else
        moot__json_free(f.to);
    return status;
}

enum moot_kind moot__recording_outcome(enum moot_kind call)
{
    return call == MOOT_MODEL_CALL  ? MOOT_MODEL_REPLY
           : call == MOOT_TOOL_CALL ? MOOT_TOOL_RESULT
                                    : MOOT_ANSWER;
}
