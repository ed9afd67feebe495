#include "tests/lib/crew_play.h"

#include "roles/crew_load.h"
#include "runtime/normal.h"
#include "tests/lib/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <unistd.h>

void play_file(const struct play *p, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", p->dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

void play_init_in(struct play *p, const char *folder, const char *crew, const char *replies)
{
    unsetenv("MOOT_PACE"); /* the clock is virtual: pauses cost nothing and are tested */
    memset(p, 0, sizeof(*p));
    snprintf(p->dir, sizeof(p->dir), "%.40s/moot-play-XXXXXX", folder);
    assert_non_null(mkdtemp(p->dir));
    play_file(p, "crew.yaml", crew);
    play_file(p, "replies.json", replies);
    play_items(p, "[{\"name\": \"one\"}]");
    uint8_t seed[32] = {9};
    p->owner = moot__key_from_seed(seed);
    assert_non_null(p->owner);
}

void play_init(struct play *p, const char *crew, const char *replies)
{
    play_init_in(p, "/tmp", crew, replies);
}

void play_items(struct play *p, const char *json)
{
    struct moot_error err = {0};
    moot__json_free(p->items);
    p->items = NULL;
    if (moot__json_parse(json, strlen(json), &p->items, &err) != MOOT_OK)
        fail_msg("items: %s", err.message);
}

static void journal_path(const struct play *p, char *out, size_t size)
{
    snprintf(out, size, "%s/run.db", p->dir);
}

static void on_message(void *arg, const struct moot_message *m)
{
    struct play *p = arg;
    enum moot_kind kind = moot_message_kind(m);
    p->counts[kind]++;
    if (p->message != NULL)
        p->message(p->arg, m);
    if (kind != MOOT_QUESTION && kind != MOOT_APPROVAL_REQUEST)
        return;
    free(p->open_conv);
    free(p->open_from);
    p->open_conv = strdup(moot_message_conv(m));
    p->open_from = strdup(moot_message_from(m));
    p->open_n = moot_message_n(m);
}

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static struct moot_crew *load(struct play *p)
{
    char path[160];
    struct moot_json *resolved = NULL;
    char *base = NULL;
    struct moot_crew *crew = NULL;
    snprintf(path, sizeof(path), "%s/crew.yaml", p->dir);
    if (moot__crew_load(path, NULL, &resolved, &base, &p->error) != MOOT_OK)
        fail_msg("%s:%d:%d: %s %s", p->error.file, p->error.line, p->error.column, p->error.message,
                 p->error.hint);
    if (moot__crew_build(resolved, base, "2026-11-25", no_env, &crew, &p->error) != MOOT_OK)
        fail_msg("build: %s", p->error.message);
    free(base);
    return crew;
}

/* Until it is no longer going, or a person who can be asked has nothing to say. */
static int turns(struct play *p, struct moot_host *h)
{
    int status = MOOT_OK;
    for (;;) {
        do {
            status = moot__host_turn(h, 1000, &p->error);
            if (p->looks != NULL && status == MOOT_OK)
                p->looks(p->arg, h, p);
        } while (status == MOOT_OK && moot__host_state(h) == MOOT_RUN_GOING);
        bool waits = status == MOOT_OK && moot__host_state(h) == MOOT_RUN_WAITING;
        if (!waits || p->person == NULL || !p->person(p->arg, h, p))
            return status;
    }
}

void play_run(struct play *p, bool resume)
{
    char path[160];
    journal_path(p, path, sizeof(path));
    struct moot_crew *crew = load(p);
    struct sim_world_options options = {.seed = (uint64_t)p->crash_after + 3};
    struct moot_world *w = NULL;
    if (!p->real_world) {
        w = sim_world_new(&options);
        sim_world_shift_wall(w, p->wall_ms);
    } else if (moot__world_real(&w, &p->error) != MOOT_OK)
        fail_msg("world: %s", p->error.message);
    struct moot_host_options o = {
        .world = w,
        .crew = &crew->parts,
        .journal = path,
        .run = "00112233445566778899aabbccddeeff",
        .resume = resume,
        .owner = p->owner,
        .items = p->items,
        .jobs = p->jobs,
        .dry_run = p->dry_run,
        .has_person = p->has_person,
        .date = "2026-11-25",
        .crash_after = p->crash_after,
        .watcher = {.arg = p, .message = on_message},
    };
    struct moot_host *h = NULL;
    memset(p->counts, 0, sizeof(p->counts));
    if (moot__host_new(&o, &h, &p->error) != MOOT_OK)
        fail_msg("host: %s", p->error.message);
    if (turns(p, h) != MOOT_OK)
        fail_msg("run: %s", p->error.message);
    p->state = moot__host_state(h);
    bool whole = p->state == MOOT_RUN_CLOSED || p->state == MOOT_RUN_WAITING;
    if (whole && moot__host_check_fold(h, &p->error) != MOOT_OK)
        fail_msg("fold: %s", p->error.message);
    moot__host_totals(h, &p->totals);
    moot__host_free(h);
    w->destroy(w->self);
    moot__crew_free(crew);
}

static struct moot_journal *journal(struct play *p)
{
    char path[160];
    struct moot_journal *j = NULL;
    journal_path(p, path, sizeof(path));
    if (moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &p->error) != MOOT_OK)
        fail_msg("journal: %s", p->error.message);
    return j;
}

char *play_normal(struct play *p)
{
    struct moot_journal *j = journal(p);
    struct moot_buf out;
    moot__buf_init(&out, MOOT_MAX_JSON);
    assert_int_equal(moot__normal_write(j, &out, &p->error), MOOT_OK);
    moot__journal_close(j);
    return moot__buf_take(&out);
}

struct counting {
    const char *text;
    int count;
};

static int count_each(void *arg, struct moot_message *m)
{
    struct counting *c = arg;
    struct moot_buf line;
    moot__buf_init(&line, MOOT_MAX_JSON);
    assert_int_equal(moot__message_export(m, &line), MOOT_OK);
    c->count += strstr(moot__buf_text(&line), c->text) != NULL;
    moot__buf_release(&line);
    return 0;
}

int play_count(struct play *p, const char *text)
{
    struct moot_journal *j = journal(p);
    struct counting c = {.text = text};
    assert_int_equal(moot__journal_each(j, 0, count_each, &c, &p->error), 0);
    moot__journal_close(j);
    return c.count;
}

/* Removes what the folder holds; folders in it hold files only. */
static void empty(const char *dir)
{
    DIR *d = opendir(dir);
    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        if (unlink(path) != 0 && rmdir(path) != 0) {
            DIR *inner = opendir(path);
            for (const struct dirent *f; inner != NULL && (f = readdir(inner)) != NULL;) {
                char deep[1024];
                snprintf(deep, sizeof(deep), "%s/%s", path, f->d_name);
                unlink(deep);
            }
            if (inner != NULL)
                closedir(inner);
            rmdir(path);
        }
    }
    closedir(d);
}

void play_again(struct play *p)
{
    static const char *const ends[] = {".db", ".db-wal", ".db-shm", ".lock", ".post"};
    for (size_t i = 0; i < MOOT_COUNT(ends); i++) {
        char path[160];
        snprintf(path, sizeof(path), "%s/run%s", p->dir, ends[i]);
        if (unlink(path) != 0)
            rmdir(path);
    }
}

void play_release(struct play *p)
{
    empty(p->dir);
    rmdir(p->dir);
    moot__json_free(p->items);
    moot__key_free(p->owner);
    free(p->open_conv);
    free(p->open_from);
}
