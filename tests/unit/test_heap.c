/* Each allocation of JSON, schemas, patterns and the short form fails once: the error is
 * MOOT_ENOMEM (or the answer the right one), and nothing is lost. */
#include "runtime/regex.h"
#include "runtime/schema.h"
#include "runtime/shortform.h"
#include "runtime/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_SANITIZER
#endif
#endif

static long live;        /* blocks not given back */
static long until_fails; /* allocations until one fails; below 0: none does */
static bool failed;

#ifndef WITH_SANITIZER
/* The libraries must find these instead of libc's. */
#define SEEN __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *block);

static bool fails(void)
{
    if (until_fails < 0 || until_fails-- > 0)
        return false;
    failed = true;
    return true;
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

SEEN void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

SEEN void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

SEEN void *realloc(void *old, size_t size)
{
    if (fails())
        return NULL;
    live -= old != NULL;
    return counted(__libc_realloc(old, size));
}

SEEN void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}
#endif

/* Runs `act` with the first, the second, … allocation failing, until it needs no more. */
static void torture(const char *name, int (*act)(void))
{
#ifdef WITH_SANITIZER
    (void)act;
    (void)live;
    (void)until_fails;
    (void)failed;
    print_message("SKIPPED %s: the sanitizer has malloc for itself\n", name);
    skip();
#else
    for (long n = 0;; n++) {
        long before = live;
        failed = false;
        until_fails = n;
        int status = act();
        until_fails = -1;
        if (live != before)
            fail_msg("%s, allocation %ld failing: %ld blocks lost", name, n, live - before);
        if (status != MOOT_OK && (status != MOOT_ENOMEM || !failed))
            fail_msg("%s, allocation %ld failing: %s", name, n, moot__status_text(status));
        if (!failed)
            break;
        assert_true(n < 10000);
    }
#endif
}

static const char text[] =
    "{\"a\": [1, 2.50, \"x\\n\\u20ac\", null, true], \"b\": {\"c\": {}, \"d\": \"\"}, \"e\": 1, "
    "\"f\": 1, \"g\": 1, \"h\": 1, \"i\": 1, \"j\": 1, \"k\": 1, \"l\": 1}";

static int act_json(void)
{
    struct moot_json *j = NULL;
    int status = moot__json_parse(text, strlen(text), &j, NULL);
    if (status != MOOT_OK)
        return status;
    struct moot_json *copy = moot__json_copy(j);
    if (copy == NULL)
        status = MOOT_ENOMEM;
    else if (!moot__json_equal(j, copy))
        status = failed ? MOOT_ENOMEM : MOOT_EINVAL;
    moot__json_free(copy);
    moot__json_free(j);
    return status;
}

static int act_build(void)
{
    struct moot_json *object = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *array = moot__json_new(MOOT_JSON_ARRAY);
    int status = moot__json_add(array, moot__json_new_text("a\xff"));
    if (status == MOOT_OK)
        status = moot__json_add(array, moot__json_new_digits("1.50"));
    int set = moot__json_set(object, "list", array);
    if (status == MOOT_OK)
        status = set;
    if (status == MOOT_OK)
        status = moot__json_set_int(object, "n", 1);
    if (status == MOOT_OK)
        status = moot__json_set_text(object, "n", "again");
    moot__json_free(moot__json_take(object, "n"));
    moot__json_free(object);
    return status;
}

static int act_written(void)
{
    struct moot_json *j = NULL;
    struct moot_buf out;
    static const char whole[] = "{\"b\": [1, {\"x\": \"y\"}], \"a\": {}}";
    int status = moot__json_parse(whole, strlen(whole), &j, NULL);
    moot__buf_init(&out, 1000);
    if (status == MOOT_OK)
        status = moot__json_write_canonical(j, &out, NULL);
    if (status == MOOT_OK)
        status = moot__json_write_pretty(j, &out);
    char *string = status == MOOT_OK ? moot__json_string(j) : NULL;
    if (status == MOOT_OK && string == NULL)
        status = MOOT_ENOMEM;
    free(string);
    moot__buf_release(&out);
    moot__json_free(j);
    return status;
}

static int act_regex(void)
{
    struct moot_regex *regex = NULL;
    char *taken = NULL;
    int status = moot__regex_compile("(a+)(?:b|c)*", &regex, NULL);
    if (status != MOOT_OK)
        return status;
    status = moot__regex_extract(regex, "xaabc", 5, &taken);
    free(taken);
    moot__regex_free(regex);
    return status;
}

