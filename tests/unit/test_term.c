#include "cli/term.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

/* A terminal of its own: the two ends of a pseudo terminal. */
static int open_terminal(int *other)
{
    *other = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*other >= 0);
    assert_int_equal(grantpt(*other), 0);
    assert_int_equal(unlockpt(*other), 0);
    int fd = open(ptsname(*other), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    struct winsize size = {.ws_row = 33, .ws_col = 101};
    assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
    return fd;
}

static void kinds(void **state)
{
    (void)state;
    int other = -1;
    int fd = open_terminal(&other);
    struct moot_term t;
    unsetenv("NO_COLOR");
    unsetenv("COLORTERM");
    setenv("TERM", "xterm-256color", 1);
    moot__term_look(fd, &t);
    assert_true(t.tty && t.moves);
    assert_int_equal(t.colours, 256);
    assert_int_equal(t.columns, 101);
    assert_int_equal(t.rows, 33);
    setenv("TERM", "xterm", 1);
    moot__term_look(fd, &t);
    assert_int_equal(t.colours, 16);
    setenv("NO_COLOR", "1", 1);
    moot__term_look(fd, &t);
    assert_true(t.moves);
    assert_int_equal(t.colours, 0);
    setenv("NO_COLOR", "", 1); /* empty means nothing */
    moot__term_look(fd, &t);
    assert_int_equal(t.colours, 16);
    setenv("TERM", "dumb", 1);
    moot__term_look(fd, &t);
    assert_true(t.tty);
    assert_false(t.moves);
    assert_int_equal(t.colours, 0);
    close(fd);
    close(other);
}

static void no_terminal(void **state)
{
    (void)state;
    struct moot_term t;
    int fd = open("/dev/null", O_RDWR);
    setenv("TERM", "xterm", 1);
    unsetenv("COLUMNS");
    moot__term_look(fd, &t);
    assert_false(t.tty || t.moves);
    assert_int_equal(t.columns, MOOT_COLUMNS_DEFAULT);
    setenv("COLUMNS", "132", 1);
    moot__term_resize(&t);
    assert_int_equal(t.columns, 132);
    setenv("COLUMNS", "3", 1);
    moot__term_resize(&t);
    assert_int_equal(t.columns, MOOT_COLUMNS_DEFAULT);
    unsetenv("COLUMNS");
    assert_false(moot__term_person(&t));
    close(fd);
}

static bool gone(void *arg)
{
    return --*(int *)arg <= 0;
}

static void lines_typed(void **state)
{
    (void)state;
    int ends[2];
    struct moot_buf line;
    volatile sig_atomic_t stop = 0;
    int patience = 2;
    int before = dup(STDIN_FILENO);
    moot__buf_init(&line, 100);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(write(ends[1], "yes\nno", 6), 6);
    assert_int_equal(moot__term_ask(&line, &stop, NULL, NULL), MOOT_TERM_LINE);
    assert_string_equal(moot__buf_text(&line), "yes");
    assert_int_equal(moot__term_ask(&line, &stop, gone, &patience), MOOT_TERM_GONE);
    close(ends[1]);
    assert_int_equal(moot__term_ask(&line, &stop, NULL, NULL), MOOT_TERM_END);
    stop = SIGINT;
    assert_int_equal(moot__term_ask(&line, &stop, NULL, NULL), MOOT_TERM_STOPPED);
    dup2(before, STDIN_FILENO);
    close(before);
    close(ends[0]);
    moot__buf_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(no_terminal),
        cmocka_unit_test(lines_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
