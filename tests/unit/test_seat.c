/* Where who sits at the terminal has its turn: when an agent's seat is asked for words. */
#include "cli/seat.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_message *message(enum moot_kind kind, const char *from, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->run, "00112233445566778899aabbccddeeff");
    moot__message_set(&m->conv, "1");
    moot__message_set(&m->from, from);
    m->id[0] = (uint8_t)kind;
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return m;
}

static void take(struct moot_seat_at *s, struct moot_message *m)
{
    assert_int_equal(moot__inbox_message(s->inbox, m), MOOT_OK);
    assert_int_equal(moot__seat_message(s, m), MOOT_OK);
    moot__message_unref(m);
}

static void it_is_asked_while_a_question_to_a_seat_waits(void **state)
{
    (void)state;
    struct moot_inbox inbox;
    struct moot_seat_at s = {.inbox = &inbox, .lines = true};
    moot__inbox_init(&inbox);
    assert_int_equal(moot__seat_init(&s, NULL, NULL), MOOT_OK);
    take(&s, message(MOOT_OPEN, "host", "{\"participants\":[\"pair\",\"user\",\"coder\"]}"));
    assert_null(s.conv);

    struct moot_message *turn = message(MOOT_TURN, "pair", "{\"why\":\"start\"}");
    assert_int_equal(moot__message_add(&turn->to, &turn->to_count, "user"), MOOT_OK);
    take(&s, turn);
    assert_string_equal(s.conv, "1");
    assert_string_equal(s.floor, "user");
    assert_false(moot__seat_is_asked(&s));

    take(&s, message(MOOT_APPROVAL_REQUEST, "host", "{\"tool\":\"send_email\"}"));
    assert_false(moot__seat_is_asked(&s));
    take(&s, message(MOOT_QUESTION, "user", "{\"text\":\"and you?\",\"seat\":\"user\"}"));
    assert_true(moot__seat_is_asked(&s));
    s.left = true;
    assert_false(moot__seat_is_asked(&s));
    s.left = false;

    struct moot_message *answer = message(MOOT_ANSWER, "person", "{\"text\":\"yes\"}");
    answer->has_re = true;
    answer->re[0] = MOOT_QUESTION;
    take(&s, answer);
    assert_false(moot__seat_is_asked(&s));
    take(&s, message(MOOT_END, "host", "{}"));
    assert_null(s.conv);
    moot__seat_release(&s);
    moot__inbox_release(&inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_while_a_question_to_a_seat_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
