/* The transcript: a run as people read it, from its messages, live or out of a journal. */
#ifndef MOOT_TRANSCRIPT_H
#define MOOT_TRANSCRIPT_H

#include "cli/screen.h"
#include "runtime/host.h"
#include "runtime/run.h"

enum moot_look {
    MOOT_LOOK_TALK,  /* turns as blocks, for a terminal or a page of text */
    MOOT_LOOK_PLAIN, /* a line for each turn: time item task speaker: text */
    MOOT_LOOK_NONE,  /* nothing is shown: the facts alone are wanted */
};

struct moot_transcript_options {
    enum moot_look look;
    struct moot_screen *screen; /* the caller's; MOOT_LOOK_NONE: NULL */
    bool live;                  /* the run goes on: turns stream, the foot is kept */
    bool has_person;            /* requests are asked by the caller, not shown */
    const char *watch;          /* the item whose turns stream, or NULL; the caller's */
    int64_t items;              /* how many there will be; 0: not known */
};

struct moot_transcript;

/* NULL: out of memory. */
struct moot_transcript *moot__transcript_new(const struct moot_transcript_options *options);
void moot__transcript_message(struct moot_transcript *t, const struct moot_message *m);
void moot__transcript_delta(struct moot_transcript *t, const struct moot_delta *d);
/* Something about the run that is no message. */
void moot__transcript_notice(struct moot_transcript *t, const char *text);
/* Brings the foot up to date and shows what is due; `run_ms` is the run's time so far. */
void moot__transcript_tick(struct moot_transcript *t, int64_t now_ms, int64_t run_ms);
/* The terminal has another size. */
void moot__transcript_resize(struct moot_transcript *t);
/* Shows what is held back, takes the foot away. More messages may follow. */
void moot__transcript_pause(struct moot_transcript *t);
/* The closing lines: what came of the items, what it cost, how to go on. `exit_code` as the program
 * will end with. */
void moot__transcript_summary(struct moot_transcript *t, int exit_code);
/* What has become of the run so far; texts live as long as the transcript. */
struct moot_transcript_facts {
    const char *run;  /* 32 hex digits; "" before genesis */
    const char *crew; /* its name; "" before genesis */
    const char *process;
    int64_t began_at;                                        /* ms since 1970 */
    int64_t items, done, rejected, failed, skipped, waiting; /* of the items; rest: not finished */
    int64_t waits; /* questions and requests without an answer */
    int64_t calls, tokens, cost, run_ms;
    bool cost_unknown;
    bool closed;
    const char *stop; /* closed: the reason */
};
void moot__transcript_facts(const struct moot_transcript *t, struct moot_transcript_facts *out);
/* While muted, messages change what is known and nothing is shown: for what was shown before. */
void moot__transcript_mute(struct moot_transcript *t, bool mute);
void moot__transcript_free(struct moot_transcript *t);

#endif
