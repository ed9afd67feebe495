#include "runtime/near.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void distances(void **state)
{
    (void)state;
    assert_int_equal(moot__near_distance("", ""), 0);
    assert_int_equal(moot__near_distance("abc", ""), 3);
    assert_int_equal(moot__near_distance("kitten", "sitting"), 3);
    assert_int_equal(moot__near_distance("from", "form"), 1);
    assert_int_equal(moot__near_distance("Text", "text"), 0);
    char text[100];
    memset(text, 'a', sizeof(text));
    text[99] = '\0';
    assert_true(moot__near_distance(text, text) == SIZE_MAX);
}

static void nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"text", "integer", "number", "bool", "description"};
    static const char *const cases[][2] = {
        {"txt", "text"},        {"interger", "integer"},
        {"nubmer", "number"},   {"boolean", NULL},
        {"bol", "bool"},        {"descripton", "description"},
        {"something", NULL},    {"", NULL},
        {"INTEGER", "integer"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const char *found = moot__near_find(cases[i][0], words, MOOT_COUNT(words));
        if (cases[i][1] == NULL)
            assert_null(found);
        else
            assert_string_equal(found, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
