#include "cli/typing.h"

#include "cli/paint.h"
#include "cli/safe.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KEYS_MAX = 1024,       /* typed ahead */
    KEY_MS = 50,           /* the rest of a key's bytes follow within this time */
    HISTORY_LINES = 1000,  /* kept */
    TEXT_MAX = 256 * 1024, /* of one text */
    ESCAPE = 0x1b,
};

struct moot_typing {
    int fd;
    FILE *in, *nowhere;
    EditLine *line;
    History *history;
    char *file;
    struct moot_buf text; /* lines that go on in the next, each with its newline */
    unsigned char keys[KEYS_MAX];
    size_t key_count, key_at;
    bool open, held, gone;
};

/* ---- bytes and keys ---- */

/* Takes what was typed into `keys`. False: nothing came within so many milliseconds. */
static bool fill(struct moot_typing *p, int ms)
{
    struct pollfd input = {.fd = p->fd, .events = POLLIN};
    if (p->gone || poll(&input, 1, ms) <= 0)
        return false;
    if (p->key_at > 0) {
        memmove(p->keys, p->keys + p->key_at, p->key_count - p->key_at);
        p->key_count -= p->key_at;
        p->key_at = 0;
    }
    ssize_t got = read(p->fd, p->keys + p->key_count, KEYS_MAX - p->key_count);
    if (got < 0 && errno == EINTR)
        return false;
    p->gone = got <= 0 && p->key_count < KEYS_MAX;
    if (got > 0)
        p->key_count += (size_t)got;
    return got > 0;
}

static bool has_key(struct moot_typing *p, int ms)
{
    return p->key_at < p->key_count || fill(p, ms);
}

