#include "runtime/script.h"
#include "tests/lib/temp_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_script *load(const char *suffix, const char *text)
{
    char *path = temp_file(suffix, text);
    struct moot_script *script = NULL;
    struct moot_error err = {0};
    if (moot__script_load(path, &script, &err) != MOOT_OK)
        fail_msg("%s", err.message);
    temp_file_remove(path);
    return script;
}

static struct moot_call_place place_of(const char *agent, const char *task, const char *item,
                                       int attempt, int step)
{
    return (struct moot_call_place){.conv = "1",
                                    .agent = agent,
                                    .task = task,
                                    .item = item,
                                    .attempt = attempt,
                                    .step = step,
                                    .n = 1};
}

/* The reply that a request gets, with its placeholders filled in; "" when none. */
static char *ask(struct moot_script *script, struct moot_call_place place, const char *said)
{
    static char text[256];
    const struct moot_script_reply *reply = NULL;
    struct moot_buf out;
    text[0] = '\0';
    if (moot__script_find(script, &place, said, &reply, NULL) != MOOT_OK)
        return text;
    moot__buf_init(&out, sizeof(text) - 1);
    assert_int_equal(moot__script_fill(reply, &place, &out), MOOT_OK);
    snprintf(text, sizeof(text), "%s", moot__buf_text(&out));
    moot__buf_release(&out);
    return text;
}

static void first_unused_match_wins(void **state)
{
    (void)state;
    struct moot_script *s = load(".yaml", "- {task: email, item: a, attempt: 2, reply: second}\n"
                                          "- {task: email, item: a, reply: any}\n"
                                          "- {agent: judge, reply: fine, repeat: true}\n"
                                          "- {step: 3, reply: third}\n"
                                          "- {item: 7, text: socks, reply: heard}\n");
    assert_string_equal(ask(s, place_of("w", "email", "a", 2, 1), NULL), "second");
    assert_string_equal(ask(s, place_of("w", "email", "a", 2, 1), NULL), "any");
    assert_string_equal(ask(s, place_of("w", "email", "a", 2, 1), NULL), "");
    assert_string_equal(ask(s, place_of("judge", "email", "a", 1, 1), NULL), "fine");
    assert_string_equal(ask(s, place_of("judge", NULL, NULL, 1, 1), NULL), "fine");
    assert_string_equal(ask(s, place_of("w", NULL, NULL, 1, 3), NULL), "third");
    assert_string_equal(ask(s, place_of("w", NULL, "7", 1, 1), "two shoes"), "");
    assert_string_equal(ask(s, place_of("w", NULL, "7", 1, 1), "three socks"), "heard");
    moot__script_free(s);
}

static void braces_are_kept_but_for_three(void **state)
{
    (void)state;
    struct moot_script *s =
        load(".json", "[{\"reply\": \"{\\\"a\\\": {\\\"b\\\": \\\"{item}\\\"}} \\\\{item} {x} "
                      "{attempt}/{task} \\\\n\"},"
                      "{\"reply\": {\"name\": \"{item}\", \"n\": [1, 2]}}]");
    assert_string_equal(ask(s, place_of("w", "email", "odd", 2, 1), NULL),
                        "{\"a\": {\"b\": \"odd\"}} {item} {x} 2/email \\n");
    assert_string_equal(ask(s, place_of("w", "email", "a\"b", 2, 1), NULL),
                        "{\"name\":\"a\\\"b\",\"n\":[1,2]}");
    moot__script_free(s);
}

