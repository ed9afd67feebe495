/* How much a line says about its page. Where it stands (a menu, a cart, a list of countries), what
 * it is (a sentence, a title, a link), how many alike came before, and whether it was said already.
 * Nothing is thrown away here: ranks decide only what goes first when the text must be cut. */
#include "runtime/page_part.h"
#include "runtime/utf8.h"

/* Words within an id or a class. A word that begins with `^` stands at a token's start. */
static const struct {
    const char *word;
    unsigned zone;
} words[] = {
    {"menu", PAGE_NAV},
    {"navbar", PAGE_NAV},
    {"navigation", PAGE_NAV},
    {"^nav", PAGE_NAV},
    {"-nav", PAGE_NAV},
    {"_nav", PAGE_NAV},
    {"breadcrumb", PAGE_NAV},
    {"pagination", PAGE_NAV},
    {"drawer", PAGE_NAV},
    {"^footer", PAGE_FOOTER},
    {"site-footer", PAGE_FOOTER},
    {"section-footer", PAGE_FOOTER},
    {"footer-group", PAGE_FOOTER},
    {"^header", PAGE_HEADER},
    {"site-header", PAGE_HEADER},
    {"section-header", PAGE_HEADER},
    {"header-group", PAGE_HEADER},
    {"^cart", PAGE_CART},
    {"-cart", PAGE_CART},
    {"_cart", PAGE_CART},
    {"minicart", PAGE_CART},
    {"ajaxcart", PAGE_CART},
    {"basket", PAGE_CART},
    {"checkout", PAGE_CART},
    {"country", PAGE_LOCALE},
    {"countries", PAGE_LOCALE},
    {"currency", PAGE_LOCALE},
    {"currencies", PAGE_LOCALE},
    {"localization", PAGE_LOCALE},
    {"locale", PAGE_LOCALE},
    {"language", PAGE_LOCALE},
    {"popup", PAGE_POPUP},
    {"modal", PAGE_POPUP},
    {"cookie", PAGE_POPUP},
    {"consent", PAGE_POPUP},
    {"gdpr", PAGE_POPUP},
    {"^skip", PAGE_SKIP},
    {"visually-hidden", PAGE_SKIP},
    {"visuallyhidden", PAGE_SKIP},
    {"sr-only", PAGE_SKIP},
    {"screen-reader", PAGE_SKIP},
    {"button", PAGE_FORM},
    {"btn", PAGE_FORM},
    {"testimonial", PAGE_QUOTE},
    {"quote", PAGE_QUOTE},
    {"^rte", PAGE_PROSE},
};

static const struct {
    const char *name;
    unsigned zone;
} names[] = {
    {"nav", PAGE_NAV},       {"footer", PAGE_FOOTER},
    {"header", PAGE_HEADER}, {"aside", PAGE_ASIDE},
    {"main", PAGE_MAIN},     {"dialog", PAGE_POPUP},
    {"label", PAGE_FORM},    {"button", PAGE_FORM},
    {"legend", PAGE_FORM},   {"blockquote", PAGE_QUOTE},
    {"p", PAGE_PROSE},       {"menu", PAGE_NAV},
    {"summary", 0},
};

static const struct {
    const char *role;
    unsigned zone;
} roles[] = {
    {"navigation", PAGE_NAV}, {"menu", PAGE_NAV},           {"menubar", PAGE_NAV},
    {"banner", PAGE_HEADER},  {"contentinfo", PAGE_FOOTER}, {"complementary", PAGE_ASIDE},
    {"main", PAGE_MAIN},      {"dialog", PAGE_POPUP},
};

static bool starts_token(const char *text, const char *at)
{
    return at == text || at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\t';
}

static unsigned zone_of_words(const char *text)
{
    unsigned zone = 0;
    for (size_t i = 0; i < MOOT_COUNT(words); i++) {
        const char *word = words[i].word;
        bool first = word[0] == '^';
        word += first;
        if ((zone & words[i].zone) != 0)
            continue;
        for (const char *at = text; (at = strcasestr(at, word)) != NULL; at++)
            if (!first || starts_token(text, at)) {
                zone |= words[i].zone;
                break;
            }
    }
    return zone;
}

unsigned moot__page_zone(const char *name, const char *id, const char *class, const char *role)
{
    unsigned zone = 0;
    if (strcasecmp(name, "body") == 0 || strcasecmp(name, "html") == 0)
        return 0; /* their classes speak of the whole page */
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        if (strcasecmp(name, names[i].name) == 0)
            zone |= names[i].zone;
    for (size_t i = 0; role != NULL && i < MOOT_COUNT(roles); i++)
        if (strcasecmp(role, roles[i].role) == 0)
            zone |= roles[i].zone;
    if (strchr(name, '-') != NULL)
        zone |= zone_of_words(name);
    if (id != NULL)
        zone |= zone_of_words(id);
    if (class != NULL)
        zone |= zone_of_words(class);
    return zone;
}

enum {
    PROSE = 60,  /* characters from which a line is a sentence */
    SHORT = 25,  /* and below which it is a label */
    COMMON = 60, /* per cent of the page in a zone that then says nothing */
    RANK_LAST = 9,
    RANK_AGAIN = 8, /* said already; what has digits (a price) may say it of another thing */
};

