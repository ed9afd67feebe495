#include "roles/crew_check.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Everything `moot check` would say. */
static struct moot_crew_file *check(const char *name)
{
    struct moot_crew_file *f = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__crew_open(name, &f, &err), MOOT_OK);
    moot__crew_check(f);
    moot__crew_report_sort(&f->report);
    return f;
}

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

/* ---- cases as data: tests/data/check/NAME.yaml and NAME.expected ---- */

/* Returns whether it is as expected. With MOOT_UPDATE set, what it is becomes what is expected. */
static bool run_case(const char *yaml)
{
    char name[300];
    snprintf(name, sizeof(name), "%.*s.expected", (int)(strlen(yaml) - 5), yaml);
    struct moot_crew_file *f = check(yaml);
    struct moot_buf b;
    moot__buf_init(&b, 1024 * 1024);
    moot__crew_report_print(&f->report, &b);
    moot__crew_close(f);
    if (getenv("MOOT_UPDATE") != NULL) {
        FILE *file = fopen(name, "w");
        assert_non_null(file);
        fputs(moot__buf_text(&b), file);
        fclose(file);
    }
    char *expected = read_all(name);
    bool same = expected != NULL && strcmp(expected, moot__buf_text(&b)) == 0;
    if (!same)
        print_error("%s says\n%s\nand not\n%s\n", yaml, moot__buf_text(&b),
                    expected != NULL ? expected : "(there is no .expected)");
    free(expected);
    moot__buf_release(&b);
    return same;
}

static void test_cases(void **state)
{
    (void)state;
    assert_int_equal(chdir(MOOT_SOURCE_DIR "/tests/data/check"), 0);
    DIR *dir = opendir(".");
    assert_non_null(dir);
    int count = 0, wrong = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len < 6 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
            continue;
        count++;
        wrong += !run_case(entry->d_name);
    }
    closedir(dir);
    assert_true(count >= 60);
    assert_int_equal(wrong, 0);
}

static void test_json(void **state)
{
    (void)state;
    assert_int_equal(chdir(MOOT_SOURCE_DIR "/tests/data/check"), 0);
    struct moot_crew_file *f = check("key-unknown.yaml");
    struct moot_buf b;
    moot__buf_init(&b, 65536);
    assert_int_equal(moot__crew_report_json(&f->report, &b), MOOT_OK);
    assert_string_equal(
        moot__buf_text(&b),
        "{\"errors\":1,\"not_yet\":0,\"warnings\":0,\"notes\":0,\"problems\":[{\"severity\":"
        "\"error\",\"file\":\"key-unknown.yaml\",\"line\":6,\"column\":5,\"length\":7,\"message\":"
        "\"unknown key 'atempts' in task 'email'\",\"suggestion\":\"did you mean 'attempts'?\","
        "\"source\":\"    atempts: 3\"}]}\n");
    assert_false(moot__crew_report_good(&f->report));
    struct moot_error err = {0};
    assert_int_equal(moot__crew_report_error(&f->report, &err), MOOT_EINVAL);
    assert_int_equal(err.line, 6);
    assert_string_equal(err.hint, "did you mean 'attempts'?");
    moot__buf_release(&b);
    moot__crew_close(f);
}

static void test_load(void **state)
{
    (void)state;
    assert_int_equal(chdir(MOOT_SOURCE_DIR "/tests/data/check"), 0);
    struct moot_json *resolved = NULL;
    char *dir = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__crew_load("no-model.yaml", NULL, &resolved, &dir, &err), MOOT_EINVAL);
    assert_int_equal(err.line, 3);
    assert_int_equal(moot__crew_load("no-model.yaml", "x/y", &resolved, &dir, &err), MOOT_OK);
    assert_string_equal(
        moot__json_get_text(moot__crew_entry(resolved, "models", "default"), "model", ""), "x/y");
    assert_non_null(strstr(dir, "/tests/data/check"));
    moot__json_free(resolved);
    free(dir);
    assert_int_equal(moot__crew_load("not-there.yaml", NULL, &resolved, &dir, &err), MOOT_EINVAL);
    assert_int_equal(moot__crew_load("good.yaml", "gpt", &resolved, &dir, &err), MOOT_EINVAL);
}

/* ---- every crew that is shown in the documents ---- */

static char folder[] = "/tmp/moot-docs-XXXXXX";

/* The name a block gives itself in its first line ("# graph.yaml — …"), else its crew's name. */
static void name_block(const char *block, size_t len, char *out, size_t size)
{
    size_t line = strcspn(block, "\n");
    size_t word = line > 2 && block[0] == '#' ? strcspn(block + 2, " \n") : 0;
    if (word > 5 && memcmp(block + 2 + word - 5, ".yaml", 5) == 0) {
        snprintf(out, size, "%.*s", (int)word, block + 2);
        return;
    }
    const char *crew = memmem(block, len, "crew: ", 6);
    size_t name = crew != NULL ? strcspn(crew + 6, " \n#") : 0;
    snprintf(out, size, "%.*s.yaml", (int)name, crew != NULL ? crew + 6 : "");
}

