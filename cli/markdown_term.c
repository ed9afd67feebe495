#include "cli/markdown_term.h"

#include "cli/markdown.h"
#include "cli/paint.h"
#include "runtime/utf8.h"

enum {
    PROSE_LINE_MAX = 1024 * 1024,
    PROSE_DEPTH_MAX = 8, /* of lists that are still indented */
    PROSE_COLUMNS_MAX = MOOT_MARKDOWN_COLUMNS_MAX,
    PROSE_TABLE_MAX = 4096, /* cells */
    PROSE_RULE = 24,
};

/* One block being set. */
struct setting {
    struct moot_wrap *wrap;
    int ink;
    size_t base; /* columns before everything */
    size_t depth;
    struct {
        bool ordered;
        unsigned next;
        size_t indent;
    } lists[PROSE_DEPTH_MAX];
    int strong, emphasis, code, heading, quote, deleted;
    bool in_code_block;
    struct moot_buf prefix; /* with the bars of quotes */
    const char *outer;      /* the wrap's own prefix */
    struct moot_buf link;   /* the text of the link that is open */
    bool in_link;
    /* a table: its cells one after another */
    struct moot_buf cell;
    char **cells;
    size_t cell_count, column_count, row_cells;
    bool in_table;
};

static void set_ink(const struct setting *s)
{
    bool bold = s->strong > 0 || s->heading > 0;
    moot__wrap_ink(s->wrap, s->code > 0       ? MOOT_INK_SPEAKER
                            : bold            ? MOOT_INK_BOLD
                            : s->emphasis > 0 ? MOOT_INK_EMPHASIS
                            : s->quote > 0    ? MOOT_INK_DIM
                                              : s->ink);
}

static void put(const struct setting *s, const char *text, size_t len)
{
    moot__wrap_text(s->wrap, text, len);
}

static size_t indent_of(const struct setting *s)
{
    size_t depth = s->depth < PROSE_DEPTH_MAX ? s->depth : PROSE_DEPTH_MAX;
    return depth > 0 ? s->lists[depth - 1].indent : s->base;
}

static void put_quotes(struct setting *s)
{
    moot__wrap_end(s->wrap);
    moot__buf_clear(&s->prefix);
    moot__buf_adds(&s->prefix, s->outer);
    for (int i = 0; i < s->quote && i < PROSE_DEPTH_MAX; i++)
        moot__buf_adds(&s->prefix, "▏ ");
    s->wrap->prefix = s->quote > 0 ? moot__buf_text(&s->prefix) : s->outer;
}

static void begin_list(struct setting *s, const struct moot_mark *mark)
{
    size_t indent = indent_of(s);
    moot__wrap_end(s->wrap);
    if (s->depth++ >= PROSE_DEPTH_MAX)
        return;
    s->lists[s->depth - 1].ordered = mark->ordered;
    s->lists[s->depth - 1].next = mark->level;
    s->lists[s->depth - 1].indent = indent;
}

static void begin_entry(struct setting *s)
{
    char mark[16] = "• ";
    size_t depth = s->depth < PROSE_DEPTH_MAX ? s->depth : PROSE_DEPTH_MAX;
    if (depth == 0)
        return;
    size_t outer = depth > 1 ? s->lists[depth - 2].indent : s->base;
    if (s->lists[depth - 1].ordered)
        snprintf(mark, sizeof(mark), "%u. ", s->lists[depth - 1].next++);
    moot__wrap_end(s->wrap);
    s->wrap->hang = outer;
    put(s, mark, strlen(mark));
    s->wrap->hang = outer + moot__utf8_width(mark, strlen(mark));
    s->lists[depth - 1].indent = s->wrap->hang;
}

