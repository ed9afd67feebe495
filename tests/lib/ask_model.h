/* One call of a model at a time, for tests of providers against a loopback server. */
#ifndef MOOT_TESTS_ASK_MODEL_H
#define MOOT_TESTS_ASK_MODEL_H

#include "runtime/model.h"

#define ASK_KEY "sk-secret-0123456789-4f2a"

/* The world of the test at hand, made by ask_set_up and ended by ask_tear_down. */
struct moot_world *ask_world(void);
int ask_set_up(void **state);
int ask_tear_down(void **state);
#define ASK_TEST(f) cmocka_unit_test_setup_teardown(f, ask_set_up, ask_tear_down)

/* What came of a call. */
struct asked {
    int calls;
    struct moot_model_reply r;
    struct moot_buf deltas;
    struct moot_model_call *call;
    size_t cancel_at; /* bytes of deltas; 0: never */
};
extern const struct moot_model_events asked_events;
void asked_free(struct asked *asked);

/* A spec whose key is ASK_KEY. `more`: members of the model's map, each with a comma in front. */
struct moot_model_spec *ask_spec(const char *provider_model, const char *url, const char *more);

struct history {
    struct moot_turn turns[8];
    size_t count;
};
/* Texts are JSON: literals, an array of calls; NULL: none. */
void history_add(struct history *h, enum moot_turn_role role, const char *content,
                 const char *calls, const char *call_id);
void history_free(struct history *h);

/* Asks and waits; checks what is true of every reply. */
struct asked ask(struct moot_model_spec *spec, const struct moot_model_request *request);
/* With the words "hello" alone. */
struct asked ask_simply(struct moot_model_spec *spec);

/* Bytes of a server's. */
#define ASK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define ASK_TEXT(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define ASK_STOP                                                                                   \
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"                              \
    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n"
#define ASK_DONE "data: [DONE]\n\n"
#define ASK_ERROR(status, body)                                                                    \
    {                                                                                              \
        {                                                                                          \
            LB_TEXT("HTTP/1.1 " status                                                             \
                    " X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body)      \
        }                                                                                          \
    }

#endif