static void write_text(const char *name, const char *text, size_t len)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

/* Whether a block is a whole crew, not an excerpt or another file. */
static bool is_crew(const char *block, size_t len)
{
    bool first = strncmp(block, "crew: ", 6) == 0 || strncmp(block, "extends: ", 9) == 0;
    bool experiment = memmem(block, len, "experiment: ", 12) != NULL;
    return first || (!experiment && memmem(block, len, "\ncrew: ", 7) != NULL);
}

struct blocks {
    char names[64][128];
    size_t count;
};

static void take_blocks(const char *text, struct blocks *b)
{
    static const char fence[] = "```yaml\n";
    const char *at = text;
    while ((at = strstr(at, fence)) != NULL) {
        at += strlen(fence);
        const char *end = strstr(at, "\n```");
        assert_non_null(end);
        size_t len = (size_t)(end - at) + 1;
        if (is_crew(at, len) && b->count < MOOT_COUNT(b->names)) {
            name_block(at, len, b->names[b->count], sizeof(b->names[0]));
            write_text(b->names[b->count], at, len);
            b->count++;
        }
        at = end;
    }
}

/* Errors are none allowed, what is not here yet is. Says how many crews there were. */
static size_t check_document(const char *path)
{
    struct blocks *b = calloc(1, sizeof(*b));
    char *text = read_all(path);
    assert_non_null(b);
    assert_non_null(text);
    take_blocks(text, b);
    size_t count = b->count;
    bool wrong = false;
    for (size_t i = 0; i < count; i++) {
        struct moot_crew_file *f = check(b->names[i]);
        if (moot__crew_report_count(&f->report, MOOT_SEVERITY_ERROR) > 0 || f->report.failed) {
            struct moot_buf out;
            moot__buf_init(&out, 65536);
            moot__crew_report_print(&f->report, &out);
            print_error("%s:\n%s\n", path, moot__buf_text(&out));
            moot__buf_release(&out);
            wrong = true;
        }
        moot__crew_close(f);
    }
    for (size_t i = 0; i < count; i++)
        unlink(b->names[i]);
    free(text);
    free(b);
    assert_false(wrong);
    return count;
}

/* All Markdown files of a folder; 0 where it is not there. */
static size_t check_documents(const char *dir)
{
    DIR *d = opendir(dir);
    size_t count = 0;
    const struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        char path[1024];
        if (len < 4 || strcmp(entry->d_name + len - 3, ".md") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        count += check_document(path);
    }
    if (d != NULL)
        closedir(d);
    return count;
}

static void test_documents(void **state)
{
    (void)state;
    static const char rows[] =
        "[{\"file\": \"a.html\", \"owner\": \"A\", \"email\": \"a@a.example\","
        " \"store_id\": \"1\"}]\n";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    write_text("stores.json", rows, strlen(rows));
    size_t own = check_documents(MOOT_SOURCE_DIR "/docs") + check_documents(MOOT_SOURCE_DIR);
    const char *shared = getenv("MOOT_SHARED");
    char dir[1024];
    snprintf(dir, sizeof(dir), "%s/design", shared != NULL ? shared : MOOT_SHARED_DIR);
    size_t design = check_documents(dir);
    if (design == 0)
        print_message("SKIPPED: the crews of the design, which is not at %s\n", dir);
    print_message("%zu crews in the documents, %zu in the design\n", own, design);
    unlink("stores.json");
    assert_int_equal(chdir("/"), 0);
    rmdir(folder);
    assert_true(own > 0);
}

/* ---- examples ---- */

static size_t check_example(const char *dir)
{
    DIR *d = opendir(dir);
    size_t count = 0;
    const struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        char path[1024];
        if (len < 6 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        char *text = read_all(path);
        bool crew = is_crew(text, strlen(text));
        free(text);
        if (!crew)
            continue;
        count++;
        struct moot_crew_file *f = check(path);
        struct moot_buf out;
        moot__buf_init(&out, 65536);
        moot__crew_report_print(&f->report, &out);
        if (out.len > 0)
            fail_msg("%s", moot__buf_text(&out));
        moot__buf_clear(&out);
        struct moot_error err = {0};
        assert_int_equal(moot__json_write_canonical(f->resolved, &out, &err), MOOT_OK);
        moot__buf_release(&out);
        moot__crew_close(f);
    }
    if (d != NULL)
        closedir(d);
    return count;
}

static void test_examples(void **state)
{
    (void)state;
    DIR *d = opendir(MOOT_SOURCE_DIR "/examples");
    size_t count = 0;
    const struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        char path[1024];
        snprintf(path, sizeof(path), MOOT_SOURCE_DIR "/examples/%s", entry->d_name);
        if (entry->d_name[0] != '.')
            count += check_example(path);
    }
    if (d != NULL)
        closedir(d);
    assert_true(count >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),    cmocka_unit_test(test_json),
        cmocka_unit_test(test_load),     cmocka_unit_test(test_documents),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
