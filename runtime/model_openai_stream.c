/* Reads a chat-completions reply, streamed or whole, whatever its server makes of the dialect. */
#include "runtime/json_mend.h"
#include "runtime/model_openai.h"
#include "runtime/utf8.h"

static const char think_open[] = "<think>";
static const char think_close[] = "</think>";

void moot__chat_init(struct moot_chat *c, void (*delta)(void *arg, const char *text, size_t len),
                     void *arg)
{
    memset(c, 0, sizeof(*c));
    moot__sse_init(&c->sse, MOOT_MAX_JSON);
    moot__buf_init(&c->body, MOOT_MAX_JSON);
    moot__buf_init(&c->text, MOOT_MAX_JSON);
    moot__buf_init(&c->reasoning, MOOT_MAX_JSON);
    moot__buf_init(&c->refusal, MOOT_MAX_JSON);
    moot__buf_init(&c->held, MOOT_MAX_JSON);
    c->input_tokens = -1;
    c->cached_tokens = -1;
    c->output_tokens = -1;
    c->delta = delta;
    c->arg = arg;
}

void moot__chat_release(struct moot_chat *c)
{
    moot__sse_release(&c->sse);
    moot__buf_release(&c->body);
    moot__buf_release(&c->text);
    moot__buf_release(&c->reasoning);
    moot__buf_release(&c->refusal);
    moot__buf_release(&c->held);
    moot__chat_calls_release(c);
    free(c->model);
    c->model = NULL;
}

/* Text, with a leading <think>…</think> taken out of it */

static void show(struct moot_chat *c, const char *text, size_t len)
{
    if (len == 0)
        return;
    moot__buf_add(&c->text, text, len);
    if (c->delta != NULL)
        c->delta(c->arg, text, len);
}

static size_t blanks(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && strchr(" \t\r\n", text[n]) != NULL && text[n] != '\0')
        n++;
    return n;
}

static void show_after_think(struct moot_chat *c, const char *text, size_t len)
{
    size_t skip = blanks(text, len);
    if (skip == len)
        return;
    c->think = MOOT_THINK_OVER;
    show(c, text + skip, len - skip);
}

/* What is held may be, or be becoming, a thought. */
static void think_held(struct moot_chat *c)
{
    const char *held = moot__buf_text(&c->held);
    size_t len = c->held.len;
    if (c->think == MOOT_THINK_UNKNOWN) {
        size_t skip = blanks(held, len);
        size_t n = len - skip < sizeof(think_open) - 1 ? len - skip : sizeof(think_open) - 1;
        if (memcmp(held + skip, think_open, n) != 0) {
            c->think = MOOT_THINK_OVER;
            show(c, held, len);
            moot__buf_clear(&c->held);
            return;
        }
        if (n < sizeof(think_open) - 1)
            return;
        c->think = MOOT_THINK_INSIDE;
        memmove(c->held.data, held + skip + n, len - skip - n);
        moot__buf_truncate(&c->held, len - skip - n);
        len = c->held.len;
    }
    const char *close = memmem(held, len, think_close, sizeof(think_close) - 1);
    if (close != NULL) {
        moot__buf_add(&c->reasoning, held, (size_t)(close - held));
        const char *after = close + sizeof(think_close) - 1;
        c->think = MOOT_THINK_AFTER;
        show_after_think(c, after, (size_t)(held + len - after));
        moot__buf_clear(&c->held);
    }
}

static void add_text(struct moot_chat *c, const char *text)
{
    size_t len = strlen(text);
    if (len > 0)
        c->any_delta = true;
    if (c->think == MOOT_THINK_OVER) {
        show(c, text, len);
    } else if (c->think == MOOT_THINK_AFTER) {
        show_after_think(c, text, len);
    } else if (len > 0) {
        moot__buf_add(&c->held, text, len);
        think_held(c);
    }
}

static void flush_held(struct moot_chat *c)
{
    if (c->held.len == 0)
        return;
    if (c->think == MOOT_THINK_INSIDE)
        moot__buf_add(&c->reasoning, c->held.data, c->held.len);
    else
        show(c, c->held.data, c->held.len);
    moot__buf_clear(&c->held);
}

/* Chunks */

static void add_reasoning(struct moot_chat *c, const char *text)
{
    c->any_delta = c->any_delta || text[0] != '\0';
    moot__buf_adds(&c->reasoning, text);
}

static void add_parts(struct moot_chat *c, const struct moot_json *parts);

/* Content is a text, nothing, or a list of texts and typed parts. */
static void add_content(struct moot_chat *c, const struct moot_json *content)
{
    const char *text = moot__json_text(content);
    if (text != NULL)
        add_text(c, text);
    else if (moot__json_is(content, MOOT_JSON_ARRAY))
        add_parts(c, content);
}

