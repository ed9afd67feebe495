/* Every allocation of every role fails once, for the conversations of tests/fuzz/corpus/step: the
 * step says so, nothing crashes, nothing is leaked (the sanitizers watch), and it is not taken for
 * anything else. Linked with --wrap for malloc, calloc and realloc. */
#include "runtime/buf.h"
#include "tests/lib/pure_crew.h"
#include "tests/lib/step_play.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* How many allocations are still granted; -1: all. */
static long granted = -1;
static long made;

static bool refused(void)
{
    if (!step_play_armed)
        return false;
    made++;
    return granted >= 0 && made == granted + 1;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refused() ? NULL : __real_realloc(old, size);
}

static void read_file(const char *path, struct moot_buf *out)
{
    FILE *file = fopen(path, "rb");
    char chunk[4096];
    assert_non_null(file);
    moot__buf_init(out, 1 << 20);
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        moot__buf_add(out, chunk, n);
    fclose(file);
}

static void fail_each(const struct moot_crew_def *crew, const char *path)
{
    struct moot_buf text;
    uint8_t whole[MOOT_HASH_SIZE];
    uint8_t again[MOOT_HASH_SIZE];
    read_file(path, &text);
    granted = -1;
    made = 0;
    assert_int_equal(step_play(crew, text.data, text.len, whole), MOOT_OK);
    long total = made;
    assert_true(total > 0);
    for (granted = 0; granted < total; granted++) {
        made = 0;
        int rc = step_play(crew, text.data, text.len, again);
        if (rc == MOOT_OK && memcmp(whole, again, sizeof(whole)) != 0)
            fail_msg("%s: allocation %ld failed and changed what was decided", path, granted);
    }
    granted = -1;
    moot__buf_release(&text);
}

static void every_allocation_fails(void **state)
{
    (void)state;
    static const char folder[] = MOOT_SOURCE_DIR "/tests/fuzz/corpus/step";
    struct moot_crew_def *crew = pure_crew_make(step_play_crew);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[1024];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        fail_each(crew, path);
        count++;
    }
    closedir(dir);
    assert_true(count > 0);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
