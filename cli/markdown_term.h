/* Markdown on a terminal as it arrives. Lines are gathered into blocks (a paragraph, an entry of a
 * list, a table); a block is set when it is whole, and until then it can be looked at as it would
 * be if it ended here. Fenced code goes line by line. */
#ifndef MOOT_MARKDOWN_TERM_H
#define MOOT_MARKDOWN_TERM_H

#include "cli/wrap.h"

/* A block that grows beyond this is set as it is. */
enum { MOOT_PROSE_BLOCK_MAX = 16 * 1024 };

struct moot_prose {
    struct moot_wrap *wrap; /* the caller's: where lines go, its inks and width */
    int ink;                /* of plain text */
    struct moot_buf block;  /* the lines of the open block */
    struct moot_buf line;   /* the line that has no end yet */
    char fence;             /* '`' or '~' inside of fenced code, else 0 */
    size_t fence_len;
    size_t fence_indent; /* spaces before its first line, taken off the others too */
    size_t indent;       /* of what belongs to the entry of a list that was set last; 0: no entry */
    bool entry;          /* the open block is an entry of a list */
    bool blank;          /* an empty line stands before what comes next */
    bool begun;          /* something was set */
};

void moot__prose_init(struct moot_prose *p, struct moot_wrap *wrap);
void moot__prose_begin(struct moot_prose *p, int ink);
/* Text that is safe on a terminal (cli/safe.h). */
void moot__prose_text(struct moot_prose *p, const char *text, size_t len);
/* Adds the lines of what is not yet set, at most the last `most` of them, without a newline at the
 * end. */
void moot__prose_peek(const struct moot_prose *p, size_t most, struct moot_buf *out);
/* Sets what is left. */
void moot__prose_end(struct moot_prose *p);
void moot__prose_release(struct moot_prose *p);

#endif
