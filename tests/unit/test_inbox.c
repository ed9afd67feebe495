#include "cli/inbox.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_message *message(enum moot_kind kind, const char *conv, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    moot__message_set(&m->run, "ff3a1c00ff00112233445566778899aa");
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, "host");
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return m;
}

static void give(struct moot_inbox *b, enum moot_kind kind, const char *conv, uint8_t id,
                 uint8_t re, const char *body)
{
    struct moot_message *m = message(kind, conv, body);
    memset(m->id, id, sizeof(m->id));
    m->has_re = re != 0;
    memset(m->re, re, sizeof(m->re));
    assert_int_equal(moot__inbox_message(b, m), MOOT_OK);
    moot__message_unref(m);
}

static void what_waits(void **state)
{
    (void)state;
    struct moot_inbox b;
    char id[32];
    moot__inbox_init(&b);
    give(&b, MOOT_GENESIS, "", 1, 0, "{\"crew\":{\"crew\":\"x\"}}");
    give(&b, MOOT_OPEN, "1", 2, 0, "{}");
    assert_string_equal(b.open_conv, "1");
    give(&b, MOOT_QUESTION, "1/a#1", 3, 0, "{\"text\":\"which?\"}");
    give(&b, MOOT_APPROVAL_REQUEST, "1/b#1", 4, 0,
         "{\"call\":\"77\",\"tool\":\"t\",\"args\":\"{}\"}");
    give(&b, MOOT_QUESTION, "1/c#1/d", 5, 0, "{\"text\":\"and?\"}");
    assert_int_equal(b.count, 3);
    /* Answered: gone, and the numbers of the others stay. */
    give(&b, MOOT_ANSWER, "1/a#1", 6, 3, "{}");
    assert_int_equal(b.count, 2);
    moot__inbox_id(&b, &b.list[0], id);
    assert_string_equal(id, "745b-2");
    /* An answer to something else changes nothing. */
    give(&b, MOOT_ANSWER, "1/a#1", 7, 99, "{}");
    assert_int_equal(b.count, 2);
    /* The end of a conversation ends what waits in it and below it. */
    give(&b, MOOT_END, "1/c#1", 8, 0, "{}");
    assert_int_equal(b.count, 1);
    give(&b, MOOT_APPROVAL, "1/b#1", 9, 4, "{}");
    assert_int_equal(b.count, 0);
    give(&b, MOOT_QUESTION, "1/a#2", 10, 0, "{}");
    moot__inbox_id(&b, &b.list[0], id);
    assert_string_equal(id, "745b-4");
    give(&b, MOOT_END, "1", 11, 0, "{}");
    assert_null(b.open_conv);
    assert_int_equal(b.count, 0);
    moot__inbox_release(&b);
}

static void check_show(const struct moot_waiting *w, const char *view, const char *want)
{
    struct moot_buf text;
    moot__buf_init(&text, 65536);
    moot__waiting_show(w, 0, 60, view, &text);
    assert_string_equal(moot__buf_text(&text), want);
    moot__buf_release(&text);
}

static void an_act(void **state)
{
    (void)state;
    struct moot_waiting w = {
        .m = message(MOOT_APPROVAL_REQUEST, "1/b#1",
                     "{\"tool\":\"send_email\",\"args\":\"{\\\"to\\\":\\\"lin@x.example\\\","
                     "\\\"n\\\":1.50,\\\"body\\\":\\\"one\\\\ntwo\\\"}\",\"reason\":\"why\"}")};
    check_show(&w, "v",
               "? send_email to lin@x.example\n"
               "    n         1.50\n"
               "    body      2 words, 7 characters · view (v)\n"
               "    asked because why\n");
    check_show(&w, NULL,
               "? send_email to lin@x.example\n"
               "    n         1.50\n"
               "    body      \n"
               "      one\n"
               "      two\n"
               "    asked because why\n");
    char *like = moot__waiting_like(&w);
    assert_string_equal(like, "to");
    free(like);
    moot__message_unref(w.m);
}

/* Code is shown first and whole, as it stands; an approval of it is of this code alone. */
static void code(void **state)
{
    (void)state;
    struct moot_waiting w = {
        .m = message(MOOT_APPROVAL_REQUEST, "1/b#1",
                     "{\"tool\":\"run_code\",\"args\":\"{\\\"language\\\":\\\"python\\\","
                     "\\\"code\\\":\\\"if x:\\\\n    y(\\\\u001b[2J)\\\\n\\\\nprint('123456789 "
                     "123456789 123456789 123456789 123456789')\\\"}\",\"reason\":\"why\"}")};
    check_show(&w, "v",
               "? run_code\n"
               "    language  python\n"
               "    code      \n"
               "      │ if x:\n"
               "      │     y(␛[2J)\n"
               "      │ \n"
               "      │ print('123456789 123456789 123456789 123456789 12345\n"
               "      ┆ 6789')\n"
               "    asked because why\n");
    char *like = moot__waiting_like(&w);
    assert_string_equal(like, "code");
    free(like);
    moot__message_unref(w.m);
}

