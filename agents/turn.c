#include "agents/turn.h"

#include "agents/asking.h"
#include "agents/did.h"
#include "agents/react.h"
#include "agents/repair.h"
#include "agents/role.h"
#include "agents/turn_compact.h"
#include "runtime/decimal.h"

enum {
    IDLE = MOOT_TURN_IDLE,
    THINK = MOOT_TURN_THINK,
    TOOL = MOOT_TURN_TOOL,
    COMPACT = MOOT_TURN_COMPACT,
    REPLY = MOOT_TURN_REPLY,
    FAILED = MOOT_TURN_FAILED,
    CANCELLED = MOOT_TURN_CANCELLED,
    STATES = MOOT_TURN_STATES,
};

static const struct moot_sm_state table[STATES] = {
    [IDLE] = {.name = "idle", .flags = MOOT_SM_INITIAL, .next = 1 << THINK},
    [THINK] = {.name = "think",
               .next = 1 << THINK | 1 << TOOL | 1 << COMPACT | 1 << REPLY | 1 << FAILED |
                       1 << CANCELLED},
    [TOOL] = {.name = "tool", .next = 1 << THINK | 1 << CANCELLED},
    [COMPACT] = {.name = "compact", .next = 1 << THINK | 1 << FAILED | 1 << CANCELLED},
    [REPLY] = {.name = "reply", .flags = MOOT_SM_FINAL, .next = 1 << IDLE},
    [FAILED] = {.name = "failed", .flags = MOOT_SM_FINAL, .next = 1 << IDLE},
    [CANCELLED] = {.name = "cancelled", .flags = MOOT_SM_FINAL, .next = 1 << IDLE},
};

void moot__turn_init(struct moot_turn_state *t)
{
    memset(t, 0, sizeof(*t));
    moot__sm_init(&t->sm, "turn", table, STATES, IDLE);
    moot__view_init(&t->view);
}

static void release_calls(struct moot_turn_state *t)
{
    for (size_t i = 0; i < t->call_count; i++) {
        free(t->calls[i].id);
        free(t->calls[i].refusal);
        free(t->calls[i].chat);
        free(t->calls[i].result_from);
    }
    free(t->calls);
    t->calls = NULL;
    t->call_count = 0;
}

void moot__turn_release(struct moot_turn_state *t)
{
    release_calls(t);
    free(t->reply_from);
    t->reply_from = NULL;
    moot__json_free(t->did);
    t->did = NULL;
    moot__view_release(&t->view);
}

void moot__thought_release(struct moot_thought *end)
{
    free(end->text);
    free(end->args);
    free(end->detail);
    moot__json_free(end->did);
    moot__json_free(end->forms);
    memset(end, 0, sizeof(*end));
}

bool moot__turn_going(const struct moot_turn_state *t)
{
    return t->sm.at == THINK || t->sm.at == TOOL || t->sm.at == COMPACT;
}

/* ---- asking the model ---- */

static int64_t most_steps(const struct moot_turn_state *t)
{
    return t->ask.max_steps > 0 ? t->ask.max_steps : MOOT_TURN_STEPS;
}

/* Tools stay declared where none may be called: a history with calls needs their declarations, and
 * the beginning of the request stays what the provider has in its cache. */
static const char *choice(const struct moot_turn_state *t)
{
    if (t->ask.tool_count == 0 || t->words)
        return NULL;
    if (t->planning || t->last)
        return "none";
    bool none = t->ask.tool_choice != NULL && strcmp(t->ask.tool_choice, "none") == 0;
    return none || !t->called ? t->ask.tool_choice : NULL;
}

/* What the history gained since the last call: its reply, and an answer to each call in it. */
static void add_history(struct moot_me *me)
{
    struct moot_turn_state *t = &me->turn;
    t->own = (t->reply_from != NULL) + t->call_count;
    if (t->reply_from != NULL)
        moot__fx_add_message(me->fx, MOOT_ADD_ASSISTANT, t->reply_from, t->reply_n);
    for (size_t i = 0; i < t->call_count; i++) {
        const struct moot_turn_call *c = &t->calls[i];
        const char *refusal = c->refusal != NULL ? c->refusal : "not carried out";
        if (c->result_from != NULL)
            moot__fx_add_message(me->fx, t->words ? MOOT_ADD_OBSERVATION : MOOT_ADD_TOOL,
                                 c->result_from, c->result_n);
        else if (t->words)
            moot__fx_add_text(me->fx, MOOT_ADD_OBSERVATION, refusal);
        else
            moot__fx_add_refusal(me->fx, c->id, refusal);
    }
    free(t->reply_from);
    t->reply_from = NULL;
    t->reply_n = 0;
    release_calls(t);
}

