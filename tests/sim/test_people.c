/* People who are asked by name: who may answer, how they are told, and what becomes of what nobody
 * answers in time. */
#include "tests/lib/crew_play.h"
#include "tests/lib/sim_world.h"

#include "runtime/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { HOUR = 3600 * 1000 };

static const char reviewed[] = "crew: reviewed\n"
                               "models: {default: scripted/replies.json}\n"
                               "process: graph\n"
                               "people:\n"
                               "  ann:\n"
                               "    %s\n"
                               "tasks:\n"
                               "  write:\n"
                               "    prompt: Write a line.\n"
                               "    attempts: 1\n"
                               "    check:\n"
                               "      - {person: [ann]}\n";

static const char line[] = "[{\"reply\": \"A line.\", \"repeat\": true}]";

static void begin(struct play *p, const char *form, const char *ann)
{
    char crew[1024];
    snprintf(crew, sizeof(crew), form, ann);
    play_init(p, crew, line);
}

static void without_an_end_it_waits_for_ever(void **state)
{
    (void)state;
    struct play p;
    begin(&p, reviewed, "name: Ann");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    for (int day = 0; day < 3; day++) {
        p.wall_ms += INT64_C(300) * 24 * HOUR;
        play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_WAITING);
    }
    assert_int_equal(play_count(&p, "expired"), 0);
    play_release(&p);
}

static void thirty_hours_later_it_is_too_late(void **state)
{
    (void)state;
    struct play p;
    begin(&p, reviewed, "within: 24h");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    p.wall_ms += INT64_C(20) * HOUR;
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    p.wall_ms += INT64_C(10) * HOUR;
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.failed, 1);
    assert_int_equal(play_count(&p, "\"status\":\"expired\""), 1);
    assert_true(play_count(&p, "nobody judged the result in time") > 0);
    play_release(&p);
}

static void a_turn_nobody_takes_in_time_is_the_automatic_reply(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              "crew: talk\n"
              "models: {default: scripted/replies.json}\n"
              "process: pair\n"
              "people:\n"
              "  ann:\n"
              "    within: 24h\n"
              "agents:\n"
              "  user:\n"
              "    kind: user_proxy\n"
              "    human_input: always\n"
              "    goal: A line.\n"
              "  coder:\n"
              "    role: Coder\n",
              "[{\"agent\": \"coder\", \"reply\": \"A line.\"},"
              "{\"agent\": \"user\", \"calls\": [{\"name\": \"finish\", \"arguments\": "
              "{\"result\": \"done\"}}]}]");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    p.wall_ms += INT64_C(30) * HOUR;
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(play_count(&p, "\"status\":\"expired\""), 1);
    play_release(&p);
}

static void what_nobody_consents_to_in_time_is_refused(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              "crew: sends\n"
              "models: {default: scripted/replies.json}\n"
              "process: graph\n"
              "people:\n"
              "  ann:\n"
              "    within: 24h\n"
              "tasks:\n"
              "  send:\n"
              "    tool: send_email\n"
              "    approval: always\n"
              "    args: {to: lin@shop.example, subject: Hello, body: A line.}\n",
              line);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    p.wall_ms += INT64_C(30) * HOUR;
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 0);
    assert_int_equal(play_count(&p, "\"status\":\"denied\""), 1);
    assert_true(play_count(&p, "nobody answered in time") > 0);
    play_release(&p);
}

/* ---- who answers ---- */

struct answering {
    const char *from;
    uint8_t seed; /* of the key that signs */
    int64_t at;   /* hours after it was asked */
    bool taken;
};

struct asked {
    uint8_t id[MOOT_HASH_SIZE];
    char conv[128], from[64];
    int64_t ts;
};

static int find_question(void *arg, struct moot_message *m)
{
    struct asked *a = arg;
    if (m->kind != MOOT_QUESTION)
        return 0;
    memcpy(a->id, m->id, sizeof(a->id));
    snprintf(a->conv, sizeof(a->conv), "%s", m->conv);
    snprintf(a->from, sizeof(a->from), "%s", m->from);
    a->ts = m->ts;
    return 0;
}

static struct moot_key *key_of(uint8_t seed)
{
    uint8_t bytes[32] = {seed};
    struct moot_key *key = moot__key_from_seed(bytes);
    assert_non_null(key);
    return key;
}

