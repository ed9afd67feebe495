/* A YAML text: it is refused with a place in it, or every value of the tree has a place, and the
 * tree can be typed and written. With -detect_leaks=0: libfyaml 0.7.12 loses a buffer where an
 * error follows a long quoted text. */
#include "tests/fuzz/fuzz.h"

#include "runtime/utf8.h"
#include "runtime/yaml.h"

struct counts {
    size_t nodes;
    size_t located;
};

static void check_scalar(const struct moot_yaml *y, const struct moot_json *value, struct counts *c)
{
    const char *text = moot__json_text(value);
    size_t len = moot__utf8_characters(text, strlen(text));
    int line, column;
    FUZZ_CHECK(moot__utf8_valid(text, strlen(text), NULL));
    for (size_t i = 0; i <= len && c->located < 2000; i += 1 + len / 16) {
        c->located++;
        FUZZ_CHECK(moot__yaml_locate(y, value, i, &line, &column));
        FUZZ_CHECK(line >= 1 && column >= 1);
    }
    moot__yaml_null(y, value);
    moot__yaml_comma(y, value, &line, &column);
}

static void check_value(const struct moot_yaml *y, const struct moot_json *value, size_t depth,
                        struct counts *c)
{
    const struct moot_yaml_mark *m = moot__yaml_at(y, value);
    size_t len;
    c->nodes++;
    FUZZ_CHECK(depth <= MOOT_MAX_DEPTH + 1 && c->nodes <= MOOT_MAX_CREW_NODES);
    FUZZ_CHECK(m != NULL && m->line >= 1 && m->column >= 1 && m->length >= 1);
    FUZZ_CHECK(m->start <= m->end || m->end == 0);
    moot__yaml_line(y, m->file, m->line, &len);
    if (moot__json_is(value, MOOT_JSON_STRING))
        check_scalar(y, value, c);
    for (const struct moot_json *v = moot__json_first(value); v != NULL; v = moot__json_next(v))
        check_value(y, v, depth + 1, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_yaml *y;
    struct moot_json *tree = NULL;
    struct moot_json *typed = NULL;
    struct moot_error err = {0};
    if (moot__yaml_new(&y) != MOOT_OK)
        return 0;
    int status = moot__yaml_parse(y, "fuzz", (const char *)data, size, &tree, &err);
    FUZZ_CHECK((status == MOOT_OK) == (tree != NULL));
    if (tree != NULL) {
        struct counts c = {0};
        check_value(y, tree, 1, &c);
        FUZZ_CHECK(moot__yaml_typed(y, tree, &typed) == MOOT_OK);
        char *text = moot__json_string(typed);
        FUZZ_CHECK(text != NULL);
        free(text);
    } else {
        FUZZ_CHECK(err.code == status && err.message[0] != '\0');
        FUZZ_CHECK(status == MOOT_ENOMEM || (err.line >= 1 && err.column >= 1));
        FUZZ_CHECK(moot__utf8_valid(err.message, strlen(err.message), NULL));
    }
    moot__json_free(typed);
    moot__json_free(tree);
    moot__yaml_free(y);
    return 0;
}
