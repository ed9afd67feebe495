/* The official JSON-Schema-Test-Suite, draft 2020-12, for the keywords of our subset. It is not
 * part of the sources: MOOT_SHARED or MOOT_SHARED_DIR names the folder that holds it. */
#include "runtime/schema.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    CASES = 717,
    /* const.json and enum.json have groups with a NUL in a text, which no reader of ours lets in.
     */
    WITH_NUL = 4,
    /* A group of not.json has unevaluatedProperties. */
    OUT_OF_SUBSET = 2,
};

struct counts {
    int passed;
    int failed;
    int nul;
    int refused;
};

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    struct moot_buf text;
    char chunk[4096];
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        moot__buf_add(&text, chunk, n);
    fclose(file);
    *len = text.len;
    return moot__buf_take(&text);
}

/* Puts U+E000 for each escaped NUL, so that the other groups of the file can be read. */
static bool replace_nuls(char *text)
{
    bool found = false;
    for (char *at = strstr(text, "\\u0000"); at != NULL; at = strstr(at, "\\u0000")) {
        memcpy(at, "\\ue000", 6);
        found = true;
    }
    return found;
}

static bool has_nul(const struct moot_json *group)
{
    char *text = moot__json_string(group);
    bool found = strstr(text, "\xee\x80\x80") != NULL;
    free(text);
    return found;
}

static void run_group(const char *file, const struct moot_json *group, struct counts *counts)
{
    const struct moot_json *tests = moot__json_get(group, "tests");
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    if (has_nul(group)) {
        counts->nul += (int)moot__json_count(tests);
        return;
    }
    if (moot__schema_compile(moot__json_get(group, "schema"), &schema, &err) != MOOT_OK) {
        counts->refused += (int)moot__json_count(tests);
        print_message("refused: %s, %s: %s\n", file, moot__json_get_text(group, "description", ""),
                      err.message);
        return;
    }
    for (const struct moot_json *t = moot__json_first(tests); t != NULL; t = moot__json_next(t)) {
        struct moot_buf problems;
        size_t count = 0;
        moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
        int status = moot__schema_validate(schema, moot__json_get(t, "data"), &problems, &count);
        bool right = (status == MOOT_OK) == moot__json_get_bool(t, "valid", false) &&
                     (status == MOOT_OK || status == MOOT_EINVAL) &&
                     (status == MOOT_OK) == (problems.len == 0) && problems.status == MOOT_OK &&
                     status == moot__schema_validate(schema, moot__json_get(t, "data"), NULL, NULL);
        counts->passed += right;
        counts->failed += !right;
        if (!right)
            print_message("wrong: %s, %s, %s: %s %s\n", file,
                          moot__json_get_text(group, "description", ""),
                          moot__json_get_text(t, "description", ""), moot__status_text(status),
                          moot__buf_text(&problems));
        moot__buf_release(&problems);
    }
    moot__schema_free(schema);
}

static void run_file(const char *folder, const char *name, struct counts *counts)
{
    char path[1024];
    size_t len = 0;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    char *text = read_file(path, &len);
    assert_non_null(text);
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    bool nul = replace_nuls(text);
    if (moot__json_parse(text, len, &j, &err) != MOOT_OK)
        fail_msg("%s: %s", name, err.message);
    int before = counts->nul;
    for (const struct moot_json *g = moot__json_first(j); g != NULL; g = moot__json_next(g))
        run_group(name, g, counts);
    assert_true(nul == (counts->nul > before));
    moot__json_free(j);
    free(text);
}

static DIR *open_suite(char *folder, size_t size)
{
    const char *const shared[] = {getenv("MOOT_SHARED"), MOOT_SHARED_DIR};
    for (size_t i = 0; i < MOOT_COUNT(shared); i++) {
        if (shared[i] == NULL)
            continue;
        snprintf(folder, size, "%s/conformance/json-schema", shared[i]);
        DIR *dir = opendir(folder);
        if (dir != NULL)
            return dir;
    }
    return NULL;
}

static void suite(void **state)
{
    (void)state;
    char folder[900];
    DIR *dir = open_suite(folder, sizeof(folder));
    if (dir == NULL) {
        print_message("SKIPPED, NOTHING WAS TESTED: no folder conformance/json-schema in "
                      "$MOOT_SHARED or %s\n",
                      MOOT_SHARED_DIR);
        skip();
    }
    struct counts counts = {0};
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".json") == 0)
            run_file(folder, entry->d_name, &counts);
    }
    closedir(dir);
    print_message("%d right, %d wrong, %d with NUL, %d refused\n", counts.passed, counts.failed,
                  counts.nul, counts.refused);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(counts.nul, WITH_NUL);
    assert_int_equal(counts.refused, OUT_OF_SUBSET);
    assert_int_equal(counts.passed, CASES - WITH_NUL - OUT_OF_SUBSET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
