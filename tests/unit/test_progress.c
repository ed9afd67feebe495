/* The guard that ends conversations which get nowhere, over conversations of tests/data/progress:
 *
 *   # what it is about
 *   name: what is said
 *     and its further lines
 *     + tool arguments => result     a call of that turn
 *
 * Each of `loop` is nudged once and then stopped; those of `moves`, which look like loops, never
 * are. */
#include "roles/progress.h"

#include "agents/role.h"
#include "runtime/hash.h"
#include "tests/lib/shared_data.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TURNS_MAX = 64 };

struct turn {
    char *from;
    char *text;
    struct moot_json *calls; /* or NULL */
};

struct talk {
    struct turn turns[TURNS_MAX];
    size_t count;
};

/* ---- reading ---- */

static void add_line(struct turn *t, const char *line)
{
    struct moot_buf text;
    moot__buf_init(&text, 100000);
    moot__buf_addf(&text, "%s\n%s", t->text, line);
    free(t->text);
    t->text = moot__buf_take(&text);
}

static void add_call(struct turn *t, const char *call)
{
    const char *got = strstr(call, " => ");
    size_t tool = strcspn(call, " "), all = got != NULL ? (size_t)(got - call) : strlen(call);
    if (t->calls == NULL)
        t->calls = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *c = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set(c, "tool", moot__json_new_text_n(call, tool));
    moot__json_set(c, "same", moot__json_new_text_n(call, all));
    moot__json_set_text(c, "got", got != NULL ? got + 4 : "");
    moot__json_add(t->calls, c);
}

static void add_turn(struct talk *talk, const char *line)
{
    size_t name = strcspn(line, ":");
    assert_true(line[name] == ':' && talk->count < TURNS_MAX);
    struct turn *t = &talk->turns[talk->count++];
    const char *text = line + name + 1;
    text += *text == ' ';
    t->from = moot__copy(line, name);
    t->text = moot__copy(text, strlen(text));
}

static void read_talk(char *text, struct talk *talk)
{
    memset(talk, 0, sizeof(*talk));
    for (char *line = text, *next; *line != '\0'; line = next) {
        size_t len = strcspn(line, "\n");
        next = line + len + (line[len] == '\n');
        line[len] = '\0';
        struct turn *t = talk->count > 0 ? &talk->turns[talk->count - 1] : NULL;
        if (line[0] == '#' || len == 0)
            continue;
        if (strncmp(line, "  + ", 4) == 0)
            add_call(t, line + 4);
        else if (strncmp(line, "  ", 2) == 0)
            add_line(t, line + 2);
        else
            add_turn(talk, line);
    }
}

static void free_talk(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++) {
        free(talk->turns[i].from);
        free(talk->turns[i].text);
        moot__json_free(talk->turns[i].calls);
    }
}

/* ---- playing ---- */

struct outcome {
    size_t turns, nudged, stuck; /* the turn, from 1; 0: never */
    size_t nudges;
    int highest;
    char evidence[256];
};

static struct outcome play(const struct talk *talk)
{
    struct outcome o = {.turns = talk->count};
    struct moot_progress p;
    assert_int_equal(moot__progress_init(&p), MOOT_OK);
    for (size_t i = 0; i < talk->count && o.stuck == 0; i++) {
        struct moot_said said = {.from = talk->turns[i].from,
                                 .by_model = true,
                                 .text = talk->turns[i].text,
                                 .calls = talk->turns[i].calls};
        enum moot_progress_verdict v;
        assert_int_equal(moot__progress_heard(&p, &said, &v), MOOT_OK);
        int level = moot__progress_measure(&p);
        o.highest = level > o.highest ? level : o.highest;
        if (getenv("MOOT_TRACE") != NULL)
            print_message("    %4d %s: %.60s\n", level, said.from, said.text);
        if (v == MOOT_PROGRESS_NUDGE) {
            o.nudges++;
            o.nudged = i + 1;
            assert_non_null(moot__progress_nudge(&p));
        }
        if (v == MOOT_PROGRESS_STUCK)
            o.stuck = i + 1;
        if (v != MOOT_PROGRESS_MADE)
            snprintf(o.evidence, sizeof(o.evidence), "%s", p.evidence);
    }
    moot__progress_release(&p);
    return o;
}