static void post(struct play *p, const struct answering *a)
{
    char path[128];
    struct asked asked = {0};
    struct moot_journal *j = NULL;
    snprintf(path, sizeof(path), "%s/run.db", p->dir);
    assert_int_equal(moot__journal_open(path, MOOT_JOURNAL_READ, NULL, &j, &p->error), MOOT_OK);
    assert_int_equal(moot__journal_each(j, 0, find_question, &asked, &p->error), MOOT_OK);
    moot__journal_close(j);
    struct moot_message *m = moot__message_new(MOOT_ANSWER);
    struct moot_json *body = NULL;
    struct moot_key *key = key_of(a->seed);
    uint8_t salt[MOOT_SALT_SIZE] = {7};
    static const char yes[] = "{\"status\":\"ok\",\"text\":\"approve\",\"decision\":\"approve\"}";
    moot__message_set(&m->run, "00112233445566778899aabbccddeeff");
    moot__message_set(&m->conv, asked.conv);
    moot__message_set(&m->from, a->from);
    moot__message_set(&m->nonce, "0123456789abcdef01234567");
    moot__message_set(&m->kid, moot__key_kid(key));
    moot__message_add(&m->to, &m->to_count, asked.from);
    m->has_re = true;
    memcpy(m->re, asked.id, sizeof(m->re));
    m->ts = asked.ts + a->at * HOUR;
    m->exp = INT64_C(4000000000000);
    assert_int_equal(moot__json_parse(yes, strlen(yes), &body, NULL), MOOT_OK);
    snprintf(path, sizeof(path), "%s/run.post", p->dir);
    if (moot__message_seal(m, body, salt, &p->error) != MOOT_OK ||
        moot__sign_batch(key, &m, 1, &p->error) != MOOT_OK ||
        moot__post_write(path, m, &p->error) != MOOT_OK)
        fail_msg("post: %s", p->error.message);
    moot__message_unref(m);
    moot__key_free(key);
}

static void only_the_key_of_who_was_asked_answers_and_in_time(void **state)
{
    (void)state;
    enum { OWNER = 9, ANN = 21, BEN = 22 };
    static const struct answering cases[] = {
        {"ann", ANN, 1, true},       {"ann", ANN, 23, true},      {"ann", ANN, 25, false},
        {"ann", BEN, 1, false},      {"ann", OWNER, 1, false},    {"ben", BEN, 1, false},
        {"ben", ANN, 1, false},      {"person", OWNER, 1, false}, {"person", ANN, 1, false},
        {"runner", OWNER, 1, false}, {"eve", ANN, 1, false},
    };
    struct moot_key *ann = key_of(ANN), *ben = key_of(BEN);
    char people[512], hex[2][MOOT_HEX_SIZE];
    moot__hex(moot__key_bytes(ann), 32, hex[0]);
    moot__hex(moot__key_bytes(ben), 32, hex[1]);
    snprintf(people, sizeof(people), "key: %s\n    within: 24h\n  ben:\n    key: %s", hex[0],
             hex[1]);
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct play p;
        begin(&p, reviewed, people);
        play_run(&p, false);
        assert_int_equal(p.state, MOOT_RUN_WAITING);
        post(&p, &cases[i]);
        p.wall_ms += INT64_C(23) * HOUR; /* what was said in time counts, whenever it is read */
        play_run(&p, true);
        if ((p.state == MOOT_RUN_CLOSED) != cases[i].taken)
            fail_msg("case %zu: %s", i, cases[i].taken ? "refused" : "taken");
        assert_int_equal(p.totals.done, cases[i].taken ? 1 : 0);
        play_release(&p);
    }
    moot__key_free(ann);
    moot__key_free(ben);
}

static void thirty_hours_and_a_reboot_later_it_is_answered(void **state)
{
    (void)state;
    enum { OWNER = 9 };
    struct play p;
    begin(&p, reviewed, "name: Ann");
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    post(&p, &(struct answering){.from = "ann", .seed = OWNER, .at = 30});
    p.wall_ms += INT64_C(30) * HOUR;
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_end_it_waits_for_ever),
        cmocka_unit_test(thirty_hours_later_it_is_too_late),
        cmocka_unit_test(a_turn_nobody_takes_in_time_is_the_automatic_reply),
        cmocka_unit_test(what_nobody_consents_to_in_time_is_refused),
        cmocka_unit_test(thirty_hours_and_a_reboot_later_it_is_answered),
        cmocka_unit_test(only_the_key_of_who_was_asked_answers_and_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
