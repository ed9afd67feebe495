#include "tests/lib/talk_play.h"

#include "roles/roles.h"
#include "runtime/hash.h"
#include "runtime/message.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char conv[] = "3";

struct stage {
    const struct moot_crew_def *crew;
    const struct moot_agent_ops *ops;
    struct moot_persona persona;
    struct moot_seat seat;
    void *self;
    uint32_t next_n, call_n, question_n, turn_n, said_n;
    char floor[MOOT_MAX_ID + 1];
    bool ended;
    struct moot_buf trace, told;
    struct moot_message *msgs[256]; /* what was said, for the model's history */
    size_t msg_count;
    struct moot_hash digests;
};

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

/* ---- what it does ---- */

static void add_parts(struct moot_buf *out, const struct moot_json *body)
{
    const struct moot_json *p = moot__json_first(moot__json_get(body, "parts"));
    for (; p != NULL; p = moot__json_next(p))
        moot__buf_adds(out, moot__json_get_text(p, "text", ""));
}

static void note_message(struct stage *s, uint32_t n, const char *from,
                         const struct moot_json *body)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    moot__message_set(&m->from, from);
    m->n = n;
    m->body = moot__json_copy(body);
    assert_true(s->msg_count < MOOT_COUNT(s->msgs));
    s->msgs[s->msg_count++] = m;
}

static void note_send(struct stage *s, const struct moot_effect *e)
{
    if (e->as == MOOT_MSG) {
        note_message(s, e->n, "manager", e->body);
        moot__buf_adds(&s->trace, "say ");
        add_parts(&s->trace, e->body);
        moot__buf_adds(&s->trace, "\n");
        return;
    }
    assert_int_equal(e->as, MOOT_TURN);
    assert_int_equal(e->to_count, 1);
    s->turn_n = e->n;
    snprintf(s->floor, sizeof(s->floor), "%s", e->to[0]);
    moot__buf_addf(&s->trace, "turn %s (%s)%s\n", e->to[0],
                   moot__json_get_text(e->body, "why", "?"),
                   moot__json_get(e->body, "nudge") != NULL ? " nudge" : "");
}

static void note_think(struct stage *s, const struct moot_effect *e)
{
    static const char *const words[] = {"system", "user", "assistant", "tool"};
    assert_int_equal(e->think.base, s->call_n);
    s->call_n = e->n;
    moot__buf_addf(&s->trace, "ask%s\n", e->think.schema != NULL ? " schema" : "");
    for (size_t i = 0; i < e->think.add_count; i++) {
        const struct moot_add *a = &e->think.adds[i];
        moot__buf_addf(&s->told, "%s: %s", words[a->role], a->text != NULL ? a->text : "");
        for (size_t k = 0; a->text == NULL && k < s->msg_count; k++)
            if (s->msgs[k]->n == a->n && strcmp(s->msgs[k]->from, a->from) == 0) {
                if (a->named)
                    moot__buf_addf(&s->told, "[%s] ", a->from);
                add_parts(&s->told, s->msgs[k]->body);
            }
        moot__buf_adds(&s->told, "\n");
    }
}

static void note_ask(struct stage *s, const struct moot_effect *e)
{
    s->question_n = e->n;
    moot__buf_addf(&s->trace, "question %s [", moot__json_get_text(e->body, "text", ""));
    const struct moot_json *c = moot__json_first(moot__json_get(e->body, "choices"));
    for (; c != NULL; c = moot__json_next(c))
        moot__buf_addf(&s->trace, "%s%s", moot__json_text(c),
                       moot__json_next(c) != NULL ? " " : "");
    moot__buf_adds(&s->trace, "]\n");
}

static void note_done(struct stage *s, const struct moot_effect *e)
{
    const char *result = moot__json_get_text(moot__json_get(e->body, "result"), "text", NULL);
    s->ended = true;
    moot__buf_addf(&s->trace, "end %s: %s", moot__json_get_text(e->body, "stop", "?"),
                   moot__json_get_text(e->body, "detail", ""));
    if (result != NULL)
        moot__buf_addf(&s->trace, " = %s", result);
    moot__buf_adds(&s->trace, "\n");
}

static void add_digest(void *arg, const void *data, size_t len)
{
    moot__hash_add(arg, data, len);
}

static void step(struct stage *s, struct moot_message *m)
{
    struct moot_effects fx;
    moot__effects_init(&fx, s->next_n);
    moot__message_set(&m->conv, conv);
    assert_int_equal(s->ops->step(s->self, m, &fx), MOOT_OK);
    for (size_t i = 0; i < fx.count; i++) {
        const struct moot_effect *e = &fx.list[i];
        assert_false(s->ended);
        s->next_n = e->n > 0 ? e->n + 1 : s->next_n;
        if (e->kind == MOOT_FX_SEND)
            note_send(s, e);
        else if (e->kind == MOOT_FX_MODEL_CALL)
            note_think(s, e);
        else if (e->kind == MOOT_FX_ASK)
            note_ask(s, e);
        else if (e->kind == MOOT_FX_DONE)
            note_done(s, e);
    }
    s->ops->digest(s->self, add_digest, &s->digests);
    moot__effects_release(&fx);
    moot__message_unref(m);
}

/* ---- what comes ---- */

