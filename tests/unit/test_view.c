#include "agents/view.h"

#include "agents/role.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A history in one line: `s` system, `u` a text of its own, `m` a message of others, `a` an answer,
 * `c` an answer that calls, `r` a result; a space ends what a call added. The first call begins a
 * turn, and so does each one that has an `m` or a `u`. Each entry is its letter in the order of the
 * alphabet: the first is A. */
static void make(struct moot_view *v, const char *line)
{
    char words[2] = "A";
    moot__view_init(v);
    uint32_t n = 0;
    for (const char *at = line; *at != '\0';) {
        struct moot_add adds[16];
        char texts[16][2];
        size_t count = 0, own = 0;
        bool begins = false;
        for (; *at != '\0' && *at != ' '; at++, count++, words[0]++) {
            memcpy(texts[count], words, 2);
            adds[count] = (struct moot_add){.text = texts[count]};
            bool mine = *at == 'a' || *at == 'c' || *at == 'r';
            own += mine;
            begins = begins || !mine;
            adds[count].role = *at == 's'                 ? MOOT_ADD_SYSTEM
                               : *at == 'a' || *at == 'c' ? MOOT_ADD_ASSISTANT
                               : *at == 'r'               ? MOOT_ADD_TOOL
                                                          : MOOT_ADD_USER;
            if (*at == 'm') {
                adds[count].text = NULL;
                adds[count].from = texts[count];
                adds[count].n = ++n;
                assert_int_equal(moot__view_said(v, texts[count], n, "twelve chars"), MOOT_OK);
            }
        }
        at += *at == ' ';
        assert_int_equal(moot__view_extend(v, adds, count, own, begins), MOOT_OK);
    }
    assert_int_equal(v->seen_count, 0);
}

static void holds(const struct moot_view *v, const char *want)
{
    struct moot_buf got;
    moot__buf_init(&got, 100);
    for (size_t i = 0; i < v->count; i++)
        moot__buf_adds(&got, v->list[i].text != NULL ? v->list[i].text : v->list[i].from);
    assert_string_equal(moot__buf_text(&got), want);
    moot__buf_release(&got);
}

struct bound_case {
    const char *line;
    struct moot_view_def def;
    const char *want; /* NULL: nothing is taken out */
};

static void bounds(void **state)
{
    (void)state;
    static const struct bound_case cases[] = {
        {"sumum", {0}, NULL},
        {"sum", {.last = 2}, NULL},
        {"summ", {.last = 2}, "ACD"},
        {"summmm", {.first = 1, .last = 1}, "ABF"},
        {"summmm", {.first = 2}, "ABCF"},
        /* an own turn with its calls is one */
        {"sm crr amm", {.last = 3}, "ACDEFGH"},
        {"sm crr amm", {.last = 2}, "AGH"},
        {"sm crr am amm", {.last = 4}, "AGHIJ"},
        /* the newest stays, however little is allowed */
        {"smm", {.tokens = 1}, "AC"},
        {"summmm", {.first = 1, .tokens = 30}, "ABEF"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_view v;
        make(&v, cases[i].line);
        bool any = moot__view_bound(&v, &cases[i].def);
        assert_int_equal(any, cases[i].want != NULL);
        if (any)
            holds(&v, cases[i].want);
        moot__view_release(&v);
    }
}

struct between_case {
    const char *line;
    int64_t first, last;
    const char *want; /* what is left; NULL: there is nothing between */
};

/* However little is kept, no call is parted from its results. */
static void between(void **state)
{
    (void)state;
    static const struct between_case cases[] = {
        {"sm", 1, 1, NULL},           {"smm", 1, 1, NULL},
        {"smmm", 1, 1, "ABD"},        {"su crr crr", 1, 1, "ABFGH"},
        {"su crr crr", 0, 1, "AFGH"}, {"su crr crr crr", 2, 1, "ABCDEIJK"},
        {"su cr am", 1, 2, "ABEF"},   {"smmmm", 9, 1, NULL},
        {"smmmm", 1, 0, NULL},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_view v;
        size_t from = 0, to = 0;
        make(&v, cases[i].line);
        bool any = moot__view_between(&v, cases[i].first, cases[i].last, &from, &to);
        assert_int_equal(any, cases[i].want != NULL);
        if (any) {
            moot__view_cut(&v, from, to);
            holds(&v, cases[i].want);
        }
        moot__view_release(&v);
    }
}

static void a_summary_stands_for_a_range(void **state)
{
    (void)state;
    struct moot_view v;
    make(&v, "smmmm");
    assert_int_equal(moot__view_replace(&v, 2, 4, "ann", 7, "in short"), MOOT_OK);
    holds(&v, "ABannE");
    assert_int_equal(v.list[2].role, MOOT_ADD_USER);
    assert_int_equal(v.list[2].n, 7);
    moot__view_release(&v);
}

/* A result that is too long for any history gives way to a note, under the same call. */
static void a_result_gives_way(void **state)
{
    (void)state;
    struct moot_view v;
    char longer[3000];
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    make(&v, "su c");
    struct moot_add adds[] = {{.role = MOOT_ADD_TOOL, .text = "short", .call = "c1"},
                              {.role = MOOT_ADD_TOOL, .text = longer, .call = "c2"}};
    assert_int_equal(moot__view_longest(&v), v.count);
    assert_int_equal(moot__view_extend(&v, adds, 2, 2, false), MOOT_OK);
    assert_int_equal(moot__view_longest(&v), 4);
    int64_t before = moot__view_tokens(&v, 0, v.count);
    assert_int_equal(moot__view_omit(&v, 4), MOOT_OK);
    assert_true(moot__view_tokens(&v, 0, v.count) < before / 2);
    assert_string_equal(v.list[4].call, "c2");
    assert_int_equal(moot__view_longest(&v), v.count);
    moot__view_release(&v);
}

static void who_is_shown(void **state)
{
    (void)state;
    static char ann[] = "ann";
    static char *only[] = {ann, NULL};
    const struct moot_view_def usual = {0};
    const struct moot_view_def some = {.from = only, .kinds = MOOT_SEES_MSG | MOOT_SEES_RESULT};
    assert_true(moot__view_shows(&usual, "bob", MOOT_SEES_MSG));
    assert_false(moot__view_shows(&usual, "bob", MOOT_SEES_CALL));
    assert_true(moot__view_shows(&some, "ann", MOOT_SEES_RESULT));
    assert_false(moot__view_shows(&some, "ann", MOOT_SEES_CALL));
    assert_false(moot__view_shows(&some, "bob", MOOT_SEES_MSG));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),
        cmocka_unit_test(between),
        cmocka_unit_test(a_summary_stands_for_a_range),
        cmocka_unit_test(a_result_gives_way),
        cmocka_unit_test(who_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
