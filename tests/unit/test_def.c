#include "agents/def.h"

#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *names_of(const struct moot_tool_view *views, size_t count)
{
    static char names[256];
    names[0] = '\0';
    for (size_t i = 0; i < count; i++)
        snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s ", views[i].name);
    return names;
}

#define CREW                                                                                       \
    "{\"tools\":[{\"id\":\"a\",\"description\":\"does a\"},{\"id\":\"b\"},{\"id\":\"c\"},"         \
    "{\"id\":\"d\"}],\"agents\":[{\"id\":\"ann\",\"tools\":[\"b\",\"a\"],\"tool_choice\":"         \
    "\"auto\"},{\"id\":\"bob\",\"tool_choice\":\"c\"}],\"tasks\":["                                \
    "{\"id\":\"own\",\"agent\":\"ann\",\"prompt\":\"x\"},"                                         \
    "{\"id\":\"other\",\"agent\":\"ann\",\"prompt\":\"x\",\"tools\":[\"c\"]},"                     \
    "{\"id\":\"none\",\"agent\":\"ann\",\"prompt\":\"x\",\"tools\":[]},"                           \
    "{\"id\":\"chosen\",\"agent\":\"ann\",\"tools\":[\"a\"],\"tool_choice\":\"d\",\"steps\":"      \
    "[{\"prompt\":\"x\",\"tool_choice\":\"c\"},{\"prompt\":\"y\",\"tool_choice\":\"required\"}]}," \
    "{\"id\":\"bobs\",\"agent\":\"bob\",\"prompt\":\"x\"},"                                        \
    "{\"id\":\"run\",\"tool\":\"a\"}]}"

static void who_may_call_what(void **state)
{
    (void)state;
    static const char *const want[] = {"b a ", "c ", "", "a d c ", "c ", ""};
    struct moot_crew_def *crew = pure_crew_make(CREW);
    for (size_t i = 0; i < MOOT_COUNT(want); i++)
        assert_string_equal(names_of(crew->tasks[i].views, crew->tasks[i].view_count), want[i]);
    assert_string_equal(names_of(crew->agents[0].views, crew->agents[0].view_count), "b a ");
    assert_string_equal(names_of(crew->agents[1].views, crew->agents[1].view_count), "c ");
    assert_string_equal(crew->agents[0].views[1].description, "does a");
    /* Made again they are the same. */
    assert_int_equal(moot__def_views(crew), MOOT_OK);
    assert_string_equal(names_of(crew->tasks[3].views, crew->tasks[3].view_count), want[3]);
    pure_crew_free(crew);
}

static void finds_by_id(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW);
    assert_ptr_equal(moot__def_agent(crew, "bob"), &crew->agents[1]);
    assert_ptr_equal(moot__def_task(crew, "own"), &crew->tasks[0]);
    assert_ptr_equal(moot__def_tool(crew, "d"), &crew->tools[3]);
    assert_null(moot__def_agent(crew, "eve"));
    assert_null(moot__def_task(crew, NULL));
    assert_null(moot__def_tool(crew, ""));
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_call_what),
        cmocka_unit_test(finds_by_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
