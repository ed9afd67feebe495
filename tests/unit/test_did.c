#include "agents/did.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *result_of(const char *status, const char *output)
{
    struct moot_json *r = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(r, "status", status), MOOT_OK);
    assert_int_equal(moot__json_set_text(r, "output", output), MOOT_OK);
    return r;
}

static void note(struct moot_json **list, const char *args, const char *status, const char *output,
                 bool told)
{
    size_t place = 0;
    struct moot_json *r = result_of(status, output);
    assert_int_equal(moot__did_call(list, "look", args, told, &place), MOOT_OK);
    assert_int_equal(moot__did_result(*list, place, r, told), MOOT_OK);
    moot__json_free(r);
}

/* The same again is seen without its text. */
static void the_same_again(void **state)
{
    (void)state;
    struct moot_json *list = NULL;
    note(&list, "{\"a\":1}", "ok", "x", false);
    note(&list, "{\"a\":1}", "ok", "x", false);
    note(&list, "{\"a\":2}", "error", "y", false);
    const struct moot_json *a = moot__json_at(list, 0);
    const struct moot_json *b = moot__json_at(list, 1);
    const struct moot_json *c = moot__json_at(list, 2);
    assert_string_equal(moot__json_get_text(a, "same", ""), moot__json_get_text(b, "same", "-"));
    assert_string_equal(moot__json_get_text(a, "got", ""), moot__json_get_text(b, "got", "-"));
    assert_string_not_equal(moot__json_get_text(a, "same", ""), moot__json_get_text(c, "same", ""));
    assert_string_equal(moot__json_get_text(c, "status", ""), "error");
    assert_null(moot__json_get(a, "args"));
    assert_null(moot__json_get(a, "output"));
    moot__json_free(list);
}

static void in_words(void **state)
{
    (void)state;
    struct moot_json *list = NULL;
    struct moot_buf with, without;
    moot__buf_init(&with, 1 << 16);
    moot__buf_init(&without, 1 << 16);
    note(&list, "{\"a\":1}", "ok", "seen", true);
    note(&list, "{}", "denied", "no", true);
    assert_int_equal(moot__did_text("ann", list, true, &with), MOOT_OK);
    assert_int_equal(moot__did_text("ann", list, false, &without), MOOT_OK);
    assert_string_equal(moot__buf_text(&with), "(ann called look({\"a\":1}): seen)\n"
                                               "(ann called look({}), denied: no)");
    assert_string_equal(moot__buf_text(&without), "(ann called look({\"a\":1}))\n"
                                                  "(ann called look({}))");
    moot__buf_release(&with);
    moot__buf_release(&without);
    moot__json_free(list);
}

/* What is long is cut, between code points. */
static void shortened(void **state)
{
    (void)state;
    struct moot_json *list = NULL;
    struct moot_buf longer;
    moot__buf_init(&longer, 1 << 16);
    moot__buf_adds(&longer, "x");
    for (int i = 0; i < 3000; i++)
        moot__buf_adds(&longer, "é");
    note(&list, "{}", "ok", moot__buf_text(&longer), true);
    const char *told = moot__json_get_text(moot__json_at(list, 0), "output", "");
    assert_true(strlen(told) <= 4003 && strlen(told) > 3990);
    assert_string_equal(told + strlen(told) - 5, "é…");
    moot__buf_release(&longer);
    moot__json_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again),
        cmocka_unit_test(in_words),
        cmocka_unit_test(shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
