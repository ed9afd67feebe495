/* HTML to lines. libxml2 reads and closes what authors left open; no tree is made, which would cost
 * four times the time. What a reader sees is kept, with the place where each line stood. */
#include "runtime/page.h"

#include "runtime/page_part.h"
#include "runtime/page_xml.h"
#include "runtime/trim.h"
#include "runtime/utf8.h"

enum {
    FACTS_MAX = 16 * 1024,
    NOTES_MAX = 64 * 1024,
    DEPTH_MAX = 256, /* an end tag is looked for in all elements that are open */
};

/* What an element changes, and what was before it. */
struct frame {
    struct page_place before;
    uint64_t last_alike; /* what the last child looked like */
    unsigned alike;      /* how many in a row did */
};

struct reader {
    struct moot_page *page;
    htmlParserCtxt *context;
    struct page_lines lines;
    struct page_place place;
    struct frame frames[DEPTH_MAX + 1];
    size_t depth;
    size_t dropping;         /* elements open from the one that is dropped on; 0: none is */
    struct moot_buf capture; /* the text of a title or of facts */
    enum { CAPTURE_NONE, CAPTURE_TITLE, CAPTURE_FACTS } capturing;
    struct moot_buf facts;
    struct moot_buf dropped;
    struct moot_buf warnings;
    struct moot_buf alternatives; /* texts of images: not kept, but looked through */
    char *shared_description;     /* the one for social media, if there is no other; owned */
    size_t hidden;                /* elements that do not show */
    size_t controls;              /* form controls */
    size_t bad_facts;
    bool too_deep;
    int status;
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

/* The attribute's value, or NULL; `attributes` are names and values by turns, and end with NULL. */
static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2)
        if (strcasecmp((const char *)attributes[i], name) == 0)
            return attributes[i + 1] != NULL ? (const char *)attributes[i + 1] : "";
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

