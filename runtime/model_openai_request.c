/* Writes a chat-completions request: the parameters first and the history last, each part as it
 * lies, so that the bytes before what was added are the same as in the request before. */
#include "runtime/model_openai.h"

enum { HEAD_MAX = 16 * 1024 * 1024, STOPS_MAX = 4 };

struct writer {
    const struct moot_model_spec *spec;
    const struct moot_preset *preset;
    const struct moot_chat_quirks *quirks;
    const struct moot_model_request *request;
    struct moot_chat_body *body;
    struct moot_json *extra; /* the user's own parameters, which go before ours */
    bool failed;
};

static void put(struct writer *w, const char *data, size_t len)
{
    struct moot_chat_body *b = w->body;
    if (w->failed || len == 0)
        return;
    if (b->count == b->size) {
        size_t size = b->size * 2 + 64;
        struct moot_part *parts = realloc(b->parts, size * sizeof(*parts));
        if (parts == NULL) {
            w->failed = true;
            return;
        }
        b->parts = parts;
        b->size = size;
    }
    b->parts[b->count++] = (struct moot_part){data, len};
}

static void puts_(struct writer *w, const char *text)
{
    put(w, text, strlen(text));
}

/* Takes the buffer's contents over. */
static void put_owned(struct writer *w, struct moot_buf *text)
{
    size_t len = text->len;
    char **owned = realloc(w->body->owned, (w->body->owned_count + 1) * sizeof(*owned));
    if (owned != NULL)
        w->body->owned = owned;
    char *data = owned != NULL && text->status == MOOT_OK ? moot__buf_take(text) : NULL;
    moot__buf_release(text);
    if (data == NULL) {
        w->failed = true;
        return;
    }
    owned[w->body->owned_count++] = data;
    put(w, data, len);
}

/* Parameters */

static bool wanted(const struct writer *w, const char *name)
{
    return moot__json_get(w->extra, name) == NULL;
}

static void add_key(struct moot_buf *head, const char *name)
{
    moot__buf_addf(head, ",\"%s\":", name);
}

static void add_digits(struct writer *w, const char *name, const char *digits)
{
    if (digits != NULL && wanted(w, name)) {
        add_key(&w->body->head, name);
        moot__buf_adds(&w->body->head, digits);
    }
}

static void add_int(struct writer *w, const char *name, int64_t n)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%lld", (long long)n);
    add_digits(w, name, digits);
}

static void add_stops(struct writer *w)
{
    const char *const *stop = w->request->stop;
    if (stop == NULL || stop[0] == NULL || w->quirks->no_stop || !wanted(w, "stop"))
        return;
    struct moot_buf *head = &w->body->head;
    add_key(head, "stop");
    for (size_t i = 0; i < STOPS_MAX && stop[i] != NULL; i++) {
        moot__buf_addc(head, i == 0 ? '[' : ',');
        moot__buf_add_json(head, stop[i], strlen(stop[i]));
    }
    moot__buf_addc(head, ']');
}

/* Names of schemas and the like: letters, digits, '_' and '-', at most 64. */
static void add_plain_name(struct moot_buf *head, const char *name)
{
    char out[65];
    size_t n = 0;
    for (; *name != '\0' && n < sizeof(out) - 1; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || *name == '-';
        out[n++] = plain ? *name : '_';
    }
    out[n] = '\0';
    moot__buf_addf(head, "\"%s\"", n > 0 ? out : "reply");
}

static bool schema_is_strict(const struct moot_json *s);

static bool keyword_is_strict(const struct moot_json *member)
{
    static const char *const plain[] = {"type",  "enum", "const",    "description",
                                        "title", "$ref", "required", "additionalProperties"};
    const char *key = moot__json_key(member);
    if (strcmp(key, "items") == 0)
        return schema_is_strict(member);
    if (strcmp(key, "anyOf") == 0 || strcmp(key, "properties") == 0 || strcmp(key, "$defs") == 0) {
        for (const struct moot_json *s = moot__json_first(member); s != NULL;
             s = moot__json_next(s)) {
            if (!schema_is_strict(s))
                return false;
        }
        return true;
    }
    for (size_t i = 0; i < MOOT_COUNT(plain); i++) {
        if (strcmp(key, plain[i]) == 0)
            return true;
    }
    return false;
}

