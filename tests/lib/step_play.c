#include "tests/lib/step_play.h"

#include "roles/roles.h"
#include "runtime/hash.h"
#include "runtime/message.h"
#include "tests/lib/pure_crew.h"

bool step_play_armed;

enum { LINES_MAX = 64, CALLS_MAX = 512 };

const char *const step_play_crew =
    "{\"item\":\"shop\",\"agents\":[{\"id\":\"ann\",\"role\":\"R\",\"tools\":[\"add\",\"form\"],"
    "\"max_steps\":3},{\"id\":\"eve\",\"kind\":\"judge\"},{\"id\":\"pip\",\"plan\":true},"
    "{\"id\":\"sam\",\"role\":\"S\",\"model\":\"small\",\"tools\":[\"add\",\"ask\"],\"view\":{"
    "\"last\":"
    "2},\"compaction\":{\"keep_last\":1}},{\"id\":\"wim\",\"model\":\"words\",\"tools\":[\"add\"]},"
    "{\"id\":\"tom\",\"role\":\"T\",\"tools\":[\"add\"],\"talk_tools\":[\"finish\","
    "\"transfer_to_uma\"]},{\"id\":\"uma\",\"kind\":\"user_proxy\",\"goal\":\"G\","
    "\"human_input\":\"always\",\"code_execution\":true,\"talk_tools\":[\"finish\"]}],"
    "\"goal\":\"All\",\"talk\":{\"opening\":\"On {shop.text:-x}\",\"max_stalls\":1,"
    "\"on_no_handoff\":\"retry\",\"termination\":{\"all\":[{\"text\":\"DONE\"},{\"that\":"
    "\"turns > 1\"}]},\"group_chat\":{\"introductions\":true,\"never\":{\"uma\":[\"ann\"]},"
    "\"next_speaker\":[{\"when\":\"message == 'rule'\",\"to\":\"uma\"},\"auto\"],"
    "\"fallback\":\"manual\"}},"
    "\"models\":[{\"name\":\"small\",\"max_tokens\":20,\"capabilities\":{\"context\":400}},"
    "{\"name\":\"words\",\"capabilities\":{\"tools\":false}}],"
    "\"tools\":[{\"id\":\"add\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{"
    "\"type\":"
    "\"integer\"}},\"required\":[\"a\"]}},{\"id\":\"form\",\"form\":true},{\"id\":\"finish\","
    "\"form\":"
    "true},{\"id\":\"transfer_to_uma\",\"form\":true},{\"id\":\"ask\",\"asks\":"
    "true}],"
    "\"tasks\":[{\"id\":\"a\",\"agent\":\"ann\",\"prompt\":\"On {shop.text:-x} {report}\","
    "\"output\":{\"x\":\"text 1..9 characters\",\"n\":\"optional number\",\"f\":\"{shop.f:-y}\"},"
    "\"require_tool\":\"add\",\"checks\":[{\"that\":\"x != 'no'\"},{\"none\":\"bad\",\"of\":\"x\"},"
    "{\"file\":\"f\"},{\"judge\":\"eve\",\"criteria\":[\"Good.\"]}],\"review\":true,"
    "\"output_file\":\"o\"},"
    "{\"id\":\"b\",\"agent\":\"pip\",\"steps\":[{\"prompt\":\"T\"},{\"prompt\":\"{a.x:-n}\",\"as\":"
    "\"s\"}],\"output\":{\"s\":\"text ..3 words\"},\"needs\":[\"a\"],\"on_reject\":\"a\","
    "\"attempts\":3,\"on_exhausted\":\"ask\",\"checks\":[{\"length\":[1,5,\"words\"],\"of\":\"s\"}]"
    "},"
    "{\"id\":\"c\",\"tool\":\"add\",\"args\":{\"a\":\"{b.s:-1}\"},\"needs\":[\"b\"],"
    "\"when\":\"not empty(b)\",\"on_exhausted\":\"best\"},"
    "{\"id\":\"d\",\"agent\":\"ann\",\"prompt\":\"D\",\"shown\":[\"a\"],\"needs\":[\"a\"],"
    "\"checks\":[{\"pattern\":\"d\"},{\"command\":[\"./lint\",\"{shop.f:-y}\"]},{\"judge\":\"eve\","
    "\"sees\":[\"a.x\"]},{\"judge\":\"eve\"},{\"person\":[\"lin\",\"max\"]}]},"
    "{\"id\":\"e\",\"agent\":\"sam\",\"steps\":[{\"prompt\":\"One\"},{\"prompt\":\"Two\"},{"
    "\"prompt\":"
    "\"Three\"}]},{\"id\":\"f\",\"agent\":\"wim\",\"prompt\":\"F\"},"
    "{\"id\":\"g\",\"agent\":\"ann\",\"prompt\":\"G\",\"chat_with\":\"pip\"}]}";

