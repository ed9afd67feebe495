#include "runtime/lock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void network_names(void **state)
{
    (void)state;
    assert_string_equal(moot__lock_network_name(0x6969), "NFS");
    assert_string_equal(moot__lock_network_name(0xff534d42), "CIFS");
    assert_null(moot__lock_network_name(0xef53));     /* ext4 */
    assert_null(moot__lock_network_name(0x794c7630)); /* overlay */
    assert_null(moot__lock_network_name(0x01021994)); /* tmpfs */
}

static void places(void **state)
{
    (void)state;
    char dir[] = "/tmp/moot-lock-XXXXXX";
    char path[64];
    int fd = -1;
    int other = -1;
    struct moot_error err = {0};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/j", dir);
    assert_int_equal(moot__lock_place(path, false, true, &fd, &err), MOOT_ENOTFOUND);
    assert_int_equal(moot__lock_place(path, true, true, &fd, &err), MOOT_OK);
    assert_int_equal(moot__lock_place(path, false, true, &other, &err), MOOT_EBUSY);
    assert_non_null(strstr(err.message, "process"));
    assert_int_equal(moot__lock_place(path, false, false, &other, &err), MOOT_OK);
    assert_int_equal(other, -1);
    close(fd);
    assert_int_equal(moot__lock_place(path, false, true, &fd, &err), MOOT_OK);
    close(fd);
    assert_int_equal(moot__lock_place("/dev/null", false, true, &fd, &err), MOOT_EIO);
    assert_int_equal(moot__lock_place("/dev/null/x/y", true, true, &fd, &err), MOOT_EIO);
    assert_int_equal(remove(path), 0);
    snprintf(path, sizeof(path), "%s/j.lock", dir);
    assert_int_equal(remove(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_names),
        cmocka_unit_test(places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
