/* A person speaks in a conversation that is under way, from this process or from another. */
#include "tests/lib/crew_play.h"

#include "runtime/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char crew[] = "crew: pairing\n"
                           "models: {default: scripted/replies.json}\n"
                           "process: pair\n"
                           "agents:\n"
                           "  user:\n"
                           "    kind: user_proxy\n"
                           "    goal: A parser.\n"
                           "  coder:\n"
                           "    role: Coder\n"
                           "    tools: [list_files]\n"
                           "    workspace: work\n";

/* What the coder is asked last decides what it replies. */
static const char replies[] =
    "[{\"agent\": \"user\", \"step\": 1, \"reply\": \"Write a parser.\"},"
    "{\"agent\": \"coder\", \"step\": 1, \"pace\": \"1s\","
    "  \"reply\": \"First a very long introduction to what parsers are\"},"
    "{\"agent\": \"coder\", \"text\": \"only the parser\", \"reply\": \"Here is the parser.\"},"
    "{\"agent\": \"coder\", \"step\": 2, \"reply\": \"That was not heard.\"},"
    "{\"agent\": \"user\", \"calls\": [{\"name\": \"finish\", \"arguments\": "
    "{\"result\": \"done\"}}]}]";

/* Speaks once, some turns of the loop after the call with this count was made. */
struct speaking {
    enum moot_kind after;
    int call, turns;
    const char *who;
    bool interrupt;
    bool said;
};

static void speaks(void *arg, struct moot_host *h, struct play *p)
{
    struct speaking *s = arg;
    if (s->said || p->counts[s->after] < s->call || s->turns-- > 0)
        return;
    s->said = true;
    if (moot__host_say(h, "1", s->who, "No: only the parser.", s->interrupt, &p->error) != MOOT_OK)
        fail_msg("say: %s", p->error.message);
}

static void begin(struct play *p, const char *script, struct speaking *s)
{
    play_init(p, crew, script);
    p->looks = speaks;
    p->arg = s;
}

static void what_is_said_during_a_call_is_heard_after_it(void **state)
{
    (void)state;
    struct play p;
    struct speaking s = {.after = MOOT_MODEL_CALL, .call = 2, .who = "coder"};
    begin(&p, replies, &s);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(play_count(&p, "\"why\":\"a person spoke to it\""), 1);
    assert_int_equal(play_count(&p, "cancelled"), 0);
    assert_int_equal(play_count(&p, "Here is the parser."), 2); /* reply and turn */
    play_release(&p);
}

static void an_interruption_cuts_the_call_off_and_keeps_what_had_come(void **state)
{
    (void)state;
    struct play p;
    struct speaking s = {
        .after = MOOT_MODEL_CALL, .call = 2, .turns = 8, .who = "coder", .interrupt = true};
    begin(&p, replies, &s);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(play_count(&p, "introduction to what parsers are"), 0);
    assert_int_equal(play_count(&p, "First a"), 2); /* the reply that was cut off, and its turn */
    assert_int_equal(play_count(&p, "\"status\":\"cancelled\""), 2);
    assert_int_equal(play_count(&p, "Here is the parser."), 2);
    play_release(&p);
}

static void an_interruption_for_nobody_gives_the_floor_back(void **state)
{
    (void)state;
    struct play p;
    struct speaking s = {.after = MOOT_MODEL_CALL, .call = 2, .turns = 8, .interrupt = true};
    begin(&p, replies, &s);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(play_count(&p, "\"why\":\"a person spoke\""), 1);
    assert_int_equal(play_count(&p, "Here is the parser."), 2);
    play_release(&p);
}

static void between_two_steps_it_is_heard_at_once(void **state)
{
    (void)state;
    struct play p;
    struct speaking s = {.after = MOOT_TOOL_CALL, .call = 1, .who = "coder"};
    begin(&p,
          "[{\"agent\": \"user\", \"step\": 1, \"reply\": \"Write a parser.\"},"
          "{\"agent\": \"coder\", \"step\": 1, \"calls\": [{\"name\": \"list_files\", "
          "\"arguments\": {}}]},"
          "{\"agent\": \"coder\", \"text\": \"only the parser\", \"reply\": \"The parser.\"},"
          "{\"agent\": \"user\", \"calls\": [{\"name\": \"finish\", \"arguments\": "
          "{\"result\": \"done\"}}]}]",
          &s);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.counts[MOOT_TURN], 3); /* it was answered: nobody has a turn besides */
    play_release(&p);
}

