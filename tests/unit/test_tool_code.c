/* Code that an agent wrote, as it is run. Skipped, saying so, where there is no sandbox. */
#include "runtime/scratch.h"
#include "runtime/tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/temp_tree.h"

static struct moot_world *w;
static struct temp_tree tree;
static const char call_id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct got {
    int calls;
    int status;
    char output[32768];
    char shown[256];
    char label[32];
};

static void got_done(void *arg, const struct moot_tool_result *r)
{
    struct got *got = arg;
    got->calls++;
    got->status = r->status;
    snprintf(got->output, sizeof(got->output), "%s", r->output);
    snprintf(got->shown, sizeof(got->shown), "%s", r->shown != NULL ? r->shown : "");
    snprintf(got->label, sizeof(got->label), "%s", r->label != NULL ? r->label : "");
}

static struct moot_json *parse(const char *text)
{
    struct moot_json *json = NULL;
    if (moot__json_parse(text, strlen(text), &json, NULL) != MOOT_OK)
        fail_msg("no JSON: %s", text);
    return json;
}

static struct got *call_in(const char *entry, const char *args, const char *scratch)
{
    static struct got got;
    struct moot_json *e = parse(entry);
    struct moot_json *a = parse(args);
    struct moot_tool_spec *spec = NULL;
    struct moot_error err = {0};
    struct moot_tool_call_run *run = NULL;
    struct moot_tool_ask ask = {call_id, scratch, false};
    memset(&got, 0, sizeof(got));
    if (moot__tool_spec_make(e, tree.path, &spec, &err) != MOOT_OK ||
        moot__tool_start(w, spec, a, &ask, got_done, &got, &run, &err) != MOOT_OK)
        fail_msg("%s %s: %s", entry, args, err.message);
    while (got.calls == 0)
        assert_int_equal(w->turn(w->self, 30000), MOOT_OK);
    moot__json_free(e);
    moot__json_free(a);
    moot__tool_spec_free(spec);
    return &got;
}

static struct got *call(const char *entry, const char *args)
{
    return call_in(entry, args, NULL);
}

static void need_sandbox(void)
{
    const struct got *got = call("{\"id\":\"shell\",\"workspace\":\"box\"}", "{\"command\":\"\"}");
    if (got->status == MOOT_EDENIED) {
        print_message("SKIPPED: %s\n", got->output);
        skip();
    }
}

#define RUN_CODE "{\"id\":\"run_code\",\"workspace\":\"box\"}"

static void code_runs_and_says_how_it_ended(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *args;
        int status;
        const char *output, *shown;
    } cases[] = {
        {RUN_CODE, "{\"language\":\"python\",\"code\":\"print(6*7)\"}", MOOT_OK, "exit 0\n42\n",
         "exit 0 · 1 line"},
        {RUN_CODE, "{\"language\":\"bash\",\"code\":\"echo a; echo b >&2; echo c\\nexit 3\"}",
         MOOT_EINVAL, "exit 3\na\nb\nc\n", "exit 3 · 3 lines"},
        {RUN_CODE, "{\"language\":\"sh\",\"code\":\":\"}", MOOT_OK, "exit 0, no output\n",
         "exit 0 · 0 lines"},
        {RUN_CODE, "{\"language\":\"sh\",\"code\":\"read x || echo nothing to read\"}", MOOT_OK,
         "exit 0\nnothing to read\n", "exit 0 · 1 line"},
        {RUN_CODE, "{\"language\":\"sh\",\"code\":\"kill -9 $$\"}", MOOT_EINVAL,
         "exit 137, no output\n", "exit 137 · 0 lines"},
        {RUN_CODE, "{\"language\":\"ruby\",\"code\":\"1\"}", MOOT_EINVAL,
         "'ruby' cannot be run here: it must be python or sh", ""},
        {"{\"id\":\"python\",\"workspace\":\"box\"}", "{\"code\":\"print('p')\"}", MOOT_OK,
         "exit 0\np\n", "exit 0 · 1 line"},
        {"{\"id\":\"shell\",\"workspace\":\"box\"}", "{\"command\":\"echo s | tr s t\"}", MOOT_OK,
         "exit 0\nt\n", "exit 0 · 1 line"},
    };
    need_sandbox();
    for (size_t i = 0; i < MOOT_COUNT(cases); i++) {
        const struct got *got = call(cases[i].entry, cases[i].args);
        if (got->status != cases[i].status || strcmp(got->output, cases[i].output) != 0)
            fail_msg("%s: %d '%s'", cases[i].args, got->status, got->output);
        assert_string_equal(got->shown, cases[i].shown);
    }
}

