#include "roles/progress_text.h"

#include "runtime/utf8.h"

#include <string.h>

enum { STEM = 5, WORD_MAX = 256 };

/* Words with which people thank, agree, offer help and say goodbye, by their first letters as a
 * word is taken. They are not needed to see a loop; they let it be seen sooner. */
static const char courtesy[] =
    " thank thanx thx pleas pleasu sorry apolo welco glad happy great good goodb bye hello hi hey "
    "perfe excel wonde fanta aweso lovel nice cool sure okay ok yes absol exact indee under got "
    "agree appre grate help helpf assis anyth else ask quest feel free let know need reach hesit "
    "forwa care day eveni weeke luck chee cheer enjoy kind well alway regar lookin soon later "
    "dank danke vielen viele bitte gern gerne schön tschü ebenf wünsc wiede bald hallo "
    "merci beauc plais volon genti bonne bonjo journ revoi reven bient hésit prie "
    "graci nada favor adios adiós hasta luego salud encan "
    "grazi prego ciao arriv piace obrig tchau takk tack tak hilse velko hej "
    "dzięk prosz спаси пожал свида "
    "ごさい ざい がと りが あり とう うご ござ います ます まし した どう いた しま して ですが ";

static bool is_courtesy(const char *word, size_t len)
{
    char key[WORD_MAX + 2];
    if (len == 0 || len > WORD_MAX - 1)
        return false;
    key[0] = ' ';
    memcpy(key + 1, word, len);
    key[len + 1] = ' ';
    key[len + 2] = '\0';
    return strstr(courtesy, key) != NULL;
}

uint32_t moot__progress_hash(uint32_t from, const char *text, size_t len)
{
    uint32_t h = from ^ 2166136261U;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619U;
    /* The smallest are taken as a draw: so all bits must count. */
    h ^= h >> 16;
    h *= 0x7feb352dU;
    h ^= h >> 15;
    h *= 0x846ca68bU;
    return h ^ h >> 16;
}

void moot__progress_add(struct moot_progress_text *t, struct moot_progress_word word)
{
    size_t at = 0, end = t->count;
    while (at < end) {
        size_t middle = (at + end) / 2;
        if (t->words[middle].hash < word.hash)
            at = middle + 1;
        else
            end = middle;
    }
    if (at < t->count && t->words[at].hash == word.hash)
        return;
    memmove(&t->words[at + 1], &t->words[at], (t->count - at) * sizeof(t->words[0]));
    t->words[at] = word;
    t->cut = t->cut || t->count == MOOT_PROGRESS_WORDS;
    t->count += t->count < MOOT_PROGRESS_WORDS;
}

/* The word that is being read. */
struct word {
    char bytes[WORD_MAX];
    size_t len;
    size_t letters;
    size_t stem; /* bytes of its first letters */
    bool digit;
    bool name; /* it begins with a capital within a sentence */
};

static void end_word(struct moot_progress_text *t, struct word *w)
{
    if (w->letters > 0) {
        size_t len = w->digit ? w->len : w->stem;
        int weight = 6;
        if (w->digit || w->name)
            weight = 8;
        else if (w->letters < 6)
            weight = w->letters < 2 ? 1 : w->letters < 4 ? 2 : 4;
        bool polite = !w->digit && is_courtesy(w->bytes, len);
        moot__progress_add(t, (struct moot_progress_word){moot__progress_hash(0, w->bytes, len),
                                                          polite ? 2 : weight, polite});
    }
    memset(w, 0, sizeof(*w));
}

static void add_letter(struct word *w, const char *at, size_t len, bool digit)
{
    if (w->len + len > WORD_MAX)
        return;
    memcpy(w->bytes + w->len, at, len);
    w->len += len;
    w->letters++;
    w->digit = w->digit || digit;
    if (w->letters <= STEM)
        w->stem = w->len;
}

/* Scripts that put no space between words: each two letters are one. */
static bool unspaced(uint32_t code)
{
    return (code >= 0x0E00 && code < 0x1000) || (code >= 0x2E80 && code < 0xA000) ||
           (code >= 0x20000 && code < 0x40000);
}

/* The letters that Japanese inflects with. */
static bool is_hiragana(uint32_t code)
{
    return code >= 0x3040 && code < 0x30A0;
}

/* Unspaced letters as they come. */
struct run {
    size_t len; /* bytes of the one before; 0: none */
    bool alone; /* it is not in a pair yet */
    int weight;
};

static void add_unspaced(struct moot_progress_text *t, const char *at, size_t len, int weight)
{
    bool polite = is_courtesy(at, len);
    moot__progress_add(
        t, (struct moot_progress_word){moot__progress_hash(0, at, len), weight, polite});
}

static void run_letter(struct moot_progress_text *t, struct run *r, const char *at, size_t len,
                       uint32_t code)
{
    int weight = is_hiragana(code) ? 1 : 3;
    if (r->len > 0)
        add_unspaced(t, at - r->len, r->len + len, r->weight + weight);
    *r = (struct run){len, r->len == 0, weight};
}

static void end_run(struct moot_progress_text *t, struct run *r, const char *end)
{
    if (r->alone)
        add_unspaced(t, end - r->len, r->len, 2 * r->weight);
    *r = (struct run){0};
}

void moot__progress_read(const char *text, struct moot_progress_text *out)
{
    struct word w = {.len = 0};
    struct run r = {0};
    bool within = false; /* a sentence */
    memset(out, 0, sizeof(*out));
    for (const char *at = text; *at != '\0';) {
        uint32_t code;
        size_t len = moot__utf8_decode(at, &code);
        bool digit = code >= '0' && code <= '9';
        bool letter =
            code < 0x80 ? (code | 0x20) >= 'a' && (code | 0x20) <= 'z' : moot__utf8_letter(code);
        if (letter && unspaced(code)) {
            end_word(out, &w);
            run_letter(out, &r, at, len, code);
        } else if (letter || digit) {
            char lower = (char)(code | 0x20);
            end_run(out, &r, at);
            w.name = w.name || (w.len == 0 && within && code >= 'A' && code <= 'Z');
            within = true;
            add_letter(&w, code < 0x80 && letter ? &lower : at, len, digit);
        } else if (code != '\'') {
            end_run(out, &r, at);
            end_word(out, &w);
            within = within && (code >= 0x80 || strchr(".!?:\"\n", (char)code) == NULL);
        }
        at += len;
        if (*at == '\0')
            end_run(out, &r, at);
    }
    end_word(out, &w);
}
