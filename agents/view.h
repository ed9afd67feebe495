/* What an agent's model was shown in a conversation, entry by entry, so that a request can begin
 * anew with less: a view that is bounded, or more than the model holds. A call is never parted from
 * its results. */
#ifndef MOOT_VIEW_H
#define MOOT_VIEW_H

#include "agents/def.h"

struct moot_digest;

/* One entry of the history: a text, or a message by name. */
struct moot_entry {
    enum moot_add_role role;
    char *text; /* or NULL: the message */
    char *from;
    uint32_t n;
    char *call; /* the provider's id of the call that a TOOL entry answers, or NULL */
    bool named;
    uint32_t unit;  /* what is shown or left out as one: an own turn, or a message of others */
    int64_t tokens; /* estimated */
};

/* A message that may be shown later: how much it is. */
struct moot_seen {
    char *from;
    uint32_t n;
    char *call;
    int64_t tokens;
};

struct moot_view {
    struct moot_entry *list;
    size_t count, size;
    struct moot_seen *seen;
    size_t seen_count, seen_size;
    uint32_t unit; /* of the newest entry */
};

void moot__view_init(struct moot_view *v);
void moot__view_release(struct moot_view *v);
void moot__view_digest(const struct moot_view *v, const struct moot_digest *d);

/* Whether what `from` says is shown; `kind` is one of MOOT_SEES_…. */
bool moot__view_shows(const struct moot_view_def *def, const char *from, unsigned kind);

/* A message has come that may be shown. */
int moot__view_seen(struct moot_view *v, const struct moot_message *m);
/* The agent's own, of which only its text is known here. */
int moot__view_said(struct moot_view *v, const char *from, uint32_t n, const char *text);

/* What a request adds. The first `own` of them belong to the agent's own turn, as all do where
 * `begins` is false; each of the others is a unit of its own. */
int moot__view_extend(struct moot_view *v, const struct moot_add *adds, size_t count, size_t own,
                      bool begins);

int64_t moot__view_tokens(const struct moot_view *v, size_t from, size_t to);

/* Takes out what a bounded view does not show: true if there was anything. What a system says
 * stays, and so does the newest unit. */
bool moot__view_bound(struct moot_view *v, const struct moot_view_def *def);

/* The entries between the first and the last ones that are kept; a call with its results counts as
 * one. False: there are none. */
bool moot__view_between(const struct moot_view *v, int64_t keep_first, int64_t keep_last,
                        size_t *from, size_t *to);
void moot__view_cut(struct moot_view *v, size_t from, size_t to);
/* The same, with a message standing for what was taken out. */
int moot__view_replace(struct moot_view *v, size_t from, size_t to, const char *by, uint32_t n,
                       const char *text);
/* The longest result of a tool; count: none that is worth leaving out. */
size_t moot__view_longest(const struct moot_view *v);
/* Puts a note in place of a tool's result. */
int moot__view_omit(struct moot_view *v, size_t i);

/* Shows entries in the MODEL_CALL that was uttered last. */
int moot__view_show(const struct moot_view *v, size_t from, size_t to, struct moot_effects *fx);

#endif
