#include "roles/crew_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/moot-print-XXXXXX";

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The resolved crew of a file, and its whole text; both the caller's. */
static char *resolve(const char *name, char **printed)
{
    struct moot_crew_file *f = NULL;
    struct moot_error err = {0};
    struct moot_buf b;
    moot__buf_init(&b, 1024 * 1024);
    assert_int_equal(moot__crew_open(name, &f, &err), MOOT_OK);
    moot__crew_report_print(&f->report, &b);
    if (f->resolved == NULL || b.len > 0)
        fail_msg("%s", moot__buf_text(&b));
    assert_int_equal(moot__json_write_canonical(f->resolved, &b, &err), MOOT_OK);
    char *resolved = moot__buf_take(&b);
    if (printed != NULL) {
        assert_int_equal(moot__crew_print(f, &b), MOOT_OK);
        *printed = moot__buf_take(&b);
    }
    moot__buf_release(&b);
    moot__crew_close(f);
    return resolved;
}

/* Printed and read again it is the same crew. */
static void expect_round(const char *text)
{
    char *printed;
    write_text("a.yaml", text);
    char *first = resolve("a.yaml", &printed);
    write_text("b.yaml", printed);
    char *second = resolve("b.yaml", NULL);
    if (strcmp(first, second) != 0)
        fail_msg("%s\n---\n%s\n%s\n%s", text, printed, first, second);
    free(first);
    free(second);
    free(printed);
}

#define HEAD "crew: c\nmodels: {default: x/y}\ntasks: {t: {prompt: x}}\n"

static void test_round(void **state)
{
    (void)state;
    expect_round(HEAD);
    expect_round(HEAD "goal: |\n  one\n    two\n\n  three # no comment\n");
    expect_round(HEAD "goal: |+\n  one\n\n\n");
    expect_round(HEAD "goal: \"\\n lead\\tand \\\"quotes\\\" \\e\"\n");
    expect_round(HEAD "goal: '# not a comment: really'\n");
    expect_round(HEAD
                 "goal: 'null'\nagents: {a: , b: {role: 'yes', goal: ' x ', backstory: '- y'}}\n");
    expect_round(HEAD "goal: \"{x} and [y], *z & !w @v %u `t`\"\n");
    expect_round(
        "crew: \"007\"\nmodels: {default: {model: x/y, temperature: 0.70, stop: [a, 'b: c']}}\n"
        "tasks:\n  t:\n    prompt: x\n    output: {a: [text], b: [{c: 'text - d: e'}]}\n"
        "    check: [{none: '[#:]'}, {judge: a, criteria: [\"x: y\"]}]\nagents: {a: {}}\n");
    expect_round(HEAD "agents:\n  a: &a {role: x, tools: [read_page]}\n  b: {<<: *a, role: y}\n");
}

static void test_extends(void **state)
{
    (void)state;
    char *printed;
    write_text("base.yaml", HEAD "goal: x\n");
    write_text("over.yaml", "extends: base.yaml\ncrew: d\ngoal: null\ntasks: {u: {prompt: y}}\n");
    char *resolved = resolve("over.yaml", &printed);
    assert_string_equal(printed,
                        "crew: d\nmodels:\n  default: x/y\ntasks:\n  t:\n    prompt: x\n  u:"
                        "\n    prompt: y\n");
    free(resolved);
    free(printed);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"a.yaml", "b.yaml", "base.yaml", "over.yaml"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        unlink(names[i]);
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round),
                                       cmocka_unit_test(test_extends)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