/* Whether the schema lies in the subset that `strict` asks for: no optional and no further members,
 * few keywords. Outside of it the endpoint would refuse the request. */
static bool schema_is_strict(const struct moot_json *s)
{
    if (!moot__json_is(s, MOOT_JSON_OBJECT))
        return false;
    const struct moot_json *properties = moot__json_get(s, "properties");
    const char *type = moot__json_get_text(s, "type", "");
    if (properties != NULL || strcmp(type, "object") == 0) {
        const struct moot_json *more = moot__json_get(s, "additionalProperties");
        if (!moot__json_is(more, MOOT_JSON_BOOL) || moot__json_true(more) ||
            moot__json_count(moot__json_get(s, "required")) != moot__json_count(properties))
            return false;
    }
    for (const struct moot_json *m = moot__json_first(s); m != NULL; m = moot__json_next(m)) {
        if (!keyword_is_strict(m))
            return false;
    }
    return true;
}

static void add_response_format(struct writer *w)
{
    const struct moot_model_request *r = w->request;
    struct moot_json *schema = NULL;
    if (r->schema == NULL || w->spec->no_schema || !wanted(w, "response_format"))
        return;
    struct moot_buf *head = &w->body->head;
    add_key(head, "response_format");
    moot__buf_adds(head, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
    add_plain_name(head, r->schema_name != NULL ? r->schema_name : "reply");
    if (moot__json_parse(r->schema, strlen(r->schema), &schema, NULL) == MOOT_OK &&
        moot__json_is(moot__json_get(schema, "properties"), MOOT_JSON_OBJECT) &&
        schema_is_strict(schema))
        moot__buf_adds(head, ",\"strict\":true");
    moot__json_free(schema);
    moot__buf_adds(head, ",\"schema\":");
    moot__buf_adds(head, r->schema);
    moot__buf_adds(head, "}}");
}

static void add_tool(struct moot_buf *head, const struct moot_tool_decl *tool)
{
    moot__buf_adds(head, "{\"type\":\"function\",\"function\":{\"name\":");
    moot__buf_add_json(head, tool->name, strlen(tool->name));
    if (tool->description != NULL && tool->description[0] != '\0') {
        moot__buf_adds(head, ",\"description\":");
        moot__buf_add_json(head, tool->description, strlen(tool->description));
    }
    moot__buf_adds(head, ",\"parameters\":");
    moot__buf_adds(head, tool->parameters != NULL ? tool->parameters
                                                  : "{\"type\":\"object\",\"properties\":{}}");
    moot__buf_adds(head, "}}");
}

/* Tools and the choice of one. An endpoint that takes only words for a choice is shown the chosen
 * tool alone and told that a call is required. Without tools none of it may be sent. */
static void add_tools(struct writer *w)
{
    const struct moot_model_request *r = w->request;
    const char *choice = r->tool_choice != NULL ? r->tool_choice : "auto";
    bool word = strcmp(choice, "auto") == 0 || strcmp(choice, "none") == 0 ||
                strcmp(choice, "required") == 0;
    bool alone = !word && (w->preset->flags & MOOT_PRESET_STRING_CHOICE) != 0;
    struct moot_buf *head = &w->body->head;
    if (r->tool_count == 0 || !wanted(w, "tools"))
        return;
    add_key(head, "tools");
    moot__buf_addc(head, '[');
    size_t sent = 0;
    for (size_t i = 0; i < r->tool_count; i++) {
        if (alone && strcmp(r->tools[i].name, choice) != 0)
            continue;
        if (sent++ > 0)
            moot__buf_addc(head, ',');
        add_tool(head, &r->tools[i]);
    }
    moot__buf_addc(head, ']');
    if (w->quirks->no_choice || strcmp(choice, "auto") == 0 || !wanted(w, "tool_choice"))
        return;
    add_key(head, "tool_choice");
    if (word || alone) {
        moot__buf_addf(head, "\"%s\"", alone ? "required" : choice);
        return;
    }
    moot__buf_adds(head, "{\"type\":\"function\",\"function\":{\"name\":");
    moot__buf_add_json(head, choice, strlen(choice));
    moot__buf_adds(head, "}}");
}

static void add_parameters(struct writer *w)
{
    const struct moot_model_spec *spec = w->spec;
    const struct moot_chat_quirks *q = w->quirks;
    unsigned flags = w->preset->flags;
    struct moot_buf *head = &w->body->head;
    moot__buf_adds(head, "{\"model\":");
    moot__buf_add_json(head, spec->model, strlen(spec->model));
    if (!spec->no_stream) {
        moot__buf_adds(head, ",\"stream\":true");
        if (!spec->no_stream_options && wanted(w, "stream_options"))
            moot__buf_adds(head, ",\"stream_options\":{\"include_usage\":true}");
    }
    if (spec->max_tokens > 0)
        add_int(w, spec->use_max_completion_tokens ? "max_completion_tokens" : "max_tokens",
                spec->max_tokens);
    add_digits(w, "temperature", spec->temperature);
    add_digits(w, "top_p", spec->top_p);
    if (spec->has_seed && !q->no_seed && (flags & MOOT_PRESET_NO_SEED) == 0)
        add_int(w, "seed", spec->seed);
    if (spec->reasoning != NULL && !q->no_effort && (flags & MOOT_PRESET_NO_EFFORT) == 0 &&
        wanted(w, "reasoning_effort")) {
        add_key(head, "reasoning_effort");
        moot__buf_add_json(head, spec->reasoning, strlen(spec->reasoning));
    }
    add_stops(w);
    add_response_format(w);
    add_tools(w);
    for (const struct moot_json *m = moot__json_first(w->extra); m != NULL;
         m = moot__json_next(m)) {
        const char *key = moot__json_key(m);
        if (strcmp(key, "model") == 0 || strcmp(key, "messages") == 0 || strcmp(key, "stream") == 0)
            continue;
        moot__buf_addc(head, ',');
        moot__buf_add_json(head, key, strlen(key));
        moot__buf_addc(head, ':');
        moot__json_write(m, head);
    }
    moot__buf_adds(head, ",\"messages\":[");
}

/* History */

void moot__chat_short_id(const char *text, size_t len, char out[10])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint64_t hash = 14695981039346656037u; /* FNV-1a: a name, not a proof */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    for (size_t i = 0; i < 9; i++) {
        out[i] = digits[hash % 62];
        hash /= 62;
    }
    out[9] = '\0';
}

