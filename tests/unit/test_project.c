#include "cli/project.h"
#include "runtime/sign.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

static struct cli_play play;

static int setup(void **state)
{
    (void)state;
    cli_play_init(&play);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

static void run_file(const char *project, const char *name, int age)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/.moot/runs/%s.db", project, name);
    cli_play_file(&play, path, "");
    struct utimbuf times = {.actime = 1000000 - age, .modtime = 1000000 - age};
    assert_int_equal(utime(path, &times), 0);
}

static void check_find(const char *run, const char *want)
{
    struct moot_error err = {0};
    char *path = NULL;
    assert_int_equal(moot__run_find(run, &path, &err), MOOT_OK);
    assert_non_null(strstr(path, want));
    free(path);
}

static void folders(void **state)
{
    (void)state;
    cli_play_file(&play, "p/.moot/x", "");
    cli_play_file(&play, "p/deep/er/crew.yaml", "");
    char *dir = moot__dir_of("p/deep/er/crew.yaml");
    assert_string_equal(dir, "p/deep/er");
    char *project = moot__project_find(dir);
    assert_int_equal(strcmp(project + strlen(project) - 2, "/p"), 0);
    free(project);
    free(dir);
    dir = moot__dir_of("crew.yaml");
    assert_string_equal(dir, ".");
    free(dir);
    dir = moot__dir_of("/crew.yaml");
    assert_string_equal(dir, "/");
    free(dir);
    assert_null(moot__project_find("not/there"));
}

static void which_run(void **state)
{
    (void)state;
    struct moot_error err = {0};
    char *path = NULL;
    assert_int_equal(moot__run_find(NULL, &path, &err), MOOT_ENOTFOUND);
    run_file(".", "abcd-efgh", 10);
    run_file(".", "abcz-2345", 5);
    run_file(".", "7777-aaaa", 20);
    cli_play_file(&play, ".moot/runs/notes.db", "");
    check_find(NULL, "abcz-2345.db");
    check_find("7", "7777-aaaa.db");
    check_find("abcd", "abcd-efgh.db");
    check_find("abcde", "abcd-efgh.db");
    check_find("abcd-e", "abcd-efgh.db");
    check_find("./some.db", "./some.db");
    check_find("some.jsonl", "some.jsonl");
    assert_int_equal(moot__run_find("abc", &path, &err), MOOT_EINVAL);
    assert_non_null(strstr(err.message, "abcd-efgh"));
    assert_int_equal(moot__run_find("q", &path, &err), MOOT_ENOTFOUND);
    assert_int_equal(moot__run_find("", &path, &err), MOOT_EINVAL);
}

/* Whoever reads a journal leaves an empty log beside it, which is no news of the run. */
static void reading_makes_no_run_newer(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_run_list list;
    run_file("read", "aaaa-aaaa", 20);
    run_file("read", "bbbb-bbbb", 10);
    cli_play_file(&play, "read/.moot/runs/aaaa-aaaa.db-wal", "");
    assert_int_equal(moot__runs_list("read", &list, &err), MOOT_OK);
    assert_string_equal(list.runs[0].name, "bbbb-bbbb");
    moot__runs_release(&list);
    cli_play_file(&play, "read/.moot/runs/aaaa-aaaa.db-wal", "what was said last");
    assert_int_equal(moot__runs_list("read", &list, &err), MOOT_OK);
    assert_string_equal(list.runs[0].name, "aaaa-aaaa");
    moot__runs_release(&list);
}

static void from_another_folder(void **state)
{
    (void)state;
    run_file("p", "abcd-efgh", 0);
    run_file("q", "7777-aaaa", 0);
    char *p = realpath("p", NULL), *q = realpath("q", NULL);
    moot__project_note(p);
    moot__project_note(q);
    moot__project_note(q);
    cli_play_file(&play, "elsewhere/file", "");
    assert_int_equal(chdir("elsewhere"), 0);
    check_find(NULL, "q/.moot/runs/7777-aaaa.db");
    check_find("abcd", "p/.moot/runs/abcd-efgh.db");
    free(p);
    free(q);
}

/* One sync of the disk less at the start of each run. */
static void a_project_noted_last_is_not_written_again(void **state)
{
    (void)state;
    struct stat first, again, moved;
    char *dir = moot__dir_state();
    assert_non_null(dir);
    char path[4096];
    snprintf(path, sizeof(path), "%s/projects", dir);
    free(dir);
    moot__project_note("/a");
    moot__project_note("/b");
    assert_int_equal(stat(path, &first), 0);
    moot__project_note("/b");
    assert_int_equal(stat(path, &again), 0);
    assert_true(first.st_ino == again.st_ino);
    assert_true(first.st_mtim.tv_nsec == again.st_mtim.tv_nsec);
    moot__project_note("/a"); /* another one is the last now */
    assert_int_equal(stat(path, &moved), 0);
    assert_true(first.st_ino != moved.st_ino || first.st_mtim.tv_nsec != moved.st_mtim.tv_nsec);
}

static void its_writer(void **state)
{
    (void)state;
    assert_int_equal(moot__run_writer("nothing.db"), 0);
    assert_int_equal(moot__run_writer("nothing.jsonl"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folders, setup, teardown),
        cmocka_unit_test_setup_teardown(which_run, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_makes_no_run_newer, setup, teardown),
        cmocka_unit_test_setup_teardown(from_another_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(a_project_noted_last_is_not_written_again, setup, teardown),
        cmocka_unit_test_setup_teardown(its_writer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
