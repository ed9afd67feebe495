#include "roles/crew_fields.h"

#include "runtime/near.h"

enum { MAX_WORDS = 16 };
static const int64_t MAX_INTEGER = (INT64_C(1) << 53) - 1; /* canonical JSON takes no more */

static const char *const grammar_texts[] = {
    [MOOT_G_NONE] = "nothing",
    [MOOT_G_WORD] = "word",
    [MOOT_G_TEXT] = "text",
    [MOOT_G_PROSE] = "text",
    [MOOT_G_TEMPLATE] = "text with placeholders",
    [MOOT_G_FILLED] = "text with placeholders",
    [MOOT_G_NAME] = "name",
    [MOOT_G_PATH] = "path",
    [MOOT_G_AGENT] = "agent",
    [MOOT_G_TASK] = "task",
    [MOOT_G_TOOL] = "tool",
    [MOOT_G_PERSON] = "person",
    [MOOT_G_MODEL] = "model",
    [MOOT_G_PROVIDER] = "provider/model",
    [MOOT_G_SECRET] = "secret",
    [MOOT_G_BOOL] = "bool",
    [MOOT_G_INTEGER] = "integer",
    [MOOT_G_TOKENS] = "number of tokens",
    [MOOT_G_SIZE] = "size",
    [MOOT_G_DURATION] = "duration",
    [MOOT_G_DECIMAL] = "number",
    [MOOT_G_MONEY] = "amount in USD",
    [MOOT_G_RATIO] = "ratio",
    [MOOT_G_LENGTH] = "length",
    [MOOT_G_EXPR] = "expression",
    [MOOT_G_FIELDS] = "path into results",
    [MOOT_G_REGEX] = "pattern",
    [MOOT_G_TYPE] = "type",
};
_Static_assert(MOOT_COUNT(grammar_texts) == MOOT_G_COUNT, "a grammar without words");

const char *moot__crew_grammar_text(enum moot_grammar grammar)
{
    MOOT_ASSERT(grammar < MOOT_G_COUNT);
    return grammar_texts[grammar];
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool moot__crew_id(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > MOOT_MAX_ID || !is_letter(text[0]))
        return false;
    for (size_t i = 1; i < len; i++)
        if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* "must be <what>, not '<text>'" and an example of what it may be. */
static int refuse(struct moot_error *err, const char *what, const char *text, const char *hint)
{
    size_t shown = strcspn(text, "\n");
    if (shown > 40)
        shown = 40;
    if (text[0] == '\0')
        moot__fail(err, MOOT_EINVAL, "must be %s", what);
    else
        moot__fail(err, MOOT_EINVAL, "must be %s, not '%.*s%s'", what, (int)shown, text,
                   text[shown] != '\0' ? "…" : "");
    moot__fail_hint(err, "%s", hint);
    return MOOT_EINVAL;
}

static int make(struct moot_json *value, struct moot_json **out, struct moot_error *err)
{
    *out = value;
    return value != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

/* ---- numbers with units ---- */

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit token_units[] = {{"", 1}, {"k", 1000}, {"K", 1000}, {"M", 1000000}};
static const struct unit time_units[] = {{"", 1000},   {"ms", 1},      {"s", 1000},
                                         {"m", 60000}, {"min", 60000}, {"h", 3600000}};
static const struct unit size_units[] = {{"", 1},        {"K", 1 << 10},  {"KiB", 1 << 10},
                                         {"k", 1 << 10}, {"M", 1 << 20},  {"MiB", 1 << 20},
                                         {"G", 1 << 30}, {"GiB", 1 << 30}};

/* Digits, a fraction that comes out even, white space, a unit. */
static bool scaled(const char *text, const struct unit *units, size_t count, int64_t *out)
{
    int64_t n = 0;
    int64_t parts = 1; /* n counts in 1/parts */
    const char *at = text;
    for (bool point = false; is_digit(*at) || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            if (at == text || !is_digit(at[1]))
                return false;
            continue;
        }
        if (n > MAX_INTEGER / 10 || parts > 100000000)
            return false;
        n = n * 10 + (*at - '0');
        if (point)
            parts *= 10;
    }
    if (at == text)
        return false;
    at += strspn(at, " ");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(units[i].name, at) != 0)
            continue;
        if (n > MAX_INTEGER / units[i].factor || n * units[i].factor % parts != 0)
            return false;
        *out = n * units[i].factor / parts;
        return true;
    }
    return false;
}

