#include "runtime/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct text {
    const char *data;
    size_t len;
};
#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static struct moot_json *read_ok(const char *text, size_t len)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, len, &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static struct moot_json *read_text(const char *text)
{
    return read_ok(text, strlen(text));
}

/* The cases of Nicolas Seriot's JSONTestSuite by the names they have there: y_ must be read. */
static const struct text accepted[] = {
    /* y_array_* */
    TEXT("[[]   ]"),
    TEXT("[\"\"]"),
    TEXT("[]"),
    TEXT("[\"a\"]"),
    TEXT("[false]"),
    TEXT("[null, 1, \"1\", {}]"),
    TEXT("[null]"),
    TEXT("[1\n]"),
    TEXT(" [1]"),
    TEXT("[1,null,null,null,2]"),
    TEXT("[2] "),
    /* y_number_* */
    TEXT("[123e65]"),
    TEXT("[0e+1]"),
    TEXT("[0e1]"),
    TEXT("[ 4]"),
    TEXT("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    TEXT("[20e1]"),
    TEXT("[-0]"),
    TEXT("[-123]"),
    TEXT("[-1]"),
    TEXT("[1E22]"),
    TEXT("[1E-2]"),
    TEXT("[1E+2]"),
    TEXT("[123e45]"),
    TEXT("[123.456e78]"),
    TEXT("[1e-2]"),
    TEXT("[1e+2]"),
    TEXT("[123]"),
    TEXT("[123.456789]"),
    /* y_object_*, but for the duplicate keys, which are refused here */
    TEXT("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
    TEXT("{\"asd\":\"sdf\"}"),
    TEXT("{}"),
    TEXT("{\"\":0}"),
    TEXT("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
    TEXT("{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"x\"}"),
    TEXT("{\"a\":[]}"),
    TEXT("{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\" }"),
    TEXT("{\n\"a\": \"b\"\n}"),
    /* y_string_* */
    TEXT("[\"\\u0060\\u012a\\u12AB\"]"),
    TEXT("[\"\\uD801\\udc37\"]"),
    TEXT("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
    TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
    TEXT("[\"\\\\u0000\"]"),
    TEXT("[\"\\\"\"]"),
    TEXT("[\"a/*b*/c/*d//e\"]"),
    TEXT("[\"\\\\a\"]"),
    TEXT("[\"\\\\n\"]"),
    TEXT("[\"\\u0012\"]"),
    TEXT("[\"\\uFFFF\"]"),
    TEXT("[\"asd\"]"),
    TEXT("[ \"asd\"]"),
    TEXT("[\"\\uDBFF\\uDFFF\"]"),
    TEXT("[\"new\\u00A0line\"]"),
    TEXT("[\"\xf4\x8f\xbf\xbf\"]"),
    TEXT("[\"\xef\xbf\xbf\"]"),
    TEXT("[\"\\u002c\"]"),
    TEXT("[\"\xcf\x80\"]"),
    TEXT("[\"\xf0\x9b\xbf\xbf\"]"),
    TEXT("[\"asd \"]"),
    TEXT("\" \""),
    TEXT("[\"\\uD834\\uDd1e\"]"),
    TEXT("[\"\\u0821\"]"),
    TEXT("[\"\\u0123\"]"),
    TEXT("[\"\xe2\x80\xa8\"]"),
    TEXT("[\"\xe2\x80\xa9\"]"),
    TEXT("[\"\\u0061\\u30af\\u30EA\"]"),
    TEXT("[\"new\\u000Aline\"]"),
    TEXT("[\"\x7f\"]"),
    TEXT("[\"\\uA66D\"]"),
    TEXT("[\"\\u005C\"]"),
    TEXT("[\"\xe2\x8d\x82\xe3\x88\xb4\xe2\x8d\x82\"]"),
    TEXT("[\"\\u0022\"]"),
    TEXT("[\"\\uDBFF\\uDFFE\"]"),
    TEXT("[\"\\u200B\"]"),
    TEXT("[\"\\u2064\"]"),
    TEXT("[\"\\uFDD0\"]"),
    TEXT("[\"\\uFFFE\"]"),
    TEXT("[\"a\x7f"
         "a\"]"),
    /* y_structure_* */
    TEXT("false"),
    TEXT("42"),
    TEXT("-0.1"),
    TEXT("null"),
    TEXT("\"asd\""),
    TEXT("true"),
    TEXT("\"\""),
    TEXT("[\"a\"]\n"),
    TEXT("[true]"),
    TEXT(" [] "),
    /* i_number_*: any size of number may come, its digits are kept */
    TEXT("[123.456e-789]"),
    TEXT("[0.4e00669999999999999999999999999999999999999999999999999969]"),
    TEXT("[-1e+9999]"),
    TEXT("[1.5e+9999]"),
    TEXT("[-123123e100000]"),
    TEXT("[123123e-10000000]"),
    TEXT("[-123123123123123123123123123123]"),
    TEXT("[100000000000000000000]"),
};

/* n_ must not be read; of the i_ those that are refused here. */
static const struct text refused[] = {
    /* n_array_* */
    TEXT("[1 true]"),
    TEXT("[a\xe5]"),
    TEXT("[\"\": 1]"),
    TEXT("[\"\"],"),
    TEXT("[,1]"),
    TEXT("[1,,2]"),
    TEXT("[\"x\",,]"),
    TEXT("[\"x\"]]"),
    TEXT("[\"\",]"),
    TEXT("[\"x\""),
    TEXT("[x"),
    TEXT("[3[4]]"),
    TEXT("[\xff]"),
    TEXT("[1:2]"),
    TEXT("[,]"),
    TEXT("[-]"),
    TEXT("[   , \"\"]"),
    TEXT("[\"a\",\n4\n,1,"),
    TEXT("[1,]"),
    TEXT("[1,,]"),
    TEXT("[\"\x0b"
         "a\"\\f]"),
    TEXT("[*]"),
    TEXT("[\"\""),
    TEXT("[1,"),
    TEXT("[1,\n1\n,1"),
    TEXT("[{}"),
    /* n_incomplete_*, n_multidigit_* */
    TEXT("[fals]"),
    TEXT("[nul]"),
    TEXT("[tru]"),
    TEXT("123\0"),
    /* n_number_* */
    TEXT("[++1234]"),
    TEXT("[+1]"),
    TEXT("[+Inf]"),
    TEXT("[-01]"),
    TEXT("[-1.0.]"),
    TEXT("[-2.]"),
    TEXT("[-NaN]"),
    TEXT("[.-1]"),
    TEXT("[.2e-3]"),
    TEXT("[0.1.2]"),
    TEXT("[0.3e+]"),
    TEXT("[0.3e]"),
    TEXT("[0.e1]"),
    TEXT("[0E+]"),
    TEXT("[0E]"),
    TEXT("[0e+]"),
    TEXT("[0e]"),
    TEXT("[1.0e+]"),
    TEXT("[1.0e-]"),
    TEXT("[1.0e]"),
    TEXT("[1 000.0]"),
    TEXT("[1eE2]"),
    TEXT("[2.e+3]"),
    TEXT("[2.e-3]"),
    TEXT("[2.e3]"),
    TEXT("[9.e+]"),
    TEXT("[Inf]"),
    TEXT("[NaN]"),
    TEXT("[\xef\xbc\x91]"),
    TEXT("[1+2]"),
    TEXT("[0x1]"),
    TEXT("[0x42]"),
    TEXT("[Infinity]"),
    TEXT("[0e+-1]"),
    TEXT("[-123.123foo]"),
    TEXT("[123\xe5]"),
    TEXT("[1e1\xe5]"),
    TEXT("[0\xe5]\n"),
    TEXT("[-Infinity]"),
    TEXT("[-foo]"),
    TEXT("[- 1]"),
    TEXT("[-012]"),
    TEXT("[-.123]"),
    TEXT("[-1x]"),
    TEXT("[1ea]"),
    TEXT("[1e\xe5]"),
    TEXT("[1.]"),
    TEXT("[.123]"),
    TEXT("[1.2a-3]"),
    TEXT("[1.8011670033376514H-308]"),
    TEXT("[012]"),
    /* n_object_* */
    TEXT("[\"x\", truth]"),
    TEXT("{[: \"x\"}\n"),
    TEXT("{\"x\", null}"),
    TEXT("{\"x\"::\"b\"}"),
    TEXT("{\xf0\x9f\x87\xa8\xf0\x9f\x87\xad}"),
    TEXT("{\"a\":\"a\" 123}"),
    TEXT("{key: 'value'}"),
    TEXT("{\"\xb9\":\"0\",}"),
    TEXT("{\"a\" b}"),
    TEXT("{:\"b\"}"),
    TEXT("{\"a\" \"b\"}"),
    TEXT("{\"a\":"),
    TEXT("{\"a\""),
    TEXT("{1:1}"),
    TEXT("{9999E9999:1}"),
    TEXT("{null:null,null:null}"),
    TEXT("{\"id\":0,,,,,}"),
    TEXT("{'a':0}"),
    TEXT("{\"id\":0,}"),
    TEXT("{\"a\":\"b\"}/**/"),
    TEXT("{\"a\":\"b\"}/**//"),
    TEXT("{\"a\":\"b\"}//"),
    TEXT("{\"a\":\"b\"}/"),
    TEXT("{\"a\":\"b\",,\"c\":\"d\"}"),
    TEXT("{a: \"b\"}"),
    TEXT("{\"a\":\"a"),
    TEXT("{ \"foo\" : \"bar\", \"a\" }"),
    TEXT("{\"a\":\"b\"}#"),
    TEXT(" "),
    /* n_string_* */
    TEXT("[\"\\uD800\\\"]"),
    TEXT("[\"\\uD800\\u\"]"),
    TEXT("[\"\\uD800\\u1\"]"),
    TEXT("[\"\\uD800\\u1x\"]"),
    TEXT("[\xc3\xa9]"),
    TEXT("[\"\\x00\"]"),
    TEXT("[\"\\\\\\\"]"),
    TEXT("[\"\\\t\"]"),
    TEXT("[\"\\\xf0\x9f\x8c\x80\"]"),
    TEXT("[\"\\\"]"),
    TEXT("[\"\\u00A\"]"),
    TEXT("[\"\\uD834\\uDd\"]"),
    TEXT("[\"\\uD800\\uD800\\x\"]"),
    TEXT("[\"\\u\xe5\"]"),
    TEXT("[\"\\a\"]"),
    TEXT("[\"\\uqqqq\"]"),
    TEXT("[\"\\\xe5\"]"),
    TEXT("[\\u0020\"asd\"]"),
    TEXT("[\\n]"),
    TEXT("\""),
    TEXT("['single quote']"),
    TEXT("abc"),
    TEXT("[\"\\"),
    TEXT("[\"a\0a\"]"),
    TEXT("[\"new\nline\"]"),
    TEXT("[\"\t\"]"),
    TEXT("\"\\UA66D\""),
    TEXT("\"\"x"),
    TEXT("[\"\x1f\"]"),
    /* n_structure_* */
    TEXT("<.>"),
    TEXT("[<null>]"),
    TEXT("[1]x"),
    TEXT("[1]]"),
    TEXT("[\"asd]"),
    TEXT("a\xc3\xa5"),
    TEXT("[True]"),
    TEXT("1]"),
    TEXT("{\"x\": true,"),
    TEXT("[][]"),
    TEXT("]"),
    TEXT("\xef\xbb{}"),
    TEXT("\xe5"),
    TEXT("["),
    TEXT(""),
    TEXT("[\0]"),
    TEXT("2@"),
    TEXT("{}}"),
    TEXT("{\"\":"),
    TEXT("{\"a\":/*comment*/\"b\"}"),
    TEXT("{\"a\": true} \"x\""),
    TEXT("['"),
    TEXT("[,"),
    TEXT("[{"),
    TEXT("[\"a"),
    TEXT("[\"a\""),
    TEXT("{"),
    TEXT("{]"),
    TEXT("{,"),
    TEXT("{["),
    TEXT("{\"a"),
    TEXT("{'a'"),
    TEXT("[\"\\{[\"\\{[\"\\{[\"\\{"),
    TEXT("\xe9"),
    TEXT("*"),
    TEXT("{\"a\":\"b\"}#{}"),
    TEXT("[\\u000A\"\"]"),
    TEXT("[1"),
    TEXT("[ false, nul"),
    TEXT("[ true, fals"),
    TEXT("[ false, tru"),
    TEXT("{\"asd\":\"asd\""),
    TEXT("\xc3\xa5"),
    TEXT("[\xe2\x81\xa0]"),
    TEXT("\xef\xbb\xbf"),
    TEXT("[\x0c]"),
    TEXT("[\xc2\xa0]"),
    /* i_string_*, i_structure_*: halves of surrogate pairs, bytes that are no UTF-8, marks */
    TEXT("[\"\\uDADA\"]"),
    TEXT("[\"\\uD888\\u1234\"]"),
    TEXT("[\"\\uD800\\n\"]"),
    TEXT("[\"\\uDd1ea\"]"),
    TEXT("[\"\\uD800\\uD800\\n\"]"),
    TEXT("[\"\\ud800\"]"),
    TEXT("[\"\\ud800abc\"]"),
    TEXT("[\"\xff\"]"),
    TEXT("[\"\\uDd1e\\uD834\"]"),
    TEXT("[\"\xe9\"]"),
    TEXT("[\"\\uDFAA\"]"),
    TEXT("[\"\x81\"]"),
    TEXT("[\"\xf4\xbf\xbf\xbf\"]"),
    TEXT("[\"\xc0\xaf\"]"),
    TEXT("[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"),
    TEXT("[\"\xe0\xff\"]"),
    TEXT("[\"\xed\xa0\x80\"]"),
    TEXT("[\"\xe6\x97\xa5\xd1\x88\xfa\"]"),
    TEXT("\xef\xbb\xbf{}"),
    TEXT("\xff\xfe[\0\"\0\xe9\0\"\0]\0"),
    TEXT("\0[\0\"\0\xe9\0\"\0]"),
    /* y_object_duplicated_key*: two readers would see two values */
    TEXT("{\"a\":\"b\",\"a\":\"c\"}"),
    TEXT("{\"a\":\"b\",\"a\":\"b\"}"),
    TEXT("{\"a\":1,\"\\u0061\":2}"),
    TEXT("{\"\":1,\"\":1}"),
    TEXT("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"3\":1}"),
    /* y_object_escaped_null_in_key, y_string_null_escape: a C string would end there */
    TEXT("{\"foo\\u0000bar\": 42}"),
    TEXT("[\"\\u0000\"]"),
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(accepted); i++) {
        struct moot_json *j = read_ok(accepted[i].data, accepted[i].len);
        char *text = moot__json_string(j);
        struct moot_json *again = read_text(text);
        assert_true(moot__json_equal(j, again));
        free(text);
        moot__json_free(j);
        moot__json_free(again);
    }
}

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(refused); i++) {
        struct moot_json *j = NULL;
        struct moot_error err = {0};
        int status = moot__json_parse(refused[i].data, refused[i].len, &j, &err);
        if (status != MOOT_ESYNTAX)
            fail_msg("case %zu, %s: %s", i, refused[i].data, moot__status_text(status));
        assert_null(j);
        assert_non_null(strstr(err.message, "byte"));
    }
}

/* What cJSON 1.7.15 lets through, and what could be done with it. */
static void cjson_attacks(void **state)
{
    (void)state;
    static const struct text attacks[] = {
        TEXT("{\"amount\":1,\"amount\":999}"),
        TEXT("\"safe\\u0000; rm -rf\""),
        TEXT("{\"a\":1}xyz"),
        TEXT("\xef\xbb\xbf{}"),
        TEXT("01"),
        TEXT("1."),
        TEXT("\"a\nb\""),
        TEXT("\"\xc0\xaf\""),
    };
    for (size_t i = 0; i < MOOT_COUNT(attacks); i++) {
        struct moot_json *j = NULL;
        assert_int_equal(moot__json_parse(attacks[i].data, attacks[i].len, &j, NULL), MOOT_ESYNTAX);
        assert_null(j);
    }

    struct moot_json *j = read_text("{\"Role\":\"admin\",\"role\":\"user\"}");
    assert_string_equal(moot__json_get_text(j, "role", "none"), "user");
    assert_string_equal(moot__json_get_text(j, "ROLE", "none"), "none");
    moot__json_free(j);

    static const char *const numbers[] = {"9007199254740993", "9223372036854775807", "1e400"};
    for (size_t i = 0; i < MOOT_COUNT(numbers); i++) {
        j = read_text(numbers[i]);
        assert_string_equal(moot__json_digits(j), numbers[i]);
        struct moot_buf out;
        moot__buf_init(&out, 100);
        assert_int_equal(moot__json_write_canonical(j, &out, NULL), MOOT_EINVAL);
        moot__buf_release(&out);
        moot__json_free(j);
    }
}

static int parse_nested(size_t depth, bool object)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (size_t i = 0; i < depth; i++)
        moot__buf_adds(&text, object ? "{\"a\":" : "[");
    moot__buf_adds(&text, "1");
    for (size_t i = 0; i < depth; i++)
        moot__buf_addc(&text, object ? '}' : ']');
    struct moot_json *j = NULL;
    int status = moot__json_parse(text.data, text.len, &j, NULL);
    moot__json_free(j);
    moot__buf_release(&text);
    return status;
}