static void a_name_saves_it_in_the_workspace_and_nowhere_else(void **state)
{
    (void)state;
    need_sandbox();
    const struct got *got =
        call(RUN_CODE, "{\"language\":\"python\",\"filename\":\"lib/two.py\",\"code\":\"two = "
                       "2\\nprint(__file__[-10:])\"}");
    assert_string_equal(got->output, "exit 0\nlib/two.py\n");
    assert_string_equal(got->label, "file");
    char *text = temp_tree_read(&tree, "box/lib/two.py");
    assert_string_equal(text, "two = 2\nprint(__file__[-10:])");
    free(text);
    got = call(RUN_CODE, "{\"language\":\"python\",\"code\":\"import lib.two\"}");
    assert_int_equal(got->status, MOOT_OK);
    got = call(RUN_CODE, "{\"language\":\"sh\",\"filename\":\"-c\",\"code\":\"echo safe\"}");
    assert_string_equal(got->output, "exit 0\nsafe\n");
    temp_tree_link(&tree, "box/out", "..");
    static const char *const names[] = {"../x.sh", "/tmp/x.sh", ".moot/x.sh", ".env", "out/x.sh"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        char args[128];
        snprintf(args, sizeof(args),
                 "{\"language\":\"sh\",\"filename\":\"%s\",\"code\":\"echo RAN\"}", names[i]);
        got = call(RUN_CODE, args);
        if (got->status == MOOT_OK || strstr(got->output, "RAN") != NULL)
            fail_msg("%s: %d '%s'", names[i], got->status, got->output);
    }
    assert_false(temp_tree_has(&tree, "x.sh"));
}

static void without_a_workspace_it_has_a_scratch_folder(void **state)
{
    (void)state;
    need_sandbox();
    char *scratch = moot__scratch_path(call_id, "1", "coder");
    const struct got *got =
        call_in("{\"id\":\"shell\"}", "{\"command\":\"echo kept > a; pwd\"}", scratch);
    assert_non_null(strstr(got->output, scratch));
    got = call_in("{\"id\":\"shell\"}", "{\"command\":\"cat a\"}", scratch);
    assert_string_equal(got->output, "exit 0\nkept\n");
    moot__scratch_remove(call_id);
    assert_int_not_equal(access(scratch, F_OK), 0);
    free(scratch);
    got = call("{\"id\":\"shell\"}", "{\"command\":\"echo RAN\"}");
    assert_int_equal(got->status, MOOT_EDENIED);
    assert_string_equal(got->output, "there is no workspace");
}

static void what_is_too_much_ends_it(void **state)
{
    (void)state;
    need_sandbox();
    const struct got *got =
        call("{\"id\":\"shell\",\"workspace\":\"box\",\"sandbox\":{\"seconds\":1000}}",
             "{\"command\":\"echo before; (sleep 2; echo x > late) & sleep 100\"}");
    assert_int_equal(got->status, MOOT_ETIMEOUT);
    assert_string_equal(got->output, "exit 124: it ran longer than 1 s and was killed\nbefore\n");
    sleep(2);
    assert_false(temp_tree_has(&tree, "box/late"));
    got = call("{\"id\":\"shell\",\"workspace\":\"box\"}", "{\"command\":\"yes\"}");
    assert_int_equal(got->status, MOOT_EINVAL);
    assert_non_null(strstr(got->output, "exit 137: it printed more than"));
    assert_non_null(strstr(got->output, "bytes are left out here"));
    assert_true(strlen(got->output) < 20000);
    got = call("{\"id\":\"python\",\"workspace\":\"box\",\"sandbox\":{\"memory\":\"100M\"}}",
               "{\"code\":\"x = 'a' * (200 << 20)\"}");
    assert_int_equal(got->status, MOOT_EINVAL);
    assert_non_null(strstr(got->output, "MemoryError"));
}

