#include "runtime/redact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char secret[] = "sk-proj/A+b~42?";

static struct moot_redact *redactor(void)
{
    struct moot_redact *r = moot__redact_new();
    assert_non_null(r);
    assert_int_equal(moot__redact_add(r, "OPENAI_API_KEY", secret), MOOT_OK);
    assert_int_equal(moot__redact_add(r, "OTHER", "sk-proj"), MOOT_OK);
    assert_int_equal(moot__redact_add(r, "SHORT", "abc"), MOOT_EINVAL);
    return r;
}

static void check(const struct moot_redact *r, const char *text, const char *expected)
{
    struct moot_buf out;
    moot__buf_init(&out, 10000);
    assert_int_equal(moot__redact_text(r, text, strlen(text), &out), MOOT_OK);
    assert_string_equal(moot__buf_text(&out), expected);
    assert_int_equal(moot__redact_found(r, text, strlen(text)), strcmp(text, expected) != 0);
    /* the same, piece by piece */
    for (size_t step = 1; step < 8; step++) {
        struct moot_redact_stream s;
        moot__redact_stream_init(&s, r);
        moot__buf_clear(&out);
        for (size_t at = 0; at < strlen(text); at += step) {
            size_t n = strlen(text) - at < step ? strlen(text) - at : step;
            assert_int_equal(moot__redact_stream_add(&s, text + at, n, &out), MOOT_OK);
            assert_true(s.held.len < moot__redact_longest(r));
            assert_null(strstr(moot__buf_text(&out), secret));
        }
        assert_int_equal(moot__redact_stream_end(&s, &out), MOOT_OK);
        assert_string_equal(moot__buf_text(&out), expected);
        moot__redact_stream_release(&s);
    }
    moot__buf_release(&out);
}

static void test_forms(void **state)
{
    (void)state;
    struct moot_redact *r = redactor();
    check(r, "", "");
    check(r, "nothing here: sk-pro", "nothing here: sk-pro");
    check(r, "key sk-proj/A+b~42?.", "key secret://OPENAI_API_KEY.");
    check(r, "sk-proj/A+b~42!", "secret://OTHER/A+b~42!");
    check(r, "sk-proj/A+b~42?sk-proj/A+b~42?", "secret://OPENAI_API_KEYsecret://OPENAI_API_KEY");
    check(r, "u=sk-proj%2FA%2Bb~42%3F&x", "u=secret://OPENAI_API_KEY&x");
    check(r, "u=sk-proj%2fA%2bb~42%3f&x", "u=secret://OPENAI_API_KEY&x");
    check(r, "736b2d70726f6a2f412b627e34323f", "secret://OPENAI_API_KEY");
    check(r, "736B2D70726F6A2F412B627E34323F", "secret://OPENAI_API_KEY");
    check(r, "\xe2\x82\xac sk-proj \xe2\x82\xac", "\xe2\x82\xac secret://OTHER \xe2\x82\xac");
    moot__redact_free(r);
    moot__redact_free(NULL);
}

static void test_base64(void **state)
{
    (void)state;
    struct moot_redact *r = redactor();
    check(r, "c2stcHJvai9BK2J+NDI/", "secret://OPENAI_API_KEY");
    check(r, "c2stcHJvai9BK2J-NDI_", "secret://OPENAI_API_KEY");
    /* "x" + secret, "xy" + secret: the first characters hold bits of what is before */
    check(r, "eHNrLXByb2ovQStifjQyPw==", "eHsecret://OPENAI_API_KEYw==");
    check(r, "eHlzay1wcm9qL0ErYn40Mj8=", "eHlsecret://OPENAI_API_KEY8=");
    moot__redact_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
