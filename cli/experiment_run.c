/* The runs of an experiment, one after the other. */
#include "cli/crewfile.h"
#include "cli/experiment.h"
#include "cli/items.h"
#include "cli/paint.h"
#include "cli/safe.h"
#include "cli/session.h"
#include "cli/success.h"
#include "runtime/file.h"
#include "runtime/hash.h"
#include "runtime/price.h"
#include "runtime/tree.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 8192, WHY_MAX = 1024 * 1024, WORKSPACES_MAX = 16, WORDS_MAX = 1000 };

/* One run being prepared. */
struct trying {
    struct moot_experiment *e;
    struct moot_trial *t;
    const struct moot_crew_file *file; /* of its variant */
    struct moot_json *resolved;        /* its crew; NULL once it is built */
    struct moot_json *items;
    struct moot_crew *crew;
    char *journal;
    char date[16];
};

static int no_memory(struct moot_error *err)
{
    return moot__fail(err, MOOT_ENOMEM, "out of memory");
}

static char *joined(const char *a, const char *b)
{
    struct moot_buf path;
    moot__buf_init(&path, PATH_SIZE);
    moot__buf_addf(&path, "%s/%s", a, b);
    return moot__buf_take(&path);
}

/* ---- what the run is given ---- */

/* The words of `input`, as they would stand behind `moot run CREW`. */
static int add_words(const struct moot_experiment *e, char **words, size_t *count)
{
    const struct moot_json *input = moot__json_get(e->file.file->resolved, "input");
    bool files = moot__json_is(input, MOOT_JSON_ARRAY);
    const struct moot_json *m = moot__json_first(input);
    for (; m != NULL && *count < WORDS_MAX; m = moot__json_next(m)) {
        struct moot_buf word;
        const char *text = moot__json_text(m) != NULL ? moot__json_text(m) : "";
        moot__buf_init(&word, MOOT_MAX_BODY);
        if (!files)
            moot__buf_addf(&word, "%s=%s", moot__json_key(m), text);
        else if (text[0] == '/')
            moot__buf_adds(&word, text);
        else
            moot__buf_addf(&word, "%s/%s", e->dir, text);
        words[*count] = moot__buf_take(&word);
        if (words[*count] == NULL)
            return MOOT_ENOMEM;
        *count += 1;
    }
    return MOOT_OK;
}

static int make_items(struct trying *y, struct moot_error *err)
{
    static const struct moot_option quiet = {.name = "quiet"};
    struct moot_given given = {.option = &quiet};
    char **words = calloc(WORDS_MAX + 1, sizeof(*words));
    size_t count = 1;
    int status = words != NULL ? MOOT_OK : no_memory(err);
    if (status == MOOT_OK)
        words[0] = moot__copy(y->e->path, strlen(y->e->path));
    if (status == MOOT_OK && (words[0] == NULL || add_words(y->e, words, &count) != MOOT_OK))
        status = no_memory(err);
    struct moot_args args = {
        .words = (const char **)words,
        .word_count = count,
        .given = &given,
        .given_count = 1,
    };
    if (status == MOOT_OK)
        status = moot__items_make(y->e->cli, &args, y->resolved, y->e->dir, &y->items, err);
    for (size_t i = 0; words != NULL && i < count; i++)
        free(words[i]);
    free(words);
    return status;
}

/* ---- workspaces ---- */

/* "workspace", then "workspace2": every workspace of the crew once, in the order of its agents. */
static void workspace_name(size_t i, char out[24])
{
    if (i == 0)
        snprintf(out, 24, "workspace");
    else
        snprintf(out, 24, "workspace%zu", i + 1);
}

static int copy_workspace(const struct moot_experiment *e, const char *from, size_t i,
                          struct moot_error *err)
{
    char name[24];
    workspace_name(i, name);
    char *source = from[0] == '/' ? moot__copy(from, strlen(from)) : joined(e->dir, from);
    char *target = joined(e->scratch, name);
    int status =
        source != NULL && target != NULL ? moot__tree_copy(source, target, err) : no_memory(err);
    free(source);
    free(target);
    return status;
}