static void limits(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(MOOT_MAX_DEPTH, false), MOOT_OK);
    assert_int_equal(parse_nested(MOOT_MAX_DEPTH + 1, false), MOOT_ETOOBIG);
    assert_int_equal(parse_nested(100000, false), MOOT_ETOOBIG);
    assert_int_equal(parse_nested(MOOT_MAX_DEPTH, true), MOOT_OK);
    assert_int_equal(parse_nested(MOOT_MAX_DEPTH + 1, true), MOOT_ETOOBIG);

    size_t len = MOOT_MAX_JSON + 1;
    char *text = malloc(len);
    memset(text, ' ', len);
    text[0] = '1';
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(text, len, &j, NULL), MOOT_ETOOBIG);
    assert_int_equal(moot__json_parse(text, len - 1, &j, NULL), MOOT_OK);
    moot__json_free(j);
    for (size_t i = 0; i < len; i += 2)
        memcpy(text + i, i == 0 ? "[1" : ",1", i + 1 < len ? 2 : 1);
    assert_int_equal(moot__json_parse(text, len - 1, &j, NULL), MOOT_ETOOBIG);
    assert_null(j);
    free(text);
}

/* 100,000 keys are checked in time, whatever their order. */
static void many_keys(void **state)
{
    (void)state;
    enum { KEYS = 100000 };
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (int i = 0; i < KEYS; i++)
        moot__buf_addf(&text, "%c\"key%d\":0", i == 0 ? '{' : ',', KEYS - i);
    moot__buf_adds(&text, "}");
    struct moot_json *j = read_ok(text.data, text.len);
    assert_int_equal(moot__json_count(j), KEYS);
    struct moot_json *copy = moot__json_copy(j);
    assert_true(moot__json_equal(j, copy));
    moot__json_free(copy);
    moot__json_free(j);
    moot__buf_truncate(&text, text.len - 1);
    moot__buf_adds(&text, ",\"key7\":1}");
    struct moot_error err = {0};
    assert_int_equal(moot__json_parse(text.data, text.len, &j, &err), MOOT_ESYNTAX);
    assert_non_null(strstr(err.message, "\"key7\" twice"));
    moot__buf_release(&text);
}

