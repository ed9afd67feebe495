/* A run as one HTML page that needs nothing else: no script, no font, no picture, and its policy
 * allows none. All text is escaped; links in it are followed only to the web and to mail. */
#include "cli/document.h"
#include "cli/markdown.h"
#include "cli/safe.h"
#include "runtime/json.h"

#include <inttypes.h>

enum { DOC_INKS = 6, DOC_HTML_MAX = 64 * 1024 * 1024 };

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" "
    "content=\"light dark\">\n<style>\n"
    ":root{--ink:#1d1f24;--dim:#666b75;--paper:#fbfbf9;--box:#f1f1ed;--rule:#dcdcd6;--good:#1a7a3c;"
    "--bad:#b3261e;--s0:#0b6e8a;--s1:#8a3f9c;--s2:#2f7d32;--s3:#1f5fb0;--s4:#a35200;--s5:#5b4bc4}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e4e0;--dim:#9a9fa9;--paper:#16181c;"
    "--box:#20232a;--rule:#343842;--good:#6cc58a;--bad:#f2897f;--s0:#5cc3e0;--s1:#d394e0;"
    "--s2:#8fce91;--s3:#8ab4f0;--s4:#e6a45c;--s5:#b3a6f5}}\n"
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;max-width:50rem;padding:1.5rem 1rem 4rem;background:var(--paper);"
    "color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:break-word}\n"
    "h1{margin:0;font-size:1.6rem}h2{margin:2.5rem 0 .5rem;font-size:1.25rem;border-bottom:1px "
    "solid var(--rule)}h3{margin:1.8rem 0 .5rem;font-size:1rem;color:var(--dim)}\n"
    "p{margin:.5em 0}a{color:inherit}.dim,.foot,.aside{color:var(--dim);font-size:.85rem}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}\n"
    "nav{margin:1rem 0;padding:.5rem 1rem;background:var(--box);border-radius:.4rem;"
    "columns:16rem}nav ul{margin:.2rem 0;padding-left:1.1rem}nav li{break-inside:avoid}nav "
    ".l2{list-style:none;margin-left:.8rem;font-size:.9rem}\n"
    "article{margin:1rem 0;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--c)}\n"
    "article>header{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:baseline}\n"
    "article>header b{color:var(--c)}article>header .aside{margin-left:auto}\n"
    "article h4{margin:.8em 0 .3em;font-size:1rem}\n"
    "pre,code{font:.85rem/1.45 ui-monospace,monospace}code{background:var(--box);padding:.1em "
    ".25em;border-radius:.2em}pre{margin:.5em 0;padding:.6rem .8rem;background:var(--box);"
    "border-radius:.3rem;overflow-x:auto;white-space:pre-wrap}pre code{padding:0}\n"
    "blockquote{margin:.5em 0;padding-left:.8em;border-left:2px solid var(--rule);"
    "color:var(--dim)}\n"
    "table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid "
    "var(--rule);padding:.2rem .5rem;text-align:left}\n"
    "dl{margin:.3em 0}dt{color:var(--dim);font-size:.85rem}dd{margin:0 0 .4em}\n"
    "details{margin:.4rem 0;font-size:.9rem}summary{cursor:pointer;color:var(--dim)}"
    "summary.bad{color:var(--bad)}details[open]{padding-bottom:.3rem;border-bottom:1px solid "
    "var(--rule)}\n"
    "p.note{padding-left:.9rem;border-left:3px solid var(--rule);white-space:pre-line}\n"
    "footer{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--rule);"
    "color:var(--dim);font-size:.85rem}\n";

static void add_escaped(struct moot_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '&':
            moot__buf_adds(out, "&amp;");
            break;
        case '<':
            moot__buf_adds(out, "&lt;");
            break;
        case '>':
            moot__buf_adds(out, "&gt;");
            break;
        case '"':
            moot__buf_adds(out, "&quot;");
            break;
        case '\'':
            moot__buf_adds(out, "&#39;");
            break;
        default:
            moot__buf_addc(out, text[i]);
            break;
        }
    }
}

/* Text from elsewhere: what is hidden in it or turns the direction of writing is made visible. */
static void add_text(struct moot_buf *out, const char *text, size_t len)
{
    struct moot_buf safe;
    moot__buf_init(&safe, DOC_HTML_MAX);
    moot__safe_add(&safe, text, len);
    add_escaped(out, moot__buf_text(&safe), safe.len);
    moot__buf_release(&safe);
}

static void adds_text(struct moot_buf *out, const char *text)
{
    add_text(out, text, strlen(text));
}

