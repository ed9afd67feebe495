/* Why there is no reply: what was tried, on what, why it failed, what to type. */
#include "runtime/model_openai.h"
#include "runtime/redact.h"
#include "runtime/utf8.h"

/* "api.openai.com", "127.0.0.1:11434": for messages. */
static const char *host_of(const char *url, char out[128])
{
    const char *from = strstr(url, "://");
    from = from != NULL ? from + 3 : url;
    size_t len = strcspn(from, "/?");
    const char *at = memchr(from, '@', len);
    if (at != NULL) {
        len -= (size_t)(at + 1 - from);
        from = at + 1;
    }
    snprintf(out, 128, "%.*s", (int)(len < 127 ? len : 127), from);
    return out;
}

/* The endpoint's words, without the key should it have echoed it. */
static void put_words(const struct moot_model_spec *spec, const char *text, char *out, size_t size)
{
    struct moot_redact *r = spec->key != NULL ? moot__redact_new() : NULL;
    struct moot_buf b;
    moot__buf_init(&b, 4096);
    if (r != NULL && moot__redact_add(r, spec->key_name, spec->key) == MOOT_OK &&
        moot__redact_text(r, text, strlen(text), &b) == MOOT_OK)
        text = moot__buf_text(&b);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '.')
        len--;
    len = moot__utf8_cut(text, len < size - 1 ? len : size - 1);
    memcpy(out, text, len);
    out[len] = '\0';
    moot__buf_release(&b);
    moot__redact_free(r);
}

static void explain_key(const struct moot_chat_where *at, const struct moot_problem *p,
                        const char *words, struct moot_error *e)
{
    const struct moot_model_spec *spec = at->spec;
    const char *name = spec->key_name != NULL ? spec->key_name : at->preset->key_envs[0];
    size_t len = spec->key != NULL ? strlen(spec->key) : 0;
    char status[16] = "";
    if (p->http_status >= 400)
        snprintf(status, sizeof(status), "%ld ", p->http_status);
    if (len == 0)
        moot__fail(e, MOOT_EDENIED, "%s wants a key: %s%s", spec->provider, status, words);
    else if (len <= 8) /* the end of a short one would give too much of it away */
        moot__fail(e, MOOT_EDENIED, "%s refused the key in %s: %s%s", spec->provider, name, status,
                   words);
    else
        moot__fail(e, MOOT_EDENIED, "%s refused the key in %s (ends in …%s): %s%s", spec->provider,
                   name, spec->key + len - 4, status, words);
    moot__fail_hint(e, "set %s, then resume", name != NULL ? name : "its key");
}

static void explain(const struct moot_chat_where *at, const struct moot_problem *p,
                    struct moot_error *e)
{
    const struct moot_model_spec *spec = at->spec;
    char words[300];
    char number[16] = "";
    put_words(spec, p->message[0] != '\0' ? p->message : "no reason given", words, sizeof(words));
    if (p->http_status >= 300)
        snprintf(number, sizeof(number), "%ld ", p->http_status);
    int code = moot__problem_status(p);
    switch ((int)p->kind) {
    case MOOT_PROBLEM_KEY:
        explain_key(at, p, words, e);
        return;
    case MOOT_PROBLEM_CONTEXT:
        moot__fail(e, code, "the request is too long for %s/%s: %s", spec->provider, spec->model,
                   words);
        return;
    case MOOT_PROBLEM_NOT_FOUND:
        moot__fail(e, code, "%s has no model '%s': %s%s", spec->provider, spec->model, number,
                   words);
        moot__fail_hint(e, "the address used was %s", at->url);
        return;
    case MOOT_PROBLEM_WEB_PAGE:
        moot__fail(e, code, "%s answers with a web page instead of an API: %s%s", at->url, number,
                   words);
        moot__fail_hint(e, "base_url is what comes before /chat/completions; it often ends in /v1");
        return;
    case MOOT_PROBLEM_QUOTA:
        moot__fail(e, code, "nothing left to spend at %s: %s%s", spec->provider, number, words);
        return;
    case MOOT_PROBLEM_NO_TOOLS:
        moot__fail(e, code, "%s/%s knows no tools: %s%s", spec->provider, spec->model, number,
                   words);
        moot__fail_hint(e, "choose a model that does, or take the agent's tools away");
        return;
    default:
        moot__fail(e, code, "%s/%s: %s%s", spec->provider, spec->model, number, words);
    }
}

