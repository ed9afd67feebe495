#include "cli/markdown.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void begin(void *arg, const struct moot_mark *mark)
{
    static const char *const words[] = {"p",  "h",  "list", "li", "quote", "pre",  "hr", "table",
                                        "tr", "td", "em",   "b",  "del",   "code", "a",  "img"};
    moot__buf_addf(arg, "<%s", words[mark->kind]);
    if (mark->kind == MOOT_MARK_HEADING || mark->ordered)
        moot__buf_addf(arg, " %u", mark->level);
    if (mark->head)
        moot__buf_adds(arg, " head");
    if (mark->target != NULL)
        moot__buf_addf(arg, " %s", mark->target);
    moot__buf_addc(arg, '>');
}

static void end(void *arg, const struct moot_mark *mark)
{
    (void)mark;
    moot__buf_adds(arg, "</>");
}

static void text(void *arg, const char *words, size_t len)
{
    moot__buf_add(arg, words, len);
}

static void line_break(void *arg, bool hard)
{
    moot__buf_adds(arg, hard ? "[br]" : " ");
}

static const struct moot_markdown_ops ops = {begin, end, text, line_break};

static void check(const char *source, const char *want)
{
    struct moot_buf out;
    moot__buf_init(&out, 1024 * 1024);
    assert_int_equal(moot__markdown_read(source, strlen(source), &ops, &out), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), want);
    moot__buf_release(&out);
}

static void what_it_says(void **state)
{
    (void)state;
    check("# One\n\n*two* **three** `four` ~~five~~",
          "<h 1>One</><p><em>two</> <b>three</> <code>four</> <del>five</></>");
    check("3. a\n4. b\n\n> c", "<list 3><li>a</><li>b</></><quote><p>c</></>");
    check("```c\nx < y;\n```", "<pre>x < y;\n</>");
    check("|a|b|\n|---|---|\n|1|2|",
          "<table><tr head><td head>a</><td head>b</></><tr><td>1</><td>2</></></>");
    check("[a](http://b/?c&amp;d) ![e](f)", "<p><a http://b/?c&d>a</> <img f>e</></>");
    check("a &lt;b&#x3e; &#0;", "<p>a <b> \xef\xbf\xbd</>");
}

static void tags_are_text(void **state)
{
    (void)state;
    check("<script>x</script>", "<p><script>x</script></>");
    check("a <b onclick=x>c</b>", "<p>a <b onclick=x>c</b></>");
}

static void links_to_follow(void **state)
{
    (void)state;
    assert_true(moot__markdown_safe_link("https://a"));
    assert_true(moot__markdown_safe_link("MAILTO:a@b"));
    assert_false(moot__markdown_safe_link("javascript:alert(1)"));
    assert_false(moot__markdown_safe_link(" https://a"));
    assert_false(moot__markdown_safe_link("//a"));
    assert_false(moot__markdown_safe_link("data:text/html,x"));
}

/* `unit` over and over again. */
static size_t read_many(const char *unit, size_t times)
{
    struct moot_buf source, out;
    moot__buf_init(&source, 2 * MOOT_MARKDOWN_MAX);
    moot__buf_init(&out, 64 * 1024 * 1024);
    for (size_t i = 0; i < times; i++)
        moot__buf_adds(&source, unit);
    assert_int_equal(moot__markdown_read(moot__buf_text(&source), source.len, &ops, &out), MOOT_OK);
    assert_int_equal(out.status, MOOT_OK);
    size_t len = out.len;
    moot__buf_release(&source);
    moot__buf_release(&out);
    return len;
}

static void deep_and_wide(void **state)
{
    (void)state;
    /* Structure ends at a depth, words do not. */
    assert_true(read_many("> ", 20000) < 2000);
    assert_true(read_many("*a **b ", 5000) >= 5000);
    read_many("[", 20000);
    read_many("- ", 20000);
    /* A wide table would be rows times columns large. */
    struct moot_buf source, out;
    moot__buf_init(&source, 2 * MOOT_MARKDOWN_MAX);
    moot__buf_init(&out, 4 * MOOT_MARKDOWN_MAX);
    for (int line = 0; line < 2; line++) {
        for (int i = 0; i < 10000; i++)
            moot__buf_adds(&source, line == 0 ? "a|" : "---|");
        moot__buf_addc(&source, '\n');
    }
    for (int i = 0; i < 10000; i++)
        moot__buf_adds(&source, "b|\n");
    assert_int_equal(moot__markdown_read(moot__buf_text(&source), source.len, &ops, &out), MOOT_OK);
    assert_int_equal(out.status, MOOT_OK);
    moot__buf_release(&source);
    moot__buf_release(&out);
    char *long_text = calloc(1, MOOT_MARKDOWN_MAX + 1);
    assert_non_null(long_text);
    assert_int_equal(moot__markdown_read(long_text, MOOT_MARKDOWN_MAX + 1, &ops, NULL),
                     MOOT_ETOOBIG);
    free(long_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(tags_are_text),
        cmocka_unit_test(links_to_follow),
        cmocka_unit_test(deep_and_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
