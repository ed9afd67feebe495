/* The plug-in promoter of examples/ on the simulated world: its three arrangements reach the ends
 * they are there to show, whatever goes through at once, and killed anywhere they reach the same
 * end without asking for a reply twice. Its pages are left out: what is said comes from
 * replies.json. */
#include "moot/message.h"
#include "roles/crew.h"
#include "roles/crew_load.h"
#include "tests/lib/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#define FOLDER MOOT_SOURCE_DIR "/examples/shopify-promoter"

struct tally {
    int drafts, replies, rejections, sends, items_done, closed, lines;
    int64_t digest; /* of what is the same in every repetition, whatever the order between items */
};

struct scene {
    const char *name;
    char dir[64];
    char journal[128];
    struct moot_crew *crew;
    struct moot_json *items;
    struct moot_key *owner;
    int64_t virtual_ms;
};

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

/* The rows of the registry, each an item of its own. */
static struct moot_json *items_of_registry(void)
{
    struct moot_json *rows = NULL;
    struct moot_error err = {0};
    struct moot_json *items = moot__json_new(MOOT_JSON_ARRAY);
    char *text = NULL;
    size_t size = 0;
    FILE *f = fopen(FOLDER "/stores.json", "r");
    assert_non_null(f);
    assert_true(getdelim(&text, &size, '\0', f) > 0);
    fclose(f);
    assert_int_equal(moot__json_parse(text, strlen(text), &rows, &err), MOOT_OK);
    free(text);
    for (const struct moot_json *r = moot__json_first(rows); r != NULL; r = moot__json_next(r)) {
        struct moot_json *item = moot__json_copy(r);
        const char *file = moot__json_get_text(r, "file", "");
        char name[64];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."), file);
        moot__json_set_text(item, "name", name);
        moot__json_set_text(item, "path", file);
        moot__json_set_text(item, "text", "A page about this shop.");
        assert_int_equal(moot__json_add(items, item), MOOT_OK);
    }
    moot__json_free(rows);
    return items;
}

/* Compiles the crew, anew for each process that takes the run up: which replies were used is not
 * remembered. */
static void scene_crew(struct scene *s)
{
    struct moot_json *resolved = NULL;
    struct moot_error err = {0};
    char path[512], *base_dir = NULL;
    moot__crew_free(s->crew);
    snprintf(path, sizeof(path), FOLDER "/%s.yaml", s->name);
    if (moot__crew_load(path, NULL, &resolved, &base_dir, &err) != MOOT_OK)
        fail_msg("%s:%d: %s", path, err.line, err.message);
    if (moot__crew_build(resolved, base_dir, "2026-11-25", no_env, &s->crew, &err) != MOOT_OK)
        fail_msg("%s: %s", path, err.message);
    free(base_dir);
}

