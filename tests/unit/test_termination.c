/* When a conversation ends: condition by condition, and what counts as a line that was said. */
#include "roles/termination.h"

#include "agents/role.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct moot_json *parsed(const char *text)
{
    struct moot_json *j = NULL;
    struct moot_error err = {0};
    if (moot__json_parse(text, strlen(text), &j, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    return j;
}

static struct moot_condition *condition(const char *text)
{
    struct moot_json *j = parsed(text);
    struct moot_condition *c = NULL;
    struct moot_error err = {0};
    if (moot__condition_build(j, &c, &err) != MOOT_OK)
        fail_msg("%s: %s", text, err.message);
    moot__json_free(j);
    return c;
}

/* Words of a model; `from` NULL: the opening's. */
static const char *hear(struct moot_termination *t, const char *from, const char *text)
{
    const char *why = NULL;
    char *words = moot__copy(text, strlen(text));
    struct moot_said said = {.from = from != NULL ? from : "manager",
                             .by_model = from != NULL,
                             .opening = from == NULL,
                             .text = words,
                             .tokens = 10,
                             .cost = 1000000000};
    struct moot_json *scope = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(scope, "message", text);
    moot__json_set_text(scope, "speaker", said.from);
    moot__json_set_int(scope, "turns", t->messages + 1);
    assert_int_equal(moot__termination_heard(t, &said, scope, &why), MOOT_OK);
    moot__json_free(scope);
    free(words);
    return why;
}

/* ---- a line ---- */

static bool ends(const char *word, const char *text)
{
    struct moot_json *in = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(in, "text", word);
    struct moot_condition *c = NULL;
    struct moot_termination t;
    assert_int_equal(moot__condition_build(in, &c, NULL), MOOT_OK);
    assert_int_equal(moot__termination_init(&t, c), MOOT_OK);
    bool met = hear(&t, "ann", text) != NULL;
    moot__termination_release(&t);
    moot__condition_free(c);
    moot__json_free(in);
    return met;
}

static const struct {
    const char *word, *text;
    bool ends;
} lines[] = {
    {"DONE", "DONE", true},
    {"DONE", "All is well.\n\n  DONE  \n", true},
    {"DONE", "DONE\nSee you.", true},
    {"DONE", "All is well.\r\nDONE\r\n", true},
    {"DONE", "**DONE**", true},
    {"DONE", "`DONE`", true},
    {"DONE", "## DONE", true},
    {"DONE", "**DONE.**", true},
    {"DONE", "DONE!", true},
    {"  DONE ", "DONE", true},
    {"all done", "_all done_.", true},
    {"FERTIG – ENDE", "FERTIG – ENDE", true},
    {"**DONE**", "**DONE**", true},
    /* within a sentence, a question, a quotation, a list */
    {"DONE", "I will say DONE when it is.", false},
    {"DONE", "Reply DONE", false},
    {"DONE", "DONE?", false},
    {"DONE", "NOT DONE", false},
    {"DONE", "DONE, but for one thing.", false},
    {"DONE", "> DONE", false},
    {"DONE", "- DONE", false},
    {"DONE", "* DONE", false},
    {"DONE", "\"DONE\"", false},
    {"DONE", "UNDONE", false},
    {"DONE", "DONE1", false},
    {"DONE", "Done", false},
    {"**DONE**", "DONE", false},
    {"DONE", "", false},
    {"DONE", "DON", false},
    {"DONE", "#DONE", false},
    {"DONE", "****", false},
    /* code is not said, but one word in a fence is */
    {"DONE", "```\nprint(1)\nDONE\n```", false},
    {"DONE", "```python\nDONE\nx = 1\n```\nRun this.", false},
    {"DONE", "```\nDONE\nx = 1", false},
    {"DONE", "~~~\n```\nDONE\n~~~", false},
    {"DONE", "```\nDONE\n```", true},
    {"DONE", "That was it.\n```text\n\nDONE\n\n```", true},
    {"DONE", "```\nDONE", true},
    {"DONE", "```\nx = 1\n```\nDONE", true},
};

static void whole_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(lines); i++)
        if (ends(lines[i].word, lines[i].text) != lines[i].ends)
            fail_msg("'%s' is %s line of: %s", lines[i].word, lines[i].ends ? "a" : "no",
                     lines[i].text);
}

