#include "roles/crew_build.h"

#include "roles/crew_load.h"

/* A growing set of words, kept in the order of coming. */
struct words {
    char **list; /* NULL-terminated */
    size_t count;
    int status;
};

static void words_add(struct words *w, const char *text, size_t len)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strlen(w->list[i]) == len && memcmp(w->list[i], text, len) == 0)
            return;
    }
    char **list = realloc(w->list, (w->count + 2) * sizeof(char *));
    if (list == NULL) {
        w->status = MOOT_ENOMEM;
        return;
    }
    w->list = list;
    list[w->count] = moot__copy(text, len);
    if (list[w->count] == NULL)
        w->status = MOOT_ENOMEM;
    else
        w->count++;
    list[w->count] = NULL;
}

static int words_slot(void *arg, const struct moot_template_slot *slot)
{
    struct words *w = arg;
    words_add(w, slot->path, strlen(slot->path));
    return w->status;
}

static int words_path(void *arg, const char *path, size_t offset)
{
    struct words *w = arg;
    (void)offset;
    words_add(w, path, strlen(path));
    return w->status;
}

static int parse_template(const char *text, struct words *uses, struct moot_template **out,
                          struct moot_error *err)
{
    int status = moot__template_parse(text, strlen(text), out, err);
    return status == MOOT_OK ? moot__template_each(*out, words_slot, uses) : status;
}

static int parse_expr(const char *text, struct words *uses, struct moot_expr **out,
                      struct moot_error *err)
{
    int status = moot__expr_parse(text, strlen(text), out, err);
    return status == MOOT_OK ? moot__expr_paths(*out, words_path, uses) : status;
}

static int build_step(const struct moot_json *entry, struct words *uses, struct moot_step_def *s,
                      struct moot_error *err)
{
    int status = moot__build_text(entry, "as", &s->as);
    status |= moot__build_text(entry, "tool_choice", &s->tool_choice);
    status |= moot__build_text(entry, "model", &s->model);
    if (status != MOOT_OK)
        return status;
    return parse_template(moot__json_get_text(entry, "prompt", ""), uses, &s->prompt, err);
}

static int build_steps(const struct moot_json *entry, struct words *uses, struct moot_task_def *t,
                       struct moot_error *err)
{
    const struct moot_json *steps = moot__json_get(entry, "steps");
    const char *prompt = moot__json_get_text(entry, "prompt", NULL);
    const struct moot_json *chat = moot__json_get(entry, "chat");
    if (chat != NULL)
        prompt = moot__json_get_text(chat, "opening", "");
    size_t count = prompt != NULL ? 1 : moot__json_count(steps);
    if (count == 0)
        return MOOT_OK;
    t->steps = calloc(count, sizeof(*t->steps));
    if (t->steps == NULL)
        return MOOT_ENOMEM;
    if (prompt != NULL) {
        t->step_count = 1;
        return parse_template(prompt, uses, &t->steps[0].prompt, err);
    }
    int status = MOOT_OK;
    for (const struct moot_json *e = moot__json_first(steps); e != NULL && status == MOOT_OK;
         e = moot__json_next(e))
        status = build_step(e, uses, &t->steps[t->step_count++], err);
    return status;
}

static int build_args(const struct moot_json *args, struct words *uses, struct moot_task_def *t,
                      struct moot_error *err)
{
    size_t count = moot__json_count(args);
    if (count == 0)
        return MOOT_OK;
    t->args = calloc(count, sizeof(*t->args));
    if (t->args == NULL)
        return MOOT_ENOMEM;
    int status = MOOT_OK;
    for (const struct moot_json *e = moot__json_first(args); e != NULL && status == MOOT_OK;
         e = moot__json_next(e)) {
        struct moot_arg_def *a = &t->args[t->arg_count++];
        status = moot__build_text(e, "name", &a->name);
        const char *value = moot__json_get_text(e, "value", NULL);
        if (value == NULL)
            return moot__fail(err, MOOT_EUNSUPPORTED, "argument '%s' is a list: not yet here",
                              a->name != NULL ? a->name : "");
        if (status == MOOT_OK)
            status = parse_template(value, uses, &a->value, err);
    }
    return status;
}