static const struct place {
    const char *agent, *role, *conv, *task;
} places[] = {
    {"ann", "assistant", "3/a#1", "a"}, {"pip", "assistant", "3/b#1", "b"},
    {"runner", "runner", "3/c#1", "c"}, {"eve", "judge", "3/a#1/judge1", "a"},
    {"manager", "graph", "3", NULL},    {"manager", "sequential", "3", NULL},
    {"ann", "assistant", "3/d#1", "d"}, {"sam", "assistant", "3/e#1", "e"},
    {"wim", "assistant", "3/f#1", "f"}, {"ann", "assistant", "3/g#1", "g"},
    {"tom", "assistant", "4", NULL},    {"uma", "user_proxy", "4", NULL},
    {"manager", "pair", "4", NULL},     {"manager", "group_chat", "4", NULL},
    {"manager", "swarm", "4", NULL},    {"manager", "ledger", "4", NULL},
};

/* One participant as it is stepped. */
struct player {
    const struct place *place;
    const struct moot_agent_ops *ops;
    struct moot_persona persona;
    struct moot_seat seat;
    void *self;
    uint32_t next_n;
    uint32_t calls[CALLS_MAX], tools[CALLS_MAX], questions[CALLS_MAX];
    size_t call_count, tool_count, tool_done, question_count;
    char *opened[CALLS_MAX];
    size_t opened_count, opened_done;
    uint32_t turn_n; /* the newest turn that was given or got */
    char floor[MOOT_MAX_ID + 1];
    bool over;
    struct moot_hash uttered;
};

static void add_hash(void *arg, const void *data, size_t len)
{
    moot__hash_add(arg, data, len);
}

static void note(struct player *p, const struct moot_effect *e)
{
    if (e->kind == MOOT_FX_MODEL_CALL && p->call_count < CALLS_MAX)
        p->calls[p->call_count++] = e->n;
    if (e->kind == MOOT_FX_TOOL_CALL && p->tool_count < CALLS_MAX)
        p->tools[p->tool_count++] = e->n;
    if (e->kind == MOOT_FX_ASK && p->question_count < CALLS_MAX)
        p->questions[p->question_count++] = e->n;
    if (e->kind == MOOT_FX_OPEN && p->opened_count < CALLS_MAX)
        p->opened[p->opened_count++] = moot__copy(e->path, strlen(e->path));
    if (e->kind == MOOT_FX_SEND && e->as == MOOT_TURN && e->to_count == 1) {
        p->turn_n = e->n;
        snprintf(p->floor, sizeof(p->floor), "%s", e->to[0]);
    }
    if (e->kind == MOOT_FX_DONE)
        p->over = true;
}

static void check_effect(struct player *p, const struct moot_effect *e)
{
    MOOT_ASSERT(!p->over);
    bool counted = e->kind == MOOT_FX_SEND || e->kind == MOOT_FX_MODEL_CALL ||
                   e->kind == MOOT_FX_TOOL_CALL || e->kind == MOOT_FX_ASK;
    MOOT_ASSERT(e->n == (counted ? p->next_n : 0));
    if (counted)
        p->next_n++;
    moot__hash_add_int(&p->uttered, e->kind);
    moot__hash_add_int(&p->uttered, e->n);
    if (e->body != NULL) {
        struct moot_buf bytes;
        moot__buf_init(&bytes, MOOT_MAX_JSON);
        MOOT_ASSERT(moot__json_write_canonical(e->body, &bytes, NULL) == MOOT_OK);
        moot__hash_add(&p->uttered, bytes.data, bytes.len);
        moot__buf_release(&bytes);
    }
    for (size_t i = 0; i < e->think.add_count; i++) {
        const struct moot_add *a = &e->think.adds[i];
        MOOT_ASSERT(a->text != NULL || (a->from != NULL && a->n > 0));
        moot__hash_add_text(&p->uttered, a->text);
        moot__hash_add_text(&p->uttered, a->from);
        moot__hash_add_int(&p->uttered, a->n);
        moot__hash_add_text(&p->uttered, a->call);
    }
    note(p, e);
}

static int step(struct player *p, const struct moot_message *m)
{
    struct moot_effects fx;
    moot__effects_init(&fx, p->next_n);
    step_play_armed = true;
    int rc = p->ops->step(p->self, m, &fx);
    step_play_armed = false;
    MOOT_ASSERT(rc == MOOT_OK || rc == MOOT_ETOOBIG || rc == MOOT_ENOMEM);
    for (size_t i = 0; i < fx.count && rc == MOOT_OK; i++)
        check_effect(p, &fx.list[i]);
    moot__effects_release(&fx);
    if (rc == MOOT_OK)
        p->ops->digest(p->self, add_hash, &p->uttered);
    return rc;
}

