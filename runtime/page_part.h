/* The parts of page.c: bytes to characters, characters to lines, lines to ranks. */
#ifndef MOOT_PAGE_PART_H
#define MOOT_PAGE_PART_H

#include "runtime/buf.h"

#include <stdbool.h>

/* ---- page_charset.c ---- */

/* Turns a page's bytes into valid UTF-8 without controls but tab, line feed and carriage return.
 * `hint` is the charset of its HTTP header, NULL: none. *name is the charset taken and *replaced
 * the number of bytes that were nothing in it. MOOT_ENOMEM, MOOT_ETOOBIG. */
int moot__page_decode(const char *bytes, size_t len, const char *hint, struct moot_buf *out,
                      const char **name, size_t *replaced);

/* ---- page_guess.c ---- */

/* How much decoded text looks like text in that charset; more is better. */
long moot__page_plausible(const char *text, size_t len, const char *charset, const char *lang);

/* ---- page_line.c ---- */

/* Where a line stands, and what it is. */
enum page_zone {
    PAGE_NAV = 1 << 0, /* menus */
    PAGE_FOOTER = 1 << 1,
    PAGE_HEADER = 1 << 2,
    PAGE_ASIDE = 1 << 3, /* beside the matter, by its element */
    PAGE_CART = 1 << 4,
    PAGE_LOCALE = 1 << 5, /* countries, currencies, languages */
    PAGE_POPUP = 1 << 6,  /* cookies, newsletters, dialogs */
    PAGE_SKIP = 1 << 7,   /* for screen readers alone */
    PAGE_FORM = 1 << 8,   /* labels, buttons */
    PAGE_MAIN = 1 << 9,
    PAGE_QUOTE = 1 << 10,
    PAGE_PROSE = 1 << 11, /* in a paragraph */
};

struct page_line {
    size_t start; /* in the text */
    size_t len;
    size_t characters;
    size_t link_characters; /* of them in links */
    unsigned zone;
    int heading;     /* 1 to 6, 0: none */
    unsigned repeat; /* how many alike stand before it in its list */
    char rank;       /* '0' the most important to '9' */
};

/* What is true of the text that comes next. */
struct page_place {
    unsigned zone;
    int heading;
    unsigned repeat;
    bool link;
    bool pre; /* line feeds are line ends */
};

struct page_lines {
    struct moot_buf text; /* lines joined by line feeds */
    struct page_line *at;
    size_t count;
    size_t room;
    int status;
    size_t invisible; /* characters that do not show and were removed */
    size_t tags;      /* of them tag characters, which spell out text */
    bool open;        /* the last line may go on */
    bool space;       /* white space is due before the next character */
    uint32_t last;    /* the last character added */
    uint32_t joiner;  /* one that stands only between two letters, 0: none */
};

void moot__page_lines_init(struct page_lines *lines);
void moot__page_lines_release(struct page_lines *lines);
/* Adds text, valid UTF-8, to the line at hand. */
void moot__page_lines_add(struct page_lines *lines, const char *text, size_t len,
                          const struct page_place *place);
/* The line at hand ends. */
void moot__page_lines_break(struct page_lines *lines);

/* Cleans one text that is not part of the lines (a title): white space made one space, invisible
 * characters removed. The caller frees it; NULL: out of memory. */
char *moot__page_clean(const char *text, struct page_lines *counts);

/* ---- page_rank.c ---- */

/* The zones an element opens, by its name and attributes (each may be NULL). */
unsigned moot__page_zone(const char *name, const char *id, const char *class, const char *role);
/* Sets every line's rank. */
int moot__page_rank(struct page_lines *lines);

/* ---- page_facts.c ---- */

/* Adds what a JSON-LD text says of the shop as lines "name: value"; only known members. */
int moot__page_facts(const char *json, size_t len, struct moot_buf *out);

/* ---- page_flag.c ---- */

/* Adds a line for each place in the text that speaks to a machine rather than to a reader. */
int moot__page_flag(const char *text, const char *where, struct moot_buf *out);

#endif
