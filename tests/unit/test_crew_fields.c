#include "roles/crew_fields.h"

#include "runtime/tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_table(void **state)
{
    (void)state;
    size_t count;
    const struct moot_table *tables = moot__crew_tables(&count);
    assert_true(count > 30);
    for (size_t t = 0; t < count; t++) {
        assert_ptr_equal(moot__crew_table(tables[t].name), &tables[t]);
        bool decides = false;
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct moot_field *f = &tables[t].fields[i];
            assert_non_null(f->key);
            assert_true(f->meaning != NULL && strlen(f->meaning) > 3);
            assert_true(f->scalar.grammar != MOOT_G_NONE || f->list.grammar != MOOT_G_NONE ||
                        f->list_table != NULL || f->map != MOOT_MAP_NONE);
            assert_int_equal(f->map == MOOT_MAP_TABLE || f->map == MOOT_MAP_OVERLAY,
                             f->table != NULL);
            if (f->table != NULL && moot__crew_table(f->table) == NULL)
                fail_msg("no table %s", f->table);
            if (f->list_table != NULL && moot__crew_table(f->list_table) == NULL)
                fail_msg("no table %s", f->list_table);
            assert_true(f->scalar.words == NULL || f->scalar.grammar != MOOT_G_NONE);
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(f->key, tables[t].fields[j].key);
            decides = decides || (f->flags & MOOT_FIELD_DECIDES) != 0;
        }
        assert_int_equal(decides, tables[t].choice);
    }
}

/* Every default that is no sentence must be a value of its field. */
static void test_defaults(void **state)
{
    (void)state;
    size_t count;
    const struct moot_table *tables = moot__crew_tables(&count);
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const struct moot_field *f = &tables[t].fields[i];
            if (f->fallback == NULL)
                continue;
            struct moot_json *value = moot__crew_default(tables[t].name, f->key);
            if (value == NULL)
                fail_msg("default of %s.%s", tables[t].name, f->key);
            moot__json_free(value);
        }
    }
    struct moot_json *value = moot__crew_default("crew_limits", "seconds");
    int64_t n;
    assert_true(moot__json_int(value, &n));
    assert_int_equal(n, 3600000);
    moot__json_free(value);
    assert_null(moot__crew_default("task", "needs"));
}