/* What a line's letter answers; false: nothing that is open. */
static bool address(struct player *p, char letter, struct moot_message *m, char *conv, size_t size)
{
    snprintf(conv, size, "%s", p->place->conv);
    switch (letter) {
    case 'o':
        m->kind = MOOT_OPEN;
        return true;
    case 'r':
        m->kind = MOOT_MODEL_REPLY;
        m->re_n = p->call_count > 0 ? p->calls[p->call_count - 1] : 0;
        return true;
    case 't':
        m->kind = MOOT_TOOL_RESULT;
        m->re_n = p->tool_done < p->tool_count ? p->tools[p->tool_done++] : 0;
        return true;
    case 'a':
        m->kind = MOOT_ANSWER;
        m->re_n = p->question_count > 0 ? p->questions[p->question_count - 1] : 0;
        return true;
    case 'e':
        m->kind = MOOT_END;
        if (p->opened_done < p->opened_count)
            snprintf(conv, size, "%s/%s", p->place->conv, p->opened[p->opened_done++]);
        return true;
    case 'm':
    case 'h':
        m->kind = MOOT_MSG;
        return true;
    case 's':
        m->kind = MOOT_MSG;
        m->re_n = p->turn_n;
        return true;
    case 'f':
        m->kind = MOOT_TURN;
        return true;
    case 'w':
        m->kind = MOOT_TIMER;
        return true;
    default:
        return false;
    }
}

static const char *author(const struct player *p, char letter)
{
    return letter == 'h'                          ? "ann"
           : letter == 'f'                        ? "manager"
           : letter == 's' && p->floor[0] != '\0' ? p->floor
                                                  : "host";
}

static int play_line(struct player *p, const char *line, size_t len, uint32_t n)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    char conv[MOOT_MAX_PATH_CONV * 2];
    int status = MOOT_OK;
    MOOT_ASSERT(m != NULL);
    if (len > 0 && address(p, line[0], m, conv, sizeof(conv))) {
        if (moot__json_parse(line + 1, len - 1, &m->body, NULL) != MOOT_OK)
            m->body = NULL;
        m->n = n;
        int rc = moot__message_set(&m->conv, conv);
        rc |= moot__message_set(&m->from, author(p, line[0]));
        rc |= moot__message_set(&m->task, p->place->task);
        rc |= moot__message_set(&m->re_from, p->place->agent);
        MOOT_ASSERT(rc == MOOT_OK);
        status = step(p, m);
    }
    moot__message_unref(m);
    return status;
}

static size_t line_length(const char *text, size_t size)
{
    const char *end = size > 0 ? memchr(text, '\n', size) : NULL;
    return end != NULL ? (size_t)(end - text) : size;
}

static int play_all(struct player *p, const char *text, size_t size)
{
    int rc = MOOT_OK;
    for (uint32_t line = 1; size > 0 && line <= LINES_MAX && rc == MOOT_OK; line++) {
        size_t len = line_length(text, size);
        rc = play_line(p, text, len, line);
        len += len < size;
        text += len;
        size -= len;
    }
    return rc;
}

int step_play(const struct moot_crew_def *crew, const char *text, size_t size,
              uint8_t out[MOOT_HASH_SIZE])
{
    struct player *p = calloc(1, sizeof(*p));
    MOOT_ASSERT(p != NULL);
    size_t len = line_length(text, size);
    size_t place = len > 0 && text[0] >= '0' ? (size_t)(text[0] - '0') % MOOT_COUNT(places) : 0;
    size_t skip = len + (len < size);
    p->place = &places[place];
    p->ops = moot__role(p->place->role);
    p->persona = (struct moot_persona){crew, moot__def_agent(crew, p->place->agent)};
    p->seat = (struct moot_seat){sizeof(p->seat), p->place->agent, p->place->conv};
    p->next_n = 1;
    moot__hash_init(&p->uttered);
    step_play_armed = true;
    int rc = p->ops->init(&p->persona, &p->seat, &p->self);
    step_play_armed = false;
    if (rc == MOOT_OK) {
        rc = play_all(p, text + skip, size - skip);
        p->ops->release(p->self);
    }
    moot__hash_end(&p->uttered, out);
    for (size_t i = 0; i < p->opened_count; i++)
        free(p->opened[i]);
    free(p);
    return rc;
}
