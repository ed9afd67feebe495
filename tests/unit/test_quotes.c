#include "runtime/quotes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *json(const char *text)
{
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(text, strlen(text), &j, NULL), MOOT_OK);
    return j;
}

struct quote {
    const char *removed, *other;
    bool holds;
};

static const struct quote quotes[] = {
    {"{\"text\":\"the red fox\"}", "{\"text\":\"he saw the red fox run\"}", true},
    {"{\"text\":\"the red fox\"}", "{\"text\":\"he saw the red\"}", false},
    /* each line by itself */
    {"{\"text\":\"first line\\n  the red fox  \\n\"}", "{\"output\":\"> the red fox\"}", true},
    /* what is too short tells nothing */
    {"{\"text\":\"yes\\nno\"}", "{\"text\":\"yes\"}", false},
    /* names, counts and hashes are no words */
    {"{\"tool\":\"send_email\",\"req\":\"0123456789abcdef\"}",
     "{\"tool\":\"send_email\",\"req\":\"0123456789abcdef\"}", false},
    /* JSON held as a text, on both sides, once and twice */
    {"{\"parts\":[{\"text\":\"{\\\"body\\\":\\\"a \\\\\\\"red\\\\\\\" fox\\\"}\"}]}",
     "{\"args\":\"{\\\"mail\\\":\\\"so: a \\\\\\\"red\\\\\\\" fox!\\\"}\"}", true},
    {"{\"text\":\"a \\\"red\\\" fox\"}",
     "{\"input\":\"{\\\"x\\\":\\\"{\\\\\\\"y\\\\\\\":\\\\\\\"a \\\\\\\\\\\\\\\"red\\\\\\\\\\\\\\\" "
     "fox\\\\\\\"}\\\"}\"}",
     true},
    /* calls of a reply, and what a request added */
    {"{\"calls\":[{\"name\":\"t\",\"arguments\":\"{\\\"q\\\":\\\"the red fox\\\"}\"}]}",
     "{\"args\":\"{\\\"q\\\":\\\"the red fox\\\"}\"}", true},
    {"{\"add\":[{\"as\":\"user\",\"text\":\"the red fox\"}]}", "{\"why\":\"the red fox\"}", true},
};

static void finds_the_words_wherever_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(quotes); i++) {
        struct moot_quotes q;
        struct moot_json *removed = json(quotes[i].removed), *other = json(quotes[i].other);
        moot__quotes_init(&q);
        assert_int_equal(moot__quotes_add(&q, removed), MOOT_OK);
        if (moot__quotes_in(&q, other) != quotes[i].holds)
            fail_msg("case %zu: %s", i, quotes[i].other);
        moot__quotes_release(&q);
        moot__json_free(removed);
        moot__json_free(other);
    }
}

/* A text of very many lines is refused rather than half looked for. */
static void too_many_lines(void **state)
{
    (void)state;
    struct moot_buf b;
    struct moot_quotes q;
    moot__buf_init(&b, MOOT_MAX_JSON);
    for (int i = 0; i <= MOOT_QUOTE_LINES; i++)
        moot__buf_addf(&b, "line number %d\n", i);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(body, "text", moot__buf_text(&b)), MOOT_OK);
    moot__quotes_init(&q);
    assert_int_equal(moot__quotes_add(&q, body), MOOT_ETOOBIG);
    moot__quotes_release(&q);
    moot__json_free(body);
    moot__buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_words_wherever_they_stand),
        cmocka_unit_test(too_many_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
