/* A manager's worklist: work items, what state each is in, and which may begin next. Crew tasks are
 * the roots; a root may be split into parts. Decisions only: hierarchical.c carries them out. Every
 * move is looked up in one table, and every number has a bound. */
#ifndef MOOT_WORKLIST_H
#define MOOT_WORKLIST_H

#include "agents/role.h"
#include "runtime/sm.h"

enum moot_work_state {
    MOOT_WORK_TODO,
    MOOT_WORK_ASSIGNED, /* it has a worker and begins when it can */
    MOOT_WORK_RUNNING,
    MOOT_WORK_CHECKING, /* a result passed its checks and waits to be accepted */
    MOOT_WORK_REVISE,   /* sent back: it begins again with the same worker */
    MOOT_WORK_BLOCKED,  /* its worker says that it cannot */
    MOOT_WORK_DONE,
    MOOT_WORK_FAILED,
    MOOT_WORK_CANCELLED,
    MOOT_WORK_STATES,
};

enum {
    MOOT_WORK_WINDOW = 8,   /* delegations that are looked back on for one that comes again */
    MOOT_WORK_PRIORITY = 5, /* from 0, least, to 9, most urgent */
    MOOT_WORK_PRIORITY_MAX = 9,
    MOOT_WORK_ID = 32,
};

struct moot_work_item {
    char id[MOOT_WORK_ID]; /* by count: "w1", a part "w1.2" */
    size_t root;           /* index; its own: it is a root */
    size_t parent;         /* likewise */
    size_t task;           /* of its root, in the crew */
    int depth;             /* 0: a root */
    int64_t priority;
    struct moot_sm sm;
    char *goal;                 /* a part's, in words; NULL: the task says it */
    struct moot_json *criteria; /* texts; or NULL */
    struct moot_json *inputs;   /* ids of artefacts that its worker is given; or NULL */
    char *instruction;          /* of the manager, or NULL */
    char *assignee;             /* or NULL */
    bool preset;                /* the crew file names the assignee */
    int64_t parts;              /* that it was split into */
    int64_t delegations;        /* of a root and its parts, counted at the root */
    int64_t rounds;             /* of the manager, counted at the root */
    int64_t runs, rejections;   /* a part's; a root's are the schedule's */
    struct moot_json *result;   /* newest; or NULL */
    char *note;                 /* why it is blocked, was sent back or failed; or NULL */
};

struct moot_delegated {
    size_t item;
    char *to;
    char *instruction; /* small letters, without what stands between words */
};

struct moot_worklist {
    struct moot_work_item *items;
    size_t count;
    struct moot_delegated last[MOOT_WORK_WINDOW];
    size_t delegated; /* in all */
};

void moot__worklist_init(struct moot_worklist *w);
void moot__worklist_release(struct moot_worklist *w);
void moot__worklist_digest(const struct moot_worklist *w, const struct moot_digest *d);

/* Adds a root; `assignee` may be NULL. MOOT_ENOMEM. */
int moot__worklist_root(struct moot_worklist *w, size_t task, const char *assignee);
/* Adds a part of an item that has no worker yet. *out is its index. MOOT_ELIMIT: more than
 * `max_parts` parts, or deeper than `max_depth`. MOOT_ENOMEM. */
int moot__worklist_split(struct moot_worklist *w, size_t parent, const char *goal,
                         int64_t max_parts, int64_t max_depth, size_t *out);

/* The item of that id, whatever the case of its letters; count: none. */
size_t moot__worklist_find(const struct moot_worklist *w, const char *id);
/* The root that is the task; count: none. */
size_t moot__worklist_of_task(const struct moot_worklist *w, size_t task);

const char *moot__work_state_text(unsigned state);
bool moot__worklist_may(const struct moot_worklist *w, size_t item, enum moot_work_state to);
/* An illegal move is a programmer error. */
void moot__worklist_move(struct moot_worklist *w, size_t item, enum moot_work_state to);
bool moot__worklist_over(const struct moot_worklist *w, size_t item);
/* Whether parts of it are not yet over. */
bool moot__worklist_has_open_parts(const struct moot_worklist *w, size_t item);
/* How many are RUNNING that have a worker. */
size_t moot__worklist_running(const struct moot_worklist *w);

/* The next that has a worker and may begin: by priority, then depth, then place in the list.
 * `can`: whether nothing else holds it; count: none. */
size_t moot__worklist_next(const struct moot_worklist *w, bool (*can)(void *arg, size_t item),
                           void *arg);

/* Whether the same words went to the same worker for the same item within the window. */
int moot__worklist_repeats(const struct moot_worklist *w, size_t item, const char *to,
                           const char *instruction, bool *repeats);
/* Gives it to a worker, and counts. The state is moved by the caller. MOOT_ENOMEM. */
int moot__worklist_delegate(struct moot_worklist *w, size_t item, const char *to,
                            const char *instruction);

/* Sets a text that an item owns. MOOT_ENOMEM. */
int moot__work_text(char **where, const char *text);

#endif