static char *read_file(const char *path)
{
    struct moot_buf text;
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    moot__buf_init(&text, 1000000);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        moot__buf_add(&text, chunk, n);
    fclose(f);
    return moot__buf_take(&text);
}

/* Plays every conversation of a folder; `each` says whether it went as it should. */
static size_t play_all(const char *kind, bool (*each)(const struct outcome *o, int *nearest),
                       int *nearest, char name[64])
{
    char dir[512], path[1024];
    size_t count = 0, wrong = 0;
    snprintf(dir, sizeof(dir), "%s/tests/data/progress/%s", MOOT_SOURCE_DIR, kind);
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        struct talk talk;
        int before = *nearest;
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        char *text = read_file(path);
        read_talk(text, &talk);
        if (getenv("MOOT_TRACE") != NULL)
            print_message("  %s\n", e->d_name);
        struct outcome o = play(&talk);
        bool good = each(&o, nearest);
        if (*nearest != before)
            snprintf(name, 64, "%.*s", (int)strcspn(e->d_name, "."), e->d_name);
        if (!good || getenv("MOOT_TRACE") != NULL)
            print_message("  %s: %s: of %zu turns nudged at %zu, stuck at %zu, %d at most: %s\n",
                          good ? "right" : "WRONG", e->d_name, o.turns, o.nudged, o.stuck,
                          o.highest, o.evidence);
        wrong += !good;
        count++;
        free_talk(&talk);
        free(text);
    }
    closedir(d);
    assert_int_equal(wrong, 0);
    return count;
}

static bool is_loop(const struct outcome *o, int *least)
{
    *least = o->highest < *least ? o->highest : *least;
    return o->nudges == 1 && o->stuck > o->nudged + 1 && o->evidence[0] != '\0';
}

static bool is_move(const struct outcome *o, int *most)
{
    *most = o->highest > *most ? o->highest : *most;
    return o->nudges == 0 && o->stuck == 0;
}

static void loops_and_moves(void **state)
{
    (void)state;
    char loop[64] = "", move[64] = "";
    int least = 1001, most = -1;
    size_t moves = play_all("moves", is_move, &most, move);
    size_t loops = play_all("loop", is_loop, &least, loop);

    assert_true(loops >= 20 && moves >= 20);
    print_message("%zu loops, the least at %d (%s); %zu that move, the nearest at %d (%s)\n", loops,
                  least, loop, moves, most, move);
    assert_true(least > most);
}

/* ---- what models and tools really said ---- */

/* Text, or a list of parts with text. */
static void add_text(struct moot_buf *out, const struct moot_json *content)
{
    if (moot__json_text(content) != NULL)
        moot__buf_adds(out, moot__json_text(content));
    for (const struct moot_json *p = moot__json_first(content); p != NULL; p = moot__json_next(p))
        moot__buf_adds(out, moot__json_get_text(p, "text", ""));
}

/* What came of a call: the message, or the part of one, that bears its id. */
static char *result_of(const struct moot_json *messages, const char *id)
{
    struct moot_buf text;
    moot__buf_init(&text, 10000000);
    for (const struct moot_json *m = moot__json_first(messages); m != NULL;
         m = moot__json_next(m)) {
        const struct moot_json *content = moot__json_get(m, "content");
        if (strcmp(moot__json_get_text(m, "tool_call_id", ""), id) == 0)
            add_text(&text, content);
        for (const struct moot_json *p = moot__json_first(content); p != NULL;
             p = moot__json_next(p))
            if (strcmp(moot__json_get_text(p, "tool_use_id", ""), id) == 0)
                add_text(&text, moot__json_get(p, "content"));
    }
    return moot__buf_take(&text);
}

