#include "roles/task_input.h"

#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

#define SCOPE                                                                                      \
    "{\"$item\":\"shop\",\"item\":{\"text\":\"T\",\"path\":\"p\"},\"crew\":{\"name\":\"n\","       \
    "\"date\":\"d\"},\"shop\":{\"text\":\"T\",\"text_rank\":[1],\"name\":\"odd\",\"topic\":"       \
    "{\"a\":1,\"b\":2}},\"a\":{\"x\":1,\"y\":{\"z\":2,\"w\":3},\"list\":[{\"k\":1},{\"k\":2}]},"   \
    "\"b\":\"text\",\"gone\":null}"

static void exactly_what_is_used(void **state)
{
    (void)state;
    static const struct {
        const char *uses, *shown, *input;
    } cases[] = {
        {"", "", "{\"$item\":\"shop\"}"},
        {"\"shop.name\"", "", "{\"$item\":\"shop\",\"shop\":{\"name\":\"odd\"}}"},
        {"\"shop\"", "", "{\"$item\":\"shop\",\"shop\":{\"text_rank\":[1],\"text\":\"T\"}}"},
        {"\"item\",\"item.path\"", "",
         "{\"$item\":\"shop\",\"item\":{\"text\":\"T\",\"path\":\"p\"}}"},
        {"\"topic.a\"", "", "{\"$item\":\"shop\",\"topic\":{\"a\":1}}"},
        {"\"name\"", "", "{\"$item\":\"shop\",\"name\":\"odd\"}"},
        {"\"a.x\",\"a.y.z\"", "", "{\"$item\":\"shop\",\"a\":{\"x\":1,\"y\":{\"z\":2}}}"},
        {"\"a.y\",\"a.y.z\"", "", "{\"$item\":\"shop\",\"a\":{\"y\":{\"z\":2,\"w\":3}}}"},
        {"\"a.y.z\",\"a.y\"", "", "{\"$item\":\"shop\",\"a\":{\"y\":{\"z\":2,\"w\":3}}}"},
        {"\"a.list.k\"", "", "{\"$item\":\"shop\",\"a\":{\"list\":[{\"k\":1},{\"k\":2}]}}"},
        {"\"b.none\"", "", "{\"$item\":\"shop\",\"b\":\"text\"}"},
        {"\"gone.x\"", "", "{\"$item\":\"shop\",\"gone\":null}"},
        {"\"nothing.x\",\"a.nothing\"", "", "{\"$item\":\"shop\",\"a\":{}}"},
        {"\"report\",\"attempt\",\"crew.date\"", "",
         "{\"$item\":\"shop\",\"crew\":{\"date\":\"d\"}}"},
        {"\"a.x\"", "\"b\"", "{\"$item\":\"shop\",\"a\":{\"x\":1},\"b\":\"text\"}"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "{\"tasks\":[{\"id\":\"t\",\"agent\":\"x\",\"prompt\":\"x\",\"uses\":[%s],"
                 "\"shown\":[%s]}]}",
                 cases[i].uses, cases[i].shown);
        struct moot_crew_def *crew = pure_crew_make(text);
        struct moot_json *scope = read_json(SCOPE);
        struct moot_json *input = moot__task_input(&crew->tasks[0], scope);
        char *got = moot__json_string(input);
        assert_string_equal(got, cases[i].input);
        free(got);
        moot__json_free(input);
        moot__json_free(scope);
        pure_crew_free(crew);
    }
}

static void the_managers_scope(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make("{\"item\":\"shop\",\"goal\":\"g\"}");
    struct moot_json *scope = moot__scope_make(crew, read_json("{\"text\":\"T\"}"));
    char *got = moot__json_string(scope);
    assert_string_equal(got, "{\"$item\":\"shop\",\"item\":{\"text\":\"T\"},\"crew\":{\"name\":"
                             "\"test\",\"goal\":\"g\",\"date\":\"2026-11-25\"},\"shop\":{\"text\":"
                             "\"T\"}}");
    free(got);
    moot__json_free(scope);
    /* A registry's row may hide the file's own members; they are under `item` then. */
    scope = moot__scope_make(crew, read_json("{\"name\":\"row\",\"$own\":{\"name\":\"own\"}}"));
    const struct moot_json *own = moot__json_get(scope, "item");
    assert_string_equal(moot__json_get_text(own, "name", ""), "own");
    moot__json_free(scope);
    scope = moot__scope_make(crew, NULL);
    assert_int_equal(moot__json_count(moot__json_get(scope, "shop")), 0);
    moot__json_free(scope);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exactly_what_is_used),
        cmocka_unit_test(the_managers_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
