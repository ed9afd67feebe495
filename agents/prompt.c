#include "agents/prompt.h"

#include "runtime/scope.h"

int moot__prompt_system(const struct moot_agent_def *agent, struct moot_buf *out)
{
    if (agent == NULL)
        return MOOT_OK;
    if (agent->system_message != NULL)
        return moot__buf_adds(out, agent->system_message);
    if (agent->role != NULL)
        moot__buf_addf(out, "Your role: %s\n", agent->role);
    if (agent->goal != NULL)
        moot__buf_addf(out, "Your goal: %s\n", agent->goal);
    if (agent->backstory != NULL)
        moot__buf_addf(out, "%s%s\n", out->len > 0 ? "\n" : "", agent->backstory);
    if (out->len > 0)
        moot__buf_truncate(out, out->len - 1);
    return out->status;
}

const char *moot__prompt_goal(const struct moot_crew_def *crew, const struct moot_agent_def *agent)
{
    if (agent->goal != NULL || agent->kind != MOOT_USER_PROXY_AGENT)
        return agent->goal;
    return strcmp(crew->process, "pair") == 0 ? NULL : crew->goal;
}

/* A goal that is not reached by talking must not be talked to its end: it says what it sees. */
static void add_proxy(const struct moot_agent_def *agent, const char *goal, char *const *peers,
                      struct moot_buf *out)
{
    bool one = peers[0] != NULL && peers[1] == NULL;
    if (agent->role != NULL)
        moot__buf_addf(out, "Your role: %s\n", agent->role);
    if (agent->backstory != NULL)
        moot__buf_addf(out, "%s\n", agent->backstory);
    moot__buf_addf(out,
                   "%sYou speak for a person who wants this:\n%s\n\n"
                   "You talk with %s, who %s the work and does not know what is wanted. Say it in "
                   "your own words, a piece at a time. Look at what comes back: say what is wrong "
                   "with it, what is missing, what would make it better. Do not do the work "
                   "yourself. When all that is wanted is there and you have seen that it works, "
                   "call finish with the result; until then do not thank and do not say goodbye.",
                   out->len > 0 ? "\n" : "", goal, one ? peers[0] : "others", one ? "does" : "do");
}

static void add_peers(const struct moot_crew_def *crew, const struct moot_agent_def *agent,
                      char *const *peers, struct moot_buf *out)
{
    moot__buf_addf(out, "%sYou are %s, in a conversation with", out->len > 0 ? "\n\n" : "",
                   agent->id);
    for (size_t i = 0; peers[i] != NULL; i++) {
        const struct moot_agent_def *peer = moot__def_agent(crew, peers[i]);
        moot__buf_addf(out, "%s %s", i == 0 ? "" : ",", peers[i]);
        if (peer != NULL && peer->role != NULL)
            moot__buf_addf(out, " (%s)", peer->role);
    }
    moot__buf_adds(out, ". What they say comes with their name before it. Say your own part only, "
                        "without your name.");
}

int moot__prompt_talk(const struct moot_crew_def *crew, const struct moot_agent_def *agent,
                      char *const *peers, struct moot_buf *out)
{
    if (agent->system_message != NULL)
        return moot__buf_adds(out, agent->system_message);
    const char *goal = moot__prompt_goal(crew, agent);
    if (agent->kind == MOOT_USER_PROXY_AGENT && goal != NULL)
        add_proxy(agent, goal, peers, out);
    else
        moot__prompt_system(agent, out);
    if (peers[0] != NULL && peers[1] != NULL)
        add_peers(crew, agent, peers, out);
    return out->status;
}

int moot__prompt_value(const struct moot_json *value, struct moot_buf *out)
{
    if (value == NULL || moot__json_is(value, MOOT_JSON_NULL))
        return moot__buf_adds(out, "(nothing)");
    if (moot__json_is(value, MOOT_JSON_STRING))
        return moot__buf_adds(out, moot__json_text(value));
    return moot__json_write_pretty(value, out);
}

int moot__prompt_problems(const struct moot_json *problems, struct moot_buf *out)
{
    int i = 0;
    for (const struct moot_json *p = moot__json_first(problems); p != NULL;
         p = moot__json_next(p)) {
        const char *quote = moot__json_get_text(p, "quote", "");
        const char *criterion = moot__json_get_text(p, "criterion", "");
        moot__buf_addf(out, "%s%d. %s", i == 0 ? "" : "\n", i + 1,
                       moot__json_get_text(p, "what", ""));
        if (quote[0] != '\0')
            moot__buf_addf(out, " (\"%s\")", quote);
        if (criterion[0] != '\0')
            moot__buf_addf(out, " [%s]", criterion);
        i++;
    }
    return out->status;
}

/* ---- what a prompt names ---- */

struct word_search {
    const char *word;
    bool found;
};

static int look_for_word(void *arg, const struct moot_template_slot *slot)
{
    struct word_search *s = arg;
    size_t len = strlen(s->word);
    if (strncmp(slot->path, s->word, len) == 0 &&
        (slot->path[len] == '\0' || slot->path[len] == '.'))
        s->found = true;
    return 0;
}

static bool names(const struct moot_task_def *task, const char *word)
{
    struct word_search s = {word, false};
    for (size_t i = 0; i < task->step_count; i++)
        moot__template_each(task->steps[i].prompt, look_for_word, &s);
    return s.found;
}

