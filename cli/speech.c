#include "cli/speech.h"

#include "cli/paint.h"
#include "cli/safe.h"
#include "runtime/utf8.h"

enum { SPEECH_PIECE_MAX = 32 * 1024 * 1024 };

void moot__speech_init(struct moot_speech *s, const char *prefix, size_t width, int colours,
                       void (*emit)(void *arg, const char *line, size_t len), void *arg)
{
    memset(s, 0, sizeof(*s));
    moot__wrap_init(&s->wrap, prefix, width, colours, emit, arg);
    moot__prose_init(&s->prose, &s->wrap);
    moot__buf_init(&s->word, SPEECH_PIECE_MAX);
}

void moot__speech_release(struct moot_speech *s)
{
    moot__prose_release(&s->prose);
    moot__wrap_release(&s->wrap);
    moot__buf_release(&s->word);
}

static void set_ink(struct moot_speech *s)
{
    moot__wrap_ink(&s->wrap, s->code ? MOOT_INK_SPEAKER : s->bold ? MOOT_INK_BOLD : s->ink);
}

/* Text that is safe, Markdown's marks included. Marks are taken away only where inks replace them.
 */
static void put_marked(struct moot_speech *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t run = 0;
        while (i + run < len && text[i + run] != '*' && text[i + run] != '`' &&
               text[i + run] != '\n')
            run++;
        if (run > 0 && s->stars > 0) {
            moot__wrap_text(&s->wrap, "*", 1);
            s->stars = 0;
        }
        moot__wrap_text(&s->wrap, text + i, run);
        i += run;
        if (i >= len)
            break;
        if (text[i] == '*' && !s->code && ++s->stars == 2) {
            s->stars = 0;
            s->bold = !s->bold;
        } else if (text[i] == '`') {
            s->code = !s->code;
        } else if (text[i] != '*' || s->code) {
            if (s->stars > 0)
                moot__wrap_text(&s->wrap, "*", 1);
            s->stars = 0;
            /* A paragraph ends what was not closed. */
            s->bold = s->bold && text[i] != '\n';
            s->code = s->code && text[i] != '\n';
            set_ink(s);
            moot__wrap_text(&s->wrap, text + i, 1);
        }
        set_ink(s);
        i++;
    }
}

static void put(struct moot_speech *s, const char *text, size_t len, bool marked)
{
    struct moot_buf safe;
    moot__buf_init(&safe, SPEECH_PIECE_MAX);
    if (moot__safe_add(&safe, text, len) == MOOT_OK) {
        if (marked && s->wrap.colours > 0 && s->state == MOOT_SPEECH_TEXT)
            moot__prose_text(&s->prose, moot__buf_text(&safe), safe.len);
        else if (marked && s->wrap.colours > 0)
            put_marked(s, moot__buf_text(&safe), safe.len);
        else
            moot__wrap_text(&s->wrap, moot__buf_text(&safe), safe.len);
    }
    moot__buf_release(&safe);
}

/* What follows a field's name hangs below it, also where it has several lines. */
static void json_line(struct moot_speech *s)
{
    s->wrap.hang = 0;
    if (!s->fresh)
        moot__wrap_text(&s->wrap, "\n", 1);
    s->fresh = false;
    for (size_t i = 1; i < s->depth; i++)
        moot__wrap_text(&s->wrap, "  ", 2);
}

static void json_value_begins(struct moot_speech *s)
{
    if (s->depth > 0 && s->stack[s->depth - 1] == '[') {
        json_line(s);
        moot__wrap_text(&s->wrap, "- ", 2);
        s->wrap.hang = 2 * s->depth;
    }
}

static void json_open(struct moot_speech *s, char c)
{
    if (s->depth >= MOOT_SPEECH_DEPTH_MAX) {
        s->state = MOOT_SPEECH_TEXT;
        return;
    }
    s->stack[s->depth++] = c;
    s->want_key = c == '{';
}

/* A byte between values. */
static void json_between(struct moot_speech *s, char c)
{
    switch (c) {
    case '{':
    case '[':
        json_open(s, c);
        break;
    case '}':
    case ']':
        s->depth -= s->depth > 0;
        s->want_key = false;
        break;
    case ',':
        s->want_key = s->depth > 0 && s->stack[s->depth - 1] == '{';
        break;
    case '"':
        s->state = MOOT_SPEECH_STRING;
        if (s->want_key) {
            json_line(s);
            moot__wrap_ink(&s->wrap, MOOT_INK_DIM);
        } else {
            json_value_begins(s);
        }
        break;
    case ':':
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        break;
    default:
        json_value_begins(s);
        s->state = MOOT_SPEECH_BARE;
        put(s, &c, 1, false);
        break;
    }
}

static void json_string_ends(struct moot_speech *s)
{
    if (s->want_key) {
        moot__wrap_text(&s->wrap, "  ", 2);
        s->want_key = false;
        s->wrap.hang = 2 * s->depth;
    }
    s->bold = s->code = false;
    s->stars = 0;
    set_ink(s);
    s->state = MOOT_SPEECH_JSON;
}

static uint32_t hex_value(const char *digits)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                : 0;
        value = value * 16 + digit;
    }
    return value;
}

