/* What a manager hears in a message of its conversation: who said it, by whom, at what cost. */
#include "roles/said.h"

#include "runtime/message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The message of `body`, said by ann; a turn's answers the manager's message 3. */
static struct moot_message *message(const char *body, bool turn)
{
    struct moot_message *m = moot__message_new(MOOT_MSG);
    moot__message_set(&m->from, "ann");
    if (turn) {
        moot__message_set(&m->re_from, "manager");
        m->re_n = 3;
    }
    if (body != NULL)
        assert_int_equal(moot__json_parse(body, strlen(body), &m->body, NULL), MOOT_OK);
    return m;
}

struct hearing {
    const char *body;
    bool turn;
    struct moot_said want;
};

static void same(const char *name, const char *is, const char *want)
{
    if ((is == NULL) != (want == NULL) || (is != NULL && strcmp(is, want) != 0))
        fail_msg("%s is %s, not %s", name, is != NULL ? is : "none", want != NULL ? want : "none");
}

static const struct hearing cases[] = {
    /* A turn's words are a model's where nothing else is said. */
    {"{\"parts\":[{\"text\":\"Good \"},{\"text\":\"day\"}],"
     "\"usage\":{\"calls\":1,\"tokens\":70,\"cost\":\"12000000\"}}",
     true,
     {.by_model = true, .text = "Good day", .tokens = 70, .cost = 12000000}},
    {"{\"parts\":[{\"text\":\"Go on\"}],\"by\":\"person\"}",
     true,
     {.by_person = true, .text = "Go on"}},
    {"{\"parts\":[],\"by\":\"auto\"}", true, {.text = ""}},
    {"{\"parts\":[{\"text\":\"Done\"}],\"finish\":\"42\"}",
     true,
     {.by_model = true, .text = "Done", .finish = "42"}},
    /* The goal is reached also where the result is no text. */
    {"{\"parts\":[],\"finish\":{\"json\":\"{}\"}}",
     true,
     {.by_model = true, .text = "", .finish = ""}},
    {"{\"parts\":[],\"finish\":null}", true, {.by_model = true, .text = ""}},
    {"{\"parts\":[],\"handoff\":\"bob\"}", true, {.by_model = true, .text = "", .handoff = "bob"}},
    {"{\"parts\":[],\"by\":\"person\",\"exit\":\"person\"}",
     true,
     {.by_person = true, .text = "", .exit = "person"}},
    /* The opening is nobody's words. */
    {"{\"parts\":[{\"text\":\"Say APPROVED\"}],\"opening\":true}",
     false,
     {.opening = true, .text = "Say APPROVED"}},
    /* What comes outside the turns is a person's. */
    {"{\"parts\":[{\"text\":\"Stop that\"}],\"for\":\"bob\"}",
     false,
     {.by_person = true, .text = "Stop that", .next = "bob"}},
    /* Only a turn finishes, hands off and leaves. */
    {"{\"parts\":[],\"finish\":\"x\",\"handoff\":\"bob\",\"exit\":\"person\"}",
     false,
     {.by_person = true, .text = ""}},
    {"{\"failed\":{\"status\":\"timeout\",\"detail\":\"no answer in 60 s\"}}",
     true,
     {.text = "", .failed = "timeout", .detail = "no answer in 60 s"}},
    {"{\"failed\":{}}", true, {.text = "", .failed = "error", .detail = ""}},
    /* A body is hostile: what has the wrong type is not there. */
    {"{\"parts\":7,\"usage\":[],\"calls\":{},\"failed\":\"no\",\"by\":1}",
     true,
     {.by_model = true, .text = ""}},
    {"{\"usage\":{\"tokens\":-5,\"cost\":\"1e9\"}}", true, {.by_model = true, .text = ""}},
    {"{\"usage\":{\"cost\":\"99999999999999999999\"}}", true, {.by_model = true, .text = ""}},
    {NULL, true, {.by_model = true, .text = ""}}, /* redacted */
};

static void hears(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct moot_said *want = &cases[i].want;
        struct moot_message *m = message(cases[i].body, cases[i].turn);
        struct moot_said said;
        assert_int_equal(moot__said_read(m, &said), MOOT_OK);
        same("from", said.from, "ann");
        same("text", said.text, want->text);
        same("finish", said.finish, want->finish);
        same("handoff", said.handoff, want->handoff);
        same("exit", said.exit, want->exit);
        same("next", said.next, want->next);
        same("failed", said.failed, want->failed);
        same("detail", said.detail, want->detail);
        assert_int_equal(said.by_model, want->by_model);
        assert_int_equal(said.by_person, want->by_person);
        assert_int_equal(said.opening, want->opening);
        assert_int_equal(said.tokens, want->tokens);
        assert_int_equal(said.cost, want->cost);
        assert_null(said.calls);
        moot__said_release(&said);
        moot__message_unref(m);
    }
}

static void hears_calls(void **state)
{
    (void)state;
    struct moot_message *m =
        message("{\"parts\":[],\"calls\":[{\"tool\":\"search_web\",\"same\":\"a1\"}]}", true);
    struct moot_said said;
    assert_int_equal(moot__said_read(m, &said), MOOT_OK);
    assert_int_equal(moot__json_count(said.calls), 1);
    moot__said_release(&said);
    moot__message_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears),
        cmocka_unit_test(hears_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
