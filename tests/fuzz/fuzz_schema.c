/* First line a schema, the rest a value: it ends, and its answers agree with one another. */
#include "tests/fuzz/fuzz.h"

#include "runtime/schema.h"
#include "runtime/utf8.h"

static void check_value(const struct moot_schema *schema, const struct moot_json *value)
{
    struct moot_buf problems;
    size_t count = 0;
    size_t lines = 0;
    moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
    int loud = moot__schema_validate(schema, value, &problems, &count);
    int quiet = moot__schema_validate(schema, value, NULL, NULL);
    FUZZ_CHECK(problems.status == MOOT_OK);
    FUZZ_CHECK(moot__utf8_valid(moot__buf_text(&problems), problems.len, NULL));
    for (size_t i = 0; i < problems.len; i++)
        lines += problems.data[i] == '\n';
    FUZZ_CHECK((loud == MOOT_OK) == (count == 0));
    FUZZ_CHECK(lines == (count < MOOT_SCHEMA_PROBLEMS_MAX ? count : MOOT_SCHEMA_PROBLEMS_MAX));
    /* Who wants a report takes more steps. */
    FUZZ_CHECK(loud == quiet || loud == MOOT_ELIMIT);
    moot__buf_release(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t line = moot_fuzz_line(data, size);
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    int status = moot__schema_compile_text((const char *)data, line, &schema, &err);
    FUZZ_CHECK((status == MOOT_OK) == (schema != NULL));
    FUZZ_CHECK(status == MOOT_OK || (err.code == status && err.message[0] != '\0'));
    if (status != MOOT_OK)
        return 0;
    struct moot_json *value = NULL;
    const char *rest = (const char *)data + (line < size ? line + 1 : line);
    if (moot__json_parse(rest, size - (size_t)(rest - (const char *)data), &value, NULL) == MOOT_OK)
        check_value(schema, value);
    check_value(schema, moot__schema_json(schema));
    moot__json_free(value);
    moot__schema_free(schema);
    return 0;
}
