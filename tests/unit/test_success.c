/* Whether a run succeeded, by programs and files. */
#include "cli/success.h"
#include "roles/crew_experiment.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

struct play {
    struct cli_play cli;
    struct moot_results results;
    struct moot_result result;
    struct moot_json *items;
};

static void begin(struct play *p)
{
    cli_play_init(&p->cli);
    cli_play_file(&p->cli, "copy/poem.txt", "Socks in threes\n");
    cli_play_file(&p->cli, "here/look.sh", "grep -q \"$1\" poem.txt || { echo no $1; exit 1; }\n");
    p->result = (struct moot_result){.item = "socks", .text = "a poem of five words"};
    p->results = (struct moot_results){.list = &p->result, .count = 1};
    const char *items = "[{\"name\":\"socks\",\"word\":\"Socks\"}]";
    assert_int_equal(moot__json_parse(items, strlen(items), &p->items, NULL), MOOT_OK);
}

static void end(struct play *p)
{
    moot__json_free(p->items);
    cli_play_release(&p->cli);
}

/* The checks as they come out of an experiment file; what is lacking, "" for nothing. */
static void lacks(struct play *p, const char *checks, const char *wanted)
{
    struct moot_json *experiment = NULL;
    struct moot_error err = {0};
    struct moot_buf why, text;
    char folder[128], here[128];
    bool passed = false;
    snprintf(folder, sizeof(folder), "%s/copy", p->cli.dir);
    snprintf(here, sizeof(here), "%s/here", p->cli.dir);
    moot__buf_init(&why, 65536);
    moot__buf_init(&text, 65536);
    moot__buf_addf(&text, "{\"success\":%s}", checks);
    assert_int_equal(moot__json_parse(moot__buf_text(&text), text.len, &experiment, NULL), MOOT_OK);
    struct moot_success s = {
        .experiment = experiment,
        .items = p->items,
        .item_name = "sock",
        .results = &p->results,
        .folder = folder,
        .here = here,
    };
    int status = moot__success_look(&p->cli.cli, &s, &passed, &why, &err);
    if (status != MOOT_OK)
        fail_msg("%s", err.message);
    assert_string_equal(moot__buf_text(&why), wanted);
    assert_int_equal(passed, wanted[0] == '\0');
    moot__buf_release(&why);
    moot__buf_release(&text);
    moot__json_free(experiment);
}

static void the_result_is_looked_at(void **state)
{
    (void)state;
    struct play p;
    begin(&p);
    lacks(&p, "[]", "");
    lacks(&p, "[{\"pattern\":\"poem\"},{\"length\":{\"min\":5,\"max\":5,\"unit\":\"words\"}}]", "");
    lacks(&p, "[{\"pattern\":\"prose\"},{\"none\":\"five\"}]",
          "the result must match /prose/\nthe result must not match /five/\n");
    lacks(&p, "[{\"that\":\"result contains word\",\"else\":\"it names no socks\"}]",
          "it names no socks\n");
    end(&p);
}

static void files_are_looked_for_in_the_copy(void **state)
{
    (void)state;
    struct play p;
    begin(&p);
    lacks(&p, "[{\"file\":\"poem.txt\"}]", "");
    lacks(&p, "[{\"file\":\"{sock.word}.txt\"}]", "there is no file 'Socks.txt'\n");
    lacks(&p, "[{\"file\":\"../here/look.sh\"}]", "'../here/look.sh' leads out of the folder\n");
    end(&p);
}

static void programs_run_in_the_copy(void **state)
{
    (void)state;
    struct play p;
    begin(&p);
    lacks(&p, "[{\"command\":[\"sh\",\"{here}/look.sh\",\"{word}\"]}]", "");
    lacks(&p, "[{\"command\":[\"sh\",\"{here}/look.sh\",\"shoes\"]}]", "no shoes\n");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_is_looked_at),
        cmocka_unit_test(files_are_looked_for_in_the_copy),
        cmocka_unit_test(programs_run_in_the_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