static void on_begin(void *arg, const struct moot_mark *mark)
{
    struct setting *s = arg;
    switch (mark->kind) {
    case MOOT_MARK_LIST:
        begin_list(s, mark);
        break;
    case MOOT_MARK_ENTRY:
        begin_entry(s);
        break;
    case MOOT_MARK_QUOTE:
        s->quote++;
        put_quotes(s);
        break;
    case MOOT_MARK_HEADING:
        s->heading++;
        break;
    case MOOT_MARK_CODE_BLOCK:
        moot__wrap_end(s->wrap);
        s->code++;
        s->in_code_block = true;
        s->wrap->hang = indent_of(s) + 2;
        break;
    case MOOT_MARK_RULE:
        for (int i = 0; i < PROSE_RULE; i++)
            put(s, "─", strlen("─"));
        moot__wrap_end(s->wrap);
        break;
    case MOOT_MARK_TABLE:
        s->in_table = true;
        break;
    case MOOT_MARK_ROW:
        s->row_cells = 0;
        break;
    case MOOT_MARK_CELL:
        moot__buf_clear(&s->cell);
        break;
    case MOOT_MARK_LINK:
    case MOOT_MARK_IMAGE:
        s->in_link = true;
        moot__buf_clear(&s->link);
        break;
    case MOOT_MARK_EMPHASIS:
        s->emphasis++;
        break;
    case MOOT_MARK_STRONG:
        s->strong++;
        break;
    case MOOT_MARK_CODE:
        s->code++;
        break;
    case MOOT_MARK_DELETED:
        if (!s->in_table)
            put(s, "~", 1);
        break;
    case MOOT_MARK_PARAGRAPH:
        break;
    }
    if (!s->in_table)
        set_ink(s);
}

static void end_cell(struct setting *s)
{
    if (s->cell_count >= PROSE_TABLE_MAX)
        return;
    char **more = realloc(s->cells, (s->cell_count + 1) * sizeof(*more));
    char *copy = moot__copy(moot__buf_text(&s->cell), s->cell.len);
    s->cells = more != NULL ? more : s->cells;
    if (more == NULL || copy == NULL) {
        free(copy);
        return;
    }
    s->cells[s->cell_count++] = copy;
    s->row_cells++;
    if (s->row_cells > s->column_count)
        s->column_count = s->row_cells;
}

static size_t columns_of(const char *text)
{
    return moot__utf8_width(text, strlen(text));
}

/* In columns where they fit beside one another, else each row as its cells with the head before
 * them. */
static void put_table(struct setting *s)
{
    size_t widths[PROSE_COLUMNS_MAX + 1] = {0};
    size_t columns = s->column_count < PROSE_COLUMNS_MAX ? s->column_count : PROSE_COLUMNS_MAX;
    size_t used = moot__columns(s->wrap->prefix, strlen(s->wrap->prefix)) + indent_of(s);
    for (size_t i = 0; columns > 0 && i < s->cell_count; i++) {
        size_t width = columns_of(s->cells[i]);
        widths[i % columns] = width > widths[i % columns] ? width : widths[i % columns];
    }
    for (size_t i = 0; i < columns; i++)
        used += widths[i] + (i > 0 ? 3 : 0);
    bool fits = used <= s->wrap->width;
    s->wrap->hang = indent_of(s);
    for (size_t i = 0; columns > 0 && i < s->cell_count; i++) {
        size_t column = i % columns;
        bool head = i < columns;
        if (head && !fits)
            continue;
        moot__wrap_ink(s->wrap, head ? MOOT_INK_BOLD : s->ink);
        if (!fits) {
            moot__wrap_ink(s->wrap, MOOT_INK_DIM);
            put(s, s->cells[column], strlen(s->cells[column]));
            put(s, ": ", 2);
            moot__wrap_ink(s->wrap, s->ink);
            s->wrap->hang = indent_of(s) + 2;
        }
        put(s, s->cells[i], strlen(s->cells[i]));
        bool last = column + 1 == columns;
        for (size_t pad = columns_of(s->cells[i]); fits && !last && pad < widths[column]; pad++)
            put(s, " ", 1);
        if (fits && !last) {
            moot__wrap_ink(s->wrap, MOOT_INK_DIM);
            put(s, " │ ", strlen(" │ "));
        } else {
            moot__wrap_end(s->wrap);
        }
        s->wrap->hang = indent_of(s);
    }
    for (size_t i = 0; i < s->cell_count; i++)
        free(s->cells[i]);
    free(s->cells);
    s->cells = NULL;
    s->cell_count = s->column_count = 0;
    s->in_table = false;
}

