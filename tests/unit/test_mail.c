#include "runtime/mail.h"

#include "runtime/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct moot_mail plain = {
    .id = "send#1.4",
    .from = "albert@jive.example",
    .to = "hello@odd-thursday.example",
    .subject = "A board for lonely socks",
    .body = "Dear Maeve,\n\nthe wall is full.\n",
    .date_ms = 1767225600000, /* 2026-01-01 */
};

static void test_plain(void **state)
{
    (void)state;
    struct moot_buf b;
    moot__buf_init(&b, 100000);
    struct moot_error err = {0};
    assert_int_equal(moot__mail_build(&plain, &b, &err), 0);
    assert_string_equal(b.data, "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
                                "From: albert@jive.example\r\n"
                                "To: hello@odd-thursday.example\r\n"
                                "Subject: A board for lonely socks\r\n"
                                "Message-ID: <send#1.4@folkmoot>\r\n"
                                "MIME-Version: 1.0\r\n"
                                "Content-Type: text/plain; charset=utf-8\r\n"
                                "Content-Transfer-Encoding: quoted-printable\r\n"
                                "\r\n"
                                "Dear Maeve,\r\n\r\nthe wall is full.\r\n");
    moot__buf_release(&b);
}

static void refused(struct moot_mail mail, const char *part)
{
    struct moot_buf b;
    moot__buf_init(&b, 100000);
    struct moot_error err = {0};
    assert_int_equal(moot__mail_build(&mail, &b, &err), MOOT_EINVAL);
    assert_int_equal(b.len, 0);
    if (strstr(err.message, part) == NULL)
        fail_msg("%s", err.message);
    moot__buf_release(&b);
}

static void test_injection(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\r\nBcc: x@y.z", "a\nb",      "a\rb", "a\tb",
                                      "a\x1b[31m",       "a\xc2\x85", "a\x7f"};
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        struct moot_mail mail = plain;
        mail.subject = bad[i];
        refused(mail, "the mail's subject holds a");
        mail = plain;
        mail.from = bad[i];
        refused(mail, "the mail's sender holds a");
        mail = plain;
        mail.to = bad[i];
        refused(mail, "the mail's recipient holds a");
    }
    struct moot_mail mail = plain;
    mail.subject = "\xff";
    refused(mail, "not UTF-8");
    mail = plain;
    mail.body = "a\x01";
    refused(mail, "control character");
    mail = plain;
    mail.id = "a\r\nb";
    refused(mail, "cannot be a mail's id");
    mail = plain;
    mail.id = "../b";
    refused(mail, "cannot be a mail's id");
}

static void test_addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "a.b+c@x-y.example.com", "lin@pantry.example"};
    static const char *const bad[] = {"",
                                      "a",
                                      "@b",
                                      "a@",
                                      "a@b@c",
                                      "a..b@c.d",
                                      ".a@c.d",
                                      "a.@c.d",
                                      "a@-b.c",
                                      "a@b-.c",
                                      "a@b..c",
                                      "a@.b",
                                      "a@b.c, d@e.f",
                                      "a@b.c;d@e.f",
                                      "a b@c.d",
                                      "\"a b\"@c.d",
                                      " a@b.c",
                                      "A <a@b.c>",
                                      "a@[127.0.0.1]",
                                      "\xc3\xa4@b.c",
                                      "a(comment)@b.c"};
    struct moot_error err = {0};
    for (size_t i = 0; i < MOOT_COUNT(good); i++) {
        struct moot_mail mail = plain;
        mail.to = good[i];
        if (moot__mail_check(&mail, &err) != 0)
            fail_msg("%s: %s", good[i], err.message);
    }
    for (size_t i = 0; i < MOOT_COUNT(bad); i++) {
        struct moot_mail mail = plain;
        mail.to = bad[i];
        refused(mail, "recipient");
        mail = plain;
        mail.from = bad[i];
        refused(mail, "sender");
    }
    struct moot_mail mail = plain;
    mail.to = "a@b.c, d@e.f";
    refused(mail, "a mail has one recipient");
}

/* Gives the message to Python's e-mail package and reads what it makes of it as JSON; NULL: there
 * is no Python here. */
