/* What every agent does with messages, whatever its role: driven by a role made for the test. */
#include "agents/agent.h"

#include "runtime/message.h"
#include "tests/lib/pure_crew.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Thinks on an `open`; ends on a thought; says what else it was given. */
struct echo {
    int received;
    int thoughts;
};

static int init(struct moot_me *me, void **self)
{
    (void)me;
    *self = calloc(1, sizeof(struct echo));
    return *self == NULL ? MOOT_ENOMEM : MOOT_OK;
}

static int receive(void *self, struct moot_me *me, const struct moot_message *m)
{
    struct echo *e = self;
    struct moot_ask ask = {0};
    e->received++;
    if (moot_message_kind(m) == MOOT_OPEN) {
        moot__think(me, &ask);
        return moot__tell(me, MOOT_ADD_USER, "hello");
    }
    if (moot_message_kind(m) == MOOT_CLOSE) {
        moot__finish_failed(me, "limit", "enough");
        return MOOT_OK;
    }
    return moot_message_kind(m) == MOOT_ERROR ? MOOT_EINVAL : MOOT_OK;
}

static int thought(void *self, struct moot_me *me, const struct moot_thought *end)
{
    struct echo *e = self;
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    e->thoughts++;
    if (end->end == MOOT_THOUGHT_REPLY)
        assert_string_equal(end->text, "hi there");
    else
        assert_int_equal(end->end, MOOT_THOUGHT_CANCELLED);
    moot__json_set_text(body, "outcome", "done");
    moot__finish(me, body);
    return MOOT_OK;
}

static void digest(const void *self, const struct moot_digest *d)
{
    const struct echo *e = self;
    moot__digest_int(d, e->received);
    moot__digest_int(d, e->thoughts);
}

MOOT_ROLE(echo, "echo", 3, .init = init, .receive = receive, .thought = thought, .digest = digest,
          .release = free);

struct fixture {
    struct moot_crew_def *crew;
    struct moot_persona persona;
    struct moot_seat seat;
    void *self;
    struct moot_effects fx;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->crew = pure_crew_make("{}");
    f->persona.crew = f->crew;
    f->seat = (struct moot_seat){sizeof(f->seat), "ann", "3"};
    assert_int_equal(echo.init(&f->persona, &f->seat, &f->self), MOOT_OK);
    moot__effects_init(&f->fx, 1);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    moot__effects_release(&f->fx);
    echo.release(f->self);
    pure_crew_free(f->crew);
    free(f);
    return 0;
}

static int step(struct fixture *f, enum moot_kind kind, const char *conv, const char *re_from,
                uint32_t re_n, const char *body)
{
    struct moot_message *m = moot__message_new(kind);
    moot__message_set(&m->conv, conv);
    moot__message_set(&m->from, "host");
    moot__message_set(&m->re_from, re_from);
    m->n = 9;
    m->re_n = re_n;
    if (body != NULL)
        assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    moot__effects_release(&f->fx);
    int rc = echo.step(f->self, m, &f->fx);
    moot__message_unref(m);
    return rc;
}

static void a_turn(void **state)
{
    struct fixture *f = *state;
    static const char ok[] =
        "{\"status\":\"ok\",\"parts\":[{\"text\":\"hi \"},{\"text\":\"there\"}]}";
    assert_int_equal(step(f, MOOT_OPEN, "3", NULL, 0, "{}"), MOOT_OK);
    assert_int_equal(f->fx.count, 1);
    assert_int_equal(f->fx.list[0].kind, MOOT_FX_MODEL_CALL);
    assert_string_equal(f->fx.list[0].think.model, "default");
    uint32_t n = f->fx.list[0].n;
    /* Another's call, another count, another conversation: not mine. */
    assert_int_equal(step(f, MOOT_MODEL_REPLY, "3", "bob", n, ok), MOOT_OK);
    assert_int_equal(step(f, MOOT_MODEL_REPLY, "3", "ann", n + 1, ok), MOOT_OK);
    assert_int_equal(step(f, MOOT_MODEL_REPLY, "4", "ann", n, ok), MOOT_OK);
    assert_int_equal(step(f, MOOT_TOOL_RESULT, "3", "ann", n, ok), MOOT_OK);
    assert_int_equal(f->fx.count, 0);
    assert_int_equal(step(f, MOOT_MODEL_REPLY, "3", "ann", n, ok), MOOT_OK);
    assert_int_equal(f->fx.count, 1);
    assert_int_equal(f->fx.list[0].kind, MOOT_FX_DONE);
    /* After the end nothing matters. */
    assert_int_equal(step(f, MOOT_ERROR, "3", NULL, 0, NULL), MOOT_OK);
    assert_int_equal(f->fx.count, 0);
}

/* Ending gives up the call that is out, and says why. */
static void ended_while_thinking(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(step(f, MOOT_OPEN, "3", NULL, 0, "{}"), MOOT_OK);
    uint32_t n = f->fx.list[0].n;
    assert_int_equal(step(f, MOOT_CLOSE, "3", NULL, 0, "{}"), MOOT_OK);
    assert_int_equal(f->fx.count, 2);
    assert_int_equal(f->fx.list[0].kind, MOOT_FX_CANCEL);
    assert_int_equal(f->fx.list[0].cancel_n, n);
    const struct moot_json *body = f->fx.list[1].body;
    assert_string_equal(moot__json_get_text(body, "outcome", ""), "failed");
    assert_string_equal(moot__json_get_text(body, "stop", ""), "limit");
    assert_string_equal(moot__json_get_text(body, "detail", ""), "enough");
}

static void cancelled_from_outside(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(step(f, MOOT_OPEN, "3", NULL, 0, "{}"), MOOT_OK);
    uint32_t n = f->fx.list[0].n;
    assert_int_equal(step(f, MOOT_MODEL_REPLY, "3", "ann", n, "{\"status\":\"cancelled\"}"),
                     MOOT_OK);
    assert_int_equal(f->fx.list[0].kind, MOOT_FX_DONE);
}

/* A redacted reply is a failed one; a role's own failure is the step's. */
static void failures(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(step(f, MOOT_ERROR, "3", NULL, 0, NULL), MOOT_EINVAL);
    assert_int_equal(echo.version, 3);
    assert_string_equal(echo.name, "echo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ended_while_thinking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_from_outside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
