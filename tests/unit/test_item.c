/* What a manager hands on: inputs of attempts, questions to a person, the item's end. */
#include "roles/item.h"

#include "tests/lib/mini_host.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AGENTS "\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"},{\"id\":\"eve\",\"kind\":\"judge\"}]"
#define CREW(tasks) "{\"item\":\"shop\",\"process\":\"graph\"," AGENTS ",\"tasks\":[" tasks "]}"
#define TASK(id, agent, more) "{\"id\":\"" id "\",\"agent\":\"" agent "\"" more "}"
#define ASKED(text) ",\"prompt\":\"" text "\""
#define NO(what) "{\"passed\":false,\"score\":3,\"problems\":[{\"what\":\"" what "\"}]}"
#define NO_BUT(score) "{\"passed\":false,\"score\":" score ",\"problems\":[{\"what\":\"meh\"}]}"
#define YES "{\"passed\":true,\"score\":9}"
#define XN ",\"output\":{\"x\":\"text\",\"n\":\"number\"}"
#define JUDGED ",\"checks\":[{\"judge\":\"eve\"}]"

/* ---- what is handed on ---- */

static const char *input_of(const struct mini_host *h, const char *conv)
{
    return moot__json_get_text(moot_message_json(mini_host_last(h, conv, MOOT_OPEN)), "input", "");
}