static void add_thinking(struct moot_chat *c, const struct moot_json *thinking)
{
    const char *text = moot__json_text(thinking);
    if (text != NULL)
        add_reasoning(c, text);
    for (const struct moot_json *t = moot__json_first(thinking); t != NULL; t = moot__json_next(t))
        add_reasoning(c, moot__json_get_text(t, "text", ""));
}

static void add_parts(struct moot_chat *c, const struct moot_json *parts)
{
    for (const struct moot_json *p = moot__json_first(parts); p != NULL; p = moot__json_next(p)) {
        const char *type = moot__json_get_text(p, "type", "text");
        if (moot__json_text(p) != NULL)
            add_text(c, moot__json_text(p));
        else if (strcmp(type, "thinking") == 0)
            add_thinking(c, moot__json_get(p, "thinking"));
        else if (strcmp(type, "text") == 0)
            add_text(c, moot__json_get_text(p, "text", ""));
    }
}

/* Two names for one thing, and a third form that repeats it. */
static void add_reasoning_of(struct moot_chat *c, const struct moot_json *delta)
{
    const char *text = moot__json_get_text(delta, "reasoning_content", "");
    if (text[0] == '\0')
        text = moot__json_get_text(delta, "reasoning", "");
    add_reasoning(c, text);
    const struct moot_json *details = moot__json_get(delta, "reasoning_details");
    if (text[0] != '\0')
        return;
    for (const struct moot_json *d = moot__json_first(details); d != NULL; d = moot__json_next(d))
        add_reasoning(c, moot__json_get_text(d, "text", ""));
}

static void add_delta(struct moot_chat *c, const struct moot_json *delta)
{
    add_reasoning_of(c, delta);
    add_content(c, moot__json_get(delta, "content"));
    moot__buf_adds(&c->refusal, moot__json_get_text(delta, "refusal", ""));
    const struct moot_json *calls = moot__json_get(delta, "tool_calls");
    for (const struct moot_json *t = moot__json_first(calls); t != NULL; t = moot__json_next(t)) {
        if (moot__chat_add_call(c, t) != MOOT_OK)
            return;
    }
    const struct moot_json *function = moot__json_get(delta, "function_call");
    if (function != NULL)
        moot__chat_add_function(c, function);
}

static void add_choice(struct moot_chat *c, const struct moot_json *choice)
{
    const struct moot_json *delta = moot__json_get(choice, "delta");
    const struct moot_json *message = moot__json_get(choice, "message");
    if (moot__json_get_int(choice, "index", 0) != 0)
        return;
    /* Some send both: all of the text so far beside each piece, an empty piece beside the text. */
    bool whole = message != NULL && (c->form == MOOT_CHAT_BODY || (delta == NULL && !c->any_delta));
    if (whole || delta != NULL)
        add_delta(c, whole ? message : delta);
    const char *finish = moot__json_get_text(choice, "finish_reason", "");
    if (finish[0] != '\0') {
        snprintf(c->finish, sizeof(c->finish), "%s", finish);
        c->finished = true;
    }
}

static void take_count(int64_t *field, const struct moot_json *usage, const char *name,
                       const char *other)
{
    int64_t n = moot__json_get_int(usage, name, -1);
    if (n < 0)
        n = moot__json_get_int(usage, other, -1);
    if (n >= 0)
        *field = n;
}

/* The last usage counts; it is cumulative where it comes with every chunk. */
static void take_usage(struct moot_chat *c, const struct moot_json *usage)
{
    if (!moot__json_is(usage, MOOT_JSON_OBJECT))
        return;
    take_count(&c->input_tokens, usage, "prompt_tokens", "input_tokens");
    take_count(&c->output_tokens, usage, "completion_tokens", "output_tokens");
    take_count(&c->cached_tokens, usage, "prompt_cache_hit_tokens", "cached_tokens");
    const struct moot_json *details = moot__json_get(usage, "prompt_tokens_details");
    take_count(&c->cached_tokens, details, "cached_tokens", "cached_tokens");
}

static void add_chunk(struct moot_chat *c, const struct moot_json *root)
{
    const char *model = moot__json_get_text(root, "model", "");
    if (c->model == NULL && model[0] != '\0')
        c->model = moot__copy(model, strlen(model));
    const struct moot_json *groq = moot__json_get(root, "x_groq");
    take_usage(c, moot__json_get(groq, "usage"));
    take_usage(c, moot__json_get(root, "usage"));
    const struct moot_json *choices = moot__json_get(root, "choices");
    for (const struct moot_json *t = moot__json_first(choices); t != NULL; t = moot__json_next(t))
        add_choice(c, t);
}

