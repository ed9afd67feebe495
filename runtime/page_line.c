/* Characters to lines: white space made one space, and what does not show removed, so that what a
 * model reads is what a person sees. */
#include "runtime/page_part.h"
#include "runtime/utf8.h"

enum kind {
    KIND_SHOWN,
    KIND_SPACE,
    KIND_JOINER,    /* U+200C, U+200D: needed inside some scripts and emoji, else hidden */
    KIND_INVISIBLE, /* removed, and counted */
    KIND_TAG,       /* the same, and spells a text out */
    KIND_DROPPED,   /* removed without a word: icons, soft hyphens */
};

static enum kind kind_wide(uint32_t c)
{
    if (c >= 0xE0000 && c <= 0xE007F)
        return KIND_TAG;
    if (c >= 0xE0080 && c <= 0xE0FFF)
        return KIND_INVISIBLE;
    if ((c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000)
        return KIND_DROPPED; /* private use: icon fonts */
    if ((c >= 0xFFF0 && c <= 0xFFFC) || (c & 0xFFFE) == 0xFFFE)
        return KIND_DROPPED;
    if (c == 0xFEFF || c == 0xFFA0 || c == 0x3164 || (c >= 0x1D173 && c <= 0x1D17A))
        return KIND_INVISIBLE;
    return KIND_SHOWN;
}

static enum kind kind_of(uint32_t c)
{
    if (c < 0x80)
        return c > 0x20 && c < 0x7F ? KIND_SHOWN : KIND_SPACE;
    if (c < 0x300) {
        if (c == 0xAD || (c < 0xA0 && c != 0x85))
            return KIND_DROPPED;
        return c == 0xA0 || c == 0x85 ? KIND_SPACE : KIND_SHOWN;
    }
    if (c == 0x200C || c == 0x200D)
        return KIND_JOINER;
    if ((c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
        c == 0x3000 || c == 0x1680 || c == 0x2800)
        return KIND_SPACE;
    if (c == 0x200B || c == 0x2060) /* where a line may, and may not, be broken */
        return KIND_DROPPED;
    if (c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
        (c >= 0x2061 && c <= 0x206F) || c == 0x61C || c == 0x34F || c == 0x115F || c == 0x1160 ||
        c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F))
        return KIND_INVISIBLE;
    return c < 0xD800 ? KIND_SHOWN : kind_wide(c);
}

void moot__page_lines_init(struct page_lines *lines)
{
    memset(lines, 0, sizeof(*lines));
    moot__buf_init(&lines->text, (size_t)MOOT_MAX_PAGE * 4);
}

void moot__page_lines_release(struct page_lines *lines)
{
    moot__buf_release(&lines->text);
    free(lines->at);
    lines->at = NULL;
    lines->count = 0;
}

void moot__page_lines_break(struct page_lines *lines)
{
    lines->open = false;
    lines->space = false;
    lines->joiner = 0;
    lines->last = 0;
}

/* The line that text goes to; NULL: out of memory. */
static struct page_line *line_at(struct page_lines *lines, const struct page_place *place)
{
    if (lines->open)
        return &lines->at[lines->count - 1];
    if (lines->count == lines->room) {
        size_t room = lines->room > 0 ? lines->room * 2 : 128;
        struct page_line *at = realloc(lines->at, room * sizeof(*at));
        if (at == NULL) {
            lines->status = MOOT_ENOMEM;
            return NULL;
        }
        lines->at = at;
        lines->room = room;
    }
    if (lines->count > 0)
        moot__buf_addc(&lines->text, '\n');
    struct page_line *line = &lines->at[lines->count++];
    memset(line, 0, sizeof(*line));
    line->start = lines->text.len;
    line->zone = place->zone;
    line->heading = place->heading;
    line->repeat = place->repeat;
    lines->open = true;
    return line;
}

/* Adds a character that shows, after the space or the joiner that is due. */
static void add_shown(struct page_lines *lines, uint32_t c, const char *bytes, size_t n,
                      const struct page_place *place)
{
    bool fresh = !lines->open;
    struct page_line *line = line_at(lines, place);
    if (line == NULL)
        return;
    if (lines->space && !fresh)
        moot__buf_addc(&lines->text, ' ');
    /* The marks of chat templates must not look like marks: `<|` `|>`. */
    bool mark = (lines->last == '<' && c == '|') || (lines->last == '|' && c == '>');
    if (mark && !lines->space)
        moot__buf_addc(&lines->text, ' ');
    if (lines->joiner != 0) {
        char joiner[4];
        bool needed = !lines->space && lines->last >= 0x600 && c >= 0x600;
        if (needed)
            moot__buf_add(&lines->text, joiner, moot__utf8_encode(lines->joiner, joiner));
        else
            lines->invisible++;
        lines->joiner = 0;
    }
    moot__buf_add(&lines->text, bytes, n);
    line->characters += 1 + (size_t)(lines->space && !fresh);
    line->link_characters += place->link ? 1 + (size_t)(lines->space && !fresh) : 0;
    /* A line belongs to what all of it stands in: a price is not hidden for its hidden label. */
    unsigned parts = PAGE_PROSE | PAGE_QUOTE;
    line->zone = (line->zone & place->zone & ~parts) | ((line->zone | place->zone) & parts);
    line->len = lines->text.len - line->start;
    lines->space = false;
    lines->last = c;
}

void moot__page_lines_add(struct page_lines *lines, const char *text, size_t len,
                          const struct page_place *place)
{
    for (size_t i = 0; i < len && lines->status == 0;) {
        uint32_t c = 0;
        size_t n = moot__utf8_decode(text + i, &c);
        switch (kind_of(c)) {
        case KIND_SHOWN:
            /* A second variation selector in a row shows nothing and can carry something. */
            if (c >= 0xFE00 && c <= 0xFE0F && (lines->last < 0x80 || lines->last >> 4 == 0xFE0))
                lines->invisible++;
            else
                add_shown(lines, c, text + i, n, place);
            break;
        case KIND_SPACE:
            if (c == '\n' && place->pre)
                moot__page_lines_break(lines);
            else
                lines->space = true;
            break;
        case KIND_JOINER:
            if (lines->joiner != 0)
                lines->invisible++;
            lines->joiner = c;
            break;
        case KIND_TAG:
            lines->tags++;
            lines->invisible++;
            break;
        case KIND_INVISIBLE:
            lines->invisible++;
            break;
        case KIND_DROPPED:
            break;
        }
        i += n;
    }
    if (lines->status == 0)
        lines->status = lines->text.status;
}

char *moot__page_clean(const char *text, struct page_lines *counts)
{
    struct page_lines one;
    moot__page_lines_init(&one);
    struct page_place place = {0};
    moot__page_lines_add(&one, text, strlen(text), &place);
    counts->invisible += one.invisible;
    counts->tags += one.tags;
    char *out = one.status == 0 ? moot__buf_take(&one.text) : NULL;
    moot__page_lines_release(&one);
    return out;
}
