#include "runtime/shortform_scalar.h"

#include "runtime/near.h"
#include "runtime/regex.h"

/* How many characters or words a text can be bound to. */
static const int64_t largest_size = 1000000000;

static const char *const bases[] = {"text",  "integer", "number", "bool", "date",
                                    "email", "url",     "uuid",   "any"};
_Static_assert(MOOT_COUNT(bases) == MOOT_SCALAR_CHOICE, "one name for each base");

/* The words of other languages for the same. */
static const char *const other_words[][2] = {
    {"string", "text"},    {"str", "text"},     {"varchar", "text"}, {"markdown", "text"},
    {"int", "integer"},    {"long", "integer"}, {"float", "number"}, {"double", "number"},
    {"decimal", "number"}, {"boolean", "bool"}, {"uri", "url"},      {"link", "url"},
    {"guid", "uuid"},      {"mail", "email"},   {"e-mail", "email"}, {"json", "any"},
    {"datetime", "date"},
};

struct scanner {
    const char *text;
    size_t at;
    size_t end; /* of what comes before the description */
    size_t *bad;
    struct moot_error *err;
};

struct word {
    size_t start;
    size_t len; /* 0: there is none */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && is_space(s->text[s->at]))
        s->at++;
}

static struct word next_word(struct scanner *s)
{
    skip_space(s);
    struct word w = {.start = s->at};
    while (s->at < s->end && !is_space(s->text[s->at]))
        s->at++;
    w.len = s->at - w.start;
    return w;
}

static bool is_word(const struct scanner *s, struct word w, const char *text)
{
    return strlen(text) == w.len && strncmp(s->text + w.start, text, w.len) == 0;
}

/* The first 80 bytes of a word, for messages and for finding what it is near to. */
struct shown {
    char text[84];
};

static struct shown show(const struct scanner *s, struct word w)
{
    struct shown shown;
    size_t len = w.len < 80 ? w.len : 80;
    while (len < w.len && len > 0 && ((unsigned char)s->text[w.start + len] & 0xC0) == 0x80)
        len--;
    memcpy(shown.text, s->text + w.start, len);
    shown.text[len] = '\0';
    return shown;
}

static int refuse(struct scanner *s, struct word w, const char *what)
{
    *s->bad = w.start;
    if (w.len == 0)
        return moot__fail(s->err, MOOT_EINVAL, "%s at byte %zu of \"%.100s\"", what, w.start,
                          s->text);
    return moot__fail(s->err, MOOT_EINVAL, "\"%s\" %s at byte %zu of \"%.100s\"", show(s, w).text,
                      what, w.start, s->text);
}

static int no_memory(struct scanner *s)
{
    return moot__fail(s->err, MOOT_ENOMEM, "out of memory while reading a short form");
}

static size_t find_base(const struct scanner *s, struct word w)
{
    size_t i = 0;
    while (i < MOOT_COUNT(bases) && !is_word(s, w, bases[i]))
        i++;
    return i;
}

static int refuse_base(struct scanner *s, struct word w)
{
    struct shown word = show(s, w);
    const char *near = NULL;
    int code = refuse(s, w, w.len == 0 ? "a type is missing" : "is no type");
    for (size_t i = 0; i < MOOT_COUNT(other_words); i++) {
        if (moot__near_distance(word.text, other_words[i][0]) == 0)
            near = other_words[i][1];
    }
    if (near == NULL)
        near = moot__near_find(word.text, bases, MOOT_COUNT(bases));
    if (is_word(s, w, "list") || is_word(s, w, "array"))
        moot__fail_hint(s->err, "a list is written [text]");
    else if (is_word(s, w, "object") || is_word(s, w, "map") || is_word(s, w, "dict"))
        moot__fail_hint(s->err, "a map is written {field: text}");
    else if (near != NULL)
        moot__fail_hint(s->err, "did you mean \"%s\"?", near);
    else
        moot__fail_hint(s->err, "a type is text, integer, number, bool, date, email, url, uuid or "
                                "any, or a choice: a | b | c");
    return code;
}

/* ---- choices ---- */

static int add_choice(struct scanner *s, struct word w, struct moot_scalar *out)
{
    for (const struct moot_json *j = moot__json_first(out->choices); j != NULL;
         j = moot__json_next(j)) {
        if (is_word(s, w, moot__json_text(j)))
            return refuse(s, w, "is there twice");
    }
    if (moot__json_add(out->choices, moot__json_new_text_n(s->text + w.start, w.len)) != MOOT_OK)
        return no_memory(s);
    return MOOT_OK;
}