static void copied_member(void **state)
{
    (void)state;
    const char *text = "{\"a\":{\"b\":1}}";
    struct moot_json *j = read_ok(text, strlen(text));
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    assert_int_equal(moot__json_add(list, moot__json_copy(moot__json_get(j, "a"))), 0);
    assert_int_equal(moot__json_set(j, "c", list), 0);
    char *got = moot__json_string(j);
    assert_string_equal(got, "{\"a\":{\"b\":1},\"c\":[{\"b\":1}]}");
    free(got);
    moot__json_free(j);
}

static void error_places(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[1, x]", "'x' at byte 4 where a value"},
        {"{\"a\" 1}", "'1' at byte 5 where ':'"},
        {"[1", "ends at byte 2 where ',' or ']'"},
        {"[\"\xc3\"]", "not UTF-8 at byte 2"},
        {"[01]", "number at byte 1: 01"},
        {"[\"\\q\"]", "'q' at byte 3 where one of"},
        {"[1]\x01", "byte 0x01 at byte 3 where the end"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_json *j = NULL;
        struct moot_error err = {0};
        assert_int_equal(moot__json_parse(cases[i][0], strlen(cases[i][0]), &j, &err),
                         MOOT_ESYNTAX);
        if (strstr(err.message, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], err.message);
    }
}

