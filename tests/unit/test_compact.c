#include "agents/compact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A system message, the task, and `turns` answers of about 100 tokens. */
static void make(struct moot_view *v, size_t turns)
{
    char words[400];
    for (size_t i = 0; i + 1 < sizeof(words); i++)
        words[i] = i % 4 == 3 ? ' ' : 'w';
    words[sizeof(words) - 1] = '\0';
    moot__view_init(v);
    struct moot_add first[] = {{.role = MOOT_ADD_SYSTEM, .text = words},
                               {.role = MOOT_ADD_USER, .text = words}};
    struct moot_add next = {.role = MOOT_ADD_ASSISTANT, .text = words};
    assert_int_equal(moot__view_extend(v, first, 2, 0, true), MOOT_OK);
    for (size_t i = 0; i < turns; i++)
        assert_int_equal(moot__view_extend(v, &next, 1, 1, false), MOOT_OK);
}

struct plan_case {
    size_t turns;
    struct moot_compaction_def def;
    int64_t room; /* in percent of all there is; negative: not known */
    int times;
    enum moot_compact_way way;
    size_t from, to;
};

static void plans(void **state)
{
    (void)state;
    static const struct plan_case cases[] = {
        /* nothing but the task */
        {0, {true, 1, 4}, -1, 0, MOOT_COMPACT_NOTHING, 0, 0},
        {8, {true, 1, 4}, -1, 0, MOOT_COMPACT_DROP, 2, 6},
        {8, {false, 1, 4}, -1, 0, MOOT_COMPACT_SUMMARISE, 2, 6},
        /* again: fewer are kept */
        {8, {true, 1, 4}, -1, 1, MOOT_COMPACT_DROP, 2, 8},
        {8, {true, 4, 4}, -1, 2, MOOT_COMPACT_DROP, 3, 9},
        {8, {true, 1, 4}, -1, MOOT_COMPACT_TIMES, MOOT_COMPACT_NOTHING, 0, 0},
        /* fewer than are to be kept: those that there are */
        {3, {true, 1, 4}, -1, 0, MOOT_COMPACT_DROP, 2, 3},
        /* a known room: as much as it takes */
        {8, {true, 1, 4}, 60, 0, MOOT_COMPACT_DROP, 2, 6},
        {8, {true, 1, 4}, 40, 0, MOOT_COMPACT_DROP, 2, 8},
        {8, {true, 1, 4}, 1, 0, MOOT_COMPACT_DROP, 2, 9},
        /* what does not fit into a request cannot be told in short either */
        {8, {false, 0, 1}, 30, 0, MOOT_COMPACT_DROP, 1, 9},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct plan_case *c = &cases[i];
        struct moot_view v;
        make(&v, c->turns);
        int64_t all = moot__view_tokens(&v, 0, v.count);
        int64_t room = c->room < 0 ? -1 : all * c->room / 100;
        struct moot_compact plan = moot__compact_plan(&v, &c->def, room, c->times);
        if (plan.way != c->way || plan.from != c->from || plan.to != c->to)
            fail_msg("case %zu: way %d, %zu to %zu", i, plan.way, plan.from, plan.to);
        moot__view_release(&v);
    }
}

static void rooms(void **state)
{
    (void)state;
    char name[] = "default";
    const struct moot_model_def known = {.name = name, .context = 1000, .max_tokens = 200};
    const struct moot_model_def small = {.name = name, .context = 100, .max_tokens = 200};
    const struct moot_model_def unknown = {.name = name, .max_tokens = 200};
    const struct moot_tool_view tool = {"look", "Looks.", "{\"type\":\"object\"}"};
    const struct moot_think plain = {0};
    const struct moot_think with_tool = {.tools = &tool, .tool_count = 1};
    assert_int_equal(moot__compact_room(&known, &plain), 800);
    assert_true(moot__compact_room(&known, &with_tool) < 795);
    assert_int_equal(moot__compact_room(&small, &plain), 0);
    assert_int_equal(moot__compact_room(&unknown, &plain), -1);
    assert_int_equal(moot__compact_room(NULL, &plain), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