static bool is_hidden(const char *name, const xmlChar **attributes)
{
    if (strcasecmp(name, "dialog") == 0 && attribute(attributes, "open") == NULL)
        return true;
    const char *hidden = attribute(attributes, "hidden");
    if (hidden != NULL && strcasecmp(hidden, "until-found") != 0)
        return true;
    const char *style = attribute(attributes, "style");
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

/* Language and description; a title and facts begin to be gathered. */
static int begin_aside(struct reader *r, const char *name, const xmlChar **attributes)
{
    struct moot_page *page = r->page;
    const char *type = attribute(attributes, "type");
    if (strcasecmp(name, "html") == 0)
        return keep_clean(r, attribute(attributes, "lang"), &page->lang);
    if (strcasecmp(name, "meta") == 0) {
        const char *kind = attribute(attributes, "name");
        const char *property = attribute(attributes, "property");
        if (kind != NULL && strcasecmp(kind, "description") == 0)
            return keep_clean(r, attribute(attributes, "content"), &page->description);
        if (property != NULL && strcasecmp(property, "og:description") == 0)
            return keep_clean(r, attribute(attributes, "content"), &r->shared_description);
    }
    if (strcasecmp(name, "title") == 0 && page->title == NULL)
        r->capturing = CAPTURE_TITLE;
    else if (strcasecmp(name, "script") == 0 && type != NULL &&
             strcasecmp(type, "application/ld+json") == 0)
        r->capturing = CAPTURE_FACTS;
    return 0;
}

/* The title or the facts are whole. */
static int end_aside(struct reader *r)
{
    const char *text = moot__buf_text(&r->capture);
    int rc = 0;
    if (r->capturing == CAPTURE_TITLE) {
        rc = keep_clean(r, text, &r->page->title);
    } else if (r->capturing == CAPTURE_FACTS) {
        rc = moot__page_facts(text, r->capture.len, &r->facts);
        r->bad_facts += rc == MOOT_ESYNTAX;
        rc = rc == MOOT_ESYNTAX ? 0 : rc;
    }
    r->capturing = CAPTURE_NONE;
    moot__buf_clear(&r->capture);
    return rc;
}

/* What makes siblings alike: element and class. */
static uint64_t likeness(const char *name, const char *class)
{
    uint64_t hash = 1469598103934665603U; /* FNV-1a: only equality counts */
    for (const char *p = name; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211U;
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
static void count_alike(struct reader *r, const char *name, const char *class)
{
    struct frame *parent = &r->frames[r->depth];
    if (!is_card(name))
        return;
    uint64_t alike = likeness(name, class);
    parent->alike = alike == parent->last_alike ? parent->alike + 1 : 0;
    parent->last_alike = alike;
    if (parent->alike > r->place.repeat)
        r->place.repeat = parent->alike;
}

static bool is_cell(const char *name)
{
    return strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0;
}

/* Blocks begin and end lines; cells of a row stand apart on one. */
static void separate(struct reader *r, const char *name, enum how how)
{
    if (is_cell(name))
        r->lines.space = true;
    else if (how == HOW_BLOCK)
        moot__page_lines_break(&r->lines);
}

/* Changes the place as the element says. */
static void enter(struct reader *r, const char *name, const xmlChar **attributes, enum how how)
{
    struct page_place before = r->place;
    const char *class = attribute(attributes, "class");
    count_alike(r, name, class);
    r->frames[++r->depth] = (struct frame){.before = before};
    r->place.zone |=
        moot__page_zone(name, attribute(attributes, "id"), class, attribute(attributes, "role"));
    if (strcasecmp(name, "a") == 0)
        r->place.link = true;
    if ((name[0] == 'h' || name[0] == 'H') && name[1] >= '1' && name[1] <= '6' && name[2] == '\0')
        r->place.heading = name[1] - '0';
    if (strcasecmp(name, "pre") == 0)
        r->place.pre = true;
    separate(r, name, how);
}

/* Nothing more is read. */
static void stop(struct reader *r, int status)
{
    r->status = status;
    moot__xml.xmlStopParser(r->context);
}

static void on_start(void *arg, const xmlChar *element, const xmlChar **attributes)
{
    struct reader *r = arg;
    const char *name = (const char *)element;
    if (r->status != 0 || r->too_deep)
        return;
    if (r->dropping > 0) {
        r->dropping++;
        return;
    }
    enum how how = how_of(name);
    int rc = begin_aside(r, name, attributes);
    const char *alternative = how == HOW_DROP ? attribute(attributes, "alt") : NULL;
    if (alternative != NULL && strlen(alternative) > 20)
        note(&r->alternatives, "%s", alternative);
    bool hidden = how != HOW_DROP && how != HOW_CONTROL && is_hidden(name, attributes);
    r->hidden += hidden;
    r->controls += how == HOW_CONTROL;
    if (hidden || how == HOW_DROP || how == HOW_CONTROL) {
        r->dropping = 1;
    } else if (r->depth == DEPTH_MAX) {
        r->too_deep = true;
        stop(r, rc);
    } else {
        enter(r, name, attributes, how);
    }
    if (rc != 0)
        stop(r, rc);
}

static void on_end(void *arg, const xmlChar *element)
{
    struct reader *r = arg;
    const char *name = (const char *)element;
    if (r->status != 0 || r->too_deep)
        return;
    if (r->dropping > 0) {
        r->dropping--;
        int rc = r->dropping == 0 && r->capturing != CAPTURE_NONE ? end_aside(r) : 0;
        if (rc != 0)
            stop(r, rc);
        return;
    }
    if (r->depth == 0)
        return;
    separate(r, name, how_of(name));
    r->place = r->frames[r->depth--].before;
}

static void on_text(void *arg, const xmlChar *bytes, int len)
{
    struct reader *r = arg;
    const char *text = (const char *)bytes;
    if (r->status != 0 || r->too_deep || len <= 0 || !moot__utf8_valid(text, (size_t)len, NULL))
        return;
    if (r->capturing != CAPTURE_NONE)
        moot__buf_add(&r->capture, text, (size_t)len);
    else if (r->dropping == 0)
        moot__page_lines_add(&r->lines, text, (size_t)len, &r->place);
    int status = r->lines.status != 0 ? r->lines.status : r->capture.status;
    if (status != 0)
        stop(r, status);
}

static int parse(struct reader *r, const char *text, size_t len)
{
    static const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                               HTML_PARSE_NONET | HTML_PARSE_NODEFDTD;
    r->context = moot__xml.htmlNewParserCtxt();
    if (r->context == NULL)
        return MOOT_ENOMEM;
    *r->context->sax = (htmlSAXHandler){.initialized = 1,
                                        .startElement = on_start,
                                        .endElement = on_end,
                                        .characters = on_text,
                                        .cdataBlock = on_text};
    r->context->userData = r;
    moot__xml.xmlFreeDoc(
        moot__xml.htmlCtxtReadMemory(r->context, text, (int)len, NULL, "UTF-8", options));
    const xmlError *last = moot__xml.xmlCtxtGetLastError(r->context);
    int rc = last != NULL && last->code == XML_ERR_NO_MEMORY ? MOOT_ENOMEM : r->status;
    if (r->too_deep) {
        r->page->cut = true;
        note(&r->dropped, "nested deeper than %d elements: what follows is cut", DEPTH_MAX);
    }
    moot__xml.htmlFreeParserCtxt(r->context);
    r->context = NULL;
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
    int rc = moot__page_decode(bytes, len, hint, &text, &r->page->charset, &replaced);
    size_t skip = leading_mark(&text);
    if (rc == 0 && text.len > skip)
        rc = parse(r, text.data + skip, text.len - skip);
    moot__buf_release(&text);
    return rc == 0 ? finish(r, replaced) : rc;
}

int moot__page_read(const char *bytes, size_t len, const char *charset_hint, struct moot_page **out,
                    struct moot_error *err)
{
    *out = NULL;
    int rc = moot__xml_open(err);
    if (rc != MOOT_OK)
        return rc;
    struct moot_page *page = calloc(1, sizeof(*page));
    if (page == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    struct reader r = {.page = page};
    moot__page_lines_init(&r.lines);
    moot__buf_init(&r.capture, (size_t)MOOT_MAX_PAGE * 4);
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
    rc = read_page(&r, bytes, len, charset_hint);
    free(r.shared_description);
    moot__page_lines_release(&r.lines);
    moot__buf_release(&r.capture);
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
