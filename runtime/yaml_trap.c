#include "runtime/yaml_mark.h"

/* One line of a text, and the byte in it at which the parser stopped. */
struct line {
    const char *text;
    size_t len;
    size_t at;
};

static struct line line_at(const char *text, size_t len, int number, int column)
{
    const char *end = text + len;
    for (int i = 1; i < number; i++) {
        const char *brk = memchr(text, '\n', (size_t)(end - text));
        if (brk == NULL)
            break;
        text = brk + 1;
    }
    const char *brk = memchr(text, '\n', (size_t)(end - text));
    struct line l = {.text = text, .len = (size_t)((brk != NULL ? brk : end) - text)};
    while (column > 1 && l.at < l.len) { /* columns count characters */
        l.at++;
        while (l.at < l.len && ((unsigned char)text[l.at] & 0xc0) == 0x80)
            l.at++;
        column--;
    }
    return l;
}

static void say(struct moot_error *err, const struct line *l, size_t at, const char *what)
{
    int line;
    moot__yaml_place(l->text, l->len, at, &line, &err->column);
    snprintf(err->message, sizeof(err->message), "%s", what);
}

/* Where the value begins in which the parser stopped: behind the last `: `, `- `, `, `, `{` or `[`
 * that opens a value and is followed by `first`. False: nothing there begins so. */
static bool value_before(const struct line *l, char first, size_t *at)
{
    for (size_t i = l->at < l->len ? l->at : l->len; i > 0; i--) {
        if (l->text[i - 1] != first)
            continue;
        size_t before = i - 1;
        while (before > 0 && l->text[before - 1] == ' ')
            before--;
        if (before > 0 && strchr(":-,[{", l->text[before - 1]) != NULL) {
            *at = i - 1;
            return true;
        }
    }
    return false;
}

static bool explain_start(const struct line *l, struct moot_error *err)
{
    size_t at;
    if (value_before(l, '{', &at) && at < l->at) {
        say(err, l, at,
            "a value that starts with '{': YAML reads a map: put quotes round the whole text");
        return true;
    }
    if (value_before(l, '*', &at) && at < l->at) {
        say(err, l, at, "a value that starts with '*' is an alias to YAML: put quotes round it");
        return true;
    }
    if (value_before(l, '[', &at) && at < l->at) {
        say(err, l, at,
            "a value that starts with '[': YAML reads a list: put quotes round the whole text");
        return true;
    }
    return false;
}

static bool explain_colon(const struct line *l, struct moot_error *err)
{
    if (l->at >= l->len || l->text[l->at] != ':')
        return false;
    say(err, l, l->at,
        "a colon and a space inside a text: put quotes round it, or write it in a block after '|'");
    return true;
}

static bool explain_tab(const struct line *l, struct moot_error *err)
{
    const char *tab = memchr(l->text, '\t', l->len);
    say(err, l, tab != NULL ? (size_t)(tab - l->text) : l->at,
        "a tab: YAML lines are indented with spaces only");
    return true;
}

/* The line after the one in which a plain text began is indented as if it went on with it. */
static bool explain_indent(const char *text, size_t len, struct moot_error *err)
{
    struct line next = line_at(text, len, err->line + 1, 1);
    size_t indent = 0;
    while (indent < next.len && (next.text[indent] == ' ' || next.text[indent] == '\t'))
        indent++;
    if (memchr(next.text, ':', next.len) == NULL)
        return false;
    err->line++;
    if (memchr(next.text, '\t', indent) != NULL)
        return explain_tab(&next, err);
    say(err, &next, indent,
        "the indentation is off: this line reads as more of the value above it; keys of one map "
        "begin in the same column");
    return true;
}

static bool explain_comma(const struct line *l, struct moot_error *err)
{
    if (explain_colon(l, err))
        return true;
    size_t before = l->at;
    while (before > 0 && l->text[before - 1] == ' ')
        before--;
    if (before > 0 && l->text[before - 1] == '}' && explain_start(l, err))
        return true;
    if (before > 0 && strchr("\"'", l->text[before - 1]) != NULL)
        say(err, l, l->at, "text after a closing quote: put the whole text in quotes");
    else
        say(err, l, l->at, "a comma, or the closing bracket before it, is missing");
    return true;
}

static bool explain_quote(const struct line *l, struct moot_error *err)
{
    bool behind = l->at > 0 && strchr("\"'", l->text[l->at - 1]) != NULL;
    say(err, l, behind ? l->at - 1 : l->at, "a quote that is opened here is not closed");
    return true;
}

/* Whether what stands at `at` begins a value: nothing but white space lies between it and what a
 * value can follow. */
static bool begins_value(const char *text, size_t at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n' ||
                      text[at - 1] == '\r'))
        at--;
    return at == 0 || strchr(":,[{-", text[at - 1]) != NULL;
}

/* The end of a quoted text that begins at `at`, or of a comment; `at` itself: neither begins there.
 */
static size_t skip_inert(const char *text, size_t end, size_t at)
{
    char quote = text[at];
    bool comment = quote == '#' && (at == 0 || strchr(" \t\n", text[at - 1]) != NULL);
    if (comment || ((quote == '"' || quote == '\'') && begins_value(text, at))) {
        for (size_t i = at + 1; i < end; i++) {
            if (quote == '"' && text[i] == '\\')
                i++;
            else if (text[i] == (comment ? '\n' : quote))
                return i;
        }
        return end;
    }
    return at;
}

