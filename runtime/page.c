/* HTML to lines. libxml2 makes the tree, within its depth of 256; the walk keeps what a reader sees
 * and notes, for each line, where it stood. */
#include "runtime/page.h"

#include "runtime/page_part.h"
#include "runtime/trim.h"
#include "runtime/utf8.h"

#include <libxml/HTMLparser.h>

enum { FACTS_MAX = 16 * 1024, NOTES_MAX = 64 * 1024 };

struct reader {
    struct moot_page *page;
    struct page_lines lines;
    struct page_place place;
    struct moot_buf facts;
    struct moot_buf dropped;
    struct moot_buf warnings;
    struct moot_buf alternatives; /* texts of images: not kept, but looked through */
    char *shared_description;     /* the one for social media, if there is no other; owned */
    size_t hidden;                /* elements that do not show */
    size_t controls;              /* form controls */
    size_t bad_facts;
};

/* What an element changes, and what was before it. */
struct frame {
    struct page_place before;
    uint64_t last_alike; /* what the last child looked like */
    unsigned alike;      /* how many in a row did */
};

enum how {
    HOW_BLOCK,
    HOW_INLINE,
    HOW_DROP,
    HOW_CONTROL, /* dropped, and counted as a form control */
};

/* Every other element is a block. */
static const struct {
    const char *name;
    enum how how;
} elements[] = {
    {"a", HOW_INLINE},       {"abbr", HOW_INLINE},      {"acronym", HOW_INLINE},
    {"applet", HOW_DROP},    {"audio", HOW_DROP},       {"b", HOW_INLINE},
    {"bdi", HOW_INLINE},     {"bdo", HOW_INLINE},       {"big", HOW_INLINE},
    {"canvas", HOW_DROP},    {"cite", HOW_INLINE},      {"code", HOW_INLINE},
    {"data", HOW_INLINE},    {"datalist", HOW_CONTROL}, {"del", HOW_INLINE},
    {"dfn", HOW_INLINE},     {"em", HOW_INLINE},        {"embed", HOW_DROP},
    {"font", HOW_INLINE},    {"frameset", HOW_DROP},    {"i", HOW_INLINE},
    {"iframe", HOW_DROP},    {"img", HOW_DROP},         {"input", HOW_CONTROL},
    {"ins", HOW_INLINE},     {"kbd", HOW_INLINE},       {"mark", HOW_INLINE},
    {"math", HOW_DROP},      {"meter", HOW_DROP},       {"nobr", HOW_INLINE},
    {"noembed", HOW_DROP},   {"noframes", HOW_DROP},    {"noscript", HOW_DROP},
    {"object", HOW_DROP},    {"progress", HOW_DROP},    {"q", HOW_INLINE},
    {"rp", HOW_INLINE},      {"rt", HOW_INLINE},        {"ruby", HOW_INLINE},
    {"s", HOW_INLINE},       {"samp", HOW_INLINE},      {"script", HOW_DROP},
    {"select", HOW_CONTROL}, {"small", HOW_INLINE},     {"span", HOW_INLINE},
    {"strike", HOW_INLINE},  {"strong", HOW_INLINE},    {"style", HOW_DROP},
    {"sub", HOW_INLINE},     {"sup", HOW_INLINE},       {"svg", HOW_DROP},
    {"template", HOW_DROP},  {"textarea", HOW_CONTROL}, {"time", HOW_INLINE},
    {"title", HOW_DROP},     {"tt", HOW_INLINE},        {"u", HOW_INLINE},
    {"var", HOW_INLINE},     {"video", HOW_DROP},       {"wbr", HOW_INLINE},
};

static const char *name_of(const xmlNode *node)
{
    return node->name != NULL ? (const char *)node->name : "";
}

static enum how how_of(const char *name)
{
    size_t low = 0;
    size_t high = MOOT_COUNT(elements);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcasecmp(name, elements[middle].name);
        if (order == 0)
            return elements[middle].how;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return HOW_BLOCK;
}

/* The attribute's value as it stands in the tree, or NULL; no copy is made. */
static const char *attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (strcasecmp((const char *)a->name, name) == 0)
            return a->children != NULL && a->children->content != NULL
                       ? (const char *)a->children->content
                       : "";
    return NULL;
}

/* Whether an inline style has that property with that value, white space aside. */
static bool style_says(const char *style, const char *property, const char *value)
{
    size_t n = strlen(property);
    for (const char *at = style; (at = strcasestr(at, property)) != NULL; at += n) {
        const char *rest = at + n + strspn(at + n, " \t\r\n");
        if (*rest != ':' || (at > style && strchr("; \t\r\n", at[-1]) == NULL))
            continue;
        rest += 1 + strspn(rest + 1, " \t\r\n");
        if (strncasecmp(rest, value, strlen(value)) == 0)
            return true;
    }
    return false;
}