static const char *heard(struct moot_termination *t, struct moot_said said)
{
    const char *why = NULL;
    assert_int_equal(moot__termination_heard(t, &said, NULL, &why), MOOT_OK);
    return why;
}

/* Only a model's words and what code puts out: nobody ends it by quoting the task. */
static void whose_lines(void **state)
{
    (void)state;
    char text[] = "DONE", output[] = "```\nexit 0\nDONE\n```", words[] = "";
    struct moot_condition *any = condition("{\"text\":\"DONE\"}");
    struct moot_condition *bobs = condition("{\"text\":\"DONE\",\"from\":\"bob\"}");
    struct moot_termination t;
    moot__termination_init(&t, any);
    assert_null(hear(&t, NULL, "Say\nDONE\nat the end."));
    assert_null(heard(&t, (struct moot_said){.from = "eva", .by_person = true, .text = text}));
    assert_null(heard(&t, (struct moot_said){.from = "ann", .failed = "error", .text = words}));
    assert_non_null(heard(&t, (struct moot_said){.from = "ann", .text = output}));
    assert_string_equal(hear(&t, "ann", "DONE"), "text: DONE");
    moot__termination_release(&t);
    moot__termination_init(&t, bobs);
    assert_null(hear(&t, "ann", "DONE"));
    assert_string_equal(hear(&t, "bob", "DONE"), "text: DONE, from: bob");
    moot__termination_release(&t);
    moot__condition_free(any);
    moot__condition_free(bobs);
}

/* ---- conditions ---- */

/* Who said what ("ann: DONE"; "(100)": milliseconds are over; "!": moot stop; "+": a person goes
 * on), and after which of it, from 1, it ends as what. */
static const struct {
    const char *in;
    const char *said[8];
    size_t ends;
    const char *why;
} talks[] = {
    {"{\"max_messages\":2}", {"ann: a", "bob: b"}, 2, "max_messages: 2"},
    {"{\"tokens\":30}", {"ann: a", "bob: b", "ann: c"}, 3, "tokens: 30"},
    {"{\"cost\":\"0.002\"}", {"ann: a", "bob: b"}, 2, "cost: 0.002"},
    {"{\"seconds\":90000}", {"ann: a", "(90000)"}, 2, "seconds: 90"},
    {"{\"seconds\":1500}", {"(1000)", "(1500)"}, 2, "seconds: 1.500"},
    {"{\"external\":true}", {"ann: a", "!"}, 2, "external: true"},
    {"{\"external\":false}", {"!"}, 0, NULL},
    {"{\"max_messages\":1}", {"!"}, 0, NULL},
    {"{\"speaker\":\"bob\"}", {"ann: bob", "bob: a"}, 2, "speaker: bob"},
    {"{\"that\":\"message matches '[0-9]{4}' and speaker == 'bob'\"}",
     {"ann: 1984", "bob: no", "bob: 1984"},
     3,
     "that: message matches '[0-9]{4}' and speaker == 'bob'"},
    {"{\"that\":\"turns >= 3\"}", {"ann: a", "bob: b", "ann: c"}, 3, "that: turns >= 3"},
    {"{\"that\":\"not empty(price)\"}", {"ann: a"}, 0, NULL},
    {"{\"any\":[{\"text\":\"DONE\"},{\"max_messages\":9}]}",
     {"ann: a", "bob: DONE"},
     2,
     "text: DONE"},
    /* In `all` what was met stays met … */
    {"{\"all\":[{\"text\":\"YES\",\"from\":\"ann\"},{\"text\":\"YES\",\"from\":\"bob\"}]}",
     {"ann: YES", "bob: hm", "ann: well", "bob: YES"},
     4,
     "all: [{text: YES, from: ann}, {text: YES, from: bob}]"},
    {"{\"all\":[{\"any\":[{\"text\":\"A\"},{\"text\":\"B\"}]},{\"max_messages\":3}]}",
     {"ann: B", "bob: c", "ann: d"},
     3,
     "all: [{any: [{text: A}, {text: B}]}, {max_messages: 3}]"},
    {"{\"all\":[{\"seconds\":5000},{\"text\":\"A\"}]}",
     {"(5000)", "ann: b", "ann: A"},
     3,
     "all: [{seconds: 5}, {text: A}]"},
    /* … until a person goes on after all; counts go on. */
    {"{\"all\":[{\"text\":\"A\"},{\"text\":\"B\"}]}", {"ann: A", "+", "ann: B"}, 0, NULL},
    {"{\"all\":[{\"text\":\"A\"},{\"max_messages\":3}]}",
     {"ann: b", "ann: c", "+", "ann: A"},
     4,
     "all: [{text: A}, {max_messages: 3}]"},
    {"{\"any\":[{\"all\":[{\"speaker\":\"ann\"},{\"speaker\":\"bob\"}]},{\"text\":\"DONE\"}]}",
     {"bob: a", "ann: b"},
     2,
     "all: [{speaker: ann}, {speaker: bob}]"},
};

