/* The checks of a result. The cheap ones are computed, all at once; the others are calls of tools,
 * a judge's conversation or a question to a person, one after the other, cheapest first, until one
 * does not pass. */
#ifndef MOOT_CHECK_H
#define MOOT_CHECK_H

#include "agents/role.h"

/* What is checked; all of it lives with whoever asks. */
struct moot_checked {
    const struct moot_task_def *task;
    const struct moot_json *scope;  /* what the attempt was given */
    const struct moot_json *result; /* a string when it is plain text */
};

/* The cheap checks: adds every failure of theirs to `problems`. MOOT_EINVAL: a check cannot be
 * computed, which is the crew file's fault. */
int moot__check_cheap(const struct moot_checked *c, struct moot_json *problems,
                      struct moot_error *err);

enum moot_check_end {
    MOOT_CHECK_GOING,  /* its outcome is waited for */
    MOOT_CHECK_PASSED, /* all of them */
    MOOT_CHECK_REJECTED,
    MOOT_CHECK_FAILED, /* one could not be made */
};

/* Where the others stand. */
struct moot_checking {
    size_t at;                 /* index of the check that is out; check_count: the review */
    uint32_t n;                /* of the call or question that is out; 0: none */
    int judges;                /* judges asked so far */
    char *judge_path;          /* the judge's conversation that is out, or NULL */
    struct moot_json *verdict; /* the newest one of a judge, or NULL */
    struct moot_json *problems;
    char *status;             /* FAILED: an outcome's */
    char *detail;             /* FAILED */
    struct moot_json *mended; /* a person's better result, or NULL */
};

void moot__checking_release(struct moot_checking *k);
/* Begins with the first one that is not cheap. */
int moot__checking_begin(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                         enum moot_check_end *end);
/* Takes an outcome; what is none leaves *end at GOING. */
int moot__checking_receive(struct moot_me *me, const struct moot_checked *c,
                           struct moot_checking *k, const struct moot_message *m,
                           enum moot_check_end *end);
void moot__checking_digest(const struct moot_checking *k, const struct moot_digest *d);

/* What a person answered to a question about a result. */
enum moot_decision { MOOT_DECISION_NONE, MOOT_DECISION_ACCEPT, MOOT_DECISION_REJECT };
enum moot_decision moot__decision(const struct moot_json *answer);
/* The better result a person gave: under `result` ({json} or {text}) or, where the result is JSON,
 * as the answer's text. *out is NULL when there is none. `problems` says what is wrong with it. */
int moot__mended(const struct moot_output_def *o, const struct moot_json *answer,
                 struct moot_json **out, struct moot_buf *problems);

#endif
