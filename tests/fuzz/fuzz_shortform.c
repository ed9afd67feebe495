/* First line a shape (JSON, else a scalar), the rest a plain answer: what compiles is a schema that
 * compiles, and what is read from an answer fits it. */
#include "tests/fuzz/fuzz.h"

#include "runtime/schema.h"
#include "runtime/shortform.h"

static void check_schema(const struct moot_json *source, const struct moot_json *value)
{
    struct moot_schema *schema = NULL;
    struct moot_error err = {0};
    int status = moot__schema_compile(source, &schema, &err);
    FUZZ_CHECK(status == MOOT_OK);
    if (value != NULL)
        FUZZ_CHECK(moot__schema_validate(schema, value, NULL, NULL) == MOOT_OK);
    moot__schema_free(schema);
}

static void check_form(const struct moot_shortform *form, const char *answer, size_t len)
{
    struct moot_json *value = NULL;
    struct moot_buf problems;
    check_schema(form->schema, NULL);
    check_schema(form->whole, NULL);
    if (!form->scalar)
        return;
    moot__buf_init(&problems, 2 * MOOT_SCHEMA_REPORT_MAX);
    int status = moot__shortform_read(form, answer, len, &value, &problems);
    FUZZ_CHECK((status == MOOT_OK) == (value != NULL));
    FUZZ_CHECK((status == MOOT_OK) == (problems.len == 0));
    if (value != NULL)
        check_schema(form->whole, value);
    moot__json_free(value);
    moot__buf_release(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t line = moot_fuzz_line(data, size);
    struct moot_json *shape = NULL;
    if (moot__json_parse((const char *)data, line, &shape, NULL) != MOOT_OK)
        shape = moot__json_new_text_n((const char *)data, line);
    if (shape == NULL)
        return 0;
    struct moot_shortform form;
    struct moot_error err = {0};
    int status = moot__shortform_compile(shape, &form, &err);
    size_t start = line < size ? line + 1 : line;
    if (status == MOOT_OK) {
        check_form(&form, (const char *)data + start, size - start);
        struct moot_json *result = moot__json_new(MOOT_JSON_OBJECT);
        for (const struct moot_json *f = moot__json_first(form.filled); f != NULL;
             f = moot__json_next(f))
            moot__shortform_fill(result, moot__json_key(f), f);
        moot__json_free(result);
        moot__shortform_check(&form, shape, NULL, NULL);
    } else {
        FUZZ_CHECK(err.code == status && err.message[0] != '\0');
        FUZZ_CHECK(form.schema == NULL);
        if (moot__json_text(form.bad) != NULL)
            FUZZ_CHECK(form.bad_offset <= strlen(moot__json_text(form.bad)));
    }
    moot__shortform_release(&form);
    moot__json_free(shape);
    return 0;
}
