#include "runtime/tool.h"

#include "runtime/tool_builtin.h"

static const struct moot_builtin_tool *const builtins[] = {
    &moot__tool_send_email,    &moot__tool_read_page,  &moot__tool_form,     &moot__tool_read_file,
    &moot__tool_write_file,    &moot__tool_list_files, &moot__tool_command,  &moot__tool_check_file,
    &moot__tool_check_command, &moot__tool_publish,    &moot__tool_run_code, &moot__tool_python,
    &moot__tool_shell,         &moot__tool_run_tests,
};

static const struct moot_builtin_tool *builtin_find(const char *name)
{
    for (size_t i = 0; i < MOOT_COUNT(builtins); i++) {
        if (strcmp(builtins[i]->name, name) == 0)
            return builtins[i];
    }
    return NULL;
}

bool moot__tool_is_code(const char *use)
{
    const struct moot_builtin_tool *builtin = builtin_find(use);
    return builtin != NULL && builtin->exec && builtin != &moot__tool_command;
}

static int unknown_builtin(const char *id, const char *use, struct moot_error *err)
{
    struct moot_buf names;
    moot__buf_init(&names, 512);
    for (size_t i = 0; i < MOOT_COUNT(builtins); i++)
        moot__buf_addf(&names, "%s%s", i > 0 ? ", " : "", builtins[i]->name);
    moot__fail(err, MOOT_ENOTFOUND, "tool '%s': there is no built-in '%s'", id, use);
    moot__fail_hint(err, "there are %s", moot__buf_text(&names));
    moot__buf_release(&names);
    return MOOT_ENOTFOUND;
}

void moot__tool_spec_free(struct moot_tool_spec *spec)
{
    if (spec == NULL)
        return;
    free(spec->id);
    free(spec->agent);
    free(spec->use);
    free(spec->description);
    free(spec->parameters);
    free(spec->deliver);
    free(spec->base_dir);
    free(spec->workspace);
    for (size_t i = 0; spec->command != NULL && spec->command[i] != NULL; i++)
        free(spec->command[i]);
    free(spec->command);
    moot__json_free(spec->pinned);
    moot__json_free(spec->sandbox);
    free(spec);
}

static int set_text(char **field, const char *text)
{
    if (text == NULL)
        return MOOT_OK;
    free(*field);
    *field = strdup(text);
    return *field != NULL ? MOOT_OK : MOOT_ENOMEM;
}

/* Takes the pinned names out of the schema that models see: they cannot set what they do not know.
 */