static void looking(void **state)
{
    (void)state;
    struct moot_json *j = read_text("{\"t\":\"x\",\"n\":12.50,\"i\":3e1,\"b\":true,\"l\":[1,2,3]}");
    assert_int_equal(moot__json_type(j), MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_count(j), 5);
    assert_string_equal(moot__json_get_text(j, "t", "none"), "x");
    assert_string_equal(moot__json_get_text(j, "n", "none"), "none");
    assert_string_equal(moot__json_digits(moot__json_get(j, "n")), "12.50");
    assert_int_equal(moot__json_get_int(j, "i", 7), 30);
    assert_int_equal(moot__json_get_int(j, "n", 7), 7);
    assert_true(moot__json_get_bool(j, "b", false));
    assert_true(moot__json_get_bool(j, "t", true));
    const struct moot_json *list = moot__json_get(j, "l");
    assert_string_equal(moot__json_digits(moot__json_at(list, 2)), "3");
    assert_null(moot__json_at(list, 3));
    assert_null(moot__json_key(moot__json_first(list)));
    assert_string_equal(moot__json_key(moot__json_next(moot__json_first(j))), "n");
    assert_null(moot__json_get(list, "l"));
    assert_null(moot__json_text(list));
    moot__json_free(j);
}

static void absent(void **state)
{
    (void)state;
    int64_t n = 5;
    assert_int_equal(moot__json_type(NULL), MOOT_JSON_NULL);
    assert_false(moot__json_is(NULL, MOOT_JSON_NULL));
    assert_false(moot__json_true(NULL));
    assert_null(moot__json_text(NULL));
    assert_null(moot__json_digits(NULL));
    assert_false(moot__json_int(NULL, &n));
    assert_int_equal(moot__json_count(NULL), 0);
    assert_null(moot__json_at(NULL, 0));
    assert_null(moot__json_get(NULL, "a"));
    assert_int_equal(moot__json_get_int(NULL, "a", 7), 7);
    assert_null(moot__json_first(NULL));
    assert_null(moot__json_next(NULL));
    assert_null(moot__json_key(NULL));
    assert_true(moot__json_equal(NULL, NULL));
    assert_null(moot__json_take(NULL, "a"));
    assert_null(moot__json_edit(NULL, "a"));
    assert_null(moot__json_edit_at(NULL, 0));
    moot__json_free(NULL);
    assert_null(moot__json_copy(NULL));
}

