/* Any text as an expression: read, its paths, its types, its value. */
#include "runtime/expr.h"
#include "tests/fuzz/fuzz.h"

static const char scope_text[] = "{\"$item\":\"a\",\"a\":{\"text\":\"x\",\"b\":[1,2,{\"c\":\"d\"}]}"
                                 ",\"n\":1.5,\"t\":true,\"z\":null,"
                                 "\"s\":\"high\",\"l\":[{\"x\":1},{\"x\":[2]}]}";
static const char schema_text[] =
    "{\"a\":{\"type\":\"object\"},\"n\":{\"type\":\"number\"},\"t\":{\"type\":\"boolean\"},"
    "\"s\":{\"enum\":[\"high\",\"low\"]},\"l\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\"]}}}";

static const struct moot_json *look_up(void *arg, const char *path)
{
    return moot__json_get(arg, path);
}

static int count(void *arg, const char *path, size_t offset)
{
    size_t *sum = arg;
    *sum += strlen(path) + offset;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_expr *e = NULL;
    struct moot_error err = {0};
    if (moot__expr_parse((const char *)data, size, &e, &err) != 0) {
        MOOT_ASSERT(err.message[0] != '\0');
        MOOT_ASSERT(err.column >= 0 && (size_t)err.column <= size + 1);
        return 0;
    }
    struct moot_json *scope = NULL;
    struct moot_json *schemas = NULL;
    MOOT_ASSERT(moot__json_parse(scope_text, strlen(scope_text), &scope, NULL) == 0);
    MOOT_ASSERT(moot__json_parse(schema_text, strlen(schema_text), &schemas, NULL) == 0);
    size_t sum = 0;
    moot__expr_paths(e, count, &sum);
    unsigned types = 0;
    moot__expr_type(e, look_up, schemas, &types, &err);
    struct moot_json *value = NULL;
    if (moot__expr_eval(e, scope, &value, &err) == 0) {
        MOOT_ASSERT(value != NULL);
        moot__json_free(value);
    }
    bool holds = false;
    moot__expr_true(e, scope, &holds, &err);
    moot__json_free(schemas);
    moot__json_free(scope);
    moot__expr_free(e);
    return 0;
}