/* An attempt is given what its task uses and nothing else, and in a retry what was wrong. */
static void inputs(void **state)
{
    (void)state;
    struct moot_crew_def *crew =
        pure_crew_make(CREW(TASK("a", "ann", ASKED("{shop.text}") XN) "," TASK(
            "b", "bob",
            ASKED("{a.x} {crew.date}") ",\"needs\":[\"a\"],\"on_reject\":\"a\"" JUDGED)));
    static const struct mini_answer answers[] = {
        {.who = "ann", .body = "{\"x\":\"one\",\"n\":1.50}"},
        {.who = "bob", .body = "first"},
        {.who = "eve", .body = NO("dull")},
        {.who = "ann", .body = "{\"x\":\"two\",\"n\":2}"},
        {.who = "bob", .body = "second"},
        {.who = "eve", .body = YES},
        {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_item(h, "{\"name\":\"odd\",\"text\":\"Socks\",\"secret\":\"s\"}");
    assert_string_equal(
        input_of(h, "3/a#1"),
        "{\"$item\":\"shop\",\"shop\":{\"text\":\"Socks\"},\"report\":\"\",\"attempt\":1}");
    assert_string_equal(input_of(h, "3/b#1"),
                        "{\"$item\":\"shop\",\"a\":{\"x\":\"one\"},\"crew\":{\"date\":"
                        "\"2026-11-25\"},\"report\":\"\",\"attempt\":1}");
    assert_string_equal(
        input_of(h, "3/a#2"),
        "{\"$item\":\"shop\",\"shop\":{\"text\":\"Socks\"},\"report\":\"1. dull\","
        "\"attempt\":2,\"rejected\":\"b\",\"previous\":{\"x\":\"one\",\"n\":1.50}}");
    assert_string_equal(input_of(h, "3/b#2"),
                        "{\"$item\":\"shop\",\"a\":{\"x\":\"two\"},\"crew\":{\"date\":"
                        "\"2026-11-25\"},\"report\":\"1. dull\",\"attempt\":2,\"rejected\":\"b\","
                        "\"previous\":\"first\"}");
    const struct moot_json *end = mini_host_end(h, "3");
    char *text = moot__json_string(end);
    assert_string_equal(text, "{\"outcome\":\"done\",\"stop\":\"finished\",\"result\":{\"text\":"
                              "\"second\"},\"results\":[\"a#2\",\"b#2\"]}");
    free(text);
    mini_host_free(h);
    pure_crew_free(crew);
}

/* The best try goes on: highest score, and all that stands on it is marked. */
static void best_is_marked(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW(
        TASK("a", "ann", ASKED("A") ",\"attempts\":3,\"on_exhausted\":\"best\"" JUDGED) "," TASK(
            "b", "bob", ASKED("{a}") ",\"needs\":[\"a\"]") "," TASK("c", "bob", ASKED("C"))));
    static const struct mini_answer answers[] = {
        {.who = "ann", .body = "one"},           {.who = "ann", .body = "two"},
        {.who = "ann", .body = "three"},         {.who = "eve", .body = NO_BUT("4")},
        {.who = "eve", .body = NO_BUT("6")},     {.who = "eve", .body = NO_BUT("5")},
        {.who = "bob", .body = "x", .times = 2}, {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_item(h, "{}");
    assert_non_null(strstr(input_of(h, "3/b#1"), "\"a\":\"two\""));
    const struct moot_json *b = moot_message_json(mini_host_last(h, "3/b#1", MOOT_OPEN));
    const struct moot_json *c = moot_message_json(mini_host_last(h, "3/c#1", MOOT_OPEN));
    assert_true(moot__json_get_bool(b, "unapproved", false));
    assert_false(moot__json_get_bool(c, "unapproved", false));
    assert_true(moot__json_get_bool(mini_host_end(h, "3"), "unapproved", false));
    mini_host_free(h);
    pure_crew_free(crew);
}

/* What the person sees, and a mended result that does not fit is asked about again. */
static void asking(void **state)
{
    (void)state;
    struct moot_crew_def *crew =
        pure_crew_make(CREW(TASK("a", "ann",
                                 ASKED("A") ",\"attempts\":1,\"output\":{\"x\":\"text\"},"
                                            "\"on_exhausted\":\"ask\"" JUDGED)));
    static const struct mini_answer answers[] = {
        {.who = "ann", .body = "{\"x\":\"bad\"}"},
        {.who = "eve", .body = NO("dull")},
        {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"{\\\"y\\\":1}\"}"},
        {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"{\\\"x\\\":\\\"good\\\"}\"}"},
        {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_item(h, "{}");
    const struct moot_json *body = moot_message_json(mini_host_last(h, "3", MOOT_QUESTION));
    assert_non_null(strstr(moot__json_get_text(body, "text", ""), "/y"));
    const struct moot_json *about = moot__json_get(body, "about");
    assert_string_equal(moot__json_get_text(about, "tries", ""),
                        "[{\"result\":{\"x\":\"bad\"},\"verdict\":{\"passed\":false,\"problems\":"
                        "[{\"what\":\"dull\"}],\"score\":3}}]");
    const struct moot_json *result = moot__json_get(mini_host_end(h, "3"), "result");
    assert_string_equal(moot__json_get_text(result, "json", ""), "{\"x\":\"good\"}");
    mini_host_free(h);
    pure_crew_free(crew);
}

/* Plain text is mended by saying it; what is neither is asked about again, but not for ever. */
static void answered_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *task;
        struct mini_answer answers[6];
        const char *outcome, *result;
        size_t questions;
    } cases[] = {
        {"", {{.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"good\"}"}}, "done", "good", 1},
        {",\"output\":\"good | bad\"",
         {{.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"fair\"}"},
          {.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"good\"}"}},
         "done",
         "\"good\"",
         2},
        {",\"output\":{\"x\":\"text\"}",
         {{.tool = "?", .body = "{\"status\":\"ok\",\"text\":\"hm\"}", .times = -1}},
         "rejected",
         "",
         10},
        {"", {{.tool = "?", .body = "{\"status\":\"withdrawn\"}"}}, "rejected", "", 1},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct mini_answer answers[8] = {{.who = "ann", .body = "bad"}};
        memcpy(answers + 1, cases[i].answers, sizeof(cases[i].answers));
        char task[512];
        snprintf(task, sizeof(task), "%s%s%s",
                 "{\"item\":\"shop\",\"process\":\"graph\"," AGENTS ",\"tasks\":[{\"id\":\"a\","
                 "\"agent\":\"ann\",\"prompt\":\"A\",\"attempts\":1,\"on_exhausted\":\"ask\"",
                 cases[i].task, ",\"checks\":[{\"none\":\"bad\"}]}]}");
        answers[0].times = -1;
        struct moot_crew_def *crew = pure_crew_make(task);
        struct mini_host *h = mini_host_new(crew, answers, 0);
        mini_host_item(h, "{}");
        const struct moot_json *end = mini_host_end(h, "3");
        const struct moot_json *result = moot__json_get(end, "result");
        const char *got =
            moot__json_get_text(result, "text", moot__json_get_text(result, "json", ""));
        assert_string_equal(moot__json_get_text(end, "outcome", ""), cases[i].outcome);
        if (cases[i].result[0] != '\0')
            assert_string_equal(got, cases[i].result);
        assert_int_equal(mini_host_count(h, MOOT_QUESTION), cases[i].questions);
        mini_host_free(h);
        pure_crew_free(crew);
    }
}

static void rejected_says_why(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(CREW(TASK("a", "ann", ASKED("A") JUDGED)));
    static const struct mini_answer answers[] = {{.who = "ann", .body = "x", .times = 2},
                                                 {.who = "eve", .body = NO("dull"), .times = 2},
                                                 {0}};
    struct mini_host *h = mini_host_new(crew, answers, 0);
    mini_host_item(h, "{}");
    char *text = moot__json_string(mini_host_end(h, "3"));
    assert_string_equal(text,
                        "{\"outcome\":\"rejected\",\"stop\":\"finished\",\"detail\":\"a, 2 "
                        "attempts: dull\",\"task\":\"a\",\"verdict\":{\"passed\":false,"
                        "\"problems\":[{\"what\":\"dull\"}],\"score\":3},\"result\":{\"text\":"
                        "\"x\"}}");
    free(text);
    mini_host_free(h);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs),
        cmocka_unit_test(best_is_marked),
        cmocka_unit_test(asking),
        cmocka_unit_test(answered_in_words),
        cmocka_unit_test(rejected_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
