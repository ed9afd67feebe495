/* Places in a text that speak to a machine rather than to a reader. This is a warning for the
 * person who runs it, with the words: it holds nothing back, and what must not happen is made
 * impossible elsewhere (pinned arguments, limits, approvals). Look-alike letters are read as what
 * they look like. */
#include "runtime/page_part.h"
#include "runtime/regex.h"
#include "runtime/utf8.h"

static const struct {
    const char *what;
    const char *needs[10]; /* one of these stands in what matches: looked for first, being faster */
    const char *pattern;   /* on folded text: lower case, look-alikes as ASCII */
} patterns[] = {
    {"speaks of a program's instructions",
     {"instruction", "prompt", "guideline", "system message", "quality control"},
     "\\b(ignor\\w*|disregard|forget|overrid\\w*|bypass)\\b.{0,40}"
     "\\b(instructions?|prompts?|guidelines|system message|quality control)\\b"},
    {"speaks to a program that reads it",
     {"reading this", "must ", "begin", "ignore", "this page", "system", "assistant", "user",
      "developer"},
     "\\b(ai|llms?|assistants?|language models?|chatbots?|ai agents?)\\b.{0,30}"
     "\\b(reading this|must (call|send|write|include)|you must|begin your|ignore|"
     "processing this page)\\b|"
     "\\b(assistant|system|user) ?: (begin|ignore|you|write|call|send|the reviewer|do)\\b|"
     "\\b(system|developer) (message|prompt)\\b"},
    {"looks like a program's call",
     {"<", "\"tool_calls\"", "inst]", "\"arguments\"", "to=functions."},
     "<\\|? ?\\|?im_(start|end)|</?tool_?calls?>|\"tool_calls\"|\\[/?inst\\]|<</?sys>>|"
     "\"arguments\" ?: ?[{\"]|\\bto=functions\\.|<function_calls>|< ?\\|(system|user|assistant)"},
    {"asks for mails to others",
     {"each of", "to all", "everyone", "every hour", "the contact", "the recipient", "the e"},
     "\\b(send|write|forward)\\b.{0,40}\\be-?mails?\\b.{0,40}"
     "\\b(each of|to all|everyone|every hour)\\b|"
     "\\b(update|change|replace) the (contact|recipient|e-?mail)\\b"},
};

/* Letters of other scripts that look like ASCII ones. */
static const struct {
    uint32_t code;
    char looks;
} looks[] = {
    {0x430, 'a'}, {0x435, 'e'}, {0x43E, 'o'}, {0x440, 'p'},  {0x441, 'c'},  {0x445, 'x'},
    {0x443, 'y'}, {0x456, 'i'}, {0x455, 's'}, {0x458, 'j'},  {0x501, 'd'},  {0x51B, 'q'},
    {0x51D, 'w'}, {0x442, 't'}, {0x43A, 'k'}, {0x43C, 'm'},  {0x43D, 'h'},  {0x432, 'b'},
    {0x433, 'r'}, {0x4BB, 'h'}, {0x475, 'v'}, {0x578, 'n'},  {0x57D, 'u'},  {0x584, 'f'},
    {0x3B1, 'a'}, {0x3B5, 'e'}, {0x3B9, 'i'}, {0x3BF, 'o'},  {0x3C1, 'p'},  {0x3BD, 'v'},
    {0x3C5, 'u'}, {0x3BA, 'k'}, {0x3C4, 't'}, {0x131, 'i'},  {0x261, 'g'},  {0x2019, '\''},
    {0x410, 'a'}, {0x412, 'b'}, {0x415, 'e'}, {0x405, 's'},  {0x406, 'i'},  {0x408, 'j'},
    {0x41A, 'k'}, {0x41C, 'm'}, {0x41D, 'h'}, {0x41E, 'o'},  {0x420, 'p'},  {0x421, 'c'},
    {0x422, 't'}, {0x423, 'y'}, {0x425, 'x'}, {0x391, 'a'},  {0x395, 'e'},  {0x399, 'i'},
    {0x39F, 'o'}, {0x3A1, 'p'}, {0x3A4, 't'}, {0x2010, '-'}, {0x2011, '-'},
};

static char look_of(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c;
    if (c >= 0xFF01 && c <= 0xFF5E)
        return look_of(c - 0xFEE0);
    for (size_t i = 0; i < MOOT_COUNT(looks); i++)
        if (looks[i].code == c)
            return looks[i].looks;
    return '\x01'; /* no letter: it is never part of a pattern */
}