static void tests_are_found_and_counted(void **state)
{
    (void)state;
    static const char head[] = "import unittest\nclass T(unittest.TestCase):\n"
                               "    def test_a(self): self.assertEqual(1, 1)\n";
    char text[512];
    need_sandbox();
    static const char entry[] = "{\"id\":\"run_tests\",\"workspace\":\"tested\"}";
    temp_tree_folder(&tree, "tested");
    const struct got *got = call(entry, "{}");
    assert_int_equal(got->status, MOOT_EINVAL);
    assert_string_equal(got->shown, "no tests were found (exit 5)");
    temp_tree_file(&tree, "tested/tests/test_one.py", head);
    got = call(entry, "{}");
    assert_int_equal(got->status, MOOT_OK);
    assert_true(strncmp(got->output, "1 passed, 0 failed\n", 19) == 0);
    snprintf(text, sizeof(text),
             "%s    def test_b(self): self.fail('because')\n    def test_c(self): 1/0\n", head);
    temp_tree_file(&tree, "tested/tests/test_two.py", text);
    got = call(entry, "{}");
    assert_int_equal(got->status, MOOT_EINVAL);
    assert_string_equal(got->shown, "2 passed, 2 failed");
    assert_non_null(strstr(got->output, "because"));
    temp_tree_file(&tree, "tested/tests/test_two.py", "import os\nos._exit(0)\n");
    got = call(entry, "{}");
    assert_int_equal(got->status, MOOT_EINVAL);
}

static void outside_the_sandbox_it_is_as_if_from_anywhere(void **state)
{
    (void)state;
    char *scratch = moot__scratch_path(call_id, "1", NULL);
    const struct got *got =
        call_in("{\"id\":\"run_code\",\"workspace\":\"box\",\"sandbox\":\"none\"}",
                "{\"language\":\"sh\",\"code\":\"echo $0; pwd\"}", scratch);
    assert_int_equal(got->status, MOOT_OK);
    assert_string_equal(got->label, "web");
    assert_non_null(strstr(got->output, scratch));
    assert_non_null(strstr(got->output, temp_tree_path(&tree, "box")));
    moot__scratch_remove(call_id);
    free(scratch);
    struct moot_json *entry = parse("{\"id\":\"run_code\",\"sandbox\":\"none\"}");
    struct moot_tool_spec *spec = NULL;
    assert_int_equal(moot__tool_spec_make(entry, tree.path, &spec, NULL), MOOT_OK);
    assert_true(spec->exec && spec->sandbox_none && spec->sends_external);
    moot__tool_spec_free(spec);
    moot__json_free(entry);
}

static int set_up(void **state)
{
    (void)state;
    temp_tree_init(&tree);
    return moot__world_real(&w, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    w->destroy(w->self);
    temp_tree_remove(&tree);
    return 0;
}

#define CODE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CODE_TEST(code_runs_and_says_how_it_ended),
        CODE_TEST(a_name_saves_it_in_the_workspace_and_nowhere_else),
        CODE_TEST(without_a_workspace_it_has_a_scratch_folder),
        CODE_TEST(what_is_too_much_ends_it),
        CODE_TEST(tests_are_found_and_counted),
        CODE_TEST(outside_the_sandbox_it_is_as_if_from_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
