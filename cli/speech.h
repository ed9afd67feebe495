/* What an agent says, set into lines while it arrives: an object of JSON as its fields, with bold
 * and code of Markdown as inks; else as Markdown where there are inks, as it stands where there are
 * none; and nothing in it that could harm a terminal. */
#ifndef MOOT_SPEECH_H
#define MOOT_SPEECH_H

#include "cli/markdown_term.h"

enum { MOOT_SPEECH_DEPTH_MAX = 64 };

enum moot_speech_state {
    MOOT_SPEECH_START,  /* nothing but white space came */
    MOOT_SPEECH_TEXT,   /* plain text or Markdown */
    MOOT_SPEECH_JSON,   /* between the values of JSON */
    MOOT_SPEECH_STRING, /* in a string */
    MOOT_SPEECH_BARE,   /* in a number or a word of JSON */
};

struct moot_speech {
    struct moot_wrap wrap;
    enum moot_speech_state state;
    int ink;         /* of plain text: dim for thinking */
    bool bold, code; /* Markdown in force */
    size_t stars;    /* '*' held back: one may be the first of two */

    /* JSON */
    char stack[MOOT_SPEECH_DEPTH_MAX]; /* '{' or '[' */
    size_t depth;
    bool want_key;  /* the next string is a member's name */
    bool fresh;     /* nothing stands on the line yet */
    char escape[8]; /* an escape sequence that is not yet whole */
    size_t escape_len;
    uint32_t high; /* first half of a surrogate pair */

    struct moot_prose prose;
    struct moot_buf word; /* bytes held back: the rest of a code point */
};

void moot__speech_init(struct moot_speech *s, const char *prefix, size_t width, int colours,
                       void (*emit)(void *arg, const char *line, size_t len), void *arg);
/* A piece of what is said. */
void moot__speech_text(struct moot_speech *s, const char *text, size_t len);
/* What follows is a new saying, in this ink. */
void moot__speech_begin(struct moot_speech *s, int ink);
/* The lines that still grow, at most the last `most` of them; false: there are none. */
bool moot__speech_tail(const struct moot_speech *s, size_t most, struct moot_buf *out);
/* Ends the saying and its line. */
void moot__speech_end(struct moot_speech *s);
void moot__speech_release(struct moot_speech *s);

#endif
