#include "roles/worklist.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { A, B, C, D };

/* Four roots: a is ann's by the crew file, d has no worker (a tool's task). */
static void begin(struct moot_worklist *w)
{
    moot__worklist_init(w);
    assert_int_equal(moot__worklist_root(w, A, "ann"), MOOT_OK);
    for (size_t task = B; task <= D; task++)
        assert_int_equal(moot__worklist_root(w, task, NULL), MOOT_OK);
}

static size_t split(struct moot_worklist *w, size_t parent)
{
    size_t part = 0;
    assert_int_equal(moot__worklist_split(w, parent, "a part", 8, 3, &part), MOOT_OK);
    return part;
}

static void give(struct moot_worklist *w, size_t item, const char *to, const char *words)
{
    assert_int_equal(moot__worklist_delegate(w, item, to, words), MOOT_OK);
    moot__worklist_move(w, item, MOOT_WORK_ASSIGNED);
}

static bool all(void *arg, size_t item)
{
    (void)arg;
    (void)item;
    return true;
}

static bool all_but(void *arg, size_t item)
{
    return item != *(size_t *)arg;
}

static void ids_are_made_by_count(void **state)
{
    struct moot_worklist w;
    (void)state;
    begin(&w);
    size_t first = split(&w, B), second = split(&w, B), inner = split(&w, second);
    assert_string_equal(w.items[A].id, "w1");
    assert_string_equal(w.items[first].id, "w2.1");
    assert_string_equal(w.items[second].id, "w2.2");
    assert_string_equal(w.items[inner].id, "w2.2.1");
    assert_int_equal(w.items[inner].root, B);
    assert_int_equal(moot__worklist_find(&w, "W2.2.1"), inner);
    assert_int_equal(moot__worklist_find(&w, "w9"), w.count);
    assert_int_equal(moot__worklist_of_task(&w, C), C);
    assert_true(w.items[A].preset);
    assert_false(w.items[B].preset);
    moot__worklist_release(&w);
}

static void parts_and_depth_are_bounded(void **state)
{
    struct moot_worklist w;
    size_t part = 0;
    (void)state;
    begin(&w);
    assert_int_equal(moot__worklist_split(&w, A, "x", 1, 1, &part), MOOT_OK);
    assert_int_equal(moot__worklist_split(&w, A, "x", 1, 1, &part), MOOT_ELIMIT);
    assert_int_equal(moot__worklist_split(&w, part, "x", 1, 1, &part), MOOT_ELIMIT);
    assert_int_equal(w.count, 5);
    moot__worklist_release(&w);
}

static void ready_by_priority_then_depth_then_place(void **state)
{
    struct moot_worklist w;
    size_t held = C;
    (void)state;
    begin(&w);
    size_t part = split(&w, B);
    assert_int_equal(moot__worklist_next(&w, all, NULL), w.count);
    give(&w, part, "bob", "");
    give(&w, C, "ann", "");
    assert_int_equal(moot__worklist_next(&w, all, NULL), C);
    assert_int_equal(moot__worklist_next(&w, all_but, &held), part);
    w.items[part].priority = 6;
    assert_int_equal(moot__worklist_next(&w, all, NULL), part);
    w.items[part].priority = MOOT_WORK_PRIORITY;
    give(&w, B, "ann", "");
    assert_int_equal(moot__worklist_next(&w, all, NULL), B);
    moot__worklist_release(&w);
}

static void only_what_has_a_worker_counts_as_running(void **state)
{
    struct moot_worklist w;
    (void)state;
    begin(&w);
    moot__worklist_move(&w, D, MOOT_WORK_RUNNING);
    assert_int_equal(moot__worklist_running(&w), 0);
    give(&w, A, "ann", "");
    moot__worklist_move(&w, A, MOOT_WORK_RUNNING);
    assert_int_equal(moot__worklist_running(&w), 1);
    moot__worklist_release(&w);
}