/* Points every agent at the copy of its workspace, and copies those anew if `copy` says so. */
static int place_workspaces(struct trying *y, bool copy, struct moot_error *err)
{
    struct moot_json *agents = moot__json_edit(y->resolved, "agents");
    char *seen[WORKSPACES_MAX] = {NULL};
    size_t count = 0;
    int status = MOOT_OK;
    for (size_t i = 0; i < moot__json_count(agents) && status == MOOT_OK; i++) {
        struct moot_json *agent = moot__json_edit_at(agents, i);
        const char *own = moot__json_get_text(agent, "workspace", NULL);
        size_t at = 0;
        if (own == NULL)
            continue;
        while (at < count && strcmp(seen[at], own) != 0)
            at++;
        if (at == WORKSPACES_MAX)
            status = moot__fail(err, MOOT_ETOOBIG, "more than %d workspaces", WORKSPACES_MAX);
        else if (at == count) {
            seen[count++] = moot__copy(own, strlen(own));
            status = seen[at] == NULL ? no_memory(err)
                     : copy           ? copy_workspace(y->e, own, at, err)
                                      : MOOT_OK;
        }
        char name[24];
        workspace_name(at, name);
        char *path = status == MOOT_OK ? joined(y->e->scratch, name) : NULL;
        if (status == MOOT_OK && moot__json_set_text(agent, "workspace", path) != MOOT_OK)
            status = no_memory(err);
        free(path);
    }
    for (size_t i = 0; i < count; i++)
        free(seen[i]);
    /* what a crew without workspaces writes goes there too */
    if (status == MOOT_OK && count == 0 && copy) {
        char *path = joined(y->e->scratch, "workspace");
        status = path != NULL ? moot__make_dirs(path, err) : no_memory(err);
        free(path);
    }
    return status;
}

/* ---- limits ---- */

/* `total` of the resolved crew's limits, as narrow as it must be. */
static int set_total(struct moot_json *resolved, const struct moot_bounds *b)
{
    struct moot_json *limits = moot__json_edit(resolved, "limits");
    int status = MOOT_OK;
    if (limits == NULL) {
        status = moot__json_set(resolved, "limits", moot__json_new(MOOT_JSON_OBJECT));
        limits = moot__json_edit(resolved, "limits");
    }
    struct moot_json *total = moot__json_new(MOOT_JSON_OBJECT);
    char cost[64];
    snprintf(cost, sizeof(cost), "%lld.%012lld", (long long)(b->cost / 1000000000000),
             (long long)(b->cost % 1000000000000));
    if (status == MOOT_OK && b->tokens > 0)
        status = moot__json_set_int(total, "tokens", b->tokens);
    if (status == MOOT_OK && b->cost > 0)
        status = moot__json_set_text(total, "cost", cost);
    if (status == MOOT_OK && b->ms > 0)
        status = moot__json_set_int(total, "seconds", b->ms);
    if (status == MOOT_OK)
        return moot__json_set(limits, "total", total);
    moot__json_free(total);
    return status;
}

static int build(struct trying *y, struct moot_error *err)
{
    struct moot_json *copy = moot__json_copy(y->resolved);
    moot__crew_free(y->crew);
    y->crew = NULL;
    if (copy == NULL)
        return no_memory(err);
    return moot__crew_build(copy, y->e->dir, y->date, moot__getenv, &y->crew, err);
}

/* Builds the crew so that it cannot use more than what is left. MOOT_ELIMIT: nothing is left. */
static int build_within(struct trying *y, struct moot_error *err)
{
    struct moot_bounds spent, out;
    bool narrowed;
    int status = build(y, err);
    if (status != MOOT_OK)
        return status;
    int64_t items = (int64_t)moot__json_count(y->items);
    moot__experiment_spent(y->e, &spent);
    if (!moot__run_reserve(&y->crew->parts.item, &y->crew->parts.total, items > 0 ? items : 1,
                           &y->e->total, &spent, &out, &narrowed))
        return moot__fail(err, MOOT_ELIMIT, "limits.total is used up");
    if (!narrowed)
        return MOOT_OK;
    struct moot_json *trial = moot__json_edit(y->resolved, "trial");
    if (set_total(y->resolved, &out) != MOOT_OK ||
        moot__json_set_bool(trial, "narrowed", true) != MOOT_OK)
        return no_memory(err);
    return build(y, err);
}

