/* What a step utters: effects, in order. The host turns each into a message (but TIMER and CANCEL)
 * and, after the commit, into what it asks for. Every MODEL_CALL, TOOL_CALL and ASK has exactly one
 * outcome message, which answers it by `re_n`: model_reply, tool_result, answer. An OPEN's outcome
 * is the `end` of the conversation it opened. A refusal (limit, permission) is an outcome too. */
#ifndef MOOT_EFFECTS_H
#define MOOT_EFFECTS_H

#include "moot/agent.h"
#include "runtime/json.h"

#include <stdbool.h>

enum moot_effect_kind {
    MOOT_FX_SEND, /* msg, turn, verdict, transition, … to participants of this conversation */
    MOOT_FX_MODEL_CALL, /* ask a model */
    MOOT_FX_TOOL_CALL,  /* run a tool */
    MOOT_FX_ASK,        /* ask a person */
    MOOT_FX_TIMER,      /* wait; its end is a `timer` message with body {timer: id} */
    MOOT_FX_OPEN,       /* begin a conversation below this one */
    MOOT_FX_CANCEL,     /* give up a call of one's own, by n, or a conversation, by its path */
    MOOT_FX_DONE,       /* end this conversation */
};

/* How an entry of a model's history is shown to it. An observation is a tool's result for a model
 * that cannot call tools: the user's words, after "Observation: ". */
enum moot_add_role {
    MOOT_ADD_SYSTEM,
    MOOT_ADD_USER,
    MOOT_ADD_ASSISTANT,
    MOOT_ADD_TOOL,
    MOOT_ADD_OBSERVATION,
};

/* One entry: literal text that the code words itself, or a message of this conversation by name:
 * a model_reply (as ASSISTANT, text and tool calls), a tool_result (as TOOL), a msg (as USER). */
struct moot_add {
    enum moot_add_role role;
    char *text; /* owned; NULL: the message named */
    char *from; /* owned; of that message */
    uint32_t n;
    char *call; /* owned; TOOL with a text: the provider's id of the call it answers, or NULL */
    bool named; /* a msg: shown with its author's name before it */
};

/* A tool's declaration as a model sees it; const, outlives the effect. */
struct moot_tool_view {
    const char *name;
    const char *description;
    const char *parameters; /* JSON Schema text */
};

/* A MODEL_CALL. Pointers marked const outlive the run. */
struct moot_think {
    const char *model; /* a name in `models` */
    uint32_t base; /* n of this agent's earlier model_call here that this one extends; 0: none */
    struct moot_add *adds; /* owned */
    size_t add_count;
    const struct moot_tool_view *tools; /* const */
    size_t tool_count;
    const char *tool_choice; /* const: "auto", "none", "required", a tool's name; NULL: auto */
    const char *schema;      /* const: JSON Schema text of the reply, or NULL */
    const char *schema_name; /* const */
    const char *const *stop; /* const, NULL-terminated, or NULL */
    bool sums;               /* it tells a part of the conversation in short */
    int step;                /* which model call of this agent in this conversation, from 1 */
};

struct moot_effect {
    enum moot_effect_kind kind;
    uint32_t n;        /* its count; 0 for OPEN, TIMER, CANCEL, DONE */
    enum moot_kind as; /* SEND: the message's kind; ASK: question */
    char **to;         /* SEND, ASK; OPEN: its participants */
    size_t to_count;
    char *path;    /* OPEN: below this conversation, "email#2"; CANCEL: likewise, or NULL */
    char *task;    /* OPEN: the task it is an attempt of, or NULL */
    char *tool;    /* TOOL_CALL: the tool's id */
    uint32_t re_n; /* SEND: what it answers, 0: nothing */
    char *re_from;
    struct moot_json *body;  /* SEND, ASK, TOOL_CALL {args:"…", call:"…"}, OPEN, DONE */
    struct moot_think think; /* MODEL_CALL */
    uint32_t timer;          /* TIMER: its id */
    int64_t ms;              /* TIMER: run time */
    uint32_t cancel_n;       /* CANCEL of a call */
};

struct moot_effects {
    struct moot_effect *list;
    size_t count, size;
    uint32_t next_n; /* the count of the next effect that has one; set by the host */
    int status;      /* the first failure of an append */
};

void moot__effects_init(struct moot_effects *fx, uint32_t next_n);
void moot__effects_release(struct moot_effects *fx);

/* Each appends one effect and returns its n (0 where it has none, and on failure: fx->status).
 * A body is taken over. */

/* Says something. `to` NULL: all other participants. */
uint32_t moot__fx_send(struct moot_effects *fx, enum moot_kind as, const char *to,
                       struct moot_json *body);
/* Begins a MODEL_CALL; fill it by moot__fx_add_*; `think` is copied without its adds. */
uint32_t moot__fx_think(struct moot_effects *fx, const struct moot_think *think);
/* Adds an entry to the MODEL_CALL that was appended last. */
int moot__fx_add_text(struct moot_effects *fx, enum moot_add_role role, const char *text);
/* Answers a model's tool call by a text, without a tool_call: it was not valid. `call` is its
 * provider's id. */
int moot__fx_add_refusal(struct moot_effects *fx, const char *call, const char *text);
int moot__fx_add_message(struct moot_effects *fx, enum moot_add_role role, const char *from,
                         uint32_t n);
/* The same with the author's name before the text: one of several voices. */
int moot__fx_add_named(struct moot_effects *fx, enum moot_add_role role, const char *from,
                       uint32_t n);
/* The MODEL_CALL that was appended last; NULL: none. */
struct moot_effect *moot__fx_last_think(struct moot_effects *fx);
/* Makes it begin anew: it extends nothing and has no entries. */
void moot__fx_anew(struct moot_effects *fx);
/* `args`: exact JSON bytes of an object; `call`: the provider's id of it, or NULL. */
uint32_t moot__fx_call(struct moot_effects *fx, const char *tool, const char *args,
                       const char *call);
/* Adds an addressee to the effect that was appended last: a SEND; an ASK, which any of them may
 * answer; or an OPEN, whose participant it becomes. */
void moot__fx_add_to(struct moot_effects *fx, const char *to);
/* Says what the SEND that was appended last answers. */
void moot__fx_re(struct moot_effects *fx, const char *from, uint32_t n);
/* Asks a person; `to` NULL: whoever is there. body: {text, choices?, default?, about?, expires?}.
 */
uint32_t moot__fx_ask(struct moot_effects *fx, const char *to, struct moot_json *body);
void moot__fx_wait(struct moot_effects *fx, uint32_t timer, int64_t ms);
/* Opens `path` below this conversation with one participant, or more by moot__fx_add_to.
 * body: {input: "foreign JSON text", attempt?, limits?, …}; participants are added by the host. */
void moot__fx_open(struct moot_effects *fx, const char *path, const char *participant,
                   const char *task, struct moot_json *body);
void moot__fx_cancel(struct moot_effects *fx, uint32_t n);
void moot__fx_cancel_conv(struct moot_effects *fx, const char *path);
/* Ends this conversation. body: {outcome: done|rejected|failed|skipped, stop: finished|…, detail?,
 * result?: {json: "…"} or {text: "…"}, verdict?, …}. */
void moot__fx_done(struct moot_effects *fx, struct moot_json *body);

#endif
