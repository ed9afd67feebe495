#include "runtime/recording.h"

#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct cli_play play;

static int setup(void **state)
{
    (void)state;
    cli_play_init(&play);
    cli_play_hello(&play);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

/* What --normal shows of the last run; the caller frees it. */
static char *normal(void)
{
    cli_play_ends(&play, 0, "show", "--normal");
    return moot__copy(play.out, play.out_len);
}

static void assert_same_run(const char *then)
{
    char *now = normal();
    assert_string_equal(now, then);
    free(now);
}

/* The script is gone: every word comes from the journal, its export or the file of replies. */
static void replays_without_a_model(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "--journal", "r.db",
                  "--record", "r.jsonl");
    cli_play_ends(&play, 0, "show", "r.db", "--normal");
    char *then = moot__copy(play.out, play.out_len);
    cli_play_ends(&play, 0, "show", "r.db", "--json");
    cli_play_file(&play, "export.jsonl", play.out);
    assert_int_equal(remove("replies.yaml"), 0);
    static const char *const recordings[] = {"r.db", "export.jsonl", "r.jsonl"};
    for (size_t i = 0; i < MOOT_COUNT(recordings); i++) {
        cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "--replay", recordings[i]);
        assert_string_equal(play.out, "They are outvoted.\n");
        assert_non_null(strstr(play.err, "1 call, recorded · 0 tokens"));
        assert_same_run(then);
        cli_play_ends(&play, 0, "verify");
    }
    cli_play_ends(&play, 0, "run", "hello.yaml", "--replay", "r.db", "-q"); /* its items too */
    assert_same_run(then);
    free(then);
}

static void a_request_that_is_not_in_it_fails(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "--record", "r.jsonl");
    cli_play_ends(&play, 1, "run", "hello.yaml", "question=y", "--replay", "r.jsonl");
    assert_non_null(
        strstr(play.err, "assistant 1 in 1/answer#1 asks something else than was recorded"));
    cli_play_file(&play, "two.yaml",
                  "crew: two\nmodels: {default: openai/gpt-4.1-mini}\ntasks:\n"
                  "  answer: {prompt: \"Answer in one paragraph: {question}\"}\n"
                  "  more: {prompt: \"{answer}\"}\n");
    /* No key is needed, and no model is asked. */
    cli_play_ends(&play, 1, "run", "two.yaml", "question=x", "--replay", "r.jsonl", "--trust");
    assert_non_null(strstr(play.err, "They are outvoted."));
    assert_non_null(strstr(play.err, "assistant 1 in 1/more#1 is not in the recording"));
}

/* Another model of the same name in the crew is asked the same. */
static void looks_up_by_name_and_request(void **state)
{
    (void)state;
    struct moot_recording *r = NULL;
    struct moot_recorded out;
    struct moot_error err;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q", "--journal", "r.db");
    assert_int_equal(moot__recording_open("r.db", -1, &r, &err), MOOT_OK);
    struct moot_recording_source from;
    moot__recording_source(r, &from);
    assert_string_equal(from.crew, "hello");
    assert_int_equal(from.outcomes, 1);
    assert_int_equal(moot__json_count(from.items), 1);
    struct moot_message *call = moot__message_new(MOOT_MODEL_CALL);
    moot__message_set(&call->conv, "1/answer#1");
    moot__message_set(&call->from, "assistant");
    call->n = 1;
    assert_int_equal(moot__recording_find(r, call, &out), MOOT_FOUND_OTHER);
    call->n = 2;
    assert_int_equal(moot__recording_find(r, call, &out), MOOT_FOUND_NONE);
    moot__message_unref(call);
    moot__recording_free(r);
    /* No further than asked for; and not further than there is. */
    assert_int_equal(moot__recording_open("r.db", 4, &r, &err), MOOT_OK);
    moot__recording_source(r, &from);
    assert_int_equal(from.outcomes, 0);
    moot__recording_free(r);
    assert_int_equal(moot__recording_open("r.db", 900, &r, &err), MOOT_EINVAL);
}

