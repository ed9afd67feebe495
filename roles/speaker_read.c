/* Reading a name out of a model's words. Nothing is allocated, so nothing fails. */
#include "roles/speakers.h"

#include "runtime/utf8.h"

/* A stretch of the text. */
struct span {
    const char *at;
    size_t len;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many bytes of a word's letter or digit stand here; 0: none does. */
static size_t letter(const char *at, const char *end)
{
    if (at >= end)
        return 0;
    unsigned char c = (unsigned char)*at;
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (lower(*at) >= 'a' && lower(*at) <= 'z');
    uint32_t code;
    size_t len = 1;
    while (len < 4 && at + len < end && ((unsigned char)at[len] & 0xC0) == 0x80)
        len++;
    if (!moot__utf8_valid(at, len, NULL))
        return 0;
    moot__utf8_decode(at, &code);
    return moot__utf8_letter(code) ? len : 0;
}

/* What joins the words of one name. */
static bool joins(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '\\';
}

static const char *skip(const char *at, const char *end, const char *what)
{
    while (at < end && *at != '\0' && strchr(what, *at) != NULL)
        at++;
    return at;
}

/* Where the name that begins here ends; NULL: another word stands here. */
static const char *name_here(const char *at, const char *end, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name == '_' || *name == '-') {
            while (at < end && joins(*at))
                at++;
            continue;
        }
        if (at < end && *at == '\\')
            at++;
        if (at >= end || lower(*at) != lower(*name))
            return NULL;
        at++;
    }
    return letter(at, end) == 0 ? at : NULL;
}

/* Whether it is the name and nothing else, but for what stands around it and joins its words. */
static bool is_name(struct span s, const char *name)
{
    const char *at = s.at, *end = s.at + s.len;
    while (at < end && letter(at, end) == 0)
        at++;
    for (;; at++, name++) {
        while (at < end && joins(*at))
            at++;
        while (*name == '_' || *name == '-')
            name++;
        if (*name == '\0')
            break;
        if (at >= end || lower(*at) != lower(*name))
            return false;
    }
    while (at < end && letter(at, end) == 0)
        at++;
    return at == end;
}

static enum moot_speaker_read verdict(size_t found, size_t who, const bool *allowed, size_t *which)
{
    if (found == 0)
        return MOOT_SPEAKER_NOBODY;
    *which = who;
    if (found > 1)
        return MOOT_SPEAKER_SEVERAL;
    return allowed[who] ? MOOT_SPEAKER_FOUND : MOOT_SPEAKER_FORBIDDEN;
}

static bool same_bytes(struct span s, const char *name)
{
    return s.len == strlen(name) && memcmp(s.at, name, s.len) == 0;
}

/* The members whose name the whole stretch is: one that is written just so before others. */
static size_t whole(struct span s, char *const *members, size_t count, size_t *who)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (same_bytes(s, members[i])) {
            *who = i;
            return 1;
        }
        if (is_name(s, members[i])) {
            *who = i;
            found++;
        }
    }
    return found;
}

/* The longest name that begins here; *found of them are equally long. NULL: none. */
static const char *longest(const char *at, const char *end, char *const *members, size_t count,
                           size_t *found, size_t *who)
{
    const char *best = NULL;
    bool exact = false;
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *to = name_here(at, end, members[i]);
        if (to == NULL || (best != NULL && to < best))
            continue;
        bool just_so = same_bytes((struct span){at, (size_t)(to - at)}, members[i]);
        if (best != NULL && to == best && exact)
            continue;
        *found = best != NULL && to == best && !just_so ? *found + 1 : 1;
        exact = just_so;
        best = to;
        *who = i;
    }
    return best;
}

/* How many different members are named in it. */
static size_t inside(struct span s, char *const *members, size_t count, size_t *who)
{
    const char *end = s.at + s.len;
    size_t found = 0;
    for (const char *at = s.at; at < end;) {
        size_t here = 0, named = 0;
        const char *to = longest(at, end, members, count, &named, &here);
        if (to != NULL && (named > 1 || found == 0 || here != *who)) {
            found += named;
            *who = here;
        }
        if (found > 1)
            return found;
        /* On to the next word. */
        at = to != NULL ? to : at;
        size_t len;
        while ((len = letter(at, end)) > 0)
            at += len;
        while (at < end && letter(at, end) == 0)
            at++;
    }
    return found;
}

static bool word_at(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i++)
        if (at + i >= end || lower(at[i]) != word[i])
            return false;
    return true;
}

/* What stands after `"next": ` or `Next speaker: `: the quoted text, or the rest of the line. Empty
 * where no such key begins here. */
static struct span value_here(const char *at, const char *end)
{
    static const char *const labels[] = {"next_speaker", "next speaker", "next", "speaker"};
    for (size_t i = 0; i < MOOT_COUNT(labels); i++) {
        if (!word_at(at, end, labels[i]))
            continue;
        const char *to = at + strlen(labels[i]);
        bool json = to < end && (*to == '"' || *to == '\'');
        to = skip(to, end, "\"'*`_ ");
        if (to >= end || *to != ':')
            continue;
        to = skip(to + 1, end, " *`_");
        const char *stops = json ? ",}\n" : "\n";
        char quote[2] = "";
        if (to < end && (*to == '"' || *to == '\'')) {
            quote[0] = *to++;
            stops = quote;
        }
        size_t len = 0;
        while (to + len < end && strchr(stops, to[len]) == NULL)
            len++;
        return (struct span){to, len};
    }
    return (struct span){0};
}

/* The first value of such a key: within quotes, or at the beginning of a line. */
static struct span labelled(struct span s)
{
    const char *end = s.at + s.len;
    bool begins = true;
    for (const char *at = s.at; at < end; at++) {
        struct span value = begins ? value_here(at, end) : (struct span){0};
        if (value.len > 0)
            return value;
        begins =
            *at == '\n' || *at == '"' || *at == '\'' || (begins && strchr(" *`#{", *at) != NULL);
    }
    return (struct span){0};
}

static struct span last_line(struct span s)
{
    while (s.len > 0 && strchr(" \t\r\n`", s.at[s.len - 1]) != NULL)
        s.len--;
    size_t from = s.len;
    while (from > 0 && s.at[from - 1] != '\n')
        from--;
    return (struct span){s.at + from, s.len - from};
}

/* What is left of a reply after its thoughts. */
static struct span spoken(const char *text)
{
    static const char mark[] = "</think>";
    for (const char *at; (at = strstr(text, mark)) != NULL;)
        text = at + sizeof(mark) - 1;
    return (struct span){text, strlen(text)};
}

enum moot_speaker_read moot__speaker_read(const char *text, char *const *members, size_t count,
                                          const bool *allowed, size_t *which)
{
    struct span all = spoken(text);
    struct span value = labelled(all);
    size_t who = count, found = whole(all, members, count, &who);
    if (found == 0 && value.len > 0)
        found = inside(value, members, count, &who);
    if (found == 0)
        found = whole(last_line(all), members, count, &who);
    if (found == 0 && value.len == 0)
        found = inside(all, members, count, &who);
    *which = count;
    return verdict(found, who, allowed, which);
}
