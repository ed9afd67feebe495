/* What waits for a person in a run: questions and requests for approval without an answer. */
#ifndef MOOT_INBOX_H
#define MOOT_INBOX_H

#include "cli/project.h"
#include "runtime/message.h"

/* One that waits. `number` counts the run's questions and requests, answered ones too, from 1: with
 * the beginning of the run's id it is its name on the command line, "7k2m-3". */
struct moot_waiting {
    int64_t number;
    struct moot_message *m; /* one reference */
};

struct moot_inbox {
    char *path; /* the journal */
    char run[33];
    char name[MOOT_RUN_NAME_SIZE];
    char *crew;
    struct moot_waiting *list;
    size_t count;
    int64_t numbers; /* questions and requests so far */
    char *open_conv; /* some conversation that is open, or NULL */
    bool closed;
};

void moot__inbox_init(struct moot_inbox *b);
void moot__inbox_release(struct moot_inbox *b);
/* Takes a message as it comes: from a journal or from a live run. 0 or MOOT_ENOMEM. */
int moot__inbox_message(struct moot_inbox *b, struct moot_message *m);
/* Reads a whole journal. */
int moot__inbox_read(const char *path, struct moot_inbox *out, struct moot_error *err);

/* Finds what an ID means ("7k2m-3", or "3" in the last run) and reads its run's inbox. *which is
 * one of its list. MOOT_ENOTFOUND says what waits instead, if anything does. */
int moot__inbox_find(const char *id, struct moot_inbox *out, struct moot_waiting **which,
                     struct moot_error *err);
/* "7k2m-3". `out` has 32 bytes. */
void moot__inbox_id(const struct moot_inbox *b, const struct moot_waiting *w, char *out);

/* Adds what is asked, as a person must see it to decide, exactly: the act with all its arguments,
 * or the question with what it is about. `view`: what to type to see long texts whole; NULL: they
 * are. */
void moot__waiting_show(const struct moot_waiting *w, int colours, size_t width, const char *view,
                        struct moot_buf *out);
/* Whether it asks for what an agent says whose seat a person has. */
bool moot__waiting_is_seat(const struct moot_waiting *w);
/* Whether it is approved or rejected: an act, a result, a question that offers to. */
bool moot__waiting_is_choice(const struct moot_waiting *w);
/* The argument that "same again" holds on to: "to", else the first; NULL: the act has none. The
 * caller frees it. */
char *moot__waiting_like(const struct moot_waiting *w);

/* What a person decides. */
struct moot_decision_given {
    const char *decision;    /* "approve", "reject"; of a question NULL too */
    const char *text;        /* an answer, or the reason; or NULL */
    const char *const *like; /* names of arguments, NULL-terminated, or NULL */
};
/* Signs the decision with the owner's key and posts it to the run. MOOT_EINVAL: a `like` names an
 * argument that the act has not. */
int moot__waiting_post(const struct moot_inbox *b, const struct moot_waiting *w,
                       const struct moot_decision_given *given, struct moot_error *err);
/* Signs what a person says to the run of this journal, and puts it where its writer finds it: the
 * message's run, conversation and addressees are set. `asked`: what it answers; NULL: nothing.
 * Takes the body over. MOOT_EKEY: nobody who was asked has a key here. */
int moot__post_signed(const char *journal, struct moot_message *m, const struct moot_message *asked,
                      struct moot_json *body, struct moot_error *err);
/* Posts that the run is to stop. MOOT_EINVAL: nothing is open. */
int moot__stop_post(const struct moot_inbox *b, struct moot_error *err);

#endif
