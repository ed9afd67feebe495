#include "agents/prompt.h"

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

static void system_message(void **state)
{
    (void)state;
    static const struct {
        const char *agent, *message;
    } cases[] = {
        {"{\"id\":\"a\"}", ""},
        {"{\"id\":\"a\",\"role\":\"Copywriter\"}", "Your role: Copywriter"},
        {"{\"id\":\"a\",\"role\":\"Copywriter\",\"goal\":\"Short mails.\",\"backstory\":\"You "
         "never flatter.\"}",
         "Your role: Copywriter\nYour goal: Short mails.\n\nYou never flatter."},
        {"{\"id\":\"a\",\"backstory\":\"You never flatter.\"}", "You never flatter."},
        {"{\"id\":\"a\",\"role\":\"R\",\"system_message\":\"Only this.\"}", "Only this."},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char text[512];
        struct moot_buf out;
        snprintf(text, sizeof(text), "{\"agents\":[%s]}", cases[i].agent);
        struct moot_crew_def *crew = pure_crew_make(text);
        moot__buf_init(&out, 1 << 16);
        assert_int_equal(moot__prompt_system(&crew->agents[0], &out), MOOT_OK);
        assert_string_equal(moot__buf_text(&out), cases[i].message);
        moot__buf_release(&out);
        pure_crew_free(crew);
    }
    struct moot_buf none;
    moot__buf_init(&none, 10);
    assert_int_equal(moot__prompt_system(NULL, &none), MOOT_OK);
    assert_int_equal(none.len, 0);
}

struct step_case {
    const char *task; /* members of it */
    size_t step;
    const char *scope;
    const char *prompt;
};

#define SCOPE                                                                                      \
    "{\"$item\":\"shop\",\"shop\":{\"text\":\"Socks {x}\"},\"a\":{\"k\":[1,2]},"                   \
    "\"report\":\"\",\"attempt\":1}"
#define RETRY(more) "{\"attempt\":2,\"report\":\"1. too long\"" more "}"

static const struct step_case cases[] = {
    {"\"prompt\":\"On {shop}\\n\"", 0, SCOPE, "On Socks {x}"},
    {"\"prompt\":\"Go\",\"shown\":[\"a\"]", 0, SCOPE,
     "Go\n\nThe result of a:\n{\n  \"k\": [\n    1,\n    2\n  ]\n}"},
    {"\"prompt\":\"Go\",\"shown\":[\"b\"]", 0, SCOPE, "Go"},
    {"\"prompt\":\"Go\",\"expected_output\":\"One line.\"", 0, SCOPE,
     "Go\n\nExpected output: One line."},
    {"\"prompt\":\"Go\",\"output\":{\"x\":\"text\"}", 0, SCOPE,
     "Go\n\nAnswer with JSON that fits this JSON Schema, and with nothing else:\n"
     "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\"}},\"required\":[\"x\"],"
     "\"additionalProperties\":false}"},
    {"\"steps\":[{\"prompt\":\"One\"},{\"prompt\":\"Two\"}],\"shown\":[\"a\"],"
     "\"expected_output\":\"E\"",
     1, SCOPE, "Two\n\nExpected output: E"},
    {"\"steps\":[{\"prompt\":\"One\"},{\"prompt\":\"Two\",\"as\":\"x\"}],"
     "\"output\":{\"x\":\"text\"}",
     1, SCOPE, "Two"},
    {"\"prompt\":\"Go\"", 0, RETRY(",\"previous\":\"Old\",\"rejected\":\"t\""),
     "Go\n\nYour last attempt was sent back. It was:\nOld\n\nWhy it was sent back:\n1. too long"
     "\n\nThis is attempt 2. Give the whole result again, mended."},
    {"\"prompt\":\"Go\"", 0, RETRY(",\"previous\":\"Old\",\"rejected\":\"email\""),
     "Go\n\nYour last result was:\nOld\n\nWhat was made of it, email, was sent back for this:\n"
     "1. too long\n\nThis is attempt 2. Give the whole result again, mended."},
    {"\"prompt\":\"Try {attempt}: {report}\"", 0, RETRY(""), "Try 2: 1. too long"},
    {"\"steps\":[{\"prompt\":\"One\"},{\"prompt\":\"{report}\"}]", 0,
     RETRY(",\"previous\":{\"a\":1}"),
     "One\n\nYour last attempt was sent back. It was:\n{\n  \"a\": 1\n}"
     "\n\nThis is attempt 2. Mend that in all that follows."},
};

static void step_prompts(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char text[1024];
        snprintf(text, sizeof(text), "{\"tasks\":[{\"id\":\"t\",\"agent\":\"a\",%s}]}",
                 cases[i].task);
        struct moot_crew_def *crew = pure_crew_make(text);
        struct moot_json *scope = read_json(cases[i].scope);
        struct moot_buf out;
        struct moot_error err = {0};
        moot__buf_init(&out, 1 << 16);
        assert_int_equal(moot__prompt_step(&crew->tasks[0], cases[i].step, scope, &out, &err),
                         MOOT_OK);
        assert_string_equal(moot__buf_text(&out), cases[i].prompt);
        moot__buf_release(&out);
        moot__json_free(scope);
        pure_crew_free(crew);
    }
}

static void missing_placeholder(void **state)
{
    (void)state;
    struct moot_crew_def *crew = pure_crew_make(
        "{\"tasks\":[{\"id\":\"t\",\"agent\":\"a\",\"prompt\":\"On {shop.nothing}\"}]}");
    struct moot_json *scope = read_json("{\"shop\":{}}");
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 1 << 16);
    assert_int_equal(moot__prompt_step(&crew->tasks[0], 0, scope, &out, &err), MOOT_ENOTFOUND);
    assert_non_null(strstr(err.message, "shop.nothing"));
    moot__buf_release(&out);
    moot__json_free(scope);
    pure_crew_free(crew);
}

static void problems_are_numbered(void **state)
{
    (void)state;
    struct moot_json *problems =
        read_json("[{\"what\":\"dull\",\"quote\":\"very nice\",\"criterion\":\"Be specific.\"},"
                  "{\"what\":\"long\"}]");
    struct moot_buf out;
    moot__buf_init(&out, 1 << 16);
    assert_int_equal(moot__prompt_problems(problems, &out), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "1. dull (\"very nice\") [Be specific.]\n2. long");
    moot__buf_release(&out);
    moot__json_free(problems);
}

static void what_the_author_saw(void **state)
{
    (void)state;
    struct moot_crew_def *crew =
        pure_crew_make("{\"tasks\":[{\"id\":\"t\",\"agent\":\"a\",\"steps\":[{\"prompt\":\"One "
                       "{shop}\"},{\"prompt\":\"Two\"}],\"shown\":[\"a\"]}]}");
    struct moot_json *scope = read_json(SCOPE);
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 1 << 16);
    assert_int_equal(moot__prompt_seen(&crew->tasks[0], scope, &out, &err), MOOT_OK);
    assert_non_null(strstr(moot__buf_text(&out), "One Socks {x}\n\nTwo\n\nThe result of a:\n"));
    moot__buf_release(&out);
    moot__json_free(scope);
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(system_message),      cmocka_unit_test(step_prompts),
        cmocka_unit_test(missing_placeholder), cmocka_unit_test(problems_are_numbered),
        cmocka_unit_test(what_the_author_saw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
