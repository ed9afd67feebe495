#include "tests/lib/mini_host.h"

#include "roles/roles.h"
#include "runtime/hash.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { STEPS_MAX = 5000 };

struct seat {
    char *conv;
    char *agent;
    const struct moot_agent_ops *ops;
    struct moot_persona *persona;
    struct moot_seat place;
    void *self;
    bool left; /* its conversation has ended */
    /* the fold */
    struct moot_message **got;
    uint32_t *next_n;
    char **uttered; /* the effects of each, as text */
    size_t got_count;
    uint8_t digest[MOOT_HASH_SIZE];
    struct moot_buf history;
    char *schema; /* of the newest call */
};

struct conv {
    char *path;
    char *opener; /* NULL: the host */
    char *task;
    struct moot_json *end;
};

struct call {
    enum moot_kind kind; /* of its outcome */
    char *conv, *agent, *tool, *id;
    uint32_t n;
    bool cancelled;
};

struct count {
    char *conv, *author;
    uint32_t n;
};

struct mini_host {
    const struct moot_crew_def *crew;
    const struct mini_answer *answers;
    int used[64];
    uint32_t chance;
    struct seat *seats[512];
    size_t seat_count;
    struct conv convs[512];
    size_t conv_count;
    struct call calls[512];
    size_t call_count;
    struct count counts[1024];
    size_t count_count;
    struct moot_message **messages;
    size_t message_count;
    size_t delivered;
    struct moot_buf trace;
};

static char *copy_of(const char *text)
{
    return text == NULL ? NULL : moot__copy(text, strlen(text));
}

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

struct mini_host *mini_host_new(const struct moot_crew_def *crew, const struct mini_answer *answers,
                                unsigned seed)
{
    struct mini_host *h = calloc(1, sizeof(*h));
    h->crew = crew;
    h->answers = answers;
    h->chance = seed;
    moot__buf_init(&h->trace, 1 << 20);
    return h;
}

/* ---- looking ---- */

static struct conv *find_conv(const struct mini_host *h, const char *path)
{
    for (size_t i = 0; i < h->conv_count; i++)
        if (strcmp(h->convs[i].path, path) == 0)
            return (struct conv *)&h->convs[i];
    return NULL;
}

static struct seat *find_seat(const struct mini_host *h, const char *conv, const char *agent)
{
    for (size_t i = 0; i < h->seat_count; i++)
        if (strcmp(h->seats[i]->conv, conv) == 0 && strcmp(h->seats[i]->agent, agent) == 0)
            return h->seats[i];
    return NULL;
}

static uint32_t *next_n(struct mini_host *h, const char *conv, const char *author)
{
    for (size_t i = 0; i < h->count_count; i++)
        if (strcmp(h->counts[i].conv, conv) == 0 && strcmp(h->counts[i].author, author) == 0)
            return &h->counts[i].n;
    assert_true(h->count_count < MOOT_COUNT(h->counts));
    struct count *c = &h->counts[h->count_count++];
    c->conv = copy_of(conv);
    c->author = copy_of(author);
    c->n = 1;
    return &c->n;
}

static const struct moot_message *find_message(const struct mini_host *h, const char *conv,
                                               const char *from, uint32_t n)
{
    for (size_t i = 0; i < h->message_count; i++) {
        const struct moot_message *m = h->messages[i];
        if (m->n == n && strcmp(m->conv, conv) == 0 && strcmp(m->from, from) == 0)
            return m;
    }
    return NULL;
}

const char *mini_host_trace(const struct mini_host *h)
{
    return moot__buf_text(&h->trace);
}

const struct moot_json *mini_host_end(const struct mini_host *h, const char *conv)
{
    const struct conv *c = find_conv(h, conv);
    return c == NULL ? NULL : c->end;
}

const char *mini_host_history(const struct mini_host *h, const char *conv, const char *agent)
{
    const struct seat *s = find_seat(h, conv, agent);
    return s == NULL ? "" : moot__buf_text(&s->history);
}

const struct moot_message *mini_host_last(const struct mini_host *h, const char *conv,
                                          enum moot_kind kind)
{
    for (size_t i = h->message_count; i > 0; i--)
        if (h->messages[i - 1]->kind == kind && strcmp(h->messages[i - 1]->conv, conv) == 0)
            return h->messages[i - 1];
    return NULL;
}

