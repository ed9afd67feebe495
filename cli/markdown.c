#include "cli/markdown.h"

#include "runtime/utf8.h"

#include <ctype.h>
#include <md4c.h>

enum { TARGET_MAX = 8192, ENTITY_MAX = 16, DEPTH_MAX = 64 };

struct reader {
    const struct moot_markdown_ops *ops;
    void *arg;
    size_t depth;
    bool head;
    struct moot_buf target;
};

static void decode(const char *text, size_t len, struct moot_buf *out)
{
    static const struct {
        const char *name, *text;
    } named[] = {{"&amp;", "&"},   {"&lt;", "<"},          {"&gt;", ">"},     {"&quot;", "\""},
                 {"&apos;", "'"},  {"&nbsp;", "\xc2\xa0"}, {"&hellip;", "…"}, {"&ndash;", "–"},
                 {"&mdash;", "—"}, {"&copy;", "©"},        {"&euro;", "€"}};
    char number[ENTITY_MAX];
    for (size_t i = 0; i < MOOT_COUNT(named); i++) {
        if (strlen(named[i].name) == len && memcmp(named[i].name, text, len) == 0) {
            moot__buf_adds(out, named[i].text);
            return;
        }
    }
    if (len < 4 || len >= sizeof(number) || text[1] != '#') {
        moot__buf_add(out, text, len);
        return;
    }
    bool hex = text[2] == 'x' || text[2] == 'X';
    memcpy(number, text + (hex ? 3 : 2), len - (hex ? 3 : 2));
    number[len - (hex ? 3 : 2)] = '\0';
    unsigned long code = strtoul(number, NULL, hex ? 16 : 10);
    bool bad = code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
    char bytes[4];
    moot__buf_add(out, bytes, moot__utf8_encode(bad ? 0xfffd : (uint32_t)code, bytes));
}

static const char *take_target(struct reader *r, const MD_ATTRIBUTE *a)
{
    moot__buf_clear(&r->target);
    for (size_t i = 0; a->substr_offsets != NULL && a->substr_offsets[i] < a->size; i++) {
        const char *part = a->text + a->substr_offsets[i];
        size_t len = a->substr_offsets[i + 1] - a->substr_offsets[i];
        if (a->substr_types[i] == MD_TEXT_ENTITY)
            decode(part, len, &r->target);
        else if (a->substr_types[i] == MD_TEXT_NORMAL)
            moot__buf_add(&r->target, part, len);
    }
    return moot__buf_text(&r->target);
}

/* False: what this is says nothing. */
static bool block_mark(struct reader *r, MD_BLOCKTYPE type, const void *detail,
                       struct moot_mark *mark)
{
    static const enum moot_mark_kind kinds[] = {
        [MD_BLOCK_QUOTE] = MOOT_MARK_QUOTE,     [MD_BLOCK_UL] = MOOT_MARK_LIST,
        [MD_BLOCK_OL] = MOOT_MARK_LIST,         [MD_BLOCK_LI] = MOOT_MARK_ENTRY,
        [MD_BLOCK_HR] = MOOT_MARK_RULE,         [MD_BLOCK_H] = MOOT_MARK_HEADING,
        [MD_BLOCK_CODE] = MOOT_MARK_CODE_BLOCK, [MD_BLOCK_P] = MOOT_MARK_PARAGRAPH,
        [MD_BLOCK_TABLE] = MOOT_MARK_TABLE,     [MD_BLOCK_TR] = MOOT_MARK_ROW,
        [MD_BLOCK_TH] = MOOT_MARK_CELL,         [MD_BLOCK_TD] = MOOT_MARK_CELL,
    };
    if (type == MD_BLOCK_DOC || type == MD_BLOCK_HTML || type == MD_BLOCK_THEAD ||
        type == MD_BLOCK_TBODY)
        return false;
    *mark = (struct moot_mark){.kind = kinds[type]};
    if (type == MD_BLOCK_H)
        mark->level = ((const MD_BLOCK_H_DETAIL *)detail)->level;
    if (type == MD_BLOCK_OL)
        mark->level = ((const MD_BLOCK_OL_DETAIL *)detail)->start;
    mark->ordered = type == MD_BLOCK_OL;
    mark->head = r->head || type == MD_BLOCK_TH;
    return true;
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;
    struct moot_mark mark;
    r->head = type == MD_BLOCK_THEAD || (r->head && type != MD_BLOCK_TBODY);
    /* Deeper than anybody writes: what is in it is told, its structure is not. */
    if (block_mark(r, type, detail, &mark) && ++r->depth <= DEPTH_MAX)
        r->ops->begin(r->arg, &mark);
    return 0;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;
    struct moot_mark mark;
    if (block_mark(r, type, detail, &mark) && r->depth-- <= DEPTH_MAX)
        r->ops->end(r->arg, &mark);
    r->head = r->head && type != MD_BLOCK_THEAD;
    return 0;
}

