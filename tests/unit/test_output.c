#include "agents/output.h"

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

/* A crew with one task of that output; NULL: plain text. */
static struct moot_crew_def *crew_of(const char *output)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "{\"agents\":[{\"id\":\"ann\"}],\"tasks\":[{\"id\":\"t\",\"agent\":\"ann\",\"prompt\":"
             "\"x\"%s%s}]}",
             output != NULL ? ",\"output\":" : "", output != NULL ? output : "");
    return pure_crew_make(text);
}

struct read_case {
    const char *output, *answer;
    const char *result;  /* JSON; NULL: it is wrong, and */
    const char *problem; /* this stands in what is said */
};

#define MAIL "{\"subject\":\"text 1..10 characters\",\"body\":\"text\",\"note\":\"optional text\"}"

static const struct read_case cases[] = {
    {NULL, "  plain\n", "\"plain\"", NULL},
    {NULL, " \n", NULL, "the answer is empty"},
    {MAIL, "{\"subject\":\"s\",\"body\":\"b\"}", "{\"subject\":\"s\",\"body\":\"b\"}", NULL},
    {MAIL, "Sure!\n```json\n{\"subject\":\"s\",\"body\":\"b\"}\n```\n",
     "{\"subject\":\"s\",\"body\":\"b\"}", NULL},
    {MAIL, "I choose {this}. {\"subject\":\"s\",\"body\":\"b\",} so.",
     "{\"subject\":\"s\",\"body\":\"b\"}", NULL},
    {MAIL, "{\"subject\":\"x\"} or rather {\"subject\":\"s\",\"body\":\"b\"}",
     "{\"subject\":\"s\",\"body\":\"b\"}", NULL},
    {MAIL, "{\"subject\":\"s\",\"body\":\"b\",\"note\":null}", "{\"subject\":\"s\",\"body\":\"b\"}",
     NULL},
    {MAIL, "{\"subject\":\"s\",\"body\":null}", NULL, "/body"},
    {MAIL, "{\"subject\":\"much too long for it\",\"body\":\"b\"}", NULL, "/subject"},
    {MAIL, "{\"subject\":\"s\",\"body\":\"b\",\"more\":1}", NULL, "more"},
    {MAIL, "no idea", NULL, "no JSON that can be read"},
    {MAIL, "{\"subject\":\"s\",\"body\":\"cut o", NULL, "no JSON that can be read"},
    {"{\"n\":\"number\"}", "{\"n\":12.50}", "{\"n\":12.50}", NULL},
    {"{\"n\":\"number\"}", "{\"n\":123456789012345678901234567890}",
     "{\"n\":123456789012345678901234567890}", NULL},
    {"{\"t\":\"text 2..3 words\"}", "{\"t\":\"one\"}", NULL, "/t"},
    {"{\"t\":\"text 2..3 words\"}", "{\"t\":\"one two\"}", "{\"t\":\"one two\"}", NULL},
    {"{\"l\":[\"text\"]}", "Here: {\"l\": [\"a\"]}", "{\"l\":[\"a\"]}", NULL},
    {"\"high | low\"", "**high**", "\"high\"", NULL},
    {"\"high | low\"", "middling", NULL, ""},
    {"\"high | low\"", "low.", "\"low\"", NULL},
    {"\"text matching Answer: (\\\\w+)\"", "Well. Answer: yes. Or not.", "\"yes\"", NULL},
    {"\"text matching Answer: (\\\\w+)\"", "Well.", NULL, ""},
};

static void reads_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_crew_def *crew = crew_of(cases[i].output);
        struct moot_buf problems;
        struct moot_json *result = NULL;
        moot__buf_init(&problems, 1 << 16);
        int rc = moot__output_read(&crew->tasks[0].output, cases[i].answer, &result, &problems);
        if (rc != (cases[i].result != NULL ? MOOT_OK : MOOT_EINVAL))
            fail_msg("%s: %d, %s", cases[i].answer, rc, moot__buf_text(&problems));
        if (cases[i].result != NULL) {
            char *text = moot__json_string(result);
            assert_string_equal(text, cases[i].result);
            free(text);
        } else if (strstr(moot__buf_text(&problems), cases[i].problem) == NULL) {
            fail_msg("%s: %s", cases[i].answer, moot__buf_text(&problems));
        }
        moot__json_free(result);
        moot__buf_release(&problems);
        pure_crew_free(crew);
    }
}