/* Ends an escape sequence that is whole: \n, \", \u00e9, pairs of surrogates. */
static void json_escape(struct moot_speech *s)
{
    char out[4];
    size_t len = 1;
    char c = s->escape[1];
    if (c == 'u') {
        uint32_t code = hex_value(s->escape + 2);
        if (code >= 0xd800 && code < 0xdc00) {
            s->high = code;
            return;
        }
        if (code >= 0xdc00 && code < 0xe000)
            code = s->high != 0 ? 0x10000 + ((s->high - 0xd800) << 10) + (code - 0xdc00) : 0xfffd;
        s->high = 0;
        len = moot__utf8_encode(code, out);
    } else {
        out[0] = c == 'n'   ? '\n'
                 : c == 't' ? '\t'
                 : c == 'r' ? '\r'
                 : c == 'b' ? '\b'
                 : c == 'f' ? '\f'
                            : c;
    }
    put(s, out, len, true);
}

static void json_in_string(struct moot_speech *s, const char *text, size_t len)
{
    if (s->escape_len > 0) {
        s->escape[s->escape_len++] = text[0];
        if (s->escape_len == (s->escape[1] == 'u' ? 6 : 2)) {
            s->escape_len = 0;
            json_escape(s);
        }
    } else if (text[0] == '\\') {
        s->escape[s->escape_len++] = '\\';
    } else if (text[0] == '"') {
        json_string_ends(s);
    } else {
        put(s, text, len, true);
    }
}

/* How many bytes of a string may be put at once. */
static size_t string_run(const struct moot_speech *s, const char *text, size_t len)
{
    size_t run = 0;
    while (s->escape_len == 0 && run < len && text[run] != '\\' && text[run] != '"')
        run++;
    return run > 0 ? run : 1;
}

static size_t step(struct moot_speech *s, const char *text, size_t len)
{
    size_t run = 1;
    switch (s->state) {
    case MOOT_SPEECH_START:
        if (strchr(" \t\r\n", text[0]) != NULL)
            break;
        s->state = text[0] == '{' ? MOOT_SPEECH_JSON : MOOT_SPEECH_TEXT;
        s->fresh = true;
        return 0;
    case MOOT_SPEECH_TEXT:
        put(s, text, len, true);
        return len;
    case MOOT_SPEECH_JSON:
        json_between(s, text[0]);
        break;
    case MOOT_SPEECH_STRING:
        run = string_run(s, text, len);
        json_in_string(s, text, run);
        break;
    case MOOT_SPEECH_BARE:
        if (strchr(",]} \t\r\n", text[0]) == NULL) {
            put(s, text, 1, false);
            break;
        }
        s->state = MOOT_SPEECH_JSON;
        return 0;
    }
    return run;
}

/* Bytes at the end that begin a code point and do not end it. */
static size_t unfinished(const char *text, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char c = (unsigned char)text[len - back];
        size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (whole > back)
            return back;
        if (c < 0x80 || c >= 0xc0)
            break;
    }
    return 0;
}

void moot__speech_text(struct moot_speech *s, const char *text, size_t len)
{
    /* A code point that came in two pieces is put together again. */
    moot__buf_add(&s->word, text, len);
    size_t held_len = s->word.len;
    size_t whole = held_len - unfinished(moot__buf_text(&s->word), held_len);
    char *held = moot__copy(moot__buf_text(&s->word), held_len);
    moot__buf_clear(&s->word);
    if (held == NULL)
        return;
    for (size_t at = 0; at < whole;)
        at += step(s, held + at, whole - at);
    moot__buf_add(&s->word, held + whole, held_len - whole);
    free(held);
}

void moot__speech_begin(struct moot_speech *s, int ink)
{
    s->state = MOOT_SPEECH_START;
    s->ink = ink;
    s->bold = s->code = s->want_key = false;
    s->stars = s->depth = s->escape_len = 0;
    s->high = 0;
    s->wrap.hang = 0;
    moot__buf_clear(&s->word);
    moot__prose_begin(&s->prose, ink);
    set_ink(s);
}

bool moot__speech_tail(const struct moot_speech *s, size_t most, struct moot_buf *out)
{
    if (s->prose.block.len > 0 || s->prose.line.len > 0) {
        moot__prose_peek(&s->prose, most, out);
        return true;
    }
    if (!s->wrap.begun)
        return false;
    moot__buf_add(out, moot__buf_text(&s->wrap.line), s->wrap.line.len);
    if (s->wrap.ink != MOOT_INK_NONE)
        moot__buf_adds(out, moot__ink(s->wrap.colours, MOOT_INK_NONE));
    return true;
}

void moot__speech_end(struct moot_speech *s)
{
    if (s->word.len > 0)
        put(s, moot__buf_text(&s->word), s->word.len, s->state == MOOT_SPEECH_TEXT);
    moot__buf_clear(&s->word);
    moot__prose_end(&s->prose);
    moot__prose_begin(&s->prose, s->ink);
    if (s->stars > 0)
        moot__wrap_text(&s->wrap, "*", 1);
    s->stars = 0;
    moot__wrap_end(&s->wrap);
    s->wrap.hang = 0;
    moot__wrap_ink(&s->wrap, MOOT_INK_NONE);
}
