#include "runtime/redaction.h"

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
    cli_play_ends(&play, 0, "run", "hello.yaml", "question=the red fox", "-q", "--journal", "r.db");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cli_play_release(&play);
    return 0;
}

static bool file_holds(const char *path, const char *words)
{
    struct moot_buf b;
    bool found = false;
    size_t len = strlen(words);
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return false;
    moot__buf_init(&b, MOOT_MAX_JSON);
    for (int c = getc(f); c != EOF; c = getc(f))
        moot__buf_addc(&b, (char)c);
    fclose(f);
    for (size_t i = 0; i + len <= b.len && !found; i++)
        found = memcmp(b.data + i, words, len) == 0;
    moot__buf_release(&b);
    return found;
}

static bool run_holds(const char *words)
{
    return file_holds("r.db", words) || file_holds("r.db-wal", words);
}

static void the_bytes_go_and_the_proof_stays(void **state)
{
    (void)state;
    assert_true(run_holds("red fox"));
    cli_play_ends(&play, 2, "redact", "r.db", "1");
    assert_non_null(strstr(play.err, "the text stands in 3 other messages too"));
    assert_true(run_holds("red fox"));
    cli_play_ends(&play, 0, "redact", "r.db", "1", "--with-quotes", "--why", "asked for by Lin");
    assert_non_null(strstr(play.err, "removed the text of 4 messages"));
    assert_false(run_holds("red fox"));
    cli_play_ends(&play, 0, "verify", "r.db");
    assert_non_null(strstr(play.out, "chain unbroken"));
    assert_non_null(strstr(play.out, "redacted 4"));
    cli_play_ends(&play, 0, "show", "r.db");
    assert_non_null(strstr(play.out, "removed the text of 1, 2, 3, 4: asked for by Lin"));
    /* Again, and of an export; the words that remain are removed alone. */
    cli_play_ends(&play, 0, "redact", "r.db", "5", "--alone");
    assert_non_null(strstr(play.err, "2 other messages hold it still"));
    cli_play_ends(&play, 0, "show", "r.db");
    assert_non_null(strstr(play.out, "(removed by the owner)"));
    cli_play_ends(&play, 0, "show", "r.db", "--json");
    cli_play_file(&play, "export.jsonl", play.out);
    cli_play_ends(&play, 0, "verify", "export.jsonl");
    assert_non_null(strstr(play.out, "redacted 5"));
}

static void what_cannot_be_removed(void **state)
{
    (void)state;
    static const struct {
        const char *n, *says;
    } cases[] = {
        {"0", "message 0 is a genesis"},   {"8", "message 8 is a close"},
        {"99", "there is no message 99"},  {"-1", "there is no message -1"},
        {"one", "is no message's number"},
    };
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        if (cli_play(&play, "redact", "r.db", "--alone", "--", cases[i].n, NULL) == 0 ||
            strstr(play.err, cases[i].says) == NULL)
            fail_msg("case %zu: exit %d: %s", i, play.code, play.err);
    }
    cli_play_ends(&play, 0, "redact", "r.db", "5", "--alone");
    assert_int_not_equal(cli_play(&play, "redact", "r.db", "5", "--alone", NULL), 0);
    assert_non_null(strstr(play.err, "was removed already"));
}

/* By a key of somebody else nothing is removed. */
static void another_owner(void **state)
{
    (void)state;
    char other[128];
    snprintf(other, sizeof(other), "%s/other", play.dir);
    setenv("XDG_CONFIG_HOME", other, 1);
    cli_play_ends(&play, 0, "keys", "--make");
    cli_play_ends(&play, MOOT_EXIT_KEY, "redact", "r.db", "5", "--alone");
    assert_non_null(strstr(play.err, "who alone may remove texts of it"));
    unsetenv("XDG_CONFIG_HOME");
    assert_true(run_holds("outvoted"));
}

static int64_t number_of(const char *kind, const char *conv)
{
    char where[64];
    cli_play_ends(&play, 0, "show", "--messages");
    snprintf(where, sizeof(where), " in %s ", conv);
    for (const char *line = play.out; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        char *text = moot__copy(line, len);
        int64_t seq = strtol(text, NULL, 10);
        bool found = strstr(text, kind) != NULL && strstr(text, where) != NULL;
        free(text);
        if (found)
            return seq;
        line += len + (line[len] == '\n');
    }
    fail_msg("no %s in %s:\n%s", kind, conv, play.out);
    return -1;
}

/* One item has ended and one waits for a person: the run goes on without the text of the first, and
 * does not lose one of the second. */
static void an_open_run_goes_on_without_what_has_ended(void **state)
{
    (void)state;
    cli_play_file(&play, "replies.yaml",
                  "- {item: one, reply: The fox is outvoted.}\n"
                  "- {item: two, reply: The wolf is outvoted.}\n");
    cli_play_file(&play, "pages.yaml",
                  "crew: pages\nmodels: {default: scripted/replies.yaml}\ninput: page\n"
                  "process: graph\n"
                  "tasks:\n  read: {prompt: \"{page.text}\"}\n"
                  "  send: {needs: [read], tool: send_email, approval: always,\n"
                  "         args: {subject: It, body: \"{read}\"}}\n"
                  "tools: {send_email: {args: {to: lin@example.org}}}\n");
    cli_play_file(&play, "one.txt", "about the red fox");
    cli_play_file(&play, "two.txt", "about the grey wolf");
    cli_play_ends(&play, MOOT_EXIT_WAITS, "run", "pages.yaml", "one.txt", "two.txt", "-q");
    cli_play_ends(&play, 0, "runs", "--json");
    struct moot_json *run = NULL;
    assert_int_equal(moot__json_parse(play.out, strcspn(play.out, "\n"), &run, NULL), MOOT_OK);
    char name[16], id[32], n[24];
    snprintf(name, sizeof(name), "%s", moot__json_get_text(run, "run", ""));
    moot__json_free(run);
    snprintf(id, sizeof(id), "%.4s-1", name);
    cli_play_ends(&play, MOOT_EXIT_WAITS, "approve", id, "--resume");
    snprintf(n, sizeof(n), "%lld", (long long)number_of("model_reply", "1/read#1"));
    cli_play_ends(&play, 0, "redact", name, n, "--with-quotes");
    snprintf(n, sizeof(n), "%lld", (long long)number_of("model_reply", "2/read#1"));
    assert_int_not_equal(cli_play(&play, "redact", name, n, "--with-quotes", NULL), 0);
    assert_non_null(strstr(play.err, "could not be gone on with"));
    snprintf(id, sizeof(id), "%.4s-2", name);
    cli_play_ends(&play, 0, "approve", id, "--resume"); /* folds without the fox */
    cli_play_ends(&play, 0, "verify");
    cli_play_ends(&play, 0, "show", "--json");
    assert_null(strstr(play.out, "The fox"));
    assert_non_null(strstr(play.out, "The wolf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_bytes_go_and_the_proof_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(another_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(an_open_run_goes_on_without_what_has_ended, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
