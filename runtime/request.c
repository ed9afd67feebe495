#include "runtime/request.h"

#include "runtime/utf8.h"

enum { REQUEST_FORM = 2 }; /* version of the rendering below; raised when it changes */

#define OBSERVATION "Observation"

static void turn_release(struct moot_turn *t)
{
    moot__text_unref(t->content);
    moot__text_unref(t->tool_calls);
    moot__text_unref(t->tool_call_id);
}

static void history_clear(struct moot_history *h)
{
    for (size_t i = 0; i < h->count; i++)
        turn_release(&h->turns[i]);
    h->count = 0;
    h->tokens = 0;
    h->last = 0;
    memset(h->req, 0, sizeof(h->req));
}

void moot__history_release(struct moot_history *h)
{
    history_clear(h);
    free(h->turns);
    memset(h, 0, sizeof(*h));
}

static struct moot_turn *history_push(struct moot_history *h)
{
    if (h->count == h->size) {
        size_t size = h->size == 0 ? 8 : h->size * 2;
        struct moot_turn *turns = realloc(h->turns, size * sizeof(*turns));
        if (turns == NULL)
            return NULL;
        h->turns = turns;
        h->size = size;
    }
    struct moot_turn *t = &h->turns[h->count++];
    memset(t, 0, sizeof(*t));
    return t;
}

static struct moot_text *literal(const char *text)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__buf_add_json(&b, text, strlen(text));
    struct moot_text *t = b.status == MOOT_OK ? moot__text_make(b.data, b.len) : NULL;
    moot__buf_release(&b);
    return t;
}

char *moot__parts_text(const struct moot_json *body)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    const struct moot_json *part = moot__json_first(moot__json_get(body, "parts"));
    for (; part != NULL; part = moot__json_next(part))
        moot__buf_adds(&b, moot__json_get_text(part, "text", ""));
    char *text = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    return text;
}

static int render_reply(struct moot_turn *t, const struct moot_json *body)
{
    t->role = MOOT_ASSISTANT;
    char *text = moot__parts_text(body);
    if (text == NULL)
        return MOOT_ENOMEM;
    const struct moot_json *calls = moot__json_get(body, "calls");
    bool has_calls = moot__json_count(calls) > 0;
    if (text[0] != '\0' || !has_calls)
        t->content = literal(text);
    bool lost = (text[0] != '\0' || !has_calls) && t->content == NULL;
    free(text);
    if (has_calls) {
        struct moot_buf b;
        moot__buf_init(&b, MOOT_MAX_JSON);
        /* In the order of the journal, so that who reads it there renders the same bytes. */
        moot__json_write_canonical(calls, &b, NULL);
        t->tool_calls = b.status == MOOT_OK ? moot__text_make(b.data, b.len) : NULL;
        moot__buf_release(&b);
        lost = lost || t->tool_calls == NULL;
    }
    return lost ? MOOT_ENOMEM : MOOT_OK;
}

/* One of several voices, "ann: …", or what tools say to a model that cannot call them. */
static struct moot_text *voiced(const char *from, const char *text)
{
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__buf_addf(&b, "%s: %s", from, text);
    struct moot_text *t = b.status == MOOT_OK ? literal(moot__buf_text(&b)) : NULL;
    moot__buf_release(&b);
    return t;
}

