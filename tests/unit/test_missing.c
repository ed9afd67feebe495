#include "cli/missing.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int check(const char *tasks, const char *items, struct moot_error *err)
{
    char text[1024];
    struct moot_json *crew = NULL, *list = NULL;
    snprintf(text, sizeof(text), "{\"input\":{\"name\":\"page\"},\"tasks\":%s}", tasks);
    assert_int_equal(moot__json_parse(text, strlen(text), &crew, NULL), MOOT_OK);
    assert_int_equal(moot__json_parse(items, strlen(items), &list, NULL), MOOT_OK);
    memset(err, 0, sizeof(*err));
    int status = moot__items_check(crew, list, "crew.yaml", err);
    moot__json_free(crew);
    moot__json_free(list);
    return status;
}

#define TASK(prompt) "[{\"id\":\"a\",\"prompt\":\"" prompt "\"},{\"id\":\"b\",\"prompt\":\"{a}\"}]"

static void given(void **state)
{
    (void)state;
    struct moot_error err;
    assert_int_equal(check(TASK("{q} {page} {page.text} {crew.name} {item.name} {report:-}"),
                           "[{\"name\":\"1\",\"q\":\"x\",\"text\":\"t\"}]", &err),
                     MOOT_OK);
    assert_int_equal(check(TASK("{q:-nothing} \\\\{z} {}"), "[{\"name\":\"1\"}]", &err), MOOT_OK);
    /* A member that one item may have and another not is seen when it is worked on. */
    assert_int_equal(check(TASK("{page.email}"), "[{\"name\":\"1\"}]", &err), MOOT_OK);
}

static void not_given(void **state)
{
    (void)state;
    struct moot_error err;
    assert_int_equal(check(TASK("{q}"), "[{\"name\":\"1\"}]", &err), MOOT_EUSAGE);
    assert_string_equal(err.message, "task 'a' needs 'q', which was not given");
    assert_non_null(strstr(err.hint, "moot run crew.yaml q=TEXT"));
    assert_int_equal(check(TASK("{q.x}"), "[{\"name\":\"1\",\"q\":{}},{\"name\":\"2\"}]", &err),
                     MOOT_EUSAGE);
    assert_string_equal(err.message, "task 'a' needs 'q', which was not given for '2'");
    assert_int_equal(check(TASK("{page|100 tokens}"), "[{\"name\":\"1\"}]", &err), MOOT_EUSAGE);
    assert_non_null(strstr(err.hint, "moot run crew.yaml FILE"));
}

static void opening(void **state)
{
    (void)state;
    static const char text[] = "{\"opening\":\"{q}\",\"tasks\":[]}";
    struct moot_json *crew = NULL, *items = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__json_parse(text, strlen(text), &crew, NULL), MOOT_OK);
    assert_int_equal(moot__json_parse("[{\"name\":\"1\"}]", 14, &items, NULL), MOOT_OK);
    assert_int_equal(moot__items_check(crew, items, "crew.yaml", &err), MOOT_EUSAGE);
    assert_string_equal(err.message, "the opening needs 'q', which was not given");
    moot__json_free(crew);
    moot__json_free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(given), cmocka_unit_test(not_given),
                                       cmocka_unit_test(opening)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
