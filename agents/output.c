#include "agents/output.h"

#include "agents/repair.h"
#include "runtime/scope.h"

static bool is_scalar(const struct moot_output_def *o)
{
    return o->has_form && o->form.scalar;
}

const char *moot__output_schema(const struct moot_output_def *o)
{
    return o->given && !is_scalar(o) ? o->ask_text : NULL;
}

/* The answer without white space round it, as a string. */
static int read_text(const char *answer, struct moot_json **out, struct moot_buf *problems)
{
    size_t start = strspn(answer, " \t\r\n");
    size_t end = strlen(answer);
    while (end > start && strchr(" \t\r\n", answer[end - 1]) != NULL)
        end--;
    if (end == start) {
        moot__buf_adds(problems, "- the answer is empty\n");
        return problems->status == MOOT_ENOMEM ? MOOT_ENOMEM : MOOT_EINVAL;
    }
    *out = moot__json_new_text_n(answer + start, end - start);
    return *out == NULL ? MOOT_ENOMEM : MOOT_OK;
}

/* The bounds that no JSON Schema says are checked together with the schema. */
static int validate(const struct moot_output_def *o, const struct moot_schema *schema,
                    const struct moot_json *value, struct moot_buf *problems)
{
    size_t count = 0;
    int rc = schema == NULL ? MOOT_OK : moot__schema_validate(schema, value, problems, &count);
    if (rc != MOOT_ENOMEM && o->has_form) {
        int bounds = moot__shortform_check(&o->form, value, problems, &count);
        rc = rc == MOOT_OK || bounds == MOOT_ENOMEM ? bounds : rc;
    }
    /* A report that got lost must not look like one without lines. */
    bool lost = problems != NULL && problems->status == MOOT_ENOMEM;
    return lost ? MOOT_ENOMEM : rc;
}

static bool is_required(const struct moot_output_def *o, const char *key)
{
    const struct moot_json *required =
        moot__json_get(o->ask == NULL ? NULL : moot__schema_json(o->ask), "required");
    for (const struct moot_json *r = moot__json_first(required); r != NULL; r = moot__json_next(r))
        if (moot__json_text(r) != NULL && strcmp(moot__json_text(r), key) == 0)
            return true;
    return false;
}

/* What may be left out and is null says the same as what is left out. */
static bool drop_nulls(const struct moot_output_def *o, struct moot_json *value)
{
    bool dropped = false;
    const struct moot_json *m =
        moot__json_is(value, MOOT_JSON_OBJECT) ? moot__json_first(value) : NULL;
    while (m != NULL) {
        const struct moot_json *next = moot__json_next(m);
        if (moot__json_is(m, MOOT_JSON_NULL) && !is_required(o, moot__json_key(m))) {
            moot__json_free(moot__json_take(value, moot__json_key(m)));
            dropped = true;
        }
        m = next;
    }
    return dropped;
}

/* Whether one place of the answer holds what is wanted; it is *out then. `problems` says what is
 * wrong with the first that could be read. */
static int try_span(const struct moot_output_def *o, const char *text, size_t len,
                    struct moot_json **out, struct moot_buf *problems)
{
    struct moot_json *value = NULL;
    int rc = moot__repair_parse(text, len, &value, NULL, NULL);
    if (rc != MOOT_OK)
        return rc == MOOT_ENOMEM ? rc : MOOT_ESYNTAX;
    rc = validate(o, o->ask, value, NULL);
    if (rc != MOOT_OK && rc != MOOT_ENOMEM && drop_nulls(o, value))
        rc = validate(o, o->ask, value, NULL);
    if (rc == MOOT_OK) {
        *out = value;
        return MOOT_OK;
    }
    if (rc != MOOT_ENOMEM && problems->len == 0)
        rc = validate(o, o->ask, value, problems);
    moot__json_free(value);
    return rc;
}

