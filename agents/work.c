#include "agents/work.h"

#include "agents/output.h"
#include "agents/prompt.h"
#include "agents/publish.h"
#include "agents/verdict.h"

enum { IDLE, THINK, TOOL, CHAT, CHECK, PUBLISH, OVER, STATES };

static const struct moot_sm_state table[STATES] = {
    [IDLE] = {.name = "idle",
              .flags = MOOT_SM_INITIAL,
              .next = 1 << THINK | 1 << TOOL | 1 << CHAT | 1 << OVER},
    [THINK] = {.name = "think", .next = 1 << THINK | 1 << CHECK | 1 << OVER},
    [TOOL] = {.name = "tool", .next = 1 << CHECK | 1 << OVER},
    [CHAT] = {.name = "chat", .next = 1 << CHECK | 1 << OVER},
    [CHECK] = {.name = "check", .next = 1 << PUBLISH | 1 << OVER},
    [PUBLISH] = {.name = "publish", .next = 1 << OVER},
    [OVER] = {.name = "over", .flags = MOOT_SM_FINAL},
};

void moot__work_init(struct moot_work *w)
{
    memset(w, 0, sizeof(*w));
    moot__sm_init(&w->sm, "work", table, STATES, IDLE);
}

void moot__work_release(struct moot_work *w)
{
    moot__json_free(w->scope);
    moot__json_free(w->fields);
    moot__json_free(w->result);
    free(w->chat);
    moot__checking_release(&w->checking);
}

static int over_failed(struct moot_me *me, struct moot_work *w, const char *status,
                       const char *detail)
{
    moot__sm_move(&w->sm, OVER);
    moot__finish_failed(me, status, detail);
    return me->fx->status;
}

/* ---- the end ---- */

/* {json} or {text}. NULL: out of memory. */
static struct moot_json *result_body(const struct moot_work *w)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    const char *text = w->task->output.given ? NULL : moot__json_text(w->result);
    char *json = text == NULL ? moot__json_string(w->result) : NULL;
    if (body != NULL && (text != NULL || json != NULL) &&
        moot__json_set_text(body, text != NULL ? "text" : "json", text != NULL ? text : json) ==
            MOOT_OK) {
        free(json);
        return body;
    }
    free(json);
    moot__json_free(body);
    return NULL;
}

/* Ends with the result; `verdict` may be NULL and is taken over. */
static int over(struct moot_me *me, struct moot_work *w, const char *outcome,
                struct moot_json *verdict)
{
    moot__sm_move(&w->sm, OVER);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "outcome", outcome);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", "finished");
    if (rc == MOOT_OK && w->result != NULL)
        rc = moot__json_set(body, "result", result_body(w));
    if (rc == MOOT_OK && verdict != NULL)
        rc = moot__json_set(body, "verdict", moot__json_copy(verdict));
    moot__json_free(verdict);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__finish(me, body);
    return me->fx->status;
}

/* Rejected by the agent's own checks: the transcript shows why. Takes `problems` over. */
static int over_rejected(struct moot_me *me, struct moot_work *w, struct moot_json *problems)
{
    struct moot_json *verdict = moot__verdict_new(false, problems);
    struct moot_json *said = moot__json_copy(verdict);
    if (verdict == NULL || said == NULL) {
        moot__json_free(verdict);
        return MOOT_ENOMEM;
    }
    moot__say(me, MOOT_VERDICT, NULL, said);
    return over(me, w, "rejected", verdict);
}

/* ---- after the checks ---- */

/* The result is accepted: only now it is written where the task says. */
static int publish(struct moot_me *me, struct moot_work *w)
{
    struct moot_error err = {0};
    char *args = NULL;
    int rc = moot__publish_args(w->task, w->scope, w->result, &args, &err);
    if (rc != MOOT_OK)
        return rc == MOOT_ENOMEM ? rc : over_failed(me, w, "error", err.message);
    moot__sm_move(&w->sm, PUBLISH);
    w->call_n = moot__call(me, "publish", args);
    free(args);
    return me->fx->status;
}