size_t mini_host_count(const struct mini_host *h, enum moot_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < h->message_count; i++)
        count += h->messages[i]->kind == kind;
    return count;
}

/* ---- messages ---- */

/* Inserts a message; the body is taken over. */
static struct moot_message *insert(struct mini_host *h, enum moot_kind kind, const char *conv,
                                   const char *from, struct moot_json *body)
{
    struct moot_message *m = moot__message_new(kind);
    const struct conv *c = find_conv(h, conv);
    struct moot_buf bytes;
    struct moot_error err = {0};
    assert_non_null(body);
    moot__buf_init(&bytes, MOOT_MAX_BODY);
    if (moot__json_write_canonical(body, &bytes, &err) != MOOT_OK)
        fail_msg("%s %s: no canonical body: %s", conv, moot_kind_text(kind), err.message);
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, from);
    if (c != NULL)
        moot__message_set(&m->task, c->task);
    m->n = (*next_n(h, conv, from))++;
    m->body = body;
    m->body_bytes = moot__text_make(bytes.data, bytes.len);
    moot__buf_release(&bytes);
    h->messages = realloc(h->messages, (h->message_count + 1) * sizeof(struct moot_message *));
    h->messages[h->message_count++] = m;
    moot__buf_addf(&h->trace, "%s %s %s", conv, from, moot_kind_text(kind));
    if (kind == MOOT_END)
        moot__buf_addf(&h->trace, " %s", moot__json_get_text(body, "outcome", "?"));
    if (kind == MOOT_TOOL_CALL)
        moot__buf_addf(&h->trace, " %s", moot__json_get_text(body, "tool", "?"));
    if (kind == MOOT_VERDICT)
        moot__buf_addf(&h->trace, " %s",
                       moot__json_get_bool(body, "passed", false) ? "passed" : "rejected");
    moot__buf_addc(&h->trace, '\n');
    return m;
}

static void open_conv(struct mini_host *h, const char *path, const char *opener, const char *agent,
                      const char *task, struct moot_json *body)
{
    const struct moot_agent_def *def = moot__def_agent(h->crew, agent);
    const char *role = def == NULL ? agent : def->kind == MOOT_JUDGE_AGENT ? "judge" : "assistant";
    if (def == NULL && strcmp(agent, "manager") == 0)
        role = h->crew->process;
    if (find_conv(h, path) != NULL)
        fail_msg("%s is opened twice", path);
    assert_true(h->conv_count < MOOT_COUNT(h->convs));
    struct conv *c = &h->convs[h->conv_count++];
    c->path = copy_of(path);
    c->opener = copy_of(opener);
    c->task = copy_of(task);
    struct seat *s = calloc(1, sizeof(*s));
    h->seats[h->seat_count++] = s;
    s->conv = copy_of(path);
    s->agent = copy_of(agent);
    s->ops = moot__role(role);
    if (s->ops == NULL)
        fail_msg("no role for %s", agent);
    s->persona = calloc(1, sizeof(*s->persona));
    s->persona->crew = h->crew;
    s->persona->agent = def;
    s->place = (struct moot_seat){sizeof(s->place), s->agent, s->conv};
    moot__buf_init(&s->history, 1 << 22);
    assert_int_equal(s->ops->init(s->persona, &s->place, &s->self), MOOT_OK);
    struct moot_json *names = moot__json_new(MOOT_JSON_ARRAY);
    moot__json_add(names, moot__json_new_text(agent));
    moot__json_set(body, "participants", names);
    struct moot_message *m = insert(h, MOOT_OPEN, path, opener == NULL ? "host" : opener, body);
    moot__message_add(&m->to, &m->to_count, agent);
}

