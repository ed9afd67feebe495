/* Reading what models answer to errands: as they write it, and no more than it says. */
#include "agents/errand.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *read_json(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

#define PAPER                                                                                      \
    "\"candidates\":[{\"label\":\"A\",\"n\":3,\"text\":\"red socks\"},"                            \
    "{\"label\":\"B\",\"n\":1,\"text\":\"green socks\"}]"
#define BALLOT(more) "{\"round\":2,\"set\":\"s\"," more PAPER "}"
#define AGENTS "{\"agents\":[{\"id\":\"ann\"},{\"id\":\"bob\"}],\"most\":2}"
#define ITEM(id, who, needs)                                                                       \
    "{\"id\":\"" id "\",\"agent\":\"" who "\",\"prompt\":\"do\",\"needs\":[" needs                 \
    "],\"criteria\":[]}"

struct reading {
    enum moot_errand_kind kind;
    const char *input, *said;
    const char *got;     /* NULL: it is refused */
    const char *problem; /* the first line of what is wrong */
};

static const struct reading readings[] = {
    {MOOT_ERRAND_BALLOT, BALLOT(""),
     "{\"approve\":[\" b\",\"Candidate A\",\"B\"],\"reason\":\"r\"}",
     "{\"round\":2,\"set\":\"s\",\"approve\":[1,3],\"reason\":\"r\"}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT(""), "{\"approve\":[],\"confidence\":101}",
     "{\"round\":2,\"set\":\"s\",\"none\":true}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT(""), "{\"approve\":[\"C\"]}", NULL,
     "- 'C' is none of the labels A, B\n"},
    {MOOT_ERRAND_BALLOT, BALLOT(""), "{\"vote\":\"A\"}", NULL,
     "- `approve` is empty and `none` is not true\n"},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"plurality\","), "{\"approve\":[\"A\",\"B\"]}", NULL,
     "- `approve` names more than one\n"},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"borda\","), "{\"rank\":[\"B\",\"A\"],\"confidence\":5}",
     "{\"round\":2,\"set\":\"s\",\"rank\":[1,3],\"confidence\":5}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"borda\","), "{\"rank\":[\"B\"],\"none\":true}",
     "{\"round\":2,\"set\":\"s\",\"none\":true}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"condorcet\","), "{\"rank\":[]}", NULL,
     "- `rank` is empty and `none` is not true\n"},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"median\","),
     "{\"grades\":[{\"label\":\"A\",\"grade\":7},{\"label\":\"B\",\"grade\":0}]}",
     "{\"round\":2,\"set\":\"s\",\"grades\":[{\"n\":3,\"grade\":7},{\"n\":1,\"grade\":0}]}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"median\","),
     "{\"grades\":[{\"label\":\"A\",\"grade\":11}]}", NULL,
     "- the grade of A is not an integer from 0 to 10\n"},
    {MOOT_ERRAND_BALLOT, BALLOT("\"rule\":\"median\","),
     "{\"grades\":[{\"label\":\"A\",\"grade\":1}]}", NULL, "- `grades` leaves some of them out\n"},
    {MOOT_ERRAND_BALLOT, BALLOT("\"gate\":true,"), "{\"objections\":[]}",
     "{\"round\":2,\"set\":\"s\",\"approve\":[3]}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"gate\":true,"),
     "{\"objections\":[{\"what\":\"w\",\"quote\":\"red\",\"severity\":\"high\"}]}",
     "{\"round\":2,\"set\":\"s\",\"objections\":[{\"what\":\"w\",\"quote\":\"red\",\"severity\":"
     "\"high\"}],\"none\":true}",
     NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"gate\":true,"),
     "{\"objections\":[{\"what\":\"w\",\"quote\":\"\",\"severity\":\"high\"},"
     "{\"what\":\"w\",\"quote\":\"blue\",\"severity\":\"high\"}]}",
     "{\"round\":2,\"set\":\"s\",\"approve\":[3]}", NULL},
    {MOOT_ERRAND_BALLOT, BALLOT("\"gate\":true,"), "{}", NULL,
     "- `objections` is not there: [] is consent\n"},
    {MOOT_ERRAND_CRITIQUE, "{" PAPER "}",
     "{\"defects\":[{\"label\":\"B\",\"what\":\"dull\",\"quote\":\"green\"},{\"label\":\"B\","
     "\"what\":\"made "
     "up\",\"quote\":\"blue\"},{\"label\":\"Z\",\"what\":\"x\",\"quote\":\"red\"}]}",
     "{\"defects\":[{\"n\":1,\"what\":\"dull\",\"quote\":\"green\",\"criterion\":\"\",\"severity\":"
     "\"low\"}]}",
     NULL},
    {MOOT_ERRAND_CRITIQUE, "{" PAPER "}", "{\"defects\":7}", NULL,
     "- `defects` is not there: [] is none\n"},
    {MOOT_ERRAND_CHOICE, "{" PAPER "}", "{\"choice\":\"b\",\"reason\":\"calm\"}",
     "{\"n\":1,\"reason\":\"calm\"}", NULL},
    {MOOT_ERRAND_CHOICE, "{" PAPER "}", "{\"choice\":\"B\"}", NULL, "- `reason` is empty\n"},
    {MOOT_ERRAND_PLAN, AGENTS,
     "{\"items\":[" ITEM("a", "ann", "") "," ITEM("b", "bob", "\"a\"") "]}",
     "{\"items\":[" ITEM("a", "ann", "") "," ITEM("b", "bob", "\"a\"") "]}", NULL},
    {MOOT_ERRAND_PLAN, AGENTS, "{\"items\":[]}", NULL, "- `items` must have 1 to 2\n"},
    {MOOT_ERRAND_PLAN, AGENTS, "{\"items\":[" ITEM("a", "dan", "") "]}", NULL,
     "- item 'a' is given to 'dan'; there are ann, bob\n"},
    {MOOT_ERRAND_PLAN, AGENTS,
     "{\"items\":[" ITEM("a", "ann", "\"b\"") "," ITEM("b", "bob", "") "]}", NULL,
     "- item 'a' needs 'b', which is no earlier item\n"},
    {MOOT_ERRAND_PLAN, AGENTS, "{\"items\":[" ITEM("a", "ann", "") "," ITEM("a", "bob", "") "]}",
     NULL, "- two items are called 'a'\n"},
    {MOOT_ERRAND_PLAN, AGENTS, "{\"items\":[" ITEM("a b", "ann", "") "]}", NULL,
     "- 'a b' is no id: letters, digits, - and _\n"},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(readings); i++) {
        const struct reading *r = &readings[i];
        struct moot_errand e = {.kind = r->kind, .input = read_json(r->input)};
        struct moot_json *said = read_json(r->said);
        struct moot_json *got = NULL;
        struct moot_buf problems;
        moot__buf_init(&problems, MOOT_MAX_BODY);
        int rc = moot__errand_read(&e, said, &got, &problems);
        char *text = got != NULL ? moot__json_string(got) : NULL;
        if (r->got == NULL &&
            (rc != MOOT_EINVAL || strcmp(moot__buf_text(&problems), r->problem) != 0))
            fail_msg("%s: %s%s", r->said, moot__buf_text(&problems), text != NULL ? text : "");
        if (r->got != NULL && (text == NULL || strcmp(text, r->got) != 0))
            fail_msg("%s\n%s\nand not\n%s\n%s", r->said, text, r->got, moot__buf_text(&problems));
        free(text);
        moot__buf_release(&problems);
        moot__json_free(got);
        moot__json_free(said);
        moot__errand_release(&e);
    }
}

/* A reason is cut between two characters. */
static void long_reasons(void **state)
{
    (void)state;
    struct moot_errand e = {.kind = MOOT_ERRAND_BALLOT, .input = read_json(BALLOT(""))};
    struct moot_json *said = read_json("{\"approve\":[\"A\"]}");
    struct moot_json *got = NULL;
    struct moot_buf problems;
    char reason[402] = "x";
    for (size_t i = 1; i + 2 < sizeof(reason); i += 2)
        memcpy(reason + i, "é", 2);
    moot__json_set_text(said, "reason", reason);
    moot__buf_init(&problems, MOOT_MAX_BODY);
    assert_int_equal(moot__errand_read(&e, said, &got, &problems), MOOT_OK);
    assert_int_equal(strlen(moot__json_get_text(got, "reason", "")), 299);
    moot__buf_release(&problems);
    moot__json_free(got);
    moot__json_free(said);
    moot__errand_release(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(long_reasons)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