static size_t bytes_of(unsigned char first)
{
    return first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

/* libedit asks for the next character of a key: they come together, or not at all. */
static int get_char(EditLine *line, wchar_t *out)
{
    struct moot_typing *p = NULL;
    if (el_get(line, EL_CLIENTDATA, &p) != 0 || !has_key(p, KEY_MS))
        return 0;
    unsigned char first = p->keys[p->key_at];
    size_t need = bytes_of(first);
    while (p->key_count - p->key_at < need && fill(p, KEY_MS))
        continue;
    size_t have = p->key_count - p->key_at;
    uint32_t c = first;
    if (need > 1 && have >= need) {
        c = first & (0x7fU >> need);
        for (size_t i = 1; i < need; i++)
            c = c << 6 | (p->keys[p->key_at + i] & 0x3fU);
    } else if (need > 1 || first >= 0x80) {
        need = 1;
        c = 0xfffd;
    }
    p->key_at += need;
    *out = (wchar_t)c;
    return 1;
}

/* ---- making ---- */

static int read_history(struct moot_typing *p, const char *file, struct moot_error *err)
{
    HistEvent event;
    p->history = history_init();
    if (p->history == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    history(p->history, &event, H_SETSIZE, HISTORY_LINES);
    history(p->history, &event, H_SETUNIQUE, 1);
    el_set(p->line, EL_HIST, history, p->history);
    if (file == NULL)
        return MOOT_OK;
    p->file = moot__copy(file, strlen(file));
    if (p->file == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    history(p->history, &event, H_LOAD, file); /* there may be none yet */
    return MOOT_OK;
}

static int make_line(struct moot_typing *p, struct moot_error *err)
{
    int copy = dup(p->fd);
    p->in = copy >= 0 ? fdopen(copy, "r") : NULL;
    p->nowhere = fopen("/dev/null", "we"); /* the screen shows the line */
    if (p->in == NULL || p->nowhere == NULL)
        return moot__fail(err, MOOT_EIO, "the terminal cannot be read: %s", strerror(errno));
    /* It sets the modes of a terminal only where it believes that it writes to one. */
    p->line = el_init_fd("moot", p->in, p->nowhere, p->nowhere, p->fd, p->fd, p->fd);
    if (p->line == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    el_set(p->line, EL_CLIENTDATA, p);
    el_set(p->line, EL_EDITOR, "emacs");
    el_set(p->line, EL_SIGNAL, 0);
    el_set(p->line, EL_GETCFN, get_char);
    return MOOT_OK;
}

int moot__typing_new(int fd, const char *history_file, struct moot_typing **out,
                     struct moot_error *err)
{
    struct moot_typing *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    p->fd = fd;
    p->held = true;
    moot__buf_init(&p->text, TEXT_MAX);
    int status = make_line(p, err);
    if (status == MOOT_OK)
        status = read_history(p, history_file, err);
    if (status != MOOT_OK) {
        moot__typing_free(p);
        return status;
    }
    moot__typing_hold(p, false);
    *out = p;
    return MOOT_OK;
}

/* Failing to write it is no harm. */
static void write_history(struct moot_typing *p)
{
    HistEvent event;
    mode_t mask = umask(077);
    if (history(p->history, &event, H_GETSIZE) == 0 && event.num > 0)
        history(p->history, &event, H_SAVE, p->file);
    umask(mask);
}

void moot__typing_free(struct moot_typing *p)
{
    if (p == NULL)
        return;
    if (p->line != NULL) {
        moot__typing_hold(p, true);
        el_end(p->line);
    }
    if (p->history != NULL) {
        if (p->file != NULL)
            write_history(p);
        history_end(p->history);
    }
    if (p->in != NULL)
        fclose(p->in);
    if (p->nowhere != NULL)
        fclose(p->nowhere);
    moot__buf_release(&p->text);
    free(p->file);
    free(p);
}

void moot__typing_hold(struct moot_typing *p, bool hold)
{
    if (p->held == hold)
        return;
    p->held = hold;
    el_set(p->line, EL_UNBUFFERED, hold ? 0 : 1);
}

void moot__typing_open(struct moot_typing *p, bool open)
{
    p->open = open;
}

bool moot__typing_is_open(const struct moot_typing *p)
{
    return p->open;
}

/* ---- reading ---- */

/* A line is whole: it goes on in the next, or is a text. */
static bool take_line(struct moot_typing *p, const char *line, size_t len, struct moot_buf *text)
{
    HistEvent event;
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    char *copy = moot__copy(line, len);
    /* The next line begins empty. */
    el_set(p->line, EL_UNBUFFERED, 0);
    el_set(p->line, EL_UNBUFFERED, 1);
    if (copy == NULL)
        return false;
    if (copy[strspn(copy, " \t")] != '\0')
        history(p->history, &event, H_ENTER, copy);
    bool more = len > 0 && copy[len - 1] == '\\';
    moot__buf_add(&p->text, copy, more ? len - 1 : len);
    free(copy);
    if (more) {
        moot__buf_addc(&p->text, '\n');
        return false;
    }
    moot__buf_clear(text);
    moot__buf_add(text, moot__buf_text(&p->text), p->text.len);
    moot__buf_clear(&p->text);
    return true;
}

static bool is_empty(struct moot_typing *p)
{
    const LineInfo *now = el_line(p->line);
    return p->text.len == 0 && now->lastchar == now->buffer;
}

enum moot_typing_event moot__typing_look(struct moot_typing *p, struct moot_buf *text)
{
    while (p->open && !p->held && has_key(p, 0)) {
        bool alone = p->keys[p->key_at] == ESCAPE && p->key_count - p->key_at == 1;
        if (alone && !fill(p, KEY_MS)) {
            p->key_at++;
            return MOOT_TYPING_ESCAPE;
        }
        if (p->keys[p->key_at] == 4 && is_empty(p)) {
            p->key_at++;
            return MOOT_TYPING_END;
        }
        int count = 0;
        const char *line = el_gets(p->line, &count);
        bool whole =
            line != NULL && count > 0 && (line[count - 1] == '\n' || line[count - 1] == '\r');
        if (whole && take_line(p, line, (size_t)count, text))
            return MOOT_TYPING_LINE;
    }
    return p->gone ? MOOT_TYPING_END : MOOT_TYPING_NONE;
}

int moot__typing_key(struct moot_typing *p)
{
    if (p->held || !has_key(p, 0))
        return p->gone ? -1 : 0;
    int key = p->keys[p->key_at++];
    bool longer = key == ESCAPE && has_key(p, KEY_MS);
    if (longer) /* an arrow or the like: all of it */
        p->key_at = p->key_count;
    return longer ? 0 : key;
}

/* ---- showing ---- */

/* The end of a text that fits into so many columns. */
static const char *last_columns(const char *text, size_t columns)
{
    while (moot__columns(text, strlen(text)) > columns) {
        size_t step = bytes_of((unsigned char)text[0]);
        size_t len = strlen(text);
        text += step < len ? step : len;
    }
    return text;
}

size_t moot__typing_show(struct moot_typing *p, const char *mark, size_t columns,
                         struct moot_buf *out)
{
    const LineInfo *now = el_line(p->line);
    struct moot_buf left, right;
    moot__buf_init(&left, TEXT_MAX);
    moot__buf_init(&right, TEXT_MAX);
    moot__safe_add_exact(&left, now->buffer, (size_t)(now->cursor - now->buffer));
    moot__safe_add_exact(&right, now->cursor, (size_t)(now->lastchar - now->cursor));
    const char *begin = p->text.len > 0 ? "… " : mark;
    size_t taken = moot__columns(begin, strlen(begin)) + 1;
    size_t room = columns > taken + 4 ? columns - taken : 4;
    size_t after = moot__columns(moot__buf_text(&right), right.len);
    after = after < room / 4 ? after : room / 4;
    const char *before = last_columns(moot__buf_text(&left), room - after);
    size_t wide = moot__columns(before, strlen(before));
    moot__buf_adds(out, begin);
    moot__buf_adds(out, before);
    size_t cursor = out->len;
    moot__add_cut(out, moot__buf_text(&right), room - wide);
    size_t back = moot__columns(moot__buf_text(out) + cursor, out->len - cursor);
    moot__buf_release(&left);
    moot__buf_release(&right);
    return back;
}