static int hide_pinned(struct moot_tool_spec *spec, struct moot_error *err)
{
    struct moot_json *schema = NULL;
    int status = moot__json_parse(spec->parameters, strlen(spec->parameters), &schema, err);
    if (status != MOOT_OK)
        return status;
    struct moot_json *kept = moot__json_new(MOOT_JSON_ARRAY);
    const struct moot_json *name = moot__json_first(moot__json_get(schema, "required"));
    for (; name != NULL && status == MOOT_OK; name = moot__json_next(name)) {
        if (moot__json_get(spec->pinned, moot__json_text(name)) == NULL)
            status = moot__json_add(kept, moot__json_copy(name));
    }
    status |= moot__json_set(schema, "required", kept);
    struct moot_json *properties = moot__json_edit(schema, "properties");
    const struct moot_json *pin = moot__json_first(spec->pinned);
    for (; pin != NULL && properties != NULL; pin = moot__json_next(pin))
        moot__json_free(moot__json_take(properties, moot__json_key(pin)));
    free(spec->parameters);
    spec->parameters = status == MOOT_OK ? moot__json_string(schema) : NULL;
    moot__json_free(schema);
    return spec->parameters != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static int spec_pinned(struct moot_tool_spec *spec, const struct moot_json *args,
                       struct moot_error *err)
{
    if (moot__json_count(args) == 0)
        return MOOT_OK;
    spec->pinned = moot__json_new(MOOT_JSON_OBJECT);
    int status = spec->pinned != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (const struct moot_json *e = moot__json_first(args); e != NULL && status == MOOT_OK;
         e = moot__json_next(e))
        status = moot__json_set_text(spec->pinned, moot__json_get_text(e, "name", ""),
                                     moot__json_get_text(e, "value", ""));
    return status == MOOT_OK ? hide_pinned(spec, err) : moot__fail(err, status, "out of memory");
}

static int spec_command(struct moot_tool_spec *spec, const struct moot_json *words)
{
    if (words == NULL)
        return MOOT_OK;
    spec->command = calloc(moot__json_count(words) + 1, sizeof(char *));
    if (spec->command == NULL)
        return MOOT_ENOMEM;
    size_t count = 0;
    for (const struct moot_json *e = moot__json_first(words); e != NULL; e = moot__json_next(e)) {
        const char *word = moot__json_text(e);
        spec->command[count] = strdup(word != NULL ? word : "");
        if (spec->command[count++] == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static int spec_sandbox(struct moot_tool_spec *spec, const struct moot_json *sandbox)
{
    if (sandbox == NULL)
        return MOOT_OK;
    const char *word = moot__json_text(sandbox);
    spec->sandbox_none = word != NULL && strcmp(word, "none") == 0;
    if (moot__json_is(sandbox, MOOT_JSON_OBJECT)) {
        spec->sandbox = moot__json_copy(sandbox);
        spec->seconds_ms = moot__json_get_int(sandbox, "seconds", 0);
        return spec->sandbox != NULL ? MOOT_OK : MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static void spec_power(struct moot_tool_spec *spec, const struct moot_builtin_tool *builtin,
                       const struct moot_json *entry)
{
    spec->effect = builtin->effect;
    spec->reads_private = builtin->reads_private;
    spec->ingests_untrusted = builtin->ingests_untrusted;
    spec->sends_external = builtin->sends_external;
    spec->writes = builtin->writes;
    spec->exec = builtin->exec;
    if (spec->command != NULL) { /* nothing is known of it but what the sandbox lets it do */
        spec->reads_private = true;
        spec->ingests_untrusted = true;
        spec->sends_external = spec->sandbox_none;
        spec->exec = spec->sandbox_none;
        spec->writes = spec->sandbox_none || spec->workspace != NULL;
    }
    if (builtin->exec && spec->sandbox_none)
        spec->sends_external = spec->ingests_untrusted = true;
    const char *effect = moot__json_get_text(entry, "effect", NULL);
    if (effect != NULL)
        spec->effect = strcmp(effect, "none") == 0         ? MOOT_EFFECT_NONE
                       : strcmp(effect, "idempotent") == 0 ? MOOT_EFFECT_IDEMPOTENT
                                                           : MOOT_EFFECT_IRREVERSIBLE;
    const char *reads = moot__json_get_text(entry, "reads", NULL);
    const char *ingests = moot__json_get_text(entry, "ingests", NULL);
    const char *sends = moot__json_get_text(entry, "sends", NULL);
    if (reads != NULL)
        spec->reads_private = strcmp(reads, "private") == 0;
    if (ingests != NULL)
        spec->ingests_untrusted = strcmp(ingests, "untrusted") == 0;
    if (sends != NULL)
        spec->sends_external = strcmp(sends, "external") == 0;
    spec->writes = moot__json_get_bool(entry, "writes", spec->writes);
    spec->exec = moot__json_get_bool(entry, "exec", spec->exec);
    const char *unknown = moot__json_get_text(entry, "on_unknown", "ask");
    spec->on_unknown = strcmp(unknown, "retry") == 0  ? "retry"
                       : strcmp(unknown, "skip") == 0 ? "skip"
                                                      : "ask";
    const char *approval = moot__json_get_text(entry, "approval", "");
    spec->approval_always = strcmp(approval, "always") == 0;
    spec->approval_never = strcmp(approval, "never") == 0;
    spec->calls_limit = moot__json_get_int(moot__json_get(entry, "limits"), "calls", -1);
    /* what is only shown on the screen or laid in a folder reaches nobody */
    if (strcmp(builtin->name, "send_email") == 0) {
        bool mails = strncmp(spec->deliver, "smtp", 4) == 0;
        bool prints = strcmp(spec->deliver, "print") == 0;
        spec->sends_external = mails;
        spec->writes = !mails && !prints;
        spec->writes_outside = spec->writes;
        if (!mails && effect == NULL)
            spec->effect = prints ? MOOT_EFFECT_NONE : MOOT_EFFECT_IDEMPOTENT;
    }
}

static int spec_fill(struct moot_tool_spec *spec, const struct moot_builtin_tool *builtin,
                     const struct moot_json *entry, const char *base_dir, struct moot_error *err)
{
    int status = set_text(&spec->use, builtin->name);
    status |= set_text(&spec->description, builtin->description);
    status |= set_text(&spec->description, moot__json_get_text(entry, "description", NULL));
    status |= set_text(&spec->parameters, builtin->parameters);
    status |= set_text(&spec->parameters, moot__json_get_text(entry, "parameters_schema", NULL));
    status |= set_text(&spec->deliver, moot__json_get_text(entry, "deliver", "print"));
    status |= set_text(&spec->base_dir, base_dir);
    status |= set_text(&spec->workspace, moot__json_get_text(entry, "workspace", NULL));
    status |= set_text(&spec->agent, moot__json_get_text(entry, "agent", NULL));
    status |= spec_command(spec, moot__json_get(entry, "command"));
    status |= spec_sandbox(spec, moot__json_get(entry, "sandbox"));
    if (status != MOOT_OK)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    spec_power(spec, builtin, entry);
    return spec_pinned(spec, moot__json_get(entry, "args"), err);
}

int moot__tool_spec_make(const struct moot_json *entry, const char *base_dir,
                         struct moot_tool_spec **out, struct moot_error *err)
{
    const char *id = moot__json_get_text(entry, "id", "");
    const char *use = moot__json_get_text(entry, "use", id);
    if (moot__json_get(entry, "command") != NULL)
        use = "command";
    const struct moot_builtin_tool *builtin = builtin_find(use);
    if (builtin == NULL)
        return unknown_builtin(id, use, err);
    struct moot_tool_spec *spec = calloc(1, sizeof(*spec));
    if (spec == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = set_text(&spec->id, id);
    if (status == MOOT_OK)
        status = spec_fill(spec, builtin, entry, base_dir, err);
    if (status != MOOT_OK) {
        moot__tool_spec_free(spec);
        return status;
    }
    *out = spec;
    return MOOT_OK;
}

static void run_free(struct moot_tool_call_run *run)
{
    if (run->builtin->release != NULL)
        run->builtin->release(run);
    moot__json_free(run->args);
    moot__buf_release(&run->output);
    free(run->shown);
    free(run->warnings);
    free(run->scratch);
    free(run);
}

static void finish_fire(void *arg)
{
    struct moot_tool_call_run *run = arg;
    run->timer = NULL;
    struct moot_tool_result r = {
        .status = run->cancelled ? MOOT_ECANCELED : run->status,
        .output = moot__buf_text(&run->output),
        .len = run->output.len,
        .shown = run->shown,
        .label = run->label,
        .warnings = run->warnings,
    };
    void (*done)(void *, const struct moot_tool_result *) = run->done;
    void *done_arg = run->arg;
    done(done_arg, &r);
    run_free(run);
}

void moot__tool_finish(struct moot_tool_call_run *run)
{
    struct moot_world *w = run->world;
    if (run->output.status != MOOT_OK)
        run->status = run->output.status;
    /* a timer of no length keeps the promise that done never comes from inside start */
    if (run->timer == NULL && w->timer_start(w->self, 0, finish_fire, run, &run->timer) != MOOT_OK)
        finish_fire(run);
}

void moot__tool_finish_error(struct moot_tool_call_run *run, int status, const char *message)
{
    moot__buf_clear(&run->output);
    moot__buf_adds(&run->output, message);
    run->status = status;
    moot__tool_finish(run);
}

int moot__tool_start(struct moot_world *w, const struct moot_tool_spec *spec,
                     const struct moot_json *args, const struct moot_tool_ask *ask,
                     void (*done)(void *arg, const struct moot_tool_result *r), void *arg,
                     struct moot_tool_call_run **out, struct moot_error *err)
{
    struct moot_tool_call_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    run->world = w;
    run->spec = spec;
    run->builtin = builtin_find(spec->use);
    run->args = moot__json_copy(args);
    run->dry_run = ask->dry_run;
    run->scratch = ask->scratch != NULL ? strdup(ask->scratch) : NULL;
    run->done = done;
    run->arg = arg;
    snprintf(run->call_id, sizeof(run->call_id), "%s", ask->id);
    moot__buf_init(&run->output, MOOT_MAX_TOOL_OUTPUT);
    if (run->args == NULL || (ask->scratch != NULL && run->scratch == NULL)) {
        run_free(run);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    if (ask->dry_run) {
        moot__buf_adds(&run->output, "would be done; nothing was");
        run->shown = strdup("not done: dry run");
        moot__tool_finish(run);
        *out = run;
        return MOOT_OK;
    }
    int status = run->builtin->start(run, err);
    if (status != MOOT_OK) {
        run_free(run);
        return status;
    }
    *out = run;
    return MOOT_OK;
}

void moot__tool_cancel(struct moot_tool_call_run *run)
{
    run->cancelled = true;
    if (run->timer == NULL && run->builtin->cancel != NULL)
        run->builtin->cancel(run);
}
