#include "agents/fence.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* "LANGUAGE/RUNS_AS[=FILENAME][!]{CODE}" of each block, "!" where it was not closed, and how many
 * were left out. */
static void show(const char *text, struct moot_buf *out)
{
    struct moot_fences f;
    assert_int_equal(moot__fences_read(text, &f), MOOT_OK);
    for (size_t i = 0; i < f.count; i++) {
        const struct moot_fence *b = &f.list[i];
        moot__buf_addf(out, "%s/%s%s%s%s{%s}", b->language, b->runs_as != NULL ? b->runs_as : "-",
                       b->filename != NULL ? "=" : "", b->filename != NULL ? b->filename : "",
                       b->closed ? "" : "!", b->code);
        assert_int_equal(b->len, strlen(b->code));
    }
    if (f.left_out > 0)
        moot__buf_addf(out, "+%zu", f.left_out);
    moot__fences_release(&f);
}

static void finds_what_models_write(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *blocks;
    } cases[] = {
        {"nothing", "", ""},
        {"no fence", "Use `print` and\nsay ``hi``.\n", ""},
        {"one", "So:\n```python\nprint(1)\n```\nDone.", "python/python{print(1)\n}"},
        {"two in order", "```sh\nls\n```\nthen\n```py\nx\n```", "sh/sh{ls\n}py/python{x\n}"},
        {"tildes", "~~~bash\necho ```\n~~~\n", "bash/sh{echo ```\n}"},
        {"an empty one", "```python\n```", "python/python{}"},
        {"no language", "```\nx\n```", "/-{x\n}"},
        {"a language that is not run", "```javascript\nx\n```", "javascript/-{x\n}"},
        {"in capitals", "``` Python \nx\n```", "Python/python{x\n}"},
        {"more in the info", "```python title=\"a b\"\nx\n```", "python/python{x\n}"},
        {"braces in the info", "```{.python .numbered}\nx\n```", "python/python{x\n}"},
        {"a longer fence holds shorter", "````markdown\n```python\nx\n```\n````",
         "markdown/-{```python\nx\n```\n}"},
        {"a longer fence closes", "```sh\nls\n`````", "sh/sh{ls\n}"},
        {"another mark does not", "```sh\nls\n~~~\n```", "sh/sh{ls\n~~~\n}"},
        {"nor one with words behind it", "```sh\nls\n``` end\n```", "sh/sh{ls\n``` end\n}"},
        {"blanks behind it do", "```sh\nls\n``` \t\nx", "sh/sh{ls\n}"},
        {"backticks within a line", "```x``` is code\nls\n", ""},
        {"not closed", "```python\nprint(", "python/python!{print(\n}"},
        {"opened at the very end", "```python", "python/python!{}"},
        {"CRLF", "```sh\r\nls\r\n\r\npwd\r\n```\r\n", "sh/sh{ls\n\npwd\n}"},
        {"in a list", "1. Do\n   ```sh\n   ls\n     -l\n pwd\n   ```\n", "sh/sh{ls\n  -l\npwd\n}"},
        {"deep in a list", "      ```sh\n      ls\n      ```\n", "sh/sh{ls\n}"},
        {"behind a tab", "\t```sh\n\tls\n\t\tpwd\n\t```\n", "sh/sh{ls\n\tpwd\n}"},
        {"a tab that reaches in", "  ```sh\n\tls\n  ```\n", "sh/sh{  ls\n}"},
        {"a fence in a text of the code", "```python\nx = '''\n    ```\n'''\n```",
         "python/python{x = '''\n    ```\n'''\n}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_buf got;
        moot__buf_init(&got, 65536);
        show(cases[i].text, &got);
        if (strcmp(moot__buf_text(&got), cases[i].blocks) != 0)
            fail_msg("%s: %s", cases[i].what, moot__buf_text(&got));
        moot__buf_release(&got);
    }
}

static void takes_a_name_from_the_first_line_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text, *blocks;
    } cases[] = {
        {"```py\n# filename: sum.py\nx\n```", "py/python=sum.py{# filename: sum.py\nx\n}"},
        {"```js\n// filename: a b.js\n```", "js/-=a b.js{// filename: a b.js\n}"},
        {"```py\n#filename:x\n```", "py/python=x{#filename:x\n}"},
        {"```py\n# Filename: ../x  \n```", "py/python=../x{# Filename: ../x  \n}"},
        {"  ```py\n  # filename: x\n  ```", "py/python=x{# filename: x\n}"},
        {"```py\nx\n# filename: y\n```", "py/python{x\n# filename: y\n}"},
        {"```py\n# filename:\n```", "py/python{# filename:\n}"},
        {"```py\n# the filename: x\n```", "py/python{# the filename: x\n}"},
        {"```py\nfilename: x\n```", "py/python{filename: x\n}"},
        {"```py\n/ filename: x\n```", "py/python{/ filename: x\n}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_buf got;
        moot__buf_init(&got, 65536);
        show(cases[i].text, &got);
        assert_string_equal(moot__buf_text(&got), cases[i].blocks);
        moot__buf_release(&got);
    }
}

static void says_where_a_block_stands(void **state)
{
    (void)state;
    static const char text[] = "a\r\n```sh\nls\n```\n\n~~~py\nx\n~~~\n";
    struct moot_fences f;
    assert_int_equal(moot__fences_read(text, &f), MOOT_OK);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.list[0].line, 2);
    assert_int_equal(f.list[1].line, 6);
    moot__fences_release(&f);
}

/* What is too much is counted, never cut. */
static void bounds_number_and_size(void **state)
{
    (void)state;
    struct moot_buf text, got;
    moot__buf_init(&text, MOOT_MAX_JSON);
    moot__buf_init(&got, MOOT_MAX_JSON);
    for (int i = 0; i < MOOT_MAX_FENCES + 3; i++)
        moot__buf_adds(&text, "```sh\n:\n```\n");
    struct moot_fences f;
    assert_int_equal(moot__fences_read(moot__buf_text(&text), &f), MOOT_OK);
    assert_int_equal(f.count, MOOT_MAX_FENCES);
    assert_int_equal(f.left_out, 3);
    moot__fences_release(&f);

    moot__buf_clear(&text);
    moot__buf_adds(&text, "```sh\n");
    for (int i = 0; i < MOOT_MAX_CODE; i++)
        moot__buf_addc(&text, 'x');
    moot__buf_adds(&text, "\n```\n```py\ny\n```");
    show(moot__buf_text(&text), &got);
    assert_string_equal(moot__buf_text(&got), "py/python{y\n}+1");
    moot__buf_release(&text);
    moot__buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_models_write),
        cmocka_unit_test(takes_a_name_from_the_first_line_alone),
        cmocka_unit_test(says_where_a_block_stands),
        cmocka_unit_test(bounds_number_and_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
