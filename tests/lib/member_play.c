#include "tests/lib/member_play.h"

#include "agents/role.h"
#include "roles/roles.h"
#include "runtime/message.h"
#include "runtime/request.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char conv[] = "3";

struct stage {
    const char *agent;
    const struct moot_agent_ops *ops;
    void *self;
    uint32_t next_n, heard_n, call_n, tool_n, question_n;
    struct moot_buf trace;
    struct moot_message *msgs[64]; /* what was said, for the model's history */
    size_t msg_count;
};

/* ---- what it does ---- */

static void add_flat(struct moot_buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        moot__buf_add(out, *text == '\n' ? "|" : text, 1);
}

static void keep(struct stage *s, const char *from, uint32_t n, const struct moot_json *body)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    assert_true(s->msg_count < MOOT_COUNT(s->msgs));
    moot__message_set(&m->from, from);
    m->n = n;
    m->body = moot__json_copy(body);
    s->msgs[s->msg_count++] = m;
}

static void note_add(struct stage *s, const struct moot_add *a)
{
    static const char *const words[] = {"system", "user", "assistant", "tool"};
    moot__buf_addf(&s->trace, "  %s: ", words[a->role]);
    if (a->text != NULL)
        add_flat(&s->trace, a->text);
    for (size_t i = 0; a->text == NULL && i < s->msg_count; i++) {
        if (s->msgs[i]->n != a->n || strcmp(s->msgs[i]->from, a->from) != 0)
            continue;
        char *text = moot__parts_text(s->msgs[i]->body);
        moot__buf_addf(&s->trace, "%s%s%s", a->named ? "[" : "", a->named ? a->from : "",
                       a->named ? "] " : "");
        add_flat(&s->trace, text);
        free(text);
    }
    moot__buf_adds(&s->trace, "\n");
}

static void note_said(struct stage *s, const struct moot_effect *e)
{
    static const char *const more[] = {"by", "exit", "finish", "handoff"};
    const struct moot_json *failed = moot__json_get(e->body, "failed");
    char *text = moot__parts_text(e->body);
    keep(s, s->agent, e->n, e->body);
    if (failed != NULL) {
        assert_int_equal(e->to_count, 1); /* only its manager is told */
        moot__buf_addf(&s->trace, "failed %s: %s", moot__json_get_text(failed, "status", "?"),
                       moot__json_get_text(failed, "detail", "?"));
    } else {
        moot__buf_adds(&s->trace, "say ");
        add_flat(&s->trace, text);
    }
    for (size_t i = 0; i < MOOT_COUNT(more); i++) {
        const char *word = moot__json_get_text(e->body, more[i], NULL);
        if (word != NULL)
            moot__buf_addf(&s->trace, " %s %s", more[i], word);
    }
    moot__buf_adds(&s->trace, "\n");
    free(text);
}

static void note(struct stage *s, const struct moot_effect *e)
{
    s->next_n = e->n > 0 ? e->n + 1 : s->next_n;
    if (e->kind == MOOT_FX_SEND) {
        note_said(s, e);
    } else if (e->kind == MOOT_FX_MODEL_CALL) {
        s->call_n = e->n;
        moot__buf_adds(&s->trace, "think\n");
        for (size_t i = 0; i < e->think.add_count; i++)
            if (e->think.adds[i].role != MOOT_ADD_SYSTEM)
                note_add(s, &e->think.adds[i]);
    } else if (e->kind == MOOT_FX_ASK) {
        s->question_n = e->n;
        moot__buf_adds(&s->trace, "question\n");
    } else if (e->kind == MOOT_FX_TOOL_CALL) {
        s->tool_n = e->n;
        moot__buf_addf(&s->trace, "call %s %s\n", e->tool,
                       moot__json_get_text(e->body, "args", "?"));
    }
}

static void step(struct stage *s, enum moot_kind kind, const char *from, uint32_t re_n,
                 struct moot_json *body)
{
    struct moot_message *m = moot__message_new(kind);
    struct moot_effects fx;
    moot__effects_init(&fx, s->next_n);
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, from);
    if (re_n != 0)
        moot__message_set(&m->re_from, s->agent);
    m->re_n = re_n;
    m->n = ++s->heard_n;
    m->body = body;
    if (kind == MOOT_MSG)
        keep(s, from, m->n, body);
    assert_int_equal(s->ops->step(s->self, m, &fx), MOOT_OK);
    for (size_t i = 0; i < fx.count; i++)
        note(s, &fx.list[i]);
    moot__effects_release(&fx);
    moot__message_unref(m);
}

/* ---- what comes ---- */