static struct moot_message *answer(enum moot_kind kind, const char *from, uint32_t re_n,
                                   struct moot_json *body)
{
    static uint32_t n;
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->from, from);
    if (re_n != 0) {
        moot__message_set(&m->re_from, "manager");
        m->re_n = re_n;
    }
    m->n = ++n % 1000 + 1;
    m->body = body;
    return m;
}

static struct moot_json *words(const char *text)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *parts = moot__json_new(MOOT_JSON_ARRAY);
    if (text[0] != '\0') {
        struct moot_json *part = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(part, "text", text);
        moot__json_add(parts, part);
    }
    moot__json_set(body, "parts", parts);
    return body;
}

static struct moot_json *failure(const char *status, const char *detail)
{
    struct moot_json *failed = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(failed, "status", status);
    moot__json_set_text(failed, "detail", detail);
    return failed;
}

static void model_line(struct stage *s, const char *text, bool fails)
{
    struct moot_json *body = fails ? failure("error", text) : words(text);
    if (!fails)
        moot__json_set_text(body, "status", "ok");
    step(s, answer(MOOT_MODEL_REPLY, "host", s->call_n, body));
}

static void member_line(struct stage *s, char *head, const char *text)
{
    struct moot_json *body = words(text);
    char *to = strpbrk(head, ">!?@");
    char mark = to != NULL ? *to : '\0';
    if (to != NULL)
        *to++ = '\0';
    if (mark == '@') {
        if (*to != '\0')
            moot__json_set_text(body, "for", to);
    } else if (strcmp(head, s->floor) != 0) {
        fail_msg("%s says '%s', but %s has the floor; so far:\n%s", head, text, s->floor,
                 moot__buf_text(&s->trace));
    }
    if (mark == '>')
        moot__json_set_text(body, "handoff", to);
    if (mark == '!')
        moot__json_set_text(body, "finish", text);
    if (mark == '?')
        moot__json_set(body, "failed", failure("error", text));
    struct moot_message *m = answer(MOOT_MSG, head, mark == '@' ? 0 : s->turn_n, body);
    note_message(s, m->n, m->from, m->body);
    step(s, m);
}

static void play_line(struct stage *s, const char *line)
{
    char head[64];
    size_t len = strcspn(line, ":");
    const char *text = line[len] == ':' ? line + len + 1 : line + len;
    text += *text == ' ';
    snprintf(head, sizeof(head), "%.*s", (int)len, line);
    if (head[0] == '*') {
        model_line(s, text, head[1] == '?');
    } else if (head[0] == '=') {
        struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
        moot__json_set_text(body, "status", "ok");
        moot__json_set_text(body, "text", text);
        step(s, answer(MOOT_ANSWER, "person", s->question_n, body));
    } else {
        member_line(s, head, text);
    }
}

static void open_it(struct stage *s)
{
    struct moot_json *body = read_json("{\"seed\":7,\"input\":\"{\\\"text\\\":\\\"Why?\\\"}\"}");
    struct moot_json *names = moot__json_new(MOOT_JSON_ARRAY);
    moot__json_add(names, moot__json_new_text("manager"));
    for (size_t i = 0; i < s->crew->agent_count; i++)
        moot__json_add(names, moot__json_new_text(s->crew->agents[i].id));
    moot__json_set(body, "participants", names);
    step(s, answer(MOOT_OPEN, "host", 0, body));
}

static void run(const struct talk_play *p, struct stage *s, uint8_t digest[MOOT_HASH_SIZE])
{
    struct moot_crew_def *crew = pure_crew_make(p->crew);
    pure_crew_talk(crew, p->settings != NULL ? p->settings : "{}");
    memset(s, 0, sizeof(*s));
    s->crew = crew;
    s->ops = moot__role(crew->process);
    assert_non_null(s->ops);
    s->persona = (struct moot_persona){crew, NULL};
    s->seat = (struct moot_seat){sizeof(s->seat), "manager", conv};
    s->next_n = 1;
    moot__buf_init(&s->trace, 1 << 20);
    moot__buf_init(&s->told, 1 << 20);
    moot__hash_init(&s->digests);
    assert_int_equal(s->ops->init(&s->persona, &s->seat, &s->self), MOOT_OK);
    open_it(s);
    for (size_t i = 0; i < MOOT_COUNT(p->lines) && p->lines[i] != NULL; i++)
        play_line(s, p->lines[i]);
    s->ops->release(s->self);
    moot__hash_end(&s->digests, digest);
    for (size_t i = 0; i < s->msg_count; i++)
        moot__message_unref(s->msgs[i]);
    pure_crew_free(crew);
}

void talk_play(const struct talk_play *p)
{
    struct stage s;
    uint8_t digest[2][MOOT_HASH_SIZE];
    for (int i = 0; i < 2; i++) {
        run(p, &s, digest[i]);
        if (strcmp(moot__buf_text(&s.trace), p->want) != 0)
            fail_msg("%s:\n%s\nand not\n%s", p->name, moot__buf_text(&s.trace), p->want);
        moot__buf_release(&s.trace);
        moot__buf_release(&s.told);
    }
}

char *talk_play_told(const struct talk_play *p)
{
    struct stage s;
    uint8_t digest[MOOT_HASH_SIZE];
    run(p, &s, digest);
    moot__buf_release(&s.trace);
    return moot__buf_take(&s.told);
}
