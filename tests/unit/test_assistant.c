/* What the role adds to working and judging: which of them a conversation is for. */
#include "roles/assistant.h"

#include "roles/roles.h"
#include "runtime/message.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { NOTHING = -1 };

/* The kind of the one effect it utters; NOTHING: none. */
static int step(void *self, const char *conv, enum moot_kind kind, const char *task)
{
    struct moot_message *m = moot__message_new(kind);
    struct moot_effects fx;
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, "host");
    moot__message_set(&m->task, task);
    m->n = 1;
    m->body = moot__json_new(MOOT_JSON_OBJECT);
    moot__effects_init(&fx, 1);
    assert_int_equal(moot__assistant.step(self, m, &fx), MOOT_OK);
    assert_true(fx.count <= 1);
    int uttered = fx.count == 0 ? NOTHING : (int)fx.list[0].kind;
    moot__effects_release(&fx);
    moot__message_unref(m);
    return uttered;
}

/* The conversation's own name decides, for a judge's is of the same task. */
static void what_it_does(void **state)
{
    (void)state;
    static const struct {
        const char *conv, *task;
        bool works;
    } cases[] = {
        {"3/mail#1", "mail", true},         {"3~2/mail#12", "mail", true},
        {"3/mail#1/judge1", "mail", false}, {"3/mailing#1", "mail", false},
        {"3/other#1", "other", false},      {"3/mail#1", NULL, false},
    };
    struct moot_crew_def *crew = pure_crew_make(
        "{\"agents\":[{\"id\":\"ann\"}],\"tasks\":[{\"id\":\"mail\",\"agent\":\"ann\","
        "\"prompt\":\"Go\"}]}");
    const struct moot_persona persona = {crew, &crew->agents[0]};
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        struct moot_seat seat = {sizeof(seat), "ann", cases[i].conv};
        void *self = NULL;
        assert_int_equal(moot__assistant.init(&persona, &seat, &self), MOOT_OK);
        /* Before its `open` it does nothing; then it asks a model, or has no result to judge. */
        assert_int_equal(step(self, cases[i].conv, MOOT_MSG, cases[i].task), NOTHING);
        assert_int_equal(step(self, cases[i].conv, MOOT_OPEN, cases[i].task),
                         cases[i].works ? MOOT_FX_MODEL_CALL : MOOT_FX_DONE);
        /* One begins once. */
        assert_int_equal(step(self, cases[i].conv, MOOT_OPEN, cases[i].task), NOTHING);
        moot__assistant.release(self);
    }
    pure_crew_free(crew);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
