#include "cli/transcript.h"
#include "cli/transcript_state.h"
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

/* One message: "conv|item|task", author, n, the call it answers ("author#n" or NULL), body, whom
 * it is for (or NULL). */
static void say_to(struct fixture *f, enum moot_kind kind, const char *where, const char *from,
                   uint32_t n, const char *re, const char *body, const char *to)
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
    if (to != NULL)
        moot__message_add(&m->to, &m->to_count, to);
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

static void say(struct fixture *f, enum moot_kind kind, const char *where, const char *from,
                uint32_t n, const char *re, const char *body)
{
    say_to(f, kind, where, from, n, re, body, NULL);
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

/* A file's last line end begins no line: the call says as many as the tool that wrote it. */
static void lines_of_an_argument(void **state)
{
    (void)state;
    struct moot_json *body = NULL;
    struct moot_buf said;
    const char json[] = "{\"tool\":\"write_file\",\"args\":\"{\\\"path\\\":\\\"a.py\\\","
                        "\\\"text\\\":\\\"a\\\\nb\\\\nc\\\\n\\\"}\"}";
    moot__buf_init(&said, 4096);
    assert_int_equal(moot__json_parse(json, strlen(json), &body, NULL), MOOT_OK);
    moot__fact_call(body, 80, &said);
    assert_string_equal(moot__buf_text(&said), "write_file (path a.py, text 3 lines)");
    moot__buf_release(&said);
    moot__json_free(body);
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

static const char pair_crew[] =
    "{\"crew\":{\"crew\":\"math-tutor\",\"process\":\"pair\",\"models\":[{\"name\":\"default\","
    "\"model\":\"scripted/a.json\"}],\"agents\":[{\"id\":\"coder\"},"
    "{\"id\":\"user\",\"kind\":\"user_proxy\"}]},\"items\":1}";

static const char usage[] = "\"usage\":{\"input\":600,\"output\":12},\"cost\":\"3000000000\"";

/* One turn of a member: the floor, one model call, what it says. */
static void turn(struct fixture *f, const char *manager, const char *who, uint32_t n,
                 const char *why, const char *words, const char *more)
{
    char body[2048], re[32];
    snprintf(body, sizeof(body), "{\"why\":\"%s\"}", why);
    say_to(f, MOOT_TURN, "1", manager, n, NULL, body, who);
    say(f, MOOT_MODEL_CALL, "1", who, n, NULL, "{}");
    snprintf(re, sizeof(re), "%s#%u", who, n);
    snprintf(body, sizeof(body), "{\"status\":\"ok\",\"parts\":[{\"text\":\"%s\"}],%s}", words,
             usage);
    say(f, MOOT_MODEL_REPLY, "1", "host", n, re, body);
    snprintf(body, sizeof(body),
             "{\"parts\":[{\"text\":\"%s\"}],\"usage\":{\"calls\":1,\"tokens\":612,\"cost\":"
             "\"3000000000\"}%s}",
             words, more);
    say(f, MOOT_MSG, "1", who, n + 10, NULL, body);
}

static void play_pair(struct fixture *f)
{
    say(f, MOOT_GENESIS, "", "host", 1, NULL, pair_crew);
    say(f, MOOT_OPEN, "1|input", "host", 2, NULL,
        "{\"participants\":[\"pair\",\"coder\",\"user\"]}");
    turn(f, "pair", "user", 1, "start", "I want a maths tutor.", "");
    say_to(f, MOOT_TURN, "1", "pair", 2, NULL, "{\"why\":\"answers\"}", "coder");
    say(f, MOOT_MODEL_CALL, "1", "coder", 1, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, "1", "host", 2, "coder#1",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"I will write it in two files.\"}],\"calls\":[{"
        "\"id\":\"a\",\"name\":\"run_tests\",\"arguments\":\"{}\"}],\"cost\":\"0\"}");
    say(f, MOOT_TOOL_CALL, "1", "coder", 2, NULL, "{\"tool\":\"run_tests\",\"args\":\"{}\"}");
    say(f, MOOT_TOOL_RESULT, "1", "host", 3, "coder#2",
        "{\"status\":\"ok\",\"shown\":\"5 passed · 0.4 s\"}");
    say(f, MOOT_MODEL_CALL, "1", "coder", 3, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, "1", "host", 4, "coder#3",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"It runs.\"}],\"cost\":\"0\"}");
    say(f, MOOT_MSG, "1", "coder", 4, NULL, "{\"parts\":[{\"text\":\"It runs.\"}]}");
    say(f, MOOT_MSG, "1", "lin", 1, NULL,
        "{\"parts\":[{\"text\":\"Add subtraction.\"}],\"for\":\"coder\"}");
    turn(f, "pair", "coder", 5, "answers", "Done.", "");
    say_to(f, MOOT_TURN, "1", "pair", 6, NULL,
           "{\"why\":\"answers\",\"nudge\":\"say what is missing, or finish\"}", "user");
    say(f, MOOT_MSG, "1", "user", 20, NULL, "{\"parts\":[],\"by\":\"auto\"}");
    say_to(f, MOOT_TURN, "1", "pair", 7, NULL, "{\"why\":\"answers\"}", "coder");
    say(f, MOOT_MSG, "1", "coder", 21, NULL,
        "{\"parts\":[],\"failed\":{\"status\":\"limit\",\"detail\":\"calls 200 of 200\"}}");
    say(f, MOOT_END, "1|input", "pair", 9, NULL,
        "{\"outcome\":\"failed\",\"stop\":\"no_progress\",\"detail\":\"the last 4 turns say "
        "goodbye "
        "(coder, user, coder, user)\"}");
    say(f, MOOT_CLOSE, "", "host", 9, NULL, "{\"stop\":\"no_progress\",\"at\":19400}");
    moot__transcript_summary(f->t, 9);
}

static void a_pair(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, false, 80, 1);
    play_pair(f);
    fflush(f->screen.file);
    assert_string_equal(
        f->written,
        "math-tutor · pair · coder ⇄ user · scripted · run 745b-yah7\n"
        "\n"
        "┌ user → coder\n"
        "│ I want a maths tutor.\n"
        "└ 612 tokens · 1.9 s · $0.003\n"
        "\n"
        "┌ coder → user\n"
        "│ I will write it in two files.\n"
        "│ ⚙ run_tests                                                  5 passed · 0.4 s\n"
        "│ It runs.\n"
        "└ 0 tokens · 5.7 s\n"
        "\n"
        "┌ lin → coder                                                      from outside\n"
        "│ Add subtraction.\n"
        "└ a person\n"
        "\n"
        "┌ coder → user\n"
        "│ Done.\n"
        "└ 612 tokens · 1.9 s · $0.003\n"
        "\n"
        "  told user: say what is missing, or finish\n"
        "\n"
        "┌ user → coder\n"
        "│ (no words)\n"
        "└ no model\n"
        "\n"
        "┌ coder → user\n"
        "│ could not speak (limit): calls 200 of 200\n"
        "└ 0 tokens · 0.0 s\n"
        "\n"
        "no progress: the last 4 turns say goodbye (coder, user, coder, user) · nudged\n"
        "once, then stopped\n"
        "\n"
        "5 turns · finished: no            4 calls · 1.2k tokens · $0.01 · 0:19   exit 9\n"
        "  results   moot result 745b      transcript   moot show 745b      proof   moot verify "
        "745b\n");
    end(f);
}

static void a_pair_in_plain_lines(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_PLAIN, false, 80, 1);
    setenv("TZ", "UTC", 1);
    play_pair(f);
    fflush(f->screen.file);
    assert_string_equal(
        f->written,
        "math-tutor · pair · coder ⇄ user · scripted · run 745b-yah7\n"
        "\n"
        "10:00:04 user → coder: I want a maths tutor. (612 tokens · $0.003)\n"
        "10:00:08 coder: ⚙ run_tests\n"
        "10:00:09 coder: ⚙ = 5 passed · 0.4 s\n"
        "10:00:12 coder → user: It runs.\n"
        "10:00:13 lin → coder: Add subtraction.\n"
        "10:00:17 coder → user: Done. (612 tokens · $0.003)\n"
        "10:00:18 pair: told user: say what is missing, or finish\n"
        "10:00:19 user → coder:  (no model)\n"
        "10:00:20 coder → user: could not speak (limit) calls 200 of 200\n"
        "10:00:21 pair: 5 turns · finished: no; no progress: the last 4 turns say goodbye (coder, "
        "user, coder, user) · nudged once, then stopped\n"
        "5 turns · finished: no            4 calls · 1.2k tokens · $0.01 · 0:19   exit 9\n"
        "  results   moot result 745b      transcript   moot show 745b      proof   moot verify "
        "745b\n");
    end(f);
}

