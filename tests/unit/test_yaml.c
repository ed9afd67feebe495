#include "runtime/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Reads `text`; the error, if one is expected, goes to *err. */
static struct moot_json *parse(struct moot_yaml *y, const char *text, struct moot_error *err)
{
    struct moot_json *tree = NULL;
    memset(err, 0, sizeof(*err));
    int status = moot__yaml_parse(y, "t.yaml", text, strlen(text), &tree, err);
    assert_int_equal(status, err->code);
    assert_true((tree != NULL) == (status == MOOT_OK));
    return tree;
}

static void expect_tree(const char *yaml, const char *json)
{
    struct moot_yaml *y;
    struct moot_error err;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    struct moot_json *tree = parse(y, yaml, &err);
    if (tree == NULL)
        fail_msg("%s: %d:%d %s", yaml, err.line, err.column, err.message);
    char *text = moot__json_string(tree);
    assert_string_equal(text, json);
    free(text);
    moot__json_free(tree);
    moot__yaml_free(y);
}

static void test_trees(void **state)
{
    (void)state;
    expect_tree("a: 1\nb: 007\nc: yes\nd: null\ne:\n",
                "{\"a\":\"1\",\"b\":\"007\",\"c\":\"yes\",\"d\":\"null\",\"e\":\"\"}");
    expect_tree("- x\n- [y, {z: 'it''s'}]\n", "[\"x\",[\"y\",{\"z\":\"it's\"}]]");
    expect_tree("a: |\n  one\n  two\nb: >-\n  x\n  y\n", "{\"a\":\"one\\ntwo\\n\",\"b\":\"x y\"}");
    expect_tree("\xef\xbb\xbf"
                "a: x\r\nb: y\r\n",
                "{\"a\":\"x\",\"b\":\"y\"}");
    expect_tree("a: {b, c: d}\n", "{\"a\":{\"b\":\"\",\"c\":\"d\"}}");
    expect_tree("x\n", "\"x\"");
}

static void test_aliases(void **state)
{
    (void)state;
    expect_tree("a: &x {p: 1}\nb: *x\n", "{\"a\":{\"p\":\"1\"},\"b\":{\"p\":\"1\"}}");
    expect_tree("a: &x 1\nb: *x\nc: [*x, &x 2, *x]\n",
                "{\"a\":\"1\",\"b\":\"1\",\"c\":[\"1\",\"2\",\"2\"]}");
    /* what is merged follows what is written out, and loses against it */
    expect_tree("d: &d {m: 1, n: 2}\na:\n  <<: *d\n  z: 3\n  n: 4\n",
                "{\"d\":{\"m\":\"1\",\"n\":\"2\"},\"a\":{\"z\":\"3\",\"n\":\"4\",\"m\":\"1\"}}");
    expect_tree(
        "a: &a {p: 1}\nb: &b {p: 2, q: 3}\nc: {<<: [*a, *b]}\n",
        "{\"a\":{\"p\":\"1\"},\"b\":{\"p\":\"2\",\"q\":\"3\"},\"c\":{\"p\":\"1\",\"q\":\"3\"}}");
    expect_tree("a: {\"<<\": x}\n", "{\"a\":{\"<<\":\"x\"}}");
    /* an anchor that stands in what was merged away */
    expect_tree("a: {<<: &x {p: &y {q: 1}}}\nb: *x\nc: *y\n",
                "{\"a\":{\"p\":{\"q\":\"1\"}},\"b\":{\"p\":{\"q\":\"1\"}},\"c\":{\"q\":\"1\"}}");
}

