/* What the host's files share: one struct, one loop turn. */
#ifndef MOOT_HOST_STATE_H
#define MOOT_HOST_STATE_H

#include "runtime/host.h"
#include "runtime/policy.h"
#include "runtime/redact.h"
#include "runtime/stage.h"

/* A call on its way in the world: of a model or a tool. */
struct moot_flight {
    struct moot_host *host;
    struct moot_item *item;
    char *conv;
    char *from;
    uint32_t n;
    enum moot_kind kind;
    char *task;
    uint8_t id[MOOT_HASH_SIZE];
    bool admitted;  /* it may start, limits allowing */
    bool consented; /* a tool: nobody has to be asked, or somebody said yes */
    bool asks;      /* a tool: somebody would have to be asked */
    bool started;
    bool finished;
    bool dropped; /* cancelled: what comes is counted, not delivered */
    bool late;    /* its agent's time is used up: what comes is a limit reached */
    bool timed;   /* it began at `began`, run time; `took`: from then to its end */
    int64_t began, took;
    int64_t tokens, cost;
    uint64_t tick; /* how many outcomes its item had when it began: see flight_before */
    /* a model */
    struct moot_model_spec *spec;
    struct moot_model_request request;
    struct moot_turn *turns; /* held for as long as it flies */
    struct moot_tool_decl *tools;
    struct moot_model_call *model;
    struct moot_redact_stream shown_stream; /* of deltas: holds back what may begin a secret */
    struct moot_model_reply reply;
    int tries;
    struct moot_timer *retry;
    char *item_name;
    char *model_name; /* "openai/gpt-4.1-mini" */
    /* a tool */
    const struct moot_tool_spec *tool;
    struct moot_json *args;
    struct moot_tool_call_run *running;
    char *call; /* the provider's id of it, or NULL */
    int tool_status;
    char *output;
    char *shown;
    char *warnings;
    char *label;
    /* a recording */
    bool is_recorded;
    enum moot_found found;
    struct moot_recorded recorded;
};

struct moot_telling;

enum moot_item_state { MOOT_ITEM_TODO, MOOT_ITEM_OPEN, MOOT_ITEM_ENDED };

struct moot_item {
    char *path; /* "3" */
    char *name;
    struct moot_json *input; /* its members */
    struct moot_json *scope; /* what pinned arguments are filled from */
    enum moot_item_state state;
    char *outcome;
    struct moot_flight **flights;
    size_t flight_count, flight_size;
    uint64_t tick;
    int64_t tokens, cost, admitted; /* of flights let go */
};

/* A wait that an agent asked for, or the end of a time: a conversation's (the run's: ""), or, where
 * it names one, an agent's in an item. */
struct moot_wait {
    struct moot_host *host;
    char *conv;
    char *agent;
    uint32_t id;
    struct moot_timer *timer;
    bool deadline; /* nobody hears of it: the conversation ends */
    bool over;
};

struct moot_host {
    struct moot_host_options o;
    char *run_id;
    char *date;
    char *only, *only_agent; /* of a resumed run */
    struct moot_journal *journal;
    struct moot_run run;
    struct moot_stage stage;
    struct moot_key *host_key;
    struct moot_map keys;           /* agent -> struct moot_key */
    struct moot_key **people;       /* as the crew's; NULL: the owner's */
    struct moot_telling **tellings; /* commands that tell people */
    size_t telling_count;
    uint8_t caps[MOOT_HASH_SIZE];
    struct moot_redact *redact;

    struct moot_item *items;
    size_t item_count, next_item;
    size_t first_open; /* all before it have ended */
    size_t ended;      /* how many items have */

    struct moot_message **queue; /* inserted, to be delivered */
    size_t queue_head, queue_count, queue_size;
    struct moot_message **batch; /* inserted, to be committed */
    size_t batch_count, batch_size;
    struct moot_flight **landing; /* finished or to be thrown away, freed after the turn */
    size_t landing_count, landing_size;
    struct moot_wait **waits;
    size_t wait_count, wait_size;

    int64_t tokens, cost, admitted; /* of all flights let go */
    int64_t at_base, mono_base;
    bool ordered;   /* outcomes are released in a fixed order */
    bool need_full; /* the next commit syncs: an irreversible effect follows */
    bool posts_due;
    bool stopping;
    bool time_over; /* the run's: no item goes on */
    bool dirty;     /* something finished */
    bool told_new;  /* from where on it is not in the recording */
    struct moot_watch *watch;
    enum moot_run_state state;
    int commits;
    struct moot_map
        unwitnessed;        /* items with messages that no anchor covered when it was taken up */
    struct moot_map nonces; /* of statements from elsewhere that were taken up */
    char **posted;          /* files of these, to go after the commit */
    size_t posted_count;
    int64_t newest_ts;
    struct moot_error failure;
};

