#include "cli/experiment.h"

#include "cli/book.h"
#include "cli/crewfile.h"
#include "cli/project.h"
#include "cli/transcript.h"
#include "cli/trust.h"
#include "roles/crew_build.h"
#include "runtime/file.h"
#include "runtime/hash.h"
#include "runtime/sign.h"

#include <dirent.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 8192, NOTE_MAX = 1024 * 1024 };

#define NOTE_FILE "experiment.json"

static int no_memory(struct moot_error *err)
{
    return moot__fail(err, MOOT_ENOMEM, "out of memory");
}

/* ---- reading ---- */

static int use_models(struct moot_experiment *e, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < e->file.variant_count && status == MOOT_OK; i++)
        if (e->file.variants[i].file->resolved != NULL)
            status = moot__crewfile_models(e->args, e->file.variants[i].file->resolved, err);
    return status;
}

int moot__experiment_look(const struct moot_args *args, const char *path,
                          struct moot_experiment *out, struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    out->args = args;
    out->path = path;
    char *dir = moot__dir_of(path);
    out->dir = dir != NULL ? realpath(dir, NULL) : NULL;
    free(dir);
    out->project = out->dir != NULL ? moot__project_find(out->dir) : NULL;
    if (out->project != NULL)
        moot__env_load(out->project);
    int status = moot__experiment_open(path, &out->file, err);
    if (status == MOOT_OK)
        status = use_models(out, err);
    if (status == MOOT_OK)
        status = moot__experiment_check(&out->file, err);
    return status;
}

/* `limits.total` of the experiment, else of the crew. */
static int take_total(struct moot_experiment *e, struct moot_error *err)
{
    const struct moot_json *own =
        moot__json_get(moot__json_get(e->file.file->resolved, "limits"), "total");
    const struct moot_json *crew = e->file.variants[0].file->resolved;
    if (own == NULL)
        own = moot__json_get(moot__json_get(crew, "limits"), "total");
    return own != NULL ? moot__build_limits(own, &e->total, err) : MOOT_OK;
}

static void add_hash(struct moot_hash *h, const struct moot_json *value)
{
    char *text = value != NULL ? moot__json_string(value) : NULL;
    moot__hash_add_text(h, text);
    free(text);
}

/* What is tried. How often and within what limits may change: it goes on then. */
static void make_hash(struct moot_experiment *e)
{
    struct moot_hash h;
    uint8_t out[MOOT_HASH_SIZE];
    moot__hash_init(&h);
    for (size_t i = 0; i < e->file.variant_count; i++) {
        moot__hash_add_text(&h, e->file.variants[i].name);
        add_hash(&h, e->file.variants[i].file->resolved);
    }
    add_hash(&h, moot__json_get(e->file.file->resolved, "input"));
    add_hash(&h, moot__json_get(e->file.file->resolved, "success"));
    moot__hash_end(&h, out);
    moot__hex(out, sizeof(out), e->hash);
}

int moot__experiment_load(struct moot_cli *cli, const struct moot_args *args, const char *path,
                          struct moot_experiment *out)
{
    struct moot_error err = {0};
    int status = moot__experiment_look(args, path, out, &err);
    out->cli = cli;
    if (status == MOOT_OK && !moot__crew_report_good(&out->file.file->report))
        return moot__crewfile_report(cli, &out->file.file->report);
    if (status == MOOT_OK)
        status = out->project != NULL ? take_total(out, &err) : no_memory(&err);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    make_hash(out);
    return MOOT_EXIT_DONE;
}

void moot__experiment_release(struct moot_experiment *e)
{
    for (size_t i = 0; i < e->trial_count; i++)
        moot__trial_release(&e->trials[i]);
    free(e->trials);
    free(e->project);
    free(e->dir);
    free(e->folder);
    free(e->scratch);
    moot__experiment_close(&e->file);
    memset(e, 0, sizeof(*e));
}

/* ---- trust ---- */

static int concat(struct moot_json *all, const char *key, const struct moot_json *crew)
{
    struct moot_json *list = moot__json_edit(all, key);
    int status = MOOT_OK;
    const struct moot_json *m = moot__json_first(moot__json_get(crew, key));
    for (; m != NULL && status == MOOT_OK; m = moot__json_next(m))
        status = moot__json_add(list, moot__json_copy(m));
    return status;
}