const char *moot__turn_model(const struct moot_turn_state *t)
{
    return t->ask.model != NULL ? t->ask.model : "default";
}

/* A MODEL_CALL as this turn makes it, still without entries. */
static void utter(struct moot_me *me)
{
    struct moot_turn_state *t = &me->turn;
    t->step++;
    struct moot_think think = {
        .model = moot__turn_model(t),
        .base = t->call_n,
        .tools = t->ask.tools,
        .tool_count = t->ask.tool_count,
        .tool_choice = choice(t),
        .schema = t->ask.schema,
        .schema_name = t->ask.schema_name,
        .step = t->step,
    };
    if (t->words) {
        /* Its form is in words, so no other can be forced. */
        think.tools = NULL;
        think.tool_count = 0;
        think.schema = NULL;
        think.schema_name = NULL;
        think.stop = moot__react_stop;
    }
    t->call_n = moot__fx_think(me->fx, &think);
}

/* A MODEL_CALL, and after the history `text`, what the model is told by USER (NULL: nothing). */
static int ask_model(struct moot_me *me, const char *text)
{
    struct moot_turn_state *t = &me->turn;
    t->last = t->steps >= most_steps(t) && t->ask.tool_count > 0;
    t->begins = t->steps == 0;
    t->anew = false;
    t->steps++;
    utter(me);
    add_history(me);
    if (t->steps > 1 && t->ask.more != NULL && t->ask.more(t->ask.arg, me) != MOOT_OK)
        return MOOT_ENOMEM;
    if (text != NULL)
        moot__fx_add_text(me->fx, MOOT_ADD_USER, text);
    if (t->last)
        moot__fx_add_text(me->fx, MOOT_ADD_USER,
                          t->words ? "No more tool calls are possible. Give your best answer now, "
                                     "after Final Answer:"
                                   : "No more tool calls are possible. Give your best answer now.");
    moot__sm_move(&t->sm, THINK);
    return me->fx->status;
}

int moot__turn_begin(struct moot_me *me, const struct moot_ask *ask)
{
    struct moot_turn_state *t = &me->turn;
    MOOT_ASSERT(!moot__turn_going(t));
    if (t->sm.at != IDLE)
        moot__sm_move(&t->sm, IDLE);
    t->ask = *ask;
    t->steps = 0;
    t->nudges = 0;
    t->planning = ask->plan;
    t->called = false;
    moot__json_free(t->did);
    t->did = NULL;
    t->tokens = 0;
    t->cost = 0;
    t->compacted = 0;
    t->sums = 0;
    t->refused = false;
    const struct moot_model_def *model = moot__def_model(me->persona->crew, moot__turn_model(t));
    t->words = model != NULL && model->no_tools && ask->tool_count > 0;
    return ask_model(me, NULL);
}

int moot__turn_ask_anew(struct moot_me *me)
{
    me->turn.anew = true;
    utter(me);
    moot__sm_move(&me->turn.sm, THINK);
    return me->fx->status;
}

/* ---- the end ---- */

static int end_with(struct moot_me *me, unsigned state, struct moot_thought *end)
{
    static const enum moot_thought_end ends[STATES] = {
        [REPLY] = MOOT_THOUGHT_REPLY,
        [FAILED] = MOOT_THOUGHT_FAILED,
        [CANCELLED] = MOOT_THOUGHT_CANCELLED,
    };
    struct moot_turn_state *t = &me->turn;
    moot__sm_move(&t->sm, state);
    end->end = ends[state];
    end->did = t->did;
    t->did = NULL;
    end->calls = t->steps + t->sums;
    end->tokens = t->tokens;
    end->cost = t->cost;
    return MOOT_OK;
}

