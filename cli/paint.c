#include "cli/paint.h"

#include "runtime/utf8.h"

#include <inttypes.h>

/* Of middling brightness, so that they can be read on black and on white. */
static const char *const inks_16[] = {
    "\x1b[0m",  "\x1b[1m",  "\x1b[2m",  "\x1b[3m",  "\x1b[32m", "\x1b[31m", "\x1b[33m",
    "\x1b[36m", "\x1b[35m", "\x1b[32m", "\x1b[34m", "\x1b[33m", "\x1b[31m",
};
static const char *const inks_256[] = {
    "\x1b[0m",        "\x1b[1m",        "\x1b[2m",       "\x1b[3m",        "\x1b[38;5;71m",
    "\x1b[38;5;167m", "\x1b[38;5;172m", "\x1b[38;5;37m", "\x1b[38;5;133m", "\x1b[38;5;71m",
    "\x1b[38;5;68m",  "\x1b[38;5;172m", "\x1b[38;5;99m",
};
_Static_assert(MOOT_COUNT(inks_16) == MOOT_INK_SPEAKER + MOOT_SPEAKER_INKS, "every ink");
_Static_assert(MOOT_COUNT(inks_256) == MOOT_COUNT(inks_16), "every ink");

const char *moot__ink(int colours, int ink)
{
    MOOT_ASSERT(ink >= 0 && (size_t)ink < MOOT_COUNT(inks_16));
    if (colours == 0)
        return "";
    return colours >= 256 ? inks_256[ink] : inks_16[ink];
}

void moot__add_ink(struct moot_buf *out, int colours, int ink, const char *text)
{
    moot__buf_adds(out, moot__ink(colours, ink));
    moot__buf_adds(out, text);
    moot__buf_adds(out, moot__ink(colours, MOOT_INK_NONE));
}

size_t moot__columns(const char *text, size_t len)
{
    size_t columns = 0;
    size_t at = 0;
    while (at < len) {
        if (text[at] == '\x1b') {
            while (at < len && text[at] != 'm')
                at++;
            at += at < len;
            continue;
        }
        const char *escape = memchr(text + at, '\x1b', len - at);
        size_t run = escape != NULL ? (size_t)(escape - (text + at)) : len - at;
        columns += moot__utf8_width(text + at, run);
        at += run;
    }
    return columns;
}

size_t moot__fit(const char *text, size_t len, size_t columns)
{
    size_t at = 0;
    size_t used = 0;
    while (at < len) {
        uint32_t code = 0;
        size_t size = moot__utf8_decode(text + at, &code);
        int width = moot__utf8_code_width(code);
        if (width > 0 && used + (size_t)width > columns)
            break;
        used += width > 0 ? (size_t)width : 0;
        at += size;
    }
    return at;
}

void moot__add_cut(struct moot_buf *out, const char *text, size_t columns)
{
    size_t len = strlen(text);
    if (moot__utf8_width(text, len) <= columns) {
        moot__buf_add(out, text, len);
        return;
    }
    size_t fits = moot__fit(text, len, columns > 0 ? columns - 1 : 0);
    while (fits > 0 && text[fits - 1] == ' ')
        fits--;
    moot__buf_add(out, text, fits);
    if (columns > 0)
        moot__buf_adds(out, "…");
}

void moot__add_pad(struct moot_buf *out, size_t start, size_t width, size_t least)
{
    if (out->status != MOOT_OK)
        return;
    size_t used = moot__columns(moot__buf_text(out) + start, out->len - start);
    size_t spaces = used + least < width ? width - used : least;
    for (size_t i = 0; i < spaces; i++)
        moot__buf_addc(out, ' ');
}

void moot__add_count(struct moot_buf *out, int64_t n)
{
    static const struct {
        int64_t unit;
        const char *letter;
    } units[] = {{1000000000, "G"}, {1000000, "M"}, {1000, "k"}};
    for (size_t i = 0; i < MOOT_COUNT(units); i++) {
        int64_t unit = units[i].unit;
        if (n < unit)
            continue;
        int64_t tenths = n / (unit / 10);
        if (tenths >= 1000)
            moot__buf_addf(out, "%" PRId64 "%s", tenths / 10, units[i].letter);
        else
            moot__buf_addf(out, "%" PRId64 ".%" PRId64 "%s", tenths / 10, tenths % 10,
                           units[i].letter);
        return;
    }
    moot__buf_addf(out, "%" PRId64, n);
}

void moot__add_seconds(struct moot_buf *out, int64_t ms)
{
    ms = ms < 0 ? 0 : ms;
    if (ms < 60000)
        moot__buf_addf(out, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
    else
        moot__buf_addf(out, "%" PRId64 " min %" PRId64 " s", ms / 60000, ms / 1000 % 60);
}

void moot__add_clock(struct moot_buf *out, int64_t ms)
{
    int64_t seconds = ms < 0 ? 0 : ms / 1000;
    if (seconds >= 3600)
        moot__buf_addf(out, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                       seconds / 60 % 60, seconds % 60);
    else
        moot__buf_addf(out, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
}

void moot__add_number_of(struct moot_buf *out, int64_t n, const char *word)
{
    moot__buf_addf(out, "%" PRId64 " %s%s", n, word, n == 1 ? "" : "s");
}