static const struct {
    const char *yaml;
    int line, column;
    const char *message;
} errors[] = {
    {"", 1, 1, "the file is empty"},
    {"a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands here twice"},
    {"a: 1\n---\nb: 2\n", 3, 1, "a second document: take the line '---' out"},
    {"a:\n\tb: c\n", 2, 1, "a tab: YAML lines are indented with spaces only"},
    {"a:\n  b: c\n\td: e\n", 3, 1, "a tab: YAML lines are indented with spaces only"},
    {"a: b\n\tc: d\n", 2, 1, "a tab: YAML lines are indented with spaces only"},
    {"prompt: {question} and more\n", 1, 9,
     "a value that starts with '{': YAML reads a map: put quotes round the whole text"},
    {"a: {prompt: {x} y}\n", 1, 13,
     "a value that starts with '{': YAML reads a map: put quotes round the whole text"},
    {"a: [draft] of it\n", 1, 4,
     "a value that starts with '[': YAML reads a list: put quotes round the whole text"},
    {"goal: Write this: a mail\n", 1, 17,
     "a colon and a space inside a text: put quotes round it, or write it in a block after '|'"},
    {"x: {goal: Write this: a mail}\n", 1, 21,
     "a colon and a space inside a text: put quotes round it, or write it in a block after '|'"},
    {"a: {b: c\nd: e\n", 2, 2,
     "a colon and a space inside a text: put quotes round it, or write it in a block after '|'"},
    {"a: *bold* text\n", 1, 4,
     "'*bold*' is an alias to an anchor that is not there: if it is text, put quotes round it"},
    {"a: *b\n", 1, 4,
     "'*b' is an alias to an anchor that is not there: if it is text, put quotes round it"},
    {"a: &x {b: *x}\n", 1, 11,
     "'*x' is an alias to an anchor that is not there: if it is text, put quotes round it"},
    {"a: !important x\n", 1, 4,
     "a value that starts with '!' is a tag to YAML: put quotes round it"},
    {"a: @home\n", 1, 4, "a text cannot start with '@' unless it stands in quotes"},
    {"a: %d\n", 1, 4, "a text cannot start with '%' unless it stands in quotes"},
    {"a: `x`\n", 1, 4, "a text cannot start with '`' unless it stands in quotes"},
    {"a: \"x\" y\n", 1, 8, "text after a closing quote: inside \"…\" a quote is written \\\""},
    {"a: {b: \"x\" y}\n", 1, 12, "text after a closing quote: put the whole text in quotes"},
    {"a: 'it's'\n", 1, 8, "text after a closing quote: inside '…' a quote is written twice ('')"},
    {"a: \"x\n", 1, 4, "a quote that is opened here is not closed"},
    {"a: \"x\nb: c\n", 1, 4, "a quote that is opened here is not closed on its lines"},
    {"a: \"\\q\"\n", 1, 5, "inside \"…\" a backslash begins an escape: write \\\\, or use '…'"},
    {"a: \"\\0\"\n", 1, 5, "a NUL character"},
    {"a: [x, y\n", 1, 4, "the '[' here is not closed"},
    {"a: {b: [x, \"]\", c # ]\n", 1, 8, "the '[' here is not closed"},
    {"a: {{b}}\n", 1, 4,
     "a value that starts with '{': YAML reads a map: put quotes round the whole text"},
    {"a: ]\n", 1, 4, "a closing bracket that closes nothing: if it is text, put quotes round it"},
    {"a:\n  b: c\n    d: e\n", 3, 5,
     "the indentation is off: this line reads as more of the value above it; keys of one map begin "
     "in the same column"},
    {"a:\n    b: c\n  d: e\n", 3, 3,
     "the indentation is off: keys of one map begin in the same column"},
    {"a: - b\n", 1, 4,
     "a value that starts with '- ' is a list to YAML: put quotes round it, or write the list on "
     "lines of its own"},
    {"a: |x\n  y\n", 1, 5, "text behind '|' or '>': the text begins on the next line, indented"},
    {"? [a]\n: b\n", 1, 3, "a key must be a word, not a list, a map or an alias"},
    {"a: {<<: b}\n", 1, 9, "'<<' takes maps: write <<: *name"},
    {"a: \xff\n", 1, 4, "byte 3 (0xff) is not UTF-8 text"},
    {"\xff\xfe"
     "a",
     1, 1, "this is UTF-16: save the file as UTF-8"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(errors); i++) {
        struct moot_yaml *y;
        struct moot_error err;
        assert_int_equal(moot__yaml_new(&y), MOOT_OK);
        struct moot_json *tree = parse(y, errors[i].yaml, &err);
        if (tree != NULL)
            fail_msg("accepted: %s", errors[i].yaml);
        if (strcmp(err.message, errors[i].message) != 0 || err.line != errors[i].line ||
            err.column != errors[i].column)
            fail_msg("%s: %d:%d: %s", errors[i].yaml, err.line, err.column, err.message);
        assert_string_equal(err.file, "t.yaml");
        moot__yaml_free(y);
    }
}

