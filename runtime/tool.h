/* Tools as the host runs them: built-ins and programs, one try of a call. Checks of arguments,
 * limits, approval and journaling happen before, in agents/ and in the host. */
#ifndef MOOT_TOOL_H
#define MOOT_TOOL_H

#include "runtime/json.h"
#include "runtime/world.h"

enum moot_tool_effect { MOOT_EFFECT_NONE, MOOT_EFFECT_IDEMPOTENT, MOOT_EFFECT_IRREVERSIBLE };

/* A tool as the crew file defines it, in the hands of one agent or of anybody; made once, lives as
 * long as the run. */
struct moot_tool_spec {
    char *id;
    char *agent; /* whose workspace, sandbox and approval these are; NULL: whoever has none */
    char *use;   /* the built-in's name, or "command" */
    char *description;
    char *parameters;         /* JSON Schema text of what a model gives: without pinned args */
    struct moot_json *pinned; /* object name -> template text, or NULL */
    enum moot_tool_effect effect;
    const char *on_unknown; /* "ask", "retry", "skip" */
    int64_t calls_limit;    /* for each item; -1: none */
    bool approval_always, approval_never;
    bool reads_private, ingests_untrusted, sends_external, writes, exec;
    bool writes_outside; /* of the workspace: where the crew file says */
    char *deliver;       /* send_email */
    char **command;      /* NULL-terminated, or NULL */
    bool sandbox_none;
    struct moot_json *sandbox; /* map, or NULL */
    int64_t seconds_ms;        /* deadline; 0: 60 s */
    char *base_dir;            /* the crew file's folder */
    char *workspace;           /* or NULL */
};

/* Builds it from the resolved crew's entry (an object of `tools`, or {"id": NAME} for a built-in
 * that is named without an entry). Errors: unknown built-in (with those there are). */
int moot__tool_spec_make(const struct moot_json *entry, const char *base_dir,
                         struct moot_tool_spec **out, struct moot_error *err);
void moot__tool_spec_free(struct moot_tool_spec *spec);

/* Whether a built-in runs code or commands that an agent wrote. */
bool moot__tool_is_code(const char *use);

struct moot_tool_result {
    int status; /* MOOT_OK; MOOT_EINVAL (the tool's own error: output says what), MOOT_ETIMEOUT,
                   MOOT_ECANCELED, MOOT_EDENIED, … */
    const char *output; /* what the agent is given; UTF-8; valid during the call */
    size_t len;
    const char *shown;    /* one line for the transcript ("5 passed · 0.4 s"), or NULL */
    const char *label;    /* where the content came from: "web", "file", or NULL */
    const char *warnings; /* lines, for the person who runs it and no agent, or NULL */
};

struct moot_tool_call_run;

/* What is known of one call beside its arguments. */
struct moot_tool_ask {
    const char *id;      /* of the tool_call message in hex: the idempotency key */
    const char *scratch; /* the folder to work in without a workspace (runtime/scratch.h), which is
                          * made when it is needed; NULL: none */
    bool dry_run;        /* it is only described */
};

/* Starts one call. `args` are the whole arguments (pinned ones in), checked. done comes exactly
 * once, never from inside start. */
int moot__tool_start(struct moot_world *w, const struct moot_tool_spec *spec,
                     const struct moot_json *args, const struct moot_tool_ask *ask,
                     void (*done)(void *arg, const struct moot_tool_result *r), void *arg,
                     struct moot_tool_call_run **out, struct moot_error *err);
void moot__tool_cancel(struct moot_tool_call_run *run);

#endif