/* Events */

/* Foreign bytes for an error message. */
static void quote(const char *data, size_t len, char out[121])
{
    size_t n = 0;
    for (size_t i = 0; i < len && n < 120; i++)
        out[n++] = data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '?';
    out[n] = '\0';
}

static int unreadable(struct moot_chat *c, const struct moot_sse_event *e)
{
    char text[121];
    quote(e->data, e->len, text);
    if (strcmp(e->name, "error") == 0 || strncmp(text, "error", 5) == 0) {
        moot__problem_read(e->data, e->len, 0, &c->problem);
        c->problem.kind = MOOT_PROBLEM_SERVER;
    } else if (!e->unfinished) {
        c->status =
            moot__fail(&c->error, MOOT_EPROTOCOL, "a piece of the stream is no JSON: %s", text);
    }
    return 1;
}

static int on_event(void *arg, const struct moot_sse_event *e)
{
    struct moot_chat *c = arg;
    const char *data = e->data;
    size_t len = e->len;
    size_t skip = blanks(data, len);
    data += skip;
    len -= skip;
    if (len >= 6 && memcmp(data, "[DONE]", 6) == 0) {
        c->finished = true;
        return 1;
    }
    if (len == 0 || data[0] == ':') /* a gateway's keep-alive made into data */
        return 0;
    struct moot_json *root = NULL;
    int status = moot__json_parse_mended(data, len, &root, NULL);
    if (status == MOOT_ENOMEM || status == MOOT_ETOOBIG) {
        c->status =
            moot__fail(&c->error, status, "a piece of the stream: %s", moot__status_text(status));
        return 1;
    }
    if (status != MOOT_OK)
        return unreadable(c, e);
    bool error_event = strcmp(e->name, "error") == 0;
    const struct moot_json *groq = moot__json_get(root, "x_groq");
    bool bad = moot__problem_in_json(root, 0, &c->problem) ||
               moot__problem_in_json(groq, 0, &c->problem) ||
               (error_event && moot__problem_in_json(root, 500, &c->problem));
    if (!bad)
        c->problem.kind = MOOT_PROBLEM_NONE;
    if (!bad && error_event)
        bad = unreadable(c, e) == 1;
    if (!bad)
        add_chunk(c, root);
    moot__json_free(root);
    if (c->status == MOOT_OK && c->text.status + c->reasoning.status != MOOT_OK)
        c->status = moot__fail(&c->error, MOOT_ETOOBIG, "the reply is too long");
    return bad || c->status != MOOT_OK ? 1 : 0;
}

/* Form */

/* Events or a plain body, told by the first bytes alone: neither the request nor the content type
 * decides what a server does. */
static void sniff(struct moot_chat *c)
{
    static const char *const fields[] = {"data", "event", "id", "retry", "error"};
    const char *at = moot__buf_text(&c->body);
    size_t len = c->body.len;
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
        len -= 3;
    } else if (len > 0 && len < 3 && memcmp(at, "\xef\xbb\xbf", len) == 0) {
        return;
    }
    size_t skip = blanks(at, len);
    at += skip;
    len -= skip;
    if (len == 0)
        return;
    if (at[0] == ':') {
        c->form = MOOT_CHAT_EVENTS;
        return;
    }
    c->form = MOOT_CHAT_BODY;
    for (size_t i = 0; i < MOOT_COUNT(fields); i++) {
        size_t n = strlen(fields[i]);
        if (memcmp(at, fields[i], len < n ? len : n) != 0)
            continue;
        if (len <= n)
            c->form = MOOT_CHAT_UNKNOWN;
        else if (at[n] == ':')
            c->form = MOOT_CHAT_EVENTS;
    }
}

int moot__chat_feed(struct moot_chat *c, const char *data, size_t len)
{
    if (c->form == MOOT_CHAT_EVENTS) {
        int status = moot__sse_feed(&c->sse, data, len, on_event, c);
        if (status < 0)
            c->status = moot__fail(&c->error, status, "the stream: %s", moot__status_text(status));
        return status != 0 ? 1 : 0;
    }
    if (moot__buf_add(&c->body, data, len) != MOOT_OK) {
        c->status = moot__fail(&c->error, c->body.status, "the reply is too long");
        return 1;
    }
    if (c->form == MOOT_CHAT_UNKNOWN)
        sniff(c);
    if (c->form != MOOT_CHAT_EVENTS)
        return 0;
    struct moot_buf first = c->body;
    moot__buf_init(&c->body, MOOT_MAX_JSON);
    int status = moot__chat_feed(c, moot__buf_text(&first), first.len);
    moot__buf_release(&first);
    return status;
}

