/* What the parts of the transcript share. */
#ifndef MOOT_TRANSCRIPT_STATE_H
#define MOOT_TRANSCRIPT_STATE_H

#include "cli/paint.h"
#include "cli/speech.h"
#include "cli/transcript.h"
#include "runtime/map.h"

enum {
    CALL_COLUMNS_MAX = 300,
    TALK_WIDTH_MAX = 100,
    TALK_LINE_MAX = 1024 * 1024,
    TALK_MAX = 64 * 1024 * 1024
};

enum tr_at { TR_WORKING, TR_DONE, TR_REJECTED, TR_FAILED, TR_SKIPPED, TR_WAITING };

/* One task of an item, as far as it has got. */
struct tr_task {
    char *id;
    int64_t attempts;
    enum tr_at at;
    bool past;                 /* begun before the item was sent back, and not yet again */
    struct moot_message *call; /* a tool task's call that is out, or NULL; one reference */
};

struct tr_item {
    char *conv; /* its path */
    char *name;
    struct tr_task *tasks; /* those begun, in that order */
    size_t task_count;
    bool over;
    enum tr_at at;
    int64_t rejections; /* verdicts that did not pass */
    int64_t waits;      /* open questions and requests */
    char *why;          /* of a rejection or failure: task and reason */
    char *hint;         /* what to do about the last call that got no reply, or NULL */
};

/* A tool call without its result. */
struct tr_call {
    uint32_t n;
    char *from;
    char *text;             /* "⚙ name (args)" */
    struct moot_message *m; /* one reference */
};

/* A conversation that a manager gives the floor in (roles/said.h has its messages). */
/* What a member of a conversation has said and been shown, in messages with words. */
struct tr_seen {
    int64_t own, shown, hidden;
};

struct tr_chat {
    char *conv, *manager;
    char **members;
    struct tr_seen *seen; /* by member */
    int64_t words;        /* messages that have any */
    size_t member_count;
    char *floor; /* who has it; NULL: nobody yet */
    char *why;   /* that member, in words */
    int64_t turns, tokens, cost;
    bool nudged;
    int64_t asked_at; /* when the manager asked its own model */
};

/* A turn: what one agent says and does in one conversation until it has answered. */
struct tr_block {
    struct moot_transcript *t;
    char *conv, *agent, *item, *task;
    char *aside;  /* at the right end of its head: why this speaker; or NULL */
    char *to;     /* whom it addresses, or NULL */
    bool in_chat; /* its head says who speaks to whom */
    bool outside; /* a person's word that no turn was given for */
    char *reply;  /* what its model said last, or NULL */
    bool failed;  /* its model did not reply, which is shown */
    char *by;     /* what its foot says where no model spoke, or NULL */
    struct moot_speech speech;
    bool streamed; /* its lines go to the screen; else they are held */
    bool headed;   /* its head is there */
    struct moot_buf held;
    char *prefix;    /* "│ " in its ink */
    uint32_t call_n; /* the model_call that is out, 0: none */
    size_t shown;    /* bytes of its text that are there already */
    bool thinking;   /* what it says is thought, not kept */
    bool sums;       /* what it says tells in short what was too long */
    int64_t replies; /* answers without tool calls so far */
    struct tr_call *calls;
    size_t call_count;
    int64_t tokens, cost, began_at, ended_at;
};

struct moot_transcript {
    struct moot_transcript_options options;
    struct moot_screen *screen;
    struct moot_json *crew; /* a copy of the resolved one; NULL: genesis has not come */
    char run[33];
    char *item_word; /* "storefront" */
    bool single;     /* one item only */
    struct tr_item *items;
    size_t item_count;
    struct moot_map item_at; /* first part of a path -> index + 1, as an integer in the pointer */
    char **speakers;         /* in the order of their first word, for their inks */
    size_t speaker_count;
    struct tr_block **blocks;
    size_t block_count;
    struct tr_chat **chats; /* those not ended */
    size_t chat_count;
    int64_t chat_turns; /* of a single item's own conversation, once it has ended; else -1 */
    char chat_stop[16]; /* … and its stop reason */
    struct tr_block *streaming; /* the block whose lines go to the screen, or NULL */
    struct moot_buf later;      /* lines that wait for the end of that block */
    int64_t calls, recorded, tokens, cost, run_ms, drafts;
    bool cost_unknown;
    bool closed;
    char *stop;
    int64_t began_at;
    int64_t foot_at; /* when the bottom lines were last made, ms */
    bool foot_made;
    bool muted;
    bool only; /* one task alone is run */
    bool dry_run;
    bool replayed; /* nothing is asked and nothing done */ /* acts are shown and not done */
    bool last_line; /* the last lines were no turn: a turn keeps its distance */
};