void moot__chat_explain(const struct moot_chat_where *at, const struct moot_problem *p,
                        const struct moot_http_result *r, struct moot_model_reply *reply)
{
    explain(at, p, &reply->error);
    reply->status = reply->error.code;
    reply->retryable = moot__problem_retryable(p);
    reply->too_long = p->kind == MOOT_PROBLEM_CONTEXT;
    /* A key and an address can be set anew, and one's own server can be given the model. */
    reply->mendable =
        p->kind == MOOT_PROBLEM_KEY || p->kind == MOOT_PROBLEM_WEB_PAGE ||
        (p->kind == MOOT_PROBLEM_NOT_FOUND && (at->preset->flags & MOOT_PRESET_LOCAL) != 0);
    reply->retry_after_ms = r->retry_after_ms;
    /* The endpoint's own word goes before the status; a request that is too long stays so. */
    if (r->should_retry >= 0 && r->http_status >= 400 && p->kind != MOOT_PROBLEM_CONTEXT)
        reply->retryable = r->should_retry == 1;
}

void moot__chat_explain_transport(const struct moot_chat_where *at,
                                  const struct moot_http_result *r, struct moot_model_reply *reply)
{
    const struct moot_preset *preset = at->preset;
    struct moot_error *e = &reply->error;
    char host[128];
    bool local = (preset->flags & MOOT_PRESET_LOCAL) != 0;
    bool nobody = strncmp(r->error.message, "cannot connect", 14) == 0;
    reply->status = r->status;
    reply->retryable =
        r->status == MOOT_ENETWORK || r->status == MOOT_ETIMEOUT || r->status == MOOT_EPROTOCOL;
    reply->retry_after_ms = -1;
    if (local && nobody && !r->any_bytes) {
        moot__fail(e, r->status, "%s is not running: %s", preset->title, r->error.message);
        moot__fail_hint(e, "start it: %s; if it is elsewhere: %s", preset->start,
                        preset->base_env != NULL ? preset->base_env : "base_url");
        reply->retryable = false; /* it will not start by itself */
        reply->mendable = true;
        return;
    }
    moot__fail(e, r->status, "%s/%s: %s", at->spec->provider, at->spec->model, r->error.message);
    if (r->error.hint[0] != '\0')
        moot__fail_hint(e, "%s", r->error.hint);
    reply->mendable = strncmp(r->error.message, "cannot find", 11) == 0;
    if (reply->mendable)
        moot__fail_hint(e, "is there a network, and a way to %s?",
                        host_of(at->spec->base_url, host));
}

void moot__chat_explain_error(const struct moot_chat_where *at, const struct moot_error *error,
                              bool retryable, struct moot_model_reply *reply)
{
    moot__fail(&reply->error, error->code, "%s/%s: %s", at->spec->provider, at->spec->model,
               error->message);
    if (error->hint[0] != '\0')
        moot__fail_hint(&reply->error, "%s", error->hint);
    reply->status = error->code;
    reply->retryable = retryable;
}

void moot__chat_check(const struct moot_chat_where *at, struct moot_model_reply *reply)
{
    struct moot_error why = {0};
    bool retryable = false;
    if (reply->text[0] != '\0' || reply->call_count > 0)
        return;
    if (strcmp(reply->finish, "length") == 0) {
        moot__fail(&why, MOOT_ELIMIT, "no answer: all %lld tokens of the reply went into %s",
                   (long long)at->spec->max_tokens,
                   reply->reasoning != NULL ? "reasoning" : "something else than text");
        moot__fail_hint(&why, "raise the model's max_tokens, or lower its reasoning");
    } else if (strcmp(reply->finish, "content_filter") == 0) {
        moot__fail(&why, MOOT_EDENIED, "stopped by the content filter");
    } else {
        moot__fail(&why, MOOT_EPROTOCOL, "an empty reply");
        moot__fail_hint(&why,
                        "some servers do this when a request is longer than the model's window");
        retryable = true;
    }
    moot__chat_explain_error(at, &why, retryable, reply);
}

void moot__chat_count(const struct moot_model_request *request, struct moot_model_reply *reply)
{
    int64_t said = (int64_t)moot__utf8_tokens(reply->text, strlen(reply->text));
    if (reply->reasoning != NULL)
        said += (int64_t)moot__utf8_tokens(reply->reasoning, strlen(reply->reasoning));
    for (size_t i = 0; i < reply->call_count; i++) {
        const char *arguments = reply->calls[i].arguments;
        said += (int64_t)moot__utf8_tokens(arguments, strlen(arguments));
    }
    /* Some report zeros while they stream. */
    if (reply->output_tokens < 0 || (reply->output_tokens == 0 && said > 0)) {
        reply->output_tokens = said;
        reply->estimated = true;
    }
    if (reply->input_tokens <= 0) {
        reply->input_tokens = moot__model_estimate(request);
        reply->estimated = true;
    }
    if (reply->cached_tokens > reply->input_tokens)
        reply->cached_tokens = reply->input_tokens;
}
