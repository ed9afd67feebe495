#include "agents/verdict.h"

struct moot_json *moot__verdict_new(bool passed, struct moot_json *problems)
{
    struct moot_json *v = moot__json_new(MOOT_JSON_OBJECT);
    if (problems == NULL)
        problems = moot__json_new(MOOT_JSON_ARRAY);
    if (v == NULL || moot__json_set_bool(v, "passed", passed) != MOOT_OK) {
        moot__json_free(problems);
        moot__json_free(v);
        return NULL;
    }
    if (moot__json_set(v, "problems", problems) != MOOT_OK) {
        moot__json_free(v);
        return NULL;
    }
    return v;
}

/* Without white space round it: what programs put out ends in a line feed. */
static struct moot_json *trimmed(const char *text)
{
    size_t start = strspn(text, " \t\r\n");
    size_t end = strlen(text);
    while (end > start && strchr(" \t\r\n", text[end - 1]) != NULL)
        end--;
    return moot__json_new_text_n(text + start, end - start);
}

int moot__verdict_add(struct moot_json *problems, const char *what, const char *quote,
                      const char *criterion)
{
    if (moot__json_count(problems) >= MOOT_PROBLEMS_MAX)
        return MOOT_OK;
    struct moot_json *p = moot__json_new(MOOT_JSON_OBJECT);
    if (p == NULL || moot__json_set(p, "what", trimmed(what)) != MOOT_OK ||
        (quote != NULL && quote[0] != '\0' && moot__json_set_text(p, "quote", quote) != MOOT_OK) ||
        (criterion != NULL && criterion[0] != '\0' &&
         moot__json_set_text(p, "criterion", criterion) != MOOT_OK)) {
        moot__json_free(p);
        return MOOT_ENOMEM;
    }
    return moot__json_add(problems, p);
}

struct moot_json *moot__verdict_no(const char *what)
{
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    if (problems == NULL || moot__verdict_add(problems, what, NULL, NULL) != MOOT_OK) {
        moot__json_free(problems);
        return NULL;
    }
    return moot__verdict_new(false, problems);
}

int moot__verdict_add_lines(struct moot_json *problems, const char *lines)
{
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n");
        size_t skip = n > 2 && strncmp(lines, "- ", 2) == 0 ? 2 : 0;
        if (n > skip) {
            char *what = moot__copy(lines + skip, n - skip);
            int rc = what == NULL ? MOOT_ENOMEM : moot__verdict_add(problems, what, NULL, NULL);
            free(what);
            if (rc != MOOT_OK)
                return rc;
        }
        lines += n + (lines[n] == '\n');
    }
    return MOOT_OK;
}

/* ---- as models write it ---- */

/* "7", 7, 7.5, "7/10": the whole number it begins with, between 0 and 10. */
static bool read_score(const struct moot_json *said, int64_t *score)
{
    const char *digits = moot__json_digits(said);
    if (digits == NULL)
        digits = moot__json_text(said);
    if (digits == NULL || digits[0] < '0' || digits[0] > '9')
        return false;
    size_t whole = strspn(digits, "0123456789");
    if (digits[whole] == 'e' || digits[whole] == 'E')
        return false;
    *score = 10;
    if (whole == 1)
        *score = digits[0] - '0';
    return true;
}

static bool read_passed(const struct moot_json *said, bool *passed)
{
    static const char *const words[] = {"passed", "approved", "pass", "accepted"};
    for (size_t i = 0; i < MOOT_COUNT(words); i++) {
        const struct moot_json *value = moot__json_get(said, words[i]);
        if (moot__json_is(value, MOOT_JSON_BOOL)) {
            *passed = moot__json_true(value);
            return true;
        }
        const char *text = moot__json_text(value);
        if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
            *passed = text[0] == 't';
            return true;
        }
    }
    return false;
}

/* A criterion's own words; what is only its number is looked up. */
static const char *criterion_of(const struct moot_json *problem, const struct moot_json *criteria)
{
    const struct moot_json *said = moot__json_get(problem, "criterion");
    int64_t i = 0;
    const char *text = moot__json_text(said);
    bool number = moot__json_int(said, &i) || (text != NULL && moot__int_parse(text, &i));
    if (number && i >= 1 && i <= (int64_t)moot__json_count(criteria))
        return moot__json_text(moot__json_at(criteria, (size_t)i - 1));
    return text;
}

static int read_problem(const struct moot_json *said, const struct moot_json *criteria,
                        struct moot_json *problems)
{
    if (moot__json_text(said) != NULL)
        return moot__verdict_add(problems, moot__json_text(said), NULL, NULL);
    static const char *const words[] = {"what", "problem", "message", "description", "reason"};
    const char *what = NULL;
    for (size_t i = 0; i < MOOT_COUNT(words) && what == NULL; i++)
        what = moot__json_get_text(said, words[i], NULL);
    const char *criterion = criterion_of(said, criteria);
    if (what == NULL)
        what = criterion;
    if (what == NULL)
        return MOOT_OK;
    const char *quote = moot__json_get_text(said, "quote", NULL);
    return moot__verdict_add(problems, what, quote, criterion);
}

static int read_problems(const struct moot_json *said, const struct moot_json *criteria,
                         struct moot_json *problems)
{
    static const char *const words[] = {"problems", "issues", "reasons", "feedback"};
    const struct moot_json *list = NULL;
    for (size_t i = 0; i < MOOT_COUNT(words) && list == NULL; i++)
        list = moot__json_get(said, words[i]);
    if (!moot__json_is(list, MOOT_JSON_ARRAY))
        return list == NULL ? MOOT_OK : read_problem(list, criteria, problems);
    int rc = MOOT_OK;
    for (const struct moot_json *p = moot__json_first(list); p != NULL && rc == MOOT_OK;
         p = moot__json_next(p))
        rc = read_problem(p, criteria, problems);
    return rc;
}

int moot__verdict_read(const struct moot_json *said, const struct moot_json *criteria,
                       struct moot_json **out)
{
    *out = NULL;
    bool passed = false;
    if (!moot__json_is(said, MOOT_JSON_OBJECT) || !read_passed(said, &passed))
        return MOOT_EINVAL;
    struct moot_json *problems = moot__json_new(MOOT_JSON_ARRAY);
    int rc = problems == NULL ? MOOT_ENOMEM : read_problems(said, criteria, problems);
    if (rc == MOOT_OK && !passed && moot__json_count(problems) == 0)
        rc =
            moot__verdict_add(problems, "it was not accepted, and no reason was given", NULL, NULL);
    if (rc != MOOT_OK) {
        moot__json_free(problems);
        return rc;
    }
    struct moot_json *v = moot__verdict_new(passed, problems);
    int64_t score = 0;
    if (v == NULL || (read_score(moot__json_get(said, "score"), &score) &&
                      moot__json_set_int(v, "score", score) != MOOT_OK)) {
        moot__json_free(v);
        return MOOT_ENOMEM;
    }
    *out = v;
    return MOOT_OK;
}

int64_t moot__verdict_score(const struct moot_json *verdict)
{
    return moot__json_get_int(verdict, "score", -1);
}