static struct moot_json *body_of(const char *key, const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (key != NULL)
        assert_int_equal(moot__json_set_text(body, key, text), MOOT_OK);
    return body;
}

static struct moot_json *words(const char *text, const char *status)
{
    struct moot_json *body = body_of(status != NULL ? "status" : NULL, status);
    assert_int_equal(moot__body_say(body, text), MOOT_OK);
    return body;
}

static void model_line(struct stage *s, const char *tool, const char *text)
{
    if (tool[0] == '?') {
        struct moot_json *body = body_of("status", "error");
        moot__json_set_text(body, "detail", text);
        step(s, MOOT_MODEL_REPLY, "host", s->call_n, body);
        return;
    }
    struct moot_json *body = words(tool[0] == '\0' ? text : "", "ok");
    if (tool[0] != '\0') {
        struct moot_json *calls = moot__json_new(MOOT_JSON_ARRAY);
        struct moot_json *call = body_of("name", tool);
        moot__json_set_text(call, "arguments", text);
        moot__json_add(calls, call);
        moot__json_set(body, "calls", calls);
    }
    step(s, MOOT_MODEL_REPLY, "host", s->call_n, body);
}

static void floor_line(struct stage *s, const char *rest)
{
    static const char ending[] = " ending";
    struct moot_json *body = body_of("why", "so");
    if (strncmp(rest, ending, sizeof(ending) - 1) == 0) {
        moot__json_set_bool(body, "ending", true);
        rest += sizeof(ending) - 1;
    }
    if (rest[0] == ' ')
        moot__json_set_text(body, "nudge", rest + 1);
    step(s, MOOT_TURN, "manager", 0, body);
}

static void play_line(struct stage *s, const char *line)
{
    char head[64];
    size_t len = strcspn(line, ":");
    const char *text = line[len] == ':' ? line + len + 1 : line + len;
    text += *text == ' ';
    snprintf(head, sizeof(head), "%.*s", (int)len, line);
    bool result =
        strcmp(head, "ok") == 0 || strcmp(head, "error") == 0 || strcmp(head, "denied") == 0;
    if (strncmp(line, "floor", 5) == 0) {
        floor_line(s, line + 5);
    } else if (head[0] == '*') {
        model_line(s, head + 1, text);
    } else if (head[0] == '=') {
        struct moot_json *body = body_of("status", "ok");
        moot__json_set_text(body, "text", text);
        step(s, MOOT_ANSWER, "person", s->question_n, body);
    } else if (result) {
        struct moot_json *body = body_of("status", head);
        moot__json_set_text(body, "output", text);
        step(s, MOOT_TOOL_RESULT, "host", s->tool_n, body);
    } else {
        step(s, MOOT_MSG, head, 0, words(text, NULL));
    }
}

static void open_it(struct stage *s, const struct moot_crew_def *crew)
{
    struct moot_json *body = body_of("input", "{}");
    struct moot_json *names = moot__json_new(MOOT_JSON_ARRAY);
    moot__json_add(names, moot__json_new_text("manager"));
    for (size_t i = 0; i < crew->agent_count; i++)
        moot__json_add(names, moot__json_new_text(crew->agents[i].id));
    moot__json_set(body, "participants", names);
    step(s, MOOT_OPEN, "host", 0, body);
}

void member_play(const struct member_play *p)
{
    struct moot_crew_def *crew = pure_crew_make(p->crew);
    const struct moot_agent_def *agent = moot__def_agent(crew, p->agent);
    const struct moot_persona persona = {crew, agent};
    struct moot_seat seat = {sizeof(seat), p->agent, conv};
    struct stage s = {.agent = p->agent, .next_n = 1};
    assert_non_null(agent);
    s.ops = moot__role(agent->kind == MOOT_USER_PROXY_AGENT ? "user_proxy" : "assistant");
    moot__buf_init(&s.trace, 1 << 20);
    assert_int_equal(s.ops->init(&persona, &seat, &s.self), MOOT_OK);
    open_it(&s, crew);
    for (size_t i = 0; i < MOOT_COUNT(p->lines) && p->lines[i] != NULL; i++)
        play_line(&s, p->lines[i]);
    if (strcmp(moot__buf_text(&s.trace), p->want) != 0)
        fail_msg("%s:\n%s\nand not\n%s", p->name, moot__buf_text(&s.trace), p->want);
    s.ops->release(s.self);
    for (size_t i = 0; i < s.msg_count; i++)
        moot__message_unref(s.msgs[i]);
    moot__buf_release(&s.trace);
    pure_crew_free(crew);
}
