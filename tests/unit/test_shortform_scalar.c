#include "runtime/shortform_scalar.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct good {
    const char *text;
    enum moot_scalar_base base;
    bool optional;
    bool words;
    const char *min;
    const char *max;
    const char *pattern;
    const char *description;
};

static void same(const char *got, const char *want)
{
    if (want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, want);
}

static void every_row(void **state)
{
    (void)state;
    static const struct good cases[] = {
        {"text", MOOT_SCALAR_TEXT, false, false, NULL, NULL, NULL, NULL},
        {" integer ", MOOT_SCALAR_INTEGER, false, false, NULL, NULL, NULL, NULL},
        {"number", MOOT_SCALAR_NUMBER, false, false, NULL, NULL, NULL, NULL},
        {"bool", MOOT_SCALAR_BOOL, false, false, NULL, NULL, NULL, NULL},
        {"date", MOOT_SCALAR_DATE, false, false, NULL, NULL, NULL, NULL},
        {"email", MOOT_SCALAR_EMAIL, false, false, NULL, NULL, NULL, NULL},
        {"url", MOOT_SCALAR_URL, false, false, NULL, NULL, NULL, NULL},
        {"uuid", MOOT_SCALAR_UUID, false, false, NULL, NULL, NULL, NULL},
        {"any", MOOT_SCALAR_ANY, false, false, NULL, NULL, NULL, NULL},
        {"text 1..60 characters", MOOT_SCALAR_TEXT, false, false, "1", "60", NULL, NULL},
        {"text 120..220 words", MOOT_SCALAR_TEXT, false, true, "120", "220", NULL, NULL},
        {"text ..60 characters", MOOT_SCALAR_TEXT, false, false, NULL, "60", NULL, NULL},
        {"text 10.. words", MOOT_SCALAR_TEXT, false, true, "10", NULL, NULL, NULL},
        {"number 0..", MOOT_SCALAR_NUMBER, false, false, "0", NULL, NULL, NULL},
        {"number -0.5..2.5e3", MOOT_SCALAR_NUMBER, false, false, "-0.5", "2.5e3", NULL, NULL},
        {"integer -5..-1", MOOT_SCALAR_INTEGER, false, false, "-5", "-1", NULL, NULL},
        {"integer 7..7", MOOT_SCALAR_INTEGER, false, false, "7", "7", NULL, NULL},
        {"optional text - its address", MOOT_SCALAR_TEXT, true, false, NULL, NULL, NULL,
         "its address"},
        {"text matching ^[a-z]+( [a-z]+)*$", MOOT_SCALAR_TEXT, false, false, NULL, NULL,
         "^[a-z]+( [a-z]+)*$", NULL},
        {"text matching a|b", MOOT_SCALAR_TEXT, false, false, NULL, NULL, "a|b", NULL},
        {"optional text ..9 characters matching ^\\d+-\\d+$ - a - b", MOOT_SCALAR_TEXT, true, false,
         NULL, "9", "^\\d+-\\d+$", "a - b"},
        {"date -  when it was  ", MOOT_SCALAR_DATE, false, false, NULL, NULL, NULL, "when it was"},
        {"text - ", MOOT_SCALAR_TEXT, false, false, NULL, NULL, NULL, NULL},
        {"text\n1..5\ncharacters", MOOT_SCALAR_TEXT, false, false, "1", "5", NULL, NULL},
        {"text - a | b", MOOT_SCALAR_TEXT, false, false, NULL, NULL, NULL, "a | b"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct good *want = &cases[i];
        struct moot_scalar s;
        struct moot_error err = {0};
        size_t bad = 0;
        if (moot__scalar_parse(want->text, &s, &bad, &err) != MOOT_OK)
            fail_msg("%s: %s", want->text, err.message);
        assert_int_equal(s.base, want->base);
        assert_int_equal(s.optional, want->optional);
        assert_int_equal(s.words, want->words);
        same(s.min, want->min);
        same(s.max, want->max);
        same(s.pattern, want->pattern);
        same(s.description, want->description);
        assert_null(s.choices);
        moot__scalar_release(&s);
    }
}

static void choices(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"high | low", "[\"high\",\"low\"]"},
        {"yes|no|not sure", "[\"yes\",\"no\",\"not sure\"]"},
        {"optional a | b - one of them", "[\"a\",\"b\"]"},
        {"optional | required", "[\"optional\",\"required\"]"},
        {"1 | 2 | 3", "[\"1\",\"2\",\"3\"]"},
        {"text | picture", "[\"text\",\"picture\"]"},
        {"A1 | A2..A3", "[\"A1\",\"A2..A3\"]"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_scalar s;
        struct moot_error err = {0};
        size_t bad = 0;
        if (moot__scalar_parse(cases[i][0], &s, &bad, &err) != MOOT_OK)
            fail_msg("%s: %s", cases[i][0], err.message);
        assert_int_equal(s.base, MOOT_SCALAR_CHOICE);
        assert_int_equal(s.optional, i == 2);
        char *text = moot__json_string(s.choices);
        assert_string_equal(text, cases[i][1]);
        free(text);
        moot__scalar_release(&s);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bad;
        const char *message;
        const char *hint;
    } cases[] = {
        {"", 0, "a type is missing", "a type is text"},
        {" - only words", 0, "a type is missing", "a type is"},
        {"optional ", 9, "a type is missing at byte 9", "a type is"},
        {"txt", 0, "\"txt\" is no type at byte 0", "did you mean \"text\"?"},
        {"optional interger 1..2", 9, "\"interger\" is no type at byte 9", "\"integer\"?"},
        {"string", 0, "is no type", "\"text\"?"},
        {"boolean", 0, "is no type", "\"bool\"?"},
        {"float 0..1", 0, "is no type", "\"number\"?"},
        {"list", 0, "is no type", "[text]"},
        {"object", 0, "is no type", "{field: text}"},
        {"a sentence", 0, "\"a\" is no type", "a type is"},
        {"text 60 characters", 5, "\"60\" is not understood", "a description follows"},
        {"text 1..60", 5, "needs words or characters", ""},
        {"text 1..60 chars", 5, "needs words or characters", ""},
        {"text 1..60 word", 5, "needs words or characters", "\"words\"?"},
        {"text -1..5 words", 5, "whole numbers from 0", ""},
        {"text 0.5..5 words", 5, "whole numbers from 0", ""},
        {"text ..99999999999 words", 5, "whole numbers from 0", ""},
        {"text .. words", 5, "is no range", "a range is N..M"},
        {"text 1...5 words", 5, "is no range", "a range is N..M"},
        {"number 1..x", 7, "is no range", "a range is N..M"},
        {"number 01..2", 7, "is no range", "a range is N..M"},
        {"number 5..1", 7, "is empty", ""},
        {"integer 0.5..2", 8, "whole numbers", ""},
        {"integer 1..5 words", 13, "no unit", ""},
        {"integer 1..5 stars", 13, "is not understood", "a description follows"},
        {"bool 0..1", 5, "only text, integer and number", ""},
        {"date matching x", 5, "only text is matched", ""},
        {"text matching", 13, "a pattern is missing", ""},
        {"text matching (", 14, "at byte 14", ""},
        {"text machting x", 5, "is not understood", "\"matching\"?"},
        {"text 1..5 words x", 16, "is not understood", ""},
        {"a | | b", 4, "a choice is missing", ""},
        {"a |", 3, "a choice is missing", ""},
        {"| a", 0, "a choice is missing", ""},
        {"a | b | a", 8, "\"a\" is there twice", ""},
        {"text | integer", 0, "are types", "write any"},
        {"d\xc3\xa4te x", 0, "\"d\xc3\xa4te\" is no type", "a type is"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_scalar s;
        struct moot_error err = {0};
        size_t bad = 99;
        if (moot__scalar_parse(cases[i].text, &s, &bad, &err) != MOOT_EINVAL ||
            bad != cases[i].bad || strstr(err.message, cases[i].message) == NULL ||
            strstr(err.hint, cases[i].hint) == NULL)
            fail_msg("%s: at %zu, %s (%s)", cases[i].text, bad, err.message, err.hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(choices),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