static bool is_below(const char *path, const char *above)
{
    size_t len = strlen(above);
    return strncmp(path, above, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static void end_conv(struct mini_host *h, const char *path, struct moot_json *body)
{
    struct conv *c = find_conv(h, path);
    if (c == NULL || c->end != NULL) {
        moot__json_free(body);
        return;
    }
    c->end = moot__json_copy(body);
    for (size_t i = 0; i < h->call_count; i++)
        if (is_below(h->calls[i].conv, path))
            h->calls[i].cancelled = true;
    for (size_t i = 0; i < h->conv_count; i++)
        if (h->convs[i].end == NULL && is_below(h->convs[i].path, path))
            end_conv(h, h->convs[i].path,
                     read_json("{\"outcome\":\"cancelled\","
                               "\"stop\":\"stopped\"}"));
    for (size_t i = 0; i < h->seat_count; i++)
        if (is_below(h->seats[i]->conv, path))
            h->seats[i]->left = true;
    struct moot_message *m = insert(h, MOOT_END, path, "host", body);
    if (c->opener != NULL)
        moot__message_add(&m->to, &m->to_count, c->opener);
}

/* ---- effects ---- */

static void add_call(struct mini_host *h, enum moot_kind kind, const struct seat *s,
                     const struct moot_effect *e)
{
    assert_true(h->call_count < MOOT_COUNT(h->calls));
    struct call *c = &h->calls[h->call_count++];
    *c = (struct call){.kind = kind,
                       .conv = copy_of(s->conv),
                       .agent = copy_of(s->agent),
                       .tool = copy_of(e->tool),
                       .id = copy_of(moot__json_get_text(e->body, "call", NULL)),
                       .n = e->n};
}

static const char *role_word(enum moot_add_role role)
{
    static const char *const words[] = {"system", "user", "assistant", "tool", "observation"};
    return words[role];
}

/* What a message looks like in a model's history. */
static void add_message(const struct mini_host *h, struct seat *s, const struct moot_add *a)
{
    const struct moot_message *m = find_message(h, s->conv, a->from, a->n);
    if (m == NULL)
        fail_msg("%s: a call shows %s %u, which is not there", s->conv, a->from, a->n);
    const struct moot_json *parts = moot__json_get(m->body, "parts");
    for (const struct moot_json *p = moot__json_first(parts); p != NULL; p = moot__json_next(p))
        moot__buf_adds(&s->history, moot__json_get_text(p, "text", ""));
    const struct moot_json *calls = moot__json_get(m->body, "calls");
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c))
        moot__buf_addf(&s->history, "[%s %s]", moot__json_get_text(c, "id", "?"),
                       moot__json_get_text(c, "name", "?"));
    moot__buf_adds(&s->history, moot__json_get_text(m->body, "output", ""));
}

static struct moot_json *do_think(struct mini_host *h, struct seat *s, const struct moot_effect *e)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (e->think.base == 0)
        moot__buf_truncate(&s->history, 0);
    for (size_t i = 0; i < e->think.add_count; i++) {
        const struct moot_add *a = &e->think.adds[i];
        moot__buf_addf(&s->history, "%s: ", role_word(a->role));
        if (a->call != NULL)
            moot__buf_addf(&s->history, "(%s) ", a->call);
        if (a->text != NULL)
            moot__buf_adds(&s->history, a->text);
        else
            add_message(h, s, a);
        moot__buf_addc(&s->history, '\n');
    }
    moot__json_set_int(body, "step", e->think.step);
    moot__json_set_int(body, "base", e->think.base);
    moot__json_set_text(body, "model", e->think.model);
    moot__json_set_int(body, "tools", (int64_t)e->think.tool_count);
    if (e->think.tool_choice != NULL)
        moot__json_set_text(body, "tool_choice", e->think.tool_choice);
    if (e->think.schema != NULL)
        moot__json_set_text(body, "schema", e->think.schema);
    return body;
}

static void cancel_call(struct mini_host *h, const struct seat *s, uint32_t n)
{
    for (size_t i = 0; i < h->call_count; i++)
        if (h->calls[i].n == n && strcmp(h->calls[i].conv, s->conv) == 0)
            h->calls[i].cancelled = true;
}

