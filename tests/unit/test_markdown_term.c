#include "cli/markdown_term.h"
#include "cli/paint.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void emit(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

/* In pieces of so many bytes; `peek`: looked at after each. The caller frees it. */
static char *set_in(const char *text, size_t piece, size_t width, int colours, bool peek)
{
    struct moot_buf written, peeked;
    struct moot_wrap wrap;
    struct moot_prose p;
    moot__buf_init(&written, 16 * 1024 * 1024);
    moot__buf_init(&peeked, 16 * 1024 * 1024);
    moot__wrap_init(&wrap, "| ", width, colours, emit, &written);
    moot__prose_init(&p, &wrap);
    moot__prose_begin(&p, MOOT_INK_NONE);
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += piece) {
        moot__prose_text(&p, text + at, piece < len - at ? piece : len - at);
        moot__buf_clear(&peeked);
        if (peek)
            moot__prose_peek(&p, 4, &peeked);
    }
    moot__prose_end(&p);
    moot__prose_release(&p);
    moot__wrap_release(&wrap);
    moot__buf_release(&peeked);
    assert_int_equal(written.status, MOOT_OK);
    return moot__buf_take(&written);
}

/* The lines are the same in whatever pieces the text comes, looked at or not. */
static void check(const char *text, size_t width, const char *want)
{
    const size_t pieces[] = {strlen(text), 1, 7};
    for (size_t i = 0; i < MOOT_COUNT(pieces); i++) {
        char *got = set_in(text, pieces[i], width, 0, i > 0);
        assert_string_equal(got, want);
        free(got);
    }
}

static void paragraphs(void **state)
{
    (void)state;
    check("# A *title*\n\nOne **two** `three`\nfour.\n\n\nFive ~~six~~.", 40,
          "| A title\n|\n| One two three\n| four.\n|\n| Five ~six~.\n");
    check("one two three four five", 20, "| one two three four\n| five\n");
    check("a\n\n---\n\nb", 40, "| a\n|\n| ────────────────────────\n|\n| b\n");
    check("> said *he*\n> twice\n\nb", 40, "| ▏ said he\n| ▏ twice\n|\n| b\n");
}

static void lists(void **state)
{
    (void)state;
    check("- one\n- two that goes on and on\n  - in it\n\n9. nine\n10. ten", 20,
          "| • one\n| • two that goes on\n|   and on\n|   • in it\n|\n| 9. nine\n| 10. ten\n");
    check("1. one\n\n   more of it\n\n   ```\n   x = 1\n   ```\n2. two", 30,
          "| 1. one\n|\n|    more of it\n|\n|      x = 1\n| 2. two\n");
}

static void code(void **state)
{
    (void)state;
    check("Run:\n```sh\n# no **title**\n  ls\n\n```\nDone.", 40,
          "| Run:\n|   # no **title**\n|     ls\n|\n| Done.\n");
    /* A fence that is never closed. */
    check("~~~\na\n```\nb", 40, "|   a\n|   ```\n|   b\n");
}

static void links(void **state)
{
    (void)state;
    check("[here](https://a.example) <https://b.example> ![p](c.png)", 60,
          "| here (https://a.example) https://b.example p (c.png)\n");
}

static void tables(void **state)
{
    (void)state;
    check("| file | lines |\n|---|---|\n| tutor.py | 48 |\n| t.py | **1** |\n", 40,
          "| file     │ lines\n| tutor.py │ 48\n| t.py     │ 1\n");
    check("| file | what it does |\n|---|---|\n| tutor.py | asks five questions |\n", 24,
          "| file: tutor.py\n| what it does: asks\n|   five questions\n");
}

static void what_grows_can_be_seen(void **state)
{
    (void)state;
    struct moot_buf written, seen;
    struct moot_wrap wrap;
    struct moot_prose p;
    moot__buf_init(&written, 65536);
    moot__buf_init(&seen, 65536);
    moot__wrap_init(&wrap, "| ", 20, 0, emit, &written);
    moot__prose_init(&p, &wrap);
    moot__prose_begin(&p, MOOT_INK_NONE);
    const char text[] = "One **two** three four five";
    moot__prose_text(&p, text, strlen(text));
    moot__prose_peek(&p, 10, &seen);
    assert_string_equal(moot__buf_text(&seen), "| One two three four\n| five");
    assert_string_equal(moot__buf_text(&written), "");
    moot__buf_clear(&seen);
    moot__prose_peek(&p, 1, &seen);
    assert_string_equal(moot__buf_text(&seen), "| five");
    moot__prose_text(&p, "\n\n", 2);
    assert_string_equal(moot__buf_text(&written), "| One two three four\n| five\n");
    moot__prose_end(&p);
    moot__prose_release(&p);
    moot__wrap_release(&wrap);
    moot__buf_release(&written);
    moot__buf_release(&seen);
}

static void inks_end_where_they_should(void **state)
{
    (void)state;
    char *got = set_in("a **b *c*** `d`", 100, 40, 16, false);
    assert_string_equal(got, "| a \x1b[1mb c\x1b[0m \x1b[36md\x1b[0m\n");
    free(got);
}

static void hostile_texts_end(void **state)
{
    (void)state;
    static const char *const units[] = {"> ",
                                        "- ",
                                        "*",
                                        "[",
                                        "`",
                                        "|",
                                        "~~~\n",
                                        "1. \n",
                                        "a\n\n",
                                        "\\",
                                        "| a | b |\n|---|---|\n",
                                        "![",
                                        "<",
                                        "&#x41;",
                                        "    x\n"};
    for (size_t i = 0; i < MOOT_COUNT(units); i++) {
        struct moot_buf text;
        moot__buf_init(&text, 1024 * 1024);
        for (int k = 0; k < 20000; k++)
            moot__buf_adds(&text, units[i]);
        char *got = set_in(moot__buf_text(&text), 4096, 80, 256, true);
        free(got);
        moot__buf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs),
        cmocka_unit_test(lists),
        cmocka_unit_test(code),
        cmocka_unit_test(links),
        cmocka_unit_test(tables),
        cmocka_unit_test(what_grows_can_be_seen),
        cmocka_unit_test(inks_end_where_they_should),
        cmocka_unit_test(hostile_texts_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