static int act_schema(void)
{
    static const char source[] =
        "{\"$defs\": {\"n\": {\"$anchor\": \"x\", \"type\": \"integer\"}}, \"type\": \"object\", "
        "\"properties\": {\"a\": {\"items\": {\"anyOf\": [{\"$ref\": \"#/$defs/n\"}, {\"enum\": "
        "[\"x\", null, true, 2.5]}, {\"pattern\": \"^x\"}]}, \"uniqueItems\": true}}, "
        "\"patternProperties\": {\"^[e-l]$\": {\"$ref\": \"#x\"}}, \"propertyNames\": "
        "{\"maxLength\": 1}}";
    struct moot_schema *schema = NULL;
    struct moot_json *value = NULL;
    int status = moot__schema_compile_text(source, strlen(source), &schema, NULL);
    if (status == MOOT_OK)
        status = moot__json_parse(text, strlen(text), &value, NULL);
    if (status == MOOT_OK)
        status = moot__schema_validate(schema, value, NULL, NULL);
    moot__json_free(value);
    moot__schema_free(schema);
    return status;
}

/* A report that is cut short is no failure: the answer stands. */
static int act_report(void)
{
    static const char source[] = "{\"additionalProperties\": {\"type\": \"integer\"}}";
    struct moot_schema *schema = NULL;
    struct moot_json *value = NULL;
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_SCHEMA_REPORT_MAX);
    int status = moot__schema_compile_text(source, strlen(source), &schema, NULL);
    if (status == MOOT_OK)
        status = moot__json_parse(text, strlen(text), &value, NULL);
    if (status == MOOT_OK)
        status = moot__schema_validate(schema, value, &problems, NULL) == MOOT_EINVAL ? MOOT_OK
                                                                                      : MOOT_EIO;
    moot__buf_release(&problems);
    moot__json_free(value);
    moot__schema_free(schema);
    return status;
}

static int act_shortform(void)
{
    static const char source[] =
        "{\"a\": \"optional text 1..60 words - its address\", \"b\": [\"high | low\"], \"c\": "
        "{\"d\": \"number 0.5..\", \"e\": \"{x.y}\"}, \"f\": \"text ..9 characters matching ^a\", "
        "\"g\": \"date\"}";
    struct moot_json *shape = NULL;
    struct moot_shortform form;
    int status = moot__json_parse(source, strlen(source), &shape, NULL);
    if (status != MOOT_OK)
        return status;
    status = moot__shortform_compile(shape, &form, NULL);
    if (status == MOOT_OK)
        status = moot__shortform_fill(form.whole, "c.e", form.filled);
    moot__shortform_release(&form);
    moot__json_free(shape);
    return status;
}

static int act_answer(void)
{
    struct moot_json *shape = moot__json_new_text("text ..5 words matching Subject: (.*)");
    struct moot_shortform form = {0};
    struct moot_json *value = NULL;
    int status = shape == NULL ? MOOT_ENOMEM : moot__shortform_compile(shape, &form, NULL);
    if (status == MOOT_OK)
        status = moot__shortform_read(&form, "Subject: Hello", 14, &value, NULL);
    moot__json_free(value);
    moot__shortform_release(&form);
    moot__json_free(shape);
    return status;
}

static int act_texts(void)
{
    char *nfc = moot__utf8_nfc("e\xcc\x81", 3);
    struct moot_text *shared = moot__text_make("abc", 3);
    int status = nfc == NULL || shared == NULL ? MOOT_ENOMEM : MOOT_OK;
    free(nfc);
    moot__text_unref(shared);
    return status;
}

#define TORTURE(name)                                                                              \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        torture(#name, act_##name);                                                                \
    }
TORTURE(json)
TORTURE(build)
TORTURE(written)
TORTURE(regex)
TORTURE(schema)
TORTURE(report)
TORTURE(shortform)
TORTURE(answer)
TORTURE(texts)

int main(void)
{
    until_fails = -1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json),      cmocka_unit_test(build),  cmocka_unit_test(written),
        cmocka_unit_test(regex),     cmocka_unit_test(schema), cmocka_unit_test(report),
        cmocka_unit_test(shortform), cmocka_unit_test(answer), cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
