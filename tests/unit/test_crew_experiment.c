#include "roles/crew_experiment.h"

#include "tests/lib/temp_tree.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char crew[] = "crew: poet\n"
                           "models: {default: scripted/a.yaml}\n"
                           "limits: {turns: 9}\n"
                           "agents:\n"
                           "  poet: {role: Poet, goal: Verse, tools: [write_file], workspace: ws}\n"
                           "tasks:\n"
                           "  poem: {prompt: A poem, agent: poet}\n";

static void begin(struct temp_tree *t, const char *experiment)
{
    temp_tree_init(t);
    temp_tree_file(t, "crew.yaml", crew);
    temp_tree_file(t, "e.yaml", experiment);
}

static void open_it(const struct temp_tree *t, struct moot_experiment_file *out)
{
    struct moot_error err = {0};
    assert_int_equal(moot__experiment_open(temp_tree_path(t, "e.yaml"), out, &err), MOOT_OK);
    assert_int_equal(moot__experiment_check(out, &err), MOOT_OK);
    moot__crew_report_sort(&out->file->report);
}

/* What stands wrong, as "line:column message". */
static void says(const char *experiment, const char *wanted)
{
    struct temp_tree t;
    struct moot_experiment_file e;
    struct moot_buf out;
    begin(&t, experiment);
    open_it(&t, &e);
    moot__buf_init(&out, 65536);
    for (size_t i = 0; i < e.file->report.count; i++) {
        const struct moot_crew_problem *p = &e.file->report.problems[i];
        moot__buf_addf(&out, "%d:%d %s\n", p->line, p->column, p->message);
    }
    assert_string_equal(moot__buf_text(&out), wanted);
    moot__buf_release(&out);
    moot__experiment_close(&e);
    temp_tree_remove(&t);
}

static void variants_lie_over_the_crew(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_experiment_file e;
    begin(&t, "experiment: Which?\n"
              "crew: crew.yaml\n"
              "variants:\n"
              "  plain: {}\n"
              "  bare:\n"
              "  other:\n"
              "    agents: {poet: {role: Bard, goal: null}}\n"
              "    models: {default: scripted/b.yaml}\n");
    open_it(&t, &e);
    assert_true(moot__crew_report_good(&e.file->report));
    assert_int_equal(e.variant_count, 3);
    assert_int_equal(moot__json_get_int(e.file->resolved, "repeats", 0), 5);
    assert_string_equal(e.variants[0].name, "plain");
    assert_true(moot__json_equal(e.variants[0].file->resolved, e.variants[1].file->resolved));
    const struct moot_json *other = e.variants[2].file->resolved;
    const struct moot_json *poet = moot__crew_entry(other, "agents", "poet");
    assert_string_equal(moot__json_get_text(poet, "role", ""), "Bard");
    assert_null(moot__json_get(poet, "goal"));
    assert_string_equal(moot__json_get_text(poet, "workspace", ""), "ws");
    assert_string_equal(
        moot__json_get_text(moot__crew_entry(other, "models", "default"), "model", ""),
        "scripted/b.yaml");
    assert_true(moot__experiment_is(temp_tree_path(&t, "e.yaml")));
    assert_false(moot__experiment_is(temp_tree_path(&t, "crew.yaml")));
    assert_false(moot__experiment_is(temp_tree_path(&t, "nothing.yaml")));
    moot__experiment_close(&e);
    temp_tree_remove(&t);
}

static void all_that_is_wrong_is_said_at_once(void **state)
{
    (void)state;
    says("experiment: Which?\n"
         "crew: crew.yaml\n"
         "repeets: 3\n"
         "repeats: 0\n"
         "variants:\n"
         "  a: {agents: {poet: {tools: [write_fil]}}}\n"
         "  b: {agents: {poet: {rol: x}}}\n"
         "  1x: {}\n"
         "success:\n"
         "  - {that: \"result ==\"}\n"
         "  - {judge: poet}\n"
         "  - {person: true}\n"
         "  - {pattern: \"(\"}\n"
         "limits: {total: {tokens: many}}\n",
         "3:1 unknown key 'repeets' in the experiment\n"
         "4:10 'repeats' must be from 1 to 1000\n"
         "6:31 'tools' of agent 'poet' names 'write_fil', which is no tool\n"
         "7:23 unknown key 'rol' in agent 'poet'\n"
         "8:3 '1x' cannot be an id in variants\n"
         "10:22 'that' of success: something is missing here\n"
         "11:6 'judge' cannot say whether a run succeeded: nobody is asked outside the "
         "conversation\n"
         "12:6 'person' cannot say whether a run succeeded: nobody is asked outside the "
         "conversation\n"
         "13:17 'pattern' of a check of the experiment: missing closing parenthesis\n"
         "14:26 'tokens' of total of limits of the experiment must be a number of tokens, not "
         "'many'\n");
}

static void what_is_missing(void **state)
{
    (void)state;
    says("experiment: Which?\n", "1:1 the experiment has no 'crew'\n"
                                 "1:1 the experiment has no 'variants'\n");
    says("experiment: Which?\ncrew: none.yaml\nvariants: {a: {}, b: {}}\n",
         "2:7 crew: cannot read 'none.yaml': No such file or directory\n");
    says("experiment: Which?\ncrew: crew.yaml\nvariants: {}\n",
         "3:1 an experiment needs a variant\n");
    says("experiment: Which?\ncrew: crew.yaml\nvariants: {a: {extends: crew.yaml}}\n",
         "3:16 a variant lies over the crew of the experiment and extends nothing else\n");
}

/* What is wrong with the crew itself is said once, however many variants there are. */
static void the_crews_own_faults_are_said_once(void **state)
{
    (void)state;
    struct temp_tree t;
    struct moot_experiment_file e;
    begin(&t, "experiment: Which?\ncrew: crew.yaml\nvariants: {a: {}, b: {}, c: {}}\n");
    temp_tree_file(&t, "crew.yaml", "crew: poet\nmodel: x\ntasks: {poem: {prompt: A poem}}\n");
    open_it(&t, &e);
    assert_int_equal(moot__crew_report_count(&e.file->report, MOOT_SEVERITY_ERROR), 2);
    moot__experiment_close(&e);
    temp_tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_lie_over_the_crew),
        cmocka_unit_test(all_that_is_wrong_is_said_at_once),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(the_crews_own_faults_are_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
