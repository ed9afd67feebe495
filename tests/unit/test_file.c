#include "runtime/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void replaced_and_read(void **state)
{
    (void)state;
    char dir[] = "/tmp/moot-file-XXXXXX";
    char path[64];
    char link_path[64];
    struct moot_buf text;
    struct stat st;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/f", dir);
    snprintf(link_path, sizeof(link_path), "%s/l", dir);
    moot__buf_init(&text, 10);
    assert_int_equal(moot__file_read(path, &text, NULL), MOOT_ENOTFOUND);
    assert_int_equal(moot__file_replace(dir, "f", "one", 3, NULL), MOOT_OK);
    assert_int_equal(moot__file_replace(dir, "f", "three", 5, NULL), MOOT_OK);
    assert_int_equal(moot__file_read(path, &text, NULL), MOOT_OK);
    assert_string_equal(text.data, "three");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(moot__file_read(path, &text, NULL), MOOT_OK); /* appends */
    assert_int_equal(moot__file_read(path, &text, NULL), MOOT_ETOOBIG);
    moot__buf_release(&text);
    assert_int_equal(symlink("f", link_path), 0);
    assert_int_equal(moot__file_read(link_path, &text, NULL), MOOT_EIO);
    assert_int_equal(moot__file_read(dir, &text, NULL), MOOT_EIO);
    assert_int_equal(moot__file_replace(path, "f", "", 0, NULL), MOOT_EIO);
    assert_int_equal(remove(link_path), 0);
    assert_int_equal(remove(path), 0);
    assert_int_equal(rmdir(dir), 0); /* nothing else was left behind */
}

static void folders(void **state)
{
    (void)state;
    char dir[] = "/tmp/moot-file-XXXXXX";
    char path[64];
    struct moot_error err = {0};
    struct stat st;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/a/b/c", dir);
    assert_int_equal(moot__make_dirs(path, &err), MOOT_OK);
    assert_int_equal(moot__make_dirs(path, &err), MOOT_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(moot__make_dirs("", &err), MOOT_EIO);
    assert_int_equal(moot__make_dirs("/dev/null/x", &err), MOOT_EIO);
    assert_int_equal(moot__make_dirs("/dev/null", &err), MOOT_EIO);
    assert_int_equal(moot__make_dirs("/", &err), MOOT_OK);
    static const char *const parts[] = {"a/b/c", "a/b", "a", ""};
    for (size_t i = 0; i < MOOT_COUNT(parts); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, parts[i]);
        assert_int_equal(rmdir(path), 0);
    }
}

static void faults(void **state)
{
    (void)state;
    static const int codes[][2] = {{ENOENT, MOOT_ENOTFOUND},
                                   {EACCES, MOOT_EDENIED},
                                   {EROFS, MOOT_EDENIED},
                                   {ENOSPC, MOOT_EIO},
                                   {EIO, MOOT_EIO}};
    for (size_t i = 0; i < MOOT_COUNT(codes); i++) {
        struct moot_error err = {0};
        errno = codes[i][0];
        assert_int_equal(moot__file_fail(&err, "/x", "read"), codes[i][1]);
        assert_non_null(strstr(err.message, "/x cannot be read: "));
        assert_int_equal(err.hint[0] != '\0', codes[i][0] == ENOSPC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaced_and_read),
        cmocka_unit_test(folders),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
