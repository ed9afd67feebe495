#include "agents/publish.h"

#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW(more)                                                                                 \
    "{\"agents\":[{\"id\":\"ann\"}],\"tasks\":[{\"id\":\"a\",\"agent\":\"ann\",\"prompt\":"        \
    "\"x\"" more "}]}"

static void arguments(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW(",\"output_file\":\"out/{name}.md\""));
    struct moot_json *scope = NULL;
    struct moot_json *text = moot__json_new_text("whole");
    char *args = NULL;
    assert_int_equal(moot__json_parse("{\"name\":\"x\"}", 12, &scope, NULL), MOOT_OK);
    assert_true(moot__publish_wanted(&crew->tasks[0]));
    assert_int_equal(moot__publish_args(&crew->tasks[0], scope, text, &args, NULL), MOOT_OK);
    assert_string_equal(args, "{\"path\":\"out/x.md\",\"content\":\"whole\\n\"}");
    free(args);
    struct moot_error err = {0};
    struct moot_json *nothing = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__publish_args(&crew->tasks[0], nothing, text, &args, &err),
                     MOOT_ENOTFOUND);
    assert_null(args);
    moot__json_free(nothing);
    moot__json_free(scope);
    moot__json_free(text);
    pure_crew_free(crew);
}

/* A program that is told the path writes it itself; without a path there is nothing to write. */
static void not_wanted(void **state)
{
    (void)state;
    static const char *const crews[] = {
        CREW(""), CREW(",\"output_file\":\"o\",\"command\":[\"p\",\"{output_file}\"]")};
    for (size_t i = 0; i < MOOT_COUNT(crews); i++) {
        struct moot_crew_def *crew = pure_crew_make(crews[i]);
        assert_false(moot__publish_wanted(&crew->tasks[0]));
        pure_crew_free(crew);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(arguments), cmocka_unit_test(not_wanted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
