#include "tests/lib/cli_play.h"

#include "runtime/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Two steps, so that the second request extends the first. */
static const char crew[] = "crew: probe\n"
                           "models: {default: scripted/replies.yaml}\n"
                           "agents:\n"
                           "  finder: {role: Finder, goal: \"Names \\u001b[2J\"}\n"
                           "  idle: {role: Nobody}\n"
                           "tasks:\n"
                           "  name:\n"
                           "    agent: finder\n"
                           "    steps:\n"
                           "      - prompt: Think about {thing}.\n"
                           "      - prompt: Write it up.\n"
                           "    output: {name: text}\n";
static const char replies[] = "replies:\n"
                              "  - {reply: I think.}\n"
                              "  - {reply: '{\"name\":\"Argo\"}'}\n";

static void begin(struct cli_play *p)
{
    cli_play_init(p);
    cli_play_file(p, "crew.yaml", crew);
    cli_play_file(p, "replies.yaml", replies);
    cli_play_ends(p, 0, "run", "crew.yaml", "thing=ship", "--trust");
}

static void requests_as_they_were_sent(void **state)
{
    (void)state;
    struct cli_play p;
    struct moot_json *second = NULL;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--agent", "finder", "--json");
    const char *line = strchr(p.out, '\n') + 1;
    assert_int_equal(moot__json_parse(line, strlen(line), &second, NULL), MOOT_OK);
    const struct moot_json *messages = moot__json_get(second, "messages");
    assert_true(moot__json_get_bool(second, "exact", false));
    assert_int_equal(moot__json_count(messages), 4);
    assert_string_equal(moot__json_get_text(moot__json_at(messages, 1), "content", ""),
                        "Think about ship.");
    assert_string_equal(moot__json_get_text(moot__json_at(messages, 2), "role", ""), "assistant");
    assert_string_equal(moot__json_get_text(moot__json_at(messages, 2), "content", ""), "I think.");
    assert_non_null(moot__json_get(second, "schema"));
    moot__json_free(second);
    cli_play_release(&p);
}

static void only_what_is_new_is_shown_again(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--agent", "finder");
    assert_non_null(strstr(p.out, "│ Think about ship."));
    assert_non_null(strstr(p.out, "all 2 of the call before, what was answered, and then\n"
                                  "┌ assistant\n│ I think.\n┌ user\n│ Write it up."));
    assert_non_null(strstr(p.out, "┌ schema\n│ {\n"));
    assert_null(strchr(p.out, '\x1b'));
    assert_null(strstr(p.out, "not exactly"));
    cli_play_release(&p);
}

static void the_system_message_alone(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--agent", "finder", "--system");
    assert_string_equal(p.out, "Your role: Finder\nYour goal: Names ␛[2J\n");
    cli_play_ends(&p, 2, "show", "--system");
    cli_play_release(&p);
}

static void who_the_agents_are(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--agents");
    assert_non_null(strstr(p.out, "finder          assistant · Finder · scripted/replies.yaml\n"
                                  "                2 calls · "));
    assert_non_null(strstr(p.out, "idle            assistant · Nobody · scripted/replies.yaml\n"
                                  "                0 calls · 0 tokens\n"));
    cli_play_ends(&p, 2, "show", "--agent", "nobody");
    assert_non_null(strstr(p.err, "no agent 'nobody' asked a model in this run"));
    assert_non_null(strstr(p.err, "there are: finder"));
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_as_they_were_sent),
        cmocka_unit_test(only_what_is_new_is_shown_again),
        cmocka_unit_test(the_system_message_alone),
        cmocka_unit_test(who_the_agents_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