static void equality(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"{\"a\":1,\"b\":[1.0,\"x\"]}", "{\"b\":[1,\"x\"],\"a\":1e0}"},
        {"0", "-0.0"},
        {"[]", "[ ]"},
    };
    static const char *const different[][2] = {
        {"{\"a\":1}", "{\"a\":1,\"b\":1}"},
        {"{\"a\":1}", "{\"b\":1}"},
        {"[1,2]", "[2,1]"},
        {"[1]", "[1,1]"},
        {"1", "\"1\""},
        {"true", "false"},
        {"0", "false"},
        {"null", "false"},
        {"[]", "{}"},
        {"9007199254740993", "9007199254740992"},
        {"\"a\"", "\"A\""},
    };
    for (size_t i = 0; i < MOOT_COUNT(same) + MOOT_COUNT(different); i++) {
        bool alike = i < MOOT_COUNT(same);
        const char *const *pair = alike ? same[i] : different[i - MOOT_COUNT(same)];
        struct moot_json *a = read_text(pair[0]);
        struct moot_json *b = read_text(pair[1]);
        if (moot__json_equal(a, b) != alike || moot__json_equal(b, a) != alike)
            fail_msg("%s and %s", pair[0], pair[1]);
        moot__json_free(a);
        moot__json_free(b);
    }
}

