/* Sequences used: CR, ESC[nA (up), ESC[K (erase to the end of the line), ESC[J (to the end of the
 * screen). Every terminal since the VT100 knows them. */
#include "cli/screen.h"

#include "cli/paint.h"

enum { SCREEN_MAX = 64 * 1024 * 1024, LINE_MAX_BYTES = 64 * 1024 };

void moot__screen_init(struct moot_screen *s, FILE *file, struct moot_term *term)
{
    memset(s, 0, sizeof(*s));
    s->file = file;
    s->term = term;
    moot__buf_init(&s->lines, SCREEN_MAX);
    moot__buf_init(&s->tail, LINE_MAX_BYTES);
    moot__buf_init(&s->foot, LINE_MAX_BYTES);
    moot__buf_init(&s->shown_tail, LINE_MAX_BYTES);
    moot__buf_init(&s->shown_foot, LINE_MAX_BYTES);
}

void moot__screen_release(struct moot_screen *s)
{
    moot__buf_release(&s->lines);
    moot__buf_release(&s->tail);
    moot__buf_release(&s->foot);
    moot__buf_release(&s->shown_tail);
    moot__buf_release(&s->shown_foot);
}

static void put(struct moot_screen *s, const char *text, size_t len)
{
    fwrite(text, 1, len, s->file);
}

static void set(struct moot_buf *b, const char *text, size_t len)
{
    moot__buf_clear(b);
    moot__buf_add(b, text, len);
}

static bool same(const struct moot_buf *b, const char *text, size_t len)
{
    return b->len == len && (len == 0 || memcmp(moot__buf_text(b), text, len) == 0);
}

void moot__screen_lines(struct moot_screen *s, const char *text, size_t len)
{
    MOOT_ASSERT(len == 0 || text[len - 1] == '\n');
    if (s->mute)
        return;
    if (!s->term->moves) {
        put(s, text, len);
        return;
    }
    /* More than anybody can read between two frames: let it go by. */
    if (s->lines.len + len > SCREEN_MAX / 2)
        moot__screen_flush(s, s->painted_at);
    moot__buf_add(&s->lines, text, len);
    s->changed = true;
}

void moot__screen_tail(struct moot_screen *s, const char *text, size_t len)
{
    if (s->mute || !s->term->moves || same(&s->tail, text, len))
        return;
    set(&s->tail, text, len);
    s->changed = true;
}

void moot__screen_foot(struct moot_screen *s, const char *text, size_t len)
{
    MOOT_ASSERT(len == 0 || text[len - 1] == '\n');
    if (s->mute || !s->term->moves || same(&s->foot, text, len))
        return;
    set(&s->foot, text, len);
    s->changed = true;
}

int64_t moot__screen_due(const struct moot_screen *s, int64_t now_ms)
{
    if (!s->changed)
        return -1;
    int64_t since = now_ms - s->painted_at;
    return s->painted && since < MOOT_FRAME_MS ? MOOT_FRAME_MS - since : 0;
}

void moot__screen_paint(struct moot_screen *s, int64_t now_ms)
{
    if (moot__screen_due(s, now_ms) == 0)
        moot__screen_flush(s, now_ms);
}

/* Rows that one line takes: more than one where the terminal has become narrower since. */
static size_t rows_of(const struct moot_screen *s, const char *text, size_t len)
{
    size_t width = s->term->columns > 0 ? (size_t)s->term->columns : MOOT_COLUMNS_DEFAULT;
    size_t columns = moot__columns(text, len);
    return columns == 0 ? 1 : (columns + width - 1) / width;
}

/* To the first column of the growing line: the cursor stands at the end of the last line. */
static void go_back(struct moot_screen *s)
{
    size_t rows = 0;
    const char *foot = moot__buf_text(&s->shown_foot);
    if (s->shown_tail.len > 0 || s->shown_foot.len == 0)
        rows += rows_of(s, moot__buf_text(&s->shown_tail), s->shown_tail.len);
    while (*foot != '\0') {
        size_t len = strcspn(foot, "\n");
        rows += rows_of(s, foot, len);
        foot += len + 1;
    }
    if (rows > 1)
        fprintf(s->file, "\x1b[%zuA", rows - 1);
    fputc('\r', s->file);
}

/* Each line with what was right of it erased, so that nothing flickers. */
static void put_lines(struct moot_screen *s, const char *text, size_t len, bool last_open)
{
    size_t at = 0;
    while (at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end != NULL ? (size_t)(end - (text + at)) : len - at;
        put(s, text + at, line);
        fputs("\x1b[K", s->file);
        at += line + 1;
        if (at < len || !last_open)
            fputc('\n', s->file);
    }
}

static bool only_appended(const struct moot_screen *s)
{
    return s->lines.len == 0 && s->foot.len == 0 && s->shown_foot.len == 0 &&
           s->shown_tail.len > 0 && s->tail.len > s->shown_tail.len &&
           memcmp(s->tail.data, s->shown_tail.data, s->shown_tail.len) == 0;
}

void moot__screen_flush(struct moot_screen *s, int64_t now_ms)
{
    if (!s->changed || !s->term->moves) {
        fflush(s->file);
        return;
    }
    if (only_appended(s)) {
        put(s, s->tail.data + s->shown_tail.len, s->tail.len - s->shown_tail.len);
    } else {
        go_back(s);
        put_lines(s, moot__buf_text(&s->lines), s->lines.len, false);
        put_lines(s, moot__buf_text(&s->tail), s->tail.len, s->foot.len == 0);
        put_lines(s, moot__buf_text(&s->foot), s->foot.len, true);
        fputs("\x1b[J", s->file);
    }
    fflush(s->file);
    moot__buf_clear(&s->lines);
    set(&s->shown_tail, moot__buf_text(&s->tail), s->tail.len);
    set(&s->shown_foot, moot__buf_text(&s->foot), s->foot.len);
    s->changed = false;
    s->painted = true;
    s->painted_at = now_ms;
}

void moot__screen_resize(struct moot_screen *s)
{
    moot__term_resize(s->term);
    if (!s->term->moves || (s->shown_foot.len == 0 && s->shown_tail.len == 0))
        return;
    go_back(s);
    fputs("\x1b[J", s->file);
    moot__buf_clear(&s->shown_tail);
    moot__buf_clear(&s->shown_foot);
    s->changed = true;
}

void moot__screen_end(struct moot_screen *s)
{
    moot__screen_foot(s, "", 0);
    if (s->tail.len > 0) {
        moot__buf_add(&s->lines, s->tail.data, s->tail.len);
        moot__buf_addc(&s->lines, '\n');
        moot__buf_clear(&s->tail);
        s->changed = true;
    }
    moot__screen_flush(s, s->painted_at);
}
