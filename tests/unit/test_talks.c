/* Who can be spoken to in a run: those who take part in what is open. */
#include "cli/talks.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void take(struct moot_talks *t, enum moot_kind kind, const char *conv, const char *item,
                 const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->run, "00112233445566778899aabbccddeeff");
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, MOOT_HOST);
    moot__message_set(&m->item, item);
    assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    assert_int_equal(moot__talks_message(t, m), MOOT_OK);
    moot__message_unref(m);
}

/* Two items that talk, an inner conversation of the second, a third that has ended, a task. */
static void open_some(struct moot_talks *t)
{
    static const char pair[] = "{\"participants\":[\"pair\",\"user\",\"coder\"]}";
    moot__talks_init(t);
    take(t, MOOT_OPEN, "1", "socks", pair);
    take(t, MOOT_OPEN, "2", "jars", pair);
    take(t, MOOT_OPEN, "2/chat1", "jars", "{\"participants\":[\"pair\",\"coder\",\"critic\"]}");
    take(t, MOOT_OPEN, "3", "hats", pair);
    take(t, MOOT_OPEN, "3/chat1", "hats", pair);
    take(t, MOOT_END, "3", "hats", "{}");
    take(t, MOOT_OPEN, "4", "bags", "{\"participants\":[\"graph\"]}");
}

struct spoken {
    const char *agent, *item, *conv;
    const char *why, *hint; /* where conv is NULL */
};

static const struct spoken cases[] = {
    {"coder", "socks", "1", NULL, NULL},
    {"coder", "1", "1", NULL, NULL},
    {"coder", "jars", "2/chat1", NULL, NULL},
    {"user", "jars", "2", NULL, NULL},
    {"critic", NULL, "2/chat1", NULL, NULL},
    {"coder", NULL, NULL, "several items", "--item jars"},
    {"codr", NULL, NULL, "no 'codr' takes part", "did you mean 'coder'?"},
    {"pair", "socks", NULL, "no 'pair' takes part", "there are: user, coder"},
    {"coder", "hats", NULL, "nobody talks", "only conversations"},
    {"coder", "bags", NULL, "nobody talks", "only conversations"},
};

static void who_is_spoken_to_takes_part_in_one_item(void **state)
{
    (void)state;
    struct moot_talks t;
    open_some(&t);
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct spoken *s = &cases[i];
        struct moot_error err = {0};
        const struct moot_open_talk *talk = moot__talks_find(&t, s->agent, s->item, &err);
        if ((talk == NULL) != (s->conv == NULL) ||
            (talk != NULL && strcmp(talk->conv, s->conv) != 0))
            fail_msg("case %zu: %s %s", i, talk != NULL ? talk->conv : "none", err.message);
        if (talk == NULL &&
            (strstr(err.message, s->why) == NULL || strstr(err.hint, s->hint) == NULL))
            fail_msg("case %zu: %s; %s", i, err.message, err.hint);
    }
    moot__talks_release(&t);
}

static void nobody_is_left_in_a_closed_run(void **state)
{
    (void)state;
    struct moot_talks t;
    struct moot_error err = {0};
    open_some(&t);
    take(&t, MOOT_END, "1", "socks", "{}");
    take(&t, MOOT_END, "2", "jars", "{}");
    take(&t, MOOT_CLOSE, "", NULL, "{}");
    assert_null(moot__talks_find(&t, "coder", NULL, &err));
    assert_non_null(strstr(err.message, "is closed"));
    moot__talks_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_spoken_to_takes_part_in_one_item),
        cmocka_unit_test(nobody_is_left_in_a_closed_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
