/* Who may speak next in a group chat, and how a name is read out of a model's words. Decisions
 * only. Members are numbered as in the `open` of the conversation.
 *
 * `transitions` and `never` bind every method. A member without an entry in `transitions` may be
 * followed by all; one that lists itself may speak again whatever `repeat_speaker` says. Rules see
 * what expressions of `termination` see (roles/termination.h). */
#ifndef MOOT_SPEAKERS_H
#define MOOT_SPEAKERS_H

#include "roles/said.h"
#include "runtime/expr.h"

enum moot_next_speaker {
    MOOT_SPEAKER_AUTO,
    MOOT_SPEAKER_ROUND_ROBIN,
    MOOT_SPEAKER_RANDOM,
    MOOT_SPEAKER_MANUAL,
    MOOT_SPEAKER_RULES,
};

struct moot_speaker_rule {
    struct moot_expr *when;
    char *source; /* as it stands in the crew file */
    char *to;
};

/* after `from`: only, or never, these. */
struct moot_transition {
    char *from;
    char **to; /* NULL-terminated */
};

/* The settings of `group_chat`; const for the run. */
struct moot_speakers_def {
    enum moot_next_speaker method;
    enum moot_next_speaker fallback;  /* of auto */
    enum moot_next_speaker otherwise; /* of rules none of which holds; may be auto */
    struct moot_speaker_rule *rules;
    size_t rule_count;
    struct moot_transition *only, *never;
    size_t only_count, never_count;
    bool repeat, introductions;
    char **
        schemas; /* JSON Schema texts of {"next": NAME}, by the member who spoke last; NULL: none */
    size_t schema_count;
};

/* `in`: `group_chat` of the resolved crew, or NULL: the defaults. MOOT_EINVAL, MOOT_ENOMEM. */
int moot__speakers_build(const struct moot_json *in, struct moot_speakers_def *out,
                         struct moot_error *err);
void moot__speakers_release(struct moot_speakers_def *def);

/* Makes the schemas by which a model names one of those that may speak: one for each member, and
 * one for when nobody has spoken. Called once, by whoever knows the members. MOOT_ENOMEM. */
int moot__speakers_schemas(struct moot_speakers_def *def, char *const *members, size_t count);

/* Whether it may come to asking the manager's model. */
bool moot__speakers_ask(const struct moot_speakers_def *def);

/* Marks in `allowed` who may follow `last` (members[last]; `count`: nobody spoke yet) by
 * transitions, never and repeat_speaker; how many those are. */
size_t moot__speakers_allowed(const struct moot_speakers_def *def, char *const *members,
                              size_t count, size_t last, bool *allowed);
/* The next allowed one after `last` in the order of the file; `count`: none is allowed. */
size_t moot__speakers_round_robin(size_t count, size_t last, const bool *allowed);
/* An allowed one, by the run's seed, the conversation's path and the number of the turn. */
size_t moot__speakers_random(int64_t seed, const char *conv, int64_t turn, size_t count,
                             const bool *allowed);
/* The first rule whose `when` holds for `scope` and whose `to` is allowed; *rule is its index, or
 * rule_count. */
int moot__speakers_rule(const struct moot_speakers_def *def, const struct moot_json *scope,
                        char *const *members, size_t count, const bool *allowed, size_t *rule,
                        struct moot_error *err);

enum moot_speaker_read {
    MOOT_SPEAKER_FOUND,
    MOOT_SPEAKER_NOBODY,    /* no member is named */
    MOOT_SPEAKER_SEVERAL,   /* more than one is */
    MOOT_SPEAKER_FORBIDDEN, /* one is, but may not speak now */
};
/* Reads a name tolerantly: case, quotes, markdown, `_`/space/`-`, escaped `\_`. What a reasoning
 * model thought first (up to </think>) is left out. A name is, in this order, the whole text; what
 * `next`, `next_speaker` or `speaker` is said to be, in JSON or on a line ("Next speaker: …"); the
 * last line; whatever members are named as whole words, a longer name before one it holds. */
enum moot_speaker_read moot__speaker_read(const char *text, char *const *members, size_t count,
                                          const bool *allowed, size_t *which);

#endif
