/* Who may speak next, and who is drawn, ruled or reckoned to. */
#include "roles/speakers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *members[] = {"ann", "bob", "eve", "kim"};
enum { ANN, BOB, EVE, KIM, COUNT };

static int build(const char *text, struct moot_speakers_def *def, struct moot_error *err)
{
    struct moot_json *in = NULL;
    if (text != NULL)
        assert_int_equal(moot__json_parse(text, strlen(text), &in, NULL), MOOT_OK);
    int status = moot__speakers_build(in, def, err);
    moot__json_free(in);
    return status;
}

static void settings(void **state)
{
    (void)state;
    struct moot_speakers_def def;
    assert_int_equal(build(NULL, &def, NULL), MOOT_OK);
    assert_int_equal(def.method, MOOT_SPEAKER_AUTO);
    assert_int_equal(def.fallback, MOOT_SPEAKER_ROUND_ROBIN);
    assert_false(def.repeat);
    moot__speakers_release(&def);
    assert_int_equal(build("{\"next_speaker\":[{\"when\":\"turns > 3\",\"to\":\"eve\"},\"auto\"],"
                           "\"fallback\":\"random\",\"repeat_speaker\":true}",
                           &def, NULL),
                     MOOT_OK);
    assert_int_equal(def.method, MOOT_SPEAKER_RULES);
    assert_int_equal(def.otherwise, MOOT_SPEAKER_AUTO);
    assert_int_equal(def.fallback, MOOT_SPEAKER_RANDOM);
    assert_true(def.repeat);
    moot__speakers_release(&def);
}

static void refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"next_speaker\":\"loudest\"}",
        "{\"next_speaker\":7}",
        "{\"fallback\":\"auto\"}",
        "{\"next_speaker\":[\"auto\",{\"when\":\"true\",\"to\":\"ann\"}]}",
        "{\"next_speaker\":[\"auto\",\"random\"]}",
        "{\"next_speaker\":[{\"when\":\"turns >\",\"to\":\"ann\"}]}",
        "{\"next_speaker\":[{\"when\":\"true\"}]}",
        "{\"next_speaker\":[{\"when\":\"true\",\"to\":\"ann\"},\"loudest\"]}",
    };
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++) {
        struct moot_speakers_def def;
        struct moot_error err = {0};
        if (build(wrong[i], &def, &err) == MOOT_OK)
            fail_msg("%s is taken", wrong[i]);
        assert_string_not_equal(err.message, "");
    }
}

/* Settings, who spoke last ('-': nobody) and who may be next, by first letters. */
static const struct {
    const char *settings;
    char last;
    const char *allowed;
} cases[] = {
    {NULL, '-', "abek"},
    {NULL, 'b', "aek"},
    {"{\"repeat_speaker\":true}", 'b', "abek"},
    {"{\"transitions\":{\"bob\":[\"eve\",\"kim\"]}}", 'b', "ek"},
    {"{\"transitions\":{\"bob\":[\"eve\"]}}", 'a', "bek"}, /* without an entry: all */
    {"{\"transitions\":{\"bob\":[\"eve\"]}}", '-', "abek"},
    {"{\"never\":{\"bob\":[\"ann\"]}}", 'b', "ek"},
    {"{\"transitions\":{\"bob\":[\"ann\",\"eve\"]},\"never\":{\"bob\":[\"ann\"]}}", 'b', "e"},
    /* One that lists itself may speak again; never wins. */
    {"{\"transitions\":{\"bob\":[\"bob\"]}}", 'b', "b"},
    {"{\"repeat_speaker\":true,\"never\":{\"bob\":[\"bob\"]}}", 'b', "aek"},
    {"{\"transitions\":{\"bob\":[]}}", 'b', ""},
    {"{\"transitions\":{\"bob\":[\"nobody\"]}}", 'b', ""},
};

static size_t member(char letter)
{
    size_t i = 0;
    while (i < COUNT && members[i][0] != letter)
        i++;
    return i;
}

