/* One turn with a model: call, tool calls, call …, until it answers. A state machine, run by
 * agent.c; a role begins a turn with moot__think and is told its end by `thought`. */
#ifndef MOOT_TURN_H
#define MOOT_TURN_H

#include "agents/view.h"
#include "runtime/sm.h"

struct moot_me;

enum {
    MOOT_TURN_STEPS = 25, /* model calls of a turn where an agent says nothing else */
    MOOT_TURN_NUDGES = 2, /* times a model is told to call the tool that is required */
};

/* What a turn is asked with; pointers outlive the conversation. */
struct moot_ask {
    const char *model;                  /* a name in models; NULL: default */
    const struct moot_tool_view *tools; /* what it may call */
    size_t tool_count;
    const char *tool_choice; /* until the first tool was called; NULL: auto */
    const char *schema;      /* JSON Schema text of the answer, or NULL */
    const char *schema_name;
    const char *require_tool; /* a tool whose success is noted, or NULL */
    bool require_now;         /* the answer counts after a successful call of it only */
    /* Adds what the model is to hear before it goes on after its tools; or NULL. */
    int (*more)(void *arg, struct moot_me *me);
    void *arg;
    int64_t max_steps; /* 0: MOOT_TURN_STEPS */
    bool plan;         /* the first call is for thinking: no tools are to be called */
    bool several;      /* all forms of a reply are taken, not the first alone */
};

enum moot_thought_end { MOOT_THOUGHT_REPLY, MOOT_THOUGHT_FAILED, MOOT_THOUGHT_CANCELLED };

/* How a turn ended. Owns its texts; agent.c releases it after the role was told. */
struct moot_thought {
    enum moot_thought_end end;
    char *text;       /* the answer; not NULL when there is a reply. Cancelled: what had come */
    const char *form; /* a form that was chosen: its id; else NULL */
    char *args;       /* and what it was given: JSON text of an object that fits its schema */
    struct moot_json *forms;     /* several: [{form, args, call}], in the order of the reply */
    const char *status;          /* not a reply: "error", "timeout", "limit", "cancelled" */
    char *detail;                /* not a reply: why, in words */
    bool cut;                    /* the answer reached its maximum length */
    struct moot_json *did;       /* its tool calls: [{tool, same, got, status}] */
    int64_t calls, tokens, cost; /* model calls, and what they used; cost in picodollars */
};

/* A model's call of a tool, as far as it is needed until the next model call. */
struct moot_turn_call {
    char *id;          /* the provider's, or NULL */
    uint32_t n;        /* of the tool_call; 0: it was not valid */
    size_t done;       /* its place in `did`, from 1; 0: none */
    bool required;     /* it is a call of the tool that is required */
    char *refusal;     /* what the model is told instead of a result, or NULL */
    char *chat;        /* the conversation in which another agent is asked, or NULL */
    char *result_from; /* the tool_result, or NULL: not yet */
    uint32_t result_n;
};

struct moot_turn_state {
    struct moot_sm sm;
    struct moot_ask ask;
    uint32_t call_n;  /* the newest model_call in this conversation; 0: none */
    int step;         /* model calls in this conversation */
    char *reply_from; /* its reply, once it is there */
    uint32_t reply_n;
    int64_t steps; /* model calls of this turn */
    int nudges;
    struct moot_view view;   /* what its model was shown in this conversation */
    size_t own;              /* entries of the call that is out which belong to an own turn */
    bool begins;             /* it is the first call of a turn */
    bool anew;               /* it shows the whole view again */
    bool refused;            /* the endpoint said that it is too long */
    int compacted;           /* how often the view was made smaller in this turn */
    size_t cut_from, cut_to; /* what is told in short */
    uint32_t chats;          /* questions to others in this conversation */
    int64_t sums;            /* calls of this turn that do so */
    bool words;              /* its tools are called in words: agents/react.h */
    const struct moot_tool_view *told; /* the tools that its model was told of in words */
    bool planning;                     /* the call that is out is the plan's */
    bool last;                         /* the call that is out is the last one, without tools */
    bool called;                       /* a tool was called in this turn */
    bool required_done;                /* in this conversation */
    struct moot_turn_call *calls;      /* of the newest reply */
    size_t call_count;
    struct moot_json *did; /* see moot_thought; NULL: nothing yet */
    int64_t tokens, cost;
};

void moot__turn_init(struct moot_turn_state *t);
void moot__turn_release(struct moot_turn_state *t);
bool moot__turn_going(const struct moot_turn_state *t);

/* Begins a turn: a MODEL_CALL that goes on where the last one of this conversation ended. The
 * caller adds what is new (moot__fx_add_text) before it utters anything else. */
int moot__turn_begin(struct moot_me *me, const struct moot_ask *ask);
/* Takes a message; *mine: it answers a call of the turn's; *ended: that was its end, and *end,
 * empty before, says how. Anything else is left alone. */
int moot__turn_receive(struct moot_me *me, const struct moot_message *m, bool *mine, bool *ended,
                       struct moot_thought *end);
void moot__thought_release(struct moot_thought *end);
/* What the model is told of a form that it chose, when it is asked again: `call` is its place in
 * the reply. Until then it is "noted". MOOT_ENOMEM. */
int moot__turn_answer(struct moot_me *me, int64_t call, const char *text);
/* At the end of a step: the call that was begun in it, if there is one, is now whole; a view that
 * is bounded and a model that holds less make it another. */
int moot__turn_settle(struct moot_me *me);
/* Gives up what is out; `thought` is not called for it. */
void moot__turn_cancel(struct moot_me *me);

struct moot_digest;
void moot__turn_digest(const struct moot_turn_state *t, const struct moot_digest *d);

#endif
