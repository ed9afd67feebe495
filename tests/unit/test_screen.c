#include "cli/screen.h"
#include "tests/lib/vt.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct moot_term term;
    struct moot_screen screen;
    struct vt vt;
    char *written;
    size_t written_len, seen;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->term = (struct moot_term){.fd = -1, .moves = true, .columns = 40, .rows = 20};
    FILE *file = open_memstream(&f->written, &f->written_len);
    moot__screen_init(&f->screen, file, &f->term);
    vt_init(&f->vt, 40);
    *state = f;
    return f == NULL || file == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fclose(f->screen.file);
    moot__screen_release(&f->screen);
    free(f->written);
    free(f);
    return 0;
}

static void lines(struct fixture *f, const char *text)
{
    moot__screen_lines(&f->screen, text, strlen(text));
}

static void tail(struct fixture *f, const char *text)
{
    moot__screen_tail(&f->screen, text, strlen(text));
}

static void foot(struct fixture *f, const char *text)
{
    moot__screen_foot(&f->screen, text, strlen(text));
}

static const char *seen(struct fixture *f)
{
    fflush(f->screen.file);
    vt_write(&f->vt, f->written + f->seen, f->written_len - f->seen);
    f->seen = f->written_len;
    return vt_text(&f->vt);
}

static void scrolls_above_the_foot(void **state)
{
    struct fixture *f = *state;
    lines(f, "one\n");
    foot(f, "bar 1\nbar 2\n");
    moot__screen_paint(&f->screen, 1000);
    assert_string_equal(seen(f), "one\nbar 1\nbar 2\n");
    lines(f, "two\nthree is a longer line than the bar\n");
    foot(f, "BAR\n");
    moot__screen_paint(&f->screen, 1100);
    assert_string_equal(seen(f), "one\ntwo\nthree is a longer line than the bar\nBAR\n");
    moot__screen_end(&f->screen);
    assert_string_equal(seen(f), "one\ntwo\nthree is a longer line than the bar\n");
    assert_int_equal(f->vt.column, 0);
    assert_int_equal(f->vt.row, 3);
}

static void the_growing_line(void **state)
{
    struct fixture *f = *state;
    tail(f, "Let");
    moot__screen_paint(&f->screen, 1000);
    assert_string_equal(seen(f), "Let\n");
    tail(f, "Let me think");
    moot__screen_paint(&f->screen, 1100);
    assert_string_equal(seen(f), "Let me think\n");
    /* Only what is new was written. */
    assert_null(strchr(f->written + f->seen - strlen(" me think"), '\r'));
    foot(f, "bar\n");
    moot__screen_paint(&f->screen, 1200);
    assert_string_equal(seen(f), "Let me think\nbar\n");
    lines(f, "Let me think about\n");
    tail(f, "it");
    moot__screen_paint(&f->screen, 1300);
    assert_string_equal(seen(f), "Let me think about\nit\nbar\n");
    moot__screen_end(&f->screen);
    assert_string_equal(seen(f), "Let me think about\nit\n");
}

static void at_most_twenty_times_a_second(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(moot__screen_due(&f->screen, 1000), -1);
    tail(f, "a");
    assert_int_equal(moot__screen_due(&f->screen, 1000), 0);
    moot__screen_paint(&f->screen, 1000);
    tail(f, "ab");
    assert_int_equal(moot__screen_due(&f->screen, 1010), 40);
    moot__screen_paint(&f->screen, 1010);
    assert_string_equal(seen(f), "a\n");
    moot__screen_paint(&f->screen, 1050);
    assert_string_equal(seen(f), "ab\n");
    tail(f, "ab");
    assert_int_equal(moot__screen_due(&f->screen, 2000), -1);
}

/* A terminal that became narrower has set its lines anew: the foot now takes two rows. */
static void a_narrower_terminal(void **state)
{
    struct fixture *f = *state;
    lines(f, "talk\n");
    foot(f, "a bar of thirty-two columns here\n");
    moot__screen_paint(&f->screen, 1000);
    seen(f);
    vt_init(&f->vt, 20);
    vt_write(&f->vt, "talk\na bar of thirty-two columns here", 36);
    f->term.columns = 20;
    f->screen.term = &f->term;
    f->screen.changed = true;
    foot(f, "short bar\n");
    moot__screen_flush(&f->screen, 1100);
    assert_string_equal(seen(f), "talk\nshort bar\n");
}

static void elsewhere_lines_alone(void **state)
{
    struct fixture *f = *state;
    f->term.moves = false;
    foot(f, "bar\n");
    tail(f, "half");
    lines(f, "one\n");
    lines(f, "two\n");
    moot__screen_paint(&f->screen, 1000);
    moot__screen_end(&f->screen);
    fflush(f->screen.file);
    assert_string_equal(f->written, "one\ntwo\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scrolls_above_the_foot, setup, teardown),
        cmocka_unit_test_setup_teardown(the_growing_line, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_twenty_times_a_second, setup, teardown),
        cmocka_unit_test_setup_teardown(a_narrower_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(elsewhere_lines_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
