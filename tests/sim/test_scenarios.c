/* Every scenario of tests/scenarios comes to the transcript that it says, also when it is killed on
 * the way; and every rule of docs/rules.md is proved by one of them, each proving a rule that no
 * other does. Also of: hierarchical.c delegation.c delegation_tell.c delegation_decide.c */
#include "tests/lib/scenario.h"

#include "runtime/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FOLDER MOOT_SOURCE_DIR "/tests/scenarios"
#define RULES MOOT_SOURCE_DIR "/docs/rules.md"

enum { STRIDE = 3 }; /* of commits after which each is killed */

struct tally {
    int scenarios, wrong;
    const char *only; /* a part of the names of those to play; NULL: all */
};

static void play_one(void *arg, const struct scenario *s)
{
    struct tally *t = arg;
    if (t->only != NULL && strstr(s->name, t->only) == NULL && strstr(s->file, t->only) == NULL)
        return;
    char *got = NULL;
    t->scenarios++;
    scenario_play(s, STRIDE, &got);
    if (got != NULL && strcmp(got, s->transcript) != 0) {
        t->wrong++;
        fprintf(stderr, "%s: %s\n--- it went\n%s--- not\n%s\n", s->file, s->name, got,
                s->transcript);
    }
    free(got);
}

static void plays(void **state)
{
    struct tally t = {.only = getenv("MOOT_SCENARIO")};
    (void)state;
    scenario_each(FOLDER, play_one, &t);
    print_message("%d scenarios\n", t.scenarios);
    assert_true(t.scenarios > 0);
    assert_int_equal(t.wrong, 0);
}

/* ---- rules ---- */

struct proofs {
    struct moot_map rules; /* id -> (void *)(how many scenarios prove it, and 1) */
    int superfluous, unknown;
};

/* Ids stand in the table's first column: | `proxy.always.empty` | … |. */
static void read_rules(struct proofs *p)
{
    FILE *f = fopen(RULES, "r");
    char *line = NULL;
    size_t size = 0;
    assert_non_null(f);
    while (getline(&line, &size, f) > 0) {
        if (strncmp(line, "| `", 3) != 0)
            continue;
        char id[128];
        snprintf(id, sizeof(id), "%.*s", (int)strcspn(line + 3, "`"), line + 3);
        if (moot__map_get(&p->rules, id) != NULL)
            fail_msg("docs/rules.md has '%s' twice", id);
        assert_int_equal(moot__map_put(&p->rules, id, (void *)(uintptr_t)1), MOOT_OK);
    }
    free(line);
    fclose(f);
}

static void count_one(void *arg, const struct scenario *s)
{
    struct proofs *p = arg;
    for (const struct moot_json *r = moot__json_first(s->rules); r != NULL;
         r = moot__json_next(r)) {
        const char *id = moot__json_text(r);
        uintptr_t count = (uintptr_t)moot__map_get(&p->rules, id);
        if (count == 0) {
            print_error("%s: %s: docs/rules.md has no rule '%s'\n", s->file, s->name, id);
            p->unknown++;
            continue;
        }
        assert_int_equal(moot__map_put(&p->rules, id, (void *)(count + 1)), MOOT_OK);
    }
}

static void needs_one(void *arg, const struct scenario *s)
{
    struct proofs *p = arg;
    for (const struct moot_json *r = moot__json_first(s->rules); r != NULL; r = moot__json_next(r))
        if ((uintptr_t)moot__map_get(&p->rules, moot__json_text(r)) == 2)
            return;
    print_error("%s: %s: every rule it proves is proved without it\n", s->file, s->name);
    p->superfluous++;
}

static void proved(void **state)
{
    struct proofs p = {0};
    int unproved = 0;
    (void)state;
    moot__map_init(&p.rules);
    read_rules(&p);
    scenario_each(FOLDER, count_one, &p);
    scenario_each(FOLDER, needs_one, &p);
    size_t at = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&p.rules, &at)) != NULL;) {
        if ((uintptr_t)e->value == 1) {
            print_error("no scenario proves '%s'\n", e->key);
            unproved++;
        }
    }
    print_message("%d rules unproved, %d scenarios superfluous\n", unproved, p.superfluous);
    moot__map_release(&p.rules, NULL);
    assert_int_equal(unproved + p.superfluous + p.unknown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays),
        cmocka_unit_test(proved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