/* The tag of a mark, without its brackets; NULL: it has none. */
static const char *tag_of(const struct moot_mark *mark)
{
    static const char *const tags[] = {
        [MOOT_MARK_PARAGRAPH] = "p",      [MOOT_MARK_HEADING] = "h4",
        [MOOT_MARK_LIST] = "ul",          [MOOT_MARK_ENTRY] = "li",
        [MOOT_MARK_QUOTE] = "blockquote", [MOOT_MARK_CODE_BLOCK] = "pre",
        [MOOT_MARK_TABLE] = "table",      [MOOT_MARK_ROW] = "tr",
        [MOOT_MARK_CELL] = "td",          [MOOT_MARK_EMPHASIS] = "em",
        [MOOT_MARK_STRONG] = "strong",    [MOOT_MARK_DELETED] = "del",
        [MOOT_MARK_CODE] = "code",        [MOOT_MARK_LINK] = "a",
        [MOOT_MARK_IMAGE] = NULL,         [MOOT_MARK_RULE] = NULL,
    };
    if (mark->kind == MOOT_MARK_LIST && mark->ordered)
        return "ol";
    if (mark->kind == MOOT_MARK_CELL && mark->head)
        return "th";
    if (mark->kind == MOOT_MARK_LINK && !moot__markdown_safe_link(mark->target))
        return NULL;
    return tags[mark->kind];
}

static void mark_begin(void *arg, const struct moot_mark *mark)
{
    struct moot_buf *out = arg;
    const char *tag = tag_of(mark);
    if (mark->kind == MOOT_MARK_RULE)
        moot__buf_adds(out, "<hr>");
    if (tag == NULL)
        return;
    moot__buf_addf(out, "<%s", tag);
    if (mark->kind == MOOT_MARK_LINK) {
        moot__buf_adds(out, " rel=\"noopener noreferrer nofollow\" href=\"");
        add_escaped(out, mark->target, strlen(mark->target));
        moot__buf_addc(out, '"');
    }
    if (mark->kind == MOOT_MARK_LIST && mark->ordered && mark->level != 1)
        moot__buf_addf(out, " start=\"%u\"", mark->level);
    moot__buf_addc(out, '>');
}

/* Where a link cannot be followed, what it points to is said. */
static void mark_end(void *arg, const struct moot_mark *mark)
{
    struct moot_buf *out = arg;
    const char *tag = tag_of(mark);
    if (tag != NULL)
        moot__buf_addf(out, "</%s>", tag);
    if (tag != NULL || mark->target == NULL)
        return;
    moot__buf_adds(out, " <span class=\"dim\">(");
    adds_text(out, mark->target);
    moot__buf_adds(out, ")</span>");
}

static void mark_text(void *arg, const char *text, size_t len)
{
    add_text(arg, text, len);
}

static void mark_break(void *arg, bool hard)
{
    moot__buf_adds(arg, hard ? "<br>\n" : "\n");
}

static void add_markdown(struct moot_buf *out, const char *text)
{
    static const struct moot_markdown_ops ops = {mark_begin, mark_end, mark_text, mark_break};
    if (moot__markdown_read(text, strlen(text), &ops, out) != MOOT_ETOOBIG)
        return;
    moot__buf_adds(out, "<pre>");
    adds_text(out, text);
    moot__buf_adds(out, "</pre>");
}

static void add_value(struct moot_buf *out, const struct moot_json *value)
{
    if (moot__json_text(value) != NULL) {
        add_markdown(out, moot__json_text(value));
        return;
    }
    struct moot_buf made;
    moot__buf_init(&made, DOC_HTML_MAX);
    moot__json_write_pretty(value, &made);
    moot__buf_adds(out, "<pre>");
    adds_text(out, moot__buf_text(&made));
    moot__buf_adds(out, "</pre>");
    moot__buf_release(&made);
}

/* An object as its fields, else Markdown. */
static void add_words(struct moot_buf *out, const char *text)
{
    struct moot_json *j = NULL;
    text += strspn(text, " \r\n\t");
    if (text[0] != '{' || moot__json_parse(text, strlen(text), &j, NULL) != MOOT_OK ||
        moot__json_count(j) == 0) {
        moot__json_free(j);
        add_markdown(out, text);
        return;
    }
    moot__buf_adds(out, "<dl>");
    for (const struct moot_json *f = moot__json_first(j); f != NULL; f = moot__json_next(f)) {
        moot__buf_adds(out, "<dt>");
        adds_text(out, moot__json_key(f));
        moot__buf_adds(out, "</dt><dd>");
        add_value(out, f);
        moot__buf_adds(out, "</dd>");
    }
    moot__buf_adds(out, "</dl>");
    moot__json_free(j);
}