/* One field at a time: what else is missing does not matter. */
static void reads_fields(void **state)
{
    (void)state;
    static const struct {
        const char *name, *answer, *value, *problem;
    } fields[] = {
        {"subject", " Hi \n", "\"Hi\"", NULL},
        {"subject", "far too long a subject", NULL, "- /subject"},
        {"subject", "\n", NULL, "empty"},
        {"count", "7", "7", NULL},
        {"count", "seven", NULL, "- /count"},
        {"tags", "[\"a\", \"b\"]", "[\"a\",\"b\"]", NULL},
        {"few", "one two three", NULL, "- /few"},
        {"few", "one two", "\"one two\"", NULL},
    };
    struct moot_crew_def *crew =
        crew_of("{\"subject\":\"text 1..10 characters\",\"count\":\"integer\",\"tags\":[\"text\"],"
                "\"few\":\"text ..2 words\"}");
    struct moot_json *have = moot__json_new(MOOT_JSON_OBJECT);
    for (size_t i = 0; i < MOOT_COUNT(fields); i++) {
        struct moot_buf problems;
        struct moot_json *value = NULL;
        moot__buf_init(&problems, 1 << 16);
        int rc = moot__output_read_field(&crew->tasks[0].output, have, fields[i].name,
                                         fields[i].answer, &value, &problems);
        if (rc != (fields[i].value != NULL ? MOOT_OK : MOOT_EINVAL))
            fail_msg("%s: %s: %d, %s", fields[i].name, fields[i].answer, rc,
                     moot__buf_text(&problems));
        if (fields[i].value != NULL) {
            char *text = moot__json_string(value);
            assert_string_equal(text, fields[i].value);
            free(text);
        } else {
            assert_non_null(strstr(moot__buf_text(&problems), fields[i].problem));
        }
        moot__json_free(value);
        moot__buf_release(&problems);
    }
    moot__json_free(have);
    pure_crew_free(crew);
}

static void fills_in_the_order_of_the_file(void **state)
{
    (void)state;
    struct moot_crew_def *crew =
        crew_of("{\"id\":\"{shop.id}\",\"name\":\"text\",\"note\":\"{shop.name}, {crew.date}\","
                "\"size\":\"{shop.size:-none}\"}");
    struct moot_json *scope = read_json(
        "{\"shop\":{\"id\":42,\"name\":\"Odd {shop.id}\"},\"crew\":{\"date\":\"2026-11-25\"}}");
    struct moot_json *result = read_json("{\"name\":\"n\"}");
    struct moot_buf problems;
    moot__buf_init(&problems, 1 << 16);
    struct moot_error err = {0};
    assert_int_equal(moot__output_fill(&crew->tasks[0].output, scope, &result, &err), MOOT_OK);
    char *text = moot__json_string(result);
    assert_string_equal(text, "{\"id\":42,\"name\":\"n\",\"note\":\"Odd {shop.id}, 2026-11-25\","
                              "\"size\":\"none\"}");
    free(text);
    assert_int_equal(moot__output_check(&crew->tasks[0].output, result, &problems), MOOT_OK);
    moot__json_free(moot__json_take(scope, "crew"));
    assert_int_equal(moot__output_fill(&crew->tasks[0].output, scope, &result, &err),
                     MOOT_ENOTFOUND);
    assert_non_null(strstr(err.message, "crew.date"));
    moot__buf_release(&problems);
    moot__json_free(result);
    moot__json_free(scope);
    pure_crew_free(crew);
}

/* Filled fields are not asked of the model, scalars are asked for in words. */
static void asks_by_schema(void **state)
{
    (void)state;
    struct moot_crew_def *crew = crew_of("{\"id\":\"{shop.id}\",\"name\":\"text\"}");
    const char *schema = moot__output_schema(&crew->tasks[0].output);
    assert_non_null(strstr(schema, "\"name\""));
    assert_null(strstr(schema, "\"id\""));
    pure_crew_free(crew);
    crew = crew_of("\"high | low\"");
    assert_null(moot__output_schema(&crew->tasks[0].output));
    pure_crew_free(crew);
    crew = crew_of(NULL);
    assert_null(moot__output_schema(&crew->tasks[0].output));
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_answers),
        cmocka_unit_test(reads_fields),
        cmocka_unit_test(fills_in_the_order_of_the_file),
        cmocka_unit_test(asks_by_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
