#include "cli/commands.h"
#include "runtime/json.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Every row of the table is fit to be shown: names differ, help is one line without a full stop, an
 * example names the command itself, options differ in name and letter. */
static void the_table(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    for (size_t i = 0; moot__commands[i] != NULL; i++) {
        const struct moot_command *c = moot__commands[i];
        assert_ptr_equal(moot__command_find(c->name), c);
        assert_non_null(c->help);
        assert_null(strchr(c->help, '\n'));
        assert_int_not_equal(c->help[strlen(c->help) - 1], '.');
        if (c->run == NULL || c->group == MOOT_GROUP_HIDDEN)
            continue;
        char own[64];
        snprintf(own, sizeof(own), "moot %s", c->name);
        assert_non_null(c->example);
        assert_non_null(strstr(c->example, c->name[0] == 'c' && c->name[3] == 'p' ? "moot" : own));
        for (const struct moot_option *o = c->options; o != NULL && o->name != NULL; o++)
            for (const struct moot_option *q = o + 1; q->name != NULL; q++) {
                assert_string_not_equal(o->name, q->name);
                assert_true(o->letter == 0 || o->letter != q->letter);
            }
        cli_play_ends(&p, 0, c->name, "--help");
        assert_non_null(strstr(p.out, "\nexample\n"));
    }
    assert_null(moot__command_find("nothing"));
    cli_play_release(&p);
}

/* What is known but not here says so, and its help too. */
static void later(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    for (size_t i = 0; moot__commands[i] != NULL; i++) {
        if (moot__commands[i]->run != NULL)
            continue;
        cli_play_ends(&p, 2, moot__commands[i]->name, "x");
        assert_non_null(strstr(p.err, "is not yet here"));
        cli_play_ends(&p, 0, moot__commands[i]->name, "--help");
        assert_non_null(strstr(p.out, "(not yet here)"));
    }
    cli_play_release(&p);
}

/* What looks at the system says nothing of keys but their names. */
static void doctor(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    cli_play_file(&p, ".env", "OPENAI_API_KEY=sk-secret-4f2a\n");
    cli_play(&p, "doctor", NULL);
    assert_true(p.code == 0 || p.code == 1);
    assert_non_null(strstr(p.out, "openai by OPENAI_API_KEY, from .env"));
    assert_null(strstr(p.out, "secret"));
    unsetenv("OPENAI_API_KEY");
    cli_play_release(&p);
}

static void tool_by_hand(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    cli_play_ends(&p, 0, "tool", "send_email", "to=a@b.example", "subject=Hi", "body=How are you?");
    assert_non_null(strstr(p.out, "To: a@b.example"));
    cli_play_ends(&p, 1, "tool", "send_email", "to=nobody", "subject=Hi", "body=x");
    assert_non_null(strstr(p.err, "error: send_email: "));
    cli_play_ends(&p, 2, "tool", "send_email", "to");
    cli_play_ends(&p, 2, "tool", "nothing");
    cli_play_file(&p, "crew.yaml",
                  "crew: x\nmodels: {default: scripted/r.yaml}\n"
                  "tasks: {t: {tool: send_email, args: {subject: Hi, body: x}}}\n"
                  "tools: {send_email: {args: {to: pinned@b.example}}}\n");
    cli_play_ends(&p, 0, "tool", "send_email", "--crew", "crew.yaml", "subject=Hi", "body=x");
    assert_non_null(strstr(p.out, "To: pinned@b.example"));
    cli_play_release(&p);
}

static void graphs(void **state)
{
    (void)state;
    struct cli_play p;
    cli_play_init(&p);
    cli_play_file(&p, "crew.yaml",
                  "crew: x\nmodels: {default: scripted/r.yaml}\nprocess: graph\n"
                  "tasks:\n  a: {prompt: \"{q}\", output: {x: text}}\n"
                  "  b: {prompt: \"{a.x}\", check: [{length: 1..5 words}]}\n");
    cli_play_ends(&p, 0, "graph", "crew.yaml");
    assert_non_null(strstr(p.out, "  t_a --> t_b\n"));
    assert_non_null(strstr(p.out, "  t_b -. \"not yet: checks, 2 attempts\" .-> t_b\n"));
    cli_play_ends(&p, 0, "graph", "crew.yaml", "--dot");
    assert_non_null(strstr(p.out, "  t_a -> t_b;\n"));
    cli_play_ends(&p, 0, "graph", "crew.yaml", "--schemas");
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(p.out, p.out_len, &j, NULL), MOOT_OK);
    assert_true(moot__json_is(moot__json_get(moot__json_get(j, "a"), "output"), MOOT_JSON_OBJECT));
    assert_true(moot__json_is(moot__json_get(moot__json_get(j, "b"), "input"), MOOT_JSON_OBJECT));
    moot__json_free(j);
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),    cmocka_unit_test(later),  cmocka_unit_test(doctor),
        cmocka_unit_test(tool_by_hand), cmocka_unit_test(graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