static int render_message(struct moot_turn *t, const struct moot_add *add,
                          const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    if (moot_message_kind(m) == MOOT_MODEL_REPLY)
        return render_reply(t, body);
    if (add->role == MOOT_ADD_OBSERVATION) {
        t->role = MOOT_USER;
        t->content = voiced(OBSERVATION, moot__json_get_text(body, "output", ""));
        return t->content != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    if (moot_message_kind(m) == MOOT_TOOL_RESULT) {
        t->role = MOOT_TOOL;
        t->content = literal(moot__json_get_text(body, "output", ""));
        t->tool_call_id = literal(moot__json_get_text(body, "call", ""));
        return t->content != NULL && t->tool_call_id != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    t->role = add->role == MOOT_ADD_ASSISTANT ? MOOT_ASSISTANT : MOOT_USER;
    char *text = moot__parts_text(body);
    t->content = text == NULL ? NULL
                 : add->named ? voiced(moot_message_from(m), text)
                              : literal(text);
    free(text);
    return t->content != NULL ? MOOT_OK : MOOT_ENOMEM;
}

/* Text that the code words itself; where it answers a call, under that call's id. */
static int render_text(struct moot_turn *t, const struct moot_add *add)
{
    static const enum moot_turn_role roles[] = {
        [MOOT_ADD_SYSTEM] = MOOT_SYSTEM,       [MOOT_ADD_USER] = MOOT_USER,
        [MOOT_ADD_ASSISTANT] = MOOT_ASSISTANT, [MOOT_ADD_TOOL] = MOOT_TOOL,
        [MOOT_ADD_OBSERVATION] = MOOT_USER,
    };
    t->role = roles[add->role];
    const char *text = add->text;
    if (add->role == MOOT_ADD_TOOL && add->call != NULL) {
        t->tool_call_id = literal(add->call);
        if (t->tool_call_id == NULL)
            return MOOT_ENOMEM;
    }
    t->content = add->role == MOOT_ADD_OBSERVATION ? voiced(OBSERVATION, text) : literal(text);
    return t->content != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static const char *add_word(const struct moot_add *add, enum moot_turn_role role)
{
    static const char *const words[] = {"system", "user", "assistant", "tool"};
    return add->role == MOOT_ADD_OBSERVATION ? "observation" : words[role];
}

static void hash_turn(struct moot_hash *h, const struct moot_turn *t)
{
    moot__hash_add_int(h, t->role);
    moot__hash_add_text(h, t->content != NULL ? t->content->data : NULL);
    moot__hash_add_text(h, t->tool_calls != NULL ? t->tool_calls->data : NULL);
    moot__hash_add_text(h, t->tool_call_id != NULL ? t->tool_call_id->data : NULL);
}

static int extend_one(struct moot_history *h, const struct moot_add *add, moot_find_message find,
                      void *arg, struct moot_json *list, struct moot_hash *hash,
                      struct moot_error *err)
{
    struct moot_turn *t = history_push(h);
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    if (t == NULL || entry == NULL) {
        moot__json_free(entry);
        return MOOT_ENOMEM;
    }
    int status = MOOT_OK;
    if (add->text != NULL) {
        status = render_text(t, add);
        moot__json_set_text(entry, "text", add->text);
        if (add->role == MOOT_ADD_TOOL && add->call != NULL)
            moot__json_set_text(entry, "call", add->call);
    } else {
        const struct moot_message *m = find(arg, add->from, add->n);
        if (m == NULL) {
            moot__json_free(entry);
            return moot__fail(err, MOOT_EFOLD,
                              "a request shows message %u of %s, which is not there", add->n,
                              add->from);
        }
        status = render_message(t, add, m);
        char id[MOOT_HEX_SIZE];
        moot__hex(m->id, MOOT_HASH_SIZE, id);
        moot__json_set_text(entry, "re", id);
        if (add->named)
            moot__json_set_bool(entry, "named", true);
    }
    if (status == MOOT_OK)
        status = moot__json_set_text(entry, "as", add_word(add, t->role));
    int added = moot__json_add(list, entry);
    if (status != MOOT_OK || added != MOOT_OK)
        return MOOT_ENOMEM;
    hash_turn(hash, t);
    h->tokens +=
        t->content != NULL ? (int64_t)moot__utf8_tokens(t->content->data, t->content->len) : 0;
    h->tokens += t->tool_calls != NULL
                     ? (int64_t)moot__utf8_tokens(t->tool_calls->data, t->tool_calls->len)
                     : 0;
    return MOOT_OK;
}

static void hash_declared(struct moot_hash *h, const struct moot_tool_view *tools, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        moot__hash_add_text(h, tools[i].name);
        moot__hash_add_text(h, tools[i].description);
        moot__hash_add_text(h, tools[i].parameters);
    }
}

void moot__request_tools_hash(const struct moot_tool_view *tools, size_t count,
                              char out[MOOT_HEX_SIZE])
{
    uint8_t hash[MOOT_HASH_SIZE];
    struct moot_hash h;
    moot__hash_init(&h);
    hash_declared(&h, tools, count);
    moot__hash_end(&h, hash);
    moot__hex(hash, MOOT_HASH_SIZE, out);
}

static int64_t tokens_of(const char *text)
{
    return text != NULL ? (int64_t)moot__utf8_tokens(text, strlen(text)) : 0;
}

int64_t moot__request_tokens(const struct moot_history *h, const struct moot_think *think)
{
    int64_t sum = h->tokens + MOOT_TURN_TOKENS * (int64_t)h->count + tokens_of(think->schema);
    for (size_t i = 0; i < think->tool_count; i++)
        sum += MOOT_TURN_TOKENS + tokens_of(think->tools[i].name) +
               tokens_of(think->tools[i].description) + tokens_of(think->tools[i].parameters);
    return sum;
}

static int describe(struct moot_json *body, const struct moot_think *think)
{
    uint8_t hash[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    int status = moot__json_set_int(body, "form", REQUEST_FORM);
    if (think->tool_count > 0) {
        moot__request_tools_hash(think->tools, think->tool_count, hex);
        status |= moot__json_set_text(body, "tools", hex);
        status |= moot__json_set_text(body, "tool_choice",
                                      think->tool_choice != NULL ? think->tool_choice : "auto");
    }
    if (think->sums)
        status |= moot__json_set_bool(body, "sums", true);
    if (think->schema != NULL) {
        moot__hash(think->schema, strlen(think->schema), hash);
        moot__hex(hash, MOOT_HASH_SIZE, hex);
        status |= moot__json_set_text(body, "schema", hex);
    }
    return status != MOOT_OK ? MOOT_ENOMEM : MOOT_OK;
}

int moot__history_extend(struct moot_history *h, const struct moot_think *think, uint32_t n,
                         moot_find_message find, void *arg, struct moot_json *body,
                         struct moot_error *err)
{
    if (think->base == 0)
        history_clear(h);
    else if (think->base != h->last)
        return moot__fail(err, MOOT_EFOLD, "a request extends call %u, but the last one was %u",
                          think->base, h->last);
    struct moot_hash hash;
    moot__hash_init(&hash);
    moot__hash_add(&hash, h->req, sizeof(h->req));
    moot__hash_add_text(&hash, think->model);
    moot__hash_add_text(&hash, think->tool_choice);
    moot__hash_add_text(&hash, think->schema);
    hash_declared(&hash, think->tools, think->tool_count);
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    if (list == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < think->add_count; i++) {
        int status = extend_one(h, &think->adds[i], find, arg, list, &hash, err);
        if (status != MOOT_OK) {
            moot__json_free(list);
            return status;
        }
    }
    moot__hash_end(&hash, h->req);
    h->last = n;
    char hex[MOOT_HEX_SIZE];
    moot__hex(h->req, MOOT_HASH_SIZE, hex);
    int status = moot__json_set(body, "add", list);
    status |= moot__json_set(body, "base",
                             think->base != 0 ? moot__json_new_int(think->base)
                                              : moot__json_new(MOOT_JSON_NULL));
    status |= moot__json_set_text(body, "req", hex);
    return status == MOOT_OK ? describe(body, think) : MOOT_ENOMEM;
}