#define HEAD "{\"recording\":1,\"crew\":\"hello\"}\n"
#define CALL "{\"conv\":\"1/answer#1\",\"from\":\"assistant\",\"n\":1,\"kind\":\"model_call\","

/* `3~2` is item 3 begun again: its calls are those of `3`. */
static void what_was_begun_again_is_the_same(void **state)
{
    (void)state;
    struct moot_recording *r = NULL;
    struct moot_recorded out;
    struct moot_error err;
    cli_play_file(&play, "r.jsonl",
                  HEAD "{\"conv\":\"3~2/answer#1/judge1\",\"from\":\"a\",\"n\":1,\"kind\":\"model_"
                       "call\",\"req\":\"q\",\"body\":{\"status\":\"ok\",\"parts\":[]}}\n");
    assert_int_equal(moot__recording_open("r.jsonl", -1, &r, &err), MOOT_OK);
    struct moot_message *call = moot__message_new(MOOT_MODEL_CALL);
    moot__message_set(&call->from, "a");
    call->n = 1;
    call->body = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(call->body, "req", "q");
    static const char *const convs[] = {"3/answer#1/judge1", "3~3/answer#1/judge1"};
    for (size_t i = 0; i < MOOT_COUNT(convs); i++) {
        moot__message_set(&call->conv, convs[i]);
        assert_int_equal(moot__recording_find(r, call, &out), MOOT_FOUND);
    }
    moot__message_set(&call->conv, "3/answer#1~2/judge1");
    assert_int_equal(moot__recording_find(r, call, &out), MOOT_FOUND_NONE);
    moot__message_unref(call);
    moot__recording_free(r);
}

static void hostile_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "is empty"},
        {"hello\n", "cannot be used as a recording"},
        {"{\"recording\":2}\n", "of a form that this moot does not know"},
        {HEAD "x\n", "line 2"},
        {HEAD "[]\n", "no JSON object"},
        {HEAD "{}\n", "'kind'"},
        {HEAD "{\"kind\":\"close\"}\n", "'kind'"},
        {HEAD "{\"kind\":\"tool_call\",\"conv\":\"1\",\"from\":\"a\",\"n\":0}\n", "lacks"},
        {HEAD CALL "\"req\":\"q\"}\n", "no 'body'"},
        {HEAD CALL "\"body\":{}}\n", "'status'"},
        {HEAD CALL "\"body\":{\"status\":\"denied\"}}\n", "'status'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"parts\":[1]}}\n", "'parts'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"parts\":{}}}\n", "'parts'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"calls\":[{\"id\":\"1\"}]}}\n", "'calls'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"usage\":{\"input\":-5}}}\n", "'usage'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"usage\":{\"output\":9e18}}}\n", "'usage'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"cost\":\"-1\"}}\n", "'cost'"},
        {HEAD CALL "\"body\":{\"status\":\"ok\",\"cost\":7}}\n", "'cost'"},
        {HEAD CALL "\"prov\":[\"\"],\"body\":{\"status\":\"ok\"}}\n", "label"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        cli_play_file(&play, "bad.jsonl", cases[i].text);
        int code =
            cli_play(&play, "run", "hello.yaml", "question=x", "--replay", "bad.jsonl", NULL);
        if (code == MOOT_EXIT_DONE || strstr(play.err, cases[i].says) == NULL)
            fail_msg("case %zu: exit %d: %s", i, code, play.err);
    }
}

/* A journal in which a word was changed is no recording. */
static void a_changed_recording_is_refused(void **state)
{
    (void)state;
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=x", "-q");
    cli_play_ends(&play, 0, "show", "--json");
    char *text = moot__copy(play.out, play.out_len);
    memcpy(strstr(text, "outvoted"), "OUTVOTED", 8);
    cli_play_file(&play, "export.jsonl", text);
    free(text);
    cli_play_ends(&play, MOOT_EXIT_CHAIN, "run", "hello.yaml", "--replay", "export.jsonl");
    assert_non_null(strstr(play.err, "cannot be used as a recording"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replays_without_a_model, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_that_is_not_in_it_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(looks_up_by_name_and_request, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_begun_again_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_files, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_recording_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