/* transcript.c */
size_t moot__tr_width(const struct moot_transcript *t);
int moot__tr_colours(const struct moot_transcript *t);
/* The ink of a speaker. */
int moot__tr_speaker(struct moot_transcript *t, const char *who);
/* Adds finished lines; they wait while a turn is streaming. */
void moot__tr_lines(struct moot_transcript *t, const char *text, size_t len);
/* An empty line, if the lines before it were no turn. */
void moot__tr_gap(struct moot_transcript *t);
/* "item · task", what of it there is. */
void moot__tr_place(struct moot_transcript *t, struct moot_buf *out, const char *item,
                    const char *task);
struct tr_item *moot__tr_item(struct moot_transcript *t, const char *conv);
struct tr_task *moot__tr_task(struct tr_item *item, const char *id);
/* A task or agent of the crew by its id; NULL: there is none, or no crew. */
const struct moot_json *moot__tr_crew(const struct moot_transcript *t, const char *what,
                                      const char *id);

/* transcript_facts.c: what a body says. */
/* Adds the text of `parts`. */
void moot__fact_parts(const struct moot_json *body, struct moot_buf *out);
int64_t moot__fact_tokens(const struct moot_json *body);
/* 10^-12 USD; -1: not known. */
int64_t moot__fact_cost(const struct moot_json *body);
/* Whether a turn that failed was cut off by a person. */
bool moot__fact_cut_off(const struct moot_json *failed);
/* Whether an outcome was used again from a recording: nothing is paid for it, so its tokens and its
 * cost are none. */
bool moot__fact_recorded(const struct moot_json *body);
/* "name (args short)" of a tool call, safe, in so many columns. */
void moot__fact_call(const struct moot_json *body, size_t columns, struct moot_buf *out);
/* What came of it, in a few words, safe: "ok", "5 passed · 0.4 s", "denied: …". */
void moot__fact_outcome(const struct moot_json *body, size_t columns, struct moot_buf *out);
/* "not yet (3/10)", "passed (9/10)". */
void moot__fact_verdict(const struct moot_json *body, struct moot_buf *out);
/* transcript_votes.c: what was decided, safe: "agreed: Darning Desk · borda 16/20, 5 of 5 votes".
 */
void moot__fact_decision(const struct moot_json *body, struct moot_buf *out);
/* Whether there was consensus, or somebody who may decided. */
bool moot__fact_agreed(const struct moot_json *body);
/* Dissent i, safe, on one line: "buyer was not for it: …"; false: there is none. */
bool moot__fact_dissent(const struct moot_json *body, size_t i, struct moot_buf *out);
/* A delegation: "to analyst summary w1: INSTRUCTION"; or a work item's new state, where it is one
 * that people care for: accepted, blocked, failed. Otherwise false. */
bool moot__fact_work(const struct moot_message *m, struct moot_buf *out);
/* Problem i of a verdict, safe, on one line; false: there is none. */
bool moot__fact_problem(const struct moot_json *body, size_t i, struct moot_buf *out);
/* Of a task: the task where a rejected item goes back to, and how many attempts it has. */
const char *moot__fact_back_to(const struct moot_json *task);
int64_t moot__fact_attempts(const struct moot_json *task);
/* The field that step i (from 0) of a task fills, or NULL. */
const char *moot__fact_field(const struct moot_json *task, int64_t i);
/* "612 tokens", "1 token". */
void moot__fact_add_tokens(struct moot_buf *out, int64_t tokens);
/* Whether what step i (from 0) of a task says is thought, not kept. */
bool moot__fact_thinking(const struct moot_json *task, int64_t i);

/* transcript_talk.c: the look of turns. */
void moot__talk_header(struct moot_transcript *t, const struct moot_message *m);
struct tr_block *moot__talk_block(struct moot_transcript *t, const struct moot_message *m,
                                  const char *agent);
