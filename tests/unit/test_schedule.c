#include "roles/schedule.h"

#include "agents/verdict.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TASK(id, more) "{\"id\":\"" id "\",\"agent\":\"x\",\"prompt\":\"x\"" more "}"
#define NEEDS(list) ",\"needs\":[" list "]"

/*  a -> b -> d     a -> c     d sends back to a; e stands alone */
#define DIAMOND                                                                                    \
    "{\"tasks\":[" TASK("a", "") "," TASK("b", NEEDS("\"a\"")) "," TASK(                           \
        "c", NEEDS("\"a\"")) "," TASK("d",                                                         \
                                      NEEDS("\"b\"") ",\"on_reject\":\"a\",\"attempts\":3,\"on_"   \
                                                     "exhausted\":\"best\"") "," TASK("e",         \
                                                                                      "") "]}"

enum { A, B, C, D, E };

static void begin(struct moot_schedule *s, const struct moot_crew_def *crew, bool one)
{
    memset(s, 0, sizeof(*s));
    assert_int_equal(moot__schedule_init(s, crew, one), MOOT_OK);
}

static void all_done(struct moot_schedule *s)
{
    for (size_t i = 0; i < s->crew->task_count; i++)
        s->tasks[i].state = MOOT_TASK_DONE;
}

static void ready_in_order(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(DIAMOND);
    struct moot_schedule s;
    size_t task = 99;
    begin(&s, crew, false);
    assert_int_equal(moot__schedule_next(&s, 0, &task), MOOT_NEXT_TASK);
    assert_int_equal(task, A);
    s.tasks[A].state = MOOT_TASK_RUNNING;
    assert_int_equal(moot__schedule_next(&s, 0, &task), MOOT_NEXT_TASK);
    assert_int_equal(task, E);
    s.tasks[E].state = MOOT_TASK_RUNNING;
    assert_int_equal(moot__schedule_next(&s, 0, &task), MOOT_NEXT_NONE);
    assert_int_equal(moot__schedule_busy(&s), 2);
    s.tasks[A].state = MOOT_TASK_SKIPPED;
    assert_int_equal(moot__schedule_next(&s, 0, &task), MOOT_NEXT_SKIP);
    assert_int_equal(task, B);
    assert_int_equal(moot__schedule_next(&s, C, &task), MOOT_NEXT_SKIP);
    assert_int_equal(task, C);
    assert_false(moot__schedule_settled(&s));
    all_done(&s);
    assert_true(moot__schedule_settled(&s));
    moot__schedule_release(&s);
    begin(&s, crew, true);
    s.tasks[A].state = MOOT_TASK_RUNNING;
    assert_int_equal(moot__schedule_next(&s, 0, &task), MOOT_NEXT_NONE);
    moot__schedule_release(&s);
    pure_crew_free(crew);
}

static void rejected(struct moot_schedule *s, size_t task, const char *result, int64_t score)
{
    struct moot_json *verdict = moot__verdict_no("dull");
    if (score >= 0)
        assert_int_equal(moot__json_set_int(verdict, "score", score), MOOT_OK);
    assert_int_equal(moot__schedule_reject(
                         s, task, result == NULL ? NULL : moot__json_new_text(result), verdict),
                     MOOT_OK);
}

static void sent_back(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(DIAMOND);
    struct moot_schedule s;
    begin(&s, crew, false);
    all_done(&s);
    s.tasks[D].state = MOOT_TASK_RUNNING;
    rejected(&s, D, "x", 3);
    assert_true(moot__schedule_may_retry(&s, D));
    assert_int_equal(moot__schedule_send_back(&s, D), MOOT_OK);
    static const enum moot_task_state want[] = {MOOT_TASK_WAITING, MOOT_TASK_WAITING,
                                                MOOT_TASK_DONE, MOOT_TASK_WAITING, MOOT_TASK_DONE};
    for (size_t i = 0; i < MOOT_COUNT(want); i++)
        assert_int_equal(s.tasks[i].state, want[i]);
    assert_string_equal(s.tasks[A].report, "1. dull");
    assert_int_equal(s.tasks[A].rejected, D);
    assert_null(s.tasks[C].report);
    /* One that is being done again already stays at it. */
    s.tasks[A].state = MOOT_TASK_RUNNING;
    rejected(&s, D, "y", 5);
    assert_int_equal(moot__schedule_send_back(&s, D), MOOT_OK);
    assert_int_equal(s.tasks[A].state, MOOT_TASK_RUNNING);
    assert_string_equal(s.tasks[D].report, "1. dull\n\n1. dull");
    rejected(&s, D, "z", 5);
    assert_false(moot__schedule_may_retry(&s, D));
    moot__schedule_release(&s);
    pure_crew_free(crew);
}

static void best_of(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(DIAMOND);
    struct moot_schedule s;
    begin(&s, crew, false);
    assert_null(moot__schedule_best(&s, D));
    rejected(&s, D, NULL, 10);
    assert_null(moot__schedule_best(&s, D));
    rejected(&s, D, "unscored", -1);
    assert_string_equal(moot__json_text(moot__schedule_best(&s, D)), "unscored");
    rejected(&s, D, "five", 5);
    rejected(&s, D, "five again", 5);
    rejected(&s, D, "four", 4);
    assert_string_equal(moot__json_text(moot__schedule_best(&s, D)), "five again");
    /* Where nothing will be asked of them, tries are not kept. */
    rejected(&s, A, "x", 5);
    assert_null(s.tasks[A].tries);
    moot__schedule_release(&s);
    pure_crew_free(crew);
}

static void unapproved(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(DIAMOND);
    struct moot_schedule s;
    begin(&s, crew, false);
    s.tasks[A].unapproved = true;
    assert_true(moot__schedule_unapproved(&s, B));
    assert_false(moot__schedule_unapproved(&s, D));
    assert_false(moot__schedule_unapproved(&s, E));
    assert_int_equal(moot__schedule_find(&s, "d"), D);
    assert_int_equal(moot__schedule_find(&s, "nobody"), crew->task_count);
    assert_int_equal(moot__schedule_find(&s, NULL), crew->task_count);
    moot__schedule_release(&s);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_in_order),
        cmocka_unit_test(sent_back),
        cmocka_unit_test(best_of),
        cmocka_unit_test(unapproved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
