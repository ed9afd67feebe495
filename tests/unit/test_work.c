#include "agents/work.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct work_case {
    const char *name;
    const char *task; /* its members */
    const char *input;
    struct mini_answer answers[12];
    const char *outcome;
    const char *result;  /* text or json; else the end's detail, or its verdict */
    const char *history; /* stands in what the model was sent; NULL: nothing */
};

#define STEPS_AS                                                                                   \
    "\"steps\":[{\"prompt\":\"Think.\"},{\"prompt\":\"Subject.\",\"as\":\"subject\"},"             \
    "{\"prompt\":\"Body.\",\"as\":\"body\"}],"                                                     \
    "\"output\":{\"subject\":\"text 1..20 characters\",\"body\":\"text\","                         \
    "\"to\":\"{shop.email}\"}"

static const struct work_case cases[] = {
    {"plain text",
     "\"prompt\":\"Say {shop}\"",
     "{\"$item\":\"shop\",\"shop\":{\"text\":\"Hi\"}}",
     {{.body = "Ho"}},
     "done",
     "Ho",
     "user: Say Hi\n"},
    {"steps in one conversation, the last one answers",
     "\"steps\":[{\"prompt\":\"Think.\"},{\"prompt\":\"Write.\"}]",
     "{}",
     {{.body = "thoughts"}, {.body = "written"}},
     "done",
     "written",
     "user: Think.\nassistant: thoughts\nuser: Write.\n"},
    {"steps that fill fields, and one the host fills",
     STEPS_AS,
     "{\"shop\":{\"email\":\"lin@odd.example\"}}",
     {{.body = "thoughts"}, {.body = " A map \n"}, {.body = "Dear Lin"}},
     "done",
     "{\"subject\":\"A map\",\"body\":\"Dear Lin\",\"to\":\"lin@odd.example\"}",
     NULL},
    {"a field that does not fit is asked for again",
     STEPS_AS,
     "{\"shop\":{\"email\":\"e\"}}",
     {{.body = "thoughts"},
      {.body = "A subject that is far too long"},
      {.body = "Short"},
      {.body = "Dear Lin"}},
     "done",
     "{\"subject\":\"Short\",\"body\":\"Dear Lin\",\"to\":\"e\"}",
     "user: Your answer is not usable:\n- /subject"},
    {"a field that never fits is rejected",
     STEPS_AS,
     "{\"shop\":{\"email\":\"e\"}}",
     {{.body = "thoughts"}, {.body = "A subject that is far too long", .times = -1}},
     "rejected",
     "/subject",
     NULL},
    {"JSON, asked for again until it fits",
     "\"prompt\":\"Go\",\"output\":{\"n\":\"integer\"}",
     "{}",
     {{.body = "seven"}, {.body = "{\"n\":\"seven\"}"}, {.body = "{\"n\":7}"}},
     "done",
     "{\"n\":7}",
     "- the answer has no JSON that can be read\nGive the answer again"},
    {"JSON that never fits",
     "\"prompt\":\"Go\",\"output\":{\"n\":\"integer\"}",
     "{}",
     {{.body = "{\"n\":\"seven\"}", .times = 3}},
     "rejected",
     "/n",
     NULL},
    {"an answer that was cut off",
     "\"prompt\":\"Go\",\"output\":{\"n\":\"integer\"}",
     "{}",
     {{.body = "{\"status\":\"ok\",\"parts\":[{\"text\":\"{\\\"n\\\":\"}],\"finish\":\"length\"}"},
      {.body = "{\"n\":7}"}},
     "done",
     "{\"n\":7}",
     "it was cut off"},
    {"an empty answer",
     "\"prompt\":\"Go\"",
     "{}",
     {{.body = " "}, {.body = "x"}},
     "done",
     "x",
     "the answer is empty"},
    {"a placeholder that leads nowhere",
     "\"prompt\":\"Go {shop.none}\"",
     "{\"shop\":{}}",
     {{0}},
     "failed",
     "shop.none",
     NULL},
    {"no input at all", "\"prompt\":\"Go\"", "not JSON", {{.body = "x"}}, "done", "x", NULL},
    {"a model of a step",
     "\"model\":\"big\",\"steps\":[{\"prompt\":\"A\",\"model\":\"small\"},"
     "{\"prompt\":\"B\"}]",
     "{}",
     {{.body = "a"}, {.body = "b"}},
     "done",
     "b",
     NULL},
    {"a filled field that leads nowhere",
     "\"prompt\":\"Go\",\"output\":{\"n\":\"integer\",\"id\":\"{shop.id}\"},\"uses\":[]",
     "{}",
     {{.body = "{\"n\":1}"}},
     "failed",
     "shop.id",
     NULL},
    {"a scalar",
     "\"prompt\":\"Go\",\"output\":\"high | low\"",
     "{}",
     {{.body = "high."}},
     "done",
     "\"high\"",
     "Answer with the value alone."},
    {"what a pattern captures",
     "\"prompt\":\"Go\",\"output\":\"text matching is (\\\\w+)\"",
     "{}",
     {{.body = "It is so."}},
     "done",
     "\"so\"",
     NULL},
};

static void runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct work_case *c = &cases[i];
        char text[2048];
        snprintf(text, sizeof(text),
                 "{\"item\":\"shop\",\"agents\":[{\"id\":\"ann\",\"role\":\"R\"}],\"tasks\":"
                 "[{\"id\":\"t\",\"agent\":\"ann\",%s}]}",
                 c->task);
        struct moot_crew_def *crew = pure_crew_make(text);
        struct mini_host *h = mini_host_new(crew, c->answers, 0);
        mini_host_open(h, "3/t#1", "ann", "t", c->input);
        const struct moot_json *end = mini_host_end(h, "3/t#1");
        char *whole = moot__json_string(end);
        const struct moot_json *result = moot__json_get(end, "result");
        const char *got =
            moot__json_get_text(result, "text", moot__json_get_text(result, "json", ""));
        bool done = strcmp(c->outcome, "done") == 0;
        if (strcmp(moot__json_get_text(end, "outcome", ""), c->outcome) != 0 ||
            (done ? strcmp(got, c->result) != 0 : strstr(whole, c->result) == NULL))
            fail_msg("%s: %s", c->name, whole);
        free(whole);
        const char *history = mini_host_history(h, "3/t#1", "ann");
        if (c->history != NULL && strstr(history, c->history) == NULL)
            fail_msg("%s: the model was sent\n%s", c->name, history);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

/* The system message is said once, and the schema goes with the answering step alone. */
static void first_and_last_call(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(
        "{\"agents\":[{\"id\":\"ann\",\"role\":\"Writer\"}],\"tasks\":[{\"id\":\"t\",\"agent\":"
        "\"ann\",\"steps\":[{\"prompt\":\"A\"},{\"prompt\":\"B\"}],\"output\":{\"x\":\"text\"}}]}");
    static const struct mini_answer answers[] = {{.body = "a"}, {.body = "{\"x\":\"y\"}"}, {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_open(h, "3/t#1", "ann", "t", "{}");
    const char *history = mini_host_history(h, "3/t#1", "ann");
    const char *system = strstr(history, "system: Your role: Writer\n");
    assert_non_null(system);
    assert_null(strstr(system + 1, "system:"));
    const struct moot_json *body = moot_message_json(mini_host_last(h, "3/t#1", MOOT_MODEL_CALL));
    assert_non_null(moot__json_get(body, "schema"));
    assert_int_equal(moot__json_get_int(body, "step", 0), 2);
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(first_and_last_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