/* What a link points to is said where its own text does not say it. */
static void end_link(struct setting *s, const struct moot_mark *mark)
{
    struct moot_buf text;
    s->in_link = false;
    if (mark->target == NULL || mark->target[0] == '\0' ||
        strcmp(mark->target, moot__buf_text(&s->link)) == 0)
        return;
    moot__buf_init(&text, PROSE_LINE_MAX);
    moot__buf_addf(&text, " (%s)", mark->target);
    if (s->in_table) {
        moot__buf_add(&s->cell, moot__buf_text(&text), text.len);
    } else {
        moot__wrap_ink(s->wrap, MOOT_INK_DIM);
        put(s, moot__buf_text(&text), text.len);
    }
    moot__buf_release(&text);
}

static void on_end(void *arg, const struct moot_mark *mark)
{
    struct setting *s = arg;
    switch (mark->kind) {
    case MOOT_MARK_LIST:
        s->depth -= s->depth > 0;
        moot__wrap_end(s->wrap);
        break;
    case MOOT_MARK_QUOTE:
        s->quote--;
        put_quotes(s);
        break;
    case MOOT_MARK_HEADING:
        moot__wrap_end(s->wrap);
        s->heading--;
        break;
    case MOOT_MARK_PARAGRAPH:
    case MOOT_MARK_ENTRY:
        moot__wrap_end(s->wrap);
        break;
    case MOOT_MARK_CODE_BLOCK:
        moot__wrap_end(s->wrap);
        s->code--;
        s->in_code_block = false;
        break;
    case MOOT_MARK_TABLE:
        put_table(s);
        break;
    case MOOT_MARK_CELL:
        end_cell(s);
        break;
    case MOOT_MARK_LINK:
    case MOOT_MARK_IMAGE:
        end_link(s, mark);
        break;
    case MOOT_MARK_EMPHASIS:
        s->emphasis--;
        break;
    case MOOT_MARK_STRONG:
        s->strong--;
        break;
    case MOOT_MARK_CODE:
        s->code--;
        break;
    case MOOT_MARK_DELETED:
        if (!s->in_table)
            put(s, "~", 1);
        break;
    case MOOT_MARK_RULE:
    case MOOT_MARK_ROW:
        break;
    }
    s->wrap->hang = indent_of(s);
    if (!s->in_table)
        set_ink(s);
}

static void on_text(void *arg, const char *text, size_t len)
{
    struct setting *s = arg;
    if (s->in_link)
        moot__buf_add(&s->link, text, len);
    if (s->in_table) {
        moot__buf_add(&s->cell, text, len);
        return;
    }
    if (s->in_code_block)
        s->wrap->hang = indent_of(s) + 2;
    put(s, text, len);
}

/* Who writes lines means lines: an address, a poem. */
static void on_break(void *arg, bool hard)
{
    (void)hard;
    on_text(arg, "\n", 1);
}

static void set_block(struct moot_wrap *wrap, int ink, size_t base, const char *text, size_t len)
{
    static const struct moot_markdown_ops ops = {on_begin, on_end, on_text, on_break};
    struct setting s = {.wrap = wrap, .ink = ink, .base = base, .outer = wrap->prefix};
    moot__buf_init(&s.prefix, 4096);
    moot__buf_init(&s.link, PROSE_LINE_MAX);
    moot__buf_init(&s.cell, PROSE_LINE_MAX);
    if (base > 0)
        wrap->hang = base;
    moot__wrap_ink(wrap, ink);
    if (moot__markdown_read(text, len, &ops, &s) != MOOT_OK)
        moot__wrap_text(wrap, text, len);
    if (s.in_table)
        put_table(&s);
    moot__wrap_end(wrap);
    wrap->prefix = s.outer;
    wrap->hang = 0;
    moot__buf_release(&s.prefix);
    moot__buf_release(&s.link);
    moot__buf_release(&s.cell);
}

