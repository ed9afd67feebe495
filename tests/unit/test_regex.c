#include "runtime/regex.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_regex *compile(const char *pattern)
{
    struct moot_regex *re = NULL;
    struct moot_error err = {0};
    if (moot__regex_compile(pattern, &re, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    return re;
}

static int search(const char *pattern, const char *text)
{
    struct moot_regex *re = compile(pattern);
    int status = moot__regex_search(re, text, strlen(text), 0, NULL);
    moot__regex_free(re);
    return status;
}

static void finding(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        int status;
    } cases[] = {
        {"b+", "abbc", MOOT_OK},
        {"^b", "abbc", MOOT_ENOTFOUND},
        {"^a*$", "aaa", MOOT_OK},
        {"^a*$", "aaa\n", MOOT_ENOTFOUND},
        {"a.b", "a\nb", MOOT_ENOTFOUND},
        {"", "", MOOT_OK},
        {"^.$", "\xe2\x82\xac", MOOT_OK},
        {"^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9", MOOT_OK},
        {"^\\w$", "\xc3\xa9", MOOT_ENOTFOUND},
        {"^\\p{L}$", "\xc3\xa9", MOOT_OK},
        {"(?i)STRASSE", "strasse", MOOT_OK},
        {"(?i)\xc3\x89", "\xc3\xa9", MOOT_OK},
        {"STRASSE", "strasse", MOOT_ENOTFOUND},
        {"a", "\xff", MOOT_EINVAL},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        int status = search(cases[i].pattern, cases[i].text);
        if (status != cases[i].status)
            fail_msg("%s in %s: %s", cases[i].pattern, cases[i].text, moot__status_text(status));
    }
}

static void places(void **state)
{
    (void)state;
    struct moot_regex *re = compile("x(\\d+)?");
    struct moot_regex_match m;
    static const char text[] = "a x12 x b";
    assert_int_equal(moot__regex_groups(re), 1);
    assert_string_equal(moot__regex_pattern(re), "x(\\d+)?");
    assert_int_equal(moot__regex_search(re, text, strlen(text), 0, &m), MOOT_OK);
    assert_int_equal(m.start, 2);
    assert_int_equal(m.end, 5);
    assert_true(m.has_group);
    assert_int_equal(m.group_start, 3);
    assert_int_equal(m.group_end, 5);
    assert_int_equal(moot__regex_search(re, text, strlen(text), m.end, &m), MOOT_OK);
    assert_int_equal(m.start, 6);
    assert_false(m.has_group);
    assert_int_equal(moot__regex_search(re, text, strlen(text), m.end, &m), MOOT_ENOTFOUND);
    assert_int_equal(moot__regex_search(re, text, strlen(text), 100, &m), MOOT_ENOTFOUND);
    moot__regex_free(re);
}

static void extracting(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        const char *taken;
    } cases[] = {
        {"Subject: *(.+)", "To: x\nSubject:  Hi there\nBye", "Hi there"},
        {"[0-9]+", "about 42 or 43", "42"},
        {"(a)|b", "b", "b"},
        {"x()y", "xy", ""},
        {"nothing", "else", NULL},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_regex *re = compile(cases[i].pattern);
        char *taken = NULL;
        int status = moot__regex_extract(re, cases[i].text, strlen(cases[i].text), &taken);
        if (cases[i].taken == NULL) {
            assert_int_equal(status, MOOT_ENOTFOUND);
            assert_null(taken);
        } else {
            assert_int_equal(status, MOOT_OK);
            assert_string_equal(taken, cases[i].taken);
        }
        free(taken);
        moot__regex_free(re);
    }
}

static void refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(",      "[a",   "a{2,1}",       "*", "\\C", "(?C1)", "(*UCP)a", "(*LIMIT_MATCH=9)a", "\\",
        "(?<n>a", "\xff", "\\p{Nothing}",
    };
    for (size_t i = 0; i < MOOT_COUNT(patterns); i++) {
        struct moot_regex *re = NULL;
        struct moot_error err = {0};
        if (moot__regex_compile(patterns[i], &re, &err) != MOOT_ESYNTAX)
            fail_msg("%s was compiled", patterns[i]);
        assert_null(re);
        assert_true(err.message[0] != '\0');
    }
    char pattern[MOOT_REGEX_LENGTH_MAX + 2];
    struct moot_regex *re = NULL;
    memset(pattern, 'a', sizeof(pattern));
    pattern[sizeof(pattern) - 1] = '\0';
    assert_int_equal(moot__regex_compile(pattern, &re, NULL), MOOT_ETOOBIG);
    pattern[0] = '\0';
    for (int i = 0; i < MOOT_REGEX_GROUPS_MAX + 1; i++)
        memcpy(pattern + 3 * i, "(a)", 4);
    assert_int_equal(moot__regex_compile(pattern, &re, NULL), MOOT_ETOOBIG);
}

/* Patterns that explode end soon, and by the same count wherever they run. */
static void explosions(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "^(a+)+$",
        "^(a|a)*$",
        "(a*)*(a*)*(a*)*b?c",
        "(x+x+)+y|(a?){50}a{50}b",
        "^(([a-z])+.)+[A-Z]",
    };
    enum { LENGTH = 50000 };
    char *text = malloc(LENGTH + 1);
    memset(text, 'a', LENGTH);
    text[LENGTH - 1] = '!';
    text[LENGTH] = '\0';
    for (size_t i = 0; i < MOOT_COUNT(patterns); i++) {
        int status = search(patterns[i], text);
        if (status != MOOT_ELIMIT && status != MOOT_ENOTFOUND)
            fail_msg("%s: %s", patterns[i], moot__status_text(status));
    }
    /* Many starts that each stay below a limit of their own, and scans that take one step. */
    for (size_t i = 90; i < LENGTH; i += 91)
        text[i] = 'c';
    assert_int_equal(search("a*a*a*a*b|z", text), MOOT_ELIMIT);
    memset(text, 'a', LENGTH);
    assert_int_equal(search("[^x]*+(?!a)(?!\\z)", text), MOOT_ELIMIT);
    assert_int_equal(search("z", text), MOOT_ENOTFOUND);
    assert_int_equal(search("^(?:a|b)*$", text), MOOT_OK);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finding), cmocka_unit_test(places),     cmocka_unit_test(extracting),
        cmocka_unit_test(refused), cmocka_unit_test(explosions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
