#include "runtime/model_error.h"

#include "runtime/utf8.h"

/* Copies text on one line, shortened at a code point, bytes that are no UTF-8 replaced. */
static void put_line(char *out, size_t size, const char *text, size_t len)
{
    size_t n = 0;
    bool space = true;
    for (size_t i = 0; i < len && n + 4 < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool blank = c <= 0x20 || c == 0x7f;
        if (!blank)
            out[n++] = text[i];
        else if (!space)
            out[n++] = ' ';
        space = blank;
    }
    if (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    size_t bad = 0;
    if (!moot__utf8_valid(out, n, &bad))
        out[bad] = '\0'; /* cut inside a code point, or foreign bytes */
}

static void put_text(char *out, size_t size, const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    if (text == NULL)
        text = moot__json_digits(value);
    if (text != NULL)
        put_line(out, size, text, strlen(text));
}

#define PUT(field, value) put_text((field), sizeof(field), (value))

static bool contains(const char *text, const char *word)
{
    return strcasestr(text, word) != NULL;
}

static bool contains_any(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (contains(text, *words))
            return true;
    }
    return false;
}

static bool in_any(const struct moot_problem *p, const char *const *words)
{
    return contains_any(p->message, words) || contains_any(p->code, words) ||
           contains_any(p->type, words);
}

static const char *const context_words[] = {"context_length",
                                            "context length",
                                            "maximum context",
                                            "prompt is too long",
                                            "prompt too long",
                                            "context window",
                                            "exceed_context",
                                            "context size",
                                            "too_many_prompt_tokens",
                                            "input is too long",
                                            "reduce the length",
                                            "max context",
                                            "too many tokens",
                                            "string_above_max_length",
                                            NULL};
static const char *const quota_words[] = {
    "insufficient_quota",   "insufficient quota",  "billing", "credit",
    "insufficient balance", "free-models-per-day", "payment", NULL};
static const char *const rate_words[] = {"rate limit", "rate_limit", "ratelimit",
                                         "too many requests", NULL};
static const char *const overload_words[] = {
    "overloaded",  "server_error", "internal_error",        "api_error",
    "unavailable", "capacity",     "internal server error", NULL};
static const char *const key_words[] = {"api key",      "api_key",     "apikey", "authentication",
                                        "unauthorized", "credentials", NULL};
static const char *const filter_words[] = {"content_filter", "content filter",
                                           "responsibleai",  "content management policy",
                                           "safety",         NULL};
static const char *const template_words[] = {"alternate", "after the optional system message",
                                             "system message must be at the beginning",
                                             "only user and assistant roles", NULL};
static const char *const unsupported_words[] = {
    "unsupported",    "not supported",    "does not support",    "unrecognized",    "unknown",
    "extra inputs",   "extra_forbidden",  "not permitted",       "unexpected",      "not allowed",
    "invalid schema", "is not available", "invalid tool_choice", "not implemented", NULL};

static enum moot_problem_kind kind_of_client_error(const struct moot_problem *p)
{
    static const char *const tools[] = {"tool_use_failed", NULL};
    if (in_any(p, context_words) || (p->http_status == 413 && contains(p->message, "token")))
        return MOOT_PROBLEM_CONTEXT;
    if (in_any(p, tools))
        return MOOT_PROBLEM_TOOLS;
    if (contains(p->message, "does not support tools"))
        return MOOT_PROBLEM_NO_TOOLS;
    if (p->http_status == 401 || p->http_status == 403 ||
        (in_any(p, key_words) && p->http_status != 404 && p->http_status != 422))
        return MOOT_PROBLEM_KEY;
    if (p->http_status == 404)
        return MOOT_PROBLEM_NOT_FOUND;
    if (in_any(p, filter_words))
        return MOOT_PROBLEM_FILTER;
    if (contains_any(p->message, template_words))
        return MOOT_PROBLEM_TEMPLATE;
    if (moot__problem_parameter(p) != NULL)
        return MOOT_PROBLEM_PARAMETER;
    if (contains(p->code, "model_not_found"))
        return MOOT_PROBLEM_NOT_FOUND;
    return MOOT_PROBLEM_REQUEST;
}

static bool kind_of_status(const struct moot_problem *p, enum moot_problem_kind *kind)
{
    switch (p->http_status) {
    case 402:
        *kind = MOOT_PROBLEM_QUOTA;
        return true;
    case 408:
    case 504:
        *kind = MOOT_PROBLEM_TIMEOUT;
        return true;
    case 409:
    case 425:
        *kind = MOOT_PROBLEM_SERVER;
        return true;
    case 429:
        *kind = in_any(p, quota_words) ? MOOT_PROBLEM_QUOTA : MOOT_PROBLEM_RATE;
        return true;
    default:
        return false;
    }
}

