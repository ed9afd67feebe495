/* Crews whose tasks and checks are programs, really run in the sandbox: what they say decides, and
 * one that was cut off is not simply run again. */
#include "runtime/sandbox.h"
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/stat.h>

static const char checked[] = "crew: checked\n"
                              "models: {default: scripted/replies.json}\n"
                              "process: graph\n"
                              "tasks:\n"
                              "  write:\n"
                              "    prompt: Write a line.\n"
                              "    check: [{command: [./check.sh]}]\n"
                              "  shout:\n"
                              "    command: [tr, a-z, A-Z]\n"
                              "    args: {text: \"{write}\"}\n";

static const char check[] = "#!/bin/sh\n"
                            "grep -q good || { echo 'it says nothing good'; exit 1; }\n";

static const char bad_then_good[] =
    "[{\"attempt\": 1, \"reply\": \"A bad line.\", \"repeat\": true},"
    " {\"attempt\": 2, \"reply\": \"A good line.\", \"repeat\": true}]";

static bool here; /* whether there is a sandbox on this machine */

static void probed(void *arg, const struct moot_error *why)
{
    if (why != NULL)
        printf("skipped: %s\n", why->message);
    here = why == NULL;
    *(bool *)arg = true;
}

static void probe(void)
{
    struct moot_world *w = NULL;
    struct moot_error err = {0};
    bool over = false;
    if (moot__world_real(&w, &err) != MOOT_OK)
        return;
    if (moot__sandbox_probe(w, probed, &over, &err) != MOOT_OK)
        probed(&over, &err);
    while (!over)
        w->turn(w->self, -1);
    w->destroy(w->self);
}

/* Answers what is asked, and counts it. */
struct person {
    const char *decision; /* NULL: nobody is there */
    int asked;
};

static bool answers(void *arg, struct moot_host *h, struct play *p)
{
    struct person *a = arg;
    a->asked++;
    if (a->decision == NULL)
        return false;
    if (moot__host_answer(h, p->open_conv, p->open_from, p->open_n, a->decision, NULL, NULL,
                          &p->error) != MOOT_OK)
        fail_msg("answer: %s", p->error.message);
    return true;
}

static void begin(struct play *p, struct person *person, const char *crew)
{
    char path[128];
    play_init(p, crew, bad_then_good);
    snprintf(path, sizeof(path), "%s/check.sh", p->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(check, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0755), 0);
    p->real_world = true;
    p->person = answers;
    p->arg = person;
}

static void a_check_sends_back_and_a_program_does_a_task(void **state)
{
    (void)state;
    struct play p;
    struct person person = {0};
    if (!here)
        skip();
    begin(&p, &person, checked);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 2);
    assert_int_equal(p.counts[MOOT_TOOL_RESULT], 3);
    assert_true(play_count(&p, "it says nothing good") >= 2); /* the result, and to the author */
    assert_true(play_count(&p, "A GOOD LINE.") >= 1);
    assert_int_equal(person.asked, 0);
    play_release(&p);
}

/* Killed after each commit in turn. The check may be made again; of the task's program nobody knows
 * what it did, so a person is asked; once its result is there, nobody is. */
static void killed_anywhere_it_asks_where_it_was_cut_off(void **state)
{
    (void)state;
    struct play p;
    struct person person = {.decision = "approve"};
    int points = 0, cut_off = 0;
    if (!here)
        skip();
    begin(&p, &person, checked);
    for (p.crash_after = 1;; p.crash_after++) {
        person.asked = 0;
        play_run(&p, false);
        if (p.state == MOOT_RUN_CLOSED)
            break;
        int crash = p.crash_after;
        p.crash_after = 0;
        bool called = play_count(&p, "\"tool\":\"shout\"") > 0;
        bool ended = play_count(&p, "A GOOD LINE.") > 0;
        play_run(&p, true);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.totals.done, 1);
        assert_int_equal(play_count(&p, "\"kind\":\"tool_result\""), 3);
        /* before the call it may ask too: what the program rests on was not witnessed */
        assert_true(ended ? person.asked == 0 : person.asked <= 1);
        assert_true(!called || ended || person.asked == 1);
        cut_off += called && !ended;
        points++;
        play_again(&p);
        p.crash_after = crash;
    }
    printf("killed after each of %d commits\n", points);
    assert_true(points >= 5);
    assert_true(cut_off >= 1);
    play_release(&p);
}