/* It passed; a judge's verdict stands beside it. */
static int over_done(struct moot_me *me, struct moot_work *w)
{
    struct moot_json *verdict = w->checking.verdict;
    w->checking.verdict = NULL;
    return over(me, w, "done", verdict);
}

static int on_published(struct moot_me *me, struct moot_work *w, const struct moot_json *body)
{
    const char *status = moot__json_get_text(body, "status", "error");
    if (strcmp(status, "ok") == 0)
        return over_done(me, w);
    struct moot_buf detail;
    moot__buf_init(&detail, MOOT_MAX_BODY);
    moot__buf_addf(&detail, "the result could not be written: %s",
                   moot__json_get_text(body, "output", status));
    int rc = detail.status != MOOT_OK ? detail.status
                                      : over_failed(me, w, status, moot__buf_text(&detail));
    moot__buf_release(&detail);
    return rc;
}

/* ---- the checks ---- */

static struct moot_checked checked(const struct moot_work *w)
{
    return (struct moot_checked){w->task, w->scope, w->result};
}

static int after_checking(struct moot_me *me, struct moot_work *w, enum moot_check_end end)
{
    struct moot_checking *k = &w->checking;
    if (end == MOOT_CHECK_GOING)
        return MOOT_OK;
    if (end == MOOT_CHECK_FAILED)
        return over_failed(me, w, k->status, k->detail);
    if (k->mended != NULL) {
        moot__json_free(w->result);
        w->result = k->mended;
        k->mended = NULL;
    }
    if (end == MOOT_CHECK_PASSED)
        return moot__publish_wanted(w->task) && !w->proposal ? publish(me, w) : over_done(me, w);
    int64_t score = moot__verdict_score(k->verdict);
    struct moot_json *verdict = moot__verdict_new(false, k->problems);
    k->problems = NULL;
    if (verdict == NULL || (score >= 0 && moot__json_set_int(verdict, "score", score) != MOOT_OK)) {
        moot__json_free(verdict);
        return MOOT_ENOMEM;
    }
    return over(me, w, "rejected", verdict);
}

/* There is a result: what the host fills in, then the cheap checks, then the others. */
static int on_result(struct moot_me *me, struct moot_work *w)
{
    struct moot_error err = {0};
    int rc = moot__output_fill(&w->task->output, w->scope, &w->result, &err);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK)
        return over_failed(me, w, "error", err.message);
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    if (problems == NULL)
        return MOOT_ENOMEM;
    struct moot_checked now = checked(w);
    rc = moot__check_cheap(&now, problems, &err);
    if (rc == MOOT_OK && moot__json_count(problems) > 0)
        return over_rejected(me, w, problems);
    moot__json_free(problems);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK)
        return over_failed(me, w, "error", err.message);
    moot__sm_move(&w->sm, CHECK);
    enum moot_check_end end = MOOT_CHECK_GOING;
    rc = moot__checking_begin(me, &now, &w->checking, &end);
    return rc != MOOT_OK ? rc : after_checking(me, w, end);
}

/* ---- the steps ---- */

static bool fills_fields(const struct moot_task_def *task)
{
    for (size_t i = 0; i < task->step_count; i++)
        if (task->steps[i].as != NULL)
            return true;
    return false;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a != NULL ? a : b != NULL ? b : c;
}

/* Whose tools: those of the task, else of whoever works it, be it another than the crew file
 * names. */
static void choose_tools(const struct moot_me *me, const struct moot_work *w, struct moot_ask *ask)
{
    const struct moot_agent_def *agent = me->persona->agent;
    const struct moot_task_def *task = w->task;
    bool own = agent == NULL || task->tools != NULL ||
               (task->agent != NULL && strcmp(task->agent, agent->id) == 0);
    bool gives_up = !own && task->says_cannot;
    ask->tools = own ? task->views : gives_up ? agent->talk_views : agent->views;
    ask->tool_count = own        ? task->view_count
                      : gives_up ? agent->talk_view_count
                                 : agent->view_count;
}

