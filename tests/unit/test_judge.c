/* The judge as a participant; test_judging.c has what it asks and takes for a verdict. */
#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"tools\":[{\"id\":\"look\"}],\"agents\":[{\"id\":\"ann\"},{\"id\":\"eve\",\"kind\":"        \
    "\"judge\",\"tools\":[\"look\"]}],\"tasks\":[{\"id\":\"mail\",\"agent\":\"ann\",\"prompt\":"   \
    "\"Go\",\"attempts\":1,\"checks\":[{\"judge\":\"eve\",\"criteria\":[\"Short.\"]}]}]}"

/* It may look things up before it says what it thinks, and says it in its own conversation. */
static void looks_then_judges(void **state)
{
    (void)state;
    static const struct mini_answer answers[] = {
        {.who = "ann", .body = "A mail."},
        {.who = "eve",
         .body = "{\"status\":\"ok\",\"calls\":[{\"id\":\"c\",\"name\":\"look\",\"arguments\":"
                 "\"{}\"}]}"},
        {.tool = "look", .body = "seen"},
        {.who = "eve", .body = "{\"passed\":false,\"problems\":[{\"what\":\"long\"}]}"},
        {0}};
    struct moot_crew_def *crew = pure_crew_make(CREW);
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_item(h, "{}");
    const struct moot_message *verdict = mini_host_last(h, "3/mail#1/judge1", MOOT_VERDICT);
    assert_string_equal(moot_message_from(verdict), "eve");
    assert_string_equal(moot__json_get_text(mini_host_end(h, "3"), "outcome", ""), "rejected");
    assert_null(mini_host_last(h, "3/mail#1", MOOT_VERDICT));
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_then_judges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