static void settings(void **state)
{
    (void)state;
    struct moot_script *s = load(
        ".yaml", "pace: 1.5s\n"
                 "replies:\n"
                 "- {reply: 42, usage: {input: 10, output: 3}, finish: length}\n"
                 "- {error: {status: 429, retry_after: 2s, message: slow down}, pace: 0}\n"
                 "- {error: {status: network}, reply: what had come}\n"
                 "- {error: {status: 401}}\n"
                 "- {calls: [{name: book, arguments: {n: 4}}, {name: pay, arguments: '{bad'}]}\n");
    struct moot_call_place place = place_of("w", NULL, NULL, 1, 1);
    const struct moot_script_reply *r;
    assert_int_equal(moot__script_find(s, &place, NULL, &r, NULL), MOOT_OK);
    assert_string_equal(r->reply, "42");
    assert_int_equal(r->pace_ms, 1500);
    assert_int_equal(r->input_tokens, 10);
    assert_int_equal(r->output_tokens, 3);
    assert_int_equal(r->cached_tokens, -1);
    assert_string_equal(r->finish, "length");
    assert_int_equal(moot__script_find(s, &place, NULL, &r, NULL), MOOT_OK);
    assert_int_equal(r->error, MOOT_EBUSY);
    assert_true(r->retryable);
    assert_int_equal(r->retry_after_ms, 2000);
    assert_int_equal(r->pace_ms, 0);
    assert_int_equal(moot__script_find(s, &place, NULL, &r, NULL), MOOT_OK);
    assert_int_equal(r->error, MOOT_ENETWORK);
    assert_int_equal(moot__script_find(s, &place, NULL, &r, NULL), MOOT_OK);
    assert_int_equal(r->error, MOOT_EDENIED);
    assert_false(r->retryable);
    assert_int_equal(moot__script_find(s, &place, NULL, &r, NULL), MOOT_OK);
    assert_int_equal(moot__json_count(r->calls), 2);
    moot__script_free(s);
}

static void wrong_files_are_named(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"- {repyl: x}\n", "reply 1: 'repyl'"},
        {"- {reply: x}\n- {task: a}\n", "reply 2 has no reply, calls or error"},
        {"- {reply: x, attempt: 0}\n", "'attempt' is a count"},
        {"- {reply: x, pace: fast}\n", "'pace' is a duration"},
        {"- {reply: []}\n", "'reply' is a text"},
        {"- {error: {status: 200}}\n", "'error' has the members"},
        {"- {error: {status: sadness}}\n", "'error' needs a status"},
        {"- {calls: [{arguments: {}}]}\n", "'calls' is a list"},
        {"- {reply: x, usage: {input: -1}}\n", "'usage' has the members"},
        {"[]\n", "no list of replies"},
        {"- text\n", "reply 1 is no map"},
        {"replies: [{reply: x}]\nspeed: 3\n", "the keys are pace"},
    };
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++) {
        char *path = temp_file(".yaml", wrong[i][0]);
        struct moot_script *script = NULL;
        struct moot_error err = {0};
        assert_int_equal(moot__script_load(path, &script, &err), MOOT_EINVAL);
        if (strstr(err.message, wrong[i][1]) == NULL)
            fail_msg("%s: %s", wrong[i][0], err.message);
        temp_file_remove(path);
    }
    struct moot_script *script;
    struct moot_error err = {0};
    assert_int_not_equal(moot__script_load("/nowhere/replies.yaml", &script, &err), MOOT_OK);
}

static void misses_name_the_nearest(void **state)
{
    (void)state;
    struct moot_script *s = load(".yaml", "- {task: email, item: a, attempt: 1, reply: x}\n"
                                          "- {task: other, reply: y}\n");
    struct moot_call_place place = place_of("w", "email", "a", 2, 1);
    const struct moot_script_reply *r;
    struct moot_error err = {0};
    assert_int_equal(moot__script_find(s, &place, NULL, &r, &err), MOOT_ENOTFOUND);
    assert_non_null(
        strstr(err.message, "no reply for agent w, task email, item a, attempt 2, step 1"));
    assert_non_null(strstr(err.hint, "nearest: reply 1 (task email, item a, attempt 1), "
                                     "whose attempt is another; reply 2"));
    place.attempt = 1;
    assert_int_equal(moot__script_find(s, &place, NULL, &r, &err), MOOT_OK);
    assert_int_equal(moot__script_find(s, &place, NULL, &r, &err), MOOT_ENOTFOUND);
    assert_non_null(strstr(err.hint, "which is used up"));
    struct moot_buf report;
    moot__buf_init(&report, 4096);
    assert_int_equal(moot__script_report(s, &report), MOOT_OK);
    assert_non_null(strstr(moot__buf_text(&report), "reply 2 (task other) was never used\n"));
    assert_null(strstr(moot__buf_text(&report), "reply 1 (task email"));
    assert_non_null(strstr(moot__buf_text(&report), "no reply for agent w"));
    moot__buf_release(&report);
    moot__script_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_unused_match_wins),
        cmocka_unit_test(braces_are_kept_but_for_three),
        cmocka_unit_test(settings),
        cmocka_unit_test(wrong_files_are_named),
        cmocka_unit_test(misses_name_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