static enum moot_problem_kind kind_of(const struct moot_problem *p)
{
    enum moot_problem_kind kind;
    if (kind_of_status(p, &kind))
        return kind;
    if (p->http_status >= 500) {
        if (in_any(p, context_words))
            return MOOT_PROBLEM_CONTEXT;
        if (contains_any(p->message, template_words))
            return MOOT_PROBLEM_TEMPLATE;
        return MOOT_PROBLEM_SERVER;
    }
    if (p->http_status >= 400)
        return kind_of_client_error(p);
    if (p->http_status >= 300) /* redirects of a request with a key in it are not followed */
        return MOOT_PROBLEM_REQUEST;
    /* An error inside of a 200: its own words, or its code as a status, decide. */
    if (in_any(p, rate_words))
        return MOOT_PROBLEM_RATE;
    if (in_any(p, quota_words))
        return MOOT_PROBLEM_QUOTA;
    kind = kind_of_client_error(p);
    if (kind == MOOT_PROBLEM_REQUEST && (in_any(p, overload_words) || p->type[0] == '\0'))
        return MOOT_PROBLEM_SERVER;
    return kind;
}

static bool is_status(const char *text, long *status)
{
    if (strlen(text) != 3 || text[0] < '4' || text[0] > '5' || text[1] < '0' || text[1] > '9' ||
        text[2] < '0' || text[2] > '9')
        return false;
    *status = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    return true;
}

/* Mistral and FastAPI: {"detail": "text"} or {"detail": [{"loc": ["body", "x"], "msg": …}]}. */
static void read_detail(const struct moot_json *detail, struct moot_problem *out)
{
    const struct moot_json *first = moot__json_first(detail);
    if (moot__json_text(detail) != NULL) {
        PUT(out->message, detail);
    } else if (moot__json_is(detail, MOOT_JSON_ARRAY)) {
        const struct moot_json *loc = moot__json_get(first, "loc");
        PUT(out->message, moot__json_get(first, "msg"));
        PUT(out->type, moot__json_get(first, "type"));
        if (moot__json_count(loc) > 0)
            PUT(out->param, moot__json_at(loc, moot__json_count(loc) - 1));
    }
}

bool moot__problem_in_json(const struct moot_json *root, long http_status, struct moot_problem *out)
{
    if (moot__json_is(root, MOOT_JSON_ARRAY))
        root = moot__json_first(root);
    const struct moot_json *error = moot__json_get(root, "error");
    const struct moot_json *detail = moot__json_get(root, "detail");
    const struct moot_json *object = moot__json_get(root, "object");
    bool whole = moot__json_text(moot__json_get(root, "message")) != NULL &&
                 moot__json_get(root, "choices") == NULL &&
                 (http_status >= 400 || (moot__json_text(object) != NULL &&
                                         strcmp(moot__json_text(object), "error") == 0));
    memset(out, 0, sizeof(*out));
    out->http_status = http_status;
    const struct moot_json *from = moot__json_is(error, MOOT_JSON_OBJECT) ? error : root;
    if (moot__json_is(error, MOOT_JSON_OBJECT) && moot__json_count(error) > 0) {
        PUT(out->message, moot__json_get(error, "message"));
    } else if (moot__json_text(error) != NULL && moot__json_text(error)[0] != '\0') {
        PUT(out->message, error);
    } else if (whole) {
        PUT(out->message, moot__json_get(root, "message"));
    } else if (detail != NULL && http_status >= 400) {
        read_detail(detail, out);
    } else {
        return false;
    }
    PUT(out->code, moot__json_get(from, "code"));
    if (out->type[0] == '\0')
        PUT(out->type, moot__json_get(from, "type"));
    if (out->type[0] == '\0')
        PUT(out->type, moot__json_get(from, "status"));
    if (out->param[0] == '\0')
        PUT(out->param, moot__json_get(from, "param"));
    const struct moot_json *raw = moot__json_get(moot__json_get(from, "metadata"), "raw");
    if (moot__json_text(raw) != NULL && contains(out->message, "Provider returned error"))
        PUT(out->message, raw);
    long coded = 0;
    if (out->http_status < 400 && is_status(out->code, &coded))
        out->http_status = coded;
    out->kind = kind_of(out);
    return true;
}

/* The text of a page without its tags. */
static void put_page(struct moot_problem *out, const char *body, size_t len)
{
    char text[sizeof(out->message)];
    size_t n = 0;
    bool tag = false;
    const char *title = memmem(body, len, "<title>", 7);
    if (title != NULL) {
        len -= (size_t)(title - body);
        body = title;
    }
    for (size_t i = 0; i < len && n + 1 < sizeof(text) && n < 200; i++) {
        if (body[i] == '<')
            tag = true;
        if (!tag)
            text[n++] = body[i];
        if (body[i] == '>') {
            tag = false;
            text[n++] = ' ';
        }
    }
    put_line(out->message, sizeof(out->message), text, n);
}

