#include "roles/crew_load.h"

#include "runtime/shortform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/moot-crew-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(path_of(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct moot_crew_file *open_crew(const char *name)
{
    struct moot_crew_file *f = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__crew_open(path_of(name), &f, &err), MOOT_OK);
    return f;
}

/* Everything that `name` is resolved to, in canonical JSON; no problem is allowed. */
static void expect_resolved(const char *name, const char *json)
{
    struct moot_crew_file *f = open_crew(name);
    struct moot_buf b;
    moot__buf_init(&b, 65536);
    moot__crew_report_print(&f->report, &b);
    if (b.len > 0)
        fail_msg("%s", moot__buf_text(&b));
    struct moot_error err = {0};
    assert_int_equal(moot__json_write_canonical(f->resolved, &b, &err), MOOT_OK);
    assert_string_equal(moot__buf_text(&b), json);
    moot__buf_release(&b);
    moot__crew_close(f);
}

/* The first problem's message. */
static void expect_problem(const char *name, const char *message)
{
    struct moot_crew_file *f = open_crew(name);
    assert_true(f->report.count > 0);
    assert_string_equal(f->report.problems[0].message, message);
    moot__crew_close(f);
}

static void test_resolved(void **state)
{
    (void)state;
    write_file("a.yaml",
               "crew: a\n"
               "models: {default: x/y, big: {model: x/z, temperature: 0.7, max_tokens: 2k,"
               " stop: END, timeouts: {idle: 20s}, price: {input: 0.10 USD},"
               " extra: {min_p: 0.05, list: [1, yes]}}}\n"
               "limits: {tokens: 200k, cost: 0.50, seconds: 10m, total: {cost: 2 USD}}\n"
               "agents: {writer: {role: W, tools: [t]}, judge1: {kind: judge}}\n"
               "tasks:\n"
               "  one:\n"
               "    prompt: Do it\n"
               "    output: {b: text, a: [number], c: [{z: text, y: bool}], d: {e: text}}\n"
               "    check: judge1\n"
               "  two: {command: [./x, \"{one.b}\"], args: {q: \"{one.a}\", p: x}}\n"
               "tools: {t: {use: form, parameters: {n: integer}}}\n");
    expect_resolved(
        "a.yaml",
        "{\"agents\":[{\"id\":\"writer\",\"role\":\"W\",\"tools\":[\"t\"]},"
        "{\"id\":\"judge1\",\"kind\":\"judge\"}],\"crew\":\"a\",\"input\":{\"name\":\"input\"},"
        "\"limits\":{\"cost\":\"0.50\",\"seconds\":600000,\"tokens\":200000,"
        "\"total\":{\"cost\":\"2\"}},\"models\":[{\"model\":\"x/y\",\"name\":\"default\"},"
        "{\"extra\":\"{\\\"min_p\\\":0.05,\\\"list\\\":[1,\\\"yes\\\"]}\",\"max_tokens\":2000,"
        "\"model\":\"x/z\",\"name\":\"big\",\"price\":{\"input\":\"0.10\"},\"stop\":[\"END\"],"
        "\"temperature\":\"0.7\",\"timeouts\":{\"idle\":20000}}],\"process\":\"sequential\","
        "\"tasks\":[{\"check\":[{\"judge\":\"judge1\"}],\"id\":\"one\",\"needs\":[],\"output\":["
        "{\"name\":\"b\",\"type\":\"text\"},{\"name\":\"a\",\"type\":[\"number\"]},"
        "{\"name\":\"c\",\"type\":[[{\"name\":\"z\",\"type\":\"text\"},{\"name\":\"y\",\"type\":"
        "\"bool\"}]]},{\"name\":\"d\",\"type\":[{\"name\":\"e\",\"type\":\"text\"}]}],"
        "\"prompt\":\"Do it\"},{\"args\":[{\"name\":\"q\",\"value\":\"{one.a}\"},{\"name\":\"p\","
        "\"value\":\"x\"}],\"command\":[\"./x\",\"{one.b}\"],\"id\":\"two\",\"needs\":[\"one\"]}],"
        "\"tools\":[{\"id\":\"t\",\"parameters\":[{\"name\":\"n\",\"type\":\"integer\"}],\"use\":"
        "\"form\"}]}");
}