static struct moot_json *read_back(const struct moot_buf *b)
{
    static const char script[] =
        "import sys,json,email,email.policy\n"
        "raw=sys.stdin.buffer.read()\n"
        "m=email.message_from_bytes(raw,policy=email.policy.default)\n"
        "print(json.dumps(dict(subject=m['subject'],to=str(m['to']),frm=str(m['from']),\n"
        "  spec=m['from'].addresses[0].addr_spec,\n"
        "  "
        "id=m['message-id'],date=m['date'].datetime.isoformat(),body=m.get_content().replace('"
        "\\r\\n','\\n'),\n"
        "  keys=len(m.keys()),defects=len(m.defects),\n"
        "  longest=max(len(x) for x in raw.split(b'\\r\\n')))))\n";
    int in[2];
    int out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execlp("python3", "python3", "-c", script, (char *)NULL);
        _exit(77);
    }
    close(in[0]);
    close(out[1]);
    assert_int_equal(write(in[1], b->data, b->len), (ssize_t)b->len); /* fits into a pipe */
    close(in[1]);
    char text[65536];
    size_t len = 0;
    for (ssize_t n; (n = read(out[0], text + len, sizeof(text) - len)) > 0;)
        len += (size_t)n;
    close(out[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        return NULL;
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, len, &j, &err) != 0)
        fail_msg("%s: %.*s", err.message, (int)len, text);
    return j;
}

static void round_trip(const char *subject, const char *body)
{
    struct moot_mail mail = plain;
    mail.subject = subject;
    mail.body = body;
    struct moot_buf b;
    moot__buf_init(&b, 60000);
    struct moot_error err = {0};
    assert_int_equal(moot__mail_build(&mail, &b, &err), 0);
    struct moot_json *j = read_back(&b);
    moot__buf_release(&b);
    if (j == NULL) {
        print_message("SKIPPED: no python3 to read the mail back\n");
        return;
    }
    assert_string_equal(moot__json_get_text(j, "subject", ""), subject);
    assert_string_equal(moot__json_get_text(j, "spec", ""), "albert@jive.example");
    assert_string_equal(moot__json_get_text(j, "body", ""), body);
    assert_string_equal(moot__json_get_text(j, "id", ""), "<send#1.4@folkmoot>");
    assert_string_equal(moot__json_get_text(j, "date", ""), "2026-01-01T00:00:00+00:00");
    assert_int_equal(moot__json_get_int(j, "keys", 0), 8);
    assert_int_equal(moot__json_get_int(j, "defects", -1), 0);
    assert_true(moot__json_get_int(j, "longest", 999) <= 78);
    moot__json_free(j);
}

static void test_peer(void **state)
{
    (void)state;
    round_trip("Plain subject", "One line.\n");
    round_trip("Grüße aus München – schöne Socken für 3 € und noch viel mehr davon, 老蔣 LAO JIANG "
               "und おいしい",
               "Zeile mit Umlauten: äöü ß €\n\nEnde.\n");
    round_trip("=?utf-8?q?not_encoded?=", "a = b, 100 % =3D\n");
    round_trip("An ASCII subject that is longer than what fits on one line of seventy-six "
               "characters, so that it has to be folded somewhere",
               "trailing space \ntab\t\n.dot\n..\nFrom here\n");
    round_trip("x",
               "A very long line without any break in it that goes on and on and on and on and on "
               "and on and on until it is far longer than seventy-six characters, äöüäöüäöüäöü"
               "äöüäöüäöüäöüäöüäöüäöüäöü.\n");
    round_trip("two  spaces", "\n\n\n");
}

static void test_outbox(void **state)
{
    (void)state;
    char dir[] = "/tmp/moot_mail_XXXXXX";
    assert_non_null(mkdtemp(dir));
    char box[64];
    snprintf(box, sizeof(box), "%s/outbox", dir);
    struct moot_error err = {0};
    struct moot_buf bytes;
    moot__buf_init(&bytes, 100);
    moot__buf_adds(&bytes, "abc");
    assert_int_equal(moot__mail_outbox(box, "send#1", &bytes, &err), 0);
    moot__buf_adds(&bytes, "d"); /* the same call, delivered again */
    assert_int_equal(moot__mail_outbox(box, "send#1", &bytes, &err), 0);
    char expected[128];
    snprintf(expected, sizeof(expected), "%s/send#1.eml", box);
    struct stat st;
    assert_int_equal(stat(expected, &st), 0);
    assert_int_equal(st.st_size, 4);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(moot__mail_outbox(box, "../x", &bytes, &err), MOOT_EINVAL);
    assert_int_equal(moot__mail_outbox("/proc/no", "x", &bytes, &err), MOOT_EIO);
    moot__buf_release(&bytes);
    unlink(expected);
    rmdir(box);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_injection),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_peer),
        cmocka_unit_test(test_outbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
