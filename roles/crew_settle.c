/* What a crew file leaves to rules, put into the resolved crew. */
#include "roles/crew_read.h"
#include "roles/crew_uses.h"

const struct moot_json *moot__crew_entry(const struct moot_json *resolved, const char *list,
                                         const char *id)
{
    const char *key = strcmp(list, "models") == 0 ? "name" : "id";
    const struct moot_json *m = moot__json_first(moot__json_get(resolved, list));
    for (; id != NULL && m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_get_text(m, key, ""), id) == 0)
            return m;
    return NULL;
}

static void settle_process(struct moot_crew_file *f)
{
    if (!moot__json_is(moot__json_get(f->resolved, "process"), MOOT_JSON_STRING))
        moot__crew_put(f, f->resolved, "process", moot__crew_default("crew", "process"));
}

static void settle_input(struct moot_crew_file *f)
{
    struct moot_json *input = moot__json_take(f->resolved, "input");
    if (!moot__json_is(input, MOOT_JSON_OBJECT)) {
        struct moot_json *name = input != NULL ? input : moot__crew_default("crew", "input");
        input = moot__json_new(MOOT_JSON_OBJECT);
        if (input == NULL || name == NULL)
            f->report.failed = true;
        else
            moot__yaml_stand(f->yaml, input, name);
        moot__crew_put(f, input, "name", name);
    }
    if (!moot__json_is(moot__json_get(input, "name"), MOOT_JSON_STRING))
        moot__crew_put(f, input, "name", moot__crew_default("input", "name"));
    if (moot__json_get(input, "registry") != NULL && moot__json_get(input, "key") == NULL)
        moot__crew_put(f, input, "key", moot__crew_default("input", "key"));
    moot__crew_put(f, f->resolved, "input", input);
}

/* A single text as the list of one that it stands for: `stop: END`. */
static void settle_list(struct moot_crew_file *f, struct moot_json *in, const char *key)
{
    if (!moot__json_is(moot__json_get(in, key), MOOT_JSON_STRING))
        return;
    struct moot_json *value = moot__json_take(in, key);
    struct moot_json *list = moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), value);
    moot__crew_put(f, list, NULL, value);
    moot__crew_put(f, in, key, list);
}

/* `check: reviewer` is a list of one judge. */
static void settle_check(struct moot_crew_file *f, struct moot_json *task)
{
    if (!moot__json_is(moot__json_get(task, "check"), MOOT_JSON_STRING))
        return;
    struct moot_json *agent = moot__json_take(task, "check");
    struct moot_json *list = moot__crew_made(f, moot__json_new(MOOT_JSON_ARRAY), agent);
    struct moot_json *judge = moot__crew_made(f, moot__json_new(MOOT_JSON_OBJECT), agent);
    moot__crew_put(f, judge, "judge", agent);
    moot__crew_put(f, list, NULL, judge);
    moot__crew_put(f, task, "check", list);
}

/* ---- needs ---- */

struct naming {
    struct moot_crew_file *f;
    const struct moot_json *task;
    struct moot_json *needs;
};

static bool has_text(const struct moot_json *list, const char *text)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (strcmp(moot__json_text(m) != NULL ? moot__json_text(m) : "", text) == 0)
            return true;
    return false;
}

static void on_use(void *arg, const struct moot_crew_use *use)
{
    struct naming *n = arg;
    const struct moot_json *t = moot__json_first(moot__json_get(n->f->resolved, "tasks"));
    for (; t != NULL; t = moot__json_next(t)) {
        const char *id = moot__json_get_text(t, "id", "");
        if (t == n->task || !moot__crew_first_word(use->path, id) || has_text(n->needs, id))
            continue;
        moot__crew_put(n->f, n->needs, NULL,
                       moot__crew_made(n->f, moot__json_new_text(id), use->scalar));
    }
}

