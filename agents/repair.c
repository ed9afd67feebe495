#include "agents/repair.h"

struct mender {
    const char *text;
    size_t len;
    size_t at;
    struct moot_buf *out;
    bool wrong; /* something that cannot be mended */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static char peek(const struct mender *m, size_t ahead)
{
    return m->at + ahead < m->len ? m->text[m->at + ahead] : '\0';
}

/* A backslash and what it escapes, inside a string. */
static void mend_escape(struct mender *m)
{
    char next = peek(m, 1);
    if (next == '\'') {
        moot__buf_addc(m->out, '\'');
    } else {
        moot__buf_addc(m->out, '\\');
        moot__buf_addc(m->out, next);
    }
    m->at += 2;
}

/* A string in quotes of either kind. */
static void mend_string(struct mender *m)
{
    char quote = m->text[m->at++];
    moot__buf_addc(m->out, '"');
    while (m->at < m->len && m->text[m->at] != quote) {
        char c = m->text[m->at];
        if (c == '\\' && m->at + 1 < m->len) {
            mend_escape(m);
            continue;
        }
        if (c == '"')
            moot__buf_addc(m->out, '\\');
        if (c == '\n')
            moot__buf_adds(m->out, "\\n");
        else if ((unsigned char)c < 0x20)
            moot__buf_addf(m->out, "\\u%04x", (unsigned)(unsigned char)c);
        else
            moot__buf_addc(m->out, c);
        m->at++;
    }
    if (m->at >= m->len)
        m->wrong = true;
    else
        m->at++;
    moot__buf_addc(m->out, '"');
}

/* Skips white space and comments; true if there were any. */
static bool skip_blank(struct mender *m)
{
    size_t start = m->at;
    while (m->at < m->len) {
        if (is_space(m->text[m->at])) {
            m->at++;
        } else if (peek(m, 0) == '/' && peek(m, 1) == '/') {
            while (m->at < m->len && m->text[m->at] != '\n')
                m->at++;
        } else if (peek(m, 0) == '/' && peek(m, 1) == '*') {
            m->at += 2;
            while (m->at < m->len && !(peek(m, 0) == '*' && peek(m, 1) == '/'))
                m->at++;
            m->at = m->at + 2 < m->len ? m->at + 2 : m->len;
        } else {
            break;
        }
    }
    return m->at > start;
}

/* A word: Python's for a constant, a bare key, or what the strict reader knows or refuses. */
static void mend_word(struct mender *m)
{
    static const struct {
        const char *from, *to;
    } words[] = {{"True", "true"}, {"False", "false"}, {"None", "null"}};
    size_t start = m->at;
    while (m->at < m->len && is_word(m->text[m->at]))
        m->at++;
    const char *word = m->text + start;
    size_t len = m->at - start;
    skip_blank(m);
    bool key = peek(m, 0) == ':';
    for (size_t i = 0; !key && i < MOOT_COUNT(words); i++) {
        if (strlen(words[i].from) == len && memcmp(words[i].from, word, len) == 0) {
            moot__buf_adds(m->out, words[i].to);
            return;
        }
    }
    if (key)
        moot__buf_addc(m->out, '"');
    moot__buf_add(m->out, word, len);
    if (key)
        moot__buf_addc(m->out, '"');
}

/* A comma between a value and a closing brace is one too many. */
static void mend_comma(struct mender *m)
{
    if (m->out->len == 0 || strchr("{[,:", m->out->data[m->out->len - 1]) != NULL)
        m->wrong = true;
    m->at++;
    skip_blank(m);
    char next = peek(m, 0);
    if (next != '}' && next != ']' && m->at < m->len)
        moot__buf_addc(m->out, ',');
}

static void mend(struct mender *m)
{
    if (m->len >= 3 && memcmp(m->text, "\xef\xbb\xbf", 3) == 0)
        m->at = 3;
    while (m->at < m->len && !m->wrong && m->out->status == MOOT_OK) {
        char c = m->text[m->at];
        if (skip_blank(m))
            continue;
        if (c == '"' || c == '\'') {
            mend_string(m);
        } else if (c == ',') {
            mend_comma(m);
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_') {
            mend_word(m);
        } else if (is_word(c) || c == '-' || c == '+' || c == '.') {
            /* A number stays together: white space inside it would be lost with the rest. */
            while (m->at < m->len && (is_word(m->text[m->at]) || strchr("+-.", m->text[m->at])))
                moot__buf_addc(m->out, m->text[m->at++]);
            if (skip_blank(m) && is_word(peek(m, 0)))
                m->wrong = true;
        } else {
            moot__buf_addc(m->out, c);
            m->at++;
        }
    }
}

int moot__repair_parse(const char *text, size_t len, struct moot_json **out, bool *mended,
                       struct moot_error *err)
{
    if (mended != NULL)
        *mended = false;
    int rc = moot__json_parse(text, len, out, err);
    if (rc != MOOT_ESYNTAX || len == 0)
        return rc;
    struct moot_buf buf;
    moot__buf_init(&buf, MOOT_MAX_JSON);
    struct mender m = {.text = text, .len = len, .out = &buf};
    mend(&m);
    int again = buf.status;
    if (again == MOOT_OK)
        again = m.wrong ? MOOT_ESYNTAX : moot__json_parse(moot__buf_text(&buf), buf.len, out, NULL);
    moot__buf_release(&buf);
    if (again == MOOT_ENOMEM)
        return moot__fail(err, MOOT_ENOMEM, "out of memory while reading JSON");
    if (again != MOOT_OK)
        return rc; /* the strict reader's words are the ones to show */
    if (mended != NULL)
        *mended = true;
    return MOOT_OK;
}

/* ---- finding it ---- */

struct finder {
    const char *text;
    size_t len;
    struct moot_span *out;
    size_t count;
};

static void found(struct finder *f, size_t start, size_t end)
{
    while (start < end && is_space(f->text[start]))
        start++;
    while (end > start && is_space(f->text[end - 1]))
        end--;
    if (start == end || f->count == MOOT_SPANS_MAX)
        return;
    for (size_t i = 0; i < f->count; i++)
        if (f->out[i].start == start && f->out[i].len == end - start)
            return;
    f->out[f->count++] = (struct moot_span){start, end - start};
}

/* Where the line after `at` begins, or the end. */
static size_t next_line(const struct finder *f, size_t at)
{
    const char *end = memchr(f->text + at, '\n', f->len - at);
    return end == NULL ? f->len : (size_t)(end - f->text) + 1;
}

static bool is_fence(const struct finder *f, size_t at)
{
    while (at < f->len && (f->text[at] == ' ' || f->text[at] == '\t'))
        at++;
    return f->len - at >= 3 && memcmp(f->text + at, "```", 3) == 0;
}

static void find_fenced(struct finder *f)
{
    size_t open = 0;
    bool inside = false;
    for (size_t at = 0; at < f->len; at = next_line(f, at)) {
        if (!is_fence(f, at))
            continue;
        if (inside)
            found(f, open, at);
        inside = !inside;
        open = next_line(f, at);
    }
}

/* The end of the value that begins at `at` with a brace or a bracket, strings seen; 0: none. */
static size_t balanced_end(const struct finder *f, size_t at)
{
    size_t depth = 0;
    bool string = false;
    for (size_t i = at; i < f->len; i++) {
        char c = f->text[i];
        if (string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                string = false;
        } else if (c == '"') {
            string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Tried from each of the first braces that is not inside one found before. */
static void find_balanced(struct finder *f)
{
    int tries = 0;
    for (size_t at = 0; at < f->len && tries < MOOT_SPANS_MAX; at++) {
        if (f->text[at] != '{' && f->text[at] != '[')
            continue;
        tries++;
        size_t end = balanced_end(f, at);
        if (end == 0)
            continue;
        found(f, at, end);
        at = end - 1;
    }
}

size_t moot__repair_spans(const char *text, size_t len, struct moot_span out[MOOT_SPANS_MAX])
{
    struct finder f = {text, len, out, 0};
    found(&f, 0, len);
    find_fenced(&f);
    find_balanced(&f);
    return f.count;
}
