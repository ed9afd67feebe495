#include "cli/transcript.h"
#include "runtime/message.h"
#include "tests/lib/vt.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char crew[] =
    "{\"crew\":{\"crew\":\"promoter\",\"process\":\"graph\",\"input\":{\"name\":\"storefront\"},"
    "\"models\":[{\"name\":\"default\",\"model\":\"scripted/replies.json\"}],"
    "\"agents\":[{\"id\":\"analyst\"},{\"id\":\"inventor\"},{\"id\":\"copywriter\"},"
    "{\"id\":\"reviewer\",\"kind\":\"judge\"}],"
    "\"tasks\":[{\"id\":\"summary\"},{\"id\":\"concept\",\"steps\":[{\"prompt\":\"a\"},"
    "{\"prompt\":\"b\"}]},{\"id\":\"email\",\"check\":[{\"judge\":\"reviewer\"}],\"attempts\":3,"
    "\"on_reject\":\"summary\"},{\"id\":\"send\",\"tool\":\"send_email\"}]}}";

struct fixture {
    struct moot_term term;
    struct moot_screen screen;
    struct moot_transcript *t;
    struct vt vt;
    char *written;
    size_t written_len, seen;
    int64_t ts;
};

static struct fixture *begin(enum moot_look look, bool live, int columns, int64_t items)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->term = (struct moot_term){.fd = -1, .moves = live, .columns = columns, .rows = 24};
    FILE *file = open_memstream(&f->written, &f->written_len);
    assert_non_null(file);
    moot__screen_init(&f->screen, file, &f->term);
    vt_init(&f->vt, columns);
    struct moot_transcript_options options = {
        .look = look, .screen = &f->screen, .live = live, .items = items};
    f->t = moot__transcript_new(&options);
    assert_non_null(f->t);
    f->ts = 1764064800000;
    return f;
}

static void end(struct fixture *f)
{
    moot__transcript_free(f->t);
    fclose(f->screen.file);
    moot__screen_release(&f->screen);
    free(f->written);
    free(f);
}

static const char *seen(struct fixture *f)
{
    moot__screen_flush(&f->screen, 0);
    fflush(f->screen.file);
    vt_write(&f->vt, f->written + f->seen, f->written_len - f->seen);
    f->seen = f->written_len;
    return vt_text(&f->vt);
}

/* One message: "conv|item|task", author, n, the call it answers ("author#n" or NULL), body. */
static void say(struct fixture *f, enum moot_kind kind, const char *where, const char *from,
                uint32_t n, const char *re, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    char parts[3][64] = {"", "", ""};
    for (int i = 0; i < 3 && *where != '\0'; i++) {
        size_t len = strcspn(where, "|");
        memcpy(parts[i], where, len);
        parts[i][len] = '\0';
        where += len + (where[len] == '|');
    }
    assert_non_null(m);
    moot__message_set(&m->run, "ff3a1c00ff00112233445566778899aa");
    moot__message_set(&m->conv, parts[0]);
    moot__message_set(&m->from, from);
    moot__message_set(&m->item, parts[1][0] != '\0' ? parts[1] : NULL);
    moot__message_set(&m->task, parts[2][0] != '\0' ? parts[2] : NULL);
    m->n = n;
    m->ts = f->ts;
    f->ts += 950;
    if (re != NULL) {
        char author[64];
        size_t len = strcspn(re, "#");
        memcpy(author, re, len);
        author[len] = '\0';
        moot__message_set(&m->re_from, author);
        m->re_n = (uint32_t)(re[len + 1] - '0');
    }
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    moot__transcript_message(f->t, m);
    moot__message_unref(m);
}

static void delta(struct fixture *f, const char *conv, const char *agent, uint32_t n,
                  const char *text)
{
    struct moot_delta d = {.conv = conv, .agent = agent, .n = n, .text = text, .len = strlen(text)};
    moot__transcript_delta(f->t, &d);
}

static void concept_turn(struct fixture *f, const char *conv, const char *where)
{
    (void)conv;
    say(f, MOOT_OPEN, where, "graph", 1, NULL, "{\"input\":\"{}\"}");
    say(f, MOOT_MODEL_CALL, where, "inventor", 1, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, where, "host", 1, "inventor#1",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"Let me think about what Odd Thursday does that "
        "no other sock shop does, and for whom.\"}],\"usage\":{\"input\":200,\"output\":40},"
        "\"cost\":\"1000000000\"}");
    say(f, MOOT_MODEL_CALL, where, "inventor", 2, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, where, "host", 2, "inventor#2",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"{\\\"name\\\": \\\"Lonely Soles\\\", "
        "\\\"concept\\\": \\\"A board where a lost sock finds its other half.\\\"}\"}],"
        "\"usage\":{\"input\":300,\"output\":72},\"cost\":\"2000000000\"}");
    say(f, MOOT_END, where, "inventor", 3, NULL, "{\"outcome\":\"done\"}");
}