static void settle_needs(struct moot_crew_file *f, struct moot_json *task,
                         const struct moot_json *before)
{
    struct moot_json *written = moot__json_take(task, "needs");
    if (moot__json_is(written, MOOT_JSON_ARRAY)) {
        moot__crew_put(f, task, "needs", written);
        return;
    }
    struct moot_json *needs = moot__json_new(MOOT_JSON_ARRAY);
    if (needs == NULL)
        f->report.failed = true;
    const struct moot_json *place = written != NULL ? written : task;
    moot__yaml_stand(f->yaml, needs, place);
    const char *process = moot__json_get_text(f->resolved, "process", "");
    bool sequential = strcmp(process, "sequential") == 0 || strcmp(process, "consensual") == 0;
    const struct moot_json *t = moot__json_first(moot__json_get(f->resolved, "tasks"));
    for (; t != NULL && t != task; t = moot__json_next(t)) {
        if (written != NULL ? t != before : !sequential)
            continue;
        const char *id = moot__json_get_text(t, "id", "");
        moot__crew_put(f, needs, NULL, moot__crew_made(f, moot__json_new_text(id), place));
    }
    if (written != NULL && before == NULL)
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, written, MOOT_PART_VALUE, NULL,
                       "task '%s' needs the previous task, but it is the first",
                       moot__json_get_text(task, "id", ""));
    struct naming naming = {.f = f, .task = task, .needs = needs};
    struct moot_crew_uses to = {.arg = &naming, .use = on_use};
    if (moot__crew_uses_of_task(task, &to) != MOOT_OK)
        f->report.failed = true;
    moot__crew_put(f, task, "needs", needs);
    moot__json_free(written);
}

void moot__crew_settle(struct moot_crew_file *f)
{
    settle_process(f);
    settle_input(f);
    struct moot_json *models = moot__json_edit(f->resolved, "models");
    for (size_t i = 0; i < moot__json_count(models); i++)
        settle_list(f, moot__json_edit_at(models, i), "stop");
    struct moot_json *tasks = moot__json_edit(f->resolved, "tasks");
    const struct moot_json *before = NULL;
    for (size_t i = 0; i < moot__json_count(tasks); i++) {
        struct moot_json *task = moot__json_edit_at(tasks, i);
        settle_check(f, task);
        settle_needs(f, task, before);
        before = task;
    }
}

/* ---- --model ---- */

static bool is_provider_model(const char *text)
{
    struct moot_form form = {MOOT_G_PROVIDER, NULL};
    struct moot_json *made = NULL;
    bool good = moot__crew_scalar(&form, text, &made, NULL) == MOOT_OK;
    moot__json_free(made);
    return good;
}

/* Replaces the `model` of a map where it is a provider/model; a name in models stays, as that is
 * replaced itself. */
static int replace_model(struct moot_json *in, const char *model)
{
    const char *now = moot__json_get_text(in, "model", NULL);
    if (now == NULL || strchr(now, '/') == NULL)
        return MOOT_OK;
    return moot__json_set_text(in, "model", model);
}

static int replace_in_list(struct moot_json *list, const char *model)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < moot__json_count(list) && status == MOOT_OK; i++) {
        struct moot_json *entry = moot__json_edit_at(list, i);
        status = replace_model(entry, model);
        struct moot_json *steps = moot__json_edit(entry, "steps");
        for (size_t j = 0; j < moot__json_count(steps) && status == MOOT_OK; j++)
            status = replace_model(moot__json_edit_at(steps, j), model);
    }
    return status;
}

