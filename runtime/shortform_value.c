/* Values of a short form: read from a plain answer, checked, filled in. */
#include "runtime/regex.h"
#include "runtime/schema.h"
#include "runtime/schema_report.h"
#include "runtime/shortform.h"
#include "runtime/utf8.h"

struct span {
    const char *text;
    size_t len;
};

static bool report(struct moot_buf *problems, const char *what, const struct moot_json *value)
{
    struct moot_schema_report r = {.problems = problems};
    return moot__schema_problem(&r, what, value);
}

/* ---- reading ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_space(s.text[0])) {
        s.text++;
        s.len--;
    }
    while (s.len > 0 && is_space(s.text[s.len - 1]))
        s.len--;
    return s;
}

static bool has_edges(struct span s, const char *left, const char *right)
{
    size_t l = strlen(left);
    size_t r = strlen(right);
    return s.len > l + r && memcmp(s.text, left, l) == 0 &&
           memcmp(s.text + s.len - r, right, r) == 0;
}

/* Takes off what models put round a word: "**yes**", "`7`.", "“no”". */
static struct span strip(struct span s)
{
    static const char *const pairs[][2] = {{"\"", "\""}, {"'", "'"}, {"`", "`"}, {"*", "*"},
                                           {"_", "_"},   {"“", "”"}, {"", "."}};
    bool again = true;
    s = trim(s);
    while (again) {
        again = false;
        for (size_t i = 0; i < MOOT_COUNT(pairs); i++) {
            if (!has_edges(s, pairs[i][0], pairs[i][1]))
                continue;
            s.text += strlen(pairs[i][0]);
            s.len -= strlen(pairs[i][0]) + strlen(pairs[i][1]);
            s = trim(s);
            again = true;
        }
    }
    return s;
}

static bool same_word(struct span s, const char *word)
{
    if (strlen(word) != s.len)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char a = s.text[i];
        char b = word[i];
        a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
        b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
        if (a != b)
            return false;
    }
    return true;
}

static const struct moot_json *find_choice(const struct moot_json *choices, struct span s)
{
    const struct moot_json *j = moot__json_first(choices);
    while (j != NULL &&
           (strlen(moot__json_text(j)) != s.len || memcmp(moot__json_text(j), s.text, s.len) != 0))
        j = moot__json_next(j);
    return j;
}

/* The choice as it is written in the crew file; exactly the same words before those of other case
 * or with something round them. */
static struct moot_json *read_choice(const struct moot_json *choices, struct span s)
{
    const struct moot_json *found = find_choice(choices, trim(s));
    s = strip(s);
    if (found == NULL)
        found = find_choice(choices, s);
    const struct moot_json *j = moot__json_first(choices);
    for (; found == NULL && j != NULL; j = moot__json_next(j)) {
        if (same_word(s, moot__json_text(j)))
            found = j;
    }
    return moot__json_new_text_n(found != NULL ? moot__json_text(found) : s.text,
                                 found != NULL ? strlen(moot__json_text(found)) : s.len);
}

static struct moot_json *read_bool(struct span s)
{
    if (same_word(s, "true") || same_word(s, "yes"))
        return moot__json_new_bool(true);
    if (same_word(s, "false") || same_word(s, "no"))
        return moot__json_new_bool(false);
    return moot__json_new_text_n(s.text, s.len);
}

static struct moot_json *read_number(struct span s)
{
    if (!moot__decimal_valid(s.text, s.len))
        return moot__json_new_text_n(s.text, s.len);
    char *digits = moot__copy(s.text, s.len);
    struct moot_json *j = digits != NULL ? moot__json_new_digits(digits) : NULL;
    free(digits);
    return j;
}

/* `any`: JSON if it is such, else text. */
static struct moot_json *read_any(struct span s)
{
    struct moot_json *j = NULL;
    if (moot__json_parse(s.text, s.len, &j, NULL) == MOOT_OK)
        return j;
    return moot__json_new_text_n(s.text, s.len);
}

/* What cannot be read as its type stays a text, which the schema then refuses in its own words. */
static struct moot_json *read_value(const struct moot_json *schema, struct span s)
{
    const char *type = moot__json_get_text(schema, "type", "");
    const struct moot_json *choices = moot__json_get(schema, "enum");
    if (choices != NULL)
        return read_choice(choices, s);
    if (strcmp(type, "boolean") == 0)
        return read_bool(strip(s));
    if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
        return read_number(strip(s));
    if (type[0] == '\0')
        return read_any(trim(s));
    s = moot__json_get(schema, "format") != NULL ? strip(s) : trim(s);
    return moot__json_new_text_n(s.text, s.len);
}