static int parse_choices(struct scanner *s, struct moot_scalar *out)
{
    bool only_types = true;
    size_t start = s->at;
    out->base = MOOT_SCALAR_CHOICE;
    out->choices = moot__json_new(MOOT_JSON_ARRAY);
    if (out->choices == NULL)
        return no_memory(s);
    for (;;) {
        skip_space(s);
        struct word w = {.start = s->at};
        while (s->at < s->end && s->text[s->at] != '|')
            s->at++;
        w.len = s->at - w.start;
        while (w.len > 0 && is_space(s->text[w.start + w.len - 1]))
            w.len--;
        if (w.len == 0)
            return refuse(s, w, "a choice is missing");
        only_types = only_types && find_base(s, w) < MOOT_COUNT(bases);
        int status = add_choice(s, w, out);
        if (status != MOOT_OK)
            return status;
        if (s->at == s->end)
            break;
        s->at++;
    }
    if (!only_types)
        return MOOT_OK;
    struct word all = {.start = start, .len = s->end - start};
    refuse(s, all, "are types, and a choice is one of texts");
    moot__fail_hint(s->err, "write any, and say in the description what may stand there");
    return MOOT_EINVAL;
}

/* ---- range, unit, pattern ---- */

static bool copy_digits(const char *text, size_t len, char **out, bool *memory)
{
    if (len == 0)
        return true;
    if (!moot__decimal_valid(text, len))
        return false;
    *out = moot__copy(text, len);
    *memory = *out != NULL;
    return true;
}

static int parse_range(struct scanner *s, struct word w, struct moot_scalar *out)
{
    const char *text = s->text + w.start;
    size_t dots = 0;
    while (dots + 1 < w.len && (text[dots] != '.' || text[dots + 1] != '.'))
        dots++;
    bool memory = true;
    bool good = w.len > 2 && copy_digits(text, dots, &out->min, &memory) && memory &&
                copy_digits(text + dots + 2, w.len - dots - 2, &out->max, &memory);
    if (!memory)
        return no_memory(s);
    if (!good) {
        refuse(s, w, "is no range");
        moot__fail_hint(s->err, "a range is N..M, N.. or ..M");
        return MOOT_EINVAL;
    }
    if (out->min != NULL && out->max != NULL && moot__decimal_compare(out->min, out->max) > 0)
        return refuse(s, w, "is empty: its end lies before its beginning");
    return MOOT_OK;
}

static bool is_size(const char *digits)
{
    int64_t n = 0;
    return digits == NULL || (moot__int_parse(digits, &n) && n >= 0 && n <= largest_size);
}

/* What may be wrong with a range only by the base it stands behind. */
static int check_range(struct scanner *s, struct word range, struct word unit,
                       struct moot_scalar *out)
{
    static const char *const units[] = {"words", "characters", "matching"};
    if (out->base == MOOT_SCALAR_TEXT) {
        bool words = is_word(s, unit, "words");
        if (!words && !is_word(s, unit, "characters")) {
            refuse(s, range, "needs words or characters behind it");
            const char *near = moot__near_find(show(s, unit).text, units, 2);
            if (near != NULL)
                moot__fail_hint(s->err, "did you mean \"%s\"?", near);
            return MOOT_EINVAL;
        }
        if (!is_size(out->min) || !is_size(out->max))
            return refuse(s, range, "is no range of whole numbers from 0 up");
        out->words = words;
        return MOOT_OK;
    }
    if (out->base != MOOT_SCALAR_INTEGER && out->base != MOOT_SCALAR_NUMBER)
        return refuse(s, range, "cannot stand here: only text, integer and number have a range");
    if (is_word(s, unit, "words") || is_word(s, unit, "characters"))
        return refuse(s, unit, "cannot stand here: a number has no unit");
    int64_t n = 0;
    if (out->base == MOOT_SCALAR_INTEGER && ((out->min != NULL && !moot__int_parse(out->min, &n)) ||
                                             (out->max != NULL && !moot__int_parse(out->max, &n))))
        return refuse(s, range, "is no range of whole numbers");
    return MOOT_OK;
}