static int read_json(const struct moot_output_def *o, const char *answer, struct moot_json **out,
                     struct moot_buf *problems)
{
    struct moot_span spans[MOOT_SPANS_MAX];
    size_t count = moot__repair_spans(answer, strlen(answer), spans);
    size_t before = problems->len;
    struct moot_buf words;
    moot__buf_init(&words, MOOT_SCHEMA_REPORT_MAX);
    int rc = MOOT_EINVAL;
    for (size_t i = 0; i < count && rc != MOOT_OK && rc != MOOT_ENOMEM; i++)
        rc = try_span(o, answer + spans[i].start, spans[i].len, out, &words);
    if (rc != MOOT_OK && rc != MOOT_ENOMEM) {
        moot__buf_add(problems, moot__buf_text(&words), words.len);
        if (problems->len == before)
            moot__buf_adds(problems, "- the answer has no JSON that can be read\n");
        rc = problems->status == MOOT_ENOMEM ? MOOT_ENOMEM : MOOT_EINVAL;
    }
    moot__buf_release(&words);
    return rc;
}

int moot__output_read(const struct moot_output_def *o, const char *answer, struct moot_json **out,
                      struct moot_buf *problems)
{
    *out = NULL;
    if (!o->given)
        return read_text(answer, out, problems);
    if (is_scalar(o)) {
        int rc = moot__shortform_read(&o->form, answer, strlen(answer), out, problems);
        return rc != MOOT_OK && problems->status == MOOT_ENOMEM ? MOOT_ENOMEM : rc;
    }
    return read_json(o, answer, out, problems);
}

/* ---- one field ---- */

/* Of the lines, those on the field or on what lies in it. */
static void keep_lines_of(const char *name, const struct moot_buf *lines, struct moot_buf *out)
{
    size_t len = strlen(name);
    const char *line = moot__buf_text(lines);
    while (*line != '\0') {
        size_t n = strcspn(line, "\n");
        if (n > 3 + len && strncmp(line, "- /", 3) == 0 && strncmp(line + 3, name, len) == 0 &&
            (line[3 + len] == ':' || line[3 + len] == '/')) {
            moot__buf_add(out, line, n);
            moot__buf_addc(out, '\n');
        }
        line += n + (line[n] == '\n');
    }
}

/* Whether the value fits as that field, whatever else is still missing. */
static int check_field(const struct moot_output_def *o, const struct moot_json *fields,
                       const char *name, const struct moot_json *value, struct moot_buf *problems)
{
    struct moot_json *object = moot__json_copy(fields);
    if (object == NULL || moot__json_set(object, name, moot__json_copy(value)) != MOOT_OK) {
        moot__json_free(object);
        return MOOT_ENOMEM;
    }
    struct moot_buf lines;
    moot__buf_init(&lines, MOOT_SCHEMA_REPORT_MAX);
    size_t before = problems->len;
    int rc = validate(o, o->ask, object, &lines);
    moot__json_free(object);
    if (rc != MOOT_ENOMEM) {
        keep_lines_of(name, &lines, problems);
        rc = problems->status == MOOT_ENOMEM ? MOOT_ENOMEM
             : problems->len > before        ? MOOT_EINVAL
                                             : MOOT_OK;
    }
    moot__buf_release(&lines);
    return rc;
}

int moot__output_read_field(const struct moot_output_def *o, const struct moot_json *fields,
                            const char *name, const char *answer, struct moot_json **out,
                            struct moot_buf *problems)
{
    *out = NULL;
    struct moot_json *text = NULL;
    int rc = read_text(answer, &text, problems);
    if (rc != MOOT_OK)
        return rc;
    rc = check_field(o, fields, name, text, problems);
    if (rc == MOOT_OK) {
        *out = text;
        return rc;
    }
    moot__json_free(text);
    /* A field that is no text: the answer may be its JSON. */
    struct moot_buf unsaid;
    moot__buf_init(&unsaid, MOOT_SCHEMA_REPORT_MAX);
    struct moot_span spans[MOOT_SPANS_MAX];
    size_t count = moot__repair_spans(answer, strlen(answer), spans);
    for (size_t i = 0; i < count && rc == MOOT_EINVAL; i++) {
        struct moot_json *value = NULL;
        int read = moot__repair_parse(answer + spans[i].start, spans[i].len, &value, NULL, NULL);
        if (read == MOOT_OK)
            read = check_field(o, fields, name, value, &unsaid);
        if (read == MOOT_OK)
            *out = value;
        else
            moot__json_free(value);
        if (read == MOOT_OK || read == MOOT_ENOMEM)
            rc = read;
    }
    moot__buf_release(&unsaid);
    return rc;
}