static void allowed_after(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_speakers_def def;
        bool allowed[COUNT];
        char may[COUNT + 1] = {0};
        assert_int_equal(build(cases[i].settings, &def, NULL), MOOT_OK);
        size_t count = moot__speakers_allowed(&def, members, COUNT, member(cases[i].last), allowed);
        for (size_t k = 0; k < COUNT; k++)
            if (allowed[k])
                may[strlen(may)] = members[k][0];
        assert_string_equal(may, cases[i].allowed);
        assert_int_equal(count, strlen(cases[i].allowed));
        moot__speakers_release(&def);
    }
}

static void round_robin(void **state)
{
    (void)state;
    const bool all[] = {true, true, true, true}, two[] = {true, false, true, false},
               none[] = {false, false, false, false}, own[] = {false, true, false, false};
    assert_int_equal(moot__speakers_round_robin(COUNT, COUNT, all), ANN);
    assert_int_equal(moot__speakers_round_robin(COUNT, ANN, all), BOB);
    assert_int_equal(moot__speakers_round_robin(COUNT, KIM, all), ANN);
    assert_int_equal(moot__speakers_round_robin(COUNT, ANN, two), EVE);
    assert_int_equal(moot__speakers_round_robin(COUNT, EVE, two), ANN);
    assert_int_equal(moot__speakers_round_robin(COUNT, BOB, own), BOB);
    assert_int_equal(moot__speakers_round_robin(COUNT, BOB, none), COUNT);
}

/* Drawn by seed, conversation and turn alone; all allowed ones come, and nobody else. */
static void random_one(void **state)
{
    (void)state;
    const bool allowed[] = {true, false, true, true}, none[] = {false, false, false, false};
    size_t drawn[COUNT] = {0};
    bool differs = false;
    for (int64_t turn = 0; turn < 300; turn++) {
        size_t who = moot__speakers_random(7, "3", turn, COUNT, allowed);
        assert_int_equal(who, moot__speakers_random(7, "3", turn, COUNT, allowed));
        differs = differs || who != moot__speakers_random(7, "4", turn, COUNT, allowed);
        drawn[who]++;
    }
    assert_int_equal(drawn[BOB], 0);
    assert_true(drawn[ANN] > 60 && drawn[EVE] > 60 && drawn[KIM] > 60);
    assert_true(differs);
    assert_int_equal(moot__speakers_random(7, "3", 1, COUNT, none), COUNT);
}

static void rules(void **state)
{
    (void)state;
    struct moot_speakers_def def;
    struct moot_json *scope = NULL;
    struct moot_error err = {0};
    bool allowed[] = {true, true, true, true};
    size_t rule = 99;
    static const char said[] = "{\"message\":\"This fails\",\"speaker\":\"kim\",\"turns\":4}";
    assert_int_equal(moot__json_parse(said, strlen(said), &scope, NULL), MOOT_OK);
    assert_int_equal(build("{\"next_speaker\":[{\"when\":\"speaker == 'ann'\",\"to\":\"kim\"},"
                           "{\"when\":\"message contains 'fails'\",\"to\":\"bob\"},"
                           "{\"when\":\"turns > 3\",\"to\":\"eve\"},\"random\"]}",
                           &def, NULL),
                     MOOT_OK);
    assert_int_equal(moot__speakers_rule(&def, scope, members, COUNT, allowed, &rule, &err), 0);
    assert_int_equal(rule, 1);
    /* A rule leads to nobody who may not speak. */
    allowed[BOB] = false;
    assert_int_equal(moot__speakers_rule(&def, scope, members, COUNT, allowed, &rule, &err), 0);
    assert_int_equal(rule, 2);
    allowed[EVE] = false;
    assert_int_equal(moot__speakers_rule(&def, scope, members, COUNT, allowed, &rule, &err), 0);
    assert_int_equal(rule, def.rule_count);
    moot__speakers_release(&def);
    assert_int_equal(
        build("{\"next_speaker\":[{\"when\":\"message > 3\",\"to\":\"kim\"}]}", &def, NULL),
        MOOT_OK);
    assert_int_equal(moot__speakers_rule(&def, scope, members, COUNT, allowed, &rule, &err),
                     MOOT_EINVAL);
    assert_non_null(strstr(err.message, "message > 3"));
    moot__speakers_release(&def);
    moot__json_free(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),      cmocka_unit_test(refused),
        cmocka_unit_test(allowed_after), cmocka_unit_test(round_robin),
        cmocka_unit_test(random_one),    cmocka_unit_test(rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
