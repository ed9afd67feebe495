/* A run as a document to be read or kept: the same walk for every format. Items one after another,
 * in each its conversations in the order in which they were opened. */
#ifndef MOOT_DOCUMENT_H
#define MOOT_DOCUMENT_H

#include "cli/transcript.h"

/* One thing that was said. Texts are as they came: hostile. */
struct moot_doc_saying {
    const char *speaker;
    size_t ink;        /* a small number for each speaker */
    const char *to;    /* or NULL */
    const char *aside; /* why this speaker; or NULL */
    const char *text;
    const char *foot; /* what it took; "" where nothing is known */
};

/* A part of something folded: a text under a label. */
struct moot_doc_part {
    const char *label;
    const char *text;
    bool code; /* shown as it is; else it is Markdown */
};

enum moot_doc_tone { MOOT_DOC_PLAIN, MOOT_DOC_GOOD, MOOT_DOC_BAD };

struct moot_doc_head {
    const char *title; /* of the crew */
    const char *facts; /* "graph · 5 storefronts · run 7k2m-9qd4 · 2026-11-25 10:00 UTC" */
    const char *stop;  /* "finished · 14 calls · 21.3k tokens · $0.04" */
    enum moot_doc_tone tone;
};

struct moot_doc_proof {
    const char *run;  /* 32 hex digits */
    const char *name; /* 7k2m-9qd4 */
    int64_t messages;
    size_t anchors;
    char link[65]; /* of the last message */
};

/* A format. Each function adds to `out`. */
struct moot_doc_look {
    void (*begin)(struct moot_buf *out, const struct moot_doc_head *head);
    /* Entries of the table of contents: level 1 an item, 2 a conversation. `id` goes back in
     * `section`. */
    void (*contents)(struct moot_buf *out, int level, size_t id, const char *title);
    void (*contents_end)(struct moot_buf *out);
    void (*section)(struct moot_buf *out, int level, size_t id, const char *title);
    void (*saying)(struct moot_buf *out, const struct moot_doc_saying *said);
    void (*line)(struct moot_buf *out, enum moot_doc_tone tone, const char *text);
    void (*folded)(struct moot_buf *out, const char *summary, enum moot_doc_tone tone,
                   const struct moot_doc_part *parts, size_t count);
    void (*end)(struct moot_buf *out, const struct moot_doc_proof *proof);
};

extern const struct moot_doc_look moot__doc_markdown;
extern const struct moot_doc_look moot__doc_html;

struct moot_book;
/* Writes the run that `book` holds. MOOT_EINCOMPLETE: it holds no genesis; MOOT_ENOMEM,
 * MOOT_ETOOBIG and what reading fails with. */
int moot__document_write(struct moot_book *book, const struct moot_doc_look *look,
                         struct moot_buf *out, struct moot_error *err);

#endif
