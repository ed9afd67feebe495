#include "cli/wrap.h"

#include "cli/paint.h"
#include "runtime/utf8.h"

enum { WRAP_LINE_MAX = 64 * 1024, WRAP_WIDTH_MIN = 20, WRAP_INDENT_MAX = 8 };

void moot__wrap_init(struct moot_wrap *w, const char *prefix, size_t width, int colours,
                     void (*emit)(void *arg, const char *line, size_t len), void *arg)
{
    memset(w, 0, sizeof(*w));
    w->prefix = prefix;
    w->width = width < WRAP_WIDTH_MIN ? WRAP_WIDTH_MIN : width;
    w->colours = colours;
    w->emit = emit;
    w->arg = arg;
    moot__buf_init(&w->line, WRAP_LINE_MAX);
}

void moot__wrap_release(struct moot_wrap *w)
{
    moot__buf_release(&w->line);
}

static void begin(struct moot_wrap *w, size_t indent)
{
    if (w->begun)
        return;
    moot__buf_clear(&w->line);
    moot__buf_adds(&w->line, w->prefix);
    w->columns = moot__columns(w->prefix, strlen(w->prefix));
    for (size_t i = 0; i < indent; i++)
        moot__buf_addc(&w->line, ' ');
    w->columns += indent;
    if (w->ink != MOOT_INK_NONE)
        moot__buf_adds(&w->line, moot__ink(w->colours, w->ink));
    w->begun = true;
    w->break_at = 0;
}

static void finish(struct moot_wrap *w, size_t len, int ink)
{
    struct moot_buf *line = &w->line;
    struct moot_buf out;
    moot__buf_init(&out, WRAP_LINE_MAX + 64);
    while (len > 0 && moot__buf_text(line)[len - 1] == ' ')
        len--;
    moot__buf_add(&out, moot__buf_text(line), len);
    if (ink != MOOT_INK_NONE)
        moot__buf_adds(&out, moot__ink(w->colours, MOOT_INK_NONE));
    w->emit(w->arg, moot__buf_text(&out), out.len);
    moot__buf_release(&out);
    w->begun = false;
}

/* Moves what stands behind the last break to a new line. */
static void break_line(struct moot_wrap *w)
{
    w->continued = true;
    if (w->line.status != MOOT_OK || w->break_at == 0 || w->break_at > w->line.len) {
        finish(w, w->line.len, w->ink);
        begin(w, w->indent > w->hang ? w->indent : w->hang);
        return;
    }
    size_t rest = w->line.len - w->break_at;
    size_t columns = w->columns - w->break_columns;
    char *moved = moot__copy(w->line.data + w->break_at, rest);
    finish(w, w->break_at, w->break_ink);
    int now = w->ink;
    w->ink = w->break_ink;
    begin(w, w->indent > w->hang ? w->indent : w->hang);
    w->ink = now;
    if (moved != NULL)
        moot__buf_add(&w->line, moved, rest);
    w->columns += columns;
    free(moved);
}

/* "- ", "* ", "12. " at the beginning of a line: what continues it stands below its text. */
static void look_for_list(struct moot_wrap *w)
{
    const char *text = moot__buf_text(&w->line) + strlen(w->prefix);
    size_t spaces = strspn(text, " ");
    size_t mark = strspn(text + spaces, "0123456789");
    if (mark > 0 && mark < 4 && text[spaces + mark] == '.')
        mark++;
    else if (mark == 0 && text[spaces] != '\0' && strchr("-*+", text[spaces]) != NULL)
        mark = 1;
    else
        mark = 0;
    if (mark > 0 && text[spaces + mark] == ' ' && spaces + mark < WRAP_INDENT_MAX)
        w->indent = spaces + mark + 1;
}

static void add_code(struct moot_wrap *w, const char *text, size_t size, uint32_t code)
{
    int width = moot__utf8_code_width(code);
    size_t columns = width > 0 ? (size_t)width : 0;
    begin(w, w->hang);
    /* A space at the end of a full line is no reason to break. */
    if (code != ' ' && w->columns + columns > w->width)
        break_line(w);
    moot__buf_add(&w->line, text, size);
    w->columns += columns;
    if (code == ' ') {
        if (w->indent == 0 && !w->continued)
            look_for_list(w);
        w->break_at = w->line.len;
        w->break_columns = w->columns;
        w->break_ink = w->ink;
    }
}

void moot__wrap_text(struct moot_wrap *w, const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        uint32_t code = 0;
        size_t size = moot__utf8_decode(text + at, &code);
        if (code == '\n') {
            begin(w, w->hang);
            finish(w, w->line.len, w->ink);
            w->indent = 0;
            w->continued = false;
        } else {
            add_code(w, text + at, size, code);
        }
        at += size;
    }
}

void moot__wrap_ink(struct moot_wrap *w, int ink)
{
    if (w->ink == ink)
        return;
    if (w->begun) {
        if (w->ink != MOOT_INK_NONE)
            moot__buf_adds(&w->line, moot__ink(w->colours, MOOT_INK_NONE));
        if (ink != MOOT_INK_NONE)
            moot__buf_adds(&w->line, moot__ink(w->colours, ink));
    }
    w->ink = ink;
}

void moot__wrap_end(struct moot_wrap *w)
{
    if (w->begun)
        finish(w, w->line.len, w->ink);
    w->indent = 0;
    w->continued = false;
}
