#include "cli/success.h"

#include "agents/check.h"
#include "roles/crew_build.h"
#include "roles/crew_experiment.h"
#include "runtime/scope.h"
#include "runtime/template.h"
#include "runtime/tool.h"

#include <sys/random.h>

enum { TURN_MS = 200, WHY_MAX = 64 * 1024 };

struct looking {
    struct moot_cli *cli;
    const struct moot_success *s;
    struct moot_task_def task;
    struct moot_world *world;
    struct moot_buf *why;
    bool passed;
    /* of the call that is out */
    bool done;
    int status;
    struct moot_buf output;
};

static void lack(struct looking *l, const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
        len--;
    l->passed = false;
    moot__buf_add(l->why, text, len);
    moot__buf_addc(l->why, '\n');
}

/* ---- programs and files ---- */

static void on_done(void *arg, const struct moot_tool_result *r)
{
    struct looking *l = arg;
    l->done = true;
    l->status = r->status;
    moot__buf_clear(&l->output);
    moot__buf_add(&l->output, r->output, r->len);
}

/* The tool as the framework has it, in the copy and nowhere else. */
static int make_tool(const struct looking *l, const char *name, struct moot_tool_spec **out,
                     struct moot_error *err)
{
    bool program = strcmp(name, "check_command") == 0;
    struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(entry, "id", name);
    if (status == MOOT_OK)
        status = moot__tool_spec_make(entry, program ? l->s->here : l->s->folder, out, err);
    moot__json_free(entry);
    if (status == MOOT_OK && program) {
        (*out)->workspace = moot__copy(l->s->folder, strlen(l->s->folder));
        if ((*out)->workspace == NULL)
            status = moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    return status;
}

static int call(struct looking *l, const char *name, const struct moot_json *args,
                struct moot_error *err)
{
    struct moot_tool_spec *spec = NULL;
    struct moot_tool_call_run *run = NULL;
    uint8_t id[MOOT_HASH_SIZE];
    char hex[MOOT_HEX_SIZE];
    bool cancelled = false;
    if (getrandom(id, sizeof(id), 0) != sizeof(id))
        return moot__fail(err, MOOT_EIO, "the system has no random bytes");
    moot__hex(id, sizeof(id), hex);
    struct moot_tool_ask ask = {.id = hex};
    int status = make_tool(l, name, &spec, err);
    l->done = false;
    if (status == MOOT_OK)
        status = moot__tool_start(l->world, spec, args, &ask, on_done, l, &run, err);
    while (status == MOOT_OK && !l->done) {
        l->world->turn(l->world->self, TURN_MS);
        if (l->cli->signals->stop != 0 && !cancelled && !l->done) {
            moot__tool_cancel(run);
            cancelled = true;
        }
    }
    moot__tool_spec_free(spec);
    if (status == MOOT_OK && cancelled)
        status = moot__fail(err, MOOT_ECANCELED, "stopped");
    return status;
}

static int look_file(struct looking *l, const struct moot_check_def *check,
                     const struct moot_json *scope, struct moot_error *err)
{
    struct moot_buf path;
    moot__buf_init(&path, MOOT_MAX_BODY);
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__template_fill(check->file, scope, &path, err);
    if (status == MOOT_OK)
        status = moot__json_set_text(args, "path", moot__buf_text(&path));
    if (status == MOOT_OK)
        status = call(l, "check_file", args, err);
    if (status == MOOT_OK && l->status != MOOT_OK)
        lack(l, moot__buf_text(&l->output));
    moot__json_free(args);
    moot__buf_release(&path);
    return status;
}

static int add_words(const struct moot_check_def *check, const struct moot_json *scope,
                     struct moot_json *words, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; status == MOOT_OK && check->command[i] != NULL; i++) {
        struct moot_buf word;
        moot__buf_init(&word, MOOT_MAX_BODY);
        status = i == 0 ? moot__buf_adds(&word, check->command[0])
                        : moot__template_expand(check->command[i], scope, &word, err);
        if (status == MOOT_OK)
            status = moot__json_add(words, moot__json_new_text(moot__buf_text(&word)));
        moot__buf_release(&word);
    }
    return status;
}

