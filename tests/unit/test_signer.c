/* As whom a person on this machine speaks: by the keys that are here, and nobody else's. */
#include "cli/signer.h"
#include "tests/lib/cli_play.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static const char crew[] = "crew: desk\n"
                           "models: {default: scripted/replies.yaml}\n"
                           "process: graph\n"
                           "%s"
                           "tasks:\n"
                           "  answer: {prompt: Answer.}\n";

struct who {
    const char *people;  /* of the crew file; %s: ann's key */
    const char *whom;    /* who is asked; NULL: a word that is no answer */
    const char *is;      /* who may answer here, with ann's key and … */
    const char *without; /* … without; NULL: nobody */
};

static const struct who cases[] = {
    {"", "person", "person", "person"},
    {"", NULL, "person", "person"},
    {"people: {ann: {key: %s}}\n", "ann", "ann", NULL},
    {"people: {ann: {key: %s}}\n", "person", "ann", NULL},
    {"people: {ann: {key: %s}}\n", NULL, "ann", "person"},
    {"people: {ann: {key: %s}, ben: {}}\n", "ann", "ann", NULL},
    {"people: {ann: {key: %s}, ben: {}}\n", "ben", "ben", "ben"},
    {"people: {ann: {key: %s}, ben: {}}\n", "person", "ann", "ben"},
    {"people: {ben: {}}\n", "person", "ben", "ben"},
};

static void make_key(char hex[MOOT_HEX_SIZE])
{
    struct moot_error err = {0};
    struct moot_key *key = NULL;
    bool made = false;
    char *dir = moot__dir_keys();
    assert_int_equal(moot__key_person(dir, "ann", true, &made, &key, &err), MOOT_OK);
    assert_true(made);
    moot__hex(moot__key_bytes(key), 32, hex);
    moot__key_free(key);
    free(dir);
}

static void hide_key(bool hide)
{
    static const char here[] = ".config/folkmoot/keys/ann.key", away[] = "ann.away";
    assert_int_equal(hide ? rename(here, away) : rename(away, here), 0);
}

static void expect(size_t i, const char *journal, const char *want)
{
    char *whom[] = {(char *)(uintptr_t)cases[i].whom};
    struct moot_signer as;
    struct moot_error err = {0};
    bool word = cases[i].whom == NULL;
    int status = moot__signer_find(journal, whom, word ? 0 : 1, word, &as, &err);
    if (want == NULL && (status != MOOT_EKEY || strstr(err.message, "waits for") == NULL))
        fail_msg("case %zu: %s answers, %s", i, as.id, err.message);
    if (want != NULL && (status != MOOT_OK || strcmp(as.id, want) != 0))
        fail_msg("case %zu: %s answers, not %s; %s", i, as.id, want, err.message);
    moot__signer_release(&as);
}

static void the_key_that_is_here_says_who_answers(void **state)
{
    (void)state;
    struct cli_play p;
    char hex[MOOT_HEX_SIZE], people[256], text[1024];
    cli_play_init(&p);
    cli_play_file(&p, "replies.yaml", "- {repeat: true, reply: They are outvoted.}\n");
    make_key(hex);
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        glob_t runs;
        snprintf(people, sizeof(people), cases[i].people, hex); /* NOLINT */
        snprintf(text, sizeof(text), crew, people);
        cli_play_file(&p, "crew.yaml", text);
        cli_play_ends(&p, MOOT_EXIT_DONE, "run", "crew.yaml", "--trust");
        assert_int_equal(glob(".moot/runs/*.db", 0, NULL, &runs), 0);
        expect(i, runs.gl_pathv[0], cases[i].is);
        hide_key(true);
        expect(i, runs.gl_pathv[0], cases[i].without);
        hide_key(false);
        unlink(runs.gl_pathv[0]);
        globfree(&runs);
    }
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_key_that_is_here_says_who_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