/* Arguments must not be able to look like others, or to hide. */
static void nothing_hides(void **state)
{
    (void)state;
    struct moot_waiting w = {
        .m = message(MOOT_APPROVAL_REQUEST, "1/b#1",
                     "{\"tool\":\"pay\\u001b[2K\",\"args\":\"{\\\"to\\\":\\\"a\\\\u202eb\\\","
                     "\\\"x\\\\u200b\\\":\\\"1\\\\u00a02\\\"}\"}")};
    check_show(&w, "v",
               "? pay␛[2K to a<U+202E>b\n"
               "    x<U+200B>  1<U+00A0>2\n");
    moot__message_unref(w.m);
}

static void a_question(void **state)
{
    (void)state;
    struct moot_waiting w = {
        .m = message(MOOT_QUESTION, "1",
                     "{\"text\":\"Take the best one?\",\"about\":{\"task\":\"email\",\"result\":"
                     "{\"json\":\"{\\\"subject\\\":\\\"Hi\\\"}\"},\"tries\":\"[{\\\"verdict\\\":"
                     "{\\\"problems\\\":[{\\\"what\\\":\\\"too long\\\"}]}}]\"}}")};
    check_show(&w, "v",
               "? Take the best one?\n"
               "    the last of 1 attempts was rejected for\n"
               "      - too long\n"
               "    subject     Hi\n");
    moot__message_unref(w.m);
}

/* From the command line: a decision is posted, the writer takes it, the act is done once. */
static void decided(void **state)
{
    (void)state;
    struct cli_play play;
    char id[16];
    cli_play_init(&play);
    cli_play_hello(&play);
    cli_play_file(
        &play, "crew.yaml",
        "crew: letters\nmodels: {default: scripted/replies.yaml}\nprocess: graph\n"
        "tasks:\n  answer: {prompt: \"{question}\"}\n"
        "  send: {needs: [answer], tool: send_email, args: {subject: Hi, body: \"{answer}\"}}\n"
        "tools:\n  send_email: {deliver: \"outbox:out\", approval: always, "
        "args: {to: lin@x.example}}\n");
    cli_play_ends(&play, MOOT_EXIT_WAITS, "run", "crew.yaml", "question=x", "--trust");
    assert_non_null(strstr(play.err, "1 approval waits: moot inbox · moot approve "));
    cli_play_ends(&play, 0, "inbox", "--json");
    assert_non_null(strstr(play.out, "\"tool\":\"send_email\""));
    cli_play_ends(&play, 0, "inbox");
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(play.out, " "), play.out);
    cli_play_ends(&play, 2, "answer", id, "yes");
    assert_non_null(strstr(play.err, "asks for an approval"));
    cli_play_ends(&play, 2, "approve", id, "--like", "nothing");
    cli_play_ends(&play, 0, "approve", id);
    assert_non_null(strstr(play.err, "kept for run"));
    cli_play_ends(&play, 0, "resume");
    assert_non_null(strstr(play.out, "out/"));
    cli_play_ends(&play, 0, "inbox");
    assert_string_equal(play.err, "nothing waits for you\n");
    cli_play_ends(&play, 0, "verify");
    cli_play_ends(&play, 2, "stop");
    assert_non_null(strstr(play.err, "is not going on"));
    cli_play_release(&play);
}

/* An answer given elsewhere is heard by who asked, though others sit in that conversation. */
static void answered(void **state)
{
    (void)state;
    struct cli_play play;
    char id[16];
    cli_play_init(&play);
    cli_play_hello(&play);
    cli_play_file(&play, "replies.yaml", "- {repeat: true, reply: Seven socks.}\n");
    cli_play_file(&play, "crew.yaml",
                  "crew: round\nmodels: {default: scripted/replies.yaml}\nprocess: group_chat\n"
                  "group_chat: {next_speaker: manual}\ntermination: {max_messages: 2}\n"
                  "goal: Count.\nagents: {ann: {role: A}, bob: {role: B}, eve: {role: C}}\n");
    cli_play_ends(&play, MOOT_EXIT_WAITS, "run", "crew.yaml", "--trust");
    cli_play_ends(&play, 0, "inbox");
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(play.out, " "), play.out);
    cli_play_ends(&play, 0, "inbox");
    assert_null(strstr(play.out, "moot approve"));
    cli_play_ends(&play, 2, "approve", id);
    assert_non_null(strstr(play.err, "asks for an answer, not for a decision"));
    cli_play_ends(&play, 2, "reject", id, "not", "her");
    cli_play_ends(&play, 0, "answer", id, "Eve");
    cli_play_ends(&play, 0, "resume");
    cli_play_ends(&play, 0, "show", "--json");
    assert_non_null(strstr(play.out, "\"why\":\"a person chose: eve\""));
    cli_play_ends(&play, 0, "verify");
    cli_play_release(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits),    cmocka_unit_test(an_act),     cmocka_unit_test(code),
        cmocka_unit_test(nothing_hides), cmocka_unit_test(a_question), cmocka_unit_test(decided),
        cmocka_unit_test(answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