/* All that any of the variants can do, and the programs that say what success is. */
static struct moot_json *everything(const struct moot_experiment *e)
{
    static const char *const lists[] = {"models", "agents", "tasks", "tools", "people"};
    struct moot_json *all = moot__json_new(MOOT_JSON_OBJECT);
    int status = all != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t k = 0; k < MOOT_COUNT(lists) && status == MOOT_OK; k++) {
        status = moot__json_set(all, lists[k], moot__json_new(MOOT_JSON_ARRAY));
        for (size_t i = 0; i < e->file.variant_count && status == MOOT_OK; i++)
            status = concat(all, lists[k], e->file.variants[i].file->resolved);
    }
    const struct moot_json *input = moot__json_get(e->file.variants[0].file->resolved, "input");
    if (status == MOOT_OK && input != NULL)
        status = moot__json_set(all, "input", moot__json_copy(input));
    if (status == MOOT_OK)
        status = moot__json_add(moot__json_edit(all, "tasks"),
                                moot__experiment_task(e->file.file->resolved));
    if (status == MOOT_OK)
        return all;
    moot__json_free(all);
    return NULL;
}

int moot__experiment_trusted(struct moot_experiment *e)
{
    struct moot_trust trust;
    struct moot_json *all = everything(e);
    struct moot_error err;
    if (all == NULL || moot__trust_make(all, &trust) != MOOT_OK) {
        moot__json_free(all);
        no_memory(&err);
        return moot__report(e->cli, &err);
    }
    int code = moot__trust_ask(e->cli, &trust, e->path, moot__flag(e->args, "trust"));
    moot__trust_release(&trust);
    moot__json_free(all);
    return code;
}

/* ---- the folder ---- */

/* The file as the project knows it. The caller frees it. */
static char *file_name(const struct moot_experiment *e)
{
    char *real = realpath(e->path, NULL);
    size_t len = strlen(e->project);
    char *name = NULL;
    if (real != NULL && strncmp(real, e->project, len) == 0 && real[len] == '/')
        name = moot__copy(real + len + 1, strlen(real + len + 1));
    else if (real != NULL)
        name = moot__copy(real, strlen(real));
    free(real);
    return name;
}

static char *joined(const char *a, const char *b, const char *c)
{
    struct moot_buf path;
    moot__buf_init(&path, PATH_SIZE);
    moot__buf_addf(&path, "%s%s%s", a, b, c);
    return moot__buf_take(&path);
}

static int make_places(struct moot_experiment *e, struct moot_error *err)
{
    char *cache = moot__dir_cache();
    free(e->folder);
    free(e->scratch);
    e->folder = joined(e->project, "/.moot/experiments/", e->id);
    e->scratch = cache != NULL ? joined(cache, "/experiments/", e->id) : NULL;
    if (cache == NULL)
        moot__fail(err, MOOT_EINVAL, "there is no folder for a cache: HOME is not set");
    free(cache);
    return e->folder != NULL && e->scratch != NULL ? MOOT_OK
           : err->code != MOOT_OK                  ? err->code
                                                   : no_memory(err);
}

