#include "cli/safe.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check(int (*add)(struct moot_buf *, const char *, size_t), const char *text,
                  const char *want)
{
    struct moot_buf out;
    moot__buf_init(&out, 4096);
    assert_int_equal(add(&out, text, strlen(text)), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), want);
    moot__buf_release(&out);
}

static void talk(void **state)
{
    (void)state;
    check(moot__safe_add, "plain, \xc3\xa9 and \xe2\x82\xac\n",
          "plain, \xc3\xa9 and \xe2\x82\xac\n");
    /* a colour, a title, the clipboard, a bell, a backspace */
    check(moot__safe_add, "\x1b[31mred\x1b]0;t\x07", "␛[31mred␛]0;t␇");
    check(moot__safe_add, "\x1b]52;c;AAAA\x1b\\", "␛]52;c;AAAA␛\\");
    check(moot__safe_add, "a\b\x7f", "a␈␡");
    /* C1 as UTF-8 and as a bare byte */
    check(moot__safe_add,
          "\xc2\x9b"
          "31m",
          "<U+009B>31m");
    check(moot__safe_add,
          "\x9b"
          "31m",
          "\xef\xbf\xbd"
          "31m");
    /* carriage returns overwrite a line */
    check(moot__safe_add, "good\rbad\r\nend", "good␍bad\nend");
    check(moot__safe_add, "a\tb", "a  b");
    /* direction, zero width, tags */
    check(moot__safe_add,
          "a\xe2\x80\xae"
          "b",
          "a<U+202E>b");
    check(moot__safe_add,
          "a\xe2\x81\xa6"
          "b",
          "a<U+2066>b");
    check(moot__safe_add, "pay\xe2\x80\x8bpal\xc2\xad", "paypal");
    check(moot__safe_add, "x\xf3\xa0\x80\x81\xf3\xa0\x81\x81y", "x<2 hidden characters>y");
    /* not UTF-8: overlong, a surrogate, cut off */
    check(moot__safe_add, "\xc0\xaf|\xed\xa0\x80|\xe2\x82",
          "\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd");
}

static void lines(void **state)
{
    (void)state;
    check(moot__safe_add_line, "one\n\n  two \r\nthree", "one two three");
    check(moot__safe_add_line, "a  b", "a  b");
}

static void exact(void **state)
{
    (void)state;
    check(moot__safe_add_exact, "to: a\nBcc: b", "to: a␊Bcc: b");
    check(moot__safe_add_exact,
          "a\xe2\x80\x8b"
          "b\xc2\xa0"
          "c",
          "a<U+200B>b<U+00A0>c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talk),
        cmocka_unit_test(lines),
        cmocka_unit_test(exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