static void carry_out(struct mini_host *h, struct seat *s, struct moot_effect *e)
{
    struct moot_json *body = e->body;
    char path[1024];
    e->body = NULL;
    if (e->path != NULL)
        snprintf(path, sizeof(path), "%s/%s", s->conv, e->path);
    uint32_t n = e->n;
    if (n != 0)
        assert_int_equal(n, *next_n(h, s->conv, s->agent));
    switch (e->kind) {
    case MOOT_FX_SEND:
        insert(h, e->as, s->conv, s->agent, body);
        break;
    case MOOT_FX_MODEL_CALL:
        insert(h, MOOT_MODEL_CALL, s->conv, s->agent, do_think(h, s, e));
        add_call(h, MOOT_MODEL_REPLY, s, e);
        break;
    case MOOT_FX_TOOL_CALL:
        e->body = body;
        add_call(h, MOOT_TOOL_RESULT, s, e);
        e->body = NULL;
        moot__json_set_text(body, "tool", e->tool);
        insert(h, MOOT_TOOL_CALL, s->conv, s->agent, body);
        break;
    case MOOT_FX_ASK:
        insert(h, MOOT_QUESTION, s->conv, s->agent, body);
        add_call(h, MOOT_ANSWER, s, e);
        break;
    case MOOT_FX_TIMER:
        break;
    case MOOT_FX_OPEN:
        open_conv(h, path, s->agent, e->to[0],
                  e->task != NULL ? e->task : find_conv(h, s->conv)->task, body);
        break;
    case MOOT_FX_CANCEL:
        if (e->path != NULL)
            end_conv(h, path, read_json("{\"outcome\":\"cancelled\",\"stop\":\"stopped\"}"));
        else
            cancel_call(h, s, e->cancel_n);
        break;
    case MOOT_FX_DONE:
        end_conv(h, s->conv, body);
        break;
    }
}

/* ---- stepping ---- */

static void digest_add(void *arg, const void *data, size_t len)
{
    moot__hash_add(arg, data, len);
}

static void digest_of(const struct seat *s, const void *self, uint8_t out[MOOT_HASH_SIZE])
{
    struct moot_hash hash;
    moot__hash_init(&hash);
    s->ops->digest(self, digest_add, &hash);
    moot__hash_end(&hash, out);
}

/* Every effect as text, with all that is in it. */
static char *effects_text(const struct moot_effects *fx)
{
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_JSON);
    for (size_t i = 0; i < fx->count; i++) {
        const struct moot_effect *e = &fx->list[i];
        moot__buf_addf(&out, "%d %u %d %s %s %s %s %u %u %lld %u", (int)e->kind, e->n, (int)e->as,
                       e->to_count > 0 ? e->to[0] : "-", e->path != NULL ? e->path : "-",
                       e->task != NULL ? e->task : "-", e->tool != NULL ? e->tool : "-", e->re_n,
                       e->timer, (long long)e->ms, e->cancel_n);
        if (e->body != NULL)
            moot__json_write(e->body, &out);
        for (size_t k = 0; k < e->think.add_count; k++) {
            const struct moot_add *a = &e->think.adds[k];
            moot__buf_addf(&out, "|%d %s %s %u %s", (int)a->role, a->text != NULL ? a->text : "-",
                           a->from != NULL ? a->from : "-", a->n, a->call != NULL ? a->call : "-");
        }
        moot__buf_addc(&out, '\n');
    }
    assert_int_equal(out.status, MOOT_OK);
    return moot__buf_take(&out);
}

static void remember(struct seat *s, struct moot_message *m, uint32_t n, char *uttered)
{
    s->got = realloc(s->got, (s->got_count + 1) * sizeof(struct moot_message *));
    s->next_n = realloc(s->next_n, (s->got_count + 1) * sizeof(uint32_t));
    s->uttered = realloc(s->uttered, (s->got_count + 1) * sizeof(char *));
    s->got[s->got_count] = m;
    s->next_n[s->got_count] = n;
    s->uttered[s->got_count++] = uttered;
}

static void step(struct mini_host *h, struct seat *s, struct moot_message *m)
{
    struct moot_effects fx;
    uint32_t n = *next_n(h, s->conv, s->agent);
    moot__effects_init(&fx, n);
    int rc = s->ops->step(s->self, m, &fx);
    if (rc != MOOT_OK)
        fail_msg("%s in %s: step failed: %s", s->agent, s->conv, moot__status_text(rc));
    remember(s, m, n, effects_text(&fx));
    digest_of(s, s->self, s->digest);
    for (size_t i = 0; i < fx.count && !s->left; i++)
        carry_out(h, s, &fx.list[i]);
    moot__effects_release(&fx);
}