/* ---- one run ---- */

/* Where the crew comes from, for a resume, and which trial it is. */
static int note_trial(struct trying *y, struct moot_error *err)
{
    size_t len = strlen(y->e->project);
    char *real = realpath(y->e->path, NULL);
    char *folder = joined(y->e->scratch, "workspace");
    bool inside = real != NULL && strncmp(real, y->e->project, len) == 0 && real[len] == '/';
    struct moot_json *trial = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(trial, "variant", y->t->variant);
    status |= moot__json_set_int(trial, "repeat", y->t->repeat);
    status |= moot__json_set_text(trial, "folder", folder);
    status |= moot__json_set(y->resolved, "trial", trial);
    status |= moot__json_set_text(y->resolved, "file",
                                  inside         ? real + len + 1
                                  : real != NULL ? real
                                                 : y->e->path);
    free(real);
    free(folder);
    return status == MOOT_OK ? MOOT_OK : no_memory(err);
}

static void set_date(struct trying *y)
{
    time_t now = time(NULL);
    struct tm parts;
    if (localtime_r(&now, &parts) == NULL ||
        strftime(y->date, sizeof(y->date), "%Y-%m-%d", &parts) == 0)
        snprintf(y->date, sizeof(y->date), "1970-01-01");
}

static int prepare(struct trying *y, struct moot_error *err)
{
    y->resolved = moot__json_copy(y->file->resolved);
    if (y->resolved == NULL)
        return no_memory(err);
    set_date(y);
    int status = note_trial(y, err);
    if (status == MOOT_OK)
        status = make_items(y, err);
    return status;
}

static void add_label(const struct trying *y, struct moot_buf *out)
{
    const struct moot_experiment *e = y->e;
    size_t ended = 0;
    for (size_t i = 0; i < e->trial_count; i++)
        ended += e->trials[i].closed;
    moot__buf_addf(out, "%s/%d · run %zu of %zu", y->t->variant, y->t->repeat, ended + 1,
                   e->trial_count);
}

static int begin_run(struct trying *y, const char *label, int *code, struct moot_error *err)
{
    uint8_t id[16];
    char run[33];
    if (getrandom(id, sizeof(id), 0) != sizeof(id))
        return moot__fail(err, MOOT_EIO, "the system has no random bytes");
    moot__hex(id, sizeof(id), run);
    int status = moot__tree_remove(y->e->scratch, err);
    if (status == MOOT_OK)
        status = place_workspaces(y, true, err);
    if (status == MOOT_OK)
        status = build_within(y, err);
    if (status == MOOT_OK)
        status = moot__trial_place(y->crew, err);
    if (status != MOOT_OK)
        return status;
    uint64_t seed = moot__draw((uint64_t)y->e->seed, "repeat", (uint32_t)y->t->repeat);
    struct moot_session_options o = {
        .journal = y->journal,
        .project = y->e->project,
        .run = run,
        .crew = y->crew,
        .items = y->items,
        .date = y->date,
        .seed = (int64_t)(seed >> 11), /* 53 bits: what JSON holds */
        .label = label,
    };
    *code = moot__session_run(y->e->cli, &o);
    return MOOT_OK;
}

/* Goes on with a run that was cut off; its workspaces are as it left them. */
static int go_on(struct trying *y, const char *label, int *code, struct moot_error *err)
{
    struct moot_session_options o = {.journal = y->journal, .label = label};
    if (access(y->e->scratch, F_OK) != 0) {
        moot__fail(err, MOOT_ENOTFOUND, "%s/%d cannot go on: its workspace %s is gone",
                   y->t->variant, y->t->repeat, y->e->scratch);
        moot__fail_hint(err, "moot experiment %s   begins a new one", y->e->path);
        return MOOT_ENOTFOUND;
    }
    *code = moot__session_reopen(y->e->cli, &o);
    return MOOT_OK;
}