static const struct {
    enum moot_grammar grammar;
    const char *text;
    const char *json; /* NULL: refused */
} scalars[] = {
    {MOOT_G_INTEGER, "3", "3"},
    {MOOT_G_INTEGER, "-3", NULL},
    {MOOT_G_INTEGER, "three", NULL},
    {MOOT_G_INTEGER, "3.5", NULL},
    {MOOT_G_INTEGER, "9007199254740991", "9007199254740991"},
    {MOOT_G_INTEGER, "9007199254740992", NULL},
    {MOOT_G_INTEGER, "", NULL},
    {MOOT_G_TOKENS, "200k", "200000"},
    {MOOT_G_TOKENS, "1M", "1000000"},
    {MOOT_G_TOKENS, "1.5M", "1500000"},
    {MOOT_G_TOKENS, "1.5", NULL},
    {MOOT_G_TOKENS, "1G", NULL},
    {MOOT_G_TOKENS, "k", NULL},
    {MOOT_G_TOKENS, "99999999999999999999", NULL},
    {MOOT_G_DURATION, "90s", "90000"},
    {MOOT_G_DURATION, "10m", "600000"},
    {MOOT_G_DURATION, "10 min", "600000"},
    {MOOT_G_DURATION, "2h", "7200000"},
    {MOOT_G_DURATION, "3600", "3600000"},
    {MOOT_G_DURATION, "250ms", "250"},
    {MOOT_G_DURATION, "0.5s", "500"},
    {MOOT_G_DURATION, "1 day", NULL},
    {MOOT_G_DURATION, "9007199254740h", NULL},
    {MOOT_G_SIZE, "512M", "536870912"},
    {MOOT_G_SIZE, "1G", "1073741824"},
    {MOOT_G_MONEY, "0.50", "\"0.50\""},
    {MOOT_G_MONEY, "0.50 USD", "\"0.50\""},
    {MOOT_G_MONEY, "5USD", "\"5\""},
    {MOOT_G_MONEY, "$5", NULL},
    {MOOT_G_MONEY, "5 EUR", NULL},
    {MOOT_G_MONEY, "1e3", NULL},
    {MOOT_G_MONEY, "-1", NULL},
    {MOOT_G_MONEY, "USD", NULL},
    {MOOT_G_DECIMAL, "0.7", "\"0.7\""},
    {MOOT_G_DECIMAL, "warm", NULL},
    {MOOT_G_RATIO, "2/3", "\"2/3\""},
    {MOOT_G_RATIO, "3/2", NULL},
    {MOOT_G_RATIO, "1/0", NULL},
    {MOOT_G_RATIO, "0.5", NULL},
    {MOOT_G_RATIO, "/", NULL},
    {MOOT_G_BOOL, "true", "true"},
    {MOOT_G_BOOL, "yes", "true"},
    {MOOT_G_BOOL, "off", "false"},
    {MOOT_G_BOOL, "maybe", NULL},
    {MOOT_G_LENGTH, "120..220 words", "{\"min\":120,\"max\":220,\"unit\":\"words\"}"},
    {MOOT_G_LENGTH, "..80 characters", "{\"max\":80,\"unit\":\"characters\"}"},
    {MOOT_G_LENGTH, "600.. tokens", "{\"min\":600,\"unit\":\"tokens\"}"},
    {MOOT_G_LENGTH, "3 items", "{\"min\":3,\"max\":3,\"unit\":\"items\"}"},
    {MOOT_G_LENGTH, "220..120 words", NULL},
    {MOOT_G_LENGTH, "120..220", NULL},
    {MOOT_G_LENGTH, ".. words", NULL},
    {MOOT_G_LENGTH, "many words", NULL},
    {MOOT_G_SECRET, "${env:KEY}", "\"${env:KEY}\""},
    {MOOT_G_SECRET, "${file:k.txt}", "\"${file:k.txt}\""},
    {MOOT_G_SECRET, "sk-abc", NULL},
    {MOOT_G_SECRET, "${env:}", NULL},
    {MOOT_G_PROVIDER, "openai/gpt-4.1", "\"openai/gpt-4.1\""},
    {MOOT_G_PROVIDER, "openrouter/meta/llama", "\"openrouter/meta/llama\""},
    {MOOT_G_PROVIDER, "gpt-4.1", NULL},
    {MOOT_G_MODEL, "cheap", "\"cheap\""},
    {MOOT_G_MODEL, "gpt 4", NULL},
    {MOOT_G_NAME, "store_front-2", "\"store_front-2\""},
    {MOOT_G_NAME, "2nd", NULL},
    {MOOT_G_NAME, "a.b", NULL},
    {MOOT_G_PATH, "a/b.txt", "\"a/b.txt\""},
    {MOOT_G_PATH, "", NULL},
    {MOOT_G_TEXT, "any: thing", "\"any: thing\""},
};

static void test_scalars(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(scalars); i++) {
        struct moot_form form = {scalars[i].grammar, NULL};
        struct moot_json *value = NULL;
        struct moot_error err = {0};
        int status = moot__crew_scalar(&form, scalars[i].text, &value, &err);
        if ((status == MOOT_OK) != (scalars[i].json != NULL))
            fail_msg("%s '%s'", moot__crew_grammar_text(form.grammar), scalars[i].text);
        if (status != MOOT_OK) {
            assert_true(strncmp(err.message, "must ", 5) == 0);
            continue;
        }
        char *json = moot__json_string(value);
        assert_string_equal(json, scalars[i].json);
        free(json);
        moot__json_free(value);
    }
}

