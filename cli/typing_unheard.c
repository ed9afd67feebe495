#include "cli/typing.h"

#include "cli/paint.h"
#include "cli/safe.h"

enum { TEXT_BYTES_MAX = 256 * 1024 };

void moot__typing_show_unheard(const char *said, size_t columns, struct moot_buf *out)
{
    static const char words[] = "heard after this turn: ";
    struct moot_buf text;
    moot__buf_init(&text, TEXT_BYTES_MAX);
    moot__safe_add_line(&text, said, strlen(said));
    moot__buf_adds(out, words);
    moot__add_cut(out, moot__buf_text(&text),
                  columns > sizeof(words) + 4 ? columns - sizeof(words) : 4);
    moot__buf_release(&text);
}