static bool is_short_id(const char *id)
{
    size_t n = strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return n == 9 && id[9] == '\0';
}

static void add_id(const struct writer *w, struct moot_buf *out, const char *id)
{
    char short_id[10];
    if ((w->preset->flags & MOOT_PRESET_SHORT_IDS) != 0 && !is_short_id(id)) {
        moot__chat_short_id(id, strlen(id), short_id);
        id = short_id;
    }
    moot__buf_add_json(out, id, strlen(id));
}

/* The calls of an assistant's turn as the endpoint wants them. */
static void put_calls(struct writer *w, const struct moot_json *calls)
{
    struct moot_buf b;
    moot__buf_init(&b, HEAD_MAX);
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c)) {
        const char *name = moot__json_get_text(c, "name", "");
        const char *arguments = moot__json_get_text(c, "arguments", "");
        moot__buf_adds(&b, b.len == 0 ? ",\"tool_calls\":[" : ",");
        moot__buf_adds(&b, "{\"id\":");
        add_id(w, &b, moot__json_get_text(c, "id", ""));
        moot__buf_adds(&b, ",\"type\":\"function\",\"function\":{\"name\":");
        moot__buf_add_json(&b, name, strlen(name));
        moot__buf_adds(&b, ",\"arguments\":");
        if (arguments[0] == '\0')
            arguments = "{}";
        moot__buf_add_json(&b, arguments, strlen(arguments));
        moot__buf_adds(&b, "}}");
    }
    if (b.len > 0)
        moot__buf_addc(&b, ']');
    put_owned(w, &b);
}

