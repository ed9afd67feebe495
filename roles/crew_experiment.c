#include "roles/crew_experiment.h"

#include "roles/crew_check.h"
#include "roles/crew_fields.h"
#include "roles/crew_read.h"
#include "roles/crew_uses.h"

bool moot__experiment_is(const char *path)
{
    struct moot_yaml *yaml = NULL;
    struct moot_json *tree = NULL;
    bool is = moot__yaml_new(&yaml) == MOOT_OK &&
              moot__yaml_load(yaml, path, path, &tree, NULL) == MOOT_OK &&
              moot__json_get(tree, "experiment") != NULL;
    moot__json_free(tree);
    moot__yaml_free(yaml);
    return is;
}

/* ---- opening ---- */

static int add_variant(struct moot_experiment_file *e, const char *path, const char *name,
                       struct moot_error *err)
{
    struct moot_variant *v = &e->variants[e->variant_count];
    v->name = moot__copy(name, strlen(name));
    if (v->name == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = moot__crew_open_variant(path, name, &v->file, err);
    if (status == MOOT_OK)
        e->variant_count++;
    else
        free(v->name);
    return status;
}

static int add_variants(struct moot_experiment_file *e, const char *path, struct moot_error *err)
{
    const struct moot_json *all = moot__json_get(e->file->resolved, "variants");
    size_t count = moot__json_count(all);
    if (count > MOOT_VARIANTS_MAX) {
        moot__crew_say(&e->file->report, MOOT_SEVERITY_ERROR, e->file->yaml, all, MOOT_PART_KEY,
                       NULL, "an experiment has at most %d variants", MOOT_VARIANTS_MAX);
        return MOOT_OK;
    }
    /* without a crew there is nothing they lie over, and that was said */
    if (count == 0 || !moot__json_is(moot__json_get(e->file->resolved, "crew"), MOOT_JSON_STRING))
        return MOOT_OK;
    e->variants = calloc(count, sizeof(*e->variants));
    if (e->variants == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    int status = MOOT_OK;
    const struct moot_json *v = moot__json_first(all);
    for (; v != NULL && status == MOOT_OK; v = moot__json_next(v))
        status = add_variant(e, path, moot__json_key(v), err);
    return status;
}

int moot__experiment_open(const char *path, struct moot_experiment_file *out,
                          struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    int status = moot__crew_open_experiment(path, &out->file, err);
    if (status != MOOT_OK || out->file->resolved == NULL)
        return status;
    struct moot_json *resolved = out->file->resolved;
    if (moot__json_get(resolved, "repeats") == NULL)
        moot__crew_put(out->file, resolved, "repeats", moot__crew_default("experiment", "repeats"));
    return add_variants(out, path, err);
}

void moot__experiment_close(struct moot_experiment_file *e)
{
    for (size_t i = 0; i < e->variant_count; i++) {
        free(e->variants[i].name);
        moot__crew_close(e->variants[i].file);
    }
    free(e->variants);
    moot__crew_close(e->file);
    memset(e, 0, sizeof(*e));
}

/* ---- checking ---- */

static void check_count(struct moot_crew_file *f, const char *key, int64_t most)
{
    const struct moot_json *value = moot__json_get(f->resolved, key);
    int64_t n;
    if (moot__json_int(value, &n) && (n < 1 || n > most))
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, value, MOOT_PART_VALUE, NULL,
                       "'%s' must be from 1 to %lld", key, (long long)most);
}

static void check_variants(struct moot_crew_file *f)
{
    const struct moot_json *all = moot__json_get(f->resolved, "variants");
    if (moot__json_is(all, MOOT_JSON_OBJECT) && moot__json_count(all) == 0)
        moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, all, MOOT_PART_KEY,
                       "the crew as it is:  as_it_is: {}", "an experiment needs a variant");
}

static void on_broken(void *arg, const char *field, const struct moot_json *scalar, size_t offset,
                      const struct moot_error *err)
{
    struct moot_crew_file *f = arg;
    moot__crew_say_in(&f->report, MOOT_SEVERITY_ERROR, f->yaml, scalar, offset, 1, err->hint,
                      "'%s' of success: %s", field, err->message);
}

static void on_use(void *arg, const struct moot_crew_use *use)
{
    (void)arg;
    (void)use;
}

/* Texts that cannot be read. They keep their places while they stand in a task. */
static void check_texts(struct moot_crew_file *f)
{
    struct moot_json *success = moot__json_take(f->resolved, "success");
    struct moot_json *task = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_crew_uses to = {.arg = f, .use = on_use, .broken = on_broken};
    if (success == NULL) {
        moot__json_free(task);
        return;
    }
    if (moot__json_set(task, "check", success) != MOOT_OK ||
        moot__crew_uses_of_task(task, &to) != MOOT_OK)
        f->report.failed = true;
    moot__crew_put(f, f->resolved, "success", moot__json_take(task, "check"));
    moot__json_free(task);
}

/* What succeeded is found out by programs alone: a judge would be part of what is tried. */
static void check_success(struct moot_crew_file *f)
{
    static const char *const asked[] = {"judge", "person"};
    const struct moot_json *m = moot__json_first(moot__json_get(f->resolved, "success"));
    for (; m != NULL; m = moot__json_next(m))
        for (size_t i = 0; i < MOOT_COUNT(asked); i++)
            if (moot__json_get(m, asked[i]) != NULL)
                moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml,
                               moot__json_get(m, asked[i]), MOOT_PART_KEY,
                               "let a command, a file or an expression say it",
                               "'%s' cannot say whether a run succeeded: nobody is asked outside "
                               "the conversation",
                               asked[i]);
    check_texts(f);
}

int moot__experiment_check(struct moot_experiment_file *e, struct moot_error *err)
{
    struct moot_crew_file *f = e->file;
    if (f->resolved != NULL) {
        check_count(f, "repeats", MOOT_REPEATS_MAX);
        check_variants(f);
        check_success(f);
    }
    for (size_t i = 0; i < e->variant_count; i++) {
        struct moot_crew_file *v = e->variants[i].file;
        if (v->resolved != NULL)
            moot__crew_check(v);
        moot__crew_report_take(&f->report, &v->report);
    }
    return f->report.failed ? moot__fail(err, MOOT_ENOMEM, "out of memory") : MOOT_OK;
}

struct moot_json *moot__experiment_task(const struct moot_json *resolved)
{
    const struct moot_json *success = moot__json_get(resolved, "success");
    struct moot_json *task = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(task, "id", "success");
    if (status == MOOT_OK)
        status = moot__json_set_text(task, "agent", "runner");
    if (status == MOOT_OK)
        status = moot__json_set(task, "needs", moot__json_new(MOOT_JSON_ARRAY));
    if (status == MOOT_OK && success != NULL)
        status = moot__json_set(task, "check", moot__json_copy(success));
    if (status == MOOT_OK)
        return task;
    moot__json_free(task);
    return NULL;
}
