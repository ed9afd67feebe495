#include "runtime/shared.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct table {
    __typeof__(strlen) *length;
    __typeof__(strcmp) *compare;
};

static const struct moot_symbol both[] = {
    {"strlen", offsetof(struct table, length)},
    {"strcmp", offsetof(struct table, compare)},
};

static const struct moot_symbol one_unknown[] = {
    {"strlen", offsetof(struct table, length)},
    {"no_such_function", offsetof(struct table, compare)},
};

static struct moot_shared library(const char *soname, const struct moot_symbol symbols[2],
                                  struct table *table)
{
    return (struct moot_shared){.soname = soname,
                                .package = "libthing1",
                                .purpose = "counting",
                                .symbols = symbols,
                                .count = 2,
                                .table = table};
}

static void its_functions_can_be_called(void **state)
{
    (void)state;
    struct table table = {0};
    struct moot_error err = {0};
    struct moot_shared c = library("libc.so.6", both, &table);
    assert_int_equal(moot__shared_open(&c, &err), MOOT_OK);
    assert_int_equal(table.length("moot"), 4);
    assert_int_equal(table.compare("a", "a"), 0);
    table.length = NULL; /* open already: nothing is looked up again */
    assert_int_equal(moot__shared_open(&c, &err), MOOT_OK);
    assert_null(table.length);
    assert_int_equal(err.code, 0);
}

static void one_that_is_not_there_is_named_with_what_to_install(void **state)
{
    (void)state;
    struct table table = {0};
    struct moot_error err = {0};
    struct moot_shared missing = library("libthing.so.1", both, &table);
    assert_int_equal(moot__shared_open(&missing, &err), MOOT_EUNSUPPORTED);
    assert_string_equal(err.message,
                        "counting needs a library that cannot be used: libthing.so.1: cannot open "
                        "shared object file: No such file or directory");
    assert_string_equal(err.hint, "apt install libthing1");
    missing.soname = "libc.so.6"; /* it was installed: the next try succeeds */
    assert_int_equal(moot__shared_open(&missing, &err), MOOT_OK);
}

static void one_that_lacks_a_function_stays_unusable(void **state)
{
    (void)state;
    struct table table = {0};
    struct moot_shared old = library("libc.so.6", one_unknown, &table);
    for (int i = 0; i < 2; i++) {
        struct moot_error err = {0};
        assert_int_equal(moot__shared_open(&old, &err), MOOT_EUNSUPPORTED);
        assert_non_null(strstr(err.message, "no_such_function"));
        assert_string_equal(err.hint, "apt install libthing1");
    }
}

static void *open_it(void *arg)
{
    return moot__shared_open(arg, NULL) == MOOT_OK ? arg : NULL;
}

static void threads_may_open_it_at_once(void **state)
{
    (void)state;
    struct table table = {0};
    struct moot_shared c = library("libc.so.6", both, &table);
    pthread_t threads[8];
    for (size_t i = 0; i < MOOT_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_it, &c), 0);
    for (size_t i = 0; i < MOOT_COUNT(threads); i++) {
        void *opened = NULL;
        assert_int_equal(pthread_join(threads[i], &opened), 0);
        assert_ptr_equal(opened, &c);
    }
    assert_int_equal(table.length("moot"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_functions_can_be_called),
        cmocka_unit_test(one_that_is_not_there_is_named_with_what_to_install),
        cmocka_unit_test(one_that_lacks_a_function_stays_unusable),
        cmocka_unit_test(threads_may_open_it_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