static const char *tone_class(enum moot_doc_tone tone)
{
    return tone == MOOT_DOC_GOOD ? " good" : tone == MOOT_DOC_BAD ? " bad" : "";
}

static void html_begin(struct moot_buf *out, const struct moot_doc_head *head)
{
    moot__buf_adds(out, page_head);
    for (int i = 0; i < DOC_INKS; i++)
        moot__buf_addf(out, ".s%d{--c:var(--s%d)}", i, i);
    moot__buf_adds(out, "\n</style>\n<title>");
    adds_text(out, head->title);
    moot__buf_adds(out, "</title>\n</head>\n<body>\n<h1>");
    adds_text(out, head->title);
    moot__buf_adds(out, "</h1>\n<p class=\"dim\">");
    adds_text(out, head->facts);
    moot__buf_addf(out, "</p>\n<p class=\"stop%s\">", tone_class(head->tone));
    adds_text(out, head->stop);
    moot__buf_adds(out, "</p>\n<nav aria-label=\"Contents\"><ul>\n");
}

static void html_contents(struct moot_buf *out, int level, size_t id, const char *title)
{
    moot__buf_addf(out, "<li class=\"l%d\"><a href=\"#c%zu\">", level, id);
    adds_text(out, title);
    moot__buf_adds(out, "</a></li>\n");
}

static void html_contents_end(struct moot_buf *out)
{
    moot__buf_adds(out, "</ul></nav>\n<main>\n");
}

static void html_section(struct moot_buf *out, int level, size_t id, const char *title)
{
    moot__buf_addf(out, "<h%d id=\"c%zu\">", level + 1, id);
    adds_text(out, title);
    moot__buf_addf(out, "</h%d>\n", level + 1);
}

static void html_saying(struct moot_buf *out, const struct moot_doc_saying *said)
{
    moot__buf_addf(out, "<article class=\"s%zu\"><header><b>", said->ink % DOC_INKS);
    adds_text(out, said->speaker);
    moot__buf_adds(out, "</b>");
    if (said->to != NULL) {
        moot__buf_adds(out, "<span>→ ");
        adds_text(out, said->to);
        moot__buf_adds(out, "</span>");
    }
    if (said->aside != NULL) {
        moot__buf_adds(out, "<span class=\"aside\">");
        adds_text(out, said->aside);
        moot__buf_adds(out, "</span>");
    }
    moot__buf_adds(out, "</header>\n");
    add_words(out, said->text);
    if (said->foot[0] != '\0') {
        moot__buf_adds(out, "\n<div class=\"foot\">");
        adds_text(out, said->foot);
        moot__buf_adds(out, "</div>");
    }
    moot__buf_adds(out, "</article>\n");
}

static void html_line(struct moot_buf *out, enum moot_doc_tone tone, const char *text)
{
    moot__buf_addf(out, "<p class=\"note%s\">", tone_class(tone));
    adds_text(out, text);
    moot__buf_adds(out, "</p>\n");
}

static void html_folded(struct moot_buf *out, const char *summary, enum moot_doc_tone tone,
                        const struct moot_doc_part *parts, size_t count)
{
    moot__buf_addf(out, "<details><summary class=\"fold%s\">", tone_class(tone));
    adds_text(out, summary);
    moot__buf_adds(out, "</summary>\n");
    for (size_t i = 0; i < count; i++) {
        if (parts[i].text[0] == '\0')
            continue;
        moot__buf_adds(out, "<div class=\"dim\">");
        adds_text(out, parts[i].label);
        moot__buf_adds(out, parts[i].code ? "</div><pre>" : "</div><p class=\"dim\">");
        adds_text(out, parts[i].text);
        moot__buf_adds(out, parts[i].code ? "</pre>\n" : "</p>\n");
    }
    moot__buf_adds(out, "</details>\n");
}

static void html_end(struct moot_buf *out, const struct moot_doc_proof *proof)
{
    moot__buf_addf(out,
                   "</main>\n<footer>\n<p>Run <code>%s</code>, %" PRId64 " messages, %zu anchors, "
                   "last link <code>%s</code>.</p>\n<p>This page proves nothing by itself; the "
                   "journal does: <code>moot verify %.4s</code>, or elsewhere <code>moot show %.4s "
                   "--json &gt;run.jsonl</code> and there <code>moot verify run.jsonl</code>.</p>\n"
                   "</footer>\n</body>\n</html>\n",
                   proof->run, proof->messages, proof->anchors, proof->link, proof->name,
                   proof->name);
}

const struct moot_doc_look moot__doc_html = {
    .begin = html_begin,
    .contents = html_contents,
    .contents_end = html_contents_end,
    .section = html_section,
    .saying = html_saying,
    .line = html_line,
    .folded = html_folded,
    .end = html_end,
};