static void deliver_all(struct mini_host *h)
{
    for (; h->delivered < h->message_count; h->delivered++) {
        struct moot_message *m = h->messages[h->delivered];
        char conv[1024];
        snprintf(conv, sizeof(conv), "%s", m->conv);
        char *slash = m->kind == MOOT_END ? strrchr(conv, '/') : NULL;
        if (slash != NULL)
            *slash = '\0';
        assert_true(h->delivered < STEPS_MAX);
        for (size_t i = 0; i < m->to_count; i++) {
            struct seat *s = find_seat(h, conv, m->to[i]);
            if (s != NULL && !s->left)
                step(h, s, m);
        }
    }
}

/* ---- answers ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text);
    size_t b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static const char *wanted_tool(const struct call *c)
{
    return c->kind == MOOT_MODEL_REPLY ? NULL : c->kind == MOOT_ANSWER ? "?" : c->tool;
}

static const char *find_answer(struct mini_host *h, const struct call *c)
{
    const char *tool = wanted_tool(c);
    for (size_t i = 0; h->answers[i].body != NULL; i++) {
        const struct mini_answer *a = &h->answers[i];
        int times = a->times == 0 ? 1 : a->times;
        if ((a->who != NULL && strcmp(a->who, c->agent) != 0) ||
            (a->conv != NULL && !ends_with(c->conv, a->conv)) ||
            (a->tool == NULL) != (tool == NULL) || (tool != NULL && strcmp(a->tool, tool) != 0) ||
            (times >= 0 && h->used[i] >= times))
            continue;
        h->used[i]++;
        return a->body;
    }
    return NULL;
}

static struct moot_json *outcome_body(struct mini_host *h, const struct call *c)
{
    const char *text = c->cancelled ? "{\"status\":\"cancelled\"}" : find_answer(h, c);
    if (text == NULL)
        fail_msg("nothing answers %s of %s in %s\n%s", c->tool != NULL ? c->tool : "a call",
                 c->agent, c->conv, mini_host_trace(h));
    bool model = c->kind == MOOT_MODEL_REPLY;
    bool whole = strncmp(text, "{\"status\"", 9) == 0;
    struct moot_json *body = whole ? read_json(text) : moot__json_new(MOOT_JSON_OBJECT);
    if (!whole)
        moot__json_set_text(body, "status", "ok");
    if (!whole && model) {
        struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
        struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(part, "text", text);
        moot__json_add(parts, part);
        moot__json_set(body, "parts", parts);
        moot__json_set_text(body, "finish", "stop");
    } else if (!whole) {
        moot__json_set_text(body, c->kind == MOOT_ANSWER ? "decision" : "output", text);
    }
    if (c->id != NULL)
        moot__json_set_text(body, "call", c->id);
    return body;
}

static bool answer_one(struct mini_host *h)
{
    if (h->call_count == 0)
        return false;
    size_t pick = 0;
    if (h->chance != 0) {
        h->chance = h->chance * 1664525U + 1013904223U;
        pick = (h->chance >> 8) % h->call_count;
    }
    struct call c = h->calls[pick];
    memmove(&h->calls[pick], &h->calls[pick + 1], (h->call_count - pick - 1) * sizeof(h->calls[0]));
    h->call_count--;
    static const char *const authors[] = {
        [MOOT_MODEL_REPLY] = "host", [MOOT_TOOL_RESULT] = "host", [MOOT_ANSWER] = "person"};
    const struct conv *place = find_conv(h, c.conv);
    if (place->end == NULL) {
        struct moot_message *m = insert(h, c.kind, c.conv, authors[c.kind], outcome_body(h, &c));
        moot__message_add(&m->to, &m->to_count, c.agent);
        moot__message_set(&m->re_from, c.agent);
        m->re_n = c.n;
    }
    free(c.conv);
    free(c.agent);
    free(c.tool);
    free(c.id);
    return true;
}

static void run(struct mini_host *h)
{
    do {
        deliver_all(h);
    } while (answer_one(h));
    assert_int_equal(h->trace.status, MOOT_OK);
}

void mini_host_open(struct mini_host *h, const char *conv, const char *agent, const char *task,
                    const char *input)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(body, "input", input);
    open_conv(h, conv, NULL, agent, task, body);
    run(h);
}

void mini_host_item(struct mini_host *h, const char *input)
{
    mini_host_open(h, "3", "manager", NULL, input);
}

/* ---- the fold ---- */

