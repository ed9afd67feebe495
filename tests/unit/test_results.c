#include "cli/results.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static void take(struct moot_results *r, enum moot_kind kind, const char *conv, const char *item,
                 const char *task, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    assert_non_null(m);
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, "someone");
    moot__message_set(&m->item, item);
    moot__message_set(&m->task, task);
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    assert_int_equal(moot__results_message(r, m), MOOT_OK);
    moot__message_unref(m);
}

static void fill(struct moot_results *r)
{
    moot__results_init(r);
    take(r, MOOT_GENESIS, "", NULL, NULL, "{\"items\":2}");
    take(r, MOOT_END, "1/email#1", "a", "email",
         "{\"outcome\":\"rejected\",\"result\":{\"text\":\"bad\"}}");
    take(r, MOOT_END, "1/email#2/judge1", "a", "email",
         "{\"outcome\":\"done\",\"result\":{\"json\":\"{}\"}}");
    take(r, MOOT_END, "1/email#2", "a", "email",
         "{\"outcome\":\"done\",\"result\":{\"json\":\"{\\\"n\\\": 1.50}\"}}");
    take(r, MOOT_END, "1", "a", NULL, "{\"outcome\":\"done\",\"result\":{\"text\":\"sent\\n\"}}");
    take(r, MOOT_END, "2/email#1", "b/../x", "email",
         "{\"outcome\":\"done\",\"result\":{\"text\":\"hi\"}}");
    take(r, MOOT_END, "2", "b/../x", NULL, "{\"outcome\":\"failed\"}");
}

static void check(const struct moot_results *r, struct moot_results_choice choice, bool tty,
                  const char *want)
{
    char *text = NULL;
    size_t len = 0;
    struct moot_cli cli = {.out = open_memstream(&text, &len)};
    cli.out_term = (struct moot_term){.tty = tty, .columns = 80};
    moot__results_print(r, &cli, &choice);
    fclose(cli.out);
    assert_string_equal(text, want);
    free(text);
}

static void printed(void **state)
{
    (void)state;
    struct moot_results r;
    fill(&r);
    check(&r, (struct moot_results_choice){0}, false,
          "{\"item\":\"a\",\"outcome\":\"done\",\"result\":\"sent\\n\"}\n"
          "{\"item\":\"b/../x\",\"outcome\":\"failed\",\"result\":null}\n");
    check(&r, (struct moot_results_choice){.item = "a"}, false, "sent\n");
    /* JSON as it was produced, to the digit. */
    check(&r, (struct moot_results_choice){.item = "a", .task = "email"}, false, "{\"n\": 1.50}\n");
    check(&r, (struct moot_results_choice){.task = "email", .json = true, .item = "a"}, false,
          "{\"item\":\"a\",\"task\":\"email\",\"outcome\":\"done\",\"result\":{\"n\": 1.50}}\n");
    check(&r, (struct moot_results_choice){.task = "email"}, true,
          "a\n  n  1.50\n\nb/../x\n  hi\n\n");
    check(&r, (struct moot_results_choice){0}, true, "a\n  sent\n\nb/../x\n  (failed)\n\n");
    check(&r, (struct moot_results_choice){.task = "other"}, false, "");
    moot__results_release(&r);
}

static void written(void **state)
{
    (void)state;
    struct moot_results r;
    struct cli_play play;
    struct moot_error err = {0};
    size_t count = 0;
    fill(&r);
    cli_play_init(&play);
    assert_int_equal(moot__results_write(&r, "out", &count, &err), MOOT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(access("out/a.email.json", R_OK), 0);
    /* A name from elsewhere stays within the folder. */
    assert_int_equal(access("out/b_.._x.email.txt", R_OK), 0);
    assert_int_equal(symlink("/etc/passwd", "out/link"), 0);
    assert_int_not_equal(moot__results_write(&r, "/proc/none", &count, &err), MOOT_OK);
    cli_play_release(&play);
    moot__results_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(printed), cmocka_unit_test(written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