static bool is_hidden(const xmlNode *node, const char *name)
{
    if (strcasecmp(name, "dialog") == 0 && attribute(node, "open") == NULL)
        return true;
    const char *hidden = attribute(node, "hidden");
    if (hidden != NULL && strcasecmp(hidden, "until-found") != 0)
        return true;
    const char *style = attribute(node, "style");
    return style != NULL &&
           (style_says(style, "display", "none") || style_says(style, "visibility", "hidden") ||
            style_says(style, "font-size", "0;") || style_says(style, "font-size", "0px"));
}

static void note(struct moot_buf *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Notes beyond their maximum are lost: they are for reading. */
static void note(struct moot_buf *notes, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (n >= (int)sizeof(line))
        line[moot__utf8_cut(line, sizeof(line) - 1)] = '\0';
    if (notes->len + strlen(line) + 1 > notes->max)
        return;
    if (notes->len > 0)
        moot__buf_addc(notes, '\n');
    moot__buf_adds(notes, line);
}

/* All text under a node, joined; the caller frees it with free(). NULL: out of memory. */
static char *text_under(const xmlNode *node)
{
    struct moot_buf b;
    moot__buf_init(&b, (size_t)MOOT_MAX_PAGE * 4);
    for (const xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->content != NULL &&
            (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE))
            moot__buf_adds(&b, (const char *)child->content);
    char *text = moot__buf_take(&b);
    moot__buf_release(&b);
    return text;
}

static int keep_clean(struct reader *r, const char *text, char **field)
{
    if (*field != NULL || text == NULL)
        return 0;
    char *clean = moot__page_clean(text, &r->lines);
    if (clean == NULL)
        return MOOT_ENOMEM;
    if (clean[0] == '\0')
        free(clean);
    else
        *field = clean;
    return 0;
}

/* Title, language, description and facts, which stand in elements that are not walked. */
static int read_aside(struct reader *r, const xmlNode *node, const char *name)
{
    struct moot_page *page = r->page;
    int rc = 0;
    if (strcasecmp(name, "html") == 0)
        return keep_clean(r, attribute(node, "lang"), &page->lang);
    if (strcasecmp(name, "meta") == 0) {
        const char *kind = attribute(node, "name");
        const char *property = attribute(node, "property");
        if (kind != NULL && strcasecmp(kind, "description") == 0)
            rc = keep_clean(r, attribute(node, "content"), &page->description);
        else if (property != NULL && strcasecmp(property, "og:description") == 0)
            rc = keep_clean(r, attribute(node, "content"), &r->shared_description);
        return rc;
    }
    bool title = strcasecmp(name, "title") == 0 && page->title == NULL;
    const char *type = strcasecmp(name, "script") == 0 ? attribute(node, "type") : NULL;
    bool facts = type != NULL && strcasecmp(type, "application/ld+json") == 0;
    if (!title && !facts)
        return 0;
    char *text = text_under(node);
    if (text == NULL)
        return MOOT_ENOMEM;
    if (title)
        rc = keep_clean(r, text, &page->title);
    else if ((rc = moot__page_facts(text, strlen(text), &r->facts)) == MOOT_ESYNTAX) {
        r->bad_facts++;
        rc = 0;
    }
    free(text);
    return rc;
}

/* What makes siblings alike: element and class. */
static uint64_t likeness(const xmlNode *node, const char *name)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a: only equality counts */
    for (const char *p = name; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211U;
    const char *class = attribute(node, "class");
    for (const char *p = class != NULL ? class : ""; *p != '\0' && *p != ' '; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211U;
    return hash;
}

static bool is_card(const char *name)
{
    static const char *const names[] = {"li", "article", "div", "section", "tr", "option", "dd"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return strchr(name, '-') != NULL; /* an element of the page's own making */
}

/* Counts how many siblings like this one stand before it. */
static void count_alike(struct reader *r, struct frame *parent, const xmlNode *node,
                        const char *name)
{
    if (!is_card(name))
        return;
    uint64_t alike = likeness(node, name);
    parent->alike = alike == parent->last_alike ? parent->alike + 1 : 0;
    parent->last_alike = alike;
    if (parent->alike > r->place.repeat)
        r->place.repeat = parent->alike;
}

/* Changes the place as the element says; blocks begin and end lines. */
static void enter(struct reader *r, const xmlNode *node, const char *name, enum how how)
{
    r->place.zone |= moot__page_zone(name, attribute(node, "id"), attribute(node, "class"),
                                     attribute(node, "role"));
    if (strcasecmp(name, "a") == 0)
        r->place.link = true;
    if ((name[0] == 'h' || name[0] == 'H') && name[1] >= '1' && name[1] <= '6' && name[2] == '\0')
        r->place.heading = name[1] - '0';
    if (strcasecmp(name, "pre") == 0)
        r->place.pre = true;
    if (strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0)
        r->lines.space = true;
    else if (how == HOW_BLOCK)
        moot__page_lines_break(&r->lines);
}

static void leave(struct reader *r, const xmlNode *node, const struct frame *frame)
{
    const char *name = name_of(node);
    bool cell = strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0;
    if (cell)
        r->lines.space = true;
    else if (how_of(name) == HOW_BLOCK)
        moot__page_lines_break(&r->lines);
    r->place = frame->before;
}

/* Whether to go into the element; what it says is taken in either case. */
static int look_at(struct reader *r, const xmlNode *node, struct frame *parent, bool *into)
{
    *into = false;
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        const char *text = (const char *)node->content;
        if (text != NULL && moot__utf8_valid(text, strlen(text), NULL))
            moot__page_lines_add(&r->lines, text, strlen(text), &r->place);
        return r->lines.status;
    }
    if (node->type != XML_ELEMENT_NODE)
        return 0;
    const char *name = name_of(node);
    int rc = read_aside(r, node, name);
    if (rc != 0)
        return rc;
    enum how how = how_of(name);
    const char *alternative = how == HOW_DROP ? attribute(node, "alt") : NULL;
    if (alternative != NULL && strlen(alternative) > 20)
        note(&r->alternatives, "%s", alternative);
    if (how == HOW_DROP || how == HOW_CONTROL) {
        r->controls += how == HOW_CONTROL;
        return 0;
    }
    if (is_hidden(node, name)) {
        r->hidden++;
        return 0;
    }
    count_alike(r, parent, node, name);
    enter(r, node, name, how);
    *into = true;
    return 0;
}

/* Walks the tree without recursion: its depth is the page's choice. */
static int walk(struct reader *r, xmlNode *root)
{
    enum { DEPTH = 1024 };
    struct frame *frames = calloc(DEPTH, sizeof(*frames));
    if (frames == NULL)
        return MOOT_ENOMEM;
    size_t depth = 0;
    int rc = 0;
    const xmlNode *node = root;
    while (node != NULL && rc == 0) {
        struct page_place before = r->place;
        bool into = false;
        rc = look_at(r, node, &frames[depth], &into);
        if (into && node->children != NULL && depth + 1 < DEPTH) {
            depth++;
            frames[depth] = (struct frame){.before = before};
            node = node->children;
            continue;
        }
        if (into)
            leave(r, node, &(struct frame){.before = before});
        while (node != NULL && node->next == NULL && depth > 0) {
            node = node->parent;
            leave(r, node, &frames[depth]);
            depth--;
        }
        node = node != NULL ? node->next : NULL;
    }
    free(frames);
    return rc;
}

static int parse(struct reader *r, const char *text, size_t len, xmlDoc **doc)
{
    htmlParserCtxt *context = htmlNewParserCtxt();
    if (context == NULL)
        return MOOT_ENOMEM;
    *doc = htmlCtxtReadMemory(context, text, (int)len, NULL, "UTF-8",
                              HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                  HTML_PARSE_NONET | HTML_PARSE_COMPACT | HTML_PARSE_NODEFDTD);
    const xmlError *last = xmlCtxtGetLastError(context);
    if (last != NULL && last->message != NULL && strstr(last->message, "depth") != NULL) {
        r->page->cut = true;
        note(&r->dropped, "nested deeper than 256 elements: what follows is cut");
    }
    int rc = last != NULL && last->code == XML_ERR_NO_MEMORY ? MOOT_ENOMEM : 0;
    htmlFreeParserCtxt(context);
    return rc;
}

static int take(struct moot_buf *from, char **to)
{
    *to = moot__buf_take(from);
    return *to != NULL ? 0 : MOOT_ENOMEM;
}

static void note_losses(struct reader *r, size_t replaced)
{
    if (replaced > 0)
        note(&r->dropped, "%zu bytes that are no characters in %s", replaced, r->page->charset);
    if (r->hidden > 0)
        note(&r->dropped, "%zu elements that do not show", r->hidden);
    if (r->controls > 0)
        note(&r->dropped, "%zu form controls with their choices", r->controls);
    if (r->bad_facts > 0)
        note(&r->dropped, "%zu blocks of facts (JSON-LD) that are not JSON", r->bad_facts);
    if (r->lines.invisible > 0)
        note(&r->dropped, "%zu invisible characters", r->lines.invisible);
    if (r->lines.tags > 0)
        note(&r->warnings, "%zu invisible tag characters, which spell out a hidden text, removed",
             r->lines.tags);
}

/* Gives the page what the reader has gathered. */
static int finish(struct reader *r, size_t replaced)
{
    struct moot_page *page = r->page;
    int rc = moot__page_rank(&r->lines);
    if (rc != 0)
        return rc;
    note_losses(r, replaced);
    if (page->description == NULL) {
        page->description = r->shared_description;
        r->shared_description = NULL;
    }
    page->ranks = calloc(r->lines.count + 1, 1);
    if (page->ranks == NULL)
        return MOOT_ENOMEM;
    for (size_t i = 0; i < r->lines.count; i++)
        page->ranks[i] = r->lines.at[i].rank;
    rc = take(&r->lines.text, &page->text);
    if (rc == 0)
        rc = moot__page_flag(page->text, "the text", &r->warnings);
    if (rc == 0 && page->title != NULL)
        rc = moot__page_flag(page->title, "the title", &r->warnings);
    if (rc == 0 && page->description != NULL)
        rc = moot__page_flag(page->description, "the description", &r->warnings);
    if (rc == 0)
        rc = moot__page_flag(moot__buf_text(&r->alternatives), "an image's text (not kept)",
                             &r->warnings);
    if (rc == 0)
        rc = take(&r->facts, &page->facts);
    if (rc == 0)
        rc = take(&r->dropped, &page->dropped);
    return rc == 0 ? take(&r->warnings, &page->warnings) : rc;
}

/* A byte-order mark written as a reference stands before everything, and would begin the body. */
static size_t leading_mark(const struct moot_buf *text)
{
    static const char *const marks[] = {"&#65279;", "&#xfeff;", "\xEF\xBB\xBF"};
    const char *start = moot__buf_text(text);
    size_t skip = strspn(start, " \t\r\n");
    for (size_t i = 0; i < MOOT_COUNT(marks); i++)
        if (strncasecmp(start + skip, marks[i], strlen(marks[i])) == 0)
            return skip + strlen(marks[i]);
    return skip;
}

static int read_page(struct reader *r, const char *bytes, size_t len, const char *hint)
{
    struct moot_buf text;
    moot__buf_init(&text, (size_t)MOOT_MAX_PAGE * 4);
    size_t replaced = 0;
    xmlDoc *doc = NULL;
    int rc = moot__page_decode(bytes, len, hint, &text, &r->page->charset, &replaced);
    size_t skip = leading_mark(&text);
    if (rc == 0 && text.len > skip)
        rc = parse(r, text.data + skip, text.len - skip, &doc);
    moot__buf_release(&text);
    if (rc == 0 && doc != NULL)
        rc = walk(r, doc->children);
    xmlFreeDoc(doc);
    return rc == 0 ? finish(r, replaced) : rc;
}

int moot__page_read(const char *bytes, size_t len, const char *charset_hint, struct moot_page **out,
                    struct moot_error *err)
{
    *out = NULL;
    struct moot_page *page = calloc(1, sizeof(*page));
    if (page == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    struct reader r = {.page = page};
    moot__page_lines_init(&r.lines);
    moot__buf_init(&r.facts, FACTS_MAX);
    moot__buf_init(&r.dropped, NOTES_MAX);
    moot__buf_init(&r.warnings, NOTES_MAX);
    moot__buf_init(&r.alternatives, NOTES_MAX);
    if (len > MOOT_MAX_PAGE) {
        page->cut = true;
        note(&r.dropped, "only the first %d of %zu KiB were read", MOOT_MAX_PAGE / 1024,
             len / 1024);
        len = MOOT_MAX_PAGE;
    }
    int rc = read_page(&r, bytes, len, charset_hint);
    free(r.shared_description);
    moot__page_lines_release(&r.lines);
    moot__buf_release(&r.facts);
    moot__buf_release(&r.dropped);
    moot__buf_release(&r.warnings);
    moot__buf_release(&r.alternatives);
    if (rc != 0) {
        moot__page_free(page);
        return moot__fail(err, rc, "the page cannot be read: %s", moot__status_text(rc));
    }
    *out = page;
    return 0;
}

void moot__page_free(struct moot_page *page)
{
    if (page == NULL)
        return;
    free(page->title);
    free(page->lang);
    free(page->description);
    free(page->facts);
    free(page->text);
    free(page->ranks);
    free(page->dropped);
    free(page->warnings);
    free(page);
}

int moot__page_trim(const struct moot_page *page, size_t tokens, struct moot_buf *out,
                    size_t *left_out)
{
    return moot__trim(page->text, page->ranks, tokens, out, left_out);
}
