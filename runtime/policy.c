#include "runtime/policy.h"

#include "runtime/price.h"

static const struct moot_usage nothing_used;

static void count_format(int64_t n, char *out)
{
    snprintf(out, 32, "%lld", (long long)n);
}

static enum moot_policy_answer over(const struct moot_place *p, const char *what, int64_t used,
                                    int64_t admitted, int64_t want, int64_t bound,
                                    void (*format)(int64_t n, char *out), char *reason)
{
    char texts[3][32];
    if (bound <= 0 || (used <= bound - want && used + admitted <= bound - want))
        return MOOT_ALLOW;
    if (used <= bound - want && p->admitted > 0)
        return MOOT_WAIT;
    format(used, texts[0]);
    format(want, texts[1]);
    format(bound, texts[2]);
    snprintf(reason, MOOT_REASON_SIZE, "%s of %s: %s used, %s more asked, %s allowed", what,
             p->what, texts[0], texts[1], texts[2]);
    return MOOT_LIMIT;
}

enum moot_policy_answer moot__policy_count(const struct moot_run *r,
                                           const struct moot_place *places, size_t count,
                                           char *reason)
{
    for (size_t i = 0; i < count; i++) {
        const struct moot_place *p = &places[i];
        const struct moot_usage *u = moot__run_usage(r, p->root, p->kind, p->id);
        const struct moot_bounds *b = p->bounds;
        if (u == NULL)
            continue;
        if (b->calls > 0 && u->calls > b->calls) {
            snprintf(reason, MOOT_REASON_SIZE, "calls of %s: %lld allowed", p->what,
                     (long long)b->calls);
            return MOOT_LIMIT;
        }
        if (b->turns > 0 && u->turns >= b->turns) {
            snprintf(reason, MOOT_REASON_SIZE, "turns of %s: %lld allowed", p->what,
                     (long long)b->turns);
            return MOOT_LIMIT;
        }
        /* An agent has the time that its calls take; all else has a clock. */
        if (b->ms > 0 && u->ms >= b->ms && p->kind != NULL && strcmp(p->kind, "agent") == 0) {
            snprintf(reason, MOOT_REASON_SIZE, "seconds of %s", p->what);
            return MOOT_LIMIT;
        }
    }
    return MOOT_ALLOW;
}

static enum moot_policy_answer place_allows(const struct moot_run *r, const struct moot_place *p,
                                            int64_t tokens, int64_t cost, char *reason)
{
    const struct moot_usage *u = moot__run_usage(r, p->root, p->kind, p->id);
    if (u == NULL)
        u = &nothing_used;
    const struct moot_bounds *b = p->bounds;
    enum moot_policy_answer answer =
        over(p, "tokens", u->tokens, p->admitted_tokens, tokens, b->tokens, count_format, reason);
    if (answer != MOOT_ALLOW)
        return answer;
    return over(p, "cost", u->cost, p->admitted_cost, cost, b->cost, moot__money_format, reason);
}

enum moot_policy_answer moot__policy_model(const struct moot_run *r,
                                           const struct moot_place *places, size_t count,
                                           int64_t tokens, int64_t cost, char *reason)
{
    enum moot_policy_answer worst = MOOT_ALLOW;
    for (size_t i = 0; i < count; i++) {
        enum moot_policy_answer answer = place_allows(r, &places[i], tokens, cost, reason);
        if (answer == MOOT_LIMIT)
            return MOOT_LIMIT;
        if (answer == MOOT_WAIT)
            worst = MOOT_WAIT;
    }
    return worst;
}

static bool has_untrusted(const struct moot_run_conv *c)
{
    for (size_t i = 0; i < c->label_count; i++) {
        const char *label = c->labels[i];
        if (strcmp(label, "web") == 0 || strncmp(label, "mcp:", 4) == 0 ||
            strncmp(label, "remote:", 7) == 0)
            return true;
    }
    return false;
}

enum moot_policy_answer moot__policy_tool(const struct moot_run *r, const struct moot_run_conv *c,
                                          const struct moot_tool_power *tool,
                                          const struct moot_json *args, char *reason)
{
    if (tool->calls_limit >= 0 && moot__run_tool_uses(r, c->root, tool->id) >= tool->calls_limit) {
        snprintf(reason, MOOT_REASON_SIZE, "calls of tool %s: %lld allowed for each item", tool->id,
                 (long long)tool->calls_limit);
        return MOOT_LIMIT;
    }
    bool risky = tool->sends || tool->exec || tool->writes_outside;
    bool trifecta = risky && has_untrusted(c) && c->private_read;
    bool unapproved = tool->unapproved && (tool->sends || tool->irreversible);
    bool unwitnessed = tool->unwitnessed && tool->irreversible;
    bool must = trifecta || unapproved || unwitnessed;
    if (!must && (!tool->approval_always || tool->approval_never))
        return MOOT_ALLOW;
    for (size_t i = 0; i < r->like_count; i++) {
        if (moot__run_like_covers(&r->likes[i], c, tool->id, args))
            return MOOT_LIKE;
    }
    snprintf(reason, MOOT_REASON_SIZE, "%s",
             tool->approval_always ? "the crew file asks for it"
             : unapproved          ? "what it would send was not approved"
             : unwitnessed ? "it rests on messages that no anchor covered when the run was cut off"
                           : "what it would do rests on untrusted content and private data");
    return MOOT_CONSENT;
}

const char *moot__policy_answer(const struct moot_run_call *call, const char *from)
{
    if (call->kind != MOOT_QUESTION) /* a consent: anybody's who may give one */
        return NULL;
    for (size_t i = 0; i < call->whom_count; i++)
        if (strcmp(call->whom[i], "person") == 0 || strcmp(call->whom[i], from) == 0)
            return NULL;
    return "somebody else was asked";
}
