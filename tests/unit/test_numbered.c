#include "cli/numbered.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_message *message(enum moot_kind kind, const char *body)
{
    static const uint8_t salt[MOOT_SALT_SIZE];
    struct moot_json *j = NULL;
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->run, "0123456789abcdef0123456789abcdef");
    moot__message_set(&m->conv, "1/mail#1");
    moot__message_set(&m->from, "ann");
    m->n = 2;
    assert_int_equal(moot__json_parse(body, strlen(body), &j, NULL), MOOT_OK);
    assert_int_equal(moot__message_seal(m, j, salt, NULL), MOOT_OK);
    m->seq = 41;
    return m;
}

static void expect(struct moot_message *m, size_t columns, const char *want)
{
    struct moot_buf out;
    moot__buf_init(&out, 4096);
    moot__numbered_add(&out, m, columns);
    assert_string_equal(moot__buf_text(&out), want);
    moot__buf_release(&out);
    moot__message_unref(m);
}

static void a_line_says_what_it_is(void **state)
{
    (void)state;
    expect(message(MOOT_MODEL_REPLY, "{\"parts\":[{\"text\":\"Dear Lin\"}]}"), 80,
           "   41  model_reply      ann 2 in 1/mail#1           Dear Lin");
    expect(message(MOOT_TOOL_CALL, "{\"args\":\"{}\"}"), 80,
           "   41  tool_call        ann 2 in 1/mail#1           {}");
    expect(message(MOOT_MODEL_CALL, "{\"add\":[{\"text\":\"one\"},{\"text\":\"two\"}]}"), 80,
           "   41  model_call       ann 2 in 1/mail#1           two");
    expect(message(MOOT_END, "{\"result\":{\"json\":\"[1]\"}}"), 80,
           "   41  end              ann 2 in 1/mail#1           [1]");
    expect(message(MOOT_KEY, "{}"), 80, "   41  key              ann 2 in 1/mail#1");
}

/* What a hostile text holds neither moves the cursor nor breaks the line. */
static void control_characters_are_neutral(void **state)
{
    (void)state;
    struct moot_buf out;
    struct moot_message *m = message(MOOT_MSG, "{\"text\":\"a\\u001b[2Jb\\nc \\u202e d\"}");
    moot__buf_init(&out, 4096);
    moot__numbered_add(&out, m, 200);
    assert_null(strchr(moot__buf_text(&out), '\033'));
    assert_null(strchr(moot__buf_text(&out), '\n'));
    assert_null(strstr(moot__buf_text(&out), "\xe2\x80\xae"));
    moot__buf_release(&out);
    moot__message_unref(m);
}

static void it_is_cut_to_the_screen(void **state)
{
    (void)state;
    expect(message(MOOT_MSG, "{\"text\":\"a long text that does not fit\"}"), 60,
           "   41  msg              ann 2 in 1/mail#1           a long…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_what_it_is),
        cmocka_unit_test(control_characters_are_neutral),
        cmocka_unit_test(it_is_cut_to_the_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
