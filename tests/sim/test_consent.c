/* Acts that ask, people who answer, and what a crash leaves open. */
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char sends[] = "crew: sends\n"
                            "models: {default: scripted/replies.json}\n"
                            "process: graph\n"
                            "tasks:\n"
                            "  write: {prompt: Write a line.}\n"
                            "  send:\n"
                            "    tool: send_email\n"
                            "    approval: always\n"
                            "    args: {to: lin@shop.example, subject: Hello, body: \"{write}\"}\n";

static const char line[] = "[{\"reply\": \"A line.\", \"repeat\": true}]";

struct answer {
    const char *decision;
    const char *text;
    const char *const *like;
    int asked;
};

static bool answers(void *arg, struct moot_host *h, struct play *p)
{
    struct answer *a = arg;
    if (a->decision == NULL)
        return false;
    a->asked++;
    if (moot__host_answer(h, p->open_conv, p->open_from, p->open_n, a->decision, a->text, a->like,
                          &p->error) != MOOT_OK)
        fail_msg("answer: %s", p->error.message);
    return true;
}

static void what_is_approved_is_done(void **state)
{
    (void)state;
    struct play p;
    struct answer a = {.decision = "approve"};
    play_init(&p, sends, line);
    p.person = answers;
    p.arg = &a;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(a.asked, 1);
    assert_int_equal(p.counts[MOOT_APPROVAL], 1);
    assert_int_equal(p.counts[MOOT_TOOL_RESULT], 1);
    play_release(&p);
}

static void what_is_refused_is_not(void **state)
{
    (void)state;
    struct play p;
    struct answer a = {.decision = "reject", .text = "not this one"};
    play_init(&p, sends, line);
    p.person = answers;
    p.arg = &a;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 0);
    assert_int_equal(play_count(&p, "\"status\":\"denied\""), 1);
    play_release(&p);
}

static void without_a_person_it_waits_and_goes_on_after_a_restart(void **state)
{
    (void)state;
    struct play p;
    struct answer a = {.decision = NULL};
    play_init(&p, sends, line);
    p.person = answers;
    p.arg = &a;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_WAITING);
    assert_int_equal(p.totals.waiting, 1);
    a.decision = "approve";
    play_run(&p, true);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(play_count(&p, "\"kind\":\"model_call\""), 1);
    assert_int_equal(play_count(&p, "\"kind\":\"tool_result\""), 1);
    play_release(&p);
}

static void nothing_is_done_in_a_dry_run_and_nobody_is_asked(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, sends, line);
    p.dry_run = true;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.counts[MOOT_APPROVAL_REQUEST], 0);
    assert_int_equal(play_count(&p, "\"dry_run\":true"), 2); /* in genesis, and of the act */
    assert_int_equal(play_count(&p, "would be done; nothing was"), 3); /* result and two ends */
    play_release(&p);
}

static void an_approval_like_it_covers_the_next_with_the_same_address(void **state)
{
    (void)state;
    static const char twice[] =
        "crew: twice\n"
        "models: {default: scripted/replies.json}\n"
        "process: sequential\n"
        "tools:\n"
        "  mail: {use: send_email, approval: always}\n"
        "tasks:\n"
        "  a: {tool: mail, args: {to: lin@shop.example, subject: One, body: x}}\n"
        "  b: {tool: mail, args: {to: lin@shop.example, subject: Two, body: y}}\n"
        "  c: {tool: mail, args: {to: eve@shop.example, subject: Three, body: z}}\n";
    static const char *const to[] = {"to", NULL};
    struct play p;
    struct answer a = {.decision = "approve", .like = to};
    play_init(&p, twice, line);
    p.person = answers;
    p.arg = &a;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(a.asked, 2); /* for lin once, for eve once */
    play_release(&p);
}

static void what_nobody_approved_is_not_sent_without_asking(void **state)
{
    (void)state;
    /* the best of two bad attempts goes on; the act it comes to cannot be taken back */
    static const char best[] =
        "crew: best\n"
        "models: {default: scripted/replies.json}\n"
        "process: graph\n"
        "tools:\n"
        "  mail: {use: send_email, effect: irreversible}\n"
        "tasks:\n"
        "  write:\n"
        "    prompt: Write a line.\n"
        "    check:\n"
        "      - {length: 20..30 words}\n"
        "    attempts: 2\n"
        "    on_exhausted: best\n"
        "  send: {tool: mail, args: {to: lin@shop.example, subject: Hi, body: \"{write}\"}}\n";
    struct play p;
    struct answer a = {.decision = "reject", .text = "too short"};
    play_init(&p, best, line);
    p.person = answers;
    p.arg = &a;
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(a.asked, 1);
    assert_int_equal(play_count(&p, "what it would send was not approved"), 1);
    assert_int_equal(play_count(&p, "\"status\":\"denied\""), 1);
    play_release(&p);
}

static void killed_after_every_commit_an_act_is_done_once(void **state)
{
    (void)state;
    struct play p;
    struct answer a = {.decision = "approve"};
    int points = 0;
    play_init(&p, sends, line);
    p.person = answers;
    p.arg = &a;
    for (p.crash_after = 1;; p.crash_after++) {
        play_run(&p, false);
        if (p.state == MOOT_RUN_CLOSED)
            break;
        points++;
        int crash = p.crash_after;
        p.crash_after = 0;
        play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.totals.done, 1);
        assert_int_equal(play_count(&p, "\"kind\":\"tool_result\""), 1);
        assert_int_equal(play_count(&p, "\"kind\":\"model_reply\""), 1);
        play_again(&p);
        p.crash_after = crash;
    }
    printf("killed after each of %d commits\n", points);
    assert_true(points >= 3);
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_approved_is_done),
        cmocka_unit_test(what_is_refused_is_not),
        cmocka_unit_test(without_a_person_it_waits_and_goes_on_after_a_restart),
        cmocka_unit_test(nothing_is_done_in_a_dry_run_and_nobody_is_asked),
        cmocka_unit_test(an_approval_like_it_covers_the_next_with_the_same_address),
        cmocka_unit_test(what_nobody_approved_is_not_sent_without_asking),
        cmocka_unit_test(killed_after_every_commit_an_act_is_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