static int look_command(struct looking *l, const struct moot_check_def *check,
                        const struct moot_json *scope, const struct moot_json *result,
                        struct moot_error *err)
{
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *words = moot__json_new(MOOT_JSON_ARRAY);
    char *input = moot__json_string(result);
    int status = words != NULL && input != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = add_words(check, scope, words, err);
    if (status == MOOT_OK)
        status = moot__json_set_text(args, "input", input);
    if (status == MOOT_OK) {
        status = moot__json_set(args, "command", words);
        words = NULL;
    }
    if (status == MOOT_OK)
        status = call(l, "check_command", args, err);
    /* a program that could not be run at all has judged nothing */
    if (status == MOOT_OK && l->status != MOOT_OK && l->status != MOOT_EINVAL &&
        l->status != MOOT_ETIMEOUT)
        status = moot__fail(err, MOOT_EINVAL, "success: %s", moot__buf_text(&l->output));
    else if (status == MOOT_OK && l->status != MOOT_OK)
        lack(l, moot__buf_text(&l->output));
    moot__json_free(words);
    moot__json_free(args);
    free(input);
    return status;
}

/* ---- all of them ---- */

/* What texts of the checks see: the item, by its name and by its members, and {here}. */
static struct moot_json *make_scope(const struct looking *l, const struct moot_json *item)
{
    struct moot_json *scope = moot__json_copy(item);
    int status = scope != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = moot__json_set_text(scope, MOOT_SCOPE_ITEM, l->s->item_name);
    if (status == MOOT_OK)
        status = moot__json_set(scope, "item", moot__scope_own(item));
    if (status == MOOT_OK)
        status = moot__json_set(scope, l->s->item_name, moot__json_copy(item));
    if (status == MOOT_OK)
        status = moot__json_set_text(scope, "here", l->s->here);
    if (status == MOOT_OK)
        return scope;
    moot__json_free(scope);
    return NULL;
}

/* What came of an item: its value, or an empty text. The caller frees it. */
static struct moot_json *result_of(const struct looking *l, const char *item)
{
    const struct moot_results *r = l->s->results;
    struct moot_json *value = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct moot_result *one = &r->list[i];
        if (one->task != NULL || one->text == NULL || strcmp(one->item, item) != 0)
            continue;
        if (!one->is_json ||
            moot__json_parse(one->text, strlen(one->text), &value, NULL) != MOOT_OK)
            value = moot__json_new_text(one->text);
        return value;
    }
    return moot__json_new_text("");
}

static int look_cheap(struct looking *l, const struct moot_json *scope,
                      const struct moot_json *result, struct moot_error *err)
{
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_checked checked = {&l->task, scope, result};
    int status = problems != NULL ? moot__check_cheap(&checked, problems, err) : MOOT_ENOMEM;
    const struct moot_json *p = moot__json_first(problems);
    for (; p != NULL && status == MOOT_OK; p = moot__json_next(p)) {
        const char *what = moot__json_get_text(p, "what", "");
        lack(l, what);
    }
    moot__json_free(problems);
    return status;
}

static int look_item(struct looking *l, const struct moot_json *item, struct moot_error *err)
{
    struct moot_json *scope = make_scope(l, item);
    struct moot_json *result = result_of(l, moot__json_get_text(item, "name", ""));
    int status = scope != NULL && result != NULL ? MOOT_OK : MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = look_cheap(l, scope, result, err);
    for (size_t i = 0; i < l->task.check_count && status == MOOT_OK; i++) {
        const struct moot_check_def *check = &l->task.checks[i];
        if (check->kind == MOOT_CHECK_FILE)
            status = look_file(l, check, scope, err);
        else if (check->kind == MOOT_CHECK_COMMAND)
            status = look_command(l, check, scope, result, err);
    }
    moot__json_free(scope);
    moot__json_free(result);
    return status;
}

static int begin(struct looking *l, struct moot_error *err)
{
    struct moot_crew_def none = {0};
    struct moot_json *entry = moot__experiment_task(l->s->experiment);
    int status = entry != NULL ? moot__build_task(entry, &none, &l->task, err) : MOOT_ENOMEM;
    moot__json_free(entry);
    if (status == MOOT_OK)
        status = moot__world_real(&l->world, err);
    if (status == MOOT_OK) {
        l->cli->signals->world = l->world;
        l->cli->signals->held = 1;
    }
    return status;
}

int moot__success_look(struct moot_cli *cli, const struct moot_success *s, bool *passed,
                       struct moot_buf *why, struct moot_error *err)
{
    struct looking l = {.cli = cli, .s = s, .why = why, .passed = true};
    moot__buf_init(&l.output, WHY_MAX);
    int status = begin(&l, err);
    const struct moot_json *item = moot__json_first(s->items);
    for (; item != NULL && status == MOOT_OK; item = moot__json_next(item))
        status = look_item(&l, item, err);
    if (l.world != NULL) {
        cli->signals->world = NULL;
        l.world->destroy(l.world->self);
    }
    moot__build_task_release(&l.task);
    moot__buf_release(&l.output);
    *passed = l.passed;
    return status == MOOT_ENOMEM ? moot__fail(err, status, "out of memory") : status;
}