/* The last bracket before `end` that begins a value and is not closed. False: all are. */
static bool open_bracket(const char *text, size_t end, size_t *found)
{
    size_t open[MOOT_MAX_DEPTH];
    size_t depth = 0;
    for (size_t i = 0; i < end; i++) {
        i = skip_inert(text, end, i);
        if (i >= end)
            break;
        bool opens = text[i] == '{' || text[i] == '[';
        if (opens && depth < MOOT_MAX_DEPTH && begins_value(text, i))
            open[depth++] = i;
        else if ((text[i] == '}' || text[i] == ']') && depth > 0)
            depth--;
    }
    if (depth > 0)
        *found = open[depth - 1];
    return depth > 0;
}

/* Wrong indentation, or an end, inside brackets: the bracket is the cause. */
static bool explain_bracket(const char *text, size_t len, const struct line *l,
                            struct moot_error *err)
{
    size_t at;
    size_t end = (size_t)(l->text - text) + l->at;
    if (!open_bracket(text, end < len ? end : len, &at))
        return false;
    moot__yaml_place(text, len, at, &err->line, &err->column);
    snprintf(err->message, sizeof(err->message), "the '%c' here is not closed", text[at]);
    return true;
}

/* libfyaml's words → ours. The first entry whose words are part of the message counts. */
static const struct {
    const char *raw;
    const char *ours;
} words[] = {
    {"wrongly indented double-quoted", "a quote that is opened here is not closed on its lines"},
    {"wrongly indented single-quoted", "a quote that is opened here is not closed on its lines"},
    {"invalid trailing content after single-quoted",
     "text after a closing quote: inside '…' a quote is written twice ('')"},
    {"invalid trailing content after double-quoted",
     "text after a closing quote: inside \"…\" a quote is written \\\""},
    {"invalid escape", "inside \"…\" a backslash begins an escape: write \\\\, or use '…'"},
    {"without a closing bracket", "a '[' above is not closed"},
    {"without a closing brace", "a '{' above is not closed"},
    {"invalid extra closing", "a closing bracket that closes nothing: if it is text, put quotes "
                              "round it"},
    {"mismatched flow", "this bracket does not close the one that is open"},
    {"on the same line as a mapping key",
     "a value that starts with '- ' is a list to YAML: put quotes round it, or write the list on "
     "lines of its own"},
    {"at the end of block sequence", "a key after a list: indent it as the map it belongs to"},
    {"did not find expected key", "a list item where a key should stand: the indentation is off"},
    {"invalid mapping key", "a value that starts with '? ' is a key to YAML: put quotes round it"},
    {"anchor", "a value that starts with '&' is an anchor to YAML: put quotes round it"},
    {"invalid alias", "a value that starts with '*' is an alias to YAML: put quotes round it"},
    {"block scalar no linebreak",
     "text behind '|' or '>': the text begins on the next line, indented"},
    {"ndentation", "the indentation is off: keys of one map begin in the same column"},
    {"indendation", "the indentation is off: keys of one map begin in the same column"},
    {"indented", "the indentation is off: keys of one map begin in the same column"},
};

static bool explain_start_character(const struct line *l, const char *raw, struct moot_error *err)
{
    const char *quoted = strchr(raw, '\'');
    char what[128];
    snprintf(what, sizeof(what), "a text cannot start with %.3s unless it stands in quotes",
             quoted != NULL ? quoted : "this");
    say(err, l, l->at, what);
    return true;
}

void moot__yaml_explain(const char *text, size_t len, const char *raw, struct moot_error *err)
{
    struct line l = line_at(text, len, err->line, err->column);
    bool done = false;
    if (strstr(raw, "tab") != NULL)
        done = explain_tab(&l, err);
    else if (strstr(raw, "nested block mapping") != NULL)
        done = explain_colon(&l, err);
    else if (strstr(raw, "missing comma") != NULL)
        done = explain_comma(&l, err);
    else if (strstr(raw, "invalid multiline") != NULL)
        done = explain_indent(text, len, err);
    else if (strstr(raw, "cannot start with") != NULL)
        done = explain_start_character(&l, raw, err);
    else if (strstr(raw, "without closing quote") != NULL)
        done = explain_quote(&l, err);
    else if (strstr(raw, "invalid value after") != NULL)
        done = explain_start(&l, err);
    bool inside = strstr(raw, "without a closing") != NULL || strstr(raw, "ndentation") != NULL ||
                  strstr(raw, "ndendation") != NULL || strstr(raw, "indented") != NULL ||
                  strstr(raw, "indent for") != NULL;
    if (!done && inside && strstr(raw, "quoted") == NULL)
        done = explain_bracket(text, len, &l, err);
    for (size_t i = 0; !done && i < MOOT_COUNT(words); i++) {
        done = strstr(raw, words[i].raw) != NULL;
        if (done)
            say(err, &l, l.at, words[i].ours);
    }
    if (!done) {
        char what[200];
        snprintf(what, sizeof(what), "this is not YAML: %.160s", raw);
        say(err, &l, l.at, what);
    }
}
