/* Scripted replies: a file of what a model will say, and which of it a request gets.
 * docs/scripted.md describes the file. */
#ifndef MOOT_SCRIPT_H
#define MOOT_SCRIPT_H

#include "runtime/json.h"
#include "runtime/model.h"

struct moot_script;

/* One reply of the file; texts live as long as the script. */
struct moot_script_reply {
    /* What it is for; NULL and 0 fit any request. */
    const char *agent, *task, *item, *text;
    int64_t attempt, step;
    bool repeat;

    const char *reply;             /* with its placeholders, or NULL */
    bool is_json;                  /* `reply` was written as a map or list */
    const struct moot_json *calls; /* array of {name, arguments}, or NULL */
    int error;                     /* MOOT_OK, or what it fails with */
    bool retryable;
    bool too_long;          /* as a request that is more than the model holds */
    int64_t retry_after_ms; /* -1: none */
    const char *error_text;
    int64_t pace_ms;
    const char *finish;                                 /* or NULL */
    int64_t input_tokens, cached_tokens, output_tokens; /* -1: to be estimated */
    size_t number;                                      /* its place in the file, from 1 */
    char *owned;                                        /* `reply`, when it had to be written */
    bool used;
};

/* Reads the file. MOOT_EINVAL names the reply and the key that is wrong. */
int moot__script_load(const char *path, struct moot_script **out, struct moot_error *err);
void moot__script_free(struct moot_script *script);

/* The first reply in the file's order that fits and is not used up; uses it. `said` is what the
 * model was asked last. MOOT_ENOTFOUND (remembered for the report; names the nearest replies),
 * MOOT_ENOMEM. */
int moot__script_find(struct moot_script *script, const struct moot_call_place *place,
                      const char *said, const struct moot_script_reply **out,
                      struct moot_error *err);

/* Uses the reply with that number up; one that there is not changes nothing. */
void moot__script_spend(struct moot_script *script, size_t number);

/* The reply's text with {item}, {attempt} and {task} filled in. */
int moot__script_fill(const struct moot_script_reply *reply, const struct moot_call_place *place,
                      struct moot_buf *out);

/* Replies that were never used and requests that found none, one line each. */
int moot__script_report(const struct moot_script *script, struct moot_buf *out);

#endif