static int read_scaled(const char *text, const struct unit *units, size_t count, const char *what,
                       const char *hint, struct moot_json **out, struct moot_error *err)
{
    int64_t n;
    if (!scaled(text, units, count, &n))
        return refuse(err, what, text, hint);
    return make(moot__json_new_int(n), out, err);
}

static int read_integer(const char *text, struct moot_json **out, struct moot_error *err)
{
    int64_t n;
    if (!moot__int_parse(text, &n) || n < 0 || n > MAX_INTEGER)
        return refuse(err, "a whole number", text, "such as 3");
    return make(moot__json_new_int(n), out, err);
}

/* Digits of a number that is not below 0, without an exponent. */
static bool plain_decimal(const char *text, size_t len)
{
    return len > 0 && len <= 32 && is_digit(text[0]) && moot__decimal_valid(text, len) &&
           memchr(text, 'e', len) == NULL && memchr(text, 'E', len) == NULL;
}

static int read_money(const char *text, struct moot_json **out, struct moot_error *err)
{
    size_t len = strlen(text);
    if (len > 3 && strcmp(text + len - 3, "USD") == 0) {
        len -= 3;
        while (len > 0 && text[len - 1] == ' ')
            len--;
    }
    const char *point = memchr(text, '.', len);
    size_t fraction = point != NULL ? len - (size_t)(point - text) - 1 : 0;
    if (!plain_decimal(text, len) || fraction > 12 || len - fraction > 8)
        return refuse(err, "an amount in USD", text, "such as 0.50 or 0.50 USD");
    return make(moot__json_new_text_n(text, len), out, err);
}

static int read_ratio(const char *text, struct moot_json **out, struct moot_error *err)
{
    char part[24] = {0};
    const char *slash = strchr(text, '/');
    int64_t n, m;
    size_t len = slash != NULL ? (size_t)(slash - text) : 0;
    if (len > 0 && len < sizeof(part))
        memcpy(part, text, len);
    if (!moot__int_parse(part, &n) || !moot__int_parse(slash + 1, &m) || n < 0 || m <= 0 || n > m)
        return refuse(err, "a ratio", text, "such as 2/3");
    return make(moot__json_new_text(text), out, err);
}

/* ---- lengths ---- */

/* Reads digits; *n stays as it was without any. */
static const char *read_digits(const char *at, int64_t *n, bool *any)
{
    *any = is_digit(*at);
    if (*any)
        *n = 0;
    for (; is_digit(*at) && *n < 1000000000; at++)
        *n = *n * 10 + (*at - '0');
    return at;
}

static int read_length(const char *text, struct moot_json **out, struct moot_error *err)
{
    static const char *const units[] = {"words", "characters", "tokens", "items"};
    static const char hint[] =
        "such as 120..220 words (also ..80, 600..; characters, tokens, items)";
    int64_t min = 0, max = 0;
    bool has_min, has_max = false;
    const char *at = read_digits(text, &min, &has_min);
    bool range = strncmp(at, "..", 2) == 0;
    if (range)
        at = read_digits(at + 2, &max, &has_max);
    size_t space = strspn(at, " ");
    const char *unit = NULL;
    for (size_t i = 0; space > 0 && i < MOOT_COUNT(units); i++)
        if (strcmp(at + space, units[i]) == 0)
            unit = units[i];
    if (unit == NULL || (!has_min && !has_max) || (has_min && has_max && min > max))
        return refuse(err, "a length", text, hint);
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    int status = made == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (status == MOOT_OK && has_min)
        status = moot__json_set_int(made, "min", min);
    if (status == MOOT_OK && (has_max || !range))
        status = moot__json_set_int(made, "max", range ? max : min);
    if (status == MOOT_OK)
        status = moot__json_set_text(made, "unit", unit);
    if (status != MOOT_OK) {
        moot__json_free(made);
        return moot__fail(err, status, "out of memory");
    }
    *out = made;
    return MOOT_OK;
}