int moot__turn_end_failed(struct moot_me *me, const char *status, const char *detail,
                          struct moot_thought *end)
{
    static const char *const known[] = {"timeout", "limit", "cancelled"};
    end->status = "error";
    for (size_t i = 0; i < MOOT_COUNT(known); i++)
        if (strcmp(status, known[i]) == 0)
            end->status = known[i];
    end->detail = moot__copy(detail, strlen(detail));
    if (end->detail == NULL)
        return MOOT_ENOMEM;
    bool cancelled = strcmp(end->status, "cancelled") == 0;
    return end_with(me, cancelled ? CANCELLED : FAILED, end);
}

void moot__turn_add_usage(struct moot_turn_state *t, const struct moot_json *body)
{
    const struct moot_json *usage = moot__json_get(body, "usage");
    int64_t cost = 0;
    const char *digits = moot__json_get_text(body, "cost", "0");
    if (!moot__int_parse(digits, &cost) || cost < 0)
        cost = 0;
    t->tokens += moot__json_get_int(usage, "input", 0) + moot__json_get_int(usage, "output", 0);
    t->cost += cost;
}

/* ---- the calls in a reply ---- */

static int refuse(struct moot_turn_call *c, struct moot_buf *words)
{
    c->refusal = moot__buf_take(words);
    return c->refusal == NULL ? MOOT_ENOMEM : MOOT_OK;
}

static const struct moot_tool_view *granted(const struct moot_turn_state *t, const char *name)
{
    for (size_t i = 0; i < t->ask.tool_count; i++)
        if (strcmp(t->ask.tools[i].name, name) == 0)
            return &t->ask.tools[i];
    return NULL;
}

static int refuse_unknown(const struct moot_turn_state *t, const char *name,
                          struct moot_turn_call *c)
{
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "error: there is no tool '%s'", name);
    for (size_t i = 0; i < t->ask.tool_count; i++)
        moot__buf_addf(&words, "%s%s", i == 0 ? "; there are: " : ", ", t->ask.tools[i].name);
    return refuse(c, &words);
}

/* Mends a little; arguments that were left out are an empty object, and an object written as a
 * string is that object. *args is NULL when the call was refused. */
static int read_args(const char *text, struct moot_turn_call *c, struct moot_json **args,
                     bool *mended)
{
    struct moot_error err = {0};
    *args = NULL;
    *mended = false;
    if (text[strspn(text, " \t\r\n")] == '\0') {
        *mended = true;
        *args = moot__json_new(MOOT_JSON_OBJECT);
        return *args == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    int rc = moot__repair_parse(text, strlen(text), args, mended, &err);
    const char *inner = rc == MOOT_OK ? moot__json_text(*args) : NULL;
    if (inner != NULL) {
        struct moot_json *object = NULL;
        rc = moot__repair_parse(inner, strlen(inner), &object, NULL, &err);
        moot__json_free(*args);
        *args = object;
        *mended = true;
    }
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc == MOOT_OK && moot__json_is(*args, MOOT_JSON_OBJECT))
        return MOOT_OK;
    moot__json_free(*args);
    *args = NULL;
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    if (rc == MOOT_OK)
        moot__buf_adds(&words, "error: the arguments must be a JSON object");
    else
        moot__buf_addf(&words, "error: the arguments are not valid JSON: %s", err.message);
    return refuse(c, &words);
}

/* Says in the call's refusal what does not fit the tool's schema. */
static int check_args(const struct moot_tool_def *tool, const struct moot_json *args,
                      struct moot_turn_call *c)
{
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "error: the arguments of %s are not valid:\n", tool->id);
    int rc = moot__schema_validate(tool->schema, args, &words, NULL);
    if (rc == MOOT_OK || rc == MOOT_ENOMEM) {
        moot__buf_release(&words);
        return rc;
    }
    return refuse(c, &words);
}

