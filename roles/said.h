/* What is said in a conversation, as its manager hears it, and the bodies by which agents and
 * managers talk. A conversation has one manager, the first participant of its `open`; the others
 * are its members. Everything goes through journaled messages:
 *
 *   open   host or a role → manager, members   {participants, input, seed}
 *   msg    manager → members                   {parts, opening: true, as?: member}
 *   turn   manager → one member                {why, ending?: true, nudge?: text}: it has the floor
 *   msg    member → all others, re the turn    {parts, by?, usage, calls?, finish?, handoff?,
 * exit?, answers_person?} msg    member → manager, re the turn       {failed: {status, detail},
 * parts}: it could not speak, or was cut off after these words msg    a person → all {parts, for?:
 * member, interrupt?}: it is heard, and `for` has the next turn; the one under way is cut off end
 * host                                {outcome, stop, detail, result, turns, summary?}
 *
 *   why      why this member, in words: "start", "round robin", "only one may", "asked: researcher"
 *   ending   what was said last ends the conversation, unless this member's person goes on
 *   by       "person" or "auto" (neither a person nor a model); absent: its model
 *   usage    {calls, tokens, cost: text} of the turn
 *   calls    [{tool, same, got, status}] of the turn, in their order; `same` is a hash of tool and
 *            arguments, `got` of the result, so that the same again is seen without its text
 *   finish   the result that it declares the goal reached with
 *   handoff  the member it gives the floor to
 *   answers_person   its model heard before it ended what a person said meanwhile
 *   exit     its person wants to stop ("person"), or does not go on where it would end ("ending"),
 *            or it has no automatic reply left ("limit") */
#ifndef MOOT_SAID_H
#define MOOT_SAID_H

#include "moot/message.h"
#include "runtime/json.h"

/* One turn. Texts belong to the message, but `text`, which is owned. */
struct moot_said {
    const char *from;
    bool by_model;       /* the words are a model's */
    bool by_person;      /* … or a person's, from outside the turns too */
    bool opening;        /* … or nobody's: it is what the conversation is about */
    char *text;          /* never NULL; "" where nothing was said */
    const char *finish;  /* or NULL */
    const char *handoff; /* or NULL */
    const char *exit;    /* or NULL */
    const char *next;    /* a person's word for that member, or NULL */
    bool interrupts;     /* … which cut off the turn under way */
    bool answers_person;
    const char *failed;            /* status of a turn that failed, or NULL; then */
    const char *detail;            /* … why */
    const struct moot_json *calls; /* array, or NULL */
    int64_t tokens, cost;          /* usage; cost in picodollars */
};

/* Reads a `msg`. MOOT_ENOMEM. */
int moot__said_read(const struct moot_message *m, struct moot_said *out);
void moot__said_release(struct moot_said *said);

#endif
