#include "roles/crew_reference.h"

#include "roles/crew_load.h"
#include "runtime/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *read_all(const char *name)
{
    FILE *file = fopen(name, "r");
    struct moot_buf b;
    moot__buf_init(&b, 1024 * 1024);
    if (file == NULL)
        return NULL;
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        moot__buf_add(&b, chunk, n);
    fclose(file);
    return moot__buf_take(&b);
}

/* The page in the repository is what `moot schema --reference` prints. MOOT_UPDATE makes it so. */
static void test_page(void **state)
{
    (void)state;
    static const char path[] = MOOT_SOURCE_DIR "/docs/crew-file.md";
    struct moot_buf b;
    moot__buf_init(&b, 1024 * 1024);
    assert_int_equal(moot__crew_reference(&b), MOOT_OK);
    if (getenv("MOOT_UPDATE") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(moot__buf_text(&b), file);
        fclose(file);
    }
    char *page = read_all(path);
    assert_non_null(page);
    if (strcmp(page, moot__buf_text(&b)) != 0)
        fail_msg("docs/crew-file.md is not what moot schema --reference prints");
    size_t count;
    const struct moot_table *tables = moot__crew_tables(&count);
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            char cell[96];
            snprintf(cell, sizeof(cell), "| `%s` |", tables[t].fields[i].key);
            if (tables[t].fields[i].key[0] != '*' && strstr(page, cell) == NULL)
                fail_msg("%s is not on the page", tables[t].fields[i].key);
        }
    }
    free(page);
    moot__buf_release(&b);
}

static const struct {
    const char *yaml;
    bool fits;
} files[] = {
    {"crew: x", true},
    {"crew: 2026", true},
    {"extends: y.yaml", true},
    {"goal: x", false},
    {"crew: x\nbogus: 1", false},
    {"crew: x\nmodels: {default: x/y, b: {model: x/z, temperature: 0.7, extra: {any: [1]}}}", true},
    {"crew: x\nmodels: {default: gpt}", false},
    {"crew: x\nagents: {a: , b: {role: x, kind: judge, tools: [read_page]}}", true},
    {"crew: x\nagents: {a: {kind: judgee}}", false},
    {"crew: x\nagents: {\"two words\": {}}", false},
    {"crew: x\nprocess: hierarchical", true},
    {"crew: x\ntasks: {t: {prompt: {file: p.txt}, attempts: 3, needs: previous}}", true},
    {"crew: x\ntasks: {t: {max_iter: 3}}", false},
    {"crew: x\ntasks: {t: {attempts: three}}", false},
    {"crew: x\ntasks: {t: {check: [{length: 1..2 words, of: a}, {judge: j, criteria: [a]}]}}",
     true},
    {"crew: x\ntasks: {t: {check: [{of: a}]}}", false},
    {"crew: x\ntasks: {t: {check: [{pattern: a, none: b}]}}", false},
    {"crew: x\ntasks: {t: {output: {a: text, b: [{c: number}], d: {e: [text]}}}}", true},
    {"crew: x\ntasks: {t: {output: {a: [text, text]}}}", false},
    {"crew: x\ntasks: {t: {steps: [{prompt: x, as: y}]}}", true},
    {"crew: x\ntasks: {t: {steps: [{as: y}]}}", false},
    {"crew: x\nlimits: {tokens: 200k, cost: 0.50 USD, seconds: 10m}", true},
    {"crew: x\nlimits: {cost: much}", false},
};

static void test_schema(void **state)
{
    (void)state;
    struct moot_json *json = moot__crew_schema(false);
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    assert_non_null(json);
    if (moot__schema_compile(json, &schema, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < MOOT_COUNT(files); i++) {
        struct moot_yaml *y;
        struct moot_json *tree = NULL, *typed = NULL;
        assert_int_equal(moot__yaml_new(&y), MOOT_OK);
        assert_int_equal(
            moot__yaml_parse(y, "x", files[i].yaml, strlen(files[i].yaml), &tree, &err), MOOT_OK);
        assert_int_equal(moot__yaml_typed(y, tree, &typed), MOOT_OK);
        struct moot_buf problems;
        moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
        bool fits = moot__schema_validate(schema, typed, &problems, NULL) == MOOT_OK;
        if (fits != files[i].fits)
            fail_msg("%s\n%s", files[i].yaml, moot__buf_text(&problems));
        moot__buf_release(&problems);
        moot__json_free(typed);
        moot__json_free(tree);
        moot__yaml_free(y);
    }
    moot__schema_free(schema);
    moot__json_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page), cmocka_unit_test(test_schema)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
