/* The checks that are computed: schema, that, pattern, none, length. */
#include "agents/check.h"
#include "agents/output.h"
#include "agents/prompt.h"
#include "agents/verdict.h"
#include "runtime/scope.h"
#include "runtime/utf8.h"

enum { QUOTE_MAX = 200 };

/* What an expression sees: what the attempt was given, the result under the task's id and as
 * `result`, and its members as first words, which come before the item's. NULL: out of memory. */
static struct moot_json *that_scope(const struct moot_checked *c)
{
    struct moot_json *scope =
        c->scope != NULL ? moot__json_copy(c->scope) : moot__json_new(MOOT_JSON_OBJECT);
    int rc = scope == NULL ? MOOT_ENOMEM : MOOT_OK;
    const struct moot_json *m =
        moot__json_is(c->result, MOOT_JSON_OBJECT) ? moot__json_first(c->result) : NULL;
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m))
        rc = moot__json_set(scope, moot__json_key(m), moot__json_copy(m));
    if (rc == MOOT_OK)
        rc = moot__json_set(scope, "result", moot__json_copy(c->result));
    if (rc == MOOT_OK)
        rc = moot__json_set(scope, c->task->id, moot__json_copy(c->result));
    if (rc == MOOT_OK)
        return scope;
    moot__json_free(scope);
    return NULL;
}

static int check_that(const struct moot_checked *c, const struct moot_check_def *check,
                      struct moot_json *problems, struct moot_error *err)
{
    struct moot_json *scope = that_scope(c);
    if (scope == NULL)
        return MOOT_ENOMEM;
    bool holds = false;
    int rc = moot__expr_true(check->that, scope, &holds, err);
    moot__json_free(scope);
    if (rc != MOOT_OK)
        return moot__fail_wrap(err, "check '%s' of task '%s'",
                               check->source != NULL ? check->source : "that", c->task->id);
    if (holds)
        return MOOT_OK;
    if (check->otherwise != NULL)
        return moot__verdict_add(problems, check->otherwise, NULL, NULL);
    struct moot_buf what;
    moot__buf_init(&what, MOOT_MAX_BODY);
    moot__buf_addf(&what, "this must hold and does not: %s",
                   check->source != NULL ? check->source : "the expression");
    rc = what.status == MOOT_OK ? moot__verdict_add(problems, moot__buf_text(&what), NULL, NULL)
                                : what.status;
    moot__buf_release(&what);
    return rc;
}

/* The value a check is of. *made, which the caller frees, holds it if it had to be made. */
static int value_of(const struct moot_checked *c, const struct moot_check_def *check,
                    const struct moot_json **value, struct moot_json **made)
{
    *value = c->result;
    *made = NULL;
    if (check->of == NULL)
        return MOOT_OK;
    return moot__scope_get(c->result, check->of, value, made);
}

static const char *name_of(const struct moot_check_def *check)
{
    return check->of != NULL ? check->of : "the result";
}

/* One problem, by format, with the words at fault. */
static int add_problem(struct moot_json *problems, const struct moot_check_def *check,
                       const struct moot_buf *what, const char *quote, size_t len)
{
    if (what->status != MOOT_OK)
        return what->status;
    char *cut = NULL;
    if (quote != NULL) {
        if (len > QUOTE_MAX)
            len = moot__utf8_cut(quote, QUOTE_MAX);
        cut = moot__copy(quote, len);
        if (cut == NULL)
            return MOOT_ENOMEM;
    }
    int rc = moot__verdict_add(
        problems, check->otherwise != NULL ? check->otherwise : moot__buf_text(what), cut, NULL);
    free(cut);
    return rc;
}

static int check_pattern(const struct moot_check_def *check, const struct moot_buf *text,
                         struct moot_json *problems)
{
    struct moot_regex_match match;
    const char *bytes = moot__buf_text(text);
    int rc = moot__regex_search(check->regex, bytes, text->len, 0, &match);
    if (rc == MOOT_ENOMEM)
        return rc;
    bool none = check->kind == MOOT_CHECK_NONE;
    if (rc == (none ? MOOT_ENOTFOUND : MOOT_OK))
        return MOOT_OK;
    struct moot_buf what;
    moot__buf_init(&what, MOOT_MAX_BODY);
    const char *pattern = moot__regex_pattern(check->regex);
    if (rc == MOOT_ELIMIT)
        moot__buf_addf(&what, "%s takes too long to search for /%s/", name_of(check), pattern);
    else
        moot__buf_addf(&what, "%s %s /%s/", name_of(check), none ? "must not match" : "must match",
                       pattern);
    bool quoted = none && rc == MOOT_OK;
    rc = add_problem(problems, check, &what, quoted ? bytes + match.start : NULL,
                     quoted ? match.end - match.start : 0);
    moot__buf_release(&what);
    return rc;
}