static void test_shape(void **state)
{
    (void)state;
    struct moot_crew_file *f = open_crew("a.yaml");
    const struct moot_json *one = moot__crew_entry(f->resolved, "tasks", "one");
    struct moot_json *shape = moot__crew_shape(moot__json_get(one, "output"));
    char *json = moot__json_string(shape);
    assert_string_equal(json, "{\"b\":\"text\",\"a\":[\"number\"],\"c\":[{\"z\":\"text\",\"y\":"
                              "\"bool\"}],\"d\":{\"e\":\"text\"}}");
    free(json);
    moot__json_free(shape);
    moot__crew_close(f);
}

static void test_needs(void **state)
{
    (void)state;
    write_file("n.yaml", "crew: n\nprocess: graph\nmodels: {default: x/y}\n"
                         "tasks:\n  a: {prompt: x}\n"
                         "  b: {prompt: \"{c.text} {a} {b}\", when: a == 'x'}\n"
                         "  c: {prompt: x, needs: previous}\n  d: {prompt: x, needs: []}\n"
                         "  e: {prompt: x, check: [{that: count(d) > 1}, {judge: j, sees: [a]}]}\n"
                         "agents: {j: {}}\n");
    struct moot_crew_file *f = open_crew("n.yaml");
    static const char *const needs[] = {"[]", "[\"a\",\"c\"]", "[\"b\"]", "[]", "[\"d\",\"a\"]"};
    const struct moot_json *task = moot__json_first(moot__json_get(f->resolved, "tasks"));
    for (size_t i = 0; i < MOOT_COUNT(needs); i++, task = moot__json_next(task)) {
        char *json = moot__json_string(moot__json_get(task, "needs"));
        if (i == 1)
            assert_string_equal(json, "[\"c\",\"a\"]");
        else
            assert_string_equal(json, needs[i]);
        free(json);
    }
    moot__crew_close(f);
}

static void test_extends(void **state)
{
    (void)state;
    mkdir(path_of("sub"), 0755);
    write_file("sub/base.yaml", "crew: base\nmodels: {default: x/y}\ngoal: {file: goal.txt}\n"
                                "input: {name: shop, registry: rows.json}\n"
                                "tasks:\n  one: {prompt: One, attempts: 3}\n  two: {prompt: Two}\n"
                                "agents: {w: {workspace: out}}\n");
    write_file("sub/goal.txt", "Make {it}.\n");
    write_file("over.yaml", "extends: sub/base.yaml\ncrew: over\n"
                            "tasks:\n  zero: {prompt: Zero}\n  two: null\n"
                            "  one: {prompt: Uno, attempts: ~}\n");
    expect_resolved(
        "over.yaml",
        "{\"agents\":[{\"id\":\"w\",\"workspace\":\"sub/out\"}],\"crew\":\"over\","
        "\"goal\":\"Make {it}.\",\"input\":{\"key\":\"file\",\"name\":\"shop\","
        "\"registry\":\"sub/rows.json\"},\"models\":[{\"model\":\"x/y\",\"name\":"
        "\"default\"}],\"process\":\"sequential\",\"tasks\":[{\"id\":\"one\",\"needs\":"
        "[],\"prompt\":\"Uno\"},{\"id\":\"zero\",\"needs\":[\"one\"],\"prompt\":\"Zero\""
        "}]}");
    mkdir(path_of(".moot"), 0700); /* makes the upper folder the project */
    write_file("sub/up.yaml", "extends: ../over.yaml\ncrew: up\n");
    struct moot_crew_file *f = open_crew("sub/up.yaml");
    assert_int_equal(f->report.count, 0);
    assert_string_equal(
        moot__json_get_text(moot__crew_entry(f->resolved, "agents", "w"), "workspace", ""), "out");
    moot__crew_close(f);
    write_file("sub/deep.yaml", "extends: ../top.yaml\ncrew: d\n");
    write_file("top.yaml", "crew: t\nagents: {w: {workspace: out}}\n");
    f = open_crew("sub/deep.yaml");
    assert_string_equal(
        moot__json_get_text(moot__crew_entry(f->resolved, "agents", "w"), "workspace", ""),
        "../out");
    moot__crew_close(f);
    rmdir(path_of(".moot"));
}

