#include "cli/term.h"

#include "runtime/decimal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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
