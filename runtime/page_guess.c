/* Which charset a page without a usable declaration is in: each is tried, and the result read for
 * whether it looks like words. */
#include "runtime/page_part.h"
#include "runtime/utf8.h"

enum script {
    SCRIPT_NONE, /* white space, digits, punctuation */
    SCRIPT_ASCII,
    SCRIPT_LATIN, /* letters with marks */
    SCRIPT_CYRILLIC,
    SCRIPT_GREEK,
    SCRIPT_KANA,
    SCRIPT_HANGUL,
    SCRIPT_HAN,
    SCRIPT_ODD, /* what texts hardly ever hold */
};

/* Characters that make up a quarter of any Chinese or Japanese text. */
static const char common[] =
    "的一是不了在有人我他这個个中大來来上國国到說说們们為为子和你地出道也時时年得就那要下以生會会自"
    "着去之過过家學学對对可里后小么心多天而能好都然没日于起还發发成事只作当想看文無开手十用主行方又"
    "如前所本見见經经公同三已老從从動动兩两長长新产品市月這店商間体力理";

static enum script script_of(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? SCRIPT_ASCII : SCRIPT_NONE;
    if (c < 0xA0)
        return SCRIPT_ODD;
    if (c < 0x250)
        return c >= 0xC0 && c != 0xD7 && c != 0xF7 ? SCRIPT_LATIN : SCRIPT_NONE;
    if (c >= 0x370 && c < 0x400)
        return SCRIPT_GREEK;
    if (c >= 0x400 && c < 0x460)
        return SCRIPT_CYRILLIC;
    if (c >= 0x3041 && c <= 0x30FC)
        return SCRIPT_KANA;
    if (c >= 0xAC00 && c <= 0xD7A3)
        return SCRIPT_HANGUL;
    if (c >= 0x4E00 && c <= 0x9FFF)
        return SCRIPT_HAN;
    if ((c >= 0x2010 && c <= 0x203A) || c == 0x20AC || c == 0x2122 ||
        (c >= 0x3000 && c <= 0x3020) || (c >= 0xFF01 && c <= 0xFF5E))
        return SCRIPT_NONE;
    return SCRIPT_ODD;
}

/* Capitals of Latin, Greek and Cyrillic as far as the charsets at hand have them. */
static bool is_capital(uint32_t c, enum script script)
{
    if (script == SCRIPT_ASCII)
        return c <= 'Z';
    if (script == SCRIPT_LATIN)
        return c < 0x100 ? c < 0xDF : c % 2 == (uint32_t)((c >= 0x139 && c <= 0x148) || c >= 0x179);
    if (script == SCRIPT_CYRILLIC)
        return c < 0x430;
    return script == SCRIPT_GREEK && c < 0x3AC;
}

/* What one character says for the charset, by itself. */
static long worth(uint32_t c, enum script script, const char *charset)
{
    bool japanese = strcmp(charset, "CP932") == 0 || strcmp(charset, "EUC-JP") == 0;
    bool korean = strcmp(charset, "CP949") == 0;
    switch (script) {
    case SCRIPT_LATIN:
        return 2;
    case SCRIPT_CYRILLIC:
    case SCRIPT_GREEK:
        return 4;
    case SCRIPT_KANA:
        return japanese ? 8 : -2;
    case SCRIPT_HANGUL:
        return korean ? 8 : -2;
    case SCRIPT_HAN:
        return korean ? -8 : 2;
    case SCRIPT_ODD:
        return c == 0xFFFD ? -40 : c >= 0xE000 && c < 0xF900 ? -20 : -8;
    case SCRIPT_NONE:
        return c >= 0x80 ? 1 : 0;
    case SCRIPT_ASCII:
        break;
    }
    return 0;
}

/* What its neighbour before it says. */
static long fits(uint32_t before, enum script was, uint32_t c, enum script is)
{
    if (was == SCRIPT_NONE || is == SCRIPT_NONE)
        return 0;
    bool latin_was = was == SCRIPT_ASCII || was == SCRIPT_LATIN;
    bool latin_is = is == SCRIPT_ASCII || is == SCRIPT_LATIN;
    bool east =
        (was >= SCRIPT_KANA && was <= SCRIPT_HAN) && (is >= SCRIPT_KANA && is <= SCRIPT_HAN);
    if (was != is && !(latin_was && latin_is) && !east)
        return -8; /* two scripts in one word */
    if (is_capital(c, is) && !is_capital(before, was) && !east)
        return is == SCRIPT_ASCII && was == SCRIPT_ASCII ? 0 : -6;
    return was == SCRIPT_LATIN && is == SCRIPT_LATIN ? -3 : 0;
}

static bool is_common(uint32_t c)
{
    for (size_t i = 0; i + 1 < sizeof(common);) {
        uint32_t one = 0;
        i += moot__utf8_decode(common + i, &one);
        if (one == c)
            return true;
    }
    return false;
}

static const struct {
    const char *lang;
    const char *charset;
} languages[] = {
    {"ja", "CP932"},  {"ja", "EUC-JP"}, {"ko", "CP949"},  {"zh", "GB18030"}, {"zh", "BIG5-HKSCS"},
    {"ru", "CP1251"}, {"bg", "CP1251"}, {"uk", "CP1251"}, {"sr", "CP1251"},  {"pl", "CP1250"},
    {"cs", "CP1250"}, {"sk", "CP1250"}, {"hu", "CP1250"}, {"hr", "CP1250"},  {"sl", "CP1250"},
    {"ro", "CP1250"}, {"el", "CP1253"},
};

long moot__page_plausible(const char *text, size_t len, const char *charset, const char *lang)
{
    long score = 0;
    uint32_t before = ' ';
    enum script was = SCRIPT_NONE;
    bool rare_common = strcmp(charset, "CP949") == 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        i += moot__utf8_decode(text + i, &c);
        enum script is = script_of(c);
        score += worth(c, is, charset);
        if (c >= 0x80 || before >= 0x80)
            score += fits(before, was, c, is);
        if (is == SCRIPT_HAN && !rare_common && is_common(c))
            score += 6;
        before = c;
        was = is;
    }
    for (size_t i = 0; i < MOOT_COUNT(languages); i++)
        if (strncmp(lang, languages[i].lang, 2) == 0 && strcmp(charset, languages[i].charset) == 0)
            score += score > 0 ? score / 4 : 8;
    return score;
}
