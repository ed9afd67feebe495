/* What is typed at a terminal becomes a text: edited, over several lines, out of the history. */
#include "cli/typing.h"

#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* A terminal: what is written to `keys` is typed at `fd`. */
struct terminal {
    int keys, fd;
    struct moot_typing *typing;
    struct moot_buf text;
};

static void open_terminal(struct terminal *t, const char *history)
{
    struct moot_error err = {0};
    t->keys = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(t->keys >= 0);
    assert_int_equal(grantpt(t->keys), 0);
    assert_int_equal(unlockpt(t->keys), 0);
    t->fd = open(ptsname(t->keys), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(t->fd >= 0);
    if (moot__typing_new(t->fd, history, &t->typing, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    moot__typing_open(t->typing, true);
    moot__buf_init(&t->text, 4096);
}

static void close_terminal(struct terminal *t)
{
    moot__typing_free(t->typing);
    moot__buf_release(&t->text);
    close(t->fd);
    close(t->keys);
}

static void type(const struct terminal *t, const char *keys)
{
    assert_int_equal(write(t->keys, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static enum moot_typing_event look(struct terminal *t)
{
    enum moot_typing_event event = MOOT_TYPING_NONE;
    for (int i = 0; i < 200 && event == MOOT_TYPING_NONE; i++) {
        event = moot__typing_look(t->typing, &t->text);
        usleep(1000);
    }
    return event;
}

static void keys_become_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *text;
    } cases[] = {
        {"hello\r", "hello"},
        {"\r", ""},
        {"helo\x1b[Dl\r", "hello"},
        {"hellp\x7fo\r", "hello"},
        {"xhello\x01\x04\r", "hello"},
        {"grüße, 世界\x7f\r", "grüße, 世"},
        {"one\\\rtwo\\\rthree\r", "one\ntwo\nthree"},
        {"\\\\\r\r", "\\\n"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct terminal t;
        open_terminal(&t, NULL);
        type(&t, cases[i].keys);
        assert_int_equal(look(&t), MOOT_TYPING_LINE);
        assert_string_equal(moot__buf_text(&t.text), cases[i].text);
        close_terminal(&t);
    }
}

static void some_keys_are_no_text(void **state)
{
    (void)state;
    struct terminal t;
    open_terminal(&t, NULL);
    assert_int_equal(moot__typing_look(t.typing, &t.text), MOOT_TYPING_NONE);
    type(&t, "half a li");
    assert_int_equal(moot__typing_look(t.typing, &t.text), MOOT_TYPING_NONE);
    type(&t, "\x1b");
    assert_int_equal(look(&t), MOOT_TYPING_ESCAPE);
    type(&t, "ne\r");
    assert_int_equal(look(&t), MOOT_TYPING_LINE);
    assert_string_equal(moot__buf_text(&t.text), "half a line");
    type(&t, "\x04");
    assert_int_equal(look(&t), MOOT_TYPING_END);
    close_terminal(&t);
}

static void a_closed_prompt_gives_single_keys(void **state)
{
    (void)state;
    struct terminal t;
    open_terminal(&t, NULL);
    moot__typing_open(t.typing, false);
    assert_int_equal(moot__typing_key(t.typing), 0);
    type(&t, "i\x1b");
    usleep(10000);
    assert_int_equal(moot__typing_key(t.typing), 'i');
    assert_int_equal(moot__typing_key(t.typing), 0x1b);
    type(&t, "\x1b[A");
    usleep(10000);
    assert_int_equal(moot__typing_key(t.typing), 0);
    assert_int_equal(moot__typing_key(t.typing), 0);
    close_terminal(&t);
}

static void what_was_typed_before_comes_back(void **state)
{
    (void)state;
    char path[] = "/tmp/moot-history-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    struct terminal t;
    open_terminal(&t, path);
    type(&t, "the first\rthe second\r");
    assert_int_equal(look(&t), MOOT_TYPING_LINE);
    assert_int_equal(look(&t), MOOT_TYPING_LINE);
    close_terminal(&t);
    open_terminal(&t, path);
    type(&t, "\x1b[A\x1b[A!\r");
    assert_int_equal(look(&t), MOOT_TYPING_LINE);
    assert_string_equal(moot__buf_text(&t.text), "the first!");
    close_terminal(&t);
    unlink(path);
}

static void the_line_is_shown_as_far_as_it_fits(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *shown;
        size_t columns, back;
    } cases[] = {
        {"hello", "> hello", 40, 0},
        {"hello\x1b[D\x1b[D", "> hello", 40, 2},
        {"one two three four five", "> o three four five", 20, 0},
        {"one\\\rtwo", "… two", 40, 0},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct terminal t;
        struct moot_buf shown;
        open_terminal(&t, NULL);
        moot__buf_init(&shown, 4096);
        type(&t, cases[i].keys);
        usleep(10000);
        assert_int_equal(moot__typing_look(t.typing, &t.text), MOOT_TYPING_NONE);
        assert_int_equal(moot__typing_show(t.typing, "> ", cases[i].columns, &shown),
                         cases[i].back);
        assert_string_equal(moot__buf_text(&shown), cases[i].shown);
        moot__buf_release(&shown);
        close_terminal(&t);
    }
}

static void the_terminal_is_given_back_as_it_was(void **state)
{
    (void)state;
    struct terminal t;
    struct termios before, held, after;
    open_terminal(&t, NULL);
    assert_int_equal(tcgetattr(t.fd, &before), 0);
    assert_false(before.c_lflag & ICANON);
    assert_true(before.c_lflag & ISIG); /* ctrl-C still stops */
    moot__typing_hold(t.typing, true);
    assert_int_equal(tcgetattr(t.fd, &held), 0);
    assert_true(held.c_lflag & ICANON);
    assert_true(held.c_lflag & ECHO);
    moot__typing_hold(t.typing, false);
    moot__typing_free(t.typing);
    t.typing = NULL;
    assert_int_equal(tcgetattr(t.fd, &after), 0);
    assert_true(after.c_lflag & ICANON);
    close_terminal(&t);
}

/* The terminal library keeps what it read of the terminal's description. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libtinfo";
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_become_a_text),
        cmocka_unit_test(some_keys_are_no_text),
        cmocka_unit_test(a_closed_prompt_gives_single_keys),
        cmocka_unit_test(what_was_typed_before_comes_back),
        cmocka_unit_test(the_line_is_shown_as_far_as_it_fits),
        cmocka_unit_test(the_terminal_is_given_back_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