static bool is_answered(const struct moot_turn *turns, size_t count, const char *id)
{
    for (size_t i = 0; i < count && turns[i].role == MOOT_TOOL; i++) {
        struct moot_json *literal = NULL;
        const struct moot_text *text = turns[i].tool_call_id;
        bool same = text != NULL &&
                    moot__json_parse(text->data, text->len, &literal, NULL) == MOOT_OK &&
                    moot__json_text(literal) != NULL && strcmp(moot__json_text(literal), id) == 0;
        moot__json_free(literal);
        if (same)
            return true;
    }
    return false;
}

/* A call without a result right after it makes a conversation unusable for good: it gets one. */
static void put_missing_results(struct writer *w, const struct moot_json *calls,
                                const struct moot_turn *after, size_t count)
{
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c)) {
        const char *id = moot__json_get_text(c, "id", "");
        if (is_answered(after, count, id))
            continue;
        struct moot_buf b;
        moot__buf_init(&b, 4096);
        moot__buf_adds(&b, ",{\"role\":\"tool\",\"tool_call_id\":");
        add_id(w, &b, id);
        moot__buf_adds(&b, ",\"content\":\"(no result)\"}");
        put_owned(w, &b);
    }
}

static void put_assistant(struct writer *w, const struct moot_turn *turn,
                          const struct moot_turn *after, size_t count)
{
    struct moot_json *calls = NULL;
    if (turn->tool_calls != NULL &&
        moot__json_parse(turn->tool_calls->data, turn->tool_calls->len, &calls, NULL) != MOOT_OK)
        w->failed = true;
    puts_(w, "{\"role\":\"assistant\",\"content\":");
    if (turn->content != NULL)
        put(w, turn->content->data, turn->content->len);
    else
        puts_(w, calls != NULL ? "null" : "\"\"");
    if (calls != NULL && (w->preset->flags & MOOT_PRESET_REASONING_BACK) != 0)
        puts_(w, ",\"reasoning_content\":\"\"");
    if (moot__json_count(calls) > 0)
        put_calls(w, calls);
    puts_(w, "}");
    put_missing_results(w, calls, after, count);
    moot__json_free(calls);
}

static void put_tool(struct writer *w, const struct moot_turn *turn)
{
    puts_(w, "{\"role\":\"tool\",\"tool_call_id\":");
    struct moot_json *literal = NULL;
    const struct moot_text *id = turn->tool_call_id;
    if (id != NULL && (w->preset->flags & MOOT_PRESET_SHORT_IDS) != 0 &&
        moot__json_parse(id->data, id->len, &literal, NULL) == MOOT_OK &&
        moot__json_text(literal) != NULL) {
        struct moot_buf b;
        moot__buf_init(&b, 4096);
        add_id(w, &b, moot__json_text(literal));
        put_owned(w, &b);
    } else if (id != NULL) {
        put(w, id->data, id->len);
    } else {
        puts_(w, "\"\"");
    }
    moot__json_free(literal);
    puts_(w, ",\"content\":");
    if (turn->content != NULL)
        put(w, turn->content->data, turn->content->len);
    else
        puts_(w, "\"\"");
    puts_(w, "}");
}

static bool as_user(const struct writer *w, const struct moot_turn *turns, size_t i)
{
    if (turns[i].role != MOOT_SYSTEM)
        return turns[i].role == MOOT_USER;
    if (w->quirks->system_as_user)
        return true;
    for (size_t k = 0; w->quirks->merge && k < i; k++) {
        if (turns[k].role != MOOT_SYSTEM)
            return true;
    }
    return false;
}

