#include "roles/crew_load.h"

#include "roles/crew_check.h"
#include "roles/crew_read.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

/* ---- paths ---- */

/* a, b and c as one text, for the caller to free. NULL: out of memory. */
static char *join(const char *a, size_t a_len, const char *b, const char *c)
{
    size_t size = a_len + strlen(b) + strlen(c) + 1;
    char *out = malloc(size);
    if (out != NULL)
        snprintf(out, size, "%.*s%s%s", (int)a_len, a, b, c);
    return out;
}

/* The folder of a real path. The caller frees it. */
static char *folder_of(const char *real)
{
    const char *slash = strrchr(real, '/');
    MOOT_ASSERT(slash != NULL);
    return moot__copy(real, slash == real ? 1 : (size_t)(slash - real));
}

/* `name`, which a file wrote, as seen from where that file is seen. The caller frees it. */
static char *beside(const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    while (strncmp(name, "./", 2) == 0)
        name += 2;
    return join(file, slash != NULL && name[0] != '/' ? (size_t)(slash - file) + 1 : 0, name, "");
}

static bool within(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return true;
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The nearest folder above the crew file that holds .moot, else its own. The caller frees it. */
static char *find_project(const char *dir)
{
    char *at = moot__copy(dir, strlen(dir));
    while (at != NULL) {
        struct stat st;
        char *inside = join(at, strlen(at), "/.moot", "");
        bool found = inside != NULL && stat(inside, &st) == 0 && S_ISDIR(st.st_mode);
        free(inside);
        if (found)
            return at;
        char *slash = strrchr(at, '/');
        if (slash == NULL || slash == at)
            break;
        *slash = '\0';
    }
    free(at);
    return moot__copy(dir, strlen(dir));
}

static const struct moot_crew_source *source_of(const struct moot_crew_file *f, const char *shown)
{
    for (size_t i = 0; shown != NULL && i < f->source_count; i++)
        if (strcmp(f->sources[i].shown, shown) == 0)
            return &f->sources[i];
    return &f->sources[0];
}

/* The file in which a value stands. */
static const struct moot_crew_source *source_at(const struct moot_crew_file *f,
                                                const struct moot_json *value)
{
    const struct moot_yaml_mark *m = moot__yaml_at(f->yaml, value);
    return source_of(f, m != NULL ? m->file : NULL);
}

char *moot__crew_path(const struct moot_crew_file *f, const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    const char *from = f->sources[0].dir;
    const char *to = source_at(f, value)->dir;
    MOOT_ASSERT(text != NULL);
    while (strncmp(text, "./", 2) == 0 && text[2] != '\0')
        text += 2;
    if (text[0] == '/' || strcmp(from, to) == 0)
        return moot__copy(text, strlen(text));
    size_t common = 0; /* bytes of the folders both have */
    for (size_t i = 0; from[i] == to[i] || from[i] == '\0' || to[i] == '\0'; i++) {
        if ((from[i] == '/' || from[i] == '\0') && (to[i] == '/' || to[i] == '\0'))
            common = i;
        if (from[i] == '\0' || to[i] == '\0')
            break;
    }
    struct moot_buf b;
    moot__buf_init(&b, 3 * PATH_MAX);
    for (const char *at = from + common; *at != '\0'; at++)
        if (*at == '/' && at[1] != '\0')
            moot__buf_adds(&b, "../");
    if (to[common] == '/' && to[common + 1] != '\0')
        moot__buf_addf(&b, "%s/", to + common + 1);
    moot__buf_adds(&b, text);
    return moot__buf_take(&b);
}

/* The real path of what a file of the crew names. */
static int find_inside(const struct moot_crew_file *f, const struct moot_crew_source *by,
                       const char *name, char **out, struct moot_error *err)
{
    char *path =
        name[0] == '/' ? moot__copy(name, strlen(name)) : join(by->dir, strlen(by->dir), "/", name);
    if (path == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    char *real = realpath(path, NULL);
    int saved = errno;
    free(path);
    if (real == NULL && saved == ENOMEM)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (real == NULL)
        return moot__fail(err, MOOT_ENOTFOUND, "cannot read '%s': %s", name, strerror(saved));
    if (!within(real, f->project) || strstr(real, "/.moot/") != NULL) {
        free(real);
        return moot__fail(err, MOOT_EDENIED,
                          "'%s' is outside the project folder: a crew file reads nothing there",
                          name);
    }
    *out = real;
    return MOOT_OK;
}

int moot__crew_inside(const struct moot_crew_file *f, const struct moot_json *value, char **out,
                      struct moot_error *err)
{
    return find_inside(f, source_at(f, value), moot__json_text(value), out, err);
}

int moot__crew_resolve(const struct moot_crew_file *f, const struct moot_json *path, char **out,
                       struct moot_error *err)
{
    return find_inside(f, &f->sources[0], moot__json_text(path), out, err);
}

/* ---- extends ---- */

/* Lays `over` on `base`, which takes its values; both are maps. What is null in `over` is removed.
 * Bounded by the depth of YAML. */
static int overlay(const struct moot_yaml *y, struct moot_json *base, struct moot_json *over)
{
    const struct moot_json *m;
    while ((m = moot__json_first(over)) != NULL) {
        const char *key = moot__json_key(m);
        char *name = moot__copy(key, strlen(key));
        if (name == NULL)
            return MOOT_ENOMEM;
        struct moot_json *value = moot__json_take(over, name);
        struct moot_json *old = moot__json_edit(base, name);
        int status = MOOT_OK;
        if (moot__yaml_null(y, value)) {
            moot__json_free(old != NULL ? moot__json_take(base, name) : NULL);
            moot__json_free(value);
        } else if (moot__json_is(old, MOOT_JSON_OBJECT) && moot__json_is(value, MOOT_JSON_OBJECT)) {
            status = overlay(y, old, value);
            moot__json_free(value);
        } else {
            status = moot__json_set(base, name, value);
        }
        free(name);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

/* Says why a file cannot be used: at its own place, or where it is named. */
static void say_error(struct moot_crew_file *f, const struct moot_json *named, const char *key,
                      const struct moot_error *err)
{
    struct moot_crew_report *r = &f->report;
    if (err->code == MOOT_ENOMEM)
        r->failed = true;
    else if (err->line > 0)
        moot__crew_say_at(r, MOOT_SEVERITY_ERROR, f->yaml, err->file, err->line, err->column, 1,
                          err->hint, "%s", err->message);
    else if (named != NULL)
        moot__crew_say(r, MOOT_SEVERITY_ERROR, f->yaml, named, MOOT_PART_VALUE, err->hint, "%s: %s",
                       key, err->message);
    else
        moot__crew_say_at(r, MOOT_SEVERITY_ERROR, f->yaml, NULL, 0, 0, 1, err->hint, "%s",
                          err->message);
}

/* Reads the next file of the chain; takes `shown` and `real`. */
static int load_source(struct moot_crew_file *f, char *shown, char *real, const char *text,
                       struct moot_json **tree, struct moot_error *err)
{
    struct moot_crew_source *s = &f->sources[f->source_count++];
    s->shown = shown;
    s->real = real;
    s->dir = real != NULL ? folder_of(real) : NULL;
    if (shown == NULL || s->dir == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (f->source_count == 1)
        f->project = find_project(s->dir);
    if (f->project == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    f->report.main = f->sources[0].shown;
    int status = text != NULL ? moot__yaml_parse(f->yaml, shown, text, strlen(text), tree, err)
                              : moot__yaml_load(f->yaml, real, shown, tree, err);
    if (status != MOOT_OK || moot__json_is(*tree, MOOT_JSON_OBJECT))
        return status;
    moot__json_free(*tree);
    *tree = NULL;
    moot__fail(err, MOOT_EINVAL, "a crew file is a map of keys such as crew, models and tasks");
    moot__fail_at(err, shown, 1, 1);
    return MOOT_EINVAL;
}

/* The file that the last of the chain extends. 1: there is one and it was read; 0: there is none.
 */
static int extend_once(struct moot_crew_file *f, const struct moot_json *named,
                       struct moot_json **tree, struct moot_error *err)
{
    const struct moot_crew_source *by = &f->sources[f->source_count - 1];
    const char *name = moot__json_text(named);
    if (name == NULL || name[0] == '\0')
        return moot__fail(err, MOOT_EINVAL, "must be the path of a crew file");
    if (f->source_count == MOOT_CREW_FILES_MAX)
        return moot__fail(err, MOOT_ETOOBIG, "more than %d files one on the other",
                          MOOT_MAX_EXTENDS);
    char *real;
    int status = find_inside(f, by, name, &real, err);
    if (status != MOOT_OK)
        return status;
    for (size_t i = 0; i < f->source_count; i++) {
        if (strcmp(f->sources[i].real, real) == 0) {
            free(real);
            return moot__fail(err, MOOT_EINVAL, "'%s' extends itself, by way of '%s'",
                              f->sources[i].shown, by->shown);
        }
    }
    status = load_source(f, beside(by->shown, name), real, NULL, tree, err);
    return status == MOOT_OK ? 1 : status;
}

/* The variant of an experiment file, in place of that file: what lies over the crew that the file
 * names. */
static int take_variant(struct moot_crew_file *f, const char *name, struct moot_json **tree)
{
    struct moot_json *variants = moot__json_edit(*tree, "variants");
    struct moot_json *over = moot__json_take(variants, name);
    struct moot_json *crew = moot__json_take(*tree, "crew");
    const struct moot_json *extends = moot__json_get(over, "extends");
    if (over == NULL || crew == NULL || extends != NULL) {
        if (extends != NULL)
            moot__crew_say(&f->report, MOOT_SEVERITY_ERROR, f->yaml, extends, MOOT_PART_KEY, NULL,
                           "a variant lies over the crew of the experiment and extends nothing "
                           "else");
        moot__json_free(over);
        moot__json_free(crew);
        return MOOT_EINVAL;
    }
    if (!moot__json_is(over, MOOT_JSON_OBJECT)) { /* `plain:` is an empty map */
        moot__json_free(over);
        over = moot__json_new(MOOT_JSON_OBJECT);
    }
    moot__json_free(*tree);
    *tree = over;
    int status = moot__json_set(over, "extends", crew);
    f->report.failed = f->report.failed || status != MOOT_OK;
    return status;
}

/* Files one on the other, the topmost first. */
struct chain {
    struct moot_json *trees[MOOT_CREW_FILES_MAX + 1];
    size_t count;
    const char *key; /* by which the topmost names what it lies over, for messages */
};

/* `text`: what the file would hold; NULL: it is read. */
static int load_first(struct moot_crew_file *f, const char *path, const char *text, struct chain *c)
{
    struct moot_error err = {0};
    char *real = text != NULL ? moot__copy(path, strlen(path)) : realpath(path, NULL);
    int status;
    if (real == NULL)
        status = moot__fail(&err, errno == ENOMEM ? MOOT_ENOMEM : MOOT_ENOTFOUND,
                            "cannot read %s: %s", path, strerror(errno));
    else
        status = load_source(f, moot__copy(path, strlen(path)), real, text, &c->trees[0], &err);
    if (status == MOOT_OK)
        c->count = 1;
    else
        say_error(f, NULL, NULL, &err);
    return status;
}

/* Reads what the first one of the chain lies over. */
static int load_bases(struct moot_crew_file *f, struct chain *c)
{
    struct moot_error err = {0};
    const struct moot_json *named = NULL;
    int status;
    do {
        named = moot__json_get(c->trees[c->count - 1], "extends");
        status = named == NULL || moot__yaml_null(f->yaml, named)
                     ? MOOT_OK
                     : extend_once(f, named, &c->trees[c->count], &err);
        c->count += status == 1;
    } while (status == 1);
    if (status < 0)
        say_error(f, named, c->count == 1 ? c->key : "extends", &err);
    return status;
}

/* Makes f->raw of the chain. */
static int lay_over(struct moot_crew_file *f, struct chain *c)
{
    int status = MOOT_OK;
    for (size_t i = c->count - 1; i > 0 && status == MOOT_OK; i--) {
        moot__json_free(moot__json_take(c->trees[i], "extends"));
        status = overlay(f->yaml, c->trees[i], c->trees[i - 1]);
        moot__json_free(c->trees[i - 1]);
        c->trees[i - 1] = c->trees[i];
        c->trees[i] = NULL;
    }
    f->raw = c->trees[0];
    c->trees[0] = NULL;
    moot__json_free(moot__json_take(f->raw, "extends"));
    return status;
}

static int load_raw(struct moot_crew_file *f, const char *path, const char *text,
                    const char *variant)
{
    struct chain c = {.key = variant != NULL ? "crew" : "extends"};
    int status = load_first(f, path, text, &c);
    if (status == MOOT_OK && variant != NULL)
        status = take_variant(f, variant, &c.trees[0]);
    if (status == MOOT_OK)
        status = load_bases(f, &c);
    if (status == MOOT_OK)
        status = lay_over(f, &c);
    for (size_t i = 0; i <= MOOT_CREW_FILES_MAX; i++)
        moot__json_free(c.trees[i]);
    return status;
}

/* ---- opening ---- */

static int open_file(const char *path, const char *text, const char *variant, const char *table,
                     struct moot_crew_file **out, struct moot_error *err)
{
    struct moot_crew_file *f = calloc(1, sizeof(*f));
    if (f == NULL || moot__yaml_new(&f->yaml) != MOOT_OK) {
        free(f);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    if (load_raw(f, path, text, variant) == MOOT_OK) {
        if (table != NULL)
            moot__crew_read_as(f, table);
        else
            moot__crew_read(f);
    }
    if (f->report.failed) {
        moot__crew_close(f);
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    *out = f;
    return MOOT_OK;
}

int moot__crew_open(const char *path, struct moot_crew_file **out, struct moot_error *err)
{
    return open_file(path, NULL, NULL, NULL, out, err);
}

int moot__crew_open_text(const char *path, const char *text, struct moot_crew_file **out,
                         struct moot_error *err)
{
    MOOT_ASSERT(path[0] == '/');
    return open_file(path, text, NULL, NULL, out, err);
}

int moot__crew_open_variant(const char *path, const char *variant, struct moot_crew_file **out,
                            struct moot_error *err)
{
    return open_file(path, NULL, variant, NULL, out, err);
}

int moot__crew_open_experiment(const char *path, struct moot_crew_file **out,
                               struct moot_error *err)
{
    return open_file(path, NULL, NULL, "experiment", out, err);
}

void moot__crew_close(struct moot_crew_file *f)
{
    if (f == NULL)
        return;
    moot__json_free(f->raw);
    moot__json_free(f->resolved);
    moot__crew_report_release(&f->report);
    for (size_t i = 0; i < f->source_count; i++) {
        free(f->sources[i].shown);
        free(f->sources[i].real);
        free(f->sources[i].dir);
    }
    for (size_t i = 0; i < f->ref_count; i++) {
        free(f->refs[i].key);
        free(f->refs[i].place);
    }
    free(f->refs);
    free(f->project);
    moot__yaml_free(f->yaml);
    free(f);
}

int moot__crew_load(const char *path, const char *model, struct moot_json **resolved,
                    char **base_dir, struct moot_error *err)
{
    struct moot_crew_file *f;
    int status = moot__crew_open(path, &f, err);
    if (status != MOOT_OK)
        return status;
    if (f->resolved != NULL && model != NULL)
        status = moot__crew_use_model(f->resolved, model, err);
    if (status == MOOT_OK) {
        moot__crew_check(f);
        moot__crew_report_sort(&f->report);
        status = moot__crew_report_error(&f->report, err);
    }
    if (status == MOOT_OK) {
        *base_dir = moot__copy(f->sources[0].dir, strlen(f->sources[0].dir));
        status = *base_dir != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    if (status == MOOT_OK) {
        *resolved = f->resolved;
        f->resolved = NULL;
    }
    moot__crew_close(f);
    return status;
}
