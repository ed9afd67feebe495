/* Models: one provider-neutral request and reply, and one try of a call at a provider. Retries,
 * limits and journaling are the host's. */
#ifndef MOOT_MODEL_H
#define MOOT_MODEL_H

#include "runtime/json.h"
#include "runtime/price.h"
#include "runtime/turns.h"
#include "runtime/world.h"

struct moot_tool_decl {
    const char *name;
    const char *description;
    const char *parameters; /* JSON Schema text of an object */
};

/* How a model is reached; made from the crew's `models`, lives as long as the run. */
struct moot_model_spec {
    char *name;     /* its name in `models` */
    char *provider; /* "openai", "ollama", "scripted", … */
    char *model;
    char *base_url;    /* "" : the provider's own */
    char *key;         /* the secret itself, or NULL; wiped on free */
    char *key_name;    /* where it came from: "OPENAI_API_KEY"; for messages */
    char *temperature; /* decimal text, or NULL; top_p likewise */
    char *top_p;
    char *reasoning;
    int64_t max_tokens; /* of a reply */
    bool has_seed;
    int64_t seed;
    char *extra; /* JSON object text merged into the request, or NULL */
    struct moot_price price;
    bool price_missed;                                    /* that it is not known was said */
    int64_t connect_ms, first_byte_ms, idle_ms, total_ms; /* 0: the default */
    bool no_schema; /* capabilities known to be absent: response_format json_schema, */
    bool no_tools;  /* tools, */
    bool no_stream; /* streaming, */
    bool no_stream_options;
    bool use_max_completion_tokens;
    char *script;        /* scripted: path of the replies file */
    void *provider_data; /* the provider's own, made on first use; freed by its release */
};

/* Fills in provider, model, base_url, key (from the environment), price and capabilities from
 * "provider/model" and the crew file's map (NULL: none), reading `getenv_fn` and nothing else.
 * Errors say which variable is missing: "no key: set OPENAI_API_KEY". */
int moot__model_spec_make(const char *name, const char *provider_model, const struct moot_json *map,
                          const char *base_dir, const char *(*getenv_fn)(const char *),
                          struct moot_model_spec **out, struct moot_error *err);
void moot__model_spec_free(struct moot_model_spec *spec);

/* Where the call stands, for the scripted provider and for messages; texts live during start. */
struct moot_call_place {
    const char *conv;
    const char *agent;
    uint32_t n;
    const char *item; /* or NULL */
    const char *task; /* or NULL */
    int attempt;      /* from 1 */
    int step;         /* from 1: which model call of this agent in this conversation */
};

struct moot_model_request {
    const struct moot_turn *turns;
    size_t turn_count;
    const struct moot_tool_decl *tools;
    size_t tool_count;
    const char *tool_choice; /* "auto", "none", "required" or a tool's name; NULL: auto */
    const char *schema;      /* JSON Schema the reply must meet, or NULL */
    const char *schema_name;
    const char *const *stop; /* NULL-terminated, or NULL */
    struct moot_call_place place;
};

struct moot_tool_call {
    char *id; /* the provider's, or made by us */
    char *name;
    char *arguments; /* exact bytes; not yet checked */
};

/* Owns what it points to; released by moot__model_reply_release. */
struct moot_model_reply {
    int status;                     /* MOOT_OK, or why there is no reply */
    bool retryable;                 /* this failure may be tried again */
    bool resendable_without_schema; /* the endpoint refuses response_format: spec->no_schema was set
                                     */
    bool
        mendable; /* a person can mend it (a key, a server that is off): the run is kept for then */
    bool too_long;          /* the request is more than the model holds */
    int64_t retry_after_ms; /* -1: none */
    char *text;             /* "" when none; on failure what had come */
    char *reasoning;        /* kept apart, or NULL */
    struct moot_tool_call *calls;
    size_t call_count;
    char *finish; /* stop, length, tool_calls, content_filter, … as normalised */
    char *model;  /* the model that answered */
    int64_t input_tokens, cached_tokens, output_tokens;
    bool estimated;  /* the provider reported no usage */
    size_t scripted; /* its number in the file of scripted replies; 0: it is a model's */
    struct moot_error error;
};
void moot__model_reply_release(struct moot_model_reply *r);

struct moot_model_events {
    void (*delta)(void *arg, const char *text, size_t len); /* whole code points; may be NULL */
    /* Exactly once, never from inside start. The reply is the callee's to move out of. */
    void (*done)(void *arg, struct moot_model_reply *r);
};

struct moot_model_call;

/* Starts one try. `request` and all it points to must live until done. */
int moot__model_start(struct moot_world *w, struct moot_model_spec *spec,
                      const struct moot_model_request *request,
                      const struct moot_model_events *events, void *arg,
                      struct moot_model_call **out, struct moot_error *err);
/* done follows with MOOT_ECANCELED and the text that came. */
void moot__model_cancel(struct moot_model_call *call);

/* Tokens a request takes, estimated, declarations included. */
int64_t moot__model_estimate(const struct moot_model_request *request);

/* One provider's dialect. model.c has the table of them. */
struct moot_provider {
    const char *const *names; /* NULL-terminated */
    int (*start)(struct moot_world *w, struct moot_model_spec *spec,
                 const struct moot_model_request *request, const struct moot_model_events *events,
                 void *arg, void **call, struct moot_error *err);
    void (*cancel)(void *call);
    void (*release)(struct moot_model_spec *spec); /* frees provider_data; may be NULL */
};
extern const struct moot_provider moot__provider_openai;
extern const struct moot_provider moot__provider_scripted;

/* A reply of the file was given before this process took the run up: it is not given again. */
int moot__scripted_spend(struct moot_model_spec *spec, size_t number, struct moot_error *err);

/* The scripted provider's account at the end of a run: replies that were never used and requests
 * that found none, one line each. */
int moot__scripted_report(struct moot_model_spec *spec, struct moot_buf *out);

#endif
