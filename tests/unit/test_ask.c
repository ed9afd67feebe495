#include "cli/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

struct asked {
    enum moot_asking_end end;
    char decision[16], text[64], like[16];
    char *shown;
};

static struct moot_waiting waiting(enum moot_kind kind, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return (struct moot_waiting){1, m};
}

/* Asks with these lines typed. */
static struct asked ask(struct moot_waiting *w, const char *typed)
{
    struct asked got = {0};
    struct moot_signals signals = {0};
    size_t len = 0;
    struct moot_cli cli = {.err = open_memstream(&got.shown, &len), .signals = &signals};
    struct moot_asking p = {.cli = &cli, .number = 1, .count = 2};
    struct moot_asking_answer answer;
    int ends[2];
    int before = dup(STDIN_FILENO);
    cli.err_term = (struct moot_term){.columns = 80};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], typed, strlen(typed)), (ssize_t)strlen(typed));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    got.end = moot__asking_ask(&p, w, &answer);
    snprintf(got.decision, sizeof(got.decision), "%s",
             answer.decision != NULL ? answer.decision : "");
    snprintf(got.text, sizeof(got.text), "%s", moot__buf_text(&answer.text));
    snprintf(got.like, sizeof(got.like), "%s", answer.like[0] != NULL ? answer.like[0] : "");
    moot__asking_release(&answer);
    dup2(before, STDIN_FILENO);
    close(before);
    fclose(cli.err);
    return got;
}

static void check(struct moot_waiting *w, const char *typed, enum moot_asking_end end,
                  const char *decision, const char *text, const char *like)
{
    struct asked got = ask(w, typed);
    assert_int_equal(got.end, end);
    assert_string_equal(got.decision, decision);
    assert_string_equal(got.text, text);
    assert_string_equal(got.like, like);
    free(got.shown);
}

static void an_act(void **state)
{
    (void)state;
    struct moot_waiting w = waiting(
        MOOT_APPROVAL_REQUEST, "{\"tool\":\"send_email\",\"args\":\"{\\\"to\\\":\\\"a@b\\\"}\"}");
    check(&w, "a\n", MOOT_ASKING_DECIDED, "approve", "", "");
    check(&w, "approve\n", MOOT_ASKING_DECIDED, "approve", "", "");
    check(&w, "s\n", MOOT_ASKING_DECIDED, "approve", "", "to");
    check(&w, "r\nnot today\n", MOOT_ASKING_DECIDED, "reject", "not today", "");
    check(&w, "l\n", MOOT_ASKING_LATER, "", "", "");
    /* Whatever else is typed decides nothing, and the end of the input least of all. */
    check(&w, "\nyes\nA\nax\nv\n", MOOT_ASKING_LATER, "", "", "");
    check(&w, "", MOOT_ASKING_LATER, "", "", "");
    check(&w, "a", MOOT_ASKING_LATER, "", "a", "");
    check(&w, "r\n", MOOT_ASKING_LATER, "", "", "");
    struct asked got = ask(&w, "l\n");
    assert_non_null(strstr(got.shown, "? send_email to a@b"));
    assert_non_null(strstr(got.shown, "approval 1 of 2\n"));
    free(got.shown);
    moot__message_unref(w.m);
}

static void an_act_without_arguments(void **state)
{
    (void)state;
    struct moot_waiting w = waiting(MOOT_APPROVAL_REQUEST, "{\"tool\":\"t\",\"args\":\"{}\"}");
    check(&w, "s\na\n", MOOT_ASKING_DECIDED, "approve", "", "");
    moot__message_unref(w.m);
}

static void a_question(void **state)
{
    (void)state;
    struct moot_waiting w =
        waiting(MOOT_QUESTION, "{\"text\":\"Which?\",\"choices\":[\"x\",\"y\"]}");
    check(&w, "the second\n", MOOT_ASKING_DECIDED, "", "the second", "");
    check(&w, "\n", MOOT_ASKING_LATER, "", "", "");
    moot__message_unref(w.m);
    w = waiting(MOOT_QUESTION, "{\"text\":\"Good?\",\"about\":{\"text\":\"x\"}}");
    check(&w, "a\n", MOOT_ASKING_DECIDED, "approve", "", "");
    check(&w, "r\nbad\n", MOOT_ASKING_DECIDED, "reject", "bad", "");
    moot__message_unref(w.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_act),
        cmocka_unit_test(an_act_without_arguments),
        cmocka_unit_test(a_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