static int64_t count_units(const struct moot_check_def *check, const struct moot_json *value,
                           const struct moot_buf *text)
{
    const char *bytes = moot__buf_text(text);
    switch (check->unit) {
    case MOOT_WORDS:
        return (int64_t)moot__utf8_words(bytes, text->len);
    case MOOT_CHARACTERS:
        return (int64_t)moot__utf8_characters(bytes, text->len);
    case MOOT_TOKENS:
        return (int64_t)moot__utf8_tokens(bytes, text->len);
    case MOOT_ITEMS:
        break;
    }
    bool list = moot__json_is(value, MOOT_JSON_ARRAY) || moot__json_is(value, MOOT_JSON_OBJECT);
    return list ? (int64_t)moot__json_count(value) : 0;
}

static int check_length(const struct moot_check_def *check, const struct moot_json *value,
                        const struct moot_buf *text, struct moot_json *problems)
{
    static const char *const units[] = {"words", "characters", "tokens", "items"};
    int64_t count = count_units(check, value, text);
    if (count >= check->min && (check->max < 0 || count <= check->max))
        return MOOT_OK;
    const char *unit = units[check->unit];
    struct moot_buf what;
    moot__buf_init(&what, 1000);
    moot__buf_addf(&what, "%s has %lld %.*s; it must have ", name_of(check), (long long)count,
                   (int)strlen(unit) - (count == 1), unit);
    if (check->max < 0)
        moot__buf_addf(&what, "at least %lld", (long long)check->min);
    else if (check->min <= 0)
        moot__buf_addf(&what, "at most %lld", (long long)check->max);
    else
        moot__buf_addf(&what, "%lld to %lld", (long long)check->min, (long long)check->max);
    int rc = add_problem(problems, check, &what, NULL, 0);
    moot__buf_release(&what);
    return rc;
}

static int check_text(const struct moot_checked *c, const struct moot_check_def *check,
                      struct moot_json *problems)
{
    const struct moot_json *value = NULL;
    struct moot_json *made = NULL;
    struct moot_buf text;
    moot__buf_init(&text, MOOT_MAX_JSON);
    int rc = value_of(c, check, &value, &made);
    if (rc == MOOT_OK && value != NULL)
        rc = moot__template_value(value, &text);
    if (rc == MOOT_OK)
        rc = check->kind == MOOT_CHECK_LENGTH ? check_length(check, value, &text, problems)
                                              : check_pattern(check, &text, problems);
    moot__buf_release(&text);
    moot__json_free(made);
    return rc;
}

static int check_one(const struct moot_checked *c, const struct moot_check_def *check,
                     struct moot_json *problems, struct moot_error *err)
{
    switch (check->kind) {
    case MOOT_CHECK_THAT:
        return check_that(c, check, problems, err);
    case MOOT_CHECK_PATTERN:
    case MOOT_CHECK_NONE:
    case MOOT_CHECK_LENGTH:
        return check_text(c, check, problems);
    case MOOT_CHECK_FILE:
    case MOOT_CHECK_COMMAND:
    case MOOT_CHECK_JUDGE:
    case MOOT_CHECK_PERSON:
        break;
    }
    return MOOT_OK;
}

int moot__check_cheap(const struct moot_checked *c, struct moot_json *problems,
                      struct moot_error *err)
{
    struct moot_buf lines;
    moot__buf_init(&lines, MOOT_SCHEMA_REPORT_MAX);
    int rc = moot__output_check(&c->task->output, c->result, &lines);
    if (rc != MOOT_OK && rc != MOOT_ENOMEM)
        rc = moot__verdict_add_lines(problems, moot__buf_text(&lines));
    moot__buf_release(&lines);
    for (size_t i = 0; i < c->task->check_count && rc == MOOT_OK; i++)
        rc = check_one(c, &c->task->checks[i], problems, err);
    return rc;
}