static void set_code_line(struct moot_wrap *wrap, size_t base, const char *text, size_t len)
{
    wrap->hang = base + 2;
    moot__wrap_ink(wrap, MOOT_INK_SPEAKER);
    moot__wrap_text(wrap, text, len);
    moot__wrap_text(wrap, "\n", 1);
    wrap->hang = 0;
}

/* ---- lines into blocks ---- */

void moot__prose_init(struct moot_prose *p, struct moot_wrap *wrap)
{
    memset(p, 0, sizeof(*p));
    p->wrap = wrap;
    moot__buf_init(&p->block, 4 * MOOT_PROSE_BLOCK_MAX);
    moot__buf_init(&p->line, 4 * MOOT_PROSE_BLOCK_MAX);
}

void moot__prose_release(struct moot_prose *p)
{
    moot__buf_release(&p->block);
    moot__buf_release(&p->line);
}

void moot__prose_begin(struct moot_prose *p, int ink)
{
    p->ink = ink;
    p->fence = 0;
    p->indent = 0;
    p->entry = p->blank = p->begun = false;
    moot__buf_clear(&p->block);
    moot__buf_clear(&p->line);
}

static size_t spaces_of(const char *line)
{
    return strspn(line, " ");
}

/* Columns of an entry's mark with the spaces around it; 0: this line begins none. */
static size_t entry_mark(const char *line)
{
    size_t at = spaces_of(line);
    size_t digits = strspn(line + at, "0123456789");
    if (digits > 9)
        return 0;
    if (digits > 0 && (line[at + digits] == '.' || line[at + digits] == ')'))
        at += digits + 1;
    else if (digits == 0 && line[at] != '\0' && strchr("-*+", line[at]) != NULL)
        at++;
    else
        return 0;
    return line[at] == ' ' && line[at + strspn(line + at, " ")] != '\0' ? at + 1 : 0;
}

static size_t fence_run(const char *line, char *mark)
{
    size_t at = spaces_of(line);
    if (at > 3 || (line[at] != '`' && line[at] != '~'))
        return 0;
    *mark = line[at];
    char set[2] = {line[at], '\0'};
    size_t run = strspn(line + at, set);
    return run >= 3 ? run : 0;
}

static void put_blank(struct moot_prose *p)
{
    if (p->blank && p->begun)
        moot__wrap_text(p->wrap, "\n", 1);
    p->blank = false;
    p->begun = true;
}

static void flush(struct moot_prose *p)
{
    if (p->block.len == 0)
        return;
    put_blank(p);
    set_block(p->wrap, p->ink, p->entry ? 0 : p->indent, moot__buf_text(&p->block), p->block.len);
    moot__buf_clear(&p->block);
    p->entry = false;
}

/* True: the line was a fence, or lay inside of one. */
static bool take_fenced(struct moot_prose *p, const char *line, size_t len)
{
    char mark = 0;
    size_t run = fence_run(line, &mark);
    if (p->fence != 0) {
        bool closes =
            run >= p->fence_len && mark == p->fence &&
            line[spaces_of(line) + run + strspn(line + spaces_of(line) + run, " ")] == '\0';
        if (closes) {
            p->fence = 0;
        } else {
            put_blank(p);
            set_code_line(p->wrap, p->indent, line, len);
        }
        return true;
    }
    if (run == 0 || (mark == '`' && strchr(line + spaces_of(line) + run, '`') != NULL))
        return false;
    flush(p);
    p->fence = mark;
    p->fence_len = run;
    return true;
}