static void test_bombs(void **state)
{
    (void)state;
    struct moot_yaml *y;
    struct moot_error err;
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__buf_adds(&b, "a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c < 'k'; c++) {
        moot__buf_addf(&b, "%c: &%c [", c, c);
        for (int i = 0; i < 10; i++)
            moot__buf_addf(&b, "*%c,", c - 1);
        moot__buf_adds(&b, "]\n");
    }
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    assert_null(parse(y, moot__buf_text(&b), &err));
    assert_int_equal(err.code, MOOT_ETOOBIG);
    moot__buf_clear(&b); /* one long text, many times */
    moot__buf_adds(&b, "a: &a ");
    for (int i = 0; i < 100000; i++)
        moot__buf_addc(&b, 'x');
    moot__buf_adds(&b, "\nb: [");
    for (int i = 0; i < 5000; i++)
        moot__buf_adds(&b, "*a,");
    moot__buf_adds(&b, "]\n");
    assert_null(parse(y, moot__buf_text(&b), &err));
    assert_int_equal(err.code, MOOT_ETOOBIG);
    moot__buf_clear(&b);
    for (int i = 0; i < 65; i++)
        moot__buf_addc(&b, '[');
    assert_null(parse(y, moot__buf_text(&b), &err));
    assert_int_equal(err.code, MOOT_ETOOBIG);
    moot__buf_clear(&b); /* deeper by aliases than it is written */
    for (char c = 'a'; c < 'e'; c++) {
        moot__buf_addf(&b, "%c: &%c ", c, c);
        for (int i = 0; i < 20; i++)
            moot__buf_addc(&b, '[');
        if (c > 'a')
            moot__buf_addf(&b, "*%c", c - 1);
        for (int i = 0; i < 20; i++)
            moot__buf_addc(&b, ']');
        moot__buf_addc(&b, '\n');
    }
    assert_null(parse(y, moot__buf_text(&b), &err));
    assert_int_equal(err.code, MOOT_ETOOBIG);
    moot__buf_clear(&b);
    for (int i = 0; i < 5000; i++)
        moot__buf_addf(&b, "k%d: 1\n", i);
    assert_null(parse(y, moot__buf_text(&b), &err));
    assert_int_equal(err.code, MOOT_ETOOBIG);
    moot__buf_release(&b);
    moot__yaml_free(y);
}

static void test_places(void **state)
{
    (void)state;
    static const char text[] = "one:\n  two: {a: x, bé: 'yö'}\n  three:\n    - p\n";
    struct moot_yaml *y;
    struct moot_error err;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    struct moot_json *tree = parse(y, text, &err);
    const struct moot_json *one = moot__json_get(tree, "one");
    const struct moot_yaml_mark *m = moot__yaml_at(y, one);
    assert_int_equal(m->key_line, 1);
    assert_int_equal(m->line, 2);
    assert_int_equal(m->column, 3);
    m = moot__yaml_at(y, moot__json_get(moot__json_get(one, "two"), "bé"));
    assert_int_equal(m->key_column, 15);
    assert_int_equal(m->key_length, 2);
    assert_int_equal(m->line, 2);
    assert_int_equal(m->column, 20);
    assert_int_equal(m->length, 2);
    assert_int_equal(m->style, MOOT_YAML_SINGLE);
    m = moot__yaml_at(y, moot__json_first(moot__json_get(one, "three")));
    assert_int_equal(m->line, 4);
    assert_int_equal(m->column, 7);
    assert_int_equal(m->key_line, 0);
    size_t len;
    const char *line = moot__yaml_line(y, "t.yaml", 3, &len);
    assert_int_equal(len, 8);
    assert_memory_equal(line, "  three:", len);
    assert_null(moot__yaml_line(y, "t.yaml", 9, &len));
    assert_null(moot__yaml_line(y, "u.yaml", 1, &len));
    moot__json_free(tree);
    moot__yaml_free(y);
}

/* The text holds one '@': its place must be found. */
static void expect_at(const char *yaml, const char *key, int line, int column)
{
    struct moot_yaml *y;
    struct moot_error err;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    struct moot_json *tree = parse(y, yaml, &err);
    const struct moot_json *value = moot__json_get(tree, key);
    const char *text = moot__json_text(value);
    assert_non_null(text);
    size_t offset = 0;
    for (; *text != '\0' && *text != '@'; text++)
        offset += ((unsigned char)*text & 0xc0) != 0x80;
    int found_line, found_column;
    assert_true(moot__yaml_locate(y, value, offset, &found_line, &found_column));
    if (found_line != line || found_column != column)
        fail_msg("%s: found at %d:%d", yaml, found_line, found_column);
    moot__json_free(tree);
    moot__yaml_free(y);
}

