/* A page's bytes as UTF-8. The order: byte-order mark, valid UTF-8 whatever is declared (nothing
 * else looks like it by chance), the HTTP header, the page's own meta, and then what the bytes look
 * like. Labels mean what browsers take them to mean. */
#include "runtime/page_part.h"
#include "runtime/utf8.h"

#include <errno.h>
#include <iconv.h>

/* Only these reach iconv: a page must not choose which of its modules are loaded. */
static const struct {
    const char *label;
    const char *charset;
} labels[] = {
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso_8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"l1", "CP1252"},
    {"ascii", "CP1252"},
    {"us-ascii", "CP1252"},
    {"windows-1252", "CP1252"},
    {"cp1252", "CP1252"},
    {"x-cp1252", "CP1252"},
    {"iso-8859-2", "ISO-8859-2"},
    {"latin2", "ISO-8859-2"},
    {"windows-1250", "CP1250"},
    {"cp1250", "CP1250"},
    {"x-cp1250", "CP1250"},
    {"windows-1251", "CP1251"},
    {"cp1251", "CP1251"},
    {"x-cp1251", "CP1251"},
    {"iso-8859-5", "ISO-8859-5"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ibm866", "IBM866"},
    {"cp866", "IBM866"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"latin5", "CP1254"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "CP874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"windows-1253", "CP1253"},
    {"windows-1254", "CP1254"},
    {"windows-1255", "CP1255"},
    {"windows-1256", "CP1256"},
    {"windows-1257", "CP1257"},
    {"windows-1258", "CP1258"},
    {"windows-874", "CP874"},
    {"tis-620", "CP874"},
    {"macintosh", "MACINTOSH"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"ms_kanji", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-jp", "EUC-JP"},
    {"x-euc-jp", "EUC-JP"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"euc-kr", "CP949"},
    {"ks_c_5601-1987", "CP949"},
    {"ksc5601", "CP949"},
    {"windows-949", "CP949"},
    {"cp949", "CP949"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cn-big5", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"gb2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb18030", "GB18030"},
    {"chinese", "GB18030"},
};

/* What is tried when nothing is declared; of equals the first. Korean is tried without Windows'
 * rare syllables, of which other charsets' bytes make many. */
static const struct {
    const char *tried;
    const char *charset;
} guesses[] = {
    {"CP1252", "CP1252"}, {"CP1250", "CP1250"}, {"CP1251", "CP1251"}, {"GB18030", "GB18030"},
    {"CP932", "CP932"},   {"EUC-JP", "EUC-JP"}, {"EUC-KR", "CP949"},  {"BIG5-HKSCS", "BIG5-HKSCS"},
    {"KOI8-R", "KOI8-R"}, {"CP1253", "CP1253"},
};

enum {
    PRESCAN = 64 * 1024, /* bytes in which a declaration is looked for */
    SAMPLE = 32 * 1024,  /* bytes by which charsets are compared */
};

/* Windows-1252 from 0x80 to 0x9F; what it leaves undefined is the control of that number. */
static const uint16_t windows[32] = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178,
};

static const char *charset_of(const char *label, size_t len)
{
    for (size_t i = 0; i < MOOT_COUNT(labels); i++)
        if (strlen(labels[i].label) == len && strncasecmp(labels[i].label, label, len) == 0)
            return labels[i].charset;
    return NULL;
}

static const char *charset_of_hint(const char *hint)
{
    if (hint == NULL)
        return NULL;
    hint += strspn(hint, " \t\"'");
    return charset_of(hint, strcspn(hint, " \t\"';"));
}

/* The first byte of `word` (lower case) within text, or NULL. */
static const char *find_word(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len; i++)
        if (strncasecmp(text + i, word, n) == 0)
            return text + i;
    return NULL;
}

/* The label behind `charset=` in a tag. */
static const char *charset_in(const char *tag, size_t len)
{
    const char *at = find_word(tag, len, "charset");
    if (at == NULL)
        return NULL;
    size_t i = (size_t)(at - tag) + strlen("charset");
    while (i < len && (tag[i] == ' ' || tag[i] == '='))
        i++;
    while (i < len && (tag[i] == '"' || tag[i] == '\''))
        i++;
    size_t start = i;
    while (i < len && strchr(" \"';/>", tag[i]) == NULL)
        i++;
    return charset_of(tag + start, i - start);
}

/* What the page declares of itself. A page that says UTF-16 in ASCII is not UTF-16. */
static const char *declared_in(const char *bytes, size_t len)
{
    if (len > PRESCAN)
        len = PRESCAN;
    for (size_t i = 0; i < len; i++) {
        const char *next = memchr(bytes + i, '<', len - i);
        if (next == NULL)
            return NULL;
        i = (size_t)(next - bytes);
        if (len - i >= 4 && memcmp(next, "<!--", 4) == 0) {
            const char *end = memmem(next + 4, len - i - 4, "-->", 3);
            if (end == NULL)
                return NULL;
            i = (size_t)(end - bytes);
        } else if (len - i >= 6 && strncasecmp(next, "<meta", 5) == 0) {
            const char *end = memchr(next, '>', len - i);
            const char *found = end != NULL ? charset_in(next, (size_t)(end - next)) : NULL;
            if (found != NULL)
                return strncmp(found, "UTF-16", 6) == 0 ? "UTF-8" : found;
        }
    }
    return NULL;
}

static void add_code(struct moot_buf *out, uint32_t code)
{
    char bytes[4];
    moot__buf_add(out, bytes, moot__utf8_encode(code, bytes));
}

static void add_replacement(struct moot_buf *out, size_t *bad)
{
    moot__buf_adds(out, "\xEF\xBF\xBD");
    (*bad)++;
}

/* UTF-8 with its wrong bytes replaced. */
static void decode_utf8(const char *bytes, size_t len, struct moot_buf *out, size_t *bad)
{
    size_t at = 0;
    while (at < len) {
        size_t wrong = len - at;
        if (moot__utf8_valid(bytes + at, len - at, &wrong))
            wrong = len - at;
        moot__buf_add(out, bytes + at, wrong);
        at += wrong;
        if (at < len) {
            add_replacement(out, bad);
            at++;
        }
    }
}

static void decode_windows(const char *bytes, size_t len, struct moot_buf *out)
{
    size_t plain = 0; /* where the bytes that stand for themselves begin */
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x80)
            continue;
        moot__buf_add(out, bytes + plain, i - plain);
        add_code(out, c < 0xA0 ? windows[c - 0x80] : c);
        plain = i + 1;
    }
    moot__buf_add(out, bytes + plain, len - plain);
}

