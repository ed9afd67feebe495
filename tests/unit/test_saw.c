#include "cli/saw.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_text *text(const char *literal)
{
    return moot__text_make(literal, strlen(literal));
}

/* The neutral form: texts as they are, nothing where there is nothing. */
static void the_neutral_request(void **state)
{
    (void)state;
    struct moot_message *m = moot__message_new(MOOT_MODEL_CALL);
    assert_non_null(m);
    moot__message_set(&m->conv, "1");
    moot__message_set(&m->from, "critic");
    m->n = 3;
    static const char body[] = "{\"model\":\"openai/x\",\"tool_choice\":\"none\"}";
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    struct moot_turn turns[] = {
        {.role = MOOT_SYSTEM, .content = text("\"You \\\"are\\\"\"")},
        {.role = MOOT_ASSISTANT,
         .tool_calls = text("[{\"arguments\":\"{}\",\"id\":\"a\",\"name\":\"look\"}]")},
        {.role = MOOT_TOOL, .content = text("\"seen\""), .tool_call_id = text("\"a\"")},
    };
    static const struct moot_tool_view tools[] = {{"look", "Looks.", "{\"type\":\"object\"}"},
                                                  {"find", "Finds.", "{}"}};
    const struct moot_saw_call c = {
        .call = m,
        .turns = turns,
        .count = MOOT_COUNT(turns),
        .tools = tools,
        .tool_count = MOOT_COUNT(tools),
        .schema = "{\"type\":\"string\"}",
        .exact = true,
    };
    struct moot_buf out;
    moot__buf_init(&out, 65536);
    assert_int_equal(moot__saw_write(&c, &out), MOOT_OK);
    assert_string_equal(
        moot__buf_text(&out),
        "{\"conv\":\"1\",\"agent\":\"critic\",\"n\":3,\"model\":\"openai/x\",\"messages\":["
        "{\"role\":\"system\",\"content\":\"You \\\"are\\\"\"},"
        "{\"role\":\"assistant\",\"tool_calls\":[{\"arguments\":\"{}\",\"id\":\"a\",\"name\":"
        "\"look\"}]},"
        "{\"role\":\"tool\",\"content\":\"seen\",\"tool_call_id\":\"a\"}],\"tools\":["
        "{\"name\":\"look\",\"description\":\"Looks.\",\"parameters\":{\"type\":\"object\"}},"
        "{\"name\":\"find\",\"description\":\"Finds.\",\"parameters\":{}}],"
        "\"tool_choice\":\"none\",\"schema\":{\"type\":\"string\"},\"exact\":true}");
    moot__buf_release(&out);
    for (size_t i = 0; i < MOOT_COUNT(turns); i++) {
        moot__text_unref(turns[i].content);
        moot__text_unref(turns[i].tool_calls);
        moot__text_unref(turns[i].tool_call_id);
    }
    moot__message_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_neutral_request)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