/* ---- whether it succeeded ---- */

static int write_verdict(const struct trying *y, bool passed, const struct moot_buf *why,
                         struct moot_error *err)
{
    struct moot_json *v = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf text;
    char *dir = joined(y->e->folder, y->t->variant);
    char name[32];
    moot__buf_init(&text, WHY_MAX * 2);
    snprintf(name, sizeof(name), "%d.json", y->t->repeat);
    bool judged = moot__json_count(moot__json_get(y->e->file.file->resolved, "success")) > 0;
    int status = judged ? moot__json_set_bool(v, "passed", passed) : MOOT_OK;
    if (status == MOOT_OK && why->len > 0)
        status = moot__json_set_text(v, "why", moot__buf_text(why));
    if (status == MOOT_OK)
        status = moot__json_write_pretty(v, &text);
    status = status == MOOT_OK && dir != NULL
                 ? moot__file_replace(dir, name, moot__buf_text(&text), text.len, err)
                 : no_memory(err);
    moot__buf_release(&text);
    moot__json_free(v);
    free(dir);
    return status;
}

/* The checks are made in a copy of what the run has left: they cannot change what is kept. */
static int look_in_copy(struct trying *y, const char *kept, struct moot_buf *why, bool *passed,
                        struct moot_error *err)
{
    struct moot_buf copy;
    moot__buf_init(&copy, PATH_SIZE);
    moot__buf_addf(&copy, "%s.look", y->e->scratch);
    char *work = joined(kept, "workspace");
    struct moot_success s = {
        .experiment = y->e->file.file->resolved,
        .items = y->items,
        .item_name = moot__json_get_text(moot__json_get(y->resolved, "input"), "name", "input"),
        .results = &y->t->results,
        .folder = moot__buf_text(&copy),
        .here = y->e->dir,
    };
    int status = work != NULL ? moot__tree_remove(s.folder, err) : no_memory(err);
    if (status == MOOT_OK)
        status = moot__tree_copy(work, s.folder, err);
    if (status == MOOT_OK)
        status = moot__success_look(y->e->cli, &s, passed, why, err);
    moot__tree_remove(s.folder, NULL);
    moot__buf_release(&copy);
    free(work);
    return status;
}

/* Keeps the workspaces of a run that has ended, and looks whether it succeeded. */
static int settle(struct trying *y, struct moot_error *err)
{
    struct moot_buf why;
    bool passed = false;
    char *kept = moot__experiment_path(y->e, y->t, "");
    moot__buf_init(&why, WHY_MAX);
    int status = kept != NULL ? MOOT_OK : no_memory(err);
    if (status == MOOT_OK && access(y->e->scratch, F_OK) == 0) {
        status = moot__tree_remove(kept, err);
        if (status == MOOT_OK)
            status = moot__tree_copy(y->e->scratch, kept, err);
    }
    if (status == MOOT_OK)
        status = look_in_copy(y, kept, &why, &passed, err);
    if (status == MOOT_OK)
        status = write_verdict(y, passed, &why, err);
    if (status == MOOT_OK)
        status = moot__tree_remove(y->e->scratch, err);
    moot__buf_release(&why);
    free(kept);
    return status;
}

/* ---- progress ---- */