static void add_act(struct moot_json *calls, const struct moot_json *messages, const char *id,
                    const char *tool, const char *args)
{
    struct moot_json *call = moot__json_new(MOOT_JSON_OBJECT);
    char *got = result_of(messages, id);
    moot__json_set_text(call, "tool", tool);
    moot__json_set_text(call, "same", args);
    moot__json_set_text(call, "got", got);
    moot__json_add(calls, call);
    free(got);
}

static void add_acts(struct moot_json *calls, const struct moot_json *messages,
                     const struct moot_json *m)
{
    const struct moot_json *c = moot__json_first(moot__json_get(m, "tool_calls"));
    for (; c != NULL; c = moot__json_next(c)) {
        const struct moot_json *function = moot__json_get(c, "function");
        add_act(calls, messages, moot__json_get_text(c, "id", "?"),
                moot__json_get_text(function, "name", ""),
                moot__json_get_text(function, "arguments", ""));
    }
    const struct moot_json *p = moot__json_first(moot__json_get(m, "content"));
    for (; p != NULL; p = moot__json_next(p)) {
        char *args = moot__json_string(moot__json_get(p, "input"));
        if (moot__json_get(p, "input") != NULL)
            add_act(calls, messages, moot__json_get_text(p, "id", "?"),
                    moot__json_get_text(p, "name", ""), args);
        free(args);
    }
}

/* Whether it goes on with the turn before it: a model's next step, or what a tool said. */
static bool same_turn(const struct moot_json *m, const char *before)
{
    const char *role = moot__json_get_text(m, "role", "");
    const struct moot_json *part = moot__json_first(moot__json_get(m, "content"));
    return strcmp(role, "tool") == 0 || moot__json_get(part, "tool_use_id") != NULL ||
           (strcmp(role, "assistant") == 0 && strcmp(before, "assistant") == 0);
}

static bool hear(struct moot_progress *p, const char *from, struct moot_buf *text,
                 struct moot_json *calls, int *highest)
{
    enum moot_progress_verdict v = MOOT_PROGRESS_MADE;
    char *words = moot__buf_take(text);
    struct moot_said said = {.from = from, .by_model = true, .text = words, .calls = calls};
    assert_int_equal(moot__progress_heard(p, &said, &v), MOOT_OK);
    int level = moot__progress_measure(p);
    *highest = level > *highest ? level : *highest;
    moot__json_free(calls);
    free(words);
    return v == MOOT_PROGRESS_MADE;
}

/* A turn is all steps of a model between what others say; its words are those of the last. */
static bool request_moves(const char *file, const struct moot_json *messages, int *highest)
{
    struct moot_progress p;
    bool moves = true;
    assert_int_equal(moot__progress_init(&p), MOOT_OK);
    for (const struct moot_json *m = moot__json_first(messages); m != NULL;) {
        const char *role = moot__json_get_text(m, "role", "");
        struct moot_json *calls = moot__json_new(MOOT_JSON_ARRAY);
        struct moot_buf text;
        moot__buf_init(&text, 10000000);
        do {
            if (strcmp(moot__json_get_text(m, "role", ""), role) == 0) {
                moot__buf_clear(&text);
                add_text(&text, moot__json_get(m, "content"));
            }
            add_acts(calls, messages, m);
            m = moot__json_next(m);
        } while (m != NULL && same_turn(m, role));
        bool good = strcmp(role, "system") == 0 || hear(&p, role, &text, calls, highest);
        if (strcmp(role, "system") == 0)
            moot__json_free(calls);
        if (!good)
            print_message("  WRONG: %s: %s\n", file, p.evidence);
        moves = moves && good;
        moot__buf_release(&text);
    }
    moot__progress_release(&p);
    return moves;
}

static size_t file_moves(const char *file, size_t *talks, int *highest)
{
    char name[512];
    size_t wrong = 0, len = 0;
    snprintf(name, sizeof(name), "data/recordings/%s", file);
    char *text = shared_data(MOOT_SHARED_DIR, name, &len);
    for (char *line = text, *next; line < text + len; line = next) {
        size_t n = strcspn(line, "\n");
        struct moot_json *entry = NULL;
        next = line + n + 1;
        assert_int_equal(moot__json_parse(line, n, &entry, NULL), MOOT_OK);
        const struct moot_json *body = moot__json_get(moot__json_get(entry, "request"), "body");
        const struct moot_json *messages = moot__json_get(body, "messages");
        wrong += !request_moves(file, messages, highest);
        *talks += messages != NULL;
        moot__json_free(entry);
    }
    free(text);
    return wrong;
}

