#include "cli/safe.h"

#include "runtime/utf8.h"

enum safe_kind {
    SAFE_PLAIN,
    SAFE_CONTROL,   /* C0, DEL, C1 */
    SAFE_DIRECTION, /* bidirectional controls, line and paragraph separators */
    SAFE_HIDDEN,    /* zero width */
    SAFE_TAG,       /* tag characters, variation selectors supplement */
    SAFE_SPACE,     /* white space that is not a plain space */
};

static enum safe_kind kind_of(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return SAFE_CONTROL;
    if (c < 0xa0)
        return SAFE_PLAIN;
    if (c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
        (c >= 0x2066 && c <= 0x2069) || (c >= 0x206a && c <= 0x206f))
        return SAFE_DIRECTION;
    if (c == 0x00ad || c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
        (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200d) ||
        (c >= 0x2060 && c <= 0x2065) || c == 0x3164 || c == 0xfeff || c == 0xffa0 ||
        (c >= 0xfff9 && c <= 0xfffb))
        return SAFE_HIDDEN;
    if (c >= 0xe0000 && c <= 0xe0fff)
        return SAFE_TAG;
    if (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000)
        return SAFE_SPACE;
    return SAFE_PLAIN;
}

/* One code point, or one byte that is none (then *bad). */
static size_t next_code(const char *text, size_t len, uint32_t *code, bool *bad)
{
    unsigned char lead = (unsigned char)text[0];
    size_t want = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *bad = want > len || !moot__utf8_valid(text, want, NULL);
    if (*bad)
        return 1;
    return moot__utf8_decode(text, code);
}

static size_t tag_run(const char *text, size_t len, size_t *count)
{
    size_t at = 0;
    *count = 0;
    while (at < len) {
        uint32_t code = 0;
        bool bad = false;
        size_t size = next_code(text + at, len - at, &code, &bad);
        if (bad || kind_of(code) != SAFE_TAG)
            break;
        at += size;
        (*count)++;
    }
    return at;
}

static void add_control(struct moot_buf *out, uint32_t code)
{
    /* U+2400 on are pictures of the control characters. */
    char picture[4];
    if (code < 0x20 || code == 0x7f) {
        size_t n = moot__utf8_encode(code == 0x7f ? 0x2421 : 0x2400 + code, picture);
        moot__buf_add(out, picture, n);
    } else {
        moot__buf_addf(out, "<U+%04X>", (unsigned)code);
    }
}

static size_t space_run(const char *text, size_t len, bool *newline)
{
    size_t run = 0;
    *newline = false;
    while (run < len && strchr(" \t\r\n", text[run]) != NULL && text[run] != '\0') {
        *newline = *newline || text[run] == '\n';
        run++;
    }
    return run;
}

/* White space of ASCII; returns how many bytes it took, 0 if this is none. */
static size_t add_space(struct moot_buf *out, const char *text, size_t len, bool line)
{
    bool newline = false;
    size_t run = space_run(text, len, &newline);
    if (run > 0 && line && newline) {
        moot__buf_addc(out, ' ');
        return run;
    }
    if (text[0] == '\n')
        moot__buf_addc(out, '\n');
    else if (text[0] == '\t')
        moot__buf_adds(out, "  ");
    else if (text[0] != '\r' || len < 2 || text[1] != '\n')
        return 0;
    return 1;
}

static int safe_add(struct moot_buf *out, const char *text, size_t len, bool line, bool exact)
{
    size_t at = 0;
    while (at < len) {
        size_t size = exact ? 0 : add_space(out, text + at, len - at, line);
        uint32_t code = 0;
        bool bad = false;
        if (size > 0) {
            at += size;
            continue;
        }
        size = next_code(text + at, len - at, &code, &bad);
        enum safe_kind kind = bad ? SAFE_PLAIN : kind_of(code);
        if (bad) {
            moot__buf_adds(out, "\xef\xbf\xbd");
        } else if (kind == SAFE_CONTROL) {
            add_control(out, code);
        } else if (kind == SAFE_TAG) {
            size_t count = 0;
            size = tag_run(text + at, len - at, &count);
            moot__buf_addf(out, "<%zu hidden characters>", count);
        } else if (kind == SAFE_DIRECTION || (exact && kind != SAFE_PLAIN)) {
            moot__buf_addf(out, "<U+%04X>", (unsigned)code);
        } else if (kind != SAFE_HIDDEN) {
            moot__buf_add(out, text + at, size);
        }
        at += size;
    }
    return out->status;
}

int moot__safe_add(struct moot_buf *out, const char *text, size_t len)
{
    return safe_add(out, text, len, false, false);
}

int moot__safe_add_line(struct moot_buf *out, const char *text, size_t len)
{
    return safe_add(out, text, len, true, false);
}

int moot__safe_add_exact(struct moot_buf *out, const char *text, size_t len)
{
    return safe_add(out, text, len, false, true);
}
