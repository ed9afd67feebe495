#include "agents/judging.h"

#include "agents/verdict.h"
#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CREW                                                                                       \
    "{\"agents\":[{\"id\":\"eve\",\"kind\":\"judge\",\"role\":\"Reviewer\",\"model\":\"big\"},"    \
    "{\"id\":\"ann\"}],\"tasks\":[{\"id\":\"t\",\"agent\":\"eve\",\"prompt\":\"Go\"}]}"
#define INPUT                                                                                      \
    "{\"task\":\"mail\",\"criteria\":[\"Short.\",\"Warm.\"],\"result\":{\"body\":\"x\"},"          \
    "\"seen\":{\"page\":\"Socks\"}}"

struct judge_case {
    const char *input;
    struct mini_answer answers[4];
    const char *outcome;
    const char *result; /* the verdict; else the detail */
    size_t calls;
};

static const struct judge_case cases[] = {
    {INPUT,
     {{.body = "{\"problems\":[],\"score\":9,\"passed\":true}"}},
     "done",
     "{\"passed\":true,\"problems\":[],\"score\":9}",
     1},
    {INPUT,
     {{.body = "Let me see. {\"approved\": false, \"problems\": [\"cold\", {\"what\": \"long\", "
               "\"criterion\": 1}],}"}},
     "done",
     "{\"passed\":false,\"problems\":[{\"what\":\"cold\"},{\"what\":\"long\",\"criterion\":"
     "\"Short.\"}]}",
     1},
    {INPUT,
     {{.body = "It is good."}, {.body = "{\"passed\":true}"}},
     "done",
     "{\"passed\":true,\"problems\":[]}",
     2},
    {INPUT, {{.body = "It is good.", .times = 3}}, "failed", "its answers were no verdicts", 3},
    {INPUT, {{.body = "{\"status\":\"limit\",\"detail\":\"tokens\"}"}}, "failed", "tokens", 1},
    {"{}", {{0}}, "failed", "there is no result to judge", 0},
    {"nothing", {{0}}, "failed", "there is no result to judge", 0},
};

/* Whoever is given a result gives a verdict: a judge, and an agent of another kind too. */
static void verdicts(void **state)
{
    (void)state;
    static const char *const agents[] = {"eve", "ann"};
    for (size_t i = 0; i < 2 * MOOT_COUNT(cases); i++) {
        const struct judge_case *c = &cases[i / 2];
        struct moot_crew_def *crew = pure_crew_make(CREW);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "3/mail#1/judge1", agents[i % 2], "t", c->input);
        const struct moot_json *end = mini_host_end(h, "3/mail#1/judge1");
        const char *result = moot__json_get_text(moot__json_get(end, "result"), "json",
                                                 moot__json_get_text(end, "detail", ""));
        assert_string_equal(moot__json_get_text(end, "outcome", ""), c->outcome);
        assert_string_equal(result, c->result);
        assert_int_equal(mini_host_count(h, MOOT_MODEL_CALL), c->calls);
        bool done = strcmp(c->outcome, "done") == 0;
        assert_int_equal(mini_host_count(h, MOOT_VERDICT), done);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

static void what_it_is_asked(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW);
    static const struct mini_answer answers[] = {{.body = "{\"passed\":true}"}, {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/mail#1/judge1", "eve", NULL, INPUT);
    const char *history = mini_host_history(h, "3/mail#1/judge1", "eve");
    static const char *const parts[] = {"system: Your role: Reviewer\n", "a result of mail",
                                        "<page>\nSocks\n</page>",        "\"body\": \"x\"",
                                        "1. Short.\n2. Warm.",           "\"passed\""};
    for (size_t i = 0; i < MOOT_COUNT(parts); i++)
        if (strstr(history, parts[i]) == NULL)
            fail_msg("no %s in\n%s", parts[i], history);
    const struct moot_json *body =
        moot_message_json(mini_host_last(h, "3/mail#1/judge1", MOOT_MODEL_CALL));
    assert_string_equal(moot__json_get_text(body, "model", ""), "big");
    assert_string_equal(moot__json_get_text(body, "schema", ""), moot__verdict_schema);
    mini_host_free(h);
    pure_crew_free(crew);
}

/* A judge whom a task names works it. */
static void works_too(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW);
    static const struct mini_answer answers[] = {{.body = "done"}, {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/t#1", "eve", "t", "{}");
    const struct moot_json *result = moot__json_get(mini_host_end(h, "3/t#1"), "result");
    assert_string_equal(moot__json_get_text(result, "text", ""), "done");
    mini_host_free(h);
    pure_crew_free(crew);
}

/* Its schema is one that we can read. */
static void schema_compiles(void **state)
{
    (void)state;
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    if (moot__schema_compile_text(moot__verdict_schema, strlen(moot__verdict_schema), &schema,
                                  &err) != MOOT_OK)
        fail_msg("%s", err.message);
    moot__schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(what_it_is_asked),
        cmocka_unit_test(works_too),
        cmocka_unit_test(schema_compiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