static void recordings(void **state)
{
    (void)state;
    size_t talks = 0, wrong = 0, len;
    int highest = 0;
    struct moot_json *list = NULL;
    char *text = shared_data(MOOT_SHARED_DIR, "data/recordings/runs/manifest.json", &len);
    assert_int_equal(moot__json_parse(text, len, &list, NULL), MOOT_OK);
    for (const struct moot_json *run = moot__json_first(list); run != NULL;
         run = moot__json_next(run))
        wrong += file_moves(moot__json_get_text(run, "file", ""), &talks, &highest);
    print_message("%zu recorded conversations, the nearest at %d\n", talks, highest);
    assert_int_equal(wrong, 0);
    assert_true(talks > 20);
    moot__json_free(list);
    free(text);
}

/* ---- the guard itself ---- */

static enum moot_progress_verdict says(struct moot_progress *p, const char *from, const char *text)
{
    char *words = moot__copy(text, strlen(text));
    struct moot_said said = {.from = from, .by_model = true, .text = words};
    enum moot_progress_verdict v;
    assert_int_equal(moot__progress_heard(p, &said, &v), MOOT_OK);
    free(words);
    return v;
}

/* How many turns of the same words it takes to this verdict. */
static int until(struct moot_progress *p, enum moot_progress_verdict v)
{
    int turns = 1;
    while (says(p, turns % 2 == 0 ? "ann" : "bob", "Shall we begin?") != v && turns < 100)
        turns++;
    return turns;
}

/* One nudge, and some turns to heed it, before it is stuck; what is new then is a new beginning. */
static void one_nudge(void **state)
{
    (void)state;
    struct moot_progress p;
    moot__progress_init(&p);
    int first = until(&p, MOOT_PROGRESS_NUDGE);
    assert_in_range(first, 4, 7);
    assert_int_equal(says(&p, "ann", "The numbers 17, 23 and 42 came from the mill in Foxford."),
                     MOOT_PROGRESS_MADE);
    assert_int_equal(says(&p, "bob", "Then the sum is 82, and the order can go to Galway."),
                     MOOT_PROGRESS_MADE);
    assert_true(moot__progress_measure(&p) < 250);
    until(&p, MOOT_PROGRESS_NUDGE);
    assert_in_range(until(&p, MOOT_PROGRESS_STUCK), 2, 4);
    assert_int_equal(moot__progress_measure(&p), 1000);
    moot__progress_release(&p);
}

static void a_person_is_progress(void **state)
{
    (void)state;
    char words[] = "Shall we begin?";
    struct moot_progress p;
    enum moot_progress_verdict v;
    moot__progress_init(&p);
    until(&p, MOOT_PROGRESS_NUDGE);
    struct moot_said said = {.from = "eve", .by_person = true, .text = words};
    assert_int_equal(moot__progress_heard(&p, &said, &v), MOOT_OK);
    assert_int_equal(v, MOOT_PROGRESS_MADE);
    assert_int_equal(moot__progress_measure(&p), 0);
    until(&p, MOOT_PROGRESS_NUDGE); /* there is one again */
    moot__progress_release(&p);
}

static void evidence(void **state)
{
    (void)state;
    struct moot_progress p;
    moot__progress_init(&p);
    while (says(&p, "ann", "Goodbye, thank you!") != MOOT_PROGRESS_NUDGE)
        ;
    assert_non_null(strstr(p.evidence, "exchange courtesies (ann, ann, ann, ann)"));
    assert_non_null(strstr(moot__progress_nudge(&p), "courtesies"));
    moot__progress_release(&p);
    moot__progress_init(&p);
    while (says(&p, "ann", " \n") != MOOT_PROGRESS_NUDGE)
        ;
    assert_non_null(strstr(p.evidence, "are empty"));
    moot__progress_release(&p);
}