static int build_filled(struct moot_output_def *o, struct words *uses, struct moot_error *err)
{
    size_t count = moot__json_count(o->form.filled);
    if (count == 0)
        return MOOT_OK;
    o->filled = calloc(count, sizeof(struct moot_template *));
    o->filled_names = calloc(count + 1, sizeof(char *));
    if (o->filled == NULL || o->filled_names == NULL)
        return MOOT_ENOMEM;
    int status = MOOT_OK;
    const struct moot_json *e = moot__json_first(o->form.filled);
    for (; e != NULL && status == MOOT_OK; e = moot__json_next(e)) {
        size_t i = o->filled_count++;
        o->filled_names[i] = strdup(moot__json_key(e));
        status = o->filled_names[i] != NULL
                     ? parse_template(moot__json_text(e), uses, &o->filled[i], err)
                     : MOOT_ENOMEM;
    }
    return status;
}

static int build_output(const struct moot_json *entry, struct words *uses,
                        struct moot_output_def *o, struct moot_error *err)
{
    const struct moot_json *resolved = moot__json_get(entry, "output");
    const char *schema = moot__json_get_text(entry, "output_schema", NULL);
    if (resolved == NULL && schema == NULL)
        return MOOT_OK;
    o->given = true;
    if (schema != NULL) {
        o->ask_text = strdup(schema);
        int status = o->ask_text != NULL ? MOOT_OK : MOOT_ENOMEM;
        if (status == MOOT_OK)
            status = moot__schema_compile_text(schema, strlen(schema), &o->schema, err);
        if (status == MOOT_OK)
            status = moot__schema_compile_text(schema, strlen(schema), &o->ask, err);
        return status;
    }
    struct moot_json *shape = moot__crew_shape(resolved);
    int status = shape != NULL ? moot__shortform_compile(shape, &o->form, err) : MOOT_ENOMEM;
    moot__json_free(shape);
    if (status != MOOT_OK)
        return status;
    o->has_form = true;
    status = moot__schema_compile(o->form.whole, &o->schema, err);
    if (status == MOOT_OK)
        status = moot__schema_compile(o->form.schema, &o->ask, err);
    if (status == MOOT_OK) {
        o->ask_text = moot__json_string(o->form.schema);
        status = o->ask_text != NULL ? build_filled(o, uses, err) : MOOT_ENOMEM;
    }
    return status;
}

static int build_length(const struct moot_json *entry, struct moot_check_def *c)
{
    static const char *const units[] = {"words", "characters", "tokens", "items"};
    const struct moot_json *length = moot__json_get(entry, "length");
    c->kind = MOOT_CHECK_LENGTH;
    c->min = moot__json_get_int(length, "min", 0);
    c->max = moot__json_get_int(length, "max", -1);
    const char *unit = moot__json_get_text(length, "unit", "words");
    for (size_t i = 0; i < MOOT_COUNT(units); i++) {
        if (strcmp(unit, units[i]) == 0)
            c->unit = (enum moot_unit)i;
    }
    return MOOT_OK;
}

static int build_judge(const struct moot_json *entry, struct words *uses, struct moot_check_def *c)
{
    c->kind = MOOT_CHECK_JUDGE;
    int status = moot__build_text(entry, "judge", &c->judge);
    status |= moot__build_words(moot__json_get(entry, "criteria"), &c->criteria);
    status |= moot__build_words(moot__json_get(entry, "sees"), &c->sees);
    for (size_t i = 0; c->sees != NULL && c->sees[i] != NULL; i++)
        words_add(uses, c->sees[i], strlen(c->sees[i]));
    return status != MOOT_OK ? MOOT_ENOMEM : uses->status;
}

/* The words of a command, a task's or a check's; NULL where there is none. */
static int build_command(const struct moot_json *entry, struct words *uses, char ***command,
                         struct moot_error *err)
{
    int status = moot__build_words(moot__json_get(entry, "command"), command);
    for (size_t i = 0; status == MOOT_OK && *command != NULL && (*command)[i] != NULL; i++) {
        struct moot_template *t = NULL;
        status = parse_template((*command)[i], uses, &t, err);
        moot__template_free(t);
    }
    return status;
}

