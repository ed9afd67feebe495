#include "runtime/tree.h"

#include "tests/lib/temp_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int copy(const struct temp_tree *t, const char *from, const char *to)
{
    struct moot_error err = {0};
    char source[200], target[200];
    snprintf(source, sizeof(source), "%s/%s", t->path, from);
    snprintf(target, sizeof(target), "%s/%s", t->path, to);
    return moot__tree_copy(source, target, &err);
}

static void is_text(const struct temp_tree *t, const char *path, const char *wanted)
{
    char *text = temp_tree_read(t, path);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
}

static void a_folder_is_copied_whole(void **state)
{
    (void)state;
    struct temp_tree t;
    struct stat st;
    temp_tree_init(&t);
    temp_tree_file(&t, "from/a.txt", "alpha");
    temp_tree_file(&t, "from/sub/deep/b.txt", "beta");
    temp_tree_folder(&t, "from/empty");
    assert_int_equal(chmod(temp_tree_path(&t, "from/a.txt"), 0755), 0);
    assert_int_equal(copy(&t, "from", "new/to"), MOOT_OK);
    is_text(&t, "new/to/a.txt", "alpha");
    is_text(&t, "new/to/sub/deep/b.txt", "beta");
    assert_true(temp_tree_has(&t, "new/to/empty"));
    assert_int_equal(stat(temp_tree_path(&t, "new/to/a.txt"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    temp_tree_remove(&t);
}

/* What a link leads to is neither read nor copied. */
static void links_are_not_followed(void **state)
{
    (void)state;
    struct temp_tree t;
    struct stat st;
    temp_tree_init(&t);
    temp_tree_file(&t, "outside/secret.txt", "secret");
    temp_tree_folder(&t, "from");
    temp_tree_link(&t, "from/folder", "../outside");
    temp_tree_link(&t, "from/file", "../outside/secret.txt");
    temp_tree_link(&t, "from/gone", "nowhere");
    assert_int_equal(copy(&t, "from", "deeper/down/to"), MOOT_OK);
    assert_int_equal(lstat(temp_tree_path(&t, "deeper/down/to/folder"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(temp_tree_path(&t, "deeper/down/to/file"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_false(temp_tree_has(&t, "deeper/down/to/folder/secret.txt"));
    temp_tree_link(&t, "alias", "from");
    assert_int_equal(copy(&t, "alias", "other"), MOOT_EDENIED);
    temp_tree_remove(&t);
}

static void journals_and_secrets_stay(void **state)
{
    (void)state;
    struct temp_tree t;
    temp_tree_init(&t);
    temp_tree_file(&t, "from/.moot/runs/x.db", "journal");
    temp_tree_file(&t, "from/sub/.env", "KEY=1");
    temp_tree_file(&t, "from/sub/kept", "kept");
    assert_int_equal(copy(&t, "from", "to"), MOOT_OK);
    assert_false(temp_tree_has(&t, "to/.moot"));
    assert_false(temp_tree_has(&t, "to/sub/.env"));
    is_text(&t, "to/sub/kept", "kept");
    temp_tree_remove(&t);
}

static void what_is_not_there_is_empty(void **state)
{
    (void)state;
    struct temp_tree t;
    temp_tree_init(&t);
    assert_int_equal(copy(&t, "nothing", "to"), MOOT_OK);
    assert_true(temp_tree_has(&t, "to"));
    assert_int_equal(copy(&t, "nothing", "to"), MOOT_EEXIST);
    temp_tree_folder(&t, "from");
    assert_int_equal(copy(&t, "from", "to"), MOOT_EEXIST);
    temp_tree_remove(&t);
}

static void removing_follows_no_link(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_error err = {0};
    temp_tree_init(&t);
    temp_tree_file(&t, "outside/kept", "kept");
    temp_tree_file(&t, "gone/sub/file", "x");
    temp_tree_folder(&t, "gone/shut");
    temp_tree_file(&t, "gone/shut/file", "x");
    temp_tree_link(&t, "gone/link", "../outside");
    assert_int_equal(chmod(temp_tree_path(&t, "gone/shut"), 0), 0);
    assert_int_equal(moot__tree_remove(temp_tree_path(&t, "gone"), &err), MOOT_OK);
    assert_false(temp_tree_has(&t, "gone"));
    is_text(&t, "outside/kept", "kept");
    assert_int_equal(moot__tree_remove(temp_tree_path(&t, "gone"), &err), MOOT_OK);
    temp_tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_copied_whole),  cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(journals_and_secrets_stay), cmocka_unit_test(what_is_not_there_is_empty),
        cmocka_unit_test(removing_follows_no_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
