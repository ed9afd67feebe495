/* Sequences used: CR, ESC[A (up), ESC[nD (left), ESC[K (erase to the end of the line). Every
 * terminal since the VT100 knows them. */
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
    moot__buf_init(&s->prompt, LINE_MAX_BYTES);
    moot__buf_init(&s->shown_tail, LINE_MAX_BYTES);
    moot__buf_init(&s->shown_foot, LINE_MAX_BYTES);
}

void moot__screen_release(struct moot_screen *s)
{
    moot__buf_release(&s->lines);
    moot__buf_release(&s->tail);
    moot__buf_release(&s->foot);
    moot__buf_release(&s->prompt);
    moot__buf_release(&s->shown_tail);
    moot__buf_release(&s->shown_foot);
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
        fwrite(text, 1, len, s->file);
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

void moot__screen_prompt(struct moot_screen *s, const char *text, size_t len, size_t back)
{
    if (s->mute || !s->term->moves || (s->prompt_back == back && same(&s->prompt, text, len)))
        return;
    set(&s->prompt, text, len);
    s->prompt_back = back;
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

/* To the first column of the growing lines, all that was shown from there on erased: the cursor
 * stood at the end of the last line. Each row is erased by itself: some terminals keep what is
 * erased from the top of the screen on as if it had scrolled away. */
static void go_back(struct moot_screen *s, struct moot_buf *out)
{
    size_t rows = 0;
    const char *foot = moot__buf_text(&s->shown_foot);
    const char *tail = moot__buf_text(&s->shown_tail);
    bool has_tail = s->shown_tail.len > 0 || s->shown_foot.len == 0;
    while (has_tail) {
        size_t len = strcspn(tail, "\n");
        rows += rows_of(s, tail, len);
        has_tail = tail[len] == '\n';
        tail += len + has_tail;
    }
    while (*foot != '\0') {
        size_t len = strcspn(foot, "\n");
        rows += rows_of(s, foot, len);
        foot += len + 1;
    }
    for (size_t i = 0; i < rows; i++)
        moot__buf_adds(out, i == 0 ? "\r\x1b[K" : "\x1b[A\x1b[K");
}

static void put_lines(struct moot_buf *out, const struct moot_buf *lines, bool last_open)
{
    moot__buf_add(out, moot__buf_text(lines), lines->len);
    if (lines->len > 0 && lines->data[lines->len - 1] != '\n')
        moot__buf_addc(out, '\n');
    if (lines->len > 0 && last_open)
        moot__buf_truncate(out, out->len - 1);
}

/* All of a frame in one write, so that nothing flickers. */
static void put_frame(struct moot_screen *s, struct moot_buf *out)
{
    fwrite(moot__buf_text(out), 1, out->len, s->file);
    fflush(s->file);
    moot__buf_release(out);
}

/* The bottom lines, that of the prompt the last of them. */
static void add_foot(const struct moot_screen *s, struct moot_buf *out)
{
    moot__buf_add(out, moot__buf_text(&s->foot), s->foot.len);
    moot__buf_add(out, moot__buf_text(&s->prompt), s->prompt.len);
    if (s->prompt.len > 0)
        moot__buf_addc(out, '\n');
}

static bool only_appended(const struct moot_screen *s)
{
    return s->lines.len == 0 && s->foot.len == 0 && s->prompt.len == 0 && s->shown_foot.len == 0 &&
           s->shown_tail.len > 0 && s->tail.len > s->shown_tail.len &&
           memcmp(s->tail.data, s->shown_tail.data, s->shown_tail.len) == 0;
}

void moot__screen_flush(struct moot_screen *s, int64_t now_ms)
{
    if (!s->changed || !s->term->moves) {
        fflush(s->file);
        return;
    }
    /* The terminal may have been resized a moment ago, before any signal of it came. */
    if (s->term->tty)
        moot__term_resize(s->term);
    struct moot_buf out, foot;
    moot__buf_init(&out, SCREEN_MAX * 2);
    moot__buf_init(&foot, LINE_MAX_BYTES * 2);
    add_foot(s, &foot);
    if (only_appended(s)) {
        moot__buf_adds(&out, s->tail.data + s->shown_tail.len);
    } else {
        go_back(s, &out);
        put_lines(&out, &s->lines, false);
        put_lines(&out, &s->tail, foot.len == 0);
        put_lines(&out, &foot, true);
        if (s->prompt.len > 0 && s->prompt_back > 0)
            moot__buf_addf(&out, "\x1b[%zuD", s->prompt_back);
    }
    put_frame(s, &out);
    moot__buf_clear(&s->lines);
    set(&s->shown_tail, moot__buf_text(&s->tail), s->tail.len);
    set(&s->shown_foot, moot__buf_text(&foot), foot.len);
    moot__buf_release(&foot);
    s->changed = false;
    s->painted = true;
    s->painted_at = now_ms;
}

void moot__screen_resize(struct moot_screen *s)
{
    moot__term_resize(s->term);
    if (!s->term->moves || (s->shown_foot.len == 0 && s->shown_tail.len == 0))
        return;
    struct moot_buf out;
    moot__buf_init(&out, LINE_MAX_BYTES);
    go_back(s, &out);
    put_frame(s, &out);
    moot__buf_clear(&s->shown_tail);
    moot__buf_clear(&s->shown_foot);
    s->changed = true;
}

void moot__screen_end(struct moot_screen *s)
{
    moot__screen_foot(s, "", 0);
    moot__screen_prompt(s, "", 0, 0);
    if (s->tail.len > 0) {
        moot__buf_add(&s->lines, s->tail.data, s->tail.len);
        moot__buf_addc(&s->lines, '\n');
        moot__buf_clear(&s->tail);
        s->changed = true;
    }
    moot__screen_flush(s, s->painted_at);
}
