/* What no tool may reach is known by its path, and found where it lies (attack case 88). */
#include "runtime/guard.h"
#include "tests/lib/temp_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void homes(const struct temp_tree *t)
{
    setenv("HOME", temp_tree_path(t, "home"), 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
}

static void paths_that_lead_there_are_known(void **state)
{
    (void)state;
    struct temp_tree t;
    temp_tree_init(&t);
    homes(&t);
    static const char *const guarded[] = {
        "project/.moot",
        "project/.moot/runs/1.db",
        "project/.MOOT/runs",
        "project/.env",
        "home/.config/folkmoot",
        "home/.config/folkmoot/keys/owner",
        "home/.local/state/folkmoot/heads",
    };
    static const char *const open[] = {
        "project",        "project/.mooted",          "project/a.moot",
        "project/.envrc", "home/.config/folkmoots/x", "home/.config",
    };
    for (int there = 0; there < 2; there++) { /* whether or not they exist */
        for (size_t i = 0; i < MOOT_COUNT(guarded); i++)
            if (!moot__guard_path(temp_tree_path(&t, guarded[i])))
                fail_msg("%s is open", guarded[i]);
        for (size_t i = 0; i < MOOT_COUNT(open); i++)
            if (moot__guard_path(temp_tree_path(&t, open[i])))
                fail_msg("%s is guarded", open[i]);
        temp_tree_folder(&t, "home/.config/folkmoot/keys");
        temp_tree_folder(&t, "home/.local/state/folkmoot");
    }
    temp_tree_remove(&t);
}

static void a_link_to_the_settings_hides_nothing(void **state)
{
    (void)state;
    struct temp_tree t;
    temp_tree_init(&t);
    homes(&t);
    temp_tree_folder(&t, "elsewhere/folkmoot");
    temp_tree_link(&t, "home/.config", temp_tree_path(&t, "elsewhere"));
    assert_true(moot__guard_path(temp_tree_path(&t, "elsewhere/folkmoot/keys")));
    temp_tree_remove(&t);
}

static void the_home_folder_and_those_above_it_are_known(void **state)
{
    (void)state;
    struct temp_tree t;
    temp_tree_init(&t);
    homes(&t);
    temp_tree_folder(&t, "home/project");
    assert_true(moot__guard_home(temp_tree_path(&t, "home")));
    assert_true(moot__guard_home(t.path));
    assert_true(moot__guard_home("/"));
    assert_false(moot__guard_home(temp_tree_path(&t, "home/project")));
    assert_false(moot__guard_home(temp_tree_path(&t, "homes")));
    unsetenv("HOME");
    assert_true(moot__guard_home("/"));
    assert_false(moot__guard_home(t.path));
    temp_tree_remove(&t);
}

static bool has(const struct moot_guard_list *list, const char *path, bool is_folder)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return list->items[i].is_folder == is_folder;
    return false;
}

static void what_lies_below_a_folder_is_found(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_guard_list found = {0};
    struct moot_error err = {0};
    temp_tree_init(&t);
    homes(&t);
    temp_tree_file(&t, "p/.env", "KEY=1\n");
    temp_tree_file(&t, "p/.moot/runs/1.db", "x");
    temp_tree_file(&t, "p/deep/er/.Moot/x", "x");
    temp_tree_file(&t, "p/.venv/.env/bin/python", "x"); /* a folder of that name is none of ours */
    temp_tree_folder(&t, "p/hidden");
    temp_tree_link(&t, "p/inner/.moot", "../hidden");
    temp_tree_link(&t, "p/broken/.moot", "nowhere");
    temp_tree_link(&t, "p/round", "."); /* not followed */
    temp_tree_folder(&t, "home/.config/folkmoot/keys");
    const char *const folders[] = {strdup(temp_tree_path(&t, "p")),
                                   strdup(temp_tree_path(&t, "p/deep")),
                                   strdup(temp_tree_path(&t, "home"))};
    if (moot__guard_find(folders, 3, &found, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    assert_int_equal(found.count, 5);
    assert_true(has(&found, temp_tree_path(&t, "home/.config"), true));
    assert_true(has(&found, temp_tree_path(&t, "p/.env"), false));
    assert_true(has(&found, temp_tree_path(&t, "p/.moot"), true));
    assert_true(has(&found, temp_tree_path(&t, "p/deep/er/.Moot"), true));
    assert_true(has(&found, temp_tree_path(&t, "p/hidden"), true));
    moot__guard_release(&found);
    for (size_t i = 0; i < 3; i++)
        free((char *)(uintptr_t)folders[i]);
    temp_tree_remove(&t);
}

/* A crew file in the home folder does not show the secrets of other programs. */
static void of_the_home_folder_all_that_has_a_dot_is_found(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_guard_list found = {0};
    struct moot_error err = {0};
    temp_tree_init(&t);
    homes(&t);
    temp_tree_file(&t, "home/.ssh/id", "x");
    temp_tree_file(&t, "home/.netrc", "x");
    temp_tree_file(&t, "home/crew.yaml", "x");
    temp_tree_file(&t, "home/project/.hidden", "x");
    temp_tree_file(&t, "home/.cache/models/x", "x");
    char *asked_for = strdup(temp_tree_path(&t, "home/.cache/models"));
    const char *const folders[] = {t.path, asked_for};
    if (moot__guard_find(folders, 2, &found, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    free(asked_for);
    assert_int_equal(found.count, 2);
    assert_true(has(&found, temp_tree_path(&t, "home/.ssh"), true));
    assert_true(has(&found, temp_tree_path(&t, "home/.netrc"), false));
    moot__guard_release(&found);
    temp_tree_remove(&t);
}

static void a_folder_too_deep_to_look_through_is_refused(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_guard_list found = {0};
    struct moot_error err = {0};
    char path[512] = "a";
    temp_tree_init(&t);
    for (int i = 0; i < 60; i++)
        memcpy(path + strlen(path), "/a", 3);
    temp_tree_folder(&t, path);
    const char *const folders[] = {t.path};
    assert_int_equal(moot__guard_find(folders, 1, &found, &err), MOOT_ETOOBIG);
    moot__guard_release(&found);
    temp_tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_lead_there_are_known),
        cmocka_unit_test(a_link_to_the_settings_hides_nothing),
        cmocka_unit_test(the_home_folder_and_those_above_it_are_known),
        cmocka_unit_test(what_lies_below_a_folder_is_found),
        cmocka_unit_test(of_the_home_folder_all_that_has_a_dot_is_found),
        cmocka_unit_test(a_folder_too_deep_to_look_through_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
