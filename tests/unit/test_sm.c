#include "runtime/sm.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SHUT, OPEN, GONE, STATES };

static const struct moot_sm_state door[STATES] = {
    [SHUT] = {.name = "shut", .flags = MOOT_SM_INITIAL, .next = 1 << OPEN | 1 << GONE},
    [OPEN] = {.name = "open", .next = 1 << SHUT},
    [GONE] = {.name = "gone", .flags = MOOT_SM_FINAL},
};

static void legal_moves(void **state)
{
    (void)state;
    struct moot_sm sm;
    moot__sm_init(&sm, "door", door, STATES, SHUT);
    assert_string_equal(moot__sm_text(&sm), "shut");
    assert_false(moot__sm_final(&sm));
    moot__sm_move(&sm, OPEN);
    assert_false(moot__sm_may(&sm, GONE));
    assert_false(moot__sm_may(&sm, 31));
    moot__sm_move(&sm, SHUT);
    moot__sm_move(&sm, GONE);
    assert_true(moot__sm_final(&sm));
    for (unsigned to = 0; to < STATES; to++)
        assert_false(moot__sm_may(&sm, to));
}

/* An illegal move ends the process: it is tried in a child. */
static void illegal_move_aborts(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct moot_sm sm;
        moot__sm_init(&sm, "door", door, STATES, SHUT);
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
        moot__sm_move(&sm, OPEN);
        moot__sm_move(&sm, GONE);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legal_moves),
        cmocka_unit_test(illegal_move_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