static int make_trials(struct moot_experiment *e, struct moot_error *err)
{
    e->trial_count = e->file.variant_count * (size_t)e->repeats;
    e->trials = calloc(e->trial_count, sizeof(*e->trials));
    if (e->trials == NULL)
        return no_memory(err);
    for (size_t i = 0; i < e->trial_count; i++) {
        e->trials[i].variant = e->file.variants[i / (size_t)e->repeats].name;
        e->trials[i].repeat = (int)(i % (size_t)e->repeats) + 1;
    }
    return MOOT_OK;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* As the file has it. */
static int64_t repeats_of(const struct moot_experiment *e)
{
    return moot__json_get_int(e->file.file->resolved, "repeats", 1);
}

static int write_note(const struct moot_experiment *e, struct moot_error *err)
{
    struct moot_json *note = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_buf text;
    char *name = file_name(e);
    moot__buf_init(&text, NOTE_MAX);
    int status = moot__json_set_text(note, "file", name != NULL ? name : e->path);
    status |= moot__json_set_text(note, "hash", e->hash);
    status |= moot__json_set_int(note, "seed", e->seed);
    status |= moot__json_set_int(note, "repeats", e->repeats);
    status |= moot__json_set_int(note, "file_repeats", repeats_of(e));
    status |= moot__json_set_int(note, "began_at", now_ms());
    if (status == MOOT_OK)
        status = moot__json_write_pretty(note, &text);
    status = status == MOOT_OK ? moot__make_dirs(e->folder, err) : no_memory(err);
    if (status == MOOT_OK)
        status = moot__file_replace(e->folder, NOTE_FILE, moot__buf_text(&text), text.len, err);
    moot__buf_release(&text);
    moot__json_free(note);
    free(name);
    return status;
}

int moot__experiment_begin(struct moot_experiment *e, int repeats, struct moot_error *err)
{
    uint8_t id[16];
    char hex[33];
    uint32_t chance = 0;
    int status = MOOT_OK;
    do {
        if (getrandom(id, sizeof(id), 0) != sizeof(id) ||
            getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
            return moot__fail(err, MOOT_EIO, "the system has no random bytes");
        moot__hex(id, sizeof(id), hex);
        moot__run_short(hex, e->id);
        status = make_places(e, err);
    } while (status == MOOT_OK && access(e->folder, F_OK) == 0);
    e->seed = moot__json_get_int(e->file.file->resolved, "seed", (int64_t)chance);
    e->repeats = repeats > 0 ? repeats : (int)repeats_of(e);
    if (status == MOOT_OK)
        status = write_note(e, err);
    if (status == MOOT_OK)
        status = make_trials(e, err);
    return status;
}

/* The note of the experiment of that id, if it is one of this file; else NULL. */
static struct moot_json *read_note(const char *folder, const char *id, const char *file)
{
    struct moot_buf text;
    struct moot_json *note = NULL;
    char *at = joined(folder, "/", id);
    char *path = at != NULL ? joined(at, "/", NOTE_FILE) : NULL;
    moot__buf_init(&text, NOTE_MAX);
    if (path != NULL && moot__file_read(path, &text, NULL) == MOOT_OK)
        moot__json_parse(moot__buf_text(&text), text.len, &note, NULL);
    if (note != NULL && strcmp(moot__json_get_text(note, "file", ""), file) != 0) {
        moot__json_free(note);
        note = NULL;
    }
    moot__buf_release(&text);
    free(at);
    free(path);
    return note;
}

/* The newest note of this file; sets e->id. NULL: there is none. The caller frees it. */
static struct moot_json *newest_note(struct moot_experiment *e)
{
    struct moot_json *best = NULL;
    char *folder = joined(e->project, "/.moot/experiments", "");
    char *file = file_name(e);
    DIR *d = folder != NULL && file != NULL ? opendir(folder) : NULL;
    const struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(e->id))
            continue;
        struct moot_json *note = read_note(folder, entry->d_name, file);
        bool newer = note != NULL && (best == NULL || moot__json_get_int(note, "began_at", 0) >=
                                                          moot__json_get_int(best, "began_at", 0));
        moot__json_free(newer ? best : note);
        if (newer) {
            best = note;
            snprintf(e->id, sizeof(e->id), "%s", entry->d_name);
        }
    }
    if (d != NULL)
        closedir(d);
    free(folder);
    free(file);
    return best;
}

int moot__experiment_find(struct moot_experiment *e, bool same, int more, struct moot_error *err)
{
    struct moot_json *note = newest_note(e);
    if (note == NULL) {
        moot__fail(err, MOOT_ENOTFOUND, "%s was not begun yet", e->path);
        moot__fail_hint(err, "moot experiment %s   begins it", e->path);
        return MOOT_ENOTFOUND;
    }
    int status = make_places(e, err);
    if (status == MOOT_OK && same && strcmp(moot__json_get_text(note, "hash", ""), e->hash) != 0) {
        status = moot__fail(err, MOOT_EINVAL,
                            "what %s tries has changed since %s was begun: their runs cannot be "
                            "compared",
                            e->path, e->id);
        moot__fail_hint(err, "moot experiment %s   begins a new one (a --model is part of it)",
                        e->path);
    }
    int64_t repeats = moot__json_get_int(note, "repeats", 1);
    bool grown = repeats_of(e) != moot__json_get_int(note, "file_repeats", 0);
    if (grown && repeats_of(e) > repeats)
        repeats = repeats_of(e);
    repeats = more > repeats ? more : repeats;
    e->seed = moot__json_get_int(note, "seed", 0);
    e->repeats = repeats > 0 && repeats <= MOOT_REPEATS_MAX ? (int)repeats : 1;
    moot__json_free(note);
    return status == MOOT_OK ? make_trials(e, err) : status;
}

