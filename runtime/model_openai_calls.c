/* Tool calls put together from the pieces of a stream. Servers disagree on nearly all of it: what
 * is missing, empty or repeated must neither merge two calls nor split one. */
#include "runtime/model_openai.h"

enum { CALL_ARGUMENTS_MAX = MOOT_MAX_REPLY };

void moot__chat_calls_release(struct moot_chat *c)
{
    for (size_t i = 0; i < c->call_count; i++) {
        free(c->calls[i].id);
        free(c->calls[i].name);
        moot__buf_release(&c->calls[i].arguments);
    }
    free(c->calls);
    c->calls = NULL;
    c->call_count = 0;
}

static struct moot_chat_call *call_new(struct moot_chat *c, bool has_index, int64_t index)
{
    if (c->call_count == MOOT_MAX_TOOL_CALLS) {
        c->status = moot__fail(&c->error, MOOT_EPROTOCOL, "more than %d tool calls in one reply",
                               MOOT_MAX_TOOL_CALLS);
        return NULL;
    }
    struct moot_chat_call *calls = realloc(c->calls, (c->call_count + 1) * sizeof(*calls));
    if (calls == NULL) {
        c->status = moot__fail(&c->error, MOOT_ENOMEM, "out of memory");
        return NULL;
    }
    c->calls = calls;
    struct moot_chat_call *call = &calls[c->call_count++];
    memset(call, 0, sizeof(*call));
    call->has_index = has_index;
    call->index = index;
    moot__buf_init(&call->arguments, CALL_ARGUMENTS_MAX);
    return call;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The call that a piece belongs to; NULL: none yet. `id` and `name` are NULL when empty. */
static struct moot_chat_call *call_find(struct moot_chat *c, bool has_index, int64_t index,
                                        const char *id, const char *name)
{
    if (has_index) {
        for (size_t i = c->call_count; i > 0; i--) {
            struct moot_chat_call *call = &c->calls[i - 1];
            if (!call->has_index || call->index != index)
                continue;
            /* The same index for another call: some servers always say 0. */
            bool other = id != NULL && call->id != NULL && name != NULL && !same(call->id, id);
            return other ? NULL : call;
        }
        return NULL;
    }
    for (size_t i = c->call_count; id != NULL && i > 0; i--) {
        if (same(c->calls[i - 1].id, id))
            return &c->calls[i - 1];
    }
    if (id != NULL || name != NULL || c->call_count == 0)
        return NULL;
    return &c->calls[c->call_count - 1];
}

static const char *nonempty(const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* A name comes whole, in every piece, or (rarely) in parts before the arguments. */
static int call_name(struct moot_chat_call *call, const char *id, const char *name)
{
    if (name == NULL || same(call->name, name))
        return MOOT_OK;
    if (call->name == NULL) {
        call->name = moot__copy(name, strlen(name));
        return call->name != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    if (call->arguments.len > 0 || id != NULL)
        return MOOT_OK;
    size_t len = strlen(call->name);
    char *longer = realloc(call->name, len + strlen(name) + 1);
    if (longer == NULL)
        return MOOT_ENOMEM;
    memcpy(longer + len, name, strlen(name) + 1);
    call->name = longer;
    return MOOT_OK;
}

static int call_arguments(struct moot_chat_call *call, const struct moot_json *arguments)
{
    const char *text = moot__json_text(arguments);
    if (text != NULL)
        return moot__buf_adds(&call->arguments, text);
    if (moot__json_is(arguments, MOOT_JSON_OBJECT))
        return moot__json_write(arguments, &call->arguments);
    return MOOT_OK;
}

static int call_add(struct moot_chat *c, struct moot_chat_call *call, const char *id,
                    const char *name, const struct moot_json *arguments)
{
    int status = MOOT_OK;
    if (id != NULL && call->id == NULL) {
        call->id = moot__copy(id, strlen(id));
        status = call->id != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    if (status == MOOT_OK)
        status = call_name(call, id, name);
    if (status == MOOT_OK)
        status = call_arguments(call, arguments);
    if (status != MOOT_OK)
        c->status = moot__fail(&c->error, status, "a tool call: %s", moot__status_text(status));
    return status;
}

int moot__chat_add_call(struct moot_chat *c, const struct moot_json *entry)
{
    const struct moot_json *function = moot__json_get(entry, "function");
    const struct moot_json *custom = moot__json_get(entry, "custom");
    if (nonempty(moot__json_get(custom, "name")) == NULL && function != NULL)
        custom = NULL; /* an empty one beside the real one */
    const char *type = moot__json_get_text(entry, "type", "");
    if (!moot__json_is(entry, MOOT_JSON_OBJECT) ||
        (type[0] != '\0' && strcmp(type, "function") != 0 && strcmp(type, "custom") != 0))
        return MOOT_OK;
    const char *id = nonempty(moot__json_get(entry, "id"));
    const char *name = nonempty(moot__json_get(custom != NULL ? custom : function, "name"));
    const struct moot_json *arguments =
        custom != NULL ? moot__json_get(custom, "input") : moot__json_get(function, "arguments");
    int64_t index = 0;
    bool has_index = moot__json_int(moot__json_get(entry, "index"), &index) ||
                     moot__json_int(moot__json_get(function, "index"), &index);
    struct moot_chat_call *call = call_find(c, has_index, index, id, name);
    if (call == NULL)
        call = call_new(c, has_index, index);
    return call != NULL ? call_add(c, call, id, name, arguments) : c->status;
}

int moot__chat_add_function(struct moot_chat *c, const struct moot_json *function)
{
    const char *name = nonempty(moot__json_get(function, "name"));
    const struct moot_json *arguments = moot__json_get(function, "arguments");
    /* Some send an empty one beside real tool calls; those are kept apart by their index. */
    if (name == NULL && (c->call_count == 0 || c->calls[0].index != -1))
        return MOOT_OK;
    if (c->call_count > 0 && c->calls[0].index != -1)
        return MOOT_OK;
    struct moot_chat_call *call = c->call_count > 0 ? &c->calls[0] : call_new(c, true, -1);
    return call != NULL ? call_add(c, call, NULL, name, arguments) : c->status;
}

static int take_call(struct moot_chat *c, size_t i, const char *seed, struct moot_tool_call *out)
{
    struct moot_chat_call *call = &c->calls[i];
    if (call->name == NULL)
        return moot__fail(&c->error, MOOT_EPROTOCOL, "a tool call without the name of a tool");
    if (call->id == NULL) {
        char text[256];
        char id[10];
        snprintf(text, sizeof(text), "%s/%zu", seed, i);
        moot__chat_short_id(text, strlen(text), id);
        call->id = moot__copy(id, strlen(id));
    }
    if (call->arguments.len == 0)
        moot__buf_adds(&call->arguments, "{}");
    out->id = call->id;
    out->name = call->name;
    out->arguments = moot__buf_take(&call->arguments);
    bool whole = out->id != NULL && out->arguments != NULL;
    call->id = NULL;
    call->name = NULL;
    return whole ? MOOT_OK : moot__fail(&c->error, MOOT_ENOMEM, "out of memory");
}

int moot__chat_take_calls(struct moot_chat *c, const char *seed, struct moot_model_reply *reply)
{
    if (c->call_count == 0)
        return MOOT_OK;
    reply->calls = calloc(c->call_count, sizeof(*reply->calls));
    if (reply->calls == NULL)
        return moot__fail(&c->error, MOOT_ENOMEM, "out of memory");
    int status = MOOT_OK;
    for (size_t i = 0; i < c->call_count && status == MOOT_OK; i++) {
        status = take_call(c, i, seed, &reply->calls[i]);
        if (status == MOOT_OK)
            reply->call_count++;
    }
    return status;
}