/* ---- the parts ---- */

static void add_shown(const struct moot_task_def *task, const struct moot_json *scope,
                      struct moot_buf *out)
{
    for (size_t i = 0; task->shown != NULL && task->shown[i] != NULL; i++) {
        const struct moot_json *value = moot__json_get(scope, task->shown[i]);
        if (moot__scope_empty(value))
            continue;
        moot__buf_addf(out, "\n\nThe result of %s:\n", task->shown[i]);
        moot__prompt_value(value, out);
    }
}

/* What a manager adds of its own, and what it hands over beside the task's own input. */
static void add_manager(const struct moot_json *scope, struct moot_buf *out)
{
    const struct moot_json *from = moot__json_get(scope, MOOT_SCOPE_MANAGER);
    const struct moot_json *given = moot__json_get(from, "given");
    for (const struct moot_json *g = moot__json_first(given); g != NULL; g = moot__json_next(g)) {
        moot__buf_addf(out, "\n\n%s:\n", moot__json_key(g) != NULL ? moot__json_key(g) : "Given");
        moot__prompt_value(g, out);
    }
    const char *instruction = moot__json_get_text(from, "instruction", "");
    if (instruction[0] != '\0')
        moot__buf_addf(out, "\n\nFrom your manager:\n%s", instruction);
    const struct moot_json *criteria = moot__json_get(from, "criteria");
    for (const struct moot_json *c = moot__json_first(criteria); c != NULL; c = moot__json_next(c))
        moot__buf_addf(out, "%s- %s",
                       moot__json_first(criteria) == c ? "\n\nIt is accepted if:\n" : "\n",
                       moot__json_text(c) != NULL ? moot__json_text(c) : "");
}

/* A try that was sent back: this task's own, or that of a task which builds on it. */
static void add_retry(const struct moot_task_def *task, const struct moot_json *scope,
                      struct moot_buf *out)
{
    const char *report = moot__json_get_text(scope, "report", "");
    if (report[0] == '\0')
        return;
    const struct moot_json *previous = moot__json_get(scope, "previous");
    const char *rejected = moot__json_get_text(scope, "rejected", task->id);
    bool own = strcmp(rejected, task->id) == 0;
    if (previous != NULL) {
        moot__buf_adds(out, own ? "\n\nYour last attempt was sent back. It was:\n"
                                : "\n\nYour last result was:\n");
        moot__prompt_value(previous, out);
    }
    if (!names(task, "report")) {
        if (own)
            moot__buf_adds(out, "\n\nWhy it was sent back:\n");
        else
            moot__buf_addf(out, "\n\nWhat was made of it, %s, was sent back for this:\n", rejected);
        moot__buf_adds(out, report);
    }
    if (!names(task, "attempt"))
        moot__buf_addf(out, "\n\nThis is attempt %lld. %s",
                       (long long)moot__json_get_int(scope, "attempt", 2),
                       task->step_count > 1 ? "Mend that in all that follows."
                                            : "Give the whole result again, mended.");
}

static bool fills_fields(const struct moot_task_def *task)
{
    for (size_t i = 0; i < task->step_count; i++)
        if (task->steps[i].as != NULL)
            return true;
    return false;
}

/* The shape is said in words too: an endpoint that only forces it leaves the model to guess what
 * the fields mean. */
static void add_shape(const struct moot_task_def *task, struct moot_buf *out)
{
    const struct moot_output_def *o = &task->output;
    if (task->expected_output != NULL)
        moot__buf_addf(out, "\n\nExpected output: %s", task->expected_output);
    if (!o->given || o->ask_text == NULL || fills_fields(task))
        return;
    if (!o->has_form || !o->form.scalar)
        moot__buf_addf(out,
                       "\n\nAnswer with JSON that fits this JSON Schema, and with nothing else:\n"
                       "%s",
                       o->ask_text);
    else if (o->form.capture == NULL)
        moot__buf_addf(out, "\n\nAnswer with the value alone. It must fit this JSON Schema:\n%s",
                       o->ask_text);
}

int moot__prompt_step(const struct moot_task_def *task, size_t i, const struct moot_json *scope,
                      struct moot_buf *out, struct moot_error *err)
{
    MOOT_ASSERT(i < task->step_count);
    int rc = moot__template_fill(task->steps[i].prompt, scope, out, err);
    if (rc != MOOT_OK)
        return rc;
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        moot__buf_truncate(out, out->len - 1);
    if (i == 0) {
        add_shown(task, scope, out);
        add_manager(scope, out);
        add_retry(task, scope, out);
    }
    if (i + 1 == task->step_count)
        add_shape(task, out);
    return out->status;
}

int moot__prompt_seen(const struct moot_task_def *task, const struct moot_json *scope,
                      struct moot_buf *out, struct moot_error *err)
{
    for (size_t i = 0; i < task->step_count; i++) {
        if (i > 0)
            moot__buf_adds(out, "\n\n");
        int rc = moot__template_fill(task->steps[i].prompt, scope, out, err);
        if (rc != MOOT_OK)
            return rc;
    }
    add_shown(task, scope, out);
    add_manager(scope, out);
    return out->status;
}