/* What is to be carried out, or a refusal in `c`: the tool, and the arguments' text in *args. */
static int check_call(const struct moot_me *me, const struct moot_json *call,
                      struct moot_turn_call *c, const struct moot_tool_def **tool, char **args)
{
    const struct moot_turn_state *t = &me->turn;
    const char *name = moot__json_get_text(call, "name", "");
    const char *text = moot__json_get_text(call, "arguments", "");
    if (granted(t, name) == NULL)
        return refuse_unknown(t, name, c);
    *tool = moot__def_tool(me->persona->crew, name);
    MOOT_ASSERT(*tool != NULL);
    struct moot_json *object = NULL;
    bool mended = false;
    int rc = read_args(text, c, &object, &mended);
    if (rc == MOOT_OK && c->refusal == NULL && (*tool)->schema != NULL)
        rc = check_args(*tool, object, c);
    if (rc == MOOT_OK && c->refusal == NULL) {
        *args = mended ? moot__json_string(object) : moot__copy(text, strlen(text));
        rc = *args == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__json_free(object);
    return rc;
}

/* Room for the calls of a reply, with their ids. */
static int note_calls(struct moot_turn_state *t, const struct moot_json *calls)
{
    size_t count = moot__json_is(calls, MOOT_JSON_ARRAY) ? moot__json_count(calls) : 0;
    if (count == 0)
        return MOOT_OK;
    t->calls = calloc(count, sizeof(*t->calls));
    if (t->calls == NULL)
        return MOOT_ENOMEM;
    t->call_count = count;
    size_t i = 0;
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c)) {
        const char *id = moot__json_get_text(c, "id", NULL);
        t->calls[i].id = id == NULL ? NULL : moot__copy(id, strlen(id));
        if (id != NULL && t->calls[i].id == NULL)
            return MOOT_ENOMEM;
        i++;
    }
    return MOOT_OK;
}

static int refuse_more(struct moot_turn_call *c)
{
    struct moot_buf words;
    moot__buf_init(&words, 200);
    moot__buf_addf(&words, "error: more than %d calls at once; call again",
                   (int)MOOT_MAX_TOOL_CALLS);
    return refuse(c, &words);
}

/* Carries out the `i`-th call, or notes why not. True in *form when it chose a form: that is the
 * turn's end. */
static int carry_out(struct moot_me *me, const struct moot_json *call, size_t i, bool *form,
                     struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_turn_call *c = &t->calls[i];
    const struct moot_tool_def *tool = NULL;
    char *args = NULL;
    if (i >= MOOT_MAX_TOOL_CALLS)
        return refuse_more(c);
    int rc = check_call(me, call, c, &tool, &args);
    if (rc != MOOT_OK || c->refusal != NULL)
        return rc;
    if (tool->is_form == *form) {
        c->required = t->ask.require_tool != NULL && strcmp(t->ask.require_tool, tool->id) == 0;
        if (*form) {
            end->form = tool->id;
            end->args = args;
            c->refusal = moot__copy("noted", 5);
            return c->refusal == NULL ? MOOT_ENOMEM : MOOT_OK;
        }
        t->called = true;
        if (tool->asks)
            rc = moot__asking_open(me, args, &c->chat, &c->refusal);
        else
            c->n = moot__fx_call(me->fx, tool->id, args, c->id);
        if (rc != MOOT_OK || c->refusal != NULL) {
            free(args);
            return rc;
        }
        rc = moot__did_call(&t->did, tool->id, args, me->persona->crew->talk.tells_calls, &c->done);
    }
    free(args);
    return rc != MOOT_OK ? rc : me->fx->status;
}

/* Looks through the calls for a form, or carries out all that are none. */
static int carry_out_all(struct moot_me *me, const struct moot_json *calls, bool forms,
                         struct moot_thought *end)
{
    size_t i = 0;
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c)) {
        free(me->turn.calls[i].refusal);
        me->turn.calls[i].refusal = NULL;
        bool form = forms;
        int rc = carry_out(me, c, i++, &form, end);
        if (rc != MOOT_OK || end->form != NULL)
            return rc;
    }
    return MOOT_OK;
}

