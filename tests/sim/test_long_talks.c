/* Conversations that are longer than their models or their views hold, on the whole host: what is
 * left out, killed at any commit, folded to the same. */
#include "tests/lib/crew_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TOO_LONG                                                                                   \
    "{\"status\": 400, \"message\": \"This model's maximum context length is 8192 tokens.\"}"
#define LONG_WORDS                                                                                 \
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "    \
    "sixteen seventeen eighteen nineteen twenty, and the same once more from the beginning: one "  \
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "        \
    "sixteen."

static const char steps[] = "crew: steps\n"
                            "models: {default: scripted/replies.json}\n"
                            "agents: {ann: {role: Writer, compaction: {keep_last: 1}}}\n"
                            "tasks:\n"
                            "  write:\n"
                            "    steps:\n"
                            "      - prompt: First.\n"
                            "      - prompt: Second.\n"
                            "      - prompt: Third.\n";

/* Refused at the third step: the middle is told in short, and the call made again. */
static const char refused[] = "[{\"step\": 1, \"reply\": \"" LONG_WORDS "\"},"
                              " {\"step\": 2, \"reply\": \"Two.\"},"
                              " {\"step\": 3, \"error\": " TOO_LONG "},"
                              " {\"step\": 4, \"text\": \"Tell the conversation above in short\","
                              "  \"reply\": \"It counted.\"},"
                              " {\"step\": 5, \"text\": \"Third.\", \"reply\": \"Three.\"}]";

/* Runs it; then again, killed after each commit in turn and taken up: the same run each time. */
static void runs_and_is_killed_anywhere(struct play *p)
{
    play_run(p, false);
    if (p->state != MOOT_RUN_CLOSED)
        fail_msg("not closed: %s", p->error.message);
    char *whole = play_normal(p);
    int points = 0;
    for (int at = 1;; at++, points++) {
        play_again(p);
        p->crash_after = at;
        play_run(p, false);
        p->crash_after = 0;
        if (p->state == MOOT_RUN_CLOSED)
            break;
        play_run(p, true);
        assert_int_equal(p->state, MOOT_RUN_CLOSED);
        char *again = play_normal(p);
        assert_string_equal(again, whole);
        free(again);
    }
    printf("killed after each of %d commits\n", points);
    assert_true(points >= 4);
    free(whole);
}

static void too_long_for_the_endpoint(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, steps, refused);
    runs_and_is_killed_anywhere(&p);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 5);
    assert_int_equal(p.counts[MOOT_SUMMARY], 1);
    assert_true(play_count(&p, "in short:\\n\\nIt counted.") >= 1);
    play_release(&p);
}

#define PAIR(model, teller)                                                                        \
    "crew: talk\n"                                                                                 \
    "models: {default: {model: scripted/replies.json" model "}}\n"                                 \
    "process: pair\n"                                                                              \
    "opening: Count.\n"                                                                            \
    "agents:\n"                                                                                    \
    "  asker: {role: Asker, tools: [read_file], workspace: .}\n"                                   \
    "  teller: {role: Teller" teller "}\n"                                                         \
    "termination: {max_messages: 6}\n"

/* No two turns say the same: that would be no progress. */
static const char counting[] =
    "[{\"agent\": \"teller\", \"step\": 1, \"reply\": \"a " LONG_WORDS "\"},"
    " {\"agent\": \"asker\", \"step\": 1, \"reply\": \"Was there a beginning, Fridolin?\"},"
    " {\"agent\": \"teller\", \"step\": 2, \"reply\": \"Yes: zero, said Balthasar. " LONG_WORDS
    "\"},"
    " {\"agent\": \"asker\", \"step\": 2, \"reply\": \"And what became of the numbers below it?\"},"
    " {\"agent\": \"teller\", \"step\": 3, \"reply\": \"They went south.\"},"
    " {\"agent\": \"asker\", \"step\": 3, \"reply\": \"Thank you.\"}]";

/* How many requests begin anew. */
static int anew(struct play *p)
{
    return play_count(p, "\"base\":null");
}