static void after_a_crash_at_any_commit_it_goes_on(void **state)
{
    (void)state;
    for (int commits = 1; commits < 12; commits++) {
        struct play p;
        struct speaking s = {
            .after = MOOT_MODEL_CALL, .call = 2, .turns = 8, .who = "coder", .interrupt = true};
        begin(&p, replies, &s);
        p.crash_after = commits;
        play_run(&p, false);
        p.crash_after = 0;
        s.said = true;
        if (p.state != MOOT_RUN_CLOSED)
            play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.totals.done, 1);
        int said = play_count(&p, "No: only the parser.");
        assert_int_equal(play_count(&p, "Here is the parser."), 2 * said);
        play_release(&p);
    }
}

/* ---- by post ---- */

struct posted {
    const char *from, *to[4], *body;
    int heard; /* how many messages of it the journal holds in the end */
};

static void post(struct play *p, const struct posted *what)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    struct moot_json *body = NULL;
    uint8_t salt[MOOT_SALT_SIZE] = {7};
    char dir[128];
    snprintf(dir, sizeof(dir), "%s/run.post", p->dir);
    moot__message_set(&m->run, "00112233445566778899aabbccddeeff");
    moot__message_set(&m->conv, "1");
    moot__message_set(&m->from, what->from);
    moot__message_set(&m->nonce, "0123456789abcdef01234567");
    moot__message_set(&m->kid, moot__key_kid(p->owner));
    m->exp = INT64_C(4000000000000);
    for (size_t i = 0; i < 4 && what->to[i] != NULL; i++)
        moot__message_add(&m->to, &m->to_count, what->to[i]);
    assert_int_equal(moot__json_parse(what->body, strlen(what->body), &body, NULL), MOOT_OK);
    if (moot__message_seal(m, body, salt, &p->error) != MOOT_OK ||
        moot__sign_batch(p->owner, &m, 1, &p->error) != MOOT_OK ||
        moot__post_write(dir, m, &p->error) != MOOT_OK)
        fail_msg("post: %s", p->error.message);
    moot__message_unref(m);
}

static void only_what_a_person_says_to_all_is_taken_from_the_post(void **state)
{
    (void)state;
    static const struct posted cases[] = {
        {"person",
         {"coder", "pair", "user"},
         "{\"parts\":[{\"text\":\"only the parser\"}],\"for\":\"coder\"}",
         1},
        {"person", {"coder"}, "{\"parts\":[{\"text\":\"only the parser\"}],\"for\":\"coder\"}", 0},
        {"person",
         {"coder", "pair", "user"},
         "{\"parts\":[{\"text\":\"only the parser\"}],\"for\":\"pair\"}",
         0},
        {"person",
         {"coder", "pair", "user"},
         "{\"parts\":[{\"text\":\"only the parser\"}],\"for\":\"critic\"}",
         0},
        {"user",
         {"coder", "pair"},
         "{\"parts\":[{\"text\":\"only the parser\"}],\"for\":\"coder\"}",
         0},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct play p;
        struct speaking nobody = {.said = true};
        begin(&p, replies, &nobody);
        p.crash_after = 3;
        play_run(&p, false);
        post(&p, &cases[i]);
        p.crash_after = 0;
        play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        int heard = play_count(&p, "\"text\":\"only the parser\"");
        if (heard != cases[i].heard)
            fail_msg("case %zu: heard %d times", i, heard);
        play_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_during_a_call_is_heard_after_it),
        cmocka_unit_test(an_interruption_cuts_the_call_off_and_keeps_what_had_come),
        cmocka_unit_test(an_interruption_for_nobody_gives_the_floor_back),
        cmocka_unit_test(between_two_steps_it_is_heard_at_once),
        cmocka_unit_test(after_a_crash_at_any_commit_it_goes_on),
        cmocka_unit_test(only_what_a_person_says_to_all_is_taken_from_the_post),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
