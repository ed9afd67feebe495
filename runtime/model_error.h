/* What an endpoint says when it does not answer: one reader for the shapes of all providers, and
 * one classifier. */
#ifndef MOOT_MODEL_ERROR_H
#define MOOT_MODEL_ERROR_H

#include "runtime/json.h"

enum moot_problem_kind {
    MOOT_PROBLEM_NONE,
    MOOT_PROBLEM_CONTEXT,   /* the request is longer than the model's window */
    MOOT_PROBLEM_KEY,       /* the key is wrong, missing or not enough */
    MOOT_PROBLEM_NOT_FOUND, /* no such model, or no such address */
    MOOT_PROBLEM_RATE,      /* too much at once: later */
    MOOT_PROBLEM_QUOTA,     /* nothing left to spend: not later either */
    MOOT_PROBLEM_SERVER,    /* its own fault or overload */
    MOOT_PROBLEM_TIMEOUT,
    MOOT_PROBLEM_PARAMETER, /* a parameter that it does not take: `param` */
    MOOT_PROBLEM_FILTER,    /* stopped for its content */
    MOOT_PROBLEM_TOOLS,     /* the model made no valid call although it had to */
    MOOT_PROBLEM_NO_TOOLS,  /* the model knows no tools */
    MOOT_PROBLEM_TEMPLATE,  /* roles must alternate, one system message only */
    MOOT_PROBLEM_WEB_PAGE,  /* a page for people: a proxy, or a wrong address */
    MOOT_PROBLEM_REQUEST,   /* anything else that is wrong with the request */
};

struct moot_problem {
    enum moot_problem_kind kind;
    long http_status;
    char message[400]; /* the endpoint's words, shortened, on one line */
    char code[64];
    char type[64];
    char param[64];
};

/* Whether the JSON is an error, whatever its shape; fills `out` and classifies then. */
bool moot__problem_in_json(const struct moot_json *root, long http_status,
                           struct moot_problem *out);
/* From the body of a reply that is no success: JSON, HTML, plain text or nothing. */
void moot__problem_read(const char *body, size_t len, long http_status, struct moot_problem *out);
/* Whether the same request may succeed later. */
bool moot__problem_retryable(const struct moot_problem *p);
/* The MOOT_E code of a problem's kind. */
int moot__problem_status(const struct moot_problem *p);

/* The one of the request's parameters that a problem is about, of those that can be left out or
 * written in another way; NULL: none. */
const char *moot__problem_parameter(const struct moot_problem *p);

#endif