/* ---- texts ---- */

static int read_bool(const char *text, struct moot_json **out, struct moot_error *err)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON"};
    static const char *const no[] = {"false", "False", "FALSE", "no", "No",
                                     "NO",    "off",   "Off",   "OFF"};
    for (size_t i = 0; i < MOOT_COUNT(yes); i++) {
        bool is_yes = strcmp(text, yes[i]) == 0;
        if (is_yes || strcmp(text, no[i]) == 0)
            return make(moot__json_new_bool(is_yes), out, err);
    }
    return refuse(err, "true or false", text, "");
}

static int read_secret(const char *text, struct moot_json **out, struct moot_error *err)
{
    size_t len = strlen(text);
    bool env = strncmp(text, "${env:", 6) == 0 && len > 7;
    bool file = strncmp(text, "${file:", 7) == 0 && len > 8;
    if ((!env && !file) || strchr(text, '}') != text + len - 1) {
        /* it may be a secret: it is not shown again */
        moot__fail(err, MOOT_EINVAL, "must name where the secret is; it cannot stand in this file");
        moot__fail_hint(err, "write ${env:NAME} or ${file:PATH}");
        return MOOT_EINVAL;
    }
    return make(moot__json_new_text(text), out, err);
}

static bool is_provider(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash != NULL && slash != text && slash[1] != '\0' && strpbrk(text, " \t\n") == NULL;
}

static bool is_tool(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 2 * MOOT_MAX_ID && strpbrk(text, " \t\n{}\"'") == NULL;
}

/* Adds the words of a form: "a, b, c". */
static void list_words(const struct moot_form *form, struct moot_buf *b)
{
    size_t len;
    bool later;
    const char *word;
    for (size_t i = 0; (word = moot__crew_word_at(form, i, &len, &later)) != NULL; i++)
        moot__buf_addf(b, "%s%.*s", i > 0 ? ", " : "", (int)len, word);
}

static int refuse_word(const struct moot_form *form, const char *text, struct moot_error *err)
{
    char words[MAX_WORDS][32];
    const char *list[MAX_WORDS];
    size_t count = 0, len;
    bool later;
    const char *word;
    while (count < MAX_WORDS && (word = moot__crew_word_at(form, count, &len, &later)) != NULL) {
        snprintf(words[count], sizeof(words[count]), "%.*s", (int)len, word);
        list[count] = words[count];
        count++;
    }
    struct moot_buf b;
    moot__buf_init(&b, 512);
    list_words(form, &b);
    char what[300];
    snprintf(what, sizeof(what), "%s%s", count > 1 ? "one of " : "", moot__buf_text(&b));
    moot__buf_release(&b);
    const char *near = moot__near_find(text, list, count);
    refuse(err, what, text, "");
    if (near != NULL)
        moot__fail_hint(err, "did you mean '%s'?", near);
    return MOOT_EINVAL;
}