static struct moot_mark span_mark(struct reader *r, MD_SPANTYPE type, const void *detail)
{
    struct moot_mark mark = {.kind = MOOT_MARK_EMPHASIS};
    if (type == MD_SPAN_STRONG)
        mark.kind = MOOT_MARK_STRONG;
    else if (type == MD_SPAN_DEL)
        mark.kind = MOOT_MARK_DELETED;
    else if (type == MD_SPAN_CODE)
        mark.kind = MOOT_MARK_CODE;
    else if (type == MD_SPAN_A)
        mark.kind = MOOT_MARK_LINK;
    else if (type == MD_SPAN_IMG)
        mark.kind = MOOT_MARK_IMAGE;
    if (type == MD_SPAN_A)
        mark.target = take_target(r, &((const MD_SPAN_A_DETAIL *)detail)->href);
    if (type == MD_SPAN_IMG)
        mark.target = take_target(r, &((const MD_SPAN_IMG_DETAIL *)detail)->src);
    return mark;
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;
    struct moot_mark mark = span_mark(r, type, detail);
    if (++r->depth <= DEPTH_MAX)
        r->ops->begin(r->arg, &mark);
    return 0;
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;
    struct moot_mark mark = span_mark(r, type, detail);
    if (r->depth-- <= DEPTH_MAX)
        r->ops->end(r->arg, &mark);
    return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE len, void *arg)
{
    struct reader *r = arg;
    struct moot_buf entity;
    switch (type) {
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        r->ops->line_break(r->arg, type == MD_TEXT_BR);
        break;
    case MD_TEXT_ENTITY:
        moot__buf_init(&entity, ENTITY_MAX * 4);
        decode(text, len, &entity);
        r->ops->text(r->arg, moot__buf_text(&entity), entity.len);
        moot__buf_release(&entity);
        break;
    case MD_TEXT_NULLCHAR:
        r->ops->text(r->arg, "\xef\xbf\xbd", 3);
        break;
    case MD_TEXT_NORMAL:
    case MD_TEXT_CODE:
    case MD_TEXT_HTML:
    case MD_TEXT_LATEXMATH:
        r->ops->text(r->arg, text, len);
        break;
    }
    return 0;
}

/* A table's cells are its rows times its columns, whatever is written in them: many columns are no
 * table. */
static bool may_have_tables(const char *text, size_t len)
{
    size_t bars = 0;
    for (size_t i = 0; i < len; i++) {
        bars = text[i] == '\n' ? 0 : bars + (text[i] == '|');
        if (bars > MOOT_MARKDOWN_COLUMNS_MAX)
            return false;
    }
    return true;
}

int moot__markdown_read(const char *text, size_t len, const struct moot_markdown_ops *ops,
                        void *arg)
{
    if (len > MOOT_MARKDOWN_MAX)
        return MOOT_ETOOBIG;
    struct reader r = {.ops = ops, .arg = arg};
    moot__buf_init(&r.target, TARGET_MAX);
    MD_PARSER parser = {
        .flags = MD_FLAG_NOHTML | MD_FLAG_STRIKETHROUGH | MD_FLAG_PERMISSIVEURLAUTOLINKS |
                 (may_have_tables(text, len) ? MD_FLAG_TABLES : 0U),
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    int status = md_parse(text, (MD_SIZE)len, &parser, &r);
    moot__buf_release(&r.target);
    return status == 0 ? MOOT_OK : MOOT_ENOMEM;
}

bool moot__markdown_safe_link(const char *target)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (size_t i = 0; i < MOOT_COUNT(schemes); i++)
        if (strncasecmp(target, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}