/* The commit after which the tool's call is in the journal and its result is not. */
static void run_to_the_call(struct play *p)
{
    for (p->crash_after = 1;; p->crash_after++) {
        play_run(p, false);
        assert_int_not_equal(p->state, MOOT_RUN_CLOSED);
        if (p->counts[MOOT_TOOL_CALL] == 1 && p->counts[MOOT_TOOL_RESULT] == 0)
            break;
        play_again(p);
    }
    p->crash_after = 0;
}

#define TOOL(keys)                                                                                 \
    "crew: cut\n"                                                                                  \
    "process: graph\n"                                                                             \
    "tools:\n"                                                                                     \
    "  count: {command: [wc, -c]" keys "}\n"                                                       \
    "tasks:\n"                                                                                     \
    "  one: {tool: count}\n"

static void what_was_cut_off_waits_is_repeated_or_left_as_the_crew_says(void **state)
{
    (void)state;
    static const struct {
        const char *crew;
        const char *decision;
        enum moot_run_state state;
        int asked, done;
    } cases[] = {
        {TOOL(""), NULL, MOOT_RUN_WAITING, 1, 0},
        {TOOL(""), "approve", MOOT_RUN_CLOSED, 1, 1},
        {TOOL(""), "reject", MOOT_RUN_CLOSED, 1, 0},
        {TOOL(", on_unknown: retry"), NULL, MOOT_RUN_CLOSED, 0, 1},
        {TOOL(", on_unknown: skip"), NULL, MOOT_RUN_CLOSED, 0, 0},
        {TOOL(", effect: none"), NULL, MOOT_RUN_CLOSED, 0, 1},
        {TOOL(", effect: idempotent"), NULL, MOOT_RUN_CLOSED, 0, 1},
    };
    if (!here)
        skip();
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct play p;
        struct person person = {.decision = cases[i].decision};
        begin(&p, &person, cases[i].crew);
        run_to_the_call(&p);
        play_run(&p, true);
        if (p.state != cases[i].state || person.asked != cases[i].asked ||
            p.totals.done != cases[i].done)
            fail_msg("case %zu: state %d, asked %d, done %d", i, p.state, person.asked,
                     (int)p.totals.done);
        play_release(&p);
    }
}

/* Without the program the check rejects nothing: no second attempt is paid for. */
static void a_check_that_cannot_be_made_is_no_rejection(void **state)
{
    (void)state;
    static const char crew[] = "crew: unmade\n"
                               "models: {default: scripted/replies.json}\n"
                               "process: graph\n"
                               "tasks:\n"
                               "  write: {prompt: Write., check: [{command: [no-such-program]}]}\n";
    struct play p;
    struct person person = {0};
    if (!here)
        skip();
    begin(&p, &person, crew);
    play_run(&p, false);
    assert_int_equal(p.state, MOOT_RUN_CLOSED);
    assert_int_equal(p.totals.done, 0);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 1);
    assert_true(play_count(&p, "a check could not be made") >= 1);
    play_release(&p);
}

static void what_fails_or_is_refused_is_an_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *task, *status, *words;
    } cases[] = {
        {"command: [sh, -c, \"echo said; echo cause >&2; exit 3\"]", "error", "cause"},
        {"command: [no-such-program]", "error", "no-such-program"},
        {"command: [sleep, \"60\"], sandbox: {seconds: 1s}", "timeout", "killed"},
        {"command: [\"yes\"]", "error", "killed"},
        {"command: [\"true\"], sandbox: {network: [example.org]}", "denied", "network"},
        {"command: [\"true\"], sandbox: {bind: [/]}", "denied", "no program is run"},
    };
    if (!here)
        skip();
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct play p;
        struct person person = {0};
        char crew[512], status[64];
        snprintf(crew, sizeof(crew),
                 "crew: fails\nprocess: graph\ntools:\n  t: {%s}\ntasks:\n  one: {tool: t}\n",
                 cases[i].task);
        snprintf(status, sizeof(status), "\"status\":\"%s\"", cases[i].status);
        begin(&p, &person, crew);
        play_run(&p, false);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.totals.done, 0);
        assert_int_equal(p.counts[MOOT_TOOL_RESULT], 1);
        if (play_count(&p, status) == 0 || play_count(&p, cases[i].words) == 0)
            fail_msg("%s: not %s with '%s'", cases[i].task, cases[i].status, cases[i].words);
        play_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_sends_back_and_a_program_does_a_task),
        cmocka_unit_test(killed_anywhere_it_asks_where_it_was_cut_off),
        cmocka_unit_test(what_was_cut_off_waits_is_repeated_or_left_as_the_crew_says),
        cmocka_unit_test(a_check_that_cannot_be_made_is_no_rejection),
        cmocka_unit_test(what_fails_or_is_refused_is_an_outcome),
    };
    probe();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