static void end_body(struct moot_chat *c, long http_status)
{
    struct moot_json *root = NULL;
    const char *text = moot__buf_text(&c->body);
    size_t skip = blanks(text, c->body.len);
    c->form = MOOT_CHAT_BODY;
    if (http_status >= 300 || text[skip] == '<') {
        moot__problem_read(text, c->body.len, http_status, &c->problem);
        return;
    }
    if (skip == c->body.len) {
        c->status = moot__fail(&c->error, MOOT_EPROTOCOL, "an empty body");
        return;
    }
    int status = moot__json_parse_mended(text + skip, c->body.len - skip, &root, NULL);
    if (status != MOOT_OK) {
        char quoted[121];
        quote(text + skip, c->body.len - skip, quoted);
        c->status = moot__fail(&c->error, MOOT_EPROTOCOL, "neither a stream nor JSON: %s", quoted);
        return;
    }
    bool bad = moot__problem_in_json(root, http_status, &c->problem);
    if (!bad && moot__json_count(moot__json_get(root, "choices")) == 0) {
        c->problem.kind = MOOT_PROBLEM_NONE;
        c->status = moot__fail(&c->error, MOOT_EPROTOCOL, "JSON without `choices`");
    } else if (!bad) {
        c->problem.kind = MOOT_PROBLEM_NONE;
        add_chunk(c, root);
        c->finished = true;
    }
    moot__json_free(root);
}

void moot__chat_end(struct moot_chat *c, long http_status)
{
    if (c->status != MOOT_OK || c->problem.kind != MOOT_PROBLEM_NONE)
        return;
    if (c->form != MOOT_CHAT_EVENTS) {
        end_body(c, http_status);
    } else {
        int status = moot__sse_end(&c->sse, on_event, c);
        if (status < 0 && c->status == MOOT_OK)
            c->status = moot__fail(&c->error, status, "the stream: %s", moot__status_text(status));
        if (http_status >= 300 && c->problem.kind == MOOT_PROBLEM_NONE)
            moot__problem_read("", 0, http_status, &c->problem);
    }
    if (strcmp(c->finish, "error") == 0 && c->problem.kind == MOOT_PROBLEM_NONE) {
        c->problem.kind = MOOT_PROBLEM_SERVER;
        snprintf(c->problem.message, sizeof(c->problem.message), "the reply ended in an error");
    }
    if (c->status == MOOT_OK && c->problem.kind == MOOT_PROBLEM_NONE && !c->finished)
        c->status =
            moot__fail(&c->error, MOOT_ENETWORK, "the stream ended before the reply was whole");
}

/* The end */

static const char *finish_word(const struct moot_chat *c)
{
    static const struct {
        const char *raw;
        const char *word;
    } words[] = {
        {"length", "length"},
        {"max_tokens", "length"},
        {"model_length", "length"},
        {"MAX_TOKENS", "length"},
        {"tool_calls", "tool_calls"},
        {"tool_use", "tool_calls"},
        {"function_call", "tool_calls"},
        {"content_filter", "content_filter"},
        {"safety", "content_filter"},
        {"SAFETY", "content_filter"},
        {"refusal", "refusal"},
    };
    const char *word = "stop";
    for (size_t i = 0; i < MOOT_COUNT(words); i++) {
        if (strcmp(c->finish, words[i].raw) == 0)
            word = words[i].word;
    }
    /* Calls decide, not the word: many servers say "stop" with them, some "tool_calls" without. */
    if (strcmp(word, "length") != 0 && c->call_count > 0)
        return "tool_calls";
    if (strcmp(word, "tool_calls") == 0)
        return "stop";
    if (c->text.len == 0 && c->refusal.len > 0)
        return "refusal";
    return word;
}

int moot__chat_take(struct moot_chat *c, const char *seed, struct moot_model_reply *reply)
{
    flush_held(c);
    const char *finish = finish_word(c);
    if (strcmp(finish, "refusal") == 0 && c->text.len == 0)
        show(c, moot__buf_text(&c->refusal), c->refusal.len);
    int status = c->status == MOOT_OK ? moot__chat_take_calls(c, seed, reply) : MOOT_OK;
    reply->finish = moot__copy(finish, strlen(finish));
    reply->model = c->model;
    c->model = NULL;
    reply->input_tokens = c->input_tokens;
    reply->cached_tokens = c->cached_tokens > 0 ? c->cached_tokens : 0;
    reply->output_tokens = c->output_tokens;
    if (c->reasoning.len > 0)
        reply->reasoning = moot__buf_take(&c->reasoning);
    reply->text = moot__buf_take(&c->text);
    if (reply->text == NULL || reply->finish == NULL)
        return moot__fail(&c->error, MOOT_ENOMEM, "out of memory");
    return status;
}
