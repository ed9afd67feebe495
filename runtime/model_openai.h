/* The chat-completions dialect from inside, for the files model_openai*.c alone. */
#ifndef MOOT_MODEL_OPENAI_H
#define MOOT_MODEL_OPENAI_H

#include "runtime/model.h"
#include "runtime/model_error.h"
#include "runtime/model_preset.h"
#include "runtime/sse.h"

/* What an endpoint was found not to take, kept with the spec for the calls that follow. */
struct moot_chat_quirks {
    bool no_stop;
    bool no_choice;
    bool no_seed;
    bool no_effort;
    bool merge; /* roles must alternate: neighbours of one role are joined */
    bool system_as_user;
};

/* A request's body: parts that lie in the request itself, in constants, or in what this owns. */
struct moot_chat_body {
    struct moot_buf head;
    struct moot_part *parts;
    size_t count, size;
    char **owned;
    size_t owned_count;
    struct moot_text *instruction; /* the schema in words, where the endpoint takes none */
};

int moot__chat_body_make(const struct moot_model_spec *spec, const struct moot_preset *preset,
                         const struct moot_chat_quirks *quirks,
                         const struct moot_model_request *request, struct moot_chat_body *out,
                         struct moot_error *err);
void moot__chat_body_release(struct moot_chat_body *body);

/* A tool call as its pieces come. */
struct moot_chat_call {
    bool has_index;
    int64_t index;
    char *id;
    char *name;
    struct moot_buf arguments;
};

/* A reply as it comes: bytes in, deltas out. */
struct moot_chat {
    enum { MOOT_CHAT_UNKNOWN, MOOT_CHAT_EVENTS, MOOT_CHAT_BODY } form;
    struct moot_sse sse;
    struct moot_buf body; /* what is no stream, and the bytes before that is known */
    struct moot_buf text;
    struct moot_buf reasoning;
    struct moot_buf refusal;
    struct moot_buf held; /* the beginning of the text while it may be "<think>" */
    enum { MOOT_THINK_UNKNOWN, MOOT_THINK_INSIDE, MOOT_THINK_AFTER, MOOT_THINK_OVER } think;
    struct moot_chat_call *calls;
    size_t call_count;
    char *model;
    char finish[32]; /* the raw finish_reason */
    bool finished;   /* one was seen, or the end mark */
    bool any_delta;
    int64_t input_tokens, cached_tokens, output_tokens; /* -1: not reported */
    int status; /* not MOOT_OK: the stream is broken; error says how */
    struct moot_error error;
    struct moot_problem problem;                            /* an error object that came */
    void (*delta)(void *arg, const char *text, size_t len); /* or NULL */
    void *arg;
};

void moot__chat_init(struct moot_chat *c, void (*delta)(void *arg, const char *text, size_t len),
                     void *arg);
void moot__chat_release(struct moot_chat *c);
/* Returns 0 to go on, 1 when nothing more need be read. */
int moot__chat_feed(struct moot_chat *c, const char *data, size_t len);
/* No more bytes will come; `http_status` 0: unknown. Fills status, error and problem. */
void moot__chat_end(struct moot_chat *c, long http_status);
/* Moves text, calls, usage and finish into the reply; made-up ids are drawn from `seed`. */
int moot__chat_take(struct moot_chat *c, const char *seed, struct moot_model_reply *reply);

/* What went wrong where, into reply->status, error, retryable and retry_after_ms. */
struct moot_chat_where {
    const struct moot_model_spec *spec;
    const struct moot_preset *preset;
    const char *url; /* that was asked */
};
void moot__chat_explain(const struct moot_chat_where *at, const struct moot_problem *p,
                        const struct moot_http_result *r, struct moot_model_reply *reply);
/* The exchange itself failed: no network, nobody there, a cut. */
void moot__chat_explain_transport(const struct moot_chat_where *at,
                                  const struct moot_http_result *r, struct moot_model_reply *reply);
void moot__chat_explain_error(const struct moot_chat_where *at, const struct moot_error *error,
                              bool retryable, struct moot_model_reply *reply);
/* A reply that is whole and yet no answer becomes an error. */
void moot__chat_check(const struct moot_chat_where *at, struct moot_model_reply *reply);
/* Estimates the usage that was not reported. */
void moot__chat_count(const struct moot_model_request *request, struct moot_model_reply *reply);

/* One entry of a delta's tool_calls (or the legacy function_call). */
int moot__chat_add_call(struct moot_chat *c, const struct moot_json *entry);
int moot__chat_add_function(struct moot_chat *c, const struct moot_json *function);
/* Names, ids and arguments made whole; MOOT_EPROTOCOL. */
int moot__chat_take_calls(struct moot_chat *c, const char *seed, struct moot_model_reply *reply);
void moot__chat_calls_release(struct moot_chat *c);
/* Nine letters and digits out of any text: what every provider takes as an id. */
void moot__chat_short_id(const char *text, size_t len, char out[10]);

#endif
