/* moot show --agents. */
#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/show_agent.h"
#include "cli/transcript_state.h"
#include "runtime/price.h"

enum { AGENTS_MAX = 16 * 1024 * 1024, CELLS = 6 };

struct counted {
    int64_t calls, tokens, cost, tools;
    bool cost_unknown;
};

struct agents {
    struct moot_json *crew; /* the newest resolved one */
    struct moot_map counts; /* agent -> struct counted */
};

static struct counted *count_of(struct agents *a, const char *agent)
{
    struct counted *c = moot__map_get(&a->counts, agent);
    if (c != NULL)
        return c;
    c = calloc(1, sizeof(*c));
    if (c != NULL && moot__map_put(&a->counts, agent, c) != MOOT_OK) {
        free(c);
        c = NULL;
    }
    return c;
}

static int count_message(void *arg, struct moot_message *m)
{
    struct agents *a = arg;
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    if ((m->kind == MOOT_GENESIS || m->kind == MOOT_AMEND) && crew != NULL) {
        moot__json_free(a->crew);
        a->crew = moot__json_copy(crew);
        return a->crew != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    bool reply = m->kind == MOOT_MODEL_REPLY && m->re_from != NULL;
    if (!reply && m->kind != MOOT_TOOL_CALL)
        return MOOT_OK;
    struct counted *c = count_of(a, reply ? m->re_from : m->from);
    if (c == NULL)
        return MOOT_ENOMEM;
    int64_t cost = reply ? moot__fact_cost(m->body) : 0;
    c->calls += reply;
    c->tools += !reply;
    c->tokens += reply ? moot__fact_tokens(m->body) : 0;
    c->cost += cost > 0 ? cost : 0;
    c->cost_unknown = c->cost_unknown || cost < 0;
    return MOOT_OK;
}

static void add_tools(const struct moot_json *tools, struct moot_buf *out)
{
    for (const struct moot_json *t = moot__json_first(tools); t != NULL; t = moot__json_next(t)) {
        const char *id = moot__json_text(t);
        moot__buf_adds(out, out->len > 0 ? ", " : "");
        moot__safe_add_line(out, id != NULL ? id : "?", id != NULL ? strlen(id) : 1);
    }
}

static const char *model_of(const struct agents *a, const struct moot_json *agent)
{
    const char *name = moot__json_get_text(agent, "model", "default");
    const struct moot_json *one = moot__json_first(moot__json_get(a->crew, "models"));
    for (; one != NULL; one = moot__json_next(one))
        if (strcmp(moot__json_get_text(one, "name", ""), name) == 0)
            return moot__json_get_text(one, "model", name);
    return name;
}

static void add_used(const struct counted *c, struct moot_buf *out)
{
    moot__add_number_of(out, c->calls, "call");
    moot__buf_adds(out, " · ");
    moot__fact_add_tokens(out, c->tokens);
    if (c->cost > 0) {
        char cost[32];
        moot__money_format(c->cost, cost);
        moot__buf_addf(out, " · %s%s", c->cost_unknown ? "at least " : "", cost);
    }
    if (c->tools > 0) {
        moot__buf_adds(out, " · ");
        moot__add_number_of(out, c->tools, "tool call");
    }
}

static void add_agent(struct agents *a, const struct moot_json *agent, struct moot_buf *out)
{
    static const struct counted none;
    const char *id = moot__json_get_text(agent, "id", "");
    const struct counted *c = moot__map_get(&a->counts, id);
    const char *title = moot__json_get_text(agent, "role", "");
    const char *model = model_of(a, agent);
    struct moot_buf tools;
    moot__buf_init(&tools, AGENTS_MAX);
    moot__safe_add_line(out, id, strlen(id));
    moot__add_pad(out, out->len - strlen(id), 16, 2);
    moot__buf_addf(out, "%s", moot__json_get_text(agent, "kind", "assistant"));
    moot__buf_adds(out, title[0] != '\0' ? " · " : "");
    moot__safe_add_line(out, title, strlen(title));
    moot__buf_adds(out, " · ");
    moot__safe_add_line(out, model, strlen(model));
    moot__buf_adds(out, "\n                ");
    add_used(c != NULL ? c : &none, out);
    add_tools(moot__json_get(agent, "tools"), &tools);
    if (tools.len > 0)
        moot__buf_addf(out, "\n                tools: %s", moot__buf_text(&tools));
    moot__buf_addc(out, '\n');
    moot__buf_release(&tools);
}

static int add_json(const struct agents *a, const struct moot_json *agent, struct moot_buf *out)
{
    static const struct counted none;
    const char *id = moot__json_get_text(agent, "id", "");
    const struct counted *c = moot__map_get(&a->counts, id);
    const struct moot_json *tools = moot__json_get(agent, "tools");
    struct moot_json *o = moot__json_new(MOOT_JSON_OBJECT);
    char cost[24];
    c = c != NULL ? c : &none;
    snprintf(cost, sizeof(cost), "%lld", (long long)c->cost);
    int status = o != NULL ? MOOT_OK : MOOT_ENOMEM;
    status |= moot__json_set_text(o, "agent", id);
    status |= moot__json_set_text(o, "kind", moot__json_get_text(agent, "kind", "assistant"));
    status |= moot__json_set_text(o, "role", moot__json_get_text(agent, "role", ""));
    status |= moot__json_set_text(o, "model", model_of(a, agent));
    status |= moot__json_set(
        o, "tools", tools != NULL ? moot__json_copy(tools) : moot__json_new(MOOT_JSON_ARRAY));
    status |= moot__json_set_int(o, "calls", c->calls);
    status |= moot__json_set_int(o, "tokens", c->tokens);
    status |= moot__json_set_text(o, "cost", cost);
    status |= moot__json_set_int(o, "tool_calls", c->tools);
    status |= moot__json_write(o, out);
    moot__buf_addc(out, '\n');
    moot__json_free(o);
    return status != MOOT_OK ? MOOT_ENOMEM : MOOT_OK;
}

static int add_one(struct agents *a, const struct moot_json *agent, bool json, struct moot_buf *out)
{
    if (json)
        return add_json(a, agent, out);
    add_agent(a, agent, out);
    return MOOT_OK;
}

static bool in_crew(const struct agents *a, const char *id)
{
    const struct moot_json *agent = moot__json_first(moot__json_get(a->crew, "agents"));
    while (agent != NULL && strcmp(moot__json_get_text(agent, "id", ""), id) != 0)
        agent = moot__json_next(agent);
    return agent != NULL;
}

/* Who asked a model and stands in no crew file: the unnamed assistant, a manager. */
static int add_others(struct agents *a, bool json, struct moot_buf *out)
{
    size_t i = 0;
    int status = MOOT_OK;
    const struct moot_map_entry *e;
    while (status == MOOT_OK && (e = moot__map_next(&a->counts, &i)) != NULL) {
        const struct counted *c = e->value;
        if (c->calls == 0 || in_crew(a, e->key))
            continue;
        struct moot_json *agent = moot__json_new(MOOT_JSON_OBJECT);
        status = agent != NULL ? moot__json_set_text(agent, "id", e->key) : MOOT_ENOMEM;
        if (status == MOOT_OK)
            status = add_one(a, agent, json, out);
        moot__json_free(agent);
    }
    return status;
}

int moot__show_agents(struct moot_cli *cli, struct moot_book *book, bool json,
                      struct moot_error *err)
{
    struct agents a = {0};
    struct moot_buf out;
    moot__map_init(&a.counts);
    moot__buf_init(&out, AGENTS_MAX);
    int status = moot__book_each(book, count_message, &a, err);
    const struct moot_json *agent = moot__json_first(moot__json_get(a.crew, "agents"));
    for (; agent != NULL && status == MOOT_OK; agent = moot__json_next(agent))
        status = add_one(&a, agent, json, &out);
    if (status == MOOT_OK)
        status = add_others(&a, json, &out);
    if (status == MOOT_OK)
        fwrite(moot__buf_text(&out), 1, out.len, cli->out);
    else if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    moot__buf_release(&out);
    moot__map_release(&a.counts, free);
    moot__json_free(a.crew);
    return status;
}