static void rejected_email(struct fixture *f)
{
    say(f, MOOT_OPEN, "2/email#1|ninth-lane-pantry|email", "graph", 2, NULL, "{}");
    say(f, MOOT_OPEN, "2/email#1/judge|ninth-lane-pantry|email", "copywriter", 1, NULL, "{}");
    say(f, MOOT_MODEL_CALL, "2/email#1/judge|ninth-lane-pantry|email", "reviewer", 1, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, "2/email#1/judge|ninth-lane-pantry|email", "host", 1, "reviewer#1",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"{}\"}],\"cost\":\"0\"}");
    say(f, MOOT_VERDICT, "2/email#1/judge|ninth-lane-pantry|email", "reviewer", 2, NULL,
        "{\"passed\":false,\"score\":3,\"problems\":[{\"what\":\"names no jar from the shop's own "
        "page\"},{\"what\":\"is a claim nobody can check\",\"quote\":\"boost sales\"}]}");
    say(f, MOOT_END, "2/email#1/judge|ninth-lane-pantry|email", "reviewer", 3, NULL,
        "{\"outcome\":\"done\"}");
    say(f, MOOT_END, "2/email#1|ninth-lane-pantry|email", "copywriter", 2, NULL,
        "{\"outcome\":\"rejected\",\"verdict\":{\"passed\":false,\"problems\":[{\"what\":"
        "\"names no jar from the shop's own page\"}]}}");
}

static const char several[] =
    "promoter · graph · 5 storefronts · scripted · run 745b-yah7\n"
    "\n"
    "┌ odd-thursday · concept                                               inventor\n"
    "│ Let me think about what Odd Thursday does that no ot…    (thinking, not kept)\n"
    "│ name  Lonely Soles\n"
    "│ concept  A board where a lost sock finds its other half.\n"
    "└ 612 tokens · 2.8 s · $0.003\n"
    "\n"
    "  ninth-lane-pantry · email · reviewer: not yet (3/10)\n"
    "    1. names no jar from the shop's own page\n"
    "    2. is a claim nobody can check: \"boost sales\"\n"
    "    ↩ back to summary, attempt 2 of 3\n"
    "\n"
    "  odd-thursday · send   ⚙ send_email (to lin@x.example, subject Hi)     printed\n";

static void play_several(struct fixture *f)
{
    say(f, MOOT_GENESIS, "", "host", 1, NULL, crew);
    say(f, MOOT_OPEN, "1|odd-thursday", "host", 1, NULL, "{}");
    say(f, MOOT_OPEN, "2|ninth-lane-pantry", "host", 1, NULL, "{}");
    concept_turn(f, "1/concept#1", "1/concept#1|odd-thursday|concept");
    rejected_email(f);
    say(f, MOOT_OPEN, "1/send#1|odd-thursday|send", "graph", 3, NULL, "{}");
    say(f, MOOT_TOOL_CALL, "1/send#1|odd-thursday|send", "runner", 1, NULL,
        "{\"tool\":\"send_email\",\"args\":\"{\\\"to\\\":\\\"lin@x.example\\\","
        "\\\"subject\\\":\\\"Hi\\\"}\"}");
    say(f, MOOT_TOOL_RESULT, "1/send#1|odd-thursday|send", "host", 1, "runner#1",
        "{\"status\":\"ok\",\"output\":\"…\",\"shown\":\"printed\"}");
    say(f, MOOT_END, "1/send#1|odd-thursday|send", "runner", 2, NULL, "{\"outcome\":\"done\"}");
}

static void several_items(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, false, 80, 5);
    play_several(f);
    fflush(f->screen.file);
    assert_string_equal(f->written, several);
    end(f);
}

static void the_foot(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, true, 80, 5);
    play_several(f);
    moot__transcript_tick(f->t, 0, 7000);
    const char *text = seen(f);
    assert_memory_equal(text, several, strlen(several));
    assert_string_equal(text + strlen(several),
                        "\n"
                        "odd-thursday  concept  send            ninth-lane-pantry  email ✗\n"
                        "▱▱▱▱▱ 0/5 done · 3 calls · 612 tokens · $0.003 · 0:07\n");
    say(f, MOOT_END, "1|odd-thursday", "graph", 9, NULL, "{\"outcome\":\"done\"}");
    moot__transcript_pause(f->t);
    text = seen(f);
    assert_string_equal(text, several);
    moot__transcript_tick(f->t, 100, 7000);
    assert_non_null(strstr(seen(f), "▰▱▱▱▱ 1/5 done"));
    end(f);
}