/* ---- trials ---- */

char *moot__experiment_path(const struct moot_experiment *e, const struct moot_trial *t,
                            const char *end)
{
    struct moot_buf path;
    moot__buf_init(&path, PATH_SIZE);
    moot__buf_addf(&path, "%s/%s/%d%s", e->folder, t->variant, t->repeat, end);
    return moot__buf_take(&path);
}

struct moot_trial *moot__experiment_trial(struct moot_experiment *e, size_t variant, int repeat)
{
    MOOT_ASSERT(variant < e->file.variant_count);
    MOOT_ASSERT(repeat >= 1);
    MOOT_ASSERT(repeat <= e->repeats);
    return &e->trials[variant * (size_t)e->repeats + (size_t)repeat - 1];
}

/* The verdict beside a journal, {passed, why}. One that is not there says nothing. */
static int read_verdict(const char *path, struct moot_trial *t, struct moot_error *err)
{
    struct moot_buf text;
    struct moot_json *v = NULL;
    moot__buf_init(&text, NOTE_MAX);
    int status = moot__file_read(path, &text, err);
    if (status == MOOT_ENOTFOUND)
        status = MOOT_OK;
    else if (status == MOOT_OK)
        status = moot__json_parse(moot__buf_text(&text), text.len, &v, err);
    const char *why = moot__json_get_text(v, "why", "");
    if (moot__json_is(moot__json_get(v, "passed"), MOOT_JSON_BOOL))
        t->truth = moot__json_get_bool(v, "passed", false) ? MOOT_TRUTH_YES : MOOT_TRUTH_NO;
    if (status == MOOT_OK && why[0] != '\0') {
        t->why = moot__copy(why, strlen(why));
        status = t->why != NULL ? MOOT_OK : no_memory(err);
    }
    t->looked = status == MOOT_OK && v != NULL;
    moot__json_free(v);
    moot__buf_release(&text);
    return status;
}

int moot__experiment_read(struct moot_experiment *e, struct moot_trial *t, struct moot_error *err)
{
    struct moot_trial fresh = {.variant = t->variant, .repeat = t->repeat};
    char *journal = moot__experiment_path(e, t, ".db");
    char *verdict = moot__experiment_path(e, t, ".json");
    int status = journal != NULL && verdict != NULL ? MOOT_OK : no_memory(err);
    moot__trial_release(t);
    *t = fresh;
    if (status == MOOT_OK)
        status = moot__trial_read(journal, t, err);
    if (status == MOOT_OK)
        status = read_verdict(verdict, t, err);
    free(journal);
    free(verdict);
    return status;
}

int moot__experiment_trials(struct moot_experiment *e, struct moot_error *err)
{
    int status = MOOT_OK;
    for (size_t i = 0; i < e->trial_count && status == MOOT_OK; i++)
        status = moot__experiment_read(e, &e->trials[i], err);
    return status;
}

void moot__experiment_spent(const struct moot_experiment *e, struct moot_bounds *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < e->trial_count; i++) {
        out->calls += e->trials[i].calls;
        out->tokens += e->trials[i].tokens;
        out->cost += e->trials[i].cost;
        out->ms += e->trials[i].ms;
    }
}

bool moot__experiment_over(const struct moot_experiment *e)
{
    for (size_t i = 0; i < e->trial_count; i++) {
        const struct moot_trial *t = &e->trials[i];
        if (!t->closed || !(t->looked || t->cut))
            return false;
    }
    return e->trial_count > 0;
}