static int decode_iconv(const char *charset, const char *bytes, size_t len, struct moot_buf *out,
                        size_t *bad)
{
    iconv_t converter = iconv_open("UTF-8", charset);
    if (converter == (iconv_t)-1)
        return MOOT_EUNSUPPORTED;
    char *from = (char *)(uintptr_t)bytes; /* iconv does not write there */
    size_t left = len;
    while (left > 0 && out->status == 0) {
        char chunk[8192];
        char *to = chunk;
        size_t room = sizeof(chunk);
        size_t rc = iconv(converter, &from, &left, &to, &room);
        int why = errno;
        moot__buf_add(out, chunk, sizeof(chunk) - room);
        if (rc != (size_t)-1 || why == E2BIG)
            continue;
        add_replacement(out, bad);
        if (why == EINVAL)
            break; /* the page ends inside a character */
        from++;
        left--;
    }
    iconv_close(converter);
    return out->status;
}

static int decode_as(const char *charset, const char *bytes, size_t len, struct moot_buf *out,
                     size_t *bad)
{
    *bad = 0;
    moot__buf_clear(out);
    if (strcmp(charset, "UTF-8") == 0)
        decode_utf8(bytes, len, out, bad);
    else if (strcmp(charset, "CP1252") == 0)
        decode_windows(bytes, len, out);
    else
        return decode_iconv(charset, bytes, len, out, bad);
    return out->status;
}

/* The value of <html lang>, of which only the first letters matter. */
static void language_in(const char *bytes, size_t len, char *out, size_t size)
{
    out[0] = '\0';
    const char *html = find_word(bytes, len < PRESCAN ? len : PRESCAN, "<html");
    if (html == NULL)
        return;
    const char *end = memchr(html, '>', len - (size_t)(html - bytes));
    if (end == NULL)
        return;
    const char *at = find_word(html, (size_t)(end - html), "lang=");
    if (at == NULL)
        return;
    at += strlen("lang=");
    at += *at == '"' || *at == '\'';
    for (size_t i = 0; i + 1 < size && at + i < end; i++) {
        out[i] = at[i];
        out[i + 1] = '\0';
    }
}

