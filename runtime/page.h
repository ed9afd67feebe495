/* A web page as text: what a reader would see, in the page's order, each line ranked by how much it
 * says about the page. A function of bytes alone: it may run on any thread. */
#ifndef MOOT_PAGE_H
#define MOOT_PAGE_H

#include "runtime/buf.h"

#include <stdbool.h>

struct moot_page {
    char *title;       /* NULL: none, as for the next two */
    char *lang;        /* as declared: "en-GB" */
    char *description; /* of its meta element */
    char *facts;    /* lines "name: value" of its JSON-LD, kept apart from the text; "" if none */
    char *text;     /* lines; valid UTF-8, nothing invisible in it */
    char *ranks;    /* a digit for each line of the text, '0' the most important */
    char *dropped;  /* lines: what was left out or cut, for the person who runs it */
    char *warnings; /* lines: what speaks to a machine instead of a reader, with the words */
    const char *charset; /* what its bytes were taken for */
    bool cut;            /* not all of the page was read */
};

/* Reads at most MOOT_MAX_PAGE bytes of HTML. `charset_hint`: what its HTTP header says, NULL: none.
 * The caller frees *out with moot__page_free. MOOT_ENOMEM; MOOT_EMALFORMED: no HTML could be made
 * of it. */
int moot__page_read(const char *bytes, size_t len, const char *charset_hint, struct moot_page **out,
                    struct moot_error *err);
void moot__page_free(struct moot_page *page);

/* Adds the page's text cut to `tokens` by its ranks (trim.h). */
int moot__page_trim(const struct moot_page *page, size_t tokens, struct moot_buf *out,
                    size_t *left_out);

#endif