static int parse_pattern(struct scanner *s, struct word matching, struct moot_scalar *out)
{
    if (out->base != MOOT_SCALAR_TEXT)
        return refuse(s, matching, "cannot stand here: only text is matched");
    skip_space(s);
    struct word w = {.start = s->at, .len = s->end - s->at};
    s->at = s->end;
    if (w.len == 0)
        return refuse(s, w, "a pattern is missing");
    out->pattern = moot__copy(s->text + w.start, w.len);
    if (out->pattern == NULL)
        return no_memory(s);
    struct moot_regex *regex = NULL;
    int status = moot__regex_compile(out->pattern, &regex, s->err);
    moot__regex_free(regex);
    if (status == MOOT_OK || status == MOOT_ENOMEM)
        return status;
    *s->bad = w.start;
    moot__fail_wrap(s->err, "at byte %zu of \"%.100s\"", w.start, s->text);
    if (s->err != NULL)
        s->err->code = MOOT_EINVAL;
    return MOOT_EINVAL;
}

static int refuse_rest(struct scanner *s, struct word w)
{
    static const char *const words[] = {"words", "characters", "matching"};
    const char *near = moot__near_find(show(s, w).text, words, MOOT_COUNT(words));
    refuse(s, w, "is not understood");
    if (near != NULL)
        moot__fail_hint(s->err, "did you mean \"%s\"?", near);
    else
        moot__fail_hint(s->err, "a description follows \" - \"");
    return MOOT_EINVAL;
}

static bool has_dots(const struct scanner *s, struct word w)
{
    for (size_t i = 0; i + 1 < w.len; i++) {
        if (s->text[w.start + i] == '.' && s->text[w.start + i + 1] == '.')
            return true;
    }
    return false;
}

/* Behind the base. */
static int parse_rest(struct scanner *s, struct moot_scalar *out)
{
    struct word w = next_word(s);
    if (has_dots(s, w)) {
        int status = parse_range(s, w, out);
        if (status != MOOT_OK)
            return status;
        struct word unit = next_word(s);
        status = check_range(s, w, unit, out);
        if (status != MOOT_OK)
            return status;
        w = out->base == MOOT_SCALAR_TEXT ? next_word(s) : unit;
    }
    if (w.len == 0)
        return MOOT_OK;
    return is_word(s, w, "matching") ? parse_pattern(s, w, out) : refuse_rest(s, w);
}

/* ---- the whole ---- */

/* Whether `optional` stands in front, and not as a choice. */
static bool skip_optional(struct scanner *s)
{
    size_t start = s->at;
    struct word w = next_word(s);
    skip_space(s);
    if (is_word(s, w, "optional") && s->text[s->at] != '|')
        return true;
    s->at = start;
    return false;
}

static int parse_all(struct scanner *s, struct moot_scalar *out)
{
    skip_space(s);
    out->optional = skip_optional(s);
    skip_space(s);
    size_t start = s->at;
    struct word w = next_word(s);
    size_t base = find_base(s, w);
    skip_space(s);
    bool bar = memchr(s->text + start, '|', s->end - start) != NULL;
    if (bar && (base == MOOT_COUNT(bases) || s->text[s->at] == '|')) {
        s->at = start;
        return parse_choices(s, out);
    }
    if (base == MOOT_COUNT(bases))
        return refuse_base(s, w);
    out->base = (enum moot_scalar_base)base;
    return parse_rest(s, out);
}

/* Cuts the description off. */
static int parse_description(struct scanner *s, struct moot_scalar *out)
{
    const char *dash = strstr(s->text, " - ");
    if (dash == NULL)
        return MOOT_OK;
    s->end = (size_t)(dash - s->text);
    const char *start = dash + 3;
    size_t len = strlen(start);
    while (len > 0 && is_space(*start)) {
        start++;
        len--;
    }
    while (len > 0 && is_space(start[len - 1]))
        len--;
    if (len == 0)
        return MOOT_OK;
    out->description = moot__copy(start, len);
    return out->description != NULL ? MOOT_OK : no_memory(s);
}

int moot__scalar_parse(const char *text, struct moot_scalar *out, size_t *bad,
                       struct moot_error *err)
{
    struct scanner s = {.text = text, .end = strlen(text), .bad = bad, .err = err};
    memset(out, 0, sizeof(*out));
    *bad = 0;
    int status = parse_description(&s, out);
    if (status == MOOT_OK)
        status = parse_all(&s, out);
    if (status != MOOT_OK)
        moot__scalar_release(out);
    return status;
}

void moot__scalar_release(struct moot_scalar *scalar)
{
    free(scalar->min);
    free(scalar->max);
    free(scalar->pattern);
    free(scalar->description);
    moot__json_free(scalar->choices);
    memset(scalar, 0, sizeof(*scalar));
}
