#include "runtime/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/temp_tree.h"

static const char run_id[] = "0123456789abcdef0123456789abcdef";
static struct temp_tree tree;

static int setup(void **state)
{
    (void)state;
    temp_tree_init(&tree);
    return setenv("TMPDIR", tree.path, 1);
}

static int teardown(void **state)
{
    (void)state;
    temp_tree_remove(&tree);
    return unsetenv("TMPDIR");
}

static void put(const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void each_agent_and_item_has_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *item, *agent, *name;
    } cases[] = {
        {"3", "coder", "3.coder"},
        {"3~2", "a b/../c", "3~2.a_b____c"},
        {"3", NULL, "3"},
        {"", "coder", "run.coder"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char wanted[256];
        char *path = moot__scratch_path(run_id, cases[i].item, cases[i].agent);
        snprintf(wanted, sizeof(wanted), "%s/moot-0123456789abcdef/%s", tree.path, cases[i].name);
        assert_string_equal(path, wanted);
        free(path);
    }
    assert_false(temp_tree_has(&tree, "moot-0123456789abcdef"));
}

static void is_made_for_us_alone_and_kept(void **state)
{
    (void)state;
    char *path = moot__scratch_path(run_id, "1", "coder");
    struct stat st;
    assert_int_equal(moot__scratch_make(path, NULL), MOOT_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    put(path, "kept");
    assert_int_equal(moot__scratch_make(path, NULL), MOOT_OK);
    assert_true(temp_tree_has(&tree, "moot-0123456789abcdef/1.coder/kept"));
    free(path);
}

/* Whoever guessed the name and was there first gets nothing. */
static void what_others_laid_there_is_refused(void **state)
{
    (void)state;
    char *path = moot__scratch_path(run_id, "1", "coder");
    temp_tree_folder(&tree, "elsewhere");
    temp_tree_link(&tree, "moot-0123456789abcdef", "elsewhere");
    struct moot_error err = {0};
    assert_int_equal(moot__scratch_make(path, &err), MOOT_EDENIED);
    assert_non_null(strstr(err.message, "is not ours alone"));
    assert_false(temp_tree_has(&tree, "elsewhere/1.coder"));
    moot__scratch_remove(run_id);
    assert_true(temp_tree_has(&tree, "elsewhere"));
    assert_int_equal(unlink(temp_tree_path(&tree, "moot-0123456789abcdef")), 0);
    temp_tree_folder(&tree, "moot-0123456789abcdef");
    assert_int_equal(chmod(temp_tree_path(&tree, "moot-0123456789abcdef"), 0755), 0);
    assert_int_equal(moot__scratch_make(path, &err), MOOT_EDENIED);
    free(path);
}

static void goes_with_all_it_holds(void **state)
{
    (void)state;
    char *path = moot__scratch_path(run_id, "1", "coder");
    assert_int_equal(moot__scratch_make(path, NULL), MOOT_OK);
    put(path, "file");
    temp_tree_file(&tree, "outside", "stays");
    int at = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(symlinkat("../../outside", at, "link"), 0);
    char down[201];
    memset(down, 'd', 200);
    down[200] = '\0';
    for (int depth = 0; depth < 40; depth++) { /* its path is longer than any path may be */
        assert_int_equal(mkdirat(at, down, 0700), 0);
        int next = openat(at, down, O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        close(at);
        at = next;
    }
    assert_int_equal(mkdirat(at, "shut", 0), 0);
    close(at);
    moot__scratch_remove(run_id);
    assert_false(temp_tree_has(&tree, "moot-0123456789abcdef"));
    assert_true(temp_tree_has(&tree, "outside"));
    moot__scratch_remove(run_id);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_agent_and_item_has_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(is_made_for_us_alone_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_laid_there_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(goes_with_all_it_holds, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
