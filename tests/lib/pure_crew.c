#include "tests/lib/pure_crew.h"

#include "roles/crew_build.h"
#include "roles/speakers.h"
#include "roles/termination.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static char *copy_of(const char *text)
{
    return text == NULL ? NULL : moot__copy(text, strlen(text));
}

static char *text_of(const struct moot_json *j, const char *key)
{
    return copy_of(moot__json_get_text(j, key, NULL));
}

/* NULL when the member is missing and `absent` says so. */
static char **texts_of(const struct moot_json *j, const char *key, bool absent)
{
    const struct moot_json *list = moot__json_get(j, key);
    if (list == NULL && absent)
        return NULL;
    char **texts = calloc(moot__json_count(list) + 1, sizeof(*texts));
    size_t i = 0;
    for (const struct moot_json *t = moot__json_first(list); t != NULL; t = moot__json_next(t))
        texts[i++] = copy_of(moot__json_text(t));
    return texts;
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}

static struct moot_template *template_of(const char *text)
{
    struct moot_template *t = NULL;
    struct moot_error err = {0};
    if (text != NULL && moot__template_parse(text, strlen(text), &t, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return t;
}

static struct moot_regex *regex_of(const char *text)
{
    struct moot_regex *re = NULL;
    struct moot_error err = {0};
    if (moot__regex_compile(text, &re, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return re;
}

static struct moot_expr *expr_of(const char *text)
{
    struct moot_expr *e = NULL;
    struct moot_error err = {0};
    if (text != NULL && moot__expr_parse(text, strlen(text), &e, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return e;
}

static void make_agent(const struct moot_json *j, struct moot_agent_def *a)
{
    const char *kind = moot__json_get_text(j, "kind", "");
    const char *input = moot__json_get_text(j, "human_input", "never");
    a->id = text_of(j, "id");
    a->kind = strcmp(kind, "judge") == 0        ? MOOT_JUDGE_AGENT
              : strcmp(kind, "user_proxy") == 0 ? MOOT_USER_PROXY_AGENT
                                                : MOOT_ASSISTANT_AGENT;
    a->human_input = strcmp(input, "always") == 0      ? MOOT_INPUT_ALWAYS
                     : strcmp(input, "terminate") == 0 ? MOOT_INPUT_TERMINATE
                                                       : MOOT_INPUT_NEVER;
    a->max_auto_replies = moot__json_get_int(j, "max_auto_replies", 100);
    a->code_execution = moot__json_get_bool(j, "code_execution", false);
    a->talk_tools = texts_of(j, "talk_tools", true);
    a->role = text_of(j, "role");
    a->goal = text_of(j, "goal");
    a->backstory = text_of(j, "backstory");
    a->system_message = text_of(j, "system_message");
    a->model = text_of(j, "model");
    a->tools = texts_of(j, "tools", true);
    a->tool_choice = text_of(j, "tool_choice");
    a->plan = moot__json_get_bool(j, "plan", false);
    a->max_steps = moot__json_get_int(j, "max_steps", 0);
    assert_int_equal(moot__build_view(moot__json_get(j, "view"), &a->view), MOOT_OK);
    moot__build_compaction(moot__json_get(j, "compaction"), &a->compaction);
}

static void make_tool(const struct moot_json *j, struct moot_tool_def *t)
{
    struct moot_error err = {0};
    const struct moot_json *parameters = moot__json_get(j, "parameters");
    t->id = text_of(j, "id");
    t->description = copy_of(moot__json_get_text(j, "description", ""));
    t->is_form = moot__json_get_bool(j, "form", false);
    t->asks = moot__json_get_bool(j, "asks", false);
    t->parameters =
        parameters == NULL ? copy_of("{\"type\":\"object\"}") : moot__json_string(parameters);
    if (moot__schema_compile_text(t->parameters, strlen(t->parameters), &t->schema, &err) !=
        MOOT_OK)
        fail_msg("%s: %s", t->parameters, err.message);
}

static void make_output(const struct moot_json *shape, struct moot_output_def *o)
{
    struct moot_error err = {0};
    if (shape == NULL)
        return;
    o->given = true;
    o->has_form = true;
    if (moot__shortform_compile(shape, &o->form, &err) != MOOT_OK ||
        moot__schema_compile(o->form.whole, &o->schema, &err) != MOOT_OK ||
        moot__schema_compile(o->form.schema, &o->ask, &err) != MOOT_OK)
        fail_msg("output: %s", err.message);
    o->ask_text = moot__json_string(o->form.schema);
    o->filled_count = moot__json_count(o->form.filled);
    o->filled = calloc(o->filled_count + 1, sizeof(struct moot_template *));
    o->filled_names = calloc(o->filled_count + 1, sizeof(char *));
    size_t i = 0;
    for (const struct moot_json *f = moot__json_first(o->form.filled); f != NULL;
         f = moot__json_next(f)) {
        o->filled[i] = template_of(moot__json_text(f));
        o->filled_names[i++] = copy_of(moot__json_key(f));
    }
}

static enum moot_unit unit_of(const char *word)
{
    static const char *const units[] = {"words", "characters", "tokens", "items"};
    for (size_t i = 0; i < MOOT_COUNT(units); i++)
        if (strcmp(units[i], word) == 0)
            return (enum moot_unit)i;
    fail_msg("no unit: %s", word);
    return MOOT_WORDS;
}

static void make_check(const struct moot_json *j, struct moot_check_def *c)
{
    const struct moot_json *length = moot__json_get(j, "length");
    c->of = text_of(j, "of");
    c->otherwise = text_of(j, "else");
    c->criteria = texts_of(j, "criteria", true);
    c->sees = texts_of(j, "sees", true);
    c->max = -1;
    if (moot__json_get(j, "that") != NULL) {
        c->kind = MOOT_CHECK_THAT;
        c->source = text_of(j, "that");
        c->that = expr_of(c->source);
    } else if (moot__json_get(j, "pattern") != NULL || moot__json_get(j, "none") != NULL) {
        c->kind = moot__json_get(j, "none") != NULL ? MOOT_CHECK_NONE : MOOT_CHECK_PATTERN;
        c->regex =
            regex_of(moot__json_get_text(j, c->kind == MOOT_CHECK_NONE ? "none" : "pattern", ""));
    } else if (length != NULL) {
        c->kind = MOOT_CHECK_LENGTH;
        moot__json_int(moot__json_at(length, 0), &c->min);
        moot__json_int(moot__json_at(length, 1), &c->max);
        c->unit = unit_of(moot__json_text(moot__json_at(length, 2)));
    } else if (moot__json_get(j, "file") != NULL) {
        c->kind = MOOT_CHECK_FILE;
        c->file = template_of(moot__json_get_text(j, "file", ""));
    } else if (moot__json_get(j, "command") != NULL) {
        c->kind = MOOT_CHECK_COMMAND;
        c->command = texts_of(j, "command", false);
    } else if (moot__json_get(j, "judge") != NULL) {
        c->kind = MOOT_CHECK_JUDGE;
        c->judge = text_of(j, "judge");
    } else {
        c->kind = MOOT_CHECK_PERSON;
        c->people = moot__json_is(moot__json_get(j, "person"), MOOT_JSON_ARRAY)
                        ? texts_of(j, "person", false)
                        : NULL;
    }
}

/* ---- what a task uses, when it is not said ---- */

static int add_use(void *arg, const struct moot_template_slot *slot)
{
    struct moot_task_def *t = arg;
    size_t count = 0;
    while (t->uses[count] != NULL)
        count++;
    t->uses = realloc(t->uses, (count + 2) * sizeof(char *));
    t->uses[count] = copy_of(slot->path);
    t->uses[count + 1] = NULL;
    return 0;
}

static void derive_uses(struct moot_task_def *t)
{
    t->uses = calloc(1, sizeof(char *));
    for (size_t i = 0; i < t->step_count; i++)
        moot__template_each(t->steps[i].prompt, add_use, t);
    for (size_t i = 0; i < t->arg_count; i++)
        moot__template_each(t->args[i].value, add_use, t);
    for (size_t i = 0; i < t->output.filled_count; i++)
        moot__template_each(t->output.filled[i], add_use, t);
}

static void make_steps(const struct moot_json *j, struct moot_task_def *t)
{
    const struct moot_json *steps = moot__json_get(j, "steps");
    const char *prompt = moot__json_get_text(j, "prompt", NULL);
    t->step_count = prompt != NULL ? 1 : moot__json_count(steps);
    t->steps = calloc(t->step_count + 1, sizeof(*t->steps));
    if (prompt != NULL)
        t->steps[0].prompt = template_of(prompt);
    size_t i = 0;
    for (const struct moot_json *s = moot__json_first(steps); prompt == NULL && s != NULL;
         s = moot__json_next(s), i++) {
        t->steps[i].prompt = template_of(moot__json_get_text(s, "prompt", ""));
        t->steps[i].as = text_of(s, "as");
        t->steps[i].model = text_of(s, "model");
        t->steps[i].tool_choice = text_of(s, "tool_choice");
    }
}

static enum moot_on_exhausted exhausted_of(const char *word)
{
    return strcmp(word, "ask") == 0    ? MOOT_EXHAUSTED_ASK
           : strcmp(word, "best") == 0 ? MOOT_EXHAUSTED_BEST
                                       : MOOT_EXHAUSTED_FAIL;
}

static void make_task(const struct moot_json *j, struct moot_task_def *t)
{
    const struct moot_json *args = moot__json_get(j, "args");
    const struct moot_json *checks = moot__json_get(j, "checks");
    t->id = text_of(j, "id");
    t->tool = text_of(j, "tool");
    t->command = texts_of(j, "command", true);
    t->agent = copy_of(moot__json_get_text(j, "agent", t->tool != NULL ? "runner" : ""));
    make_steps(j, t);
    t->chat_with = text_of(j, "chat_with");
    t->arg_count = moot__json_count(args);
    t->args = calloc(t->arg_count + 1, sizeof(*t->args));
    size_t i = 0;
    for (const struct moot_json *a = moot__json_first(args); a != NULL; a = moot__json_next(a)) {
        t->args[i].name = copy_of(moot__json_key(a));
        t->args[i++].value = template_of(moot__json_text(a));
    }
    t->expected_output = text_of(j, "expected_output");
    t->model = text_of(j, "model");
    t->tools = texts_of(j, "tools", true);
    t->tool_choice = text_of(j, "tool_choice");
    t->needs = texts_of(j, "needs", false);
    t->shown = texts_of(j, "shown", false);
    t->when = expr_of(moot__json_get_text(j, "when", NULL));
    make_output(moot__json_get(j, "output"), &t->output);
    t->check_count = moot__json_count(checks);
    t->checks = calloc(t->check_count + 1, sizeof(*t->checks));
    i = 0;
    for (const struct moot_json *c = moot__json_first(checks); c != NULL; c = moot__json_next(c))
        make_check(c, &t->checks[i++]);
    t->attempts = moot__json_get_int(j, "attempts", 2);
    t->on_reject = copy_of(moot__json_get_text(j, "on_reject", t->id));
    t->on_exhausted = exhausted_of(moot__json_get_text(j, "on_exhausted", "fail"));
    t->review = moot__json_get_bool(j, "review", false);
    t->reviewers = texts_of(j, "reviewers", true);
    t->require_tool = text_of(j, "require_tool");
    t->output_file = template_of(moot__json_get_text(j, "output_file", NULL));
    t->uses = texts_of(j, "uses", true);
    if (t->uses == NULL)
        derive_uses(t);
}

/* ---- conversations ---- */

static void make_talk(const struct moot_json *j, struct moot_crew_def *crew)
{
    struct moot_talk_def *t = &crew->talk;
    struct moot_error err = {0};
    char *members[64];
    t->start = text_of(j, "start");
    t->on_no_handoff = text_of(j, "on_no_handoff");
    t->manager_prompt = text_of(j, "manager_prompt");
    t->max_stalls = moot__json_get_int(j, "max_stalls", 3);
    crew->limits.turns = moot__json_get_int(j, "turns", 0);
    t->opening = template_of(moot__json_get_text(j, "opening", NULL));
    if (moot__json_get(j, "termination") != NULL)
        assert_int_equal(
            moot__condition_build(moot__json_get(j, "termination"), &t->termination, &err), 0);
    t->speakers = calloc(1, sizeof(*t->speakers));
    assert_int_equal(moot__speakers_build(moot__json_get(j, "group_chat"), t->speakers, &err), 0);
    for (size_t i = 0; i < crew->agent_count; i++)
        members[i] = crew->agents[i].id;
    assert_int_equal(moot__speakers_schemas(t->speakers, members, crew->agent_count), 0);
}

void pure_crew_talk(struct moot_crew_def *crew, const char *settings)
{
    struct moot_json *j = read_json(settings);
    make_talk(j, crew);
    moot__json_free(j);
}

static void free_talk(struct moot_talk_def *t)
{
    free(t->start);
    free(t->on_no_handoff);
    free(t->manager_prompt);
    moot__template_free(t->opening);
    moot__condition_free(t->termination);
    if (t->speakers != NULL)
        moot__speakers_release(t->speakers);
    free(t->speakers);
}

struct moot_crew_def *pure_crew_make(const char *json)
{
    struct moot_json *j = read_json(json);
    struct moot_crew_def *crew = calloc(1, sizeof(*crew));
    const struct moot_json *agents = moot__json_get(j, "agents");
    const struct moot_json *tasks = moot__json_get(j, "tasks");
    const struct moot_json *tools = moot__json_get(j, "tools");
    crew->name = copy_of("test");
    crew->goal = text_of(j, "goal");
    assert_int_equal(moot__build_models(moot__json_get(j, "models"), crew), MOOT_OK);
    crew->process = copy_of(moot__json_get_text(j, "process", "graph"));
    crew->item_name = copy_of(moot__json_get_text(j, "item", "input"));
    crew->date = copy_of("2026-11-25");
    crew->agents = calloc(moot__json_count(agents) + 1, sizeof(*crew->agents));
    crew->tasks = calloc(moot__json_count(tasks) + 1, sizeof(*crew->tasks));
    crew->tools = calloc(moot__json_count(tools) + 1, sizeof(*crew->tools));
    for (const struct moot_json *a = moot__json_first(agents); a != NULL; a = moot__json_next(a))
        make_agent(a, &crew->agents[crew->agent_count++]);
    for (const struct moot_json *t = moot__json_first(tools); t != NULL; t = moot__json_next(t))
        make_tool(t, &crew->tools[crew->tool_count++]);
    for (const struct moot_json *t = moot__json_first(tasks); t != NULL; t = moot__json_next(t)) {
        struct moot_task_def *made = &crew->tasks[crew->task_count++];
        make_task(t, made);
        if (moot__json_get(t, "vote") != NULL)
            assert_int_equal(moot__build_vote(moot__json_get(t, "vote"),
                                              moot__json_get_text(t, "author", NULL), crew,
                                              &made->vote),
                             MOOT_OK);
    }
    if (moot__json_get(j, "talk") != NULL)
        make_talk(moot__json_get(j, "talk"), crew);
    moot__json_free(j);
    assert_int_equal(moot__def_views(crew), MOOT_OK);
    return crew;
}

/* ---- freeing ---- */

static void free_agent(struct moot_agent_def *a)
{
    free(a->id);
    free(a->role);
    free(a->goal);
    free(a->backstory);
    free(a->system_message);
    free(a->model);
    free_texts(a->tools);
    free_texts(a->talk_tools);
    free_texts(a->view.from);
    free(a->tool_choice);
}

static void free_output(struct moot_output_def *o)
{
    for (size_t i = 0; i < o->filled_count; i++) {
        moot__template_free(o->filled[i]);
        free(o->filled_names[i]);
    }
    free(o->filled);
    free(o->filled_names);
    free(o->ask_text);
    moot__schema_free(o->schema);
    moot__schema_free(o->ask);
    if (o->has_form)
        moot__shortform_release(&o->form);
}

static void free_check(struct moot_check_def *c)
{
    free(c->source);
    moot__expr_free(c->that);
    free(c->otherwise);
    moot__regex_free(c->regex);
    free(c->of);
    moot__template_free(c->file);
    free_texts(c->command);
    free(c->judge);
    free_texts(c->criteria);
    free_texts(c->sees);
    free_texts(c->people);
}

static void free_task(struct moot_task_def *t)
{
    for (size_t i = 0; i < t->step_count; i++) {
        moot__template_free(t->steps[i].prompt);
        free(t->steps[i].as);
        free(t->steps[i].model);
        free(t->steps[i].tool_choice);
    }
    for (size_t i = 0; i < t->arg_count; i++) {
        free(t->args[i].name);
        moot__template_free(t->args[i].value);
    }
    for (size_t i = 0; i < t->check_count; i++)
        free_check(&t->checks[i]);
    free(t->steps);
    free(t->args);
    free(t->checks);
    free(t->id);
    free(t->agent);
    free(t->chat_with);
    free(t->tool);
    free(t->expected_output);
    free(t->model);
    free(t->tool_choice);
    free(t->on_reject);
    free(t->require_tool);
    free_texts(t->command);
    free_texts(t->tools);
    free_texts(t->needs);
    free_texts(t->shown);
    free_texts(t->uses);
    free_texts(t->reviewers);
    moot__expr_free(t->when);
    moot__template_free(t->output_file);
    free_output(&t->output);
    moot__build_vote_release(t->vote);
}

void pure_crew_free(struct moot_crew_def *crew)
{
    moot__def_release_views(crew);
    for (size_t i = 0; i < crew->agent_count; i++)
        free_agent(&crew->agents[i]);
    for (size_t i = 0; i < crew->task_count; i++)
        free_task(&crew->tasks[i]);
    for (size_t i = 0; i < crew->tool_count; i++) {
        free(crew->tools[i].id);
        free(crew->tools[i].description);
        free(crew->tools[i].parameters);
        moot__schema_free(crew->tools[i].schema);
    }
    moot__build_models_release(crew);
    free_talk(&crew->talk);
    free(crew->agents);
    free(crew->tasks);
    free(crew->tools);
    free(crew->name);
    free(crew->goal);
    free(crew->process);
    free(crew->item_name);
    free(crew->date);
    free(crew);
}