static void one_item_streams(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, true, 60, 1);
    say(f, MOOT_GENESIS, "", "host", 1, NULL, crew);
    say(f, MOOT_OPEN, "1|storefront", "host", 1, NULL, "{}");
    say(f, MOOT_OPEN, "1/summary#1|storefront|summary", "graph", 1, NULL, "{}");
    say(f, MOOT_MODEL_CALL, "1/summary#1|storefront|summary", "analyst", 1, NULL, "{}");
    /* A second turn at the same time waits for its turn on the screen. */
    say(f, MOOT_OPEN, "1/concept#1|storefront|concept", "graph", 2, NULL, "{}");
    say(f, MOOT_MODEL_CALL, "1/concept#1|storefront|concept", "inventor", 1, NULL, "{}");
    assert_string_equal(seen(f), "promoter · graph · scripted · run 745b-yah7\n\n"
                                 "┌ summary                                           analyst\n"
                                 "│ …\n");
    delta(f, "1/summary#1", "analyst", 1, "Socks, three");
    delta(f, "1/concept#1", "inventor", 1, "unseen");
    assert_non_null(strstr(seen(f),
                           "\n┌ summary                                           analyst\n"
                           "│ Socks, three\n"));
    delta(f, "1/summary#1", "analyst", 1, " to a box, of wool from one sheep that has");
    assert_non_null(strstr(seen(f), "│ Socks, three to a box, of wool from one sheep that has\n"));
    say(f, MOOT_MODEL_REPLY, "1/concept#1|storefront|concept", "host", 1, "inventor#1",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"A thought.\"}],\"cost\":\"0\"}");
    delta(f, "1/summary#1", "analyst", 1, " a name");
    assert_non_null(strstr(seen(f), "one sheep that has a\n│ name\n"));
    say(f, MOOT_MODEL_REPLY, "1/summary#1|storefront|summary", "host", 1, "analyst#1",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"Socks, three to a box, of wool from one sheep "
        "that has a name.\"}],\"usage\":{\"input\":9,\"output\":1},\"cost\":\"0\"}");
    say(f, MOOT_END, "1/summary#1|storefront|summary", "analyst", 2, NULL,
        "{\"outcome\":\"done\"}");
    const char *text = seen(f);
    assert_non_null(strstr(text, "│ name.\n└ 10 tokens"));
    assert_non_null(strstr(text, "┌ concept                                          inventor\n"
                                 "│ A thought.                           (thinking, not kept)\n"));
    end(f);
}

static void plain_lines(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_PLAIN, false, 80, 5);
    setenv("TZ", "UTC", 1);
    play_several(f);
    fflush(f->screen.file);
    assert_string_equal(
        f->written,
        "promoter · graph · 5 storefronts · scripted · run 745b-yah7\n"
        "\n"
        "10:00:04 odd-thursday concept inventor: Let me think about what Odd Thursday does that no "
        "other sock shop does, and for whom.\n"
        "10:00:06 odd-thursday concept inventor: {\"name\": \"Lonely Soles\", \"concept\": \"A "
        "board where a lost sock finds its other half.\"}\n"
        "10:00:12 ninth-lane-pantry email reviewer: not yet (3/10): 1. names no jar from the "
        "shop's own page; 2. is a claim nobody can check: \"boost sales\"; back to summary, "
        "attempt "
        "2 of 3\n"
        "10:00:16 odd-thursday send runner: ⚙ send_email (to lin@x.example, subject Hi)\n"
        "10:00:17 odd-thursday send runner: ⚙ = printed\n");
    end(f);
}

static void the_summary(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, false, 100, 2);
    play_several(f);
    say(f, MOOT_END, "1|odd-thursday", "graph", 9, NULL, "{\"outcome\":\"done\"}");
    say(f, MOOT_END, "2|ninth-lane-pantry", "graph", 9, NULL, "{\"outcome\":\"rejected\"}");
    say(f, MOOT_CLOSE, "", "host", 2, NULL, "{\"stop\":\"finished\",\"at\":19400}");
    fflush(f->screen.file);
    size_t before = f->written_len;
    moot__transcript_summary(f->t, 1);
    fflush(f->screen.file);
    assert_string_equal(f->written + before,
                        "\n"
                        "2 storefronts: 1 sent, 1 rejected           1 draft · 3 calls · 612 "
                        "tokens · $0.003 · 0:19   exit "
                        "1\n"
                        "  ninth-lane-pantry   email: names no jar from the shop's own page\n"
                        "  results   moot result 745b      transcript   moot show 745b      proof  "
                        " moot verify 745b\n");
    end(f);
}

static void hostile_names(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, false, 80, 2);
    say(f, MOOT_GENESIS, "", "host", 1, NULL, crew);
    say(f, MOOT_OPEN, "1|a\x1b[31mb", "host", 1, NULL, "{}");
    concept_turn(f, "1/concept#1", "1/concept#1|a\x1b[31mb|concept");
    say(f, MOOT_END, "1|a\x1b[31mb", "graph", 9, NULL,
        "{\"outcome\":\"failed\",\"detail\":\"x\\u001b]0;\"}");
    moot__transcript_summary(f->t, 1);
    fflush(f->screen.file);
    assert_null(strchr(f->written, '\x1b'));
    end(f);
}

static void short_ids(void **state)
{
    (void)state;
    char out[10];
    moot__run_short("00000000000000000000000000000000", out);
    assert_string_equal(out, "aaaa-aaaa");
    moot__run_short("ffffffffffffffffffffffffffffffff", out);
    assert_string_equal(out, "7777-7777");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_items),    cmocka_unit_test(the_foot),
        cmocka_unit_test(one_item_streams), cmocka_unit_test(plain_lines),
        cmocka_unit_test(the_summary),      cmocka_unit_test(hostile_names),
        cmocka_unit_test(short_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