/* Notes the `i`-th call if it is a form's; what is none, or is not valid, is told so. */
static int take_form(struct moot_me *me, const struct moot_json *call, size_t i,
                     struct moot_thought *end)
{
    struct moot_turn_call *c = &me->turn.calls[i];
    const struct moot_tool_def *tool = NULL;
    char *args = NULL;
    if (i >= MOOT_MAX_TOOL_CALLS)
        return refuse_more(c);
    int rc = check_call(me, call, c, &tool, &args);
    if (rc != MOOT_OK || c->refusal != NULL)
        return rc;
    struct moot_json *form = moot__json_new(MOOT_JSON_OBJECT);
    if (end->forms == NULL)
        end->forms = moot__json_new(MOOT_JSON_ARRAY);
    rc = form == NULL ? MOOT_ENOMEM : moot__json_set_text(form, "form", tool->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(form, "args", args);
    if (rc == MOOT_OK)
        rc = moot__json_set_int(form, "call", (int64_t)i);
    free(args);
    if (rc != MOOT_OK || end->forms == NULL) {
        moot__json_free(form);
        return MOOT_ENOMEM;
    }
    c->refusal = moot__copy("noted", 5);
    rc = moot__json_add(end->forms, form);
    return c->refusal == NULL ? MOOT_ENOMEM : rc;
}

/* All forms of a reply. Where none is valid the model is told so at once. */
static int on_forms(struct moot_me *me, const struct moot_json *calls, bool *ended,
                    struct moot_thought *end)
{
    size_t i = 0;
    for (const struct moot_json *c = moot__json_first(calls); c != NULL; c = moot__json_next(c)) {
        int rc = take_form(me, c, i++, end);
        if (rc != MOOT_OK)
            return rc;
    }
    if (end->forms == NULL)
        return ask_model(me, NULL);
    *ended = true;
    return end_with(me, REPLY, end);
}

int moot__turn_answer(struct moot_me *me, int64_t call, const char *text)
{
    struct moot_turn_state *t = &me->turn;
    MOOT_ASSERT(call >= 0 && (size_t)call < t->call_count);
    char *copy = moot__copy(text, strlen(text));
    if (copy == NULL)
        return MOOT_ENOMEM;
    free(t->calls[call].refusal);
    t->calls[call].refusal = copy;
    return MOOT_OK;
}

static size_t calls_out(const struct moot_turn_state *t)
{
    size_t out = 0;
    for (size_t i = 0; i < t->call_count; i++)
        out += (t->calls[i].n != 0 && t->calls[i].result_from == NULL) ||
               (t->calls[i].chat != NULL && t->calls[i].refusal == NULL);
    return out;
}

static int on_calls(struct moot_me *me, const struct moot_json *calls, bool *ended,
                    struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    t->planning = false;
    if (t->ask.several)
        return on_forms(me, calls, ended, end);
    int rc = carry_out_all(me, calls, true, end);
    if (rc == MOOT_OK && end->form != NULL) {
        *ended = true;
        return end_with(me, REPLY, end);
    }
    if (rc == MOOT_OK)
        rc = carry_out_all(me, calls, false, end);
    if (rc != MOOT_OK)
        return rc;
    if (calls_out(t) == 0)
        return ask_model(me, NULL);
    moot__sm_move(&t->sm, TOOL);
    return MOOT_OK;
}

/* ---- the reply ---- */

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static int nudge(struct moot_me *me)
{
    char words[256];
    snprintf(words, sizeof(words),
             "Call the tool %.100s first: an answer counts only after a successful call of it.",
             me->turn.ask.require_tool);
    me->turn.nudges++;
    return ask_model(me, words);
}

/* An answer in text. */
static int on_text(struct moot_me *me, bool *ended, struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    if (t->planning) {
        t->planning = false;
        return ask_model(me, "Now do it.");
    }
    *ended = true;
    if (t->last && is_blank(end->text))
        return moot__turn_end_failed(me, "limit", "no answer after the last step", end);
    if (t->ask.require_tool != NULL && t->ask.require_now && !t->required_done) {
        if (!t->last && t->nudges < MOOT_TURN_NUDGES) {
            *ended = false;
            return nudge(me);
        }
        char detail[256];
        snprintf(detail, sizeof(detail), "it answered without a successful call of %.100s",
                 t->ask.require_tool);
        return moot__turn_end_failed(me, "error", detail, end);
    }
    return end_with(me, REPLY, end);
}

/* ---- a reply in words ---- */

/* The one call that the words say, as a provider would give it. */
static int call_in_words(struct moot_me *me, const struct moot_react *said, bool *ended,
                         struct moot_thought *end)
{
    struct moot_json *calls = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *call = moot__json_new(MOOT_JSON_OBJECT);
    int rc = call == NULL ? MOOT_ENOMEM : moot__json_set_text(call, "name", said->tool);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(call, "arguments", said->text);
    int added = moot__json_add(calls, call);
    rc = rc == MOOT_OK ? added : rc;
    if (rc == MOOT_OK)
        rc = note_calls(&me->turn, calls);
    if (rc == MOOT_OK)
        rc = on_calls(me, calls, ended, end);
    moot__json_free(calls);
    return rc;
}

static int on_no_form(struct moot_me *me, bool *ended, struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    if (!t->last && t->nudges < MOOT_TURN_NUDGES) {
        t->nudges++;
        return ask_model(me, moot__react_feedback);
    }
    *ended = true;
    return moot__turn_end_failed(
        me, "error", "its replies are neither a call of a tool nor a final answer", end);
}

/* What is only thought is never an answer; a plain text is, where nothing else is left to say. */
static int on_words(struct moot_me *me, bool *ended, struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_react said;
    int rc = moot__react_parse(end->text, &said);
    if (rc != MOOT_OK) {
        moot__react_release(&said);
        return rc;
    }
    if (said.kind == MOOT_REACT_PLAIN && t->last) {
        rc = on_text(me, ended, end);
    } else if (said.kind == MOOT_REACT_ANSWER || said.kind == MOOT_REACT_CALL) {
        /* The rest is the model's own. */
        char *answer = said.kind == MOOT_REACT_ANSWER ? said.text : moot__copy("", 0);
        if (said.kind == MOOT_REACT_ANSWER)
            said.text = NULL;
        free(end->text);
        end->text = answer;
        bool calls = said.kind == MOOT_REACT_CALL && !t->last;
        rc = answer == NULL ? MOOT_ENOMEM
             : calls        ? call_in_words(me, &said, ended, end)
                            : on_text(me, ended, end);
    } else {
        rc = on_no_form(me, ended, end);
    }
    moot__react_release(&said);
    return rc;
}

static int on_no_reply(struct moot_me *me, const struct moot_json *body, bool *ended,
                       struct moot_thought *end)
{
    const char *status = moot__json_get_text(body, "status", "error");
    char words[64];
    snprintf(words, sizeof(words), "the model call ended with %.30s", status);
    const char *detail = moot__json_get_text(body, "detail", words);
    if (moot__json_get_bool(body, "too_long", false))
        return moot__turn_too_long(me, detail, ended, end);
    *ended = true;
    return moot__turn_end_failed(me, status, detail, end);
}

static int on_reply(struct moot_me *me, const struct moot_message *m, bool *ended,
                    struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    const struct moot_json *body = moot_message_json(m);
    const char *status = moot__json_get_text(body, "status", "error");
    int rc = moot__parts(body, &end->text);
    if (rc != MOOT_OK)
        return rc;
    moot__turn_add_usage(t, body);
    if (strcmp(status, "ok") != 0)
        return on_no_reply(me, body, ended, end);
    end->cut = strcmp(moot__json_get_text(body, "finish", ""), "length") == 0;
    t->reply_n = moot_message_n(m);
    const char *from = moot_message_from(m);
    t->reply_from = moot__copy(from, strlen(from));
    if (t->reply_from == NULL || moot__view_seen(&t->view, m) != MOOT_OK)
        return MOOT_ENOMEM;
    if (t->words && !t->planning)
        return on_words(me, ended, end);
    const struct moot_json *calls = moot__json_get(body, "calls");
    if (note_calls(t, calls) != MOOT_OK)
        return MOOT_ENOMEM;
    if (t->call_count > 0 && !t->last)
        rc = on_calls(me, calls, ended, end);
    else
        rc = on_text(me, ended, end);
    return rc;
}

static int on_result(struct moot_me *me, const struct moot_message *m, struct moot_turn_call *c)
{
    struct moot_turn_state *t = &me->turn;
    const char *status = moot__json_get_text(moot_message_json(m), "status", "error");
    const char *from = moot_message_from(m);
    c->result_from = moot__copy(from, strlen(from));
    if (c->result_from == NULL)
        return MOOT_ENOMEM;
    c->result_n = moot_message_n(m);
    if (c->required && strcmp(status, "ok") == 0)
        t->required_done = true;
    int rc = moot__did_result(t->did, c->done, moot_message_json(m),
                              me->persona->crew->talk.tells_calls);
    if (rc == MOOT_OK)
        rc = moot__view_seen(&t->view, m);
    if (rc != MOOT_OK)
        return rc;
    return calls_out(t) == 0 ? ask_model(me, NULL) : MOOT_OK;
}

/* Another agent has answered: its answer stands where a tool's result would. */
static int on_answer(struct moot_me *me, const struct moot_message *m, struct moot_turn_call *c)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_json *told = moot__asking_result(moot_message_json(m));
    if (told == NULL)
        return MOOT_ENOMEM;
    const char *output = moot__json_get_text(told, "output", "");
    c->refusal = moot__copy(output, strlen(output));
    if (c->required && strcmp(moot__json_get_text(told, "status", ""), "ok") == 0)
        t->required_done = true;
    int rc = c->refusal == NULL
                 ? MOOT_ENOMEM
                 : moot__did_result(t->did, c->done, told, me->persona->crew->talk.tells_calls);
    moot__json_free(told);
    return rc == MOOT_OK && calls_out(t) == 0 ? ask_model(me, NULL) : rc;
}