/* Every pair of states, against what the page says. */
static void only_legal_moves(void **state)
{
    static const char *const may[MOOT_WORK_STATES] = {
        [MOOT_WORK_TODO] = "assigned running done failed cancelled",
        [MOOT_WORK_ASSIGNED] = "running done failed cancelled",
        [MOOT_WORK_RUNNING] = "checking revise blocked done failed cancelled",
        [MOOT_WORK_CHECKING] = "revise done failed cancelled",
        [MOOT_WORK_REVISE] = "assigned running done failed cancelled",
        [MOOT_WORK_BLOCKED] = "assigned failed cancelled",
        [MOOT_WORK_DONE] = "revise",
        [MOOT_WORK_FAILED] = "",
        [MOOT_WORK_CANCELLED] = "",
    };
    struct moot_worklist w;
    (void)state;
    begin(&w);
    for (unsigned from = 0; from < MOOT_WORK_STATES; from++) {
        for (unsigned to = 0; to < MOOT_WORK_STATES; to++) {
            w.items[A].sm.at = from;
            bool legal = strstr(may[from], moot__work_state_text(to)) != NULL;
            if (moot__worklist_may(&w, A, to) != legal)
                fail_msg("%s -> %s", moot__work_state_text(from), moot__work_state_text(to));
        }
    }
    moot__worklist_release(&w);
}

static void parts_hold_the_whole(void **state)
{
    struct moot_worklist w;
    (void)state;
    begin(&w);
    assert_false(moot__worklist_has_open_parts(&w, A));
    size_t part = split(&w, A);
    assert_true(moot__worklist_has_open_parts(&w, A));
    moot__worklist_move(&w, part, MOOT_WORK_CANCELLED);
    assert_true(moot__worklist_over(&w, part));
    assert_false(moot__worklist_has_open_parts(&w, A));
    moot__worklist_release(&w);
}

static bool repeats(const struct moot_worklist *w, size_t item, const char *to, const char *words)
{
    bool again = false;
    assert_int_equal(moot__worklist_repeats(w, item, to, words, &again), MOOT_OK);
    return again;
}

static void the_same_delegation_is_seen_again(void **state)
{
    struct moot_worklist w;
    char words[32];
    (void)state;
    begin(&w);
    give(&w, A, "ann", "Write it, please.");
    assert_true(repeats(&w, A, "ann", "  write IT please"));
    assert_false(repeats(&w, A, "ann", "write it shorter"));
    assert_false(repeats(&w, A, "bob", "Write it, please."));
    assert_false(repeats(&w, B, "ann", "Write it, please."));
    /* A-B-A-B: the first is still within the window. */
    assert_int_equal(moot__worklist_delegate(&w, A, "bob", "Mend it."), MOOT_OK);
    assert_true(repeats(&w, A, "ann", "write it please"));
    assert_int_equal(w.items[A].delegations, 2);
    for (int i = 0; i < MOOT_WORK_WINDOW; i++) {
        snprintf(words, sizeof(words), "try %d", i);
        assert_int_equal(moot__worklist_delegate(&w, A, "bob", words), MOOT_OK);
    }
    assert_false(repeats(&w, A, "ann", "write it please"));
    moot__worklist_release(&w);
}

static void parts_count_at_their_root(void **state)
{
    struct moot_worklist w;
    (void)state;
    begin(&w);
    size_t part = split(&w, A);
    give(&w, part, "bob", "x");
    assert_int_equal(w.items[A].delegations, 1);
    assert_int_equal(w.items[part].delegations, 0);
    moot__worklist_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_made_by_count),
        cmocka_unit_test(parts_and_depth_are_bounded),
        cmocka_unit_test(ready_by_priority_then_depth_then_place),
        cmocka_unit_test(only_what_has_a_worker_counts_as_running),
        cmocka_unit_test(only_legal_moves),
        cmocka_unit_test(parts_hold_the_whole),
        cmocka_unit_test(the_same_delegation_is_seen_again),
        cmocka_unit_test(parts_count_at_their_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