static void fold_seat(const struct seat *s)
{
    void *self = NULL;
    assert_int_equal(s->ops->init(s->persona, &s->place, &self), MOOT_OK);
    for (size_t i = 0; i < s->got_count; i++) {
        struct moot_effects fx;
        moot__effects_init(&fx, s->next_n[i]);
        assert_int_equal(s->ops->step(self, s->got[i], &fx), MOOT_OK);
        char *uttered = effects_text(&fx);
        assert_string_equal(uttered, s->uttered[i]);
        free(uttered);
        moot__effects_release(&fx);
    }
    if (s->got_count > 0) {
        uint8_t digest[MOOT_HASH_SIZE];
        digest_of(s, self, digest);
        assert_memory_equal(digest, s->digest, sizeof(digest));
    }
    s->ops->release(self);
}

void mini_host_fold(struct mini_host *h)
{
    for (size_t i = 0; i < h->seat_count; i++)
        fold_seat(h->seats[i]);
}

static void free_seat(struct seat *s)
{
    s->ops->release(s->self);
    for (size_t i = 0; i < s->got_count; i++)
        free(s->uttered[i]);
    free(s->got);
    free(s->next_n);
    free(s->uttered);
    free(s->conv);
    free(s->agent);
    free(s->persona);
    free(s->schema);
    moot__buf_release(&s->history);
    free(s);
}

void mini_host_free(struct mini_host *h)
{
    mini_host_fold(h);
    for (size_t i = 0; i < h->seat_count; i++)
        free_seat(h->seats[i]);
    for (size_t i = 0; i < h->conv_count; i++) {
        free(h->convs[i].path);
        free(h->convs[i].opener);
        free(h->convs[i].task);
        moot__json_free(h->convs[i].end);
    }
    for (size_t i = 0; i < h->count_count; i++) {
        free(h->counts[i].conv);
        free(h->counts[i].author);
    }
    for (size_t i = 0; i < h->message_count; i++)
        moot__message_unref(h->messages[i]);
    free(h->messages);
    moot__buf_release(&h->trace);
    free(h);
}

/* ---- scenarios ---- */

/* Whether a line's kind, its third word, is among the words of `kinds`. */
static bool is_wanted(const char *line, size_t len, const char *kinds)
{
    const char *kind = memchr(line, ' ', len);
    kind = kind == NULL ? NULL : memchr(kind + 1, ' ', len - (size_t)(kind + 1 - line));
    if (kind == NULL)
        return false;
    kind++;
    size_t n = strcspn(kind, " \n");
    for (const char *at = kinds; *at != '\0'; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == n && strncmp(at, kind, n) == 0)
            return true;
    return false;
}

static char *filtered(const char *trace, const char *kinds)
{
    struct moot_buf out;
    moot__buf_init(&out, 1 << 20);
    while (*trace != '\0') {
        size_t len = strcspn(trace, "\n") + 1;
        if (kinds == NULL || is_wanted(trace, len, kinds))
            moot__buf_add(&out, trace, len);
        trace += len;
    }
    return moot__buf_take(&out);
}

void mini_host_play(const struct mini_scenario *s)
{
    struct moot_crew_def *crew = pure_crew_make(s->crew);
    struct mini_host *h = mini_host_new(crew, s->answers, 0);
    mini_host_item(h, s->input);
    char *trace = filtered(mini_host_trace(h), s->kinds);
    if (strcmp(trace, s->want) != 0)
        fail_msg("%s: wanted\n%s\nand got\n%s", s->name, s->want, trace);
    free(trace);
    const char *outcome = moot__json_get_text(mini_host_end(h, "3"), "outcome", "none");
    if (strcmp(outcome, s->outcome) != 0)
        fail_msg("%s: outcome %s instead of %s", s->name, outcome, s->outcome);
    mini_host_free(h);
    pure_crew_free(crew);
}
