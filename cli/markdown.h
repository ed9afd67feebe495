/* Markdown read into what it says: blocks, spans and texts, one after another. Raw HTML is text,
 * and nothing is fetched or trusted: what a link points to is for the caller to judge. */
#ifndef MOOT_MARKDOWN_H
#define MOOT_MARKDOWN_H

#include "runtime/buf.h"

#include <stdbool.h>

/* A text longer than this is not read as Markdown. */
enum { MOOT_MARKDOWN_MAX = 256 * 1024, MOOT_MARKDOWN_COLUMNS_MAX = 64 };

enum moot_mark_kind {
    /* blocks */
    MOOT_MARK_PARAGRAPH,
    MOOT_MARK_HEADING, /* level 1 to 6 */
    MOOT_MARK_LIST,    /* ordered: begins with `level` */
    MOOT_MARK_ENTRY,
    MOOT_MARK_QUOTE,
    MOOT_MARK_CODE_BLOCK,
    MOOT_MARK_RULE,
    MOOT_MARK_TABLE,
    MOOT_MARK_ROW, /* of a table; head: of its head */
    MOOT_MARK_CELL,
    /* spans */
    MOOT_MARK_EMPHASIS,
    MOOT_MARK_STRONG,
    MOOT_MARK_DELETED,
    MOOT_MARK_CODE,
    MOOT_MARK_LINK, /* `target` */
    MOOT_MARK_IMAGE /* likewise; its text is what stands for it */
};

struct moot_mark {
    enum moot_mark_kind kind;
    unsigned level;
    bool ordered, head;
    const char *target; /* of a link or image, entities decoded; NUL-terminated; else NULL */
};

struct moot_markdown_ops {
    void (*begin)(void *arg, const struct moot_mark *mark);
    void (*end)(void *arg, const struct moot_mark *mark);
    /* Entities are decoded; in a code block lines end with a newline. */
    void (*text)(void *arg, const char *text, size_t len);
    void (*line_break)(void *arg, bool hard);
};

/* MOOT_ENOMEM, MOOT_ETOOBIG (the text is longer than what is read; nothing was called). */
int moot__markdown_read(const char *text, size_t len, const struct moot_markdown_ops *ops,
                        void *arg);
/* Whether a link may be followed from a page: http, https or mailto. */
bool moot__markdown_safe_link(const char *target);

#endif