/* ---- what the host fills in ---- */

struct slots {
    size_t count;
    const char *path;
};

static int count_slot(void *arg, const struct moot_template_slot *slot)
{
    struct slots *s = arg;
    s->count++;
    s->path = slot->path;
    return 0;
}

int moot__output_value(const struct moot_template *t, const struct moot_json *scope,
                       struct moot_json **out, struct moot_error *err)
{
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_BODY);
    int rc = moot__template_fill(t, scope, &text, err);
    struct slots s = {0, NULL};
    moot__template_each(t, count_slot, &s);
    const struct moot_json *value = s.count == 1 ? moot__scope_find(scope, s.path) : NULL;
    *out = NULL;
    if (rc == MOOT_OK && value != NULL) {
        struct moot_buf alone;
        moot__buf_init(&alone, MOOT_MAX_BODY);
        rc = moot__template_value(value, &alone);
        if (rc == MOOT_OK && strcmp(moot__buf_text(&alone), moot__buf_text(&text)) == 0) {
            *out = moot__json_copy(value);
            rc = *out == NULL ? MOOT_ENOMEM : MOOT_OK;
        }
        moot__buf_release(&alone);
    }
    if (rc == MOOT_OK && *out == NULL) {
        *out = moot__json_new_text(moot__buf_text(&text));
        rc = *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    moot__buf_release(&text);
    return rc;
}

/* Members in the order in which the schema has its properties, the rest behind them. */
static int put_in_order(const struct moot_output_def *o, struct moot_json **result)
{
    const struct moot_json *properties =
        moot__json_get(o->schema == NULL ? NULL : moot__schema_json(o->schema), "properties");
    if (properties == NULL || !moot__json_is(*result, MOOT_JSON_OBJECT))
        return MOOT_OK;
    struct moot_json *ordered = moot__json_new(MOOT_JSON_OBJECT);
    int rc = ordered == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (const struct moot_json *p = moot__json_first(properties); p != NULL && rc == MOOT_OK;
         p = moot__json_next(p)) {
        struct moot_json *value = moot__json_take(*result, moot__json_key(p));
        if (value != NULL)
            rc = moot__json_set(ordered, moot__json_key(p), value);
    }
    for (const struct moot_json *m = moot__json_first(*result); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m))
        rc = moot__json_set(ordered, moot__json_key(m), moot__json_copy(m));
    if (rc != MOOT_OK) {
        moot__json_free(ordered);
        return rc;
    }
    moot__json_free(*result);
    *result = ordered;
    return MOOT_OK;
}

int moot__output_fill(const struct moot_output_def *o, const struct moot_json *scope,
                      struct moot_json **result, struct moot_error *err)
{
    for (size_t i = 0; i < o->filled_count; i++) {
        struct moot_json *value = NULL;
        int rc = moot__output_value(o->filled[i], scope, &value, err);
        if (rc == MOOT_OK)
            rc = moot__shortform_fill(*result, o->filled_names[i], value);
        moot__json_free(value);
        if (rc != MOOT_OK)
            return rc;
    }
    return put_in_order(o, result);
}

int moot__output_check(const struct moot_output_def *o, const struct moot_json *result,
                       struct moot_buf *problems)
{
    return o->given ? validate(o, o->schema, result, problems) : MOOT_OK;
}
