#include "cli/show_agent.h"

#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/transcript_state.h"
#include "cli/wrap.h"

enum { SHOWN_MAX = 64 * 1024 * 1024, SHOWN_WIDTH_MAX = 100, HIDDEN_COLUMNS = 60 };

struct shown {
    struct moot_cli *cli;
    bool json, system;
    size_t calls;
    char *last_system; /* JSON literal of the one shown last, or NULL */
};

static size_t width_of(const struct shown *s)
{
    size_t columns = (size_t)s->cli->out_term.columns - 1;
    return columns < SHOWN_WIDTH_MAX ? columns : SHOWN_WIDTH_MAX;
}

static void emit_line(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

/* Text from elsewhere in lines behind a prefix. */
static void add_text(const struct shown *s, struct moot_buf *out, const char *prefix,
                     const char *text)
{
    struct moot_buf safe;
    struct moot_wrap wrap;
    moot__buf_init(&safe, SHOWN_MAX);
    moot__safe_add(&safe, text, strlen(text));
    moot__wrap_init(&wrap, prefix, width_of(s), 0, emit_line, out);
    moot__wrap_text(&wrap, moot__buf_text(&safe), safe.len);
    moot__wrap_end(&wrap);
    moot__wrap_release(&wrap);
    moot__buf_release(&safe);
}

/* The text of a JSON literal; the caller frees it. "" where it cannot be read. */
static char *text_of(const struct moot_text *literal)
{
    struct moot_json *j = NULL;
    char *text = NULL;
    if (literal != NULL && moot__json_parse(literal->data, literal->len, &j, NULL) == MOOT_OK &&
        moot__json_text(j) != NULL)
        text = moot__copy(moot__json_text(j), strlen(moot__json_text(j)));
    moot__json_free(j);
    return text != NULL ? text : moot__copy("", 0);
}

static void add_calls(const struct shown *s, struct moot_buf *out, const struct moot_text *calls)
{
    struct moot_json *list = NULL;
    if (calls == NULL || moot__json_parse(calls->data, calls->len, &list, NULL) != MOOT_OK)
        return;
    for (const struct moot_json *c = moot__json_first(list); c != NULL; c = moot__json_next(c)) {
        struct moot_buf line;
        moot__buf_init(&line, SHOWN_MAX);
        moot__buf_addf(&line, "⚙ %s %s   (%s)", moot__json_get_text(c, "name", "?"),
                       moot__json_get_text(c, "arguments", ""), moot__json_get_text(c, "id", ""));
        add_text(s, out, "│ ", moot__buf_text(&line));
        moot__buf_release(&line);
    }
    moot__json_free(list);
}

static void add_turn(const struct shown *s, struct moot_buf *out, const struct moot_turn *t)
{
    static const char *const roles[] = {[MOOT_SYSTEM] = "system",
                                        [MOOT_USER] = "user",
                                        [MOOT_ASSISTANT] = "assistant",
                                        [MOOT_TOOL] = "tool"};
    int colours = s->cli->out_term.colours;
    moot__buf_adds(out, "┌ ");
    moot__add_ink(out, colours, MOOT_INK_BOLD, roles[t->role]);
    if (t->tool_call_id != NULL) {
        char *id = text_of(t->tool_call_id);
        moot__buf_adds(out, " ");
        if (id != NULL)
            moot__safe_add_line(out, id, strlen(id));
        free(id);
    }
    moot__buf_addc(out, '\n');
    char *text = text_of(t->content);
    if (text != NULL && text[0] != '\0')
        add_text(s, out, "│ ", text);
    add_calls(s, out, t->tool_calls);
    free(text);
}

/* "a  b, c": what stands beside the messages of a request. */
static void add_beside(const struct shown *s, struct moot_buf *out, const char *word,
                       const char *text)
{
    struct moot_buf line;
    moot__buf_init(&line, SHOWN_MAX);
    moot__buf_addf(&line, "%-12s%s", word, text);
    add_text(s, out, "  ", moot__buf_text(&line));
    moot__buf_release(&line);
}

static void add_schema(const struct shown *s, struct moot_buf *out, const char *schema)
{
    struct moot_json *j = NULL;
    struct moot_buf text;
    moot__buf_init(&text, SHOWN_MAX);
    if (moot__json_parse(schema, strlen(schema), &j, NULL) == MOOT_OK)
        moot__json_write_pretty(j, &text);
    moot__json_free(j);
    moot__buf_adds(out, "┌ ");
    moot__add_ink(out, s->cli->out_term.colours, MOOT_INK_BOLD, "schema");
    moot__buf_addc(out, '\n');
    add_text(s, out, "│ ", moot__buf_text(&text));
    moot__buf_release(&text);
}

static void add_declared(const struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    struct moot_buf names;
    const char *choice = moot__json_get_text(c->call->body, "tool_choice", "auto");
    moot__buf_init(&names, SHOWN_MAX);
    for (size_t i = 0; i < c->tool_count; i++)
        moot__buf_addf(&names, "%s%s", i > 0 ? ", " : "", c->tools[i].name);
    if (c->tools_lost)
        moot__buf_adds(&names, "some, which this crew does not lead to any more");
    if (names.len > 0)
        add_beside(s, out, "tools", moot__buf_text(&names));
    if (names.len > 0)
        add_beside(s, out, "tool_choice", choice);
    if (c->schema != NULL)
        add_schema(s, out, c->schema);
    else if (c->schema_lost)
        add_beside(s, out, "schema", "one that this crew does not lead to any more");
    moot__buf_release(&names);
}

static void add_hidden(const struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    size_t results = 0;
    for (size_t i = 0; i < c->hidden_count; i++) {
        const struct moot_message *m = c->hidden[i];
        struct moot_buf line, safe;
        if (m->kind == MOOT_TOOL_RESULT) {
            results++;
            continue;
        }
        char *text = moot__parts_text(m->body);
        moot__buf_init(&safe, SHOWN_MAX);
        moot__buf_init(&line, SHOWN_MAX);
        moot__safe_add_line(&safe, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
        moot__buf_addf(&line, "%s: ", m->from);
        moot__add_cut(&line, moot__buf_text(&safe), HIDDEN_COLUMNS);
        add_beside(s, out, "not shown", moot__buf_text(&line));
        moot__buf_release(&safe);
        moot__buf_release(&line);
        free(text);
    }
    if (results > 0) {
        char words[64];
        snprintf(words, sizeof(words), "%zu result%s of others' tools", results,
                 results == 1 ? "" : "s");
        add_beside(s, out, "not shown", words);
    }
}

/* "1 · 1/email#1 · call 2                    openai/gpt-4.1-mini" */
static void add_head(const struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    const struct moot_message *m = c->call;
    struct moot_buf line, model;
    moot__buf_init(&line, SHOWN_MAX);
    moot__buf_init(&model, SHOWN_MAX);
    moot__buf_adds(&line, moot__ink(s->cli->out_term.colours, MOOT_INK_BOLD));
    moot__safe_add_line(&line, m->from, strlen(m->from));
    moot__buf_adds(&line, moot__ink(s->cli->out_term.colours, MOOT_INK_NONE));
    const char *const parts[] = {m->item, m->task, m->conv};
    for (size_t i = 0; i < MOOT_COUNT(parts); i++) {
        if (parts[i] == NULL)
            continue;
        moot__buf_adds(&line, " · ");
        moot__safe_add_line(&line, parts[i], strlen(parts[i]));
    }
    moot__buf_addf(&line, " · message %u", m->n);
    const char *name = moot__json_get_text(m->body, "model", "");
    moot__safe_add_line(&model, name, strlen(name));
    size_t columns = moot__columns(moot__buf_text(&model), model.len);
    size_t width = width_of(s);
    moot__add_pad(&line, 0, width > columns ? width - columns : 0, 2);
    moot__buf_addf(out, "%s%s\n", moot__buf_text(&line), moot__buf_text(&model));
    moot__buf_release(&line);
    moot__buf_release(&model);
}

static void add_reply(const struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    if (c->reply == NULL) {
        add_beside(s, out, "reply", "none");
        return;
    }
    struct moot_buf words;
    moot__buf_init(&words, SHOWN_MAX);
    moot__buf_adds(&words, moot__json_get_text(c->reply->body, "status", "ok"));
    moot__buf_adds(&words, " · ");
    moot__fact_add_tokens(&words, moot__fact_tokens(c->reply->body));
    moot__buf_adds(&words, " · ");
    moot__add_seconds(&words, c->reply->ts - c->call->ts);
    add_beside(s, out, "reply", moot__buf_text(&words));
    moot__buf_release(&words);
}

static void add_call(struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    add_head(s, out, c);
    if (c->first_new > 0)
        moot__buf_addf(out, "  all %zu of the call before, what was answered, and then\n",
                       c->first_new);
    for (size_t i = c->first_new; i < c->count; i++)
        add_turn(s, out, &c->turns[i]);
    add_declared(s, out, c);
    add_hidden(s, out, c);
    add_reply(s, out, c);
    if (!c->exact)
        add_beside(
            s, out, "note",
            "not exactly what was sent: a text was removed, or tools or schema are not known");
    moot__buf_addc(out, '\n');
}

/* A system message that is that of the call before is not said again. */
static void add_system(struct shown *s, struct moot_buf *out, const struct moot_saw_call *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct moot_turn *t = &c->turns[i];
        if (t->role != MOOT_SYSTEM || t->content == NULL ||
            (s->last_system != NULL && strcmp(s->last_system, t->content->data) == 0))
            continue;
        char *text = text_of(t->content);
        free(s->last_system);
        s->last_system = moot__copy(t->content->data, t->content->len);
        if (s->calls > 0)
            moot__buf_addc(out, '\n');
        if (text != NULL)
            moot__safe_add(out, text, strlen(text));
        if (out->len > 0 && out->data[out->len - 1] != '\n')
            moot__buf_addc(out, '\n');
        s->calls++;
        free(text);
    }
}

static int show_call(void *arg, const struct moot_saw_call *c)
{
    struct shown *s = arg;
    struct moot_buf out;
    moot__buf_init(&out, SHOWN_MAX);
    if (s->system)
        add_system(s, &out, c);
    else if (s->json)
        moot__saw_write(c, &out);
    else
        add_call(s, &out, c);
    if (s->json && !s->system)
        moot__buf_addc(&out, '\n');
    int status = out.status;
    if (status == MOOT_OK && fwrite(moot__buf_text(&out), 1, out.len, s->cli->out) != out.len)
        status = MOOT_EIO;
    moot__buf_release(&out);
    return status;
}

int moot__show_agent(struct moot_cli *cli, struct moot_book *book, const char *agent, bool system,
                     bool json, struct moot_error *err)
{
    struct shown s = {.cli = cli, .json = json, .system = system};
    int status = moot__saw_each(book, agent, show_call, &s, err);
    free(s.last_system);
    return status;
}