static void a_group_chat(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, false, 80, 1);
    say(f, MOOT_GENESIS, "", "host", 1, NULL,
        "{\"crew\":{\"crew\":\"desk\",\"process\":\"group_chat\",\"agents\":[{\"id\":\"planner\"},"
        "{\"id\":\"researcher\"},{\"id\":\"critic\"}]},\"items\":1}");
    say(f, MOOT_OPEN, "1|input", "host", 2, NULL,
        "{\"participants\":[\"group_chat\",\"planner\",\"researcher\",\"critic\"]}");
    say(f, MOOT_MSG, "1", "group_chat", 1, NULL,
        "{\"parts\":[{\"text\":\"Why do socks vanish?\"}],\"opening\":true}");
    turn(f, "group_chat", "planner", 1, "start", "Look at the machine first.", "");
    say(f, MOOT_MODEL_CALL, "1", "group_chat", 2, NULL, "{}");
    say(f, MOOT_MODEL_REPLY, "1", "host", 7, "group_chat#2",
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"researcher\"}],\"usage\":{\"input\":200,"
        "\"output\":12},\"cost\":\"0\"}");
    turn(f, "group_chat", "researcher", 3, "asked: researcher", "It eats them.",
         ",\"handoff\":\"critic\"");
    turn(f, "group_chat", "critic", 4, "handed to", "", ",\"finish\":\"The drum eats them.\"");
    say(f, MOOT_END, "1|input", "group_chat", 9, NULL,
        "{\"outcome\":\"done\",\"stop\":\"finished\"}");
    say(f, MOOT_CLOSE, "", "host", 9, NULL, "{\"stop\":\"finished\",\"at\":19400}");
    moot__transcript_summary(f->t, 0);
    fflush(f->screen.file);
    assert_string_equal(
        f->written,
        "desk · group_chat · run 745b-yah7\n"
        "\n"
        "┌ group_chat                                                        the opening\n"
        "│ Why do socks vanish?\n"
        "└ to all\n"
        "\n"
        "┌ planner                                                                 start\n"
        "│ Look at the machine first.\n"
        "└ 612 tokens · 1.9 s · $0.003\n"
        "\n"
        "  group_chat: researcher                                     212 tokens · 0.9 s\n"
        "\n"
        "┌ researcher                                                  asked: researcher\n"
        "│ It eats them.\n"
        "│ → critic\n"
        "└ 612 tokens · 1.9 s · $0.003\n"
        "\n"
        "┌ critic                                                              handed to\n"
        "│ finished: The drum eats them.\n"
        "└ 612 tokens · 1.9 s · $0.003\n"
        "\n"
        "3 turns · finished: yes                    4 calls · 2.0k tokens · $0.01 · 0:19\n"
        "  results   moot result 745b      transcript   moot show 745b      proof   moot verify "
        "745b\n");
    end(f);
}