static const char *happens(struct moot_termination *t, const char *what)
{
    const char *why = NULL;
    char who[16];
    size_t len = strcspn(what, ":");
    if (what[0] == '(') {
        int64_t ms = 0;
        for (const char *d = what + 1; *d != ')'; d++)
            ms = ms * 10 + (*d - '0');
        assert_int_equal(moot__termination_time(t, ms, &why), MOOT_OK);
    } else if (what[0] == '!') {
        assert_int_equal(moot__termination_external(t, &why), MOOT_OK);
    } else if (what[0] == '+') {
        moot__termination_go_on(t);
    } else {
        snprintf(who, sizeof(who), "%.*s", (int)len, what);
        why = hear(t, who, what + len + 2);
    }
    return why;
}

static void conditions(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(talks); i++) {
        struct moot_condition *c = condition(talks[i].in);
        struct moot_termination t;
        const char *why = NULL;
        size_t ended = 0;
        moot__termination_init(&t, c);
        assert_null(hear(&t, NULL, "DONE")); /* the opening */
        t.tokens = t.cost = 0;
        for (size_t k = 0; ended == 0 && k < 8 && talks[i].said[k] != NULL; k++) {
            why = happens(&t, talks[i].said[k]);
            ended = why != NULL ? k + 1 : 0;
        }
        if (ended != talks[i].ends)
            fail_msg("%s ends after %zu, not %zu", talks[i].in, ended, talks[i].ends);
        if (talks[i].why != NULL)
            assert_string_equal(why, talks[i].why);
        moot__termination_release(&t);
        moot__condition_free(c);
    }
}

/* What was handed on, and what was called, stands beside the words. A call that did not succeed
 * ends nothing. */
static void beside_words(void **state)
{
    (void)state;
    char none[] = "";
    struct moot_json *calls = parsed("[{\"tool\":\"mail\",\"same\":\"x\",\"status\":\"denied\"},"
                                     "{\"tool\":\"search\",\"same\":\"y\",\"status\":\"ok\"}]");
    struct moot_condition *c = condition("{\"any\":[{\"handoff\":\"bob\"},{\"tool_called\":"
                                         "\"mail\"},{\"tool_called\":\"search\"}]}");
    struct moot_termination t;
    moot__termination_init(&t, c);
    assert_null(heard(&t, (struct moot_said){.from = "ann", .text = none, .handoff = "eve"}));
    assert_string_equal(
        heard(&t, (struct moot_said){.from = "ann", .text = none, .handoff = "bob"}),
        "handoff: bob");
    assert_string_equal(heard(&t, (struct moot_said){.from = "ann", .text = none, .calls = calls}),
                        "tool_called: search");
    moot__termination_release(&t);
    moot__condition_free(c);
    moot__json_free(calls);
}

/* Counts neither run over nor count what was not said. */
static void counts(void **state)
{
    (void)state;
    char none[] = "";
    struct moot_termination t;
    assert_int_equal(moot__termination_init(&t, NULL), MOOT_OK);
    struct moot_said said = {.from = "ann", .text = none, .tokens = INT64_MAX, .cost = INT64_MAX};
    assert_null(heard(&t, said));
    assert_null(heard(&t, said));
    assert_int_equal(t.tokens, INT64_MAX);
    assert_int_equal(t.cost, INT64_MAX);
    assert_int_equal(t.messages, 2);
    said.failed = "error";
    assert_null(heard(&t, said));
    assert_int_equal(t.messages, 2);
    moot__termination_go_on(&t);
    moot__termination_release(&t);
}

