#include "tests/lib/vt.h"

#include "runtime/utf8.h"

void vt_init(struct vt *v, int columns)
{
    memset(v, 0, sizeof(*v));
    v->columns = columns;
}

static void erase_line(struct vt *v, int row, int from)
{
    for (int c = from; c < VT_COLUMNS; c++)
        v->cell[row][c][0] = '\0';
}

/* ESC [ number letter; returns its length. */
static size_t escape(struct vt *v, const char *text, size_t len)
{
    size_t at = 2;
    int number = 0;
    while (at < len && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';'))
        number = text[at] == ';' ? 0 : number * 10 + (text[at] - '0'), at++;
    switch (text[at]) {
    case 'A':
        v->row -= number > 0 ? number : 1;
        v->row = v->row < 0 ? 0 : v->row;
        break;
    case 'K':
        erase_line(v, v->row, v->column);
        break;
    case 'J':
        erase_line(v, v->row, v->column);
        for (int r = v->row + 1; r < VT_ROWS; r++)
            erase_line(v, r, 0);
        break;
    default:
        break;
    }
    return at + 1;
}

static void new_line(struct vt *v)
{
    MOOT_ASSERT(v->row + 1 < VT_ROWS);
    v->row++;
    v->rows_used = v->row > v->rows_used ? v->row : v->rows_used;
}

void vt_write(struct vt *v, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code = 0;
        size_t size = moot__utf8_decode(text + at, &code);
        if (code == 0x1b) {
            at += escape(v, text + at, len - at);
            continue;
        }
        if (code == '\r') {
            v->column = 0;
        } else if (code == '\n') {
            v->column = 0;
            new_line(v);
        } else {
            if (v->column >= v->columns) {
                v->column = 0;
                new_line(v);
            }
            memcpy(v->cell[v->row][v->column], text + at, size);
            v->cell[v->row][v->column][size] = '\0';
            v->column++;
        }
        at += size;
    }
}

const char *vt_text(const struct vt *v)
{
    static char out[VT_ROWS * VT_COLUMNS * 4];
    size_t len = 0, kept = 0;
    for (int r = 0; r <= v->rows_used; r++) {
        size_t line = len;
        for (int c = 0; c < VT_COLUMNS; c++) {
            const char *cell = v->cell[r][c][0] != '\0' ? v->cell[r][c] : " ";
            memcpy(out + len, cell, strlen(cell));
            len += strlen(cell);
            if (cell[0] != ' ')
                line = len;
        }
        len = line;
        out[len++] = '\n';
        if (len > kept + 1 && out[len - 2] != '\n')
            kept = len;
    }
    out[kept] = '\0';
    return out;
}