static void test_words(void **state)
{
    (void)state;
    const struct moot_field *process = moot__crew_field(moot__crew_table("crew"), "process");
    bool later;
    assert_true(moot__crew_word(&process->scalar, "graph", &later) && !later);
    assert_true(moot__crew_word(&process->scalar, "supervisor", &later) && later);
    assert_false(moot__crew_word(&process->scalar, "gra", &later));
    struct moot_json *value = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__crew_scalar(&process->scalar, "grph", &value, &err), MOOT_EINVAL);
    assert_string_equal(err.hint, "did you mean 'graph'?");
    assert_string_equal(moot__crew_near(moot__crew_table("task"), "atempts"), "attempts");
    assert_null(moot__crew_near(moot__crew_table("task"), "zzzzzz"));
    assert_null(moot__crew_field(moot__crew_table("task"), "atempts"));
    assert_non_null(moot__crew_field(moot__crew_table("tasks"), "anything"));
    assert_true(moot__crew_reserved("tasks", "previous"));
    assert_true(moot__crew_reserved("tasks", "items"));
    assert_true(moot__crew_reserved("tools", "auto"));
    assert_true(moot__crew_reserved("tools", "publish"));
    assert_true(moot__crew_reserved("agents", "keep"));
    assert_false(moot__crew_reserved("agents", "writer"));
    assert_false(moot__crew_reserved("models", "auto"));
}

static void test_foreign(void **state)
{
    (void)state;
    assert_string_equal(moot__crew_foreign("agent", "max_iter")->ours, "max_steps");
    assert_string_equal(moot__crew_foreign("task", "human_input")->ours, "review");
    assert_null(moot__crew_foreign("agent", "human_input"));
    assert_null(moot__crew_foreign("tool", "description"));
    size_t count;
    const struct moot_foreign *all = moot__crew_foreigns(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(all[i].ours != NULL || all[i].note != NULL);
        char word[64];
        snprintf(word, sizeof(word), "%.*s",
                 all[i].ours != NULL ? (int)strcspn(all[i].ours, ".") : 0,
                 all[i].ours != NULL ? all[i].ours : "");
        bool known = all[i].ours == NULL;
        size_t tables;
        const struct moot_table *t = moot__crew_tables(&tables);
        for (size_t j = 0; j < tables; j++)
            for (size_t k = 0; k < t[j].count; k++)
                known = known || strcmp(t[j].fields[k].key, word) == 0;
        if (!known)
            fail_msg("'%s' is no key of ours", all[i].ours);
    }
    assert_false(moot__crew_builtin("send_email")->later);
    assert_null(moot__crew_builtin("send_mail"));
}

/* What `moot check` knows of a built-in is what the tool itself says. */
static void test_builtins(void **state)
{
    (void)state;
    size_t count;
    const struct moot_builtin *b = moot__crew_builtins(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(b[i].name, "ask_agent") == 0)
            continue; /* a conversation and no tool of the host */
        struct moot_tool_spec *spec = NULL;
        struct moot_json *entry = moot__json_new(MOOT_JSON_OBJECT), *schema = NULL;
        assert_int_equal(moot__json_set_text(entry, "id", b[i].name), MOOT_OK);
        int status = moot__tool_spec_make(entry, "/tmp", &spec, NULL);
        moot__json_free(entry);
        if ((status == MOOT_OK) == b[i].later)
            fail_msg("%s is %s", b[i].name, status == MOOT_OK ? "here" : "not here");
        if (status != MOOT_OK)
            continue;
        assert_int_equal(
            moot__json_parse(spec->parameters, strlen(spec->parameters), &schema, NULL), MOOT_OK);
        const struct moot_json *m = moot__json_first(moot__json_get(schema, "properties"));
        char list[300] = "";
        for (size_t used = 0; m != NULL; m = moot__json_next(m)) {
            const struct moot_json *r = moot__json_first(moot__json_get(schema, "required"));
            bool required = false;
            for (; r != NULL; r = moot__json_next(r))
                required = required || strcmp(moot__json_text(r), moot__json_key(m)) == 0;
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s%s",
                                     used > 0 ? " " : "", required ? "" : "?", moot__json_key(m));
        }
        assert_string_equal(list, b[i].parameters);
        moot__json_free(schema);
        moot__tool_spec_free(spec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),   cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_scalars), cmocka_unit_test(test_words),
        cmocka_unit_test(test_foreign), cmocka_unit_test(test_builtins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