static struct moot_ask step_ask(const struct moot_me *me, const struct moot_work *w)
{
    const struct moot_agent_def *agent = me->persona->agent;
    const struct moot_task_def *task = w->task;
    const struct moot_step_def *step = &task->steps[w->step];
    bool last = w->step + 1 == task->step_count;
    struct moot_ask ask = {
        .model = first_of(step->model, task->model, agent != NULL ? agent->model : NULL),
        .tool_choice = first_of(step->tool_choice, task->tool_choice,
                                agent != NULL ? agent->tool_choice : NULL),
        .require_tool = task->require_tool,
        .require_now = last,
        .max_steps = agent != NULL ? agent->max_steps : 0,
        .plan = agent != NULL && agent->plan && w->step == 0 && w->reasks == 0,
    };
    choose_tools(me, w, &ask);
    if (last && !fills_fields(task)) {
        ask.schema = moot__output_schema(&task->output);
        ask.schema_name = ask.schema != NULL ? task->id : NULL;
    }
    return ask;
}

static int begin_step(struct moot_me *me, struct moot_work *w)
{
    struct moot_buf system, user;
    struct moot_error err = {0};
    moot__buf_init(&system, MOOT_MAX_BODY);
    moot__buf_init(&user, MOOT_MAX_BODY);
    int rc = moot__prompt_step(w->task, w->step, w->scope, &user, &err);
    if (rc == MOOT_OK && w->step == 0)
        rc = moot__prompt_system(me->persona->agent, &system);
    if (rc != MOOT_OK) {
        if (rc != MOOT_ENOMEM && err.code == MOOT_OK)
            moot__fail(&err, rc, "the prompt is %s", moot__status_text(rc));
        rc = rc == MOOT_ENOMEM ? rc : over_failed(me, w, "error", err.message);
    } else {
        struct moot_ask ask = step_ask(me, w);
        moot__sm_move(&w->sm, THINK);
        moot__think(me, &ask);
        if (system.len > 0)
            moot__tell(me, MOOT_ADD_SYSTEM, moot__buf_text(&system));
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&user));
    }
    moot__buf_release(&system);
    moot__buf_release(&user);
    return rc;
}

/* The answer is of the wrong shape: it is sent back at once, in the same conversation. */
static int ask_again(struct moot_me *me, struct moot_work *w, const struct moot_buf *problems,
                     bool cut)
{
    const char *field = w->task->steps[w->step].as;
    w->reasks++;
    struct moot_ask ask = step_ask(me, w);
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "Your answer is not usable:\n%s", moot__buf_text(problems));
    if (cut)
        moot__buf_adds(&words, "- it was cut off at the greatest length an answer may have\n");
    moot__buf_addf(&words, "Give %s again, whole and mended, and nothing else.",
                   field != NULL ? field : "the answer");
    moot__sm_move(&w->sm, THINK);
    moot__think(me, &ask);
    int rc = words.status;
    if (rc == MOOT_OK)
        rc = moot__tell(me, MOOT_ADD_USER, moot__buf_text(&words));
    moot__buf_release(&words);
    return rc;
}