/* What the check says of itself in a report: its own line of the crew file. */
static int build_source(const struct moot_json *entry, struct moot_check_def *c)
{
    const struct moot_json *key = moot__json_first(entry);
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_BODY);
    const char *text = moot__json_text(key);
    if (text != NULL)
        moot__buf_addf(&b, "%s: %s", moot__json_key(key), text);
    else
        moot__json_write(entry, &b);
    c->source = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    return c->source != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int build_check(const struct moot_json *entry, struct words *uses, struct moot_check_def *c,
                       struct moot_error *err)
{
    c->max = -1;
    int status = build_source(entry, c);
    status |= moot__build_text(entry, "of", &c->of);
    status |= moot__build_text(entry, "else", &c->otherwise);
    if (status != MOOT_OK)
        return MOOT_ENOMEM;
    const char *that = moot__json_get_text(entry, "that", NULL);
    const char *pattern = moot__json_get_text(entry, "pattern", NULL);
    const char *none = moot__json_get_text(entry, "none", NULL);
    const char *file = moot__json_get_text(entry, "file", NULL);
    if (that != NULL) {
        c->kind = MOOT_CHECK_THAT;
        return parse_expr(that, uses, &c->that, err);
    }
    if (pattern != NULL || none != NULL) {
        c->kind = pattern != NULL ? MOOT_CHECK_PATTERN : MOOT_CHECK_NONE;
        return moot__regex_compile(pattern != NULL ? pattern : none, &c->regex, err);
    }
    if (file != NULL) {
        c->kind = MOOT_CHECK_FILE;
        return parse_template(file, uses, &c->file, err);
    }
    if (moot__json_get(entry, "length") != NULL)
        return build_length(entry, c);
    if (moot__json_get(entry, "command") != NULL) {
        c->kind = MOOT_CHECK_COMMAND;
        return build_command(entry, uses, &c->command, err);
    }
    if (moot__json_get(entry, "judge") != NULL)
        return build_judge(entry, uses, c);
    c->kind = MOOT_CHECK_PERSON;
    const struct moot_json *person = moot__json_get(entry, "person");
    return moot__json_is(person, MOOT_JSON_ARRAY) ? moot__build_words(person, &c->people) : MOOT_OK;
}

/* How dear a check is: the cheap ones run first, whatever the order in the file. */
static int check_price(enum moot_check_kind kind)
{
    switch (kind) {
    case MOOT_CHECK_THAT:
    case MOOT_CHECK_PATTERN:
    case MOOT_CHECK_NONE:
    case MOOT_CHECK_LENGTH:
        return 0;
    case MOOT_CHECK_FILE:
        return 1;
    case MOOT_CHECK_COMMAND:
        return 2;
    case MOOT_CHECK_JUDGE:
        return 3;
    case MOOT_CHECK_PERSON:
        return 4;
    }
    return 0;
}

static void sort_checks(struct moot_task_def *t)
{
    for (size_t i = 1; i < t->check_count; i++) {
        struct moot_check_def c = t->checks[i];
        size_t k = i;
        for (; k > 0 && check_price(t->checks[k - 1].kind) > check_price(c.kind); k--)
            t->checks[k] = t->checks[k - 1];
        t->checks[k] = c;
    }
}

