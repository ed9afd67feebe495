/* Patterns (PCRE2) over UTF-8, with limits that make every search end soon. */
#ifndef MOOT_REGEX_H
#define MOOT_REGEX_H

#include "runtime/status.h"

#include <stdbool.h>

/* A compiled pattern; immutable, so one may serve any number of searches. */
struct moot_regex;

enum {
    MOOT_REGEX_LENGTH_MAX = 4096, /* bytes of a pattern */
    MOOT_REGEX_GROUPS_MAX = 100,
};

/* Where something was found, in bytes of the text. */
struct moot_regex_match {
    size_t start;
    size_t end;
    bool has_group; /* whether group 1 took part */
    size_t group_start;
    size_t group_end;
};

/* Compiles a NUL-terminated pattern of Perl's syntax. Code points are the unit, \d \w \s and \b are
 * ASCII, `.` matches no line feed, `$` only the very end; case counts (else the pattern says (?i)).
 * Refused: \C, callouts and the verbs in (*…) that change limits or encoding. The caller frees *out
 * with moot__regex_free. MOOT_ESYNTAX (the message says at which byte), MOOT_ETOOBIG, MOOT_ENOMEM.
 */
int moot__regex_compile(const char *pattern, struct moot_regex **out, struct moot_error *err);
void moot__regex_free(struct moot_regex *re);
/* The pattern it was compiled from. */
const char *moot__regex_pattern(const struct moot_regex *re);
/* How many capture groups it has. */
size_t moot__regex_groups(const struct moot_regex *re);

/* Searches valid UTF-8 (anchors are the pattern's own business) from byte `from` on; what lies
 * before `from` is seen by \b and lookbehind. `match` may be NULL. Returns 0 if found,
 * MOOT_ENOTFOUND, MOOT_ELIMIT if the search would take too long, MOOT_EINVAL if the text is not
 * UTF-8, MOOT_ENOMEM. */
int moot__regex_search(const struct moot_regex *re, const char *text, size_t len, size_t from,
                       struct moot_regex_match *match);

/* The same within a budget, which goes down by what the search took (about one for a step or a byte
 * looked at) and is shared with whatever else draws on it. MOOT_ELIMIT: it is used up. */
int moot__regex_search_within(const struct moot_regex *re, const char *text, size_t len,
                              size_t from, size_t *budget, struct moot_regex_match *match);

/* The text that group 1 took, or the whole match if the pattern has no group (or it took no part):
 * a new string that the caller frees. Errors as for moot__regex_search. */
int moot__regex_extract(const struct moot_regex *re, const char *text, size_t len, char **out);

#endif