static void building(void **state)
{
    (void)state;
    struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__json_set_text(j, "a", "x\xff"), MOOT_OK);
    assert_string_equal(moot__json_get_text(j, "a", ""), "x\xef\xbf\xbd");
    assert_int_equal(moot__json_set_int(j, "b", INT64_MIN), MOOT_OK);
    /* Replacing keeps the place, at the beginning and at the end. */
    assert_int_equal(moot__json_set_bool(j, "a", true), MOOT_OK);
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    assert_int_equal(moot__json_add(list, moot__json_new_text_n("a\0b\xe2\x82", 5)), MOOT_OK);
    assert_int_equal(moot__json_add(list, NULL), MOOT_ENOMEM);
    assert_int_equal(moot__json_set(j, "c", moot__json_new(MOOT_JSON_NULL)), MOOT_OK);
    assert_int_equal(moot__json_set(j, "c", list), MOOT_OK);
    assert_int_equal(moot__json_set(j, "d", moot__json_new_digits("1.50")), MOOT_OK);
    assert_null(moot__json_new_digits("1."));
    char *text = moot__json_string(j);
    assert_string_equal(text, "{\"a\":true,\"b\":-9223372036854775808,"
                              "\"c\":[\"a\xef\xbf\xbd"
                              "b\xef\xbf\xbd\xef\xbf\xbd\"],\"d\":1.50}");
    free(text);
    struct moot_json *taken = moot__json_take(j, "c");
    assert_null(moot__json_key(taken));
    assert_int_equal(moot__json_add(moot__json_edit(j, "c"), moot__json_copy(taken)), MOOT_ENOMEM);
    assert_int_equal(moot__json_add(taken, moot__json_new_bool(false)), MOOT_OK);
    assert_true(moot__json_is(moot__json_edit_at(taken, 1), MOOT_JSON_BOOL));
    moot__json_free(taken);
    assert_null(moot__json_get(j, "c"));
    assert_int_equal(moot__json_set(NULL, "c", moot__json_new(MOOT_JSON_STRING)), MOOT_ENOMEM);
    moot__json_free(moot__json_take(j, "a"));
    moot__json_free(moot__json_take(j, "d"));
    assert_null(moot__json_take(j, "d"));
    assert_int_equal(moot__json_set_int(j, "e", 1), MOOT_OK);
    text = moot__json_string(j);
    assert_string_equal(text, "{\"b\":-9223372036854775808,\"e\":1}");
    free(text);
    moot__json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),         cmocka_unit_test(refuses),
        cmocka_unit_test(cjson_attacks), cmocka_unit_test(limits),
        cmocka_unit_test(many_keys),     cmocka_unit_test(copied_member),
        cmocka_unit_test(error_places),  cmocka_unit_test(looking),
        cmocka_unit_test(absent),        cmocka_unit_test(equality),
        cmocka_unit_test(building),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