static void test_extends_errors(void **state)
{
    (void)state;
    char message[400];
    write_file("l1.yaml", "extends: l2.yaml\n");
    write_file("l2.yaml", "extends: l1.yaml\n");
    snprintf(message, sizeof(message),
             "extends: '%s/l1.yaml' extends itself, by way of '%s/l2.yaml'"
             " (%s/l1.yaml uses this file)",
             folder, folder, folder);
    expect_problem("l1.yaml", message);
    write_file("m.yaml", "extends: none.yaml\n");
    expect_problem("m.yaml", "extends: cannot read 'none.yaml': No such file or directory");
    write_file("o.yaml", "extends: /etc/passwd\n");
    expect_problem("o.yaml", "extends: '/etc/passwd' is outside the project folder: a crew file "
                             "reads nothing there");
    write_file("p.yaml", "crew: p\ngoal: {file: ../../etc/passwd}\n");
    struct moot_crew_file *f = open_crew("p.yaml");
    assert_true(strstr(f->report.problems[0].message, "outside the project") != NULL ||
                strstr(f->report.problems[0].message, "cannot read") != NULL);
    moot__crew_close(f);
    for (int i = 0; i < 6; i++) {
        char name[16], text[64];
        snprintf(name, sizeof(name), "d%d.yaml", i);
        snprintf(text, sizeof(text), i < 5 ? "extends: d%d.yaml\n" : "crew: d%d\n", i + 1);
        write_file(name, text);
    }
    f = open_crew("d0.yaml");
    assert_non_null(strstr(f->report.problems[0].message, "more than 4 files one on the other"));
    moot__crew_close(f);
    f = open_crew("d1.yaml");
    assert_int_equal(f->report.count, 0);
    moot__crew_close(f);
    write_file("bad.yaml", "crew: [\n");
    write_file("q.yaml", "extends: bad.yaml\ncrew: q\n");
    f = open_crew("q.yaml");
    assert_null(f->resolved);
    assert_non_null(strstr(f->report.problems[0].message, "q.yaml uses this file"));
    assert_non_null(strstr(f->report.problems[0].file, "bad.yaml"));
    moot__crew_close(f);
}

static void test_use_model(void **state)
{
    (void)state;
    struct moot_error err = {0};
    struct moot_json *crew = NULL;
    static const char text[] =
        "{\"models\":[{\"name\":\"default\",\"model\":\"a/"
        "b\",\"seed\":1},{\"name\":\"big\",\"model\":"
        "\"a/c\"}],\"agents\":[{\"id\":\"x\",\"model\":\"a/d\"},{\"id\":\"y\",\"model\":\"big\"}],"
        "\"tasks\":[{\"id\":\"t\",\"steps\":[{\"prompt\":\"p\",\"model\":\"a/e\"}]}]}";
    assert_int_equal(moot__json_parse(text, strlen(text), &crew, &err), MOOT_OK);
    assert_int_equal(moot__crew_use_model(crew, "big=s/r=x", &err), MOOT_OK);
    assert_string_equal(moot__json_get_text(moot__crew_entry(crew, "models", "big"), "model", ""),
                        "s/r=x");
    assert_int_equal(moot__crew_use_model(crew, "bg=s/r", &err), MOOT_EINVAL);
    assert_int_equal(moot__crew_use_model(crew, "gpt", &err), MOOT_EINVAL);
    assert_int_equal(moot__crew_use_model(crew, "s/all=1", &err), MOOT_OK);
    char *json = moot__json_string(crew);
    assert_string_equal(
        json,
        "{\"models\":[{\"name\":\"default\",\"model\":\"s/all=1\",\"seed\":1},{\"name\":\"big\","
        "\"model\":\"s/all=1\"}],\"agents\":[{\"id\":\"x\",\"model\":\"s/all=1\"},{\"id\":\"y\","
        "\"model\":\"big\"}],\"tasks\":[{\"id\":\"t\",\"steps\":[{\"prompt\":\"p\",\"model\":"
        "\"s/all=1\"}]}]}");
    free(json);
    moot__json_free(crew);
    crew = moot__json_new(MOOT_JSON_OBJECT);
    assert_int_equal(moot__crew_use_model(crew, "s/r", &err), MOOT_OK);
    json = moot__json_string(crew);
    assert_string_equal(json, "{\"models\":[{\"name\":\"default\",\"model\":\"s/r\"}]}");
    free(json);
    moot__json_free(crew);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {
        "a.yaml",  "n.yaml",   "sub/base.yaml", "sub/goal.txt", "over.yaml", "sub/up.yaml",
        "l1.yaml", "l2.yaml",  "m.yaml",        "o.yaml",       "p.yaml",    "sub/deep.yaml",
        "d0.yaml", "d1.yaml",  "d2.yaml",       "d3.yaml",      "d4.yaml",   "top.yaml",
        "d5.yaml", "bad.yaml", "q.yaml"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        unlink(path_of(names[i]));
    rmdir(path_of("sub"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolved),       cmocka_unit_test(test_shape),
        cmocka_unit_test(test_needs),          cmocka_unit_test(test_extends),
        cmocka_unit_test(test_extends_errors), cmocka_unit_test(test_use_model),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