static int check_text(enum moot_grammar grammar, const char *text, struct moot_error *err)
{
    static const char id_hint[] = "a letter, then letters, digits, '_' and '-', at most 64";
    switch (grammar) {
    case MOOT_G_NAME:
        return moot__crew_id(text) ? MOOT_OK : refuse(err, "a name", text, id_hint);
    case MOOT_G_AGENT:
        return moot__crew_id(text) ? MOOT_OK : refuse(err, "an agent's id", text, id_hint);
    case MOOT_G_TASK:
        return moot__crew_id(text) ? MOOT_OK : refuse(err, "a task's id", text, id_hint);
    case MOOT_G_PERSON:
        return moot__crew_id(text) ? MOOT_OK : refuse(err, "an id of people", text, id_hint);
    case MOOT_G_TOOL:
        return is_tool(text) ? MOOT_OK : refuse(err, "a tool's name", text, "");
    case MOOT_G_PROVIDER:
        return is_provider(text) ? MOOT_OK
                                 : refuse(err, "provider/model", text,
                                          "such as openai/gpt-4.1-mini or ollama/llama3.2");
    case MOOT_G_MODEL:
        return is_provider(text) || moot__crew_id(text)
                   ? MOOT_OK
                   : refuse(err, "provider/model or a name in models", text, "");
    case MOOT_G_DECIMAL:
        return plain_decimal(text, strlen(text)) ? MOOT_OK
                                                 : refuse(err, "a number", text, "such as 0.7");
    case MOOT_G_PATH:
        return text[0] != '\0' && strchr(text, '\n') == NULL ? MOOT_OK
                                                             : refuse(err, "a path", text, "");
    case MOOT_G_EXPR:
    case MOOT_G_FIELDS:
    case MOOT_G_REGEX:
    case MOOT_G_TYPE:
        return text[0] != '\0' ? MOOT_OK : refuse(err, moot__crew_grammar_text(grammar), text, "");
    case MOOT_G_TEXT:
    case MOOT_G_PROSE:
    case MOOT_G_TEMPLATE:
    case MOOT_G_FILLED:
        return MOOT_OK;
    case MOOT_G_NONE:
    case MOOT_G_WORD:
    case MOOT_G_SECRET:
    case MOOT_G_BOOL:
    case MOOT_G_INTEGER:
    case MOOT_G_TOKENS:
    case MOOT_G_SIZE:
    case MOOT_G_DURATION:
    case MOOT_G_MONEY:
    case MOOT_G_RATIO:
    case MOOT_G_LENGTH:
    case MOOT_G_COUNT:
    default:
        break;
    }
    MOOT_ASSERT(false); /* a grammar that is read elsewhere */
    return MOOT_EINVAL;
}

int moot__crew_scalar(const struct moot_form *form, const char *text, struct moot_json **out,
                      struct moot_error *err)
{
    bool later;
    MOOT_ASSERT(form->grammar != MOOT_G_NONE);
    if (moot__crew_word(form, text, &later))
        return make(moot__json_new_text(text), out, err);
    if (form->grammar == MOOT_G_WORD)
        return refuse_word(form, text, err);
    if (form->grammar == MOOT_G_BOOL)
        return read_bool(text, out, err);
    if (form->grammar == MOOT_G_INTEGER)
        return read_integer(text, out, err);
    if (form->grammar == MOOT_G_TOKENS)
        return read_scaled(text, token_units, MOOT_COUNT(token_units), "a number of tokens",
                           "such as 4096, 200k or 1M", out, err);
    if (form->grammar == MOOT_G_SIZE)
        return read_scaled(text, size_units, MOOT_COUNT(size_units), "a size", "such as 512M or 1G",
                           out, err);
    if (form->grammar == MOOT_G_DURATION)
        return read_scaled(text, time_units, MOOT_COUNT(time_units), "a duration",
                           "such as 90s, 10m or 2h; a bare number is seconds", out, err);
    if (form->grammar == MOOT_G_MONEY)
        return read_money(text, out, err);
    if (form->grammar == MOOT_G_RATIO)
        return read_ratio(text, out, err);
    if (form->grammar == MOOT_G_LENGTH)
        return read_length(text, out, err);
    if (form->grammar == MOOT_G_SECRET)
        return read_secret(text, out, err);
    int status = check_text(form->grammar, text, err);
    return status == MOOT_OK ? make(moot__json_new_text(text), out, err) : status;
}
