/* The stage: conversations that are open now, the agents seated in them with their states, and what
 * was said there. Live run and fold drive the same stage with the same messages. No I/O. */
#ifndef MOOT_STAGE_H
#define MOOT_STAGE_H

#include "moot/agent.h"
#include "runtime/effects.h"
#include "runtime/map.h"
#include "runtime/request.h"

/* A participant that can sit in conversations; const, outlives the stage. */
struct moot_participant;

/* One agent in one conversation. */
struct moot_seated {
    const struct moot_participant *who;
    struct moot_seat seat;
    void *self;
    struct moot_history history;
    struct moot_effect *thinking; /* MODEL_CALLs without an outcome, owned: to be started again */
    size_t thinking_count;
};

struct moot_live {
    char *path;
    struct moot_seated *seats;
    size_t seat_count;
    struct moot_message **said; /* held: requests show them by name */
    size_t said_count, said_size;
};

struct moot_stage {
    struct moot_map live;           /* path -> struct moot_live */
    uint8_t digest[MOOT_HASH_SIZE]; /* debug: of the states at the end of each conversation */
};

void moot__stage_init(struct moot_stage *s);
void moot__stage_release(struct moot_stage *s);

struct moot_live *moot__stage_find(const struct moot_stage *s, const char *path);
/* Seats the participants. NULL: out of memory or an agent's init failed (err says which). */
struct moot_live *moot__stage_open(struct moot_stage *s, const char *path,
                                   const struct moot_participant *const *who, size_t count,
                                   struct moot_error *err);
/* Seats those of `all` whom an `open` names. MOOT_ENOTFOUND, MOOT_ENOMEM. */
int moot__stage_begin(struct moot_stage *s, const struct moot_message *open,
                      const struct moot_participant *all, size_t count, struct moot_error *err);
/* Drops the states; a debug build, which compares them with the fold's, takes their digest first.
 */
void moot__stage_end(struct moot_stage *s, const char *path);

struct moot_seated *moot__stage_seat(struct moot_live *live, const char *agent);
/* Remembers what was said, for requests that show it. */
int moot__stage_said(struct moot_live *live, struct moot_message *m);
const struct moot_message *moot__stage_recall(void *live, const char *from, uint32_t n);

/* Keeps a MODEL_CALL until its outcome; moves it out of `effect`. */
int moot__stage_thinking(struct moot_seated *seat, struct moot_effect *effect);
struct moot_effect *moot__stage_thought(struct moot_seated *seat, uint32_t n);
void moot__stage_thought_done(struct moot_seated *seat, uint32_t n);

/* Hash over the ended and the open conversations' states. */
void moot__stage_digest(const struct moot_stage *s, uint8_t out[MOOT_HASH_SIZE]);

#endif
