/* The crew of `moot pair`. (The manager of the process `pair` is tested where its talk is.) */
#include "cli/pair_crew.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static void the_crew_is_written_as_a_person_would(void **state)
{
    (void)state;
    struct moot_pair p = {.goal = "  A poem.\n\nAbout \"socks\": three\n",
                          .tools = "write_file, run_tests",
                          .model = "openai/gpt-4.1",
                          .coder_model = "ollama/llama3.2",
                          .turns = 9};
    struct moot_buf out;
    struct moot_error err = {0};
    moot__buf_init(&out, 65536);
    assert_int_equal(moot__pair_crew(&p, &out, &err), MOOT_OK);
    assert_string_equal(
        moot__buf_text(&out),
        "crew: pair\n"
        "models:\n"
        "  default: \"openai/gpt-4.1\"\n"
        "  coder: \"ollama/llama3.2\"\n"
        "process: pair\n"
        "agents:\n"
        "  user:                                   # knows the goal, and no tool\n"
        "    kind: user_proxy\n"
        "    goal: |\n"
        "      A poem.\n"
        "\n"
        "      About \"socks\": three\n"
        "  coder:\n"
        "    kind: assistant\n"
        "    role: Assistant\n"
        "    backstory: |\n"
        "      You do what you are asked, with your tools where you have them, and report what "
        "you\n"
        "      did in a few sentences. You do not guess what else may be wanted.\n"
        "    model: coder\n"
        "    tools: [\"write_file\", \"run_tests\"]\n"
        "    workspace: \"workspace\"\n"
        "limits: {turns: 9}\n");
    p.goal = " \n";
    assert_int_equal(moot__pair_crew(&p, &out, &err), MOOT_EUSAGE);
    moot__buf_release(&out);
}

static const char replies[] = "- {agent: user, reply: Write a poem about socks into poem.txt.}\n"
                              "- {agent: coder, calls: [{name: write_file, arguments: "
                              "{path: poem.txt, text: Socks}}]}\n"
                              "- {agent: coder, reply: It is there.}\n"
                              "- {agent: user, calls: [{name: finish, arguments: "
                              "{result: A poem in poem.txt}}]}\n";

static void a_pair_runs_without_a_file(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_file(&play, "replies.yaml", replies);
    cli_play_ends(&play, 2, "pair");
    assert_non_null(strstr(play.err, "a pair needs a goal"));
    /* nobody can be asked whether it may write */
    cli_play_ends(&play, 2, "pair", "--goal", "A poem", "--tools", "write_file", "--model",
                  "scripted/replies.yaml");
    assert_non_null(strstr(play.err, "write     workspace"));
    cli_play_ends(&play, 0, "pair", "--goal", "A poem", "--tools", "write_file", "--model",
                  "scripted/replies.yaml", "--trust");
    assert_string_equal(play.out, "A poem in poem.txt\n");
    assert_int_equal(access("workspace/poem.txt", F_OK), 0);
    cli_play_ends(&play, 0, "verify");
    cli_play_release(&play);
}

static void what_is_wrong_is_said_as_of_a_file(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_ends(&play, 2, "pair", "--goal", "A poem", "--tools", "write_fil", "--model",
                  "ollama/llama3.2");
    assert_non_null(strstr(play.err, "did you mean 'write_file'?"));
    cli_play_ends(&play, 2, "pair", "--goal", "A poem", "--turns", "many");
    cli_play_release(&play);
}

/* What --print writes is run as it stands. */
static void a_printed_crew_goes_on_from_a_file(void **state)
{
    (void)state;
    struct cli_play play;
    cli_play_init(&play);
    cli_play_file(&play, "replies.yaml", replies);
    cli_play_ends(&play, 0, "pair", "--goal", "A poem", "--tools", "write_file", "--model",
                  "scripted/replies.yaml", "--print");
    cli_play_file(&play, "poem.yaml", play.out);
    cli_play_ends(&play, 0, "check", "poem.yaml");
    cli_play_ends(&play, 0, "run", "poem.yaml", "--trust", "-q");
    assert_string_equal(play.out, "A poem in poem.txt\n");
    cli_play_release(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crew_is_written_as_a_person_would),
        cmocka_unit_test(a_pair_runs_without_a_file),
        cmocka_unit_test(what_is_wrong_is_said_as_of_a_file),
        cmocka_unit_test(a_printed_crew_goes_on_from_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