int moot__turn_receive(struct moot_me *me, const struct moot_message *m, bool *mine, bool *ended,
                       struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    enum moot_kind kind = moot_message_kind(m);
    if (t->sm.at == THINK && kind == MOOT_MODEL_REPLY && moot__answers(me, m, t->call_n)) {
        *mine = true;
        return on_reply(me, m, ended, end);
    }
    if (t->sm.at == COMPACT && kind == MOOT_MODEL_REPLY && moot__answers(me, m, t->call_n)) {
        *mine = true;
        return moot__turn_on_summary(me, m, ended, end);
    }
    if (t->sm.at != TOOL || (kind != MOOT_TOOL_RESULT && kind != MOOT_END))
        return MOOT_OK;
    for (size_t i = 0; i < t->call_count; i++) {
        struct moot_turn_call *c = &t->calls[i];
        if (c->chat != NULL && c->refusal == NULL && moot__ends(m, c->chat)) {
            *mine = true;
            return on_answer(me, m, c);
        }
        if (c->result_from == NULL && moot__answers(me, m, c->n)) {
            *mine = true;
            return on_result(me, m, c);
        }
    }
    return MOOT_OK;
}

void moot__turn_cancel(struct moot_me *me)
{
    struct moot_turn_state *t = &me->turn;
    if (!moot__turn_going(t))
        return;
    if (t->sm.at == THINK || t->sm.at == COMPACT)
        moot__fx_cancel(me->fx, t->call_n);
    for (size_t i = 0; t->sm.at == TOOL && i < t->call_count; i++)
        if (t->calls[i].chat != NULL && t->calls[i].refusal == NULL)
            moot__asking_cancel(me, t->calls[i].chat);
        else if (t->calls[i].n != 0 && t->calls[i].result_from == NULL)
            moot__fx_cancel(me->fx, t->calls[i].n);
    moot__sm_move(&t->sm, CANCELLED);
}