static bool mostly_links(const struct page_line *line)
{
    return line->link_characters * 5 >= line->characters * 4;
}

static bool has_contact(const char *text, size_t len)
{
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '@')
            return true;
        digits += text[i] >= '0' && text[i] <= '9';
    }
    return digits >= 5;
}

/* No letters worth reading: prices, sizes, counts. */
static bool is_figure(const char *text, size_t len)
{
    size_t letters = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC3;
    }
    return letters < 4;
}

/* A line of the page's own matter. */
static int rank_matter(const struct page_line *line, const char *text)
{
    bool links = mostly_links(line);
    int rank = links ? 4 : 3;
    if (is_figure(text, line->len))
        rank = 5;
    else if (line->characters >= PROSE)
        rank = links ? 2 : 0;
    else if (line->heading > 0)
        rank = line->heading <= 2 ? 1 : 2;
    else if (line->characters >= SHORT)
        rank = links ? 3 : (line->zone & PAGE_PROSE) != 0 ? 1 : 2;
    if ((line->zone & PAGE_QUOTE) != 0 && rank > 1)
        rank--;
    if ((line->zone & PAGE_ASIDE) != 0)
        rank++;
    rank += (line->repeat >= 8) + (line->repeat >= 16) + (line->repeat >= 32);
    return rank;
}

static int rank_line(const struct page_line *line, unsigned zone, const char *text)
{
    bool links = mostly_links(line);
    if ((zone & PAGE_LOCALE) != 0)
        return RANK_LAST;
    if ((zone & (PAGE_CART | PAGE_SKIP)) != 0)
        return 8;
    if ((zone & PAGE_NAV) != 0)
        return links || line->characters < SHORT ? 7 : 5;
    if ((zone & PAGE_FORM) != 0 && line->characters < PROSE)
        return 6;
    if ((zone & PAGE_POPUP) != 0)
        return 6;
    if ((zone & PAGE_FOOTER) != 0) {
        if (!links && (line->characters >= PROSE || has_contact(text, line->len)))
            return 2;
        return links ? 6 : 4;
    }
    if ((zone & PAGE_HEADER) != 0)
        return links || line->characters < SHORT ? 5 : 2;
    return rank_matter(line, text);
}

/* Zones that hold most of the page are wrappers, whatever they are called. */
static unsigned zones_that_say_something(const struct page_lines *lines)
{
    size_t total = 0;
    for (size_t i = 0; i < lines->count; i++)
        total += lines->at[i].characters;
    unsigned useful = 0;
    for (unsigned bit = 1; bit <= PAGE_PROSE; bit <<= 1) {
        size_t inside = 0;
        for (size_t i = 0; i < lines->count; i++)
            inside += (lines->at[i].zone & bit) != 0 ? lines->at[i].characters : 0;
        if (inside * 100 <= total * COMMON)
            useful |= bit;
    }
    return useful;
}

static uint64_t line_hash(const struct page_lines *lines, const struct page_line *line)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a; equal hashes are compared by their bytes */
    for (size_t i = 0; i < line->len; i++)
        hash = (hash ^ (unsigned char)lines->text.data[line->start + i]) * 1099511628211U;
    return hash ^ (hash >> 32);
}

static bool has_digit(const struct page_lines *lines, const struct page_line *line)
{
    for (size_t i = 0; i < line->len; i++) {
        char c = lines->text.data[line->start + i];
        if (c >= '0' && c <= '9')
            return true;
    }
    return false;
}

/* Of lines that say the same the best placed one keeps its rank, of equals the first. */
static int rank_again(struct page_lines *lines)
{
    size_t size = 64;
    while (size < lines->count * 2)
        size *= 2;
    size_t *table = calloc(size, sizeof(*table)); /* index + 1 of the best so far */
    if (table == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < lines->count; i++) {
        struct page_line *line = &lines->at[i];
        size_t slot = (size_t)line_hash(lines, line) & (size - 1);
        for (; table[slot] != 0; slot = (slot + 1) & (size - 1)) {
            const struct page_line *other = &lines->at[table[slot] - 1];
            if (other->len == line->len && memcmp(lines->text.data + other->start,
                                                  lines->text.data + line->start, line->len) == 0)
                break;
        }
        if (table[slot] != 0) {
            struct page_line *best = &lines->at[table[slot] - 1];
            struct page_line *worse = best->rank <= line->rank ? line : best;
            if (worse == best)
                table[slot] = i + 1;
            int again = has_digit(lines, worse) ? worse->rank - '0' + 2 : RANK_AGAIN;
            if (worse->rank < '0' + again)
                worse->rank = (char)('0' + (again > RANK_LAST ? RANK_LAST : again));
        } else {
            table[slot] = i + 1;
        }
    }
    free(table);
    return 0;
}

int moot__page_rank(struct page_lines *lines)
{
    if (lines->status != 0)
        return lines->status;
    unsigned useful = zones_that_say_something(lines);
    for (size_t i = 0; i < lines->count; i++) {
        struct page_line *line = &lines->at[i];
        int rank = rank_line(line, line->zone & useful, lines->text.data + line->start);
        line->rank = (char)('0' + (rank > RANK_LAST ? RANK_LAST : rank));
    }
    return rank_again(lines);
}
