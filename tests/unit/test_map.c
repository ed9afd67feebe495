/* The map: what is put is found, in the order of coming, also after removals and growth. */
#include "runtime/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void keys_are_found_replaced_and_taken(void **state)
{
    (void)state;
    struct moot_map m;
    int a = 0;
    int b = 0;
    moot__map_init(&m);
    assert_null(moot__map_get(&m, "x"));
    assert_int_equal(moot__map_put(&m, "x", &a), MOOT_OK);
    assert_ptr_equal(moot__map_get(&m, "x"), &a);
    assert_int_equal(moot__map_put(&m, "x", &b), MOOT_OK);
    assert_ptr_equal(moot__map_take(&m, "x"), &b);
    assert_null(moot__map_get(&m, "x"));
    assert_null(moot__map_take(&m, "x"));
    moot__map_release(&m, NULL);
}

static void many_keys_keep_their_order(void **state)
{
    (void)state;
    struct moot_map m;
    static int values[2000];
    char key[16];
    moot__map_init(&m);
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof(key), "key %d", i);
        assert_int_equal(moot__map_put(&m, key, &values[i]), MOOT_OK);
        if (i % 3 == 0)
            assert_ptr_equal(moot__map_take(&m, key), &values[i]);
    }
    int *last = NULL;
    size_t at = 0;
    size_t count = 0;
    for (const struct moot_map_entry *e; (e = moot__map_next(&m, &at)) != NULL; count++) {
        assert_true(last == NULL || (int *)e->value > last);
        last = e->value;
    }
    assert_int_equal(count, 2000 - 667);
    assert_ptr_equal(moot__map_get(&m, "key 1999"), &values[1999]);
    assert_null(moot__map_get(&m, "key 1998"));
    moot__map_release(&m, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_replaced_and_taken),
        cmocka_unit_test(many_keys_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