/* The charset in which the bytes look most like text. */
static const char *guess(const char *bytes, size_t len, const char *declared)
{
    /* A sample that begins at the first byte that is not ASCII holds more of what decides. */
    size_t start = 0;
    while (start < len && (unsigned char)bytes[start] < 0x80)
        start++;
    start = start > 64 ? start - 64 : 0;
    size_t sample = len - start < SAMPLE ? len - start : SAMPLE;
    char lang[8];
    language_in(bytes, len, lang, sizeof(lang));
    const char *best = "CP1252";
    long best_score = 0;
    struct moot_buf text;
    moot__buf_init(&text, (size_t)SAMPLE * 4);
    for (size_t i = 0; i < MOOT_COUNT(guesses); i++) {
        size_t bad = 0;
        if (decode_as(guesses[i].tried, bytes + start, sample, &text, &bad) != 0)
            continue;
        long score =
            moot__page_plausible(moot__buf_text(&text), text.len, guesses[i].charset, lang);
        if (declared != NULL && strcmp(declared, guesses[i].charset) == 0)
            score += score > 0 ? score / 4 : 0;
        if (i == 0 || score > best_score) {
            best = guesses[i].charset;
            best_score = score;
        }
    }
    moot__buf_release(&text);
    return best;
}

/* UTF-16 without a mark: ASCII letters have a zero byte beside them. */
static const char *utf16_in(const char *bytes, size_t len)
{
    size_t even = 0;
    size_t odd = 0;
    size_t n = len < 1024 ? len : 1024;
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == '\0')
            (*(i % 2 == 0 ? &even : &odd))++;
    if (n >= 8 && odd > n / 4 && even < n / 20)
        return "UTF-16LE";
    if (n >= 8 && even > n / 4 && odd < n / 20)
        return "UTF-16BE";
    return NULL;
}

static size_t wide_bytes(const char *bytes, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += (unsigned char)bytes[i] >= 0x80;
    return count;
}

/* A declaration is believed unless much of the page is nothing in it. */
static bool believable(const char *charset, const char *bytes, size_t len, struct moot_buf *scratch)
{
    size_t bad = 0;
    if (decode_as(charset, bytes, len, scratch, &bad) != 0)
        return false;
    return bad <= 1 + wide_bytes(bytes, len) / 50;
}

static const char *choose(const char *bytes, size_t len, const char *hint, struct moot_buf *scratch)
{
    const char *declared = charset_of_hint(hint);
    const char *own = declared_in(bytes, len);
    size_t bad = len;
    bool escapes = (declared != NULL && strcmp(declared, "ISO-2022-JP") == 0) ||
                   (own != NULL && strcmp(own, "ISO-2022-JP") == 0);
    if (escapes && memchr(bytes, 0x1B, len) != NULL)
        return "ISO-2022-JP";
    const char *wide = utf16_in(bytes, len);
    if (wide != NULL)
        return wide;
    /* The last character may be cut. */
    if (moot__utf8_valid(bytes, len, &bad) || (bad + 4 > len && bad > 0))
        return "UTF-8";
    if (declared != NULL && believable(declared, bytes, len, scratch))
        return declared;
    if (own != NULL && believable(own, bytes, len, scratch))
        return own;
    if (believable("UTF-8", bytes, len, scratch))
        return "UTF-8";
    return guess(bytes, len, declared != NULL ? declared : own);
}

/* Takes out controls in place; a NUL would end the text for some, and 0x1B does things to
 * terminals. */
static void drop_controls(struct moot_buf *text)
{
    if (text->data == NULL)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F;
        if (!control)
            text->data[kept++] = c == '\f' ? ' ' : (char)c;
    }
    moot__buf_truncate(text, kept);
}

int moot__page_decode(const char *bytes, size_t len, const char *hint, struct moot_buf *out,
                      const char **name, size_t *replaced)
{
    const char *charset = NULL;
    size_t mark = 0;
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        charset = "UTF-8";
        mark = 3;
    } else if (len >= 2 && memcmp(bytes, "\xFF\xFE", 2) == 0) {
        charset = "UTF-16LE";
        mark = 2;
    } else if (len >= 2 && memcmp(bytes, "\xFE\xFF", 2) == 0) {
        charset = "UTF-16BE";
        mark = 2;
    } else {
        charset = choose(bytes, len, hint, out);
    }
    *name = charset;
    int rc = decode_as(charset, bytes + mark, len - mark, out, replaced);
    if (rc == MOOT_EUNSUPPORTED) {
        *name = "CP1252"; /* a system without iconv's tables */
        rc = decode_as("CP1252", bytes + mark, len - mark, out, replaced);
    }
    drop_controls(out);
    return rc;
}