/* An expression that cannot be computed says which it is. */
static void not_computed(void **state)
{
    (void)state;
    char words[] = "five";
    const char *why = NULL;
    struct moot_condition *c = condition("{\"that\":\"message > 3\"}");
    struct moot_json *scope = parsed("{\"message\":\"five\"}");
    struct moot_said said = {.from = "ann", .by_model = true, .text = words};
    struct moot_termination t;
    moot__termination_init(&t, c);
    assert_int_equal(moot__termination_heard(&t, &said, scope, &why), MOOT_EINVAL);
    assert_string_equal(why, "that: message > 3");
    moot__termination_release(&t);
    moot__condition_free(c);
    moot__json_free(scope);
}

static void times(void **state)
{
    (void)state;
    int64_t ms[2] = {0};
    struct moot_condition *c = condition(
        "{\"any\":[{\"seconds\":9000},{\"all\":[{\"seconds\":2000},{\"seconds\":3000}]}]}");
    assert_int_equal(moot__condition_times(c, ms, 2), 3);
    assert_int_equal(ms[0], 9000);
    assert_int_equal(ms[1], 2000);
    assert_int_equal(moot__condition_times(NULL, ms, 2), 0);
    moot__condition_free(c);
}

/* ---- building ---- */

static int builds(const char *text)
{
    struct moot_json *j = parsed(text);
    struct moot_condition *c = NULL;
    struct moot_error err = {0};
    int status = moot__condition_build(j, &c, &err);
    assert_true((status == MOOT_OK) == (err.message[0] == '\0'));
    moot__condition_free(c);
    moot__json_free(j);
    return status;
}

static void refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "{\"from\":\"ann\"}",
        "{\"max_messages\":0}",
        "{\"max_messages\":\"3\"}",
        "{\"tokens\":-1}",
        "{\"seconds\":0}",
        "{\"cost\":\"0\"}",
        "{\"cost\":\"much\"}",
        "{\"text\":\" \"}",
        "{\"text\":7}",
        "{\"any\":[]}",
        "{\"all\":{}}",
        "{\"any\":[{\"text\":\"a\"},{}]}",
        "{\"that\":\"turns >\"}",
        "[]",
        "null",
    };
    for (size_t i = 0; i < MOOT_COUNT(wrong); i++)
        if (builds(wrong[i]) == MOOT_OK)
            fail_msg("%s is taken", wrong[i]);
}

/* As deep and as many as is allowed, and no more. */
static void bounded(void **state)
{
    (void)state;
    for (int depth = 1; depth <= MOOT_TERMINATION_DEPTH + 1; depth++) {
        struct moot_buf text;
        moot__buf_init(&text, 4096);
        for (int i = 0; i < depth; i++)
            moot__buf_adds(&text, "{\"all\":[");
        moot__buf_adds(&text, "{\"max_messages\":1}");
        for (int i = 0; i < depth; i++)
            moot__buf_adds(&text, "]}");
        assert_int_equal(builds(text.data),
                         depth <= MOOT_TERMINATION_DEPTH ? MOOT_OK : MOOT_ETOOBIG);
        moot__buf_release(&text);
    }
    struct moot_buf many;
    moot__buf_init(&many, 65536);
    moot__buf_adds(&many, "{\"any\":[{\"max_messages\":1}");
    for (int i = 0; i < MOOT_TERMINATION_MAX; i++)
        moot__buf_adds(&many, ",{\"max_messages\":1}");
    moot__buf_adds(&many, "]}");
    assert_int_equal(builds(many.data), MOOT_ETOOBIG);
    moot__buf_release(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_lines), cmocka_unit_test(whose_lines),
        cmocka_unit_test(conditions),  cmocka_unit_test(beside_words),
        cmocka_unit_test(counts),      cmocka_unit_test(not_computed),
        cmocka_unit_test(times),       cmocka_unit_test(refused),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
