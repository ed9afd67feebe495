#include "cli/term.h"

#include "runtime/decimal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { IDLE_MS = 100 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static int number_of(const char *name, int absent)
{
    const char *text = getenv(name);
    int64_t n = 0;
    if (text == NULL || !moot__int_parse(text, &n) || n < 20 || n > 1000)
        return absent;
    return (int)n;
}

void moot__term_resize(struct moot_term *t)
{
    struct winsize size;
    memset(&size, 0, sizeof(size));
    if (t->tty && ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        t->columns = size.ws_col;
        t->rows = size.ws_row;
        return;
    }
    t->columns = number_of("COLUMNS", MOOT_COLUMNS_DEFAULT);
    t->rows = MOOT_ROWS_DEFAULT;
}

void moot__term_look(int fd, struct moot_term *out)
{
    memset(out, 0, sizeof(*out));
    out->fd = fd;
    out->tty = isatty(fd) == 1;
    const char *term = getenv("TERM");
    bool dumb = term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
    out->moves = out->tty && !dumb;
    if (out->moves && !is_set("NO_COLOR")) {
        bool many = strstr(term, "256color") != NULL || strstr(term, "direct") != NULL ||
                    is_set("COLORTERM");
        out->colours = many ? 256 : 16;
    }
    moot__term_resize(out);
}

bool moot__term_person(const struct moot_term *t)
{
    return t->tty && isatty(STDIN_FILENO) == 1;
}

enum moot_term_end moot__term_ask(struct moot_buf *out, const volatile sig_atomic_t *stop,
                                  bool (*idle)(void *arg), void *arg)
{
    moot__buf_clear(out);
    while (*stop == 0) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        int ready = poll(&input, 1, IDLE_MS);
        if (ready == 0 && idle != NULL && idle(arg))
            return MOOT_TERM_GONE;
        if (ready <= 0)
            continue;
        char c = 0;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return MOOT_TERM_END;
        if (c == '\n')
            return MOOT_TERM_LINE;
        moot__buf_addc(out, c);
    }
    return MOOT_TERM_STOPPED;
}