void moot__turn_digest(const struct moot_turn_state *t, const struct moot_digest *d)
{
    moot__digest_int(d, t->sm.at);
    moot__digest_int(d, t->call_n);
    moot__digest_int(d, t->step);
    moot__digest_text(d, t->reply_from);
    moot__digest_int(d, t->reply_n);
    moot__digest_int(d, t->steps);
    moot__digest_int(d, t->nudges);
    moot__digest_json(d, t->did);
    moot__digest_int(d, t->tokens);
    moot__digest_int(d, t->cost);
    moot__view_digest(&t->view, d);
    moot__digest_int(d, t->compacted);
    moot__digest_int(d, (int64_t)t->cut_from);
    moot__digest_int(d, (int64_t)t->cut_to);
    moot__digest_int(d, t->sums);
    moot__digest_int(d, t->chats);
    moot__digest_int(d, t->planning | t->last << 1 | t->called << 2 | t->required_done << 3 |
                            t->words << 4 | (t->told != NULL) << 5);
    for (size_t i = 0; i < t->call_count; i++) {
        const struct moot_turn_call *c = &t->calls[i];
        moot__digest_text(d, c->id);
        moot__digest_int(d, c->n);
        moot__digest_int(d, c->required);
        moot__digest_text(d, c->refusal);
        moot__digest_text(d, c->chat);
        moot__digest_text(d, c->result_from);
        moot__digest_int(d, c->result_n);
    }
}