/* host.c: says something about the run that is no message. */
void moot__host_notice(const struct moot_host *h, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* host_insert.c: making, applying, queueing messages; committing them. */

/* A message of this run, its statement's fields set; the caller seals it by moot__host_insert. */
struct moot_message *moot__host_message(struct moot_host *h, enum moot_kind kind, const char *conv,
                                        const char *from);
/* Seals (body is taken over), applies to the run's state, queues, puts into the batch. Takes the
 * message's reference. */
int moot__host_insert(struct moot_host *h, struct moot_message *m, struct moot_json *body,
                      struct moot_error *err);
/* The same for a statement that was sealed elsewhere. */
int moot__host_insert_sealed(struct moot_host *h, struct moot_message *m, struct moot_error *err);
/* Delivers what was inserted, and what that utters, until nothing is left or a turn has had enough.
 */
int moot__host_drain(struct moot_host *h, struct moot_error *err);
int moot__host_commit(struct moot_host *h, struct moot_error *err);
int64_t moot__host_at(const struct moot_host *h); /* run time */
const struct moot_participant *moot__host_participant(const struct moot_host *h, const char *id);

/* host_effects.c: what a step utters becomes messages and flights. */
int moot__host_deliver(struct moot_host *h, struct moot_message *m, struct moot_error *err);
int moot__host_effect(struct moot_host *h, struct moot_live *live, struct moot_seated *seat,
                      struct moot_effect *fx, struct moot_error *err);
int moot__host_end(struct moot_host *h, const char *conv, struct moot_json *body,
                   struct moot_error *err);
/* Seats the participants that an `open` names. */
int moot__host_seat(struct moot_host *h, const struct moot_message *open, struct moot_error *err);

/* host_flight.c: calls on their way; host_outcome.c: what comes of them; host_cancel.c;
 * host_wait.c. */
struct moot_item *moot__host_item(struct moot_host *h, const char *conv);
/* `fresh`: uttered now, so the counted bounds are looked at; false when it is taken up again. */
int moot__host_fly_model(struct moot_host *h, const struct moot_seated *seat,
                         const struct moot_effect *fx, const struct moot_message *m, bool fresh,
                         struct moot_error *err);
int moot__host_fly_tool(struct moot_host *h, const struct moot_message *m,
                        const struct moot_tool_spec *tool, struct moot_json *args, bool consented,
                        struct moot_error *err);
/* A call on its way in its item, which owns it; NULL: out of memory. */
struct moot_flight *moot__flight_new(struct moot_host *h, const struct moot_message *m);
/* Gives back what was reserved, takes the flight off its item; freed when the world is done with
 * it. */
int moot__flight_land(struct moot_flight *f);
/* Ends it in the world; its `done` still comes. */
void moot__flight_stop(struct moot_flight *f);
/* It is over without the world: with that status and words. */
void moot__flight_fail(struct moot_flight *f, int status, const struct moot_error *why);
/* Inserts the outcome of a call that does not fly. `ended`: its conversation ends from above, so
 * nobody hears it. */
int moot__flight_refuse(struct moot_host *h, const struct moot_message *call, const char *status,
                        const char *detail, bool ended, struct moot_error *err);
/* Whether agents wait for something; deadlines do not count. */
bool moot__host_waits(const struct moot_host *h);
void moot__host_drop_waits(struct moot_host *h, const char *conv);
/* Starts the clock of a conversation (of the run: "") that has `ms` of its time left. */
int moot__host_time(struct moot_host *h, const char *conv, int64_t ms, struct moot_error *err);
/* The same by what the crew allows the item or the task's attempt, if anything; `used`: of it. */
int moot__host_time_conv(struct moot_host *h, const struct moot_run_conv *c, int64_t used,
                         struct moot_error *err);
/* Starts the clock of a flight's agent in its item, if there is a bound and none runs. */
int moot__host_time_agent(struct moot_flight *f, struct moot_error *err);
/* Ends a conversation whose time is used up: "seconds of WHAT". */
int moot__host_end_limit(struct moot_host *h, const char *conv, const char *what,
                         struct moot_error *err);
/* Whether an item only waits for a person: its time stands still. */
bool moot__host_idle(const struct moot_item *item);
int moot__host_collect_waits(struct moot_host *h, bool *any, struct moot_error *err);
/* Whether a tool is told of instead of run: in a dry run what has an effect, or would have to be
 * asked about. */
bool moot__host_described(const struct moot_flight *f);
struct moot_flight *moot__host_flight(struct moot_host *h, const char *conv, const char *from,
                                      uint32_t n);
/* Gives a call up: it ends in the world, and its outcome `cancelled` is inserted; `limit` if its
 * agent is out of time (`late`). */
void moot__host_cancel(struct moot_flight *f);
int moot__host_cancel_below(struct moot_host *h, const char *conv, struct moot_error *err);
/* Inserts the outcomes that are due, in their order. */
int moot__host_collect(struct moot_host *h, struct moot_error *err);
/* Starts what may start; after the commit. */
void moot__host_start_flights(struct moot_host *h);
void moot__host_drop_flights(struct moot_host *h);
void moot__host_sweep(struct moot_host *h); /* frees flights that are over */
int moot__host_refuse(struct moot_host *h, const struct moot_message *call, const char *status,
                      const char *detail, struct moot_error *err);
int moot__host_wait(struct moot_host *h, const char *conv, const char *agent, uint32_t id,
                    int64_t ms, struct moot_error *err);
/* The tool as the caller has it. */
const struct moot_tool_spec *moot__host_tool(const struct moot_host *h, const char *id,
                                             const char *caller);
struct moot_model_spec *moot__host_model(const struct moot_host *h, const char *name);
/* The whole arguments of a call: what the model gave and what the crew file pins. */
int moot__host_args(struct moot_host *h, const char *conv, const struct moot_tool_spec *tool,
                    const char *given, struct moot_json **out, struct moot_error *err);

/* host_recorded.c: calls that a recording answers. */

bool moot__host_only_replays(const struct moot_host *h); /* nothing goes out into the world */
/* Whether this call of a tool is not carried out: there is a recorded outcome, or must be one. */
bool moot__host_replays(const struct moot_host *h, const struct moot_message *call,
                        const struct moot_tool_spec *tool);
/* Whether the recording has this call's outcome; a flight that was just made. */
bool moot__host_recorded(struct moot_host *h, const struct moot_message *call,
                         struct moot_flight *f);
/* Ends the flight before it starts, by its recorded outcome or because there must be one. */
bool moot__flight_replay(struct moot_flight *f);
/* Body of the outcome; the caller's. NULL: out of memory. */
struct moot_json *moot__flight_recorded_body(const struct moot_flight *f);
/* A question that the recording has an answer to; else nothing. */
int moot__host_fly_question(struct moot_host *h, const struct moot_message *m,
                            struct moot_error *err);

/* host_redact.c: loaded secrets out of what comes in. */
int moot__host_secrets(struct moot_host *h, struct moot_error *err);
/* Replaces the text by a clean one where it holds a secret. MOOT_ENOMEM: it is NULL then. */
int moot__host_redact(const struct moot_host *h, char **text);
void moot__host_redact_words(const struct moot_host *h, char *words, size_t size);

/* host_begin.c: genesis, keys, items. host_resume.c: folding. host_post.c: people. */
/* Puts where the run comes from into the body of its genesis or its new keys. */
int moot__host_origin(const struct moot_host *h, struct moot_json *body);
int moot__host_begin(struct moot_host *h, struct moot_error *err);
int moot__host_resume(struct moot_host *h, struct moot_error *err);
int moot__host_admit(struct moot_host *h, struct moot_error *err);
/* Takes the items in (a copy of each), none of them open. */
int moot__host_items(struct moot_host *h, const struct moot_json *items, struct moot_error *err);
/* Folder of what other processes say to the run; the caller frees the string. NULL: out of memory.
 */
char *moot__host_post_dir(const struct moot_host *h);
/* Asks a person about a tool_call. */
int moot__host_ask_consent(struct moot_host *h, const struct moot_message *call, const char *args,
                           const char *reason, struct moot_error *err);
int moot__host_keys(struct moot_host *h, struct moot_json *body, struct moot_error *err);
int moot__host_posts(struct moot_host *h, struct moot_error *err);
void moot__host_posted(struct moot_host *h);
int moot__host_consent(struct moot_host *h, const struct moot_message *m, struct moot_error *err);
bool moot__host_asks(const struct moot_host *h); /* something waits for a person */
/* host_people.c. The keys of the crew's people. */
int moot__host_people(struct moot_host *h, struct moot_error *err);
void moot__host_people_free(struct moot_host *h);
/* Puts who may approve, by which keys, into the body of genesis. */
int moot__host_approvers(const struct moot_host *h, struct moot_json *body);
/* The key by which that person signs; NULL: there is no such person. */
const struct moot_key *moot__host_person_key(const struct moot_host *h, const char *id);
/* What the one at this terminal is called; NULL: its owner is none of the crew's people. */
const char *moot__host_me(const struct moot_host *h);
/* The same for what it answers; NULL: it may not. */
const char *moot__host_answerer(const struct moot_host *h, const struct moot_run_call *call);
/* Gives what is asked of somebody its end, where the crew sets one. */
int moot__host_expiry(const struct moot_host *h, char *const *whom, size_t count,
                      struct moot_json *body);
/* host_notify.c. Tells those who are asked, after the commit, once; what they are asked is the
 * run's newest question or request. */
int moot__host_notify(struct moot_host *h, const struct moot_message *asked);
void moot__host_notify_start(struct moot_host *h);
void moot__host_notify_drop(struct moot_host *h);
/* host_late.c. Ends what nobody has answered in time. */
int moot__host_late(struct moot_host *h, struct moot_error *err);
/* host_say.c. Why nobody can hear what a person says; NULL: it can be heard. */
const char *moot__host_unheard(const struct moot_host *h, const struct moot_message *m);
/* Ends what a person's word cut off in that conversation: calls are cancelled, questions withdrawn.
 */
int moot__host_interrupt(struct moot_host *h, const char *conv, struct moot_error *err);
/* Answers a question in nobody's name: "withdrawn", "expired". */
int moot__host_unasked(struct moot_host *h, const char *conv, const struct moot_run_call *call,
                       const char *status, struct moot_error *err);

#endif