/* It stays wrong after all that: then it is rejected as any result that does not pass. */
static int stays_wrong(struct moot_me *me, struct moot_work *w, const struct moot_buf *lines,
                       const char *answer)
{
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    if (problems == NULL)
        return MOOT_ENOMEM;
    int rc = moot__verdict_add_lines(problems, moot__buf_text(lines));
    if (rc == MOOT_OK && w->result == NULL && !w->task->output.given) {
        w->result = moot__json_new_text(answer);
        rc = w->result == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    if (rc != MOOT_OK) {
        moot__json_free(problems);
        return rc;
    }
    return over_rejected(me, w, problems);
}

/* Takes what the step was for out of the answer. */
static int read_answer(struct moot_work *w, const char *answer, struct moot_buf *problems)
{
    const struct moot_output_def *o = &w->task->output;
    const char *field = w->task->steps[w->step].as;
    bool last = w->step + 1 == w->task->step_count;
    if (field == NULL && (!last || w->fields != NULL))
        return MOOT_OK;
    if (field == NULL)
        return moot__output_read(o, answer, &w->result, problems);
    if (w->fields == NULL)
        w->fields = moot__json_new(MOOT_JSON_OBJECT);
    if (w->fields == NULL)
        return MOOT_ENOMEM;
    struct moot_json *value = NULL;
    int rc = moot__output_read_field(o, w->fields, field, answer, &value, problems);
    return rc == MOOT_OK ? moot__json_set(w->fields, field, value) : rc;
}

static int on_answer(struct moot_me *me, struct moot_work *w, const struct moot_thought *end)
{
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    int rc = read_answer(w, end->text, &problems);
    if (rc == MOOT_OK && w->step + 1 < w->task->step_count) {
        w->step++;
        w->reasks = 0;
        rc = begin_step(me, w);
    } else if (rc == MOOT_OK) {
        if (w->fields != NULL) {
            w->result = w->fields;
            w->fields = NULL;
        }
        rc = on_result(me, w);
    } else if (rc != MOOT_ENOMEM && w->reasks < MOOT_OUTPUT_REASKS) {
        rc = ask_again(me, w, &problems, end->cut);
    } else if (rc != MOOT_ENOMEM) {
        rc = stays_wrong(me, w, &problems, end->text);
    }
    moot__buf_release(&problems);
    return rc;
}

/* The worker gives it back: whoever gave it decides what becomes of it. */
static int over_blocked(struct moot_me *me, struct moot_work *w, const char *args)
{
    struct moot_json *said = NULL;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = moot__json_parse(args, strlen(args), &said, NULL);
    const char *reason = moot__json_get_text(said, "reason", "it gave no reason");
    if (rc == MOOT_OK)
        rc = body == NULL ? MOOT_ENOMEM : moot__json_set_text(body, "outcome", "failed");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "stop", "failed");
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "detail", reason);
    if (rc == MOOT_OK)
        rc = moot__json_set_bool(body, "cannot", true);
    moot__json_free(said);
    if (rc != MOOT_OK) {
        moot__json_free(body);
        return rc;
    }
    moot__sm_move(&w->sm, OVER);
    moot__finish(me, body);
    return me->fx->status;
}

/* A form was chosen: its arguments are the result, of this step and of the task. */
static int on_form(struct moot_me *me, struct moot_work *w, const struct moot_thought *end)
{
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    int rc = MOOT_OK;
    if (w->task->output.given)
        rc = moot__output_read(&w->task->output, end->args, &w->result, &problems);
    else
        rc = moot__json_parse(end->args, strlen(end->args), &w->result, NULL);
    if (rc == MOOT_OK)
        rc = on_result(me, w);
    else if (rc != MOOT_ENOMEM && w->reasks < MOOT_OUTPUT_REASKS)
        rc = ask_again(me, w, &problems, false);
    else if (rc != MOOT_ENOMEM)
        rc = stays_wrong(me, w, &problems, end->args);
    moot__buf_release(&problems);
    return rc;
}

int moot__work_thought(struct moot_me *me, struct moot_work *w, const struct moot_thought *end)
{
    MOOT_ASSERT(w->sm.at == THINK);
    if (end->end != MOOT_THOUGHT_REPLY)
        return over_failed(me, w, end->status, end->detail);
    if (end->form != NULL && w->task->says_cannot && strcmp(end->form, MOOT_TOOL_CANNOT) == 0)
        return over_blocked(me, w, end->args);
    return end->form != NULL ? on_form(me, w, end) : on_answer(me, w, end);
}

/* ---- a tool's task ---- */

/* What the program is told beside its arguments: each word with placeholders filled in, as "$1" and
 * so on; the first word is the crew file's alone. */
static int fill_words(const struct moot_work *w, struct moot_json *args, struct moot_error *err)
{
    char *const *words = w->task->command;
    int rc = MOOT_OK;
    for (size_t i = 0; words != NULL && words[i] != NULL && rc == MOOT_OK; i++) {
        if (i == 0 || strchr(words[i], '{') == NULL)
            continue;
        char name[24];
        struct moot_buf word;
        snprintf(name, sizeof(name), "$%zu", i);
        moot__buf_init(&word, MOOT_MAX_BODY);
        rc = moot__template_expand(words[i], w->scope, &word, err);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(args, name, moot__buf_text(&word));
        moot__buf_release(&word);
    }
    return rc;
}

