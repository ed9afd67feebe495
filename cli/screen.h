/* A terminal on which text scrolls above a few lines that stay at the bottom. What is to be seen is
 * set at once, what is seen changes at most 20 times a second; the first change after a pause is
 * shown at once. Elsewhere than on a terminal finished lines are written and nothing else. */
#ifndef MOOT_SCREEN_H
#define MOOT_SCREEN_H

#include "cli/term.h"
#include "runtime/buf.h"

enum { MOOT_FRAME_MS = 50, MOOT_FOOT_LINES_MAX = 6 };

struct moot_screen {
    FILE *file;
    struct moot_term *term; /* the caller's */
    struct moot_buf lines;  /* finished lines not yet written */
    struct moot_buf tail;   /* the lines that grow, as they should be */
    struct moot_buf foot;   /* the bottom lines as they should be, each with a newline */
    struct moot_buf prompt; /* below them the line that a person types; no newline */
    size_t prompt_back;     /* how many columns before its end the cursor stands */
    struct moot_buf shown_tail;
    struct moot_buf shown_foot;
    bool mute; /* what is set now is not to be shown */
    bool changed;
    bool painted;       /* ever */
    int64_t painted_at; /* ms */
};

void moot__screen_init(struct moot_screen *s, FILE *file, struct moot_term *term);
/* Adds finished lines: text with a newline after each. The growing line must be empty. */
void moot__screen_lines(struct moot_screen *s, const char *text, size_t len);
/* Sets the lines that grow; NULL: there are none. The last has no newline; they fit the terminal.
 */
void moot__screen_tail(struct moot_screen *s, const char *text, size_t len);
/* Sets the bottom lines, each ended by a newline; "" for none. They fit the terminal. */
void moot__screen_foot(struct moot_screen *s, const char *text, size_t len);
/* Sets the line that is typed, which fits the terminal, and others above it; "" for none. */
void moot__screen_prompt(struct moot_screen *s, const char *text, size_t len, size_t back);
/* Milliseconds until moot__screen_paint has something to do; -1: nothing. */
int64_t moot__screen_due(const struct moot_screen *s, int64_t now_ms);
/* Shows what has changed, if it is time. */
void moot__screen_paint(struct moot_screen *s, int64_t now_ms);
/* Shows it at whatever time. */
void moot__screen_flush(struct moot_screen *s, int64_t now_ms);
/* The terminal has another size: the bottom lines are taken away as they now stand. */
void moot__screen_resize(struct moot_screen *s);
/* Takes the bottom lines away, ends the growing one and shows the rest. */
void moot__screen_end(struct moot_screen *s);
void moot__screen_release(struct moot_screen *s);

#endif
