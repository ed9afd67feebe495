#include "cli/trust.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *parse(const char *text)
{
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(text, strlen(text), &j, NULL), MOOT_OK);
    return j;
}

static void check(const char *crew, const char *want)
{
    struct moot_json *j = parse(crew);
    struct moot_trust t;
    struct moot_buf b;
    moot__buf_init(&b, 65536);
    assert_int_equal(moot__trust_make(j, &t), MOOT_OK);
    moot__trust_print(&t, "crew.yaml", &b);
    assert_string_equal(moot__buf_text(&b), want);
    moot__buf_release(&b);
    moot__trust_release(&t);
    moot__json_free(j);
}

static void what_a_crew_can_do(void **state)
{
    (void)state;
    unsetenv("OPENAI_API_KEY");
    /* A script, and mails that are only shown: nothing. */
    check("{\"models\":[{\"name\":\"default\",\"model\":\"scripted/r.yaml\"}],"
          "\"tools\":[{\"id\":\"send_email\"}]}",
          "");
    check("{\"models\":[{\"name\":\"default\",\"model\":\"openai/gpt\"},"
          "{\"name\":\"own\",\"model\":\"openai/x\",\"base_url\":\"https://llm.example:8443/v1\","
          "\"key\":\"${env:MY_KEY}\"},{\"name\":\"local\",\"model\":\"ollama/llama3.2\"}],"
          "\"input\":{\"name\":\"s\",\"registry\":\"stores.json\"},"
          "\"agents\":[{\"id\":\"coder\",\"workspace\":\"tutor\",\"tools\":[\"read_page\",\"write_"
          "file\"],"
          "\"sandbox\":{\"bind\":[\"data\"]}}],"
          "\"tasks\":[{\"id\":\"t\",\"command\":[\"./check.sh\",\"{output_file}\",\"a b\"],"
          "\"output_file\":\"out/{item.name}.md\",\"check\":[{\"command\":[\"make\",\"test\"]}]}],"
          "\"tools\":[{\"id\":\"send_email\",\"deliver\":\"smtp://mail.example\","
          "\"args\":[{\"name\":\"to\",\"value\":\"{s.email}\"}]},"
          "{\"id\":\"deploy\",\"command\":[\"deploy\"],\"sandbox\":\"none\"},"
          "{\"id\":\"fetch\",\"command\":[\"fetch\"],\"sandbox\":{\"network\":[\"a.example\"]}}]}",
          "crew.yaml can, on this machine:\n"
          "  run       ./check.sh {output_file} 'a b' in the sandbox, no network\n"
          "            deploy                        OUTSIDE the sandbox, as you yourself\n"
          "            fetch                         in the sandbox, with network\n"
          "            make test                     in the sandbox, no network\n"
          "  write     out/{item.name}.md\n"
          "            tutor\n"
          "  reach     a.example                     from the sandbox\n"
          "            any public web page\n"
          "            api.openai.com\n"
          "            llm.example:8443\n"
          "            mail.example\n"
          "            the addresses of stores.json  by e-mail\n"
          "  read      MY_KEY                        from the environment\n"
          "            OPENAI_API_KEY                from the environment\n"
          "            data                          from the sandbox\n");
}

/* A list that hides part of itself is no list. */
static void nothing_hides(void **state)
{
    (void)state;
    check("{\"tasks\":[{\"id\":\"t\",\"command\":[\"ls\\u001b[8m\",\"\\u202esecret\"]}]}",
          "crew.yaml can, on this machine:\n"
          "  run       ls␛[8m <U+202E>secret         in the sandbox, no network\n");
}

static const char writes[] = "{\"tasks\":[{\"id\":\"t\",\"output_file\":\"out/x\"}]}";
static const char more[] = "{\"tasks\":[{\"id\":\"t\",\"output_file\":\"out/x\"},"
                           "{\"id\":\"u\",\"output_file\":\"out/y\"}]}";

static int ask(struct cli_play *play, const char *crew, bool given)
{
    struct moot_json *j = parse(crew);
    struct moot_trust t;
    assert_int_equal(moot__trust_make(j, &t), MOOT_OK);
    play->cli.err = open_memstream(&play->err, &play->err_len);
    play->cli.out = play->cli.err;
    int code = moot__trust_ask(&play->cli, &t, "crew.yaml", given);
    fclose(play->cli.err);
    free(play->err);
    play->err = NULL;
    moot__trust_release(&t);
    moot__json_free(j);
    return code;
}

/* Without a terminal nothing is trusted but what was made here or is said to be. */
static void nobody_to_ask(void **state)
{
    (void)state;
    struct cli_play play;
    struct moot_error err = {0};
    cli_play_init(&play);
    cli_play_file(&play, "crew.yaml", "crew: x\n");
    assert_int_equal(ask(&play, "{}", false), MOOT_EXIT_DONE);
    assert_int_equal(ask(&play, writes, false), MOOT_EXIT_USAGE);
    assert_int_equal(ask(&play, writes, true), MOOT_EXIT_DONE);
    /* --trust is for this once. */
    assert_int_equal(ask(&play, writes, false), MOOT_EXIT_USAGE);
    assert_int_equal(moot__trust_made("crew.yaml", &err), MOOT_OK);
    assert_int_equal(ask(&play, more, false), MOOT_EXIT_DONE);
    assert_int_not_equal(moot__trust_made("nothing.yaml", &err), MOOT_OK);
    cli_play_release(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_crew_can_do),
        cmocka_unit_test(nothing_hides),
        cmocka_unit_test(nobody_to_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