static void a_conversation_extends_its_requests(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, PAIR("", ""), counting);
    runs_and_is_killed_anywhere(&p);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 6);
    assert_int_equal(anew(&p), 2);
    play_release(&p);
}

static void a_bounded_view_begins_anew(void **state)
{
    (void)state;
    struct play p;
    play_init(&p, PAIR("", ", view: {last: 2}"), counting);
    runs_and_is_killed_anywhere(&p);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 6);
    assert_int_equal(anew(&p), 4); /* the teller at each of its three turns */
    play_release(&p);
}

/* The model's size is known: nothing is sent that it does not hold. */
static void a_small_model_is_sent_what_it_holds(void **state)
{
    (void)state;
    struct play p;
    play_init(&p,
              PAIR(", max_tokens: 50, capabilities: {context: 200}",
                   ", compaction: {by: drop, keep_last: 1}"),
              counting);
    runs_and_is_killed_anywhere(&p);
    assert_int_equal(p.counts[MOOT_MODEL_CALL], 6);
    assert_true(anew(&p) > 2);
    play_release(&p);
}

static const char reading[] =
    "[{\"agent\": \"teller\", \"reply\": \"Read the file.\"},"
    " {\"agent\": \"asker\", \"step\": 1, \"calls\": [{\"name\": \"read_file\","
    "  \"arguments\": {\"path\": \"crew.yaml\"}}]},"
    " {\"agent\": \"asker\", \"reply\": \"It is a crew.\"},"
    " {\"agent\": \"teller\", \"reply\": \"Which one?\"},"
    " {\"agent\": \"asker\", \"reply\": \"One that talks.\"},"
    " {\"agent\": \"teller\", \"reply\": \"I see.\"},"
    " {\"agent\": \"asker\", \"reply\": \"Good.\"}]";

/* What the others call is theirs alone, unless a view says otherwise. */
static void tool_traffic_is_private(void **state)
{
    (void)state;
    static const struct {
        const char *view;
        int told;
    } cases[] = {
        {"", 0},
        {", view: {tools: all}", 1},
        {", view: {kinds: [msg, tool_call]}", 1},
        {", view: {tools: all, from: [asker]}", 1},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        char crew[1024];
        struct play p;
        snprintf(crew, sizeof(crew), PAIR("", "%s"), cases[i].view);
        play_init(&p, crew, reading);
        play_run(&p, false);
        assert_int_equal(p.state, MOOT_RUN_CLOSED);
        assert_int_equal(p.counts[MOOT_TOOL_RESULT], 1);
        assert_int_equal(play_count(&p, "(asker called read_file({"), cases[i].told);
        play_release(&p);
    }
}

/* A model that cannot call tools: what it makes up is cut off before anybody sees it. */
static void tools_in_words(void **state)
{
    (void)state;
    static const char crew[] =
        "crew: words\n"
        "models: {default: {model: scripted/replies.json, capabilities: {tools: false}}}\n"
        "agents: {ann: {role: Reader, tools: [read_file], workspace: .}}\n"
        "tasks: {read: {prompt: What is it?}}\n";
    static const char replies[] =
        "[{\"step\": 1, \"reply\": \"Thought: I read.\\nAction: read_file\\nAction Input: "
        "{\\\"path\\\": \\\"crew.yaml\\\"}\\nObservation: a poem\\nFinal Answer: A poem.\"},"
        " {\"step\": 2, \"text\": \"Observation: crew: words\","
        "  \"reply\": \"Final Answer: A crew.\"}]";
    struct play p;
    play_init(&p, crew, replies);
    runs_and_is_killed_anywhere(&p);
    assert_int_equal(p.totals.done, 1);
    assert_int_equal(p.counts[MOOT_TOOL_RESULT], 1);
    assert_int_equal(play_count(&p, "a poem"), 0);
    assert_true(play_count(&p, "\"A crew.\"") >= 1);
    play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_long_for_the_endpoint),
        cmocka_unit_test(a_conversation_extends_its_requests),
        cmocka_unit_test(a_bounded_view_begins_anew),
        cmocka_unit_test(a_small_model_is_sent_what_it_holds),
        cmocka_unit_test(tool_traffic_is_private),
        cmocka_unit_test(tools_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