/* System and user turns; `merge` joins neighbours of one role. Returns how many were taken. */
static size_t put_said(struct writer *w, const struct moot_turn *turns, size_t i, size_t count)
{
    bool user = as_user(w, turns, i);
    size_t taken = 0;
    puts_(w, user ? "{\"role\":\"user\",\"content\":\"" : "{\"role\":\"system\",\"content\":\"");
    do {
        const struct moot_text *text = turns[i + taken].content;
        if (taken > 0)
            puts_(w, "\\n\\n");
        if (text != NULL && text->len > 2) /* between the literal's quotes */
            put(w, text->data + 1, text->len - 2);
        taken++;
    } while (w->quirks->merge && i + taken < count && turns[i + taken].role <= MOOT_USER &&
             as_user(w, turns, i + taken) == user);
    puts_(w, "\"}");
    return taken;
}

static void put_turns(struct writer *w, const struct moot_turn *turns, size_t count)
{
    for (size_t i = 0; i < count && !w->failed;) {
        if (i > 0)
            puts_(w, ",");
        switch (turns[i].role) {
        case MOOT_SYSTEM:
        case MOOT_USER:
            i += put_said(w, turns, i, count);
            break;
        case MOOT_ASSISTANT:
            put_assistant(w, &turns[i], &turns[i + 1], count - i - 1);
            i++;
            break;
        case MOOT_TOOL:
            put_tool(w, &turns[i]);
            i++;
            break;
        }
    }
}

/* What the endpoint cannot be told by response_format. */
static struct moot_text *instruction(const char *schema)
{
    static const char before[] =
        "Answer with one JSON value and nothing else: no words around it, no "
        "code fence. It must meet this JSON Schema:\n";
    struct moot_buf text;
    struct moot_buf literal;
    moot__buf_init(&text, HEAD_MAX);
    moot__buf_init(&literal, 2 * HEAD_MAX);
    moot__buf_adds(&text, before);
    moot__buf_adds(&text, schema);
    if (text.status == MOOT_OK)
        moot__buf_add_json(&literal, moot__buf_text(&text), text.len);
    struct moot_text *made = text.status == MOOT_OK && literal.status == MOOT_OK
                                 ? moot__text_make(moot__buf_text(&literal), literal.len)
                                 : NULL;
    moot__buf_release(&text);
    moot__buf_release(&literal);
    return made;
}

static void put_history(struct writer *w)
{
    const struct moot_model_request *r = w->request;
    struct moot_turn *turns = calloc(r->turn_count + 2, sizeof(*turns));
    size_t count = r->turn_count;
    if (turns == NULL) {
        w->failed = true;
        return;
    }
    if (count > 0)
        memcpy(turns, r->turns, count * sizeof(*turns));
    if (r->schema != NULL && w->spec->no_schema) {
        w->body->instruction = instruction(r->schema);
        w->failed = w->failed || w->body->instruction == NULL;
        turns[count++] = (struct moot_turn){.role = MOOT_USER, .content = w->body->instruction};
    }
    put_turns(w, turns, count);
    free(turns);
}

int moot__chat_body_make(const struct moot_model_spec *spec, const struct moot_preset *preset,
                         const struct moot_chat_quirks *quirks,
                         const struct moot_model_request *request, struct moot_chat_body *out,
                         struct moot_error *err)
{
    struct writer w = {
        .spec = spec, .preset = preset, .quirks = quirks, .request = request, .body = out};
    memset(out, 0, sizeof(*out));
    moot__buf_init(&out->head, HEAD_MAX);
    if (spec->extra != NULL) {
        int status = moot__json_parse(spec->extra, strlen(spec->extra), &w.extra, err);
        if (status != MOOT_OK)
            return status;
    }
    add_parameters(&w);
    int status = out->head.status;
    if (status == MOOT_OK) {
        put(&w, moot__buf_text(&out->head), out->head.len);
        put_history(&w);
        puts_(&w, "]}");
        status = w.failed ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__json_free(w.extra);
    if (status != MOOT_OK) {
        moot__chat_body_release(out);
        return moot__fail(err, status, "cannot write the request: %s", moot__status_text(status));
    }
    return MOOT_OK;
}

void moot__chat_body_release(struct moot_chat_body *body)
{
    moot__buf_release(&body->head);
    free(body->parts);
    for (size_t i = 0; i < body->owned_count; i++)
        free(body->owned[i]);
    free(body->owned);
    moot__text_unref(body->instruction);
    memset(body, 0, sizeof(*body));
}