static int add_judge(struct moot_task_def *t, const char *judge)
{
    struct moot_check_def *c = &t->checks[t->check_count++];
    c->kind = MOOT_CHECK_JUDGE;
    c->max = -1;
    c->judge = strdup(judge);
    c->source = strdup(judge);
    return c->judge != NULL && c->source != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static bool is_judged(const struct moot_task_def *t)
{
    for (size_t i = 0; i < t->check_count; i++)
        if (t->checks[i].kind == MOOT_CHECK_JUDGE)
            return true;
    return false;
}

/* `check: reviewer` is short for a judge; otherwise it is a list. The crew's own judge, where it
 * has one, judges what no other does. */
static int build_checks(const struct moot_json *entry, const struct moot_crew_def *crew,
                        struct words *uses, struct moot_task_def *t, struct moot_error *err)
{
    const struct moot_json *list = moot__json_get(entry, "check");
    const char *judge = moot__json_text(list);
    const char *usual = t->tool == NULL ? crew->delegation.judge : NULL;
    t->checks = calloc(moot__json_count(list) + 2, sizeof(*t->checks));
    if (t->checks == NULL)
        return MOOT_ENOMEM;
    int status = judge != NULL ? add_judge(t, judge) : MOOT_OK;
    const struct moot_json *e = judge == NULL ? moot__json_first(list) : NULL;
    for (; e != NULL && status == MOOT_OK; e = moot__json_next(e))
        status = build_check(e, uses, &t->checks[t->check_count++], err);
    if (status == MOOT_OK && usual != NULL && !is_judged(t))
        status = add_judge(t, usual);
    sort_checks(t);
    return status;
}

/* A task that names no agent is worked by the first assistant. */
static const char *default_agent(const struct moot_crew_def *crew)
{
    for (size_t i = 0; i < crew->agent_count; i++) {
        if (crew->agents[i].kind == MOOT_ASSISTANT_AGENT)
            return crew->agents[i].id;
    }
    return "assistant";
}

static bool names_root(const struct words *uses, const char *root)
{
    size_t length = strlen(root);
    for (size_t i = 0; i < uses->count; i++) {
        const char *path = uses->list[i];
        if (strncmp(path, root, length) == 0 && (path[length] == '\0' || path[length] == '.'))
            return true;
    }
    return false;
}

static int build_needs(const struct moot_json *entry, const struct words *uses,
                       struct moot_task_def *t)
{
    struct moot_json *none = moot__json_new(MOOT_JSON_ARRAY);
    const struct moot_json *needs = moot__json_get(entry, "needs");
    int status = moot__build_words(needs != NULL ? needs : none, &t->needs);
    moot__json_free(none);
    if (status != MOOT_OK || t->needs == NULL)
        return MOOT_ENOMEM;
    struct words shown = {.list = calloc(1, sizeof(char *))};
    for (size_t i = 0; t->needs[i] != NULL; i++) {
        if (!names_root(uses, t->needs[i]))
            words_add(&shown, t->needs[i], strlen(t->needs[i]));
    }
    t->shown = shown.list;
    return t->shown != NULL ? shown.status : MOOT_ENOMEM;
}

enum moot_on_exhausted moot__build_on_exhausted(const struct moot_json *entry,
                                                enum moot_on_exhausted usual)
{
    const char *word = moot__json_get_text(entry, "on_exhausted", NULL);
    if (word == NULL)
        return usual;
    return strcmp(word, "ask") == 0    ? MOOT_EXHAUSTED_ASK
           : strcmp(word, "best") == 0 ? MOOT_EXHAUSTED_BEST
                                       : MOOT_EXHAUSTED_FAIL;
}

/* Its prompts, one behind the other, as they stand in the crew file. */
static int build_brief(const struct moot_json *entry, char **out)
{
    struct moot_buf text;
    const struct moot_json *s = moot__json_first(moot__json_get(entry, "steps"));
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_adds(&text, moot__json_get_text(entry, "prompt", ""));
    for (; s != NULL; s = moot__json_next(s))
        moot__buf_addf(&text, "%s%s", text.len > 0 ? "\n" : "",
                       moot__json_get_text(s, "prompt", ""));
    *out = moot__buf_take(&text);
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int build_plain(const struct moot_json *entry, const struct moot_crew_def *crew,
                       struct moot_task_def *t)
{
    int status = moot__build_text(entry, "id", &t->id);
    status |= moot__build_text(entry, "expected_output", &t->expected_output);
    status |= moot__build_text(entry, "model", &t->model);
    status |= moot__build_text(entry, "tool_choice", &t->tool_choice);
    status |= moot__build_text(entry, "require_tool", &t->require_tool);
    status |= moot__build_words(moot__json_get(entry, "tools"), &t->tools);
    bool command = moot__json_get(entry, "command") != NULL;
    const char *tool =
        command ? moot__json_get_text(entry, "id", "") : moot__json_get_text(entry, "tool", NULL);
    t->tool = tool != NULL ? strdup(tool) : NULL;
    const struct moot_json *chat = moot__json_get(entry, "chat");
    status |= moot__build_text(chat, "user_proxy", &t->chat_with);
    t->chat_turns = moot__json_get_int(chat, "turns", 0);
    const char *agent =
        moot__json_get_text(chat, "expert", moot__json_get_text(entry, "agent", NULL));
    if (agent == NULL && tool != NULL)
        agent = "runner";
    else if (agent == NULL && !crew->delegation.given)
        agent = default_agent(crew);
    t->agent = agent != NULL ? strdup(agent) : NULL;
    t->on_reject =
        strdup(moot__json_get_text(entry, "on_reject", moot__json_get_text(entry, "id", "")));
    t->attempts = moot__json_get_int(entry, "attempts", 2);
    t->on_exhausted = moot__build_on_exhausted(entry, crew->delegation.on_exhausted);
    const struct moot_json *review = moot__json_get(entry, "review");
    t->review = moot__json_true(review) || moot__json_is(review, MOOT_JSON_ARRAY);
    if (moot__json_is(review, MOOT_JSON_ARRAY))
        status |= moot__build_words(review, &t->reviewers);
    t->says_cannot = crew->delegation.given && tool == NULL;
    if (crew->delegation.given)
        status |= build_brief(entry, &t->brief);
    bool lost = (agent != NULL && t->agent == NULL) || t->on_reject == NULL ||
                (tool != NULL && t->tool == NULL);
    return status != MOOT_OK || lost ? MOOT_ENOMEM : MOOT_OK;
}

int moot__build_task(const struct moot_json *entry, const struct moot_crew_def *crew,
                     struct moot_task_def *t, struct moot_error *err)
{
    struct words uses = {.list = calloc(1, sizeof(char *))};
    int status = uses.list != NULL ? build_plain(entry, crew, t) : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = build_steps(entry, &uses, t, err);
    if (status == MOOT_OK)
        status = build_command(entry, &uses, &t->command, err);
    if (status == MOOT_OK)
        status = build_args(moot__json_get(entry, "args"), &uses, t, err);
    if (status == MOOT_OK)
        status = build_output(entry, &uses, &t->output, err);
    if (status == MOOT_OK)
        status = build_checks(entry, crew, &uses, t, err);
    const char *when = moot__json_get_text(entry, "when", NULL);
    if (status == MOOT_OK && when != NULL)
        status = parse_expr(when, &uses, &t->when, err);
    const char *file = moot__json_get_text(entry, "output_file", NULL);
    if (status == MOOT_OK && file != NULL)
        status = parse_template(file, &uses, &t->output_file, err);
    const char *voted =
        moot__json_get_text(moot__json_get(entry, "consensual"), "candidates", NULL);
    if (voted != NULL)
        words_add(&uses, voted, strlen(voted));
    if (status == MOOT_OK)
        status = build_needs(entry, &uses, t);
    if (status == MOOT_OK)
        status = moot__build_limits(moot__json_get(entry, "limits"), &t->limits, err);
    t->uses = uses.list;
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    return status;
}

static void check_release(struct moot_check_def *c)
{
    free(c->source);
    moot__expr_free(c->that);
    free(c->otherwise);
    moot__regex_free(c->regex);
    free(c->of);
    moot__template_free(c->file);
    moot__words_free(c->command);
    free(c->judge);
    moot__words_free(c->criteria);
    moot__words_free(c->sees);
    moot__words_free(c->people);
}

static void output_release(struct moot_output_def *o)
{
    moot__schema_free(o->schema);
    moot__schema_free(o->ask);
    free(o->ask_text);
    if (o->has_form)
        moot__shortform_release(&o->form);
    for (size_t i = 0; i < o->filled_count; i++) {
        moot__template_free(o->filled[i]);
        free(o->filled_names[i]);
    }
    free(o->filled);
    free(o->filled_names);
}

void moot__build_task_release(struct moot_task_def *t)
{
    for (size_t i = 0; i < t->step_count; i++) {
        moot__template_free(t->steps[i].prompt);
        free(t->steps[i].as);
        free(t->steps[i].tool_choice);
        free(t->steps[i].model);
    }
    free(t->steps);
    for (size_t i = 0; i < t->arg_count; i++) {
        free(t->args[i].name);
        moot__template_free(t->args[i].value);
    }
    free(t->args);
    for (size_t i = 0; i < t->check_count; i++)
        check_release(&t->checks[i]);
    free(t->checks);
    output_release(&t->output);
    free(t->id);
    free(t->agent);
    free(t->chat_with);
    free(t->brief);
    free(t->tool);
    moot__words_free(t->command);
    free(t->expected_output);
    free(t->model);
    free(t->tool_choice);
    free(t->on_reject);
    free(t->require_tool);
    free(t->views);
    moot__build_vote_release(t->vote);
    moot__words_free(t->tools);
    moot__words_free(t->needs);
    moot__words_free(t->shown);
    moot__words_free(t->uses);
    moot__words_free(t->reviewers);
    moot__expr_free(t->when);
    moot__template_free(t->output_file);
}