static void scene_init(struct scene *s, const char *crew)
{
    memset(s, 0, sizeof(*s));
    s->name = crew;
    snprintf(s->dir, sizeof(s->dir), "/tmp/moot-promoter-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->journal, sizeof(s->journal), "%s/run.db", s->dir);
    s->items = items_of_registry();
    uint8_t seed[32] = {9};
    s->owner = moot__key_from_seed(seed);
}

static void scene_release(struct scene *s)
{
    static const char *const names[] = {"run.db",   "run.db-wal", "run.db-shm", "run.lock",
                                        "run.post", ".gitignore", "labels.db"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        char path[192];
        snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
        if (unlink(path) != 0)
            (void)rmdir(path);
    }
    (void)rmdir(s->dir);
    moot__crew_free(s->crew);
    moot__json_free(s->items);
    moot__key_free(s->owner);
}

/* Runs or resumes; 0 for `crash_after`: to the end. */
static enum moot_run_state play(struct scene *s, bool resume, int jobs, int crash_after)
{
    struct moot_error err = {0};
    scene_crew(s);
    struct moot_world *w =
        sim_world_new(&(struct sim_world_options){.seed = (uint64_t)crash_after + 1});
    struct moot_host_options o = {
        .world = w,
        .crew = &s->crew->parts,
        .journal = s->journal,
        .run = resume ? NULL : "00112233445566778899aabbccddeeff",
        .resume = resume,
        .owner = s->owner,
        .items = s->items,
        .jobs = jobs,
        .seed = 1,
        .date = "2026-11-25",
        .crash_after = crash_after,
    };
    struct moot_host *h = NULL;
    if (moot__host_new(&o, &h, &err) != MOOT_OK)
        fail_msg("host: %s", err.message);
    if (moot__host_run(h, &err) != MOOT_OK)
        fail_msg("run: %s", err.message);
    enum moot_run_state state = moot__host_state(h);
    moot__host_free(h);
    s->virtual_ms = w->now_mono(w->self);
    w->destroy(w->self);
    return state;
}

static void digest_line(struct tally *t, const char *line)
{
    uint64_t hash = 1469598103934665603u;
    for (const char *c = line; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    t->digest = (int64_t)((uint64_t)t->digest + hash); /* sums do not know an order */
    t->lines++;
}

static int tally_each(void *arg, struct moot_message *m)
{
    struct tally *t = arg;
    const char *text = moot__json_get_text(m->body, "outcome", "");
    const char *tail = strrchr(m->conv, '/');
    bool is_email = tail != NULL && strncmp(tail, "/email#", 7) == 0;
    t->drafts += m->kind == MOOT_OPEN && is_email;
    t->replies += m->kind == MOOT_MODEL_REPLY;
    t->rejections += m->kind == MOOT_VERDICT && strcmp(m->from, "reviewer") == 0 &&
                     !moot__json_get_bool(m->body, "passed", true);
    t->sends += m->kind == MOOT_TOOL_RESULT && m->task != NULL && strcmp(m->task, "send") == 0 &&
                strcmp(moot__json_get_text(m->body, "status", ""), "ok") == 0;
    t->items_done += m->kind == MOOT_END && strchr(m->conv, '/') == NULL && *m->conv != '\0' &&
                     strcmp(text, "done") == 0;
    t->closed += m->kind == MOOT_CLOSE;
    if (*m->conv == '\0')
        return 0;
    struct moot_json *body = moot__json_copy(m->body);
    moot__json_free(moot__json_take(body, "at"));
    moot__json_free(moot__json_take(body, "add")); /* holds ids */
    moot__json_free(moot__json_take(body, "base"));
    char *body_text = moot__json_string(body);
    struct moot_buf line;
    moot__buf_init(&line, MOOT_MAX_JSON);
    moot__buf_addf(&line, "%s|%s|%u|%s|%s", m->conv, m->from, m->n, moot_kind_text(m->kind),
                   body_text);
    digest_line(t, moot__buf_text(&line));
    moot__buf_release(&line);
    free(body_text);
    moot__json_free(body);
    return 0;
}

static struct tally tally(const struct scene *s)
{
    struct moot_error err = {0};
    struct moot_journal *j = NULL;
    struct tally t = {0};
    if (moot__journal_open(s->journal, MOOT_JOURNAL_READ, NULL, &j, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(moot__journal_each(j, 0, tally_each, &t, &err), 0);
    moot__journal_close(j);
    return t;
}

static const struct {
    const char *crew;
    struct tally want;
} arrangements[] = {
    {"pipeline", {.drafts = 5, .replies = 30, .sends = 5, .items_done = 5, .closed = 1}},
    {"graph", {.drafts = 5, .replies = 30, .sends = 5, .items_done = 5, .closed = 1}},
    {"quality-loop",
     {.drafts = 6, .replies = 42, .rejections = 1, .sends = 5, .items_done = 5, .closed = 1}},
};

static void assert_counts(const struct tally *got, const struct tally *want)
{
    assert_int_equal(got->drafts, want->drafts);
    assert_int_equal(got->replies, want->replies);
    assert_int_equal(got->rejections, want->rejections);
    assert_int_equal(got->sends, want->sends);
    assert_int_equal(got->items_done, want->items_done);
    assert_int_equal(got->closed, want->closed);
}

static void each_arrangement_ends_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(arrangements); i++) {
        struct tally first = {0};
        for (int jobs = 1; jobs <= 5; jobs += 4) {
            struct scene s;
            scene_init(&s, arrangements[i].crew);
            assert_int_equal(play(&s, false, jobs, 0), MOOT_RUN_CLOSED);
            struct tally t = tally(&s);
            assert_counts(&t, &arrangements[i].want);
            if (jobs == 1)
                first = t;
            assert_int_equal(t.lines, first.lines);
            assert_int_equal(t.digest, first.digest);
            printf("%s, %d at once: %d messages, %lld ms of virtual time\n", arrangements[i].crew,
                   jobs, t.lines, (long long)s.virtual_ms);
            scene_release(&s);
        }
    }
}

/* Killed after every commit in turn, then resumed. */
static void killed_anywhere_it_goes_on_to_the_same_end(void **state)
{
    (void)state;
    struct scene whole;
    scene_init(&whole, "quality-loop");
    assert_int_equal(play(&whole, false, 5, 0), MOOT_RUN_CLOSED);
    struct tally want = tally(&whole);
    scene_release(&whole);
    int points = 0;
    for (int crash = 1;; crash++) {
        struct scene s;
        scene_init(&s, "quality-loop");
        bool over = play(&s, false, 5, crash) == MOOT_RUN_CLOSED;
        if (!over) {
            points++;
            assert_int_equal(play(&s, true, 5, 0), MOOT_RUN_CLOSED);
            struct tally got = tally(&s);
            assert_counts(&got, &want);
            assert_int_equal(got.lines, want.lines);
            assert_int_equal(got.digest, want.digest);
        }
        scene_release(&s);
        if (over)
            break;
    }
    assert_true(points > 10);
    printf("killed at %d places\n", points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_arrangement_ends_as_it_should),
        cmocka_unit_test(killed_anywhere_it_goes_on_to_the_same_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