static void a_turn_of_a_pair_streams(void **state)
{
    (void)state;
    struct fixture *f = begin(MOOT_LOOK_TALK, true, 60, 1);
    say(f, MOOT_GENESIS, "", "host", 1, NULL, pair_crew);
    say(f, MOOT_OPEN, "1|input", "host", 2, NULL,
        "{\"participants\":[\"pair\",\"coder\",\"user\"]}");
    say_to(f, MOOT_TURN, "1", "pair", 1, NULL, "{\"why\":\"start\"}", "user");
    say(f, MOOT_MODEL_CALL, "1", "user", 1, NULL, "{}");
    delta(f, "1", "user", 1, "I want a");
    moot__transcript_tick(f->t, 0, 0);
    assert_string_equal(seen(f), "math-tutor · pair · coder ⇄ user · scripted · run 745b-yah7\n\n"
                                 "┌ user → coder\n│ I want a\n");
    end(f);
}

static void hostile_words_in_a_conversation(void **state)
{
    (void)state;
    for (int look = 0; look < 2; look++) {
        struct fixture *f = begin(look == 0 ? MOOT_LOOK_TALK : MOOT_LOOK_PLAIN, false, 80, 1);
        say(f, MOOT_GENESIS, "", "host", 1, NULL, pair_crew);
        say(f, MOOT_OPEN, "1|input", "host", 2, NULL,
            "{\"participants\":[\"pair\",\"a\\u001b[2J\",\"user\",\"c\"]}");
        say_to(f, MOOT_TURN, "1", "pair", 1, NULL,
               "{\"why\":\"\\u001b]0;x\",\"nudge\":\"\\u001b[1m\"}", "user");
        say(f, MOOT_MSG, "1", "user", 1, NULL,
            "{\"parts\":[{\"text\":\"\\u001b[2J\"}],\"finish\":\"\\u001b[2J\",\"handoff\":"
            "\"\\u001b[3m\","
            "\"failed\":{\"status\":\"\\u001b[5m\",\"detail\":\"\\u001b[6m\"}}");
        say(f, MOOT_END, "1|input", "pair", 9, NULL,
            "{\"outcome\":\"failed\",\"stop\":\"failed\",\"detail\":\"\\u001b[7m\"}");
        moot__transcript_summary(f->t, 1);
        fflush(f->screen.file);
        assert_null(strchr(f->written, '\x1b'));
        end(f);
    }
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
        cmocka_unit_test(several_items),
        cmocka_unit_test(the_foot),
        cmocka_unit_test(one_item_streams),
        cmocka_unit_test(plain_lines),
        cmocka_unit_test(lines_of_an_argument),
        cmocka_unit_test(the_summary),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(short_ids),
        cmocka_unit_test(a_pair),
        cmocka_unit_test(a_pair_in_plain_lines),
        cmocka_unit_test(a_group_chat),
        cmocka_unit_test(a_turn_of_a_pair_streams),
        cmocka_unit_test(hostile_words_in_a_conversation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