/* The opening is no turn: it neither moves nor stands still. */
static void opening(void **state)
{
    (void)state;
    char words[] = "Goodbye, thank you!";
    struct moot_progress p;
    enum moot_progress_verdict v;
    moot__progress_init(&p);
    struct moot_said said = {.from = "manager", .opening = true, .text = words};
    for (int i = 0; i < 20; i++) {
        assert_int_equal(moot__progress_heard(&p, &said, &v), MOOT_OK);
        assert_int_equal(v, MOOT_PROGRESS_MADE);
    }
    moot__progress_release(&p);
}

/* The same call with another result is news; with the same result it is none. */
static void calls(void **state)
{
    (void)state;
    char words[] = "I look again.";
    struct moot_progress p;
    enum moot_progress_verdict v = MOOT_PROGRESS_MADE;
    moot__progress_init(&p);
    struct moot_json *call = NULL;
    static const char list[] = "[{\"tool\":\"job\",\"same\":\"a\",\"got\":\"x\"}]";
    moot__json_parse(list, strlen(list), &call, NULL);
    struct moot_said said = {.from = "ann", .by_model = true, .text = words, .calls = call};
    for (int i = 0; i < 40 && v == MOOT_PROGRESS_MADE; i++) {
        moot__json_set_int(moot__json_edit_at(call, 0), "n", i);
        char got[16];
        snprintf(got, sizeof(got), "%d", i);
        moot__json_set_text(moot__json_edit_at(call, 0), "got", got);
        moot__progress_heard(&p, &said, &v);
    }
    assert_int_equal(v, MOOT_PROGRESS_MADE);
    for (int i = 0; i < 8 && v == MOOT_PROGRESS_MADE; i++)
        moot__progress_heard(&p, &said, &v);
    assert_int_equal(v, MOOT_PROGRESS_NUDGE);
    assert_non_null(strstr(p.evidence, "same calls"));
    moot__json_free(call);
    moot__progress_release(&p);
}

/* Of long texts a draw of words is kept: saying them again is seen, and one of other words is not
 * taken for the same. */
static void long_texts(void **state)
{
    (void)state;
    struct moot_progress p;
    moot__progress_init(&p);
    for (int turn = 0; turn < 30; turn++) {
        struct moot_buf text;
        moot__buf_init(&text, 1000000);
        for (int i = 0; i < 3000; i++)
            moot__buf_addf(&text, "w%d ", (turn < 20 ? turn * 3000 : 60000) + i);
        says(&p, "ann", text.data);
        moot__buf_release(&text);
        if (turn < 20)
            assert_int_equal(moot__progress_measure(&p), 0);
    }
    assert_int_equal(moot__progress_measure(&p), 1000);
    moot__progress_release(&p);
}

static void add_bytes(void *arg, const void *data, size_t len)
{
    moot__hash_add(arg, data, len);
}

/* The digest tells states apart that will decide differently. */
static void digests(void **state)
{
    (void)state;
    uint8_t out[3][MOOT_HASH_SIZE];
    static const char *const second[] = {"Two apples", "Two pears", "Two apples"};
    for (size_t i = 0; i < 3; i++) {
        struct moot_progress p;
        struct moot_hash h;
        moot__progress_init(&p);
        moot__hash_init(&h);
        says(&p, "ann", "One apple");
        says(&p, "bob", second[i]);
        moot__progress_digest(&p, &(struct moot_digest){add_bytes, &h});
        moot__hash_end(&h, out[i]);
        moot__progress_release(&p);
    }
    assert_memory_not_equal(out[0], out[1], MOOT_HASH_SIZE);
    assert_memory_equal(out[0], out[2], MOOT_HASH_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_and_moves), cmocka_unit_test(recordings),
        cmocka_unit_test(one_nudge),       cmocka_unit_test(a_person_is_progress),
        cmocka_unit_test(evidence),        cmocka_unit_test(opening),
        cmocka_unit_test(calls),           cmocka_unit_test(long_texts),
        cmocka_unit_test(digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