/* "good/1  finished · claimed yes · true no · 9 turns · 12.9k tokens · $0.02". */
static void say_ended(const struct trying *y)
{
    const struct moot_trial *t = y->t;
    struct moot_cli *cli = y->e->cli;
    struct moot_buf line;
    char cost[32];
    moot__buf_init(&line, PATH_SIZE);
    moot__buf_addf(&line, "%s/%d", t->variant, t->repeat);
    moot__add_pad(&line, 0, 14, 2);
    moot__buf_addf(&line, "%s · claimed %s", t->stop, t->claimed ? "yes" : "no");
    if (t->truth != MOOT_TRUTH_UNKNOWN) {
        bool lie = t->claimed && t->truth == MOOT_TRUTH_NO;
        moot__buf_adds(&line, " · ");
        moot__add_ink(&line, cli->err_term.colours, lie ? MOOT_INK_BAD : MOOT_INK_NONE,
                      t->truth == MOOT_TRUTH_YES ? "true yes" : "true no");
    }
    moot__buf_adds(&line, " · ");
    moot__add_number_of(&line, t->turns, "turn");
    moot__buf_adds(&line, " · ");
    moot__add_count(&line, t->tokens);
    moot__buf_adds(&line, " tokens");
    if (t->cost > 0) {
        moot__money_format(t->cost, cost);
        moot__buf_addf(&line, " · %s", cost);
    }
    fprintf(cli->err, "%s\n", moot__buf_text(&line));
    moot__buf_release(&line);
}

/* ---- all runs ---- */

/* Runs what is missing of one trial. MOOT_EXIT_DONE: the next one may come. */
static int try_one(struct trying *y)
{
    struct moot_error err = {0};
    struct moot_buf label;
    int code = MOOT_EXIT_DONE;
    moot__buf_init(&label, PATH_SIZE);
    add_label(y, &label);
    y->journal = moot__experiment_path(y->e, y->t, ".db");
    int status = y->journal != NULL ? prepare(y, &err) : no_memory(&err);
    if (status == MOOT_OK && !y->t->begun)
        status = begin_run(y, moot__buf_text(&label), &code, &err);
    else if (status == MOOT_OK && !y->t->closed)
        status = go_on(y, moot__buf_text(&label), &code, &err);
    if (status == MOOT_OK)
        status = moot__experiment_read(y->e, y->t, &err);
    if (status == MOOT_OK && y->t->closed)
        status = settle(y, &err);
    if (status == MOOT_OK && y->t->closed)
        status = moot__experiment_read(y->e, y->t, &err);
    moot__buf_release(&label);
    if (status != MOOT_OK && status != MOOT_ELIMIT && status != MOOT_ECANCELED)
        return moot__report(y->e->cli, &err);
    if (status == MOOT_OK && y->t->closed)
        say_ended(y);
    int stop = y->e->cli->signals->stop;
    if (stop != 0)
        return stop == SIGINT ? MOOT_EXIT_INTERRUPTED : MOOT_EXIT_TERMINATED;
    if (status == MOOT_ELIMIT || y->t->cut)
        return MOOT_EXIT_LIMIT;
    return y->t->closed ? MOOT_EXIT_DONE : code != MOOT_EXIT_DONE ? code : MOOT_EXIT_FAILED;
}

static int try_at(struct moot_experiment *e, size_t i)
{
    size_t variant;
    int repeat;
    moot__run_order(i, e->file.variant_count, &variant, &repeat);
    struct trying y = {
        .e = e,
        .t = moot__experiment_trial(e, variant, repeat),
        .file = e->file.variants[variant].file,
    };
    if (y.t->closed && (y.t->looked || y.t->cut))
        return MOOT_EXIT_DONE;
    int code = try_one(&y);
    moot__crew_free(y.crew);
    moot__json_free(y.resolved);
    moot__json_free(y.items);
    free(y.journal);
    return code;
}

int moot__experiment_run(struct moot_experiment *e)
{
    int code = MOOT_EXIT_DONE;
    /* what was cut off comes first: its workspace stands where all have theirs */
    for (size_t i = 0; i < e->trial_count && code == MOOT_EXIT_DONE; i++) {
        size_t variant;
        int repeat;
        moot__run_order(i, e->file.variant_count, &variant, &repeat);
        const struct moot_trial *t = moot__experiment_trial(e, variant, repeat);
        if (t->begun && !(t->closed && (t->looked || t->cut)))
            code = try_at(e, i);
    }
    for (size_t i = 0; i < e->trial_count && code == MOOT_EXIT_DONE; i++)
        code = try_at(e, i);
    return code;
}