void moot__problem_read(const char *body, size_t len, long http_status, struct moot_problem *out)
{
    struct moot_json *root = NULL;
    memset(out, 0, sizeof(*out));
    out->http_status = http_status;
    while (len > 0 && (*body == ' ' || *body == '\n' || *body == '\r' || *body == '\t')) {
        body++;
        len--;
    }
    if (len > 0 && (*body == '{' || *body == '[') &&
        moot__json_parse(body, len, &root, NULL) == MOOT_OK &&
        moot__problem_in_json(root, http_status, out)) {
        moot__json_free(root);
        return;
    }
    moot__json_free(root);
    out->kind = MOOT_PROBLEM_NONE;
    if (len > 0 && *body == '<')
        put_page(out, body, len);
    else
        put_line(out->message, 200, body, len);
    out->kind = kind_of(out);
    if (len > 0 && *body == '<' && http_status < 500 && out->kind != MOOT_PROBLEM_RATE)
        out->kind = MOOT_PROBLEM_WEB_PAGE;
}

bool moot__problem_retryable(const struct moot_problem *p)
{
    return p->kind == MOOT_PROBLEM_RATE || p->kind == MOOT_PROBLEM_SERVER ||
           p->kind == MOOT_PROBLEM_TIMEOUT || p->kind == MOOT_PROBLEM_TOOLS;
}

int moot__problem_status(const struct moot_problem *p)
{
    switch (p->kind) {
    case MOOT_PROBLEM_NONE:
        return MOOT_OK;
    case MOOT_PROBLEM_CONTEXT:
        return MOOT_ETOOBIG;
    case MOOT_PROBLEM_KEY:
    case MOOT_PROBLEM_QUOTA:
    case MOOT_PROBLEM_FILTER:
        return MOOT_EDENIED;
    case MOOT_PROBLEM_NOT_FOUND:
        return MOOT_ENOTFOUND;
    case MOOT_PROBLEM_RATE:
        return MOOT_EBUSY;
    case MOOT_PROBLEM_SERVER:
        return MOOT_ENETWORK;
    case MOOT_PROBLEM_TIMEOUT:
        return MOOT_ETIMEOUT;
    case MOOT_PROBLEM_PARAMETER:
    case MOOT_PROBLEM_NO_TOOLS:
    case MOOT_PROBLEM_TEMPLATE:
        return MOOT_EUNSUPPORTED;
    case MOOT_PROBLEM_TOOLS:
    case MOOT_PROBLEM_WEB_PAGE:
        return MOOT_EPROTOCOL;
    case MOOT_PROBLEM_REQUEST:
        return MOOT_EINVAL;
    }
    return MOOT_EINVAL;
}

/* Longer names before those they begin with. */
static const char *const parameters[] = {"max_completion_tokens",
                                         "max_tokens",
                                         "stream_options",
                                         "response_format",
                                         "json_schema",
                                         "reasoning_effort",
                                         "temperature",
                                         "top_p",
                                         "tool_choice",
                                         "seed",
                                         "stop",
                                         "messages[0].role",
                                         "stream"};

const char *moot__problem_parameter(const struct moot_problem *p)
{
    if (p->http_status != 400 && p->http_status != 422 && p->http_status != 404 &&
        p->http_status != 0 && p->http_status != 200 && p->http_status != 501)
        return NULL;
    for (size_t i = 0; i < MOOT_COUNT(parameters) && p->param[0] != '\0'; i++) {
        if (strncmp(p->param, parameters[i], strlen(parameters[i])) == 0)
            return parameters[i];
    }
    if (p->param[0] != '\0' || !contains_any(p->message, unsupported_words))
        return NULL;
    /* The first that is named: "'max_tokens' is not supported, use 'max_completion_tokens'". */
    const char *found = NULL;
    const char *first = NULL;
    for (size_t i = 0; i < MOOT_COUNT(parameters); i++) {
        const char *at = strstr(p->message, parameters[i]);
        size_t len = strlen(parameters[i]);
        /* a plain word such as "stop" counts only in quotes or backticks */
        while (
            at != NULL && strchr(parameters[i], '_') == NULL &&
            (at == p->message || strchr("'\"`", at[-1]) == NULL || strchr("'\"`", at[len]) == NULL))
            at = strstr(at + 1, parameters[i]);
        if (at != NULL && (first == NULL || at < first)) {
            first = at;
            found = parameters[i];
        }
    }
    return found;
}
