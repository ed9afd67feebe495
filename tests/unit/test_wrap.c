#include "cli/paint.h"
#include "cli/wrap.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void emit(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

static void check(const char *text, const char *want)
{
    struct moot_buf out;
    struct moot_wrap w;
    moot__buf_init(&out, 65536);
    moot__wrap_init(&w, "> ", 22, 0, emit, &out);
    moot__wrap_text(&w, text, strlen(text));
    moot__wrap_end(&w);
    assert_string_equal(moot__buf_text(&out), want);
    moot__wrap_release(&w);
    moot__buf_release(&out);
}

static void breaks_between_words(void **state)
{
    (void)state;
    check("one two three four five six", "> one two three four\n> five six\n");
    /* exactly the width */
    check("twenty columns here.", "> twenty columns here.\n");
    check("twenty columns here. x", "> twenty columns here.\n> x\n");
    /* a word longer than the line, after others */
    check("ab abcdefghijklmnopqrstuvwxyz", "> ab\n> abcdefghijklmnopqrst\n> uvwxyz\n");
    check("", "");
    check("\n", ">\n");
}

static void lists_hang(void **state)
{
    (void)state;
    check("12. a numbered entry that is long", "> 12. a numbered entry\n>     that is long\n");
    check("12 apples and also pears in it", "> 12 apples and also\n> pears in it\n");
    /* What continues a line is no entry, whatever it begins with. */
    check("a line that goes on - with a dash", "> a line that goes on\n> - with a dash\n");
}

static void inks_end_with_the_line(void **state)
{
    (void)state;
    struct moot_buf out;
    struct moot_wrap w;
    moot__buf_init(&out, 65536);
    moot__wrap_init(&w, "> ", 22, 16, emit, &out);
    moot__wrap_text(&w, "plain ", 6);
    moot__wrap_ink(&w, MOOT_INK_DIM);
    moot__wrap_text(&w, "dim words that go on", 20);
    moot__wrap_ink(&w, MOOT_INK_NONE);
    moot__wrap_text(&w, " end", 4);
    moot__wrap_end(&w);
    assert_string_equal(moot__buf_text(&out),
                        "> plain \x1b[2mdim words that\x1b[0m\n> \x1b[2mgo on\x1b[0m end\n");
    moot__wrap_release(&w);
    moot__buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_between_words),
        cmocka_unit_test(lists_hang),
        cmocka_unit_test(inks_end_with_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