enum { EXCERPT = 160, FLAGS_MAX = 8 };

/* The line folded, one byte for each character, so that places can be found again by counting. */
static int fold(const char *text, size_t len, struct moot_buf *out)
{
    moot__buf_clear(out);
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        i += moot__utf8_decode(text + i, &c);
        moot__buf_addc(out, look_of(c));
    }
    return out->status;
}

static size_t byte_of(const char *text, size_t len, size_t character)
{
    size_t i = 0;
    while (i < len && character > 0) {
        i++;
        while (i < len && ((unsigned char)text[i] & 0xC0) == 0x80)
            i++;
        character--;
    }
    return i;
}

static int add_flag(struct moot_buf *out, const char *where, const char *what, const char *text,
                    size_t len)
{
    size_t kept = len > EXCERPT ? moot__utf8_cut(text, EXCERPT) : len;
    if (out->len + kept + strlen(where) + strlen(what) + 16 > out->max)
        return 0;
    if (out->len > 0)
        moot__buf_addc(out, '\n');
    return moot__buf_addf(out, "%s %s: \"%.*s%s\"", where, what, (int)kept, text,
                          kept < len ? "..." : "");
}

struct flagger {
    struct moot_regex *re[MOOT_COUNT(patterns)]; /* NULL until one is needed */
    struct moot_buf folded;
    size_t count;
};

static bool may_match(const char *folded, const char *const *needs, size_t count)
{
    for (size_t i = 0; i < count && needs[i] != NULL; i++)
        if (strstr(folded, needs[i]) != NULL)
            return true;
    return false;
}

static int flag_line(struct flagger *f, const char *text, size_t len, const char *where,
                     struct moot_buf *out)
{
    int rc = fold(text, len, &f->folded);
    for (size_t i = 0; i < MOOT_COUNT(patterns) && rc == 0 && f->count < FLAGS_MAX; i++) {
        struct moot_regex_match match = {0};
        if (!may_match(moot__buf_text(&f->folded), patterns[i].needs,
                       MOOT_COUNT(patterns[i].needs)))
            continue;
        if (f->re[i] == NULL &&
            (rc = moot__regex_compile(patterns[i].pattern, &f->re[i], NULL)) != 0)
            break;
        if (moot__regex_search(f->re[i], f->folded.data, f->folded.len, 0, &match) != 0)
            continue;
        size_t start = byte_of(text, len, match.start);
        f->count++;
        rc = add_flag(out, where, patterns[i].what, text + start, len - start);
        break;
    }
    return rc;
}

/* Addresses of more than one domain: whoever answers must know which is the shop's. */
static int flag_addresses(const char *text, const char *where, struct moot_buf *out)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    const char *first = NULL;
    size_t first_len = 0;
    for (const char *at = text; (at = strchr(at, '@')) != NULL; at++) {
        size_t n = strspn(at + 1, allowed);
        while (n > 0 && (at[n] == '.' || at[n] == '-'))
            n--;
        if (n < 4 || memchr(at + 1, '.', n) == NULL || at == text ||
            strchr(allowed, at[-1]) == NULL)
            continue;
        if (first == NULL) {
            first = at + 1;
            first_len = n;
        } else if (n != first_len || strncasecmp(first, at + 1, n) != 0) {
            const char *start = at;
            while (start > text && start[-1] != ' ' && start[-1] != '\n' && at - start < 64 &&
                   strchr(allowed, start[-1]) != NULL)
                start--;
            return add_flag(out, where, "gives addresses of more than one domain, among them",
                            start, (size_t)(at - start) + 1 + n);
        }
    }
    return 0;
}

int moot__page_flag(const char *text, const char *where, struct moot_buf *out)
{
    struct flagger f = {0};
    moot__buf_init(&f.folded, (size_t)MOOT_MAX_PAGE * 4);
    int rc = 0;
    for (const char *line = text; rc == 0 && *line != '\0';) {
        size_t n = strcspn(line, "\n");
        rc = flag_line(&f, line, n, where, out);
        MOOT_ASSERT(rc == 0 || rc == MOOT_ENOMEM || rc == MOOT_ETOOBIG);
        line += n + (line[n] == '\n');
    }
    if (rc == 0)
        rc = flag_addresses(text, where, out);
    for (size_t i = 0; i < MOOT_COUNT(patterns); i++)
        moot__regex_free(f.re[i]);
    moot__buf_release(&f.folded);
    return rc;
}