static void test_locate(void **state)
{
    (void)state;
    expect_at("a: x@\n", "a", 1, 5);
    expect_at("a: 'it''s @'\n", "a", 1, 11);
    expect_at("a: \"a\\u00e9\\n\\\"é @\"\n", "a", 1, 18);
    expect_at("a: one\n  two\n\n  thr@\n", "a", 4, 6);
    expect_at("a: |\n  one\n    two @\n", "a", 3, 9);
    expect_at("a: >-\n\n  one\n  two\n\n  é @\n", "a", 6, 5);
    expect_at("a: \"one \\\n   @ two\"\n", "a", 2, 4);
}

static void test_traps(void **state)
{
    (void)state;
    static const char text[] =
        "a: {role: x, goal: Short, warm, nice}\nb: {c: , d: e}\nf:\ng: {h}\n";
    struct moot_yaml *y;
    struct moot_error err;
    int line, column;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    struct moot_json *tree = parse(y, text, &err);
    const struct moot_json *a = moot__json_get(tree, "a");
    assert_true(moot__yaml_comma(y, moot__json_get(a, "warm"), &line, &column));
    assert_int_equal(line, 1);
    assert_int_equal(column, 25);
    assert_false(moot__yaml_comma(y, moot__json_get(a, "goal"), &line, &column));
    const struct moot_json *b = moot__json_get(tree, "b");
    assert_false(moot__yaml_comma(y, moot__json_get(b, "c"), &line, &column));
    assert_true(moot__yaml_null(y, moot__json_get(b, "c")));
    assert_true(moot__yaml_null(y, moot__json_get(tree, "f")));
    assert_false(
        moot__yaml_comma(y, moot__json_get(moot__json_get(tree, "g"), "h"), &line, &column));
    moot__json_free(tree);
    moot__yaml_free(y);
}

static void test_typed(void **state)
{
    (void)state;
    static const char text[] =
        "{a: 1, b: 007, c: 0.50, d: .5, e: true, f: 'true', g: ~, h: -1e3, i: "
        "1., j: [x, [], {}, +4], k: 1.2.3, l: '', m: }";
    struct moot_yaml *y;
    struct moot_error err;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    struct moot_json *tree = parse(y, text, &err);
    struct moot_json *typed;
    assert_int_equal(moot__yaml_typed(y, tree, &typed), MOOT_OK);
    char *json = moot__json_string(typed);
    assert_string_equal(json, "{\"a\":1,\"b\":7,\"c\":0.50,\"d\":0.5,\"e\":true,\"f\":\"true\","
                              "\"g\":null,\"h\":-1e3,\"i\":1,\"j\":[\"x\",[],{},4],\"k\":\"1.2.3\","
                              "\"l\":\"\",\"m\":null}");
    free(json);
    moot__json_free(typed);
    moot__json_free(tree);
    moot__yaml_free(y);
}

static void test_files(void **state)
{
    (void)state;
    struct moot_yaml *y;
    struct moot_error err = {0};
    struct moot_json *tree = NULL;
    assert_int_equal(moot__yaml_new(&y), MOOT_OK);
    assert_int_equal(moot__yaml_load(y, "/nonexistent/x.yaml", "x.yaml", &tree, &err),
                     MOOT_ENOTFOUND);
    assert_string_equal(err.message, "cannot read x.yaml: No such file or directory");
    char path[] = "/tmp/moot-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fputs("Write {x},\nplease.\n", f);
    fclose(f);
    assert_int_equal(moot__yaml_load_text(y, path, "p.txt", &tree, &err), MOOT_OK);
    assert_string_equal(moot__json_text(tree), "Write {x},\nplease.");
    int line, column;
    assert_true(moot__yaml_locate(y, tree, 13, &line, &column));
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    moot__json_free(tree);
    moot__yaml_free(y);
    assert_int_equal(moot__yaml_load_plain(path, &tree, &err), MOOT_OK);
    assert_string_equal(moot__json_text(tree), "Write {x}, please.");
    moot__json_free(tree);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees), cmocka_unit_test(test_aliases), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bombs), cmocka_unit_test(test_places),  cmocka_unit_test(test_locate),
        cmocka_unit_test(test_traps), cmocka_unit_test(test_typed),   cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