/* A tool without arguments of its own is given the members of the only task it needs that bear a
 * parameter's name. */
static int default_args(const struct moot_me *me, const struct moot_work *w, struct moot_json *args)
{
    const struct moot_tool_def *tool = moot__def_tool(me->persona->crew, w->task->tool);
    char *const *needs = w->task->needs;
    if (tool == NULL || tool->schema == NULL || needs == NULL || needs[0] == NULL ||
        needs[1] != NULL)
        return MOOT_OK;
    const struct moot_json *from = moot__json_get(w->scope, needs[0]);
    const struct moot_json *p =
        moot__json_first(moot__json_get(moot__schema_json(tool->schema), "properties"));
    for (; moot__json_is(from, MOOT_JSON_OBJECT) && p != NULL; p = moot__json_next(p)) {
        const struct moot_json *value = moot__json_get(from, moot__json_key(p));
        if (value != NULL &&
            moot__json_set(args, moot__json_key(p), moot__json_copy(value)) != MOOT_OK)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static int fill_args(const struct moot_me *me, const struct moot_work *w, struct moot_json **out,
                     struct moot_error *err)
{
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    int rc = args == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK && w->task->arg_count == 0)
        rc = default_args(me, w, args);
    for (size_t i = 0; i < w->task->arg_count && rc == MOOT_OK; i++) {
        struct moot_json *value = NULL;
        rc = moot__output_value(w->task->args[i].value, w->scope, &value, err);
        if (rc == MOOT_OK)
            rc = moot__json_set(args, w->task->args[i].name, value);
    }
    if (rc == MOOT_OK)
        rc = fill_words(w, args, err);
    if (rc != MOOT_OK) {
        moot__json_free(args);
        args = NULL;
    }
    *out = args;
    return rc;
}

/* Arguments are checked like a model's: a tool is never started on what it does not take. */
static int check_args(const struct moot_me *me, const struct moot_work *w,
                      const struct moot_json *args, struct moot_error *err)
{
    const struct moot_tool_def *tool = moot__def_tool(me->persona->crew, w->task->tool);
    if (tool == NULL || tool->schema == NULL)
        return MOOT_OK;
    struct moot_buf lines;
    moot__buf_init(&lines, MOOT_SCHEMA_REPORT_MAX);
    int rc = moot__schema_validate(tool->schema, args, &lines, NULL);
    if (lines.status == MOOT_ENOMEM)
        rc = MOOT_ENOMEM;
    if (rc != MOOT_OK && rc != MOOT_ENOMEM)
        rc = moot__fail(err, MOOT_EINVAL, "the arguments of %s are not valid:\n%s", tool->id,
                        moot__buf_text(&lines));
    moot__buf_release(&lines);
    return rc;
}

static int begin_tool(struct moot_me *me, struct moot_work *w)
{
    struct moot_error err = {0};
    struct moot_json *args = NULL;
    int rc = fill_args(me, w, &args, &err);
    if (rc == MOOT_OK)
        rc = check_args(me, w, args, &err);
    if (rc != MOOT_OK) {
        moot__json_free(args);
        if (rc != MOOT_ENOMEM && err.code == MOOT_OK)
            moot__fail(&err, rc, "the arguments are %s", moot__status_text(rc));
        return rc == MOOT_ENOMEM ? rc : over_failed(me, w, "error", err.message);
    }
    char *text = moot__json_string(args);
    moot__json_free(args);
    if (text == NULL)
        return MOOT_ENOMEM;
    moot__sm_move(&w->sm, TOOL);
    w->call_n = moot__call(me, w->task->tool, text);
    free(text);
    return me->fx->status;
}

static int on_tool_result(struct moot_me *me, struct moot_work *w, const struct moot_json *body)
{
    const char *status = moot__json_get_text(body, "status", "error");
    const char *output = moot__json_get_text(body, "output", "");
    if (strcmp(status, "ok") != 0) {
        struct moot_buf detail;
        moot__buf_init(&detail, MOOT_MAX_BODY);
        moot__buf_addf(&detail, "%s: %.30s%s%s", w->task->tool, status,
                       output[0] == '\0' ? "" : ": ", output);
        int rc = detail.status != MOOT_OK ? detail.status
                                          : over_failed(me, w, status, moot__buf_text(&detail));
        moot__buf_release(&detail);
        return rc;
    }
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    int rc;
    if (w->task->output.given) {
        rc = moot__output_read(&w->task->output, output, &w->result, &problems);
    } else {
        /* What a program put out is the result as it is, be it empty. */
        w->result = moot__json_new_text(output);
        rc = w->result == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    if (rc == MOOT_OK)
        rc = on_result(me, w);
    else if (rc != MOOT_ENOMEM)
        rc = stays_wrong(me, w, &problems, output);
    moot__buf_release(&problems);
    return rc;
}

/* ---- a task that is talked out ---- */

/* What is said first: the prompt with all that a step's prompt has. */
static int chat_body(const struct moot_work *w, const char *opening, struct moot_json **out)
{
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *chat = moot__json_new(MOOT_JSON_OBJECT);
    opening += strspn(opening, " \t\r\n");
    int rc = body == NULL || chat == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK && opening[0] != '\0')
        rc = moot__json_set_text(chat, "opening", opening);
    if (rc == MOOT_OK && w->task->chat_turns > 0)
        rc = moot__json_set_int(chat, "turns", w->task->chat_turns);
    if (rc != MOOT_OK) {
        moot__json_free(chat);
        moot__json_free(body);
        return rc;
    }
    rc = moot__json_set(body, "chat", chat);
    if (rc != MOOT_OK)
        moot__json_free(body);
    *out = rc == MOOT_OK ? body : NULL;
    return rc;
}

static int open_chat(struct moot_me *me, struct moot_work *w, const char *opening)
{
    static const char name[] = "chat1";
    struct moot_buf path;
    struct moot_json *body = NULL;
    struct moot_json *input = moot__json_copy(w->scope);
    moot__buf_init(&path, MOOT_MAX_BODY);
    moot__buf_addf(&path, "%s/%s", me->conv, name);
    int rc = input == NULL ? MOOT_ENOMEM : chat_body(w, opening, &body);
    w->chat = rc == MOOT_OK ? moot__buf_take(&path) : NULL;
    moot__buf_release(&path);
    if (w->chat == NULL) {
        moot__json_free(input);
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    moot__sm_move(&w->sm, CHAT);
    moot__open(me, name, MOOT_CHAT_MANAGER, NULL, input, body);
    moot__fx_add_to(me->fx, w->task->chat_with);
    moot__fx_add_to(me->fx, me->agent);
    return me->fx->status;
}

static int begin_chat(struct moot_me *me, struct moot_work *w)
{
    struct moot_buf opening;
    struct moot_error err = {0};
    moot__buf_init(&opening, MOOT_MAX_BODY);
    int rc = moot__prompt_step(w->task, 0, w->scope, &opening, &err);
    if (rc == MOOT_OK)
        rc = open_chat(me, w, moot__buf_text(&opening));
    else if (rc != MOOT_ENOMEM)
        rc = over_failed(me, w, "error", err.code != MOOT_OK ? err.message : moot__status_text(rc));
    moot__buf_release(&opening);
    return rc;
}

/* The expert's answer goes the way of all results. */
static int on_chat_end(struct moot_me *me, struct moot_work *w, const struct moot_json *body)
{
    const char *answer = moot__json_get_text(moot__json_get(body, "result"), "text", "");
    const char *stop = moot__json_get_text(body, "stop", "failed");
    if (strcmp(moot__json_get_text(body, "outcome", "failed"), "done") != 0) {
        const char *status = strcmp(stop, "limit") == 0     ? "limit"
                             : strcmp(stop, "stopped") == 0 ? "cancelled"
                                                            : "error";
        return over_failed(me, w, status, moot__json_get_text(body, "detail", stop));
    }
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    int rc = read_answer(w, answer, &problems);
    if (rc == MOOT_OK)
        rc = on_result(me, w);
    else if (rc != MOOT_ENOMEM)
        rc = stays_wrong(me, w, &problems, answer);
    moot__buf_release(&problems);
    return rc;
}

/* ---- what comes ---- */

/* {output_file} of a command, a task's or a check's. A path that leads nowhere is left to whoever
 * needs it. */
static int name_output_file(struct moot_work *w)
{
    struct moot_buf path;
    if (w->task->output_file == NULL)
        return MOOT_OK;
    moot__buf_init(&path, MOOT_MAX_BODY);
    int rc = moot__template_fill(w->task->output_file, w->scope, &path, NULL);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(w->scope, "output_file", moot__buf_text(&path));
    moot__buf_release(&path);
    return rc == MOOT_ENOMEM ? rc : MOOT_OK;
}

const struct moot_task_def *moot__work_task(const struct moot_me *me, const struct moot_message *m)
{
    const char *last = strrchr(me->conv, '/');
    const struct moot_task_def *task = moot__def_task(me->persona->crew, moot_message_task(m));
    if (moot__json_get_bool(moot_message_json(m), "part", false))
        return me->persona->crew->delegation.part;
    /* An item's own conversation bears a task where it is the only one that is run. */
    if (last == NULL)
        return task;
    last++;
    size_t len = task == NULL ? 0 : strlen(task->id);
    return task != NULL && strncmp(last, task->id, len) == 0 && last[len] == '#' ? task : NULL;
}

int moot__work_begin(struct moot_me *me, struct moot_work *w, const struct moot_task_def *task,
                     const struct moot_message *m)
{
    MOOT_ASSERT(w->task == NULL);
    w->task = task;
    w->proposal = moot__json_get_bool(moot_message_json(m), "proposal", false);
    int rc = moot__input(m, &w->scope);
    if (rc == MOOT_OK && w->scope == NULL) {
        w->scope = moot__json_new(MOOT_JSON_OBJECT);
        rc = w->scope == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    if (rc == MOOT_OK)
        rc = name_output_file(w);
    if (rc != MOOT_OK)
        return rc;
    if (task->tool != NULL)
        return begin_tool(me, w);
    if (task->chat_with != NULL)
        return begin_chat(me, w);
    if (task->step_count > 0)
        return begin_step(me, w);
    return over_failed(me, w, "error", "the task has nothing to do");
}

int moot__work_receive(struct moot_me *me, struct moot_work *w, const struct moot_message *m)
{
    bool result = moot_message_kind(m) == MOOT_TOOL_RESULT && moot__answers(me, m, w->call_n);
    if (w->sm.at == CHAT && moot__ends(m, w->chat))
        return on_chat_end(me, w, moot_message_json(m));
    if (w->sm.at == TOOL && result)
        return on_tool_result(me, w, moot_message_json(m));
    if (w->sm.at == PUBLISH && result)
        return on_published(me, w, moot_message_json(m));
    if (w->sm.at != CHECK)
        return MOOT_OK;
    enum moot_check_end end = MOOT_CHECK_GOING;
    struct moot_checked now = checked(w);
    int rc = moot__checking_receive(me, &now, &w->checking, m, &end);
    return rc != MOOT_OK ? rc : after_checking(me, w, end);
}

void moot__work_digest(const struct moot_work *w, const struct moot_digest *d)
{
    moot__digest_int(d, w->sm.at);
    moot__digest_text(d, w->task == NULL ? NULL : w->task->id);
    moot__digest_json(d, w->scope);
    moot__digest_int(d, (int64_t)w->step);
    moot__digest_int(d, w->reasks);
    moot__digest_json(d, w->fields);
    moot__digest_json(d, w->result);
    moot__digest_int(d, w->call_n);
    moot__digest_text(d, w->chat);
    moot__digest_int(d, w->proposal);
    moot__checking_digest(&w->checking, d);
}