void moot__talk_delta(struct tr_block *b, uint32_t n, const char *text, size_t len);
void moot__talk_reply(struct tr_block *b, const struct moot_message *m);
void moot__talk_call(struct tr_block *b, const struct moot_message *m);
void moot__talk_result(struct tr_block *b, const struct moot_message *m);
void moot__talk_cut(struct tr_block *b, const char *text);
/* A held turn is streamed from here on. */
void moot__talk_stream(struct tr_block *b);
/* What the `msg` of a conversation says beyond what its model was heard to say. */
void moot__talk_said(struct tr_block *b, const struct moot_message *m);
/* Ends a turn, shows it if it was held, and frees it. */
void moot__talk_closing(struct tr_block *b);
void moot__talk_resize(struct moot_transcript *t);
void moot__talk_free(struct tr_block *b);

/* transcript_chat.c: conversations under a manager. */
/* The one of that path; NULL: it is none. */
struct tr_chat *moot__tr_chat(const struct moot_transcript *t, const char *conv);
void moot__tr_chat_open(struct moot_transcript *t, const struct moot_message *m);
/* The floor is given. */
void moot__tr_chat_turn(struct moot_transcript *t, const struct moot_message *m);
/* Counts what a turn took. */
/* Notes what is said and what a request shows of it. */
void moot__tr_chat_seen(const struct moot_transcript *t, const struct moot_message *m);
/* Adds " · 4 messages hidden from it", if any are. */
void moot__tr_chat_add_hidden(const struct moot_transcript *t, const char *conv, const char *who,
                              struct moot_buf *out);
void moot__tr_chat_count(struct moot_transcript *t, const struct moot_message *m);
/* Who says it: its author, or the member as whom the manager says the opening. */
const char *moot__tr_chat_speaker(const struct moot_message *m);
/* Whom that one speaks to; NULL: to all. */
const char *moot__tr_chat_addressee(const struct tr_chat *chat, const struct moot_message *m);
/* The manager asks its own model; what that answered is one line. */
void moot__tr_chat_asks(struct tr_chat *chat, const struct moot_message *m);
void moot__tr_chat_asked(struct moot_transcript *t, const struct tr_chat *chat,
                         const struct moot_message *m);
/* "no progress: the last 4 turns say goodbye   nudged once, then stopped" */
void moot__tr_chat_why(const struct tr_chat *chat, const struct moot_json *end,
                       struct moot_buf *out);
/* "9 turns · finished: no" */
void moot__tr_chat_outcome(int64_t turns, const char *stop, struct moot_buf *out);
/* It ends: why, and what came of it. */
void moot__tr_chat_end(struct moot_transcript *t, const struct moot_message *m);
/* Forgets an ended one. */
void moot__tr_chat_drop(struct moot_transcript *t, const struct moot_message *m);
void moot__tr_chat_free(struct tr_chat *chat);

/* transcript_events.c: what is no turn. */
/* Whose verdict it is: a judge's, a manager's, or that of "checks". */
const char *moot__tr_verdict_author(const struct moot_transcript *t, const struct moot_message *m);
void moot__event_verdict(struct moot_transcript *t, const struct moot_message *m);
void moot__event_decision(struct moot_transcript *t, const struct moot_message *m);
void moot__event_work(struct moot_transcript *t, const struct moot_message *m);
void moot__event_tool(struct moot_transcript *t, const struct moot_message *m);
/* An act that was not done because this is a dry run: all of it, as a person would be asked. */
void moot__event_would(const struct moot_transcript *t, const struct moot_message *call,
                       struct moot_buf *out);
void moot__event_item(struct moot_transcript *t, const struct tr_item *item);
void moot__event_redaction(struct moot_transcript *t, const struct moot_message *m);
void moot__event_person(struct moot_transcript *t, const struct moot_message *m);
void moot__event_note(struct moot_transcript *t, const struct moot_message *m, const char *text);

/* transcript_plain.c */
void moot__plain_message(struct moot_transcript *t, const struct moot_message *m);

/* transcript_foot.c */
void moot__foot_set(struct moot_transcript *t);
/* "14 calls · 21.3k tokens · $0.04 · 0:07". */
void moot__foot_usage(const struct moot_transcript *t, struct moot_buf *out);

#endif