/* Sets the model of one name, which is added if it is not there and `add` says so. */
static int set_name(struct moot_json *resolved, const char *name, const char *model, bool add)
{
    struct moot_json *models = moot__json_edit(resolved, "models");
    for (size_t i = 0; i < moot__json_count(models); i++) {
        struct moot_json *entry = moot__json_edit_at(models, i);
        if (strcmp(moot__json_get_text(entry, "name", ""), name) != 0)
            continue;
        moot__json_free(moot__json_take(entry, "fallback"));
        return moot__json_set_text(entry, "model", model);
    }
    if (!add)
        return MOOT_ENOTFOUND;
    if (models == NULL) {
        int status = moot__json_set(resolved, "models", moot__json_new(MOOT_JSON_ARRAY));
        if (status != MOOT_OK)
            return status;
        models = moot__json_edit(resolved, "models");
    }
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    int status = entry == NULL ? MOOT_ENOMEM : moot__json_set_text(entry, "name", name);
    if (status == MOOT_OK)
        status = moot__json_set_text(entry, "model", model);
    if (status != MOOT_OK) {
        moot__json_free(entry);
        return status;
    }
    return moot__json_add(models, entry);
}

static int set_all(struct moot_json *resolved, const char *model)
{
    int status = set_name(resolved, "default", model, true);
    struct moot_json *models = moot__json_edit(resolved, "models");
    for (size_t i = 0; i < moot__json_count(models) && status == MOOT_OK; i++) {
        struct moot_json *entry = moot__json_edit_at(models, i);
        moot__json_free(moot__json_take(entry, "fallback"));
        status = moot__json_set_text(entry, "model", model);
    }
    if (status == MOOT_OK)
        status = replace_in_list(moot__json_edit(resolved, "agents"), model);
    if (status == MOOT_OK)
        status = replace_in_list(moot__json_edit(resolved, "tasks"), model);
    return status;
}

int moot__crew_use_model(struct moot_json *resolved, const char *spec, struct moot_error *err)
{
    const char *equals = strchr(spec, '=');
    const char *slash = strchr(spec, '/');
    bool named = equals != NULL && (slash == NULL || equals < slash);
    const char *model = named ? equals + 1 : spec;
    if (!is_provider_model(model)) {
        moot__fail(err, MOOT_EINVAL, "'%s' is no provider/model", model);
        moot__fail_hint(err, "such as --model openai/gpt-4.1-mini or --model ollama/llama3.2");
        return MOOT_EINVAL;
    }
    int status;
    if (named) {
        char name[MOOT_MAX_ID + 1];
        snprintf(name, sizeof(name), "%.*s", (int)(equals - spec), spec);
        status = set_name(resolved, name, model, strcmp(name, "default") == 0);
        if (status == MOOT_ENOTFOUND)
            return moot__fail(err, MOOT_EINVAL, "--model: there is no '%s' in the crew's models",
                              name);
    } else {
        status = set_all(resolved, model);
    }
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory");
}

/* ---- models, for those who ask them ---- */

static int units_of(struct moot_json *timeouts, const struct moot_json *from)
{
    int status = MOOT_OK;
    const struct moot_json *m = moot__json_first(from);
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m)) {
        char text[32];
        int64_t ms = 0;
        moot__json_int(m, &ms);
        snprintf(text, sizeof(text), "%lld ms", (long long)ms);
        status = moot__json_set_text(timeouts, moot__json_key(m), text);
    }
    return status;
}

struct moot_json *moot__crew_model_map(const struct moot_json *entry)
{
    struct moot_json *map = moot__json_copy(entry);
    int status = map != NULL ? MOOT_OK : MOOT_ENOMEM;
    const char *extra = moot__json_get_text(entry, "extra", NULL);
    struct moot_json *tree = NULL;
    if (status == MOOT_OK && extra != NULL)
        status = moot__json_parse(extra, strlen(extra), &tree, NULL);
    if (status == MOOT_OK && tree != NULL)
        status = moot__json_set(map, "extra", tree);
    if (status == MOOT_OK && moot__json_get(entry, "timeouts") != NULL)
        status = units_of(moot__json_edit(map, "timeouts"), moot__json_get(entry, "timeouts"));
    if (status == MOOT_OK)
        return map;
    moot__json_free(map);
    return NULL;
}