static void take_line(struct moot_prose *p, const char *line, size_t len)
{
    size_t spaces = spaces_of(line);
    size_t mark = entry_mark(line);
    size_t whole = spaces;
    if (p->fence != 0) {
        size_t cut = spaces < p->fence_indent ? spaces : p->fence_indent;
        line += cut;
        len -= cut;
    } else if (p->indent > 0 && p->block.len == 0 && spaces >= 2 && mark == 0) {
        /* goes on with the entry above */
        size_t cut = spaces < p->indent ? spaces : p->indent;
        line += cut;
        len -= cut;
    } else if (spaces < 2 && line[0] != '\0') {
        p->indent = p->block.len > 0 ? p->indent : 0;
    }
    bool fenced = p->fence != 0;
    if (take_fenced(p, line, len)) {
        p->fence_indent = fenced ? p->fence_indent : whole;
        return;
    }
    if (line[spaces_of(line)] == '\0') {
        flush(p);
        p->blank = p->begun;
        return;
    }
    if (line[0] == '#' || (mark > 0 && (spaces < 2 || p->block.len == 0)))
        flush(p);
    if (p->block.len == 0 && mark > 0) {
        p->entry = true;
        p->indent = mark;
    }
    moot__buf_add(&p->block, line, len);
    moot__buf_addc(&p->block, '\n');
    if (line[0] == '#' || p->block.len > MOOT_PROSE_BLOCK_MAX)
        flush(p);
}

void moot__prose_text(struct moot_prose *p, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t run = end != NULL ? (size_t)(end - text) : len;
        if (p->line.len + run > MOOT_PROSE_BLOCK_MAX && p->line.len > 0) {
            /* A line without an end is set in pieces. */
            take_line(p, moot__buf_text(&p->line), p->line.len);
            moot__buf_clear(&p->line);
        }
        if (run > MOOT_PROSE_BLOCK_MAX) {
            run = moot__utf8_cut(text, MOOT_PROSE_BLOCK_MAX);
            end = NULL;
        }
        moot__buf_add(&p->line, text, run);
        if (end != NULL) {
            take_line(p, moot__buf_text(&p->line), p->line.len);
            moot__buf_clear(&p->line);
        }
        text += run + (end != NULL);
        len -= run + (end != NULL);
    }
}

static void collect(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

void moot__prose_peek(const struct moot_prose *p, size_t most, struct moot_buf *out)
{
    struct moot_buf lines;
    struct moot_wrap wrap = *p->wrap;
    struct moot_prose copy = *p;
    moot__buf_init(&lines, PROSE_LINE_MAX);
    moot__buf_init(&wrap.line, PROSE_LINE_MAX);
    moot__buf_init(&copy.block, 4 * MOOT_PROSE_BLOCK_MAX);
    moot__buf_init(&copy.line, 4 * MOOT_PROSE_BLOCK_MAX);
    moot__buf_add(&wrap.line, moot__buf_text(&p->wrap->line), p->wrap->line.len);
    moot__buf_add(&copy.block, moot__buf_text(&p->block), p->block.len);
    moot__buf_add(&copy.line, moot__buf_text(&p->line), p->line.len);
    wrap.emit = collect;
    wrap.arg = &lines;
    copy.wrap = &wrap;
    moot__prose_end(&copy);
    if (lines.len > 0)
        moot__buf_truncate(&lines, lines.len - 1);
    size_t at = lines.len;
    for (size_t count = 0; at > 0; at--)
        if (lines.data[at - 1] == '\n' && ++count == most)
            break;
    moot__buf_adds(out, moot__buf_text(&lines) + at);
    moot__buf_release(&lines);
    moot__buf_release(&wrap.line);
    moot__buf_release(&copy.block);
    moot__buf_release(&copy.line);
}

void moot__prose_end(struct moot_prose *p)
{
    if (p->line.len > 0)
        take_line(p, moot__buf_text(&p->line), p->line.len);
    moot__buf_clear(&p->line);
    flush(p);
    moot__wrap_end(p->wrap);
}
