/* E-mails: what is refused, and what the bytes look like (RFC 5322, 2045, 2047). */
#include "runtime/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct moot_mail good(void)
{
    return (struct moot_mail){
        .from = "folkmoot@localhost",
        .to = "lin@ninth-lane-pantry.example",
        .subject = "A map",
        .body = "Dear Lin,\n\nHello.\n",
        .id = "00ff",
        .date_ms = 1795000000000,
    };
}

static void refused(struct moot_mail mail)
{
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 4096);
    assert_int_equal(moot__mail_build(&mail, &out, &err), MOOT_EINVAL);
    assert_int_equal(out.len, 0);
    moot__buf_release(&out);
}

static void nothing_can_become_another_header_or_recipient(void **state)
{
    (void)state;
    static const char *const addresses[] = {
        "a@b.example\r\nBcc: x@y.example",
        "a@b.example\nx",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "a@b@c.example",
        "",
        "a",
        "@b.example",
        "a@",
        "a@.b",
        "a..b@c.example",
        "\"a b\"@c.example",
        "a@b.example\x7f",
    };
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct moot_mail mail = good();
        mail.to = addresses[i];
        refused(mail);
        mail = good();
        mail.from = addresses[i];
        refused(mail);
    }
    struct moot_mail mail = good();
    mail.subject = "Hello\r\nBcc: x@y.example";
    refused(mail);
    mail.subject = "Hello\nthere";
    refused(mail);
    mail.subject = "not \xC0\xAF utf-8";
    refused(mail);
}

static void a_plain_mail(void **state)
{
    (void)state;
    struct moot_mail mail = good();
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 4096);
    assert_int_equal(moot__mail_build(&mail, &out, &err), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n"
                                              "From: folkmoot@localhost\r\n"
                                              "To: lin@ninth-lane-pantry.example\r\n"
                                              "Subject: A map\r\n"
                                              "Message-ID: <00ff@folkmoot>\r\n"
                                              "MIME-Version: 1.0\r\n"
                                              "Content-Type: text/plain; charset=utf-8\r\n"
                                              "Content-Transfer-Encoding: quoted-printable\r\n"
                                              "\r\n"
                                              "Dear Lin,\r\n\r\nHello.\r\n\r\n");
    moot__buf_release(&out);
}

static void what_is_not_ascii_is_encoded(void **state)
{
    (void)state;
    struct moot_mail mail = good();
    mail.subject = "A map for “is it too hot for me?”, and for everybody else who asks it";
    mail.body = "là = 1 \n.\nFrom here";
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 4096);
    assert_int_equal(moot__mail_build(&mail, &out, &err), MOOT_OK);
    const char *text = moot__buf_text(&out);
    assert_non_null(strstr(text, "Subject: =?UTF-8?B?QSBtYXAgZm9yIOKAnGlz"));
    assert_non_null(strstr(text, "?=\r\n =?UTF-8?B?"));
    assert_non_null(strstr(text, "l=C3=A0 =3D 1=20\r\n=2E\r\n=46rom here\r\n"));
    for (const char *line = text; *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 78);
        line = end + 2;
    }
    moot__buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_can_become_another_header_or_recipient),
        cmocka_unit_test(a_plain_mail),
        cmocka_unit_test(what_is_not_ascii_is_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