static int capture(const struct moot_shortform *form, const char *answer, size_t len,
                   struct moot_json **out, struct moot_buf *problems)
{
    struct moot_regex *regex = NULL;
    char *taken = NULL;
    int status = moot__regex_compile(form->capture, &regex, NULL);
    if (status == MOOT_OK)
        status = moot__regex_extract(regex, answer, len, &taken);
    moot__regex_free(regex);
    if (status == MOOT_ENOTFOUND) {
        char what[400];
        snprintf(what, sizeof(what), "has nothing that matches the pattern %.*s",
                 moot__schema_cut(form->capture, 300), form->capture);
        report(problems, what, NULL);
        return MOOT_EINVAL;
    }
    if (status == MOOT_ELIMIT)
        report(problems, "looking for the pattern takes too long", NULL);
    if (status != MOOT_OK)
        return status;
    *out = moot__json_new_text(taken);
    free(taken);
    return *out != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int check_scalar(const struct moot_shortform *form, const struct moot_json *value,
                        struct moot_buf *problems)
{
    struct moot_schema *schema = NULL;
    int status = moot__schema_compile(form->whole, &schema, NULL);
    if (status == MOOT_OK)
        status = moot__schema_validate(schema, value, problems, NULL);
    moot__schema_free(schema);
    return status == MOOT_OK ? moot__shortform_check(form, value, problems, NULL) : status;
}

int moot__shortform_read(const struct moot_shortform *form, const char *answer, size_t len,
                         struct moot_json **out, struct moot_buf *problems)
{
    MOOT_ASSERT(form->scalar);
    *out = NULL;
    if (!moot__utf8_valid(answer, len, NULL)) {
        report(problems, "is not UTF-8", NULL);
        return MOOT_EINVAL;
    }
    struct moot_json *value = NULL;
    int status = MOOT_OK;
    if (form->capture != NULL)
        status = capture(form, answer, len, &value, problems);
    else
        value = read_value(form->whole, (struct span){answer, len});
    if (status == MOOT_OK && value == NULL)
        status = MOOT_ENOMEM;
    if (status == MOOT_OK)
        status = check_scalar(form, value, problems);
    if (status == MOOT_OK)
        *out = value;
    else
        moot__json_free(value);
    return status;
}

/* ---- checking ---- */

/* A name cut off the front of a path; false if none is left. */
static bool next_name(const char **path, char *name, size_t size)
{
    if (**path == '\0')
        return false;
    size_t len = strcspn(*path, ".");
    MOOT_ASSERT(len < size);
    memcpy(name, *path, len);
    name[len] = '\0';
    *path += len;
    *path += **path == '.';
    return true;
}

static bool check_words(struct moot_schema_report *r, const struct moot_shortform_check *check,
                        const struct moot_json *value)
{
    const char *text = moot__json_text(value);
    if (text == NULL)
        return true;
    size_t words = moot__utf8_words(text, strlen(text));
    bool few = check->min >= 0 && words < (size_t)check->min;
    bool many = check->max >= 0 && words > (size_t)check->max;
    if (!few && !many)
        return true;
    char what[160];
    snprintf(what, sizeof(what), "must have at %s %lld %s, has %zu", few ? "least" : "most",
             (long long)(few ? check->min : check->max), check->unit, words);
    return moot__schema_problem(r, what, NULL);
}

/* Recursion is bounded by the length of a path, at most 16 names. */
static bool check_path(struct moot_schema_report *r, const struct moot_shortform_check *check,
                       const char *path, const struct moot_json *value)
{
    char name[MOOT_MAX_ID + 1];
    bool fits = true;
    if (value == NULL)
        return true;
    if (!next_name(&path, name, sizeof(name)))
        return check_words(r, check, value);
    struct moot_schema_place *place = &r->places[r->place_count];
    if (strcmp(name, "*") != 0) {
        *place = (struct moot_schema_place){.key = name};
        r->place_count++;
        fits = check_path(r, check, path, moot__json_get(value, name));
        r->place_count--;
        return fits;
    }
    r->place_count++;
    size_t i = 0;
    for (const struct moot_json *j = moot__json_first(value); j != NULL; j = moot__json_next(j)) {
        *place = (struct moot_schema_place){.key = NULL, .index = i++};
        fits &= check_path(r, check, path, j);
    }
    r->place_count--;
    return fits;
}

int moot__shortform_check(const struct moot_shortform *form, const struct moot_json *value,
                          struct moot_buf *problems, size_t *count)
{
    struct moot_schema_report r = {.problems = problems};
    bool fits = true;
    for (size_t i = 0; i < form->check_count; i++)
        fits &= check_path(&r, &form->checks[i], form->checks[i].path, value);
    moot__schema_report_end(&r);
    if (count != NULL)
        *count = r.count;
    return fits ? MOOT_OK : MOOT_EINVAL;
}

/* ---- filling in ---- */

/* The member at hand, made if it is missing and lies on the way. */
static struct moot_json *reach(struct moot_json *object, const char *name)
{
    struct moot_json *member = moot__json_edit(object, name);
    if (member != NULL)
        return member;
    if (moot__json_set(object, name, moot__json_new(MOOT_JSON_OBJECT)) != MOOT_OK)
        return NULL;
    return moot__json_edit(object, name);
}

int moot__shortform_fill(struct moot_json *result, const char *path, const struct moot_json *value)
{
    char name[MOOT_MAX_ID + 1];
    while (next_name(&path, name, sizeof(name))) {
        if (strcmp(name, "*") == 0) {
            int status = MOOT_OK;
            for (size_t i = 0; i < moot__json_count(result) && status == MOOT_OK; i++)
                status = moot__shortform_fill(moot__json_edit_at(result, i), path, value);
            return status;
        }
        if (!moot__json_is(result, MOOT_JSON_OBJECT))
            return MOOT_OK;
        if (*path == '\0')
            return moot__json_set(result, name, moot__json_copy(value));
        if (*path == '*' && moot__json_get(result, name) == NULL)
            return MOOT_OK;
        result = reach(result, name);
        if (result == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}
